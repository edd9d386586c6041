//! What libfprint's errors mean for the officer. An error is a domain and a code: `FpDeviceRetry` and
//! `FpDeviceError` of `fp-device.h`, GIO's and GUsb's own.

use tablet::device::ScannerFault;

/// `FpDeviceRetry`.
const TOO_SHORT: i32 = 1;
const CENTRE_FINGER: i32 = 2;
/// `FpDeviceError`.
const NOT_SUPPORTED: i32 = 1;
const ALREADY_OPEN: i32 = 3;
const BUSY: i32 = 4;
const REMOVED: i32 = 0x100;
const TOO_HOT: i32 = 0x101;
/// `GIOErrorEnum`.
const IO_CANCELLED: i32 = 19;
const IO_TIMED_OUT: i32 = 24;
const IO_BUSY: i32 = 26;
/// `GUsbDeviceError`.
const USB_TIMED_OUT: i32 = 2;
const USB_NOT_SUPPORTED: i32 = 3;
const USB_NO_DEVICE: i32 = 4;
const USB_CANCELLED: i32 = 7;
const USB_BUSY: i32 = 10;

/// The fault of an error by the name of its domain and its code.
pub(crate) fn of_error(domain: &str, code: i32) -> ScannerFault {
    // libfprint's macro keeps the blanks around the hyphens: "fp - device - retry - quark".
    let domain: String = domain.chars().filter(|c| *c != ' ').collect();
    match (domain.as_str(), code) {
        // The finger left too early.
        ("fp-device-retry-quark", TOO_SHORT) => ScannerFault::Partial,
        ("fp-device-retry-quark", CENTRE_FINGER) => ScannerFault::Misplaced,
        // In general; take the finger off and try again; no ridges were found in the picture.
        ("fp-device-retry-quark", _) => ScannerFault::Failed,
        ("fp-device-error-quark", NOT_SUPPORTED) => ScannerFault::Unsupported,
        // Too hot a reader cools while one waits.
        ("fp-device-error-quark", ALREADY_OPEN | BUSY | TOO_HOT) => ScannerFault::Busy,
        ("fp-device-error-quark", REMOVED) => ScannerFault::Unplugged,
        ("g-io-error-quark", IO_CANCELLED) => ScannerFault::Cancelled,
        ("g-io-error-quark", IO_TIMED_OUT) => ScannerFault::TimedOut,
        ("g-io-error-quark", IO_BUSY) => ScannerFault::Busy,
        ("g-usb-device-error-quark", USB_TIMED_OUT) => ScannerFault::TimedOut,
        ("g-usb-device-error-quark", USB_NOT_SUPPORTED) => ScannerFault::Unsupported,
        ("g-usb-device-error-quark", USB_NO_DEVICE) => ScannerFault::Unplugged,
        ("g-usb-device-error-quark", USB_CANCELLED) => ScannerFault::Cancelled,
        ("g-usb-device-error-quark", USB_BUSY) => ScannerFault::Busy,
        _ => ScannerFault::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart_by_domain_and_code() {
        let retry = "fp - device - retry - quark";
        assert_eq!(of_error(retry, 1), ScannerFault::Partial);
        assert_eq!(of_error("fp-device-retry-quark", 1), ScannerFault::Partial);
        let device = "fp - device - error - quark";
        assert_eq!(of_error(device, 1), ScannerFault::Unsupported);
        assert_eq!(of_error(device, 0x100), ScannerFault::Unplugged);
        assert_eq!(
            of_error("g-usb-device-error-quark", 4),
            ScannerFault::Unplugged
        );
        assert_eq!(of_error("another", 1), ScannerFault::Failed);
    }
}
