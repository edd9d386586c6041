//! What an envelope seals.

use regulation::encounter::{DocumentKind, Finger, Recorded};
use regulation::identity::{DocumentNumber, Pinfl};
use regulation::{OfficerId, QuestionId, Timestamp};
use serde::{Deserialize, Serialize};

/// One fact of a tablet's journal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Id of the edition in force when it happened.
    pub edition: String,
    /// [`regulation::encounter::MACHINE_VERSION`] of the program that recorded it.
    pub machine: u16,
    pub officer: OfficerId,
    /// The tablet's wall clock.
    pub at: Timestamp,
    /// Milliseconds of the tablet's monotonic clock since it was started: orders what a wrong wall
    /// clock does not.
    pub uptime_ms: u64,
    /// Invented people, an emulated scanner: marked, and kept apart from real records.
    pub training: bool,
    pub kind: FactKind,
}

/// The kinds of fact known today; central stores unknown ones as well.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FactKind {
    /// An event of the encounter that the envelope names. `question` is there if, and only if, the
    /// event is [`regulation::encounter::Event::Asked`]: the notice of §6 rides on the question.
    Encounter {
        recorded: Recorded,
        question: Option<Question>,
    },
    Session {
        event: SessionEvent,
    },
    /// §17 to §23, §32: of the bodycam of the officer whose session this is; no encounter is named.
    Bodycam {
        recorded: regulation::bodycam::Recorded,
    },
    /// §13 to §16, §31: of the tablet that records it; no encounter is named.
    Custody {
        recorded: regulation::custody::Recorded,
    },
    /// §22: an incident report of the officer whose session this is; the encounter that it grew out of
    /// stands in the report, not on the envelope.
    Incident {
        recorded: regulation::incident::Recorded,
    },
    /// What a duty desk decided; no encounter is named.
    Desk {
        event: crate::DeskEvent,
    },
    /// A capture of the encounter that the envelope names, or where none is, of what `of` names; its
    /// bytes travel by themselves.
    Capture {
        capture: crate::CaptureRef,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<crate::CaptureOf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEvent {
    Started,
    Ended,
}

/// "Who is this?"
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    /// After this moment nothing is looked up any more.
    pub expires_at: Timestamp,
    pub probe: Probe,
}

/// What the question rests on. Never joins the gallery.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "probe", rename_all = "snake_case")]
pub enum Probe {
    Fingerprint {
        finger: Finger,
        /// Resolution of the picture, pixels an inch.
        ppi: u16,
        /// 8-bit grey PNG, lossless; at most [`crate::limits::PROBE_BYTES`].
        #[serde(with = "serde_bytes")]
        png: Vec<u8>,
        /// Questions of the same encounter by prints of other fingers: all are searched as one
        /// person's; at most [`crate::limits::PRINTS_TOGETHER`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<QuestionId>,
    },
    /// §12: only after a recorded reason why no fingerprint.
    Face {
        /// The portrait of one face, the others cut away, as JPEG that says nothing but the
        /// picture; at most [`crate::limits::PROBE_BYTES`].
        #[serde(with = "serde_bytes")]
        jpeg: Vec<u8>,
    },
    Document {
        document: DocumentKind,
        number: DocumentNumber,
    },
    Pinfl {
        pinfl: Pinfl,
    },
}

crate::hidden_debug!(Fact, FactKind, Question, Probe);
