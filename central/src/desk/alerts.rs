//! What on a board wants a decision or a look.

use super::since;
use crate::store::{BoardIncident, BoardSession};
use protocol::{Alert, AlertKind};
use regulation::bodycam::{Flag, Pause, Permission};
use regulation::{Edition, Timestamp};

/// §20, §21: what of a shift with a bodycam wants a decision or a look.
pub(super) fn of_session(
    edition: &Edition,
    session: &BoardSession,
    now: Timestamp,
    alerts: &mut Vec<Alert>,
) {
    let Some(duty) = &session.duty else { return };
    let mut add = |at, kind| {
        alerts.push(Alert {
            at,
            session: session.session,
            name: session.name.clone(),
            rank: session.rank.clone(),
            kind,
        });
    };
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

/// §22: a report that is not closed.
pub(super) fn of_incident(row: &BoardIncident) -> Alert {
    Alert {
        at: row.at,
        session: row.session,
        name: row.name.clone(),
        rank: row.rank.clone(),
        kind: AlertKind::Incident {
            incident: row.incident,
            report: Box::new(row.report.clone()),
            received: row.received,
            asked: row.asked,
            supplements: row.supplements,
            class: row.class.clone(),
        },
    }
}

/// The most urgent first.
pub(super) fn urgency(kind: &AlertKind) -> u8 {
    match kind {
        AlertKind::Incident { .. } => 0,
        AlertKind::Fault { .. } => 1,
        AlertKind::PauseAsked { .. } => 2,
        AlertKind::VoiceToConfirm { .. } => 3,
        AlertKind::CustodyConflict { .. } => 4,
        AlertKind::CameraHeldTwice { .. } => 5,
        AlertKind::NotReady { .. } => 6,
        AlertKind::NotRecorded { .. } => 7,
        AlertKind::Gap { .. } => 8,
        AlertKind::PauseOverran { .. } => 9,
        AlertKind::NotHandedIn { .. } => 10,
        AlertKind::OtherMeans { .. } => 11,
        AlertKind::Unknown => 12,
    }
}
