//! What the dock has found, against the log of the shifts (§19).

use crate::desk::{happened, kinds, now, on_patrol};
use crate::report::of_unit;
use crate::support::*;
use central::AdminError;
use central::audit::AuditEvent;
use central::dock::{Covered, DockError, RowFault};
use central::store::{ArchiveFlag, DockImported};
use protocol::{AlertKind, DutyFigures, Role, SessionEvent};
use regulation::Timestamp;
use regulation::bodycam::Event;
use std::time::Duration;

const CAMERA: &str = "BC-0001";

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// As RFC 3339 writes it, UTC.
fn moment(at: Timestamp) -> String {
    let seconds = at.0.div_euclid(1000);
    let day = at.local_date(0).unwrap();
    let of_day = seconds.rem_euclid(86_400);
    format!(
        "{day}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        at.0.rem_euclid(1000)
    )
}

/// A shift with a bodycam, and moments of it by their minute.
struct Shift {
    world: World,
    commander: Tablet,
    patrol: Tablet,
    began: Timestamp,
}

impl Shift {
    /// It records from the first minute on.
    async fn new() -> Self {
        let world = World::new().await;
        world.officer_as("c", "1", Role::Commander);
        let mut commander = world.tablet().await;
        commander.log_in(&world, "c").await;
        let patrol = on_patrol(&world, "a").await;
        let began = world.clock.now();
        Self {
            world,
            commander,
            patrol,
            began,
        }
    }

    fn at(&self, minute: u64) -> Timestamp {
        self.began.plus_millis(minute * 60_000)
    }

    async fn after<const N: usize>(&mut self, passed: u64, events: [Event; N]) {
        self.world.clock.advance(minutes(passed));
        happened(&self.world, &mut self.patrol, events).await;
    }

    /// Off after so many minutes, and handed back.
    async fn over(&mut self, passed: u64) {
        let returned = Event::Returned {
            battery_percent: None,
        };
        self.after(passed, [Event::SwitchedOff, returned]).await;
        self.world.clock.advance(minutes(10));
    }

    fn import(&self, spans: &[(u64, u64)], covered: Covered) -> Result<DockImported, AdminError> {
        let mut table = "serial,from,to\n".to_owned();
        for (from, to) in spans {
            let (from, to) = (moment(self.at(*from)), moment(self.at(*to)));
            table += &format!("{CAMERA},{from},{to}\n");
        }
        self.import_table(&table, covered)
    }

    fn import_table(&self, table: &str, covered: Covered) -> Result<DockImported, AdminError> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("dock.csv");
        std::fs::write(&file, table).unwrap();
        self.world.admin().import_dock(&file, covered)
    }

    /// The whole shift, up to now.
    fn all(&self) -> Covered {
        Covered {
            since: Some(self.began),
            until: Some(self.world.clock.now()),
        }
    }

    async fn alerts(&self) -> Vec<(u64, u64)> {
        let board = now(&self.world, &self.commander).await;
        let minute = |at: Timestamp| at.millis_since(self.began) / 60_000;
        let of = kinds(&board).into_iter().filter_map(|kind| match kind {
            AlertKind::NotRecorded { camera, from, to } => {
                assert_eq!(camera.to_string(), CAMERA);
                Some((minute(from), minute(to)))
            }
            _ => None,
        });
        of.collect()
    }

    async fn figures(&self) -> DutyFigures {
        of_unit(&self.world, &self.commander).await.totals.duty
    }

    fn flags(&self) -> Vec<ArchiveFlag> {
        let flags = crate::desk::flags(&self.world, &self.patrol);
        flags.into_iter().map(|(_, flag)| flag).collect()
    }
}

