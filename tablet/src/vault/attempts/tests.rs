use super::*;
use crate::device::Clock;
use crate::device::keystore::UnsafeFileKeyStore;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

struct Turned(AtomicI64);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    fn uptime_ms(&self) -> u64 {
        0
    }
}

struct Bench {
    dir: tempfile::TempDir,
    clock: Arc<Turned>,
    vault: Option<Vault>,
}

const ONE: [u8; 32] = [1; 32];
const TWO: [u8; 32] = [2; 32];

impl Bench {
    fn new() -> Self {
        let mut bench = Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Arc::new(Turned(AtomicI64::new(1_000_000))),
            vault: None,
        };
        bench.reopen();
        bench
    }

    fn keystore(&self) -> Arc<UnsafeFileKeyStore> {
        Arc::new(UnsafeFileKeyStore::open(&self.dir.path().join("keys")).unwrap())
    }

    fn reopen(&mut self) {
        self.vault = None;
        let data = self.dir.path().join("data");
        let (vault, _) = Vault::open(&data, self.keystore(), self.clock.clone()).unwrap();
        self.vault = Some(vault);
    }

    fn vault(&self) -> &Vault {
        self.vault.as_ref().unwrap()
    }

    /// A wrong password after whatever wait.
    fn fail(&self, login: [u8; 32]) -> Result<(), ResumeError> {
        let wait = i64::try_from(LONGEST_WAIT_MS).unwrap();
        self.clock.0.fetch_add(wait, Ordering::SeqCst);
        self.vault().attempt(login)
    }

    fn database(&self) -> Vec<u8> {
        let data = self.dir.path().join("data");
        assert!(!data.join("vault.db-wal").exists(), "closed");
        std::fs::read(data.join("vault.db")).unwrap()
    }

    /// Puts an older database in place while nothing has it open.
    fn put_back(&mut self, database: &[u8]) {
        self.vault = None;
        std::fs::write(self.dir.path().join("data/vault.db"), database).unwrap();
        self.reopen();
    }

    fn close(&mut self) -> Vec<u8> {
        self.vault = None;
        let image = self.database();
        self.reopen();
        image
    }

    fn sql(&self, statement: &str) {
        self.vault().state().db.execute_batch(statement).unwrap();
    }
}

#[test]
fn a_login_is_locked_after_ten_wrong_passwords_and_the_others_are_not() {
    let mut bench = Bench::new();
    for _ in 0..LOGIN_FAILURES {
        bench.fail(ONE).unwrap();
    }
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    bench.reopen();
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    bench.fail(TWO).unwrap();
    bench.vault().attempt_succeeded(TWO).unwrap();
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked), "not by another");
    // Central has let the officer in.
    bench.vault().attempt_succeeded(ONE).unwrap();
    bench.fail(ONE).unwrap();
}

#[test]
fn the_tablet_is_locked_after_thirty_of_whatever_logins() {
    let bench = Bench::new();
    for n in 0..TABLET_FAILURES {
        bench.fail([n as u8; 32]).unwrap();
        assert_eq!(bench.vault().is_locked(), Ok(n + 1 == TABLET_FAILURES));
    }
    assert_eq!(bench.fail([0xff; 32]), Err(ResumeError::Locked));
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    bench.vault().apply_unlock(1).unwrap();
    assert_eq!(bench.vault().is_locked(), Ok(false));
    bench.fail(ONE).unwrap();
}

#[test]
fn waits_grow_after_the_third() {
    let bench = Bench::new();
    for _ in 0..=FREE_FAILURES {
        bench.vault().attempt(ONE).unwrap();
    }
    let throttled = |retry_after_ms| Err(ResumeError::Throttled { retry_after_ms });
    assert_eq!(bench.vault().attempt(ONE), throttled(1000));
    bench.vault().attempt(TWO).unwrap();
    bench.clock.0.fetch_add(1000, Ordering::SeqCst);
    bench.vault().attempt(ONE).unwrap();
    assert_eq!(bench.vault().attempt(ONE), throttled(2000));
    // Turned back by years: no longer than the longest.
    bench.clock.0.store(0, Ordering::SeqCst);
    assert_eq!(bench.vault().attempt(ONE), throttled(LONGEST_WAIT_MS));
}

#[test]
fn the_desk_unlocks_with_each_serial_once() {
    let mut bench = Bench::new();
    for round in 1..=3 {
        for _ in 0..LOGIN_FAILURES {
            bench.fail(ONE).unwrap();
        }
        bench.vault().apply_unlock(round - 1).unwrap();
        assert_eq!(bench.fail(ONE), Err(ResumeError::Locked), "heard before");
        assert_eq!(bench.vault().is_locked(), Ok(true), "one login is enough");
        bench.vault().apply_unlock(round).unwrap();
        bench.reopen();
    }
}

