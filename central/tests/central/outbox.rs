use crate::support::*;
use central::archive::Wrong;
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::{Batch, Digest, ErrorCode, Receipt};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

fn assert_signed(tablet: &Tablet, receipt: &Receipt) {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &tablet.enrolled.receipt_key)
        .verify(&receipt.signed_bytes(), &receipt.signature)
        .expect("signed by central");
}

#[tokio::test]
async fn a_batch_is_stored_and_acknowledged_with_a_signature() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let receipt = tablet.send(&world, envelopes).await.unwrap();
    assert_eq!(receipt.stored, [1, 2, 3, 4]);
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
    assert_eq!(receipt.head, tablet.previous);
    assert_signed(&tablet, &receipt);
}

#[tokio::test]
async fn sending_again_changes_nothing_and_is_acknowledged_again() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let envelopes = tablet.opened(&world, encounter);
    let batch = tablet.batch(envelopes);
    let first = tablet.post(&world, &batch).await.unwrap();
    let again = tablet.post(&world, &batch).await.unwrap();
    assert_eq!((first.stored, first.head), (again.stored, again.head));
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    assert_eq!(archived.events.len(), 4);
}

#[tokio::test]
async fn another_envelope_under_a_known_number_is_a_conflict_and_nothing_is_stored() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let last = envelopes.pop().unwrap();
    tablet.send(&world, envelopes.clone()).await.unwrap();
    envelopes[1].ciphertext[0] ^= 1;
    envelopes.push(last);
    assert_eq!(
        code(tablet.send(&world, envelopes).await),
        ErrorCode::SequenceConflict
    );
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(
        receipt.stored_through, 3,
        "the fourth was not stored with the conflict"
    );
    let entries = world.admin().audit_entries(10).unwrap();
    let conflict = entries
        .iter()
        .find(|e| e.event == central::audit::AuditEvent::SequenceConflict);
    assert_eq!(conflict.unwrap().subject.as_deref(), Some("2"));
}

#[tokio::test]
async fn one_number_twice_in_a_batch_with_different_bytes_is_a_conflict() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelope = tablet.opened(&world, new_encounter()).remove(0);
    let mut other = envelope.clone();
    other.ciphertext[0] ^= 1;
    let refused = tablet.send(&world, vec![envelope, other]).await;
    assert_eq!(code(refused), ErrorCode::SequenceConflict);
    assert_eq!(tablet.send(&world, vec![]).await.unwrap().stored_through, 0);
}

#[tokio::test]
async fn a_forged_signature_is_refused_and_noted() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let mut batch = tablet.batch(envelopes);
    let stranger = TabletKeys::new();
    batch.signature = stranger.sign(&Batch::signed_bytes(batch.device, &batch.envelopes));
    assert_eq!(
        code(tablet.post(&world, &batch).await),
        ErrorCode::BadSignature
    );
    batch.signature.clear();
    assert_eq!(
        code(tablet.post(&world, &batch).await),
        ErrorCode::BadSignature
    );
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.stored_through, 0);
    let entries = world.admin().audit_entries(10).unwrap();
    let refused = entries
        .iter()
        .filter(|e| e.event == central::audit::AuditEvent::SignatureRefused)
        .count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_signature_over_another_order_does_not_hold() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let mut batch = tablet.batch(envelopes);
    batch.envelopes.reverse();
    assert_eq!(
        code(tablet.post(&world, &batch).await),
        ErrorCode::BadSignature
    );
}

#[tokio::test]
async fn another_devices_batch_is_refused() {
    let world = World::new().await;
    let mut theirs = world.on_duty("a").await;
    let ours = world.tablet().await;
    let envelopes = theirs.opened(&world, new_encounter());
    let batch = theirs.batch(envelopes.clone());
    assert_eq!(
        code(ours.post(&world, &batch).await),
        ErrorCode::DeviceMismatch
    );
    let smuggled = ours.batch(envelopes);
    assert_eq!(
        code(ours.post(&world, &smuggled).await),
        ErrorCode::DeviceMismatch
    );
}

