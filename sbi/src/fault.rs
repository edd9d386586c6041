//! What a service's errors mean for the officer. Codes 100 to 112 are those of the specification, 113
//! to 122, 601 to 610 (of the stream) and 700 to 710 those of MOSIP's own mock service, which vendors
//! start from; 5xx are each vendor's own.

use crate::http::HttpFault;
use crate::verify::VerifyError;
use tablet::device::ScannerFault;

/// What an error code asks of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Fault(ScannerFault),
    /// The device is not there any more, or by another identifier.
    Gone,
    /// The request itself was not understood: another form of it may be.
    Form,
}

#[must_use]
pub fn meaning(code: u32) -> Meaning {
    let fault = match code {
        // Not registered; a key that has expired; no domain's key.
        100 | 107 | 108 => ScannerFault::NotRegistered,
        // No biometric object on the glass; the time is over.
        101 | 701 => ScannerFault::NoFinger,
        // Technical error during extraction; the vendor's server cannot be reached.
        102 | 104 => ScannerFault::Failed,
        // The device says that it was tampered with: nothing it says later is worth more.
        103 => ScannerFault::Untrusted,
        105 => ScannerFault::Misplaced,
        106 | 202 | 604 | 605 | 704 | 705 => return Meaning::Gone,
        // Not ready; busy; a capture is under way.
        110 | 111 | 702 | 703 => ScannerFault::Busy,
        // Count, transaction, type, environment, exceptions, sub-type; what a service could not read.
        109 | 112..=122 | 710 | 999 => return Meaning::Form,
        // Of another purpose.
        601 | 606 | 706 | 709 => ScannerFault::Unsupported,
        _ => ScannerFault::Failed,
    };
    Meaning::Fault(fault)
}

/// Of an exchange that gave no answer.
#[must_use]
pub fn of_http(fault: HttpFault) -> ScannerFault {
    match fault {
        HttpFault::Refused => ScannerFault::NotConnected,
        HttpFault::Broken | HttpFault::TooLong | HttpFault::Malformed => ScannerFault::Failed,
        HttpFault::TimedOut => ScannerFault::TimedOut,
        HttpFault::Stopped => ScannerFault::Cancelled,
    }
}

/// Of an answer that does not hold.
#[must_use]
pub fn of_verify(error: VerifyError) -> ScannerFault {
    match error {
        VerifyError::Finger => ScannerFault::WrongFinger,
        VerifyError::SpecVersion | VerifyError::Record | VerifyError::Kind => {
            ScannerFault::Unsupported
        }
        VerifyError::Answer(_)
        | VerifyError::DigitalId(_)
        | VerifyError::Payload
        | VerifyError::Device
        | VerifyError::Transaction
        | VerifyError::Time
        | VerifyError::Purpose
        | VerifyError::Environment
        | VerifyError::Hash => ScannerFault::Untrusted,
    }
}
