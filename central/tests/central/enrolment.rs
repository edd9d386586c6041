use crate::support::*;
use protocol::{EnrolRequest, EnrolResponse, ErrorCode, path};
use std::time::Duration;

async fn enrol(world: &World, request: &EnrolRequest) -> Result<EnrolResponse, protocol::ApiError> {
    let request = world.anonymous().post(world.url(path::ENROL)).json(request);
    reply(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_code_enrols_one_tablet_once() {
    let world = World::new().await;
    let code_text = world.admin().new_enrolment_code("tablet 1").unwrap();
    assert!(code_text.len() >= 22, "at least 128 bits");
    let request = TabletKeys::new().request(&code_text);
    let enrolled = enrol(&world, &request).await.unwrap();
    assert_eq!(enrolled.receipt_key.len(), 65);
    assert_eq!(code(enrol(&world, &request).await), ErrorCode::CodeInvalid);
    let devices = world.admin().devices().unwrap();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].name, "tablet 1");
    assert_eq!(devices[0].id, enrolled.device);
}

#[tokio::test]
async fn a_wrong_code_is_refused_and_a_bad_key_leaves_the_code_usable() {
    let world = World::new().await;
    let code_text = world.admin().new_enrolment_code("tablet").unwrap();
    let good = TabletKeys::new().request(&code_text);
    let wrong = EnrolRequest {
        code: "wrong".into(),
        ..good.clone()
    };
    assert_eq!(code(enrol(&world, &wrong).await), ErrorCode::CodeInvalid);
    let no_csr = EnrolRequest {
        csr_pem: "nothing".into(),
        ..good.clone()
    };
    assert_eq!(code(enrol(&world, &no_csr).await), ErrorCode::BadKey);
    let mut off_curve = good.journal_key.clone();
    off_curve[64] ^= 1;
    for journal_key in [
        vec![4; 65],
        vec![],
        off_curve,
        good.journal_key[..64].to_vec(),
    ] {
        let bad = EnrolRequest {
            journal_key,
            ..good.clone()
        };
        assert_eq!(code(enrol(&world, &bad).await), ErrorCode::BadKey);
    }
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let csr = rcgen::CertificateParams::default()
        .serialize_request(&ed25519)
        .unwrap();
    let not_p256 = EnrolRequest {
        csr_pem: csr.pem().unwrap(),
        ..good.clone()
    };
    assert_eq!(code(enrol(&world, &not_p256).await), ErrorCode::BadKey);
    enrol(&world, &good).await.unwrap();
}

#[tokio::test]
async fn a_code_expires_after_a_day() {
    let world = World::new().await;
    let code_text = world.admin().new_enrolment_code("tablet").unwrap();
    world.clock.advance(Duration::from_secs(24 * 3600));
    let request = TabletKeys::new().request(&code_text);
    assert_eq!(code(enrol(&world, &request).await), ErrorCode::CodeInvalid);
}

#[tokio::test]
async fn nothing_but_the_public_key_of_a_csr_reaches_the_certificate() {
    let world = World::new().await;
    let keys = TabletKeys::new();
    let mut params = rcgen::CertificateParams::new(vec!["central".into()]).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::OrganizationName, "wish");
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let csr = params.serialize_request(&keys.tls).unwrap();
    let code_text = world.admin().new_enrolment_code("tablet").unwrap();
    let request = EnrolRequest {
        csr_pem: csr.pem().unwrap(),
        ..keys.request(&code_text)
    };
    let enrolled = enrol(&world, &request).await.unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(enrolled.certificate_pem.as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    assert_eq!(
        certificate.subject().to_string(),
        format!("CN={}", enrolled.device)
    );
    assert!(certificate.subject_alternative_name().unwrap().is_none());
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth);
    assert!(!certificate.is_ca());
}

#[tokio::test]
async fn without_a_certificate_only_the_open_routes_answer() {
    let world = World::new().await;
    let client = world.anonymous();
    for path in [path::HEALTH, path::OPENAPI] {
        assert!(
            client
                .get(world.url(path))
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
    }
    let login = client
        .post(world.url(path::LOGIN))
        .json(&serde_json::json!({}));
    let outbox = client.post(world.url(path::OUTBOX)).body(vec![]);
    let inbox = client.get(world.url(path::INBOX));
    for request in [login, outbox, inbox] {
        let refused = reply::<()>(request.send().await.unwrap()).await;
        assert_eq!(code(refused), ErrorCode::DeviceUnknown);
    }
}

#[tokio::test]
async fn a_certificate_of_another_ca_does_not_pass_the_handshake() {
    let world = World::new().await;
    let other = World::new().await;
    let stranger = other.tablet().await;
    let forged = Tablet::new(
        stranger.keys,
        EnrolResponse {
            ca_pem: world.central().ca_pem(),
            ..stranger.enrolled
        },
    );
    assert!(
        forged
            .client
            .get(world.url(path::HEALTH))
            .send()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_certificate_of_ours_for_a_device_that_is_not_here_is_refused() {
    let world = World::new().await;
    let tablet = world.tablet().await;
    // Another database under the same CA: the certificate is valid, the device is not known.
    let twin = World::stopped(|_| {});
    let keys = twin.config.data_dir.join("keys");
    std::fs::remove_dir_all(&keys).unwrap();
    std::fs::create_dir(&keys).unwrap();
    for file in std::fs::read_dir(world.config.data_dir.join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), keys.join(file.file_name())).unwrap();
    }
    let mut twin = twin;
    twin.start().await;
    assert_eq!(
        code(tablet.try_log_in(&twin, "a", "b").await),
        ErrorCode::DeviceUnknown
    );
}

#[tokio::test]
async fn a_revoked_tablet_is_refused_on_the_connection_it_has() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    tablet.inbox(&world, 0, 0).await.unwrap();
    let waiting = tablet.inbox(&world, 0, 20_000);
    let revoke = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.admin().revoke_device(tablet.device()).unwrap();
    };
    let started = std::time::Instant::now();
    let (waited, ()) = tokio::join!(waiting, revoke);
    assert_eq!(code(waited), ErrorCode::DeviceRevoked);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "the long poll is woken"
    );
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::DeviceRevoked
    );
    assert_eq!(
        code(tablet.send(&world, vec![]).await),
        ErrorCode::DeviceRevoked
    );
    assert_eq!(
        code(tablet.try_log_in(&world, "a", PASSWORD).await),
        ErrorCode::DeviceRevoked
    );
}

#[tokio::test]
async fn wrong_codes_are_slowed_down_and_keep_nobody_from_enrolling() {
    let world = World::new().await;
    let right = world.admin().new_enrolment_code("tablet").unwrap();
    let good = TabletKeys::new().request(&right);
    let wrong = EnrolRequest {
        code: "wrong".into(),
        ..good.clone()
    };
    let mut throttled = 0;
    for _ in 0..40 {
        let refused = enrol(&world, &wrong).await.unwrap_err();
        match refused.code {
            ErrorCode::CodeInvalid => assert_eq!(throttled, 0),
            ErrorCode::Throttled => {
                assert!((1..=60).contains(&refused.retry_after_s.unwrap()));
                throttled += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(throttled, 10);
    let entries = world.admin().audit_entries(100).unwrap();
    let refused = central::audit::AuditEvent::CodeRefused;
    assert_eq!(entries.iter().filter(|e| e.event == refused).count(), 30);
    enrol(&world, &good).await.unwrap();
    assert_eq!(code(enrol(&world, &good).await), ErrorCode::Throttled);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(code(enrol(&world, &wrong).await), ErrorCode::CodeInvalid);
}
