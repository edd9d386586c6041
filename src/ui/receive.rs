//! §17, §23: a bodycam is received.

use super::words::{camera_refusal, choice};
use super::{AppWindow, CameraRefusal, ReceiveAdapter, ReceiveProblem, put, strings};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{self, ReceiveForm, ReceiveView};
use tablet::worker::{BodycamCommand, Command};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<ReceiveAdapter>();
    let to = sender.clone();
    adapter.on_receive(move |serial, battery, step, emptied, worn| {
        to.send(Command::Bodycam(BodycamCommand::Receive(ReceiveForm {
            serial: serial.into(),
            battery: battery.into(),
            step: step.into(),
            emptied,
            worn,
        })));
    });
    let to = sender.clone();
    adapter.on_carry_over(move || to.send(Command::Bodycam(BodycamCommand::CarryOver)));
    let to = sender.clone();
    adapter.on_none(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &ReceiveView) {
    use pages::ReceiveProblem as From;
    let adapter = window.global::<ReceiveAdapter>();
    let warnings = view.warnings.unwrap_or_default();
    adapter.set_first(view.first);
    adapter.set_serial(view.serial.as_str().into());
    let (read, reads) = &view.read;
    adapter.set_read(read.as_str().into());
    adapter.set_reads(i32::try_from(*reads).unwrap_or(i32::MAX));
    let steps = view.steps.iter().map(choice).collect();
    put(&adapter.get_steps(), steps, |m| adapter.set_steps(m));
    let carried = view.carried.as_ref();
    adapter.set_carried(carried.map_or("", |c| c.serial.as_str()).into());
    adapter.set_carried_on(carried.is_some_and(|c| c.on));
    adapter.set_carried_since(carried.map_or("", |c| c.since.as_str()).into());
    adapter.set_problem(match view.problem {
        None => ReceiveProblem::None,
        Some(From::Serial) => ReceiveProblem::Serial,
        Some(From::Battery) => ReceiveProblem::Battery,
    });
    let (refusal, paragraph) = view.refusal.unzip();
    adapter.set_refusal(refusal.map_or(CameraRefusal::None, camera_refusal));
    adapter.set_refusal_paragraph(paragraph.map_or(0, i32::from));
    adapter.set_warned(view.warnings.is_some());
    adapter.set_low_battery(warnings.low_battery);
    adapter.set_not_emptied(warnings.not_emptied);
    adapter.set_not_worn(warnings.not_worn);
    adapter.set_least_battery(i32::from(view.least_battery));
    adapter.set_worn(view.worn.as_str().into());
    put(&adapter.get_labels(), strings(&view.labels), |m| {
        adapter.set_labels(m)
    });
}
