//! One contract, two stores. What the file store cannot promise is said by name.

use crate::swtpm::Swtpm;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::path::Path;
use std::sync::Arc;
use tablet::device::keystore::{
    ENTRY_BYTES, KeyStoreKind, MAC_BYTES, TpmKeyStore, UnsafeFileKeyStore, kind_in,
};
use tablet::device::{KeyName, KeyStore, KeyStoreError};

/// A place where a key store can be opened again and again.
pub struct Place {
    pub dir: tempfile::TempDir,
    tpm: Option<Swtpm>,
}

impl Place {
    pub fn files() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            tpm: None,
        }
    }

    pub fn tpm() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            tpm: Some(Swtpm::start()),
        }
    }

    pub fn keys(&self) -> std::path::PathBuf {
        self.dir.path().join("keys")
    }

    pub fn try_open(&self) -> Result<Arc<dyn KeyStore>, KeyStoreError> {
        Ok(match &self.tpm {
            Some(tpm) => Arc::new(TpmKeyStore::open(&self.keys(), &tpm.address())?),
            None => Arc::new(UnsafeFileKeyStore::open(&self.keys())?),
        })
    }

    pub fn open(&self) -> Arc<dyn KeyStore> {
        self.try_open().unwrap()
    }

    /// The machine is switched off and on.
    pub fn restart(&mut self) {
        if let Some(tpm) = &mut self.tpm {
            tpm.restart();
        }
    }

    /// Another machine with a copy of this one's disk.
    pub fn stolen_disk(&self) -> Self {
        let other = match self.tpm {
            Some(_) => Self::tpm(),
            None => Self::files(),
        };
        copy(&self.keys(), &other.keys());
        other
    }

    pub fn image(&self) -> tempfile::TempDir {
        let image = tempfile::tempdir().unwrap();
        copy(&self.keys(), image.path());
        image
    }

    pub fn restore(&self, image: &tempfile::TempDir) {
        std::fs::remove_dir_all(self.keys()).unwrap();
        copy(image.path(), &self.keys());
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn verifies(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public)
        .verify(message, signature)
        .is_ok()
}

/// A claim over both stores.
macro_rules! claims {
    ($($name:ident)+) => {$(
        mod $name {
            #[test]
            fn files() {
                super::$name(super::Place::files());
            }
            #[test]
            fn tpm() {
                super::$name(super::Place::tpm());
            }
        }
    )+};
}

claims! {
    what_is_signed_verifies
    a_mac_stays_the_same
    an_entry_wraps_and_unwraps
    destruction_is_final
    all_is_destroyed_at_once
    the_counter_rises_by_one
    a_key_does_only_what_it_is_for
    many_threads_use_one_store
    a_damaged_store_opens_nothing
}

fn what_is_signed_verifies(mut place: Place) {
    let store = place.open();
    let keys = [KeyName::Tls, KeyName::Journal];
    let before = keys.map(|key| store.public(key).unwrap());
    assert_ne!(before[0], before[1]);
    // Numbers with and without leading zeros come up in so many.
    for round in 0..300_u32 {
        let message = round.to_be_bytes();
        let signature = store.sign(KeyName::Journal, &message).unwrap();
        assert!(verifies(&before[1], &message, &signature), "{round}");
        assert!(!verifies(&before[0], &message, &signature));
        assert!(!verifies(&before[1], b"another", &signature));
    }
    // Longer than any command of a TPM.
    let long = vec![7; 100_000];
    let signature = store.sign(KeyName::Tls, &long).unwrap();
    assert!(verifies(&before[0], &long, &signature));
    drop(store);
    place.restart();
    let store = place.open();
    assert_eq!(keys.map(|key| store.public(key).unwrap()), before);
    let signature = store.sign(KeyName::Tls, b"again").unwrap();
    assert!(verifies(&before[0], b"again", &signature));
}

