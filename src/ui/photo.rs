//! §22, §31: a photo, over the page that wants it; or a code (§23) or a zone (§8) that is read there.

use super::{AppWindow, PhotoAdapter, PhotoStage as Shown, ZoneHint as ShownHint, int};
use crate::app::Sender;
use slint::{ComponentHandle, Image, Rgb8Pixel, SharedPixelBuffer};
use tablet::device::{CameraFault, Picture};
use tablet::pages::{PageView, PhotoOf, PhotoStage, PhotosView, ZoneHint};
use tablet::worker::{Command, PhotoCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<PhotoAdapter>();
    let send = |command| {
        let to = sender.clone();
        move || to.send(Command::Photo(command))
    };
    adapter.on_take(send(PhotoCommand::Open));
    adapter.on_read_code(send(PhotoCommand::ReadCode));
    adapter.on_read_mrz(send(PhotoCommand::ReadMrz));
    adapter.on_shoot(send(PhotoCommand::Shoot));
    adapter.on_retake(send(PhotoCommand::Retake));
    adapter.on_switch(send(PhotoCommand::Switch));
    adapter.on_keep(send(PhotoCommand::Use));
    adapter.on_close(send(PhotoCommand::Close));
}

/// Over the page: it changes with every one.
pub(super) fn map(window: &AppWindow, view: &PageView) {
    let adapter = window.global::<PhotoAdapter>();
    adapter.set_open(view.photo.is_some());
    if let Some(photo) = &view.photo {
        adapter.set_incident(photo.of == PhotoOf::Incident);
        adapter.set_code(photo.of == PhotoOf::Code);
        adapter.set_strange(photo.strange);
        adapter.set_zone(photo.of == PhotoOf::Zone);
        adapter.set_hint(hint(photo.hint));
        adapter.set_other(photo.other);
        adapter.set_stage(stage(photo.stage));
    }
    if !view.shows_picture() {
        forget(window);
    }
}

/// What the page's form has so far.
pub(super) fn taken(window: &AppWindow, photos: PhotosView) {
    let adapter = window.global::<PhotoAdapter>();
    adapter.set_taken(int(photos.taken));
    adapter.set_left(int(photos.left));
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<PhotoAdapter>();
    adapter.set_has_picture(false);
    adapter.set_picture(Image::default());
}

pub(super) fn frame(window: &AppWindow, picture: &Picture) {
    let adapter = window.global::<PhotoAdapter>();
    adapter.set_picture(image(picture));
    adapter.set_has_picture(true);
}

pub(super) fn image(picture: &Picture) -> Image {
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(picture.width(), picture.height());
    let rows = picture.pixels().chunks_exact(3);
    for (to, from) in pixels.make_mut_slice().iter_mut().zip(rows) {
        *to = Rgb8Pixel::new(from[0], from[1], from[2]);
    }
    Image::from_rgb8(pixels)
}

fn hint(hint: Option<ZoneHint>) -> ShownHint {
    match hint {
        None => ShownHint::None,
        Some(ZoneHint::NoZone) => ShownHint::NoZone,
        Some(ZoneHint::TooSmall) => ShownHint::TooSmall,
        Some(ZoneHint::Skewed) => ShownHint::Skewed,
        Some(ZoneHint::Blurred) => ShownHint::Blurred,
        Some(ZoneHint::CheckDigits) => ShownHint::CheckDigits,
    }
}

fn stage(stage: PhotoStage) -> Shown {
    match stage {
        PhotoStage::Opening => Shown::Opening,
        PhotoStage::Live => Shown::Live,
        PhotoStage::Shooting => Shown::Shooting,
        PhotoStage::Taken => Shown::Taken,
        PhotoStage::Fault(CameraFault::NotFitted) => Shown::NotFitted,
        PhotoStage::Fault(CameraFault::Busy) => Shown::Busy,
        PhotoStage::Fault(CameraFault::Denied) => Shown::Denied,
        PhotoStage::Fault(CameraFault::Unplugged) => Shown::Unplugged,
        PhotoStage::Fault(CameraFault::TimedOut) => Shown::TimedOut,
        PhotoStage::Fault(CameraFault::BrokenFrame) => Shown::BrokenFrame,
    }
}
