//! Resolution No. 399 of the Cabinet of Ministers of Uzbekistan as data and as pure state machines.
//!
//! The crate is shared by the tablet and by central. It does no I/O and reads no clock: every time
//! comes in with the event that carries it, every text and every limit from an [`Edition`].

pub mod bodycam;
pub mod custody;
pub mod edition;
pub mod encounter;
mod hidden;
pub mod identity;
pub mod ids;
pub mod incident;
pub mod law;
pub mod say;
pub mod script;
pub mod time;
mod typed;

pub use edition::Edition;
pub use ids::{
    CaptureId, CustodyId, EncounterId, FaultId, IncidentId, MeansId, OfficerId, PauseId, QuestionId,
};
pub use time::{Date, Timestamp};
