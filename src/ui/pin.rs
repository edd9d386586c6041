//! The PIN of the shift is chosen.

use super::{AppWindow, PinAdapter, PinProblem};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{self, PinView};
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let to = sender.clone();
    window
        .global::<PinAdapter>()
        .on_choose(move |pin| to.send(Command::ChoosePin(String::from(pin).into())));
}

pub(super) fn map(window: &AppWindow, view: &PinView) {
    use pages::PinProblem as From;
    let adapter = window.global::<PinAdapter>();
    adapter.set_again(view.again);
    adapter.set_busy(view.busy);
    adapter.set_problem(match view.problem {
        None => PinProblem::None,
        Some(From::Length) => PinProblem::Length,
        Some(From::Trivial) => PinProblem::Trivial,
        Some(From::Differs) => PinProblem::Differs,
    });
}