#[tokio::test]
async fn a_question_may_overtake_and_the_mark_waits_for_the_gap() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let early = tablet.opened(&world, new_encounter());
    let late = tablet.opened(&world, new_encounter());
    let receipt = tablet.send(&world, late).await.unwrap();
    assert_eq!(receipt.stored, [5, 6, 7, 8]);
    assert_eq!((receipt.stored_through, receipt.safe_through), (0, 0));
    assert_eq!(receipt.head, Digest::default());
    let receipt = tablet.send(&world, early).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (8, 8));
    assert_eq!(receipt.head, tablet.previous);
    let report = world
        .admin()
        .archive()
        .verify_journal(tablet.device())
        .unwrap();
    assert!(report.sound());
    assert_eq!(report.envelopes, 8);
}

#[tokio::test]
async fn a_broken_chain_is_stored_and_flagged_whichever_end_arrives_last() {
    for reversed in [false, true] {
        let world = World::new().await;
        let mut tablet = world.on_duty("a").await;
        let encounter = new_encounter();
        let mut envelopes = tablet.opened(&world, encounter);
        tablet.previous = Digest([7; 32]);
        envelopes.push(tablet.event(
            &world,
            encounter,
            regulation::encounter::Event::ServiceIdShown,
        ));
        if reversed {
            envelopes.reverse();
        }
        for envelope in envelopes {
            tablet.send(&world, vec![envelope]).await.unwrap();
        }
        let receipt = tablet.send(&world, vec![]).await.unwrap();
        assert_eq!(receipt.stored_through, 5);
        let archived = world
            .admin()
            .archive()
            .encounter(encounter)
            .unwrap()
            .unwrap();
        assert_eq!(archived.flags, [(5, ArchiveFlag::ChainBroken)]);
        assert!(!archived.verified.chain && archived.verified.signatures);
        let report = world
            .admin()
            .archive()
            .verify_journal(tablet.device())
            .unwrap();
        assert_eq!(report.findings, [wrong(5, 5, Wrong::Unlinked)]);
    }
}

#[tokio::test]
async fn without_a_replica_nothing_is_called_safe_and_with_one_again_everything_is() {
    let mut world = World::with(|c| c.replica_dir = None).await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let receipt = tablet.send(&world, envelopes).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 0));
    world.stop().await;
    world.config.replica_dir = Some(world.dir.path().join("late replica"));
    let admin = central::Admin::open(&world.config).unwrap();
    admin.begin_replica().unwrap();
    world.start().await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
}

#[tokio::test]
async fn when_the_replica_fails_storing_goes_on_and_the_safe_mark_stays() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let envelopes = tablet.opened(&world, encounter);
    tablet.send(&world, envelopes).await.unwrap();
    let file = world.dir.path().join("replica/central.replica");
    std::fs::rename(&file, world.dir.path().join("moved away")).unwrap();
    let more = tablet.event(
        &world,
        encounter,
        regulation::encounter::Event::ServiceIdShown,
    );
    let receipt = tablet.send(&world, vec![more]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (5, 4));
    std::fs::rename(world.dir.path().join("moved away"), &file).unwrap();
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(receipt.safe_through, 5, "caught up as soon as it is back");
}

#[tokio::test]
async fn a_replica_cut_short_is_made_whole_from_the_store() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    for envelope in tablet.opened(&world, new_encounter()) {
        tablet.send(&world, vec![envelope]).await.unwrap();
    }
    world.stop().await;
    let file = world.dir.path().join("replica/central.replica");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 100]).unwrap();
    world.start().await;
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    assert_eq!(tablet.send(&world, vec![]).await.unwrap().safe_through, 4);
}

