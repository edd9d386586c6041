//! §13: whether a tablet is fit for duty, as it finds out by itself.

use crate::edition::ReadinessLimits;
use serde::{Deserialize, Serialize};

/// What the tablet found out about itself, one check of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub checks: Vec<Check>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub kind: CheckKind,
    pub level: Level,
    /// What was measured, in the kind's unit, where there is a number.
    pub value: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Percent. None is in a tablet that runs by the mains.
    Battery,
    /// MiB free for what is recorded.
    Storage,
    /// Seconds by which the tablet's clock differs from central's; none while central is not asked.
    Clock,
    /// Whether the fingerprint scanner gives a picture.
    Scanner,
    /// Whether the camera gives a picture; 0: there is none.
    Camera,
    /// Whether central answers.
    Connection,
    /// Days until the tablet's certificate ends.
    Certificate,
    /// Minutes until the session's lease ends.
    Lease,
    /// Events that wait to be sent.
    Queue,
    /// Whether the program is as new as central demands.
    Version,
    /// Of a newer program.
    #[serde(other)]
    Other,
}

/// Green, amber, red; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ready,
    /// Fit for duty; something is to be done about it.
    Attention,
    /// Not fit for duty.
    NotReady,
}

impl Readiness {
    /// The worst level of all; [`Level::NotReady`] where nothing was checked.
    #[must_use]
    pub fn level(&self) -> Level {
        let worst = self.checks.iter().map(|check| check.level).max();
        worst.unwrap_or(Level::NotReady)
    }

    /// Whether one of the checks stands otherwise than before; numbers alone make no difference.
    #[must_use]
    pub fn differs(&self, before: &Self) -> bool {
        let levels = |readiness: &Self| -> Vec<_> {
            let checks = readiness.checks.iter();
            checks.map(|check| (check.kind, check.level)).collect()
        };
        levels(self) != levels(before)
    }
}

impl Check {
    /// Of something measured, by the edition's limits.
    #[must_use]
    pub fn measured(limits: &ReadinessLimits, kind: CheckKind, value: i64) -> Self {
        Self {
            kind,
            level: limits.level(kind, value),
            value: Some(value),
        }
    }

    /// Of something that answers or does not: `at_worst` where it does not.
    #[must_use]
    pub fn answers(kind: CheckKind, answers: bool, at_worst: Level) -> Self {
        Self {
            kind,
            level: if answers { Level::Ready } else { at_worst },
            value: None,
        }
    }
}
