//! `GET` and `PUT /v1/capture/{capture}`: how much of a capture is there, and the next part of it.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, read};
use crate::archive::{CaptureFault, CaptureStand};
use crate::audit::{AuditEntry, AuditEvent};
use crate::state::App;
use crate::store::NewCapture;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::{CaptureId, CaptureReceipt, CaptureRef, DeviceId, Digest, ErrorCode, limits};
use serde::Deserialize;

/// A device whose captures are above the bound asks again, slowly.
const OVER_BOUND_S: u64 = 600;

#[derive(Deserialize)]
struct Part {
    offset: u64,
    size: u64,
    digest: String,
}

type Named = Result<Path<CaptureId>, PathRejection>;

fn capture_id(named: Named) -> Result<CaptureId, Refused> {
    match named {
        Ok(Path(id)) => Ok(id),
        Err(_) => Err(ErrorCode::Malformed.into()),
    }
}

pub(super) async fn stand(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    named: Named,
) -> Result<Json<CaptureReceipt>, Refused> {
    let id = capture_id(named)?;
    blocking(&app, move |app| {
        let stand = app
            .captures
            .stand(&*app.store, device.id, id, app.config.clock.now())?;
        receipt(app, device.id, id, stand)
    })
    .await?
    .map(Json)
}

pub(super) async fn part(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    named: Named,
    request: Request,
) -> Result<Json<CaptureReceipt>, Refused> {
    let id = capture_id(named)?;
    let Query(part) = Query::<Part>::try_from_uri(request.uri())
        .map_err(|_| Refused::from(ErrorCode::Malformed))?;
    if part.size > limits::CAPTURE_BYTES {
        return Err(ErrorCode::TooLarge.into());
    }
    let digest = URL_SAFE_NO_PAD
        .decode(&part.digest)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Refused::from(ErrorCode::Malformed))?;
    let bytes = read::bytes(request, limits::CAPTURE_PART_BYTES).await?;
    let end = part.offset.checked_add(bytes.len() as u64);
    if part.size < CaptureRef::sealed_bytes(0)
        || bytes.is_empty()
        || end.is_none_or(|end| end > part.size)
    {
        return Err(ErrorCode::Malformed.into());
    }
    let new = NewCapture {
        id,
        device: device.id,
        size: part.size,
        digest: Digest(digest),
    };
    blocking(&app, move |app| {
        let bound = app.config.policy.capture_bound();
        let now = app.config.clock.now();
        let stand = app
            .captures
            .take_in(&*app.store, &new, part.offset, &bytes, bound, now)
            .or_else(|fault| refused(app, &new, fault))?;
        receipt(app, device.id, id, stand)
    })
    .await?
    .map(Json)
}

fn receipt(
    app: &App,
    device: DeviceId,
    capture: CaptureId,
    stand: CaptureStand,
) -> Result<CaptureReceipt, Refused> {
    let mut receipt = CaptureReceipt {
        device,
        capture,
        received: stand.received,
        complete: stand.complete,
        safe: stand.safe,
        at: app.config.clock.now(),
        signature: Vec::new(),
    };
    receipt.signature = app
        .keys
        .sign_receipt(&receipt.signed_bytes())
        .map_err(ErrorCode::from)?;
    Ok(receipt)
}

/// Another's file, or another file under a known name: somebody should know of it.
fn refused(app: &App, new: &NewCapture, fault: CaptureFault) -> Result<CaptureStand, CaptureFault> {
    if matches!(fault, CaptureFault::Foreign | CaptureFault::Conflict) {
        let now = app.config.clock.now();
        let entry = AuditEntry::new(now, AuditEvent::CaptureRefused)
            .device(new.device)
            .subject(new.id);
        app.store.audit(&entry)?;
    }
    Err(fault)
}

impl From<CaptureFault> for Refused {
    fn from(fault: CaptureFault) -> Self {
        match fault {
            CaptureFault::Foreign => ErrorCode::DeviceMismatch.into(),
            CaptureFault::Conflict => ErrorCode::SequenceConflict.into(),
            CaptureFault::OverBound => Self::throttled(OVER_BOUND_S),
            CaptureFault::File(_) | CaptureFault::Store(_) => {
                tracing::error!(%fault, "a capture was not stored");
                ErrorCode::Unavailable.into()
            }
        }
    }
}
