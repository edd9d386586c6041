//! The locked shift: what opens it, how often, and what stays readable meanwhile.

use crate::support::*;
use protocol::Urgency;
use std::time::Instant;
use tablet::device::KeyStore;
use tablet::vault::{Pin, PinError, UnlockError};

const PIN: &str = "40719";

fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

#[test]
fn a_pin_has_four_to_eight_digits_and_is_not_the_first_that_anybody_tries() {
    for good in ["4071", "40719", "90210", "13572468", "1123"] {
        assert!(Pin::new(good).is_ok(), "{good}");
    }
    for (bad, why) in [
        ("", PinError::Length),
        ("407", PinError::Length),
        ("407192834", PinError::Length),
        ("40a1", PinError::NotDigits),
        ("٤٠٧١", PinError::NotDigits),
        ("1111", PinError::Trivial),
        ("00000000", PinError::Trivial),
        ("1234", PinError::Trivial),
        ("7890", PinError::Trivial),
        ("98765", PinError::Trivial),
        ("1212", PinError::Trivial),
        ("123123", PinError::Trivial),
    ] {
        assert_eq!(Pin::new(bad).unwrap_err(), why, "{bad}");
    }
    assert_eq!(format!("{:?}", pin(PIN)), "Pin(..)");
}

#[test]
fn the_pin_opens_the_shift_as_it_was() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    vault
        .append(&session, None, Urgency::Ordinary, &fact(1))
        .unwrap();
    let kept = session.seal_kept(TYPED.as_bytes()).unwrap();
    assert!(!contains(&kept, TYPED.as_bytes()));
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    let id = session.id;
    drop(session);
    let session = vault.unlock(&mut locked, PIN).unwrap();
    assert_eq!((session.id, session.officer.name.as_str()), (id, NAME));
    assert_eq!(session.token, TOKEN);
    assert_eq!(vault.journal(&session).unwrap()[0].fact, fact(1));
    assert_eq!(
        session.open_kept(&kept).unwrap().as_slice(),
        TYPED.as_bytes()
    );
}

#[test]
fn five_wrong_pins_destroy_it_and_the_password_still_opens_the_shift() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    drop(session);
    assert!(bench.keystore.entries().unwrap().contains(&"pin".into()));
    for tries_left in (1..5).rev() {
        assert_eq!(
            vault.unlock(&mut locked, "5555").unwrap_err(),
            UnlockError::WrongPin { tries_left }
        );
    }
    assert_eq!(
        vault.unlock(&mut locked, "5555").unwrap_err(),
        UnlockError::PinGone
    );
    assert_eq!(
        vault.unlock(&mut locked, PIN).unwrap_err(),
        UnlockError::PinGone,
        "the right one comes too late"
    );
    assert!(!bench.keystore.entries().unwrap().contains(&"pin".into()));
    vault.resume_session(LOGIN, PASSWORD).unwrap();
}

#[test]
fn the_right_pin_gives_the_tries_back() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    for _ in 0..3 {
        for _ in 0..4 {
            vault.unlock(&mut locked, "5555").unwrap_err();
        }
        vault.unlock(&mut locked, PIN).unwrap();
    }
}

#[test]
fn what_ends_the_shift_or_asks_the_password_ends_the_pin() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);

    let mut by_password = vault.lock_session(&session, &pin(PIN)).unwrap();
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    assert_eq!(
        vault.unlock(&mut by_password, PIN).unwrap_err(),
        UnlockError::PinGone
    );

    let mut first = vault.lock_session(&session, &pin(PIN)).unwrap();
    let mut second = vault.lock_session(&session, &pin("8052")).unwrap();
    assert_eq!(
        vault.unlock(&mut first, PIN).unwrap_err(),
        UnlockError::PinGone,
        "a PIN chosen anew replaces the one before"
    );
    vault.unlock(&mut second, "8052").unwrap();

    vault.end_session(session.id).unwrap();
    assert!(vault.unlock(&mut second, "8052").is_err());
    assert_eq!(bench.keystore.entries().unwrap(), Vec::<String>::new());
}

#[test]
fn a_shift_whose_own_entry_is_destroyed_opens_with_no_pin() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    bench.keystore.destroy(&session.id.to_string()).unwrap();
    assert_eq!(
        vault.unlock(&mut locked, PIN).unwrap_err(),
        UnlockError::Ended
    );
}

#[test]
fn a_lease_ends_behind_the_lock_as_well() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    bench.clock.forward(13 * 3_600_000);
    assert_eq!(
        vault.unlock(&mut locked, PIN).unwrap_err(),
        UnlockError::LeaseOver
    );
}

#[test]
fn a_pin_of_a_start_before_is_none() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    drop((session, vault));
    let vault = bench.open();
    assert_eq!(
        vault.unlock(&mut locked, PIN).unwrap_err(),
        UnlockError::PinGone,
        "at the start the entry is an orphan"
    );
}

#[test]
fn a_try_costs_as_much_as_a_password() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let mut locked = vault.lock_session(&session, &pin(PIN)).unwrap();
    let begun = Instant::now();
    vault.unlock(&mut locked, "5555").unwrap_err();
    let by_pin = begun.elapsed();
    let begun = Instant::now();
    vault.resume_session(LOGIN, "wrong").unwrap_err();
    let by_password = begun.elapsed();
    assert!(by_pin * 4 > by_password, "{by_pin:?}, {by_password:?}");
}

#[test]
fn neither_pin_nor_what_is_kept_reaches_the_disk() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    let digits = "40719283";
    let mut locked = vault.lock_session(&session, &pin(digits)).unwrap();
    session.seal_kept(TYPED.as_bytes()).unwrap();
    vault.unlock(&mut locked, digits).unwrap();
    for (path, bytes) in files(bench.dir.path()) {
        for secret in [digits, TYPED] {
            assert!(!contains(&bytes, secret.as_bytes()), "{path:?}");
        }
    }
}
