//! The duty desk (§4, §20, §21): what it sees of its unit, and what it decides.
//!
//! It sees by a query that waits until something has changed; it decides by facts of its own, which
//! travel as every fact does. Central carries a decision to the officer's session.

use crate::{DeviceId, SessionId};
use regulation::bodycam::{PermittedBy, Serial, Status};
use regulation::{FaultId, OfficerId, PauseId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the desk decides, on something of another officer's session. The first decision on a thing
/// counts; a later one is stored and flagged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum DeskEvent {
    /// §20: on a pause that was asked for; or afterwards on one that a voice has permitted.
    PauseDecided { pause: PauseId, granted: bool },
    /// §21: an administrator, by name, sees to the fault.
    FaultAssigned {
        fault: FaultId,
        administrator: String,
    },
    /// §21: seen to, and how.
    FaultClosed { fault: FaultId, how: String },
}

/// What the desk sees, of its own unit alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskBoard {
    /// `after` of the next request, which waits until there is another one.
    pub version: String,
    /// Central's clock.
    pub now: Timestamp,
    /// Who is on duty, by name. At most [`crate::limits::BOARD_ROWS`].
    pub on_duty: Vec<OnDuty>,
    /// What wants a decision or a look, the most urgent first, then the oldest. At most
    /// [`crate::limits::BOARD_ROWS`].
    pub alerts: Vec<Alert>,
    /// More than these were left out.
    pub more: bool,
}

/// An officer with an open session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    pub session: SessionId,
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    pub device: DeviceId,
    pub since: Timestamp,
    /// When the tablet was last heard of; facts may lie on it that central has not seen.
    pub heard_at: Timestamp,
    pub camera: Option<Serial>,
    pub status: Status,
    /// Flags of the bodycam's shift.
    pub flags: u32,
}

/// Something that wants a decision or a look.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// When it happened, by the officer's tablet.
    pub at: Timestamp,
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub kind: AlertKind,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alert", rename_all = "snake_case")]
pub enum AlertKind {
    /// §20: permission is asked for; `why` by its id in the edition.
    PauseAsked {
        pause: PauseId,
        why: String,
        minutes: u16,
    },
    /// §21, by its id in the edition.
    Fault {
        fault: FaultId,
        camera: Option<Serial>,
        what: String,
        note: Option<String>,
        administrator: Option<String>,
    },
    /// §20: permission is said to have been given by voice; to be confirmed or not.
    VoiceToConfirm {
        pause: PauseId,
        why: String,
        minutes: u16,
        by: PermittedBy,
        permitted_by: String,
    },
    /// §19: off in mid-duty with neither permission nor fault.
    Gap { from: Timestamp, to: Timestamp },
    /// §20: longer than permitted.
    PauseOverran { pause: PauseId },
    /// Of a newer central.
    #[serde(other)]
    Unknown,
}

crate::hidden_debug!(DeskEvent, DeskBoard, OnDuty, Alert, AlertKind);
