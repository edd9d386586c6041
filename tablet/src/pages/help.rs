//! The tablet and help: settings, and what can be found out about the tablet. Nothing of a shift is here:
//! the page is open before the log-in too.

use super::{Settings, State};
use regulation::encounter::Language;

/// What the worker knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpState {
    pub part: HelpPart,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelpPart {
    #[default]
    Menu,
    Settings,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpView {
    pub part: HelpPart,
    pub language: Language,
    pub settings: Settings,
}

pub(super) fn view(state: &State) -> HelpView {
    HelpView {
        part: state.help.part,
        language: state.language,
        settings: state.settings,
    }
}
