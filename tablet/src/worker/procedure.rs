//! The officer's taps inside the procedure.

use super::Worker;
use super::record::NotRecorded;
use crate::pages::{DocumentForm, Screen};
use crate::worker::Command;
use regulation::EncounterId;
use regulation::encounter::{
    Event, Explanation, Finger, Outcome, Place, PlaceSource, ServiceId, Stage, Unidentified,
};

/// Places offered instead of typing.
const PLACES: usize = 4;

impl Worker {
    pub(super) fn procedure(&mut self, command: Command) {
        // A tap whose event was not recorded leaves the page as it was; the state says why.
        let _ = self.try_procedure(command);
    }

    fn try_procedure(&mut self, command: Command) -> Result<(), NotRecorded> {
        match command {
            Command::NewEncounter => self.new_encounter(),
            Command::OpenEncounter(id) => self.open_encounter(id),
            Command::GoHome => self.go_home(),
            Command::Bodycam(command) => self.bodycam(command),
            Command::Incident(command) => self.incident(command),
            Command::DeskIncident(command) => self.desk_incident(command),
            Command::Custody(command) => self.custody(command),
            Command::Photo(command) => self.photo(command),
            Command::SetCitizenLanguage(language) => self.state.citizen_language = language,
            Command::Introduce {
                place,
                chosen,
                service_id,
            } => {
                self.introduce(place, chosen, service_id)?;
            }
            Command::DecidePause { pause, granted } => self.decide_pause(pause, granted),
            Command::OpenFault(fault) => self.open_fault(fault),
            Command::OpenTablets(conflict) => self.open_tablets(conflict),
            Command::DeskMeans(command) => self.desk_means(command),
            Command::SettleCustody { how } => self.settle_custody(&how),
            Command::SeeFound(question) => self.see_found(question),
            Command::SeeResistance(encounter) => self.see_resistance(encounter),
            Command::DeskAnswer(command) => self.desk_answer(command),
            Command::DeskFigures(command) => self.desk_figures(command),
            Command::DeskTablet(command) => self.desk_tablet(command),
            Command::DeskPhoto(command) => self.desk_photo(command),
            Command::AssignFault { administrator } => self.decide_fault(&administrator, false),
            Command::CloseFault { how } => self.decide_fault(&how, true),
            other => {
                if let Some(id) = self.state.current {
                    self.in_encounter(id, other)?;
                } else if matches!(other, Command::Back) {
                    self.back();
                }
            }
        }
        Ok(())
    }

    fn in_encounter(&mut self, id: EncounterId, command: Command) -> Result<(), NotRecorded> {
        match command {
            Command::Back => self.back(),
            Command::ServiceIdShown => self.record(id, Event::ServiceIdShown)?,
            Command::StateGround {
                ground,
                fact,
                explanation,
            } => {
                self.state_ground(id, ground, fact, explanation)?;
            }
            Command::ReviewGround => self.state.screen = Screen::Ground,
            Command::ChooseDocument => {
                self.clear_page();
                self.state.screen = Screen::Document;
            }
            Command::ChooseFingerprint => {
                self.stop_capture();
                self.choose_finger();
                self.state.screen = Screen::Finger;
            }
            Command::ChooseFace => self.choose_face(id),
            Command::Face(command) => self.face(id, command)?,
            Command::ReviewDocument(form) => self.review_document(form),
            Command::EditDocument => {
                self.checked = None;
                self.state.document_review = None;
            }
            Command::CorrectPerson => self.correct_person(),
            Command::ConfirmDocument => self.confirm_document(id)?,
            Command::SelectFinger(finger) => {
                self.stop_capture();
                self.state.finger = finger;
            }
            Command::StartCapture => self.start_capture(id),
            Command::CancelCapture => {
                self.stop_capture();
                self.show_answer_if_awaited();
            }
            Command::SendWeak => self.send_weak(id),
            Command::NoteFingers { missing, injured } => {
                self.note_fingers(id, missing, injured)?;
            }
            Command::OpenNoFingerprint => {
                self.stop_capture();
                self.state.screen = Screen::NoFingerprint;
            }
            Command::FingerprintImpossible { reason, note } => {
                let note = Some(note).filter(|n| !n.trim().is_empty());
                self.record(id, Event::FingerprintImpossible { reason, note })?;
                self.go_to_method();
            }
            Command::OtherMeans => self.go_to_method(),
            Command::Withdraw => self.withdraw(id)?,
            Command::CannotIdentify => self.cannot_identify(id)?,
            Command::ToOutcome => self.go_to_outcome(),
            Command::Reveal(held) => self.reveal(id, held)?,
            Command::ShowAnswer => self.go_to_answer(),
            Command::ConfirmIdentity => self.confirm_identity(id)?,
            Command::DisputeIdentity => self.dispute_identity(id)?,
            Command::NoneOfThese => self.none_of_these(id)?,
            Command::NextCandidate => self.next_candidate(),
            Command::Finish(outcome) => self.finish(id, outcome)?,
            Command::ShowReceipt => self.show_receipt(),
            other => tracing::debug!(command = ?other, "not a command of an encounter"),
        }
        Ok(())
    }

