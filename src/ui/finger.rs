//! §12: the fingerprint.

use super::words::{finger, finger_name};
use super::{AppWindow, FingerAdapter, FingerAdvice, NextName, Theme, int, put, strings};
use crate::app::Sender;
use biometrics::finger::{GreyImage, Verdict};
use regulation::encounter::{Finger, GoOn, NextFinger};
use slint::{Color, ComponentHandle, Image, Model, Rgb8Pixel, SharedPixelBuffer};
use tablet::device::ScannerFault;
use tablet::pages::{FingerStatus, FingerView};
use tablet::worker::Command;

/// As the page counts them.
const INJURED: i32 = 1;
const MISSING: i32 = 2;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<FingerAdapter>();
    let to = sender.clone();
    adapter.on_start(move || to.send(Command::StartCapture));
    let to = sender.clone();
    adapter.on_stop(move || to.send(Command::CancelCapture));
    let to = sender.clone();
    adapter.on_send_weak(move || to.send(Command::SendWeak));
    let to = sender.clone();
    adapter.on_select(move |name| to.send(Command::SelectFinger(finger(name))));
    let to = sender.clone();
    adapter.on_note(move |lacks| {
        let of = |kind: i32| {
            Finger::ALL
                .into_iter()
                .zip(lacks.iter())
                .filter(|(_, lack)| *lack == kind)
                .map(|(finger, _)| finger)
                .collect()
        };
        to.send(Command::NoteFingers {
            missing: of(MISSING),
            injured: of(INJURED),
        });
    });
    let to = sender.clone();
    adapter.on_impossible(move || to.send(Command::OpenNoFingerprint));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &FingerView) {
    let adapter = window.global::<FingerAdapter>();
    let running = matches!(
        view.status,
        FingerStatus::Waiting | FingerStatus::Reading(_)
    );
    adapter.set_finger(finger_name(view.finger));
    adapter.set_advice(advice(view.status));
    adapter.set_running(running);
    adapter.set_quality(view.quality.map_or(-1, i32::from));
    adapter.set_enough(i32::from(view.enough));
    adapter.set_attempt(int(view.attempt));
    adapter.set_attempts(int(view.attempts));
    let (next, finger) = next(view.next);
    adapter.set_next(next);
    adapter.set_next_finger(finger_name(finger.unwrap_or(view.finger)));
    adapter.set_together(view.together);
    let lacks = Finger::ALL
        .into_iter()
        .map(|finger| {
            if view.missing.contains(&finger) {
                MISSING
            } else if view.injured.contains(&finger) {
                INJURED
            } else {
                0
            }
        })
        .collect();
    put(&adapter.get_lacks(), lacks, |m| adapter.set_lacks(m));
    put(&adapter.get_reminders(), strings(&view.reminders), |m| {
        adapter.set_reminders(m)
    });
    if !running && view.status != FingerStatus::Weak {
        forget(window);
    }
}

/// What is proposed, and which finger, if one is.
fn next(next: Option<NextFinger>) -> (NextName, Option<Finger>) {
    match next {
        None => (NextName::None, None),
        Some(NextFinger::Same(finger)) => (NextName::Same, Some(finger)),
        Some(NextFinger::OfTheHand(finger)) => (NextName::OfTheHand, Some(finger)),
        Some(NextFinger::OtherHand(finger)) => (NextName::OtherHand, Some(finger)),
        Some(NextFinger::GoOn(GoOn::NoFingerLeft)) => (NextName::NoFingerLeft, None),
        Some(NextFinger::GoOn(GoOn::Attempts)) => (NextName::Attempts, None),
        Some(NextFinger::GoOn(GoOn::Time)) => (NextName::Time, None),
    }
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<FingerAdapter>();
    adapter.set_has_picture(false);
    adapter.set_picture(Image::default());
}

