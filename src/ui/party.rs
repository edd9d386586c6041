//! §16: the other side of a hand-over, as both of its pages offer it.

use super::{AppWindow, ConfirmProblem, PartyAdapter, int, put, strings};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{self, PartyForm, PartyView};
use tablet::worker::{Command, CustodyCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<PartyAdapter>();
    let to = sender.clone();
    adapter.on_confirm(move |login, password| {
        to.send(Command::Custody(CustodyCommand::Confirm {
            login: login.into(),
            password: String::from(password).into(),
        }));
    });
    let to = sender.clone();
    adapter.on_by_name(move |name| {
        to.send(Command::Custody(CustodyCommand::Named {
            name: name.into(),
        }));
    });
}

pub(super) fn map(window: &AppWindow, view: &PartyView) {
    use pages::ConfirmProblem as From;
    let adapter = window.global::<PartyAdapter>();
    put(&adapter.get_places(), strings(&view.places), |m| {
        adapter.set_places(m);
    });
    adapter.set_person(view.person.as_str().into());
    adapter.set_confirmed(view.confirmed);
    adapter.set_busy(view.confirm.busy);
    adapter.set_throttled(match view.confirm.problem {
        Some(From::Throttled { seconds }) => int(seconds),
        _ => 0,
    });
    adapter.set_problem(match view.confirm.problem {
        None => ConfirmProblem::None,
        Some(From::WrongCredentials) => ConfirmProblem::WrongCredentials,
        Some(From::NotOnRoster) => ConfirmProblem::NotOnRoster,
        Some(From::NobodyToAsk) => ConfirmProblem::NobodyToAsk,
        Some(From::Throttled { .. }) => ConfirmProblem::Throttled,
        Some(From::Inactive) => ConfirmProblem::Inactive,
        Some(From::Locked) => ConfirmProblem::Locked,
        Some(From::Themselves) => ConfirmProblem::Themselves,
        Some(From::Storage) => ConfirmProblem::Storage,
    });
}

/// What the page says of the other side: no place is the person.
pub(super) fn form(place: &str) -> PartyForm {
    match place {
        "" => PartyForm::Person,
        place => PartyForm::Place(place.to_owned()),
    }
}

pub(super) fn forget(window: &AppWindow) {
    window.global::<PartyAdapter>().set_person("".into());
}
