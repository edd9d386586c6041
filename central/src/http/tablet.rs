//! `POST /v1/tablet`: a tablet of the unit is reported lost or found, or unlocked, by its desk (§31). A
//! query and no fact of the outbox: central has done it when it has answered, or it is not done.

use super::device::Tablet;
use super::error::Refused;
use super::{Shared, blocking, inbox, read};
use crate::store::OrderedTablet;
use axum::extract::{Request, State};
use axum::{Extension, Json};
use protocol::{DeskRight, ErrorCode, Role, TabletOrder, TabletOrdered, TabletRequest};

pub(super) async fn tablet(
    State(app): State<Shared>,
    Extension(Tablet(device)): Extension<Tablet>,
    request: Request,
) -> Result<Json<TabletOrdered>, Refused> {
    let token = inbox::token(&request).ok_or(Refused::from(ErrorCode::SessionUnknown))?;
    let may = |role: Role| role.may(DeskRight::Tablets);
    // Before the body is read: who has no session is not listened to.
    let by = device.id;
    blocking(&app, move |app| inbox::entitled(app, &token, by, may)).await??;
    let request: TabletRequest = read::json(request).await?;
    blocking(&app, move |app| {
        let (session, officer) = inbox::entitled(app, &token, by, may)?;
        // Whoever asks has it in their hands.
        if request.device == by {
            return Err(ErrorCode::NotAllowed.into());
        }
        let at = app.config.clock.now();
        let unit = officer.unit.clone();
        let standing = app.store.order_tablet(&OrderedTablet {
            request,
            unit: officer.unit,
            session: session.id,
            officer: officer.id,
            at,
        })?;
        let standing = standing.ok_or(Refused::from(ErrorCode::NotFound))?;
        if request.order == TabletOrder::Unlock {
            app.desks.say_locked(request.device, false);
        }
        // Long polls look whether they are still allowed; boards show it.
        app.changed.send(None).ok();
        app.desks.wake(Some(unit));
        Ok(Json(TabletOrdered {
            device: request.device,
            at,
            standing,
        }))
    })
    .await?
}
