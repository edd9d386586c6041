//! Sessions: who can read what, and until when.

use crate::support::*;
use base64::Engine as _;
use protocol::{Message, MessageBody, SessionId, Urgency};
use std::sync::Arc;
use tablet::device::KeyStore;
use tablet::vault::{Delivery, Pin, ResumeError, VaultError};
use uuid::Uuid;

fn message(session: SessionId, cursor: u64) -> Message {
    Message {
        cursor,
        session,
        body: MessageBody::Unknown,
    }
}

#[test]
fn what_was_appended_is_read_back_after_the_program_was_started_anew() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    assert_eq!(
        vault
            .append(&session, None, Urgency::Ordinary, &fact(1))
            .unwrap(),
        1
    );
    let asked = question(PICTURE.to_vec());
    assert_eq!(
        vault
            .append(&session, Some(encounter(1)), Urgency::Question, &asked)
            .unwrap(),
        2
    );
    assert!(
        vault
            .keep_message(&session, &message(session.id, 4))
            .unwrap()
    );
    assert!(
        !vault
            .keep_message(&session, &message(session.id, 4))
            .unwrap()
    );
    drop((session, vault));

    let vault = bench.open();
    assert_eq!(vault.open_sessions().unwrap().len(), 1);
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert_eq!(session.officer.name, NAME);
    assert_eq!(session.token, TOKEN);
    let journal = vault.journal(&session).unwrap();
    assert_eq!(journal.len(), 2);
    assert_eq!(journal[0].fact, fact(1));
    assert_eq!(
        journal[1].fact,
        question(Vec::new()),
        "pixels are for central alone"
    );
    assert_eq!(journal[1].encounter, Some(encounter(1)));
    assert_eq!(journal[1].delivery, Delivery::Waiting);
    assert_eq!(
        vault.deliveries(session.id).unwrap(),
        [
            (None, Delivery::Waiting),
            (Some(encounter(1)), Delivery::Waiting)
        ]
    );
    assert_eq!(vault.messages(&session).unwrap(), [message(session.id, 4)]);
    assert_eq!(vault.inbox_cursor(session.id).unwrap(), 4);
    assert_eq!(
        vault
            .append(&session, None, Urgency::Ordinary, &fact(2))
            .unwrap(),
        3
    );
}

#[test]
fn a_wrong_password_opens_nothing_and_is_throttled_across_restarts() {
    let bench = Bench::new();
    let vault = bench.open();
    drop(bench.begin(&vault));
    assert_eq!(
        vault.resume_session("boshqa", PASSWORD).unwrap_err(),
        ResumeError::NoSession
    );
    for _ in 0..4 {
        let refused = vault.resume_session(LOGIN, "notogri").unwrap_err();
        assert_eq!(refused, ResumeError::WrongPassword);
    }
    drop(vault);
    let vault = bench.open();
    let throttled = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
    assert_eq!(
        throttled,
        ResumeError::Throttled {
            retry_after_ms: 1000
        }
    );
    bench.clock.forward(1001);
    assert!(vault.resume_session(LOGIN, PASSWORD).is_ok());
    // Counted anew after the right one.
    assert_eq!(
        vault.resume_session(LOGIN, "").unwrap_err(),
        ResumeError::WrongPassword
    );
    assert!(vault.resume_session(LOGIN, PASSWORD).is_ok());
}

#[test]
fn a_lease_ends_and_turning_the_clock_back_does_not_lengthen_it() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    bench.clock.forward(13 * 3_600_000);
    assert_eq!(
        vault.resume_session(LOGIN, PASSWORD).unwrap_err(),
        ResumeError::LeaseOver
    );
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    bench.clock.forward(-13 * 3_600_000);
    assert_eq!(
        vault.resume_session(LOGIN, PASSWORD).unwrap_err(),
        ResumeError::LeaseOver
    );
}

/// Nothing is recorded meanwhile; the program looks at the time, and is started anew.
#[test]
fn turning_the_clock_back_before_a_start_does_not_lengthen_a_lease() {
    let bench = Bench::new();
    let vault = bench.open();
    drop(bench.begin(&vault));
    bench.clock.forward(13 * 3_600_000);
    vault.note_time().unwrap();
    drop(vault);
    bench.clock.forward(-13 * 3_600_000);
    let vault = bench.open();
    let refused = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
    assert_eq!(refused, ResumeError::LeaseOver);
    // What central says of the time is the time, also after a clock that was ahead.
    drop(bench.begin(&vault));
    vault.resume_session(LOGIN, PASSWORD).unwrap();
    bench.clock.forward(1000 * 3_600_000);
    vault.note_time().unwrap();
    bench.clock.forward(-1000 * 3_600_000);
    let refused = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
    assert_eq!(refused, ResumeError::LeaseOver);
    let roster = bench.central.roster(regulation::Timestamp(2_000_000), &[]);
    vault.keep_roster(&roster, None).unwrap();
    vault.resume_session(LOGIN, PASSWORD).unwrap();
}