    fn new_encounter(&mut self) {
        if let Some(id) = self.state.open_entry().map(|e| e.id) {
            self.open_encounter(id);
            return;
        }
        self.clear_page();
        // The encounter begins with the tap; its first event is written with the place.
        let id = EncounterId(uuid::Uuid::new_v4());
        self.state.draft = Some((id, self.parts.clock.now()));
        self.state.finger = Finger::RightIndex;
        self.state.current = None;
        self.state.screen = Screen::Introduce;
    }

    /// Opens the page on which the encounter stands.
    pub(super) fn open_encounter(&mut self, id: EncounterId) {
        let Some(entry) = self.state.entry_mut(id) else {
            return;
        };
        let (stage, by_document) = (entry.encounter.stage, entry.encounter.by_document.is_some());
        let language = entry.encounter.citizen_language;
        self.clear_page();
        self.state.draft = None;
        self.state.current = Some(id);
        if let Some(language) = language {
            self.state.citizen_language = language;
        }
        self.state.screen = match stage {
            Stage::NotOpen | Stage::Opened => Screen::Introduce,
            Stage::Introduced | Stage::GroundStated => Screen::Ground,
            Stage::GroundExplained | Stage::Identifying => Screen::Method,
            Stage::Pending => Screen::Pending,
            Stage::Answered if by_document => Screen::Outcome,
            Stage::Answered => Screen::Method,
            Stage::Unidentifiable | Stage::Outcome => Screen::Outcome,
            Stage::Closed => Screen::Closed,
        };
        match stage {
            Stage::Answered if !by_document => self.go_to_answer(),
            // A second question may be waiting while the first is answered.
            Stage::Pending | Stage::Identifying => self.show_answer_if_awaited(),
            _ => {}
        }
    }

    /// The outcome; an answer that came meanwhile, and that nobody has looked at, comes first.
    fn go_to_outcome(&mut self) {
        self.stop_capture();
        let next = self.state.current_entry().and_then(|e| {
            let next = e.next_answer()?.question;
            e.has_unseen_answer().then_some(next)
        });
        let left_unseen = self.state.screen == Screen::Answer && self.state.shown_question == next;
        if next.is_some() && !left_unseen {
            self.go_to_answer();
        } else {
            self.state.revealed = false;
            self.state.screen = Screen::Outcome;
        }
    }

    pub(super) fn go_home(&mut self) {
        self.stop_capture();
        self.clear_page();
        self.state.current = None;
        self.state.draft = None;
        self.state.bodycam.ending = false;
        self.forget_hand_over();
        if self.has_desk() {
            return self.go_to_desk();
        }
        self.state.screen = Screen::Home;
    }

    /// Nothing that was typed or uncovered on one page is carried to another encounter's.
    pub(super) fn clear_page(&mut self) {
        self.stop_capture();
        self.checked = None;
        self.state.shown_question = None;
        self.state.candidate = 0;
        self.state.revealed = false;
        self.state.document_form = DocumentForm::default();
        self.forget_zone();
        self.state.document_problem = None;
        self.state.document_review = None;
        self.state.correcting = false;
        self.state.receipt = None;
    }

    fn back(&mut self) {
        self.stop_capture();
        self.state.revealed = false;
        self.state.screen = match self.state.screen {
            // From a correction, back to where the encounter stands.
            Screen::Document if self.state.correcting => {
                if let Some(id) = self.state.current {
                    self.open_encounter(id);
                }
                return;
            }
            Screen::Document | Screen::Finger | Screen::Face => Screen::Method,
            Screen::NoFingerprint => Screen::Finger,
            Screen::Receipt => return self.leave_receipt(),
            Screen::Outcome if self.other_means_left() => Screen::Method,
            Screen::Outcome | Screen::Answer | Screen::Pending | Screen::Ground => {
                if let Some(id) = self.state.current {
                    self.open_encounter(id);
                }
                return;
            }
            Screen::Introduce
            | Screen::Closed
            | Screen::Method
            | Screen::TakeOver
            | Screen::Receive
            | Screen::Bodycam
            | Screen::Tablet
            | Screen::HandIn
            | Screen::Help => {
                self.go_home();
                return;
            }
            Screen::DeskFault
            | Screen::DeskMeans
            | Screen::DeskCustody
            | Screen::DeskIncident
            | Screen::DeskAnswer
            | Screen::DeskFigures => return self.go_to_desk(),
            Screen::DeskTablet => return self.open_tablets(None),
            Screen::DeskPhoto => return self.leave_photos(),
            Screen::Incident => return self.leave_report(),
            Screen::Reports if self.state.incident.open.is_some() => {
                self.state.incident.open = None;
                return;
            }
            Screen::Reports => return self.leave_report(),
            same @ (Screen::Login | Screen::Pin | Screen::Locked | Screen::Home | Screen::Desk) => {
                same
            }
        };
        self.show_answer_if_awaited();
    }

