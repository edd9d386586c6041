//! Passwords by Argon2id.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const SALT: usize = 16;
const HASH: usize = 32;
/// Most that a hash may cost, in KiB and in passes. A damaged parameter must not take the machine's
/// memory (no room for it ends the process) or an hour.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;

/// A password could not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the Argon2 parameters are out of range")]
    Parameters,
    #[error("no randomness")]
    Random,
    #[error("a stored password hash cannot be read")]
    Unreadable,
}

/// Hashes with the parameters of the policy; verifies with those that a hash was made with.
#[derive(Debug)]
pub struct PasswordHasher {
    memory_kib: u32,
    passes: u32,
    /// Hash of no officer's password, where there are no officers yet.
    nobody: String,
}

impl PasswordHasher {
    /// # Errors
    /// The parameters are out of range.
    pub fn new(memory_kib: u32, passes: u32) -> Result<Self, PasswordError> {
        let mut hasher = Self {
            memory_kib,
            passes,
            nobody: String::new(),
        };
        hasher.nobody = hasher.hash("")?;
        Ok(hasher)
    }

    /// The hash with its parameters and salt, in the usual `$argon2id$` form.
    ///
    /// # Errors
    /// No randomness.
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let mut salt = [0u8; SALT];
        getrandom::fill(&mut salt).map_err(|_| PasswordError::Random)?;
        let hash = derive(password, &salt, self.memory_kib, self.passes)?;
        Ok(format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            self.memory_kib,
            self.passes,
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(hash)
        ))
    }

    /// Whether the password is the one that was hashed.
    ///
    /// # Errors
    /// The stored hash cannot be read.
    pub fn verify(&self, password: &str, stored: &str) -> Result<bool, PasswordError> {
        let stored = StoredHash::parse(stored)?;
        let given = derive(password, &stored.salt, stored.memory_kib, stored.passes)?;
        // The same number of steps wherever they differ.
        let difference = given
            .iter()
            .zip(stored.hash)
            .fold(0, |all, (a, b)| all | (a ^ b));
        Ok(difference == 0)
    }

    /// For a login that nobody has; takes as long as [`Self::verify`] with `beside`, the hash of some
    /// officer: it may have been made under another policy than today's.
    ///
    /// # Errors
    /// None beyond those of [`Self::verify`].
    pub fn verify_nobody(
        &self,
        password: &str,
        beside: Option<&str>,
    ) -> Result<bool, PasswordError> {
        let stored = beside.unwrap_or(&self.nobody);
        self.verify(password, stored).map(|_| false)
    }
}

/// A stored hash in its parts; Argon2id of RFC 9106, version 1.3, one lane.
pub(super) struct StoredHash {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) salt: Vec<u8>,
    pub(super) hash: [u8; HASH],
}

fn derive(
    password: &str,
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
) -> Result<[u8; HASH], PasswordError> {
    if memory_kib > MOST_MEMORY_KIB || passes > MOST_PASSES {
        return Err(PasswordError::Parameters);
    }
    let params =
        Params::new(memory_kib, passes, 1, Some(HASH)).map_err(|_| PasswordError::Parameters)?;
    let mut hash = [0u8; HASH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|_| PasswordError::Parameters)?;
    Ok(hash)
}

impl StoredHash {
    pub(super) fn parse(stored: &str) -> Result<Self, PasswordError> {
        Self::parts(stored).ok_or(PasswordError::Unreadable)
    }

    fn parts(stored: &str) -> Option<Self> {
        let mut parts = stored.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut numbers = parts.next()?.split(',');
        let memory_kib = numbers.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = numbers.next()?.strip_prefix("t=")?.parse().ok()?;
        if numbers.next()? != "p=1" {
            return None;
        }
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let hash = STANDARD_NO_PAD
            .decode(parts.next()?)
            .ok()?
            .try_into()
            .ok()?;
        Some(Self {
            memory_kib,
            passes,
            salt,
            hash,
        })
    }
}
