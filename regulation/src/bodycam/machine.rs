//! `transition(state, event)`: the order of a shift with a bodycam.

use super::event::*;
use super::state::*;
use crate::{Edition, PauseId, Timestamp, typed};

/// The shift after `recorded`, or why it cannot happen now.
///
/// # Errors
/// A [`Refusal`] that names its paragraph; `duty` is untouched.
pub fn transition(edition: &Edition, duty: &Duty, recorded: &Recorded) -> Result<Duty, Refusal> {
    let mut next = duty.clone();
    Step {
        edition,
        at: recorded.at,
        duty: &mut next,
    }
    .apply(&recorded.event)?;
    let since = match recorded.event {
        Event::CarriedOver { since, .. } => since,
        _ => recorded.at,
    };
    next.note_times(duty, since);
    Ok(next)
}

/// The shift after `recorded`, whatever it is: an event that does not fit leaves the state as it was
/// and raises [`Flag::OutOfOrder`]. Central runs this over what arrives.
#[must_use]
pub fn record(edition: &Edition, duty: &Duty, recorded: &Recorded) -> Duty {
    match transition(edition, duty, recorded) {
        Ok(next) => next,
        Err(refusal) => {
            let mut same = duty.clone();
            same.flag(Flag::OutOfOrder { refusal });
            same
        }
    }
}

impl Duty {
    /// When which bodycam was held, and when it recorded, after a step from `before` at `at`.
    fn note_times(&mut self, before: &Self, at: Timestamp) {
        let records = |duty: &Self| duty.status == Status::Recording;
        let camera = self.camera.clone();
        let held = (before.is_held(), self.is_held());
        let on = (records(before), records(self));
        turned(&mut self.held, held, &camera, at);
        turned(&mut self.on, on, &camera, at);
    }

    /// The shift with its officer gone: whatever still ran ends, and what §18 and §19 ask about is
    /// flagged.
    #[must_use]
    pub fn ended(&self, edition: &Edition, at: Timestamp) -> Self {
        let mut duty = self.clone();
        duty.end_pause(at);
        match duty.status {
            Status::Off { since } => duty.left_off(edition, since, at),
            Status::Received => duty.flag(Flag::NeverOn),
            _ => {}
        }
        duty
    }

    /// §18, §19: off long before duty ended is a gap.
    fn left_off(&mut self, edition: &Edition, from: Timestamp, to: Timestamp) {
        let minutes = edition.limits.camera_off_minutes;
        if to.millis_since(from) > minutes.saturating_mul(60_000) {
            self.flag(Flag::Gap { from, to });
        }
    }

    /// §20: what was asked for or permitted and not begun is for no other bodycam.
    fn drop_pause(&mut self, at: Timestamp) {
        let Some(id) = self.open_pause().map(|pause| pause.id) else {
            return;
        };
        if let Some(pause) = self.pause_mut(id) {
            if pause.permission == Permission::Asked {
                pause.permission = Permission::Withdrawn;
            } else {
                pause.ended_at = Some(at);
            }
        }
    }

    /// §20: ends the pause under way, if there is one.
    fn end_pause(&mut self, at: Timestamp) {
        let Status::Paused { pause: id, .. } = self.status else {
            return;
        };
        let overran = self.overdue(at).is_some();
        if let Some(pause) = self.pause_mut(id) {
            pause.ended_at = Some(at);
        }
        if overran {
            self.flag(Flag::PauseOverran { pause: id });
        }
    }
}

struct Step<'a> {
    edition: &'a Edition,
    at: Timestamp,
    duty: &'a mut Duty,
}

