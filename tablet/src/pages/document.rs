//! §8, §28: an identity document, read by the officer or asked about; typed, shown back, confirmed.

use super::{State, reminders};
use regulation::encounter::DocumentKind;
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
    /// `DD.MM.YYYY`.
    pub birth_date: String,
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
    pub birth_date: String,
    pub warnings: Vec<PinflWarningView>,
}

/// Warn, never block: the PINFL's rules are from no official text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinflWarningView {
    CheckDigit,
    Century,
    Date,
    /// Differs from the date of birth typed.
    BirthDateDiffers,
}

super::hidden_debug!(DocumentView, DocumentReview);

pub(super) fn view(state: &State) -> DocumentView {
    DocumentView {
        form: state.document_form.clone(),
        read: state.document_read.clone(),
        problem: state.document_problem,
        review: state.document_review.clone(),
        reminders: reminders(state, "document"),
    }
}