#[test]
fn nothing_personal_lies_in_clear_in_any_file() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, Some(encounter(1)), Urgency::Ordinary, &fact(1))
        .unwrap();
    let asked = question(PICTURE.to_vec());
    vault
        .append(&session, Some(encounter(1)), Urgency::Question, &asked)
        .unwrap();
    let mut kept = message(session.id, 1);
    kept.cursor = 9;
    vault.keep_message(&session, &kept).unwrap();
    assert_eq!(
        vault.resume_session(LOGIN, "notogri").unwrap_err(),
        ResumeError::WrongPassword
    );

    let look = |when: &str| {
        let found = files(&bench.data());
        assert!(found.iter().any(|(path, _)| path.ends_with("vault.db")));
        for (path, bytes) in found {
            for canary in [
                LOGIN,
                PASSWORD,
                NAME,
                TOKEN,
                TYPED,
                "Sinovchiyev",
                "kanareyka",
            ] {
                for form in forms(canary.as_bytes()) {
                    assert!(!contains(&bytes, &form), "{canary} in {path:?}, {when}");
                }
            }
            for form in forms(PICTURE) {
                assert!(!contains(&bytes, &form), "a picture in {path:?}, {when}");
            }
        }
    };
    look("session open");
    let id = session.id;
    vault.end_session(id).unwrap();
    look("session ended");
    drop((session, vault));
    look("vault closed");
}

