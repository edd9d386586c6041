//! Log-in.

use super::words;
use super::{AppWindow, LoginAdapter, LoginProblem, int};
use crate::app::Sender;
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::pages::{self, LoginView};
use tablet::worker::{Command, HelpCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<LoginAdapter>();
    let to = sender.clone();
    adapter.on_log_in(move |login, password| {
        to.send(Command::Login {
            login: login.into(),
            password: String::from(password).into(),
        });
    });
    let to = sender.clone();
    adapter.on_help(move || to.send(Command::Help(HelpCommand::Open)));
    let to = sender.clone();
    adapter.on_set_language(move |tongue| to.send(Command::SetLanguage(words::language(tongue))));
}

pub(super) fn map(window: &AppWindow, view: &LoginView, language: Language) {
    use pages::LoginProblem as From;
    let adapter = window.global::<LoginAdapter>();
    adapter.set_language(words::tongue(language));
    adapter.set_busy(view.busy);
    adapter.set_shift_open(view.shift_open);
    adapter.set_enrolled(view.enrolled);
    adapter.set_throttled(match view.problem {
        Some(From::Throttled { seconds }) => int(seconds),
        _ => 0,
    });
    adapter.set_problem(match view.problem {
        None => LoginProblem::None,
        Some(From::WrongCredentials) => LoginProblem::WrongCredentials,
        Some(From::NoConnection) => LoginProblem::NoConnection,
        Some(From::CentralDown) => LoginProblem::CentralDown,
        Some(From::Throttled { .. }) => LoginProblem::Throttled,
        Some(From::OfficerInactive) => LoginProblem::OfficerInactive,
        Some(From::OfficerLocked) => LoginProblem::OfficerLocked,
        Some(From::NotOnRoster) => LoginProblem::NotOnRoster,
        Some(From::DeviceRevoked) => LoginProblem::DeviceRevoked,
        Some(From::TabletLost) => LoginProblem::TabletLost,
        Some(From::LeaseOver) => LoginProblem::LeaseOver,
        Some(From::NotEnrolled) => LoginProblem::NotEnrolled,
        Some(From::Locked) => LoginProblem::Locked,
        Some(From::Storage) => LoginProblem::Storage,
        Some(From::PinGone) => LoginProblem::PinGone,
    });
}
