//! What the Regulation asks, a sentence each, and the words of the instructor's file: `asked.toml`, in the
//! four languages of the product.

use crate::scenario::{Asked, Ending};
use regulation::Edition;
use regulation::edition::Text;
use regulation::encounter::Language;
use serde::Deserialize;

const SHIPPED: &str = include_str!("../asked.toml");

/// Sentences and words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    asked: Vec<Sentence>,
    endings: Vec<Named>,
    pub report: ReportWords,
    /// Of a situation that is closed, and that central does not have as a whole yet.
    pub awaited: Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    id: String,
    paragraph: u8,
    text: Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    text: Text,
}

/// Words of the file for the instructor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWords {
    pub heading: Text,
    pub trainee: Text,
    pub began: Text,
    pub met: Text,
    pub not_met: Text,
    pub not_tried: Text,
}

impl Words {
    /// Those that the program brings.
    ///
    /// # Errors
    /// None for the shipped file; a test reads it.
    pub fn shipped() -> Result<Self, toml::de::Error> {
        toml::from_str(SHIPPED)
    }

    /// The paragraph that `asked` rests on; 0 for one that `asked.toml` lacks, which a test excludes.
    #[must_use]
    pub fn paragraph(&self, asked: &Asked) -> u8 {
        self.sentence(asked)
            .map_or(0, |sentence| sentence.paragraph)
    }

    /// What the Regulation asks, and which ground, reason or outcome fits here.
    #[must_use]
    pub fn asks(&self, edition: &Edition, asked: &Asked, language: Language) -> String {
        let said = self.sentence(asked).map(|s| s.text.get(language));
        let said = said.unwrap_or_default();
        let fit = match asked {
            Asked::Ground { of } => of
                .iter()
                .filter_map(|id| Some(&edition.ground(id)?.title))
                .map(|title| title.get(language).to_owned())
                .collect(),
            Asked::Reason { of } => of
                .iter()
                .filter_map(|id| Some(&edition.no_fingerprint_reason(id)?.title))
                .map(|title| title.get(language).to_owned())
                .collect(),
            Asked::Ending { of } => of
                .iter()
                .map(|ending| self.ending(edition, ending, language).to_owned())
                .collect(),
            _ => Vec::new(),
        };
        match fit.is_empty() {
            true => said.to_owned(),
            false => format!("{said}: {}.", fit.join(" / ")),
        }
    }

    fn sentence(&self, asked: &Asked) -> Option<&Sentence> {
        self.asked.iter().find(|sentence| sentence.id == asked.id())
    }

    fn ending<'a>(&'a self, edition: &'a Edition, ending: &Ending, language: Language) -> &'a str {
        let id = match ending {
            Ending::TakenToStation { case } => {
                let case = edition.station_case(case);
                return case.map_or("", |case| case.title.get(language));
            }
            Ending::Released => "released",
            Ending::ProtocolOnTheSpot => "protocol_on_the_spot",
            Ending::TakenOnOtherGround => "taken_on_other_ground",
        };
        let named = self.endings.iter().find(|named| named.id == id);
        named.map_or("", |named| named.text.get(language))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scenario;

    #[test]
    fn everything_that_can_be_asked_has_its_paragraph_and_its_sentence_in_four_languages() {
        let (words, edition) = (Words::shipped().unwrap(), Edition::shipped().unwrap());
        let one = |id: &str| vec![id.to_owned()];
        let all = [
            Asked::Introduced,
            Asked::CardShown,
            Asked::SpokenTo,
            Asked::Ground {
                of: one("suspicion"),
            },
            Asked::Explained,
            Asked::ExplanationMadeGood,
            Asked::FingerprintFirst,
            Asked::NoticeStands,
            Asked::Reason { of: one("injury") },
            Asked::FingersNoted,
            Asked::FaceAfterReason,
            Asked::CandidatesCompared,
            Asked::DocumentAlone,
            Asked::PersonAsShown,
            Asked::LookedAt,
            Asked::Confirmed,
            Asked::Disputed,
            Asked::Ending {
                of: vec![
                    Ending::Released,
                    Ending::ProtocolOnTheSpot,
                    Ending::TakenOnOtherGround,
                    Ending::TakenToStation {
                        case: "resisted".into(),
                    },
                ],
            },
            Asked::RefusalIsNotResistance,
            Asked::OutageIsNoReason,
            Asked::NothingToReview { but: Vec::new() },
            Asked::Closed,
        ];
        assert_eq!(words.asked.len(), all.len());
        for asked in &all {
            assert!((1..=32).contains(&words.paragraph(asked)), "{}", asked.id());
            let mut said: Vec<_> = Language::ALL
                .iter()
                .map(|language| words.asks(&edition, asked, *language))
                .collect();
            assert!(said.iter().all(|s| s.ends_with('.')), "{said:?}");
            assert!(
                said.iter()
                    .all(|s| !s.contains("/ /") && !s.contains(": ."))
            );
            said.sort();
            said.dedup();
            assert_eq!(said.len(), 4, "{said:?}");
        }
        // And the course asks most of it.
        let course = scenario::shipped(&edition).unwrap();
        let used = |id: &str| course.iter().flat_map(|s| &s.asked).any(|a| a.id() == id);
        let unused: Vec<_> = all
            .iter()
            .filter(|a| !used(a.id()))
            .map(Asked::id)
            .collect();
        assert_eq!(unused, ["fingerprint_first"]);
    }
}
