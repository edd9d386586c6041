//! The shift that is played: everything an officer can type, and everything central answers.

use central::NewOfficer;
use demo::emulator::EmulatedScanner;
use demo::tablet_kit::{self, TabletKit};
use e_patrul_tests::Scene;
use protocol::Role;
use regulation::bodycam::{DeviceOwner, PermittedBy};
use regulation::encounter::{DocumentKind, Explanation, Outcome, ServiceId};
use tablet::pages::{CameraState, DocumentForm, Page, PartyForm, ReceiveForm, TakeOverForm};
use tablet::worker::{BodycamCommand, Command, CustodyCommand};
use zeroize::Zeroizing;

pub const LOGIN: &str = "qorabulut7731";
pub const PASSWORD: &str = "tulki-sayhon-9914-olmos";
pub const PIN: &str = "86420753";
pub const WRONG_PIN: &str = "97531864";
pub const OFFICER: &str = "Жайронбеков Қирғий";
pub const PLACE: &str = "Кўктепалик Уккимозор 37";
pub const FACT: &str = "чилонзордаги лайлакхона ёнида";
pub const TYPED: &str = "ёзилмай қолган қалдирғочлар";
pub const SURNAME: &str = "ЗАРҚАЛДИРҒОЧЕВ";
pub const GIVEN: &str = "ОЛТИНБОЛТА";
pub const PATRONYMIC: &str = "ТЕМИРҚАНОТОВИЧ";
pub const NUMBER: &str = "KQ7305918";
pub const PINFL: &str = "31207795190248";
pub const PROTOCOL: &str = "ХЎЖАТ-44182-Қ";
pub const ARTICLE: &str = "194-моддаСИЙНОВ";
pub const PERMITTED_BY: &str = "капитан Булбулшоҳов";
pub const FAULT: &str = "қопқоғи майсазордан топилди";
pub const OTHER_MEANS: &str = "қизғалдоқли телефонга олинди";
pub const GIVER: &str = "омборчи Кийикбоев";
pub const DAMAGE: &str = "лолақизғалдоқ каби ёрилган";
pub const OVERRIDER: &str = "подполковник Қоплонхўжаев";
pub const ORDER: &str = "майор Тулпоров фармойиши";

/// All that was typed, and all that central said of the person on the glass.
pub struct Played {
    pub scene: Scene,
    pub secrets: Vec<String>,
}

/// Central, a tablet that asks for a PIN, and an officer of its own.
pub async fn begin() -> Scene {
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = Scene::new().await;
    tablet.stop();
    world
        .central
        .as_ref()
        .unwrap()
        .admin()
        .create_officer(NewOfficer {
            login: LOGIN.into(),
            password: PASSWORD.into(),
            name: OFFICER.into(),
            rank: "Сержант".into(),
            unit: "4-бўлим".into(),
            role: Role::Patrol,
        })
        .unwrap();
    let (scanner, panel) = EmulatedScanner::new();
    let mut parts = tablet_kit::parts(&data, scanner.clone()).unwrap();
    parts.lock.pin = true;
    let tablet = TabletKit::start_with(parts, scanner, panel).unwrap();
    let mut scene = Scene {
        world,
        tablet,
        data,
        dir,
    };
    scene
        .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene
}

async fn log_in(scene: &mut Scene) {
    scene.try_log_in(LOGIN, PASSWORD);
    scene
        .page("the PIN", |p| matches!(p.page, Page::Pin(_)))
        .await;
    let pin = || Command::ChoosePin(Zeroizing::new(PIN.into()));
    scene.tablet.send(pin());
    scene
        .page("again", |p| matches!(&p.page, Page::Pin(v) if v.again))
        .await;
    scene.tablet.send(pin());
    take_over(scene).await;
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    scene
        .tablet
        .send(Command::Bodycam(BodycamCommand::Receive(ReceiveForm {
            serial: "AX2-0091734".into(),
            battery: "88".into(),
            emptied: true,
            worn: true,
            ..ReceiveForm::default()
        })));
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    bodycam(scene).await;
}

/// A pause that a voice permits, a fault, another device: names and notes are typed.
async fn bodycam(scene: &mut Scene) {
    for (command, state) in [
        (BodycamCommand::Open, CameraState::Recording),
        (
            BodycamCommand::AskPause {
                why: "meal".into(),
                minutes: 30,
            },
            CameraState::PauseAsked,
        ),
        (
            BodycamCommand::PermittedByVoice {
                by: PermittedBy::Commander,
                name: PERMITTED_BY.into(),
            },
            CameraState::PausePermitted,
        ),
        (BodycamCommand::BeginPause, CameraState::Paused),
        (
            BodycamCommand::Fault {
                what: "other".into(),
                note: FAULT.into(),
            },
            CameraState::Faulty,
        ),
        (
            BodycamCommand::OtherMeans {
                device: "phone".into(),
                owner: DeviceOwner::Own,
                minutes: None,
                note: OTHER_MEANS.into(),
            },
            CameraState::Faulty,
        ),
        (BodycamCommand::Mended, CameraState::Recording),
    ] {
        scene.tablet.send(Command::Bodycam(command));
        scene
            .page(
                "the bodycam",
                |p| matches!(&p.page, Page::Bodycam(b) if b.duty.state == state),
            )
            .await;
    }
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
}

