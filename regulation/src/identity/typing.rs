//! Date of birth, document number and PINFL while they are typed (§28): as they are to stand in the field, and
//! what is wrong with them so far. Nothing here refuses: that is for the whole form.

use super::{BirthDate, Pinfl, PinflWarning, latin_look_alike};
use crate::Date;
use crate::encounter::DocumentKind;

/// A field as typed so far. The text is what was typed, put into its form: nothing is lost of it but signs
/// that have no meaning there.
#[derive(Clone, PartialEq, Eq)]
pub struct SoFar<W> {
    pub text: String,
    /// Characters that count, without the signs between them.
    pub typed: usize,
    pub state: FieldState<W>,
}

impl<W> std::fmt::Debug for SoFar<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SoFar(..)")
    }
}

/// How a field stands; `W` says what can be wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldState<W> {
    Empty,
    /// Nothing is wrong yet, and something is missing.
    Unfinished,
    Whole,
    Wrong(W),
}

/// What can be wrong with a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateSlip {
    /// Above 31, or 0.
    Day,
    /// Above 12, or 0.
    Month,
    /// Of neither the 19th, the 20th nor the 21st century.
    Year,
    /// 30 February.
    NoSuchDay,
    TooLong,
}

/// What can be wrong with the number of an ID card or a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberSlip {
    /// Two Latin letters come first.
    Letters,
    /// … then seven digits.
    Digits,
    TooLong,
}

/// What can be wrong with a PINFL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinflSlip {
    TooLong,
    /// To be shown, never to block.
    Odd(PinflWarning),
}

/// Digits of a PINFL.
const PINFL: usize = 14;

/// A date as DD.MM.YYYY: the dots come by themselves, and may be typed. A day or a month of one digit gets its
/// zero when it is ended by a sign that is the last one typed. Before other digits it is being mended: it stays
/// as it is, and the date is unfinished, though [`Date::from_typed`] reads it in the form that is handed in.
#[must_use]
pub fn date(typed: &str) -> SoFar<DateSlip> {
    let mut parts = [String::new(), String::new(), String::new()];
    let mut at = 0;
    let mut too_long = false;
    let digits_end = typed.rfind(|c: char| c.is_ascii_digit());
    let mut sign = None;
    for (place, c) in typed.char_indices() {
        if c.is_ascii_digit() {
            if at < 2 && parts[at].len() == 2 {
                at += 1;
            }
            too_long |= at == 2 && parts[2].len() == 4;
            parts[at].push(c);
            sign = None;
            continue;
        }
        let last = digits_end.is_none_or(|end| place > end);
        if at < 2 && !parts[at].is_empty() {
            if last && parts[at].len() == 1 {
                parts[at].insert(0, '0');
            }
            at += 1;
        } else if at < 2 && !last && c == '.' && (sign == Some('.') || place == 0) {
            // Nothing is left between two dots, or before the first one.
            at += 1;
        }
        sign = Some(c);
    }
    let told = parts.iter().rposition(|part| !part.is_empty());
    let shown = &parts[..told.map_or(0, |last| last + 1)];
    let [day, month, year] = &parts;
    // One digit before others is a day or a month as well: "4.2.1990".
    let mended = |part: &str, at: usize| part.len() == 1 && at + 1 < shown.len();
    let state = if shown.is_empty() {
        FieldState::Empty
    } else if too_long {
        FieldState::Wrong(DateSlip::TooLong)
    } else if !mended(day, 0) && !may_become(day, 1, 31) {
        FieldState::Wrong(DateSlip::Day)
    } else if !mended(month, 1) && !may_become(month, 1, 12) {
        FieldState::Wrong(DateSlip::Month)
    } else if !["18", "19", "20"].iter().any(|century| {
        let told = year.len().min(2);
        year.get(..told) == century.get(..told)
    }) {
        FieldState::Wrong(DateSlip::Year)
    } else if day.len() < 2 || month.len() < 2 || year.len() < 4 {
        FieldState::Unfinished
    } else if calendar(day, month, year) {
        FieldState::Whole
    } else {
        FieldState::Wrong(DateSlip::NoSuchDay)
    };
    SoFar {
        typed: parts.iter().map(String::len).sum(),
        text: shown.join("."),
        state,
    }
}

