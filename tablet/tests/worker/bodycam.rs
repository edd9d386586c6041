//! §17 to §23, §32: the bodycam's shift over lock, restart and a full disk; the desk's word.

use crate::kit::{PIN, Tablet, Turned};
use crate::server;
use protocol::{Envelope, FactKind, HeldCamera, Message, MessageBody, Role, Urgency};
use regulation::bodycam::{Event, PermittedBy, Refusal};
use regulation::{FaultId, PauseId, Timestamp};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tablet::pages::{
    BodycamView, CameraState, DeskWord, Notice, Page, PageView, ReceiveForm, ReceiveProblem,
    ReceiveWarnings, Screen,
};
use tablet::worker::{BodycamCommand, Command, LockPolicy};

const SERIAL: &str = "ax2 0091734";

fn form(battery: &str) -> ReceiveForm {
    ReceiveForm {
        serial: SERIAL.into(),
        battery: battery.into(),
        emptied: true,
        worn: true,
        ..ReceiveForm::default()
    }
}

fn policy() -> LockPolicy {
    LockPolicy {
        pin: false,
        ..LockPolicy::default()
    }
}

impl Tablet {
    /// At the first page of a shift.
    fn at_receive(policy: LockPolicy) -> Self {
        let mut tablet = Self::new(policy);
        tablet.log_in();
        if policy.pin {
            tablet.choose_pin();
        }
        tablet.reach_receive();
        tablet
    }

    /// On the bodycam's page, and it records.
    fn recording(policy: LockPolicy) -> Self {
        let mut tablet = Self::at_receive(policy);
        tablet.bodycam(BodycamCommand::Receive(form("85")));
        tablet.screen(Screen::Home);
        tablet.bodycam(BodycamCommand::Open);
        tablet.camera(CameraState::Recording);
        tablet
    }

    fn bodycam(&self, command: BodycamCommand) {
        self.send(Command::Bodycam(command));
    }

    fn camera(&mut self, state: CameraState) -> BodycamView {
        let page = self.wait(
            &format!("{state:?}"),
            |p| matches!(&p.page, Page::Bodycam(b) if b.duty.state == state),
        );
        view(page)
    }

    fn ask_pause(&mut self) -> PauseId {
        self.bodycam(BodycamCommand::AskPause {
            why: "meal".into(),
            minutes: 30,
        });
        self.camera(CameraState::PauseAsked);
        let asked = |event: &Event| match event {
            Event::PauseAsked { pause, .. } => Some(*pause),
            _ => None,
        };
        self.events().iter().rev().find_map(asked).unwrap()
    }

    fn events(&self) -> Vec<Event> {
        let journal = self.vault.journal(&self.shift).unwrap();
        let bodycam = journal
            .into_iter()
            .filter_map(|entry| match entry.fact.kind {
                FactKind::Bodycam { recorded } => Some(recorded.event),
                _ => None,
            });
        bodycam.collect()
    }

    /// A message of central, as the link keeps it.
    fn kept(&self, cursor: u64, body: MessageBody) {
        let message = Message {
            cursor,
            session: self.shift.id,
            body,
        };
        assert!(self.vault.keep_message(&self.shift, &message).unwrap());
    }

    fn across_the_lock(&mut self) {
        self.lock();
        self.unlock(PIN);
        self.wait("open", |p| p.stamp.session.is_some());
    }
}

fn view(page: PageView) -> BodycamView {
    match page.page {
        Page::Bodycam(view) => view,
        other => panic!("{other:?}"),
    }
}

fn decisions(events: &[Event]) -> usize {
    let decided = |e: &&Event| matches!(e, Event::PauseDecided { .. });
    events.iter().filter(decided).count()
}

