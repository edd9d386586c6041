//! Which tablet is asking: looked at in every request, also on a connection that was allowed before.

use super::error::Refused;
use super::tls::Peer;
use super::{Shared, blocking};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::{DeviceId, ErrorCode};

/// The tablet of the request, checked.
#[derive(Clone, Debug)]
pub(super) struct Tablet(pub(super) crate::store::Device);

pub(super) async fn known_and_not_revoked(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<Peer>()
        .and_then(|peer| peer.device);
    match check(&app, peer).await {
        Ok(tablet) => {
            request.extensions_mut().insert(tablet);
            next.run(request).await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn check(app: &Shared, peer: Option<DeviceId>) -> Result<Tablet, Refused> {
    let Some(id) = peer else {
        return Err(ErrorCode::DeviceUnknown.into());
    };
    match blocking(app, move |app| app.store.device(id)).await?? {
        None => Err(ErrorCode::DeviceUnknown.into()),
        Some(device) if device.revoked => Err(ErrorCode::DeviceRevoked.into()),
        Some(device) => Ok(Tablet(device)),
    }
}
