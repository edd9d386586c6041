//! Incident reports (§22): what goes into the store and comes out of it.

use protocol::{HeldRecording, IncidentStep, SessionId};
use regulation::incident::{Incident, Report};
use regulation::{IncidentId, OfficerId, Timestamp};

/// A session's incident reports, as its facts made them.
#[derive(Clone, Debug)]
pub struct ReportsStand {
    pub session: SessionId,
    pub reports: Vec<ReportStand>,
    /// Envelopes of reports and supplements that do not fit.
    pub out_of_order: Vec<u64>,
}

/// One report as it stands.
#[derive(Clone, Debug)]
pub struct ReportStand {
    /// The report's envelope.
    pub seq: u64,
    pub incident: Incident,
    /// The newest batch that brought a supplement.
    pub supplemented: Option<u64>,
    /// Recordings that the report holds.
    pub held: Vec<HeldRecording>,
}

/// An incident that is not closed, as a board shows it.
#[derive(Clone)]
pub struct BoardIncident {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub incident: IncidentId,
    pub at: Timestamp,
    pub report: Report,
    pub supplements: u32,
    pub received: bool,
    /// The newest supplement came before the desk's last question.
    pub asked: bool,
    pub class: Option<String>,
    /// Recordings that are held with it.
    pub held: u32,
}

/// An incident with its history.
#[derive(Clone)]
pub struct StoredIncident {
    pub incident: Incident,
    pub session: SessionId,
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    /// Decisions, oldest first.
    pub history: Vec<IncidentStep>,
    pub held: Vec<HeldRecording>,
    pub closed: bool,
}

impl std::fmt::Debug for BoardIncident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BoardIncident({})", self.incident)
    }
}

impl std::fmt::Debug for StoredIncident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredIncident({})", self.incident.id)
    }
}
