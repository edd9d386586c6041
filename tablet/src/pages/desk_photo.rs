//! §22, §31: photos at the desk, one at a time: of an incident, or of a tablet's condition.

use super::desk::QueryProblem;
use super::{PhotoOf, Screen, State};
use protocol::CaptureId;

/// The photos whose page is open at the desk.
#[derive(Clone, Debug, Default)]
pub struct DeskPhoto {
    pub photos: Vec<CaptureId>,
    /// The one that is looked at.
    pub at: usize,
    pub stage: DeskPhotoStage,
    /// The page that it was opened from.
    pub from: Screen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeskPhotoStage {
    /// Central is being asked.
    #[default]
    Asking,
    Shown,
    Problem(DeskPhotoProblem),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskPhotoProblem {
    /// `Gone`: not all of it is at central, or it is not what its event names, or no longer the unit's.
    Central(QueryProblem),
    /// What came is no picture.
    Unreadable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskPhotoView {
    pub of: PhotoOf,
    /// From 1.
    pub number: usize,
    pub count: usize,
    pub stage: DeskPhotoStage,
}

pub(super) fn view(state: &State) -> DeskPhotoView {
    let open = state.desk.as_ref().map(|desk| desk.photo.clone());
    let open = open.unwrap_or_default();
    DeskPhotoView {
        of: match open.from {
            Screen::DeskIncident => PhotoOf::Incident,
            _ => PhotoOf::Condition,
        },
        number: open.at + 1,
        count: open.photos.len(),
        stage: open.stage,
    }
}
