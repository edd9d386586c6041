//! Files and directories that the program's user alone may read; written whole or not at all, and
//! overwritten before they go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The directory, and those above it that are missing.
pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes a file that was not there, to be written.
pub(crate) fn new_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file that only this user may read, so that after a power cut there is the old file or
/// the new one, never half of it.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    // Left by an earlier power cut; opened as new so that its mode is ours.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = new_private_file(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes renames and deletions in a directory outlast a power cut.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()
    } else {
        Ok(())
    }
}

/// Deletes what is there, a file with zeros in its place first: on flash memory that destroys little,
/// on some file systems it is worth something. What is not there is no error.
pub(crate) fn overwrite_and_remove(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if metadata.is_file() {
        let mut file = OpenOptions::new().write(true).open(path)?;
        let zeros = [0; 64 * 1024];
        let mut left = metadata.len();
        while left > 0 {
            let part = zeros.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            file.write_all(zeros.get(..part).unwrap_or(&zeros))?;
            left -= part as u64;
        }
        file.sync_all()?;
    }
    fs::remove_file(path)
}
