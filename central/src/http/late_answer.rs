//! `GET /v1/late-answer/{question}`: an answer of the unit that its officer does not have.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox};
use crate::audit::{AuditEntry, AuditEvent};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::{Extension, Json};
use protocol::{DeskRight, ErrorCode, LateAnswer, Role};
use regulation::QuestionId;

pub(super) async fn late_answer(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    named: Result<Path<QuestionId>, PathRejection>,
    request: Request,
) -> Result<Json<LateAnswer>, Refused> {
    let Ok(Path(id)) = named else {
        return Err(ErrorCode::Malformed.into());
    };
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    blocking(&app, move |app| {
        let may = |role: Role| role.may(DeskRight::Encounters);
        let (session, officer) = inbox::entitled(app, &token, device.id, may)?;
        let found = app.store.late_answer(id, &officer.unit)?;
        let found = found.ok_or(Refused::from(ErrorCode::NotFound))?;
        // Every look: it is at a person's record (§4).
        let entry = AuditEntry::new(app.config.clock.now(), AuditEvent::LateAnswerRead)
            .device(device.id)
            .session(session.id)
            .officer(officer.id)
            .subject(id);
        app.store.audit(&entry)?;
        Ok(Json(found))
    })
    .await?
}
