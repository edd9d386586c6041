//! What a bodycam's shift shows, and what is refused or flagged in it.

use super::event::{DeviceOwner, PermittedBy, Serial};
use crate::encounter::Paragraph;
use crate::hidden::{Hidden, Id};
use crate::{FaultId, MeansId, PauseId, Timestamp};
use serde::{Deserialize, Serialize};

/// One officer's shift with a bodycam, as its events made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// The one received last, also after its return.
    pub camera: Option<Serial>,
    pub status: Status,
    pub pauses: Vec<Pause>,
    pub faults: Vec<Fault>,
    pub other_means: Vec<OtherMeans>,
    /// Which bodycam the officer had, and when; the last may have no end yet.
    #[serde(default)]
    pub held: Vec<Span>,
    /// §19: when it recorded, by what the officer recorded of it.
    #[serde(default)]
    pub on: Vec<Span>,
    /// In the order in which they were raised; no flag twice.
    pub flags: Vec<Flag>,
}

/// A time of one bodycam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub camera: Serial,
    pub from: Timestamp,
    /// `None`: it goes on.
    pub to: Option<Timestamp>,
}

/// What the bodycam does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// None received, or handed back.
    #[default]
    NotAssigned,
    /// Received, and not on yet.
    Received,
    Recording,
    Paused {
        pause: PauseId,
        since: Timestamp,
    },
    Faulty {
        fault: FaultId,
        since: Timestamp,
    },
    Off {
        since: Timestamp,
    },
}

/// §20: a pause from its request on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub id: PauseId,
    /// Id in the edition.
    pub why: String,
    pub minutes: u16,
    pub asked_at: Timestamp,
    pub permission: Permission,
    pub began_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// §20: whether a pause is permitted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "permission", rename_all = "snake_case")]
pub enum Permission {
    Asked,
    Withdrawn,
    Granted,
    Refused,
    /// `confirmed`: what the desk said of it afterwards.
    ByVoice {
        by: PermittedBy,
        name: String,
        confirmed: Option<bool>,
    },
}

impl std::fmt::Debug for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asked => f.write_str("Asked"),
            Self::Withdrawn => f.write_str("Withdrawn"),
            Self::Granted => f.write_str("Granted"),
            Self::Refused => f.write_str("Refused"),
            Self::ByVoice {
                by,
                name: _,
                confirmed,
            } => f
                .debug_struct("ByVoice")
                .field("by", by)
                .field("name", &Hidden)
                .field("confirmed", confirmed)
                .finish(),
        }
    }
}

/// §21: a fault from its report on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub id: FaultId,
    pub camera: Option<Serial>,
    /// Id in the edition.
    pub what: String,
    pub note: Option<String>,
    pub at: Timestamp,
    pub mended_at: Option<Timestamp>,
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fault")
            .field("id", &self.id)
            .field("what", &Id(&self.what))
            .field("mended_at", &self.mended_at)
            .finish_non_exhaustive()
    }
}

/// §32: recorded by another device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherMeans {
    /// `None`: recorded by a tablet that gave none.
    #[serde(default)]
    pub id: Option<MeansId>,
    /// Id in the edition.
    pub device: String,
    pub owner: DeviceOwner,
    pub from: Timestamp,
    pub to: Timestamp,
    pub note: Option<String>,
}

impl std::fmt::Debug for OtherMeans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtherMeans")
            .field("id", &self.id)
            .field("device", &Id(&self.device))
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

/// Why something cannot happen now; each stands for its paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    #[error("§23: a bodycam is received already")]
    AlreadyReceived,
    #[error("§23: no bodycam is received")]
    NotReceived,
    #[error("§18: it is on already")]
    AlreadyOn,
    #[error("§18: it is not on")]
    NotOn,
    #[error("§20: for rest and meals only")]
    PauseReasonUnknown,
    #[error("§20: longer, or shorter, than a pause may be")]
    PauseLength,
    #[error("§20: another pause is open")]
    PauseOpen,
    #[error("§20: no such pause")]
    PauseUnknown,
    #[error("§20: decided already")]
    PauseDecided,
    #[error("§20: not permitted")]
    PauseNotPermitted,
    #[error("§20: not paused")]
    NotPaused,
    #[error("§20: the name of the person who permits is missing")]
    NameMissing,
    #[error("§21: no such fault is known")]
    FaultKindUnknown,
    #[error("§21: a fault is reported already")]
    FaultOpen,
    #[error("§21: no such fault")]
    FaultUnknown,
    #[error("§32: no such device is known")]
    DeviceUnknown,
    #[error("§32: recorded already")]
    MeansKnown,
    #[error("it ends before it begins")]
    TimesReversed,
    #[error("§18: it is still on")]
    StillOn,
    #[error("a battery holds 0 to 100 percent")]
    Battery,
    #[error("a text is too long")]
    TextTooLong,
}

