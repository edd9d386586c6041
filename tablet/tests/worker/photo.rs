//! Photos (§22, §31): taken over a page, in memory until they are used, named by what is recorded
//! after them; and the camera's check (§13).

use crate::kit::{LONG, PIN, Tablet, Turned};
use protocol::{CaptureId, CaptureKind, CaptureOf, FactKind, Kit};
use regulation::custody::{Check, CheckKind, Event, HandInReason, Level};
use regulation::{Edition, incident};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tablet::device::CameraFault;
use tablet::pages::{
    FaceStage, HandInForm, Notice, Page, PageView, PartyForm, PhotoOf, PhotoStage, PhotosView,
    ReportForm, Screen, TakeOverForm,
};
use tablet::worker::{Command, CustodyCommand, IncidentCommand, LockPolicy, PhotoCommand, Update};

fn take_over() -> Command {
    Command::Custody(CustodyCommand::TakeOver(TakeOverForm {
        from: PartyForm::Place("Навбатчилик қисми".into()),
        damage: None,
        overridden: String::new(),
    }))
}

fn report() -> Command {
    Command::Incident(IncidentCommand::Report(ReportForm {
        kind: "crime".into(),
        to_superior: false,
        ago: Some(0),
        place: "Намуна бозори".into(),
        text: "Ойна синдирилган.".into(),
    }))
}

fn photos(page: &PageView) -> PhotosView {
    match &page.page {
        Page::TakeOver(view) => view.photos,
        Page::Tablet(view) => view.photos,
        Page::HandIn(view) => view.photos,
        Page::Incident(view) => view.photos,
        Page::Reports(view) => view.photos,
        other => panic!("{other:?}"),
    }
}

impl Tablet {
    /// Not taken over yet, and every check has come back.
    fn at_condition() -> Self {
        let clock = Arc::new(Turned::default());
        let kit = |grant: &mut protocol::LoginResponse| grant.kit = Kit::default();
        let policy = LockPolicy::default();
        let mut tablet = Self::of_grant(kit, policy, clock.clone(), clock, |_, _| ());
        tablet.log_in();
        tablet.choose_pin();
        tablet.checked();
        tablet
    }

