//! §8, §28: an identity document, read by the officer or asked about; typed, shown back, confirmed.

use super::{State, reminders};
use regulation::Date;
use regulation::encounter::DocumentKind;
use regulation::identity::{MrzProgress, Sex};
use serde::{Deserialize, Serialize};

/// What the officer typed, as typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentForm {
    pub kind: Option<DocumentKind>,
    /// Ask central; otherwise "identified by document, not queried".
    pub ask: bool,
    pub number: String,
    pub pinfl: String,
    /// Lines of the machine-readable zone; fills the other fields.
    pub mrz: String,
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    /// §28: the document has none; an empty field alone does not say so.
    pub no_patronymic: bool,
    /// `DD.MM.YYYY`.
    pub birth_date: String,
    /// What a zone says that no field holds. The worker's own: a page gives back none.
    pub zone: Option<ZoneRead>,
}

/// What was read from the zone of one document and is in no field of the page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRead {
    /// The document that it is of.
    pub number: String,
    pub sex: Option<Sex>,
    pub expiry: Option<Date>,
}

/// The check digits of a zone as typed so far; for each key press, and of microseconds.
#[must_use]
pub fn zone_progress(typed: &str) -> MrzProgress {
    MrzProgress::of(typed)
}

impl std::fmt::Debug for DocumentForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DocumentForm(..)")
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct DocumentView {
    /// Set by the worker alone (after reading an MRZ); typed fields live in the page.
    pub form: DocumentForm,
    /// The zone's lines as the camera read them, and how often it has read any: the page takes them over
    /// when that grows.
    pub read: (String, u32),
    pub problem: Option<DocumentProblem>,
    /// Shown back for confirmation (§28).
    pub review: Option<DocumentReview>,
    /// §28: what was recorded before is corrected; central is not asked.
    pub correcting: bool,
    pub reminders: Vec<String>,
}

/// Which field cannot be taken, and so what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentProblem {
    KindMissing,
    Number,
    Pinfl,
    Mrz,
    Surname,
    Given,
    Patronymic,
    /// Neither typed nor said to be absent.
    PatronymicMissing,
    BirthDate,
    /// Asking needs a number or a PINFL.
    NothingToAskBy,
}

/// What will be recorded when the officer confirms.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentReview {
    pub kind: DocumentKind,
    pub ask: bool,
    pub number: String,
    pub pinfl: String,
    pub name: String,
    /// §28: none by the officer's choice, or none because a zone holds none.
    pub patronymic: PatronymicView,
    pub birth_date: String,
    /// As the zone states it.
    pub sex: Option<Sex>,
    /// Of the zone; empty: it states none.
    pub expiry: String,
    /// It was valid for the last time before today.
    pub expired: bool,
    pub warnings: Vec<PinflWarningView>,
}

/// What the review says of the patronymic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatronymicView {
    /// With the name, or no name was typed at all.
    Typed,
    /// The officer says that there is none.
    Absent,
    /// Not typed: the zone holds none, and central is asked.
    NotSaid,
}

/// Warn, never block: the PINFL's rules are from no official text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinflWarningView {
    CheckDigit,
    Century,
    Date,
    /// Differs from the date of birth typed.
    BirthDateDiffers,
    /// Differs from the sex that the zone states.
    SexDiffers,
}

super::hidden_debug!(DocumentView, DocumentReview, ZoneRead);

pub(super) fn view(state: &State) -> DocumentView {
    DocumentView {
        form: state.document_form.clone(),
        read: state.document_read.clone(),
        problem: state.document_problem,
        review: state.document_review.clone(),
        correcting: state.correcting,
        reminders: reminders(state, "document"),
    }
}
