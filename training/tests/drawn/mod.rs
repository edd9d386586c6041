//! Pages as a worker would show them, for a guide that has none.

use protocol::SessionId;
use regulation::encounter::Finger;
use regulation::{Edition, EncounterId, Timestamp};
use std::sync::Arc;
use tablet::pages::{FingerStatus, FingerView, Page, PageView, Screen, State, view};

pub fn page(screen: Screen) -> PageView {
    let mut state = State::new(
        Arc::new(Edition::shipped().unwrap()),
        Timestamp(1_795_836_000_000),
    );
    state.screen = screen;
    state.training = true;
    view(&state)
}

/// As shown in that session.
pub fn of(session: u128, mut page: PageView) -> PageView {
    page.stamp.session = Some(SessionId(uuid::Uuid::from_u128(session)));
    page
}

/// In that encounter.
pub fn inside(encounter: u128, shown: Page) -> PageView {
    let mut page = page(Screen::Home);
    page.stamp.encounter = Some(EncounterId(uuid::Uuid::from_u128(encounter)));
    page.chrome.lockable = true;
    page.page = shown;
    page
}

pub fn finger(encounter: u128, status: FingerStatus) -> PageView {
    let shown = FingerView {
        finger: Finger::RightIndex,
        status,
        quality: None,
        enough: 40,
        attempt: 1,
        attempts: 4,
        next: None,
        together: false,
        missing: Vec::new(),
        injured: Vec::new(),
        reminders: Vec::new(),
    };
    inside(encounter, Page::Finger(shown))
}
