//! §22, §31 on the screen: a photo over the page, and what is typed on it.

use super::views::{one, stamp};
use super::{Screen, photo_views};
use regulation::encounter::Language;
use std::sync::Arc;
use tablet::device::CameraFault;
use tablet::pages::{Page, PageView, PhotoStage, PhotosView};
use tablet::worker::{Command, DeskPhotoCommand, Frame, PhotoCommand, Update};

fn only(screen: &mut Screen) -> PhotoCommand {
    match screen.only() {
        Command::Photo(command) => command,
        other => panic!("{other:?}"),
    }
}

/// The page with the camera at this stage over it.
fn over(name: &str, stage: PhotoStage) -> PageView {
    let mut view = one("photo-live", Language::UzbekCyrillic);
    view.page = one(name, Language::UzbekCyrillic).page;
    view.photo.as_mut().unwrap().stage = stage;
    view
}

fn see(screen: &Screen, stamp: tablet::pages::Stamp) {
    let frame = Arc::new(Frame::of(photo_views::picture()));
    screen.app.apply(Update::Frame { stamp, frame });
    screen.settle();
}

#[test]
fn a_photo_is_taken_over_the_page_and_what_is_typed_there_stays() {
    let mut screen = Screen::new(one("take-over", Language::UzbekCyrillic));
    screen.tap("ConditionField::damaged-segment");
    let label = |screen: &Screen| screen.the("PhotoField::take-photo").accessible_label();
    let asked = label(&screen);
    screen.tap("ConditionField::whole");
    assert_ne!(label(&screen), asked, "of the damage, if there is any");
    screen.tap("ConditionField::damaged-segment");
    screen.fill("ConditionField::damage-field", "Экран ёрилган");
    screen.tap("PhotoField::take-photo");
    assert!(matches!(only(&mut screen), PhotoCommand::Open));
    screen.show(over("take-over", PhotoStage::Opening));
    // Of the page below nothing is there to be tapped, and the button on top is not ready.
    assert_eq!(screen.all("FrameActions::primary-button").len(), 1);
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
    screen.show(over("take-over", PhotoStage::Live));
    see(&screen, stamp());
    assert!(!screen.all("PhotoPage::picture").is_empty());
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Shoot));
    screen.show(over("take-over", PhotoStage::Taken));
    assert!(!screen.all("PhotoPage::picture").is_empty());
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Use));
    let mut view = one("take-over", Language::UzbekCyrillic);
    let Page::TakeOver(page) = &mut view.page else {
        panic!()
    };
    page.photos = PhotosView { taken: 1, left: 7 };
    screen.show(view);
    assert!(screen.all("PhotoPage::picture").is_empty());
    assert_ne!(label(&screen), asked, "there is one");
    screen.tap("FrameActions::primary-button");
    let Command::Custody(tablet::worker::CustodyCommand::TakeOver(form)) = screen.only() else {
        panic!()
    };
    assert_eq!(form.damage.as_deref(), Some("Экран ёрилган"));
}

#[test]
fn a_double_tap_on_the_shutter_uses_nothing() {
    let mut screen = Screen::new(over("take-over", PhotoStage::Live));
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Shoot));
    // Without the moment that `show` waits for.
    let taken = Box::new(over("take-over", PhotoStage::Taken));
    screen.app.apply(Update::Page(taken));
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
}

#[test]
fn taken_again_switched_and_without() {
    let mut screen = Screen::new(over("hand-in", PhotoStage::Live));
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Switch));
    screen.show(over("hand-in", PhotoStage::Taken));
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Retake));
    screen.tap("FrameActions::quiet-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Close));
    let fault = PhotoStage::Fault(CameraFault::Unplugged);
    screen.show(over("hand-in", fault));
    assert!(!screen.all("PhotoPage::fault-notice").is_empty());
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Retake));
}

#[test]
fn a_late_frame_is_not_shown_and_none_stays_behind() {
    let screen = Screen::new(over("take-over", PhotoStage::Live));
    let elsewhere = tablet::pages::Stamp {
        screen: tablet::pages::Screen::Login,
        ..stamp()
    };
    see(&screen, elsewhere);
    assert!(screen.all("PhotoPage::picture").is_empty());
    see(&screen, stamp());
    assert!(!screen.all("PhotoPage::picture").is_empty());
    screen.show(one("take-over", Language::UzbekCyrillic));
    see(&screen, stamp());
    screen.show(over("take-over", PhotoStage::Live));
    assert!(screen.all("PhotoPage::picture").is_empty());
}

#[test]
fn photos_alone_may_be_added_to_a_report_and_no_more_than_may_be() {
    let mut view = one("reports-one", Language::UzbekCyrillic);
    view.typed.clear();
    let mut screen = Screen::new(view.clone());
    screen.tap("FrameActions::primary-button");
    let Command::Incident(tablet::worker::IncidentCommand::Supplement { text }) = screen.only()
    else {
        panic!()
    };
    assert_eq!(text, "");
    let Page::Reports(page) = &mut view.page else {
        panic!()
    };
    page.photos = PhotosView { taken: 0, left: 0 };
    screen.show(view);
    screen.tap("PhotoField::take-photo");
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
}

