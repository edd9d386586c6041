//! What every tap has in common: it shows that somebody is there, and it counts once.

use super::{AppWindow, Taps, Typed, put, strings};
use crate::app::Sender;
use slint::{ComponentHandle, Model, Timer, TimerMode};
use std::cell::Cell;
use std::time::{Duration, Instant};
use tablet::pages::PageView;
use tablet::worker::Command;

/// The worker is told of touches this often at most.
const TOUCHED: Duration = Duration::from_secs(5);

/// Keeps what was tapped last dead for a moment after each change of the page.
#[derive(Default)]
pub(crate) struct Guard(Timer);

impl Guard {
    /// The second tap of a double tap comes sooner than this after the page it meant is gone.
    pub(crate) const TIME: Duration = Duration::from_millis(400);

    pub(crate) fn page_changed(&self, window: &AppWindow) {
        window.global::<Taps>().set_guarded(true);
        let weak = window.as_weak();
        self.0.start(TimerMode::SingleShot, Self::TIME, move || {
            if let Some(window) = weak.upgrade() {
                window.global::<Taps>().set_guarded(false);
            }
        });
    }
}

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let to = sender.clone();
    let told = Cell::new(None::<Instant>);
    window.global::<Taps>().on_touched(move || {
        let now = Instant::now();
        if told.get().is_none_or(|last| now - last >= TOUCHED) {
            told.set(Some(now));
            to.send(Command::Touched);
        }
    });
    let to = sender.clone();
    window.global::<Typed>().on_tell(move |fields| {
        to.send(Command::Typed(fields.iter().map(String::from).collect()));
    });
}

/// Before the page is shown: it takes over what is put back when it begins.
pub(super) fn map(window: &AppWindow, view: &PageView) {
    let typed = window.global::<Typed>();
    put(&typed.get_fields(), strings(&view.typed), |m| {
        typed.set_fields(m)
    });
}
