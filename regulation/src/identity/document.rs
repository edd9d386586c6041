//! Numbers of identity documents.

use super::latin_look_alike;
use crate::encounter::DocumentKind;
use crate::hidden_debug;
use serde::{Deserialize, Serialize};

/// Number of an identity document: for ID card and passport two letters and seven digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentNumber(pub String);

hidden_debug!(DocumentNumber);

/// Why a typed document number was not taken (§28). Holds nothing of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentNumberError {
    #[error("the document number is empty")]
    Empty,
    /// Of an ID card or a passport.
    #[error("the document number is not two letters and seven digits")]
    NotTwoLettersSevenDigits,
    /// Of any other document.
    #[error("the document number is longer than 32 characters")]
    TooLong,
    #[error("the document number holds a character that cannot be printed")]
    NotPrintable,
}

/// Characters of the number of another document.
const LONGEST: usize = 32;

impl DocumentNumber {
    /// A typed document number (§8, §28). For an ID card or a passport of Uzbekistan: two Latin
    /// letters and seven digits, spaces dropped, capitals made, Cyrillic letters that look like
    /// Latin ones taken for them. For another document (a foreign passport is one): 1 to 32
    /// printable characters, trimmed, as typed.
    ///
    /// # Errors
    /// The number is empty or has not the form of its kind.
    pub fn parse(kind: DocumentKind, text: &str) -> Result<Self, DocumentNumberError> {
        if text.trim().is_empty() {
            return Err(DocumentNumberError::Empty);
        }
        match kind {
            DocumentKind::IdCard | DocumentKind::Passport => two_letters_seven_digits(text),
            DocumentKind::Other => other(text),
        }
        .map(Self)
    }
}

fn two_letters_seven_digits(text: &str) -> Result<String, DocumentNumberError> {
    let number: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .map(latin_look_alike)
        .collect();
    let form = number.len() == 9
        && number.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && number.bytes().skip(2).all(|b| b.is_ascii_digit());
    if form {
        Ok(number)
    } else {
        Err(DocumentNumberError::NotTwoLettersSevenDigits)
    }
}

fn other(text: &str) -> Result<String, DocumentNumberError> {
    let number = text.trim();
    // Besides controls: marks without a width, marks of direction, separators other than a space.
    let unprintable = |c: char| {
        c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
    };
    if number.chars().any(unprintable) {
        return Err(DocumentNumberError::NotPrintable);
    }
    if number.chars().count() > LONGEST {
        return Err(DocumentNumberError::TooLong);
    }
    Ok(number.to_owned())
}
