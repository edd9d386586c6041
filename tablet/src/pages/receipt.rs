//! The citizen's receipt of a stop: a code to be read off the screen, and the same in plain lines, in the
//! citizen's language. It has no place for the person, an answer or a register.

use super::{Screen, State};
use crate::device::QrCode;
use protocol::Slip;

/// The receipt that is shown.
#[derive(Clone)]
pub struct ReceiptState {
    /// The page that it was asked for on.
    pub from: Screen,
    /// `None`: none could be made.
    pub made: Option<(Slip, QrCode)>,
}

impl std::fmt::Debug for ReceiptState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReceiptState(..)")
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptView {
    /// In the citizen's language; empty where no receipt could be made.
    pub title: String,
    pub lines: Vec<ReceiptLine>,
    /// The number by which a complaint names the stop.
    pub number: Option<ReceiptLine>,
    /// `None`: no receipt could be made.
    pub code: Option<QrCode>,
}

/// A line of the receipt: what it is, and what it says, both in the citizen's language.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    pub label: String,
    pub value: String,
}

super::hidden_debug!(ReceiptView, ReceiptLine);

pub(super) fn view(state: &State) -> ReceiptView {
    let made = state.receipt.as_ref().and_then(|r| r.made.as_ref());
    let Some((slip, code)) = made else {
        return ReceiptView {
            title: String::new(),
            lines: Vec::new(),
            number: None,
            code: None,
        };
    };
    let words = &state.edition.receipt;
    let line = |label: &regulation::edition::Text, value: &str| ReceiptLine {
        label: label.get(slip.language).to_owned(),
        value: value.to_owned(),
    };
    let officer = format!("{} {}", slip.rank, slip.name);
    ReceiptView {
        title: words.title.get(slip.language).to_owned(),
        lines: vec![
            line(&words.officer, officer.trim()),
            line(&words.unit, &slip.unit),
            line(&words.place, &slip.place),
            line(&words.time, &slip.stopped_at()),
            line(&words.ground, &slip.ground_title),
            line(&words.complaint, &slip.complain),
        ],
        number: Some(line(&words.number, &slip.encounter.to_string())),
        code: Some(code.clone()),
    }
}