/// As it is, UTF-16 of both orders, and base64 at every alignment.
fn forms(canary: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(canary).into_owned();
    let mut forms = vec![
        canary.to_vec(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    for shift in 0..3 {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(canary);
        for engine in [
            &base64::engine::general_purpose::STANDARD_NO_PAD,
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        ] {
            let encoded = engine.encode(&shifted).into_bytes();
            // The first and the last characters depend on the neighbours.
            let inner = &encoded[if shift == 0 { 0 } else { 4 }..encoded.len() - 2];
            forms.push(inner.to_vec());
        }
    }
    forms
}

#[test]
fn an_ended_session_is_readable_by_nobody_and_what_it_left_still_goes_to_central() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    vault.end_session(session.id).unwrap();
    assert!(
        bench.keystore.entries().unwrap().is_empty(),
        "its key is gone"
    );
    assert!(vault.open_sessions().unwrap().is_empty());
    assert_eq!(
        vault.resume_session(LOGIN, PASSWORD).unwrap_err(),
        ResumeError::NoSession
    );
    assert!(vault.journal(&session).unwrap().is_empty());
    let refused = vault
        .append(&session, None, Urgency::Ordinary, &fact(2))
        .unwrap_err();
    assert_eq!(refused, VaultError::SessionEnded);
    vault
        .end_session(session.id)
        .expect("ending twice is no error");
    let batch = vault.next_batch().unwrap().expect("unsent evidence stays");
    assert_eq!(bench.central.open(&batch.envelopes[0]), fact(1));
}

#[test]
fn the_next_officer_ends_the_session_before_and_sees_nothing_of_it() {
    let bench = Bench::new();
    let vault = bench.open();
    let first = bench.begin(&vault);
    vault
        .append(&first, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let second = vault
        .begin_session(&bench.central.grant(), "b.ikkinchi", "boshqa")
        .unwrap();
    assert_eq!(vault.open_sessions().unwrap(), [second.id]);
    assert_eq!(bench.keystore.entries().unwrap(), [second.id.to_string()]);
    assert!(vault.journal(&second).unwrap().is_empty());
    assert_eq!(
        vault.resume_session(LOGIN, PASSWORD).unwrap_err(),
        ResumeError::NoSession
    );
    let foreign = vault
        .keep_message(&second, &message(first.id, 1))
        .unwrap_err();
    assert_eq!(foreign, VaultError::WrongSession);
    assert_eq!(vault.queue().unwrap().waiting, 1);
    // A page is kept whole, or not at all.
    let page = [message(second.id, 1), message(first.id, 2)];
    let foreign = vault.keep_messages(&second, &page).unwrap_err();
    assert_eq!(foreign, VaultError::WrongSession);
    assert_eq!(vault.inbox_cursor(second.id).unwrap(), 0);
    let page = [message(second.id, 1), message(second.id, 2)];
    assert_eq!(vault.keep_messages(&second, &page[..1]).unwrap(), [true]);
    assert_eq!(vault.keep_messages(&second, &page).unwrap(), [false, true]);
    assert_eq!(vault.inbox_cursor(second.id).unwrap(), 2);
    assert_eq!(vault.messages(&second).unwrap(), page);
}

#[test]
fn a_key_without_its_session_is_destroyed_at_the_next_start() {
    let bench = Bench::new();
    let vault = bench.open();
    drop(bench.begin(&vault));
    drop(vault);
    bench
        .keystore
        .wrap(&Uuid::new_v4().to_string(), &[1; 32])
        .unwrap();
    let vault = bench.open();
    assert_eq!(bench.keystore.entries().unwrap().len(), 1);
    // And a session without its key is cleared away.
    let session = vault.open_sessions().unwrap()[0];
    drop(vault);
    bench.keystore.destroy(&session.to_string()).unwrap();
    assert!(bench.open().open_sessions().unwrap().is_empty());
}

#[test]
fn another_tablets_key_store_opens_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    drop(bench.begin(&vault));
    drop(vault);
    let other = Bench::new();
    let keystore: Arc<dyn KeyStore> = other.keystore.clone();
    let (vault, _) =
        tablet::vault::Vault::open(&bench.data(), keystore, bench.clock.clone()).unwrap();
    assert_eq!(
        vault.resume_session(LOGIN, PASSWORD).unwrap_err(),
        ResumeError::NoSession
    );
}

#[test]
fn one_program_at_a_time() {
    let bench = Bench::new();
    let vault = bench.open();
    assert_eq!(bench.try_open().unwrap_err(), VaultError::InUse);
    drop(vault);
    assert!(bench.try_open().is_ok());
}

/// Entries of the key store that it cannot destroy until this goes: a directory lies in the place
/// of each entry's file.
struct Undying(Vec<(std::path::PathBuf, Vec<u8>)>);

impl Undying {
    fn all(bench: &Bench) -> Self {
        let held = files(&bench.dir.path().join("keys").join("entries"));
        assert!(!held.is_empty());
        for (path, _) in &held {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir_all(path.join("held")).unwrap();
        }
        Self(held)
    }
}

impl Drop for Undying {
    fn drop(&mut self) {
        for (path, bytes) in &self.0 {
            std::fs::remove_dir_all(path).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn an_entry_that_is_not_destroyed_at_the_end_is_destroyed_later() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let id = session.id;
    let undying = Undying::all(&bench);
    assert!(vault.end_session(id).is_err(), "it is said");
    assert!(vault.open_sessions().unwrap().is_empty(), "and has ended");
    assert!(matches!(
        vault.resume_session(LOGIN, PASSWORD),
        Err(ResumeError::NoSession)
    ));
    vault.destroy_owed();
    assert_eq!(bench.keystore.entries().unwrap(), [id.to_string()]);
    drop(undying);
    vault.destroy_owed();
    assert!(bench.keystore.entries().unwrap().is_empty());
}

#[test]
fn an_entry_that_is_not_destroyed_keeps_nobody_from_the_next_shift() {
    let bench = Bench::new();
    let vault = bench.open();
    let first = bench.begin(&vault);
    let pin = Pin::new("4711").unwrap();
    let mut locked = vault.lock_session(&first, &pin).unwrap();
    let undying = Undying::all(&bench);
    let second = vault
        .begin_session(&bench.central.grant(), "b.ikkinchi", "boshqa")
        .unwrap();
    assert_eq!(vault.open_sessions().unwrap(), [second.id]);
    assert!(matches!(
        vault.lock_session(&second, &pin),
        Err(VaultError::KeyStore)
    ));
    drop(vault);
    // A start is not kept from it either.
    let vault = bench.open();
    assert_eq!(bench.keystore.entries().unwrap().len(), 3);
    drop(undying);
    // A PIN made anew is not the one that is owed.
    let mut again = vault.lock_session(&second, &pin).unwrap();
    vault.destroy_owed();
    assert_eq!(bench.keystore.entries().unwrap().len(), 2);
    assert!(vault.unlock(&mut locked, "4711").is_err());
    assert_eq!(vault.unlock(&mut again, "4711").unwrap().id, second.id);
}
