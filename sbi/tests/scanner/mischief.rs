//! Everything that a hostile or broken service does, one by one.

use crate::kit::{options, with_finger};
use sbi_simulator::{Mischief, Options};
use std::time::{Duration, Instant};
use tablet::device::ScannerFault;

/// What a capture must come to. A match with no wildcard: a new mischief wants its line.
fn expected(mischief: Mischief) -> Option<ScannerFault> {
    use Mischief::*;
    match mischief {
        WrongSignature
        | SignedByAnother
        | UntrustedRoot
        | SelfSigned
        | ExpiredCertificate
        | CertificateOfTomorrow
        | IssuedByADevice
        | IssuerWithoutRight
        | KeyForEncryption
        | NoCertificates
        | BrokenCertificate
        | AlgorithmNone
        | AlgorithmHmac
        | CriticalExtension
        | ChangedPayload
        | FourParts
        | TwoParts
        | PayloadIsNoJson
        | ReplayedTransaction
        | StaleTime
        | FutureTime
        | TimeWithoutZone
        | BrokenChain
        | NoHash
        | OtherPurpose
        | OtherEnvironment
        | OtherDevice
        | OtherDeviceCode
        | UnsignedDevice
        | StrangeDevice
        | TwoAnswers
        | UnsignedInfo
        | StrangeInfo => Some(ScannerFault::Untrusted),
        SwappedFinger | UnnamedFinger | RecordOfAnotherFinger => Some(ScannerFault::WrongFinger),
        Face | OtherSpecVersion | NotARecord | CutRecord | LowResolution => {
            Some(ScannerFault::Unsupported)
        }
        NoAnswers | CutBeforeAnswer | CutInBody | GiantLength | EndlessBody | EndlessHead
        | NotHttp | NotJson | DeepJson | ServerError => Some(ScannerFault::Failed),
        SlowDrip | Silence => Some(ScannerFault::TimedOut),
        InfoOfOtherEnvironment => Some(ScannerFault::NotRegistered),
        // The preview alone suffers, or nothing does.
        NoisyStream | CutStream | GiantFrames | LengthInCharacters | Chunked => None,
    }
}

/// All of them, some at a time: many are waited for.
fn each(test: impl Fn(Mischief) + Sync) {
    let test = &test;
    let left = std::sync::Mutex::new(Mischief::ALL.iter());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let next = || left.lock().unwrap().next().copied();
                while let Some(mischief) = next() {
                    test(mischief);
                }
            });
        }
    });
}

#[test]
fn every_mischief_comes_to_its_fault_and_leaves_no_trace() {
    each(|mischief| {
        let kit = with_finger(options());
        if !mischief.is_of_the_description() {
            kit.capture().unwrap();
        }
        kit.panel.set_mischief(Some(mischief));
        let begun = Instant::now();
        let ended = kit.capture_within(Duration::from_secs(3)).err();
        assert_eq!(ended, expected(mischief), "{mischief:?}");
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(3600), "{mischief:?}: {took:?}");
        kit.panel.set_mischief(None);
        assert!(kit.capture().is_ok(), "after {mischief:?}");
    });
}

#[test]
fn no_mischief_on_the_first_capture_is_taken_for_a_form_that_is_refused() {
    each(|mischief| {
        use Mischief::{CutStream, GiantFrames, NoisyStream};
        let kit = with_finger(Options {
            streams: matches!(mischief, CutStream | GiantFrames | NoisyStream),
            ..options()
        });
        kit.panel.set_mischief(Some(mischief));
        let ended = kit.capture_within(Duration::from_secs(3)).err();
        // A former answer: there is none yet, and another transaction is as little trusted.
        assert_eq!(ended, expected(mischief), "{mischief:?}");
        kit.panel.set_mischief(None);
        assert!(kit.capture().is_ok(), "after {mischief:?}");
        let captures = kit.panel.captures();
        assert!(kit.capture().is_ok(), "after {mischief:?}");
        assert_eq!(kit.panel.captures(), captures + 1, "one request is enough");
    });
}

#[test]
fn the_first_of_what_is_wrong_is_noticed_whatever_the_order() {
    // A replay of a whole former answer, signature and chain of hashes included.
    let kit = with_finger(options());
    kit.capture().unwrap();
    kit.panel.set_mischief(Some(Mischief::ReplayedTransaction));
    for _ in 0..3 {
        assert_eq!(kit.fault(), Some(ScannerFault::Untrusted));
    }
    kit.panel.set_mischief(None);
    assert!(kit.capture().is_ok());
}
