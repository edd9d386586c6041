//! §8, §28: what was typed of a document: checked, shown back, and recorded when confirmed.

use super::Worker;
use super::record::NotRecorded;
use crate::pages::{DocumentForm, DocumentProblem, DocumentReview, PinflWarningView, Screen};
use protocol::Probe;
use regulation::encounter::{Basis, DocumentKind, Event, Person};
use regulation::identity::{
    BirthDate, DocumentNumber, Mrz, NameError, PersonName, Pinfl, PinflWarning,
};
use regulation::{Date, EncounterId};

/// What [`super::Command::ConfirmDocument`] records.
pub(super) struct Checked {
    kind: DocumentKind,
    ask: bool,
    number: Option<DocumentNumber>,
    pinfl: Option<Pinfl>,
    person: Option<Person>,
}

impl Checked {
    /// The PINFL, if it is what central will be asked by.
    fn asked_pinfl(&self) -> Option<&Pinfl> {
        self.pinfl
            .as_ref()
            .filter(|_| self.ask && self.number.is_none())
    }
}

impl Worker {
    pub(super) fn review_document(&mut self, mut form: DocumentForm) {
        self.state.document_problem = None;
        self.checked = None;
        self.forget_zone();
        // A clock so wrong that it names no day cannot check a date either.
        let today = self.today().ok_or(DocumentProblem::BirthDate);
        let checked = today.and_then(|today| {
            fill_from_mrz(&mut form, today)?;
            check(&form, today)
        });
        match checked {
            Ok((checked, warnings)) => {
                self.state.document_review = Some(review(&form, &checked, warnings));
                self.checked = Some(checked);
            }
            Err(problem) => {
                self.state.document_problem = Some(problem);
                self.state.document_review = None;
            }
        }
        self.state.document_form = form;
    }

    pub(super) fn confirm_document(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        let Some(checked) = self.checked.take() else {
            return Ok(());
        };
        let recorded = self.record_document(id, &checked);
        if recorded.is_err() {
            self.checked = Some(checked);
            return recorded;
        }
        self.state.document_review = None;
        self.state.document_form = DocumentForm::default();
        Ok(())
    }

    fn record_document(&mut self, id: EncounterId, checked: &Checked) -> Result<(), NotRecorded> {
        let document = checked.kind;
        if !checked.ask {
            let Some(person) = checked.person.clone() else {
                return Err(NotRecorded);
            };
            let number = checked.number.clone();
            self.record(
                id,
                Event::IdentifiedByDocument {
                    document,
                    number,
                    person,
                },
            )?;
            self.state.screen = Screen::Outcome;
            return Ok(());
        }
        if let Some(person) = &checked.person {
            let known = self
                .state
                .current_entry()
                .and_then(|e| e.encounter.person.as_ref());
            if known != Some(person) {
                self.record(
                    id,
                    Event::PersonEntered {
                        person: person.clone(),
                    },
                )?;
            }
        }
        match (&checked.number, &checked.pinfl) {
            (Some(number), _) => {
                let probe = Probe::Document {
                    document,
                    number: number.clone(),
                };
                self.ask(id, Basis::Document { document }, probe)
            }
            (None, Some(pinfl)) => self.ask(
                id,
                Basis::Pinfl,
                Probe::Pinfl {
                    pinfl: pinfl.clone(),
                },
            ),
            (None, None) => Err(NotRecorded),
        }
    }
}

/// Reads the machine-readable zone, if one was typed, into the fields.
fn fill_from_mrz(form: &mut DocumentForm, today: Date) -> Result<(), DocumentProblem> {
    if form.mrz.trim().is_empty() {
        return Ok(());
    }
    let mrz = Mrz::parse(&form.mrz, today).map_err(|_| DocumentProblem::Mrz)?;
    form.kind = Some(mrz.document);
    form.number = mrz.number.0;
    form.pinfl = mrz.pinfl.map(|p| p.0).unwrap_or_default();
    form.surname = mrz.name.surname;
    form.given = mrz.name.given;
    if let Some(birth) = mrz.birth_date {
        form.birth_date = crate::pages::date_text(birth.0);
    }
    form.mrz.clear();
    Ok(())
}

fn check(
    form: &DocumentForm,
    today: Date,
) -> Result<(Checked, Vec<PinflWarning>), DocumentProblem> {
    let kind = form.kind.ok_or(DocumentProblem::KindMissing)?;
    let number = match form.number.trim() {
        "" => None,
        text => Some(DocumentNumber::parse(kind, text).map_err(|_| DocumentProblem::Number)?),
    };
    let (pinfl, mut warnings) = match form.pinfl.trim() {
        "" => (None, Vec::new()),
        text => {
            let (pinfl, warnings) = Pinfl::parse(text).map_err(|_| DocumentProblem::Pinfl)?;
            (Some(pinfl), warnings)
        }
    };
    let typed = [
        &form.surname,
        &form.given,
        &form.patronymic,
        &form.birth_date,
    ];
    let person = if form.ask && typed.iter().all(|field| field.trim().is_empty()) {
        None
    } else {
        Some(person(form, today)?)
    };
    if form.ask && number.is_none() && pinfl.is_none() {
        return Err(DocumentProblem::NothingToAskBy);
    }
    if let (Some(pinfl), Some(person)) = (&pinfl, &person) {
        warnings.extend(pinfl.warnings_against(&person.birth_date));
    }
    Ok((
        Checked {
            kind,
            ask: form.ask,
            number,
            pinfl,
            person,
        },
        warnings,
    ))
}

fn person(form: &DocumentForm, today: Date) -> Result<Person, DocumentProblem> {
    let patronymic = Some(form.patronymic.as_str()).filter(|p| !p.trim().is_empty());
    let name = PersonName::new(&form.surname, &form.given, patronymic).map_err(|e| match e {
        NameError::Surname(_) => DocumentProblem::Surname,
        NameError::Given(_) => DocumentProblem::Given,
        NameError::Patronymic(_) => DocumentProblem::Patronymic,
    })?;
    let birth_date = Date::from_typed(&form.birth_date)
        .ok()
        .and_then(|date| BirthDate::new(date, today).ok())
        .ok_or(DocumentProblem::BirthDate)?;
    Ok(Person { name, birth_date })
}

fn review(form: &DocumentForm, checked: &Checked, warnings: Vec<PinflWarning>) -> DocumentReview {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let mut views: Vec<_> = warnings
        .into_iter()
        .map(|warning| match warning {
            PinflWarning::CheckDigit => PinflWarningView::CheckDigit,
            PinflWarning::SexAndCentury => PinflWarningView::Century,
            PinflWarning::BirthDate => PinflWarningView::Date,
            PinflWarning::BirthDateDiffers => PinflWarningView::BirthDateDiffers,
        })
        .collect();
    views.dedup();
    DocumentReview {
        kind: checked.kind,
        ask: form.ask,
        number: text(checked.number.as_ref().map(|n| &n.0)),
        // Shown back is what will be recorded; beside a number the PINFL only checks the rest.
        pinfl: text(checked.asked_pinfl().map(|p| &p.0)),
        name: checked
            .person
            .as_ref()
            .map(|p| {
                let patronymic = p.name.patronymic.as_deref().unwrap_or_default();
                format!("{} {} {patronymic}", p.name.surname, p.name.given)
                    .trim()
                    .to_owned()
            })
            .unwrap_or_default(),
        birth_date: checked
            .person
            .as_ref()
            .map(|p| crate::pages::date_text(p.birth_date.0))
            .unwrap_or_default(),
        warnings: views,
    }
}
