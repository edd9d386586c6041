//! A queue that came as a file: taken in like one that was sent, beside a running server too.

use crate::support::*;
use central::Admin;
use central::audit::AuditEvent;
use protocol::export::ExportWriter;
use protocol::{AnswerResult, Batch, ErrorCode, Receipt};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn export(world: &World, batches: &[Batch]) -> PathBuf {
    let path = world.dir.path().join("queue");
    let mut writer = ExportWriter::new(std::fs::File::create(&path).unwrap()).unwrap();
    for batch in batches {
        writer.batch(batch).unwrap();
    }
    writer.finish().unwrap();
    path
}

/// The administrator's command in a process of its own.
fn import(world: &World, file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_central"))
        .arg("import-queue")
        .arg(file)
        .arg("--data")
        .arg(&world.config.data_dir)
        .arg("--replica")
        .arg(world.config.replica_dir.as_ref().unwrap())
        .output()
        .unwrap()
}

fn receipt(file: &Path, tablet: &Tablet) -> Receipt {
    let path = format!("{}.receipt", file.display());
    let receipt: Receipt = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &tablet.enrolled.receipt_key)
        .verify(&receipt.signed_bytes(), &receipt.signature)
        .expect("signed by central");
    receipt
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_in_a_file_is_answered_by_the_server_that_runs_beside() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(2)]).unwrap();
    let encounter = new_encounter();
    let envelopes = tablet.opened(&world, encounter);
    tablet.send(&world, envelopes[..2].to_vec()).await.unwrap();
    let asked = tablet.ask(&world, encounter, by_document("ZZ0000002")).1;
    let file = export(
        &world,
        &[
            tablet.batch(envelopes[1..].to_vec()),
            tablet.batch(vec![asked]),
        ],
    );
    let output = import(&world, &file);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("3 stored, 1 known before, 0 batches refused"),
        "{said}"
    );
    let receipt = receipt(&file, &tablet);
    assert_eq!(receipt.stored, [2, 3, 4, 5]);
    assert_eq!((receipt.stored_through, receipt.safe_through), (5, 5));
    let answer = tablet.answer(&world, 0).await;
    assert!(matches!(answer.result, AnswerResult::Found { .. }));
    // Both have written to the replica; neither takes the other's records for damage.
    let more = tablet.opened(&world, new_encounter());
    let receipt = tablet.send(&world, more).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (9, 9));
    let admin = world.admin();
    let report = admin.archive().verify_journal(tablet.device()).unwrap();
    assert!(report.sound(), "{report:?}");
    let audited = admin.audit_entries(50).unwrap();
    assert!(
        audited
            .iter()
            .any(|entry| entry.event == AuditEvent::QueueImported
                && entry.device == Some(tablet.device())
                && entry.subject.as_deref() == Some("3"))
    );
    // Once more: nothing new, and the word is given again.
    let again = admin.import_queue(&file).unwrap();
    assert_eq!((again.stored, again.known), (0, 4));
    assert!(again.complete());
    assert_eq!(again.receipt.stored_through, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_tablets_queue_is_taken_from_a_file_with_no_server_running() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let envelopes = tablet.opened(&world, encounter);
    world.admin().revoke_device(tablet.device()).unwrap();
    let refused = tablet.send(&world, envelopes.clone()).await;
    assert_eq!(code(refused), ErrorCode::DeviceRevoked);
    world.stop().await;
    let file = export(&world, &[tablet.batch(envelopes)]);
    let admin = Admin::open(&world.config).unwrap();
    let imported = admin.import_queue(&file).unwrap();
    assert_eq!((imported.stored, imported.known), (4, 0));
    assert_eq!(imported.receipt.safe_through, 4);
    let archived = admin.archive().encounter(encounter).unwrap().unwrap();
    assert_eq!(archived.events.len(), 4);
    let listed = admin.archive().encounters(10).unwrap();
    assert_eq!(listed.len(), 1, "assessed as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_cut_or_partly_forged_file_what_is_the_tablets_is_taken() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let first = tablet.opened(&world, new_encounter());
    let second = tablet.opened(&world, new_encounter());
    let mut forged = tablet.batch(second.clone());
    forged.signature =
        TabletKeys::new().sign(&Batch::signed_bytes(tablet.device(), &forged.envelopes));
    let file = export(&world, &[forged, tablet.batch(first), tablet.batch(second)]);
    let imported = world.admin().import_queue(&file).unwrap();
    assert_eq!(imported.refused, [(5, ErrorCode::BadSignature)]);
    assert_eq!((imported.stored, imported.cut), (8, None));
    let third = tablet.opened(&world, new_encounter());
    let fourth = tablet.opened(&world, new_encounter());
    let file = export(&world, &[tablet.batch(third), tablet.batch(fourth)]);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 200]).unwrap();
    let output = import(&world, &file);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(receipt(&file, &tablet).stored, [9, 10, 11, 12]);
}

#[tokio::test]
async fn a_file_of_nobody_known_or_of_no_queue_changes_nothing() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let mut stranger = tablet.batch(Vec::new());
    stranger.device = protocol::DeviceId(uuid::Uuid::new_v4());
    let envelopes = tablet.opened(&world, new_encounter());
    world.stop().await;
    let admin = Admin::open(&world.config).unwrap();
    let file = export(&world, &[stranger, tablet.batch(envelopes)]);
    admin.import_queue(&file).unwrap_err();
    std::fs::write(&file, b"EPEXP000").unwrap();
    let output = import(&world, &file);
    assert_eq!(output.status.code(), Some(1));
    assert!(!world.dir.path().join("queue.receipt").exists());
    let report = admin.archive().verify_journal(tablet.device()).unwrap();
    assert_eq!(report.envelopes, 0);
}
