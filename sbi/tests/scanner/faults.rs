//! Every error of a device, and every way of a finger, as the fault that the officer sees.

use crate::kit::{glass, kit, options, with_finger};
use biometrics::finger::Verdict;
use sbi_simulator::Skin;
use std::time::{Duration, Instant};
use tablet::device::{Scanner as _, ScannerFault};

#[test]
fn every_error_code_is_the_fault_that_the_officer_can_act_on() {
    let kit = with_finger(options());
    for (code, fault) in [
        (100, ScannerFault::NotRegistered),
        (101, ScannerFault::NoFinger),
        (102, ScannerFault::Failed),
        (103, ScannerFault::Untrusted),
        (104, ScannerFault::Failed),
        (105, ScannerFault::Misplaced),
        // It streamed, and is gone.
        (106, ScannerFault::Unplugged),
        (107, ScannerFault::NotRegistered),
        (108, ScannerFault::NotRegistered),
        (109, ScannerFault::Unsupported),
        (110, ScannerFault::Busy),
        (111, ScannerFault::Busy),
        (112, ScannerFault::Unsupported),
        (202, ScannerFault::Unplugged),
        (500, ScannerFault::Failed),
        (551, ScannerFault::Failed),
        (701, ScannerFault::NoFinger),
        (703, ScannerFault::Busy),
        (709, ScannerFault::Unsupported),
        (710, ScannerFault::Unsupported),
        (999, ScannerFault::Unsupported),
        (4_000_000_000, ScannerFault::Failed),
    ] {
        kit.panel.set_error(Some(code));
        assert_eq!(kit.fault(), Some(fault), "{code}");
    }
    kit.panel.set_error(None);
    assert!(kit.capture().is_ok(), "none of them stays");
}

#[test]
fn a_poor_finger_is_named_for_what_it_is_whatever_the_device_claims() {
    let kit = kit(options());
    for (skin, fault) in [
        (Skin::Dry, ScannerFault::TooDry),
        (Skin::Wet, ScannerFault::TooWet),
        (Skin::Partial, ScannerFault::Partial),
        (Skin::Two, ScannerFault::MoreThanOneFinger),
    ] {
        kit.panel.place(glass(skin));
        assert_eq!(kit.fault(), Some(fault), "{skin:?}");
    }
}

#[test]
fn a_moving_finger_is_blurred_and_taken_weak() {
    let kit = kit(options());
    kit.panel.place(glass(Skin::Moving));
    let captured = kit.capture().unwrap();
    assert_eq!(captured.quality.verdict, Verdict::Blurred);
    assert!(captured.quality.score < 40);
}

#[test]
fn a_scanner_without_its_lamp_shows_the_dark_and_takes_nothing() {
    let kit = with_finger(options());
    kit.panel.set_blind(true);
    let dark = kit.scanner.test_frame().unwrap();
    assert!(dark.pixels().iter().all(|p| *p < 20));
    assert_eq!(kit.fault(), Some(ScannerFault::Failed));
    kit.panel.set_blind(false);
    assert!(kit.capture().is_ok());
}

#[test]
fn no_finger_is_said_within_the_time_that_was_given() {
    let kit = kit(options());
    kit.scanner.discover().unwrap();
    let begun = Instant::now();
    let ended = kit.capture_within(Duration::from_millis(1500)).err();
    assert_eq!(ended, Some(ScannerFault::NoFinger));
    let took = begun.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_millis(1600)).contains(&took));
}

#[test]
fn pulling_the_plug_ends_a_running_capture() {
    let kit = kit(options());
    kit.scanner.discover().unwrap();
    let panel = kit.panel.clone();
    let pulling = std::thread::spawn(move || {
        while !panel.is_capturing() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        panel.set_plugged(false);
    });
    let begun = Instant::now();
    assert_eq!(kit.fault(), Some(ScannerFault::Unplugged));
    assert!(begun.elapsed() < Duration::from_secs(2));
    pulling.join().unwrap();
    assert_eq!(kit.fault(), Some(ScannerFault::NotConnected));
    kit.panel.set_plugged(true);
    kit.panel.place(glass(Skin::Ordinary));
    assert!(kit.capture().is_ok());
}

#[test]
fn a_device_slower_than_the_time_that_was_given_is_not_waited_for() {
    let kit = with_finger(options());
    kit.scanner.discover().unwrap();
    kit.panel.set_delay(Duration::from_secs(5));
    let begun = Instant::now();
    let ended = kit.capture_within(Duration::from_secs(1)).err();
    assert_eq!(ended, Some(ScannerFault::TimedOut));
    assert!(begun.elapsed() < Duration::from_millis(1400));
    let begun = Instant::now();
    assert_eq!(kit.scanner.test_frame().err(), Some(ScannerFault::TimedOut));
    assert!(begun.elapsed() < Duration::from_millis(2800));
}

#[test]
fn a_slow_device_is_a_slow_capture_and_no_fault() {
    let kit = with_finger(options());
    kit.panel.set_delay(Duration::from_millis(200));
    assert!(kit.capture().is_ok());
}
