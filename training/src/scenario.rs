//! A situation to train, as data: who stands before the officer, what the devices and the network do
//! and when, and what the Regulation asks. A closed vocabulary, so that a ministry can write its own.

use regulation::Edition;
use regulation::edition::{CaseFits, Text};
use regulation::encounter::{Language, Outcome};
use serde::Deserialize;
use std::path::Path;

/// Bytes of a file that holds a situation.
pub const FILE_BYTES: u64 = 64 * 1024;
/// Situations of one course.
pub const MOST: usize = 64;
/// Characters, in each language.
pub const TITLE_CHARS: usize = 48;
pub const SITUATION_CHARS: usize = 450;
pub const CUE_CHARS: usize = 120;
const ID_CHARS: usize = 32;
const ASKED_MOST: usize = 16;
const ACTS_MOST: usize = 24;
const CHANGES_MOST: usize = 16;

/// The ten that the program brings, in the order of the course.
const SHIPPED: [(&str, &str); 10] = [
    ("01-clear.toml", include_str!("../scenarios/01-clear.toml")),
    (
        "02-wanted.toml",
        include_str!("../scenarios/02-wanted.toml"),
    ),
    (
        "03-lost-child.toml",
        include_str!("../scenarios/03-lost-child.toml"),
    ),
    (
        "04-refusal.toml",
        include_str!("../scenarios/04-refusal.toml"),
    ),
    (
        "05-dead-scanner.toml",
        include_str!("../scenarios/05-dead-scanner.toml"),
    ),
    (
        "06-no-network.toml",
        include_str!("../scenarios/06-no-network.toml"),
    ),
    (
        "07-disputed.toml",
        include_str!("../scenarios/07-disputed.toml"),
    ),
    (
        "08-document.toml",
        include_str!("../scenarios/08-document.toml"),
    ),
    (
        "09-injured.toml",
        include_str!("../scenarios/09-injured.toml"),
    ),
    (
        "10-violence.toml",
        include_str!("../scenarios/10-violence.toml"),
    ),
];

/// One situation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Lower-case letters, digits and hyphens.
    pub id: String,
    pub title: Text,
    /// What the officer sees and hears before the check. `{surname}`, `{given}`, `{patronymic}`,
    /// `{birth_date}` and `{document}` stand for what the person's document says.
    pub situation: Text,
    pub person: Who,
    /// The language that the person speaks.
    #[serde(default = "uzbek")]
    pub speaks: Language,
    /// Whether the person lays a finger on the glass.
    #[serde(default)]
    pub hand: Hand,
    /// What the world outside does, and when.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What the person says and does, and when.
    #[serde(default)]
    pub cues: Vec<Cue>,
    /// What the Regulation asks.
    pub asked: Vec<Asked>,
    /// The situation as it is asked: what the run without a display does, step by step.
    pub as_asked: Vec<Act>,
    /// The fact that this run types.
    pub fact: String,
}

fn uzbek() -> Language {
    Language::UzbekCyrillic
}

/// Who stands before the officer: each is invented, and is in the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// On no register.
    Clear,
    Wanted,
    /// A child reported missing: possibly a victim.
    MissingChild,
    /// A spent conviction, and the preventive register.
    Convicted,
    Supervised,
    Probation,
    /// On no register; the document names no patronymic.
    NoPatronymic,
    /// On no register, another one.
    Unremarkable,
    /// On no register, and no print in the gallery: a portrait alone.
    Injured,
    /// On no register, and no print in the gallery: a document.
    Documented,
}

impl Who {
    pub const ALL: [Self; 10] = [
        Self::Clear,
        Self::Wanted,
        Self::MissingChild,
        Self::Convicted,
        Self::Supervised,
        Self::Probation,
        Self::NoPatronymic,
        Self::Unremarkable,
        Self::Injured,
        Self::Documented,
    ];
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    #[default]
    Given,
    /// No finger is laid on the glass.
    Withheld,
}

/// Where the officer is, for what happens then; each is reached once in a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    Introduce,
    Ground,
    Method,
    Finger,
    Reason,
    Document,
    Face,
    Pending,
    /// The answer is there, covered.
    Answer,
    /// The answer is uncovered.
    Held,
    Outcome,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub at: Moment,
    pub what: Outside,
}

/// What the world outside can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    ScannerUnplugged,
    ScannerBack,
    NetworkCut,
    NetworkBack,
    /// The person gives the hand after all, or no more.
    HandGiven,
    HandWithheld,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    pub at: Moment,
    pub text: Text,
}

