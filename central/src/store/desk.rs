//! The bodycam's shifts and the duty desk: what goes into the store and comes out of it.

use super::{
    BoardConflict, BoardIncident, BoardMeans, BoardTablet, BoardTwice, BoardUnrecorded, Place,
};
use protocol::{DeskEvent, DeviceId, Role, SessionId, TabletRequest};
use regulation::bodycam::{Duty, Serial};
use regulation::encounter::AnswerKind;
use regulation::{EncounterId, FaultId, MeansId, OfficerId, PauseId, QuestionId, Timestamp};

/// A session's shift with a bodycam, as its facts made it.
#[derive(Clone, Debug)]
pub struct DutyStand {
    pub session: SessionId,
    pub duty: Duty,
    /// When the officer ended the session, by the officer's own fact.
    pub ended_at: Option<Timestamp>,
    /// Words of a desk that the tablet recorded: in which envelope, on which pause, granted or not.
    pub heard: Vec<(u64, PauseId, bool)>,
    /// The bodycam that the officer holds, and since when.
    pub held: Option<(Serial, Timestamp)>,
    /// Envelopes with which the times of `duty.held` and `duty.on` began, in their order.
    pub held_seqs: Vec<u64>,
    pub on_seqs: Vec<u64>,
    /// When the last fact of the session outside encounters happened: what goes on is known until then.
    pub known_at: Timestamp,
    /// §32: recordings by other means that lie on something private.
    pub private: Vec<MeansId>,
    /// §19: what log and dock may differ by, milliseconds.
    pub tolerance_ms: u64,
}

/// What a desk decided, of a session and officer that are the tablet's.
#[derive(Clone, Debug)]
pub struct Decision {
    pub place: Place,
    pub session: SessionId,
    pub officer: OfficerId,
    /// By the desk's tablet.
    pub at: Timestamp,
    pub event: DeskEvent,
}

/// Whose board is wanted.
#[derive(Clone, Debug)]
pub struct BoardRequest {
    pub unit: String,
    /// Of the officer who looks; what it does not deal with stays empty.
    pub role: Role,
    pub now: Timestamp,
    /// Sessions that ended after this moment are still looked at.
    pub since: Timestamp,
    /// Sessions at most, open ones first.
    pub sessions: usize,
    /// Rows of any other list at most.
    pub rows: usize,
}

/// What a board is made of.
#[derive(Clone, Debug, Default)]
pub struct BoardRows {
    /// That are open, ended lately, or have a fault that is not closed or a permission by voice that
    /// is not confirmed.
    pub sessions: Vec<BoardSession>,
    /// That are not closed, oldest first.
    pub incidents: Vec<BoardIncident>,
    pub tablets: Vec<BoardTablet>,
    /// That are not settled, oldest first.
    pub conflicts: Vec<BoardConflict>,
    pub twice: Vec<BoardTwice>,
    /// In open sessions, of encounters that are not closed, that no desk has seen.
    pub found: Vec<BoardFound>,
    /// That nobody has dealt with, the gravest first.
    pub late: Vec<BoardLate>,
    /// That no desk has seen.
    pub resisted: Vec<BoardResisted>,
    /// That are not handed over, or not deleted from something private; the oldest first.
    pub means: Vec<BoardMeans>,
    /// That the dock has found lately.
    pub unrecorded: Vec<BoardUnrecorded>,
}

/// An answer in an open session that names somebody wanted or missing.
#[derive(Clone)]
pub struct BoardFound {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub question: QuestionId,
    pub answered_at: Timestamp,
    pub answer: AnswerKind,
    /// Otherwise missing.
    pub wanted: bool,
    pub place: Option<String>,
}

/// An answer that its session does not have.
#[derive(Clone)]
pub struct BoardLate {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub question: QuestionId,
    /// Since when it is the desk's.
    pub at: Timestamp,
    pub answer: AnswerKind,
    pub wanted: bool,
    pub missing: bool,
    pub asked_at: Timestamp,
    pub ground: Option<String>,
}

/// §9: resistance in an encounter.
#[derive(Clone)]
pub struct BoardResisted {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub encounter: EncounterId,
    pub at: Timestamp,
    /// Id in the edition.
    pub case: String,
    pub place: Option<String>,
}

/// An order of a desk about a tablet of its unit.
#[derive(Clone, Debug)]
pub struct OrderedTablet {
    pub request: TabletRequest,
    /// The desk's, with which it is audited.
    pub unit: String,
    pub session: SessionId,
    pub officer: OfficerId,
    pub at: Timestamp,
}

regulation::hidden_debug!(BoardFound, BoardLate, BoardResisted);

/// A session that a board may show something of.
#[derive(Clone)]
pub struct BoardSession {
    pub session: SessionId,
    pub device: DeviceId,
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    pub opened_at: Timestamp,
    /// When the newest envelope of its tablet came.
    pub arrived_at: Option<Timestamp>,
    /// When it ended: by the officer's own fact, at central, or with its lease; `None`: it is open.
    pub over_at: Option<Timestamp>,
    pub duty: Option<Duty>,
    /// When the first envelope of its tablet came behind one that has not come.
    pub hole_since: Option<Timestamp>,
    /// What counts of what was decided on its pauses and faults.
    pub decided: Vec<DeskEvent>,
}

impl std::fmt::Debug for BoardSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BoardSession({})", self.session)
    }
}

impl BoardSession {
    /// Whether a desk has decided on the pause.
    #[must_use]
    pub fn is_decided(&self, pause: PauseId) -> bool {
        let on_it = |event: &DeskEvent| matches!(event, DeskEvent::PauseDecided { pause: id, .. } if *id == pause);
        self.decided.iter().any(on_it)
    }

    /// Whether a desk has closed the fault.
    #[must_use]
    pub fn is_closed(&self, fault: FaultId) -> bool {
        let closes = |event: &DeskEvent| matches!(event, DeskEvent::FaultClosed { fault: id, .. } if *id == fault);
        self.decided.iter().any(closes)
    }

    /// Who sees to the fault.
    #[must_use]
    pub fn administrator(&self, fault: FaultId) -> Option<&str> {
        self.decided.iter().find_map(|event| match event {
            DeskEvent::FaultAssigned {
                fault: id,
                administrator,
            } if *id == fault => Some(administrator.as_str()),
            _ => None,
        })
    }
}
