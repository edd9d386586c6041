//! Entries of the key store: each lives as long as what it opens.
//!
//! An entry that the key store fails to destroy is owed: it is tried again each minute, and at every
//! start, when whatever belongs to no session is looked for.

use super::{Vault, VaultError, lock, open_session_ids, roster};
use crate::device::{KeyStore, KeyStoreError};
use rusqlite::Connection;
use std::collections::BTreeSet;

impl Vault {
    /// Destroys what the key store failed to destroy before; to be called every minute. Nothing is
    /// asked of the key store where nothing is owed.
    pub fn destroy_owed(&self) {
        lock(&self.0.owed).retain(|entry| match self.0.keystore.destroy(entry) {
            Ok(()) => {
                tracing::warn!("an entry of the key store is destroyed at last");
                false
            }
            Err(error) => {
                not_yet(&error);
                true
            }
        });
    }

    /// Destroys an entry, or remembers that it is owed.
    pub(super) fn destroy_entry(&self, entry: &str) -> Result<(), VaultError> {
        let mut owed = lock(&self.0.owed);
        self.0.keystore.destroy(entry).map_err(|error| {
            not_yet(&error);
            owed.insert(entry.to_owned());
            VaultError::from(error)
        })?;
        owed.remove(entry);
        Ok(())
    }

    /// Wraps a secret under an entry made anew, in the place of one that may be owed.
    pub(super) fn make_entry(&self, entry: &str, secret: &[u8; 32]) -> Result<Vec<u8>, VaultError> {
        let mut owed = lock(&self.0.owed);
        let wrapped = self.0.keystore.wrap(entry, secret)?;
        owed.remove(entry);
        Ok(wrapped)
    }
}

fn not_yet(error: &KeyStoreError) {
    tracing::error!(%error, "an entry of the key store is not destroyed yet");
}

/// Sessions and entries come in pairs; a power cut may have left one of a pair. A session whose entry
/// is gone is cleared away, an entry whose session is gone is destroyed (also after a quarantine: what
/// an officer could read is not to lie about in a damaged database). Returns those that the key store
/// fails to destroy: they keep nobody from working.
pub(super) fn destroy_orphans(
    db: &Connection,
    keystore: &dyn KeyStore,
) -> Result<BTreeSet<String>, VaultError> {
    let entries = keystore.entries()?;
    let sessions = open_session_ids(db)?;
    for session in &sessions {
        if !entries.contains(&session.to_string()) {
            db.execute("DELETE FROM sessions WHERE id = ?1", [session.0.as_bytes()])?;
        }
    }
    let mut owed = BTreeSet::new();
    for entry in entries {
        let lives =
            entry == roster::ENTRY || sessions.iter().any(|session| session.to_string() == entry);
        if lives {
            continue;
        }
        if let Err(error) = keystore.destroy(&entry) {
            not_yet(&error);
            owed.insert(entry);
        }
    }
    Ok(owed)
}