impl Step<'_> {
    fn apply(&mut self, event: &Event) -> Result<(), Refusal> {
        match event {
            Event::Received {
                camera,
                battery_percent,
                battery: step,
                emptied,
                worn,
            } => {
                if self.duty.is_held() {
                    return Err(Refusal::AlreadyReceived);
                }
                battery(Some(*battery_percent))?;
                if let Some(step) = step
                    && self.edition.camera_battery_step(step).is_none()
                {
                    return Err(Refusal::Battery);
                }
                if !emptied {
                    self.duty.flag(Flag::MemoryNotEmpty);
                }
                if !worn {
                    self.duty.flag(Flag::NotWornAsRequired);
                }
                self.duty.camera = Some(camera.clone());
                self.duty.status = Status::Received;
            }
            Event::CarriedOver { camera, since, on } => {
                if self.duty.is_held() {
                    return Err(Refusal::AlreadyReceived);
                }
                if *since > self.at {
                    return Err(Refusal::TimesReversed);
                }
                self.duty.camera = Some(camera.clone());
                self.duty.status = if *on {
                    Status::Recording
                } else {
                    Status::Off { since: *since }
                };
            }
            Event::SwitchedOn => match self.duty.status {
                Status::NotAssigned => return Err(Refusal::NotReceived),
                Status::Received => self.duty.status = Status::Recording,
                Status::Off { since } => {
                    self.duty.flag(Flag::Gap {
                        from: since,
                        to: self.at,
                    });
                    self.duty.status = Status::Recording;
                }
                Status::Recording | Status::Paused { .. } | Status::Faulty { .. } => {
                    return Err(Refusal::AlreadyOn);
                }
            },
            Event::PauseAsked {
                pause,
                why,
                minutes,
            } => self.asked(*pause, why, *minutes)?,
            Event::PauseWithdrawn { pause } => {
                let pause = self.not_begun(*pause)?;
                pause.permission = Permission::Withdrawn;
            }
            Event::PauseDecided { pause, granted } => self.decided(*pause, *granted)?,
            Event::PausePermittedByVoice { pause, by, name } => {
                let chars = self.edition.limits.text_chars;
                typed::check(name, chars, Refusal::NameMissing, Refusal::TextTooLong)?;
                let pause = self.pause(*pause)?;
                if pause.permission != Permission::Asked {
                    return Err(Refusal::PauseDecided);
                }
                pause.permission = Permission::ByVoice {
                    by: *by,
                    name: name.trim().into(),
                    confirmed: None,
                };
            }
            Event::PauseBegan { pause: id } => {
                if self.duty.status != Status::Recording {
                    return Err(Refusal::NotOn);
                }
                let at = self.at;
                let pause = self.not_begun(*id)?;
                if !pause.is_permitted() {
                    return Err(Refusal::PauseNotPermitted);
                }
                pause.began_at = Some(at);
                self.duty.status = Status::Paused {
                    pause: *id,
                    since: at,
                };
            }
            Event::Resumed => {
                if !matches!(self.duty.status, Status::Paused { .. }) {
                    return Err(Refusal::NotPaused);
                }
                self.duty.end_pause(self.at);
                self.duty.status = Status::Recording;
            }
            Event::Faulted { fault, what, note } => {
                self.faulted(*fault, what, note.as_deref())?;
            }
            Event::Mended { fault } => {
                match self.duty.status {
                    Status::Faulty { fault: open, .. } if open == *fault => {}
                    _ => return Err(Refusal::FaultUnknown),
                }
                for known in &mut self.duty.faults {
                    if known.id == *fault {
                        known.mended_at = Some(self.at);
                    }
                }
                self.duty.status = Status::Recording;
            }
            Event::RecordedByOtherMeans {
                means,
                device,
                owner,
                from,
                to,
                note,
            } => {
                if self.edition.recording_device(device).is_none() {
                    return Err(Refusal::DeviceUnknown);
                }
                if to < from {
                    return Err(Refusal::TimesReversed);
                }
                if means.is_some() && self.duty.other_means.iter().any(|m| m.id == *means) {
                    return Err(Refusal::MeansKnown);
                }
                if let Some(note) = note {
                    self.length(note)?;
                }
                if self.duty.faults.is_empty() {
                    self.duty.flag(Flag::OtherMeansWithoutFault);
                }
                self.duty.other_means.push(OtherMeans {
                    id: *means,
                    device: device.clone(),
                    owner: *owner,
                    from: *from,
                    to: *to,
                    note: note.clone(),
                });
            }
            Event::SwitchedOff => match self.duty.status {
                Status::NotAssigned => return Err(Refusal::NotReceived),
                Status::Received | Status::Off { .. } => return Err(Refusal::NotOn),
                Status::Recording | Status::Paused { .. } | Status::Faulty { .. } => {
                    self.duty.end_pause(self.at);
                    self.duty.status = Status::Off { since: self.at };
                }
            },
            Event::Returned { battery_percent } => {
                battery(*battery_percent)?;
                match self.duty.status {
                    Status::NotAssigned => return Err(Refusal::NotReceived),
                    Status::Recording | Status::Paused { .. } => return Err(Refusal::StillOn),
                    Status::Received => self.duty.flag(Flag::NeverOn),
                    Status::Off { since } => self.duty.left_off(self.edition, since, self.at),
                    Status::Faulty { .. } => {}
                }
                self.duty.drop_pause(self.at);
                self.duty.status = Status::NotAssigned;
            }
        }
        Ok(())
    }

    fn asked(&mut self, id: PauseId, why: &str, minutes: u16) -> Result<(), Refusal> {
        if self.duty.status != Status::Recording {
            return Err(Refusal::NotOn);
        }
        if self.edition.pause_reason(why).is_none() {
            return Err(Refusal::PauseReasonUnknown);
        }
        if minutes == 0 || minutes > self.edition.limits.pause_minutes {
            return Err(Refusal::PauseLength);
        }
        if self.duty.open_pause().is_some() || self.duty.pause(id).is_some() {
            return Err(Refusal::PauseOpen);
        }
        self.duty.pauses.push(Pause {
            id,
            why: why.into(),
            minutes,
            asked_at: self.at,
            permission: Permission::Asked,
            began_at: None,
            ended_at: None,
        });
        Ok(())
    }

    /// The word of the desk: on what was asked, or afterwards on what was permitted by voice. A
    /// refusal does not end a pause that a voice has permitted: what happened is on record.
    fn decided(&mut self, id: PauseId, granted: bool) -> Result<(), Refusal> {
        let pause = self.pause(id)?;
        match &mut pause.permission {
            permission @ Permission::Asked => {
                *permission = if granted {
                    Permission::Granted
                } else {
                    Permission::Refused
                };
            }
            Permission::ByVoice { confirmed, .. } if confirmed.is_none() => {
                *confirmed = Some(granted);
                if !granted {
                    self.duty.flag(Flag::VoiceNotConfirmed { pause: id });
                }
            }
            _ => return Err(Refusal::PauseDecided),
        }
        Ok(())
    }

    fn faulted(
        &mut self,
        id: crate::FaultId,
        what: &str,
        note: Option<&str>,
    ) -> Result<(), Refusal> {
        match self.duty.status {
            Status::NotAssigned => return Err(Refusal::NotReceived),
            Status::Faulty { .. } => return Err(Refusal::FaultOpen),
            Status::Received | Status::Recording | Status::Paused { .. } | Status::Off { .. } => {}
        }
        if self.edition.camera_fault(what).is_none() {
            return Err(Refusal::FaultKindUnknown);
        }
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        if let Some(note) = note {
            self.length(note)?;
        }
        if self.duty.faults.iter().any(|fault| fault.id == id) {
            return Err(Refusal::FaultOpen);
        }
        self.duty.end_pause(self.at);
        self.duty.faults.push(Fault {
            id,
            camera: self.duty.camera.clone(),
            what: what.into(),
            note: note.map(str::to_owned),
            at: self.at,
            mended_at: None,
        });
        self.duty.status = Status::Faulty {
            fault: id,
            since: self.at,
        };
        Ok(())
    }

    fn pause(&mut self, id: PauseId) -> Result<&mut Pause, Refusal> {
        self.duty.pause_mut(id).ok_or(Refusal::PauseUnknown)
    }

    /// An open pause that has not begun.
    fn not_begun(&mut self, id: PauseId) -> Result<&mut Pause, Refusal> {
        let pause = self.pause(id)?;
        if pause.is_open() && pause.began_at.is_none() {
            Ok(pause)
        } else {
            Err(Refusal::PauseUnknown)
        }
    }

    fn length(&self, text: &str) -> Result<(), Refusal> {
        if !self.edition.limits.hold(text) {
            return Err(Refusal::TextTooLong);
        }
        Ok(())
    }
}

/// What begins or ends by a step.
fn turned(spans: &mut Vec<Span>, turn: (bool, bool), camera: &Option<Serial>, at: Timestamp) {
    match (turn, camera) {
        ((false, true), Some(camera)) => spans.push(Span {
            camera: camera.clone(),
            from: at,
            to: None,
        }),
        ((true, false), _) => {
            if let Some(last) = spans.last_mut() {
                last.to = Some(at);
            }
        }
        _ => {}
    }
}

fn battery(percent: Option<u8>) -> Result<(), Refusal> {
    if percent.is_some_and(|percent| percent > 100) {
        return Err(Refusal::Battery);
    }
    Ok(())
}
