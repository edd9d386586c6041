use crate::support::*;
use proptest::prelude::*;
use protocol::{AnswerResult, Batch, ErrorCode, LoginRequest, from_cbor, limits, path};

#[tokio::test]
async fn malformed_bodies_are_malformed_and_say_nothing_of_their_content() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let batch = protocol::to_cbor(&tablet.batch(vec![])).unwrap();
    let trailing = [batch.clone(), vec![0]].concat();
    let cut = batch[..batch.len() - 1].to_vec();
    for body in [
        vec![],
        vec![0xff],
        b"secret".to_vec(),
        trailing,
        cut,
        vec![0x9f; 10_000],
    ] {
        assert_eq!(
            code(tablet.post_bytes(&world, body).await),
            ErrorCode::Malformed
        );
    }
    for body in [
        "",
        "{",
        "[]",
        r#"{"login":"a"}"#,
        r#"{"login":"a","password":"b","secret":1}"#,
    ] {
        let request = tablet.client.post(world.url(path::LOGIN)).body(body);
        let response = request.send().await.unwrap();
        let text = response.text().await.unwrap();
        assert_eq!(text, r#"{"code":"malformed"}"#);
    }
    let long = LoginRequest {
        login: "a".repeat(65),
        password: "b".into(),
    };
    let request = tablet.client.post(world.url(path::LOGIN)).json(&long);
    assert_eq!(
        code(reply::<()>(request.send().await.unwrap()).await),
        ErrorCode::Malformed
    );
    let url = format!("{}?after=-1", world.url(path::INBOX));
    let request = tablet.client.get(url).bearer_auth(&tablet.session().token);
    assert_eq!(
        code(reply::<()>(request.send().await.unwrap()).await),
        ErrorCode::Malformed
    );
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let body = vec![0; limits::BATCH_BYTES + 1];
    assert_eq!(
        code(tablet.post_bytes(&world, body).await),
        ErrorCode::TooLarge
    );
    let big = serde_json::json!({ "login": "a", "password": "b".repeat(limits::JSON_BYTES) });
    let request = tablet.client.post(world.url(path::LOGIN)).json(&big);
    assert_eq!(
        code(reply::<()>(request.send().await.unwrap()).await),
        ErrorCode::TooLarge
    );
    let envelope = tablet.seal_bytes(None, &vec![0; limits::CIPHERTEXT_BYTES]);
    assert_eq!(
        code(tablet.send(&world, vec![envelope]).await),
        ErrorCode::TooLarge
    );
    let small = tablet.seal_bytes(None, b"x");
    let many = vec![small; limits::BATCH_ENVELOPES + 1];
    assert_eq!(code(tablet.send(&world, many).await), ErrorCode::TooLarge);
    assert_eq!(tablet.send(&world, vec![]).await.unwrap().stored_through, 0);
}

#[tokio::test]
async fn the_largest_envelope_allowed_is_taken() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelope = tablet.seal_bytes(None, &vec![0; limits::CIPHERTEXT_BYTES - 16]);
    assert_eq!(envelope.ciphertext.len(), limits::CIPHERTEXT_BYTES);
    assert_eq!(
        tablet
            .send(&world, vec![envelope])
            .await
            .unwrap()
            .safe_through,
        1
    );
}

#[tokio::test]
async fn numbers_at_the_edge_are_malformed() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    for seq in [0, i64::MAX as u64, u64::MAX] {
        tablet.next = 1;
        let mut envelope = tablet.seal_bytes(None, b"x");
        envelope.seq = seq;
        assert_eq!(
            code(tablet.send(&world, vec![envelope]).await),
            ErrorCode::Malformed
        );
    }
}

/// A PNG of one grey line promised as `width` by `height`.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    // The header is whole and has its checksum; the data is not.
    writer
        .write_chunk(png::chunk::IDAT, &[0x78, 0x9c, 3, 0, 0, 0, 0, 1])
        .unwrap();
    drop(writer);
    out
}

