//! A store that was restored from a backup and takes back what its replica has.

use super::*;
use protocol::MessageBody;

pub(super) fn check<S: Store>(make: Make<'_, S>) -> Result<(), String> {
    batches(make)?;
    numbers(make)
}

/// What a tablet has, as the number of its last message, and the store knows only in part.
fn numbers<S: Store>(make: Make<'_, S>) -> Result<(), String> {
    let session = SessionId(id(11));
    let mut asked = |questions: std::ops::RangeInclusive<u64>| -> Result<S, String> {
        let store = make()?;
        enrolled(&store, DEVICE)?;
        on_duty(&store, session, 1)?;
        ok(store.store_batch(&batch(&chain(1..=4, Digest::default())), AT))?;
        let stands = questions.map(|seq| stand(40 + u128::from(seq), seq, QuestionState::Queued));
        put(&store, stands.collect())?;
        Ok(store)
    };
    let letters = |store: &S, after| -> Result<Vec<(u64, QuestionId)>, String> {
        let letters = ok(store.inbox(session, after, 10))?;
        let of = |body: &MessageBody| match body {
            MessageBody::Answer { answer } => answer.question,
            _ => QuestionId(id(0)),
        };
        Ok(letters.iter().map(|l| (l.cursor, of(&l.body))).collect())
    };
    let whole = asked(1..=3)?;
    for n in 41..=43 {
        ok(whole.answer(&answer(n, 1_500), None))?;
    }
    let had = letters(&whole, 0)?;
    promise(had.len() == 3 && had.is_sorted(), "messages are numbered")?;
    let last = had.last().map_or(0, |l| l.0);

    // Of the three answers it knows one, and answers another question first.
    let restored = asked(1..=4)?;
    ok(restored.answer(&answer(41, 1_500), None))?;
    ok(restored.inbox(session, 1, 10))?;
    ok(restored.begin_numbers(Timestamp(9_000)))?;
    ok(restored.answer(&answer(44, 1_600), None))?;
    let new = letters(&restored, last)?;
    promise(
        new.len() == 1 && new.iter().all(|l| l.1 == QuestionId(id(44))),
        "after a start no number is given again",
    )?;

    // The same with a clock that was set back: the tablet's number is above every one here.
    let back = asked(1..=4)?;
    ok(back.answer(&answer(41, 1_500), None))?;
    ok(back.inbox(session, 1, 10))?;
    ok(back.begin_numbers(Timestamp(0)))?;
    ok(back.answer(&answer(44, 1_600), None))?;
    let new = letters(&back, last)?;
    let first = new.first().copied().unwrap_or((0, QuestionId(id(0))));
    promise(
        new.len() == 1 && first.0 > last && first.1 == QuestionId(id(44)),
        "what the tablet would pass over is given a greater number",
    )?;
    promise(letters(&back, first.0)?.is_empty(), "once")?;
    ok(back.answer(&answer(42, 1_700), None))?;
    promise(
        letters(&back, first.0)?.len() == 1,
        "and what follows has greater ones",
    )?;
    promise(
        letters(&back, u64::MAX)?.is_empty() && letters(&back, first.0)?.len() == 1,
        "a number that nobody can have is not believed",
    )
}

/// A store that was restored from an older backup takes its batches back under their numbers.
fn batches<S: Store>(make: Make<'_, S>) -> Result<(), String> {
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
