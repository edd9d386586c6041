//! §22, §31: photos at the desk, one at a time.

use super::words::query_trouble;
use super::{AppWindow, DeskPhotoAdapter, DeskPhotoStage as Shown, int};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{DeskPhotoProblem, DeskPhotoStage, DeskPhotoView, PhotoOf};
use tablet::worker::{Command, DeskPhotoCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskPhotoAdapter>();
    let send = |command| {
        let to = sender.clone();
        move || to.send(Command::DeskPhoto(command))
    };
    adapter.on_next(send(DeskPhotoCommand::Next));
    adapter.on_before(send(DeskPhotoCommand::Before));
    adapter.on_again(send(DeskPhotoCommand::Again));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &DeskPhotoView) {
    let adapter = window.global::<DeskPhotoAdapter>();
    adapter.set_incident(view.of == PhotoOf::Incident);
    adapter.set_number(int(view.number));
    adapter.set_count(int(view.count));
    let (stage, trouble) = match view.stage {
        DeskPhotoStage::Asking => (Shown::Asking, None),
        DeskPhotoStage::Shown => (Shown::Shown, None),
        DeskPhotoStage::Problem(DeskPhotoProblem::Unreadable) => (Shown::Unreadable, None),
        DeskPhotoStage::Problem(DeskPhotoProblem::Central(problem)) => {
            (Shown::Trouble, Some(problem))
        }
    };
    adapter.set_stage(stage);
    adapter.set_trouble(query_trouble(trouble));
}
