//! Key files: readable by their owner alone, written whole or not at all.

use super::KeyError;
use crate::disk::{private_dir, write_whole};
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::Zeroizing;

pub(super) struct Dir(PathBuf);

impl Dir {
    pub(super) fn make(path: &Path) -> Result<Self, KeyError> {
        let made = private_dir().recursive(true).create(path);
        made.map_err(|source| KeyError::File {
            path: path.into(),
            source,
        })?;
        Ok(Self(path.into()))
    }

    pub(super) fn at(path: &Path) -> Self {
        Self(path.into())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), KeyError> {
        write_whole(&self.0, name, bytes).map_err(|source| KeyError::File {
            path: self.path(name),
            source,
        })
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let path = self.path(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Zeroizing::new(bytes)),
            Err(source) => Err(KeyError::File { path, source }),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Zeroizing<String>, KeyError> {
        let bytes = self.bytes(name)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyError::Damaged(self.path(name)))?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// Every sealing key that ever was: what is sealed to it may still arrive.
    pub(super) fn sealing_keys(&self) -> Result<Vec<(Uuid, String)>, KeyError> {
        let fault = |source| KeyError::File {
            path: self.0.clone(),
            source,
        };
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(fault)? {
            let name = entry
                .map_err(fault)?
                .file_name()
                .to_string_lossy()
                .into_owned();
            let id = name
                .strip_prefix("sealing-")
                .and_then(|rest| rest.strip_suffix(".x25519"))
                .and_then(|id| Uuid::parse_str(id).ok());
            if let Some(id) = id {
                keys.push((id, name));
            }
        }
        Ok(keys)
    }
}
