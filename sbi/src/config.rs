//! What a tablet is told about its scanners.

use crate::verify::TrustRoots;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Which scanners are trusted, and where they are looked for.
#[derive(Clone, Debug)]
pub struct SbiConfig {
    /// Authorities under which devices sign their answers.
    pub trust_roots: TrustRoots,
    /// Authorities under which devices sign their descriptions, where they are others: those of the
    /// trust modules ("FTM") of certified hardware.
    pub device_roots: Option<TrustRoots>,
    /// Ports of loopback on which services are looked for.
    pub ports: RangeInclusive<u16>,
    /// The environment that devices are registered for: "Production", "Pre-Production", "Staging",
    /// "Developer".
    pub environment: String,
    /// How far a device's clock may be from the tablet's.
    pub clock_window: Duration,
    /// Pixels an inch of the pictures of `STREAM`, which do not say it themselves. The preview alone
    /// is judged by it.
    pub stream_ppi: u16,
}

impl SbiConfig {
    /// The specification's ports, production, five minutes, 500 pixels an inch.
    #[must_use]
    pub fn new(trust_roots: TrustRoots) -> Self {
        Self {
            trust_roots,
            device_roots: None,
            ports: 4501..=4600,
            environment: "Production".into(),
            clock_window: Duration::from_secs(5 * 60),
            stream_ppi: 500,
        }
    }

    pub(crate) fn device_roots(&self) -> &TrustRoots {
        self.device_roots.as_ref().unwrap_or(&self.trust_roots)
    }
}
