//! Citizens' complaints, and which recordings are held (§22, §26).

use protocol::HeldRecording;
use regulation::{EncounterId, IncidentId, Timestamp};

/// A complaint about an encounter.
#[derive(Clone, PartialEq, Eq)]
pub struct Complaint {
    /// As it was registered where it was received.
    pub number: String,
    pub encounter: EncounterId,
    pub registered_at: Timestamp,
}

/// Why a recording is held. The order is that of lists.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBy {
    Incident(IncidentId),
    Complaint {
        number: String,
        encounter: EncounterId,
    },
}

/// A recording that nobody may delete.
#[derive(Clone, PartialEq, Eq)]
pub struct Hold {
    pub recording: HeldRecording,
    pub by: HeldBy,
}

regulation::hidden_debug!(Complaint, HeldBy, Hold);
