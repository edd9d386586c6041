//! The citizen's receipt where none can be made, and across the lock.

use crate::kit::{FACT, PIN, Tablet};
use regulation::encounter::{Explanation, Outcome};
use tablet::pages::{Page, Screen};
use tablet::worker::{Command, LockPolicy};

/// The certificate of this tablet is not one that its CA gave a tablet: nobody would believe it.
#[test]
fn what_would_not_be_believed_is_not_shown() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ToOutcome);
    tablet.screen(Screen::Outcome);
    tablet.send(Command::ShowReceipt);
    let page = tablet.screen(Screen::Receipt);
    let Page::Receipt(view) = &page.page else {
        panic!("{page:?}")
    };
    assert!(view.code.is_none() && view.number.is_none());
    assert!(view.lines.is_empty() && view.title.is_empty());
    tablet.send(Command::Back);
    tablet.screen(Screen::Outcome);
}

#[test]
fn a_receipt_comes_after_the_ground_is_explained_and_on_its_pages_alone() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_ground();
    tablet.send(Command::ShowReceipt);
    tablet.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: FACT.into(),
        explanation: Explanation::Full,
    });
    tablet.screen(Screen::Method);
    tablet.send(Command::ShowReceipt);
    tablet.send(Command::ToOutcome);
    tablet.screen(Screen::Outcome);
    let shown = |page: &tablet::pages::PageView| page.stamp.screen == Screen::Receipt;
    assert!(!tablet.history.iter().any(shown));
}

#[test]
fn after_the_lock_a_receipt_is_asked_for_again() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.reach_method();
    tablet.send(Command::ToOutcome);
    tablet.screen(Screen::Outcome);
    tablet.send(Command::ShowReceipt);
    tablet.screen(Screen::Receipt);
    tablet.lock();
    tablet.unlock(PIN);
    tablet.screen(Screen::Outcome);
    tablet.send(Command::Finish(Outcome::Released));
    tablet.screen(Screen::Closed);
    tablet.send(Command::ShowReceipt);
    tablet.screen(Screen::Receipt);
    tablet.lock();
    tablet.unlock(PIN);
    tablet.screen(Screen::Closed);
    tablet.send(Command::ShowReceipt);
    tablet.screen(Screen::Receipt);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
}
