//! §8, §28: an identity document.

use super::words::{document_kind, document_type};
use super::{
    AppWindow, DocumentAdapter, DocumentFields, DocumentProblem, PinflWarning, put, strings,
};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{self, DocumentForm, DocumentReview, DocumentView, PinflWarningView};
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DocumentAdapter>();
    let to = sender.clone();
    adapter.on_check(move |fields| to.send(Command::ReviewDocument(form(&fields))));
    let to = sender.clone();
    adapter.on_confirm(move || to.send(Command::ConfirmDocument));
    let to = sender.clone();
    adapter.on_edit(move || to.send(Command::EditDocument));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &DocumentView) {
    use pages::DocumentProblem as From;
    let adapter = window.global::<DocumentAdapter>();
    let form = fields(&view.form);
    if adapter.get_form() != form {
        adapter.set_form(form);
        adapter.set_form_revision(adapter.get_form_revision().wrapping_add(1));
    }
    let (read, reads) = &view.read;
    adapter.set_read(read.as_str().into());
    adapter.set_reads(i32::try_from(*reads).unwrap_or(i32::MAX));
    adapter.set_problem(match view.problem {
        None => DocumentProblem::None,
        Some(From::KindMissing) => DocumentProblem::KindMissing,
        Some(From::Number) => DocumentProblem::Number,
        Some(From::Pinfl) => DocumentProblem::Pinfl,
        Some(From::Mrz) => DocumentProblem::Mrz,
        Some(From::Surname) => DocumentProblem::Surname,
        Some(From::Given) => DocumentProblem::Given,
        Some(From::Patronymic) => DocumentProblem::Patronymic,
        Some(From::BirthDate) => DocumentProblem::BirthDate,
        Some(From::NothingToAskBy) => DocumentProblem::NothingToAskBy,
    });
    map_review(&adapter, view.review.as_ref());
    put(&adapter.get_reminders(), strings(&view.reminders), |m| {
        adapter.set_reminders(m)
    });
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DocumentAdapter>();
    adapter.set_form(DocumentFields::default());
    adapter.set_read(slint::SharedString::default());
    map_review(&adapter, None);
}

fn map_review(adapter: &DocumentAdapter<'_>, review: Option<&DocumentReview>) {
    adapter.set_reviewing(review.is_some());
    adapter.set_review(review.map(review_fields).unwrap_or_default());
    adapter.set_review_name(review.map(|r| r.name.as_str().into()).unwrap_or_default());
    let warnings = review
        .map(|r| r.warnings.iter().map(warning).collect())
        .unwrap_or_default();
    put(&adapter.get_warnings(), warnings, |m| {
        adapter.set_warnings(m)
    });
}

fn warning(warning: &PinflWarningView) -> PinflWarning {
    match warning {
        PinflWarningView::CheckDigit => PinflWarning::CheckDigit,
        PinflWarningView::Century => PinflWarning::Century,
        PinflWarningView::Date => PinflWarning::Date,
        PinflWarningView::BirthDateDiffers => PinflWarning::BirthDateDiffers,
    }
}

fn review_fields(review: &DocumentReview) -> DocumentFields {
    DocumentFields {
        kind: document_type(Some(review.kind)),
        ask: review.ask,
        number: review.number.as_str().into(),
        pinfl: review.pinfl.as_str().into(),
        birth_date: review.birth_date.as_str().into(),
        ..DocumentFields::default()
    }
}

fn fields(form: &DocumentForm) -> DocumentFields {
    DocumentFields {
        kind: document_type(form.kind),
        ask: form.ask,
        number: form.number.as_str().into(),
        pinfl: form.pinfl.as_str().into(),
        mrz: form.mrz.as_str().into(),
        surname: form.surname.as_str().into(),
        given: form.given.as_str().into(),
        patronymic: form.patronymic.as_str().into(),
        birth_date: form.birth_date.as_str().into(),
    }
}

fn form(fields: &DocumentFields) -> DocumentForm {
    DocumentForm {
        kind: document_kind(fields.kind),
        ask: fields.ask,
        number: fields.number.to_string(),
        pinfl: fields.pinfl.to_string(),
        mrz: fields.mrz.to_string(),
        surname: fields.surname.to_string(),
        given: fields.given.to_string(),
        patronymic: fields.patronymic.to_string(),
        birth_date: fields.birth_date.to_string(),
    }
}
