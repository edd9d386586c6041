//! Surname, given name, patronymic.

use crate::hidden_debug;
use serde::{Deserialize, Serialize};

/// Surname, given name and patronymic (which may be absent), as typed or as central holds them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    pub surname: String,
    pub given: String,
    pub patronymic: Option<String>,
}

hidden_debug!(PersonName);

/// Which field of a typed name is wrong, and how (§28). Holds nothing of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("surname: {0}")]
    Surname(NameProblem),
    #[error("given name: {0}")]
    Given(NameProblem),
    #[error("patronymic: {0}")]
    Patronymic(NameProblem),
}

/// What is wrong with one field of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    #[error("empty, or without a letter")]
    Empty,
    #[error("longer than 64 characters")]
    TooLong,
    #[error("a character that no name has")]
    Character,
}

/// Characters of one field.
const LONGEST: usize = 64;

impl PersonName {
    /// A typed name (§28). Ends are trimmed and runs of spaces made one; letters of the Latin and
    /// the Cyrillic script, apostrophe, hyphen and space are taken. Every kind of apostrophe
    /// becomes ʻ (U+02BB) after o and g, and ʼ (U+02BC) elsewhere. A blank patronymic is none.
    ///
    /// # Errors
    /// The first field that is empty, longer than 64 characters or holds another character.
    pub fn new(surname: &str, given: &str, patronymic: Option<&str>) -> Result<Self, NameError> {
        let patronymic = patronymic.filter(|text| !text.trim().is_empty());
        Ok(Self {
            surname: field(surname).map_err(NameError::Surname)?,
            given: field(given).map_err(NameError::Given)?,
            patronymic: patronymic
                .map(field)
                .transpose()
                .map_err(NameError::Patronymic)?,
        })
    }
}

fn field(text: &str) -> Result<String, NameProblem> {
    let mut name = String::new();
    for word in text.split_whitespace() {
        if !name.is_empty() {
            name.push(' ');
        }
        for c in word.chars() {
            let c = match c {
                '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' => {
                    match name.chars().next_back() {
                        Some('o' | 'O' | 'g' | 'G') => 'ʻ',
                        _ => 'ʼ',
                    }
                }
                '-' | '‐' | '‑' | '–' => '-',
                c if is_letter(c) => c,
                _ => return Err(NameProblem::Character),
            };
            name.push(c);
        }
    }
    if !name.chars().any(is_letter) {
        return Err(NameProblem::Empty);
    }
    if name.chars().count() > LONGEST {
        return Err(NameProblem::TooLong);
    }
    Ok(name)
}

/// Letters of the Latin script, with all its marks, and of the Cyrillic one, Uzbek included.
fn is_letter(c: char) -> bool {
    let latin = matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let cyrillic = matches!(c, '\u{400}'..='\u{52f}');
    (latin || cyrillic) && c.is_alphabetic()
}
