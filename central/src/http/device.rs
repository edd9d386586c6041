//! Which tablet is asking: looked at in every request, also on a connection that was allowed before.

use super::error::Refused;
use super::tls::Peer;
use super::{Access, Shared, blocking};
use crate::store::Device;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::access::LOST_HEADER;
use protocol::{DeviceId, ErrorCode};

/// The tablet of the request, checked.
#[derive(Clone, Debug)]
pub(super) struct Tablet(pub(super) Device);

/// Lets in whom the route is for. A lost tablet that is let in is told that it is lost.
pub(super) async fn let_in(
    State((app, access)): State<(Shared, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<Peer>()
        .and_then(|peer| peer.device);
    match check(&app, peer, access).await {
        Ok(tablet) => {
            let lost = tablet.0.lost_at.is_some();
            request.extensions_mut().insert(tablet);
            let mut response = next.run(request).await;
            if lost {
                response.headers_mut().insert(
                    HeaderName::from_static(LOST_HEADER),
                    HeaderValue::from_static("1"),
                );
            }
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn check(app: &Shared, peer: Option<DeviceId>, access: Access) -> Result<Tablet, Refused> {
    let Some(id) = peer else {
        return Err(ErrorCode::DeviceUnknown.into());
    };
    match blocking(app, move |app| app.store.device(id)).await?? {
        None => Err(ErrorCode::DeviceUnknown.into()),
        Some(device) => match refusal(&device, access) {
            Some(code) => Err(code.into()),
            None => {
                app.desks.hear(device.id, app.config.clock.now());
                Ok(Tablet(device))
            }
        },
    }
}

/// Why this route is closed to the tablet as it stands now.
pub(super) fn refusal(device: &Device, access: Access) -> Option<ErrorCode> {
    match access {
        // The receipt for its last report may have been lost on the way.
        Access::LostTablet if device.wiped => None,
        _ if device.revoked => Some(ErrorCode::DeviceRevoked),
        Access::Anybody | Access::TabletEvenLost | Access::LostTablet => None,
        Access::Tablet => device.lost_at.map(|_| ErrorCode::DeviceLost),
    }
}
