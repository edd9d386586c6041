//! The format of a journey.

use serde::Deserialize;
use std::time::Duration;

/// More steps than a person would make without a rest.
const STEPS: usize = 400;
/// A text of a step, in bytes.
const TEXT: usize = 300;
/// No step waits longer, seconds.
const WAIT: u64 = 600;

/// What is done, or must be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `tap`: touches what is named so.
    Tap(String),
    /// `hold`: rests a finger on it until `lift`.
    Hold(String),
    /// `lift = true`.
    Lift,
    /// `type`: types into what has the focus. With `into`: taps that field, types, and puts the keys on
    /// the screen away; two taps.
    Type { text: String, into: Option<String> },
    /// `act`: does its action by the reader of the screen, with no touch.
    Act(String),
    /// `no-act`: the reader of the screen finds that it has no action.
    NoAct(String),
    /// `reach`: comes to it by the Tab key.
    Reach(String),
    /// `key`: a key down and up, by its name in X11.
    Key(String),
    /// `hold-key`: a key down, until `lift-key`.
    HoldKey(String),
    /// `lift-key = true`.
    LiftKey,
    /// `expect`: a text that holds this one comes within so many seconds (`within`; 60).
    Expect {
        text: String,
        within: Option<Duration>,
    },
    /// `expect-not`: nothing on the screen holds this text, or soon nothing does.
    ExpectNot(String),
    /// `outside`: a line for the devices, as of `demo --devices stdin`.
    Outside(String),
    /// `count`: taps and seconds are counted from here, under this name.
    Count(String),
    /// `taps-at-most`: the end of what is counted, and how many taps it may have.
    TapsAtMost(u32),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tap(name) => write!(f, "tap {name:?}"),
            Self::Hold(name) => write!(f, "hold {name:?}"),
            Self::Lift => f.write_str("lift"),
            Self::Type { into, .. } => {
                write!(f, "type into {:?}", into.as_deref().unwrap_or("the field"))
            }
            Self::Act(name) => write!(f, "act {name:?}"),
            Self::NoAct(name) => write!(f, "no-act {name:?}"),
            Self::Reach(name) => write!(f, "reach {name:?}"),
            Self::Key(name) => write!(f, "key {name:?}"),
            Self::HoldKey(name) => write!(f, "hold-key {name:?}"),
            Self::LiftKey => f.write_str("lift-key"),
            Self::Expect { text, .. } => write!(f, "expect {text:?}"),
            Self::ExpectNot(text) => write!(f, "expect-not {text:?}"),
            Self::Outside(order) => write!(f, "outside {order:?}"),
            Self::Count(name) => write!(f, "count {name:?}"),
            Self::TapsAtMost(most) => write!(f, "taps-at-most {most}"),
        }
    }
}

/// A file is no journey.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    #[error("no journey: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("step {0}: one verb a step, with what belongs to it")]
    Verb(usize),
    #[error("step {0}: a text is longer than {TEXT} bytes, or a wait than {WAIT} seconds")]
    Limit(usize),
    #[error("a journey has 1 to {STEPS} steps")]
    Steps,
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// A journey, with its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    pub title: String,
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJourney {
    title: String,
    steps: Vec<RawStep>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RawStep {
    tap: Option<String>,
    hold: Option<String>,
    lift: Option<bool>,
    r#type: Option<String>,
    into: Option<String>,
    act: Option<String>,
    no_act: Option<String>,
    reach: Option<String>,
    key: Option<String>,
    hold_key: Option<String>,
    lift_key: Option<bool>,
    expect: Option<String>,
    within: Option<u64>,
    expect_not: Option<String>,
    outside: Option<String>,
    count: Option<String>,
    taps_at_most: Option<u32>,
}

impl RawStep {
    fn step(self, number: usize) -> Result<Step, ScriptError> {
        let texts = [
            &self.tap,
            &self.hold,
            &self.r#type,
            &self.into,
            &self.act,
            &self.no_act,
            &self.reach,
            &self.key,
            &self.hold_key,
            &self.expect,
            &self.expect_not,
            &self.outside,
            &self.count,
        ];
        let long = texts.into_iter().flatten().any(|t| t.len() > TEXT);
        if long || self.within.is_some_and(|s| s > WAIT) {
            return Err(ScriptError::Limit(number));
        }
        let (into, within) = (self.into, self.within.map(Duration::from_secs));
        let whole = (into.is_none() || self.r#type.is_some())
            && (within.is_none() || self.expect.is_some());
        let mut verbs = [
            self.tap.map(Step::Tap),
            self.hold.map(Step::Hold),
            self.lift.filter(|yes| *yes).map(|_| Step::Lift),
            self.r#type.map(|text| Step::Type { text, into }),
            self.act.map(Step::Act),
            self.no_act.map(Step::NoAct),
            self.reach.map(Step::Reach),
            self.key.map(Step::Key),
            self.hold_key.map(Step::HoldKey),
            self.lift_key.filter(|yes| *yes).map(|_| Step::LiftKey),
            self.expect.map(|text| Step::Expect { text, within }),
            self.expect_not.map(Step::ExpectNot),
            self.outside.map(Step::Outside),
            self.count.map(Step::Count),
            self.taps_at_most.map(Step::TapsAtMost),
        ]
        .into_iter()
        .flatten();
        match (verbs.next(), verbs.next()) {
            (Some(step), None) if whole => Ok(step),
            _ => Err(ScriptError::Verb(number)),
        }
    }
}

impl Journey {
    /// Reads a journey.
    ///
    /// # Errors
    /// It is not TOML, or a step is none.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let raw: RawJourney = toml::from_str(text)?;
        if raw.steps.is_empty() || raw.steps.len() > STEPS {
            return Err(ScriptError::Steps);
        }
        let steps = raw.steps.into_iter().enumerate();
        Ok(Self {
            title: raw.title,
            steps: steps
                .map(|(n, s)| s.step(n + 1))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Reads a journey's file.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(path: &std::path::Path) -> Result<Self, ScriptError> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// This journey after `before`: what comes first on every tablet.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        let mut steps = before.steps.clone();
        steps.append(&mut self.steps);
        self.steps = steps;
        self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Result<Vec<Step>, ScriptError> {
        Journey::parse(&format!("title = \"x\"\nsteps = [{text}]")).map(|j| j.steps)
    }

    #[test]
    fn a_step_has_one_verb_with_what_belongs_to_it() {
        let read = steps(
            r#"{ tap = "Go on" }, { type = "a", into = "Place" }, { lift = true },
               { expect = "b", within = 5 }, { taps-at-most = 12 }"#,
        )
        .unwrap();
        assert_eq!(
            read,
            [
                Step::Tap("Go on".into()),
                Step::Type {
                    text: "a".into(),
                    into: Some("Place".into())
                },
                Step::Lift,
                Step::Expect {
                    text: "b".into(),
                    within: Some(Duration::from_secs(5))
                },
                Step::TapsAtMost(12),
            ]
        );
        for wrong in [
            "",
            "{}",
            r#"{ tap = "a", hold = "a" }"#,
            r#"{ tap = "a", into = "b" }"#,
            r#"{ tap = "a", within = 3 }"#,
            r#"{ expect = "a", within = 601 }"#,
            r#"{ tapp = "a" }"#,
            "{ lift = false }",
            "{ taps-at-most = -1 }",
        ] {
            assert!(steps(wrong).is_err(), "{wrong}");
        }
        let long = format!("{{ tap = \"{}\" }}", "a".repeat(TEXT + 1));
        assert!(matches!(steps(&long), Err(ScriptError::Limit(1))));
    }
}
