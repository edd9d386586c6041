//! §4, §19 to §21: the duty desk and the officer on patrol, each at their own tablet, over central.

use crate::bodycam::{SERIAL, bodycam, camera, recording};
use central::officers::NewOfficer;
use demo::tablet_kit::TabletKit;
use e_patrul_tests::{LONG, Scene};
use protocol::Role;
use regulation::FaultId;
use regulation::bodycam::{DeviceOwner, PermittedBy};
use std::time::{Duration, Instant};
use tablet::device::{Picture, Signal};
use tablet::pages::{AlertRow, AlertRowKind, CameraState, DeskView, DeskWord, Page, PageView};
use tablet::worker::{BodycamCommand, Command, DeskMeansCommand};
use zeroize::Zeroizing;

pub const DESK: &str = "navbatchi";
const DESK_PASSWORD: &str = "navbatchi-parol-2026";
/// Somebody wanted, of the invented people.
pub const WANTED: u64 = 1;
/// The desk calls again after at most so long.
const AGAIN: Duration = Duration::from_secs(20);
const ADMINISTRATOR: &str = "Техников Т. Т.";

/// A tablet at the duty unit.
pub struct Desk(TabletKit);

impl Desk {
    /// Enrolled, its officer logged in.
    pub async fn new(scene: &Scene, name: &str, role: Role) -> Self {
        let admin = scene.world.central.as_ref().unwrap().admin().clone();
        admin
            .create_officer(NewOfficer {
                login: name.into(),
                password: DESK_PASSWORD.into(),
                name: "Навбатчиев Н. Н.".into(),
                rank: "Капитан".into(),
                unit: "4-бўлим".into(),
                role,
            })
            .unwrap();
        let data = scene.world.enrol(name).await.unwrap();
        let mut desk = Self(TabletKit::start(&data).unwrap());
        desk.page("log-in", |p| matches!(p.page, Page::Login(_)))
            .await;
        desk.0.send(Command::Login {
            login: name.into(),
            password: Zeroizing::new(DESK_PASSWORD.into()),
        });
        desk.view("the board", |view| view.as_of.is_some()).await;
        desk
    }

    pub fn send(&self, command: Command) {
        self.0.send(command);
    }

    /// The next picture that comes to its screen.
    pub async fn picture(&mut self) -> Picture {
        self.0.picture(LONG).await.unwrap()
    }

    /// What was to be heard at the desk.
    pub fn heard(&self) -> Vec<Signal> {
        self.0.speaker.heard()
    }