#[tokio::test]
async fn what_was_on_by_the_log_and_is_not_at_the_dock_is_told_and_no_reading_says_nothing() {
    let mut shift = Shift::new().await;
    shift.over(120).await;
    assert!(shift.alerts().await.is_empty());
    let before = shift.figures().await;
    assert_eq!((before.not_recorded, before.not_compared_minutes), (0, 120));
    // Two hours by the log; the third quarter of them is missing.
    let done = shift.import(&[(0, 60), (90, 120)], shift.all()).unwrap();
    let expected = DockImported {
        new: 2,
        known: 0,
        cameras: 1,
        shifts: 1,
        missing: 1,
    };
    assert_eq!(done, expected);
    assert_eq!(shift.alerts().await, [(60, 90)]);
    assert_eq!(shift.flags(), [ArchiveFlag::NotRecorded]);
    let figures = shift.figures().await;
    let told = (
        figures.not_recorded,
        figures.recorded_off,
        figures.not_compared_minutes,
    );
    assert_eq!(told, (1, 0, 0));
    // The same table again changes nothing.
    let again = shift.import(&[(0, 60), (90, 120)], shift.all()).unwrap();
    assert_eq!((again.new, again.known, again.missing), (0, 2, 1));
    assert_eq!(shift.alerts().await, [(60, 90)]);
    // What the dock finds later takes it back.
    shift.import(&[(60, 90)], shift.all()).unwrap();
    assert!(shift.alerts().await.is_empty());
    assert_eq!(shift.flags(), []);
    assert_eq!(shift.figures().await.not_recorded, 0);
    let entries = shift.world.admin().audit_entries(100).unwrap();
    let imports = entries
        .iter()
        .filter(|e| e.event == AuditEvent::DockImported);
    assert_eq!(imports.count(), 3);
}

#[tokio::test]
async fn a_reading_speaks_of_no_more_than_it_covers() {
    let mut shift = Shift::new().await;
    shift.over(120).await;
    // Nothing is said of when the bodycam was read: from its first recording to its last.
    let none = Covered::default();
    let done = shift.import(&[(30, 60)], none).unwrap();
    assert_eq!(done.missing, 0);
    assert_eq!(shift.figures().await.not_compared_minutes, 90);
    // A later reading goes on where this one ended.
    let done = shift.import(&[(100, 110)], none).unwrap();
    assert_eq!(done.missing, 1);
    assert_eq!(shift.alerts().await, [(60, 100)]);
    assert_eq!(shift.figures().await.not_compared_minutes, 40);
    // Nothing at all was on it when it was read.
    let covered = shift.all();
    shift
        .import_table(&format!("{CAMERA},,\n"), covered)
        .unwrap();
    assert_eq!(shift.alerts().await, [(0, 30), (60, 100), (110, 120)]);
    assert_eq!(shift.figures().await.not_compared_minutes, 0);
    // Of another bodycam nothing of it is said.
    let (from, to) = (moment(shift.at(0)), moment(shift.at(120)));
    let done = shift
        .import_table(&format!("BC-9999,{from},{to}\n"), covered)
        .unwrap();
    assert_eq!((done.new, done.shifts), (1, 0));
}

#[tokio::test]
async fn pauses_and_faults_are_not_missing_and_what_is_recorded_in_them_is_told_in_the_report() {
    let mut shift = Shift::new().await;
    let pause = crate::desk::new_pause();
    let fault = crate::desk::new_fault();
    let began = Event::PauseBegan { pause };
    let asked = [
        crate::desk::asked(pause),
        crate::desk::by_voice(pause),
        began,
    ];
    shift.after(10, asked).await;
    shift.after(10, [Event::Resumed]).await;
    shift.after(10, [crate::desk::faulted(fault)]).await;
    shift.after(10, [Event::Mended { fault }]).await;
    shift.over(10).await;
    // On by the log: 0 to 10, 20 to 30, 40 to 50.
    let done = shift
        .import(&[(0, 10), (14, 30), (32, 34), (40, 50)], shift.all())
        .unwrap();
    assert_eq!(done.missing, 0);
    let figures = shift.figures().await;
    // The pause had six minutes of recording, the fault two: no more than the edition lets pass.
    assert_eq!((figures.not_recorded, figures.recorded_off), (0, 1));
    assert!(shift.alerts().await.is_empty());
}

