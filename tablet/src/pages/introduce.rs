//! §12: the officer introduces themselves.

use super::{State, reminders};
use regulation::bodycam::Warning;
use regulation::encounter::Language;

#[derive(Clone, PartialEq, Eq)]
pub struct IntroduceView {
    /// The words to say, in the citizen's language.
    pub words: String,
    pub citizen_language: Language,
    /// Places of this shift to choose from, the latest first.
    pub places: Vec<String>,
    pub reminders: Vec<String>,
    /// The bodycam does not record.
    pub warning: Option<Warning>,
}

super::hidden_debug!(IntroduceView);

pub(super) fn view(state: &State) -> IntroduceView {
    let words = state.edition.words_introduce.get(state.citizen_language);
    let words = match &state.session {
        Some(s) => words
            .replace("{rank}", &s.rank)
            .replace("{name}", &s.name)
            .replace("{unit}", &s.unit),
        None => words.to_owned(),
    };
    IntroduceView {
        words,
        citizen_language: state.citizen_language,
        places: state.places.clone(),
        reminders: reminders(state, "introduce"),
        warning: state
            .on_patrol()
            .then(|| state.bodycam.duty.warning())
            .flatten(),
    }
}
