//! Rosters: who begins a session with no connection, and who does not.

use crate::support::*;
use protocol::{Roster, Urgency};
use regulation::{OfficerId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tablet::device::{Clock, KeyStore as _};
use tablet::vault::{ResumeError, Vault, VaultError};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;
const OTHER: (&str, &str) = ("b.ikkinchi", "boshqa-parol");

fn lease(hours: i64) -> Timestamp {
    Timestamp(1_000_000 + hours * HOUR)
}

fn kept(bench: &Bench, vault: &Vault, sessions: usize) -> Roster {
    let officers = [(LOGIN, PASSWORD, sessions), (OTHER.0, OTHER.1, sessions)];
    let roster = bench.central.roster(lease(12), &officers);
    vault.keep_roster(&roster, None).unwrap();
    roster
}

fn refused(vault: &Vault, login: &str, password: &str) -> ResumeError {
    vault.begin_from_roster(login, password).unwrap_err()
}

#[test]
fn an_officer_of_the_roster_begins_a_session_and_records_after_a_restart_too() {
    let bench = Bench::new();
    let vault = bench.open();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
    kept(&bench, &vault, 1);
    drop(vault);
    let vault = bench.open();
    let session = vault.begin_from_roster(" B.Ikkinchi", OTHER.1).unwrap();
    assert_eq!(session.officer.id, OfficerId(Uuid::from_u128(31)));
    assert_eq!(session.token, TOKEN);
    assert_eq!(session.lease_until(), lease(12));
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let id = session.id;
    drop((session, vault));
    let vault = bench.open();
    let resumed = vault.resume_session(OTHER.0, OTHER.1).unwrap();
    assert_eq!(resumed.id, id);
    assert_eq!(vault.journal(&resumed).unwrap().len(), 1);
}

#[test]
fn each_promised_session_begins_once_whatever_roster_it_comes_in() {
    let bench = Bench::new();
    let vault = bench.open();
    let roster = kept(&bench, &vault, 2);
    let mut begun = Vec::new();
    for _ in 0..2 {
        let session = vault.begin_from_roster(OTHER.0, OTHER.1).unwrap();
        vault.end_session(session.id).unwrap();
        begun.push(session.id);
    }
    assert_ne!(begun[0], begun[1]);
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::RosterUsed);
    vault.keep_roster(&roster, None).unwrap();
    drop(vault);
    let vault = bench.open();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::RosterUsed);
    // Somebody else's are untouched.
    vault.begin_from_roster(LOGIN, PASSWORD).unwrap();
}

#[test]
fn a_wrong_password_and_a_login_that_nobody_has_are_counted_alike() {
    for login in [OTHER.0, "hech.kim"] {
        let bench = Bench::new();
        let vault = bench.open();
        kept(&bench, &vault, 1);
        for _ in 0..4 {
            assert_eq!(
                refused(&vault, login, "notogri"),
                ResumeError::WrongPassword
            );
        }
        drop(vault);
        let vault = bench.open();
        let throttled = ResumeError::Throttled {
            retry_after_ms: 1000,
        };
        assert_eq!(refused(&vault, login, OTHER.1), throttled);
        assert_eq!(
            refused(&vault, &login.to_uppercase(), OTHER.1),
            throttled,
            "another way to write it is no other login"
        );
        bench.clock.forward(1001);
        if login == OTHER.0 {
            vault.begin_from_roster(login, OTHER.1).unwrap();
        } else {
            assert_eq!(refused(&vault, login, OTHER.1), ResumeError::WrongPassword);
        }
    }
}

#[test]
fn a_login_that_nobody_has_takes_as_long_as_a_wrong_password() {
    let bench = Bench::new();
    let vault = bench.open();
    kept(&bench, &vault, 1);
    let mut times = [Duration::MAX; 2];
    // The quickest of each: everything else is the machine's noise. Ten would lock.
    for _ in 0..9 {
        for (login, time) in [OTHER.0, "hech.kim"].into_iter().zip(&mut times) {
            bench.clock.forward(10 * 60 * 1000);
            let start = Instant::now();
            assert_eq!(
                refused(&vault, login, "notogri"),
                ResumeError::WrongPassword
            );
            *time = (*time).min(start.elapsed());
        }
        let [known, unknown] = times.map(|t| t.as_secs_f64());
        if unknown > known * 0.6 && unknown < known * 1.7 {
            return;
        }
    }
    panic!("{times:?}");
}