/// The print in the colours of the theme: ridges in ink, the glass as the ground.
pub(super) fn preview(window: &AppWindow, picture: &GreyImage) {
    let theme = window.global::<Theme>();
    let (ground, ink) = if theme.get_night() {
        (theme.get_surface(), theme.get_action())
    } else {
        (theme.get_surface(), theme.get_ink())
    };
    let mut pixels = SharedPixelBuffer::<Rgb8Pixel>::new(picture.width(), picture.height());
    for (to, grey) in pixels.make_mut_slice().iter_mut().zip(picture.pixels()) {
        *to = between(ink, ground, *grey);
    }
    let adapter = window.global::<FingerAdapter>();
    adapter.set_picture(Image::from_rgb8(pixels));
    adapter.set_has_picture(true);
}

fn between(dark: Color, light: Color, grey: u8) -> Rgb8Pixel {
    let mix = |dark: u8, light: u8| {
        let (dark, light, grey) = (u32::from(dark), u32::from(light), u32::from(grey));
        u8::try_from((dark * (255 - grey) + light * grey) / 255).unwrap_or(u8::MAX)
    };
    Rgb8Pixel {
        r: mix(dark.red(), light.red()),
        g: mix(dark.green(), light.green()),
        b: mix(dark.blue(), light.blue()),
    }
}

fn advice(status: FingerStatus) -> FingerAdvice {
    match status {
        FingerStatus::Ready => FingerAdvice::Ready,
        FingerStatus::Waiting | FingerStatus::Reading(Verdict::NoFinger) => FingerAdvice::Place,
        FingerStatus::Reading(Verdict::Good) => FingerAdvice::HoldStill,
        FingerStatus::Reading(Verdict::TooDry) | FingerStatus::Fault(ScannerFault::TooDry) => {
            FingerAdvice::TooDry
        }
        FingerStatus::Reading(Verdict::TooWet) | FingerStatus::Fault(ScannerFault::TooWet) => {
            FingerAdvice::TooWet
        }
        FingerStatus::Reading(Verdict::Partial) | FingerStatus::Fault(ScannerFault::Partial) => {
            FingerAdvice::Partial
        }
        FingerStatus::Reading(Verdict::MoreThanOneFinger)
        | FingerStatus::Fault(ScannerFault::MoreThanOneFinger) => FingerAdvice::MoreThanOne,
        FingerStatus::Reading(Verdict::Blurred) => FingerAdvice::Blurred,
        FingerStatus::Weak => FingerAdvice::Weak,
        FingerStatus::Fault(ScannerFault::NotConnected) => FingerAdvice::NotConnected,
        FingerStatus::Fault(ScannerFault::Unplugged) => FingerAdvice::Unplugged,
        FingerStatus::Fault(ScannerFault::Busy) => FingerAdvice::Busy,
        FingerStatus::Fault(ScannerFault::TimedOut) => FingerAdvice::TimedOut,
        FingerStatus::Fault(ScannerFault::NoPicture) => FingerAdvice::NoPicture,
        FingerStatus::Fault(ScannerFault::NoFinger) => FingerAdvice::NoFinger,
        FingerStatus::Fault(ScannerFault::PictureTooLarge) => FingerAdvice::PictureTooLarge,
        FingerStatus::Fault(ScannerFault::Cancelled) => FingerAdvice::Cancelled,
        FingerStatus::Fault(ScannerFault::Misplaced) => FingerAdvice::Misplaced,
        FingerStatus::Fault(ScannerFault::WrongFinger) => FingerAdvice::WrongFinger,
        FingerStatus::Fault(ScannerFault::Failed) => FingerAdvice::Failed,
        FingerStatus::Fault(ScannerFault::NotRegistered) => FingerAdvice::NotRegistered,
        FingerStatus::Fault(ScannerFault::Untrusted) => FingerAdvice::Untrusted,
        FingerStatus::Fault(ScannerFault::Unsupported) => FingerAdvice::Unsupported,
    }
}
