//! The duty desk (§4, §20, §21): the board of a unit, and who is told when it may have changed.

use crate::store::BoardSession;
use protocol::{Alert, AlertKind, DeskBoard, DeviceId, OnDuty, limits};
use regulation::Timestamp;
use regulation::bodycam::{Duty, Flag, Permission, Status};
use regulation::{Edition, PauseId};
use ring::digest::{Context, SHA256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;
use uuid::Uuid;

/// How long what happened in a session that has ended stays on the board.
const ENDED_MS: u64 = 24 * 60 * 60 * 1000;
/// Sessions that one board is made of at most.
pub(crate) const SESSIONS: usize = 4 * limits::BOARD_ROWS;

/// Changes that a slow listener may miss before it simply looks again.
const CHANGES: usize = 1024;

/// What boards need beside the store: when tablets were heard of, and whom to wake.
#[derive(Debug)]
pub(crate) struct Desks {
    /// Part of every version: none of an earlier run of central is taken for one of this.
    run: Uuid,
    heard: Mutex<HashMap<DeviceId, Timestamp>>,
    changed: broadcast::Sender<Option<String>>,
}

impl Desks {
    pub(crate) fn new() -> Self {
        Self {
            run: Uuid::new_v4(),
            heard: Mutex::new(HashMap::new()),
            changed: broadcast::Sender::new(CHANGES),
        }
    }

    /// Told the unit whose board may have changed; `None`: any.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Option<String>> {
        self.changed.subscribe()
    }

    /// The unit's board may have changed; `None`: any.
    pub(crate) fn wake(&self, unit: Option<String>) {
        // Nobody may be listening.
        self.changed.send(unit).ok();
    }

    /// A tablet that is known has asked for something.
    pub(crate) fn hear(&self, device: DeviceId, now: Timestamp) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert(device, now);
    }

    /// The board that these sessions of a unit make.
    pub(crate) fn board(
        &self,
        edition: &Edition,
        sessions: &[BoardSession],
        now: Timestamp,
    ) -> DeskBoard {
        let mut board = DeskBoard {
            version: String::new(),
            now,
            on_duty: Vec::new(),
            alerts: Vec::new(),
            tablets: Vec::new(),
            more: sessions.len() >= SESSIONS,
        };
        for session in sessions {
            if session.over_at.is_none() {
                board.on_duty.push(self.on_duty(session));
            }
            alerts(edition, session, now, &mut board.alerts);
        }
        board.on_duty.sort_by(|a, b| a.name.cmp(&b.name));
        board
            .alerts
            .sort_by_key(|alert| (urgency(&alert.kind), alert.at));
        board.more |= board.on_duty.len().max(board.alerts.len()) > limits::BOARD_ROWS;
        board.on_duty.truncate(limits::BOARD_ROWS);
        board.alerts.truncate(limits::BOARD_ROWS);
        shorten(&mut board);
        board.version = self.version(&board);
        board
    }

    fn on_duty(&self, session: &BoardSession) -> OnDuty {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = heard.get(&session.device).copied();
        let duty = session.duty.as_ref();
        OnDuty {
            session: session.session,
            officer: session.officer,
            name: session.name.clone(),
            rank: session.rank.clone(),
            device: session.device,
            since: session.opened_at,
            heard_at: session
                .opened_at
                .max(session.arrived_at.unwrap_or_default())
                .max(heard.unwrap_or_default()),
            camera: duty.and_then(|duty| duty.camera.clone()),
            status: duty.map_or(Status::NotAssigned, |duty| duty.status),
            flags: duty.map_or(0, |duty| {
                u32::try_from(duty.flags.len()).unwrap_or(u32::MAX)
            }),
        }
    }

    /// Of what a board shows, the clocks aside: they go on while nothing has changed.
    fn version(&self, board: &DeskBoard) -> String {
        let mut shown = board.clone();
        shown.now = Timestamp(0);
        for row in &mut shown.on_duty {
            row.heard_at = Timestamp(0);
        }
        let mut context = Context::new(&SHA256);
        context.update(self.run.as_bytes());
        context.update(&serde_json::to_vec(&shown).unwrap_or_default());
        let digest = context.finish();
        let (half, _) = digest.as_ref().split_at(16);
        protocol::bytes::hex(half)
    }
}

