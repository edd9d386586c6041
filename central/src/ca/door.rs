//! The key of the door: makes the tokens that rosters promise, and the names under which failed
//! log-ins are counted. It lies beside the database and not in it.

use super::{KeyError, files};
use crate::config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{DeviceId, SessionId, access::normal_login};
use ring::hmac;
use zeroize::Zeroizing;

const FILE: &str = "door.hmac";

/// HMAC-SHA-256 under central's own key.
pub struct DoorKey(hmac::Key);

impl std::fmt::Debug for DoorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DoorKey")
    }
}

impl DoorKey {
    /// Reads the key, and makes it where there is none: nothing is sealed under it. With a new one,
    /// failed log-ins are counted anew, and unused promises of older rosters have no inbox.
    ///
    /// # Errors
    /// The file cannot be read or written, or is damaged.
    pub fn open(config: &Config) -> Result<Self, KeyError> {
        let dir = files::Dir::at(&config.data_dir.join("keys"));
        if !dir.has(FILE) {
            let mut bytes = Zeroizing::new([0u8; 32]);
            getrandom::fill(bytes.as_mut()).map_err(|_| KeyError::Generate)?;
            dir.write(FILE, bytes.as_ref())?;
        }
        let bytes = dir.bytes(FILE)?;
        if bytes.len() != 32 {
            return Err(KeyError::Damaged(dir.path(FILE)));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    fn mac(&self, purpose: &[u8], what: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(what);
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }

    /// Bearer token of a reserved session: always the same, and unguessable.
    pub(crate) fn token(&self, session: SessionId) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(b"token\0", session.0.as_bytes()))
    }

    pub(crate) fn login(&self, login: &str) -> [u8; 32] {
        self.mac(b"login\0", normal_login(login).as_bytes())
    }

    pub(crate) fn device(&self, device: DeviceId) -> [u8; 32] {
        self.mac(b"device\0", device.0.as_bytes())
    }
}
