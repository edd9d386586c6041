//! The contract between tablet and central: envelopes, facts, questions, answers, errors, limits.
//!
//! Types, their limits and the exact bytes that are signed, hashed or bound; nothing that does I/O.
//! Outbox bodies and sealed facts are CBOR (RFC 8949), everything else is JSON.

use regulation::hidden_debug;

pub mod access;
pub mod answer;
pub mod bytes;
pub mod capture;
pub mod desk;
pub mod envelope;
pub mod error;
pub mod export;
pub mod fact;
pub mod ids;
pub mod inbox;
pub mod limits;
pub mod path;
pub mod report;
pub mod session;
pub mod slip;

pub use access::{Roster, RosterEntry, WipeOrder, WipeReceipt, WipeReport, WipeStage};
pub use answer::{
    Answer, AnswerResult, Candidate, FacesSearched, FalseMatch, FoundBy, Fpir, GallerySearched,
    Likeness, PersonRecord, Portrait, Register, RegisterEntry, Resemblance,
};
pub use bytes::{Digest, from_cbor, to_cbor};
pub use capture::{CaptureKind, CaptureOf, CaptureReceipt, CaptureRef};
pub use desk::{
    Alert, AlertKind, AlertUrgency, DeskBoard, DeskEvent, HeldRecording, IncidentPerson,
    IncidentStep, IncidentView, KnownBy, LateAnswer, OnDuty, TabletHolder, TabletOrder,
    TabletOrdered, TabletRequest, TabletRow, TabletStanding,
};
pub use envelope::{Batch, Envelope, Receipt, Urgency};
pub use error::{ApiError, ErrorCode};
pub use fact::{Fact, FactKind, Probe, Question, SessionEvent};
pub use ids::{CaptureId, DeviceId, KeyId, SessionId};
pub use inbox::{InboxPage, Message, MessageBody};
pub use report::{CheckedAgain, Counts, DutyFigures, Figures, OfficerFigures, UnitReport};
pub use session::{
    Assignment, ConfirmRequest, ConfirmResponse, DeskRight, EnrolRequest, EnrolResponse,
    HeldCamera, Kit, LoginRequest, LoginResponse, Officer, Role, SealingKey,
};
pub use slip::{SLIP_PREFIX, SignedSlip, Slip, SlipError};
