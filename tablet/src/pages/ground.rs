//! §8: the ground, the fact it rests on, and the explanation.

use super::{ChoiceView, EncounterEntry, State, reminders};
use regulation::edition::Choice;
use regulation::encounter::{Explanation, Language};

#[derive(Clone, PartialEq, Eq)]
pub struct GroundView {
    pub grounds: Vec<ChoiceView>,
    /// What to say, in the citizen's language, one for each ground in the same order.
    pub words: Vec<String>,
    /// What stands so far, when the page is come back to.
    pub ground: Option<String>,
    pub fact: String,
    /// "Not possible yet" was said: the explanation is asked for again.
    pub asked_again: bool,
    pub reminders: Vec<String>,
}

super::hidden_debug!(GroundView);

/// What the officer says of a ground.
pub(super) fn words(state: &State, ground: &Choice, language: Language) -> String {
    let words = state.edition.words_explain.get(language);
    words.replace("{ground}", ground.detail.get(language))
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> GroundView {
    let encounter = &entry.encounter;
    let citizen = state.citizen_language;
    GroundView {
        grounds: state
            .edition
            .grounds
            .iter()
            .map(|g| ChoiceView {
                id: g.id.clone(),
                title: g.title.get(state.language).to_owned(),
                detail: g.detail.get(state.language).to_owned(),
            })
            .collect(),
        words: state
            .edition
            .grounds
            .iter()
            .map(|g| words(state, g, citizen))
            .collect(),
        ground: encounter.ground.as_ref().map(|g| g.id.clone()),
        fact: encounter
            .ground
            .as_ref()
            .map(|g| g.fact.clone())
            .unwrap_or_default(),
        asked_again: matches!(
            encounter.explanation,
            Some(Explanation::NotPossibleYet { .. })
        ),
        reminders: reminders(state, "ground"),
    }
}
