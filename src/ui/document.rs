//! §8, §28: an identity document.

use super::words::{document_kind, document_type};
use super::{
    AppWindow, DocumentAdapter, DocumentFields, DocumentProblem, PatronymicName, PinflWarning,
    SexName, TypedItem, TypedState, ZoneCheckItem, ZoneCheckName, ZoneItem, ZoneState, int, put,
    strings,
};
use crate::app::Sender;
use regulation::Date;
use regulation::identity::typing::{self, DateSlip, FieldState, NumberSlip, PinflSlip, SoFar};
use regulation::identity::{BirthDate, CheckSoFar, MrzCheck, Sex};
use slint::{ComponentHandle, ModelRc, VecModel};
use tablet::pages::{
    self, DocumentForm, DocumentReview, DocumentView, PatronymicView, PinflWarningView,
    zone_progress,
};
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DocumentAdapter>();
    let to = sender.clone();
    adapter.on_check(move |fields| to.send(Command::ReviewDocument(form(&fields))));
    adapter.on_zone(|text| zone(&text));
    adapter.on_date_typed(|text| typed(typing::date(&text), date_slip));
    adapter.on_number_typed(|kind, text| {
        typed(typing::number(document_kind(kind), &text), number_slip)
    });
    adapter.on_pinfl_typed(|text, date| {
        let born = Date::from_typed(&date).ok().map(BirthDate);
        typed(typing::pinfl(&text, born.as_ref()), pinfl_slip)
    });
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
        Some(From::PatronymicMissing) => DocumentProblem::PatronymicMissing,
        Some(From::BirthDate) => DocumentProblem::BirthDate,
        Some(From::NothingToAskBy) => DocumentProblem::NothingToAskBy,
    });
    map_review(&adapter, view.review.as_ref());
    adapter.set_correcting(view.correcting);
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
    adapter.set_review_patronymic(match review.map(|r| r.patronymic) {
        None | Some(PatronymicView::Typed) => PatronymicName::Typed,
        Some(PatronymicView::Absent) => PatronymicName::Absent,
        Some(PatronymicView::NotSaid) => PatronymicName::NotSaid,
    });
    adapter.set_review_sex(match review.and_then(|r| r.sex) {
        None => SexName::None,
        Some(Sex::Male) => SexName::Male,
        Some(Sex::Female) => SexName::Female,
    });
    let expiry = review.map(|r| r.expiry.as_str()).unwrap_or_default();
    adapter.set_review_expiry(expiry.into());
    adapter.set_review_expired(review.is_some_and(|r| r.expired));
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
        PinflWarningView::SexDiffers => PinflWarning::SexDiffers,
    }
}

/// At each key press, on this thread, as the zone is.
fn typed<W>(so_far: SoFar<W>, slip: fn(W) -> TypedState) -> TypedItem {
    TypedItem {
        typed: int(so_far.typed),
        state: match so_far.state {
            FieldState::Empty => TypedState::Empty,
            FieldState::Unfinished => TypedState::Unfinished,
            FieldState::Whole => TypedState::Whole,
            FieldState::Wrong(what) => slip(what),
        },
        text: so_far.text.into(),
    }
}

fn date_slip(slip: DateSlip) -> TypedState {
    match slip {
        DateSlip::Day => TypedState::Day,
        DateSlip::Month => TypedState::Month,
        DateSlip::Year => TypedState::Year,
        DateSlip::NoSuchDay => TypedState::NoSuchDay,
        DateSlip::TooLong => TypedState::TooLong,
    }
}

fn number_slip(slip: NumberSlip) -> TypedState {
    match slip {
        NumberSlip::Letters => TypedState::Letters,
        NumberSlip::Digits => TypedState::Digits,
        NumberSlip::TooLong => TypedState::TooLong,
    }
}

fn pinfl_slip(slip: PinflSlip) -> TypedState {
    match slip {
        PinflSlip::TooLong => TypedState::TooLong,
        PinflSlip::Odd(odd) => match odd {
            regulation::identity::PinflWarning::CheckDigit => TypedState::CheckDigit,
            regulation::identity::PinflWarning::SexAndCentury => TypedState::Century,
            regulation::identity::PinflWarning::BirthDate => TypedState::Date,
            // Of a sex nothing is typed.
            regulation::identity::PinflWarning::BirthDateDiffers
            | regulation::identity::PinflWarning::SexDiffers => TypedState::BirthDateDiffers,
        },
    }
}

/// At each key press, on this thread: some microseconds.
fn zone(text: &str) -> ZoneItem {
    let progress = zone_progress(text);
    let checks: Vec<_> = progress.checks.into_iter().map(zone_check).collect();
    ZoneItem {
        typed: int(progress.typed),
        of: progress.of.map_or(0, int),
        wrong: progress.wrong_character.map_or(0, |at| int(at + 1)),
        checks: ModelRc::new(VecModel::from(checks)),
    }
}

fn zone_check((check, so_far): (MrzCheck, CheckSoFar)) -> ZoneCheckItem {
    ZoneCheckItem {
        check: match check {
            MrzCheck::DocumentNumber => ZoneCheckName::DocumentNumber,
            MrzCheck::BirthDate => ZoneCheckName::BirthDate,
            MrzCheck::Expiry => ZoneCheckName::Expiry,
            MrzCheck::PersonalNumber => ZoneCheckName::PersonalNumber,
            MrzCheck::Composite => ZoneCheckName::Composite,
        },
        state: match so_far {
            CheckSoFar::NotYet => ZoneState::NotYet,
            CheckSoFar::Right => ZoneState::Right,
            CheckSoFar::Wrong => ZoneState::Wrong,
        },
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
        no_patronymic: form.no_patronymic,
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
        no_patronymic: fields.no_patronymic,
        birth_date: fields.birth_date.to_string(),
        zone: None,
    }
}