#[tokio::test]
async fn pictures_that_cannot_be_used_are_unusable_and_central_stays_alive() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.central().gallery_ready().await;
    let whole = print(1, 1);
    let cut = whole[..whole.len() / 2].to_vec();
    let grey = biometrics::finger::GreyImage::new(300, 400, 500, vec![128; 120_000]).unwrap();
    let flat = biometrics::finger::encode_png(&grey);
    let probes = [
        by_finger(Vec::new()),
        by_finger(b"not a picture".to_vec()),
        by_finger(cut),
        by_finger(bomb(10_000, 10_000)),
        by_finger(bomb(1, 1)),
        by_finger(flat),
        protocol::Probe::Fingerprint {
            finger: regulation::encounter::Finger::LeftThumb,
            ppi: 0,
            png: whole,
            with: Vec::new(),
        },
    ];
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let count = probes.len();
    for probe in probes {
        envelopes.push(tablet.ask(&world, encounter, probe).1);
    }
    tablet.send(&world, envelopes).await.unwrap();
    for after in 0..count as u64 {
        let answer = tablet.answer(&world, after).await;
        assert!(
            matches!(answer.result, AnswerResult::Unusable),
            "{:?}",
            answer.result.kind()
        );
    }
    world
        .anonymous()
        .get(world.url(path::HEALTH))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_connection_that_never_shakes_hands_does_not_keep_others_out() {
    let world = World::new().await;
    let idle: Vec<_> = (0..20)
        .map(|_| std::net::TcpStream::connect(world.central().local_addr()).unwrap())
        .collect();
    let answer = world
        .anonymous()
        .get(world.url(path::HEALTH))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success());
    drop(idle);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_as_a_batch_are_a_batch_or_an_error(bytes: Vec<u8>) {
        from_cbor::<Batch>(&bytes).ok();
    }

    #[test]
    fn a_batch_with_any_byte_changed_is_a_batch_or_an_error(at: usize, to: u8) {
        let envelope = protocol::Envelope {
            device: protocol::DeviceId(uuid::Uuid::nil()),
            session: protocol::SessionId(uuid::Uuid::nil()),
            seq: 1,
            encounter: None,
            urgency: protocol::Urgency::Question,
            key: protocol::KeyId(uuid::Uuid::nil()),
            previous: protocol::Digest::default(),
            encapsulated: vec![1; 32],
            ciphertext: vec![2; 40],
        };
        let batch =
            Batch { device: envelope.device, envelopes: vec![envelope], signature: vec![3; 70] };
        let mut bytes = protocol::to_cbor(&batch).unwrap();
        let at = at % bytes.len();
        bytes[at] = to;
        from_cbor::<Batch>(&bytes).ok();
    }

    #[test]
    fn any_bytes_in_an_envelope_open_or_are_a_fault(
        encapsulated: Vec<u8>, ciphertext: Vec<u8>, known: bool,
    ) {
        use central::archive::{OpenFault, Opener};
        let key = protocol::KeyId(uuid::Uuid::from_u128(u128::from(known)));
        let (private, _) = <hpke::kem::X25519HkdfSha256 as hpke::Kem>::derive_keypair(&[7; 32]);
        let ours = protocol::KeyId(uuid::Uuid::from_u128(1));
        let opener = Opener::new(std::collections::HashMap::from([(ours, private)]));
        let envelope = protocol::Envelope {
            device: protocol::DeviceId(uuid::Uuid::nil()),
            session: protocol::SessionId(uuid::Uuid::nil()),
            seq: 1,
            encounter: None,
            urgency: protocol::Urgency::Question,
            key,
            previous: protocol::Digest::default(),
            encapsulated,
            ciphertext,
        };
        let fault = opener.open(&envelope).err();
        prop_assert_eq!(fault, Some(if known { OpenFault::Unopenable } else { OpenFault::KeyUnknown }));
    }
}
