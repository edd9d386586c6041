//! Citizens' complaints, and which recordings are held.

use super::{CliError, moment, say};
use crate::Admin;
use crate::store::HeldBy;
use regulation::EncounterId;

pub(super) fn register(
    admin: &Admin,
    encounter: EncounterId,
    number: &str,
) -> Result<(), CliError> {
    let new = admin.register_complaint(encounter, number)?;
    say(if new { "registered" } else { "was registered" })
}

pub(super) fn holds(admin: &Admin) -> Result<(), CliError> {
    for hold in admin.holds()? {
        let why = match &hold.by {
            HeldBy::Incident(incident) => format!("incident {incident}"),
            HeldBy::Complaint { number, encounter } => {
                format!("complaint {number} about {encounter}")
            }
        };
        let (from, to) = (moment(hold.recording.from), moment(hold.recording.to));
        say(format_args!("{} {from} {to} {why}", hold.recording.camera))?;
    }
    Ok(())
}