async fn to_method(scene: &mut Scene) {
    scene.tablet.send(Command::NewEncounter);
    scene
        .page("introduce", |p| matches!(p.page, Page::Introduce(_)))
        .await;
    scene.tablet.send(Command::Introduce {
        place: PLACE.into(),
        chosen: false,
        service_id: ServiceId::AskedForAndShown,
    });
    scene
        .page("ground", |p| matches!(p.page, Page::Ground(_)))
        .await;
    scene.tablet.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: FACT.into(),
        explanation: Explanation::Full,
    });
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
}

/// Two encounters, a lock with something typed, a wrong PIN; ends at home, everything safe.
pub async fn play(mut scene: Scene) -> Played {
    log_in(&mut scene).await;
    to_method(&mut scene).await;
    scene
        .tablet
        .send(Command::Typed(vec![TYPED.into(), FACT.into()]));
    scene.tablet.send(Command::Lock);
    scene
        .page("locked", |p| matches!(p.page, Page::Locked(_)))
        .await;
    scene
        .tablet
        .send(Command::Unlock(Zeroizing::new(WRONG_PIN.into())));
    scene
        .page(
            "a wrong PIN told",
            |p| matches!(&p.page, Page::Locked(v) if v.tries_left.is_some()),
        )
        .await;
    scene
        .tablet
        .send(Command::Unlock(Zeroizing::new(PIN.into())));
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.tablet.send(Command::ChooseFingerprint);
    scene
        .page("finger", |p| matches!(p.page, Page::Finger(_)))
        .await;
    scene.capture(1).await;
    let answer = scene.revealed_answer().await;
    let person = answer.people[0].clone();
    scene
        .finish(Outcome::TakenOnOtherGround {
            article: ARTICLE.into(),
            by_order_of: ORDER.into(),
        })
        .await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;

    to_method(&mut scene).await;
    scene.choose_document().await;
    scene
        .identified_by(DocumentForm {
            kind: Some(DocumentKind::Passport),
            ask: false,
            number: NUMBER.into(),
            pinfl: PINFL.into(),
            surname: SURNAME.into(),
            given: GIVEN.into(),
            patronymic: PATRONYMIC.into(),
            birth_date: "12.07.1979".into(),
            ..DocumentForm::default()
        })
        .await;
    scene
        .tablet
        .send(Command::Finish(Outcome::ProtocolOnTheSpot {
            number: PROTOCOL.into(),
        }));
    scene.all_safe().await;
    let typed = [
        LOGIN,
        PASSWORD,
        PIN,
        WRONG_PIN,
        OFFICER,
        PLACE,
        FACT,
        TYPED,
        SURNAME,
        GIVEN,
        PATRONYMIC,
        NUMBER,
        PINFL,
        PROTOCOL,
        ARTICLE,
        ORDER,
        PERMITTED_BY,
        FAULT,
        OTHER_MEANS,
    ];
    let mut secrets: Vec<String> = typed.map(String::from).into();
    secrets.extend([person.surname, person.address, person.pinfl]);
    Played { scene, secrets }
}

/// §16, §31: taken over from a person by name, and damaged.
async fn take_over(scene: &mut Scene) {
    scene
        .page(
            "the tablet",
            |p| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some()),
        )
        .await;
    let custody = |scene: &Scene, command| scene.tablet.send(Command::Custody(command));
    let name = GIVER.to_owned();
    custody(scene, CustodyCommand::Named { name });
    scene
        .page(
            "the person",
            |p| matches!(&p.page, Page::TakeOver(t) if t.party.person == GIVER),
        )
        .await;
    let form = TakeOverForm {
        from: PartyForm::Person,
        damage: Some(DAMAGE.into()),
        overridden: OVERRIDER.into(),
    };
    custody(scene, CustodyCommand::TakeOver(form));
}

/// From wherever it stands to the log-in page, with the shift ended.
pub async fn hand_over(scene: &mut Scene) {
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page(
            "the bodycam first",
            |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
        )
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page("the tablet", |p| matches!(p.page, Page::HandIn(_)))
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page(
            "log-in",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )
        .await;
}