#[test]
fn after_its_lease_nobody_begins_by_a_roster_and_turning_the_clock_back_helps_nobody() {
    let bench = Bench::new();
    let vault = bench.open();
    kept(&bench, &vault, 3);
    let session = vault.begin_from_roster(LOGIN, PASSWORD).unwrap();
    bench.clock.forward(13 * HOUR);
    for (login, password) in [OTHER, (OTHER.0, "notogri"), ("hech.kim", "notogri")] {
        assert_eq!(refused(&vault, login, password), ResumeError::LeaseOver);
    }
    assert!(vault.lease_is_over(&session).unwrap());
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .expect("what is begun is recorded");
    bench.clock.forward(-13 * HOUR);
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::LeaseOver);
}

#[test]
fn an_older_row_of_the_roster_put_back_alone_lets_nobody_in() {
    let bench = Bench::new();
    let vault = bench.open();
    kept(&bench, &vault, 1);
    let row = |db: &rusqlite::Connection| -> rusqlite::Result<(Vec<u8>, Vec<u8>)> {
        db.query_row("SELECT key, body FROM roster", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    };
    let older = sql(&bench, vault, row);
    // The officer has been dismissed.
    let vault = bench.open();
    let without = bench.central.roster(lease(12), &[(LOGIN, PASSWORD, 1)]);
    vault.keep_roster(&without, None).unwrap();
    let newer = sql(&bench, vault, |db| {
        let newer = row(db)?;
        db.execute("UPDATE roster SET key = ?1, body = ?2", older)?;
        Ok(newer)
    });
    let vault = bench.open();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
    assert_eq!(refused(&vault, LOGIN, PASSWORD), ResumeError::NoRoster);
    sql(&bench, vault, |db| {
        db.execute("UPDATE roster SET key = ?1, body = ?2", newer)
    });
    bench.open().begin_from_roster(LOGIN, PASSWORD).unwrap();
}

#[test]
fn used_promises_that_are_taken_away_are_not_given_again() {
    let bench = Bench::new();
    let vault = bench.open();
    let mut roster = kept(&bench, &vault, 1);
    let session = vault.begin_from_roster(OTHER.0, OTHER.1).unwrap();
    vault.end_session(session.id).unwrap();
    sql(&bench, vault, |db| {
        let taken = db.execute("DELETE FROM roster_used", [])?;
        assert_eq!(taken, 1);
        Ok(())
    });
    let vault = bench.open();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
    // Nor by the same promises in another roster, until the desk has looked at the tablet.
    roster.issued_at = lease(1);
    vault.keep_roster(&roster, None).unwrap();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
    vault.apply_unlock(1).unwrap();
    vault.begin_from_roster(LOGIN, PASSWORD).unwrap();
}

/// Something done to the database while no program has it open.
fn sql<T>(
    bench: &Bench,
    vault: Vault,
    work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
) -> T {
    drop(vault);
    let db = rusqlite::Connection::open(bench.data().join("vault.db")).unwrap();
    work(&db).unwrap()
}

#[test]
fn a_newer_roster_takes_the_place_of_the_one_before() {
    let bench = Bench::new();
    let vault = bench.open();
    kept(&bench, &vault, 1);
    let without = bench.central.roster(lease(12), &[(LOGIN, PASSWORD, 1)]);
    vault.keep_roster(&without, None).unwrap();
    assert_eq!(
        refused(&vault, OTHER.0, OTHER.1),
        ResumeError::WrongPassword
    );
    vault
        .keep_roster(&bench.central.roster(lease(12), &[]), None)
        .unwrap();
    assert_eq!(refused(&vault, LOGIN, PASSWORD), ResumeError::NoRoster);
}

#[test]
fn a_roster_of_another_tablet_or_beyond_the_limits_is_not_kept() {
    let bench = Bench::new();
    let vault = bench.open();
    let good = kept(&bench, &vault, 1);
    let bad: [fn(&mut Roster); 7] = [
        |r| r.device = protocol::DeviceId(Uuid::from_u128(1)),
        |r| r.entries = vec![r.entries[0].clone(); protocol::limits::ROSTER_ENTRIES + 1],
        |r| r.entries[0].memory_kib = u32::MAX,
        |r| r.entries[0].passes = 0,
        |r| r.entries[0].salt = Vec::new(),
        |r| r.entries[0].grant = vec![0; 80 * 1024],
        |r| r.entries[0].login.push(0),
    ];
    for spoil in bad {
        let mut roster = good.clone();
        spoil(&mut roster);
        assert_eq!(
            vault.keep_roster(&roster, None).unwrap_err(),
            VaultError::BadRoster
        );
    }
    vault.begin_from_roster(OTHER.0, OTHER.1).unwrap();
}

#[test]
fn a_lease_that_was_made_longer_on_the_disk_opens_no_grant() {
    let bench = Bench::new();
    let vault = bench.open();
    let mut roster = kept(&bench, &vault, 1);
    roster.lease_until = lease(1000);
    vault.keep_roster(&roster, None).unwrap();
    assert_eq!(
        refused(&vault, OTHER.0, OTHER.1),
        ResumeError::WrongPassword
    );
}

#[test]
fn contact_prolongs_the_session_of_an_officer_who_is_still_on_the_roster() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    assert_eq!(session.lease_until(), lease(12));
    let mut longer = bench.central.roster(lease(20), &[(LOGIN, PASSWORD, 1)]);
    longer.issued_at = lease(8);
    vault.keep_roster(&longer, Some(&session)).unwrap();
    assert_eq!(session.lease_until(), lease(20));
    let mut without = bench.central.roster(lease(30), &[(OTHER.0, OTHER.1, 1)]);
    without.issued_at = lease(18);
    vault.keep_roster(&without, Some(&session)).unwrap();
    assert_eq!(session.lease_until(), lease(20));
    drop((session, vault));
    bench.clock.forward(19 * HOUR);
    let vault = bench.open();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert!(!vault.lease_is_over(&session).unwrap());
    bench.clock.forward(2 * HOUR);
    assert!(vault.lease_is_over(&session).unwrap());
    // Over is over.
    let late = bench.central.roster(lease(40), &[(LOGIN, PASSWORD, 1)]);
    vault.keep_roster(&late, Some(&session)).unwrap();
    assert!(vault.lease_is_over(&session).unwrap());
}

