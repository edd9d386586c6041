//! Prints that are taken.

use crate::kit::{Kit, config, glass, kit, options, request, with_finger};
use biometrics::finger::Verdict;
use regulation::encounter::Finger;
use sbi::{SbiScanner, verify};
use sbi_simulator::{Format, Numbers, Options, Simulator, Skin};
use serde_json::Value;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, Scanner as _, ScannerFault};

fn captures(kit: &Kit) -> Vec<Value> {
    let requests = kit.panel.requests().into_iter();
    let captures = requests.filter(|request| request.verb == "RCAPTURE /capture");
    captures.map(|request| request.body).collect()
}

#[test]
fn the_print_is_the_one_on_the_glass_pixel_by_pixel() {
    for format in [Format::Raw, Format::Png] {
        let kit = with_finger(Options {
            format: format.clone(),
            ..options()
        });
        let captured = kit.capture().unwrap();
        assert_eq!(Some(captured.picture), kit.panel.taken(), "{format:?}");
        assert_eq!(captured.quality.verdict, Verdict::Good);
        assert_eq!(captured.finger, Finger::RightIndex);
    }
}

#[test]
fn any_finger_can_be_asked_for_and_the_device_is_told_which() {
    let kit = with_finger(options());
    for finger in Finger::ALL {
        let request = request(finger, Duration::from_secs(10));
        let captured = kit
            .scanner
            .capture(&request, &mut |_| {}, &Cancel::default())
            .unwrap();
        assert_eq!(captured.finger, finger);
    }
    let mut asked: Vec<_> = captures(&kit)
        .iter()
        .map(|body| body["bio"][0]["bioSubType"][0].to_string())
        .collect();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), 10);
}

#[test]
fn the_preview_shows_the_glass_while_the_finger_comes() {
    let kit = kit(Options {
        settles: Duration::from_secs(1),
        ..options()
    });
    let panel = kit.panel.clone();
    let placing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(400));
        panel.place(glass(Skin::Ordinary));
    });
    let (captured, seen) = kit.watch();
    placing.join().unwrap();
    assert!(captured.is_ok());
    let with_ridges = |p: &&tablet::device::Preview| p.quality.verdict == Verdict::Good;
    assert!(seen.iter().any(|p| p.quality.verdict == Verdict::NoFinger));
    assert!(seen.iter().filter(with_ridges).count() >= 1);
}

#[test]
fn a_scanner_without_a_stream_takes_prints_and_shows_nothing_before() {
    let kit = with_finger(Options {
        streams: false,
        ..options()
    });
    let (captured, seen) = kit.watch();
    assert!(captured.is_ok() && seen.is_empty());
    assert_eq!(
        kit.scanner.test_frame().err(),
        Some(ScannerFault::NoPicture)
    );
}

#[test]
fn a_scanner_that_cannot_do_both_is_asked_without_the_stream_from_then_on() {
    let kit = with_finger(Options {
        streams_alone: true,
        ..options()
    });
    kit.capture().unwrap();
    assert!(captures(&kit).len() >= 2, "the first was refused");
    let (captured, seen) = kit.watch();
    assert!(captured.is_ok() && seen.is_empty());
    assert_eq!(captures(&kit).len(), 1);
}

#[test]
fn numbers_and_texts_are_tried_and_the_form_that_is_taken_is_remembered() {
    for (numbers, tries) in [
        (Numbers::Any, 1),
        (Numbers::Numbers, 1),
        (Numbers::Texts, 2),
    ] {
        let kit = with_finger(Options {
            numbers,
            ..options()
        });
        kit.capture().unwrap();
        assert_eq!(captures(&kit).len(), tries, "{numbers:?}");
        kit.capture().unwrap();
        let again = captures(&kit);
        assert_eq!(again.len(), 1, "{numbers:?}");
        let texts = numbers == Numbers::Texts;
        for number in [
            &again[0]["timeout"],
            &again[0]["bio"][0]["count"],
            &again[0]["bio"][0]["deviceSubId"],
        ] {
            assert_eq!(number.is_string(), texts, "{numbers:?}");
        }
    }
}

