//! The commander's report: what goes into the store and comes out of it.

use protocol::{SessionEvent, SessionId};
use regulation::bodycam::Duty;
use regulation::{EncounterId, OfficerId, Timestamp};

/// An encounter as a report counts it.
#[derive(Clone, Debug)]
pub struct EncounterFigures {
    pub encounter: EncounterId,
    /// The one that began it.
    pub session: SessionId,
    pub began_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// Id in the edition.
    pub ground: Option<String>,
    /// [`protocol::report::outcome_kind`].
    pub outcome: Option<&'static str>,
    /// Answers that were uncovered.
    pub revealed: u32,
    /// Where it is, as the officer named it.
    pub place: Option<String>,
    /// §9: the case of resistance with which it ended, by its id in the edition, and when.
    pub resisted: Option<(String, Timestamp)>,
}

/// A session's log-in or end, by its officer's own fact.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub session: SessionId,
    pub event: SessionEvent,
    /// By the tablet's clock.
    pub at: Timestamp,
}

/// What was assessed before more was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Encounter(EncounterId),
    Session(SessionId),
}

/// Whose report is wanted.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    pub unit: String,
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    pub now: Timestamp,
}

/// What a report is made of.
#[derive(Debug, Default)]
pub struct ReportRows {
    /// What is still to be assessed, for the first time or again; of whatever unit.
    pub pending: u64,
    /// The unit's, by name.
    pub officers: Vec<ReportOfficer>,
    /// Those that its officers began in the period.
    pub encounters: Vec<ReportEncounter>,
    /// The same.
    pub shifts: Vec<ReportShift>,
}

#[derive(Clone)]
pub struct ReportOfficer {
    pub id: OfficerId,
    pub name: String,
    pub rank: String,
    pub active: bool,
}

impl std::fmt::Debug for ReportOfficer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReportOfficer({})", self.id)
    }
}

#[derive(Clone, Debug)]
pub struct ReportEncounter {
    pub encounter: EncounterId,
    pub officer: OfficerId,
    pub began_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub ground: Option<String>,
    pub outcome: Option<String>,
    /// Its session is over.
    pub over: bool,
    /// Kinds of flags, of the procedure and of the archive, each once.
    pub flags: Vec<String>,
    pub asked: u32,
    pub answered: u32,
    pub revealed: u32,
    /// Central's numbers of the people whom its answers found, each once.
    pub found: Vec<u64>,
}

#[derive(Clone, Debug)]
pub struct ReportShift {
    pub officer: OfficerId,
    pub began_at: Timestamp,
    /// When it ended: by the officer's own fact, at central, or with its lease, whichever came
    /// first; `None`: it is open.
    pub over_at: Option<Timestamp>,
    pub duty: Option<Duty>,
    /// §32: when each recording by other means ended that is not done with.
    pub means: Vec<Timestamp>,
    /// §19: times that the dock lacks, and that it has beyond the log.
    pub not_recorded: u32,
    pub recorded_off: u32,
    /// On by the log, and no reading of the dock speaks of it.
    pub not_compared_ms: u64,
}
