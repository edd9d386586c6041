//! The Regulation's own text, paragraph by paragraph, as data of its edition.

use crate::edition::{EditionError, Text};
use crate::encounter::Language;
use crate::script::search_words;
use serde::Deserialize;

/// Bytes of a file with the text; this edition's has less than a sixth.
pub const TEXT_BYTES: usize = 512 * 1024;
/// Characters of a paragraph in one language.
pub const PARAGRAPH_CHARS: usize = 8_000;
/// Characters that are looked for.
pub const QUERY_CHARS: usize = 60;

/// The text of the Regulation. uz-Cyrl are its own words, and they decide; uz-Latn is the same text in
/// Latin script; ru and en are renderings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// The edition that it is the text of.
    pub edition: String,
    pub chapters: Vec<Chapter>,
    /// §1 and on, none left out.
    pub paragraphs: Vec<Paragraph>,
}

/// A chapter: its paragraphs are those from `from` on, up to the next one's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    pub number: u8,
    pub from: u8,
    pub title: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paragraph {
    pub number: u8,
    /// Its parts, a line each; as many in every language.
    pub text: Text,
}

impl Paragraph {
    /// Its parts, in the order of the text.
    #[must_use]
    pub fn parts(&self, language: Language) -> Vec<&str> {
        self.text.get(language).lines().collect()
    }
}

/// Where something that is looked for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub paragraph: u8,
    /// The part of it, from 0.
    pub part: usize,
}

impl Law {
    /// Reads and checks a file with the text (TOML).
    ///
    /// # Errors
    /// The file is too large or malformed, a paragraph is left out or too long, a text is empty, its
    /// parts differ from one language to another, or the chapters do not hold all paragraphs in order.
    pub fn parse(text: &str) -> Result<Self, EditionError> {
        if text.len() > TEXT_BYTES {
            return Err(EditionError::Incomplete("the text is too long"));
        }
        let law: Self = toml::from_str(text)?;
        law.check()?;
        Ok(law)
    }

    fn check(&self) -> Result<(), EditionError> {
        let wrong = |what| Err(EditionError::Incomplete(what));
        let numbers = self.paragraphs.iter().map(|p| p.number);
        if self.paragraphs.is_empty() || !numbers.zip(1..=u8::MAX).all(|(is, due)| is == due) {
            return wrong("a paragraph is left out, or out of order");
        }
        if self.paragraphs.len() > usize::from(u8::MAX) {
            return wrong("too many paragraphs");
        }
        let numbers = self.chapters.iter().map(|c| c.number);
        let from: Vec<_> = self.chapters.iter().map(|c| c.from).collect();
        let rises = from.iter().zip(from.iter().skip(1)).all(|(a, b)| a < b);
        let within = from
            .last()
            .is_some_and(|last| self.paragraph(*last).is_some());
        if from.first() != Some(&1)
            || !rises
            || !within
            || !numbers.zip(1..=u8::MAX).all(|(is, due)| is == due)
        {
            return wrong("the chapters do not hold the paragraphs");
        }
        for chapter in &self.chapters {
            if Language::ALL
                .iter()
                .any(|l| chapter.title.get(*l).trim().is_empty())
            {
                return wrong("a text is empty");
            }
        }
        for paragraph in &self.paragraphs {
            let parts = paragraph.parts(Language::UzbekCyrillic).len();
            for language in Language::ALL {
                let text = paragraph.text.get(language);
                if text.chars().count() > PARAGRAPH_CHARS {
                    return wrong("a paragraph is too long");
                }
                let here = paragraph.parts(language);
                if here.is_empty() || here.iter().any(|part| part.trim().is_empty()) {
                    return wrong("a text is empty");
                }
                if here.len() != parts {
                    return wrong("a paragraph has other parts in another language");
                }
            }
        }
        Ok(())
    }

    #[must_use]
    pub fn paragraph(&self, number: u8) -> Option<&Paragraph> {
        let at = usize::from(number).checked_sub(1)?;
        self.paragraphs.get(at)
    }

    /// The chapter that holds this paragraph.
    #[must_use]
    pub fn chapter_of(&self, number: u8) -> Option<&Chapter> {
        self.chapters.iter().rev().find(|c| c.from <= number)
    }

    /// Paragraphs that hold every word of `query`, or its beginning, middle or end, in this language or
    /// in the text that decides; in the order of the text, but for the paragraph of that number, which
    /// comes first. Script, case and apostrophes do not count. A query without a word finds all; of a
    /// query, [`QUERY_CHARS`] count.
    #[must_use]
    pub fn search(&self, query: &str, language: Language) -> Vec<Found> {
        let query: String = query.chars().take(QUERY_CHARS).collect();
        let words = search_words(&query);
        let named = match words.as_slice() {
            [word] => word.parse::<u8>().ok(),
            _ => None,
        };
        let mut found: Vec<_> = self
            .paragraphs
            .iter()
            .filter_map(|paragraph| {
                let at = |language| part_with(&paragraph.parts(language), &words);
                let part = at(language).or_else(|| at(Language::UzbekCyrillic));
                let part = part.or((named == Some(paragraph.number)).then_some(0))?;
                Some(Found {
                    paragraph: paragraph.number,
                    part,
                })
            })
            .collect();
        found.sort_by_key(|f| named != Some(f.paragraph));
        found
    }
}

/// The part in which the first of `words` stands, if all of them stand in some part.
fn part_with(parts: &[&str], words: &[String]) -> Option<usize> {
    let parts: Vec<_> = parts.iter().map(|part| search_words(part)).collect();
    let first = |word: &String| {
        let holds = |part: &Vec<String>| part.iter().any(|w| w.contains(word.as_str()));
        parts.iter().position(holds)
    };
    let mut at = 0;
    for (n, word) in words.iter().enumerate() {
        let part = first(word)?;
        if n == 0 {
            at = part;
        }
    }
    Some(at)
}