#[test]
fn a_shift_begins_with_the_bodycam_and_what_is_not_as_it_is_to_be_is_told_first() {
    let mut tablet = Tablet::at_receive(policy());
    let problem = |tablet: &mut Tablet, form: ReceiveForm, expected: ReceiveProblem| {
        tablet.bodycam(BodycamCommand::Receive(form));
        tablet.wait(
            "the problem",
            |p| matches!(&p.page, Page::Receive(r) if r.problem == Some(expected)),
        );
    };
    let serial = ReceiveForm {
        serial: "АХ2".into(),
        ..form("85")
    };
    problem(&mut tablet, serial, ReceiveProblem::Serial);
    problem(&mut tablet, form("101"), ReceiveProblem::Battery);
    problem(&mut tablet, form("много"), ReceiveProblem::Battery);
    let poor = ReceiveForm {
        worn: false,
        ..form("59 %")
    };
    tablet.bodycam(BodycamCommand::Receive(poor.clone()));
    let warned = ReceiveWarnings {
        low_battery: true,
        not_emptied: false,
        not_worn: true,
    };
    tablet.wait(
        "the warning",
        |p| matches!(&p.page, Page::Receive(r) if r.warnings == Some(warned) && r.problem.is_none()),
    );
    // Another form is looked at anew.
    let poorer = ReceiveForm {
        emptied: false,
        ..poor
    };
    tablet.bodycam(BodycamCommand::Receive(poorer.clone()));
    tablet.wait(
        "the other warning",
        |p| matches!(&p.page, Page::Receive(r) if r.warnings.is_some_and(|w| w.not_emptied)),
    );
    assert_eq!(tablet.events(), []);
    tablet.bodycam(BodycamCommand::Receive(poorer));
    let home = tablet.screen(Screen::Home);
    let Page::Home(home) = home.page else {
        panic!()
    };
    assert_eq!(home.bodycam.unwrap().state, CameraState::Recording);
    assert_eq!(
        tablet.events(),
        [
            Event::Received {
                camera: SERIAL.parse().unwrap(),
                battery_percent: 59,
                battery: None,
                emptied: false,
                worn: false,
            },
            Event::SwitchedOn,
        ]
    );
}

#[test]
fn no_bodycam_today_records_nothing_and_home_says_so() {
    let mut tablet = Tablet::at_receive(policy());
    tablet.send(Command::GoHome);
    let Page::Home(home) = tablet.screen(Screen::Home).page else {
        panic!()
    };
    assert_eq!(home.bodycam.unwrap().state, CameraState::NotAssigned);
    assert_eq!(tablet.events(), []);
    tablet.bodycam(BodycamCommand::Open);
    tablet.camera(CameraState::NotAssigned);
    tablet.bodycam(BodycamCommand::SwitchOff);
    let refused = |p: &PageView| matches!(&p.page, Page::Bodycam(b) if b.refusal == Some((Refusal::NotReceived, 23)));
    tablet.wait("the refusal", refused);
    tablet.bodycam(BodycamCommand::OpenReceive);
    tablet.screen(Screen::Receive);
}

/// At the first page of a shift that central says a bodycam is held into.
fn at_held(since: i64, on: bool) -> Tablet {
    let clock = Arc::new(Turned::default());
    let held = HeldCamera {
        camera: SERIAL.parse().unwrap(),
        since: Timestamp(since),
        on,
    };
    let change = |grant: &mut protocol::LoginResponse| grant.kit.held = Some(held);
    let mut tablet = Tablet::of_grant(change, policy(), clock.clone(), clock, |_, _| ());
    tablet.log_in();
    tablet.reach_receive();
    tablet
}

#[test]
fn what_is_held_from_an_earlier_session_is_carried_over_by_one_tap() {
    for (since, on) in [(400_000, true), (400_000, false)] {
        let mut tablet = at_held(since, on);
        let shown = |p: &PageView| {
            matches!(&p.page, Page::Receive(r)
            if r.carried.as_ref().is_some_and(|c| c.serial == "AX20091734" && c.on == on))
        };
        tablet.wait("what is held", shown);
        tablet.bodycam(BodycamCommand::CarryOver);
        if on {
            tablet.screen(Screen::Home);
            tablet.bodycam(BodycamCommand::Open);
            tablet.camera(CameraState::Recording);
        } else {
            // It is to be switched on: that is the next page.
            tablet.camera(CameraState::Off);
        }
        let camera = SERIAL.parse().unwrap();
        let since = Timestamp(since);
        assert_eq!(tablet.events(), [Event::CarriedOver { camera, since, on }]);
    }
}

#[test]
fn what_central_says_for_later_than_now_is_taken_for_now_and_what_is_old_is_not_offered() {
    let mut tablet = at_held(90_000_000, true);
    tablet.bodycam(BodycamCommand::CarryOver);
    tablet.screen(Screen::Home);
    assert!(matches!(
        tablet.events().as_slice(),
        [Event::CarriedOver { since, .. }] if since.0 < 90_000_000
    ));
    let mut tablet = at_held(1_000_000 - 13 * 3_600_000, true);
    let offered = |p: &PageView| matches!(&p.page, Page::Receive(r) if r.carried.is_none());
    tablet.wait("nothing to carry over", offered);
    tablet.bodycam(BodycamCommand::CarryOver);
    let refused = |p: &PageView| matches!(&p.page, Page::Receive(r) if r.refusal == Some((Refusal::NotReceived, 23)));
    tablet.wait("the refusal", refused);
    // Another one is received all the same.
    tablet.bodycam(BodycamCommand::Receive(form("85")));
    tablet.screen(Screen::Home);
    assert_eq!(tablet.events().len(), 2);
}