    /// From the outcome, another means can still be tried: nothing is pending or answered by
    /// central, and the procedure allows it (a false document, a hasty "cannot identify").
    fn other_means_left(&self) -> bool {
        self.state.current_entry().is_some_and(|entry| {
            let encounter = &entry.encounter;
            matches!(encounter.stage, Stage::Answered | Stage::Unidentifiable)
                && (encounter.by_document.is_some() || encounter.unidentified.is_some())
                && encounter.may_capture_fingerprint().is_ok()
        })
    }

    fn go_to_method(&mut self) {
        self.stop_capture();
        self.state.revealed = false;
        self.state.screen = Screen::Method;
    }

    fn introduce(
        &mut self,
        place: String,
        chosen: bool,
        service_id: ServiceId,
    ) -> Result<(), NotRecorded> {
        let id = match (self.state.draft, self.state.current) {
            (Some((id, at)), _) => {
                let source = if chosen {
                    PlaceSource::Chosen
                } else {
                    PlaceSource::Typed
                };
                let place = Place {
                    text: place.trim().to_owned(),
                    source,
                };
                let citizen_language = self.state.citizen_language;
                let opened = Event::Opened {
                    place: place.clone(),
                    citizen_language,
                };
                self.record_at(id, at, opened, None)?;
                self.state.draft = None;
                self.state.current = Some(id);
                self.remember_place(&place.text);
                id
            }
            // Killed between the two events: the place stands, the introduction does not.
            (None, Some(id)) => id,
            (None, None) => return Ok(()),
        };
        self.record(id, Event::Introduced { service_id })?;
        self.state.screen = Screen::Ground;
        Ok(())
    }

    pub(super) fn remember_place(&mut self, place: &str) {
        self.state.places.retain(|known| known != place);
        self.state.places.insert(0, place.to_owned());
        self.state.places.truncate(PLACES);
    }

    fn state_ground(
        &mut self,
        id: EncounterId,
        ground: String,
        fact: String,
        explanation: Explanation,
    ) -> Result<(), NotRecorded> {
        let stands = self.state.current_entry().is_some_and(|entry| {
            entry
                .encounter
                .ground
                .as_ref()
                .is_some_and(|g| g.id == ground && g.fact == fact.trim())
        });
        if !stands {
            self.record(id, Event::GroundStated { ground, fact })?;
        }
        self.record(id, Event::Explained { how: explanation })?;
        // From an explanation made good later, back to where the encounter stands.
        self.open_encounter(id);
        Ok(())
    }

    fn withdraw(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        let waiting: Vec<_> = self
            .state
            .current_entry()
            .map(|entry| entry.encounter.waiting().map(|q| q.id).collect())
            .unwrap_or_default();
        for question in waiting {
            self.record(id, Event::QuestionWithdrawn { question })?;
        }
        self.open_encounter(id);
        Ok(())
    }

    /// §9: for whichever reason holds; if none does, the refusal of the nearest one is shown.
    fn cannot_identify(&mut self, id: EncounterId) -> Result<(), NotRecorded> {
        let waiting = self
            .state
            .current_entry()
            .is_some_and(|e| e.encounter.waiting().next().is_some());
        let reasons = if waiting {
            [
                Unidentified::NotFound,
                Unidentified::NoMeansLeft,
                Unidentified::WaitedTooLong,
            ]
        } else {
            [
                Unidentified::WaitedTooLong,
                Unidentified::NotFound,
                Unidentified::NoMeansLeft,
            ]
        };
        for why in reasons {
            if self.record(id, Event::Unidentifiable { why }).is_ok() {
                self.state.refusal = None;
                self.state.screen = Screen::Outcome;
                return Ok(());
            }
        }
        Err(NotRecorded)
    }

    fn finish(&mut self, id: EncounterId, outcome: Outcome) -> Result<(), NotRecorded> {
        let stands = self
            .state
            .current_entry()
            .is_some_and(|entry| entry.encounter.outcome.as_ref() == Some(&outcome));
        if !stands {
            self.record(id, Event::OutcomeRecorded { outcome })?;
        }
        self.record(id, Event::Closed)?;
        self.clear_page();
        self.state.screen = Screen::Closed;
        if self.session_gone {
            self.end_gone_session();
        }
        Ok(())
    }
}
