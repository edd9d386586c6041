//! Enrolment of tablets by a one-time code and a CSR; lost ones; who may still do what.

pub(crate) mod lost;

use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::{KeyError, Keys, check_p256_point};
use crate::secret;
use crate::store::{Enrolment, NewCode, Store, StoreError};
use protocol::{DeviceId, EnrolRequest, EnrolResponse};
use regulation::Timestamp;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Why a tablet was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the code is wrong, used or too old")]
    CodeInvalid,
    /// Too many wrong codes just now; seconds until the next is looked at.
    #[error("the code is wrong, as too many were just now")]
    Throttled(u64),
    #[error("a key cannot be used")]
    BadKey,
    #[error("a device's name is 1 to 100 characters")]
    Name,
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new one-time code for a tablet of that name; this is its only copy.
///
/// # Errors
/// The name does not fit, or the store cannot be written.
pub fn new_code(
    store: &dyn Store,
    device_name: &str,
    now: Timestamp,
    valid_ms: u64,
) -> Result<String, EnrolError> {
    let name = device_name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(EnrolError::Name);
    }
    let code = secret::random_text();
    store.add_code(&NewCode {
        hash: secret::hash(&code),
        device_name: name.into(),
        expires_at: now.plus_millis(valid_ms),
    })?;
    store.audit(&AuditEntry::new(now, AuditEvent::CodeIssued))?;
    Ok(code)
}

/// Wrong codes, counted by the minute: whoever sends them costs central neither a signature nor more
/// than a few entries of its journal. A right code is never kept waiting by them: a stranger keeps
/// nobody from enrolling.
#[derive(Debug, Default)]
pub struct WrongCodes(Mutex<(i64, u32)>);

impl WrongCodes {
    /// Wrong codes in a minute that get an answer of their own.
    const A_MINUTE: u32 = 30;

    /// Counts one; `Err`: there were too many, and so many seconds are left of the minute.
    fn count(&self, now: Timestamp) -> Result<(), u64> {
        const MINUTE: i64 = 60_000;
        let minute = now.0.div_euclid(MINUTE);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != minute {
            *counted = (minute, 0);
        }
        if counted.1 >= Self::A_MINUTE {
            let left = MINUTE - now.0.rem_euclid(MINUTE);
            return Err(u64::try_from(left).unwrap_or(0).div_ceil(1000));
        }
        counted.1 += 1;
        Ok(())
    }
}

/// Enrols a tablet. The keys are checked before the code is spent, so that a tablet with a bad key
/// may try again with the same code; and nothing is made for a code that is wrong.
///
/// # Errors
/// [`EnrolError`]; nothing was stored then.
pub fn enrol(
    store: &dyn Store,
    keys: &Keys,
    wrong: &WrongCodes,
    request: &EnrolRequest,
    now: Timestamp,
    certificate_days: u64,
) -> Result<EnrolResponse, EnrolError> {
    let code_hash = secret::hash(request.code.trim());
    let refused = || {
        wrong.count(now).map_err(EnrolError::Throttled)?;
        store.audit(&AuditEntry::new(now, AuditEvent::CodeRefused))?;
        Err(EnrolError::CodeInvalid)
    };
    if !store.code_is_good(&code_hash, now)? {
        return refused();
    }
    let csr = Keys::csr_key(&request.csr_pem).map_err(|_| EnrolError::BadKey)?;
    check_p256_point(&request.journal_key).map_err(|_| EnrolError::BadKey)?;
    let device = DeviceId(Uuid::new_v4());
    let certificate_pem = keys.device_certificate(&csr, device, now, certificate_days)?;
    let enrolled = store.enrol(&Enrolment {
        code_hash,
        device,
        journal_key: request.journal_key.clone(),
        at: now,
    })?;
    if !enrolled {
        return refused();
    }
    store.audit(&AuditEntry::new(now, AuditEvent::DeviceEnrolled).device(device))?;
    Ok(EnrolResponse {
        device,
        certificate_pem,
        ca_pem: keys.ca_pem().into(),
        sealing: keys.sealing(),
        receipt_key: keys.receipt_public(),
    })
}
