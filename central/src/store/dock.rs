//! Recordings by other means (§32) and what the dock has found (§19): what goes into the store and comes
//! out of it.

use protocol::SessionId;
use regulation::Timestamp;
use regulation::bodycam::{OtherMeans, Serial};

/// A recording by other means that is not done with.
#[derive(Clone)]
pub struct BoardMeans {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub means: OtherMeans,
    /// Its deletion is to be confirmed.
    pub private: bool,
    pub handed_over: bool,
}

/// On by the log, and not recorded by what the dock has found.
#[derive(Clone)]
pub struct BoardUnrecorded {
    pub session: SessionId,
    pub name: String,
    pub rank: String,
    pub camera: Serial,
    pub from: Timestamp,
    pub to: Timestamp,
}

regulation::hidden_debug!(BoardMeans, BoardUnrecorded);

/// What was read off bodycams at a dock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockReadings {
    /// Recorded, from when until when.
    pub spans: Vec<(Serial, Timestamp, Timestamp)>,
    pub readings: Vec<DockReading>,
}

/// Which time a reading of one bodycam speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockReading {
    pub camera: Serial,
    /// `None`: from the end of the reading before it; of the first one, from `first`.
    pub since: Option<Timestamp>,
    pub until: Timestamp,
    /// The first moment that it speaks of for certain.
    pub first: Timestamp,
}

/// What an import of readings has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DockImported {
    /// Recorded times that were new, and that were known.
    pub new: u64,
    pub known: u64,
    pub cameras: u64,
    /// Shifts that were compared again.
    pub shifts: u64,
    /// Times that were on by the log of these shifts and that are not recorded.
    pub missing: u64,
}
