//! Where the two stores differ: what an old copy of the disk brings back, and whose keys are whose.

use crate::contract::Place;
use crate::swtpm::Swtpm;
use std::time::{Duration, Instant};
use tablet::device::keystore::{self, KeyStoreKind, TpmKeyStore, UnsafeFileKeyStore, kind_in};
use tablet::device::{KeyName, KeyStore, KeyStoreError};

#[test]
fn an_old_copy_of_the_disk_brings_no_destroyed_entry_back_from_a_tpm() {
    let place = Place::tpm();
    let store = place.open();
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    let image = place.image();
    store.destroy("smena").unwrap();
    drop(store);
    place.restore(&image);
    let store = place.open();
    let refused = store.unwrap("smena", &wrapped).unwrap_err();
    assert!(matches!(refused, KeyStoreError::NoSuchKey), "{refused:?}");
    assert!(store.entries().unwrap().is_empty());
    assert!(store.in_hardware());
}

#[test]
fn an_old_copy_of_the_disk_does_not_turn_a_tpms_counter_back() {
    let mut place = Place::tpm();
    let store = place.open();
    let image = place.image();
    for _ in 0..3 {
        store.count().unwrap();
    }
    drop(store);
    place.restore(&image);
    place.restart();
    assert_eq!(place.open().counter().unwrap(), 3);
}

/// Why it is called unsafe: this is what the file store cannot promise, and says so.
#[test]
fn the_unsafe_file_store_is_set_back_by_an_old_copy_of_the_disk() {
    let place = Place::files();
    let store = place.open();
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    let image = place.image();
    store.count().unwrap();
    store.destroy("smena").unwrap();
    drop(store);
    place.restore(&image);
    let store = place.open();
    assert_eq!(*store.unwrap("smena", &wrapped).unwrap(), [7; 32]);
    assert_eq!(store.counter().unwrap(), 0);
    assert!(!store.in_hardware(), "nobody may rely on it");
}

#[test]
fn a_copied_disk_is_of_no_use_to_another_tpm() {
    let place = Place::tpm();
    drop(place.open());
    let refused = place.stolen_disk().try_open().err().unwrap();
    assert!(matches!(refused, KeyStoreError::NotOurs), "{refused:?}");
}

/// The same for files works: the copy is the tablet.
#[test]
fn a_copied_disk_is_the_tablet_where_keys_lie_in_files() {
    let place = Place::files();
    let public = place.open().public(KeyName::Tls).unwrap();
    let copy = place.stolen_disk().open();
    assert_eq!(copy.public(KeyName::Tls).unwrap(), public);
}

#[test]
fn a_tpm_that_was_started_anew_is_found_again_by_the_program_that_runs() {
    let mut place = Place::tpm();
    let store = place.open();
    let tag = store.mac(KeyName::Device, b"m").unwrap();
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    store.count().unwrap();
    place.restart();
    assert_eq!(store.mac(KeyName::Device, b"m").unwrap(), tag);
    place.restart();
    assert_eq!(store.count().unwrap(), 2, "counted once");
    place.restart();
    assert_eq!(*store.unwrap("smena", &wrapped).unwrap(), [7; 32]);
}

#[test]
fn two_stores_on_one_tpm_do_not_see_each_other() {
    let tpm = Swtpm::start();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // One conversation at a time, as this TPM has no resource manager.
    let first = TpmKeyStore::open(one.path(), &tpm.address()).unwrap();
    let wrapped = first.wrap("smena", &[1; 32]).unwrap();
    first.count().unwrap();
    let public = first.public(KeyName::Tls).unwrap();
    drop(first);
    let second = TpmKeyStore::open(two.path(), &tpm.address()).unwrap();
    assert!(second.entries().unwrap().is_empty());
    assert_eq!(second.counter().unwrap(), 0);
    assert_ne!(second.public(KeyName::Tls).unwrap(), public);
    let refused = second.unwrap("smena", &wrapped).unwrap_err();
    assert!(matches!(refused, KeyStoreError::NoSuchKey), "{refused:?}");
    second.destroy("smena").unwrap();
    drop(second);
    let first = TpmKeyStore::open(one.path(), &tpm.address()).unwrap();
    assert_eq!(*first.unwrap("smena", &wrapped).unwrap(), [1; 32]);
    assert_eq!(first.counter().unwrap(), 1);
}

