//! An administrator's errands on a tablet, without a window and not beside the running program.

use super::start::{StartError, keys};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tablet::device::{KeyStore, SystemClock, keystore};
use tablet::vault::Vault;

/// Writes what is not safe at central to a file that central imports.
pub(super) fn export_queue(data: &Path, tpm: Option<&str>, out: &Path) -> Result<(), StartError> {
    let exported = vault(data, tpm)?.export_queue(out)?;
    for seq in &exported.damaged {
        say(format_args!("damaged, left out: #{seq}"))?;
    }
    say(format_args!("{} events exported", exported.events))
}

/// Applies central's word on such a file.
pub(super) fn import_receipt(
    data: &Path,
    tpm: Option<&str>,
    file: &Path,
) -> Result<(), StartError> {
    let receipt = vault(data, tpm)?.import_receipt(file)?;
    say(format_args!(
        "{} events stored at central, safe up to #{}",
        receipt.stored.len(),
        receipt.safe_through
    ))
}

/// Puts back what a database that was moved aside still holds; all of them, if none is named.
pub(super) fn salvage(
    data: &Path,
    tpm: Option<&str>,
    dir: Option<PathBuf>,
) -> Result<(), StartError> {
    let vault = vault(data, tpm)?;
    let dirs = match dir {
        Some(dir) => vec![dir],
        None => vault.quarantined()?,
    };
    let found = vault.salvage(&dirs)?;
    say(format_args!(
        "{} events and {} captures recovered, {} events known before",
        found.recovered_count(),
        found.captures,
        found.known
    ))?;
    for (what, ranges) in [
        ("recovered", &found.recovered),
        ("not found", &found.missing),
    ] {
        for (first, last) in ranges {
            say(format_args!("{what} #{first} to #{last}"))?;
        }
    }
    for seq in &found.given_again {
        say(format_args!("#{seq} was given to another event since"))?;
    }
    for seq in &found.unreadable {
        say(format_args!(
            "#{seq} could not be read again: try once more"
        ))?;
    }
    Ok(())
}

/// Answers to an administrator go to standard output, everything else to standard error.
fn say(line: impl std::fmt::Display) -> Result<(), StartError> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// The vault alone, for an administrator's command; not beside the running program.
fn vault(data: &Path, tpm: Option<&str>) -> Result<Vault, StartError> {
    let clock = Arc::new(SystemClock::new());
    let (vault, _) = Vault::open(data, enrolled_keystore(data, tpm)?, clock)?;
    Ok(vault)
}

/// The key store that this tablet has: none is made in its place.
pub(super) fn enrolled_keystore(
    data: &Path,
    tpm: Option<&str>,
) -> Result<Arc<dyn KeyStore>, StartError> {
    let keys = keys(data);
    if Vault::is_enrolled(data) && keystore::kind_in(&keys).is_none() {
        return Err(StartError::KeysGone);
    }
    Ok(keystore::open(&keys, tpm)?)
}
