//! A photo, taken over the page that wants it: of the tablet's condition (§31), or of an incident (§22); or a
//! bodycam's code, read there (§23); or a document's machine-readable zone (§8).

use super::{Screen, State};
use crate::device::{CameraFault, Facing};
pub use mrz::Hint as ZoneHint;
use protocol::{CaptureId, CaptureOf};
use regulation::custody::Holder;
use regulation::{CustodyId, IncidentId};

/// The camera is open, or a photo was taken and is not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoState {
    pub stage: PhotoStage,
    /// The camera that is used; `None`: it is not known yet which there are.
    pub facing: Option<Facing>,
    /// There is another one.
    pub other: bool,
    /// No photo is taken: something is looked for in the frames.
    pub search: Option<Search>,
}

/// What is looked for, and what the search has met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// §23: the code of a bodycam.
    Code {
        /// A code was met that holds no serial number.
        strange: bool,
    },
    /// §8: the machine-readable zone of a document.
    Zone {
        /// Why it is not read yet.
        hint: Option<ZoneHint>,
    },
}

impl Search {
    pub(crate) const CODE: Self = Self::Code { strange: false };
    pub(crate) const ZONE: Self = Self::Zone { hint: None };

    /// The same, that has met nothing yet.
    pub(crate) fn anew(self) -> Self {
        match self {
            Self::Code { .. } => Self::CODE,
            Self::Zone { .. } => Self::ZONE,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoStage {
    Opening,
    /// Frames come.
    Live,
    /// The next frame is the photo.
    Shooting,
    /// In memory alone, until it is used.
    Taken,
    Fault(CameraFault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoView {
    pub stage: PhotoStage,
    pub of: PhotoOf,
    /// There is another camera.
    pub other: bool,
    /// A code was seen that holds no serial number.
    pub strange: bool,
    /// Why the zone is not read yet.
    pub hint: Option<ZoneHint>,
}

/// What a photo is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoOf {
    Condition,
    Incident,
    /// §23: none is taken; a bodycam's code is read.
    Code,
    /// §8: none is taken; a document's machine-readable zone is read.
    Zone,
}

/// The photos that a page's form has so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhotosView {
    pub taken: usize,
    /// So many more may be taken.
    pub left: usize,
}

/// What photos of the page that is shown belong to; no id: none was taken yet, and it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlbumOf {
    Custody(Option<CustodyId>),
    Incident(Option<IncidentId>),
}

/// Photos that the page's form will name.
#[derive(Clone, Debug)]
pub(crate) struct Album {
    pub(crate) of: AlbumOf,
    pub(crate) photos: Vec<CaptureId>,
    pub(crate) left: usize,
}

impl State {
    /// The photos of the page that is shown; `None`: it takes none.
    pub(crate) fn album(&self) -> Option<Album> {
        let limits = &self.edition.limits;
        let held = match self.custody.custody.holder {
            Holder::Officer { custody, .. } => Some(custody),
            _ => None,
        };
        let (of, most, before) = match self.screen {
            Screen::TakeOver => {
                let of = AlbumOf::Custody(self.custody.draft);
                (of, limits.condition_photos, 0)
            }
            Screen::HandIn => (AlbumOf::Custody(Some(held?)), limits.condition_photos, 0),
            Screen::Tablet => {
                let before = self.custody.custody.photos.len();
                let of = AlbumOf::Custody(Some(held?));
                (of, limits.condition_photos, before)
            }
            Screen::Incident => {
                let of = AlbumOf::Incident(self.incident.draft);
                (of, limits.incident_photos, 0)
            }
            Screen::Reports => {
                let open = self.incident.open?;
                let before = self.incident.incidents.get(open)?.photos().count();
                (
                    AlbumOf::Incident(Some(open)),
                    limits.incident_photos,
                    before,
                )
            }
            _ => return None,
        };
        let wanted = match of {
            AlbumOf::Custody(id) => id.map(|custody| CaptureOf::Custody { custody }),
            AlbumOf::Incident(id) => id.map(|incident| CaptureOf::Incident { incident }),
        };
        let named = self.unnamed.iter().filter(|(_, of)| Some(*of) == wanted);
        let photos: Vec<_> = named.map(|(id, _)| *id).collect();
        let left = most.saturating_sub(before + photos.len());
        Some(Album { of, photos, left })
    }

    /// A photo was used; no event names it yet.
    pub(crate) fn add_photo(&mut self, id: CaptureId, of: CaptureOf) {
        match of {
            CaptureOf::Custody { custody } if !self.is_held_as(custody) => {
                self.custody.draft = Some(custody);
            }
            CaptureOf::Incident { incident } if self.incident.incidents.get(incident).is_none() => {
                self.incident.draft = Some(incident);
            }
            _ => {}
        }
        self.unnamed.push((id, of));
    }

    /// An event has named these.
    pub(crate) fn photos_named(&mut self, photos: &[CaptureId]) {
        self.unnamed.retain(|(id, _)| !photos.contains(id));
    }

    fn is_held_as(&self, id: CustodyId) -> bool {
        matches!(self.custody.custody.holder, Holder::Officer { custody, .. } if custody == id)
    }
}

pub(super) fn view(state: &State) -> Option<PhotoView> {
    let photo = state.photo.as_ref()?;
    Some(PhotoView {
        stage: photo.stage,
        of: match photo.search {
            Some(Search::Code { .. }) => PhotoOf::Code,
            Some(Search::Zone { .. }) => PhotoOf::Zone,
            None => match state.album()?.of {
                AlbumOf::Custody(_) => PhotoOf::Condition,
                AlbumOf::Incident(_) => PhotoOf::Incident,
            },
        },
        other: photo.other,
        strange: photo.search == Some(Search::Code { strange: true }),
        hint: match photo.search {
            Some(Search::Zone { hint }) => hint,
            _ => None,
        },
    })
}

pub(super) fn photos(state: &State) -> PhotosView {
    let album = state.album();
    album.map_or(PhotosView::default(), |album| PhotosView {
        taken: album.photos.len(),
        left: album.left,
    })
}
