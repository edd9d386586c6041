//! What on a board wants a decision or a look.

use super::since;
use crate::store::{BoardFound, BoardIncident, BoardLate, BoardResisted, BoardSession};
use protocol::{Alert, AlertKind, SessionId};
use regulation::bodycam::{Flag, Pause, Permission};
use regulation::{Edition, Timestamp};

/// An alert about an officer, by rank and name, in a session.
pub(super) fn alert(
    (session, name, rank): (SessionId, &str, &str),
    at: Timestamp,
    kind: AlertKind,
) -> Alert {
    Alert {
        at,
        session,
        name: name.to_owned(),
        rank: rank.to_owned(),
        kind,
    }
}

/// §20, §21: what of a shift with a bodycam wants a decision or a look.
pub(super) fn of_session(
    edition: &Edition,
    session: &BoardSession,
    now: Timestamp,
    alerts: &mut Vec<Alert>,
) {
    let Some(duty) = &session.duty else { return };
    let mut add = |at, kind| alerts.push(alert(of(session), at, kind));
    for fault in &duty.faults {
        if fault.mended_at.is_none() && !session.is_closed(fault.id) {
            let kind = AlertKind::Fault {
                fault: fault.id,
                camera: fault.camera.clone(),
                what: fault.what.clone(),
                note: fault.note.clone(),
                administrator: session.administrator(fault.id).map(str::to_owned),
            };
            add(fault.at, kind);
        }
    }
    for pause in &duty.pauses {
        if session.is_decided(pause.id) {
            continue;
        }
        let (why, minutes) = (pause.why.clone(), pause.minutes);
        let pause_id = pause.id;
        match &pause.permission {
            Permission::Asked if session.over_at.is_none() => {
                let kind = AlertKind::PauseAsked {
                    pause: pause_id,
                    why,
                    minutes,
                };
                add(pause.asked_at, kind);
            }
            Permission::ByVoice { by, name, .. } => {
                let kind = AlertKind::VoiceToConfirm {
                    pause: pause_id,
                    why,
                    minutes,
                    by: *by,
                    permitted_by: name.clone(),
                };
                add(pause.asked_at, kind);
            }
            _ => {}
        }
    }
    let ended = match session.over_at {
        None => None,
        Some(at) if at > since(now) => Some(duty.ended(edition, at)),
        Some(_) => return,
    };
    let duty = ended.as_ref().unwrap_or(duty);
    for flag in &duty.flags {
        match *flag {
            Flag::Gap { from, to } => add(from, AlertKind::Gap { from, to }),
            Flag::PauseOverran { pause } => {
                if let Some(due) = duty.pause(pause).and_then(Pause::due) {
                    add(due, AlertKind::PauseOverran { pause });
                }
            }
            _ => {}
        }
    }
    // One that is still under way is flagged when it ends.
    let under_way = duty.overdue(now).filter(|_| session.over_at.is_none());
    if let Some((pause, due)) = under_way {
        add(due, AlertKind::PauseOverran { pause });
    }
}

fn of(session: &BoardSession) -> (SessionId, &str, &str) {
    (session.session, &session.name, &session.rank)
}

/// §22: a report that is not closed.
pub(super) fn of_incident(row: &BoardIncident) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.at,
        AlertKind::Incident {
            incident: row.incident,
            report: Box::new(row.report.clone()),
            received: row.received,
            asked: row.asked,
            supplements: row.supplements,
            class: row.class.clone(),
            held: row.held,
        },
    )
}

/// An answer that names somebody wanted or missing, to a session that is open.
pub(super) fn of_found(row: &BoardFound) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.answered_at,
        AlertKind::PersonFound {
            question: row.question,
            answer: row.answer,
            wanted: row.wanted,
            place: row.place.clone(),
        },
    )
}

/// An answer that its officer does not have.
pub(super) fn of_late(row: &BoardLate) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.at,
        AlertKind::LateAnswer {
            question: row.question,
            answer: row.answer,
            wanted: row.wanted,
            missing: row.missing,
            asked_at: row.asked_at,
            ground: row.ground.clone(),
        },
    )
}

/// §9.
pub(super) fn of_resistance(row: &BoardResisted) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.at,
        AlertKind::Resistance {
            encounter: row.encounter,
            case: row.case.clone(),
            place: row.place.clone(),
        },
    )
}

/// A tablet on duty that was not heard of since `heard_at` for too long, or that is heard of while
/// something it recorded before does not come.
pub(super) fn of_tablet_on_duty(
    edition: &Edition,
    session: &BoardSession,
    heard_at: Timestamp,
    now: Timestamp,
) -> Option<Alert> {
    let limit = edition.limits.tablet_silent_minutes.saturating_mul(60_000);
    let device = session.device;
    let (at, kind) = if now.millis_since(heard_at) > limit {
        (heard_at, AlertKind::Silent { device })
    } else {
        let since = session.hole_since?;
        (now.millis_since(since) > limit).then_some((since, AlertKind::QueueStuck { device }))?
    };
    Some(alert(of(session), at, kind))
}
