//! Everything that a hostile, broken or merely odd service can do, one at a time.

use serde::Deserialize;

macro_rules! mischief {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// What goes wrong with the next answers, until it is taken back.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Mischief {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Mischief {
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

mischief! {
    /// One bit of the signature is turned.
    WrongSignature,
    /// Signed by a stranger's key under the device's certificate.
    SignedByAnother,
    /// A whole chain, under a root that nobody trusts.
    UntrustedRoot,
    /// A stranger's self-signed certificate alone.
    SelfSigned,
    /// The device's certificate has expired.
    ExpiredCertificate,
    /// The device's certificate is of next year.
    CertificateOfTomorrow,
    /// The device's certificate issued another one, which signs.
    IssuedByADevice,
    /// The provider's certificate is of an authority, and its key may not sign certificates.
    IssuerWithoutRight,
    /// The device's certificate is for encryption alone.
    KeyForEncryption,
    /// No certificates at all.
    NoCertificates,
    /// Certificates that are none.
    BrokenCertificate,
    /// `alg` is "none", and there is no signature.
    AlgorithmNone,
    /// `alg` is "HS256", with the public key as the secret.
    AlgorithmHmac,
    /// The header asks for an extension to be understood.
    CriticalExtension,
    /// The payload was changed after it was signed.
    ChangedPayload,
    /// Four parts where three belong.
    FourParts,
    /// No signature: header and payload alone.
    TwoParts,
    /// Signed, but it is no JSON.
    PayloadIsNoJson,
    /// A former answer, whole; before there is one, one of another transaction.
    ReplayedTransaction,
    /// Another finger than was asked for, and says so.
    SwappedFinger,
    /// Does not say which finger.
    UnnamedFinger,
    /// Says the right finger; the record in it is of another.
    RecordOfAnotherFinger,
    /// A face.
    Face,
    /// Made a day ago.
    StaleTime,
    /// Made in a day.
    FutureTime,
    /// A time without a zone.
    TimeWithoutZone,
    /// The hash continues another chain.
    BrokenChain,
    /// The hash is no hash.
    NoHash,
    /// Of the purpose "Auth".
    OtherPurpose,
    /// Of another environment.
    OtherEnvironment,
    /// Of another version of the specification.
    OtherSpecVersion,
    /// Described as another device, signed.
    OtherDevice,
    /// With another device's code.
    OtherDeviceCode,
    /// The device's description is not signed.
    UnsignedDevice,
    /// The device's description is signed by a stranger.
    StrangeDevice,
    /// Two answers to one question.
    TwoAnswers,
    /// A list of no answers.
    NoAnswers,
    /// What is signed is no record.
    NotARecord,
    /// The record is cut off.
    CutRecord,
    /// A picture of 250 pixels an inch.
    LowResolution,
    /// The connection ends before the answer.
    CutBeforeAnswer,
    /// The connection ends in the middle of the answer.
    CutInBody,
    /// One byte every 50 ms.
    SlowDrip,
    /// Says that it will send 8 GB.
    GiantLength,
    /// Sends without an end.
    EndlessBody,
    /// A head without an end.
    EndlessHead,
    /// No HTTP.
    NotHttp,
    /// HTTP, but no JSON.
    NotJson,
    /// JSON 100 000 levels deep.
    DeepJson,
    /// HTTP 500.
    ServerError,
    /// No answer at all.
    Silence,
    /// The stream is noise.
    NoisyStream,
    /// The stream ends after one frame.
    CutStream,
    /// Frames of the stream say that they have 8 GB.
    GiantFrames,
    /// Says a length in characters where bytes belong, after a text that is not ASCII.
    LengthInCharacters,
    /// In chunks of HTTP/1.1.
    Chunked,
    /// The description is not signed.
    UnsignedInfo,
    /// The description is signed by a stranger.
    StrangeInfo,
    /// The description is of another environment.
    InfoOfOtherEnvironment,
}

impl Mischief {
    /// Whether it shows in what the device says of itself, before any capture.
    #[must_use]
    pub fn is_of_the_description(self) -> bool {
        matches!(
            self,
            Self::UnsignedInfo | Self::StrangeInfo | Self::InfoOfOtherEnvironment
        )
    }
}