#[test]
fn a_store_of_one_kind_is_never_opened_as_another() {
    let files = tempfile::tempdir().unwrap();
    assert_eq!(kind_in(files.path()), None);
    UnsafeFileKeyStore::open(files.path()).unwrap();
    assert_eq!(kind_in(files.path()), Some(KeyStoreKind::UnsafeFile));
    let tpm = Swtpm::start();
    let refused = TpmKeyStore::open(files.path(), &tpm.address()).unwrap_err();
    assert!(matches!(refused, KeyStoreError::OtherKind), "{refused:?}");

    let hardware = tempfile::tempdir().unwrap();
    drop(TpmKeyStore::open(hardware.path(), &tpm.address()).unwrap());
    assert_eq!(kind_in(hardware.path()), Some(KeyStoreKind::Tpm));
    let refused = UnsafeFileKeyStore::open(hardware.path()).unwrap_err();
    assert!(matches!(refused, KeyStoreError::OtherKind), "{refused:?}");
    assert!(!hardware.path().join("tls.p8").exists());
}

#[test]
fn a_tablet_goes_on_with_the_store_that_it_has() {
    let tpm = Swtpm::start();
    let (files, hardware) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    UnsafeFileKeyStore::open(files.path()).unwrap();
    let store = keystore::open(files.path(), None).unwrap();
    assert!(!store.in_hardware());
    let refused = keystore::open(files.path(), Some(&tpm.address())).err();
    assert!(matches!(refused, Some(KeyStoreError::OtherKind)));

    let store = keystore::open(hardware.path(), Some(&tpm.address())).unwrap();
    assert!(store.in_hardware());
    drop(store);
    // Its TPM is not named: the machine's own is asked, which is another or none; never files.
    let refused = keystore::open(hardware.path(), None).err().unwrap();
    assert!(
        matches!(refused, KeyStoreError::Tpm | KeyStoreError::NotOurs),
        "{refused:?}"
    );
    assert_eq!(kind_in(hardware.path()), Some(KeyStoreKind::Tpm));
}

#[test]
fn a_tpm_that_is_not_there_is_said_to_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    let refused = TpmKeyStore::open(dir.path(), "device:/dev/no-such-tpm").unwrap_err();
    assert!(matches!(refused, KeyStoreError::Tpm), "{refused:?}");
    let refused = TpmKeyStore::open(dir.path(), "nonsense:1").unwrap_err();
    assert!(matches!(refused, KeyStoreError::BadAddress), "{refused:?}");
    assert_eq!(kind_in(dir.path()), None, "nothing is made in its place");
}

/// Prints what a use of a key takes: `cargo nextest run -p tablet --run-ignored only how_long`.
#[test]
#[ignore = "a measurement"]
fn how_long_each_use_takes() {
    for (name, place) in [("files", Place::files()), ("swtpm", Place::tpm())] {
        let store = place.open();
        let time = |what: &str, work: &dyn Fn(u32)| {
            const ROUNDS: u32 = 50;
            let begun = Instant::now();
            (0..ROUNDS).for_each(work);
            let each: Duration = begun.elapsed() / ROUNDS;
            eprintln!("{name}: {what} {:.2} ms", each.as_secs_f64() * 1e3);
        };
        time("sign", &|_| {
            store.sign(KeyName::Tls, b"m").unwrap();
        });
        time("mac", &|_| {
            store.mac(KeyName::Device, b"m").unwrap();
        });
        time("count", &|_| {
            store.count().unwrap();
        });
        time("wrap, unwrap, destroy", &|_| {
            let wrapped = store.wrap("e", &[1; 32]).unwrap();
            store.unwrap("e", &wrapped).unwrap();
            store.destroy("e").unwrap();
        });
    }
}
