//! A tablet that was reported lost: what is still taken from it, what it is told, and how it ends.

use crate::support::*;
use central::Admin;
use protocol::access::LOST_HEADER;
use protocol::{
    ApiError, DeviceId, Digest, ErrorCode, WipeOrder, WipeReceipt, WipeReport, WipeStage, path,
};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

async fn order(world: &World, tablet: &Tablet, challenge: Uuid) -> Result<WipeOrder, ApiError> {
    let url = format!("{}?challenge={challenge}", world.url(path::WIPE));
    reply(tablet.client.get(url).send().await.unwrap()).await
}

fn report(tablet: &Tablet, stage: WipeStage, unsafe_events: u64) -> WipeReport {
    let mut report = WipeReport {
        device: tablet.device(),
        stage,
        last_seq: tablet.next - 1,
        head: tablet.previous,
        unsafe_events,
        at: regulation::Timestamp(1),
        signature: Vec::new(),
    };
    report.signature = tablet.keys.sign(&report.signed_bytes());
    report
}

async fn post(
    world: &World,
    tablet: &Tablet,
    report: &WipeReport,
) -> Result<WipeReceipt, ApiError> {
    let request = tablet.client.post(world.url(path::WIPE)).json(report);
    reply(request.send().await.unwrap()).await
}

fn signed(tablet: &Tablet, bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &tablet.enrolled.receipt_key)
        .verify(bytes, signature)
        .is_ok()
}

/// A relay to central that counts the connections made through it.
async fn counting_relay(world: &World) -> (u16, Arc<AtomicUsize>) {
    let central = world.central().local_addr();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut tablet, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(central).await.unwrap();
                tokio::io::copy_bidirectional(&mut tablet, &mut server)
                    .await
                    .ok();
            });
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_lost_tablet_is_refused_everything_but_its_evidence_on_the_connection_it_has() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let (port, connections) = counting_relay(&world).await;
    let url = |path: &str| format!("https://127.0.0.1:{port}{path}");
    let client = tablet.client.clone();
    let send = |batch: protocol::Batch| {
        let request = client.post(url(path::OUTBOX));
        let request = request.body(protocol::to_cbor(&batch).unwrap());
        async move {
            let response = request.send().await.unwrap();
            let told = response.headers().contains_key(LOST_HEADER);
            (told, reply::<protocol::Receipt>(response).await.unwrap())
        }
    };
    let inbox = || {
        let request = client.get(url(path::INBOX));
        let request = request.bearer_auth(&tablet.session().token);
        async move { reply::<protocol::InboxPage>(request.send().await.unwrap()).await }
    };
    inbox().await.unwrap();
    world.admin().report_lost(tablet.device()).unwrap();
    assert_eq!(code(inbox().await), ErrorCode::DeviceLost);
    let login = client.post(url(path::LOGIN));
    let login = login.json(&protocol::LoginRequest {
        login: "a".into(),
        password: PASSWORD.into(),
    });
    let login = reply::<protocol::LoginResponse>(login.send().await.unwrap()).await;
    assert_eq!(code(login), ErrorCode::DeviceLost);
    // Evidence is never refused, and whoever has the tablet gets nothing looked up by it.
    let encounter = new_encounter();
    let mut events = tablet.opened(&world, encounter);
    events.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    let (told, receipt) = send(tablet.batch(events)).await;
    assert!(told, "that it is lost");
    assert_eq!(receipt.stored_through, 5);
    let archived = world.admin().archive().encounter(encounter).unwrap();
    let archived = archived.unwrap();
    assert!(archived.answers.is_empty());
    let held = (5, central::store::ArchiveFlag::NotLookedUp);
    assert!(archived.flags.contains(&held));
    let health = client.get(url(path::HEALTH)).send().await.unwrap();
    assert!(health.status().is_success());
    assert_eq!(connections.load(Ordering::SeqCst), 1, "all over one");
    // Found again it is a tablet like any other; the session does not come back.
    world.admin().report_found(tablet.device()).unwrap();
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    tablet.log_in(&world, "a").await;
    let (told, _) = send(tablet.batch(Vec::new())).await;
    assert!(!told);
}

