//! §22, §31: photos of incidents and of tablets, looked at from the desk. Each is asked of central when it is
//! looked at, which keeps that somebody looks, and is on this tablet in memory alone, while it is shown.

use super::command::DeskPhotoCommand;
use super::desk::problem_of;
use super::{Frame, Inner, Worker};
use crate::device::Picture;
use crate::link::LinkError;
use crate::pages::{DeskPhoto, DeskPhotoProblem, DeskPhotoStage, QueryProblem, Screen};
use protocol::{CaptureId, DeviceId};
use std::sync::Arc;

/// Longer side of a photo on the screen, pixels.
const SHOWN_SIDE: u32 = 1280;

impl Worker {
    pub(super) fn desk_photo(&mut self, command: DeskPhotoCommand) {
        match command {
            DeskPhotoCommand::OfIncident => self.open_photos_of_incident(),
            DeskPhotoCommand::OfTablet(device) => self.open_photos_of_tablet(device),
            DeskPhotoCommand::Next => self.turn_to_photo(|at, last| (at < last).then_some(at + 1)),
            DeskPhotoCommand::Before => self.turn_to_photo(|at, _| at.checked_sub(1)),
            DeskPhotoCommand::Again => self.turn_to_photo(|at, _| Some(at)),
        }
    }

    fn open_photos_of_incident(&mut self) {
        let view = self.state.desk.as_ref();
        let view = view.and_then(|desk| desk.incident.view.as_ref());
        let photos = view.map(|view| view.incident.photos().collect());
        self.open_photos(Screen::DeskIncident, photos.unwrap_or_default());
    }

    fn open_photos_of_tablet(&mut self, device: DeviceId) {
        let board = self.state.desk.as_ref();
        let board = board.and_then(|desk| desk.board.as_ref());
        let row = board.and_then(|board| board.tablets.iter().find(|row| row.device == device));
        let photos = row.map(|row| row.photos.clone());
        self.open_photos(Screen::DeskCustody, photos.unwrap_or_default());
    }

    fn open_photos(&mut self, from: Screen, photos: Vec<CaptureId>) {
        if self.state.screen != from || photos.is_empty() {
            return;
        }
        if let Some(desk) = self.state.desk.as_mut() {
            desk.photo = DeskPhoto {
                photos,
                from,
                ..DeskPhoto::default()
            };
            self.state.screen = Screen::DeskPhoto;
            self.ask_for_photo();
        }
    }

    /// `to`: which one, by the one that is looked at and the last one.
    fn turn_to_photo(&mut self, to: impl Fn(usize, usize) -> Option<usize>) {
        let Some(open) = self.open_photo() else {
            return;
        };
        let last = open.photos.len().saturating_sub(1);
        if let Some(at) = to(open.at, last) {
            open.at = at;
            self.ask_for_photo();
        }
    }

    fn ask_for_photo(&mut self) {
        let (link, session) = (self.link.clone(), self.session.clone());
        self.asked_photo += 1;
        let number = self.asked_photo;
        let Some(open) = self.open_photo() else {
            return;
        };
        let Some(id) = open.photos.get(open.at).copied() else {
            return;
        };
        let (Some(link), Some(session)) = (link, session) else {
            let none = DeskPhotoProblem::Central(QueryProblem::NoConnection);
            open.stage = DeskPhotoStage::Problem(none);
            return;
        };
        open.stage = DeskPhotoStage::Asking;
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let result = match link.photo(&session, id).await {
                Ok(jpeg) => decoded(jpeg).await,
                Err(error) => Err(problem(&error)),
            };
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::DeskPhoto { number, result });
        });
    }

    /// With the connection back, a photo that could not be had without one is asked for by itself.
    pub(super) fn ask_again_for_photo(&mut self) {
        let cut = DeskPhotoStage::Problem(DeskPhotoProblem::Central(QueryProblem::NoConnection));
        if self.open_photo().is_some_and(|open| open.stage == cut) {
            self.ask_for_photo();
        }
    }

    /// What comes after another one was asked for, or after the page was left, is not kept.
    pub(super) fn photo_told(&mut self, number: u64, result: Result<Picture, DeskPhotoProblem>) {
        if number != self.asked_photo {
            return;
        }
        let Some(open) = self.open_photo() else {
            return;
        };
        match result {
            Ok(picture) => {
                open.stage = DeskPhotoStage::Shown;
                // The page comes first: a picture without one is late.
                self.show();
                self.show_frame(Arc::new(Frame::of(picture)));
            }
            Err(problem) => open.stage = DeskPhotoStage::Problem(problem),
        }
    }

    /// Back to what names the photos.
    pub(super) fn leave_photos(&mut self) {
        let from = self.open_photo().map(|open| open.from);
        if let Some(desk) = self.state.desk.as_mut() {
            desk.photo = DeskPhoto::default();
        }
        match from {
            Some(Screen::DeskIncident) => {
                self.state.screen = Screen::DeskIncident;
                // The board may have called for a look at it meanwhile.
                self.ask_for_incident();
            }
            Some(Screen::DeskCustody) => self.state.screen = Screen::DeskCustody,
            _ => self.go_to_desk(),
        }
    }

    fn open_photo(&mut self) -> Option<&mut DeskPhoto> {
        if self.state.screen != Screen::DeskPhoto {
            return None;
        }
        Some(&mut self.state.desk.as_mut()?.photo)
    }
}

fn problem(error: &LinkError) -> DeskPhotoProblem {
    tracing::info!(%error, "central does not show the photo");
    DeskPhotoProblem::Central(problem_of(error))
}

/// Off the worker's thread: a large photo takes tens of milliseconds.
async fn decoded(jpeg: zeroize::Zeroizing<Vec<u8>>) -> Result<Picture, DeskPhotoProblem> {
    let read = tokio::task::spawn_blocking(move || Picture::of_jpeg(&jpeg));
    match read.await {
        Ok(Ok(picture)) => Ok(picture.within(SHOWN_SIDE)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a photo cannot be read");
            Err(DeskPhotoProblem::Unreadable)
        }
        Err(_) => Err(DeskPhotoProblem::Unreadable),
    }
}
