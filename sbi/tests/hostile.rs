//! Readers of foreign bytes: whatever comes, they end, and in a value or a named error.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use regulation::Timestamp;
use sbi::readers::{Frames, read_answer, read_devices, read_head, read_infos, read_moment};
use sbi::verify::{DigitalId, TrustRoots, device_info, open};
use sbi::{SbiConfig, SbiScanner, picture_of};
use sbi_simulator::Keys;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use tablet::device::Scanner as _;

fn roots() -> TrustRoots {
    let root = Keys::default().root_certificate().unwrap();
    TrustRoots::from_pem(root.as_bytes()).unwrap()
}

/// JSON of any shape that the readers may meet, with their own names in it.
fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(|n| json!(n)),
        any::<i64>().prop_map(|n| json!(n)),
        "[ -~]{0,20}".prop_map(Value::String),
        "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}".prop_map(Value::String),
    ];
    let name = prop_oneof![
        "biometrics|error|errorCode|errorcode|data|hash|specVersion|deviceInfo|digitalId",
        "deviceId|deviceStatus|deviceSubId|callbackId|purpose|alg|x5c|crit",
        "[a-z]{1,5}",
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn heads_of_answers(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_head(&bytes);
    }

    #[test]
    fn heads_with_lines_that_count(
        status in "[ -~]{0,12}",
        length in "[ -~]{0,24}",
        coding in "[ -~]{0,12}",
    ) {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nTransfer-Encoding: {coding}\r\n\r\n"
        );
        if let Ok(Some((read, size))) = read_head(head.as_bytes()) {
            prop_assert!(size <= head.len());
            prop_assert_eq!(read.length, length.trim().parse().ok());
        }
    }

    #[test]
    fn bytes_as_messages(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (read_answer(&bytes), read_devices(&bytes), read_infos(&bytes));
        let _ = picture_of(&bytes);
    }

    #[test]
    fn json_as_messages(value in json()) {
        let bytes = value.to_string().into_bytes();
        if let Ok(answers) = read_answer(&bytes) {
            prop_assert!(answers.len() <= 64 * 65);
        }
        let _ = (read_devices(&bytes), read_infos(&bytes));
        let wrapped = serde_json::json!({"biometrics": [value]}).to_string();
        let _ = read_answer(wrapped.as_bytes());
    }

    #[test]
    fn moments(text in "[0-9TZ:.+-]{0,40}") {
        if let Some(moment) = read_moment(&text) {
            prop_assert_eq!(read_moment(&sbi::readers::written(moment)), Some(moment));
        }
    }

    #[test]
    fn streams_in_any_pieces(
        parts in prop::collection::vec(
            prop_oneof![
                Just(b"--BoundaryString\r\n".to_vec()),
                Just(b"Content-Length:5\r\n\r\n".to_vec()),
                Just(b"Content-Length:5000000000\r\n\r\n".to_vec()),
                Just(b"\r\n\r\n".to_vec()),
                prop::collection::vec(any::<u8>(), 0..40),
            ],
            0..30,
        ),
    ) {
        let mut frames = Frames::default();
        let total: usize = parts.iter().map(Vec::len).sum();
        let mut taken = 0;
        'all: for part in parts {
            frames.push(&part);
            loop {
                match frames.next_frame() {
                    Ok(Some(frame)) => taken += frame.len(),
                    Ok(None) => break,
                    Err(_) => break 'all,
                }
            }
        }
        prop_assert!(taken <= total);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_that_is_not_signed_is_opened(
        header in json(),
        payload in json(),
        signature in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        use base64::Engine as _;
        let part = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let compact = format!(
            "{}.{}.{}",
            part(header.to_string().as_bytes()),
            part(payload.to_string().as_bytes()),
            part(&signature),
        );
        let (roots, at) = (roots(), Timestamp(1_769_860_800_000));
        prop_assert!(open(&compact, &roots, at).is_err());
        prop_assert!(DigitalId::signed(&compact, &roots, at).is_err());
        prop_assert!(device_info(&compact, &roots, &roots, at).is_err());
        let _ = DigitalId::unsigned(&compact);
    }

    #[test]
    fn certificates_of_noise_are_refused(
        certificates in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..9),
    ) {
        use base64::Engine as _;
        let standard = &base64::engine::general_purpose::STANDARD;
        let x5c: Vec<_> = certificates.iter().map(|c| standard.encode(c)).collect();
        let header = serde_json::json!({"alg": "RS256", "x5c": x5c}).to_string();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
        let compact = format!("{header}.e30.AAAA");
        prop_assert!(open(&compact, &roots(), Timestamp(1_769_860_800_000)).is_err());
    }
}

/// A service that answers every request with these bytes and hangs up.
fn service(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        // A search connects twice: to see who listens, and to ask.
        for socket in listener.incoming().take(3) {
            let Ok(mut socket) = socket else { return };
            let _ = socket.set_read_timeout(Some(Duration::from_millis(500)));
            if socket.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let _ = socket.write_all(&answer);
            }
        }
    });
    port
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whatever_answers_is_a_fault_in_time(
        head in prop_oneof![
            Just(String::new()),
            Just("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            Just("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()),
            (0..3_000_000_u64).prop_map(|l| format!("HTTP/1.1 200 OK\r\nContent-Length: {l}\r\n\r\n")),
        ],
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..2000),
            json().prop_map(|value| value.to_string().into_bytes()),
            json().prop_map(|value| serde_json::json!([value]).to_string().into_bytes()),
        ],
    ) {
        let port = service([head.into_bytes(), body].concat());
        let config = SbiConfig { ports: port..=port, ..SbiConfig::new(roots()) };
        let begun = Instant::now();
        prop_assert!(SbiScanner::new(config).discover().is_err());
        prop_assert!(begun.elapsed() < Duration::from_secs(3));
    }
}