#[test]
fn a_scanner_for_hands_is_asked_for_one_finger_of_one_hand() {
    for numbers in [Numbers::Numbers, Numbers::Texts] {
        let kit = with_finger(Options {
            slap: true,
            numbers,
            ..options()
        });
        kit.capture().unwrap();
        let body = captures(&kit).pop().unwrap();
        let bio = &body["bio"][0];
        assert_eq!(bio["deviceSubId"].to_string().trim_matches('"'), "2");
        assert_eq!(bio["exception"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn each_capture_continues_the_chain_of_the_one_before() {
    let kit = with_finger(options());
    for _ in 0..3 {
        kit.capture().unwrap();
    }
    let hashes: Vec<_> = captures(&kit)
        .iter()
        .map(|body| body["bio"][0]["previousHash"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(hashes[0], verify::hex(&verify::first_link()));
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
}

#[test]
fn every_transaction_is_a_new_one_and_requests_come_in_one_piece() {
    let kit = with_finger(options());
    kit.capture().unwrap();
    kit.capture().unwrap();
    let requests = kit.panel.requests();
    assert!(requests.iter().all(|request| request.in_one));
    let of = |body: &Value| body["transactionId"].as_str().map(str::to_owned);
    let mut transactions: Vec<_> = requests.iter().filter_map(|r| of(&r.body)).collect();
    assert_eq!(transactions.len(), 2);
    transactions.dedup();
    assert_eq!(transactions.len(), 2);
}

#[test]
fn a_test_frame_shows_the_glass_and_waits_for_no_finger() {
    let kit = kit(options());
    let begun = Instant::now();
    let empty = kit.scanner.test_frame().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(empty.pixels().iter().all(|p| *p > 200));
    kit.panel.place(glass(Skin::Ordinary));
    let ridges = kit.scanner.test_frame().unwrap();
    assert!(ridges.pixels().iter().any(|p| *p < 60));
    assert!(kit.capture().is_ok(), "the stream was let go of");
}

#[test]
fn a_cancelled_capture_ends_at_once_and_the_next_one_works() {
    for deaf in [false, true] {
        let kit = kit(Options { deaf, ..options() });
        let cancel = Cancel::default();
        let (scanner, stop) = (kit.scanner.clone(), cancel.clone());
        let waiting = std::thread::spawn(move || {
            let request = request(Finger::RightIndex, Duration::from_secs(4));
            let ended = scanner.capture(&request, &mut |_| {}, &stop).map(|_| ());
            (ended, Instant::now())
        });
        while !kit.panel.is_capturing() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let cancelled = Instant::now();
        cancel.cancel();
        let (ended, at) = waiting.join().unwrap();
        assert_eq!(ended, Err(ScannerFault::Cancelled));
        let took = at - cancelled;
        assert!(took < Duration::from_millis(300), "deaf {deaf}: {took:?}");
        // A device that goes on by itself is waited for.
        kit.panel.place(glass(Skin::Ordinary));
        assert!(kit.capture().is_ok(), "deaf {deaf}");
    }
}

#[test]
fn a_capture_that_was_cancelled_before_it_began_asks_for_nothing() {
    let kit = with_finger(options());
    let cancel = Cancel::default();
    cancel.cancel();
    let request = request(Finger::RightIndex, Duration::from_secs(4));
    let ended = kit.scanner.capture(&request, &mut |_| {}, &cancel);
    assert_eq!(ended.err(), Some(ScannerFault::Cancelled));
    assert!(kit.panel.requests().is_empty());
}

#[test]
fn one_capture_at_a_time() {
    let kit = kit(options());
    let scanner = kit.scanner.clone();
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let waiting = std::thread::spawn(move || {
        let request = request(Finger::RightIndex, Duration::from_secs(10));
        scanner.capture(&request, &mut |_| {}, &stop).map(|_| ())
    });
    while !kit.panel.is_capturing() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // The service would not answer now.
    kit.panel.set_delay(Duration::from_secs(5));
    let begun = Instant::now();
    assert_eq!(kit.scanner.discover().unwrap().serial, "SIMULATED-0001");
    assert!(begun.elapsed() < Duration::from_millis(500));
    kit.panel.set_delay(Duration::ZERO);
    assert_eq!(kit.fault(), Some(ScannerFault::Busy));
    assert_eq!(kit.scanner.test_frame().err(), Some(ScannerFault::Busy));
    // Another program on the tablet.
    let other = SbiScanner::new(config(kit.simulator.port()..=kit.simulator.port()));
    let request = request(Finger::RightIndex, Duration::from_secs(10));
    let refused = other.capture(&request, &mut |_| {}, &Cancel::default());
    assert_eq!(refused.err(), Some(ScannerFault::Busy));
    cancel.cancel();
    assert_eq!(waiting.join().unwrap(), Err(ScannerFault::Cancelled));
}

#[test]
fn a_service_that_was_started_anew_on_another_port_is_found_again() {
    let first = Simulator::start(options()).unwrap();
    let panel = first.panel();
    panel.place(glass(Skin::Ordinary));
    // Any port may be the next one: the range is that of the system's own.
    let second_port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let (low, high) = (first.port().min(second_port), first.port().max(second_port));
    if high - low > 200 {
        // Out of reach of one range; the system gave ports far apart.
        return again_within(first, panel);
    }
    moved(first, panel, second_port, low..=high);
}

/// The same with neighbouring ports, looked for until two are free.
fn again_within(first: Simulator, panel: sbi_simulator::Panel) {
    drop(first);
    for low in (20_000..30_000).step_by(7) {
        let start = |port| {
            Simulator::start_with(
                Options {
                    port: Some(port),
                    ..Options::default()
                },
                panel.clone(),
            )
        };
        let Ok(first) = start(low) else { continue };
        if std::net::TcpListener::bind(("127.0.0.1", low + 1)).is_err() {
            continue;
        }
        return moved(first, panel, low + 1, low..=low + 1);
    }
    panic!("no two free ports");
}

fn moved(
    first: Simulator,
    panel: sbi_simulator::Panel,
    to: u16,
    ports: std::ops::RangeInclusive<u16>,
) {
    let scanner = SbiScanner::new(config(ports));
    let request = request(Finger::RightIndex, Duration::from_secs(10));
    let capture = || scanner.capture(&request, &mut |_| {}, &Cancel::default());
    capture().unwrap();
    drop(first);
    assert_eq!(capture().err(), Some(ScannerFault::NotConnected));
    let second = Options {
        port: Some(to),
        ..Options::default()
    };
    let _second = Simulator::start_with(second, panel).unwrap();
    capture().unwrap();
    assert_eq!(scanner.discover().unwrap().serial, "SIMULATED-0001");
}

#[test]
fn another_scanner_on_the_same_port_is_not_the_one_that_was_described() {
    let first = with_finger(options());
    first.capture().unwrap();
    let (port, scanner, panel) = (
        first.simulator.port(),
        first.scanner.clone(),
        first.panel.clone(),
    );
    drop(first);
    let second = Options {
        port: Some(port),
        serial: "SIMULATED-0002".into(),
        ..Options::default()
    };
    let simulator = Simulator::start_with(second, panel.clone()).unwrap();
    let second = Kit {
        simulator,
        scanner,
        panel,
    };
    assert_eq!(second.capture().err(), Some(ScannerFault::Untrusted));
    // From then on it is known by its own description.
    assert!(second.capture().is_ok());
    assert_eq!(second.scanner.discover().unwrap().serial, "SIMULATED-0002");
}

#[test]
fn a_capture_is_cancelled_at_once_while_the_device_says_nothing_at_all() {
    let kit = with_finger(options());
    kit.scanner.discover().unwrap();
    kit.panel.set_delay(Duration::from_secs(5));
    let cancel = Cancel::default();
    let (scanner, stop) = (kit.scanner.clone(), cancel.clone());
    let waiting = std::thread::spawn(move || {
        let request = request(Finger::RightIndex, Duration::from_secs(10));
        let ended = scanner.capture(&request, &mut |_| {}, &stop).map(|_| ());
        (ended, Instant::now())
    });
    std::thread::sleep(Duration::from_millis(200));
    let cancelled = Instant::now();
    cancel.cancel();
    let (ended, at) = waiting.join().unwrap();
    assert_eq!(ended, Err(ScannerFault::Cancelled));
    assert!(
        at - cancelled < Duration::from_millis(300),
        "{:?}",
        at - cancelled
    );
}
