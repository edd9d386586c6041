//! Who holds a tablet, and what is refused or flagged in its custody.

use super::{Level, Party, Readiness};
use crate::encounter::Paragraph;
use crate::hidden::Hidden;
use crate::{CaptureId, CustodyId, OfficerId, Timestamp};
use serde::{Deserialize, Serialize};

/// A tablet's custody, as its events made it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Custody {
    pub holder: Holder,
    /// §13: what it found out about itself last.
    pub readiness: Option<Readiness>,
    /// §31: damage that is known.
    pub damage: Option<String>,
    /// §31: photos of its condition, since it last changed hands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<CaptureId>,
}

#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "holder", rename_all = "snake_case")]
pub enum Holder {
    /// Nothing is on record yet.
    #[default]
    Unknown,
    Officer {
        custody: CustodyId,
        officer: OfficerId,
        since: Timestamp,
    },
    /// Handed in, by whom and when.
    Party {
        party: Party,
        by: OfficerId,
        since: Timestamp,
    },
}

impl Holder {
    /// The officer who has it.
    #[must_use]
    pub fn officer(&self) -> Option<OfficerId> {
        match self {
            Self::Officer { officer, .. } => Some(*officer),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Custody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Custody")
            .field("holder", &self.holder)
            .field("readiness", &self.readiness.as_ref().map(Readiness::level))
            .field("damage", &self.damage.as_ref().map(|_| Hidden))
            .field("photos", &self.photos.len())
            .finish()
    }
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("Unknown"),
            Self::Officer { officer, since, .. } => f
                .debug_struct("Officer")
                .field("officer", officer)
                .field("since", since)
                .finish_non_exhaustive(),
            Self::Party { party, by, since } => f
                .debug_struct("Party")
                .field("party", party)
                .field("by", by)
                .field("since", since)
                .finish(),
        }
    }
}

/// Why something cannot happen now; each stands for its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("§13: the tablet is not ready, and nobody by name says that it be taken all the same")]
    NotReady,
    #[error("§16: this officer holds it already")]
    AlreadyHeld,
    #[error("§16: it was not taken over")]
    NotHeld,
    #[error("§30: another officer holds it")]
    HeldByAnother,
    #[error("§16: the place, or the person's name, is missing")]
    PartyMissing,
    #[error("§16: nobody hands a tablet over to themselves")]
    ToThemselves,
    #[error("§15: after dismissal it goes to a person, not to a place")]
    PersonNeeded,
    #[error("§31: what is damaged is not said")]
    DamageMissing,
    #[error("§31: more photos than are taken in")]
    TooManyPhotos,
    #[error("a text is too long")]
    TextTooLong,
}

impl Refusal {
    /// The paragraph of the Regulation that the refusal rests on.
    #[must_use]
    pub fn paragraph(self) -> Paragraph {
        Paragraph(match self {
            Self::NotReady => 13,
            Self::PersonNeeded => 15,
            Self::AlreadyHeld
            | Self::NotHeld
            | Self::PartyMissing
            | Self::ToThemselves
            | Self::TextTooLong => 16,
            Self::HeldByAnother => 30,
            Self::DamageMissing | Self::TooManyPhotos => 31,
        })
    }
}

/// What a leader is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// §16, §30: somebody else held it and had not handed it in.
    NotHandedIn { by: OfficerId },
    /// §16: the other person did not confirm.
    NotConfirmed,
    /// §13: taken over, or gone on with, though not fit for duty.
    NotReady,
    /// §31: damage that was not there when it was taken over.
    NewDamage,
    /// What arrived does not fit what was there.
    OutOfOrder { refusal: Refusal },
}

/// What an event has made of a custody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub custody: Custody,
    /// Raised by this event.
    pub flags: Vec<Flag>,
}

impl Readiness {
    pub(super) fn is_fit(&self) -> bool {
        self.level() < Level::NotReady
    }
}