/// Everything of `from`, beside what is in `to`.
pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A central whose tablet had two events called safe after a backup, restored from it.
async fn restored(change: impl FnOnce(&mut Vec<u8>)) -> (World, Tablet) {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    let (old, newer) = envelopes.split_at(2);
    tablet.send(&world, old.to_vec()).await.unwrap();
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy(&world.config.data_dir, &backup);
    world.start().await;
    let receipt = tablet.send(&world, newer.to_vec()).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
    world.stop().await;
    std::fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy(&backup, &world.config.data_dir);
    let file = world.dir.path().join("replica/central.replica");
    let mut bytes = std::fs::read(&file).unwrap();
    change(&mut bytes);
    std::fs::write(&file, bytes).unwrap();
    world.start().await;
    (world, tablet)
}

#[tokio::test]
async fn a_database_older_than_its_replica_learns_from_it() {
    let (world, tablet) = restored(|_| ()).await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 4));
    let admin = world.central().admin();
    let report = admin.archive().verify_journal(tablet.device()).unwrap();
    assert!(report.sound() && report.envelopes == 4, "{report:?}");
    let audit = admin.audit_entries(10).unwrap();
    assert!(
        audit
            .iter()
            .any(|entry| entry.event == AuditEvent::TakenBack)
    );
}

/// Gives the last record of a replica another first byte of its signature, and a sum that fits.
fn forge(bytes: &mut Vec<u8>) {
    use sha2::{Digest as _, Sha256};
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if at + 4 + length + 32 == bytes.len() {
            break;
        }
        at += 4 + length + 32;
    }
    let body = bytes[at + 4..bytes.len() - 32].to_vec();
    let mut batch: central::store::StoredBatch = protocol::from_cbor(&body).unwrap();
    *batch.signed.signature.last_mut().unwrap() ^= 1;
    let body = protocol::to_cbor(&batch).unwrap();
    bytes.truncate(at);
    bytes.extend_from_slice(&(body.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&body);
    let sum = Sha256::digest(&bytes[at..]);
    bytes.extend_from_slice(&sum);
}

#[tokio::test]
async fn nothing_is_learned_from_a_replica_that_no_tablet_signed() {
    let (world, tablet) = restored(forge).await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (2, 0));
}

#[tokio::test]
async fn the_replica_of_another_central_is_neither_used_nor_touched() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let envelopes = tablet.opened(&world, new_encounter());
    tablet.send(&world, envelopes).await.unwrap();
    world.stop().await;
    let file = world.dir.path().join("replica/central.replica");
    let before = std::fs::read(&file).unwrap();
    let theirs = file.parent().unwrap().to_path_buf();
    let mut other = World::stopped(|c| c.replica_dir = None);
    other.config.replica_dir = Some(theirs);
    let refused = central::Admin::open(&other.config).unwrap().begin_replica();
    assert!(refused.unwrap_err().to_string().contains("another central"));
    other.start().await;
    let mut tablet = other.on_duty("b").await;
    let envelopes = tablet.opened(&other, new_encounter());
    let receipt = tablet.send(&other, envelopes).await.unwrap();
    assert_eq!((receipt.stored_through, receipt.safe_through), (4, 0));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_acknowledges_nothing() {
    let world = World::with(|c| c.policy.database_pages = Some(110)).await;
    let mut tablet = world.on_duty("a").await;
    let mut stored = 0;
    let mut refused = None;
    for _ in 0..64 {
        let envelope = tablet.seal_bytes(None, &vec![0; 20_000]);
        match tablet.send(&world, vec![envelope]).await {
            Ok(receipt) => {
                stored += 1;
                assert_eq!(receipt.stored_through, stored);
            }
            Err(error) => {
                refused = Some(error.code);
                break;
            }
        }
    }
    assert_eq!(refused, Some(ErrorCode::Unavailable));
    let mut world = world;
    world.stop().await;
    world.config.policy.database_pages = None;
    world.start().await;
    let receipt = tablet.send(&world, vec![]).await.unwrap();
    assert_eq!(
        receipt.stored_through, stored,
        "what was acknowledged is there, and no more"
    );
}
