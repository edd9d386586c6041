//! Keys on the screen go the way of real ones.

use super::{AppWindow, Keyboard};
use slint::ComponentHandle;
use slint::platform::WindowEvent;

/// A field that goes with its page says nothing any more.
pub(super) fn forget(window: &AppWindow) {
    window.global::<Keyboard>().set_text("".into());
}

pub(super) fn connect(window: &AppWindow) {
    let keyboard = window.global::<Keyboard>();
    keyboard.on_other_script(|text| regulation::script::other_script(&text).into());
    let weak = window.as_weak();
    window.global::<Keyboard>().on_key(move |text| {
        if let Some(window) = weak.upgrade() {
            let window = window.window();
            window.dispatch_event(WindowEvent::KeyPressed { text: text.clone() });
            window.dispatch_event(WindowEvent::KeyReleased { text });
        }
    });
}
