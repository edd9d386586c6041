//! Uzbek in its two scripts: the Latin spelling of a Cyrillic text, and what a search compares.

use crate::identity::is_apostrophe;

const VOWELS: &str = "аеёиоуўэюя";

/// A Cyrillic text by the Uzbek alphabet of 1995 (law of 2 September 1993, as amended on 6 May 1995):
/// ʻ (U+02BB) in oʻ and gʻ, ʼ (U+02BC) for ъ. What is not Cyrillic stays as it is. «Е» before a hyphen
/// is a letter's name, not a word's beginning: "E-patrul".
#[must_use]
pub fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let small = c.to_lowercase().next().unwrap_or(c);
        let after_vowel = VOWELS.contains(before);
        let begins = !before.is_alphabetic();
        let named = begins && rest.peek() == Some(&'-');
        let letters = match small {
            'е' if named => "e",
            'е' if begins || after_vowel || matches!(before, 'ъ' | 'ь') => "ye",
            'ц' if after_vowel => "ts",
            'ц' => "s",
            'ъ' if matches!(rest.peek(), Some('е' | 'Е')) => "",
            other => match letters(other) {
                Some(letters) => letters,
                None => {
                    latin.push(c);
                    before = small;
                    continue;
                }
            },
        };
        if small == c {
            latin.push_str(letters);
        } else {
            // Among capitals both letters of a pair are capitals, at a word's beginning the first.
            let all = rest.peek().is_some_and(|next| next.is_uppercase());
            for (n, letter) in letters.chars().enumerate() {
                if n == 0 || all {
                    latin.extend(letter.to_uppercase());
                } else {
                    latin.push(letter);
                }
            }
        }
        before = small;
    }
    latin
}

/// A Latin text by the same alphabet in Cyrillic letters: [`latin`] of it is the text again, but for the sign
/// of an apostrophe. What is not Latin stays as it is.
#[must_use]
pub fn cyrillic(text: &str) -> String {
    let mut cyrillic = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let small = c.to_lowercase().next().unwrap_or(c);
        let mut ahead = rest.clone();
        let (next, after) = (ahead.next(), ahead.next());
        let pair = next.and_then(|next| match (small, next, after) {
            // "Yoʻl": the apostrophe is the o's.
            ('y', 'o' | 'O', Some(mark)) if is_apostrophe(mark) => None,
            _ => pair(small, next, before),
        });
        if pair.is_some() {
            rest.next();
        }
        let begins = !before.is_alphabetic() && !is_apostrophe(before);
        let letters = match small {
            _ if pair.is_some() => pair,
            'e' if begins || VOWELS.contains(before) => Some("э"),
            _ if is_apostrophe(c) && before.is_alphabetic() => Some("ъ"),
            other => letter(other),
        };
        match letters {
            Some(letters) if c.is_uppercase() => {
                cyrillic.extend(letters.chars().flat_map(char::to_uppercase))
            }
            Some(letters) => cyrillic.push_str(letters),
            None => cyrillic.push(c),
        }
        before = letters.and_then(|l| l.chars().last()).unwrap_or(small);
    }
    cyrillic
}

/// What two Latin letters are together, after the Cyrillic small letter `before`.
fn pair(first: char, second: char, before: char) -> Option<&'static str> {
    let after_vowel = VOWELS.contains(before);
    let begins = !before.is_alphabetic();
    let second = second.to_lowercase().next().unwrap_or(second);
    Some(match (first, second) {
        ('s', 'h') => "ш",
        ('c', 'h') => "ч",
        ('o', mark) if is_apostrophe(mark) => "ў",
        ('g', mark) if is_apostrophe(mark) => "ғ",
        ('y', 'o') => "ё",
        ('y', 'u') => "ю",
        ('y', 'a') => "я",
        ('y', 'e') if begins || after_vowel => "е",
        ('y', 'e') => "ъе",
        ('t', 's') if after_vowel => "ц",
        _ => return None,
    })
}

/// The Cyrillic letter of a small Latin one that stands alone, and after no vowel where that matters.
fn letter(small: char) -> Option<&'static str> {
    Some(match small {
        'a' => "а",
        'b' => "б",
        'd' => "д",
        'e' => "е",
        'f' => "ф",
        'g' => "г",
        'h' => "ҳ",
        'i' => "и",
        'j' => "ж",
        'k' => "к",
        'l' => "л",
        'm' => "м",
        'n' => "н",
        'o' => "о",
        'p' => "п",
        'q' => "қ",
        'r' => "р",
        's' => "с",
        't' => "т",
        'u' => "у",
        'v' => "в",
        'x' => "х",
        'y' => "й",
        'z' => "з",
        _ => return None,
    })
}

/// A typed text in the other script: Latin if it has a Cyrillic letter, otherwise Cyrillic.
#[must_use]
pub fn other_script(text: &str) -> String {
    let is_cyrillic = text
        .chars()
        .flat_map(char::to_lowercase)
        .any(|c| letters(c).is_some());
    if is_cyrillic {
        latin(text)
    } else {
        cyrillic(text)
    }
}

/// The Latin letters of a small Cyrillic one, wherever it stands.
fn letters(small: char) -> Option<&'static str> {
    Some(match small {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ё' => "yo",
        'ж' => "j",
        'з' => "z",
        'и' | 'ы' => "i",
        'й' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' | 'ц' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "x",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sh",
        'ъ' => "ʼ",
        'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        'ў' => "oʻ",
        'қ' => "q",
        'ғ' => "gʻ",
        'ҳ' => "h",
        _ => return None,
    })
}

/// A text's words as a search compares them: small Latin letters and digits alone, the same for either
/// script, whichever apostrophe was typed, or none, and with "е" and "ё" told apart by nobody.
#[must_use]
pub fn search_words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match letters(c) {
            _ if is_apostrophe(c) => {}
            Some(letters) => plain.extend(letters.chars().filter(|c| !is_apostrophe(*c))),
            None if c.is_alphanumeric() => plain.push(c),
            None => plain.push(' '),
        }
    }
    // "Ye" and "e", "ts" and "s" are one letter each, by its place in the word; "ё" is typed "е" as well.
    let plain = plain
        .replace("ye", "e")
        .replace("yo", "e")
        .replace("ts", "s");
    plain.split_whitespace().map(str::to_owned).collect()
}
