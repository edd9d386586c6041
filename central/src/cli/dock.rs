//! What bodycams hold at the dock, from a table.

use super::{Call, CliError, missing, say};
use crate::Admin;
use crate::dock::Covered;
use std::path::PathBuf;

pub(super) fn import(call: &Call, admin: &Admin) -> Result<(), CliError> {
    let file = call.subject.clone().ok_or_else(|| missing("FILE"))?;
    let covered = Covered {
        since: call.read_since,
        until: call.read_until,
    };
    let done = admin.import_dock(&PathBuf::from(file), covered)?;
    say(format_args!(
        "{} recorded times of {} bodycams, {} known before; {} shifts compared, {} times on by their log \
         and not recorded",
        done.new, done.cameras, done.known, done.shifts, done.missing
    ))
}
