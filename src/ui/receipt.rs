//! The citizen's receipt of a stop.

use super::photo::image;
use super::{AppWindow, ReceiptAdapter, put};
use crate::app::Sender;
use slint::{ComponentHandle, Image, SharedString};
use tablet::pages::{ReceiptLine, ReceiptView};
use tablet::worker::Command;

/// Pixels a module: more than any screen shows, so that the edges stand where they are to.
const SCALE: u32 = 8;

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<ReceiptAdapter>();
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::Back));
}

pub(super) fn map(window: &AppWindow, view: &ReceiptView) {
    let adapter = window.global::<ReceiptAdapter>();
    let code = view.code.as_ref();
    let picture = code.and_then(|code| code.picture(SCALE).ok());
    adapter.set_code(picture.as_ref().map(image).unwrap_or_default());
    adapter.set_heading(view.title.as_str().into());
    adapter.set_number(view.number.as_ref().map(line).unwrap_or_default());
    put(
        &adapter.get_lines(),
        view.lines.iter().map(line).collect(),
        |m| adapter.set_lines(m),
    );
    adapter.set_made(picture.is_some());
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<ReceiptAdapter>();
    adapter.set_made(false);
    adapter.set_code(Image::default());
    adapter.set_heading(SharedString::default());
    adapter.set_number(SharedString::default());
    put(&adapter.get_lines(), Vec::new(), |m| adapter.set_lines(m));
}

fn line(line: &ReceiptLine) -> SharedString {
    format!("{}: {}", line.label, line.value).into()
}
