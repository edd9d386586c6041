//! `transition(incidents, event)`: reports, and what is added to them.

use super::event::*;
use super::state::*;
use crate::{Edition, typed};

/// People that one report names, and supplements that it takes: far more than there are.
const PEOPLE: usize = 32;
const SUPPLEMENTS: usize = 64;

/// The shift's incidents after `recorded`, or why it cannot be reported so.
///
/// # Errors
/// A [`Refusal`] that names its paragraph; `incidents` is untouched.
pub fn transition(
    edition: &Edition,
    incidents: &Incidents,
    recorded: &Recorded,
) -> Result<Incidents, Refusal> {
    let mut next = incidents.clone();
    match &recorded.event {
        Event::Reported { incident, report } => {
            if next.get(*incident).is_some() {
                return Err(Refusal::KnownAlready);
            }
            if edition.incident_kind(&report.kind).is_none() {
                return Err(Refusal::KindUnknown);
            }
            let (place, chars) = (&report.place, edition.limits.text_chars);
            typed::check(place, chars, Refusal::PlaceMissing, Refusal::TextTooLong)?;
            told(edition, &report.text)?;
            if report.happened_at > recorded.at {
                return Err(Refusal::NotYet);
            }
            if report.encounter.is_none() && !report.people.is_empty() {
                return Err(Refusal::PeopleWithoutEncounter);
            }
            if report.people.len() > PEOPLE {
                return Err(Refusal::TooMany);
            }
            few_enough(edition, report.photos.len())?;
            next.reported.push(Incident {
                id: *incident,
                at: recorded.at,
                report: report.clone(),
                supplements: Vec::new(),
            });
        }
        Event::Supplemented {
            incident,
            text,
            photos,
        } => {
            if photos.is_empty() || !text.is_empty() {
                told(edition, text)?;
            }
            let known = next.reported.iter_mut().find(|i| i.id == *incident);
            let known = known.ok_or(Refusal::Unknown)?;
            if known.supplements.len() >= SUPPLEMENTS {
                return Err(Refusal::TooMany);
            }
            few_enough(edition, known.photos().count() + photos.len())?;
            known.supplements.push(Supplement {
                at: recorded.at,
                text: text.clone(),
                photos: photos.clone(),
            });
        }
    }
    Ok(next)
}

/// The shift's incidents after `recorded`, whatever it is: what does not fit is flagged. Central runs
/// this over what arrives.
#[must_use]
pub fn record(edition: &Edition, incidents: &Incidents, recorded: &Recorded) -> Incidents {
    match transition(edition, incidents, recorded) {
        Ok(next) => next,
        Err(refusal) => {
            let mut same = incidents.clone();
            let flag = Flag::OutOfOrder { refusal };
            if !same.flags.contains(&flag) {
                same.flags.push(flag);
            }
            same
        }
    }
}

fn few_enough(edition: &Edition, photos: usize) -> Result<(), Refusal> {
    if photos > edition.limits.incident_photos {
        return Err(Refusal::TooManyPhotos);
    }
    Ok(())
}

/// What happened, or what is added to it.
fn told(edition: &Edition, text: &str) -> Result<(), Refusal> {
    let chars = edition.limits.report_chars;
    typed::check(text, chars, Refusal::TextMissing, Refusal::TextTooLong)
}
