//! §22, §31: photos, from the tablet's camera to what an examiner reads at central.

use crate::desk::{DESK, Desk};
use central::archive::{CaptureState, OwnedCapture};
use central::audit::AuditEvent;
use demo::emulator::{Code, Scene as Seen, Trouble};
use demo::world::{LOGIN, PASSWORD};
use e_patrul_tests::{LONG, Scene, on_disk};
use protocol::{CaptureKind, CaptureOf, Role};
use regulation::custody::{CheckKind, Event, HandInReason, Level};
use std::io::Read as _;
use std::time::{Duration, Instant};
use tablet::device::{Picture, ScannerFault};
use tablet::pages::{
    AlertRowKind, DeskPhotoProblem, DeskPhotoStage, HandInForm, Page, PageView, PartyForm, PhotoOf,
    PhotoStage, PhotosView, QueryProblem, ReportForm, TakeOverForm,
};
use tablet::worker::{Command, CustodyCommand, DeskPhotoCommand, IncidentCommand, PhotoCommand};

fn place() -> PartyForm {
    PartyForm::Place("Навбатчилик қисми".into())
}

fn photos(page: &PageView) -> Option<PhotosView> {
    match &page.page {
        Page::TakeOver(view) => Some(view.photos),
        Page::Tablet(view) => Some(view.photos),
        Page::HandIn(view) => Some(view.photos),
        Page::Incident(view) => Some(view.photos),
        Page::Reports(view) => Some(view.photos),
        _ => None,
    }
}

/// One more photo for the form of the page that is shown.
async fn photograph(scene: &mut Scene, seen: Seen) {
    let taken = scene.tablet.page.as_ref().and_then(photos).unwrap().taken;
    scene.tablet.camera.look_at(seen);
    let photo = |scene: &Scene, command| scene.tablet.send(Command::Photo(command));
    let at = |stage| move |p: &PageView| p.photo.is_some_and(|photo| photo.stage == stage);
    photo(scene, PhotoCommand::Open);
    scene.page("the camera", at(PhotoStage::Live)).await;
    photo(scene, PhotoCommand::Shoot);
    scene.page("the photo", at(PhotoStage::Taken)).await;
    assert!(!scene.tablet.camera.is_open());
    photo(scene, PhotoCommand::Use);
    scene
        .page("one more photo", |p| {
            p.photo.is_none() && photos(p).is_some_and(|p| p.taken == taken + 1)
        })
        .await;
}

async fn at_take_over() -> Scene {
    let mut scene = Scene::new().await;
    scene.try_log_in(LOGIN, PASSWORD);
    let all = |p: &PageView| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some());
    scene.page("every check", all).await;
    scene
}

async fn take_over(scene: &mut Scene, damage: Option<&str>) {
    scene
        .tablet
        .send(Command::Custody(CustodyCommand::TakeOver(TakeOverForm {
            from: place(),
            damage: damage.map(str::to_owned),
            overridden: String::new(),
        })));
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
}