#[test]
fn a_wall_clock_that_is_off_or_is_put_right_ends_no_running_shift() {
    for (off, put_right) in [(48 * HOUR, 0), (-500_000, 30 * 365 * 24 * HOUR)] {
        let bench = Bench::new();
        bench.clock.forward(off);
        let vault = bench.open();
        let mut grant = bench.central.grant();
        let central_now = 1_000_000 + put_right;
        grant.now = Timestamp(central_now);
        grant.lease_until = Timestamp(central_now + 12 * HOUR);
        let session = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap();
        bench.clock.forward(put_right);
        assert!(!vault.lease_is_over(&session).unwrap());
        bench.clock.forward(11 * HOUR);
        assert!(!vault.lease_is_over(&session).unwrap());
        bench.clock.forward(2 * HOUR);
        assert!(vault.lease_is_over(&session).unwrap());
    }
}

/// A wall clock that somebody sets, beside one that only goes forward.
struct SetBack(AtomicI64, AtomicU64);

impl Clock for SetBack {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn uptime_ms(&self) -> u64 {
        self.1.load(Ordering::SeqCst)
    }
}

#[test]
fn setting_the_clock_back_prolongs_no_running_shift() {
    let bench = Bench::new();
    let clock = Arc::new(SetBack(AtomicI64::new(1_000_000), AtomicU64::new(5)));
    let (vault, _) = Vault::open(&bench.data(), bench.keystore.clone(), clock.clone()).unwrap();
    vault.set_identity(&bench.central.identity()).unwrap();
    let session = bench.begin(&vault);
    for hour in 1..=13 {
        clock.1.fetch_add(HOUR.unsigned_abs(), Ordering::SeqCst);
        assert_eq!(vault.lease_is_over(&session).unwrap(), hour > 12, "{hour}");
        clock.0.fetch_sub(HOUR, Ordering::SeqCst);
    }
}

