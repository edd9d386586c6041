//! What can happen to a bodycam in a shift.

use crate::hidden::{Hidden, Id};
use crate::{FaultId, MeansId, PauseId, Timestamp};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// One event with the moment it happened by the tablet's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

/// Everything that an officer does with the bodycam, or is told of it.
///
/// Names and typed texts are personal data: `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// §23: taken over at the start of duty, or in the place of a faulty one.
    Received {
        camera: Serial,
        /// 0 to 100.
        battery_percent: u8,
        /// The step of the edition that was chosen in the place of a number, by its id:
        /// `battery_percent` is then the least that it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        battery: Option<String>,
        /// The memory was empty.
        emptied: bool,
        /// §17: worn where it is to be, hindering nobody, the three labels to be seen.
        worn: bool,
    },
    /// §18, §23: the officer has it still from an earlier session of the same duty, and says so.
    CarriedOver {
        camera: Serial,
        /// `on`: until when the log of the earlier session reaches; otherwise since when it does not
        /// record.
        since: Timestamp,
        /// It has recorded all the while.
        on: bool,
    },
    /// §18: it records from here on.
    SwitchedOn,
    /// §20: permission is asked for; the reason by its id in the edition.
    PauseAsked {
        pause: PauseId,
        why: String,
        minutes: u16,
    },
    /// Asked for and not needed any more.
    PauseWithdrawn { pause: PauseId },
    /// §20: the word of the duty unit or the commander reached the tablet.
    PauseDecided { pause: PauseId, granted: bool },
    /// §20: with no connection, permission was given by voice, by somebody with a name.
    PausePermittedByVoice {
        pause: PauseId,
        by: PermittedBy,
        name: String,
    },
    /// §20: the recording rests.
    PauseBegan { pause: PauseId },
    /// §20: it goes on.
    Resumed,
    /// §21: a fault or an empty battery, by its id in the edition.
    Faulted {
        fault: FaultId,
        what: String,
        note: Option<String>,
    },
    /// §21: it works again.
    Mended { fault: FaultId },
    /// §32: while the bodycam could not, another device recorded.
    RecordedByOtherMeans {
        /// By which the desk takes the recording in. A tablet of before this was asked for gave none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        means: Option<MeansId>,
        /// What device, by its id in the edition.
        device: String,
        owner: DeviceOwner,
        from: Timestamp,
        to: Timestamp,
        note: Option<String>,
    },
    /// §18: the end of duty.
    SwitchedOff,
    /// §23: handed back.
    Returned { battery_percent: Option<u8> },
}

/// A bodycam's serial number: 4 to 32 of A to Z, 0 to 9 and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial(String);

/// Not a serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a serial number is 4 to 32 letters A to Z, digits and hyphens")]
pub struct SerialError;

impl FromStr for Serial {
    type Err = SerialError;

    /// Small letters and spaces are how it may be typed.
    fn from_str(text: &str) -> Result<Self, SerialError> {
        let serial: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        if (4..=32).contains(&serial.len()) && serial.bytes().all(fits) {
            Ok(Self(serial))
        } else {
            Err(SerialError)
        }
    }
}

impl TryFrom<String> for Serial {
    type Error = SerialError;
    fn try_from(text: String) -> Result<Self, SerialError> {
        text.parse()
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.0
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// §20: who may permit a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermittedBy {
    DutyUnit,
    Commander,
}

/// §32: whose device recorded instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceOwner {
    /// The officer's own.
    Own,
    /// A colleague's on the same duty.
    Colleague,
    /// The service's.
    Service,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Received {
                camera,
                battery_percent,
                battery,
                emptied,
                worn,
            } => f
                .debug_struct("Received")
                .field("camera", camera)
                .field("battery_percent", battery_percent)
                .field("battery", &battery.as_deref().map(Id))
                .field("emptied", emptied)
                .field("worn", worn)
                .finish(),
            Self::CarriedOver { camera, since, on } => f
                .debug_struct("CarriedOver")
                .field("camera", camera)
                .field("since", since)
                .field("on", on)
                .finish(),
            Self::SwitchedOn => f.write_str("SwitchedOn"),
            Self::PauseAsked {
                pause,
                why,
                minutes,
            } => f
                .debug_struct("PauseAsked")
                .field("pause", pause)
                .field("why", &Id(why))
                .field("minutes", minutes)
                .finish(),
            Self::PauseWithdrawn { pause } => f
                .debug_struct("PauseWithdrawn")
                .field("pause", pause)
                .finish(),
            Self::PauseDecided { pause, granted } => f
                .debug_struct("PauseDecided")
                .field("pause", pause)
                .field("granted", granted)
                .finish(),
            Self::PausePermittedByVoice { pause, by, name: _ } => f
                .debug_struct("PausePermittedByVoice")
                .field("pause", pause)
                .field("by", by)
                .field("name", &Hidden)
                .finish(),
            Self::PauseBegan { pause } => {
                f.debug_struct("PauseBegan").field("pause", pause).finish()
            }
            Self::Resumed => f.write_str("Resumed"),
            Self::Faulted { fault, what, note } => f
                .debug_struct("Faulted")
                .field("fault", fault)
                .field("what", &Id(what))
                .field("note", &note.as_ref().map(|_| Hidden))
                .finish(),
            Self::Mended { fault } => f.debug_struct("Mended").field("fault", fault).finish(),
            Self::RecordedByOtherMeans {
                means,
                device,
                owner,
                from,
                to,
                note,
            } => f
                .debug_struct("RecordedByOtherMeans")
                .field("means", means)
                .field("device", &Id(device))
                .field("owner", owner)
                .field("from", from)
                .field("to", to)
                .field("note", &note.as_ref().map(|_| Hidden))
                .finish(),
            Self::SwitchedOff => f.write_str("SwitchedOff"),
            Self::Returned { battery_percent } => f
                .debug_struct("Returned")
                .field("battery_percent", battery_percent)
                .finish(),
        }
    }
}
