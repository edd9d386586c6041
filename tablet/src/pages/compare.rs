//! §3, §28: field by field, what the officer gave of a document and what the register holds.

use super::{EncounterEntry, State};
use protocol::{Answer, AnswerResult, PersonRecord};
use regulation::encounter::{Basis, DocumentData, DocumentKind, Person};
use regulation::identity::{Likeness, Sex, compare_names, compare_numbers};

/// One field that the officer gave.
#[derive(Clone, PartialEq, Eq)]
pub struct ComparedView {
    pub field: ComparedField,
    /// As typed, or as the zone has it; of the sex, `m` or `f`.
    pub entered: String,
    /// As the register has it; empty where it holds none.
    pub register: String,
    pub how: ComparedHow,
}

impl std::fmt::Debug for ComparedView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComparedView")
            .field("field", &self.field)
            .field("how", &self.how)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedField {
    Number,
    Pinfl,
    Surname,
    Given,
    Patronymic,
    BirthDate,
    Sex,
    Expiry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedHow {
    AsInRegister,
    ByEye,
    Differs,
    /// The document was valid for the last time before today; no register is asked about it.
    Expired,
}

impl From<Likeness> for ComparedHow {
    fn from(likeness: Likeness) -> Self {
        match likeness {
            Likeness::Same => Self::AsInRegister,
            Likeness::ByEye => Self::ByEye,
            Likeness::Differs => Self::Differs,
        }
    }
}

/// The fields given for a question by document or PINFL that found somebody; of others, none.
pub(super) fn compared(
    state: &State,
    entry: &EncounterEntry,
    answer: &Answer,
) -> Vec<ComparedView> {
    let AnswerResult::Found { person, .. } = &answer.result else {
        return Vec::new();
    };
    let Some(question) = entry.encounter.question(answer.question) else {
        return Vec::new();
    };
    let document = match question.basis {
        Basis::Document { document } => document,
        Basis::Pinfl => question
            .stated
            .as_ref()
            .map_or(DocumentKind::Other, |said| said.document),
        Basis::Fingerprint { .. } | Basis::Face => return Vec::new(),
    };
    let mut fields = Vec::new();
    if let Some(said) = &question.stated {
        numbers(said, person, &mut fields);
    }
    if let Some(entered) = &entry.encounter.person {
        names(entered, document, person, &mut fields);
    }
    if let Some(said) = &question.stated {
        sex_and_expiry(state, said, person, &mut fields);
    }
    fields
}

/// A number or a date of birth that differs: somebody else's document, or a false one.
pub(super) fn wants_care(fields: &[ComparedView]) -> bool {
    fields.iter().any(|field| {
        field.how == ComparedHow::Differs
            && matches!(
                field.field,
                ComparedField::Number | ComparedField::Pinfl | ComparedField::BirthDate
            )
    })
}

fn numbers(said: &DocumentData, person: &PersonRecord, fields: &mut Vec<ComparedView>) {
    if let Some(number) = &said.number {
        let register = person.document.as_ref();
        fields.push(ComparedView {
            field: ComparedField::Number,
            entered: number.0.clone(),
            register: register.map(|d| d.0.clone()).unwrap_or_default(),
            how: register
                .map_or(Likeness::ByEye, |d| compare_numbers(number, d))
                .into(),
        });
    }
    if let Some(pinfl) = &said.pinfl {
        let register = person.pinfl.as_ref();
        let how = match register {
            None => ComparedHow::ByEye,
            Some(held) if held.0.trim() == pinfl.0.trim() => ComparedHow::AsInRegister,
            Some(_) => ComparedHow::Differs,
        };
        fields.push(ComparedView {
            field: ComparedField::Pinfl,
            entered: pinfl.0.clone(),
            register: register.map(|p| p.0.clone()).unwrap_or_default(),
            how,
        });
    }
}

fn names(
    entered: &Person,
    document: DocumentKind,
    person: &PersonRecord,
    fields: &mut Vec<ComparedView>,
) {
    let likeness = compare_names(&entered.name, &person.name, document);
    let patronymic = |name: &Option<String>| name.clone().unwrap_or_default();
    for (field, entered, register, likeness) in [
        (
            ComparedField::Surname,
            entered.name.surname.clone(),
            person.name.surname.clone(),
            likeness.surname,
        ),
        (
            ComparedField::Given,
            entered.name.given.clone(),
            person.name.given.clone(),
            likeness.given,
        ),
        (
            ComparedField::Patronymic,
            patronymic(&entered.name.patronymic),
            patronymic(&person.name.patronymic),
            likeness.patronymic,
        ),
    ] {
        if let Some(likeness) = likeness {
            fields.push(ComparedView {
                field,
                entered,
                register,
                how: likeness.into(),
            });
        }
    }
    let same = entered.birth_date == person.birth_date;
    fields.push(ComparedView {
        field: ComparedField::BirthDate,
        entered: entered.birth_date.0.typed(),
        register: person.birth_date.0.typed(),
        how: if same {
            ComparedHow::AsInRegister
        } else {
            ComparedHow::Differs
        },
    });
}

/// The register holds no sex of its own: its PINFL states one. Of the expiry it holds nothing.
fn sex_and_expiry(
    state: &State,
    said: &DocumentData,
    person: &PersonRecord,
    fields: &mut Vec<ComparedView>,
) {
    let letter = |sex: Sex| match sex {
        Sex::Male => "m".to_owned(),
        Sex::Female => "f".to_owned(),
    };
    let register = person.pinfl.as_ref().and_then(|pinfl| pinfl.sex());
    if let (Some(sex), Some(register)) = (said.sex, register) {
        fields.push(ComparedView {
            field: ComparedField::Sex,
            entered: letter(sex),
            register: letter(register),
            how: if sex == register {
                ComparedHow::AsInRegister
            } else {
                ComparedHow::Differs
            },
        });
    }
    let today = state
        .now
        .local_date(state.edition.limits.utc_offset_minutes)
        .ok();
    if let (Some(expiry), Some(today)) = (said.expiry, today)
        && expiry < today
    {
        fields.push(ComparedView {
            field: ComparedField::Expiry,
            entered: expiry.typed(),
            register: String::new(),
            how: ComparedHow::Expired,
        });
    }
}
