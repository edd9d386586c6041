//! Photos of a tablet: a line each, or one of them as a file.

use super::{CliError, missing, moment, say, word};
use crate::Admin;
use crate::archive::{CaptureState, OwnedCapture};
use protocol::{CaptureId, CaptureOf, DeviceId};
use std::path::Path;
use std::process::ExitCode;

/// Exit code 3: one of them is altered, or its event is not verified.
pub(super) fn photos(admin: &Admin, device: DeviceId) -> Result<ExitCode, CliError> {
    let photos = admin.photos(device)?;
    for photo in &photos {
        say(line(photo))?;
    }
    let sound =
        |photo: &OwnedCapture| photo.verified && photo.capture.state != CaptureState::Altered;
    Ok(ExitCode::from(if photos.iter().all(sound) { 0 } else { 3 }))
}

pub(super) fn save(
    admin: &Admin,
    device: DeviceId,
    photo: Option<&str>,
    out: Option<&Path>,
) -> Result<(), CliError> {
    let photo = photo.ok_or_else(|| missing("PHOTO"))?;
    let photo: CaptureId = photo
        .parse()
        .map_err(|_| CliError::Usage("PHOTO is not an id".into()))?;
    let out = out.ok_or_else(|| missing("--out"))?;
    let bytes = admin.save_photo(device, photo, out)?;
    say(format_args!("{bytes} bytes"))
}

fn line(photo: &OwnedCapture) -> String {
    let OwnedCapture { of, capture, .. } = photo;
    let of = match of {
        CaptureOf::Custody { custody } => format!("custody {custody}"),
        CaptureOf::Incident { incident } => format!("incident {incident}"),
        CaptureOf::Unknown => "something that a newer tablet knows".into(),
    };
    let state = match capture.state {
        CaptureState::Whole => "whole".to_owned(),
        CaptureState::Missing => "nothing of it has come".to_owned(),
        CaptureState::Incomplete { received } => format!("{received} bytes of it have come"),
        CaptureState::Altered => "ALTERED".to_owned(),
    };
    let verified = if photo.verified {
        ""
    } else {
        ", its event is NOT verified"
    };
    format!(
        "#{} {} {} of {of}, {}, {} bytes, by officer {}: {state}{verified}",
        capture.seq,
        moment(photo.at),
        capture.id,
        word(&capture.kind),
        capture.plain_bytes,
        photo.officer,
    )
}