/// What central has of the tablet's photos, once all so many are whole.
async fn at_central(scene: &Scene, count: usize) -> Vec<OwnedCapture> {
    let until = Instant::now() + LONG;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let device = admin.devices().unwrap()[0].id;
    loop {
        let photos = admin.photos(device).unwrap();
        let whole = photos
            .iter()
            .all(|p| p.capture.state == CaptureState::Whole);
        if photos.len() == count && whole {
            return photos;
        }
        assert!(Instant::now() < until, "{photos:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn bytes(scene: &Scene, photo: &OwnedCapture) -> Vec<u8> {
    let admin = scene.world.central.as_ref().unwrap().admin();
    let device = admin.devices().unwrap()[0].id;
    let reader = admin.archive().owned_capture(device, photo.capture.id);
    let mut bytes = Vec::new();
    reader.unwrap().unwrap().1.read_to_end(&mut bytes).unwrap();
    bytes
}

/// The photo as who examines it has it, as large as a desk shows it.
fn examined(jpeg: &[u8]) -> Picture {
    Picture::of_jpeg(jpeg).unwrap().within(1280)
}

/// Which photo of how many a desk looks at, and how far it is.
fn at_desk(page: &PageView) -> Option<(usize, usize, DeskPhotoStage)> {
    match &page.page {
        Page::DeskPhoto(view) => Some((view.number, view.count, view.stage)),
        _ => None,
    }
}

async fn shown(desk: &mut Desk, number: usize, count: usize) {
    let wanted = Some((number, count, DeskPhotoStage::Shown));
    desk.page("the photo", |p| at_desk(p) == wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_31_the_condition_is_photographed_when_it_changes_hands() {
    let mut scene = at_take_over().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    photograph(&mut scene, Seen::CrackedTablet).await;
    take_over(&mut scene, Some("Бурчаги ёрилган")).await;
    let taken = at_central(&scene, 1).await;
    let [photo] = taken.as_slice() else { panic!() };
    assert!(photo.verified && photo.capture.kind == CaptureKind::Condition);
    let jpeg = bytes(&scene, photo);
    assert!(jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9]));
    assert!(!jpeg.windows(4).any(|four| four == b"Exif"));
    desk.send(Command::OpenTablets(None));
    desk.page(
        "the count",
        |p| matches!(&p.page, Page::DeskCustody(c) if c.tablets.iter().any(|t| t.photos == 1)),
    )
    .await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let of = admin.devices().unwrap()[0].id;
    desk.send(Command::DeskPhoto(DeskPhotoCommand::OfTablet(of)));
    shown(&mut desk, 1, 1).await;
    assert!(
        desk.picture().await == examined(&jpeg),
        "what the examiner has"
    );
    desk.send(Command::Back);
    desk.page("the tablets", |p| matches!(p.page, Page::DeskCustody(_)))
        .await;
    scene.tablet.send(Command::EndShift);
    scene
        .page("the hand-in", |p| matches!(p.page, Page::HandIn(_)))
        .await;
    photograph(&mut scene, Seen::Tablet).await;
    photograph(&mut scene, Seen::CrackedTablet).await;
    scene
        .tablet
        .send(Command::Custody(CustodyCommand::HandIn(HandInForm {
            to: place(),
            why: HandInReason::EndOfDuty,
            damage: None,
        })));
    // They go out though nobody is logged in any more.
    let all = at_central(&scene, 3).await;
    assert!(all.iter().all(|p| p.of == photo.of && p.verified));
    let admin = scene.world.central.as_ref().unwrap().admin();
    let device = admin.devices().unwrap()[0].id;
    let until = Instant::now() + LONG;
    let chain = loop {
        let chain = admin.custody(device).unwrap();
        let last = chain.last().map(|named| &named.step.fact.recorded.event);
        if matches!(last, Some(Event::HandedIn { .. })) {
            break chain;
        }
        assert!(Instant::now() < until, "not handed in at central");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let named = |n: usize| match &chain[n].step.fact.recorded.event {
        Event::TakenOver {
            custody, condition, ..
        } => {
            assert!(photo.of == CaptureOf::Custody { custody: *custody });
            condition.photos.clone()
        }
        Event::HandedIn { condition, .. } => condition.photos.clone(),
        other => panic!("{other:?}"),
    };
    let ids: Vec<_> = all.iter().map(|p| p.capture.id).collect();
    assert_eq!([named(0), named(chain.len() - 1)].concat(), ids);
    assert!(!on_disk(&scene.data, "JFIF"), "in the clear on the tablet");
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_an_incident_is_photographed_also_with_no_connection() {
    let mut scene = at_take_over().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    take_over(&mut scene, None).await;
    scene.world.cable.pull();
    scene.tablet.send(Command::Incident(IncidentCommand::Write));
    scene
        .page("the form", |p| matches!(p.page, Page::Incident(_)))
        .await;
    photograph(&mut scene, Seen::Street).await;
    photograph(&mut scene, Seen::Street).await;
    scene
        .tablet
        .send(Command::Incident(IncidentCommand::Report(ReportForm {
            kind: "crime".into(),
            to_superior: false,
            ago: Some(0),
            place: "Намуна бозори".into(),
            text: "Ойна синдирилган.".into(),
        })));
    let open = |p: &PageView| match &p.page {
        Page::Reports(view) => view
            .open
            .as_ref()
            .map(|open| (open.photos, open.lines.len())),
        _ => None,
    };
    scene.page("the report", |p| open(p) == Some((2, 0))).await;
    scene.world.cable.plug_in();
    scene.tablet.send(Command::Retry);
    let alert = desk.alert(AlertRowKind::Incident).await;
    let seen = desk.opened(&alert).await;
    assert_eq!(seen.report.as_ref().unwrap().photos, 2);
    photograph(&mut scene, Seen::Tablet).await;
    scene
        .tablet
        .send(Command::Incident(IncidentCommand::Supplement {
            text: String::new(),
        }));
    scene.page("added", |p| open(p) == Some((2, 1))).await;
    desk.page("three", |p| {
        matches!(&p.page, Page::DeskIncident(d) if d.report.as_ref().is_some_and(|r| r.photos == 3))
    })
    .await;
    let photos = at_central(&scene, 3).await;
    for (n, photo) in photos.iter().enumerate() {
        let command = match n {
            0 => DeskPhotoCommand::OfIncident,
            _ => DeskPhotoCommand::Next,
        };
        desk.send(Command::DeskPhoto(command));
        shown(&mut desk, n + 1, 3).await;
        assert!(desk.picture().await == examined(&bytes(&scene, photo)));
    }
    // With no connection there is no photo, and that is said; then it is there again.
    scene.world.cable.pull();
    desk.send(Command::DeskPhoto(DeskPhotoCommand::Before));
    let none = DeskPhotoStage::Problem(DeskPhotoProblem::Central(QueryProblem::NoConnection));
    desk.page("no connection", |p| at_desk(p) == Some((2, 3, none)))
        .await;
    // By itself: a tap may come before the network has.
    scene.world.cable.plug_in();
    shown(&mut desk, 2, 3).await;
    desk.send(Command::Back);
    desk.page(
        "the report",
        |p| matches!(&p.page, Page::DeskIncident(d) if d.known.is_some()),
    )
    .await;
    let admin = scene.world.central.as_ref().unwrap().admin();
    let entries = admin.audit_entries(1000).unwrap();
    let looked = entries.iter().filter(|e| e.event == AuditEvent::PhotoRead);
    let by_desk = looked.filter(|e| e.officer.is_some()).count();
    assert_eq!(by_desk, 4, "each look is kept");
    assert!(photos.iter().all(|p| p.of == photos[0].of && p.verified));
    assert!(photos.iter().all(|p| p.capture.kind == CaptureKind::Scene));
    assert!(matches!(photos[0].of, CaptureOf::Incident { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_13_camera_and_scanner_are_checked_by_a_picture() {
    let levels = |page: &PageView| -> Vec<(CheckKind, Level)> {
        let Page::TakeOver(view) = &page.page else {
            return Vec::new();
        };
        let rows = view.readiness.rows.iter();
        rows.map(|check| (check.kind, check.level)).collect()
    };
    let mut scene = at_take_over().await;
    assert!(scene.tablet.camera.given() > 0 && !scene.tablet.camera.is_open());
    let page = scene.tablet.page.clone().unwrap();
    for kind in [CheckKind::Scanner, CheckKind::Camera] {
        assert!(levels(&page).contains(&(kind, Level::Ready)), "{kind:?}");
    }
    scene.tablet.panel.set_blind(true);
    scene.tablet.camera.set_trouble(Trouble::Dead);
    let again = |scene: &Scene| {
        scene.tablet.send(Command::GoHome);
        scene.tablet.send_stamped(
            tablet::pages::Stamp {
                screen: tablet::pages::Screen::Home,
                ..scene.tablet.page.as_ref().unwrap().stamp
            },
            Command::Custody(CustodyCommand::Open),
        );
    };
    again(&scene);
    scene
        .page("both told", |p| {
            let levels = levels(p);
            levels.contains(&(CheckKind::Scanner, Level::NotReady))
                && levels.contains(&(CheckKind::Camera, Level::Attention))
        })
        .await;
    // A scanner that takes no picture without a finger is not called dead.
    scene.tablet.panel.set_blind(false);
    scene.tablet.panel.set_fault(Some(ScannerFault::NoFinger));
    again(&scene);
    scene
        .page("a scanner that waits for a finger", |p| {
            levels(p).contains(&(CheckKind::Scanner, Level::Attention))
        })
        .await;
    // None is built in: it is said, and holds nobody up.
    scene.tablet.panel.set_fault(None);
    scene.tablet.camera.set_trouble(Trouble::NotFitted);
    again(&scene);
    scene
        .page("none", |p| {
            matches!(&p.page, Page::TakeOver(view) if view.readiness.rows.iter().any(
                |c| c.kind == CheckKind::Camera && c.value == Some(0) && c.level == Level::Attention
            ) && view.readiness.level == Some(Level::Attention))
        })
        .await;
    take_over(&mut scene, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_23_the_serial_number_is_read_off_the_bodycam() {
    let mut scene = at_take_over().await;
    scene
        .tablet
        .send(Command::Custody(CustodyCommand::TakeOver(TakeOverForm {
            from: place(),
            damage: None,
            overridden: String::new(),
        })));
    scene
        .page("the bodycam", |p| matches!(p.page, Page::Receive(_)))
        .await;
    let read = |p: &PageView| match &p.page {
        Page::Receive(view) if p.photo.is_none() => Some(view.read.clone()),
        _ => None,
    };
    let label = |code, text: &str| Seen::Label {
        code,
        text: text.into(),
    };
    // An address is no serial number: that is said, and the search goes on.
    scene
        .tablet
        .camera
        .look_at(label(Code::Qr, "https://example.uz/?id=1"));
    scene.tablet.send(Command::Photo(PhotoCommand::ReadCode));
    scene
        .page("a strange code", |p| {
            p.photo.is_some_and(|photo| photo.strange)
        })
        .await;
    for (n, (code, text, serial)) in [
        (Code::Qr, "AX2-0091700", "AX2-0091700"),
        (Code::DataMatrix, "ax2-0091701", "AX2-0091701"),
        (Code::Code128, "BC-0001", "BC-0001"),
    ]
    .into_iter()
    .enumerate()
    {
        scene.tablet.camera.look_at(label(code, text));
        if n > 0 {
            scene.tablet.send(Command::Photo(PhotoCommand::ReadCode));
        }
        let wanted = Some((serial.to_owned(), n as u32 + 1));
        scene.page(text, |p| read(p) == wanted).await;
        let until = Instant::now() + LONG;
        while scene.tablet.camera.is_open() {
            assert!(Instant::now() < until, "the camera is closed by it");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(
        scene
            .tablet
            .history
            .iter()
            .all(|p| p.photo.is_none_or(|photo| photo.of == PhotoOf::Code))
    );
    assert_eq!(
        at_central(&scene, 0).await.len(),
        0,
        "nothing of it is kept"
    );
}
