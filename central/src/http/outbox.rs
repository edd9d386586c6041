//! `POST /v1/outbox`.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, read};
use crate::archive;
use crate::audit::{AuditEntry, AuditEvent};
use crate::state::App;
use crate::store::{BatchOutcome, Device};
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{Batch, ErrorCode, Receipt, from_cbor, limits};

/// Bytes of an encapsulated key that are stored; the real ones have 32, and what has others is kept
/// as evidence all the same.
const ENCAPSULATED_BYTES: usize = 256;

pub(super) async fn outbox(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<Receipt>, Refused> {
    let bytes = read::bytes(request, limits::BATCH_BYTES).await?;
    blocking(&app, move |app| take_in(app, &device, &bytes))
        .await?
        .map(Json)
}

fn take_in(app: &App, device: &Device, bytes: &[u8]) -> Result<Receipt, Refused> {
    let batch: Batch = from_cbor(bytes).map_err(|_| ErrorCode::Malformed)?;
    check(device, &batch)?;
    let now = app.config.clock.now();
    let entry = |event| AuditEntry::new(now, event).device(device.id);
    let signed = Batch::signed_bytes(batch.device, &batch.envelopes);
    if !archive::signature_holds(&device.journal_key, &signed, &batch.signature) {
        app.store.audit(&entry(AuditEvent::SignatureRefused))?;
        return Err(ErrorCode::BadSignature.into());
    }
    match app.store.store_batch(&batch, now)? {
        BatchOutcome::Stored { broken } => {
            for seq in broken {
                app.store
                    .audit(&entry(AuditEvent::ChainBroken).subject(seq))?;
            }
        }
        BatchOutcome::Conflict { seq } => {
            app.store
                .audit(&entry(AuditEvent::SequenceConflict).subject(seq))?;
            return Err(ErrorCode::SequenceConflict.into());
        }
    }
    // It is on the disk. Whatever fails from here on is made good later, and is not the tablet's.
    if let Err(error) = app.replica.catch_up(&*app.store) {
        tracing::error!(%error, "the replica is behind; nothing new is called safe");
    }
    if let Err(error) = app.assess() {
        tracing::error!(%error, "what was stored is not assessed yet");
    }
    let marks = app.store.marks(device.id, app.replica.through())?;
    let mut receipt = Receipt {
        device: device.id,
        stored: batch.envelopes.iter().map(|e| e.seq).collect(),
        stored_through: marks.stored_through,
        safe_through: marks.safe_through,
        head: marks.head,
        at: now,
        signature: Vec::new(),
    };
    receipt.signature = app
        .keys
        .sign_receipt(&receipt.signed_bytes())
        .map_err(|error| {
            tracing::error!(%error, "a receipt cannot be signed");
            ErrorCode::Unavailable
        })?;
    Ok(receipt)
}

fn check(device: &Device, batch: &Batch) -> Result<(), ErrorCode> {
    if batch.device != device.id || batch.envelopes.iter().any(|e| e.device != device.id) {
        return Err(ErrorCode::DeviceMismatch);
    }
    if batch.envelopes.len() > limits::BATCH_ENVELOPES {
        return Err(ErrorCode::TooLarge);
    }
    for envelope in &batch.envelopes {
        if envelope.ciphertext.len() > limits::CIPHERTEXT_BYTES
            || envelope.encapsulated.len() > ENCAPSULATED_BYTES
        {
            return Err(ErrorCode::TooLarge);
        }
        // Numbers begin with 1 and stay far from the store's end of numbers.
        if envelope.seq == 0 || envelope.seq >= i64::MAX as u64 {
            return Err(ErrorCode::Malformed);
        }
    }
    Ok(())
}
