//! `GET /v1/report`: the commander's figures of the own unit.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox};
use crate::audit::{AuditEntry, AuditEvent};
use crate::report::{self, Wanted};
use axum::extract::{Query, Request, State};
use axum::{Extension, Json};
use protocol::{DeskRight, ErrorCode, Role, UnitReport, limits};
use regulation::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    from: Timestamp,
    to: Timestamp,
    #[serde(default = "default_again")]
    again: u32,
}

fn default_again() -> u32 {
    limits::REPORT_AGAIN_DEFAULT
}

pub(super) async fn report(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<UnitReport>, Refused> {
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    let asked = Query::<Asked>::try_from_uri(request.uri());
    blocking(&app, move |app| {
        let may = |role: Role| role.may(DeskRight::Figures);
        let (session, officer) = inbox::entitled(app, &token, device.id, may)?;
        let Query(Asked { from, to, again }) =
            asked.map_err(|_| Refused::from(ErrorCode::Malformed))?;
        let wanted = Wanted { from, to, again };
        if !wanted.fits() {
            return Err(ErrorCode::Malformed.into());
        }
        let now = app.config.clock.now();
        let entry = AuditEntry::new(now, AuditEvent::ReportRead)
            .device(device.id)
            .session(session.id)
            .officer(officer.id)
            .subject(wanted.subject(&officer.unit));
        // No look without its entry.
        app.store.audit(&entry)?;
        let request = wanted.request(officer.unit, now);
        let rows = app.store.report(&request)?;
        Ok(Json(report::report(&app.edition, request, again, &rows)))
    })
    .await?
}
