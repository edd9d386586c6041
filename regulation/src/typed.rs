//! Texts that an officer types.

/// Whether a text says something and is no longer than `chars`; otherwise which of the two refusals.
pub(crate) fn check<R>(text: &str, chars: usize, missing: R, too_long: R) -> Result<(), R> {
    if text.trim().is_empty() {
        return Err(missing);
    }
    if text.chars().count() > chars {
        return Err(too_long);
    }
    Ok(())
}
