//! Which scanner is found, and what is no scanner.

use crate::kit::{config, kit, options, request, roots, with_finger};
use regulation::Timestamp;
use regulation::encounter::Finger;
use sbi::verify::{RootsError, TrustRoots};
use sbi::{SbiConfig, SbiScanner};
use sbi_simulator::{Mischief, Options, Status};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, Clock, Scanner as _, ScannerFault};

#[test]
fn a_scanner_is_described_by_what_it_has_signed() {
    let kit = kit(options());
    let found = kit.scanner.discover().unwrap();
    assert_eq!(found.serial, "SIMULATED-0001");
    assert!(found.model.starts_with("Simulated"));
    assert_eq!(found.ppi, 500);
}

#[test]
fn no_service_is_no_scanner_and_is_said_at_once() {
    // A range in which nothing listens.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let scanner = SbiScanner::new(config(port..=port));
    let begun = Instant::now();
    assert_eq!(scanner.discover(), Err(ScannerFault::NotConnected));
    assert_eq!(scanner.test_frame().err(), Some(ScannerFault::NotConnected));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_service_without_its_device_is_no_scanner() {
    let kit = kit(options());
    kit.panel.set_plugged(false);
    assert_eq!(kit.scanner.discover(), Err(ScannerFault::NotConnected));
    kit.panel.set_plugged(true);
    assert!(kit.scanner.discover().is_ok());
    kit.panel.set_plugged(false);
    assert_eq!(kit.scanner.discover(), Err(ScannerFault::NotConnected));
    assert_eq!(kit.fault(), Some(ScannerFault::NotConnected));
}

#[test]
fn a_device_that_is_not_registered_is_named_so() {
    let kit = with_finger(options());
    kit.panel.set_status(Status::NotRegistered);
    assert_eq!(kit.scanner.discover(), Err(ScannerFault::NotRegistered));
    assert_eq!(kit.fault(), Some(ScannerFault::NotRegistered));
}

#[test]
fn a_busy_device_is_there_and_takes_no_print() {
    let kit = with_finger(options());
    for status in [Status::Busy, Status::NotReady] {
        kit.panel.set_status(status);
        assert!(kit.scanner.discover().is_ok());
        assert_eq!(kit.fault(), Some(ScannerFault::Busy));
        assert_eq!(kit.scanner.test_frame().err(), Some(ScannerFault::Busy));
    }
}

#[test]
fn a_device_of_another_environment_is_not_registered_for_this_one() {
    let kit = kit(options());
    let port = kit.simulator.port();
    let production = SbiConfig {
        ports: port..=port,
        ..SbiConfig::new(roots())
    };
    assert_eq!(
        SbiScanner::new(production).discover(),
        Err(ScannerFault::NotRegistered)
    );
}

#[test]
fn a_description_that_does_not_hold_is_not_trusted() {
    for mischief in Mischief::ALL.iter().filter(|m| m.is_of_the_description()) {
        let kit = with_finger(options());
        kit.panel.set_mischief(Some(*mischief));
        let fault = match mischief {
            Mischief::InfoOfOtherEnvironment => ScannerFault::NotRegistered,
            _ => ScannerFault::Untrusted,
        };
        assert_eq!(kit.scanner.discover(), Err(fault), "{mischief:?}");
        assert_eq!(kit.fault(), Some(fault), "{mischief:?}");
        kit.panel.set_mischief(None);
        assert!(kit.scanner.discover().is_ok(), "{mischief:?}");
    }
}

/// The machine's clock, moved.
struct Moved(i64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        let now = tablet::device::SystemClock::new().now();
        Timestamp(now.0 + self.0 * 1000)
    }

    fn uptime_ms(&self) -> u64 {
        0
    }
}

