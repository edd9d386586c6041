//! The driver against libfprint's own virtual devices, over their socket.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod kit;

use biometrics::finger::Verdict;
use biometrics::finger::synth::Impression;
use fprint::{LibfprintConfig, LibfprintScanner};
use kit::{Feeder, while_fed};
use kit::{VIRTUAL_DEVICE, VIRTUAL_IMAGE, capture, fault, plugged, print, request, scanner};
use std::time::{Duration, Instant};
use tablet::device::{Cancel, Scanner as _, ScannerFault};

#[test]
fn a_picture_arrives_with_its_pixels_and_its_quality() {
    let name = "a_picture_arrives_with_its_pixels_and_its_quality";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let found = scanner.discover().unwrap();
        assert_eq!(found.ppi, 500);
        assert!(found.model.contains("Virtual image device"), "{found:?}");
        let sent = print(3, &Impression::ordinary(5));
        // More than once: each call opens and closes the reader.
        for _ in 0..3 {
            let feed = |feeder: &mut Feeder| feeder.picture(&sent);
            let (taken, shown) = while_fed(socket, feed, || capture(&scanner, 20_000));
            let taken = taken.unwrap();
            assert_eq!(taken.picture, sent);
            assert_eq!(taken.finger, request(0).finger);
            assert_eq!(taken.quality.verdict, Verdict::Good);
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0].picture, sent);
            assert_eq!(shown[0].quality, taken.quality);
        }
    });
}

#[test]
fn a_poor_print_is_named_for_what_it_is_and_shown() {
    let name = "a_poor_print_is_named_for_what_it_is_and_shown";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        for (touch, expected) in [
            (Impression::dry(5), ScannerFault::TooDry),
            (Impression::wet(5), ScannerFault::TooWet),
            (Impression::partial(5), ScannerFault::Partial),
        ] {
            let sent = print(3, &touch);
            let feed = |feeder: &mut Feeder| feeder.picture(&sent);
            let (taken, shown) = while_fed(socket, feed, || capture(&scanner, 20_000));
            assert_eq!(taken.unwrap_err(), expected);
            assert_eq!(shown.len(), 1, "{expected:?}");
        }
    });
}

#[test]
fn a_retry_is_told_by_its_reason_and_the_next_try_works() {
    let name = "a_retry_is_told_by_its_reason_and_the_next_try_works";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        for (code, expected) in [
            (0, ScannerFault::Failed),
            (1, ScannerFault::Partial),
            (2, ScannerFault::Misplaced),
            (3, ScannerFault::Failed),
        ] {
            let feed = |feeder: &mut Feeder| feeder.retry(code);
            let met = while_fed(socket, feed, || fault(&scanner));
            assert_eq!(met, expected, "retry {code}");
        }
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| feeder.picture(&sent);
        let (taken, _) = while_fed(socket, feed, || capture(&scanner, 20_000));
        assert_eq!(taken.unwrap().picture, sent);
    });
}

#[test]
fn a_picture_without_ridges_is_no_print() {
    let name = "a_picture_without_ridges_is_no_print";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let feed = |feeder: &mut Feeder| feeder.raw(320, 400, &vec![250; 320 * 400]);
        let met = while_fed(socket, feed, || fault(&scanner));
        assert_eq!(met, ScannerFault::Failed);
    });
}

#[test]
fn an_error_is_told_by_its_code_and_the_next_try_works() {
    let name = "an_error_is_told_by_its_code_and_the_next_try_works";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        for (code, expected) in [
            (0, ScannerFault::Failed),
            (1, ScannerFault::Unsupported),
            (2, ScannerFault::Failed),
            (3, ScannerFault::Busy),
            (4, ScannerFault::Busy),
            (5, ScannerFault::Failed),
            (0x101, ScannerFault::Busy),
        ] {
            let feed = |feeder: &mut Feeder| feeder.error(code);
            let met = while_fed(socket, feed, || fault(&scanner));
            assert_eq!(met, expected, "error {code}");
        }
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| feeder.picture(&sent);
        let (taken, _) = while_fed(socket, feed, || capture(&scanner, 20_000));
        assert_eq!(taken.unwrap().picture, sent);
    });
}

#[test]
fn pulling_the_plug_ends_a_capture_and_the_reader_is_found_again() {
    let name = "pulling_the_plug_ends_a_capture_and_the_reader_is_found_again";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let waiting = |feeder: &mut Feeder| feeder.unplug();
        let met = while_fed(socket, waiting, || fault(&scanner));
        assert_eq!(met, ScannerFault::Unplugged, "before a finger came");
        let reading = |feeder: &mut Feeder| {
            feeder.by_hand();
            feeder.finger(true);
            feeder.unplug();
        };
        let met = while_fed(socket, reading, || fault(&scanner));
        assert_eq!(met, ScannerFault::Unplugged, "while a finger lay there");
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| feeder.picture(&sent);
        let (taken, _) = while_fed(socket, feed, || capture(&scanner, 20_000));
        assert_eq!(taken.unwrap().picture, sent, "plugged in again");
    });
}