#[test]
fn a_code_that_was_read_goes_into_the_field_and_nothing_else_changes() {
    let mut screen = Screen::new(one("receive", Language::UzbekCyrillic));
    screen.fill("ReceivePage::battery-field", "77");
    screen.tap("ReceivePage::read-code");
    assert!(matches!(only(&mut screen), PhotoCommand::ReadCode));
    let live = one("code-live", Language::UzbekCyrillic);
    screen.show(live.clone());
    see(&screen, stamp());
    assert!(!screen.all("PhotoPage::picture").is_empty());
    assert!(!screen.all("PhotoPage::strange-notice").is_empty());
    // There is nothing to shoot: the one button goes back to the field.
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Close));
    let mut view = one("receive", Language::UzbekCyrillic);
    let Page::Receive(page) = &mut view.page else {
        panic!()
    };
    page.read = ("AX2-0099999".to_owned(), 1);
    screen.show(view);
    screen.tap("FrameActions::primary-button");
    let Command::Bodycam(tablet::worker::BodycamCommand::Receive(form)) = screen.only() else {
        panic!()
    };
    assert_eq!((&*form.serial, &*form.battery), ("AX2-0099999", "77"));
}

#[test]
fn a_zone_that_was_read_is_checked_with_what_was_typed_beside_it() {
    const ZONE: &str = "IUUZBAA1234567830101900000011<\n9001011M3401011UZBUZB<<<<<<<<0\n\
                        NAMUNAYEV<<NAMUNA<<<<<<<<<<<<<";
    let mut screen = Screen::new(one("document", Language::UzbekCyrillic));
    screen.tap("FrameActions::secondary-button");
    screen.tap("DocumentPage::read-zone");
    assert!(matches!(only(&mut screen), PhotoCommand::ReadMrz));
    screen.show(one("zone-live", Language::UzbekCyrillic));
    see(&screen, stamp());
    assert!(!screen.all("PhotoPage::picture").is_empty());
    assert!(!screen.all("PhotoPage::hint-notice").is_empty());
    assert!(screen.all("PhotoPage::strange-notice").is_empty());
    // There is nothing to shoot: the one button goes back to the field.
    screen.tap("FrameActions::primary-button");
    assert!(matches!(only(&mut screen), PhotoCommand::Close));
    let mut view = one("document", Language::UzbekCyrillic);
    let Page::Document(page) = &mut view.page else {
        panic!()
    };
    page.read = (ZONE.to_owned(), 1);
    screen.show(view);
    let Command::ReviewDocument(form) = screen.only() else {
        panic!()
    };
    assert_eq!((&*form.mrz, &*form.patronymic), (ZONE, "НАМУНА ЎҒЛИ"));
}

#[test]
fn photos_at_the_desk_are_turned_over_one_by_one_and_none_stays_behind() {
    let at_desk = |screen: &mut Screen| match screen.only() {
        Command::DeskPhoto(command) => command,
        other => panic!("{other:?}"),
    };
    let mut screen = Screen::new(one("desk-incident-classified", Language::UzbekCyrillic));
    screen.tap("DeskIncidentPage::photos");
    assert!(matches!(at_desk(&mut screen), DeskPhotoCommand::OfIncident));
    screen.show(one("desk-photo-asking", Language::UzbekCyrillic));
    see(&screen, stamp());
    assert!(
        screen.all("DeskPhotoPage::picture").is_empty(),
        "not that one"
    );
    screen.show(one("desk-photo", Language::UzbekCyrillic));
    see(&screen, stamp());
    assert!(!screen.all("DeskPhotoPage::picture").is_empty());
    screen.tap("FrameActions::primary-button");
    assert!(matches!(at_desk(&mut screen), DeskPhotoCommand::Next));
    // Without the moment that `show` waits for: the second tap of a double one leaves nothing.
    let last = one("desk-photo-last", Language::UzbekCyrillic);
    screen.app.apply(Update::Page(Box::new(last)));
    screen.tap("FrameActions::primary-button");
    assert!(screen.sent().is_empty());
    screen.show(one("desk-photo-no-connection", Language::UzbekCyrillic));
    assert!(screen.all("DeskPhotoPage::picture").is_empty());
    screen.tap("FrameActions::primary-button");
    assert!(matches!(at_desk(&mut screen), DeskPhotoCommand::Again));
    screen.tap("FrameActions::secondary-button");
    assert!(matches!(at_desk(&mut screen), DeskPhotoCommand::Before));
    screen.tap("FrameActions::quiet-button");
    assert!(matches!(screen.only(), Command::Back));
    screen.show(one("desk-tablets", Language::UzbekCyrillic));
    screen.tap("TabletRow::photos-button");
    assert!(matches!(
        at_desk(&mut screen),
        DeskPhotoCommand::OfTablet(_)
    ));
}