fn a_mac_stays_the_same(mut place: Place) {
    let longest = vec![1; MAC_BYTES];
    let store = place.open();
    let first = store.mac(KeyName::Device, b"one").unwrap();
    assert_eq!(store.mac(KeyName::Device, b"one").unwrap(), first);
    assert_ne!(store.mac(KeyName::Device, b"two").unwrap(), first);
    let long = store.mac(KeyName::Device, &longest).unwrap();
    assert!(store.mac(KeyName::Device, b"").is_ok());
    drop(store);
    place.restart();
    let store = place.open();
    assert_eq!(store.mac(KeyName::Device, b"one").unwrap(), first);
    assert_eq!(store.mac(KeyName::Device, &longest).unwrap(), long);
}

fn an_entry_wraps_and_unwraps(mut place: Place) {
    let store = place.open();
    assert!(store.entries().unwrap().is_empty());
    let longest = "e".repeat(ENTRY_BYTES);
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    let again = store.wrap("smena", &[7; 32]).unwrap();
    let other = store.wrap(&longest, &[8; 32]).unwrap();
    assert_ne!(wrapped, again, "a nonce is used once");
    drop(store);
    place.restart();
    let store = place.open();
    let mut entries = store.entries().unwrap();
    entries.sort();
    assert_eq!(entries, [longest.clone(), "smena".into()]);
    assert_eq!(*store.unwrap("smena", &wrapped).unwrap(), [7; 32]);
    assert_eq!(*store.unwrap("smena", &again).unwrap(), [7; 32]);
    assert_eq!(*store.unwrap(&longest, &other).unwrap(), [8; 32]);
    // Bytes of another entry, cut short, changed.
    let mut changed = wrapped.clone();
    changed[20] ^= 1;
    for bad in [&other, &wrapped[..20].to_vec(), &Vec::new(), &changed] {
        let refused = store.unwrap("smena", bad).unwrap_err();
        assert!(matches!(refused, KeyStoreError::NotOurs), "{refused:?}");
    }
    let refused = store.unwrap("nobody", &wrapped).unwrap_err();
    assert!(matches!(refused, KeyStoreError::NoSuchKey), "{refused:?}");
}

fn destruction_is_final(mut place: Place) {
    let store = place.open();
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    let kept = store.wrap("another", &[8; 32]).unwrap();
    store.destroy("smena").unwrap();
    store.destroy("smena").expect("twice is no error");
    let gone = |store: &dyn KeyStore| {
        let refused = store.unwrap("smena", &wrapped).unwrap_err();
        assert!(matches!(refused, KeyStoreError::NoSuchKey), "{refused:?}");
        assert_eq!(store.entries().unwrap(), ["another"]);
        assert_eq!(*store.unwrap("another", &kept).unwrap(), [8; 32]);
    };
    gone(&*store);
    drop(store);
    place.restart();
    let store = place.open();
    gone(&*store);
    // A new entry of that name has another key.
    store.wrap("smena", &[9; 32]).unwrap();
    let refused = store.unwrap("smena", &wrapped).unwrap_err();
    assert!(matches!(refused, KeyStoreError::NotOurs), "{refused:?}");
}

fn all_is_destroyed_at_once(mut place: Place) {
    let store = place.open();
    let wrapped = store.wrap("smena", &[7; 32]).unwrap();
    let publics = [KeyName::Tls, KeyName::Journal].map(|key| store.public(key).unwrap());
    let tag = store.mac(KeyName::Device, b"m").unwrap();
    store.count().unwrap();
    store.destroy_all().unwrap();
    store.destroy_all().expect("twice is no error");
    let gone = |refused: Option<KeyStoreError>| {
        assert!(
            matches!(refused, Some(KeyStoreError::NoSuchKey)),
            "{refused:?}"
        );
    };
    gone(store.sign(KeyName::Tls, b"m").err());
    gone(store.sign(KeyName::Journal, b"m").err());
    gone(store.mac(KeyName::Device, b"m").err());
    gone(store.wrap("another", &[8; 32]).err());
    gone(store.unwrap("smena", &wrapped).err());
    gone(store.count().err());
    drop(store);
    assert_eq!(kind_in(&place.keys()), None, "nobody's");
    place.restart();
    // What is opened next is another tablet's.
    let store = place.open();
    assert!(store.entries().unwrap().is_empty());
    assert_eq!(store.counter().unwrap(), 0);
    for (key, before) in [KeyName::Tls, KeyName::Journal].into_iter().zip(publics) {
        assert_ne!(store.public(key).unwrap(), before);
    }
    assert_ne!(store.mac(KeyName::Device, b"m").unwrap(), tag);
    store.wrap("smena", &[9; 32]).unwrap();
    assert!(store.unwrap("smena", &wrapped).is_err());
}

