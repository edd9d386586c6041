//! What the dock has found, and recordings by other means.

use super::desk::{DESK_OFFICER, PATROL, decide, stand, take, two};
use super::*;
use protocol::{DeskEvent, Role};
use regulation::MeansId;
use regulation::bodycam::{DeviceOwner, OtherMeans, Permission, Serial, Span};

const MEANS: MeansId = MeansId(Uuid::from_u128(61));

fn camera() -> Result<Serial, String> {
    "BC-0001".parse().map_err(|_| "a serial number".into())
}

fn span(from: i64, to: Option<i64>) -> Result<Span, String> {
    Ok(Span {
        camera: camera()?,
        from: Timestamp(from),
        to: to.map(Timestamp),
    })
}

fn rows(store: &dyn Store) -> Result<BoardRows, String> {
    ok(store.board(&BoardRequest {
        unit: "1".into(),
        role: Role::Duty,
        now: Timestamp(2_000),
        since: Timestamp(0),
        sessions: 10,
        rows: 10,
    }))
}

fn missing(store: &dyn Store) -> Result<Vec<(i64, i64)>, String> {
    let rows = rows(store)?.unrecorded;
    Ok(rows.iter().map(|row| (row.from.0, row.to.0)).collect())
}

/// A log is compared with readings, whichever came first, and again when either changes.
pub(super) fn readings(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let mut shift = stand(PATROL, Permission::Withdrawn);
    shift.duty.held = vec![span(1_000, None)?];
    shift.duty.on = vec![span(1_000, Some(1_100))?, span(1_200, None)?];
    (shift.held_seqs, shift.on_seqs) = (vec![1], vec![2, 5]);
    (shift.known_at, shift.tolerance_ms) = (Timestamp(1_300), 10);
    take(store, shift.clone())?;
    promise(missing(store)?.is_empty(), "no reading says nothing")?;
    let read = DockReadings {
        spans: vec![(camera()?, Timestamp(1_000), Timestamp(1_050))],
        readings: vec![DockReading {
            camera: camera()?,
            since: None,
            until: Timestamp(1_500),
            first: Timestamp(1_000),
        }],
    };
    let done = ok(store.import_dock(&read, 10, Timestamp(1_600)))?;
    let told = (
        done.new,
        done.known,
        done.cameras,
        done.shifts,
        done.missing,
    );
    promise(told == (1, 0, 1, 1, 2), "both times of the log lack a part")?;
    promise(
        missing(store)? == [(1_050, 1_100), (1_200, 1_300)],
        "what goes on is known as far as the last fact",
    )?;
    let flags = ok(store.device_flags(DEVICE))?;
    promise(
        flags
            .iter()
            .all(|(_, flag)| *flag == ArchiveFlag::NotRecorded)
            && flags.len() == 2,
        "both are flagged where they began",
    )?;
    let done = ok(store.import_dock(&read, 10, Timestamp(1_700)))?;
    promise(
        (done.new, done.known) == (0, 1),
        "the same again is no other",
    )?;
    // What the log says later counts.
    shift.duty.on = vec![span(1_000, Some(1_060))?];
    shift.on_seqs = vec![2];
    take(store, shift)?;
    promise(missing(store)?.is_empty(), "as short as the tolerance")?;
    promise(
        ok(store.device_flags(DEVICE))?.is_empty(),
        "and not flagged",
    )
}

/// A recording is listed until it is handed over, and a private one until it is deleted.
pub(super) fn other_means(store: &dyn Store) -> Result<(), String> {
    two(store)?;
    let mut shift = stand(PATROL, Permission::Withdrawn);
    shift.duty.other_means = vec![OtherMeans {
        id: Some(MEANS),
        device: "phone".into(),
        owner: DeviceOwner::Own,
        from: AT,
        to: AT,
        note: None,
    }];
    shift.private = vec![MEANS];
    take(store, shift.clone())?;
    let listed = |store: &dyn Store| -> Result<Vec<(bool, bool)>, String> {
        let means = rows(store)?.means;
        Ok(means.iter().map(|m| (m.private, m.handed_over)).collect())
    };
    promise(listed(store)? == [(true, false)], "not handed over")?;
    let handed_over = DeskEvent::MeansHandedOver {
        means: MEANS,
        carrier: "N".into(),
        digest: None,
    };
    let deleted = DeskEvent::MeansDeleted {
        means: MEANS,
        confirmed_by: "N".into(),
    };
    let told = decide(store, 1, DESK_OFFICER, deleted.clone())?;
    promise(told.is_empty(), "not deleted before it is handed over")?;
    let told = decide(store, 2, DESK_OFFICER, handed_over)?;
    promise(told == [PATROL], "the officer is told")?;
    promise(listed(store)? == [(true, true)], "not deleted")?;
    take(store, shift.clone())?;
    promise(
        listed(store)? == [(true, true)],
        "nor by the shift's facts again",
    )?;
    decide(store, 3, DESK_OFFICER, deleted)?;
    take(store, shift)?;
    promise(listed(store)?.is_empty(), "done with")
}
