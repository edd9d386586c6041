//! Speech: words for a person, read aloud by the system's own voice. What is said leaves no machine.

#[cfg(target_os = "linux")]
mod ssip;

use super::Cancel;
use regulation::encounter::Language;
#[cfg(target_os = "linux")]
pub use ssip::SpeechDispatcher;

/// Why nothing was said, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VoiceFault {
    #[error("the system has no speech")]
    NoVoice,
    #[error("the system has no voice in this language")]
    NoLanguage,
    #[error("the system's speech broke off")]
    BrokeOff,
}

impl VoiceFault {
    pub const ALL: [Self; 3] = every!(VoiceFault: NoVoice, NoLanguage, BrokeOff);
}

/// Something that reads aloud.
pub trait Voice: Send + Sync {
    /// Reads `text` aloud, and returns when it was heard, or soon after `cancel`: that is no fault. To be
    /// called on a thread of its own.
    ///
    /// # Errors
    /// [`VoiceFault`].
    fn say(&self, text: &str, language: Language, cancel: &Cancel) -> Result<(), VoiceFault>;
}

/// A device that cannot speak.
#[derive(Clone, Copy, Debug)]
pub struct NoVoice;

impl Voice for NoVoice {
    fn say(&self, _: &str, _: Language, _: &Cancel) -> Result<(), VoiceFault> {
        Err(VoiceFault::NoVoice)
    }
}

/// What this system offers: Speech Dispatcher on Linux, nothing elsewhere.
#[must_use]
pub fn system_voice() -> std::sync::Arc<dyn Voice> {
    #[cfg(target_os = "linux")]
    if let Some(voice) = SpeechDispatcher::of_user() {
        return std::sync::Arc::new(voice);
    }
    std::sync::Arc::new(NoVoice)
}