#[test]
fn an_older_database_locks_until_the_desk_unlocks_anew() {
    let mut bench = Bench::new();
    bench.vault().apply_unlock(4).unwrap();
    bench.fail(ONE).unwrap();
    let old = bench.close();
    bench.fail(ONE).unwrap();
    bench.put_back(&old);
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    assert_eq!(bench.fail(TWO), Err(ResumeError::Locked));
    // A right password at central opens nothing here.
    bench.vault().attempt_succeeded(ONE).unwrap();
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    // What the desk said before the record was lost is no word on this.
    bench.vault().apply_unlock(4).unwrap();
    bench.vault().apply_unlock(4).unwrap();
    bench.reopen();
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    bench.vault().apply_unlock(5).unwrap();
    bench.fail(ONE).unwrap();
}

#[test]
fn a_record_that_is_missing_or_forged_locks() {
    let spoilt = [
        "DELETE FROM attempts",
        "UPDATE attempts SET record = zeroblob(length(record))",
        "UPDATE attempts SET mac = zeroblob(32)",
        "UPDATE attempts SET mac = zeroblob(0)",
    ];
    for statement in spoilt {
        let mut bench = Bench::new();
        bench.fail(ONE).unwrap();
        bench.sql(statement);
        assert_eq!(bench.fail(ONE), Err(ResumeError::Locked), "{statement}");
        bench.reopen();
        assert_eq!(bench.fail(TWO), Err(ResumeError::Locked), "{statement}");
    }
}

#[test]
fn a_new_tablet_is_not_locked() {
    let bench = Bench::new();
    assert_eq!(bench.keystore().counter().unwrap(), 0);
    bench.vault().apply_unlock(0).unwrap();
    bench.fail(ONE).unwrap();
}

/// A power cut between the commit and the counter: the try counts, and the next is let.
#[test]
fn a_record_one_ahead_is_made_good() {
    let mut bench = Bench::new();
    bench.fail(ONE).unwrap();
    bench.vault = None;
    let counter = bench.dir.path().join("keys/counter");
    std::fs::write(&counter, 0_u64.to_be_bytes()).unwrap();
    bench.reopen();
    for _ in 1..LOGIN_FAILURES {
        bench.fail(ONE).unwrap();
    }
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked), "none was lost");
    // Two ahead is no power cut.
    let counted = bench.keystore().counter().unwrap();
    assert_eq!(counted, u64::from(LOGIN_FAILURES));
    bench.vault().apply_unlock(1).unwrap();
    bench.fail(ONE).unwrap();
    std::fs::write(&counter, (counted - 1).to_be_bytes()).unwrap();
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
}

#[test]
fn the_logins_counted_are_limited() {
    let bench = Bench::new();
    for n in 0..LOGINS {
        let mut login = [3; 32];
        login[..8].copy_from_slice(&n.to_be_bytes());
        bench.fail(login).unwrap();
        if n % 20 == 19 {
            // A right password of another: the tablet's count begins anew, the logins' stay.
            let mut record =
                Record::read(&bench.vault().state().db, bench.keystore().as_ref()).unwrap();
            record.total = 0;
            let state = bench.vault().state();
            record.write(&state.db, bench.keystore().as_ref()).unwrap();
        }
    }
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
    let mut known = [3; 32];
    known[..8].copy_from_slice(&5_usize.to_be_bytes());
    bench.fail(known).unwrap();
}

/// What is seen of the time is in the record at once after a minute, and bound to the counter after
/// an hour: an older record that says less is recognised.
#[test]
fn the_time_seen_outlasts_a_start_and_an_hour_of_it_an_older_copy() {
    const HOUR: i64 = 3_600_000;
    let mut bench = Bench::new();
    bench.vault().note_time().unwrap();
    bench.clock.0.fetch_add(SEEN_EVERY_MS, Ordering::SeqCst);
    bench.vault().note_time().unwrap();
    let counted = bench.keystore().counter().unwrap();
    let old = bench.close();
    let latest = |bench: &Bench| bench.vault().latest_time(0).unwrap().0;
    bench.clock.0.store(5, Ordering::SeqCst);
    assert_eq!(latest(&bench), 1_000_000 + SEEN_EVERY_MS);
    assert_eq!(bench.keystore().counter().unwrap(), counted);
    bench.clock.0.store(1_000_000, Ordering::SeqCst);
    for _ in 0..3 {
        bench.clock.0.fetch_add(HOUR, Ordering::SeqCst);
        bench.vault().note_time().unwrap();
    }
    assert!(bench.keystore().counter().unwrap() > counted);
    bench.put_back(&old);
    assert_eq!(bench.fail(ONE), Err(ResumeError::Locked));
}
