//! Names, dates of birth, PINFL, document numbers and machine-readable zones (§8, §28).

use crate::Date;
use serde::{Deserialize, Serialize};

/// Surname, given name and patronymic (which may be absent), as typed or as central holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    pub surname: String,
    pub given: String,
    pub patronymic: Option<String>,
}

/// A date of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(pub Date);

/// Number of an identity document: for ID card and passport two letters and seven digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentNumber(pub String);

/// Personal identification number of a natural person (JSHSHIR), 14 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pinfl(pub String);