#[test]
fn without_a_reader_there_is_none() {
    plugged("without_a_reader_there_is_none", None, |_| {
        let scanner = scanner();
        let none = ScannerFault::NotConnected;
        assert_eq!(scanner.discover().unwrap_err(), none);
        assert_eq!(scanner.test_frame().unwrap_err(), none);
        assert_eq!(fault(&scanner), none);
    });
}

#[test]
fn a_reader_that_gives_no_pictures_is_not_supported() {
    let name = "a_reader_that_gives_no_pictures_is_not_supported";
    plugged(name, Some(VIRTUAL_DEVICE), |_| {
        let scanner = scanner();
        assert_eq!(scanner.discover().unwrap_err(), ScannerFault::Unsupported);
        assert_eq!(fault(&scanner), ScannerFault::Unsupported);
    });
}

#[test]
fn a_reader_of_unknown_resolution_is_refused() {
    let name = "a_reader_of_unknown_resolution_is_refused";
    plugged(name, Some(VIRTUAL_IMAGE), |_| {
        let scanner = LibfprintScanner::new(LibfprintConfig::new());
        assert_eq!(scanner.discover().unwrap_err(), ScannerFault::Unsupported);
        assert_eq!(fault(&scanner), ScannerFault::Unsupported);
    });
}

#[test]
fn a_picture_of_no_usable_size_is_refused() {
    let name = "a_picture_of_no_usable_size_is_refused";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        // Ridges across, so that libfprint gives the picture on.
        let sent = print(3, &Impression::ordinary(5));
        let mut pixels = Vec::new();
        for _ in 0..8 {
            for row in sent.pixels().chunks(320) {
                for _ in 0..5 {
                    pixels.extend_from_slice(row);
                }
            }
        }
        let feed = |feeder: &mut Feeder| feeder.raw(1600, 3200, &pixels);
        let met = while_fed(socket, feed, || fault(&scanner));
        assert_eq!(met, ScannerFault::Unsupported);
    });
}

#[test]
fn a_cancelled_capture_ends_at_once() {
    let name = "a_cancelled_capture_ends_at_once";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let cancel = Cancel::default();
        let begun = Instant::now();
        let stop = |feeder: &mut Feeder| {
            feeder.by_hand();
            cancel.cancel();
        };
        let taken = while_fed(socket, stop, || {
            scanner.capture(&request(60_000), &mut |_| panic!("shown"), &cancel)
        });
        assert_eq!(taken.unwrap_err(), ScannerFault::Cancelled);
        assert!(begun.elapsed() < Duration::from_secs(10));
        let taken = scanner.capture(&request(60_000), &mut |_| panic!("shown"), &cancel);
        assert_eq!(
            taken.unwrap_err(),
            ScannerFault::Cancelled,
            "from the first"
        );
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| feeder.picture(&sent);
        let (taken, _) = while_fed(socket, feed, || capture(&scanner, 20_000));
        assert_eq!(taken.unwrap().picture, sent);
    });
}

#[test]
fn the_time_is_over_without_a_finger_or_with_one() {
    let name = "the_time_is_over_without_a_finger_or_with_one";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let begun = Instant::now();
        let (taken, _) = capture(&scanner, 300);
        assert_eq!(taken.unwrap_err(), ScannerFault::NoFinger);
        assert!(begun.elapsed() >= Duration::from_millis(300));
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(scanner.test_frame().unwrap_err(), ScannerFault::NoFinger);
        let lies = |feeder: &mut Feeder| {
            feeder.by_hand();
            feeder.finger(true);
        };
        let (taken, _) = while_fed(socket, lies, || capture(&scanner, 3000));
        assert_eq!(taken.unwrap_err(), ScannerFault::TimedOut);
    });
}

#[test]
fn a_finger_that_lies_there_is_seen_by_the_test() {
    let name = "a_finger_that_lies_there_is_seen_by_the_test";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| feeder.picture(&sent);
        let frame = while_fed(socket, feed, || scanner.test_frame());
        assert_eq!(frame.unwrap(), sent);
    });
}

#[test]
fn one_capture_at_a_time() {
    let name = "one_capture_at_a_time";
    plugged(name, Some(VIRTUAL_IMAGE), |socket| {
        let scanner = scanner();
        let sent = print(3, &Impression::ordinary(5));
        let feed = |feeder: &mut Feeder| {
            assert_eq!(fault(&scanner), ScannerFault::Busy);
            assert_eq!(scanner.test_frame().unwrap_err(), ScannerFault::Busy);
            assert_eq!(scanner.discover().unwrap().ppi, 500);
            feeder.picture(&sent);
        };
        let (taken, _) = while_fed(socket, feed, || capture(&scanner, 20_000));
        assert_eq!(taken.unwrap().picture, sent);
    });
}

#[test]
fn no_thread_is_left_behind() {
    let name = "no_thread_is_left_behind";
    plugged(name, Some(VIRTUAL_IMAGE), |_| {
        let scanner = scanner();
        let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
        let files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        scanner.discover().unwrap();
        let _ = capture(&scanner, 100);
        let (before, open) = (threads(), files());
        for _ in 0..10 {
            scanner.discover().unwrap();
            let _ = capture(&scanner, 100);
        }
        assert!(threads() <= before, "{} of {before}", threads());
        assert!(files() <= open, "{} of {open}", files());
    });
}
