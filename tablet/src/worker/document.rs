//! §8, §28: what was typed of a document: checked, shown back, and recorded when confirmed; and what
//! was recorded so, corrected.

use super::Worker;
use super::record::NotRecorded;
use crate::pages::{
    DocumentForm, DocumentProblem, DocumentReview, PatronymicView, PinflWarningView, Screen,
    ZoneRead,
};
use protocol::Probe;
use regulation::encounter::{Basis, DocumentData, DocumentKind, Event, Person};
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
    /// The officer says that there is no patronymic.
    no_patronymic: bool,
    /// What the zone of this document says besides.
    zone: Option<ZoneRead>,
    /// The person takes the place of the one recorded before; nothing else is recorded.
    correcting: bool,
}

impl Checked {
    /// What the document says, for the record and for the comparison with the answer.
    fn said(&self) -> DocumentData {
        DocumentData {
            document: self.kind,
            number: self.number.clone(),
            pinfl: self.pinfl.clone(),
            sex: self.zone.as_ref().and_then(|zone| zone.sex),
            expiry: self.zone.as_ref().and_then(|zone| zone.expiry),
        }
    }
}

impl Worker {
    pub(super) fn review_document(&mut self, mut form: DocumentForm) {
        self.state.document_problem = None;
        self.checked = None;
        self.forget_zone();
        let correcting = self.state.correcting;
        // The page gives back its fields alone.
        form.zone = form.zone.or_else(|| self.state.document_form.zone.clone());
        // A clock so wrong that it names no day cannot check a date either.
        let today = self.today().ok_or(DocumentProblem::BirthDate);
        let checked = today.and_then(|today| {
            if correcting {
                return Ok((check_correction(&form, today)?, Vec::new(), today));
            }
            fill_from_mrz(&mut form, today)?;
            let (checked, warnings) = check(&form, today)?;
            Ok((checked, warnings, today))
        });
        match checked {
            Ok((checked, warnings, today)) => {
                self.state.document_review = Some(review(&checked, warnings, today));
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

    /// §28: what was recorded of the person, in the fields again. The record keeps the old value.
    pub(super) fn correct_person(&mut self) {
        let entered = self.state.current_entry().and_then(|entry| {
            let person = entry.encounter.person.clone()?;
            (entry.encounter.stage != regulation::encounter::Stage::Closed).then_some(person)
        });
        let Some(person) = entered else {
            return;
        };
        self.clear_page();
        self.state.document_form = DocumentForm {
            surname: person.name.surname,
            given: person.name.given,
            no_patronymic: person.name.patronymic.is_none(),
            patronymic: person.name.patronymic.unwrap_or_default(),
            birth_date: person.birth_date.0.typed(),
            ..DocumentForm::default()
        };
        self.state.correcting = true;
        self.state.screen = Screen::Document;
    }

    fn record_document(&mut self, id: EncounterId, checked: &Checked) -> Result<(), NotRecorded> {
        let document = checked.kind;
        if checked.correcting {
            self.enter_person(id, checked.person.as_ref())?;
            self.open_encounter(id);
            return Ok(());
        }
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
        self.enter_person(id, checked.person.as_ref())?;
        let said = checked.said();
        let stated = self
            .state
            .current_entry()
            .and_then(|e| e.encounter.stated.as_ref());
        if stated != Some(&said) {
            self.record(id, Event::DocumentStated { said })?;
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

    /// §28: unless it is what is recorded already.
    fn enter_person(
        &mut self,
        id: EncounterId,
        person: Option<&Person>,
    ) -> Result<(), NotRecorded> {
        let known = self
            .state
            .current_entry()
            .and_then(|e| e.encounter.person.as_ref());
        match person {
            Some(person) if known != Some(person) => {
                let person = person.clone();
                self.record(id, Event::PersonEntered { person })
            }
            _ => Ok(()),
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
    form.zone = Some(ZoneRead {
        number: mrz.number.0.clone(),
        sex: mrz.sex,
        expiry: mrz.expiry,
    });
    form.number = mrz.number.0;
    form.pinfl = mrz.pinfl.map(|p| p.0).unwrap_or_default();
    form.surname = mrz.name.surname;
    form.given = mrz.name.given;
    if let Some(birth) = mrz.birth_date {
        form.birth_date = birth.0.typed();
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
    // Of another document than the one that is typed now it says nothing.
    let same = |zone: &&ZoneRead| number.as_ref().is_some_and(|n| n.0 == zone.number);
    let zone = form.zone.as_ref().filter(same).cloned();
    let typed = [
        &form.surname,
        &form.given,
        &form.patronymic,
        &form.birth_date,
    ];
    let person = if form.ask && typed.iter().all(|field| field.trim().is_empty()) {
        None
    } else {
        // A zone holds no patronymic: who asks by it is not made to type one.
        Some(person(form, form.ask && zone.is_some(), today)?)
    };
    if form.ask && number.is_none() && pinfl.is_none() {
        return Err(DocumentProblem::NothingToAskBy);
    }
    if let (Some(pinfl), Some(person)) = (&pinfl, &person) {
        warnings.extend(pinfl.warnings_against(&person.birth_date));
    }
    let sex = zone.as_ref().and_then(|zone| zone.sex);
    if let (Some(pinfl), Some(sex)) = (&pinfl, sex) {
        warnings.extend(pinfl.warning_against_sex(sex));
    }
    Ok((
        Checked {
            kind,
            ask: form.ask,
            number,
            pinfl,
            person,
            no_patronymic: form.no_patronymic,
            zone,
            correcting: false,
        },
        warnings,
    ))
}

/// §28: the person alone.
fn check_correction(form: &DocumentForm, today: Date) -> Result<Checked, DocumentProblem> {
    Ok(Checked {
        kind: DocumentKind::Other,
        ask: false,
        number: None,
        pinfl: None,
        person: Some(person(form, false, today)?),
        no_patronymic: form.no_patronymic,
        zone: None,
        correcting: true,
    })
}

/// `may_be_unsaid`: the patronymic, if it is neither typed nor said to be absent.
fn person(
    form: &DocumentForm,
    may_be_unsaid: bool,
    today: Date,
) -> Result<Person, DocumentProblem> {
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
    if patronymic.is_none() && !form.no_patronymic && !may_be_unsaid {
        return Err(DocumentProblem::PatronymicMissing);
    }
    Ok(Person { name, birth_date })
}

fn review(checked: &Checked, warnings: Vec<PinflWarning>, today: Date) -> DocumentReview {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let mut views: Vec<_> = warnings
        .into_iter()
        .map(|warning| match warning {
            PinflWarning::CheckDigit => PinflWarningView::CheckDigit,
            PinflWarning::SexAndCentury => PinflWarningView::Century,
            PinflWarning::BirthDate => PinflWarningView::Date,
            PinflWarning::BirthDateDiffers => PinflWarningView::BirthDateDiffers,
            PinflWarning::SexDiffers => PinflWarningView::SexDiffers,
        })
        .collect();
    views.dedup();
    let said = checked.said();
    DocumentReview {
        kind: checked.kind,
        ask: checked.ask,
        number: text(checked.number.as_ref().map(|n| &n.0)),
        // Shown back is what will be recorded: where central is not asked, the PINFL only checks.
        pinfl: text(checked.pinfl.as_ref().filter(|_| checked.ask).map(|p| &p.0)),
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
        patronymic: match &checked.person {
            Some(person) if person.name.patronymic.is_some() => PatronymicView::Typed,
            Some(_) if checked.no_patronymic => PatronymicView::Absent,
            Some(_) => PatronymicView::NotSaid,
            None => PatronymicView::Typed,
        },
        birth_date: checked
            .person
            .as_ref()
            .map(|p| p.birth_date.0.typed())
            .unwrap_or_default(),
        sex: said.sex.filter(|_| checked.ask),
        expiry: said.expiry.map(regulation::Date::typed).unwrap_or_default(),
        expired: said.expiry.is_some_and(|last| last < today),
        warnings: views,
    }
}
