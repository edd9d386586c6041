//! §13, §31: this tablet in mid-shift.

use super::readiness::ReadinessView;
use super::{PhotosView, State, clock_text, photo, readiness};
use regulation::custody::{Holder, Refusal};

#[derive(Clone, PartialEq, Eq)]
pub struct TabletView {
    pub readiness: ReadinessView,
    /// "08:04"; empty: not taken over.
    pub since: String,
    /// §31: damage that is known.
    pub damage: String,
    pub photos: PhotosView,
    pub refusal: Option<(Refusal, u8)>,
    /// See [`super::CustodyState::done`].
    pub done: u32,
}

super::hidden_debug!(TabletView);

pub(super) fn view(state: &State) -> TabletView {
    let custody = &state.custody;
    TabletView {
        readiness: readiness::view(state),
        since: match custody.custody.holder {
            Holder::Officer { since, .. } => clock_text(state, since),
            _ => String::new(),
        },
        damage: custody.custody.damage.clone().unwrap_or_default(),
        photos: photo::photos(state),
        refusal: custody.refusal.map(|r| (r, r.paragraph().0)),
        done: custody.done,
    }
}
