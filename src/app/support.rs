//! `e-patrul support-bundle`: what those who mend tablets need to know, in a file.

use super::{StartError, harden};
use regulation::Edition;
use std::path::Path;
use std::sync::Arc;
use tablet::device::{Clock as _, KeyStore, SystemClock};
use tablet::support::{Bundle, Known};
use tablet::vault::{Vault, VaultError};

/// Looks at the tablet whose data lies in `data`, and writes what it finds to `out` as JSON. While
/// the tablet runs its vault is its own: the bundle then says so, and the rest.
///
/// # Errors
/// The file cannot be written.
pub fn write(
    data: &Path,
    keystore: Option<Arc<dyn KeyStore>>,
    protection: harden::Protection,
    out: &Path,
) -> Result<(), StartError> {
    let clock = Arc::new(SystemClock::new());
    let opened = keystore
        .ok_or(VaultError::KeyStore)
        .and_then(|keystore| Vault::open(data, keystore, clock.clone()));
    let bundle = Bundle::of(
        opened.as_ref().map(|(vault, _)| vault).map_err(|e| *e),
        &Known {
            data,
            edition: &Edition::shipped()?,
            now: clock.now(),
            no_dumps: protection.no_dumps,
            no_swap: protection.no_swap,
        },
    );
    Ok(std::fs::write(out, serde_json::to_vec_pretty(&bundle)?)?)
}
