//! Lost tablets and their wiping.

use super::*;

fn wipe_report(stage: WipeStage, unsafe_events: u64) -> WipeReport {
    WipeReport {
        device: DEVICE,
        stage,
        last_seq: 3,
        head: Digest([1; 32]),
        unsafe_events,
        at: AT,
        signature: vec![3; 70],
    }
}

pub(super) fn lost_devices(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let session = SessionId(id(11));
    on_duty(store, session, 1)?;
    let keys = wipe_report(WipeStage::ReadingKeysDestroyed, 2);
    let wiped = wipe_report(WipeStage::Wiped, 0);
    let keep = |report: &WipeReport, at| ok(store.keep_wipe_report(report, Timestamp(at)));
    promise(
        keep(&keys, 5)? == WipeOutcome::NotLost && ok(store.wipe_reports(DEVICE))?.is_empty(),
        "a device that is not lost wipes nothing",
    )?;
    promise(ok(store.report_lost(DEVICE, AT))?, "a known device is lost")?;
    promise(
        !ok(store.report_lost(DeviceId(id(2)), AT))?,
        "an unknown one is not",
    )?;
    promise(
        ok(store.session(session))?.is_some_and(|s| s.ended),
        "its sessions end",
    )?;
    ok(store.report_lost(DEVICE, Timestamp(9)))?;
    let device = ok(store.device(DEVICE))?.ok_or("the device is there")?;
    promise(
        device.lost_at == Some(AT) && !device.revoked && !device.wiped,
        "the first report counts",
    )?;
    promise(
        keep(&wiped, 5)? == WipeOutcome::OutOfOrder,
        "keys go before the rest",
    )?;
    promise(
        keep(&keys, 5)? == WipeOutcome::Kept { first: true },
        "the keys are gone",
    )?;
    ok(store.report_found(DEVICE)).and_then(|found| promise(found, "it is found"))?;
    promise(
        ok(store.wipe_reports(DEVICE))?.is_empty()
            && ok(store.device(DEVICE))?.is_some_and(|d| d.lost_at.is_none()),
        "and begins anew when it is lost again",
    )?;
    promise(!ok(store.report_found(DEVICE))?, "found is found once")?;
    ok(store.report_lost(DEVICE, AT))?;
    keep(&keys, 6)?;
    let fewer = wipe_report(WipeStage::ReadingKeysDestroyed, 1);
    promise(
        keep(&fewer, 7)? == WipeOutcome::Kept { first: false },
        "a stage may be reported again",
    )?;
    promise(
        keep(&wiped, 8)? == WipeOutcome::Kept { first: true }
            && keep(&wiped, 9)? == WipeOutcome::Kept { first: false },
        "wiped is wiped",
    )?;
    promise(
        keep(&keys, 9)? == WipeOutcome::OutOfOrder,
        "and goes back to no stage",
    )?;
    let reports = ok(store.wipe_reports(DEVICE))?;
    let read: Vec<_> = reports.iter().map(|w| (w.at.0, &w.report)).collect();
    promise(
        read == [(6, &fewer), (8, &wiped)],
        "reports come back as they came, with the time of the first",
    )?;
    let device = ok(store.device(DEVICE))?.ok_or("the device is there")?;
    promise(device.wiped && device.revoked, "a wiped device is revoked")?;
    promise(
        !ok(store.report_found(DEVICE))? && !ok(store.report_lost(DEVICE, AT))?,
        "and neither found nor lost again",
    )
}
