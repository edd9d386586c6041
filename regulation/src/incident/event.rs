//! What an officer reports.

use crate::hidden::Id;
use crate::{CaptureId, EncounterId, IncidentId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

/// One event with the moment it happened by the tablet's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Reported {
        incident: IncidentId,
        report: Report,
    },
    /// More of it, or what the desk has asked for.
    Supplemented {
        incident: IncidentId,
        /// May be empty where there are photos.
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        photos: Vec<CaptureId>,
    },
}

/// §22: what, where, when, who.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Id in the edition.
    pub kind: String,
    pub to: AddressedTo,
    pub happened_at: Timestamp,
    pub place: String,
    /// The encounter that it grew out of.
    pub encounter: Option<EncounterId>,
    /// People of that encounter, by the questions whose answers named them: never typed again.
    pub people: Vec<QuestionId>,
    pub text: String,
    /// Taken before it was reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<CaptureId>,
}

/// §22: to whom an incident is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressedTo {
    DutyUnit,
    ImmediateSuperior,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reported { incident, report } => f
                .debug_struct("Reported")
                .field("incident", incident)
                .field("report", report)
                .finish(),
            Self::Supplemented { incident, .. } => f
                .debug_struct("Supplemented")
                .field("incident", incident)
                .finish_non_exhaustive(),
        }
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report")
            .field("kind", &Id(&self.kind))
            .field("to", &self.to)
            .field("encounter", &self.encounter)
            .finish_non_exhaustive()
    }
}
