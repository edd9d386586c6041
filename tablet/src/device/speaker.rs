//! Sound: a desk is called by it while its officer looks elsewhere (§4, §21).

#[cfg(feature = "sound")]
mod system;
#[cfg(feature = "sound")]
mod tones;

#[cfg(feature = "sound")]
pub use system::SystemSpeaker;

/// What is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Something has come that wants a look.
    Notice,
    /// Somebody may be in danger, or somebody wanted was found.
    Alarm,
}

/// Something that can be heard.
pub trait Speaker: Send + Sync {
    /// Begins to sound and returns at once. What sounds already is not interrupted; a signal that comes
    /// meanwhile is dropped, unless it is the graver one: that follows.
    fn sound(&self, signal: Signal);
}

/// A device that has no speaker.
#[derive(Clone, Copy, Debug)]
pub struct NoSpeaker;

impl Speaker for NoSpeaker {
    fn sound(&self, _: Signal) {}
}

/// The machine's own speaker, where this program was built with sound.
#[must_use]
pub fn system_speaker() -> std::sync::Arc<dyn Speaker> {
    #[cfg(feature = "sound")]
    match SystemSpeaker::new() {
        Ok(speaker) => return std::sync::Arc::new(speaker),
        Err(error) => tracing::warn!(kind = ?error.kind(), "no thread for the speaker"),
    }
    std::sync::Arc::new(NoSpeaker)
}