#[test]
fn a_battery_told_by_a_step_is_recorded_as_the_least_it_says() {
    let mut tablet = Tablet::at_receive(policy());
    let by_step = |step: &str| ReceiveForm {
        step: step.into(),
        ..form("")
    };
    tablet.bodycam(BodycamCommand::Receive(by_step("half")));
    let problem = |p: &PageView| matches!(&p.page, Page::Receive(r) if r.problem == Some(ReceiveProblem::Battery));
    tablet.wait("no such step", problem);
    tablet.bodycam(BodycamCommand::Receive(by_step("low")));
    let told = |p: &PageView| matches!(&p.page, Page::Receive(r) if r.warnings.is_some_and(|w| w.low_battery));
    tablet.wait("the warning", told);
    tablet.bodycam(BodycamCommand::Receive(by_step("full")));
    tablet.screen(Screen::Home);
    assert!(matches!(
        tablet.events().as_slice(),
        [Event::Received { battery_percent: 80, battery: Some(step), .. }, Event::SwitchedOn] if step == "full"
    ));
}

#[test]
fn the_desk_wears_no_bodycam() {
    for role in [Role::Duty, Role::Commander] {
        let clock = Arc::new(Turned::default());
        let mut tablet = Tablet::of_role(role, policy(), clock.clone(), clock, |_, _| ());
        tablet.log_in();
        // The desk is home.
        assert!(matches!(tablet.screen(Screen::Desk).page, Page::Desk(_)));
        tablet.send(Command::NewEncounter);
        let Page::Introduce(page) = tablet.screen(Screen::Introduce).page else {
            panic!()
        };
        assert_eq!(page.warning, None);
        let seen = |p: &PageView| p.stamp.screen == Screen::Receive;
        assert!(!tablet.history.iter().any(seen));
    }
}

#[test]
fn a_shift_that_is_resumed_has_its_bodycam_as_it_was() {
    let mut tablet = Tablet::recording(policy());
    tablet.ask_pause();
    tablet.bodycam(BodycamCommand::PermittedByVoice {
        by: PermittedBy::DutyUnit,
        name: "Навбатчиев".into(),
    });
    tablet.camera(CameraState::PausePermitted);
    tablet.bodycam(BodycamCommand::BeginPause);
    let before = tablet.camera(CameraState::Paused);
    assert_eq!(
        (before.duty.since.as_str(), before.duty.due.as_str()),
        ("05:16", "05:46")
    );
    let recorded = tablet.events();
    let mut tablet = tablet.restarted();
    tablet.log_in();
    let Page::Home(home) = tablet.screen(Screen::Home).page else {
        panic!()
    };
    assert_eq!(home.bodycam, Some(before.duty));
    tablet.bodycam(BodycamCommand::Open);
    let after = tablet.camera(CameraState::Paused);
    assert_eq!(after.pause.unwrap().by_voice, Some(None));
    assert_eq!(after.camera, "AX20091734");
    assert_eq!(tablet.events(), recorded, "nothing is recorded twice");
    // Longer than permitted: said without a tap.
    tablet.clock.wall.fetch_add(31 * 60_000, Ordering::SeqCst);
    tablet.send(Command::Touched);
    tablet.camera(CameraState::PauseOver);
}

#[test]
fn a_shift_in_which_nothing_has_happened_begins_with_the_bodycam_again() {
    let tablet = Tablet::at_receive(policy());
    let mut tablet = tablet.restarted();
    tablet.log_in();
    tablet.reach_receive();
}

