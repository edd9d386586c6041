//! §13 to §16, §30, §31: who has the tablet, from whom, and how it was, as the officer's tablet keeps it.

use crate::bodycam::SERIAL;
use crate::desk::{DESK, Desk};
use demo::tablet_kit;
use demo::world::{LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD};
use e_patrul_tests::{LONG, Scene};
use protocol::{FactKind, Role};
use regulation::Edition;
use regulation::bodycam::Serial;
use regulation::custody::{
    CheckKind, ConfirmedBy, Custody, Event, Flag, HandInReason, Level, Party, Refusal, record,
};
use std::time::{Duration, Instant};
use tablet::pages::{
    AlertRowKind, CameraState, ConfirmProblem, HandInForm, Page, PageView, PartyForm, ReceiveForm,
    TabletState, TakeOverForm, TakeOverView, UnitTablet,
};
use tablet::worker::{BodycamCommand, Command, CustodyCommand};
use zeroize::Zeroizing;

const PLACE: &str = "Навбатчилик қисми";

fn custody(scene: &Scene, command: CustodyCommand) {
    scene.tablet.send(Command::Custody(command));
}

fn take_over(scene: &Scene, from: PartyForm, damage: Option<&str>, overridden: &str) {
    let form = TakeOverForm {
        from,
        damage: damage.map(str::to_owned),
        overridden: overridden.into(),
    };
    custody(scene, CustodyCommand::TakeOver(form));
}

fn hand_in(scene: &Scene, to: PartyForm, why: HandInReason, damage: Option<&str>) {
    let damage = damage.map(str::to_owned);
    custody(
        scene,
        CustodyCommand::HandIn(HandInForm { to, why, damage }),
    );
}

fn place() -> PartyForm {
    PartyForm::Place(PLACE.into())
}

/// The page of the taking over, with every check come back.
async fn looked_at(scene: &mut Scene) -> TakeOverView {
    let all = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some());
    match scene.page("every check", all).await.page {
        Page::TakeOver(view) => view,
        _ => unreachable!(),
    }
}

async fn at_take_over() -> Scene {
    let mut scene = Scene::new().await;
    scene.try_log_in(LOGIN, PASSWORD);
    looked_at(&mut scene).await;
    scene
}

/// Taken over, and at home; no bodycam today.
async fn held() -> Scene {
    let mut scene = at_take_over().await;
    take_over(&scene, place(), None, "");
    home(&mut scene).await;
    scene
}

/// From the page that follows the taking over.
async fn home(scene: &mut Scene) {
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
}

async fn at_hand_in(scene: &mut Scene) {
    scene.tablet.send(Command::EndShift);
    scene
        .page("the hand-in", |p| matches!(p.page, Page::HandIn(_)))
        .await;
}

async fn ended(scene: &mut Scene) {
    scene
        .page(
            "log-in",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )
        .await;
}

async fn refused(scene: &mut Scene, refusal: Refusal) {
    let told = (refusal, refusal.paragraph().0);
    scene
        .page(&format!("{refusal:?}"), |p| match &p.page {
            Page::TakeOver(view) => view.refusal == Some(told),
            Page::HandIn(view) => view.refusal == Some(told),
            Page::Tablet(view) => view.refusal == Some(told),
            _ => false,
        })
        .await;
}

/// What was tried on either page of a hand-over.
async fn confirm(scene: &mut Scene, login: &str, password: &str) -> Option<ConfirmProblem> {
    // What was answered before is no answer to this one.
    custody(scene, CustodyCommand::Named { name: "А".into() });
    let party = |p: &PageView| match &p.page {
        Page::TakeOver(view) => Some(view.party.clone()),
        Page::HandIn(view) => Some(view.party.clone()),
        _ => None,
    };
    scene
        .page("nobody yet", |p| party(p).is_some_and(|p| p.person == "А"))
        .await;
    custody(
        scene,
        CustodyCommand::Confirm {
            login: login.into(),
            password: Zeroizing::new(password.into()),
        },
    );
    let answer = |p: &PageView| {
        let party = party(p)?;
        let known = !party.confirm.busy && (party.confirmed || party.confirm.problem.is_some());
        known.then_some(party.confirm.problem)
    };
    let page = scene.page("an answer", |p| answer(p).is_some()).await;
    answer(&page).flatten()
}