#[test]
fn nothing_of_a_roster_can_be_read_on_the_disk_and_nothing_at_all_without_its_key() {
    let bench = Bench::new();
    let vault = bench.open();
    let roster = kept(&bench, &vault, 1);
    drop(vault);
    let entry = &roster.entries[0];
    for (path, bytes) in files(&bench.data()) {
        for needle in [NAME.as_bytes(), TOKEN.as_bytes(), &entry.login, &entry.salt] {
            assert!(!contains(&bytes, needle), "{}", path.display());
        }
    }
    bench.keystore.destroy("roster").unwrap();
    let vault = bench.open();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
}

#[test]
fn a_sealing_key_that_was_replaced_since_the_roster_is_replaced_in_its_sessions() {
    let bench = Bench::new();
    let vault = bench.open();
    kept(&bench, &vault, 1);
    let mut grant = bench.central.grant();
    grant.sealing = certified(&bench.central.ca, vec![9; 32], Timestamp(i64::MAX - 1));
    drop(vault.begin_session(&grant, LOGIN, PASSWORD).unwrap());
    let session = vault.begin_from_roster(OTHER.0, OTHER.1).unwrap();
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let batch = vault.next_batch_within(1 << 20).unwrap().unwrap();
    assert_eq!(batch.envelopes.last().unwrap().key, grant.sealing.id);
}

#[test]
fn a_tablet_that_wipes_itself_keeps_no_roster() {
    let bench = Bench::new();
    let vault = bench.open();
    let roster = kept(&bench, &vault, 1);
    let challenge = Uuid::new_v4();
    let order = bench.central.wipe_order(challenge);
    vault.begin_wipe(&order, challenge).unwrap();
    vault.destroy_reading_keys().unwrap();
    assert_eq!(
        vault.keep_roster(&roster, None).unwrap_err(),
        VaultError::Wiping
    );
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::NoRoster);
    assert!(!bench.keystore.entries().unwrap().contains(&"roster".into()));
}

#[test]
fn who_confirms_a_hand_over_begins_nothing_uses_nothing_up_and_is_counted_when_wrong() {
    let bench = Bench::new();
    let vault = bench.open();
    let confirm = |login: &str, password: &str| vault.confirm_by_roster(login, password);
    assert_eq!(
        confirm(OTHER.0, OTHER.1).unwrap_err(),
        ResumeError::NoRoster
    );
    kept(&bench, &vault, 1);
    let session = bench.begin(&vault);
    for _ in 0..3 {
        let officer = confirm(" B.Ikkinchi", OTHER.1).unwrap();
        assert_eq!(officer.id, OfficerId(Uuid::from_u128(31)));
    }
    assert_eq!(vault.open_sessions().unwrap(), [session.id]);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    // The one promised session is still there, and its use takes nothing from confirming.
    vault.begin_from_roster(OTHER.0, OTHER.1).unwrap();
    assert_eq!(refused(&vault, OTHER.0, OTHER.1), ResumeError::RosterUsed);
    assert!(confirm(OTHER.0, OTHER.1).is_ok());
    let mut wrong = 0;
    let throttled = loop {
        match confirm(OTHER.0, "xato").unwrap_err() {
            ResumeError::WrongPassword => wrong += 1,
            other => break other,
        }
        assert!(wrong < 20, "never throttled");
    };
    assert!(matches!(throttled, ResumeError::Throttled { .. }));
    // At the log-in as well: it is one count.
    assert!(matches!(
        refused(&vault, OTHER.0, OTHER.1),
        ResumeError::Throttled { .. }
    ));
}
