//! The commander's report (§4): a unit's figures in a period, from what the archive has assessed.

mod csv;
mod text;

pub(crate) use csv::{officers_csv, people_csv};
pub(crate) use text::text;

use crate::desk::is_overdue;
use crate::store::{ReportEncounter, ReportRequest, ReportRows, ReportShift};
use protocol::{CheckedAgain, Figures, OfficerFigures, UnitReport, limits};
use regulation::bodycam::Flag;
use regulation::{Edition, EncounterId, OfficerId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// An encounter without an end is counted as such after a day, also while its session is open.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const MINUTE_MS: u64 = 60 * 1000;

/// What is asked of a report.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    /// From how many encounters on a person is listed.
    pub again: u32,
}

impl Wanted {
    /// Whether the period is one, no longer than [`limits::REPORT_DAYS`], and `again` among
    /// [`limits::REPORT_AGAIN`].
    #[must_use]
    pub fn fits(&self) -> bool {
        self.from < self.to
            && self.to.millis_since(self.from) <= u64::from(limits::REPORT_DAYS) * DAY_MS
            && limits::REPORT_AGAIN.contains(&self.again)
    }

    pub(crate) fn request(&self, unit: String, now: Timestamp) -> ReportRequest {
        ReportRequest {
            unit,
            from: self.from,
            to: self.to,
            now,
        }
    }

    /// What the audit journal says of the look.
    pub(crate) fn subject(&self, unit: &str) -> String {
        format!("{}-{} {unit}", self.from.0, self.to.0)
    }
}

/// One officer's figures on their way, or those of all.
#[derive(Default)]
struct Sum {
    figures: Figures,
    /// Milliseconds of each closed encounter.
    lengths: Vec<u64>,
}

impl Sum {
    fn encounter(&mut self, encounter: &ReportEncounter, now: Timestamp) {
        let figures = &mut self.figures;
        figures.encounters += 1;
        if let Some(ground) = &encounter.ground {
            *figures.by_ground.entry(ground.clone()).or_default() += 1;
        }
        if let Some(outcome) = &encounter.outcome {
            *figures.by_outcome.entry(outcome.clone()).or_default() += 1;
        }
        match encounter.closed_at {
            Some(at) => self.lengths.push(at.millis_since(encounter.began_at)),
            None if encounter.over || now.millis_since(encounter.began_at) > DAY_MS => {
                match encounter.outcome {
                    None => figures.without_outcome += 1,
                    Some(_) => figures.not_closed += 1,
                }
            }
            None => {}
        }
        figures.flagged += u32::from(!encounter.flags.is_empty());
        for flag in &encounter.flags {
            *figures.flags.entry(flag.clone()).or_default() += 1;
        }
        figures.asked += encounter.asked;
        figures.answered += encounter.answered;
        figures.revealed += encounter.revealed;
    }

    fn shift(&mut self, edition: &Edition, shift: &ReportShift, now: Timestamp) {
        let duty = &mut self.figures.duty;
        duty.shifts += 1;
        duty.minutes += shift.over_at.unwrap_or(now).millis_since(shift.began_at) / MINUTE_MS;
        for ended in &shift.means {
            duty.means_open += 1;
            duty.means_overdue += u32::from(is_overdue(edition, *ended, now));
        }
        duty.not_recorded += shift.not_recorded;
        duty.recorded_off += shift.recorded_off;
        duty.not_compared_minutes += shift.not_compared_ms / MINUTE_MS;
        let Some(camera) = &shift.duty else { return };
        // One that is still under way is flagged when it ends.
        let overruns = shift.over_at.is_none() && camera.overdue(now).is_some();
        duty.overruns += u32::from(overruns);
        let ended = shift.over_at.map(|at| camera.ended(edition, at));
        let camera = ended.as_ref().unwrap_or(camera);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let begun = camera.pauses.iter().filter(|p| p.began_at.is_some());
        duty.pauses += number(begun.count());
        duty.faults += number(camera.faults.len());
        for flag in &camera.flags {
            match flag {
                Flag::Gap { .. } => duty.gaps += 1,
                Flag::PauseOverran { .. } => duty.overruns += 1,
                _ => {}
            }
        }
    }