#[test]
fn the_desks_word_is_recorded_once_shown_at_once_and_kept_across_the_lock() {
    let mut tablet = Tablet::recording(LockPolicy::default());
    let pause = tablet.ask_pause();
    let granted = true;
    tablet.kept(1, MessageBody::PauseDecided { pause, granted });
    // Of a pause that nobody here has asked for: kept, and nothing else.
    let other = PauseId(uuid::Uuid::from_u128(9));
    tablet.kept(
        2,
        MessageBody::PauseDecided {
            pause: other,
            granted,
        },
    );
    for _ in 0..3 {
        tablet.across_the_lock();
        tablet.camera(CameraState::PausePermitted);
        let word = tablet.page.as_ref().unwrap().chrome.word;
        assert_eq!(word, Some(DeskWord::PausePermitted), "not read yet");
    }
    assert_eq!(decisions(&tablet.events()), 1);
    tablet.bodycam(BodycamCommand::Understood);
    tablet.wait("read", |p| p.chrome.word.is_none());
    tablet.across_the_lock();
    tablet.camera(CameraState::PausePermitted);
    assert_eq!(tablet.page.as_ref().unwrap().chrome.word, None);
    tablet.bodycam(BodycamCommand::BeginPause);
    tablet.camera(CameraState::Paused);
    assert_eq!(decisions(&tablet.events()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desks_word_comes_by_the_inbox_to_whatever_page_is_shown() {
    let central = server::Central::new();
    let running = central.serve(([127, 0, 0, 1], 0).into()).await;
    let mut tablet = Tablet::online(policy(), &running.url(), central.ca_pem()).await;
    tablet.log_in();
    tablet.reach_receive();
    tablet.bodycam(BodycamCommand::Receive(form("85")));
    tablet.screen(Screen::Home);
    tablet.bodycam(BodycamCommand::Open);
    tablet.camera(CameraState::Recording);
    let pause = tablet.ask_pause();
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.reach_ground();
    let granted = true;
    central.say(1, MessageBody::PauseDecided { pause, granted });
    let told = |word| move |p: &PageView| p.chrome.word == Some(word);
    let page = tablet.wait("the word", told(DeskWord::PausePermitted));
    assert_eq!(page.stamp.screen, Screen::Ground, "the page stays");
    assert_eq!(decisions(&tablet.events()), 1);
    let fault = FaultId(uuid::Uuid::from_u128(4));
    let administrator = "Маъмуров Қодир".to_owned();
    let assigned = MessageBody::FaultAssigned {
        fault,
        administrator,
    };
    central.say(2, assigned);
    tablet.wait("who sees to it", told(DeskWord::FaultAssigned));
    central.say(3, MessageBody::FaultClosed { fault });
    tablet.wait("that it is closed", told(DeskWord::FaultClosed));
    // Messages that are read back say nothing again.
    let mut tablet = tablet.restarted();
    tablet.log_in();
    let page = tablet.screen(Screen::Ground);
    assert_eq!(page.chrome.word, None);
    assert_eq!(decisions(&tablet.events()), 1);
    tablet.send(Command::Shutdown);
    running.stop().await;
}

#[test]
fn a_refusal_leaves_it_recording_and_is_said() {
    let mut tablet = Tablet::recording(LockPolicy::default());
    let pause = tablet.ask_pause();
    let granted = false;
    tablet.kept(1, MessageBody::PauseDecided { pause, granted });
    tablet.across_the_lock();
    let view = tablet.camera(CameraState::Recording);
    assert!(view.pause.unwrap().refused);
    let word = tablet.page.as_ref().unwrap().chrome.word;
    assert_eq!(word, Some(DeskWord::PauseRefused));
    tablet.bodycam(BodycamCommand::BeginPause);
    let refused = |p: &PageView| matches!(&p.page, Page::Bodycam(b) if b.refusal == Some((Refusal::PauseUnknown, 20)));
    tablet.wait("no pause", refused);
    // Another one can be asked for.
    tablet.ask_pause();
}

#[test]
fn a_permission_by_voice_that_nobody_confirms_is_told_and_ends_no_pause() {
    let mut tablet = Tablet::recording(LockPolicy::default());
    let pause = tablet.ask_pause();
    tablet.bodycam(BodycamCommand::PermittedByVoice {
        by: PermittedBy::Commander,
        name: "Командиров".into(),
    });
    tablet.camera(CameraState::PausePermitted);
    tablet.bodycam(BodycamCommand::BeginPause);
    tablet.camera(CameraState::Paused);
    let granted = false;
    tablet.kept(1, MessageBody::PauseDecided { pause, granted });
    tablet.across_the_lock();
    let view = tablet.camera(CameraState::Paused);
    assert_eq!(view.pause.unwrap().by_voice, Some(Some(false)));
    let word = tablet.page.as_ref().unwrap().chrome.word;
    assert_eq!(word, Some(DeskWord::VoiceNotConfirmed));
}

#[test]
fn who_sees_to_a_fault_is_on_the_page_and_nowhere_else() {
    let mut tablet = Tablet::recording(LockPolicy::default());
    tablet.bodycam(BodycamCommand::Fault {
        what: "damaged".into(),
        note: " ".into(),
    });
    tablet.camera(CameraState::Faulty);
    let reported = tablet.events();
    let Some(Event::Faulted { fault, note, .. }) = reported.last() else {
        panic!("{reported:?}")
    };
    assert_eq!(*note, None);
    let administrator = "Маъмуров Қодир".to_owned();
    let fault: FaultId = *fault;
    tablet.kept(
        1,
        MessageBody::FaultAssigned {
            fault,
            administrator: administrator.clone(),
        },
    );
    tablet.across_the_lock();
    let view = tablet.camera(CameraState::Faulty);
    assert_eq!(view.fault.unwrap().administrator, administrator);
    tablet.kept(2, MessageBody::FaultClosed { fault });
    tablet.across_the_lock();
    let view = tablet.camera(CameraState::Faulty);
    assert!(view.fault.unwrap().closed);
    assert!(!format!("{:?}", tablet.history).contains(&administrator));
    assert_eq!(
        tablet.events(),
        reported,
        "the desk's doing is no event here"
    );
    tablet.bodycam(BodycamCommand::Mended);
    tablet.camera(CameraState::Recording);
}

#[test]
fn on_a_full_disk_nothing_is_shown_that_is_not_recorded() {
    let mut tablet = Tablet::recording(LockPolicy::default());
    let pause = tablet.ask_pause();
    let granted = true;
    tablet.kept(1, MessageBody::PauseDecided { pause, granted });
    tablet.lock();
    tablet.fill_the_disk();
    tablet.unlock(PIN);
    tablet.camera(CameraState::PauseAsked);
    let page = tablet.page.clone().unwrap();
    assert_eq!(page.chrome.notice, Some(Notice::StorageFull));
    assert_eq!(page.chrome.word, None);
    tablet.bodycam(BodycamCommand::WithdrawPause);
    std::thread::sleep(Duration::from_millis(50));
    tablet.camera(CameraState::PauseAsked);
    assert_eq!(decisions(&tablet.events()), 0);
    // There is room again: it comes with the next look at the queue, or with the lock.
    tablet.vault.limit_pages(None).unwrap();
    tablet.across_the_lock();
    tablet.camera(CameraState::PausePermitted);
    assert_eq!(decisions(&tablet.events()), 1);
}

#[test]
fn what_the_desk_waits_for_is_urgent() {
    let mut tablet = Tablet::recording(policy());
    tablet.ask_pause();
    tablet.bodycam(BodycamCommand::WithdrawPause);
    tablet.camera(CameraState::Recording);
    tablet.bodycam(BodycamCommand::Fault {
        what: "flat_battery".into(),
        note: String::new(),
    });
    tablet.camera(CameraState::Faulty);
    let batch = tablet.vault.next_batch().unwrap().unwrap();
    let urgent = |e: &&Envelope| e.urgency == Urgency::Alert;
    assert_eq!(batch.envelopes.iter().filter(urgent).count(), 3);
    assert_eq!(batch.envelopes.len(), 5, "received and switched on as well");
}

#[test]
fn the_end_of_the_shift_sees_to_the_bodycam_first_and_ends_all_the_same() {
    let mut tablet = Tablet::recording(policy());
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.send(Command::EndShift);
    assert!(view(tablet.screen(Screen::Bodycam)).ending);
    // Back to work: it is asked again the next time.
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.bodycam(BodycamCommand::Open);
    assert!(!view(tablet.screen(Screen::Bodycam)).ending);
    tablet.send(Command::EndShift);
    tablet.wait(
        "ending",
        |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
    );
    tablet.bodycam(BodycamCommand::SwitchOff);
    tablet.camera(CameraState::Off);
    tablet.bodycam(BodycamCommand::HandBack {
        battery: "17".into(),
    });
    assert!(tablet.camera(CameraState::NotAssigned).ending);
    let last = tablet.events().pop();
    let battery_percent = Some(17);
    assert_eq!(last, Some(Event::Returned { battery_percent }));
    tablet.send(Command::EndShift);
    tablet.wait(
        "log-in",
        |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
    );

    let mut tablet = Tablet::recording(policy());
    tablet.send(Command::EndShift);
    tablet.wait(
        "ending",
        |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
    );
    tablet.send(Command::EndShift);
    tablet.wait(
        "log-in",
        |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
    );
}