#[tokio::test]
async fn answers_that_the_lost_tablet_had_not_fetched_go_to_the_duty_desk() {
    let world = World::new().await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut events = tablet.opened(&world, encounter);
    let (question, envelope) = tablet.ask(&world, encounter, by_document("ZZ0000001"));
    events.push(envelope);
    tablet.send(&world, events).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    assert_eq!(answer.question, question);
    // It came and was not confirmed.
    world.admin().report_lost(tablet.device()).unwrap();
    let duty = world.admin().duty_answers().unwrap();
    assert_eq!(duty.len(), 1);
    assert_eq!(duty[0].answer.question, question);
}

/// A long poll under way; how it ended, and how long that took after `act`.
async fn poll_during(world: &World, tablet: &Tablet, act: impl FnOnce()) -> (ErrorCode, Duration) {
    tablet.inbox(world, 0, 0).await.unwrap();
    let waiting = tablet.inbox(world, 0, 25_000);
    let acting = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        act();
        Instant::now()
    };
    let (waited, acted) = tokio::join!(waiting, acting);
    (code(waited), acted.elapsed())
}

#[tokio::test]
async fn a_long_poll_under_way_ends_at_once_with_device_lost() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let (code, took) = poll_during(&world, &tablet, || {
        world.admin().report_lost(tablet.device()).unwrap();
    })
    .await;
    assert_eq!(code, ErrorCode::DeviceLost);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn what_the_command_line_does_beside_the_server_ends_a_long_poll_too() {
    let world = World::new().await;
    // Another process has its own handle of the database and no way to wake the server's tasks.
    let beside = Admin::open(&world.config).unwrap();
    let (lost, revoked, dismissed) = (
        world.on_duty("a").await,
        world.on_duty("b").await,
        world.on_duty("c").await,
    );
    let (code, took) = poll_during(&world, &lost, || {
        beside.report_lost(lost.device()).unwrap();
    })
    .await;
    assert_eq!(code, ErrorCode::DeviceLost);
    assert!(took < Duration::from_secs(10), "{took:?}");
    let (code, took) = poll_during(&world, &revoked, || {
        beside.revoke_device(revoked.device()).unwrap();
    })
    .await;
    assert_eq!(code, ErrorCode::DeviceRevoked);
    assert!(took < Duration::from_secs(10), "{took:?}");
    let (code, took) = poll_during(&world, &dismissed, || {
        let officer = beside.officer_by_login("c").unwrap();
        beside.deactivate_officer(officer).unwrap();
    })
    .await;
    assert_eq!(code, ErrorCode::SessionUnknown);
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn the_order_is_signed_over_the_device_and_its_challenge_and_given_to_lost_tablets_alone() {
    let world = World::new().await;
    let tablet = world.tablet().await;
    let challenge = Uuid::new_v4();
    assert_eq!(
        code(order(&world, &tablet, challenge).await),
        ErrorCode::NotFound
    );
    world.admin().report_lost(tablet.device()).unwrap();
    let given = order(&world, &tablet, challenge).await.unwrap();
    assert_eq!(
        (given.device, given.challenge),
        (tablet.device(), challenge)
    );
    assert!(signed(&tablet, &given.signed_bytes(), &given.signature));
    let other = WipeOrder {
        challenge: Uuid::new_v4(),
        ..given.clone()
    };
    assert!(!signed(&tablet, &other.signed_bytes(), &given.signature));
    let other = WipeOrder {
        device: DeviceId(Uuid::new_v4()),
        ..given.clone()
    };
    assert!(!signed(&tablet, &other.signed_bytes(), &given.signature));
}

#[tokio::test]
async fn reports_are_signed_in_order_idempotent_and_the_last_one_revokes() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let events = tablet.opened(&world, new_encounter());
    let keys = report(&tablet, WipeStage::ReadingKeysDestroyed, 4);
    let wiped = report(&tablet, WipeStage::Wiped, 0);
    assert_eq!(
        code(post(&world, &tablet, &keys).await),
        ErrorCode::NotFound,
        "nobody ordered it"
    );
    world.admin().report_lost(tablet.device()).unwrap();
    assert_eq!(
        code(post(&world, &tablet, &wiped).await),
        ErrorCode::Malformed,
        "keys go first"
    );
    let forged = WipeReport {
        head: Digest([7; 32]),
        ..keys.clone()
    };
    assert_eq!(
        code(post(&world, &tablet, &forged).await),
        ErrorCode::BadSignature
    );
    let stranger = world.tablet().await;
    world.admin().report_lost(stranger.device()).unwrap();
    assert_eq!(
        code(post(&world, &stranger, &keys).await),
        ErrorCode::DeviceMismatch
    );
    let receipt = post(&world, &tablet, &keys).await.unwrap();
    assert_eq!(
        (receipt.device, receipt.stage),
        (tablet.device(), WipeStage::ReadingKeysDestroyed)
    );
    assert!(signed(&tablet, &receipt.signed_bytes(), &receipt.signature));
    tablet.send(&world, events).await.unwrap();
    let again = report(&tablet, WipeStage::ReadingKeysDestroyed, 0);
    post(&world, &tablet, &again).await.unwrap();
    for _ in 0..2 {
        // The receipt may have been lost on the way.
        let receipt = post(&world, &tablet, &wiped).await.unwrap();
        assert!(signed(&tablet, &receipt.signed_bytes(), &receipt.signature));
    }
    let kept = world.admin().wipe_reports(tablet.device()).unwrap();
    let kept: Vec<_> = kept.into_iter().map(|w| w.report).collect();
    assert_eq!(kept, [again, wiped]);
    // From here on it is a revoked tablet, and not found again.
    assert_eq!(
        code(tablet.send(&world, vec![]).await),
        ErrorCode::DeviceRevoked
    );
    assert_eq!(
        code(tablet.try_log_in(&world, "a", PASSWORD).await),
        ErrorCode::DeviceRevoked
    );
    assert_eq!(
        code(post(&world, &tablet, &keys).await),
        ErrorCode::Malformed
    );
    assert!(world.admin().report_found(tablet.device()).is_err());
    let audit = world.admin().audit_entries(100).unwrap();
    let count = |event| audit.iter().filter(|e| e.event == event).count();
    use central::audit::AuditEvent::*;
    assert_eq!(count(DeviceReportedLost), 2);
    assert_eq!(count(ReadingKeysDestroyed), 1);
    assert_eq!(count(DeviceWiped), 1);
    assert_eq!(count(SignatureRefused), 1);
}