impl Refusal {
    /// The paragraph of the Regulation that the refusal rests on.
    #[must_use]
    pub fn paragraph(self) -> Paragraph {
        Paragraph(match self {
            Self::AlreadyOn | Self::NotOn | Self::StillOn => 18,
            Self::PauseReasonUnknown
            | Self::PauseLength
            | Self::PauseOpen
            | Self::PauseUnknown
            | Self::PauseDecided
            | Self::PauseNotPermitted
            | Self::NotPaused
            | Self::NameMissing => 20,
            Self::FaultKindUnknown | Self::FaultOpen | Self::FaultUnknown | Self::TextTooLong => 21,
            Self::AlreadyReceived | Self::NotReceived | Self::Battery => 23,
            Self::DeviceUnknown | Self::MeansKnown | Self::TimesReversed => 32,
        })
    }
}

/// What a leader is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// §17: not worn as it is to be, or the labels not to be seen.
    NotWornAsRequired,
    /// §23: recordings of somebody else were still in it.
    MemoryNotEmpty,
    /// §19: off in mid-duty, with neither permission nor fault.
    Gap { from: Timestamp, to: Timestamp },
    /// §20: longer than permitted.
    PauseOverran { pause: PauseId },
    /// §20: the desk knows nothing of a permission said to have been given by voice.
    VoiceNotConfirmed { pause: PauseId },
    /// §32: other means, and no fault was reported.
    OtherMeansWithoutFault,
    /// §18: duty ended and it was never switched on.
    NeverOn,
    /// What arrived does not fit what was there.
    OutOfOrder { refusal: Refusal },
}

/// What an officer who stops somebody is to know of the bodycam, in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    NotAssigned,
    NotOn,
    Paused,
    Faulty,
}

impl Duty {
    /// Why an encounter that begins now would not be recorded; `None` while it records.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        match self.status {
            Status::Recording => None,
            Status::NotAssigned => Some(Warning::NotAssigned),
            Status::Received | Status::Off { .. } => Some(Warning::NotOn),
            Status::Paused { .. } => Some(Warning::Paused),
            Status::Faulty { .. } => Some(Warning::Faulty),
        }
    }

    /// The pause with this id.
    #[must_use]
    pub fn pause(&self, id: PauseId) -> Option<&Pause> {
        self.pauses.iter().find(|pause| pause.id == id)
    }

    pub(super) fn pause_mut(&mut self, id: PauseId) -> Option<&mut Pause> {
        self.pauses.iter_mut().find(|pause| pause.id == id)
    }

    /// The pause that is asked for, permitted and not begun, or under way.
    #[must_use]
    pub fn open_pause(&self) -> Option<&Pause> {
        self.pauses.iter().rev().find(|pause| pause.is_open())
    }

    /// §20: when the pause under way was to end, if that is over by now; which pause. It is flagged
    /// when it ends.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> Option<(PauseId, Timestamp)> {
        let Status::Paused { pause, .. } = self.status else {
            return None;
        };
        let due = self.pause(pause)?.due()?;
        (now > due).then_some((pause, due))
    }

    /// Whether it is with the officer, whatever it does.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.status != Status::NotAssigned
    }

    pub(super) fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }
}

impl Pause {
    /// Asked for, permitted and not begun, or under way.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
            && !matches!(self.permission, Permission::Withdrawn | Permission::Refused)
    }

    /// §20: whether the recording may rest now.
    #[must_use]
    pub fn is_permitted(&self) -> bool {
        matches!(
            self.permission,
            Permission::Granted | Permission::ByVoice { .. }
        )
    }

    /// When it is to end, once it has begun.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let began = self.began_at?;
        Some(began.plus_millis(u64::from(self.minutes) * 60_000))
    }
}
