//! What central sends to a session.

use crate::{Answer, SessionId};
use serde::{Deserialize, Serialize};

/// One page of the inbox, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxPage {
    pub messages: Vec<Message>,
}

/// One message, addressed to one officer's session; no other session ever sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Rises within a session; `after` of the next request.
    pub cursor: u64,
    pub session: SessionId,
    pub body: MessageBody,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MessageBody {
    Answer {
        answer: Box<Answer>,
    },
    /// The officer's name, rank, unit or role are others now.
    OfficerChanged {
        officer: Box<crate::Officer>,
    },
    /// §20: the desk's word on a pause of this session.
    PauseDecided {
        pause: regulation::PauseId,
        granted: bool,
    },
    /// §21: somebody sees to a fault of this session.
    FaultAssigned {
        fault: regulation::FaultId,
        administrator: String,
    },
    /// §21: the desk has closed a fault of this session.
    FaultClosed {
        fault: regulation::FaultId,
    },
    /// §22: the duty unit has taken in a report of this session.
    IncidentReceived {
        incident: regulation::IncidentId,
    },
    /// §22: the duty unit asks about a report of this session.
    IncidentAsked {
        incident: regulation::IncidentId,
        /// When, by central's clock.
        at: regulation::Timestamp,
        text: String,
    },
    /// §22: the duty unit is done with a report of this session.
    IncidentClosed {
        incident: regulation::IncidentId,
    },
    /// §32: the file of a recording of this session by other means is handed over.
    MeansHandedOver {
        means: regulation::MeansId,
    },
    /// §32: its deletion from the private device is confirmed.
    MeansDeleted {
        means: regulation::MeansId,
    },
    /// Sent by a newer central; kept, not shown.
    #[serde(other)]
    Unknown,
}

crate::hidden_debug!(MessageBody);
