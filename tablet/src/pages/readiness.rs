//! §13: what the tablet found out about itself, as rows: the worst first.

use super::State;
use regulation::custody::{Check, CheckKind, Level};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadinessView {
    /// The worst first.
    pub rows: Vec<Check>,
    /// Checks that have not come back yet.
    pub waiting: Vec<CheckKind>,
    /// The worst of all; `None`: not everything has come back.
    pub level: Option<Level>,
}

impl ReadinessView {
    /// Without a camera that this kind of tablet has not: nobody can do anything about it in a shift.
    pub(super) fn without_what_is_not_fitted(mut self) -> Self {
        let fitted = |check: &Check| check.kind != CheckKind::Camera || check.value != Some(0);
        self.rows.retain(fitted);
        if self.level.is_some() {
            self.level = self.rows.iter().map(|check| check.level).max();
        }
        self
    }

    /// What is the matter, if anything is: the first of the worst.
    #[must_use]
    pub fn worst(&self) -> Option<Check> {
        let first = self.rows.first().copied();
        first.filter(|check| check.level > Level::Ready)
    }
}

pub(super) fn view(state: &State) -> ReadinessView {
    let (readiness, waiting) = (&state.custody.readiness, &state.custody.checking);
    let mut rows = readiness.checks.clone();
    rows.sort_by_key(|check| std::cmp::Reverse(check.level));
    ReadinessView {
        level: waiting.is_empty().then(|| readiness.level()),
        rows,
        waiting: waiting.clone(),
    }
}