fn the_counter_rises_by_one(mut place: Place) {
    let store = place.open();
    assert_eq!(store.counter().unwrap(), 0);
    for expected in 1..=5 {
        assert_eq!(store.count().unwrap(), expected);
        assert_eq!(store.counter().unwrap(), expected);
    }
    drop(store);
    place.restart();
    let store = place.open();
    assert_eq!(store.counter().unwrap(), 5);
    assert_eq!(store.count().unwrap(), 6);
}

fn a_key_does_only_what_it_is_for(place: Place) {
    let store = place.open();
    let wrong = |done: Result<Vec<u8>, KeyStoreError>| {
        let refused = done.unwrap_err();
        assert!(matches!(refused, KeyStoreError::WrongUse), "{refused:?}");
    };
    wrong(store.sign(KeyName::Device, b"m"));
    wrong(store.public(KeyName::Device));
    wrong(store.mac(KeyName::Tls, b"m").map(|tag| tag.to_vec()));
    wrong(store.mac(KeyName::Journal, b"m").map(|tag| tag.to_vec()));
    let too_long = vec![0; MAC_BYTES + 1];
    wrong(
        store
            .mac(KeyName::Device, &too_long)
            .map(|tag| tag.to_vec()),
    );
    wrong(store.wrap(&"e".repeat(ENTRY_BYTES + 1), &[0; 32]));
    // And goes on.
    assert!(store.mac(KeyName::Device, b"m").is_ok());
}

fn many_threads_use_one_store(place: Place) {
    let store = place.open();
    let public = store.public(KeyName::Journal).unwrap();
    let tag = store.mac(KeyName::Device, b"same").unwrap();
    std::thread::scope(|scope| {
        for thread in 0..6_u8 {
            let (store, public) = (store.clone(), public.clone());
            scope.spawn(move || {
                let entry = format!("thread {thread}");
                for round in 0..5 {
                    let signature = store.sign(KeyName::Journal, &[thread, round]).unwrap();
                    assert!(verifies(&public, &[thread, round], &signature));
                    assert_eq!(store.mac(KeyName::Device, b"same").unwrap(), tag);
                    let wrapped = store.wrap(&entry, &[thread; 32]).unwrap();
                    assert_eq!(*store.unwrap(&entry, &wrapped).unwrap(), [thread; 32]);
                    store.destroy(&entry).unwrap();
                }
            });
        }
    });
    assert!(store.entries().unwrap().is_empty());
}

fn a_damaged_store_opens_nothing(place: Place) {
    drop(place.open());
    let name = match kind_in(&place.keys()).unwrap() {
        KeyStoreKind::Tpm => "tpm",
        KeyStoreKind::UnsafeFile => "tls.p8",
    };
    let path = place.keys().join(name);
    let sound = std::fs::read(&path).unwrap();
    let step = sound.len() / 12;
    for at in (0..sound.len()).step_by(step) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&path, bytes).unwrap();
        assert!(place.try_open().is_err(), "byte {at}");
    }
    std::fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    assert!(place.try_open().is_err());
    std::fs::write(&path, b"").unwrap();
    assert!(place.try_open().is_err());
    std::fs::write(&path, &sound).unwrap();
    assert!(place.try_open().is_ok());
}
