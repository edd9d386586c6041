//! §15, §16: the tablet is handed in, and the shift ends with it.

use super::custody::{PartyView, party};
use super::{PhotosView, State, photo};
use regulation::custody::Refusal;

#[derive(Clone, PartialEq, Eq)]
pub struct HandInView {
    pub party: PartyView,
    /// Before the end of duty.
    pub early: bool,
    /// §31: damage that is known: it is there still, unless the officer says otherwise.
    pub damage: String,
    /// Events that central has not acknowledged: they stay sealed on the tablet and go out by themselves.
    pub waiting: u64,
    pub photos: PhotosView,
    pub refusal: Option<(Refusal, u8)>,
}

super::hidden_debug!(HandInView);

pub(super) fn view(state: &State) -> HandInView {
    let custody = &state.custody;
    HandInView {
        party: party(state),
        early: custody.early,
        damage: custody.custody.damage.clone().unwrap_or_default(),
        waiting: state.queue.unsent(),
        photos: photo::photos(state),
        refusal: custody.refusal.map(|r| (r, r.paragraph().0)),
    }
}