#[tokio::test]
async fn the_administrator_sees_how_far_a_lost_tablet_is() {
    let world = World::new().await;
    let tablet = world.tablet().await;
    let line = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_central"))
            .args(["tablets", "--data"])
            .arg(&world.config.data_dir)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let run = |command: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_central"))
            .args([command, "--data"])
            .arg(&world.config.data_dir)
            .arg(tablet.device().to_string())
            .status()
            .unwrap()
            .success()
    };
    assert!(line().contains(" enrolled tablet"));
    assert!(!run("report-found"), "it is not lost");
    assert!(run("report-lost"));
    let lost = line();
    assert!(
        lost.contains(" lost 20") && !lost.contains("keys"),
        "{lost}"
    );
    post(
        &world,
        &tablet,
        &report(&tablet, WipeStage::ReadingKeysDestroyed, 2),
    )
    .await
    .unwrap();
    let lost = line();
    assert!(lost.contains("reading keys destroyed 20"), "{lost}");
    assert!(lost.contains("2 events not safe"), "{lost}");
    post(&world, &tablet, &report(&tablet, WipeStage::Wiped, 0))
        .await
        .unwrap();
    let wiped = line();
    assert!(wiped.contains("wiped 20"), "{wiped}");
    assert!(!run("report-found"), "too late");
}