    fn checked(&mut self) {
        let all =
            |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some());
        self.wait("all checks", all);
    }

    fn photo(&self, command: PhotoCommand) {
        self.send(Command::Photo(command));
    }

    fn stage(&mut self, stage: PhotoStage) -> PageView {
        let at = |p: &PageView| p.photo.is_some_and(|photo| photo.stage == stage);
        self.wait(&format!("{stage:?}"), at)
    }

    fn shoot(&mut self) {
        self.photo(PhotoCommand::Open);
        self.stage(PhotoStage::Live);
        self.photo(PhotoCommand::Shoot);
        self.stage(PhotoStage::Taken);
    }

    /// One more photo for the page's form.
    fn take(&mut self) {
        let taken = self.page.as_ref().map(photos).unwrap().taken;
        self.shoot();
        self.photo(PhotoCommand::Use);
        let one_more = |p: &PageView| p.photo.is_none() && photos(p).taken == taken + 1;
        self.wait("one more photo", one_more);
    }

    fn camera_is_closed(&self) {
        let until = Instant::now() + LONG;
        while self.camera.open.load(Ordering::SeqCst) {
            assert!(Instant::now() < until, "the camera stays open");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn facts(&self) -> Vec<FactKind> {
        let journal = self.vault.journal(&self.shift).unwrap();
        journal.into_iter().map(|entry| entry.fact.kind).collect()
    }

    /// Captures on record: which, of what kind, and of what.
    fn captures(&self) -> Vec<(CaptureId, CaptureKind, CaptureOf)> {
        let captures = self.facts().into_iter().filter_map(|kind| match kind {
            FactKind::Capture { capture, of } => Some((capture.id, capture.kind, of.unwrap())),
            _ => None,
        });
        captures.collect()
    }

    /// The one taking over on record, and the photos that it names.
    fn taken_over(&self) -> (CaptureOf, Vec<CaptureId>) {
        let events = self.custodies();
        match events.as_slice() {
            [
                Event::TakenOver {
                    custody, condition, ..
                },
            ] => {
                let of = CaptureOf::Custody { custody: *custody };
                (of, condition.photos.clone())
            }
            _ => panic!("{events:?}"),
        }
    }

    fn incidents(&self) -> Vec<incident::Event> {
        let events = self.facts().into_iter().filter_map(|kind| match kind {
            FactKind::Incident { recorded } => Some(recorded.event),
            _ => None,
        });
        events.collect()
    }
}

/// Whether a file below `dir` holds these bytes.
fn holds(dir: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        let file = std::fs::read(path).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn a_photo_of_the_condition_is_sealed_and_named_by_the_taking_over() {
    let mut tablet = Tablet::at_condition();
    tablet.take();
    tablet.camera_is_closed();
    tablet.take();
    let taken = tablet.captures();
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    let (of, named) = tablet.taken_over();
    let expected: Vec<_> = named
        .iter()
        .map(|id| (*id, CaptureKind::Condition, of))
        .collect();
    assert_eq!((named.len(), taken), (2, expected));
    assert_eq!(tablet.vault.queue().unwrap().captures.waiting, 2);
    assert!(!holds(tablet.dir(), b"JFIF"), "a photo lies in the clear");
    // Those of mid-shift are of the same holding, and so are those of the hand-in.
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::Custody(CustodyCommand::Open));
    assert_eq!(photos(&tablet.screen(Screen::Tablet)).taken, 0);
    tablet.take();
    let note = "Бурчаги синган".to_owned();
    tablet.send(Command::Custody(CustodyCommand::Damaged { note }));
    tablet.wait(
        "recorded",
        |p| matches!(&p.page, Page::Tablet(t) if t.done == 1),
    );
    tablet.send(Command::EndShift);
    let view = tablet.screen(Screen::HandIn);
    assert_eq!(photos(&view), PhotosView { taken: 0, left: 8 });
    tablet.take();
    tablet.send(Command::Custody(CustodyCommand::HandIn(HandInForm {
        to: PartyForm::Place("Омбор".into()),
        why: HandInReason::EndOfDuty,
        damage: None,
    })));
    let envelope = |tablet: &Tablet| tablet.vault.queue().unwrap().captures.waiting;
    let out = |p: &PageView| matches!(&p.page, Page::Login(l) if !l.shift_open);
    tablet.wait("log-in", out);
    assert_eq!(envelope(&tablet), 4);
}

#[test]
fn what_is_not_used_is_recorded_nowhere() {
    let mut tablet = Tablet::at_condition();
    tablet.shoot();
    tablet.camera_is_closed();
    let shown = tablet.frames.last().unwrap();
    assert_eq!((shown.width(), shown.height()), (800, 600));
    tablet.photo(PhotoCommand::Retake);
    tablet.stage(PhotoStage::Live);
    tablet.photo(PhotoCommand::Shoot);
    tablet.stage(PhotoStage::Taken);
    tablet.photo(PhotoCommand::Close);
    tablet.wait("closed", |p| p.photo.is_none());
    tablet.photo(PhotoCommand::Use);
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    assert!(tablet.captures().is_empty());
    assert_eq!(tablet.vault.queue().unwrap().captures.waiting, 0);
}

#[test]
fn the_camera_goes_with_its_page_and_with_the_lock_and_used_photos_stay() {
    let mut tablet = Tablet::at_condition();
    tablet.take();
    tablet.photo(PhotoCommand::Open);
    tablet.stage(PhotoStage::Live);
    tablet.lock();
    tablet.camera_is_closed();
    tablet.unlock(PIN);
    let page = tablet.screen(Screen::TakeOver);
    assert!(page.photo.is_none());
    assert_eq!(photos(&page).taken, 1);
    tablet.shoot();
    tablet.send(Command::Custody(CustodyCommand::Later));
    let page = tablet.screen(Screen::Receive);
    assert!(page.photo.is_none());
    // As the shift goes on after a start anew they belong to the taking over that comes.
    let mut tablet = tablet.restarted();
    tablet.log_in();
    tablet.choose_pin();
    tablet.checked();
    assert_eq!(photos(tablet.page.as_ref().unwrap()).taken, 1);
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    let (of, named) = tablet.taken_over();
    let expected = vec![(named[0], CaptureKind::Condition, of)];
    assert_eq!((named.len(), tablet.captures()), (1, expected));
}

#[test]
fn without_a_camera_it_says_so_and_the_shift_goes_on() {
    let mut tablet = Tablet::at_condition();
    for fault in [
        CameraFault::NotFitted,
        CameraFault::Busy,
        CameraFault::Denied,
        CameraFault::Unplugged,
    ] {
        tablet.camera.fails_with(Some(fault));
        tablet.photo(PhotoCommand::Open);
        tablet.stage(PhotoStage::Fault(fault));
        tablet.photo(PhotoCommand::Close);
        tablet.wait("closed", |p| p.photo.is_none());
    }
    tablet.photo(PhotoCommand::Open);
    tablet.stage(PhotoStage::Fault(CameraFault::Unplugged));
    tablet.camera.fails_with(None);
    tablet.photo(PhotoCommand::Retake);
    tablet.stage(PhotoStage::Live);
    // A dead sensor is no photo.
    tablet.photo(PhotoCommand::Close);
    tablet.wait("closed", |p| p.photo.is_none());
    tablet.camera_is_closed();
    tablet.camera.dead.store(true, Ordering::SeqCst);
    tablet.photo(PhotoCommand::Open);
    tablet.stage(PhotoStage::Live);
    tablet.photo(PhotoCommand::Shoot);
    tablet.stage(PhotoStage::Fault(CameraFault::BrokenFrame));
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    assert!(tablet.captures().is_empty());
}

#[test]
fn a_driver_that_hangs_holds_up_neither_the_page_nor_the_next_photo() {
    let mut tablet = Tablet::at_condition();
    tablet.camera.hangs.store(true, Ordering::SeqCst);
    tablet.photo(PhotoCommand::Open);
    let begun = Instant::now();
    tablet.stage(PhotoStage::Opening);
    tablet.send(Command::SetLanguage(
        regulation::encounter::Language::Russian,
    ));
    let russian = |p: &PageView| p.chrome.language == regulation::encounter::Language::Russian;
    tablet.wait("Russian", russian);
    assert!(begun.elapsed() < Duration::from_secs(3));
    tablet.stage(PhotoStage::Fault(CameraFault::TimedOut));
    // One more waits for its turn, a third is not begun.
    tablet.photo(PhotoCommand::Retake);
    tablet.stage(PhotoStage::Opening);
    tablet.photo(PhotoCommand::Switch);
    tablet.stage(PhotoStage::Fault(CameraFault::Busy));
    tablet.camera.hangs.store(false, Ordering::SeqCst);
    tablet.camera_is_closed();
    // What the hung one gave at last is nobody's.
    let until = Instant::now() + LONG;
    loop {
        tablet.photo(PhotoCommand::Retake);
        let live = |p: &PageView| {
            p.photo
                .is_some_and(|photo| !matches!(photo.stage, PhotoStage::Opening))
        };
        let page = tablet.wait("an end of opening", live);
        if page.photo.unwrap().stage == PhotoStage::Live {
            break;
        }
        assert!(Instant::now() < until);
    }
}

#[test]
fn a_slow_screen_gets_fewer_frames_and_the_newest() {
    let mut tablet = Tablet::at_condition();
    tablet.photo(PhotoCommand::Open);
    tablet.stage(PhotoStage::Live);
    let given = || tablet.camera.given.load(Ordering::SeqCst);
    let until = given() + 25;
    while given() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut frames = 0;
    while let Ok(update) = tablet.updates.try_recv() {
        frames += usize::from(matches!(update, Update::Frame { .. }));
    }
    assert!((1..=2).contains(&frames), "{frames} frames of 25 lie there");
}

#[test]
fn no_more_photos_are_taken_than_the_edition_says() {
    let mut tablet = Tablet::at_condition();
    let most = Edition::shipped().unwrap().limits.condition_photos;
    for _ in 0..most {
        tablet.take();
    }
    assert_eq!(
        photos(tablet.page.as_ref().unwrap()),
        PhotosView {
            taken: most,
            left: 0
        }
    );
    tablet.photo(PhotoCommand::Open);
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    assert!(
        tablet
            .history
            .iter()
            .rev()
            .take(2)
            .all(|p| p.photo.is_none())
    );
    assert_eq!(tablet.captures().len(), most);
}

#[test]
fn photos_of_a_report_are_its_own_and_more_may_be_added() {
    let mut tablet = Tablet::at_condition();
    tablet.send(Command::Custody(CustodyCommand::Later));
    tablet.screen(Screen::Receive);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::Incident(IncidentCommand::Write));
    tablet.screen(Screen::Incident);
    // Of a report that is given up: on record, and in no other.
    tablet.take();
    tablet.send(Command::Back);
    tablet.screen(Screen::Home);
    tablet.send(Command::Incident(IncidentCommand::Write));
    assert_eq!(photos(&tablet.screen(Screen::Incident)).taken, 0);
    tablet.take();
    tablet.take();
    tablet.lock();
    tablet.unlock(PIN);
    assert_eq!(photos(&tablet.screen(Screen::Incident)).taken, 2);
    tablet.photo(PhotoCommand::Open);
    let of = tablet.stage(PhotoStage::Live).photo.unwrap().of;
    assert_eq!(of, PhotoOf::Incident);
    tablet.photo(PhotoCommand::Close);
    tablet.wait("closed", |p| p.photo.is_none());
    tablet.send(report());
    let open = |p: &PageView| match &p.page {
        Page::Reports(view) => view
            .open
            .as_ref()
            .map(|open| (open.photos, open.lines.len())),
        _ => None,
    };
    tablet.wait("the report", |p| open(p) == Some((2, 0)));
    tablet.take();
    tablet.send(Command::Incident(IncidentCommand::Supplement {
        text: String::new(),
    }));
    let page = tablet.wait("more", |p| open(p) == Some((2, 1)));
    let Page::Reports(view) = page.page else {
        panic!()
    };
    assert_eq!(view.open.unwrap().lines[0].photos, 1);
    let events = tablet.incidents();
    let [
        incident::Event::Reported { incident, report },
        incident::Event::Supplemented { photos: more, .. },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    let of = CaptureOf::Incident {
        incident: *incident,
    };
    let captures = tablet.captures();
    assert_eq!(captures.len(), 4);
    assert!(
        captures
            .iter()
            .all(|(_, kind, _)| *kind == CaptureKind::Scene)
    );
    let own: Vec<_> = captures
        .iter()
        .filter(|(_, _, owner)| *owner == of)
        .map(|(id, ..)| *id)
        .collect();
    assert_eq!(own, [report.photos.as_slice(), more].concat());
    assert_ne!(captures[0].2, of, "that of the one given up");
}

#[test]
fn on_a_full_disk_a_photo_stays_in_memory_and_is_used_later() {
    let mut tablet = Tablet::at_condition();
    tablet.shoot();
    tablet.fill_the_disk();
    tablet.photo(PhotoCommand::Use);
    let full = |p: &PageView| p.chrome.notice == Some(Notice::StorageFull);
    let page = tablet.wait("the notice", full);
    assert_eq!(page.photo.unwrap().stage, PhotoStage::Taken);
    tablet.vault.limit_pages(None).unwrap();
    tablet.photo(PhotoCommand::Use);
    tablet.wait("used", |p| p.photo.is_none() && photos(p).taken == 1);
    assert_eq!(tablet.captures().len(), 1);
}

#[test]
fn the_camera_is_checked_by_a_picture_that_is_kept_nowhere() {
    let level = |tablet: &mut Tablet, what: &str, level, value| {
        let camera = |check: &Check| {
            check.kind == CheckKind::Camera && (check.level, check.value) == (level, value)
        };
        let seen = |p: &PageView| match &p.page {
            Page::TakeOver(view) => view.readiness.rows.iter().any(camera),
            _ => false,
        };
        tablet.wait(what, seen);
    };
    let again = |tablet: &mut Tablet| {
        tablet.send(Command::GoHome);
        tablet.screen(Screen::Home);
        tablet.send(Command::Custody(CustodyCommand::Open));
        tablet.screen(Screen::TakeOver);
    };
    let mut tablet = Tablet::at_condition();
    level(&mut tablet, "it works", Level::Ready, None);
    assert!(
        tablet.camera.given.load(Ordering::SeqCst) > 0,
        "no picture was taken"
    );
    tablet.camera_is_closed();
    tablet.camera.fails_with(Some(CameraFault::NotFitted));
    again(&mut tablet);
    level(&mut tablet, "there is none", Level::Attention, Some(0));
    tablet.camera.fails_with(Some(CameraFault::Busy));
    again(&mut tablet);
    level(&mut tablet, "busy", Level::Attention, None);
    tablet.camera.fails_with(None);
    tablet.camera.dead.store(true, Ordering::SeqCst);
    again(&mut tablet);
    level(&mut tablet, "dead", Level::Attention, None);
    assert!(tablet.captures().is_empty() && tablet.frames.is_empty());
    assert_eq!(tablet.vault.queue().unwrap().captures.waiting, 0);
}

#[test]
fn a_scanner_whose_lamp_is_broken_is_not_ready() {
    let scanner = |p: &PageView, level| match &p.page {
        Page::TakeOver(view) => {
            let dark = |c: &Check| c.kind == CheckKind::Scanner && c.level == level;
            view.readiness.rows.iter().any(dark)
        }
        _ => false,
    };
    let mut tablet = Tablet::at_condition();
    tablet.wait("bright", |p| scanner(p, Level::Ready));
    tablet.scanner.2.store(true, Ordering::SeqCst);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::Custody(CustodyCommand::Open));
    tablet.wait("dark", |p| scanner(p, Level::NotReady));
}

