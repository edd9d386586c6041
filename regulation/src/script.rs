//! Uzbek in its two scripts: the Latin spelling of a Cyrillic text, and what a search compares.

use crate::identity::is_apostrophe;

const VOWELS: &str = "аеёиоуўэюя";

/// A Cyrillic text by the Uzbek alphabet of 1995 (law of 2 September 1993, as amended on 6 May 1995):
/// ʻ (U+02BB) in oʻ and gʻ, ʼ (U+02BC) for ъ and between the s and the h that are two sounds: "Isʼhoqov".
/// What is not Cyrillic stays as it is. «Е» before a hyphen is a letter's name, not a word's beginning:
/// "E-patrul".
#[must_use]
pub fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    let mut before = ' ';
    let mut after_capital = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let among_capitals = among_capitals(after_capital, rest.peek().copied());
        after_capital = c.is_uppercase();
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
            'ҳ' if matches!(before, 'с' | 'ц') => "ʼh",
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
            let mut first = true;
            for letter in letters.chars() {
                if first || among_capitals {
                    latin.extend(letter.to_uppercase());
                } else {
                    latin.push(letter);
                }
                first &= is_apostrophe(letter);
            }
        }
        before = small;
    }
    latin
}

/// Whether a sign stands in a word of capitals: its next letter says so, at the word's end the one before.
fn among_capitals(after_capital: bool, next: Option<char>) -> bool {
    match next {
        Some(next) if next.is_alphabetic() && !is_apostrophe(next) => next.is_uppercase(),
        _ => after_capital,
    }
}

/// A Latin text by the same alphabet in Cyrillic letters: [`latin`] of it is the text again, but for the sign
/// of an apostrophe. What is not Latin stays as it is.
#[must_use]
pub fn cyrillic(text: &str) -> String {
    let mut cyrillic = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    let mut after_capital = false;
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
        let apart = is_apostrophe(c) && matches!((before, next), ('с' | 'ц', Some('h' | 'H')));
        let capital = c.is_uppercase() || is_apostrophe(c) && among_capitals(after_capital, next);
        after_capital = c.is_uppercase();
        let letters = match small {
            _ if pair.is_some() => pair,
            // "Isʼhoqov": the apostrophe is no letter, it keeps two apart.
            _ if apart => Some(""),
            'e' if begins || VOWELS.contains(before) => Some("э"),
            _ if is_apostrophe(c) && before.is_alphabetic() => Some("ъ"),
            other => letter(other),
        };
        match letters {
            Some(letters) if capital => {
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

/// A typed text in the other script: Latin if it has a Cyrillic letter, otherwise Cyrillic. A word that holds a
/// digit is a serial or a number, whose letters are of one alphabet only: it stays as it is, and does not tell
/// the text's script. An ordinal, "12-uy", is a word like others.
#[must_use]
pub fn other_script(text: &str) -> String {
    let in_word = |c: char| c.is_alphanumeric() || is_apostrophe(c) || matches!(c, '-' | '‐' | '‑');
    // Words, each with what follows it.
    let mut words: Vec<&str> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let (_, gap) = rest.split_at(word);
        let gap = gap.find(in_word).unwrap_or(gap.len());
        let (word, after) = rest.split_at(word + gap);
        words.push(word);
        rest = after;
    }
    let is_cyrillic = words
        .iter()
        .filter(|word| !is_serial(word))
        .flat_map(|word| word.chars())
        .flat_map(char::to_lowercase)
        .any(|c| letters(c).is_some());
    let turn = if is_cyrillic { latin } else { cyrillic };
    words
        .iter()
        .map(|word| {
            if is_serial(word) {
                (*word).to_owned()
            } else {
                turn(word)
            }
        })
        .collect()
}

/// Whether a word holds a digit, and is not a number with small letters after its hyphen.
fn is_serial(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric() && !is_apostrophe(c));
    let ordinal = word
        .split_once(['-', '‐', '‑'])
        .is_some_and(|(number, of)| {
            number.chars().all(|c| c.is_ascii_digit())
                && of.chars().filter(|c| c.is_lowercase()).count() > 1
                && of.chars().all(|c| c.is_lowercase() || is_apostrophe(c))
        });
    word.chars().any(char::is_numeric) && !ordinal
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

/// The o of "yoʻ" while "yo" is put for "ё"; no sign of a text comes to stand for it.
const O_OF_YO: char = 'ʻ';

/// An apostrophe after this: it counts only where it makes "yoʻ" of "yo".
fn mark(plain: &mut String) {
    if plain.ends_with("yo") {
        plain.pop();
        plain.push(O_OF_YO);
    }
}

/// A text's words as a search compares them: small Latin letters and digits alone, the same for either
/// script, whichever apostrophe was typed, or none, and with "е" and "ё" told apart by nobody. Only the
/// apostrophe of "yoʻ" has to be typed: without it, that is "ё".
#[must_use]
pub fn search_words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match letters(c) {
            _ if is_apostrophe(c) => mark(&mut plain),
            Some(letters) => {
                for letter in letters.chars() {
                    if is_apostrophe(letter) {
                        mark(&mut plain);
                    } else {
                        plain.push(letter);
                    }
                }
            }
            None if c.is_alphanumeric() => plain.push(c),
            None => plain.push(' '),
        }
    }
    // "Ye" and "e", "ts" and "s" are one letter each, by its place in the word; "ё" is typed "е" as well.
    let plain = plain
        .replace("ye", "e")
        .replace("yo", "e")
        .replace("ts", "s")
        .replace(O_OF_YO, "o");
    plain.split_whitespace().map(str::to_owned).collect()
}
