//! §17 to §21, §23, §32: the bodycam. A tap, the machine's word on it, the vault, the state.

use super::Worker;
use super::command::BodycamCommand;
use super::record::NotRecorded;
use crate::pages::{
    DeskWord, ReceiveForm, ReceiveProblem, ReceiveState, ReceiveWarnings, Screen, carried,
    open_fault,
};
use protocol::{FactKind, MessageBody, Urgency};
use regulation::bodycam::{Event, Recorded, Refusal, Serial, Status, record, transition};
use regulation::{FaultId, MeansId, PauseId, Timestamp};

impl Worker {
    pub(super) fn bodycam(&mut self, command: BodycamCommand) {
        match command {
            BodycamCommand::Open => {
                self.go_home();
                self.state.screen = Screen::Bodycam;
            }
            BodycamCommand::OpenReceive => {
                if !self.state.bodycam.duty.is_held() {
                    self.go_to_receive();
                }
            }
            BodycamCommand::Understood => self.state.word = None,
            other => {
                // A tap that was not recorded leaves the page as it was; the state says why.
                if self.record_tap(other).is_ok() {
                    self.state.bodycam.done += 1;
                }
            }
        }
    }

    /// §23: a shift in which nothing has happened yet begins with the bodycam.
    pub(super) fn begins_with_bodycam(&self) -> bool {
        self.state.on_patrol()
            && self.state.encounters.is_empty()
            && self.state.bodycam.duty.camera.is_none()
    }

    pub(super) fn go_to_receive(&mut self) {
        self.state.bodycam.receive = ReceiveState::default();
        self.state.screen = Screen::Receive;
    }

    fn record_tap(&mut self, command: BodycamCommand) -> Result<(), NotRecorded> {
        let event = match command {
            BodycamCommand::Receive(form) => return self.receive(form),
            BodycamCommand::CarryOver => return self.carry_over(),
            BodycamCommand::SwitchOn => Event::SwitchedOn,
            BodycamCommand::AskPause { why, minutes } => Event::PauseAsked {
                pause: PauseId(uuid::Uuid::new_v4()),
                why,
                minutes,
            },
            BodycamCommand::WithdrawPause => Event::PauseWithdrawn {
                pause: self.open_pause()?,
            },
            BodycamCommand::PermittedByVoice { by, name } => Event::PausePermittedByVoice {
                pause: self.open_pause()?,
                by,
                name,
            },
            BodycamCommand::BeginPause => Event::PauseBegan {
                pause: self.open_pause()?,
            },
            BodycamCommand::Resume => Event::Resumed,
            BodycamCommand::Fault { what, note } => Event::Faulted {
                fault: FaultId(uuid::Uuid::new_v4()),
                what,
                note: filled(note),
            },
            BodycamCommand::Mended => match self.state.bodycam.duty.status {
                Status::Faulty { fault, .. } => Event::Mended { fault },
                _ => return self.refuse(Refusal::FaultUnknown),
            },
            BodycamCommand::OtherMeans {
                device,
                owner,
                minutes,
                note,
            } => {
                let (from, to) = self.other_means(minutes)?;
                Event::RecordedByOtherMeans {
                    means: Some(MeansId(uuid::Uuid::new_v4())),
                    device,
                    owner,
                    from,
                    to,
                    note: filled(note),
                }
            }
            BodycamCommand::SwitchOff => Event::SwitchedOff,
            BodycamCommand::HandBack { battery } => Event::Returned {
                battery_percent: match battery.trim() {
                    "" => None,
                    typed => match percent(typed) {
                        Some(percent) => Some(percent),
                        None => return self.refuse(Refusal::Battery),
                    },
                },
            },
            BodycamCommand::Open | BodycamCommand::OpenReceive | BodycamCommand::Understood => {
                return Ok(());
            }
        };
        self.record_bodycam(event)
    }