/// What the Regulation asks in a situation: each is judged by what was recorded, and has its paragraph
/// and its sentence in `asked.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// §12: before the ground; where no speaking is possible, as soon as it is.
    Introduced,
    /// §12: the service ID card was asked for.
    CardShown,
    /// §8: the language that the person speaks.
    SpokenTo,
    /// §8: one of these grounds, by their ids in the edition.
    Ground { of: Vec<String> },
    /// §8: before anything was done to establish identity, and of the ground that stands.
    Explained,
    /// §8: it was not possible at first, and was given before the end.
    ExplanationMadeGood,
    /// §12: a print was taken, or tried, before the face.
    FingerprintFirst,
    /// §6: the question, which is the notice, went out and was not taken back.
    NoticeStands,
    /// §12: why no fingerprint, by one of these reasons and no other.
    Reason { of: Vec<String> },
    /// §12: the fingers that cannot be taken were noted, and none of them was asked for.
    FingersNoted,
    /// §12: the face was used, after a reason why no fingerprint.
    FaceAfterReason,
    /// §12: who is alike was looked at, and a person said whether it is the one present.
    CandidatesCompared,
    /// §8: established by the document; central was not asked.
    DocumentAlone,
    /// §28: as the document says it.
    PersonAsShown,
    /// §5: the registers were looked at.
    LookedAt,
    /// §5: a person said that it is the one present.
    Confirmed,
    /// §5: "this is not me" is on record, and stands.
    Disputed,
    /// §9: one of these.
    Ending { of: Vec<Ending> },
    /// §9: nobody is taken for resisting who refused the fingerprint.
    RefusalIsNotResistance,
    /// §9: no connection is not "cannot identify".
    OutageIsNoReason,
    /// §8: nothing is left for a leader's review but these, by the codes of the flags.
    NothingToReview {
        #[serde(default)]
        but: Vec<String>,
    },
    /// §1: from the opening to the close.
    Closed,
}

impl Asked {
    /// Its name in the files.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Introduced => "introduced",
            Self::CardShown => "card_shown",
            Self::SpokenTo => "spoken_to",
            Self::Ground { .. } => "ground",
            Self::Explained => "explained",
            Self::ExplanationMadeGood => "explanation_made_good",
            Self::FingerprintFirst => "fingerprint_first",
            Self::NoticeStands => "notice_stands",
            Self::Reason { .. } => "reason",
            Self::FingersNoted => "fingers_noted",
            Self::FaceAfterReason => "face_after_reason",
            Self::CandidatesCompared => "candidates_compared",
            Self::DocumentAlone => "document_alone",
            Self::PersonAsShown => "person_as_shown",
            Self::LookedAt => "looked_at",
            Self::Confirmed => "confirmed",
            Self::Disputed => "disputed",
            Self::Ending { .. } => "ending",
            Self::RefusalIsNotResistance => "refusal_is_not_resistance",
            Self::OutageIsNoReason => "outage_is_no_reason",
            Self::NothingToReview { .. } => "nothing_to_review",
            Self::Closed => "closed",
        }
    }
}

/// §9: how an encounter may end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    Released,
    /// The case by its id in the edition.
    TakenToStation {
        case: String,
    },
    ProtocolOnTheSpot,
    TakenOnOtherGround,
}

impl Ending {
    #[must_use]
    pub fn is(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::TakenToStation { case }, Outcome::TakenToStation { case: other }) => {
                case == other
            }
            (Self::Released, Outcome::Released)
            | (Self::ProtocolOnTheSpot, Outcome::ProtocolOnTheSpot { .. })
            | (Self::TakenOnOtherGround, Outcome::TakenOnOtherGround { .. }) => true,
            _ => false,
        }
    }
}

/// One step of a situation played as asked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    Introduce {
        /// The service ID card was asked for, and shown.
        #[serde(default)]
        card: bool,
    },
    /// The ground with its fact, explained.
    Ground {
        ground: String,
    },
    /// The ground with its fact; no explanation is possible yet.
    GroundUnexplained {
        ground: String,
    },
    /// The explanation that is owed.
    Explain,
    /// A print is taken, and central is asked.
    Finger,
    /// A print is tried, and the scanner gives none.
    FingerFails,
    /// All ten fingers are noted as injured.
    NoteInjured,
    Reason {
        reason: String,
    },
    /// The face is taken, and central is asked.
    Face,
    /// Candidates, if there are any: looked at, and the person present is confirmed.
    Compare,
    /// The person's document is typed, read back and confirmed; central is not asked.
    Document,
    /// The answer is held, and read.
    Hold,
    Confirm,
    Dispute,
    End(Ending),
}

/// Why a file of a situation was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("{0}: cannot be read: {1}")]
    File(String, std::io::Error),
    #[error("{0}: larger than {FILE_BYTES} bytes")]
    TooLarge(String),
    #[error("{0}: {1}")]
    Unreadable(String, Box<toml::de::Error>),
    #[error("{file}: {what}")]
    Unsound { file: String, what: &'static str },
    #[error("no situations, or more than {MOST}")]
    Count,
    #[error("the situation {0} stands twice")]
    Twice(String),
}

