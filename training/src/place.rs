//! Where a training lies on the disk: a directory of its own, marked, and no other is taken.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const MARK: &str = "TRAINING";
const WORLD: &str = "world";
const RESULTS: &str = "results";
const WORDS: &str = "E-patrul training. Invented people; nothing here is a record of duty.\n";

/// A directory that holds a training, and nothing else.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    #[error("the directory holds something that is no training; choose an empty one")]
    NotTraining,
    /// Its name is not said: it may be a person's.
    #[error(
        "the training's directory holds something besides TRAINING, world and results; \
         move it away, or choose another directory"
    )]
    SomethingBeside,
    #[error("the directory cannot be used: {0}")]
    Io(#[from] std::io::Error),
}

impl Place {
    /// Takes `root` if it is marked and holds what a training makes, or if nothing is in it.
    ///
    /// # Errors
    /// It holds something else, or something besides, or cannot be read or written.
    pub fn open(root: &Path) -> Result<Self, PlaceError> {
        std::fs::create_dir_all(root)?;
        match std::fs::read(root.join(MARK)) {
            Ok(words) if words == WORDS.as_bytes() => {
                let own = [MARK, WORLD, RESULTS].map(OsStr::new);
                for entry in std::fs::read_dir(root)? {
                    let name = entry?.file_name();
                    if !own.contains(&name.as_os_str()) {
                        return Err(PlaceError::SomethingBeside);
                    }
                }
            }
            Ok(_) => return Err(PlaceError::NotTraining),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if std::fs::read_dir(root)?.next().is_some() {
                    return Err(PlaceError::NotTraining);
                }
                std::fs::write(root.join(MARK), WORDS)?;
            }
            Err(error) => return Err(error.into()),
        }
        std::fs::create_dir_all(root.join(RESULTS))?;
        Ok(Self(root.to_owned()))
    }

    /// Central's data, the cable's port and the tablet's data.
    #[must_use]
    pub fn world(&self) -> PathBuf {
        self.0.join(WORLD)
    }

    /// Removes the world, if there is one, so that the next run makes it anew. The results stay.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove_world(&self) -> Result<(), PlaceError> {
        match std::fs::remove_dir_all(self.world()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The files for the instructor.
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.0.join(RESULTS)
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

    #[test]
    fn a_training_s_directory_is_not_taken_when_something_else_was_put_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::open(dir.path()).unwrap();
        std::fs::create_dir_all(place.world().join("tablet/vault")).unwrap();
        std::fs::write(place.results().join("sinovchi.json"), "{}").unwrap();
        Place::open(dir.path()).unwrap();
        let beside = dir.path().join("Синовов.txt");
        std::fs::write(&beside, "marks").unwrap();
        let error = Place::open(dir.path()).unwrap_err();
        assert!(matches!(error, PlaceError::SomethingBeside));
        assert!(!error.to_string().contains("Синовов"), "{error}");
        assert!(beside.exists());
        std::fs::remove_file(&beside).unwrap();
        std::fs::create_dir(dir.path().join("vault")).unwrap();
        let error = Place::open(dir.path()).unwrap_err();
        assert!(matches!(error, PlaceError::SomethingBeside));
    }
}
