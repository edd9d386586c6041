//! The result for the instructor: by login, situation and paragraph. Nothing of a person is in it, not even
//! of an invented one, and nothing that was typed.

use crate::scenario::Scenario;
use crate::words::Words;
use regulation::encounter::Language;
use regulation::{Edition, Timestamp};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// One trainee's way through a course.
#[derive(Clone, Debug)]
pub struct Results {
    trainee: String,
    began: Timestamp,
    /// For each situation of the course, the tries.
    tries: Vec<Vec<Try>>,
}

/// A situation that was played to its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    pub opened: Timestamp,
    pub closed: Timestamp,
    /// For each of what was asked, in its order.
    pub met: Vec<bool>,
}

impl Try {
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.closed.millis_since(self.opened) / 1000
    }
}

#[derive(Serialize)]
struct File<'a> {
    training: bool,
    heading: &'a str,
    regulation: &'a str,
    trainee: &'a str,
    began: String,
    situations: Vec<Situation<'a>>,
}

#[derive(Serialize)]
struct Situation<'a> {
    id: &'a str,
    title: &'a str,
    tries: Vec<Tried>,
}

#[derive(Serialize)]
struct Tried {
    opened: String,
    closed: String,
    seconds: u64,
    met: bool,
    asked: Vec<AskedLine>,
}

#[derive(Serialize)]
struct AskedLine {
    what: &'static str,
    paragraph: u8,
    met: bool,
    text: String,
}

impl Results {
    #[must_use]
    pub fn new(trainee: &str, began: Timestamp, situations: usize) -> Self {
        Self {
            trainee: trainee.to_owned(),
            began,
            tries: vec![Vec::new(); situations],
        }
    }

    #[must_use]
    pub fn trainee(&self) -> &str {
        &self.trainee
    }

    /// The tries of a situation, oldest first.
    #[must_use]
    pub fn of(&self, situation: usize) -> &[Try] {
        self.tries.get(situation).map_or(&[], Vec::as_slice)
    }

    /// In the order in which they were played, whenever central has told of them.
    pub fn add(&mut self, situation: usize, tried: Try) {
        if let Some(tries) = self.tries.get_mut(situation) {
            let place = tries.partition_point(|known| known.opened <= tried.opened);
            tries.insert(place, tried);
        }
    }

    /// The first after `after`, and then from the beginning, that was not tried.
    #[must_use]
    pub fn next_open(&self, after: usize) -> Option<usize> {
        let count = self.tries.len();
        let mut round = (1..=count).map(|step| (after + step) % count.max(1));
        round.find(|n| self.of(*n).is_empty())
    }

    /// What the files are called, without their endings.
    #[must_use]
    pub fn name(&self, edition: &Edition) -> String {
        let plain = |c: char| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') => c,
            _ => '_',
        };
        let login: String = self.trainee.chars().map(plain).take(64).collect();
        let moment = time(edition, self.began).replace(':', "").replace(' ', "-");
        format!("{login}-{moment}")
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self, course: &Course<'_>, language: Language) -> String {
        let file = self.file(course, language);
        // Strings and numbers alone: it does not fail.
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// In words, for a printer.
    #[must_use]
    pub fn text(&self, course: &Course<'_>, language: Language) -> String {
        let words = &course.words.report;
        let file = self.file(course, language);
        let mut text = format!(
            "{}\n{}: {}\n{}: {}\n{}\n",
            file.heading,
            words.trainee.get(language),
            file.trainee,
            words.began.get(language),
            file.began,
            file.regulation,
        );
        let said = |met| match met {
            true => words.met.get(language),
            false => words.not_met.get(language),
        };
        for (n, situation) in file.situations.iter().enumerate() {
            text.push_str(&format!("\n{}. {}\n", n + 1, situation.title));
            if situation.tries.is_empty() {
                text.push_str(&format!("   {}\n", words.not_tried.get(language)));
            }
            for tried in &situation.tries {
                text.push_str(&format!(
                    "   {} – {} ({} s): {}\n",
                    tried.opened,
                    tried.closed,
                    tried.seconds,
                    said(tried.met)
                ));
                for line in &tried.asked {
                    text.push_str(&format!(
                        "     [{}] §{} {}\n",
                        if line.met { "+" } else { "-" },
                        line.paragraph,
                        line.text
                    ));
                }
            }
        }
        text
    }

