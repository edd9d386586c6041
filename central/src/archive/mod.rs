//! The archive: what arrives is stored whatever it is, then opened, replayed and flagged.

mod assess;
mod captures;
mod open;
mod read;
mod relearn;
mod replay;
mod replica;
mod verify;

pub use assess::{Assessed, Assessor};
pub use captures::{
    ArchivedCapture, CaptureFault, CaptureReader, CaptureStand, CaptureState, Captures,
};
pub(crate) use open::PrivateKey;
pub use open::{OpenFault, Opener};
pub use read::{Archive, ArchiveError, ArchivedEncounter};
pub use relearn::relearn;
pub use replica::{Replica, ReplicaError};
pub(crate) use verify::signature_holds;
pub use verify::{JournalReport, Verified};
