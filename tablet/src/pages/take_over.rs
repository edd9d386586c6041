//! §13, §14, §16: the tablet is taken over.

use super::custody::{PartyView, party};
use super::readiness::ReadinessView;
use super::{PhotosView, State, photo, readiness};
use protocol::Assignment;
use regulation::custody::Refusal;

#[derive(Clone, PartialEq, Eq)]
pub struct TakeOverView {
    pub readiness: ReadinessView,
    /// §14: another tablet is assigned to this officer.
    pub anothers: bool,
    /// The day's notices to the unit.
    pub notices: Vec<String>,
    pub party: PartyView,
    pub photos: PhotosView,
    pub refusal: Option<(Refusal, u8)>,
}

super::hidden_debug!(TakeOverView);

pub(super) fn view(state: &State) -> TakeOverView {
    let custody = &state.custody;
    TakeOverView {
        readiness: readiness::view(state),
        anothers: custody.kit.tablet == Assignment::AnotherTablet,
        notices: custody.kit.notices.clone(),
        party: party(state),
        photos: photo::photos(state),
        refusal: custody.refusal.map(|r| (r, r.paragraph().0)),
    }
}
