//! The Regulation's text over a page: what is typed there stays, and nothing is captured unseen meanwhile.

use super::Worker;
use super::command::LawCommand;
use crate::pages::{CaptureState, LawState, Screen};
use regulation::law::QUERY_CHARS;

impl Worker {
    pub(super) fn law(&mut self, command: LawCommand) {
        let law = &self.state.edition.law;
        match (command, &mut self.state.law) {
            (LawCommand::Open(number), None) => self.open_law(number),
            (LawCommand::Read(number), Some(shown)) if law.paragraph(number).is_some() => {
                shown.paragraph = Some(number);
            }
            (LawCommand::List, Some(shown)) => shown.paragraph = None,
            (LawCommand::Search(query), Some(shown)) => {
                shown.query = query.chars().take(QUERY_CHARS).collect();
                shown.found = law.search(&shown.query, self.state.language);
            }
            (LawCommand::Close, Some(_)) => {
                self.state.law = None;
                self.uncover_page();
            }
            (command, _) => tracing::debug!(?command, "not now"),
        }
    }

    fn open_law(&mut self, number: Option<u8>) {
        if matches!(self.state.screen, Screen::Pin | Screen::Locked)
            || self.state.photo.is_some()
            || self.state.say.is_some()
        {
            return;
        }
        self.cover_page();
        let law = &self.state.edition.law;
        self.state.law = Some(LawState {
            over: self.state.stamp(),
            paragraph: number.filter(|number| law.paragraph(*number).is_some()),
            query: String::new(),
            found: law.search("", self.state.language),
        });
    }

    /// What lies over a page goes with it.
    pub(super) fn look_at_law(&mut self) {
        let stamp = self.state.stamp();
        if self.state.law.as_ref().is_some_and(|law| law.over != stamp) {
            self.state.law = None;
        }
    }

    /// The page will not be seen for a while: no finger is read and no face looked at behind it.
    pub(super) fn cover_page(&mut self) {
        if matches!(self.state.capture, CaptureState::Running { .. }) {
            self.stop_capture();
            self.show_answer_if_awaited();
        }
        self.rest_face_camera();
    }

    pub(super) fn uncover_page(&mut self) {
        self.wake_face_camera();
    }
}
