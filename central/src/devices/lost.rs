//! A lost tablet: the order to wipe itself, and its word on how far it is.

use crate::archive;
use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::{KeyError, Keys};
use crate::store::{Device, Store, StoreError, WipeOutcome};
use protocol::{WipeOrder, WipeReceipt, WipeReport, WipeStage};
use regulation::Timestamp;
use uuid::Uuid;

/// Why there is no order, or no receipt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WipeError {
    #[error("the tablet is not reported lost")]
    NotLost,
    #[error("the report is of another tablet")]
    OtherDevice,
    #[error("the report is not signed by the tablet")]
    BadSignature,
    #[error("the stage is not the next one")]
    OutOfOrder,
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The order to a lost tablet, for this challenge of its.
pub(crate) fn order(keys: &Keys, device: &Device, challenge: Uuid) -> Result<WipeOrder, WipeError> {
    let lost_at = device.lost_at.ok_or(WipeError::NotLost)?;
    let mut order = WipeOrder {
        device: device.id,
        challenge,
        lost_at,
        signature: Vec::new(),
    };
    order.signature = keys.sign_receipt(&order.signed_bytes())?;
    Ok(order)
}

/// Keeps the report and signs for it. The same report again is signed for again: the receipt before
/// may have been lost on the way.
pub(crate) fn take_report(
    store: &dyn Store,
    keys: &Keys,
    device: &Device,
    report: &WipeReport,
    now: Timestamp,
) -> Result<WipeReceipt, WipeError> {
    if report.device != device.id {
        return Err(WipeError::OtherDevice);
    }
    let entry = |event| AuditEntry::new(now, event).device(device.id);
    let signed = report.signed_bytes();
    if !archive::signature_holds(&device.journal_key, &signed, &report.signature) {
        store.audit(&entry(AuditEvent::SignatureRefused))?;
        return Err(WipeError::BadSignature);
    }
    match store.keep_wipe_report(report, now)? {
        WipeOutcome::NotLost => return Err(WipeError::NotLost),
        WipeOutcome::OutOfOrder => return Err(WipeError::OutOfOrder),
        WipeOutcome::Kept { first: false } => {}
        WipeOutcome::Kept { first: true } => {
            let event = match report.stage {
                WipeStage::ReadingKeysDestroyed => AuditEvent::ReadingKeysDestroyed,
                WipeStage::Wiped => AuditEvent::DeviceWiped,
            };
            store.audit(&entry(event).subject(report.unsafe_events))?;
        }
    }
    let mut receipt = WipeReceipt {
        device: device.id,
        stage: report.stage,
        at: now,
        signature: Vec::new(),
    };
    receipt.signature = keys.sign_receipt(&receipt.signed_bytes())?;
    Ok(receipt)
}