/// With the cable pulled; the tablet fetches its roster as soon as it can, and does not say when.
async fn confirmed_by_roster(scene: &mut Scene) {
    let until = Instant::now() + LONG;
    loop {
        scene.world.cable.pull();
        match confirm(scene, OTHER_LOGIN, OTHER_PASSWORD).await {
            None => return,
            Some(ConfirmProblem::NobodyToAsk) => {}
            other => panic!("{other:?}"),
        }
        assert!(Instant::now() < until, "no roster");
        scene.world.cable.plug_in();
        scene.tablet.send(Command::Retry);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// What the tablet has on record of its custody, and what the machine flags, as central runs it.
async fn on_record(scene: Scene) -> (Scene, Vec<Event>, Vec<Flag>) {
    let (scene, recorded) = scene
        .while_off(async |_, data| {
            let (scanner, _panel) = demo::emulator::EmulatedScanner::new();
            let vault = tablet_kit::parts(data, scanner).unwrap().vault;
            let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
            let journal = vault.journal(&session).unwrap();
            let custody = journal.into_iter().filter_map(|e| match e.fact.kind {
                FactKind::Custody { recorded } => Some((e.fact.officer, recorded)),
                _ => None,
            });
            custody.collect::<Vec<_>>()
        })
        .await;
    let edition = Edition::shipped().unwrap();
    let (mut custody, mut flags) = (Custody::default(), Vec::new());
    for (officer, recorded) in &recorded {
        let step = record(&edition, &custody, *officer, recorded);
        custody = step.custody;
        flags.extend(step.flags);
    }
    let events = recorded.into_iter().map(|(_, r)| r.event).collect();
    (scene, events, flags)
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_13_a_tablet_that_is_well_says_so_and_is_taken_over_by_one_tap() {
    let mut scene = at_take_over().await;
    let view = looked_at(&mut scene).await;
    // How much room the disk of the test has is not the tablet's doing.
    let of_disk = |kind| kind == CheckKind::Storage;
    for check in view.readiness.rows {
        assert!(
            of_disk(check.kind) || check.level == Level::Ready,
            "{check:?}"
        );
    }
    take_over(&scene, place(), None, "");
    home(&mut scene).await;
    let (_scene, events, flags) = on_record(scene).await;
    let [Event::TakenOver { readiness, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    let kinds: Vec<_> = readiness.checks.iter().map(|c| c.kind).collect();
    assert_eq!(
        kinds,
        [
            CheckKind::Battery,
            CheckKind::Storage,
            CheckKind::Clock,
            CheckKind::Scanner,
            CheckKind::Camera,
            CheckKind::Connection,
            CheckKind::Certificate,
            CheckKind::Lease,
            CheckKind::Queue,
            CheckKind::Version,
        ]
    );
    assert_eq!(flags, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_13_one_that_does_not_work_is_taken_over_by_name_alone_and_flagged() {
    let mut scene = Scene::new().await;
    scene.tablet.panel.set_plugged(false);
    scene.try_log_in(LOGIN, PASSWORD);
    let view = looked_at(&mut scene).await;
    assert_eq!(view.readiness.rows[0].kind, CheckKind::Scanner);
    assert_eq!(view.readiness.level, Some(Level::NotReady));
    take_over(&scene, place(), None, " ");
    refused(&mut scene, Refusal::NotReady).await;
    take_over(&scene, place(), None, "Навбатчиев Синов");
    home(&mut scene).await;
    let (_scene, events, flags) = on_record(scene).await;
    assert!(
        matches!(events.as_slice(), [Event::TakenOver { overridden: Some(name), .. }] if name == "Навбатчиев Синов"),
        "{events:?}"
    );
    assert_eq!(flags, [Flag::NotReady]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_13_a_clock_that_is_wrong_by_a_day_is_red_and_the_tablet_is_taken_over_by_name_alone()
 {
    let (mut scene, clock) = Scene::new().await.with_moved_clock();
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    clock.pass(24 * 60);
    scene.try_log_in(LOGIN, PASSWORD);
    let view = looked_at(&mut scene).await;
    let mut rows = view.readiness.rows.iter();
    let of_clock = rows.find(|row| row.kind == CheckKind::Clock);
    assert_eq!(of_clock.unwrap().level, Level::NotReady);
    take_over(&scene, place(), None, "");
    refused(&mut scene, Refusal::NotReady).await;
    take_over(&scene, place(), None, "Навбатчиев Синов");
    home(&mut scene).await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let device = admin.devices().unwrap()[0].id;
    let until = Instant::now() + LONG;
    while admin.custody(device).unwrap().is_empty() {
        assert!(Instant::now() < until, "not at central");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let chain = admin.custody(device).unwrap();
    assert_eq!(chain[0].step.flags, [Flag::NotReady]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_15_after_dismissal_the_tablet_goes_to_a_person_who_confirms() {
    let mut scene = held().await;
    custody(&scene, CustodyCommand::Open);
    scene
        .page("the tablet", |p| matches!(p.page, Page::Tablet(_)))
        .await;
    custody(&scene, CustodyCommand::HandInNow);
    scene
        .page(
            "the hand-in",
            |p| matches!(&p.page, Page::HandIn(h) if h.early),
        )
        .await;
    hand_in(&scene, place(), HandInReason::Dismissed, None);
    refused(&mut scene, Refusal::PersonNeeded).await;
    confirmed_by_roster(&mut scene).await;
    hand_in(&scene, PartyForm::Person, HandInReason::Dismissed, None);
    ended(&mut scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_16_both_confirm_on_the_tablet_also_with_no_connection() {
    let mut scene = at_take_over().await;
    confirmed_by_roster(&mut scene).await;
    // Nobody hands a tablet over to themselves.
    assert_eq!(
        confirm(&mut scene, LOGIN, PASSWORD).await,
        Some(ConfirmProblem::Themselves)
    );
    take_over(&scene, PartyForm::Person, None, "");
    refused(&mut scene, Refusal::PartyMissing).await;
    confirmed_by_roster(&mut scene).await;
    take_over(&scene, PartyForm::Person, None, "");
    home(&mut scene).await;
    let (mut scene, events, flags) = on_record(scene).await;
    assert!(
        matches!(
            events.as_slice(),
            [Event::TakenOver {
                from: Party::Confirmed { by: ConfirmedBy::Roster, name, .. },
                ..
            }] if !name.is_empty()
        ),
        "{events:?}"
    );
    assert_eq!(flags, []);
    // Confirming has used up nothing: the other officer begins a shift of their own afterwards.
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.try_log_in(LOGIN, PASSWORD);
    home(&mut scene).await;
    at_hand_in(&mut scene).await;
    hand_in(&scene, place(), HandInReason::EndOfDuty, None);
    ended(&mut scene).await;
    scene.try_log_in(OTHER_LOGIN, OTHER_PASSWORD);
    looked_at(&mut scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_16_who_does_not_confirm_stands_by_name_and_is_flagged() {
    let mut scene = at_take_over().await;
    let wrong = confirm(&mut scene, OTHER_LOGIN, "xato").await;
    assert!(wrong.is_some());
    let name = "Омборчиев Намуна".to_owned();
    custody(&scene, CustodyCommand::Named { name });
    scene
        .page(
            "the name",
            |p| matches!(&p.page, Page::TakeOver(t) if t.party.person == "Омборчиев Намуна"),
        )
        .await;
    take_over(&scene, PartyForm::Person, None, "");
    home(&mut scene).await;
    let (_scene, events, flags) = on_record(scene).await;
    assert!(matches!(
        events.as_slice(),
        [Event::TakenOver {
            from: Party::Named { .. },
            ..
        }]
    ));
    assert_eq!(flags, [Flag::NotConfirmed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_16_handed_in_with_the_shift_what_is_unsent_stays_sealed_and_is_counted() {
    let mut scene = held().await;
    scene.world.cable.pull();
    scene.to_method().await;
    scene.finish(regulation::encounter::Outcome::Released).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    at_hand_in(&mut scene).await;
    let counted = |p: &PageView| matches!(&p.page, Page::HandIn(h) if h.waiting >= 5);
    scene.page("what is unsent", counted).await;
    hand_in(&scene, place(), HandInReason::EndOfDuty, None);
    ended(&mut scene).await;
    assert!(!e_patrul_tests::on_disk(&scene.data, PLACE));
    scene.world.cable.plug_in();
    scene.tablet.send(Command::Retry);
    scene
        .page("sent by itself", |p| p.chrome.queue.waiting == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_30_only_who_has_taken_it_over_hands_it_in() {
    let mut scene = held().await;
    at_hand_in(&mut scene).await;
    // Ended without it; the next officer has not taken it over, and owes no hand-in.
    scene.tablet.send(Command::EndShift);
    ended(&mut scene).await;
    scene.try_log_in(OTHER_LOGIN, OTHER_PASSWORD);
    scene.to_home().await;
    let history = scene.tablet.history.len();
    scene.tablet.send(Command::EndShift);
    ended(&mut scene).await;
    let asked = |p: &PageView| matches!(p.page, Page::HandIn(_));
    assert!(!scene.tablet.history[history..].iter().any(asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_14_a_log_in_brings_what_is_assigned_where_tablets_lie_and_the_days_notices() {
    let mut scene = Scene::new().await;
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let officer = admin.officer_by_login(LOGIN).unwrap();
    scene.world.enrol("another").await.unwrap();
    let devices = admin.devices().unwrap();
    let another = devices.iter().find(|d| d.name == "another").unwrap().id;
    admin.assign_tablet(another, officer).unwrap();
    let serial = SERIAL.parse::<Serial>().unwrap();
    admin.assign_camera(&serial, officer).unwrap();
    let unit = "4-бўлим";
    admin.name_place(unit, PLACE).unwrap();
    let day = "2099-01-01".parse().unwrap();
    admin.give_notice(unit, "Бозорда кўрик", day).unwrap();

    scene.try_log_in(LOGIN, PASSWORD);
    let page = looked_at(&mut scene).await;
    assert!(page.anothers, "another tablet is assigned to this officer");
    assert_eq!(page.notices, ["Бозорда кўрик"]);
    assert_eq!(page.party.places, [PLACE]);
    take_over(&scene, place(), None, "");
    let page = scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    let Page::Receive(receive) = page.page else {
        unreachable!()
    };
    assert_eq!(receive.serial, serial.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_16_taken_over_and_not_handed_in_before_is_told_to_the_desk_until_it_is_settled()
{
    let mut scene = held().await;
    let mut desk = Desk::new(&scene, DESK, Role::Logistics).await;
    desk.view("its tablets", |v| v.tablets.is_some_and(|n| n > 0))
        .await;
    // Ended without handing in; a colleague takes the tablet all the same.
    at_hand_in(&mut scene).await;
    scene.tablet.send(Command::EndShift);
    ended(&mut scene).await;
    scene.try_log_in(OTHER_LOGIN, OTHER_PASSWORD);
    looked_at(&mut scene).await;
    take_over(&scene, place(), None, "");
    home(&mut scene).await;

    let alert = desk.alert(AlertRowKind::CustodyConflict).await;
    assert!(alert.named.ends_with("Намунаев Н. Н."), "who held it");
    desk.send(Command::OpenTablets(Some(alert.id.parse().unwrap())));
    desk.page(
        "to be settled",
        |p| matches!(&p.page, Page::DeskCustody(c) if c.conflict.is_some()),
    )
    .await;
    desk.send(Command::SettleCustody { how: " ".into() });
    desk.page(
        "what is missing",
        |p| matches!(&p.page, Page::DeskCustody(c) if c.text_problem),
    )
    .await;
    desk.send(Command::SettleCustody {
        how: "Навбатчи олиб берган".into(),
    });
    desk.nothing_wanted().await;
    desk.send(Command::OpenTablets(None));
    let there = |row: &UnitTablet| row.state == TabletState::OnDuty && row.party == PLACE;
    desk.page(
        "who has it, from whom",
        |p| matches!(&p.page, Page::DeskCustody(c) if c.tablets.iter().any(there)),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_31_damage_is_on_record_from_the_moment_it_was_seen() {
    let mut scene = at_take_over().await;
    take_over(&scene, place(), Some("  "), "");
    refused(&mut scene, Refusal::DamageMissing).await;
    take_over(&scene, place(), Some("Бурчаги синган"), "");
    home(&mut scene).await;
    custody(&scene, CustodyCommand::Open);
    let note = "Экран ҳам ёрилган".to_owned();
    scene
        .page(
            "what is known",
            |p| matches!(&p.page, Page::Tablet(t) if t.damage == "Бурчаги синган"),
        )
        .await;
    custody(&scene, CustodyCommand::Damaged { note });
    scene
        .page(
            "the damage",
            |p| matches!(&p.page, Page::Tablet(t) if t.damage == "Экран ҳам ёрилган"),
        )
        .await;
    scene.tablet.send(Command::EndShift);
    // It is there still, unless the officer says otherwise.
    scene
        .page(
            "the hand-in",
            |p| matches!(&p.page, Page::HandIn(h) if h.damage == "Экран ҳам ёрилган"),
        )
        .await;
    let (_scene, events, flags) = on_record(scene).await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(flags, [Flag::NewDamage, Flag::NewDamage]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_begins_with_two_taps_and_nothing_typed() {
    let mut scene = Scene::new().await;
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let officer = admin.officer_by_login(LOGIN).unwrap();
    let camera: Serial = SERIAL.parse().unwrap();
    admin.assign_camera(&camera, officer).unwrap();
    admin.name_place("4-бўлим", PLACE).unwrap();
    let began = Instant::now();
    scene.try_log_in(LOGIN, PASSWORD);
    // What the pages send when their big button is tapped as they come: the first place of the head,
    // the bodycam that is assigned, the fullest step, nothing deviating.
    let view = looked_at(&mut scene).await;
    let first = PartyForm::Place(view.party.places[0].clone());
    take_over(&scene, first, None, "");
    let page = scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    let Page::Receive(view) = page.page else {
        unreachable!()
    };
    assert_eq!(view.serial, camera.to_string());
    scene
        .tablet
        .send(Command::Bodycam(BodycamCommand::Receive(ReceiveForm {
            serial: view.serial,
            step: view.steps[0].id.clone(),
            emptied: true,
            worn: true,
            ..ReceiveForm::default()
        })));
    let page = scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    // Log-in and all, on a machine that does other things beside.
    assert!(began.elapsed() < Duration::from_secs(20));
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert_eq!(home.bodycam.unwrap().state, CameraState::Recording);
    assert!(home.tablet.unwrap().held);
    let (_scene, events, flags) = on_record(scene).await;
    assert_eq!((events.len(), flags.len()), (1, 0), "{flags:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_18_another_tablet_in_mid_shift_goes_on_with_the_bodycam_by_one_tap() {
    let mut scene = at_take_over().await;
    take_over(&scene, place(), None, "");
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    scene
        .tablet
        .send(Command::Bodycam(BodycamCommand::Receive(ReceiveForm {
            serial: SERIAL.into(),
            step: "full".into(),
            emptied: true,
            worn: true,
            ..ReceiveForm::default()
        })));
    scene
        .page("home, and all at central", |p| {
            matches!(p.page, Page::Home(_)) && p.chrome.queue.waiting == 0
        })
        .await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    // The tablet breaks: its place is taken by another one.
    let data = scene.world.enrol("second").await.unwrap();
    let first = std::mem::replace(
        &mut scene.tablet,
        demo::tablet_kit::TabletKit::start(&data).unwrap(),
    );
    scene
        .page("log-in", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.try_log_in(LOGIN, PASSWORD);
    looked_at(&mut scene).await;
    take_over(&scene, place(), None, "");
    let serial = SERIAL.to_uppercase();
    let still = |p: &PageView| {
        matches!(&p.page, Page::Receive(r)
        if r.carried.as_ref().is_some_and(|c| c.on && c.serial == serial))
    };
    scene.page("what is held still", still).await;
    scene
        .tablet
        .send(Command::Bodycam(BodycamCommand::CarryOver));
    let page = scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    let Page::Home(home) = page.page else {
        unreachable!()
    };
    assert_eq!(home.bodycam.unwrap().state, CameraState::Recording);
    // Central has it recording, and neither a gap nor a bodycam that two hold.
    let records = |row: &tablet::pages::DutyRow| {
        row.duty.state == CameraState::Recording && row.camera == serial
    };
    let view = desk
        .view("it records", |v| v.on_duty.iter().any(records))
        .await;
    assert!(view.alerts.is_empty());
    first.stop();
}
