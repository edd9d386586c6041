//! What a tablet is told about its reader, and what is known without being told.

use biometrics::finger::PPI_RANGE;

/// The reader's resolution is not one that prints can be used at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} pixels an inch: a fingerprint reader has from 250 to 1200")]
pub struct BadResolution(pub u16);

/// How a tablet's reader is to be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LibfprintConfig {
    ppi: Option<u16>,
}

impl LibfprintConfig {
    /// Readers of a known resolution alone ([`known_ppi`]).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Any reader, at so many pixels an inch by its data sheet.
    ///
    /// # Errors
    /// [`BadResolution`] outside of [`PPI_RANGE`].
    pub fn with_ppi(ppi: u16) -> Result<Self, BadResolution> {
        if PPI_RANGE.contains(&ppi) {
            Ok(Self { ppi: Some(ppi) })
        } else {
            Err(BadResolution(ppi))
        }
    }

    /// What was told, or what is known; none is never guessed.
    pub(crate) fn ppi_of(&self, driver: &str) -> Option<u16> {
        self.ppi.or_else(|| known_ppi(driver))
    }
}

/// Pixels an inch of the readers of one of libfprint's drivers, where the maker states one for all of
/// them: `uru4000`, the U.are.U 4000, 4000B and 4500 of DigitalPersona (now HID) and Microsoft's
/// readers with the same sensor, 512 on average over the field by their data sheets. A swipe reader
/// has none: its picture is put together from strips.
#[must_use]
pub fn known_ppi(driver: &str) -> Option<u16> {
    match driver {
        "uru4000" => Some(512),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_resolution_is_told_or_known_and_never_guessed() {
        assert_eq!(LibfprintConfig::new().ppi_of("uru4000"), Some(512));
        assert_eq!(LibfprintConfig::new().ppi_of("virtual_image"), None);
        let told = LibfprintConfig::with_ppi(500).unwrap();
        assert_eq!(told.ppi_of("virtual_image"), Some(500));
        assert_eq!(
            told.ppi_of("uru4000"),
            Some(500),
            "who tells it has the data sheet"
        );
    }

    #[test]
    fn a_resolution_that_no_print_can_be_used_at_is_refused() {
        for ppi in [0, 249, 1201, u16::MAX] {
            assert_eq!(LibfprintConfig::with_ppi(ppi), Err(BadResolution(ppi)));
        }
    }
}
