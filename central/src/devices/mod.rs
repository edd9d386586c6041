//! Enrolment of tablets by a one-time code and a CSR; lost ones; who may still do what.

pub(crate) mod lost;

use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::{KeyError, Keys, check_p256_point};
use crate::secret;
use crate::store::{Enrolment, NewCode, Store, StoreError};
use protocol::{DeviceId, EnrolRequest, EnrolResponse};
use regulation::Timestamp;
use uuid::Uuid;

/// Why a tablet was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the code is wrong, used or too old")]
    CodeInvalid,
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

/// Enrols a tablet. The keys are checked before the code is spent, so that a tablet with a bad key
/// may try again with the same code.
///
/// # Errors
/// [`EnrolError`]; nothing was stored then.
pub fn enrol(
    store: &dyn Store,
    keys: &Keys,
    request: &EnrolRequest,
    now: Timestamp,
    certificate_days: u64,
) -> Result<EnrolResponse, EnrolError> {
    let csr = Keys::csr_key(&request.csr_pem).map_err(|_| EnrolError::BadKey)?;
    check_p256_point(&request.journal_key).map_err(|_| EnrolError::BadKey)?;
    let device = DeviceId(Uuid::new_v4());
    let certificate_pem = keys.device_certificate(&csr, device, now, certificate_days)?;
    let enrolled = store.enrol(&Enrolment {
        code_hash: secret::hash(request.code.trim()),
        device,
        journal_key: request.journal_key.clone(),
        at: now,
    })?;
    if !enrolled {
        store.audit(&AuditEntry::new(now, AuditEvent::CodeRefused))?;
        return Err(EnrolError::CodeInvalid);
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
