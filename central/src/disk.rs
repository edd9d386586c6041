//! Files and directories that central's user alone may read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// How such a directory is made; add whether those above it are.
pub(crate) fn private_dir() -> DirBuilder {
    #[allow(unused_mut)]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// How such a file is opened to be written; add whether it is made, emptied or appended to.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file of that name in `dir`, so that after a power cut there is the old one or the new one,
/// never half of it.
pub(crate) fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let whole = dir.join(name);
    let half = whole.with_extension("half");
    let mut file = private_file().create(true).truncate(true).open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&half, &whole)?;
    sync_dir(dir)
}

/// Makes renames and new names in a directory outlast a power cut.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
