//! The archive: what arrives is stored whatever it is, then opened, replayed and flagged.

mod again;
mod assess;
mod captures;
mod custody;
mod ingest;
mod journal;
mod open;
mod owned;
mod place;
mod read;
mod relearn;
mod replay;
mod replica;
mod shift;
mod verify;

pub use assess::{Assessed, Assessor};
pub use captures::{
    ArchivedCapture, CaptureFault, CaptureReader, CaptureStand, CaptureState, Captures,
};
pub(crate) use ingest::Ingest;
pub use ingest::IngestError;
pub use journal::{Finding, JournalReport, ReplicaCheck, Wrong};
pub(crate) use open::PrivateKey;
pub use open::{OpenFault, Opener};
pub use owned::OwnedCapture;
pub use place::ReplicaDir;
pub use read::{Archive, ArchiveError, ArchivedEncounter};
pub(crate) use relearn::open_replica;
pub use relearn::relearn;
pub use replica::{Replica, ReplicaError};
pub use verify::Verified;
pub(crate) use verify::signature_holds;
