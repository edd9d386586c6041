//! §9: how the encounter ends.

use super::words::{choice, flag};
use super::{AppWindow, CaseItem, OutcomeAdapter, int};
use crate::app::Sender;
use regulation::encounter::Outcome;
use slint::{ComponentHandle, ModelRc, VecModel};
use tablet::pages::{CaseView, OutcomeView};
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<OutcomeAdapter>();
    let to = sender.clone();
    adapter.on_release(move || to.send(Command::Finish(Outcome::Released)));
    let to = sender.clone();
    adapter.on_take_to_station(move |case| {
        to.send(Command::Finish(Outcome::TakenToStation {
            case: case.into(),
        }));
    });
    let to = sender.clone();
    adapter.on_protocol(move |number| {
        to.send(Command::Finish(Outcome::ProtocolOnTheSpot {
            number: number.into(),
        }));
    });
    let to = sender.clone();
    adapter.on_other_ground(move |article, by_order_of| {
        to.send(Command::Finish(Outcome::TakenOnOtherGround {
            article: article.into(),
            by_order_of: by_order_of.into(),
        }));
    });
    let to = sender.clone();
    adapter.on_review_ground(move || to.send(Command::ReviewGround));
    let to = sender.clone();
    adapter.on_correct(move || to.send(Command::CorrectPerson));
    let to = sender.clone();
    adapter.on_show_receipt(move || to.send(Command::ShowReceipt));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &OutcomeView) {
    let adapter = window.global::<OutcomeAdapter>();
    let cases = view.cases.iter().map(map_case).collect::<Vec<_>>();
    adapter.set_receipt(view.receipt);
    adapter.set_cases(ModelRc::new(VecModel::from(cases)));
    adapter.set_explanation_owed(view.explanation_owed);
    adapter.set_person_entered(view.person_entered);
    adapter.set_waiting(int(view.waiting));
}

fn map_case(case: &CaseView) -> CaseItem {
    let flags = case.flags.iter().map(|f| flag(*f)).collect::<Vec<_>>();
    CaseItem {
        choice: choice(&case.choice),
        flags: ModelRc::new(VecModel::from(flags)),
    }
}
