//! `GET /v1/photo/{capture}`: a photo of an incident, or of a tablet's condition, for a desk of the unit.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox};
use crate::archive::ArchiveError;
use crate::audit::{AuditEntry, AuditEvent};
use crate::desk;
use crate::state::App;
use crate::store::StoreError;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use protocol::{CaptureId, CaptureOf, DeskRight, DeviceId, ErrorCode, Officer, Role, limits};
use std::io::Read as _;

/// Answers with the photo as JPEG.
pub(super) async fn photo(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    named: Result<Path<CaptureId>, PathRejection>,
    request: Request,
) -> Result<impl IntoResponse, Refused> {
    let Ok(Path(id)) = named else {
        return Err(ErrorCode::Malformed.into());
    };
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    blocking(&app, move |app| {
        let may = |role: Role| role.may(DeskRight::Incidents) || role.may(DeskRight::Custody);
        let (session, officer) = inbox::entitled(app, &token, device.id, may)?;
        let row = app.store.capture(id)?;
        let taken_on = row.ok_or(ErrorCode::NotFound)?.announced.device;
        let found = app.archive.owned_capture(taken_on, id)?;
        let (of, reader) = found.ok_or(ErrorCode::NotFound)?;
        if !is_of_unit(app, &officer, taken_on, id, of)? {
            return Err(ErrorCode::NotFound.into());
        }
        // Every look, and before it: a photo may show people (§4).
        let entry = AuditEntry::new(app.config.clock.now(), AuditEvent::PhotoRead)
            .device(device.id)
            .session(session.id)
            .officer(officer.id)
            .subject(id);
        app.store.audit(&entry)?;
        let mut bytes = Vec::new();
        let most = limits::PHOTO_BYTES as u64;
        let read = reader.take(most + 1).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() as u64 > most {
            tracing::error!(capture = %id, "a photo is not what its event names");
            return Err(ErrorCode::NotFound.into());
        }
        let kind = [
            (header::CONTENT_TYPE, "image/jpeg"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        Ok((kind, bytes))
    })
    .await?
}

/// Whether what names the photo is the unit's, and of what the officer's role deals with.
fn is_of_unit(
    app: &App,
    officer: &Officer,
    taken_on: DeviceId,
    id: CaptureId,
    of: CaptureOf,
) -> Result<bool, StoreError> {
    match of {
        CaptureOf::Incident { incident } if officer.role.may(DeskRight::Incidents) => {
            let found = app.store.incident(incident, &officer.unit)?;
            Ok(found.is_some_and(|found| found.incident.photos().any(|photo| photo == id)))
        }
        CaptureOf::Custody { .. } if officer.role.may(DeskRight::Custody) => {
            let request = desk::request(officer, app.config.clock.now());
            let rows = app.store.board(&request)?;
            let mut tablets = rows.tablets.iter();
            let tablet = tablets.find(|tablet| tablet.device == taken_on);
            Ok(tablet.is_some_and(|tablet| tablet.custody.photos.contains(&id)))
        }
        CaptureOf::Incident { .. } | CaptureOf::Custody { .. } | CaptureOf::Unknown => Ok(false),
    }
}

impl From<ArchiveError> for Refused {
    /// What is not here, not whole or not what it was is not shown; that it is so is the archive's to say.
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(error) => error.into(),
            ArchiveError::NoDevice(_) | ArchiveError::Capture(_) => ErrorCode::NotFound.into(),
            ArchiveError::File(kind) => {
                tracing::error!(?kind, "a photo's file cannot be read");
                ErrorCode::Unavailable.into()
            }
        }
    }
}