#[tokio::test]
async fn facts_that_come_after_the_reading_are_compared_with_it() {
    let mut shift = Shift::new().await;
    // Held back: the tablet had no network.
    shift.world.clock.advance(minutes(30));
    let off = shift.patrol.bodycam(&shift.world, Event::SwitchedOff);
    shift.world.clock.advance(minutes(30));
    let on = shift.patrol.bodycam(&shift.world, Event::SwitchedOn);
    shift.world.clock.advance(minutes(30));
    let off_again = shift.patrol.bodycam(&shift.world, Event::SwitchedOff);
    shift.world.clock.advance(minutes(10));
    shift.import(&[(0, 30)], shift.all()).unwrap();
    assert!(
        shift.alerts().await.is_empty(),
        "nothing is known of it yet"
    );
    shift.patrol.send(&shift.world, vec![off]).await.unwrap();
    assert!(shift.alerts().await.is_empty(), "it was off");
    assert_eq!(shift.flags(), []);
    shift.patrol.send(&shift.world, vec![on]).await.unwrap();
    assert!(
        shift.alerts().await.is_empty(),
        "on, and until when is not known"
    );
    shift
        .patrol
        .send(&shift.world, vec![off_again])
        .await
        .unwrap();
    assert_eq!(shift.alerts().await, [(60, 90)]);
    assert_eq!(shift.flags(), [ArchiveFlag::NotRecorded]);
    // Of a restart of central nothing is lost.
    shift.world.config.listen = shift.world.central().local_addr();
    shift.world.stop().await;
    shift.world.start().await;
    assert_eq!(shift.alerts().await, [(60, 90)]);
    // It stands on the board for a day.
    shift.world.clock.advance(Duration::from_secs(25 * 3600));
    shift.commander.log_in(&shift.world, "c").await;
    assert!(shift.alerts().await.is_empty());
    assert_eq!(shift.figures().await.not_recorded, 1);
}

#[tokio::test]
async fn a_bodycam_that_was_carried_over_is_compared_in_both_sessions() {
    let mut shift = Shift::new().await;
    shift.world.clock.advance(minutes(60));
    let event = SessionEvent::Ended;
    let fact = shift
        .patrol
        .fact(&shift.world, protocol::FactKind::Session { event });
    let ended = shift.patrol.seal(None, &fact);
    shift.patrol.send(&shift.world, vec![ended]).await.unwrap();
    let since = shift.at(60);
    shift.world.clock.advance(minutes(20));
    shift.patrol.log_in(&shift.world, "a").await;
    let carried = Event::CarriedOver {
        camera: CAMERA.parse().unwrap(),
        since,
        on: true,
    };
    shift.after(0, [carried]).await;
    shift.over(40).await;
    // It went on through the change of sessions, but for a quarter of an hour.
    let done = shift.import(&[(0, 70), (85, 120)], shift.all()).unwrap();
    assert_eq!((done.shifts, done.missing), (2, 1));
    assert_eq!(shift.alerts().await, [(70, 85)]);
    assert_eq!(shift.figures().await.not_compared_minutes, 0);
}

#[tokio::test]
async fn a_table_that_does_not_fit_changes_nothing() {
    let mut shift = Shift::new().await;
    shift.over(60).await;
    let (from, to) = (moment(shift.at(0)), moment(shift.at(30)));
    let good = format!("{CAMERA},{from},{to}\n");
    for (row, fault) in [
        ("BC-0001,yesterday,today", RowFault::Time),
        (
            "BC,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z",
            RowFault::Serial,
        ),
    ] {
        let refused = shift.import_table(&format!("{good}{row}\n"), Covered::default());
        let line = 2;
        assert!(matches!(
            refused,
            Err(AdminError::Dock(DockError::Line { line: at, fault: told })) if at == line && told == fault
        ));
    }
    assert_eq!(shift.figures().await.not_compared_minutes, 60);
    let missing = shift
        .world
        .admin()
        .import_dock("none.csv".as_ref(), shift.all());
    assert!(matches!(missing, Err(AdminError::File(..))));
    let entries = shift.world.admin().audit_entries(100).unwrap();
    assert!(entries.iter().all(|e| e.event != AuditEvent::DockImported));
}

#[tokio::test]
async fn another_unit_is_told_nothing() {
    let mut shift = Shift::new().await;
    let elsewhere = shift.world.at_the_desk("e", "2").await;
    shift.over(60).await;
    shift.import(&[(0, 1)], shift.all()).unwrap();
    assert_eq!(shift.alerts().await, [(1, 60)]);
    assert!(now(&shift.world, &elsewhere).await.alerts.is_empty());
}
