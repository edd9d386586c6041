//! The duty desk (§4, §13 to §16, §20 to §22): the board of a unit, and who is told when it may have
//! changed.

mod alerts;
mod custody;
mod recordings;

pub(crate) use recordings::is_overdue;

use crate::store::{BoardRequest, BoardRows, BoardSession};
use protocol::{DeskBoard, DeskRight, DeviceId, Officer, OnDuty, Role, TabletStanding, limits};
use regulation::bodycam::Status;
use regulation::custody::Holder;
use regulation::{Edition, Timestamp};
use ring::digest::{Context, SHA256};
use std::collections::{HashMap, HashSet};
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
    /// Since when tablets can have been heard of.
    began: Timestamp,
    heard: Mutex<HashMap<DeviceId, Timestamp>>,
    /// Tablets that say they are locked after too many wrong passwords.
    locked: Mutex<HashSet<DeviceId>>,
    changed: broadcast::Sender<Option<String>>,
}

impl Desks {
    pub(crate) fn new(began: Timestamp) -> Self {
        Self {
            run: Uuid::new_v4(),
            began,
            heard: Mutex::new(HashMap::new()),
            locked: Mutex::new(HashSet::new()),
            changed: broadcast::Sender::new(CHANGES),
        }
    }

    /// Told the unit whose board may have changed; `None`: any.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Option<String>> {
        self.changed.subscribe()
    }

    /// For whom has no desks: says that a unit's board may have changed.
    pub(crate) fn waker(&self) -> broadcast::Sender<Option<String>> {
        self.changed.clone()
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

    /// Whether a tablet is locked after too many wrong passwords: by its own word, or a desk's that it is
    /// not any more.
    pub(crate) fn say_locked(&self, device: DeviceId, locked: bool) {
        let changed = {
            let mut all = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
            match locked {
                true => all.insert(device),
                false => all.remove(&device),
            }
        };
        if changed {
            self.wake(None);
        }
    }

    fn is_locked(&self, device: DeviceId) -> bool {
        let all = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains(&device)
    }

    /// The board that these rows of a unit make for a role.
    pub(crate) fn board(
        &self,
        edition: &Edition,
        rows: &BoardRows,
        role: Role,
        now: Timestamp,
    ) -> DeskBoard {
        let sessions = &rows.sessions;
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
                let row = self.on_duty(session);
                if role.may(DeskRight::Encounters) && !is_handed_in(rows, session.device) {
                    // A tablet that was not heard of before central was started may have been.
                    let heard = row.heard_at.max(self.began);
                    let alert = alerts::of_tablet_on_duty(edition, session, heard, now);
                    board.alerts.extend(alert);
                }
                board.on_duty.push(row);
            }
            if role.may(DeskRight::Bodycams) {
                alerts::of_session(edition, session, now, &mut board.alerts);
            }
        }
        board
            .alerts
            .extend(rows.incidents.iter().map(alerts::of_incident));
        board.alerts.extend(rows.found.iter().map(alerts::of_found));
        board.alerts.extend(rows.late.iter().map(alerts::of_late));
        let resisted = rows.resisted.iter().map(alerts::of_resistance);
        board.alerts.extend(resisted);
        self.custody(rows, now, &mut board);
        recordings::alerts(edition, rows, now, &mut board.alerts);
        board.on_duty.sort_by(|a, b| a.name.cmp(&b.name));
        board
            .alerts
            .sort_by_key(|alert| (alert.kind.urgency(), alert.at));
        let rows = [
            &board.on_duty.len(),
            &board.alerts.len(),
            &board.tablets.len(),
        ];
        board.more |= rows.into_iter().any(|rows| *rows > limits::BOARD_ROWS);
        board.on_duty.truncate(limits::BOARD_ROWS);
        board.alerts.truncate(limits::BOARD_ROWS);
        board.tablets.truncate(limits::BOARD_ROWS);
        shorten(&mut board);
        board.version = self.version(&board);
        board
    }

    /// Tablets, and what in their custody and that of bodycams wants a look.
    fn custody(&self, rows: &BoardRows, now: Timestamp, board: &mut DeskBoard) {
        for tablet in &rows.tablets {
            let heard = self.heard(tablet.device);
            let mut row = custody::row(tablet, heard);
            if row.standing.is_good() && self.is_locked(tablet.device) {
                row.standing = TabletStanding::Locked;
            }
            board.tablets.push(row);
            board.alerts.extend(custody::of_tablet(tablet, now));
        }
        let conflicts = rows.conflicts.iter().map(custody::of_conflict);
        board.alerts.extend(conflicts);
        board
            .alerts
            .extend(rows.twice.iter().map(custody::of_camera));
    }

    fn heard(&self, device: DeviceId) -> Option<Timestamp> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(&device).copied()
    }

    fn on_duty(&self, session: &BoardSession) -> OnDuty {
        let heard = self.heard(session.device);
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
        for row in &mut shown.tablets {
            row.heard_at = None;
        }
        let mut context = Context::new(&SHA256);
        context.update(self.run.as_bytes());
        context.update(&serde_json::to_vec(&shown).unwrap_or_default());
        let digest = context.finish();
        let (half, _) = digest.as_ref().split_at(16);
        protocol::bytes::hex(half)
    }
}

