//! Chapter 3 and §23, §32: the bodycam, as the officer's tablet keeps it.

use demo::tablet_kit;
use demo::world::{LOGIN, PASSWORD};
use e_patrul_tests::Scene;
use protocol::{FactKind, Urgency};
use regulation::bodycam::{DeviceOwner, Duty, Event, Flag, PermittedBy, Refusal, Warning, record};
use regulation::encounter::Outcome;
use regulation::{Edition, Timestamp};
use tablet::device::Clock as _;
use tablet::pages::{BodycamView, CameraState, Page, PageView, ReceiveForm, ReceiveProblem};
use tablet::worker::{BodycamCommand, Command, CustodyCommand};

pub const SERIAL: &str = "ax2-0091734";

fn form() -> ReceiveForm {
    ReceiveForm {
        serial: SERIAL.into(),
        battery: "92".into(),
        emptied: true,
        worn: true,
        ..ReceiveForm::default()
    }
}

pub fn bodycam(scene: &Scene, command: BodycamCommand) {
    scene.tablet.send(Command::Bodycam(command));
}

async fn at_receive() -> Scene {
    let mut scene = Scene::new().await;
    scene.try_log_in(LOGIN, PASSWORD);
    scene
        .page("the tablet", |p| matches!(p.page, Page::TakeOver(_)))
        .await;
    scene.tablet.send(Command::Custody(CustodyCommand::Later));
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    scene
}

pub async fn camera(scene: &mut Scene, state: CameraState) -> BodycamView {
    let page = scene
        .page(
            &format!("{state:?}"),
            |p| matches!(&p.page, Page::Bodycam(b) if b.duty.state == state),
        )
        .await;
    match page.page {
        Page::Bodycam(view) => view,
        _ => unreachable!(),
    }
}

async fn refused(scene: &mut Scene, refusal: Refusal) {
    let paragraph = refusal.paragraph().0;
    let shown = |p: &PageView| matches!(&p.page, Page::Bodycam(b) if b.refusal == Some((refusal, paragraph)));
    scene.page("the refusal", shown).await;
}

/// On the bodycam's page, and it records.
pub async fn recording() -> Scene {
    let mut scene = at_receive().await;
    bodycam(&scene, BodycamCommand::Receive(form()));
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    bodycam(&scene, BodycamCommand::Open);
    camera(&mut scene, CameraState::Recording).await;
    scene
}

fn ask_pause(scene: &Scene) {
    bodycam(
        scene,
        BodycamCommand::AskPause {
            why: "rest".into(),
            minutes: 15,
        },
    );
}

async fn by_voice(scene: &mut Scene) {
    ask_pause(scene);
    camera(scene, CameraState::PauseAsked).await;
    bodycam(
        scene,
        BodycamCommand::PermittedByVoice {
            by: PermittedBy::DutyUnit,
            name: "Навбатчиев Синов".into(),
        },
    );
    camera(scene, CameraState::PausePermitted).await;
}

fn faulty(scene: &Scene) {
    bodycam(
        scene,
        BodycamCommand::Fault {
            what: "flat_battery".into(),
            note: String::new(),
        },
    );
}

