//! §8: a document's machine-readable zone, read by the camera in place of typing.

use crate::kit::{LONG, PIN, Tablet};
use mrz::synth::{Document, Font, Random, Shot, photograph};
use protocol::FactKind;
use regulation::encounter::{DocumentKind, Event};
use std::sync::atomic::Ordering;
use std::time::Instant;
use tablet::device::Picture;
use tablet::pages::{DocumentForm, Page, PageView, PhotoOf, PhotoStage, Screen, ZoneHint};
use tablet::worker::{Command, LockPolicy, PhotoCommand};

const ZONE: &str = "IUUZBAA1234567830101900000011<\n9001011M3401011UZBUZB<<<<<<<<0\n\
                    NAMUNAYEV<<NAMUNA<<<<<<<<<<<<<";

/// Three frames of a document, each a little different.
fn frames(zone: &str, shot: Shot) -> Vec<Picture> {
    let document = Document {
        zone: zone.into(),
        pattern: 5,
    };
    let (mut random, font) = (Random::new(9), Font::new());
    (0..3)
        .map(|_| {
            let grey = photograph(&document, &shot.jitter(&mut random), &font, &mut random);
            let pixels = grey.iter().flat_map(|value| [*value; 3]).collect();
            Picture::new(shot.width as u32, shot.height as u32, pixels).unwrap()
        })
        .collect()
}

fn plain() -> Shot {
    Shot::plain(1280, 720)
}

fn at_document() -> Tablet {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ChooseDocument);
    tablet.screen(Screen::Document);
    tablet
}

fn read(page: &PageView) -> (String, u32) {
    match &page.page {
        Page::Document(view) => view.read.clone(),
        other => panic!("{other:?}"),
    }
}

fn closed(tablet: &Tablet) {
    let until = Instant::now() + LONG;
    while tablet.camera.open.load(Ordering::SeqCst) {
        assert!(Instant::now() < until, "the camera stays open");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
fn a_zone_goes_into_the_form_as_a_typed_one_does() {
    let mut tablet = at_document();
    *tablet.camera.sees.lock().unwrap() = frames(ZONE, plain());
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    tablet.wait("the zone is looked for", |p| {
        p.photo.is_some_and(|photo| photo.of == PhotoOf::Zone)
    });
    // There is nothing to shoot.
    tablet.send(Command::Photo(PhotoCommand::Shoot));
    let page = tablet.wait("read", |p| p.photo.is_none() && read(p).1 == 1);
    assert_eq!(read(&page).0, ZONE);
    assert!(!format!("{page:?}").contains("NAMUNA"));
    closed(&tablet);
    // As the page gives a typed one back.
    tablet.send(Command::ReviewDocument(DocumentForm {
        mrz: read(&page).0,
        patronymic: "Намунаевич".into(),
        ..DocumentForm::default()
    }));
    let page = tablet.wait(
        "shown back",
        |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
    );
    let Page::Document(view) = &page.page else {
        panic!()
    };
    let review = view.review.as_ref().unwrap();
    assert_eq!(review.number, "AA1234567");
    assert_eq!(review.name, "NAMUNAYEV NAMUNA Намунаевич");
    assert_eq!(read(&page), (String::new(), 1), "no page needs it any more");
    // What is shown back is not read over.
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    tablet.send(Command::ConfirmDocument);
    tablet.screen(Screen::Outcome);
    assert!(!tablet.camera.open.load(Ordering::SeqCst));
    let journal = tablet.vault.journal(&tablet.shift).unwrap();
    let events: Vec<Event> = journal
        .into_iter()
        .filter_map(|entry| match entry.fact.kind {
            FactKind::Encounter { recorded, .. } => Some(recorded.event),
            _ => None,
        })
        .collect();
    assert!(
        events.iter().any(|event| matches!(
            event,
            Event::IdentifiedByDocument {
                document: DocumentKind::IdCard,
                ..
            }
        )),
        "{events:?}"
    );
}

#[test]
fn why_a_zone_is_not_read_is_told_and_a_wrong_one_never_comes() {
    let mut tablet = at_document();
    let hinted = |tablet: &mut Tablet, hint| {
        tablet.wait(&format!("{hint:?}"), |p| {
            p.photo.is_some_and(|photo| photo.hint == Some(hint))
        });
    };
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    hinted(&mut tablet, ZoneHint::NoZone);
    // The document's number has another digit than its check digit says.
    let wrong = ZONE.replacen("AA1234567", "AA1934567", 1);
    *tablet.camera.sees.lock().unwrap() = frames(&wrong, plain());
    hinted(&mut tablet, ZoneHint::CheckDigits);
    // The other camera, and the same search begins anew.
    tablet.send(Command::Photo(PhotoCommand::Switch));
    tablet.wait("anew", |p| {
        p.photo.is_some_and(|p| {
            p.of == PhotoOf::Zone && p.stage == PhotoStage::Live && p.hint.is_none()
        })
    });
    hinted(&mut tablet, ZoneHint::CheckDigits);
    tablet.send(Command::Photo(PhotoCommand::Close));
    let page = tablet.wait("closed", |p| p.photo.is_none());
    assert_eq!(read(&page), (String::new(), 0));
    closed(&tablet);
}

#[test]
fn a_zone_is_read_on_the_page_of_the_document_alone_and_not_kept_over_the_lock() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    *tablet.camera.sees.lock().unwrap() = frames(ZONE, plain());
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    tablet.reach_method();
    assert!(tablet.history.iter().all(|page| page.photo.is_none()));
    tablet.send(Command::ChooseDocument);
    tablet.screen(Screen::Document);
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    tablet.wait("read", |p| p.photo.is_none() && read(p).1 == 1);
    tablet.lock();
    tablet.unlock(PIN);
    let page = tablet.screen(Screen::Document);
    assert_eq!(read(&page).0, "");
    // Nor to the next document.
    tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    tablet.wait("read again", |p| p.photo.is_none() && read(p).0 == ZONE);
    tablet.send(Command::Back);
    tablet.wait("back", |p| !matches!(p.page, Page::Document(_)));
    tablet.send(Command::ChooseDocument);
    let page = tablet.screen(Screen::Document);
    assert_eq!(read(&page).0, "");
}