impl Scenario {
    /// Reads and checks one situation (TOML); `file` names it in what goes wrong.
    ///
    /// # Errors
    /// The text is malformed or too long, a text is missing in a language, or something is named that
    /// the edition does not know.
    pub fn parse(file: &str, text: &str, edition: &Edition) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)
            .map_err(|error| ScenarioError::Unreadable(file.to_owned(), Box::new(error)))?;
        match scenario.unsound(edition) {
            Some(what) => Err(ScenarioError::Unsound {
                file: file.to_owned(),
                what,
            }),
            None => Ok(scenario),
        }
    }

    fn unsound(&self, edition: &Edition) -> Option<&'static str> {
        let id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > ID_CHARS || !self.id.chars().all(id) {
            return Some("the id is not of lower-case letters, digits and hyphens");
        }
        let texts = [
            (&self.title, TITLE_CHARS),
            (&self.situation, SITUATION_CHARS),
        ];
        let cues = self.cues.iter().map(|cue| (&cue.text, CUE_CHARS));
        for (text, most) in texts.into_iter().chain(cues) {
            for language in Language::ALL {
                let text = text.get(language);
                if text.trim().is_empty() || text.chars().count() > most {
                    return Some("a text is empty or too long");
                }
            }
        }
        if self.fact.trim().is_empty() || !edition.limits.hold(&self.fact) {
            return Some("the fact is empty or too long");
        }
        if self.asked.is_empty()
            || self.asked.len() > ASKED_MOST
            || self.as_asked.is_empty()
            || self.as_asked.len() > ACTS_MOST
            || self.changes.len() + self.cues.len() > CHANGES_MOST
        {
            return Some("a list is empty or too long");
        }
        let cut = |change: &Change| change.what == Outside::NetworkCut;
        let back = |change: &Change| change.what == Outside::NetworkBack;
        if self.changes.iter().any(cut) && !self.changes.iter().any(back) {
            return Some("the network does not come back: nothing could be judged");
        }
        self.asked
            .iter()
            .find_map(|asked| unknown(asked, edition))
            .or_else(|| {
                self.as_asked
                    .iter()
                    .find_map(|act| unknown_act(act, edition))
            })
    }
}

fn unknown(asked: &Asked, edition: &Edition) -> Option<&'static str> {
    match asked {
        Asked::Ground { of } if !all(of, |id| edition.ground(id).is_some()) => {
            Some("the edition knows no such ground")
        }
        Asked::Reason { of } if !all(of, |id| edition.no_fingerprint_reason(id).is_some()) => {
            Some("the edition knows no such reason")
        }
        Asked::Ending { of } if of.is_empty() => Some("no ending is asked for"),
        Asked::Ending { of } => of.iter().find_map(|ending| unknown_case(ending, edition)),
        _ => None,
    }
}

fn all(ids: &[String], known: impl Fn(&str) -> bool) -> bool {
    !ids.is_empty() && ids.iter().all(|id| known(id))
}

fn unknown_case(ending: &Ending, edition: &Edition) -> Option<&'static str> {
    match ending {
        Ending::TakenToStation { case } if edition.station_case(case).is_none() => {
            Some("the edition knows no such case")
        }
        _ => None,
    }
}

fn unknown_act(act: &Act, edition: &Edition) -> Option<&'static str> {
    match act {
        Act::Ground { ground } | Act::GroundUnexplained { ground }
            if edition.ground(ground).is_none() =>
        {
            Some("the edition knows no such ground")
        }
        Act::Reason { reason } if edition.no_fingerprint_reason(reason).is_none() => {
            Some("the edition knows no such reason")
        }
        Act::End(ending) => unknown_case(ending, edition),
        _ => None,
    }
}

/// Whether the case of §9 is that of resistance, or that of a tablet that cannot identify.
pub(crate) fn case_is(edition: &Edition, outcome: &Outcome, fits: CaseFits) -> bool {
    match outcome {
        Outcome::TakenToStation { case } => edition
            .station_case(case)
            .is_some_and(|case| case.fits == fits),
        _ => false,
    }
}

/// The course that the program brings.
///
/// # Errors
/// None for the shipped files; a test reads them.
pub fn shipped(edition: &Edition) -> Result<Vec<Scenario>, ScenarioError> {
    let course = SHIPPED
        .iter()
        .map(|(file, text)| Scenario::parse(file, text, edition));
    unique(course.collect::<Result<_, _>>()?)
}

/// A course of one's own: every `.toml` file of `dir`, in the order of their names.
///
/// # Errors
/// A file cannot be read or is not sound, an id stands twice, or there are none or too many.
pub fn read(dir: &Path, edition: &Edition) -> Result<Vec<Scenario>, ScenarioError> {
    let failed = |path: &Path, error| ScenarioError::File(path.display().to_string(), error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|e| failed(dir, e))? {
        let path = entry.map_err(|e| failed(dir, e))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
        if paths.len() > MOST {
            return Err(ScenarioError::Count);
        }
    }
    paths.sort();
    let mut course = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let size = std::fs::metadata(&path).map_err(|e| failed(&path, e))?;
        if size.len() > FILE_BYTES {
            return Err(ScenarioError::TooLarge(name));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
        course.push(Scenario::parse(&name, &text, edition)?);
    }
    unique(course)
}

fn unique(course: Vec<Scenario>) -> Result<Vec<Scenario>, ScenarioError> {
    if course.is_empty() || course.len() > MOST {
        return Err(ScenarioError::Count);
    }
    for (n, scenario) in course.iter().enumerate() {
        if course.iter().skip(n + 1).any(|s| s.id == scenario.id) {
            return Err(ScenarioError::Twice(scenario.id.clone()));
        }
    }
    Ok(course)
}
