//! An administrator's errands on a tablet, without a window and not beside the running program.

use super::start::{StartError, keys};
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tablet::device::{KeyStore, SystemClock, keystore};
use tablet::slip::{self, SlipFault};
use tablet::vault::Vault;

/// Bytes of a picture of a receipt that are read.
const PICTURE_BYTES: u64 = 32 * 1024 * 1024;

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

/// Says what a citizen's receipt says, and whether a tablet certified by this CA signed it. Exit codes: 0
/// it is genuine, 2 it is not, 1 it could not be read.
pub(super) fn verify_receipt(ca: &Path, file: &Path) -> Result<(), StartError> {
    let ca = std::fs::read_to_string(ca)?;
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(file)?)
    };
    let mut bytes = Vec::new();
    from.take(PICTURE_BYTES).read_to_end(&mut bytes)?;
    let signed = slip::read(&bytes)?;
    let verdict = slip::verify(&signed, &ca);
    if matches!(verdict, Err(SlipFault::BadAuthority)) {
        return Err(StartError::BadCa);
    }
    match &verdict {
        Ok(()) => say("genuine: signed by a tablet that this authority certified")?,
        Err(fault) => say(format_args!("NOT GENUINE: {fault}"))?,
    }
    let slip = &signed.slip;
    if slip.training {
        say("training: invented people")?;
    }
    say(format_args!("stopped by: {} {}", slip.rank, slip.name))?;
    say(format_args!("unit: {}", slip.unit))?;
    say(format_args!("place: {}", slip.place))?;
    say(format_args!("time: {}", slip.stopped_at()))?;
    say(format_args!(
        "ground: {} ({})",
        slip.ground_title, slip.ground
    ))?;
    say(format_args!("number: {}", slip.encounter))?;
    say(format_args!("complaint: {}", slip.complain))?;
    say(format_args!("edition: {}", slip.edition))?;
    say(format_args!(
        "signed: {} by {}",
        slip.signed_at(),
        slip.device
    ))?;
    say("whether that tablet was revoked or reported lost is known at central alone")?;
    verdict.map_err(StartError::ReceiptRefused)
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
