//! Training and duty never meet: not on a disk, not over a network, not on a screen.
#![allow(clippy::unwrap_used, clippy::panic)]

use central::Config;
use demo::cable::Cable;
use demo::emulator::{EmulatedCamera, EmulatedScanner};
use demo::tablet_kit::TabletKit;
use demo::world::{LOGIN, PASSWORD, World};
use regulation::Edition;
use regulation::encounter::Finger;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tablet::device::{Cancel, CaptureRequest, Scanner, ScannerFault, SystemClock};
use tablet::pages::{FingerStatus, LoginProblem, Page, PageView, Screen, TrainingSheet};
use tablet::worker::{Command, TrainingCommand, Update};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use training::guide::{Parts, between};
use training::scenario::{Scenario, shipped};
use training::words::Words;
use training::{Outside, guide};

mod drawn;
use drawn::{finger, of, page};

const LONG: Duration = Duration::from_secs(60);

async fn world(dir: &Path, training: bool) -> World {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut config = Config::new(dir.join("central"), listen);
    config.replica_dir = Some(dir.join("replica"));
    config.training = training;
    World::start_with(dir, config, 4).await.unwrap()
}

/// A tablet of the one at the other's address, whichever is the training.
async fn at_the_others_door(training: bool) {
    let dir = tempfile::tempdir().unwrap();
    let mut own = world(&dir.path().join("own"), training).await;
    let other = world(&dir.path().join("other"), !training).await;
    let data = own.enrol("tablet").await.unwrap();
    let address = own.cable.address();
    own.stop_central().await;
    own.cable.pull();
    // The same address, and the other central behind it.
    let listen = other.central.as_ref().unwrap().local_addr();
    let mut laid = None;
    for _ in 0..100 {
        laid = Cable::new(listen, address.port()).await.ok();
        if laid.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(laid.is_some(), "the port stays taken");
    let mut kit = TabletKit::start(&data).unwrap();
    kit.wait_for("log-in", LONG, |p| matches!(p.page, Page::Login(_)))
        .await
        .unwrap();
    kit.send(Command::Login {
        login: LOGIN.into(),
        password: PASSWORD.to_owned().into(),
    });
    let page = kit
        .wait_for(
            "refused",
            LONG,
            |p| matches!(&p.page, Page::Login(l) if l.problem.is_some() && !l.busy),
        )
        .await
        .unwrap();
    let Page::Login(login) = page.page else {
        panic!()
    };
    assert!(
        matches!(
            login.problem,
            Some(LoginProblem::NoConnection | LoginProblem::CentralDown)
        ),
        "{:?}",
        login.problem
    );
    kit.stop();
    let devices = other.central.as_ref().unwrap().admin().devices().unwrap();
    assert!(devices.is_empty(), "the other knows nothing of the tablet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_s_tablet_is_nobody_to_a_central_of_duty() {
    at_the_others_door(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tablet_of_duty_is_nobody_to_a_central_of_training() {
    at_the_others_door(false).await;
}

/// A guide with nobody's hands on either side: pages are fed to it, commands come out.
struct Bench {
    screen: UnboundedSender<(tablet::pages::Stamp, Command)>,
    shown: UnboundedReceiver<Update>,
    worker: UnboundedReceiver<(tablet::pages::Stamp, Command)>,
    pages: UnboundedSender<Update>,
    scanner: Arc<EmulatedScanner>,
    scenarios: Arc<[Scenario]>,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config::new(dir.path().join("central"), listen);
        central::Central::init(&config).unwrap();
        let archive = central::Admin::open(&config).unwrap().archive();
        let edition = Arc::new(Edition::shipped().unwrap());
        let scenarios: Arc<[Scenario]> = shipped(&edition).unwrap().into();
        let (scanner, panel) = EmulatedScanner::new();
        // Nothing listens there: this tablet has no link.
        let cable = Cable::new(listen, 0).await.unwrap();
        let parts = Parts {
            scenarios: scenarios.clone(),
            edition,
            words: Arc::new(Words::shipped().unwrap()),
            outside: Outside {
                cable,
                scanner: scanner.clone(),
                panel,
                camera: EmulatedCamera::new().1,
            },
            archive,
            clock: Arc::new(SystemClock::new()),
            results: dir.path().join("results"),
        };
        let (screen, from_screen) = unbounded_channel();
        let (to_screen, shown) = unbounded_channel();
        let (worker, pages): guide::Ends = between(parts, from_screen, to_screen);
        Self {
            screen,
            shown,
            worker,
            pages,
            scanner,
            scenarios,
            dir,
        }
    }

    fn feed(&self, page: PageView) {
        self.pages.send(Update::Page(Box::new(page))).unwrap();
    }

    fn ask(&self, command: TrainingCommand) {
        let command = Command::Training(command);
        self.screen.send((Default::default(), command)).unwrap();
    }

    async fn next(&mut self) -> Option<PageView> {
        match tokio::time::timeout(LONG, self.shown.recv()).await.unwrap() {
            Some(Update::Page(page)) => Some(*page),
            Some(other) => panic!("{other:?}"),
            None => None,
        }
    }

    /// The page that is shown when nothing more comes.
    async fn shows(&mut self) -> PageView {
        let mut last = self.next().await.unwrap();
        while let Ok(Some(Update::Page(page))) =
            tokio::time::timeout(Duration::from_millis(200), self.shown.recv()).await
        {
            last = *page;
        }
        last
    }
}

/// The situation with the dead scanner is begun, in the first session.
async fn begin_dead_scanner(bench: &mut Bench) -> (usize, PageView) {
    let dead = bench.scenarios.iter().position(|s| s.id == "dead-scanner");
    let dead = dead.unwrap();
    bench.feed(of(1, page(Screen::Home)));
    bench.shows().await;
    bench.ask(TrainingCommand::Choose(dead));
    bench.ask(TrainingCommand::Begin);
    (dead, bench.shows().await)
}

#[tokio::test]
async fn a_session_of_duty_is_never_called_a_training() {
    let mut bench = Bench::new().await;
    let mut outside = page(Screen::Login);
    outside.chrome.training = false;
    bench.feed(outside);
    let login = bench.next().await.unwrap();
    assert!(login.chrome.training, "said on the first page already");
    assert!(login.training.is_some_and(|t| t.sheet.is_none()));
    let mut duty = page(Screen::Home);
    duty.chrome.training = false;
    duty.chrome.lockable = true;
    bench.feed(duty);
    assert!(
        bench.next().await.is_none(),
        "nothing of it reaches the screen"
    );
    assert!(bench.worker.recv().await.is_none(), "and the worker ends");
}

#[tokio::test]
async fn the_guide_s_own_commands_never_reach_the_worker() {
    let mut bench = Bench::new().await;
    bench.feed(page(Screen::Home));
    let home = bench.next().await.unwrap();
    assert!(matches!(
        home.training.unwrap().sheet,
        Some(TrainingSheet::Course(_))
    ));
    for command in [
        TrainingCommand::Choose(99),
        TrainingCommand::Choose(4),
        TrainingCommand::Begin,
        TrainingCommand::Open,
        TrainingCommand::Course,
        TrainingCommand::Close,
    ] {
        bench.ask(command);
    }
    let stamp = home.stamp;
    bench.screen.send((stamp, Command::NewEncounter)).unwrap();
    let (with, command) = bench.worker.recv().await.unwrap();
    assert!(matches!(command, Command::NewEncounter), "{command:?}");
    assert_eq!(with, stamp);
}

/// The devices do what the situation says, when the officer comes to that step.
#[tokio::test]
async fn a_scanner_dies_when_the_situation_says_so_and_works_again_after_it() {
    let mut bench = Bench::new().await;
    let (dead, begun) = begin_dead_scanner(&mut bench).await;
    assert!(begun.training.unwrap().sheet.is_none());
    assert!(bench.scanner.discover().is_ok());
    bench.feed(of(1, finger(5, FingerStatus::Ready)));
    let heard = bench.shows().await.training.unwrap();
    assert!(!heard.cue.is_empty(), "the person is heard");
    assert_eq!(
        bench.scanner.discover().err(),
        Some(ScannerFault::NotConnected)
    );
    // In the middle of a situation no other one is begun, and what is under way can be read again.
    bench.ask(TrainingCommand::Open);
    bench.ask(TrainingCommand::Choose(0));
    match bench.shows().await.training.unwrap().sheet {
        Some(TrainingSheet::Situation(situation)) => {
            assert_eq!(situation.number, dead);
            assert!(situation.running);
        }
        other => panic!("{other:?}"),
    }
    bench.ask(TrainingCommand::Close);
    // A lock: nobody is heard before the log-in, and nothing mends itself meanwhile.
    bench.feed(page(Screen::Login));
    let login = bench.shows().await;
    assert!(login.training.unwrap().cue.is_empty());
    assert_eq!(
        bench.scanner.discover().err(),
        Some(ScannerFault::NotConnected)
    );
    // The officer is where they were, before the same person.
    bench.feed(of(1, finger(5, FingerStatus::Ready)));
    let back = bench.shows().await.training.unwrap();
    assert_eq!(back.cue, heard.cue);
    assert_eq!(
        bench.scanner.discover().err(),
        Some(ScannerFault::NotConnected)
    );
    // Another shift: nothing of the situation is left behind.
    bench.feed(page(Screen::Login));
    bench.feed(of(2, page(Screen::Home)));
    let other = bench.shows().await;
    assert!(other.training.unwrap().cue.is_empty());
    assert!(bench.scanner.discover().is_ok());
    bench.feed(of(2, finger(5, FingerStatus::Ready)));
    assert!(bench.shows().await.training.unwrap().cue.is_empty());
    assert!(
        !bench.dir.path().join("results").exists(),
        "nothing was judged"
    );
}

/// The shift is over for certain: the next log-in may need the network.
#[tokio::test]
async fn the_end_of_a_shift_ends_its_situation() {
    let mut bench = Bench::new().await;
    begin_dead_scanner(&mut bench).await;
    bench.feed(of(1, finger(5, FingerStatus::Ready)));
    bench.shows().await;
    assert!(bench.scanner.discover().is_err());
    bench.feed(page(Screen::Login));
    bench.shows().await;
    bench.pages.send(Update::HandOver).unwrap();
    let passed = tokio::time::timeout(LONG, bench.shown.recv()).await;
    assert!(matches!(passed, Ok(Some(Update::HandOver))));
    assert!(bench.scanner.discover().is_ok());
}

fn capture(scanner: &EmulatedScanner) -> Option<ScannerFault> {
    let request = CaptureRequest {
        finger: Finger::RightIndex,
        timeout: Duration::from_millis(1500),
        enough: 40,
    };
    let taken = scanner.capture(&request, &mut |_| {}, &Cancel::default());
    taken.err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finger_is_laid_when_it_is_waited_for_unless_it_is_refused() {
    for (id, met) in [("clear", None), ("refusal", Some(ScannerFault::NoFinger))] {
        let mut bench = Bench::new().await;
        // Another one's finger is not left over from before.
        let situation = bench.scenarios.iter().position(|s| s.id == id).unwrap();
        bench.scanner.prepare(0);
        bench.feed(page(Screen::Home));
        bench.shows().await;
        bench.ask(TrainingCommand::Choose(situation));
        bench.ask(TrainingCommand::Begin);
        bench.shows().await;
        bench.feed(finger(5, FingerStatus::Ready));
        bench.shows().await;
        assert_eq!(capture(&bench.scanner), Some(ScannerFault::NoFinger));
        bench.feed(finger(5, FingerStatus::Waiting));
        bench.shows().await;
        assert_eq!(capture(&bench.scanner), met, "{id}");
        bench.feed(finger(5, FingerStatus::Ready));
        bench.shows().await;
        assert_eq!(
            capture(&bench.scanner),
            Some(ScannerFault::NoFinger),
            "{id}: lifted"
        );
    }
}
