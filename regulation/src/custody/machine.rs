//! `transition(custody, officer, event)`: the chain of a tablet's custody.

use super::event::*;
use super::state::*;
use crate::{Edition, OfficerId, typed};

/// The custody after `recorded`, an event of `officer`; or why it cannot happen now.
///
/// # Errors
/// A [`Refusal`] that names its paragraph; `custody` is untouched.
pub fn transition(
    edition: &Edition,
    custody: &Custody,
    officer: OfficerId,
    recorded: &Recorded,
) -> Result<Step, Refusal> {
    let mut step = Step {
        custody: custody.clone(),
        flags: Vec::new(),
    };
    let holder = custody.holder.officer();
    match &recorded.event {
        Event::TakenOver {
            custody: id,
            from,
            readiness,
            condition,
            overridden,
        } => {
            if holder == Some(officer) {
                return Err(Refusal::AlreadyHeld);
            }
            step.party(edition, officer, from)?;
            if !readiness.is_fit() {
                let name = overridden.as_deref().ok_or(Refusal::NotReady)?;
                filled(edition, name, Refusal::NotReady)?;
                step.flags.push(Flag::NotReady);
            }
            // What the one before handed in is known; what nobody knew is theirs, not this officer's.
            step.condition(edition, condition)?;
            if let Some(by) = holder {
                step.flags.push(Flag::NotHandedIn { by });
            }
            step.custody.readiness = Some(readiness.clone());
            step.custody.holder = Holder::Officer {
                custody: *id,
                officer,
                since: recorded.at,
            };
        }
        Event::Checked { readiness } => {
            held_by(holder, officer)?;
            if !readiness.is_fit() {
                step.flags.push(Flag::NotReady);
            }
            step.custody.readiness = Some(readiness.clone());
        }
        Event::Damaged { note, photos } => {
            held_by(holder, officer)?;
            // What it looked like when it was taken over stays known.
            let known = step.custody.photos.iter().chain(photos);
            let condition = Condition {
                damage: Some(note.clone()),
                photos: known.copied().collect(),
            };
            step.condition(edition, &condition)?;
        }
        Event::HandedIn {
            to,
            why,
            condition,
            waiting: _,
        } => {
            held_by(holder, officer)?;
            step.party(edition, officer, to)?;
            if *why == HandInReason::Dismissed && matches!(to, Party::Place { .. }) {
                return Err(Refusal::PersonNeeded);
            }
            step.condition(edition, condition)?;
            step.custody.holder = Holder::Party {
                party: to.clone(),
                by: officer,
                since: recorded.at,
            };
        }
    }
    Ok(step)
}

/// The custody after `recorded`, whatever it is: an event that does not fit raises
/// [`Flag::OutOfOrder`] and changes nothing but what is true all the same: who says to have the tablet
/// in hand has it, and who says to have handed it in has it no more. Central runs this over what
/// arrives.
#[must_use]
pub fn record(
    edition: &Edition,
    custody: &Custody,
    officer: OfficerId,
    recorded: &Recorded,
) -> Step {
    let refusal = match transition(edition, custody, officer, recorded) {
        Ok(step) => return step,
        // In another session of the same officer, who had no need to hand it in between.
        Err(Refusal::AlreadyHeld) => {
            let mut anew = custody.clone();
            anew.holder = Holder::Unknown;
            return record(edition, &anew, officer, recorded);
        }
        Err(refusal) => refusal,
    };
    let mut step = Step {
        custody: custody.clone(),
        flags: vec![Flag::OutOfOrder { refusal }],
    };
    match &recorded.event {
        Event::TakenOver {
            custody: id,
            readiness,
            ..
        } => {
            if let Some(by) = custody.holder.officer().filter(|by| *by != officer) {
                step.flags.push(Flag::NotHandedIn { by });
            }
            step.custody.readiness = Some(readiness.clone());
            step.custody.holder = Holder::Officer {
                custody: *id,
                officer,
                since: recorded.at,
            };
        }
        Event::HandedIn { to, .. } if refusal != Refusal::HeldByAnother => {
            step.custody.holder = Holder::Party {
                party: to.clone(),
                by: officer,
                since: recorded.at,
            };
        }
        Event::HandedIn { .. } | Event::Checked { .. } | Event::Damaged { .. } => {}
    }
    step
}

impl Step {
    fn party(
        &mut self,
        edition: &Edition,
        officer: OfficerId,
        party: &Party,
    ) -> Result<(), Refusal> {
        match party {
            Party::Place { place } => filled(edition, place, Refusal::PartyMissing),
            Party::Named { name } => {
                self.flags.push(Flag::NotConfirmed);
                filled(edition, name, Refusal::PartyMissing)
            }
            Party::Confirmed { officer: other, .. } if *other == officer => {
                Err(Refusal::ToThemselves)
            }
            Party::Confirmed { name, .. } => filled(edition, name, Refusal::PartyMissing),
        }
    }

    /// §31: what was known stays known until it is not seen any more (mended).
    fn condition(&mut self, edition: &Edition, condition: &Condition) -> Result<(), Refusal> {
        if condition.photos.len() > edition.limits.condition_photos {
            return Err(Refusal::TooManyPhotos);
        }
        self.custody.photos.clone_from(&condition.photos);
        if let Some(damage) = &condition.damage {
            filled(edition, damage, Refusal::DamageMissing)?;
            if self.custody.damage.as_deref() != Some(damage.trim()) {
                self.flags.push(Flag::NewDamage);
            }
        }
        self.custody.damage = condition.damage.as_deref().map(|d| d.trim().to_owned());
        Ok(())
    }
}

fn held_by(holder: Option<OfficerId>, officer: OfficerId) -> Result<(), Refusal> {
    match holder {
        Some(held) if held == officer => Ok(()),
        Some(_) => Err(Refusal::HeldByAnother),
        None => Err(Refusal::NotHeld),
    }
}

fn filled(edition: &Edition, text: &str, missing: Refusal) -> Result<(), Refusal> {
    typed::check(
        text,
        edition.limits.text_chars,
        missing,
        Refusal::TextTooLong,
    )
}
