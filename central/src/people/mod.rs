//! People and the registers they are on.

pub mod import;
pub mod portrait;

use biometrics::finger::Template;
use portrait::NewPortrait;
use protocol::RegisterEntry;
use protocol::answer::RegisterAsked;
use regulation::encounter::Finger;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};

/// A register with its source and the day of its state.
pub type RegisterSource = RegisterAsked;

/// A person to be added, or to replace the one with the same id.
#[derive(Clone)]
pub struct NewPerson {
    /// Id of the body that the record comes from.
    pub id: String,
    pub name: PersonName,
    pub birth_date: BirthDate,
    pub address: String,
    pub pinfl: Option<Pinfl>,
    /// The first is shown in answers.
    pub documents: Vec<DocumentNumber>,
    /// Each on a register that is imported with it, or was before.
    pub entries: Vec<RegisterEntry>,
    pub prints: Vec<(Finger, Template)>,
    pub portrait: Option<NewPortrait>,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPerson(..)")
    }
}

/// A document number as it is compared: upper case, without spaces and hyphens.
#[must_use]
pub fn normal_document(number: &DocumentNumber) -> String {
    number
        .0
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_uppercase)
        .collect()
}
