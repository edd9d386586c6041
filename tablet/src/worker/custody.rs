//! §13 to §16, §31: the tablet's custody. A tap, the machine's word on it, the vault, the state.

use super::Worker;
use super::command::CustodyCommand;
use super::record::NotRecorded;
use crate::pages::{ConfirmState, HandInForm, PartyForm, Screen, TakeOverForm};
use protocol::{CaptureId, FactKind, Urgency};
use regulation::custody::{Condition, Event, Party, Recorded, Refusal, record, transition};
use regulation::{CustodyId, OfficerId};

impl Worker {
    pub(super) fn custody(&mut self, command: CustodyCommand) {
        // A tap that was not recorded leaves the page as it was; the state says why.
        let _ = self.try_custody(command);
    }

    fn try_custody(&mut self, command: CustodyCommand) -> Result<(), NotRecorded> {
        if !self.state.on_patrol() {
            return Err(NotRecorded);
        }
        match command {
            CustodyCommand::Open if self.state.custody.is_held() => {
                self.go_home();
                self.check_anew();
                self.state.screen = Screen::Tablet;
            }
            CustodyCommand::Open => self.go_to_take_over(),
            CustodyCommand::TakeOver(form) => {
                self.take_over(form)?;
                self.after_take_over();
            }
            CustodyCommand::Later => self.after_take_over(),
            CustodyCommand::Damaged { note } => {
                let photos = self.photos();
                self.record_custody(Event::Damaged { note, photos })?;
                self.state.custody.done += 1;
            }
            CustodyCommand::HandInNow => {
                self.end_shift();
                // What is to be seen to first comes first; the hand-in at its end is the ordinary one.
                self.state.custody.early = self.state.screen == Screen::HandIn;
            }
            CustodyCommand::HandIn(form) => {
                self.hand_in(form)?;
                self.finish_shift();
            }
            CustodyCommand::Confirm { login, password } => self.confirm(login, password),
            CustodyCommand::Named { name } => {
                let name = name.trim().to_owned();
                if name.is_empty() {
                    return self.refuse_custody(Refusal::PartyMissing);
                }
                if !self.parts.edition.limits.hold(&name) {
                    return self.refuse_custody(Refusal::TextTooLong);
                }
                self.forget_person();
                self.state.custody.person = Some(Party::Named { name });
            }
        }
        Ok(())
    }

    pub(super) fn go_to_take_over(&mut self) {
        self.go_home();
        self.check_anew();
        self.state.screen = Screen::TakeOver;
    }

    fn after_take_over(&mut self) {
        self.go_home();
        if self.begins_with_bodycam() {
            self.go_to_receive();
        }
    }

    fn take_over(&mut self, form: TakeOverForm) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::TakeOver || !self.state.custody.checking.is_empty() {
            return Err(NotRecorded);
        }
        let from = self.party(form.from)?;
        let draft = self.state.custody.draft;
        self.record_custody(Event::TakenOver {
            custody: draft.unwrap_or_else(|| CustodyId(uuid::Uuid::new_v4())),
            from,
            readiness: self.state.custody.readiness.clone(),
            condition: Condition {
                damage: form.damage,
                photos: self.photos(),
            },
            overridden: Some(form.overridden).filter(|name| !name.trim().is_empty()),
        })
    }

    fn hand_in(&mut self, form: HandInForm) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::HandIn {
            return Err(NotRecorded);
        }
        let to = self.party(form.to)?;
        self.look_at_queue();
        self.record_custody(Event::HandedIn {
            to,
            why: form.why,
            condition: Condition {
                damage: form.damage,
                photos: self.photos(),
            },
            waiting: self.state.queue.unsent(),
        })
    }

    fn party(&mut self, form: PartyForm) -> Result<Party, NotRecorded> {
        match form {
            PartyForm::Place(place) => Ok(Party::Place {
                place: place.trim().to_owned(),
            }),
            PartyForm::Person => match self.state.custody.person.clone() {
                Some(person) => Ok(person),
                None => self.refuse_custody(Refusal::PartyMissing),
            },
        }
    }

    /// What the page's form names.
    pub(super) fn photos(&self) -> Vec<CaptureId> {
        let album = self.state.album();
        album.map(|album| album.photos).unwrap_or_default()
    }

    /// Photos that the event names belong to no form any more.
    fn photos_named(&mut self, event: &Event) {
        let (Event::TakenOver { condition, .. } | Event::HandedIn { condition, .. }) = event else {
            if let Event::Damaged { photos, .. } = event {
                self.state.photos_named(photos);
            }
            return;
        };
        self.state.photos_named(&condition.photos);
        self.state.custody.draft = None;
    }

    fn refuse_custody<T>(&mut self, refusal: Refusal) -> Result<T, NotRecorded> {
        self.state.custody.refusal = Some(refusal);
        Err(NotRecorded)
    }

    /// Asks the machine, writes the fact to the vault, and only then changes the state.
    pub(super) fn record_custody(&mut self, event: Event) -> Result<(), NotRecorded> {
        let Some(officer) = self.session.as_ref().map(|s| s.officer.id) else {
            return Err(NotRecorded);
        };
        let recorded = Recorded {
            at: self.parts.clock.now(),
            event,
        };
        let custody = &self.state.custody.custody;
        let step = match transition(&self.parts.edition, custody, officer, &recorded) {
            Ok(step) => step,
            Err(refusal) => return self.refuse_custody(refusal),
        };
        let event = recorded.event.clone();
        self.append(None, Urgency::Ordinary, FactKind::Custody { recorded })?;
        self.state.custody.custody = step.custody;
        self.photos_named(&event);
        Ok(())
    }

    pub(super) fn replay_custody(&mut self, officer: OfficerId, recorded: &Recorded) {
        let edition = self.parts.edition.clone();
        let custody = &mut self.state.custody.custody;
        *custody = record(&edition, custody, officer, recorded).custody;
        self.photos_named(&recorded.event);
    }

    /// Before the shift ends: to the tablet that is still held. `true`: it is to be seen to first.
    pub(super) fn tablet_is_owed(&mut self) -> bool {
        if !self.state.custody.is_held() {
            return false;
        }
        self.go_home();
        self.state.screen = Screen::HandIn;
        true
    }

    /// Nobody who confirmed one hand-over is carried to another.
    pub(super) fn forget_hand_over(&mut self) {
        self.forget_person();
        self.state.custody.early = false;
    }

    pub(super) fn forget_person(&mut self) {
        self.confirming += 1;
        self.state.custody.person = None;
        self.state.custody.confirm = ConfirmState::default();
    }
}
