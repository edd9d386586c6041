//! Whether the day is on record whole, asked of central and its archive.

use super::cast::{PATROL, UNIT};
use super::{Day, DayError};
use central::archive::CaptureState;
use central::audit::AuditEvent;
use central::report::Wanted;
use regulation::custody::{Event, Flag, Holder};
use regulation::encounter::{self, Stage};
use std::time::{Duration, Instant};
use tablet::device::Clock as _;
use tablet::pages::IncidentLineKind;

/// Newest entries of the audit journal that are looked through.
const ENTRIES: usize = 10_000;
/// Of three incidents, and of damage seen at two hand-outs.
const PHOTOS: usize = 5;

fn so(what: &'static str, is: bool, found: impl FnOnce() -> String) -> Result<(), DayError> {
    if is {
        return Ok(());
    }
    Err(DayError::Found {
        what,
        found: found(),
    })
}

impl Day<'_> {
    pub(super) fn prove(&mut self) -> Result<(), DayError> {
        self.journals()?;
        self.steps
            .done("archive: every journal whole, and as its replica has it")?;
        let encounters = self.encounters_on_record()?;
        self.steps.done(&format!(
            "archive: {encounters} encounters complete, verified, replayed, one answer flagged as late"
        ))?;
        self.custody_without_gaps()?;
        self.steps.done("§16 custody of ten tablets without gaps")?;
        let photos = self.photos_whole()?;
        self.steps
            .done(&format!("§22, §31 {photos} photos whole at central"))?;
        self.decisions_matched()?;
        self.steps
            .done("§20, §21 every permission and fault with its decision; no gap")?;
        self.incidents_complete()?;
        self.steps
            .done("§22 every incident taken in, classified, closed, its recordings held")?;
        Ok(())
    }

    /// Nothing is missing, and nothing is still on its way.
    fn journals(&self) -> Result<(), DayError> {
        let admin = self.admin()?;
        for patrol in &self.unit.patrol {
            let until = Instant::now() + Duration::from_secs(60);
            loop {
                let report = admin.archive().verify_journal(patrol.device)?;
                if report.sound() && report.envelopes > 0 {
                    break;
                }
                so("a journal is whole", Instant::now() < until, || {
                    format!("{:?}", report.findings)
                })?;
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(())
    }

    fn encounters_on_record(&self) -> Result<usize, DayError> {
        let archive = self.admin()?.archive();
        let (ids, late) = self
            .kept
            .with(|record| (record.encounters.clone(), record.late));
        so(
            "every encounter was played",
            ids.len() == 2 * PATROL + 2,
            || ids.len().to_string(),
        )?;
        for id in &ids {
            let found = archive.encounter(*id)?;
            let found = found.ok_or(DayError::NotSo("an encounter is on record"))?;
            so(
                "an encounter is closed, verified, answered once, flagged if it was late alone",
                found.state.stage == Stage::Closed
                    && found.verified.all()
                    && found.answers.len() == 1
                    && found
                        .state
                        .flags
                        .iter()
                        .all(|flag| *flag == encounter::Flag::LateAnswer)
                    && found.state.flags.is_empty() != (late == Some(*id))
                    && found.flags.is_empty(),
                || format!("{found:?} {:?}", found.state.flags),
            )?;
        }
        Ok(ids.len())
    }

    /// §16: each step begins where the one before has ended.
    fn custody_without_gaps(&self) -> Result<(), DayError> {
        let admin = self.admin()?;
        for (n, patrol) in self.unit.patrol.iter().enumerate() {
            let chain = admin.custody(patrol.device)?;
            let mut held = None;
            for named in &chain {
                let step = &named.step;
                let mut flags = step.flags.iter();
                so(
                    "a step of custody raises no flag but new damage",
                    flags.all(|flag| *flag == Flag::NewDamage),
                    || format!("{:?}", step.flags),
                )?;
                match &step.fact.recorded.event {
                    Event::TakenOver { .. } => {
                        so(
                            "a tablet was free when it was taken over",
                            held.is_none(),
                            || patrol.name.clone(),
                        )?;
                        held = Some(step.fact.officer);
                    }
                    Event::HandedIn { .. } => {
                        so(
                            "who hands in had it",
                            held == Some(step.fact.officer),
                            || patrol.name.clone(),
                        )?;
                        held = None;
                    }
                    Event::Checked { .. } | Event::Damaged { .. } => {}
                }
            }
            let last = chain.last().map(|named| &named.step.custody.holder);
            let with_officer = matches!(last, Some(Holder::Officer { .. }));
            so(
                "nine tablets are at the place, and one is with the relief",
                with_officer == (n + 1 == PATROL) && last.is_some(),
                || n.to_string(),
            )?;
        }
        Ok(())
    }

    /// §22, §31: every photo that somebody took is there, byte for byte.
    fn photos_whole(&self) -> Result<usize, DayError> {
        let (admin, mut count) = (self.admin()?, 0);
        for patrol in &self.unit.patrol {
            for photo in admin.photos(patrol.device)? {
                so(
                    "a photo is whole",
                    photo.verified && photo.capture.state == CaptureState::Whole,
                    || format!("{:?}", photo.capture.state),
                )?;
                count += 1;
            }
        }
        so("every photo is at central", count == PHOTOS, || {
            count.to_string()
        })?;
        Ok(count)
    }

    fn decisions_matched(&self) -> Result<(), DayError> {
        let admin = self.admin()?;
        let entries = admin.audit_entries(ENTRIES)?;
        let count = |event: AuditEvent| entries.iter().filter(|e| e.event == event).count();
        let found = [
            count(AuditEvent::PauseGranted),
            count(AuditEvent::PauseRefused),
            count(AuditEvent::FaultAssigned),
            count(AuditEvent::FaultClosed),
            count(AuditEvent::IncidentReceived),
            count(AuditEvent::IncidentClassified),
            count(AuditEvent::IncidentClosed),
            count(AuditEvent::MeansHandedOver),
            count(AuditEvent::MeansDeleted),
        ];
        so(
            "every decision is in the audit journal once",
            found == [3, 1, 2, 2, 3, 3, 3, 2, 2],
            || format!("{found:?}"),
        )?;
        let wanted = Wanted {
            from: self.unit.began,
            to: self.clock.now().plus_millis(1),
            again: 2,
        };
        let report = admin.report(UNIT, &wanted)?;
        let (figures, duty) = (&report.totals, report.totals.duty);
        let asked = 2 * PATROL as u32 + 2;
        so(
            "the commander's figures are those of the day",
            report.pending == 0
                && figures.encounters == asked
                && figures.answered == asked
                && figures.without_outcome == 0
                && figures.flagged == 1
                && duty.shifts > PATROL as u32
                && (duty.pauses, duty.faults, duty.overruns, duty.gaps) == (3, 2, 0, 0),
            || format!("{figures:?}, pending {}", report.pending),
        )
    }

    fn incidents_complete(&self) -> Result<(), DayError> {
        self.kept.with(|record| {
            so("three incidents", record.incidents.len() == 3, || {
                record.incidents.len().to_string()
            })?;
            for (n, known) in record.incidents.iter().enumerate() {
                let has = |kind| known.lines.iter().any(|line| line.kind == kind);
                let mut needed = vec![IncidentLineKind::Received, IncidentLineKind::Classified];
                if n == 0 {
                    needed.extend([
                        IncidentLineKind::Asked,
                        IncidentLineKind::Added,
                        IncidentLineKind::Linked,
                    ]);
                }
                let missing: Vec<_> = needed.into_iter().filter(|kind| !has(*kind)).collect();
                so(
                    "an incident has its whole history, and its recordings are held",
                    missing.is_empty() && !known.held.is_empty(),
                    || format!("{n}: {missing:?}, {} held", known.held.len()),
                )?;
                // The person of the encounter, named by central's answer.
                so(
                    "people come from the encounter",
                    known.people.len() == usize::from(n == 0),
                    || known.people.len().to_string(),
                )?;
            }
            Ok(())
        })
    }

    fn admin(&self) -> Result<&central::Admin, DayError> {
        Ok(self.world.central.as_ref().ok_or(DayError::Gone)?.admin())
    }
}