    /// Writes both files to `dir`, each whole or not at all; the JSON's path.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(
        &self,
        dir: &Path,
        course: &Course<'_>,
        language: Language,
    ) -> std::io::Result<PathBuf> {
        let name = self.name(course.edition);
        let put = |ending: &str, text: String| -> std::io::Result<PathBuf> {
            let path = dir.join(format!("{name}.{ending}"));
            let begun = dir.join(format!("{name}.{ending}.part"));
            std::fs::write(&begun, text)?;
            std::fs::rename(&begun, &path)?;
            Ok(path)
        };
        put("txt", self.text(course, language))?;
        put("json", self.json(course, language))
    }

    fn file<'a>(&'a self, course: &Course<'a>, language: Language) -> File<'a> {
        let situations = course.scenarios.iter().enumerate();
        File {
            training: true,
            heading: course.words.report.heading.get(language),
            regulation: &course.edition.id,
            trainee: &self.trainee,
            began: time(course.edition, self.began),
            situations: situations
                .map(|(n, scenario)| Situation {
                    id: &scenario.id,
                    title: scenario.title.get(language),
                    tries: self
                        .of(n)
                        .iter()
                        .map(|tried| told(course, scenario, tried, language))
                        .collect(),
                })
                .collect(),
        }
    }
}

/// What was asked, and in which words.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub edition: &'a Edition,
    pub words: &'a Words,
    pub scenarios: &'a [Scenario],
}

fn told(course: &Course<'_>, scenario: &Scenario, tried: &Try, language: Language) -> Tried {
    let asked = scenario.asked.iter().zip(&tried.met);
    Tried {
        opened: time(course.edition, tried.opened),
        closed: time(course.edition, tried.closed),
        seconds: tried.seconds(),
        met: tried.met.iter().all(|met| *met),
        asked: asked
            .map(|(asked, met)| AskedLine {
                what: asked.id(),
                paragraph: course.words.paragraph(asked),
                met: *met,
                text: course.words.asks(course.edition, asked, language),
            })
            .collect(),
    }
}

/// Local day and time to the second.
fn time(edition: &Edition, at: Timestamp) -> String {
    let offset = edition.limits.utc_offset_minutes;
    let day = at.local_date(offset);
    let day = day.map(|day| day.to_string()).unwrap_or_default();
    let second = at.0.div_euclid(1000).rem_euclid(60);
    format!("{day} {}:{second:02}", at.local_clock(offset))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scenario::shipped;

    #[test]
    fn the_files_say_who_what_and_when_and_nothing_of_a_person() {
        let (edition, words) = (Edition::shipped().unwrap(), Words::shipped().unwrap());
        let scenarios = shipped(&edition).unwrap();
        let course = Course {
            edition: &edition,
            words: &words,
            scenarios: &scenarios,
        };
        let began = Timestamp(1_795_836_000_000);
        let mut results = Results::new("../namuna", began, scenarios.len());
        assert_eq!(results.next_open(9), Some(0));
        let mut met = vec![true; scenarios[3].asked.len()];
        let tried = |met: &[bool]| Try {
            opened: began,
            closed: began.plus_millis(95_400),
            met: met.to_vec(),
        };
        results.add(3, tried(&met));
        met[1] = false;
        results.add(3, tried(&met));
        assert_eq!(results.next_open(3), Some(4));
        assert_eq!(results.next_open(2), Some(4));
        let dir = tempfile::tempdir().unwrap();
        let path = results
            .write(dir.path(), &course, Language::Russian)
            .unwrap();
        assert_eq!(path.parent().unwrap(), dir.path(), "a login is no path");
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(json["training"], true);
        assert_eq!(json["trainee"], "../namuna");
        assert_eq!(json["situations"].as_array().unwrap().len(), 10);
        let tries = json["situations"][3]["tries"].as_array().unwrap();
        assert_eq!(
            (&tries[0]["met"], &tries[1]["met"]),
            (&true.into(), &false.into())
        );
        assert_eq!(tries[1]["seconds"], 95);
        let missed = &tries[1]["asked"][1];
        assert_eq!(
            (&missed["paragraph"], &missed["met"]),
            (&8.into(), &false.into())
        );
        let text = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        assert!(
            text.contains("[-] §8") && text.contains("не пройдено"),
            "{text}"
        );
        // Times and the trainee's login; no name, number or place of anybody checked.
        let people = crate::scenario::Who::ALL.map(crate::cast::shown);
        for said in [&text, &json.to_string()] {
            for person in &people {
                assert!(!said.contains(&person.name.surname), "{said}");
            }
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