    fn receive(&mut self, form: ReceiveForm) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::Receive {
            return Err(NotRecorded);
        }
        let known = std::mem::take(&mut self.state.bodycam.receive).warned;
        let Ok(camera) = form.serial.parse::<Serial>() else {
            self.state.bodycam.receive.problem = Some(ReceiveProblem::Serial);
            return Err(NotRecorded);
        };
        let step = match form.battery.trim() {
            "" => self.parts.edition.camera_battery_step(&form.step),
            _ => None,
        };
        let read = step.map(|step| step.from_percent);
        let Some(battery_percent) = read.or_else(|| percent(&form.battery)) else {
            self.state.bodycam.receive.problem = Some(ReceiveProblem::Battery);
            return Err(NotRecorded);
        };
        let battery = step.map(|step| step.id.clone());
        let (emptied, worn) = (form.emptied, form.worn);
        let warnings = ReceiveWarnings {
            low_battery: battery_percent < self.parts.edition.limits.camera_battery_percent,
            not_emptied: !emptied,
            not_worn: !worn,
        };
        let told = known.is_some_and(|(of, _)| of == form);
        if warnings != ReceiveWarnings::default() && !told {
            self.state.bodycam.receive.warned = Some((form, warnings));
            return Err(NotRecorded);
        }
        self.record_bodycam(Event::Received {
            camera,
            battery_percent,
            battery,
            emptied,
            worn,
        })?;
        // With the disk full in between, it is switched on from there.
        self.state.screen = Screen::Bodycam;
        self.record_bodycam(Event::SwitchedOn)?;
        self.go_home();
        Ok(())
    }

    /// §18: what was held in an earlier session is held in this one, and the log has no hole.
    fn carry_over(&mut self) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::Receive {
            return Err(NotRecorded);
        }
        let Some(held) = carried(&self.state).cloned() else {
            return self.refuse(Refusal::NotReceived);
        };
        self.record_bodycam(Event::CarriedOver {
            camera: held.camera,
            // Central's clock may be ahead of this one.
            since: held.since.min(self.parts.clock.now()),
            on: held.on,
        })?;
        self.go_home();
        if !held.on {
            self.state.screen = Screen::Bodycam;
        }
        Ok(())
    }

    /// §32: the last so many minutes; without a number, the time of the last fault.
    fn other_means(&mut self, minutes: Option<u16>) -> Result<(Timestamp, Timestamp), NotRecorded> {
        let now = self.parts.clock.now();
        let duty = &self.state.bodycam.duty;
        Ok(match minutes {
            Some(minutes) => (Timestamp(now.0 - i64::from(minutes) * 60_000), now),
            None => match open_fault(duty) {
                Some(fault) => (fault.at, now),
                None => return self.refuse(Refusal::FaultUnknown),
            },
        })
    }

    fn open_pause(&mut self) -> Result<PauseId, NotRecorded> {
        match self.state.bodycam.duty.open_pause() {
            Some(pause) => Ok(pause.id),
            None => self.refuse(Refusal::PauseUnknown),
        }
    }

    fn refuse<T>(&mut self, refusal: Refusal) -> Result<T, NotRecorded> {
        self.state.bodycam.refusal = Some(refusal);
        Err(NotRecorded)
    }

    /// Asks the machine, writes the fact to the vault, and only then changes the state.
    fn record_bodycam(&mut self, event: Event) -> Result<(), NotRecorded> {
        let recorded = Recorded {
            at: self.parts.clock.now(),
            event,
        };
        let duty = &self.state.bodycam.duty;
        let next = match transition(&self.parts.edition, duty, &recorded) {
            Ok(next) => next,
            Err(refusal) => return self.refuse(refusal),
        };
        let urgency = urgency(&recorded.event);
        self.append(None, urgency, FactKind::Bodycam { recorded })?;
        self.state.bodycam.duty = next;
        Ok(())
    }

    pub(super) fn replay_bodycam(&mut self, recorded: &Recorded) {
        let edition = self.parts.edition.clone();
        let duty = &mut self.state.bodycam.duty;
        *duty = record(&edition, duty, recorded);
    }

    /// §20: the desk's word is part of the record before it is shown. Called for a message again
    /// after a restart: what is recorded stays recorded once.
    pub(super) fn pause_decided(&mut self, pause: PauseId, granted: bool) {
        let event = Event::PauseDecided { pause, granted };
        let recorded = Recorded {
            at: self.parts.clock.now(),
            event: event.clone(),
        };
        let duty = &self.state.bodycam.duty;
        if let Err(refusal) = transition(&self.parts.edition, duty, &recorded) {
            tracing::debug!(%refusal, "a decision on a pause is kept, and not recorded");
            return;
        }
        let by_voice = duty.pause(pause).is_some_and(|p| p.is_permitted());
        if self.record_bodycam(event).is_err() {
            // A full disk. The message is in the vault; it is recorded when there is room again.
            self.unrecorded
                .push(MessageBody::PauseDecided { pause, granted });
            return;
        }
        self.state.word = Some(match (by_voice, granted) {
            (false, true) => DeskWord::PausePermitted,
            (false, false) => DeskWord::PauseRefused,
            (true, true) => DeskWord::VoiceConfirmed,
            (true, false) => DeskWord::VoiceNotConfirmed,
        });
    }

    /// §21: `new`: not read back from the vault.
    pub(super) fn fault_assigned(&mut self, fault: FaultId, administrator: String, new: bool) {
        self.state
            .bodycam
            .administrators
            .insert(fault, administrator);
        self.desk_word(DeskWord::FaultAssigned, new);
    }

    pub(super) fn fault_closed(&mut self, fault: FaultId, new: bool) {
        self.state.bodycam.closed.insert(fault);
        self.desk_word(DeskWord::FaultClosed, new);
    }

    /// Before the shift ends: to the bodycam that is still held. `true`: it is to be seen to first.
    pub(super) fn bodycam_is_owed(&mut self) -> bool {
        let all_the_same = self.state.screen == Screen::Bodycam && self.state.bodycam.ending;
        if all_the_same || !self.state.bodycam.duty.is_held() {
            return false;
        }
        self.go_home();
        self.state.bodycam.ending = true;
        self.state.screen = Screen::Bodycam;
        true
    }
}

/// What the desk waits for goes before the rest.
fn urgency(event: &Event) -> Urgency {
    match event {
        Event::PauseAsked { .. }
        | Event::PauseWithdrawn { .. }
        | Event::PausePermittedByVoice { .. }
        | Event::Faulted { .. }
        | Event::Mended { .. } => Urgency::Alert,
        Event::Received { .. }
        | Event::CarriedOver { .. }
        | Event::SwitchedOn
        | Event::PauseDecided { .. }
        | Event::PauseBegan { .. }
        | Event::Resumed
        | Event::RecordedByOtherMeans { .. }
        | Event::SwitchedOff
        | Event::Returned { .. } => Urgency::Ordinary,
    }
}

/// "85", "85 %".
fn percent(typed: &str) -> Option<u8> {
    let number = typed.trim().trim_end_matches('%').trim_end();
    number.parse().ok().filter(|percent| *percent <= 100)
}

fn filled(note: String) -> Option<String> {
    Some(note).filter(|note| !note.trim().is_empty())
}
