//! Numbers declared lost.

use super::*;

pub(super) fn check(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let all = chain(1..=9, Digest::default());
    let of = |numbers: &[u64]| -> Vec<Envelope> {
        let chosen = all.iter().filter(|e| numbers.contains(&e.seq));
        chosen.cloned().collect()
    };
    ok(store.store_batch(&batch(&of(&[1, 2, 5, 8])), AT))?;
    let gap = |first, last| ok(store.acknowledge_gap(DEVICE, first, last, AT));
    promise(
        gap(4, 5)? == GapOutcome::NotMissing { seq: 5 },
        "what is stored is not missing",
    )?;
    promise(
        gap(9, 9)? == GapOutcome::NotBelowStored && gap(0, 0)? == GapOutcome::NotBelowStored,
        "what has not come yet is not missing",
    )?;
    promise(
        gap(7, 6)? == GapOutcome::NotBelowStored,
        "first comes before last",
    )?;
    let unknown = ok(store.acknowledge_gap(DeviceId(id(99)), 3, 4, AT))?;
    promise(unknown == GapOutcome::UnknownDevice, "the device is known")?;
    promise(
        ok(store.marks(DEVICE, u64::MAX))?.stored_through == 2,
        "nothing has moved",
    )?;
    promise(gap(3, 3)? == GapOutcome::Acknowledged, "half a gap")?;
    promise(
        ok(store.marks(DEVICE, u64::MAX))?.stored_through == 2,
        "the other half holds the mark",
    )?;
    promise(gap(4, 4)? == GapOutcome::Acknowledged, "the rest of it")?;
    let marks = ok(store.marks(DEVICE, u64::MAX))?;
    let fifth = all.get(4).ok_or("five")?;
    promise(
        (marks.stored_through, marks.safe_through, marks.head) == (5, 5, fifth.digest()),
        "the mark passes over it, on to what is stored",
    )?;
    promise(
        ok(store.acknowledged_gaps(DEVICE))? == [(3, 3), (4, 4)],
        "what was acknowledged is kept",
    )?;
    let late = ok(store.store_batch(&batch(&of(&[3])), AT))?;
    promise(
        late == BatchOutcome::Stored { broken: Vec::new() },
        "what comes late is stored",
    )?;
    promise(
        ok(store.marks(DEVICE, 1))?.safe_through == 2,
        "and not called safe before it is replicated",
    )?;
    promise(gap(6, 7)? == GapOutcome::Acknowledged, "the next gap")?;
    ok(store.store_batch(&batch(&of(&[9])), AT))?;
    promise(
        ok(store.marks(DEVICE, u64::MAX))?.safe_through == 9,
        "and it goes on as ever",
    )
}
