//! §12, §22, §23, §31: every fault of scanner and camera has words of its own, in every language, and
//! a way on.

use super::views::one;
use super::{Screen, texts};
use regulation::encounter::Language;
use slint::ComponentHandle;
use std::collections::BTreeMap;
use tablet::device::{CameraFault, ScannerFault};
use tablet::pages::{FingerStatus, Page, PageView, PhotoOf, PhotoStage};
use tablet::worker::{Command, PhotoCommand};

const PRIMARY: &str = "FrameActions::primary-button";
const QUIET: &str = "FrameActions::quiet-button";

fn of_the_scanner(fault: ScannerFault, language: Language) -> PageView {
    let mut view = one("finger", language);
    let Page::Finger(page) = &mut view.page else {
        panic!()
    };
    page.status = FingerStatus::Fault(fault);
    view
}

fn of_the_camera(fault: CameraFault, of: PhotoOf, language: Language) -> PageView {
    let mut view = one("photo-live", language);
    let photo = view.photo.as_mut().unwrap();
    photo.stage = PhotoStage::Fault(fault);
    photo.of = of;
    if of == PhotoOf::Code {
        view.page = one("receive", language).page;
    }
    view
}

/// What the element tells, to a screen reader too.
fn said(screen: &Screen, id: &str) -> String {
    let label = screen.the(id).accessible_label();
    let said = label.map(String::from).unwrap_or_default();
    assert!(!said.trim().is_empty(), "{id}");
    said
}

/// That no two faults say the same in a language, and no language what another says.
struct Told(BTreeMap<String, String>);

impl Told {
    fn add(&mut self, words: String, of: String) {
        if let Some(other) = self.0.insert(words.clone(), of.clone()) {
            panic!("{of} and {other} both say: {words}");
        }
    }
}

#[test]
fn every_fault_of_the_scanner_has_words_of_its_own() {
    let mut told = Told(BTreeMap::new());
    for language in Language::ALL {
        let screen = Screen::new(of_the_scanner(ScannerFault::ALL[0], language));
        for fault in ScannerFault::ALL {
            screen.show(of_the_scanner(fault, language));
            let words = said(&screen, "FingerPage::advice");
            // What is said is what is seen.
            let seen: Vec<String> = texts(&screen)
                .iter()
                .filter_map(|e| e.accessible_label())
                .map(String::from)
                .filter(|text| !text.is_empty() && words.contains(text.as_str()))
                .collect();
            assert!(seen.len() >= 2, "{fault:?} {language:?}: {words}: {seen:?}");
            told.add(words, format!("{fault:?} {language:?}"));
        }
        screen.app.component().hide().unwrap();
    }
    assert_eq!(told.0.len(), ScannerFault::ALL.len() * Language::ALL.len());
}

#[test]
fn after_every_fault_of_the_scanner_there_is_a_way_on() {
    let mut screen = Screen::new(of_the_scanner(ScannerFault::ALL[0], Language::English));
    for fault in ScannerFault::ALL {
        screen.show(of_the_scanner(fault, Language::English));
        screen.tap(PRIMARY);
        assert!(matches!(screen.only(), Command::StartCapture), "{fault:?}");
        screen.tap("FingerPage::impossible");
        assert!(
            matches!(screen.only(), Command::OpenNoFingerprint),
            "{fault:?}"
        );
        screen.tap("FingerPage::other-finger");
        screen.tap_nth("Hand::finger-choice", 0);
        assert!(
            matches!(screen.only(), Command::SelectFinger(_)),
            "{fault:?}"
        );
        screen.tap(QUIET);
        assert!(matches!(screen.only(), Command::Back), "{fault:?}");
    }
}

#[test]
fn every_fault_of_the_camera_has_words_of_its_own() {
    for of in [PhotoOf::Condition, PhotoOf::Incident, PhotoOf::Code] {
        let mut told = Told(BTreeMap::new());
        for language in Language::ALL {
            let screen = Screen::new(of_the_camera(CameraFault::ALL[0], of, language));
            for fault in CameraFault::ALL {
                screen.show(of_the_camera(fault, of, language));
                let words = said(&screen, "PhotoPage::fault-notice");
                told.add(words, format!("{fault:?} {language:?}"));
            }
            screen.app.component().hide().unwrap();
        }
        assert_eq!(told.0.len(), CameraFault::ALL.len() * Language::ALL.len());
    }
}

#[test]
fn after_every_fault_of_the_camera_there_is_a_way_on() {
    for of in [PhotoOf::Condition, PhotoOf::Incident, PhotoOf::Code] {
        let mut screen = Screen::new(of_the_camera(CameraFault::ALL[0], of, Language::English));
        for fault in CameraFault::ALL {
            screen.show(of_the_camera(fault, of, Language::English));
            for (button, wanted) in [(PRIMARY, "Retake"), (QUIET, "Close")] {
                screen.tap(button);
                let Command::Photo(command) = screen.only() else {
                    panic!("{of:?} {fault:?} {button}")
                };
                let sent = match command {
                    PhotoCommand::Retake => "Retake",
                    PhotoCommand::Close => "Close",
                    other => panic!("{other:?}"),
                };
                assert_eq!(sent, wanted, "{of:?} {fault:?}");
            }
        }
        screen.app.component().hide().unwrap();
    }
}
