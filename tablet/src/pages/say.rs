//! Words for the person, over a page of the procedure: in their language, whatever the officer's is, and
//! nothing that a register holds.

use super::{Screen, Stamp, State};
use crate::device::VoiceFault;
use regulation::encounter::Language;
use regulation::hidden_debug;
use regulation::say::SayStep;

/// Cards are shown.
#[derive(Clone)]
pub struct SayState {
    /// The page over which they lie: they go with it.
    pub over: Stamp,
    /// From 0.
    pub card: usize,
    /// §8: the ground that is chosen, if one is.
    pub ground: Option<String>,
    pub aloud: Aloud,
}

/// Whether the card that is shown is being read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aloud {
    No,
    Reading,
    /// It was not, or not to its end.
    Fault(VoiceFault),
}

#[derive(Clone, PartialEq, Eq)]
pub struct SayView {
    pub text: String,
    /// In which it is.
    pub language: Language,
    /// What it rests on.
    pub paragraph: Option<u8>,
    /// From 1.
    pub card: usize,
    pub cards: usize,
    pub aloud: Aloud,
}

hidden_debug!(SayState, SayView);

/// One of the cards, in the citizen's language.
pub(crate) struct Card {
    pub(crate) text: String,
    paragraph: Option<u8>,
    step: Option<SayStep>,
}

impl State {
    /// Every card that there is now: the introduction, the explanation once there is a ground, and the
    /// edition's own.
    pub(crate) fn cards(&self, ground: Option<&str>) -> Vec<Card> {
        let (edition, language) = (&self.edition, self.citizen_language);
        let introduction = super::introduce::words(self, language).map(|text| Card {
            text,
            paragraph: Some(12),
            step: Some(SayStep::Introduce),
        });
        let ground = ground.and_then(|id| edition.ground(id));
        let explanation = ground.map(|ground| Card {
            text: super::ground::words(self, ground, language),
            paragraph: Some(8),
            step: Some(SayStep::Ground),
        });
        let unit = self.session.as_ref().map(|s| s.unit.as_str());
        let own = edition.say.iter().map(|card| Card {
            text: card.text.filled(language, unit.unwrap_or_default()),
            paragraph: card.paragraph,
            step: card.step,
        });
        introduction
            .into_iter()
            .chain(explanation)
            .chain(own)
            .collect()
    }

    /// The card that comes first on the page that is shown; `None`: it shows none.
    pub(crate) fn first_card(&self, ground: Option<&str>) -> Option<usize> {
        let step = match self.screen {
            Screen::Introduce => SayStep::Introduce,
            Screen::Ground => SayStep::Ground,
            Screen::Method | Screen::Finger => SayStep::Fingerprint,
            _ => return None,
        };
        let cards = self.cards(ground);
        Some(cards.iter().position(|c| c.step == Some(step)).unwrap_or(0))
    }
}

pub(super) fn view(state: &State) -> Option<SayView> {
    let shown = state.say.as_ref()?;
    let cards = state.cards(shown.ground.as_deref());
    let card = cards.get(shown.card)?;
    Some(SayView {
        text: card.text.clone(),
        language: state.citizen_language,
        paragraph: card.paragraph,
        card: shown.card + 1,
        cards: cards.len(),
        aloud: shown.aloud,
    })
}
