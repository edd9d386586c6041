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

/// What the officer says; `None`: nobody is logged in.
pub(super) fn words(state: &State, language: Language) -> Option<String> {
    let session = state.session.as_ref()?;
    let words = state.edition.words_introduce.get(language);
    let words = words.replace("{rank}", &session.rank);
    let words = words.replace("{name}", &session.name);
    Some(words.replace("{unit}", &session.unit))
}

pub(super) fn view(state: &State) -> IntroduceView {
    IntroduceView {
        words: words(state, state.citizen_language).unwrap_or_default(),
        citizen_language: state.citizen_language,
        places: state.places.clone(),
        reminders: reminders(state, "introduce"),
        warning: state
            .on_patrol()
            .then(|| state.bodycam.duty.warning())
            .flatten(),
    }
}
