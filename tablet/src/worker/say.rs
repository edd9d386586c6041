//! Words for the person, over a page of the procedure: what is typed there stays.

use super::command::SayCommand;
use super::{Inner, Worker};
use crate::device::{Cancel, VoiceFault};
use crate::pages::{Aloud, SayState};

/// Counts what is read aloud, so that what comes of an earlier one is dropped.
#[derive(Default)]
pub(super) struct Reading {
    number: u64,
    cancel: Option<Cancel>,
}

impl Worker {
    pub(super) fn say(&mut self, command: SayCommand) {
        let last = self.state.say.as_ref().map(|shown| {
            let cards = self.state.cards(shown.ground.as_deref());
            cards.len().saturating_sub(1)
        });
        // Another card, another language, another page: it is not that any more.
        self.hush();
        match (command, &mut self.state.say) {
            (SayCommand::Open { ground }, None) => self.open_cards(&ground),
            (SayCommand::Next, Some(shown)) if Some(shown.card) < last => shown.card += 1,
            (SayCommand::Before, Some(shown)) if shown.card > 0 => shown.card -= 1,
            (SayCommand::ReadAloud, Some(_)) => self.begin_reading(),
            (SayCommand::Hush, Some(_)) => {}
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
                aloud: Aloud::No,
            });
        }
    }

    /// What is on the screen, and nothing else.
    fn begin_reading(&mut self) {
        let Some(shown) = self.state.say.as_mut() else {
            return;
        };
        shown.aloud = Aloud::Reading;
        let Some(view) = crate::pages::view(&self.state).say else {
            return;
        };
        let (number, cancel) = (self.reading.number, Cancel::default());
        let (voice, inner, stop) = (self.parts.voice.clone(), self.inner.clone(), cancel.clone());
        let spawned = std::thread::Builder::new()
            .name("voice".into())
            .spawn(move || {
                let result = voice.say(&view.text, view.language, &stop);
                let _ = inner.send(Inner::ReadAloud { number, result });
            });
        match spawned {
            Ok(_) => self.reading.cancel = Some(cancel),
            Err(error) => {
                tracing::error!(%error, "no thread for the voice");
                self.read_aloud(number, Err(VoiceFault::BrokeOff));
            }
        }
    }

    pub(super) fn read_aloud(&mut self, number: u64, result: Result<(), VoiceFault>) {
        if number != self.reading.number {
            return;
        }
        self.reading.cancel = None;
        if let Some(shown) = &mut self.state.say {
            shown.aloud = match result {
                Ok(()) => Aloud::No,
                Err(fault) => Aloud::Fault(fault),
            };
        }
    }

    /// Nothing is read any more, and nothing is told of it.
    pub(super) fn hush(&mut self) {
        if let Some(cancel) = self.reading.cancel.take() {
            cancel.cancel();
        }
        self.reading.number += 1;
        if let Some(shown) = &mut self.state.say {
            shown.aloud = Aloud::No;
        }
    }

    /// What lies over a page goes with it.
    pub(super) fn look_at_say(&mut self) {
        let stamp = self.state.stamp();
        if self.state.say.as_ref().is_some_and(|say| say.over != stamp) {
            self.state.say = None;
        }
        if self.state.say.is_none() && self.reading.cancel.is_some() {
            self.hush();
        }
    }
}