/// Whether two digits, typed so far, may still be a number in this range.
fn may_become(typed: &str, least: u8, most: u8) -> bool {
    match typed.len() {
        0 => true,
        1 => (least..=most).any(|n| format!("{n:02}").starts_with(typed)),
        _ => typed.parse().is_ok_and(|n| (least..=most).contains(&n)),
    }
}

fn calendar(day: &str, month: &str, year: &str) -> bool {
    match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).is_ok(),
        _ => false,
    }
}

/// A document number. Of an ID card or a passport: capitals, Cyrillic letters that look like Latin ones taken
/// for them, no spaces; what was typed beyond that stays, and is wrong. Of another document: as typed.
#[must_use]
pub fn number(kind: Option<DocumentKind>, typed: &str) -> SoFar<NumberSlip> {
    let of_ours = matches!(kind, Some(DocumentKind::IdCard | DocumentKind::Passport));
    let text: String = if of_ours {
        typed
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .map(latin_look_alike)
            .collect()
    } else {
        typed.to_owned()
    };
    let count = text.chars().count();
    let state = if text.trim().is_empty() {
        FieldState::Empty
    } else if !of_ours {
        FieldState::Whole
    } else if text.chars().take(2).any(|c| !c.is_ascii_uppercase()) {
        FieldState::Wrong(NumberSlip::Letters)
    } else if text.chars().skip(2).any(|c| !c.is_ascii_digit()) {
        FieldState::Wrong(NumberSlip::Digits)
    } else {
        match count {
            0..=8 => FieldState::Unfinished,
            9 => FieldState::Whole,
            _ => FieldState::Wrong(NumberSlip::TooLong),
        }
    };
    SoFar {
        text,
        typed: count,
        state,
    }
}