#[test]
fn certificates_and_answers_are_judged_by_the_tablets_clock() {
    let kit = with_finger(options());
    let port = kit.simulator.port();
    let day = 24 * 3600;
    for (seconds, fault) in [
        (0, None),
        (100, None),
        (-100, None),
        // Certificates hold still, the answer is of another hour.
        (3600, Some(ScannerFault::Untrusted)),
        (-3600, Some(ScannerFault::Untrusted)),
        // They do not hold any more, or not yet.
        (60 * day, Some(ScannerFault::Untrusted)),
        (-60 * day, Some(ScannerFault::Untrusted)),
    ] {
        let scanner = SbiScanner::with_clock(config(port..=port), Arc::new(Moved(seconds)));
        let request = request(Finger::RightIndex, Duration::from_secs(10));
        let captured = scanner.capture(&request, &mut |_| {}, &Cancel::default());
        assert_eq!(captured.err(), fault, "{seconds} s");
    }
}

#[test]
fn trust_modules_may_be_certified_by_another_authority() {
    let kit = with_finger(options());
    let port = kit.simulator.port();
    let strange = {
        let key = include_str!("../../../sbi-simulator/keys/simulated-stranger.pem");
        let key = rcgen::KeyPair::from_pem(key).unwrap();
        let root = rcgen::CertificateParams::default()
            .self_signed(&key)
            .unwrap();
        TrustRoots::from_pem(root.pem().as_bytes()).unwrap()
    };
    for (answers, devices, fault) in [
        (roots(), None, None),
        (roots(), Some(roots()), None),
        (
            roots(),
            Some(strange.clone()),
            Some(ScannerFault::Untrusted),
        ),
        (strange, Some(roots()), Some(ScannerFault::Untrusted)),
    ] {
        let config = SbiConfig {
            trust_roots: answers,
            device_roots: devices,
            ..config(port..=port)
        };
        let request = request(Finger::RightIndex, Duration::from_secs(10));
        let captured = SbiScanner::new(config).capture(&request, &mut |_| {}, &Cancel::default());
        assert_eq!(captured.err(), fault);
    }
}

#[test]
fn roots_are_certificates_and_at_least_one() {
    assert_eq!(TrustRoots::from_pem(b"").err(), Some(RootsError::Empty));
    assert_eq!(
        TrustRoots::from_pem(b"no PEM").err(),
        Some(RootsError::Empty)
    );
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(
        TrustRoots::from_pem(broken).err(),
        Some(RootsError::Unreadable)
    );
    assert_eq!(
        TrustRoots::from_der([b"no certificate"]).err(),
        Some(RootsError::Unreadable)
    );
}

/// Something that listens on a port of the range and is no scanner.
fn stranger(answer: &'static [u8], keeps_open: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut socket in listener.incoming().flatten() {
            let _ = socket.read(&mut [0; 4096]);
            let _ = socket.write_all(answer);
            if keeps_open {
                kept.push(socket);
            }
        }
    });
    port
}

#[test]
fn whatever_else_listens_in_the_range_is_passed_over() {
    for answer in [
        &b"SSH-2.0-Other\r\n"[..],
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n[{\"digitalId\":\"AAAA\",\"deviceId\":7}]",
        b"",
    ] {
        let port = stranger(answer, false);
        let scanner = SbiScanner::new(config(port..=port));
        assert_eq!(scanner.discover(), Err(ScannerFault::NotConnected));
    }
    // One that says nothing costs its time, and no more.
    let port = stranger(b"", true);
    let begun = Instant::now();
    let scanner = SbiScanner::new(config(port..=port));
    assert_eq!(scanner.discover(), Err(ScannerFault::TimedOut));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn the_whole_range_of_the_specification_is_looked_through_in_no_time() {
    // On the first free of its ports.
    let kit = kit(Options::default());
    let port = kit.simulator.port();
    assert!((4501..=4600).contains(&port));
    let scanner = SbiScanner::new(config(4501..=4600));
    let begun = Instant::now();
    // Perhaps another test's: all of them are of one kind.
    assert!(scanner.discover().unwrap().model.starts_with("Simulated"));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_capture_for_authentication_is_refused_by_the_simulator() {
    let kit = kit(options());
    let mut socket = std::net::TcpStream::connect(kit.simulator.address()).unwrap();
    socket
        .write_all(b"CAPTURE /capture HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        .unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer);
    assert!(answer.contains("\"809\""), "{answer}");
}
