//! `POST /v1/outbox`.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, read};
use crate::archive::{Ingest, IngestError};
use crate::state::App;
use crate::store::Device;
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{Batch, ErrorCode, Receipt, from_cbor, limits};

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
    let ingest = Ingest {
        store: &*app.store,
        replica: &app.replica,
        keys: &app.keys,
        now: app.config.clock.now(),
    };
    ingest.store(device, &batch)?;
    if let Err(error) = app.assess() {
        tracing::error!(%error, "what was stored is not assessed yet");
    }
    let stored = batch.envelopes.iter().map(|e| e.seq).collect();
    Ok(ingest.receipt(device, stored)?)
}

impl From<IngestError> for Refused {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Refused(code) => code.into(),
            IngestError::Store(error) => error.into(),
        }
    }
}
