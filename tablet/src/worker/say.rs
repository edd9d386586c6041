//! Words for the person, over a page of the procedure: what is typed there stays.

use super::Worker;
use super::command::SayCommand;
use crate::pages::SayState;

impl Worker {
    pub(super) fn say(&mut self, command: SayCommand) {
        let last = self.state.say.as_ref().map(|shown| {
            let cards = self.state.cards(shown.ground.as_deref());
            cards.len().saturating_sub(1)
        });
        match (command, &mut self.state.say) {
            (SayCommand::Open { ground }, None) => self.open_cards(&ground),
            (SayCommand::Next, Some(shown)) if Some(shown.card) < last => shown.card += 1,
            (SayCommand::Before, Some(shown)) if shown.card > 0 => shown.card -= 1,
            // The record keeps the one that the encounter began in.
            (SayCommand::Speak(language), Some(_)) => self.state.citizen_language = language,
            (SayCommand::Close, Some(_)) => {
                self.state.say = None;
                self.uncover_page();
            }
            (command, _) => tracing::debug!(?command, "not now"),
        }
    }

    /// A ground that is chosen and not recorded yet goes before the one that is.
    fn open_cards(&mut self, ground: &str) {
        let covered = self.state.photo.is_some() || self.state.law.is_some();
        if self.session.is_none() || covered {
            return;
        }
        let recorded = self
            .state
            .current_entry()
            .and_then(|e| e.encounter.ground.as_ref().map(|g| g.id.as_str()));
        let chosen = self.state.edition.ground(ground).map(|g| g.id.as_str());
        let ground = chosen.or(recorded).map(str::to_owned);
        if self.state.first_card(ground.as_deref()).is_none() {
            return;
        }
        self.cover_page();
        // An answer may have come meanwhile, and its page with it: no cards over that.
        if let Some(card) = self.state.first_card(ground.as_deref()) {
            self.state.say = Some(SayState {
                over: self.state.stamp(),
                card,
                ground,
            });
        }
    }

    /// What lies over a page goes with it.
    pub(super) fn look_at_say(&mut self) {
        let stamp = self.state.stamp();
        if self.state.say.as_ref().is_some_and(|say| say.over != stamp) {
            self.state.say = None;
        }
    }
}
