//! An answer, looked at while it is held, and what a person says of it: nothing of it is an identity before.

use super::Worker;
use super::record::NotRecorded;
use crate::pages::Screen;
use protocol::{Answer, Register};
use regulation::encounter::{Chosen, Event};
use regulation::{EncounterId, QuestionId};

impl Worker {
    /// §7, §29: uncovering is on record before anything is shown; of several candidates each by itself.
    pub(super) fn reveal(&mut self, id: EncounterId, held: bool) -> Result<(), NotRecorded> {
        if !held || self.state.screen != Screen::Answer {
            self.state.revealed = false;
            return Ok(());
        }
        if self.state.revealed {
            return Ok(());
        }
        let Some(question) = self.state.shown_question else {
            return Ok(());
        };
        let event = match self.compared() {
            Some(_) => Event::CandidateRevealed {
                question,
                candidate: place(self.state.candidate),
            },
            None => Event::Revealed { question },
        };
        self.record(id, event)?;
        self.state.revealed = true;
        if let Some(entry) = self.state.entry_mut(id) {
            entry.attention = super::session::calls_attention(&entry.encounter);
        }
        Ok(())
    }

    /// The record, or the candidate that is shown, is the person present.
    pub(super) fn confirm_identity(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        let Some(question) = self.judged_question() else {
            return Ok(());
        };
        let shown = self.compared().and_then(|answer| {
            let people = answer.result.people();
            people.get(self.state.candidate).map(|person| Chosen {
                place: place(self.state.candidate),
                wanted: person.is_on(Register::Wanted),
                missing: person.is_on(Register::Missing),
            })
        });
        match shown {
            Some(candidate) => self.record(
                id,
                Event::CandidateConfirmed {
                    question,
                    candidate,
                },
            ),
            None => self.record(id, Event::IdentityConfirmed { question }),
        }
    }

    pub(super) fn dispute_identity(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        if let Some(question) = self.judged_question() {
            self.record(id, Event::IdentityDisputed { question })?;
            self.state.revealed = false;
        }
        Ok(())
    }

    /// Of several candidates nobody: once one was looked at at least.
    pub(super) fn none_of_these(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        if self.compared().is_none() {
            return Ok(());
        }
        if let Some(question) = self.judged_question() {
            self.record(id, Event::NoneOfThese { question })?;
            self.state.revealed = false;
        }
        Ok(())
    }

    /// It is covered again; after the last one comes the first.
    pub(super) fn next_candidate(&mut self) {
        if let Some(count) = self.compared().map(|answer| answer.result.people().len()) {
            self.state.candidate = (self.state.candidate + 1) % count.max(1);
            self.state.revealed = false;
        }
    }

    /// The answer that the page shows, if its people are candidates to be compared one at a time.
    fn compared(&self) -> Option<&Answer> {
        let question = self.state.shown_question?;
        let answer = self.state.current_entry()?.answer(question)?;
        answer.result.is_to_be_compared().then_some(answer)
    }

    /// The question whose answer the page shows, if a person may judge it: it was looked at. A tap on a
    /// covered answer judges nothing.
    fn judged_question(&self) -> Option<QuestionId> {
        if self.state.screen != Screen::Answer {
            return None;
        }
        let entry = self.state.current_entry()?;
        let question = self.state.shown_question?;
        entry
            .encounter
            .question(question)?
            .revealed
            .then_some(question)
    }
}

/// Of a candidate in an answer; there are never so many.
fn place(candidate: usize) -> u8 {
    u8::try_from(candidate).unwrap_or(u8::MAX)
}
