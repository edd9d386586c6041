//! Cards that are shown to the person, or read to them: data of the edition.

use crate::edition::EditionError;
use crate::encounter::Language;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Characters of a card in one language: what fills a tablet's screen in letters that are read from
/// where the person stands.
pub const SAY_CHARS: usize = 280;

/// What a card may have filled in: the officer's unit.
const UNIT: &str = "{unit}";

/// Something to say, in the citizen's language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SayCard {
    pub id: String,
    /// What it rests on; `None`: the text is silent.
    #[serde(default)]
    pub paragraph: Option<u8>,
    /// The step at which it comes first; `None`: at none.
    #[serde(default)]
    pub step: Option<SayStep>,
    pub text: SayText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SayStep {
    Introduce,
    Ground,
    Fingerprint,
}

/// A card's text. A person may speak Karakalpak, in which the product has no pages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SayText {
    #[serde(rename = "uz-Cyrl")]
    pub uz_cyrl: String,
    #[serde(rename = "uz-Latn")]
    pub uz_latn: String,
    pub ru: String,
    pub en: String,
    /// On every card or on none.
    #[serde(default)]
    pub kaa: Option<String>,
}

impl SayText {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::UzbekCyrillic => &self.uz_cyrl,
            Language::UzbekLatin => &self.uz_latn,
            Language::Russian => &self.ru,
            Language::English => &self.en,
        }
    }

    /// … with the officer's unit in its place.
    #[must_use]
    pub fn filled(&self, language: Language, unit: &str) -> String {
        self.get(language).replace(UNIT, unit)
    }
}

/// # Errors
/// There is no card, an id or a step stands twice, a text is empty or too long, names something that is
/// not filled in, or Karakalpak is on some cards alone.
pub(crate) fn check(cards: &[SayCard]) -> Result<(), EditionError> {
    let wrong = |what| Err(EditionError::Incomplete(what));
    if cards.is_empty() {
        return wrong("a list is empty");
    }
    let ids: BTreeSet<_> = cards.iter().map(|card| &card.id).collect();
    let steps: Vec<_> = cards.iter().filter_map(|card| card.step).collect();
    let once: BTreeSet<_> = steps.iter().collect();
    if ids.len() != cards.len() || once.len() != steps.len() {
        return wrong("an id stands twice");
    }
    let spoken = cards.iter().filter(|card| card.text.kaa.is_some()).count();
    if spoken != 0 && spoken != cards.len() {
        return wrong("Karakalpak is on some cards alone");
    }
    for card in cards {
        let own = Language::ALL.map(|language| card.text.get(language));
        for text in own.into_iter().chain(card.text.kaa.as_deref()) {
            if text.trim().is_empty() {
                return wrong("a text is empty");
            }
            if text.chars().count() > SAY_CHARS {
                return wrong("a card is too long");
            }
            if text.replace(UNIT, "").contains(['{', '}']) {
                return wrong("a card has an unknown placeholder");
            }
        }
    }
    Ok(())
}
