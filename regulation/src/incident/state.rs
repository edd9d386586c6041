//! The incidents of a shift, and what is refused or flagged in them.

use super::Report;
use crate::encounter::Paragraph;
use crate::{CaptureId, IncidentId, Timestamp};
use serde::{Deserialize, Serialize};

/// What one officer has reported in one shift, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incidents {
    pub reported: Vec<Incident>,
    /// In the order in which they were raised; no flag twice.
    pub flags: Vec<Flag>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub at: Timestamp,
    pub report: Report,
    pub supplements: Vec<Supplement>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    pub at: Timestamp,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<CaptureId>,
}

crate::hidden_debug!(Incident, Supplement);

/// Why something cannot be reported so; each stands for its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("§22: no such kind of incident")]
    KindUnknown,
    #[error("§22: the place is missing")]
    PlaceMissing,
    #[error("§22: what happened is not said")]
    TextMissing,
    #[error("§22: it is said to happen after its report")]
    NotYet,
    #[error("§22: people of an encounter, and no encounter")]
    PeopleWithoutEncounter,
    #[error("§22: it is reported already")]
    KnownAlready,
    #[error("§22: no such incident")]
    Unknown,
    #[error("§22: no more can be added to it")]
    TooMany,
    #[error("§22: more photos than an incident takes")]
    TooManyPhotos,
    #[error("a text is too long")]
    TextTooLong,
}

impl Refusal {
    /// The paragraph of the Regulation that the refusal rests on.
    #[must_use]
    pub fn paragraph(self) -> Paragraph {
        Paragraph(22)
    }
}

/// What a leader is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// What arrived does not fit what was there.
    OutOfOrder { refusal: Refusal },
}

impl Incidents {
    /// The incident with this id.
    #[must_use]
    pub fn get(&self, id: IncidentId) -> Option<&Incident> {
        self.reported.iter().find(|incident| incident.id == id)
    }
}

impl Incident {
    /// Photos of the report and of what was added to it, oldest first.
    pub fn photos(&self) -> impl Iterator<Item = CaptureId> {
        let added = self.supplements.iter().flat_map(|s| &s.photos);
        self.report.photos.iter().chain(added).copied()
    }
}
