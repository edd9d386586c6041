//! `GET /v1/incident/{incident}`: one incident of the unit, with its history and people.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox};
use crate::audit::{AuditEntry, AuditEvent};
use crate::desk;
use crate::state::App;
use crate::store::{StoreError, StoredIncident};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::{Extension, Json};
use protocol::{
    AnswerResult, DeskRight, ErrorCode, IncidentPerson, IncidentView, KnownBy, Role, limits,
};
use regulation::encounter::Confirmation;
use regulation::{IncidentId, QuestionId};

pub(super) async fn incident(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    named: Result<Path<IncidentId>, PathRejection>,
    request: Request,
) -> Result<Json<IncidentView>, Refused> {
    let Ok(Path(id)) = named else {
        return Err(ErrorCode::Malformed.into());
    };
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    blocking(&app, move |app| {
        let may = |role: Role| role.may(DeskRight::Incidents);
        let (session, officer) = inbox::entitled(app, &token, device.id, may)?;
        let found = app.store.incident(id, &officer.unit)?;
        let found = found.ok_or(Refused::from(ErrorCode::NotFound))?;
        // Every look: it is at people's records (§4).
        let entry = AuditEntry::new(app.config.clock.now(), AuditEvent::IncidentRead)
            .device(device.id)
            .session(session.id)
            .officer(officer.id)
            .subject(id);
        app.store.audit(&entry)?;
        let people = people(app, &found)?;
        Ok(Json(view(found, people)))
    })
    .await?
}

/// Of a history that is longer than a tablet reads, the oldest is left out.
fn view(found: StoredIncident, people: Vec<IncidentPerson>) -> IncidentView {
    let mut view = IncidentView {
        incident: found.incident,
        session: found.session,
        officer: found.officer,
        name: found.name,
        rank: found.rank,
        people,
        history: Vec::new(),
        held: found.held,
        closed: found.closed,
    };
    let bytes = serde_json::to_vec(&view).map_or(limits::RESPONSE_BYTES, |json| json.len());
    let mut room = limits::RESPONSE_BYTES.saturating_sub(bytes);
    view.history = found.history;
    view.history.reverse();
    desk::fit(&mut view.history, &mut room);
    view.history.reverse();
    view
}

/// People by central's own answers to the questions named, of the encounter and session that are the
/// report's; and whom the officer knew by a document there. Who is disputed by now is named no more, and a
/// candidate only once the officer has confirmed them.
fn people(app: &App, found: &StoredIncident) -> Result<Vec<IncidentPerson>, StoreError> {
    let report = &found.incident.report;
    let mut people = Vec::new();
    let Some(encounter) = report.encounter else {
        return Ok(people);
    };
    let state = app.assessor.encounter_state(encounter)?;
    let state = state.filter(|(session, _)| *session == found.session);
    let Some((_, state)) = state else {
        return Ok(unnamed(&report.people));
    };
    for id in &report.people {
        let row = app.store.question(*id)?.filter(|row| {
            Some(row.stand.encounter) == report.encounter && row.stand.session == found.session
        });
        let answer = row.and_then(|row| row.answer);
        let asked = state.question(*id);
        let confirmation = asked.map(|question| question.confirmation);
        let (person, by) = match answer.map(|answer| answer.result) {
            Some(AnswerResult::Found { person, .. })
                if confirmation != Some(Confirmation::Disputed) =>
            {
                (Some(person), KnownBy::Answer)
            }
            // Of several, the one that was chosen.
            Some(result @ (AnswerResult::Possible { .. } | AnswerResult::Resembling { .. }))
                if confirmation == Some(Confirmation::Confirmed) =>
            {
                let place = match asked.and_then(|question| question.chosen) {
                    Some(chosen) => Some(usize::from(chosen.place)),
                    None => (!result.is_to_be_compared()).then_some(0),
                };
                let people = result.people();
                let one = place.and_then(|place| people.get(place).copied().cloned());
                (one, KnownBy::Confirmed)
            }
            _ => (None, KnownBy::Answer),
        };
        people.push(IncidentPerson {
            question: Some(*id),
            person,
            by,
        });
    }
    if let (Some(document), Some(typed)) = (state.by_document, state.person) {
        people.push(IncidentPerson {
            question: None,
            person: None,
            by: KnownBy::Document { document, typed },
        });
    }
    Ok(people)
}

/// Of an encounter that is not the report's session's nobody is named.
fn unnamed(questions: &[QuestionId]) -> Vec<IncidentPerson> {
    let nobody = |id: &QuestionId| IncidentPerson {
        question: Some(*id),
        person: None,
        by: KnownBy::Answer,
    };
    questions.iter().map(nobody).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{DeskEvent, IncidentStep, SessionId};
    use regulation::incident::{AddressedTo, Incident, Report, Supplement};
    use regulation::{OfficerId, Timestamp};
    use uuid::Uuid;

    #[test]
    fn the_longest_incident_is_one_that_a_tablet_reads_with_its_newest_history() {
        // Letters that are six bytes each in JSON.
        let text = |chars| "\u{1}".repeat(chars);
        let id = IncidentId(Uuid::from_u128(1));
        let step = |at| IncidentStep {
            at: Timestamp(at),
            name: text(200),
            rank: text(200),
            event: DeskEvent::IncidentAsked {
                incident: id,
                text: text(500),
            },
        };
        let report = Report {
            kind: "crime".into(),
            to: AddressedTo::DutyUnit,
            happened_at: Timestamp(0),
            place: text(500),
            encounter: None,
            people: Vec::new(),
            text: text(4000),
            photos: Vec::new(),
        };
        let supplement = |at| Supplement {
            at: Timestamp(at),
            text: text(4000),
            photos: Vec::new(),
        };
        let found = StoredIncident {
            incident: Incident {
                id,
                at: Timestamp(0),
                report,
                supplements: (0..64).map(supplement).collect(),
            },
            session: SessionId(Uuid::from_u128(2)),
            officer: OfficerId(Uuid::from_u128(3)),
            name: text(200),
            rank: text(200),
            history: (0..500).map(step).collect(),
            held: Vec::new(),
            closed: false,
        };
        let view = view(found, Vec::new());
        let bytes = serde_json::to_vec(&view).map_or(usize::MAX, |json| json.len());
        assert!(bytes <= limits::RESPONSE_BYTES, "{bytes}");
        assert!(bytes > limits::RESPONSE_BYTES - 16 * 1024, "{bytes}");
        let newest = view.history.last().map(|step| step.at);
        assert_eq!(newest, Some(Timestamp(499)));
        assert_eq!(view.incident.supplements.len(), 64);
    }
}
