//! A store that was restored from a backup and takes back what its replica has.

use super::*;

/// A store that was restored from an older backup takes its batches back under their numbers.
pub(super) fn check<S: Store>(make: Make<'_, S>) -> Result<(), String> {
    let envelopes = chain(1..=4, Digest::default());
    let (old, newer) = envelopes.split_at(2);
    let full = make()?;
    let begin = |store: &S| -> Result<(), String> {
        enrolled(store, DEVICE)?;
        ok(store.store_batch(&batch(old), AT)).map(|_| ())
    };
    begin(&full)?;
    ok(full.store_batch(&batch(newer), AT))?;
    let batches = ok(full.batches_after(1, usize::MAX))?;
    let [missing] = &batches[..] else {
        return Err("the second batch is read back".into());
    };
    let strange = make()?;
    promise(
        ok(strange.take_back(missing, AT))? == TakenBack::UnknownDevice,
        "a batch of an unknown device is not taken back",
    )?;
    promise(
        ok(strange.batch_numbers())? == missing.id,
        "and its number is passed over",
    )?;
    let far = StoredBatch {
        id: u64::MAX >> 1,
        ..missing.clone()
    };
    promise(
        ok(strange.take_back(&far, AT))? == TakenBack::Conflict
            && ok(strange.batch_numbers())? == missing.id,
        "but no number that nobody can have given",
    )?;
    let record = DeviceRecord {
        id: DEVICE,
        name: "t".into(),
        journal_key: vec![4; 65],
    };
    promise(
        ok(strange.take_back_device(&record, AT))? && !ok(strange.take_back_device(&record, AT))?,
        "a device is taken back, once",
    )?;
    promise(
        ok(strange.take_back(missing, AT))? == TakenBack::Stored,
        "and then its batch, under the number that was passed over",
    )?;
    let restored = make()?;
    begin(&restored)?;
    promise(
        ok(restored.take_back(missing, AT))? == TakenBack::Stored,
        "a batch is taken back",
    )?;
    promise(
        ok(restored.batches_after(0, usize::MAX))? == ok(full.batches_after(0, usize::MAX))?,
        "under its number, as it was",
    )?;
    promise(
        ok(restored.marks(DEVICE, 2))? == ok(full.marks(DEVICE, 2))?,
        "and the marks pass over it",
    )?;
    promise(
        ok(restored.take_back(missing, AT))? == TakenBack::Conflict,
        "a number is taken back once",
    )
}