/// A PINFL: digits alone. `birth_date` is what was typed of it, if it is whole.
#[must_use]
pub fn pinfl(typed: &str, birth_date: Option<&BirthDate>) -> SoFar<PinflSlip> {
    let text: String = typed.chars().filter(char::is_ascii_digit).collect();
    let state = match text.len() {
        0 => FieldState::Empty,
        1..PINFL => FieldState::Unfinished,
        PINFL => match Pinfl::parse(&text) {
            Ok((pinfl, odd)) => {
                let against = birth_date.map(|date| pinfl.warnings_against(date));
                let odd = odd.into_iter().chain(against.into_iter().flatten()).next();
                odd.map_or(FieldState::Whole, |odd| {
                    FieldState::Wrong(PinflSlip::Odd(odd))
                })
            }
            Err(_) => FieldState::Unfinished,
        },
        _ => FieldState::Wrong(PinflSlip::TooLong),
    };
    SoFar {
        typed: text.len(),
        text,
        state,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The field after each key.
    fn keys(keys: &str) -> Vec<String> {
        let mut text = String::new();
        let mut seen = Vec::new();
        for key in keys.chars() {
            if key == '<' {
                text.pop();
            } else {
                text.push(key);
            }
            text = date(&text).text;
            seen.push(text.clone());
        }
        seen
    }

    #[test]
    fn dots_of_a_date_come_by_themselves_and_may_be_typed() {
        assert_eq!(
            keys("01021990"),
            [
                "0",
                "01",
                "01.0",
                "01.02",
                "01.02.1",
                "01.02.19",
                "01.02.199",
                "01.02.1990"
            ]
        );
        assert_eq!(keys("1.2.1990").last().unwrap(), "01.02.1990");
        assert_eq!(keys("01.02.1990").last().unwrap(), "01.02.1990");
        // What was erased stays erased.
        assert_eq!(keys("0102<<<").last().unwrap(), "0");
    }

    #[test]
    fn a_date_is_mended_in_its_middle() {
        let stays = |typed: &str| {
            let so_far = date(typed);
            assert_eq!(so_far.text, typed);
            so_far.state
        };
        // Each one sign away from the one before, as it is erased and typed again.
        for typed in ["1.02.1990", ".02.1990", "2.02.1990", "01.2.1990"] {
            assert_eq!(stays(typed), FieldState::Unfinished, "{typed}");
        }
        for typed in ["01.0.1990", "01..1990", "01.1.1990"] {
            assert_eq!(stays(typed), FieldState::Unfinished, "{typed}");
        }
        assert_eq!(stays("4.2.1990"), FieldState::Unfinished);
        assert_eq!(stays("21.02.1990"), FieldState::Whole);
        assert_eq!(stays("01.12.1990"), FieldState::Whole);
        // A sign at the end shows nothing: the dot comes with the next digit.
        assert_eq!(date("01.02.").text, "01.02");
        assert_eq!(date(".").text, "");
        assert_eq!(date("1. 2. 1990").text, "1.2.1990");
        // Put in whole, the form takes it, as it is shown.
        let pasted = date("1.2.1990");
        assert_eq!(pasted.text, "1.2.1990");
        assert_eq!(Date::from_typed(&pasted.text), Date::new(1990, 2, 1));
        for unfinished in ["01..1990", ".02.1990", "01.0.1990"] {
            assert!(Date::from_typed(&date(unfinished).text).is_err());
        }
    }

    #[test]
    fn a_date_says_what_is_wrong_as_soon_as_it_is() {
        use DateSlip::{Day, Month, NoSuchDay, TooLong, Year};
        for (typed, state) in [
            ("", FieldState::Empty),
            ("3", FieldState::Unfinished),
            ("4", FieldState::Wrong(Day)),
            ("00", FieldState::Wrong(Day)),
            ("3113", FieldState::Wrong(Month)),
            ("31021", FieldState::Unfinished),
            ("31023", FieldState::Wrong(Year)),
            ("3102179", FieldState::Wrong(Year)),
            ("30021990", FieldState::Wrong(NoSuchDay)),
            ("29021996", FieldState::Whole),
            ("010219901", FieldState::Wrong(TooLong)),
        ] {
            assert_eq!(date(typed).state, state, "{typed}");
        }
    }

    #[test]
    fn a_number_is_put_into_its_form_and_says_what_is_wrong() {
        let card = |typed| number(Some(DocumentKind::IdCard), typed);
        // Cyrillic А and В.
        assert_eq!(card("ав 123 4567").text, "AB1234567");
        assert_eq!(card("ав 123 4567").state, FieldState::Whole);
        assert_eq!(card("a1").state, FieldState::Wrong(NumberSlip::Letters));
        assert_eq!(card("aa1x").state, FieldState::Wrong(NumberSlip::Digits));
        assert_eq!(card("aa12").state, FieldState::Unfinished);
        let long = card("aa12345678");
        assert_eq!(long.state, FieldState::Wrong(NumberSlip::TooLong));
        assert_eq!(long.text, "AA12345678", "nothing typed is taken away");
        assert_eq!(number(Some(DocumentKind::Other), "x 1").text, "x 1");
        assert_eq!(number(None, "x 1").state, FieldState::Whole);
    }

    #[test]
    fn a_pinfl_counts_its_digits_and_compares_itself() {
        assert_eq!(pinfl("3010 190", None).text, "3010190");
        assert_eq!(pinfl("3010 190", None).typed, 7);
        assert_eq!(pinfl("", None).state, FieldState::Empty);
        assert_eq!(
            pinfl("123456789012345", None).state,
            FieldState::Wrong(PinflSlip::TooLong)
        );
        let whole = (0..10)
            .map(|digit| format!("3010190001000{digit}"))
            .find(|text| pinfl(text, None).state == FieldState::Whole)
            .unwrap();
        let born = |y, m, d| BirthDate(Date::new(y, m, d).unwrap());
        assert_eq!(
            pinfl(&whole, Some(&born(1990, 1, 1))).state,
            FieldState::Whole
        );
        assert_eq!(
            pinfl(&whole, Some(&born(1990, 10, 1))).state,
            FieldState::Wrong(PinflSlip::Odd(PinflWarning::BirthDateDiffers))
        );
    }
}
