//! §8: the ground, the fact it rests on, the explanation.

use super::words::choice;
use super::{AppWindow, ExplainedHow, GroundAdapter, put, strings};
use crate::app::Sender;
use regulation::encounter::Explanation;
use slint::ComponentHandle;
use tablet::pages::GroundView;
use tablet::worker::Command;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let to = sender.clone();
    window
        .global::<GroundAdapter>()
        .on_state_ground(move |ground, fact, how, why| {
            to.send(Command::StateGround {
                ground: ground.into(),
                fact: fact.into(),
                explanation: match how {
                    ExplainedHow::Full => Explanation::Full,
                    ExplainedHow::ServiceInformationLeftOut => {
                        Explanation::ServiceInformationLeftOut
                    }
                    ExplainedHow::NotPossibleYet => Explanation::NotPossibleYet { why: why.into() },
                },
            });
        });
}

pub(super) fn map(window: &AppWindow, view: &GroundView) {
    let adapter = window.global::<GroundAdapter>();
    put(
        &adapter.get_grounds(),
        view.grounds.iter().map(choice).collect(),
        |m| {
            adapter.set_grounds(m);
        },
    );
    put(&adapter.get_words(), strings(&view.words), |m| {
        adapter.set_words(m)
    });
    adapter.set_ground(view.ground.as_deref().unwrap_or_default().into());
    adapter.set_fact(view.fact.as_str().into());
    adapter.set_asked_again(view.asked_again);
    put(&adapter.get_reminders(), strings(&view.reminders), |m| {
        adapter.set_reminders(m)
    });
}

pub(super) fn forget(window: &AppWindow) {
    window.global::<GroundAdapter>().set_fact("".into());
}
