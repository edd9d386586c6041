//! Tablets on a board (§13 to §16), and what in their custody wants a look.

use super::alerts::alert;
use crate::store::{BoardConflict, BoardTablet, BoardTwice};
use protocol::{Alert, AlertKind, TabletHolder, TabletRow};
use regulation::Timestamp;
use regulation::custody::{Holder, Level, Party, Readiness};

/// How long after its shift a tablet may be on its way to its place.
const HAND_IN_MS: u64 = 15 * 60 * 1000;

/// `heard`: when it has asked for something since central was started.
pub(super) fn row(tablet: &BoardTablet, heard: Option<Timestamp>) -> TabletRow {
    let (name, rank) = (tablet.name.clone(), tablet.rank.clone());
    let holder = match &tablet.custody.holder {
        Holder::Unknown => TabletHolder::Unknown,
        Holder::Officer { since, .. } => TabletHolder::Officer {
            name,
            rank,
            since: *since,
            from: tablet.from.clone().unwrap_or(Party::Named {
                name: String::new(),
            }),
            on_duty: matches!(tablet.session, Some((_, None))),
        },
        Holder::Party { party, since, .. } => TabletHolder::Party {
            party: party.clone(),
            since: *since,
            name,
            rank,
        },
    };
    TabletRow {
        device: tablet.device,
        holder,
        readiness: tablet.custody.readiness.as_ref().map(Readiness::level),
        damage: tablet.custody.damage.clone(),
        photos: tablet.custody.photos.clone(),
        heard_at: tablet.arrived_at.max(heard),
        standing: tablet.standing,
    }
}

/// §13, §16: of a tablet that is not handed in though its shift is over, or not fit for the shift that
/// goes on.
pub(super) fn of_tablet(tablet: &BoardTablet, now: Timestamp) -> Option<Alert> {
    // What is lost or gone is looked for by other means.
    if !tablet.standing.is_good() {
        return None;
    }
    let Holder::Officer { custody, since, .. } = tablet.custody.holder else {
        return None;
    };
    let device = tablet.device;
    let of = |session| (session, tablet.name.as_str(), tablet.rank.as_str());
    let level = tablet.custody.readiness.as_ref().map(Readiness::level);
    match tablet.session? {
        (session, Some(over)) if now.millis_since(over) > HAND_IN_MS => Some(alert(
            of(session),
            over,
            AlertKind::NotHandedIn { custody, device },
        )),
        (session, None) if level == Some(Level::NotReady) => {
            let at = tablet.checked_at.unwrap_or(since);
            Some(alert(of(session), at, AlertKind::NotReady { device }))
        }
        _ => None,
    }
}

/// §16: taken over while somebody else had not handed it in.
pub(super) fn of_conflict(row: &BoardConflict) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.at,
        AlertKind::CustodyConflict {
            custody: row.custody,
            device: row.device,
            held_by: row.held_by.clone(),
        },
    )
}

/// §30: a bodycam that two officers hold.
pub(super) fn of_camera(row: &BoardTwice) -> Alert {
    alert(
        (row.session, &row.name, &row.rank),
        row.at,
        AlertKind::CameraHeldTwice {
            camera: row.camera.clone(),
            other: row.other.clone(),
        },
    )
}
