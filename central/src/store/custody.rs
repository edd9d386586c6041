//! Custody of tablets (§13 to §16), standing assignments (§14): what goes into the store and comes out
//! of it.

use super::Place;
use protocol::{DeviceId, SessionId, TabletStanding};
use regulation::bodycam::Serial;
use regulation::custody::{Custody, Flag, Party, Recorded};
use regulation::{CustodyId, OfficerId, Timestamp};

/// A step of a tablet's custody, as its fact has it.
#[derive(Clone, Debug)]
pub struct CustodyFact {
    pub place: Place,
    pub session: SessionId,
    pub officer: OfficerId,
    pub recorded: Recorded,
}

/// A step as the machine took it.
#[derive(Clone, Debug)]
pub struct CustodyStep {
    pub fact: CustodyFact,
    /// Raised by it.
    pub flags: Vec<Flag>,
    /// The custody after it.
    pub custody: Custody,
}

/// A step with the name of its officer.
#[derive(Clone)]
pub struct NamedStep {
    pub step: CustodyStep,
    pub name: String,
    pub rank: String,
    /// Names of officers whom flags speak of, in their order.
    pub flagged: Vec<String>,
}

/// A tablet of a unit, as its last step left it.
#[derive(Clone)]
pub struct BoardTablet {
    pub device: DeviceId,
    pub custody: Custody,
    /// Who holds it, or has handed it in.
    pub name: String,
    pub rank: String,
    /// From whom the holder has it.
    pub from: Option<Party>,
    /// When it was looked at last, whether it is fit for duty.
    pub checked_at: Option<Timestamp>,
    /// The last session of the holder on it, and when that was over; `None`: it is open.
    pub session: Option<(SessionId, Option<Timestamp>)>,
    /// When the newest envelope of it came.
    pub arrived_at: Option<Timestamp>,
    /// §31: lost, or wiped, or neither.
    pub standing: TabletStanding,
}

/// A tablet that was taken over while somebody else had not handed it in; not settled.
#[derive(Clone)]
pub struct BoardConflict {
    pub custody: CustodyId,
    pub device: DeviceId,
    pub session: SessionId,
    pub at: Timestamp,
    pub name: String,
    pub rank: String,
    pub held_by: String,
}

/// A bodycam of an open session that another open session holds as well.
#[derive(Clone)]
pub struct BoardTwice {
    pub session: SessionId,
    pub at: Timestamp,
    pub name: String,
    pub rank: String,
    pub camera: Serial,
    /// The other's name; empty: of another unit.
    pub other: String,
}

/// What became of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOutcome {
    Assigned,
    /// There is no such tablet that is not revoked; nothing was stored.
    UnknownDevice,
    /// There is no such officer who is active; nothing was stored.
    UnknownOfficer,
    /// It is another officer's, or the officer has another one; nothing was stored.
    Taken,
}

/// What a shift begins with, from central's side: whose, where, when.
#[derive(Clone, Debug)]
pub struct KitRequest {
    pub device: DeviceId,
    pub officer: OfficerId,
    pub unit: String,
    pub at: Timestamp,
}

regulation::hidden_debug!(NamedStep, BoardTablet, BoardConflict, BoardTwice);
