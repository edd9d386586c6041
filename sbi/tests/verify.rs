//! Why an answer is not trusted: for every forgery its own reason, not another that happens to hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use regulation::Timestamp;
use regulation::encounter::Finger;
use sbi::readers::{read_answer, read_infos};
use sbi::verify::{
    self, Answer, ChainError, DeviceInfo, Expected, JwsError, Link, TrustRoots, VerifyError,
};
use sbi_simulator::{Glass, Keys, Mischief, Options, Simulator, Skin};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use tablet::device::{Clock as _, SystemClock};

const TRANSACTION: &str = "transaction-0001";

fn roots() -> TrustRoots {
    let root = Keys::default().root_certificate().unwrap();
    TrustRoots::from_pem(root.as_bytes()).unwrap()
}

fn now() -> Timestamp {
    SystemClock::new().now()
}

struct Device {
    simulator: Simulator,
    info: DeviceInfo,
}

impl Device {
    fn new() -> Self {
        let simulator = Simulator::start(Options {
            port: Some(0),
            ..Options::default()
        })
        .unwrap();
        simulator.panel().place(Glass {
            finger: 3,
            skin: Skin::Ordinary,
            touch: 5,
        });
        let infos = read_infos(&ask(&simulator, "MOSIPDINFO /info", "")).unwrap();
        let info = verify::device_info(&infos[0].signed, &roots(), &roots(), now()).unwrap();
        Self { simulator, info }
    }

    /// What a capture is answered with.
    fn answer(&self, mischief: Option<Mischief>) -> Vec<u8> {
        self.simulator.panel().set_mischief(mischief);
        let body = json!({
            "env": "Staging", "purpose": "Registration", "specVersion": "0.9.5", "timeout": 5000,
            "transactionId": TRANSACTION, "bio": [{
                "type": "Finger", "count": 1, "bioSubType": ["Right IndexFinger"],
                "requestedScore": 40, "deviceId": self.info.device_id, "deviceSubId": 0,
                "previousHash": verify::hex(&verify::first_link()),
            }],
        });
        ask(&self.simulator, "RCAPTURE /capture", &body.to_string())
    }

    fn expected<'a>(&'a self, previous: &'a Link) -> Expected<'a> {
        Expected {
            transaction: TRANSACTION,
            finger: Finger::RightIndex,
            purpose: "Registration",
            environment: "Staging",
            spec_version: "0.9.5",
            device: &self.info.digital_id,
            device_code: &self.info.device_code,
            previous,
            now: now(),
            window_ms: 60_000,
        }
    }
}

