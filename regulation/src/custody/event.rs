//! What can happen to a tablet between two people.

use super::Readiness;
use crate::hidden::Hidden;
use crate::{CaptureId, CustodyId, OfficerId, Timestamp};
use serde::{Deserialize, Serialize};

/// One event with the moment it happened by the tablet's clock. Its officer is the fact's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

/// Everything that the custody of a tablet is made of.
///
/// Names, places and typed texts are left out of `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// §16: the officer takes the tablet over.
    TakenOver {
        custody: CustodyId,
        from: Party,
        readiness: Readiness,
        condition: Condition,
        /// §13: not ready, and taken all the same: who said so, by name.
        overridden: Option<String>,
    },
    /// §13 "always": looked at again in mid-shift, and another than before.
    Checked { readiness: Readiness },
    /// §31: damage seen in mid-shift.
    Damaged {
        note: String,
        /// Of the damage.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        photos: Vec<CaptureId>,
    },
    /// §16, §15: handed in.
    HandedIn {
        to: Party,
        why: HandInReason,
        condition: Condition,
        /// Events of the tablet that central has not acknowledged yet: sealed on it.
        waiting: u64,
    },
}

/// §16: who gives the tablet, or is given it: the place that the head has named, or its person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum Party {
    /// A place without a person, where the head says so.
    Place { place: String },
    /// A person who has confirmed it on this tablet, by login and password of their own.
    Confirmed {
        officer: OfficerId,
        name: String,
        by: ConfirmedBy,
    },
    /// A person by name, who has not confirmed it.
    Named { name: String },
}

/// Who has checked login and password of the other person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    Central,
    /// With no connection: the tablet, by its roster.
    Roster,
}

/// §31: how the tablet looks, so that nobody pays for old damage.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What is damaged; `None`: nothing to be seen.
    pub damage: Option<String>,
    /// Photos of it, taken before this was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<CaptureId>,
}

/// Why a tablet is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandInReason {
    /// §16: after the shift.
    EndOfDuty,
    /// §16: it is not needed any more.
    NotNeeded,
    /// §13: it does not work; another one takes its place.
    Broken,
    /// §15: the officer is dismissed from service; to the person who answers for logistics.
    Dismissed,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TakenOver {
                custody,
                from,
                readiness,
                condition,
                overridden,
            } => f
                .debug_struct("TakenOver")
                .field("custody", custody)
                .field("from", from)
                .field("readiness", readiness)
                .field("condition", condition)
                .field("overridden", &overridden.as_ref().map(|_| Hidden))
                .finish(),
            Self::Checked { readiness } => f
                .debug_struct("Checked")
                .field("readiness", readiness)
                .finish(),
            Self::Damaged { note: _, photos } => f
                .debug_struct("Damaged")
                .field("note", &Hidden)
                .field("photos", &photos.len())
                .finish(),
            Self::HandedIn {
                to,
                why,
                condition,
                waiting,
            } => f
                .debug_struct("HandedIn")
                .field("to", to)
                .field("why", why)
                .field("condition", condition)
                .field("waiting", waiting)
                .finish(),
        }
    }
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Place { .. } => f.write_str("Place"),
            Self::Confirmed { officer, by, .. } => f
                .debug_struct("Confirmed")
                .field("officer", officer)
                .field("by", by)
                .finish_non_exhaustive(),
            Self::Named { .. } => f.write_str("Named"),
        }
    }
}

impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Condition")
            .field("damage", &self.damage.as_ref().map(|_| Hidden))
            .field("photos", &self.photos.len())
            .finish()
    }
}
