//! Where a training lies on the disk: a directory of its own, marked, and no other is taken.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const MARK: &str = "TRAINING";
const WORDS: &str = "E-patrul training. Invented people; nothing here is a record of duty.\n";

/// A directory that holds a training, and nothing else.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the directory holds something that is no training; choose an empty one")]
    NotTraining,
    #[error("the directory cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

impl Place {
    /// Takes `root` if it is marked, or if nothing is in it.
    ///
    /// # Errors
    /// It holds something else, or cannot be read or written.
    pub fn open(root: &Path) -> Result<Self, PlaceError> {
        std::fs::create_dir_all(root)?;
        match std::fs::read(root.join(MARK)) {
            Ok(words) if words == WORDS.as_bytes() => {}
            Ok(_) => return Err(PlaceError::NotTraining),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if std::fs::read_dir(root)?.next().is_some() {
                    return Err(PlaceError::NotTraining);
                }
                std::fs::write(root.join(MARK), WORDS)?;
            }
            Err(error) => return Err(error.into()),
        }
        std::fs::create_dir_all(root.join("results"))?;
        Ok(Self(root.to_owned()))
    }

    /// Central's data, the cable's port and the tablet's data.
    #[must_use]
    pub fn world(&self) -> PathBuf {
        self.0.join("world")
    }

    /// The files for the instructor.
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.0.join("results")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_directory_of_something_else_is_never_taken() {
        let dir = tempfile::tempdir().unwrap();
        let (fresh, duty) = (dir.path().join("fresh"), dir.path().join("duty"));
        Place::open(&fresh).unwrap();
        std::fs::create_dir_all(fresh.join("world/tablet/vault")).unwrap();
        Place::open(&fresh).unwrap();
        std::fs::create_dir_all(duty.join("vault")).unwrap();
        assert!(matches!(Place::open(&duty), Err(PlaceError::NotTraining)));
        assert!(!duty.join(MARK).exists() && !duty.join("results").exists());
        std::fs::write(duty.join(MARK), "something else").unwrap();
        assert!(matches!(Place::open(&duty), Err(PlaceError::NotTraining)));
    }
}