    fn end(mut self) -> Figures {
        self.lengths.sort_unstable();
        let minutes = |ms: u64| u32::try_from(ms / MINUTE_MS).unwrap_or(u32::MAX);
        self.figures.longest_minutes = self.lengths.last().map(|ms| minutes(*ms));
        self.figures.median_minutes = median(&self.lengths).map(minutes);
        self.figures
    }
}

/// The middle one, or what lies between the two in the middle.
fn median(sorted: &[u64]) -> Option<u64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(lower + (upper - lower) / 2)
}

/// The report that these rows make.
pub(crate) fn report(
    edition: &Edition,
    request: ReportRequest,
    again: u32,
    rows: &ReportRows,
) -> UnitReport {
    let now = request.now;
    let mut totals = Sum::default();
    let mut sums: BTreeMap<OfficerId, Sum> = BTreeMap::new();
    for encounter in &rows.encounters {
        totals.encounter(encounter, now);
        let sum = sums.entry(encounter.officer).or_default();
        sum.encounter(encounter, now);
    }
    for shift in &rows.shifts {
        totals.shift(edition, shift, now);
        let sum = sums.entry(shift.officer).or_default();
        sum.shift(edition, shift, now);
    }
    let mut officers = Vec::new();
    for officer in &rows.officers {
        let sum = sums.remove(&officer.id);
        // Who has left and did nothing in the period is none of the unit in it.
        if sum.is_some() || officer.active {
            officers.push(OfficerFigures {
                officer: officer.id,
                name: officer.name.clone(),
                rank: officer.rank.clone(),
                figures: sum.unwrap_or_default().end(),
            });
        }
    }
    let mut people = checked_again(again, &rows.encounters);
    let more = officers.len().max(people.len()) > limits::REPORT_ROWS;
    officers.truncate(limits::REPORT_ROWS);
    people.truncate(limits::REPORT_ROWS);
    UnitReport {
        unit: request.unit,
        from: request.from,
        to: request.to,
        made_at: now,
        pending: rows.pending,
        totals: totals.end(),
        officers,
        again,
        checked_again: people,
        more,
    }
}

/// Where somebody was found.
#[derive(Default)]
struct Found {
    encounters: Vec<(Timestamp, EncounterId)>,
    officers: BTreeSet<OfficerId>,
}