fn ask(simulator: &Simulator, verb: &str, body: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(simulator.address()).unwrap();
    let length = body.len();
    let request = format!("{verb} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    answer.split_off(end + 4)
}

fn verified(body: &[u8], expected: &Expected<'_>) -> Result<verify::Verified, VerifyError> {
    let answers = read_answer(body).unwrap();
    let answer = Answer {
        spec_version: &answers[0].spec_version,
        data: &answers[0].data,
        hash: &answers[0].hash,
    };
    verify::answer(&answer, &roots(), &roots(), expected)
}

/// The reason for a forgery; `None` for what is no forgery of the answer.
fn reason(mischief: Mischief) -> Option<VerifyError> {
    let chain = |error| Some(VerifyError::Answer(JwsError::Chain(error)));
    match mischief {
        Mischief::WrongSignature | Mischief::SignedByAnother | Mischief::ChangedPayload => {
            Some(VerifyError::Answer(JwsError::Signature))
        }
        Mischief::UntrustedRoot | Mischief::SelfSigned => chain(ChainError::UnknownIssuer),
        Mischief::ExpiredCertificate => chain(ChainError::Expired),
        Mischief::CertificateOfTomorrow => chain(ChainError::NotYetValid),
        Mischief::IssuedByADevice => chain(ChainError::NotAnIssuer),
        Mischief::KeyForEncryption | Mischief::IssuerWithoutRight => chain(ChainError::KeyUsage),
        Mischief::NoCertificates => chain(ChainError::Count),
        Mischief::BrokenCertificate => chain(ChainError::Unreadable),
        Mischief::AlgorithmNone | Mischief::AlgorithmHmac => {
            Some(VerifyError::Answer(JwsError::Algorithm))
        }
        Mischief::CriticalExtension => Some(VerifyError::Answer(JwsError::Critical)),
        Mischief::FourParts | Mischief::TwoParts => Some(VerifyError::Answer(JwsError::Form)),
        Mischief::PayloadIsNoJson => Some(VerifyError::Payload),
        Mischief::ReplayedTransaction => Some(VerifyError::Transaction),
        Mischief::SwappedFinger | Mischief::UnnamedFinger => Some(VerifyError::Finger),
        Mischief::Face => Some(VerifyError::Kind),
        Mischief::StaleTime | Mischief::FutureTime | Mischief::TimeWithoutZone => {
            Some(VerifyError::Time)
        }
        Mischief::BrokenChain | Mischief::NoHash => Some(VerifyError::Hash),
        Mischief::OtherPurpose => Some(VerifyError::Purpose),
        Mischief::OtherEnvironment => Some(VerifyError::Environment),
        Mischief::OtherSpecVersion => Some(VerifyError::SpecVersion),
        Mischief::OtherDevice | Mischief::OtherDeviceCode => Some(VerifyError::Device),
        Mischief::UnsignedDevice => Some(VerifyError::DigitalId(JwsError::Form)),
        Mischief::StrangeDevice => Some(VerifyError::DigitalId(JwsError::Chain(
            ChainError::UnknownIssuer,
        ))),
        _ => None,
    }
}

#[test]
fn every_forgery_is_refused_for_its_own_reason() {
    let device = Device::new();
    let previous = verify::first_link();
    let mut forgeries = 0;
    for mischief in Mischief::ALL {
        let Some(reason) = reason(*mischief) else {
            continue;
        };
        forgeries += 1;
        // Fresh: a replay would be of an honest answer to the same transaction.
        let body = match mischief {
            Mischief::ReplayedTransaction => Device::new().answer(Some(*mischief)),
            _ => device.answer(Some(*mischief)),
        };
        let refused = verified(&body, &device.expected(&previous)).map(|_| ());
        assert_eq!(refused, Err(reason), "{mischief:?}");
    }
    assert!(forgeries >= 30);
}

#[test]
fn an_honest_answer_holds_and_only_for_what_was_asked() {
    let device = Device::new();
    let previous = verify::first_link();
    let body = device.answer(None);
    let expected = device.expected(&previous);
    let verified_answer = verified(&body, &expected).unwrap();
    assert!(verified_answer.record.starts_with(b"FIR"));
    assert_eq!(verified_answer.claimed_quality, Some(83.0));
    assert_eq!(
        verified_answer.link,
        verify::link(&previous, &verified_answer.record)
    );
    let refused = |expected: Expected<'_>| verified(&body, &expected).err();
    let next = verified_answer.link;
    let mut other = device.info.digital_id.clone();
    other.serial.push('1');
    for (expected, error) in [
        (
            Expected {
                transaction: "transaction-0002",
                ..expected
            },
            VerifyError::Transaction,
        ),
        (
            Expected {
                finger: Finger::LeftIndex,
                ..expected
            },
            VerifyError::Finger,
        ),
        (
            Expected {
                previous: &next,
                ..expected
            },
            VerifyError::Hash,
        ),
        (
            Expected {
                device: &other,
                ..expected
            },
            VerifyError::Device,
        ),
        (
            Expected {
                device_code: "",
                ..expected
            },
            VerifyError::Device,
        ),
        (
            Expected {
                now: expected.now.plus_millis(120_000),
                ..expected
            },
            VerifyError::Time,
        ),
        (
            Expected {
                now: Timestamp(-1),
                ..expected
            },
            VerifyError::Answer(JwsError::Chain(ChainError::NotYetValid)),
        ),
        (
            Expected {
                now: Timestamp(i64::MAX),
                ..expected
            },
            VerifyError::Answer(JwsError::Chain(ChainError::Expired)),
        ),
    ] {
        assert_eq!(refused(expected), Some(error));
    }
}

#[test]
fn one_changed_character_anywhere_is_noticed() {
    let device = Device::new();
    let previous = verify::first_link();
    let answers = read_answer(&device.answer(None)).unwrap();
    let (data, hash) = (answers[0].data.to_string(), answers[0].hash.clone());
    let expected = device.expected(&previous);
    let holds = |data: &str, hash: &str| {
        let answer = Answer {
            spec_version: "0.9.5",
            data,
            hash,
        };
        verify::answer(&answer, &roots(), &roots(), &expected).is_ok()
    };
    assert!(holds(&data, &hash));
    assert!(
        holds(&data, &hash.to_lowercase()),
        "hexadecimal is read in both cases"
    );
    let changed = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let step = data.len() / 97;
    // The last character of base64 may carry bits that count for nothing; they must be zero.
    for at in (0..data.len()).step_by(step).chain([data.len() - 1]) {
        assert!(!holds(&changed(&data, at), &hash), "{at}");
    }
    for at in 0..hash.len() {
        assert!(!holds(&data, &changed(&hash, at)), "{at}");
    }
    for cut in [0, 1, data.len() / 2, data.len() - 1] {
        assert!(!holds(&data[..cut], &hash), "{cut}");
    }
    for more in ["A", ".", "=", "\n", " "] {
        assert!(!holds(&format!("{data}{more}"), &hash), "{more:?}");
    }
}

#[test]
fn the_chain_of_hashes_is_that_of_the_specification() {
    // SHA-256 of nothing, and of that followed by SHA-256 of "abc".
    assert_eq!(
        verify::hex(&verify::first_link()),
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
    );
    let link = verify::link(&verify::first_link(), b"abc");
    assert_eq!(verify::hex(&link), CHAINED);
}

/// By `printf`, `xxd -r -p` and `sha256sum`.
const CHAINED: &str = "BDDBDF7E9DF02F902EE5DD61B2B513D7566A2112FF97DB7DC3B6D184A43EF0E3";

#[test]
fn a_device_is_described_by_itself_and_signed() {
    let device = Device::new();
    assert_eq!(device.info.digital_id.serial, "SIMULATED-0001");
    assert!(device.info.digital_id.is_finger() && !device.info.digital_id.is_slap());
    assert_eq!(device.info.environment, "Staging");
    assert_eq!(device.info.sub_ids, [0]);
    device
        .simulator
        .panel()
        .set_mischief(Some(Mischief::StrangeInfo));
    let infos = read_infos(&ask(&device.simulator, "MOSIPDINFO /info", "")).unwrap();
    let refused = verify::device_info(&infos[0].signed, &roots(), &roots(), now());
    assert_eq!(
        refused,
        Err(VerifyError::Answer(JwsError::Chain(
            ChainError::UnknownIssuer
        )))
    );
}
