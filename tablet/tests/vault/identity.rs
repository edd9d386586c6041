//! Who this tablet is, and who somebody with its disk would like it to be.

use crate::support::*;
use std::path::PathBuf;
use tablet::device::KeyStore as _;
use tablet::vault::{DeviceIdentity, ResumeError, VaultError};

fn file(bench: &Bench) -> PathBuf {
    bench.data().join("identity")
}

/// The file as a program of before wrote it, over a key store of before.
pub fn as_written_before(bench: &Bench) -> serde_json::Value {
    std::fs::remove_file(bench.dir.path().join("keys/counter")).unwrap();
    let text = std::fs::read_to_string(file(bench)).unwrap();
    serde_json::from_str(text.lines().next().unwrap()).unwrap()
}

#[test]
fn an_identity_that_this_tablet_did_not_write_is_used_for_nothing() {
    let other = Bench::new();
    drop(other.open());
    let spoil: [&dyn Fn(&str) -> String; 6] = [
        &|text| text.replace("central.example", "central.foreign"),
        &|text| text.replace('\n', ""),
        &|text| text.lines().next().unwrap().to_owned(),
        &|text| text.replace('\n', "\n\n"),
        &|_| std::fs::read_to_string(file(&other)).unwrap(),
        &|text| text.to_owned() + &" ".repeat(100_000),
    ];
    for (n, spoil) in spoil.into_iter().enumerate() {
        let bench = Bench::new();
        let vault = bench.open();
        drop(bench.begin(&vault));
        drop(vault);
        let text = std::fs::read_to_string(file(&bench)).unwrap();
        std::fs::write(file(&bench), spoil(&text)).unwrap();
        let (vault, _) = bench.try_open().unwrap();
        let foreign = VaultError::ForeignIdentity;
        assert_eq!(vault.identity().unwrap_err(), foreign, "{n}");
        let refused = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
        assert_eq!(refused, ResumeError::Vault(foreign), "{n}");
        let grant = bench.central.grant();
        let refused = vault.begin_session(&grant, LOGIN, PASSWORD).unwrap_err();
        assert_eq!(refused, foreign, "{n}");
        assert_eq!(vault.next_batch().unwrap_err(), foreign, "{n}");
        // As it was written it is this tablet's again.
        drop(vault);
        std::fs::write(file(&bench), text).unwrap();
        let (vault, _) = bench.try_open().unwrap();
        vault.resume_session(LOGIN, PASSWORD).unwrap();
    }
}

#[test]
fn an_identity_of_before_is_taken_over_once() {
    let bench = Bench::new();
    drop(bench.open());
    let before = as_written_before(&bench).to_string();
    std::fs::write(file(&bench), &before).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(vault.identity().unwrap(), Some(bench.central.identity()));
    drop(vault);
    // It had its mac at once, and the counter is raised for good.
    assert_eq!(bench.keystore.counter().unwrap(), 1);
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(vault.identity().unwrap(), Some(bench.central.identity()));
    drop(bench.begin(&vault));
    drop(vault);
    std::fs::write(file(&bench), &before).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    let refused = vault.identity().unwrap_err();
    assert_eq!(refused, VaultError::ForeignIdentity);
}

/// A power cut between the new file and the raised counter.
#[test]
fn an_identity_that_has_its_mac_has_a_counter_that_is_raised() {
    let bench = Bench::new();
    drop(bench.open());
    as_written_before(&bench);
    drop(bench.try_open().unwrap());
    assert_eq!(bench.keystore.counter().unwrap(), 1);
}

#[test]
fn a_tablet_whose_identity_was_taken_away_is_enrolled_over_nothing() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    drop((session, vault));
    std::fs::remove_file(file(&bench)).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(vault.identity().unwrap(), None);
    // A thief's central gives out the same device again, to be asked about its officers.
    let thief = Central::new();
    let identity = DeviceIdentity {
        device: bench.central.device,
        ..thief.identity()
    };
    let refused = Err(VaultError::OtherDevice);
    assert_eq!(vault.set_identity(&identity), refused);
    assert_eq!(vault.set_identity(&bench.central.identity()), refused);
    assert_eq!(vault.can_be_enrolled(), refused);
    let open = vault.open_sessions().unwrap();
    vault.end_session(open[0]).unwrap();
    vault.can_be_enrolled().unwrap();
    vault.set_identity(&identity).unwrap();
    assert_eq!(
        vault
            .begin_from_roster(LOGIN, PASSWORD)
            .map(|_| ())
            .unwrap_err(),
        ResumeError::NoRoster
    );
}

#[test]
fn a_damaged_identity_is_replaced_by_enrolling_anew_once_all_is_safe() {
    let bench = Bench::new();
    let vault = bench.open();
    let session = bench.begin(&vault);
    append_all(&vault, &session, None, 1..=1);
    vault.end_session(session.id).unwrap();
    drop((session, vault));
    let sound = std::fs::read(file(&bench)).unwrap();
    std::fs::write(file(&bench), b"{}").unwrap();
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(vault.can_be_enrolled(), Err(VaultError::OtherDevice));
    drop(vault);
    std::fs::write(file(&bench), sound).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    let batch = vault.next_batch().unwrap().unwrap();
    let head = batch.envelopes[0].digest();
    vault
        .apply_receipt(&bench.central.receipt(1, 1, head, 9))
        .unwrap();
    drop(vault);
    std::fs::write(file(&bench), b"{}").unwrap();
    let (vault, _) = bench.try_open().unwrap();
    vault.can_be_enrolled().unwrap();
    let anew = Central::new();
    vault.set_identity(&anew.identity()).unwrap();
    assert_eq!(vault.identity().unwrap(), Some(anew.identity()));
}
