//! Wrong passwords against an image of the disk that is put back, with keys in a TPM and in files.

use crate::support::*;
use crate::swtpm::Swtpm;
use std::path::Path;
use std::sync::Arc;
use tablet::device::KeyStore;
use tablet::device::keystore::{TpmKeyStore, UnsafeFileKeyStore};
use tablet::vault::{LOGIN_FAILURES, ResumeError, Vault};

struct Tablet {
    dir: tempfile::TempDir,
    tpm: Option<Swtpm>,
    bench: Bench,
}

impl Tablet {
    fn new(tpm: Option<Swtpm>) -> Self {
        let tablet = Self {
            dir: tempfile::tempdir().unwrap(),
            tpm,
            bench: Bench::new(),
        };
        let vault = tablet.open();
        vault
            .set_identity(&tablet.bench.central.identity())
            .unwrap();
        drop(tablet.bench.begin(&vault));
        tablet
    }

    fn disk(&self) -> std::path::PathBuf {
        self.dir.path().join("disk")
    }

    fn open(&self) -> Vault {
        let keys = self.disk().join("keys");
        let keystore: Arc<dyn KeyStore> = match &self.tpm {
            Some(tpm) => Arc::new(TpmKeyStore::open(&keys, &tpm.address()).unwrap()),
            None => Arc::new(UnsafeFileKeyStore::open(&keys).unwrap()),
        };
        let clock = self.bench.clock.clone();
        Vault::open(&self.disk().join("data"), keystore, clock)
            .unwrap()
            .0
    }

    /// Three wrong passwords, then the image from before; again and again.
    fn guess_over_an_image(&self, rounds: u32) -> Result<u32, ResumeError> {
        let image = self.dir.path().join("image");
        copy(&self.disk(), &image);
        for _ in 0..rounds {
            let vault = self.open();
            for _ in 0..3 {
                match vault.resume_session(LOGIN, "taxmin").unwrap_err() {
                    ResumeError::WrongPassword => {}
                    refused => return Err(refused),
                }
            }
            drop(vault);
            std::fs::remove_dir_all(self.disk()).unwrap();
            copy(&image, &self.disk());
        }
        Ok(rounds * 3)
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

#[test]
fn an_image_of_the_disk_gives_no_more_guesses_where_there_is_a_tpm() {
    let tablet = Tablet::new(Some(Swtpm::start()));
    let refused = tablet.guess_over_an_image(2).unwrap_err();
    assert_eq!(refused, ResumeError::Locked);
    // Not even the right one, until the desk unlocks; then the shift is there.
    let vault = tablet.open();
    let right = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
    assert_eq!(right, ResumeError::Locked);
    vault.apply_unlock(0).unwrap();
    vault.apply_unlock(1).unwrap();
    assert!(vault.resume_session(LOGIN, PASSWORD).is_ok());
}

/// What is not promised where keys lie in files: the image brings the counter back too.
#[test]
fn an_image_of_the_disk_gives_guesses_without_end_where_keys_lie_in_files() {
    let tablet = Tablet::new(None);
    assert_eq!(tablet.guess_over_an_image(5), Ok(15));
}

#[test]
fn a_tablet_that_is_switched_off_between_guesses_counts_them_all() {
    let mut tablet = Tablet::new(Some(Swtpm::start()));
    for _ in 0..LOGIN_FAILURES {
        let vault = tablet.open();
        let refused = vault.resume_session(LOGIN, "taxmin").unwrap_err();
        assert_eq!(refused, ResumeError::WrongPassword);
        drop(vault);
        tablet.tpm.as_mut().unwrap().restart();
        tablet.bench.clock.forward(5 * 60 * 1000);
    }
    let vault = tablet.open();
    let refused = vault.resume_session(LOGIN, PASSWORD).unwrap_err();
    assert_eq!(refused, ResumeError::Locked);
    // Central knows the officer: a new shift, and the count begins anew.
    drop(tablet.bench.begin(&vault));
    assert!(vault.resume_session(LOGIN, PASSWORD).is_ok());
}

#[test]
fn a_tablet_enrolled_anew_is_not_locked_by_what_was_before() {
    let tablet = Tablet::new(Some(Swtpm::start()));
    let vault = tablet.open();
    for _ in 0..3 {
        vault.resume_session(LOGIN, "taxmin").unwrap_err();
    }
    drop(vault);
    std::fs::remove_dir_all(tablet.disk().join("data")).unwrap();
    let vault = tablet.open();
    vault
        .set_identity(&tablet.bench.central.identity())
        .unwrap();
    drop(tablet.bench.begin(&vault));
    assert!(vault.resume_session(LOGIN, PASSWORD).is_ok());
}
