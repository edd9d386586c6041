//! §12: the face.

use super::{AppWindow, FaceAdapter, FaceAdvice, int, put, strings};
use crate::app::Sender;
use biometrics::face::Guidance;
use slint::ComponentHandle;
use tablet::device::CameraFault;
use tablet::pages::{FaceStage, FaceView};
use tablet::worker::{Command, FaceCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<FaceAdapter>();
    let send = |command| {
        let to = sender.clone();
        move || to.send(Command::Face(command))
    };
    adapter.on_shoot(send(FaceCommand::Shoot));
    adapter.on_retake(send(FaceCommand::Retake));
    adapter.on_switch(send(FaceCommand::Switch));
    adapter.on_send(send(FaceCommand::Send));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &FaceView) {
    let adapter = window.global::<FaceAdapter>();
    adapter.set_advice(advice(view));
    adapter.set_taken(view.stage == FaceStage::Taken);
    adapter.set_fault(matches!(view.stage, FaceStage::Fault(_)));
    adapter.set_live(matches!(view.stage, FaceStage::Live | FaceStage::NoFace));
    adapter.set_steps(int(view.steps));
    adapter.set_other(view.other);
    let shown = adapter.get_reminders();
    put(&shown, strings(&view.reminders), |rows| {
        adapter.set_reminders(rows);
    });
}

fn advice(view: &FaceView) -> FaceAdvice {
    match view.stage {
        FaceStage::Opening => FaceAdvice::Opening,
        FaceStage::Live => view.guidance.map_or(FaceAdvice::Looking, to_mend),
        FaceStage::Shooting => FaceAdvice::Shooting,
        FaceStage::NoFace => FaceAdvice::Nobody,
        FaceStage::Taken => FaceAdvice::Taken,
        FaceStage::Fault(CameraFault::NotFitted) => FaceAdvice::NotFitted,
        FaceStage::Fault(CameraFault::Busy) => FaceAdvice::Busy,
        FaceStage::Fault(CameraFault::Denied) => FaceAdvice::Denied,
        FaceStage::Fault(CameraFault::Unplugged) => FaceAdvice::Unplugged,
        FaceStage::Fault(CameraFault::TimedOut) => FaceAdvice::TimedOut,
        FaceStage::Fault(CameraFault::BrokenFrame) => FaceAdvice::BrokenFrame,
    }
}

/// Which side does not matter to what is asked of the person.
fn to_mend(guidance: Guidance) -> FaceAdvice {
    match guidance {
        Guidance::NoFace => FaceAdvice::NoFace,
        Guidance::Several => FaceAdvice::Several,
        Guidance::TooFar => FaceAdvice::TooFar,
        Guidance::TooNear => FaceAdvice::TooNear,
        Guidance::OffCentre(_) => FaceAdvice::OffCentre,
        Guidance::TurnedAside(_) => FaceAdvice::Turned,
        Guidance::HeadTilted(_) => FaceAdvice::Tilted,
        Guidance::LooksUp => FaceAdvice::LooksUp,
        Guidance::LooksDown => FaceAdvice::LooksDown,
        Guidance::TooDark => FaceAdvice::TooDark,
        Guidance::TooBright => FaceAdvice::TooBright,
        Guidance::UnevenLight => FaceAdvice::Uneven,
        Guidance::Blurred => FaceAdvice::Blurred,
        Guidance::Hold => FaceAdvice::Hold,
    }
}
