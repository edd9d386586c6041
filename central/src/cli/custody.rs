//! A tablet's chain of custody, a line a step.

use super::{CliError, moment, say};
use crate::Admin;
use crate::store::NamedStep;
use protocol::DeviceId;
use regulation::custody::{Condition, ConfirmedBy, Event, Flag, Level, Party, Readiness};

pub(super) fn custody(admin: &Admin, device: DeviceId) -> Result<(), CliError> {
    for step in admin.custody(device)? {
        say(line(&step))?;
    }
    Ok(())
}

fn line(named: &NamedStep) -> String {
    let fact = &named.step.fact;
    let what = match &fact.recorded.event {
        Event::TakenOver {
            from,
            readiness,
            condition,
            overridden,
            ..
        } => {
            let mut text = format!("took it over from {}, {}", party(from), fit(readiness));
            text += &looks(condition);
            if let Some(name) = overridden {
                text += &format!(", to be taken all the same by {name}");
            }
            text
        }
        Event::Checked { readiness } => format!("checked it: {}", fit(readiness)),
        Event::Damaged { note, photos } => format!("saw damage: {note}{}", taken(photos.len())),
        Event::HandedIn {
            to,
            why,
            condition,
            waiting,
        } => {
            let why = super::word(why);
            let mut text = format!("handed it in to {}, {why}", party(to));
            text += &looks(condition);
            text + &format!(", {waiting} events waiting")
        }
    };
    let (seq, at) = (fact.place.seq, moment(fact.recorded.at));
    let mut text = format!("#{seq} {at} {} {} {what}", named.rank, named.name);
    let mut names = named.flagged.iter();
    for flag in &named.step.flags {
        text += "; flag ";
        text += &super::tagged(flag, "flag");
        match flag {
            Flag::NotHandedIn { .. } => {
                if let Some(name) = names.next() {
                    text += &format!(" by {name}");
                }
            }
            Flag::OutOfOrder { refusal } => text += &format!(" ({refusal})"),
            _ => {}
        }
    }
    text
}

fn party(party: &Party) -> String {
    match party {
        Party::Place { place } => format!("the place {place}"),
        Party::Named { name } => format!("{name}, who has not confirmed it"),
        Party::Confirmed { name, by, .. } => match by {
            ConfirmedBy::Central => format!("{name}, confirmed at central"),
            ConfirmedBy::Roster => format!("{name}, confirmed by the roster"),
        },
    }
}

fn fit(readiness: &Readiness) -> &'static str {
    match readiness.level() {
        Level::Ready => "ready",
        Level::Attention => "ready, with something to be done",
        Level::NotReady => "not ready",
    }
}

fn looks(condition: &Condition) -> String {
    let damage = condition.damage.as_deref();
    let damage = damage.map_or_else(String::new, |damage| format!(", damage: {damage}"));
    damage + &taken(condition.photos.len())
}

fn taken(photos: usize) -> String {
    match photos {
        0 => String::new(),
        1 => ", 1 photo".into(),
        n => format!(", {n} photos"),
    }
}
