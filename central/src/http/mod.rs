//! Routes and handlers, nothing else.

mod capture;
mod confirm;
mod desk;
mod device;
mod enrol;
mod error;
mod inbox;
mod incident;
mod late_answer;
mod login;
mod outbox;
mod photo;
mod public;
mod read;
mod report;
mod roster;
mod tablet;
pub(crate) mod tls;
mod wipe;

use crate::state::App;
use axum::Router;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use error::Refused;
use protocol::{ErrorCode, path};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

pub use public::OPENAPI;

type Shared = Arc<App>;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody who reaches central.
    Anybody,
    /// A tablet that is known, by its certificate, and neither revoked nor reported lost.
    Tablet,
    /// One that is reported lost as well: evidence is taken from whoever carries it.
    TabletEvenLost,
    /// What a lost tablet asks and reports; any tablet that is not revoked may ask, and one that has
    /// wiped itself may repeat its report.
    LostTablet,
}

/// One route. The router is made of these and of nothing else.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    make: fn(MethodFilter) -> MethodRouter<Shared>,
}

/// Every route of central.
pub static ROUTES: [Route; 18] = [
    Route {
        method: Method::GET,
        path: path::HEALTH,
        access: Access::Anybody,
        make: |m| on(m, public::health),
    },
    Route {
        method: Method::GET,
        path: path::OPENAPI,
        access: Access::Anybody,
        make: |m| on(m, public::openapi),
    },
    Route {
        method: Method::POST,
        path: path::ENROL,
        access: Access::Anybody,
        make: |m| on(m, enrol::enrol),
    },
    Route {
        method: Method::POST,
        path: path::LOGIN,
        access: Access::Tablet,
        make: |m| on(m, login::login),
    },
    Route {
        method: Method::GET,
        path: path::ROSTER,
        access: Access::Tablet,
        make: |m| on(m, roster::roster),
    },
    Route {
        method: Method::POST,
        path: path::OUTBOX,
        access: Access::TabletEvenLost,
        make: |m| on(m, outbox::outbox),
    },
    Route {
        method: Method::GET,
        path: path::INBOX,
        access: Access::Tablet,
        make: |m| on(m, inbox::inbox),
    },
    Route {
        method: Method::GET,
        path: path::DESK,
        access: Access::Tablet,
        make: |m| on(m, desk::desk),
    },
    Route {
        method: Method::POST,
        path: path::CONFIRM,
        access: Access::Tablet,
        make: |m| on(m, confirm::confirm),
    },
    Route {
        method: Method::GET,
        path: path::INCIDENT,
        access: Access::Tablet,
        make: |m| on(m, incident::incident),
    },
    Route {
        method: Method::GET,
        path: path::LATE_ANSWER,
        access: Access::Tablet,
        make: |m| on(m, late_answer::late_answer),
    },
    Route {
        method: Method::GET,
        path: path::PHOTO,
        access: Access::Tablet,
        make: |m| on(m, photo::photo),
    },
    Route {
        method: Method::POST,
        path: path::TABLET,
        access: Access::Tablet,
        make: |m| on(m, tablet::tablet),
    },
    Route {
        method: Method::GET,
        path: path::REPORT,
        access: Access::Tablet,
        make: |m| on(m, report::report),
    },
    Route {
        method: Method::GET,
        path: path::CAPTURE,
        access: Access::TabletEvenLost,
        make: |m| on(m, capture::stand),
    },
    Route {
        method: Method::PUT,
        path: path::CAPTURE,
        access: Access::TabletEvenLost,
        make: |m| on(m, capture::part),
    },
    Route {
        method: Method::GET,
        path: path::WIPE,
        access: Access::LostTablet,
        make: |m| on(m, wipe::order),
    },
    Route {
        method: Method::POST,
        path: path::WIPE,
        access: Access::LostTablet,
        make: |m| on(m, wipe::report),
    },
];

/// The router. A request is checked anew each time, whatever its connection was allowed before.
pub(crate) fn router(app: Shared) -> Router {
    let mut paths: BTreeMap<&str, MethodRouter<Shared>> = BTreeMap::new();
    for route in &ROUTES {
        let filter = MethodFilter::try_from(route.method.clone()).unwrap_or(MethodFilter::GET);
        let mut methods = (route.make)(filter);
        if route.access != Access::Anybody {
            methods = methods.layer(axum::middleware::from_fn_with_state(
                (app.clone(), route.access),
                device::let_in,
            ));
        }
        let there = paths.remove(route.path).unwrap_or_default();
        paths.insert(route.path, there.merge(methods));
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        router = router.route(path, methods.fallback(wrong_method));
    }
    let limit = Duration::from_secs(app.config.policy.request_s)
        + read::arrival(protocol::limits::BATCH_BYTES as u64)
        + Duration::from_millis(protocol::limits::INBOX_WAIT_MS);
    router
        .fallback(async || Refused::from(ErrorCode::NotFound))
        .layer(axum::middleware::from_fn(
            move |request: axum::extract::Request, next: axum::middleware::Next| async move {
                match tokio::time::timeout(limit, next.run(request)).await {
                    Ok(response) => response,
                    Err(_) => Refused::from(ErrorCode::Unavailable).response(),
                }
            },
        ))
        .with_state(app)
}

/// The path is there, the method is not.
async fn wrong_method() -> axum::response::Response {
    let mut response = Refused::from(ErrorCode::NotFound).response();
    *response.status_mut() = axum::http::StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// Runs what works with the disk or computes, off the asynchronous threads.
async fn blocking<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&App) -> T + Send + 'static,
) -> Result<T, Refused> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || work(&app))
        .await
        .map_err(|_| {
            tracing::error!("a request broke off");
            Refused::from(ErrorCode::Unavailable)
        })
}

/// Waits for something that concerns who waits, or for more than could be listened to.
async fn until_told<T: Clone>(told: &mut Receiver<T>, concerns: impl Fn(&T) -> bool) {
    loop {
        match told.recv().await {
            Ok(what) if !concerns(&what) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