/// A tablet that lies in its place is silent, though the shift on it was not ended.
fn is_handed_in(rows: &BoardRows, device: DeviceId) -> bool {
    let handed_in = |holder: &Holder| matches!(holder, Holder::Party { .. });
    let mut tablets = rows.tablets.iter();
    tablets.any(|tablet| tablet.device == device && handed_in(&tablet.custody.holder))
}

/// Since when sessions that have ended are looked at.
pub(crate) fn since(now: Timestamp) -> Timestamp {
    let ago = i64::try_from(ENDED_MS).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_sub(ago))
}

/// The board of an officer's unit, as far as their role deals with it.
pub(crate) fn request(officer: &Officer, now: Timestamp) -> BoardRequest {
    BoardRequest {
        unit: officer.unit.clone(),
        role: officer.role,
        now,
        since: since(now),
        sessions: SESSIONS,
        rows: limits::BOARD_ROWS + 1,
    }
}

/// Leaves out the least urgent of what would make a response longer than a tablet reads.
fn shorten(board: &mut DeskBoard) {
    const FRAME: usize = 512;
    let mut room = limits::RESPONSE_BYTES - FRAME;
    let cut = [
        fit(&mut board.on_duty, &mut room),
        fit(&mut board.alerts, &mut room),
        fit(&mut board.tablets, &mut room),
    ];
    board.more |= cut.contains(&true);
}

/// Keeps the first rows that there is room for; `true` if there are more.
pub(crate) fn fit<T: serde::Serialize>(rows: &mut Vec<T>, room: &mut usize) -> bool {
    let mut fits = |row: &&T| {
        let bytes = serde_json::to_vec(row).map_or(0, |json| json.len() + 1);
        match room.checked_sub(bytes) {
            Some(rest) => {
                *room = rest;
                true
            }
            None => false,
        }
    };
    let count = rows.iter().take_while(|row| fits(row)).count();
    let more = count < rows.len();
    rows.truncate(count);
    more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::BoardIncident;
    use protocol::{DeskEvent, SessionId};
    use regulation::bodycam::{Duty, Fault};
    use regulation::incident::{AddressedTo, Report};
    use regulation::{FaultId, IncidentId, OfficerId};

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
            hole_since: None,
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

    fn reported(n: usize) -> BoardIncident {
        let text = |chars| "\u{1}".repeat(chars);
        BoardIncident {
            session: SessionId(Uuid::new_v4()),
            name: text(200),
            rank: text(200),
            incident: IncidentId(Uuid::new_v4()),
            at: Timestamp(n as i64),
            report: Report {
                kind: "crime".into(),
                to: AddressedTo::DutyUnit,
                happened_at: Timestamp(0),
                place: text(500),
                encounter: None,
                people: Vec::new(),
                text: text(4000),
                photos: Vec::new(),
            },
            supplements: 0,
            received: false,
            asked: false,
            class: None,
            held: 0,
        }
    }

    #[test]
    fn the_longest_board_is_one_that_a_tablet_reads() -> Result<(), Box<dyn std::error::Error>> {
        let sessions: Vec<_> = (0..limits::BOARD_ROWS).map(|_| longest()).collect();
        let few = sessions[..9].to_vec();
        let rows = |sessions| BoardRows {
            sessions,
            ..BoardRows::default()
        };
        let edition = Edition::shipped()?;
        let make = |rows| {
            let desks = Desks::new(Timestamp(0));
            desks.board(&edition, &rows, Role::Duty, Timestamp(2))
        };
        let board = make(rows(sessions));
        let bytes = serde_json::to_vec(&board)?.len();
        assert!(bytes <= limits::RESPONSE_BYTES, "{bytes}");
        assert!(bytes > limits::RESPONSE_BYTES - 16 * 1024, "{bytes}");
        assert!(board.more && board.on_duty.len() == limits::BOARD_ROWS);
        let few = make(rows(few));
        let many = BoardRows {
            incidents: (0..limits::BOARD_ROWS).map(reported).collect(),
            ..BoardRows::default()
        };
        let many = make(many);
        let bytes = serde_json::to_vec(&many)?.len();
        assert!(bytes <= limits::RESPONSE_BYTES, "{bytes}");
        assert!(many.more && many.alerts.len() > 100);
        assert_eq!((few.alerts.len(), few.more), (9, false));
        Ok(())
    }
}
