//! Recordings on a board: by other means and not done with (§32), and those that the dock lacks (§19).

use super::alerts::alert;
use crate::store::{BoardMeans, BoardRows};
use protocol::{Alert, AlertKind};
use regulation::{Edition, Timestamp};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(super) fn alerts(edition: &Edition, rows: &BoardRows, now: Timestamp, alerts: &mut Vec<Alert>) {
    let means = rows.means.iter();
    alerts.extend(means.filter_map(|row| of_means(edition, row, now)));
    alerts.extend(rows.unrecorded.iter().map(|row| {
        alert(
            (row.session, &row.name, &row.rank),
            row.from,
            AlertKind::NotRecorded {
                camera: row.camera.clone(),
                from: row.from,
                to: row.to,
            },
        )
    }));
}

fn of_means(edition: &Edition, row: &BoardMeans, now: Timestamp) -> Option<Alert> {
    let means = &row.means;
    Some(alert(
        (row.session, &row.name, &row.rank),
        means.to,
        AlertKind::OtherMeans {
            means: means.id?,
            what: means.device.clone(),
            owner: means.owner,
            from: means.from,
            to: means.to,
            note: means.note.clone(),
            private: row.private,
            handed_over: row.handed_over,
            overdue: is_overdue(edition, means.to, now),
        },
    ))
}

/// §32: whether the days are over within which a recording that ended at `to` is to be handed over.
pub(crate) fn is_overdue(edition: &Edition, to: Timestamp, now: Timestamp) -> bool {
    now.millis_since(to) > edition.limits.other_means_days.saturating_mul(DAY_MS)
}