/// What the tablet has on record of the bodycam; everything is at central when this returns.
async fn on_record(mut scene: Scene) -> (Scene, Vec<Event>, Duty) {
    scene
        .page("everything sent", |p| {
            p.chrome.queue.waiting == 0 && p.chrome.queue.stuck_total() == 0
        })
        .await;
    let (scene, recorded) = scene
        .while_off(async |_, data| {
            let (scanner, _panel) = demo::emulator::EmulatedScanner::new();
            let vault = tablet_kit::parts(data, scanner).unwrap().vault;
            let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
            let journal = vault.journal(&session).unwrap();
            let bodycam = journal.into_iter().filter_map(|e| match e.fact.kind {
                FactKind::Bodycam { recorded } => Some(recorded),
                _ => None,
            });
            bodycam.collect::<Vec<_>>()
        })
        .await;
    let edition = Edition::shipped().unwrap();
    // As central runs it.
    let duty = recorded
        .iter()
        .fold(Duty::default(), |duty, r| record(&edition, &duty, r));
    let events = recorded.into_iter().map(|r| r.event).collect();
    (scene, events, duty)
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_17_worn_as_required_with_the_three_labels_exactly_is_confirmed() {
    let mut scene = at_receive().await;
    let page = scene.tablet.page.clone().unwrap();
    let Page::Receive(view) = page.page else {
        panic!()
    };
    assert_eq!(
        view.labels,
        [
            "Диққат! Аудио ва видео ёзиб олинмоқда",
            "Внимание! Ведется аудио и видеозапись",
            "Attention! Audio and video recording in progress"
        ]
    );
    assert!(view.worn.contains("елка қисмига яқин"), "{}", view.worn);
    // Not confirmed, it is told; recorded all the same, it is flagged.
    let unworn = ReceiveForm {
        worn: false,
        ..form()
    };
    bodycam(&scene, BodycamCommand::Receive(unworn.clone()));
    scene
        .page(
            "told",
            |p| matches!(&p.page, Page::Receive(r) if r.warnings.is_some_and(|w| w.not_worn)),
        )
        .await;
    bodycam(&scene, BodycamCommand::Receive(unworn));
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let (_scene, _, duty) = on_record(scene).await;
    assert_eq!(duty.flags, [Flag::NotWornAsRequired]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_18_on_from_the_start_of_duty_to_its_end() {
    let mut scene = recording().await;
    bodycam(&scene, BodycamCommand::SwitchOn);
    refused(&mut scene, Refusal::AlreadyOn).await;
    scene.tablet.send(Command::EndShift);
    scene
        .page(
            "the bodycam first",
            |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
        )
        .await;
    bodycam(
        &scene,
        BodycamCommand::HandBack {
            battery: String::new(),
        },
    );
    refused(&mut scene, Refusal::StillOn).await;
    bodycam(&scene, BodycamCommand::SwitchOff);
    camera(&mut scene, CameraState::Off).await;
    bodycam(
        &scene,
        BodycamCommand::HandBack {
            battery: "40".into(),
        },
    );
    camera(&mut scene, CameraState::NotAssigned).await;
    let (_scene, events, duty) = on_record(scene).await;
    assert!(matches!(
        events.as_slice(),
        [
            Event::Received { .. },
            Event::SwitchedOn,
            Event::SwitchedOff,
            Event::Returned {
                battery_percent: Some(40)
            }
        ]
    ));
    assert_eq!(duty.flags, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_19_off_in_mid_duty_is_a_gap_for_the_leader() {
    let mut scene = recording().await;
    bodycam(&scene, BodycamCommand::SwitchOff);
    camera(&mut scene, CameraState::Off).await;
    bodycam(&scene, BodycamCommand::SwitchOn);
    camera(&mut scene, CameraState::Recording).await;
    let (_scene, _, duty) = on_record(scene).await;
    assert!(
        matches!(duty.flags.as_slice(), [Flag::Gap { from, to }] if from <= to),
        "{:?}",
        duty.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_19_a_stop_that_is_not_recorded_is_told_so_and_goes_on() {
    let mut scene = recording().await;
    let warning = async |scene: &mut Scene| {
        scene.tablet.send(Command::GoHome);
        scene
            .page("home", |p| matches!(p.page, Page::Home(_)))
            .await;
        scene.tablet.send(Command::NewEncounter);
        let page = scene
            .page("introduce", |p| matches!(p.page, Page::Introduce(_)))
            .await;
        let Page::Introduce(page) = page.page else {
            unreachable!()
        };
        scene.tablet.send(Command::GoHome);
        scene
            .page("home", |p| matches!(p.page, Page::Home(_)))
            .await;
        bodycam(scene, BodycamCommand::Open);
        scene
            .page("the bodycam", |p| matches!(p.page, Page::Bodycam(_)))
            .await;
        page.warning
    };
    assert_eq!(warning(&mut scene).await, None);
    by_voice(&mut scene).await;
    assert_eq!(warning(&mut scene).await, None, "it still records");
    bodycam(&scene, BodycamCommand::BeginPause);
    camera(&mut scene, CameraState::Paused).await;
    assert_eq!(warning(&mut scene).await, Some(Warning::Paused));
    faulty(&scene);
    camera(&mut scene, CameraState::Faulty).await;
    assert_eq!(warning(&mut scene).await, Some(Warning::Faulty));
    bodycam(&scene, BodycamCommand::SwitchOff);
    camera(&mut scene, CameraState::Off).await;
    assert_eq!(warning(&mut scene).await, Some(Warning::NotOn));
    bodycam(
        &scene,
        BodycamCommand::HandBack {
            battery: String::new(),
        },
    );
    camera(&mut scene, CameraState::NotAssigned).await;
    assert_eq!(warning(&mut scene).await, Some(Warning::NotAssigned));
    // And it holds nobody up.
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.to_method().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_no_pause_without_a_named_permission_and_for_rest_and_meals_alone() {
    let mut scene = recording().await;
    bodycam(&scene, BodycamCommand::BeginPause);
    refused(&mut scene, Refusal::PauseUnknown).await;
    for (why, minutes, refusal) in [
        ("errand", 15, Refusal::PauseReasonUnknown),
        ("rest", 0, Refusal::PauseLength),
        ("rest", 61, Refusal::PauseLength),
    ] {
        bodycam(
            &scene,
            BodycamCommand::AskPause {
                why: why.into(),
                minutes,
            },
        );
        refused(&mut scene, refusal).await;
    }
    ask_pause(&scene);
    camera(&mut scene, CameraState::PauseAsked).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    refused(&mut scene, Refusal::PauseNotPermitted).await;
    bodycam(
        &scene,
        BodycamCommand::PermittedByVoice {
            by: PermittedBy::Commander,
            name: "  ".into(),
        },
    );
    refused(&mut scene, Refusal::NameMissing).await;
    bodycam(&scene, BodycamCommand::WithdrawPause);
    camera(&mut scene, CameraState::Recording).await;
    let (_scene, events, _) = on_record(scene).await;
    let paused = |e: &&Event| matches!(e, Event::PauseBegan { .. });
    assert_eq!(events.iter().filter(paused).count(), 0);
    assert_eq!(events.len(), 4, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_20_with_no_connection_permission_by_voice_is_recorded_with_the_name() {
    let mut scene = recording().await;
    scene.world.cable.pull();
    by_voice(&mut scene).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    let view = camera(&mut scene, CameraState::Paused).await;
    assert_eq!(view.pause.unwrap().by_voice, Some(None));
    assert!(!view.duty.due.is_empty());
    bodycam(&scene, BodycamCommand::Resume);
    camera(&mut scene, CameraState::Recording).await;
    scene.world.cable.plug_in();
    let (_scene, events, duty) = on_record(scene).await;
    let named = events.iter().any(|e| {
        matches!(e, Event::PausePermittedByVoice { by: PermittedBy::DutyUnit, name, .. }
            if name == "Навбатчиев Синов")
    });
    assert!(named, "{events:?}");
    let pause = &duty.pauses[0];
    assert!(pause.began_at.unwrap() <= pause.ended_at.unwrap());
    assert_eq!(duty.flags, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_21_a_fault_is_urgent_and_ends_a_pause() {
    let mut scene = recording().await;
    by_voice(&mut scene).await;
    bodycam(&scene, BodycamCommand::BeginPause);
    camera(&mut scene, CameraState::Paused).await;
    scene.world.cable.pull();
    // Unsent events of a stop are there before it.
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.to_method().await;
    scene.finish(Outcome::Released).await;
    bodycam(&scene, BodycamCommand::Open);
    camera(&mut scene, CameraState::Paused).await;
    bodycam(
        &scene,
        BodycamCommand::Fault {
            what: "hungry".into(),
            note: String::new(),
        },
    );
    refused(&mut scene, Refusal::FaultKindUnknown).await;
    faulty(&scene);
    let view = camera(&mut scene, CameraState::Faulty).await;
    assert_eq!(view.fault.unwrap().administrator, "");
    // It waits, and what was recorded of the stop lets it go first.
    let (mut scene, batch) = scene
        .while_off(async |_, data| {
            let (scanner, _panel) = demo::emulator::EmulatedScanner::new();
            let vault = tablet_kit::parts(data, scanner).unwrap().vault;
            vault.next_batch().unwrap().unwrap()
        })
        .await;
    let last = batch.envelopes.last().unwrap();
    assert_eq!(last.urgency, Urgency::Alert);
    assert!(batch.envelopes.iter().all(|e| e.encounter.is_none()));
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.log_in().await;
    bodycam(&scene, BodycamCommand::Open);
    camera(&mut scene, CameraState::Faulty).await;
    bodycam(&scene, BodycamCommand::Mended);
    camera(&mut scene, CameraState::Recording).await;
    scene.world.cable.plug_in();
    let (_scene, _, duty) = on_record(scene).await;
    assert!(duty.pauses[0].ended_at.is_some());
    assert!(duty.faults[0].mended_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_23_receipt_and_return_are_registered_with_serial_number_and_battery() {
    let mut scene = at_receive().await;
    for (serial, battery, problem) in [
        ("AX", "92", ReceiveProblem::Serial),
        ("бодикамера", "92", ReceiveProblem::Serial),
        (SERIAL, "", ReceiveProblem::Battery),
        (SERIAL, "192", ReceiveProblem::Battery),
    ] {
        let form = ReceiveForm {
            serial: serial.into(),
            battery: battery.into(),
            ..form()
        };
        bodycam(&scene, BodycamCommand::Receive(form));
        scene
            .page(
                "what to do",
                |p| matches!(&p.page, Page::Receive(r) if r.problem == Some(problem)),
            )
            .await;
    }
    bodycam(&scene, BodycamCommand::Receive(form()));
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    // A faulty one is handed back, and another one received.
    bodycam(&scene, BodycamCommand::Open);
    camera(&mut scene, CameraState::Recording).await;
    faulty(&scene);
    camera(&mut scene, CameraState::Faulty).await;
    bodycam(
        &scene,
        BodycamCommand::HandBack {
            battery: "0".into(),
        },
    );
    camera(&mut scene, CameraState::NotAssigned).await;
    bodycam(&scene, BodycamCommand::OpenReceive);
    scene
        .page("receive", |p| matches!(p.page, Page::Receive(_)))
        .await;
    let another = ReceiveForm {
        serial: "BX7-1100".into(),
        ..form()
    };
    bodycam(&scene, BodycamCommand::Receive(another));
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let (_scene, events, duty) = on_record(scene).await;
    assert!(matches!(
        &events[0],
        Event::Received { camera, battery_percent: 92, battery: None, emptied: true, worn: true }
            if camera.to_string() == "AX2-0091734"
    ));
    assert_eq!(duty.camera.unwrap().to_string(), "BX7-1100");
    assert_eq!(duty.flags, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_32_recorded_by_other_means_with_device_owner_and_times() {
    let mut scene = recording().await;
    let means = |device: &str, minutes| BodycamCommand::OtherMeans {
        device: device.into(),
        owner: DeviceOwner::Colleague,
        minutes,
        note: "бозор олдида".into(),
    };
    bodycam(&scene, means("drum", Some(15)));
    refused(&mut scene, Refusal::DeviceUnknown).await;
    bodycam(&scene, means("phone", None));
    refused(&mut scene, Refusal::FaultUnknown).await;
    faulty(&scene);
    camera(&mut scene, CameraState::Faulty).await;
    bodycam(&scene, means("phone", None));
    scene
        .page(
            "on record",
            |p| matches!(&p.page, Page::Bodycam(b) if b.other_means == 1),
        )
        .await;
    let now = tablet::device::SystemClock::new().now();
    let (_scene, _, duty) = on_record(scene).await;
    let means = &duty.other_means[0];
    assert_eq!(
        (means.device.as_str(), means.owner, means.from),
        ("phone", DeviceOwner::Colleague, duty.faults[0].at)
    );
    let to: Timestamp = means.to;
    assert!(means.from <= to && to <= now);
    assert_eq!(means.note.as_deref(), Some("бозор олдида"));
    assert_eq!(duty.flags, []);
}
