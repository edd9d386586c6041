//! Random secrets: given out once, kept as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// 256 random bits, base64url.
pub(crate) fn random_text() -> String {
    let mut bytes = [0u8; 32];
    if getrandom::fill(&mut bytes).is_err() {
        // The system's randomness failed once; UUIDs ask again and stop the program if there is none.
        let (a, b, c) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        let mut hash = Sha256::new();
        for id in [a, b, c] {
            hash.update(id.as_bytes());
        }
        bytes = hash.finalize().into();
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a secret with full entropy: a plain hash is enough.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
