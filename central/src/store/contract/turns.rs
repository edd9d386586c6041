//! Whose question is looked up next.

use super::*;

/// What an officer has asked last comes before what anybody has asked earlier; else as they came.
pub(super) fn check<S: Store>(make: Make<'_, S>) -> Result<(), String> {
    let store = make()?;
    let store: &dyn Store = &store;
    enrolled(store, DEVICE)?;
    let (first, second) = (SessionId(id(11)), SessionId(id(12)));
    on_duty(store, first, 1)?;
    on_duty(store, second, 2)?;
    ok(store.store_batch(&batch(&chain(1..=4, Digest::default())), AT))?;
    let of = |session, stand: QuestionStand, arrived| QuestionStand {
        session,
        arrived_at: Timestamp(arrived),
        ..stand
    };
    // The newest of a long queue comes first, its elders after it; then another officer asks.
    put(
        store,
        vec![
            of(first, stand(33, 3, QuestionState::Queued), 1_001),
            of(first, stand(31, 1, QuestionState::Queued), 1_002),
            of(first, stand(32, 2, QuestionState::Queued), 1_003),
            of(second, stand(34, 4, QuestionState::Queued), 1_004),
        ],
    )?;
    let order: Vec<_> = ok(store.queued(10))?.iter().map(|q| q.stand.id).collect();
    promise(
        order == [33, 34, 31, 32].map(|n| QuestionId(id(n))),
        "the last question of each session first",
    )?;
    ok(store.answer(&answer(33, 1_500), None))?;
    let order: Vec<_> = ok(store.queued(2))?.iter().map(|q| q.stand.id).collect();
    promise(
        order == [34, 31].map(|n| QuestionId(id(n))),
        "an elder does not become the last one by an answer",
    )
}