    async fn until_heard(&self, signals: &[Signal]) {
        let until = Instant::now() + LONG;
        while self.heard() != signals {
            assert!(Instant::now() < until, "{:?}", self.heard());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every page that was shown.
    pub fn history(&self) -> &[PageView] {
        &self.0.history
    }

    pub async fn page(&mut self, what: &str, accept: impl FnMut(&PageView) -> bool) -> PageView {
        match self.0.wait_for(what, LONG, accept).await {
            Ok(page) => page,
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn view(&mut self, what: &str, accept: impl Fn(&DeskView) -> bool) -> DeskView {
        let page = self
            .page(
                what,
                |p| matches!(&p.page, Page::Desk(view) if accept(view)),
            )
            .await;
        match page.page {
            Page::Desk(view) => view,
            _ => unreachable!(),
        }
    }

    /// The alert of this kind, as soon as it is there.
    pub async fn alert(&mut self, kind: AlertRowKind) -> AlertRow {
        let is = |row: &&AlertRow| row.kind == kind;
        let view = self
            .view(&format!("{kind:?}"), |v| {
                v.alerts.iter().any(|row| is(&row))
            })
            .await;
        view.alerts.iter().find(is).unwrap().clone()
    }

    pub async fn nothing_wanted(&mut self) -> DeskView {
        self.view("nothing wanted", |v| v.alerts.is_empty()).await
    }

    /// What the board says of the patrol's bodycam.
    async fn camera(&mut self, state: CameraState) {
        let name = "Намунаев Н. Н.";
        self.view(&format!("{state:?}"), |v| {
            v.on_duty
                .iter()
                .any(|row| row.who.ends_with(name) && row.duty.state == state)
        })
        .await;
    }

    fn decide(&self, alert: &AlertRow, granted: bool) {
        let pause = alert.id.parse().unwrap();
        self.0.send(Command::DecidePause { pause, granted });
    }
}

/// The desk's word stands on the patrol's screen.
async fn told(scene: &mut Scene, word: DeskWord) {
    scene
        .page(&format!("{word:?}"), |p| p.chrome.word == Some(word))
        .await;
    bodycam(scene, BodycamCommand::Understood);
}

async fn asks(scene: &mut Scene) {
    bodycam(
        scene,
        BodycamCommand::AskPause {
            why: "meal".into(),
            minutes: 30,
        },
    );
    camera(scene, CameraState::PauseAsked).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_a_pause_is_asked_for_permitted_with_one_tap_and_only_then_begun() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    desk.camera(CameraState::Recording).await;
    asks(&mut scene).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    let alert = desk.alert(AlertRowKind::PauseAsked).await;
    assert_eq!(alert.who, "Сержант Намунаев Н. Н.");
    assert_eq!((alert.what.as_str(), alert.minutes), ("Овқатланиш", 30));
    camera(&mut scene, CameraState::PauseAsked).await;
    desk.decide(&alert, true);
    told(&mut scene, DeskWord::PausePermitted).await;
    camera(&mut scene, CameraState::PausePermitted).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    camera(&mut scene, CameraState::Paused).await;
    desk.camera(CameraState::Paused).await;
    bodycam(&scene, BodycamCommand::Resume);
    camera(&mut scene, CameraState::Recording).await;
    desk.camera(CameraState::Recording).await;
    desk.nothing_wanted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_what_the_desk_refuses_does_not_begin() {
    let mut scene = recording().await;
    // The immediate superior decides as the duty unit does.
    let mut desk = Desk::new(&scene, DESK, Role::Commander).await;
    asks(&mut scene).await;
    let alert = desk.alert(AlertRowKind::PauseAsked).await;
    desk.decide(&alert, false);
    told(&mut scene, DeskWord::PauseRefused).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    camera(&mut scene, CameraState::Recording).await;
    desk.nothing_wanted().await;
    // It may be asked for anew.
    asks(&mut scene).await;
    let again = desk.alert(AlertRowKind::PauseAsked).await;
    assert_ne!(again.id, alert.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_with_no_connection_by_voice_with_a_name_and_confirmed_afterwards() {
    for confirmed in [true, false] {
        let mut scene = recording().await;
        let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
        scene.world.cable.pull();
        asks(&mut scene).await;
        bodycam(
            &scene,
            BodycamCommand::PermittedByVoice {
                by: PermittedBy::DutyUnit,
                name: "Навбатчиев Н. Н.".into(),
            },
        );
        camera(&mut scene, CameraState::PausePermitted).await;
        bodycam(&scene, BodycamCommand::BeginPause);
        camera(&mut scene, CameraState::Paused).await;
        scene.world.cable.plug_in();
        let alert = desk.alert(AlertRowKind::VoiceToConfirm).await;
        assert_eq!(alert.named, "Навбатчиев Н. Н.");
        desk.decide(&alert, confirmed);
        let word = if confirmed {
            DeskWord::VoiceConfirmed
        } else {
            DeskWord::VoiceNotConfirmed
        };
        told(&mut scene, word).await;
        // What a voice has permitted is not undone: the record says what happened.
        camera(&mut scene, CameraState::Paused).await;
        desk.nothing_wanted().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_of_two_desks_that_decide_at_once_one_counts() {
    let mut scene = recording().await;
    let mut first = Desk::new(&scene, DESK, Role::Duty).await;
    let mut second = Desk::new(&scene, "komandir", Role::Commander).await;
    asks(&mut scene).await;
    let alert = first.alert(AlertRowKind::PauseAsked).await;
    second.alert(AlertRowKind::PauseAsked).await;
    first.decide(&alert, true);
    second.decide(&alert, false);
    first.nothing_wanted().await;
    second.nothing_wanted().await;
    let word = |p: &PageView| {
        matches!(
            p.chrome.word,
            Some(DeskWord::PausePermitted | DeskWord::PauseRefused)
        )
    };
    let page = scene.page("one word", word).await;
    let said = page.chrome.word;
    bodycam(&scene, BodycamCommand::Understood);
    scene.page("it was read", |p| p.chrome.word.is_none()).await;
    // The other word does not come after it.
    let state = match said {
        Some(DeskWord::PausePermitted) => CameraState::PausePermitted,
        _ => CameraState::Recording,
    };
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    bodycam(&scene, BodycamCommand::Open);
    camera(&mut scene, state).await;
    assert_eq!(scene.tablet.page.as_ref().unwrap().chrome.word, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_21_a_fault_is_first_at_the_desk_given_to_an_administrator_and_closed() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    asks(&mut scene).await;
    desk.alert(AlertRowKind::PauseAsked).await;
    bodycam(
        &scene,
        BodycamCommand::Fault {
            what: "flat_battery".into(),
            note: String::new(),
        },
    );
    let alert = desk.alert(AlertRowKind::Fault).await;
    assert_eq!(alert.camera, SERIAL.to_uppercase());
    let board = desk.view("both", |v| v.alerts.len() == 2).await;
    assert_eq!(board.alerts[0].kind, AlertRowKind::Fault, "the most urgent");
    desk.camera(CameraState::Faulty).await;
    let fault = alert.id.parse().unwrap();
    desk.0.send(Command::OpenFault(fault));
    desk.page(
        "the fault",
        |p| matches!(&p.page, Page::DeskFault(view) if view.alert.is_some()),
    )
    .await;
    // Nobody is named: it is said, and nothing is recorded.
    desk.0.send(Command::AssignFault {
        administrator: "  ".into(),
    });
    desk.page(
        "a name is missing",
        |p| matches!(&p.page, Page::DeskFault(view) if view.text_problem),
    )
    .await;
    desk.0.send(Command::AssignFault {
        administrator: ADMINISTRATOR.into(),
    });
    told(&mut scene, DeskWord::FaultAssigned).await;
    let with_name = |p: &PageView| {
        matches!(&p.page, Page::Bodycam(view)
        if view.fault.as_ref().is_some_and(|fault| fault.administrator == ADMINISTRATOR))
    };
    scene.page("the administrator", with_name).await;
    let assigned = desk.alert(AlertRowKind::FaultAssigned).await;
    assert_eq!(assigned.named, ADMINISTRATOR);
    desk.0.send(Command::OpenFault(fault));
    desk.page("the fault", |p| matches!(p.page, Page::DeskFault(_)))
        .await;
    desk.0.send(Command::CloseFault {
        how: "аккумулятор алмаштирилди".into(),
    });
    told(&mut scene, DeskWord::FaultClosed).await;
    desk.view("closed", |v| v.alerts.len() == 1).await;
    bodycam(&scene, BodycamCommand::Mended);
    desk.camera(CameraState::Recording).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_32_a_recording_of_a_phone_is_handed_over_and_its_deletion_confirmed() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Responsible).await;
    bodycam(
        &scene,
        BodycamCommand::Fault {
            what: "flat_battery".into(),
            note: String::new(),
        },
    );
    camera(&mut scene, CameraState::Faulty).await;
    bodycam(
        &scene,
        BodycamCommand::OtherMeans {
            device: "phone".into(),
            owner: DeviceOwner::Own,
            minutes: Some(15),
            note: "бозор олдида".into(),
        },
    );
    let alert = desk.alert(AlertRowKind::OtherMeans).await;
    assert_eq!(alert.what, "Уяли алоқа воситаси");
    assert_eq!((alert.owner, alert.private), (Some(DeviceOwner::Own), true));
    let means = alert.id.parse().unwrap();
    let command = |command| Command::DeskMeans(command);
    desk.0.send(command(DeskMeansCommand::Open(means)));
    desk.page("it is open", |p| matches!(p.page, Page::DeskMeans(_)))
        .await;
    for (carrier, digest) in [("  ", ""), ("USB 17", "9f86d081")] {
        desk.0.send(command(DeskMeansCommand::HandedOver {
            carrier: carrier.into(),
            digest: digest.into(),
        }));
        desk.page(
            "what is missing",
            |p| matches!(&p.page, Page::DeskMeans(m) if m.text_problem == digest.is_empty() && m.digest_problem != digest.is_empty()),
        )
        .await;
    }
    desk.0.send(command(DeskMeansCommand::HandedOver {
        carrier: "USB 17, 2-хона".into(),
        digest: "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08".into(),
    }));
    told(&mut scene, DeskWord::MeansHandedOver).await;
    let kept = desk.alert(AlertRowKind::OtherMeansKept).await;
    assert_eq!(kept.id, alert.id);
    desk.0.send(command(DeskMeansCommand::Open(means)));
    desk.page("it is open", |p| matches!(p.page, Page::DeskMeans(_)))
        .await;
    desk.0.send(command(DeskMeansCommand::Deleted {
        confirmed_by: "Навбатчиев Н. Н.".into(),
    }));
    told(&mut scene, DeskWord::MeansDeleted).await;
    desk.nothing_wanted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_19_a_gap_without_permission_or_fault_is_shown_to_the_leader() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Commander).await;
    bodycam(&scene, BodycamCommand::SwitchOff);
    camera(&mut scene, CameraState::Off).await;
    desk.camera(CameraState::Off).await;
    bodycam(&scene, BodycamCommand::SwitchOn);
    camera(&mut scene, CameraState::Recording).await;
    let gap = desk.alert(AlertRowKind::Gap).await;
    assert!(
        !gap.until.is_empty() && gap.id.is_empty(),
        "a look, no decision"
    );
    desk.view("a remark", |v| v.on_duty.iter().any(|row| row.flags == 1))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_4_a_desk_decides_without_a_connection_and_it_counts_when_there_is_one() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    asks(&mut scene).await;
    let alert = desk.alert(AlertRowKind::PauseAsked).await;
    scene.world.cable.pull();
    desk.view("stale", |v| v.stale).await;
    desk.decide(&alert, true);
    desk.view("on its way", |v| v.alerts.iter().any(|row| row.decided))
        .await;
    camera(&mut scene, CameraState::PauseAsked).await;
    scene.world.cable.plug_in();
    told(&mut scene, DeskWord::PausePermitted).await;
    desk.nothing_wanted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_4_the_role_decides_who_has_a_desk() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    // Home is the desk.
    let nobodys = FaultId(uuid::Uuid::new_v4());
    desk.0.send(Command::OpenFault(nobodys));
    desk.page("a fault's page", |p| matches!(p.page, Page::DeskFault(_)))
        .await;
    desk.0.send(Command::GoHome);
    desk.view("the desk", |_| true).await;
    // A patrol's taps decide nothing.
    asks(&mut scene).await;
    let alert = desk.alert(AlertRowKind::PauseAsked).await;
    scene.tablet.send(Command::DecidePause {
        pause: alert.id.parse().unwrap(),
        granted: true,
    });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    camera(&mut scene, CameraState::PauseAsked).await;
    // The shift ends as any other, and nothing of the board stays.
    desk.0.send(Command::EndShift);
    let page = desk
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    assert_eq!(page.chrome.rank, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_21_the_desk_is_called_by_sound_once_to_each_thing_that_comes() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    assert_eq!(desk.heard(), [], "who has just come looks at the board");
    asks(&mut scene).await;
    let alert = desk.alert(AlertRowKind::PauseAsked).await;
    assert_eq!(desk.heard(), [Signal::Notice]);
    desk.decide(&alert, true);
    told(&mut scene, DeskWord::PausePermitted).await;
    desk.nothing_wanted().await;
    assert_eq!(
        desk.heard(),
        [Signal::Notice],
        "its own decision is no call"
    );
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    // Of somebody wanted the desk is told at once, and again and again until somebody looks.
    scene.to_finger().await;
    scene.capture(WANTED).await;
    desk.alert(AlertRowKind::WantedFound).await;
    assert_eq!(desk.heard(), [Signal::Notice, Signal::Alarm]);
    desk.until_heard(&[Signal::Notice, Signal::Alarm, Signal::Alarm])
        .await;
    desk.send(Command::Touched);
    // A touch is no look at the board: the alert stays, the sound does not.
    let board = desk.view("still there", |v| !v.alerts.is_empty()).await;
    assert_eq!(board.alerts.len(), 1);
    tokio::time::sleep(AGAIN + Duration::from_secs(3)).await;
    assert_eq!(desk.heard().len(), 3);
}