#[test]
fn a_capture_waits_for_the_scanners_check_and_is_not_told_that_it_is_busy() {
    let mut tablet = Tablet::at_condition();
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.scanner.3.store(true, Ordering::SeqCst);
    tablet.send(Command::Custody(CustodyCommand::Open));
    tablet.screen(Screen::TakeOver);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.reach_method();
    tablet.send(Command::ChooseFingerprint);
    tablet.screen(Screen::Finger);
    tablet.send(Command::StartCapture);
    std::thread::sleep(Duration::from_millis(100));
    let capturing = |tablet: &Tablet| tablet.scanner.0.load(Ordering::SeqCst);
    assert!(!capturing(&tablet), "two have the scanner");
    tablet.scanner.3.store(false, Ordering::SeqCst);
    let until = Instant::now() + LONG;
    while !capturing(&tablet) {
        assert!(Instant::now() < until, "{:?}", tablet.page);
        std::thread::sleep(Duration::from_millis(2));
    }
    tablet.send(Command::CancelCapture);
}

#[test]
fn an_open_camera_is_not_called_busy_by_its_own_check() {
    let clock = Arc::new(Turned::default());
    let kit = |grant: &mut protocol::LoginResponse| grant.kit = Kit::default();
    let policy = LockPolicy::default();
    let mut tablet = Tablet::of_grant(kit, policy, clock.clone(), clock.clone(), |_, _| ());
    tablet.log_in();
    tablet.choose_pin();
    tablet.checked();
    tablet.send(take_over());
    tablet.screen(Screen::Receive);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.reach_method();
    tablet.send(Command::ChooseFingerprint);
    tablet.screen(Screen::Finger);
    tablet.send(Command::OpenNoFingerprint);
    tablet.screen(Screen::NoFingerprint);
    tablet.send(Command::FingerprintImpossible {
        reason: "injury".into(),
        note: String::new(),
    });
    tablet.screen(Screen::Method);
    tablet.send(Command::ChooseFace);
    let live = |p: &PageView| matches!(&p.page, Page::Face(f) if f.stage == FaceStage::Live);
    tablet.wait("live", live);
    // A check is due; it waits for a camera for two seconds at most.
    clock.uptime.fetch_add(61_000, Ordering::SeqCst);
    let given = tablet.camera.given.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(2500));
    assert!(tablet.camera.given.load(Ordering::SeqCst) > given);
    tablet.send(Command::Back);
    tablet.screen(Screen::Method);
    let events = tablet.custodies();
    assert!(
        matches!(events.as_slice(), [Event::TakenOver { .. }]),
        "{events:?}"
    );
}