/// Since when sessions that have ended are looked at.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    let ago = i64::try_from(ENDED_MS).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(ago))
}

/// What of a session wants a decision or a look.
fn alerts(edition: &Edition, session: &BoardSession, now: Timestamp, alerts: &mut Vec<Alert>) {
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
            Flag::PauseOverran { pause } => overran(duty, pause, &mut add),
            _ => {}
        }
    }
    // One that is still under way is flagged when it ends.
    if let (None, Status::Paused { pause, .. }) = (session.over_at, duty.status)
        && due(duty, pause).is_some_and(|due| now > due)
    {
        overran(duty, pause, &mut add);
    }
}

fn due(duty: &Duty, pause: PauseId) -> Option<Timestamp> {
    duty.pause(pause)?.due()
}

fn overran(duty: &Duty, pause: PauseId, add: &mut impl FnMut(Timestamp, AlertKind)) {
    if let Some(due) = due(duty, pause) {
        add(due, AlertKind::PauseOverran { pause });
    }
}

/// The most urgent first.
fn urgency(kind: &AlertKind) -> u8 {
    match kind {
        AlertKind::Fault { .. } => 0,
        AlertKind::PauseAsked { .. } => 1,
        AlertKind::VoiceToConfirm { .. } => 2,
        AlertKind::Gap { .. } => 3,
        AlertKind::PauseOverran { .. } => 4,
        _ => 5,
    }
}

/// Leaves out the least urgent of what would make a response longer than a tablet reads.
fn shorten(board: &mut DeskBoard) {
    const FRAME: usize = 512;
    let length = |value: Option<usize>| value.map_or(0, |length| length + 1);
    let mut room = limits::RESPONSE_BYTES - FRAME;
    let mut fits = |bytes: usize| match room.checked_sub(bytes) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    };
    let on_duty = board
        .on_duty
        .iter()
        .take_while(|row| fits(length(serde_json::to_vec(row).ok().map(|json| json.len()))))
        .count();
    let alerts = board
        .alerts
        .iter()
        .take_while(|row| fits(length(serde_json::to_vec(row).ok().map(|json| json.len()))))
        .count();
    board.more |= on_duty < board.on_duty.len() || alerts < board.alerts.len();
    board.on_duty.truncate(on_duty);
    board.alerts.truncate(alerts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{DeskEvent, SessionId};
    use regulation::bodycam::Fault;
    use regulation::{FaultId, OfficerId};

    /// A session with the longest texts, of letters that are six bytes each in JSON.
    fn longest() -> BoardSession {
        let text = |chars| "\u{1}".repeat(chars);
        let fault = FaultId(Uuid::new_v4());
        let faults = vec![Fault {
            id: fault,
            camera: None,
            what: "damaged".into(),
            note: Some(text(500)),
            at: Timestamp(1),
            mended_at: None,
        }];
        BoardSession {
            session: SessionId(Uuid::new_v4()),
            device: DeviceId(Uuid::new_v4()),
            officer: OfficerId(Uuid::new_v4()),
            name: text(200),
            rank: text(200),
            opened_at: Timestamp(0),
            arrived_at: None,
            over_at: None,
            duty: Some(Duty {
                faults,
                ..Duty::default()
            }),
            decided: vec![DeskEvent::FaultAssigned {
                fault,
                administrator: text(500),
            }],
        }
    }

    #[test]
    fn the_longest_board_is_one_that_a_tablet_reads() -> Result<(), Box<dyn std::error::Error>> {
        let sessions: Vec<_> = (0..limits::BOARD_ROWS).map(|_| longest()).collect();
        let edition = Edition::shipped()?;
        let board = Desks::new().board(&edition, &sessions, Timestamp(2));
        let bytes = serde_json::to_vec(&board)?.len();
        assert!(bytes <= limits::RESPONSE_BYTES, "{bytes}");
        assert!(bytes > limits::RESPONSE_BYTES - 16 * 1024, "{bytes}");
        assert!(board.more && board.on_duty.len() == limits::BOARD_ROWS);
        let few = Desks::new().board(&edition, &sessions[..9], Timestamp(2));
        assert_eq!((few.alerts.len(), few.more), (9, false));
        Ok(())
    }
}
