//! Identifiers of the exchange.

pub use regulation::CaptureId;
use regulation::random_id;

random_id! {
    /// An enrolled tablet; the common name of its certificate.
    DeviceId
}
random_id! {
    /// One officer's shift on one tablet, from log-in to hand-over.
    SessionId
}
random_id! {
    /// A sealing key of central; old ones are kept as long as anything sealed to them may arrive.
    KeyId
}
