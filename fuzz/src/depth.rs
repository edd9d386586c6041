//! How deep the targets come: a target that reads nothing finds nothing, and says so nowhere else.

use std::sync::atomic::{AtomicU64, Ordering};

/// A place behind every check before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// A body of the contract was read, and written again.
    BodyRead,
    /// A typed text or a zone was taken.
    TextTaken,
    EditionRead,
    /// A law's text was read, and searched.
    LawRead,
    KeyRead,
    /// A queue's file was read to its end.
    ExportRead,
    /// An event of an encounter in which a question had been asked was taken.
    Identifying,
    /// A question was looked up, by a fingerprint's picture.
    FingerprintLookedUp,
    /// Central signed a receipt for a drawn batch.
    BatchReceipted,
    /// A changed vault opened with its journal in it, and took a fact.
    VaultUsed,
    /// A damaged vault was moved aside.
    VaultMovedAside,
    /// A changed database of central's opened.
    DatabaseOpened,
    KeysOpened,
    ConfigurationRead,
    /// A replica's records were read to their end, and caught up.
    ReplicaCaughtUp,
    /// A replica's damage was found.
    ReplicaDamaged,
    PeopleStored,
    /// A message, a stream, a record of a scanner was read.
    ScannerRead,
    /// A zone was read in a drawn document's picture.
    ZoneRead,
}

static REACHED: [AtomicU64; 19] = [const { AtomicU64::new(0) }; 19];

impl Depth {
    pub(crate) fn reach(self) {
        REACHED[self as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often this process came there.
    #[must_use]
    pub fn times(self) -> u64 {
        REACHED[self as usize].load(Ordering::Relaxed)
    }
}
