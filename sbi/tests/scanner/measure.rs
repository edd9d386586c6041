//! How long the driver takes: `cargo test -p sbi --test scanner measure -- --ignored --nocapture`.

use crate::kit::{config, kit, options, request, with_finger};
use regulation::encounter::Finger;
use sbi::SbiScanner;
use sbi_simulator::Options;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, Scanner as _};

const TIMES: usize = 20;

fn measure(what: &str, mut once: impl FnMut() -> Duration) {
    let mut took: Vec<_> = (0..TIMES).map(|_| once()).collect();
    took.sort_unstable();
    let (p50, p95) = (took[TIMES / 2], took[TIMES * 95 / 100]);
    eprintln!("{what}: p50 {p50:?}, p95 {p95:?}");
}

#[test]
#[ignore = "a measurement"]
fn measure_the_driver() {
    let kit = with_finger(Options {
        port: None,
        settles: Duration::ZERO,
        ..options()
    });
    measure(
        "a search of ports 4501 to 4600, description verified",
        || {
            let scanner = SbiScanner::new(config(4501..=4600));
            let begun = Instant::now();
            scanner.discover().unwrap();
            begun.elapsed()
        },
    );
    measure(
        "a capture of a finger that lies there, stream beside it",
        || {
            let begun = Instant::now();
            kit.capture().unwrap();
            begun.elapsed()
        },
    );
    measure("a test frame", || {
        let begun = Instant::now();
        kit.scanner.test_frame().unwrap();
        begun.elapsed()
    });
    cancelling();
}

fn cancelling() {
    let kit = kit(options());
    measure("from cancelling to the end of the capture", || {
        let cancel = Cancel::default();
        let (scanner, stop) = (kit.scanner.clone(), cancel.clone());
        let waiting = std::thread::spawn(move || {
            let request = request(Finger::RightIndex, Duration::from_secs(10));
            let _ = scanner.capture(&request, &mut |_| {}, &stop);
            Instant::now()
        });
        while !kit.panel.is_capturing() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let begun = Instant::now();
        cancel.cancel();
        waiting.join().unwrap() - begun
    });
}