fn checked_again(again: u32, encounters: &[ReportEncounter]) -> Vec<CheckedAgain> {
    let mut people: BTreeMap<u64, Found> = BTreeMap::new();
    for encounter in encounters {
        for person in &encounter.found {
            let found = people.entry(*person).or_default();
            let at = (encounter.began_at, encounter.encounter);
            found.encounters.push(at);
            found.officers.insert(encounter.officer);
        }
    }
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut rows = Vec::new();
    for (person, mut found) in people {
        let times = number(found.encounters.len());
        if times < again {
            continue;
        }
        found.encounters.sort_unstable_by(|a, b| b.cmp(a));
        let newest = found.encounters.iter().map(|(_, encounter)| *encounter);
        rows.push(CheckedAgain {
            person,
            times,
            officers: number(found.officers.len()),
            encounters: newest.take(limits::REPORT_ENCOUNTERS).collect(),
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.times));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ArchiveFlag, ReportOfficer};
    use uuid::Uuid;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    fn officer(n: usize, text: &str) -> ReportOfficer {
        ReportOfficer {
            id: OfficerId(Uuid::from_u128(n as u128)),
            name: text.into(),
            rank: text.into(),
            active: true,
        }
    }

    fn encounter(n: usize, officer: OfficerId, minutes: Option<u64>) -> ReportEncounter {
        let began_at = Timestamp(n as i64);
        ReportEncounter {
            encounter: EncounterId(Uuid::from_u128(n as u128)),
            officer,
            began_at,
            closed_at: minutes.map(|minutes| began_at.plus_millis(minutes * MINUTE_MS)),
            ground: Some("other_lawful".into()),
            outcome: None,
            over: true,
            flags: Vec::new(),
            asked: 1,
            answered: 1,
            revealed: 1,
            found: Vec::new(),
        }
    }

    fn made(rows: &ReportRows) -> Result<UnitReport, Box<dyn std::error::Error>> {
        let request = ReportRequest {
            unit: "\u{1}".repeat(200),
            from: Timestamp(0),
            to: Timestamp(i64::MAX),
            now: Timestamp(i64::MAX),
        };
        Ok(report(&Edition::shipped()?, request, 2, rows))
    }

    #[test]
    fn the_longest_report_is_one_that_a_tablet_reads() -> Outcome {
        // Letters that are six bytes each in JSON, every flag on everybody.
        let text = "\u{1}".repeat(200);
        let mut rows = ReportRows::default();
        for n in 0..=limits::REPORT_ROWS {
            let officer = officer(n, &text);
            let mut row = encounter(n, officer.id, Some(n as u64));
            let archive = ArchiveFlag::ALL.iter().map(|flag| flag.code().to_owned());
            row.flags = archive.collect();
            // As many as the procedure has, with longer names.
            row.flags
                .extend((0..16).map(|n| format!("taken_though_documents_present_{n}")));
            rows.encounters.push(row);
            rows.officers.push(officer);
        }
        let people: Vec<u64> = (0..=limits::REPORT_ROWS as u64)
            .map(|n| u64::MAX - n)
            .collect();
        for row in rows
            .encounters
            .iter_mut()
            .take(limits::REPORT_ENCOUNTERS + 1)
        {
            row.found.clone_from(&people);
        }
        let report = made(&rows)?;
        assert!(report.more);
        assert_eq!(report.officers.len(), limits::REPORT_ROWS);
        assert_eq!(report.checked_again.len(), limits::REPORT_ROWS);
        assert_eq!(report.totals.encounters as usize, limits::REPORT_ROWS + 1);
        let bytes = serde_json::to_vec(&report)?.len();
        assert!(bytes <= limits::RESPONSE_BYTES, "{bytes}");
        let row = report.checked_again.first().ok_or("a row")?;
        let newest = EncounterId(Uuid::from_u128(limits::REPORT_ENCOUNTERS as u128));
        assert_eq!(row.times as usize, limits::REPORT_ENCOUNTERS + 1);
        assert_eq!(row.encounters.len(), limits::REPORT_ENCOUNTERS);
        assert_eq!(row.encounters.first(), Some(&newest));
        Ok(())
    }

    #[test]
    fn lengths_are_those_of_the_closed_and_the_median_lies_in_the_middle() -> Outcome {
        let of = |lengths: &[Option<u64>]| -> Result<_, Box<dyn std::error::Error>> {
            let id = OfficerId(Uuid::from_u128(1));
            let row = |(n, minutes): (usize, &Option<u64>)| encounter(n, id, *minutes);
            let rows = ReportRows {
                encounters: lengths.iter().enumerate().map(row).collect(),
                ..ReportRows::default()
            };
            let totals = made(&rows)?.totals;
            Ok((totals.median_minutes, totals.longest_minutes))
        };
        assert_eq!(of(&[None])?, (None, None));
        assert_eq!(of(&[Some(9), None])?, (Some(9), Some(9)));
        assert_eq!(of(&[Some(20), Some(1), Some(3)])?, (Some(3), Some(20)));
        assert_eq!(
            of(&[Some(20), Some(1), Some(3), Some(7)])?,
            (Some(5), Some(20))
        );
        Ok(())
    }

    #[test]
    fn a_period_has_an_order_and_a_length() {
        let days = |days: u64| Timestamp(-1).plus_millis(days * DAY_MS);
        let fits = |from, to, again| Wanted { from, to, again }.fits();
        assert!(fits(days(0), days(92), 2) && fits(days(1), days(2), 1_000));
        assert!(!fits(days(0), days(92).plus_millis(1), 3));
        assert!(!fits(days(1), days(1), 3) && !fits(days(2), days(1), 3));
        assert!(!fits(Timestamp(i64::MIN), Timestamp(i64::MAX), 3));
        assert!(!fits(days(0), days(1), 1) && !fits(days(0), days(1), 1_001));
    }
}
