//! The only user of Slint: one adapter a page, named as the page. Each has `connect`, which sends
//! commands, and `map`, which fills properties; pages with personal data have `forget`.

mod answer;
mod bodycam;
mod chrome;
mod closed;
mod desk;
mod desk_answer;
mod desk_custody;
mod desk_fault;
mod desk_figures;
mod desk_incident;
mod desk_means;
mod desk_photo;
mod desk_tablet;
mod document;
mod face;
mod finger;
mod ground;
mod hand_in;
mod help;
mod home;
mod incident;
mod introduce;
mod keyboard;
mod law;
mod lock;
mod login;
mod method;
mod no_fingerprint;
mod outcome;
mod party;
mod pending;
mod photo;
mod pin;
mod receipt;
mod receive;
mod reports;
mod say;
mod tablet;
mod take_over;
mod taps;
#[cfg(test)]
mod tests;
mod training;
mod words;

pub use ::ui::AppWindow;
pub(crate) use ::ui::*;
pub(crate) use chrome::catalogue;
pub(crate) use taps::Guard;

use crate::app::Sender;
use ::tablet::device::Picture;
use ::tablet::pages::{Page, PageView};
use biometrics::finger::GreyImage;
use slint::{Model, ModelRc, SharedString, VecModel};
use std::mem::discriminant;

/// Wires every callback of `window` to `sender`.
pub(crate) fn connect(window: &AppWindow, sender: &Sender) {
    chrome::connect(window, sender);
    keyboard::connect(window);
    taps::connect(window, sender);
    login::connect(window, sender);
    pin::connect(window, sender);
    lock::connect(window, sender);
    party::connect(window, sender);
    photo::connect(window, sender);
    law::connect(window, sender);
    say::connect(window, sender);
    take_over::connect(window, sender);
    receive::connect(window, sender);
    home::connect(window, sender);
    bodycam::connect(window, sender);
    tablet::connect(window, sender);
    hand_in::connect(window, sender);
    help::connect(window, sender);
    introduce::connect(window, sender);
    ground::connect(window, sender);
    method::connect(window, sender);
    document::connect(window, sender);
    finger::connect(window, sender);
    no_fingerprint::connect(window, sender);
    face::connect(window, sender);
    pending::connect(window, sender);
    answer::connect(window, sender);
    outcome::connect(window, sender);
    closed::connect(window, sender);
    receipt::connect(window, sender);
    desk::connect(window, sender);
    desk_fault::connect(window, sender);
    desk_means::connect(window, sender);
    desk_custody::connect(window, sender);
    desk_incident::connect(window, sender);
    desk_answer::connect(window, sender);
    desk_figures::connect(window, sender);
    desk_tablet::connect(window, sender);
    desk_photo::connect(window, sender);
    incident::connect(window, sender);
    reports::connect(window, sender);
    training::connect(window, sender);
}

/// Shows `view`; of `last`, the view shown until now, nothing is drawn anew that is the same.
pub(crate) fn map(window: &AppWindow, view: &PageView, last: Option<&PageView>) {
    if last.is_none_or(|last| {
        last.page != view.page
            || last.stamp != view.stamp
            || last.chrome.language != view.chrome.language
    }) {
        match &view.page {
            Page::Login(page) => login::map(window, page, view.chrome.language),
            Page::Pin(page) => pin::map(window, page),
            Page::Locked(page) => lock::map(window, page, view.chrome.language),
            Page::TakeOver(page) => take_over::map(window, page),
            Page::Tablet(page) => tablet::map(window, page),
            Page::HandIn(page) => hand_in::map(window, page),
            Page::Help(page) => help::map(window, page),
            Page::Receive(page) => receive::map(window, page),
            Page::Home(page) => home::map(window, page),
            Page::Bodycam(page) => bodycam::map(window, page),
            Page::Introduce(page) => introduce::map(window, page),
            Page::Ground(page) => ground::map(window, page),
            Page::Method(page) => method::map(window, page),
            Page::Document(page) => document::map(window, page),
            Page::Finger(page) => finger::map(window, page),
            Page::NoFingerprint(page) => no_fingerprint::map(window, page),
            Page::Face(page) => face::map(window, page),
            Page::Pending(page) => pending::map(window, page),
            Page::Answer(page) => answer::map(window, page),
            Page::Outcome(page) => outcome::map(window, page),
            Page::Closed(page) => closed::map(window, page),
            Page::Receipt(page) => receipt::map(window, page),
            Page::Desk(page) => desk::map(window, page),
            Page::DeskFault(page) => desk_fault::map(window, page),
            Page::DeskMeans(page) => desk_means::map(window, page),
            Page::DeskCustody(page) => desk_custody::map(window, page),
            Page::DeskIncident(page) => desk_incident::map(window, page),
            Page::DeskAnswer(page) => desk_answer::map(window, page),
            Page::DeskFigures(page) => desk_figures::map(window, page),
            Page::DeskTablet(page) => desk_tablet::map(window, page),
            Page::DeskPhoto(page) => desk_photo::map(window, page),
            Page::Incident(page) => incident::map(window, page),
            Page::Reports(page) => reports::map(window, page),
        }
    }
    photo::map(window, view);
    law::map(window, view);
    say::map(window, view);
    training::map(window, view);
    taps::map(window, view);
    chrome::map(window, view, last);
    if let Some(last) = last.filter(|last| discriminant(&last.page) != discriminant(&view.page)) {
        forget(window, &last.page);
    }
}

/// Nothing personal stays behind a page that is no longer shown.
fn forget(window: &AppWindow, left: &Page) {
    keyboard::forget(window);
    match left {
        Page::Home(_) => home::forget(window),
        Page::Bodycam(_) => bodycam::forget(window),
        Page::TakeOver(_) | Page::HandIn(_) => party::forget(window),
        Page::Tablet(_) => tablet::forget(window),
        Page::Introduce(_) => introduce::forget(window),
        Page::Ground(_) => ground::forget(window),
        Page::Document(_) => document::forget(window),
        Page::Finger(_) => finger::forget(window),
        Page::Answer(_) => answer::forget(window),
        Page::Closed(_) => closed::forget(window),
        Page::Receipt(_) => receipt::forget(window),
        Page::Desk(_) => desk::forget(window),
        Page::DeskFault(_) => desk_fault::forget(window),
        Page::DeskMeans(_) => desk_means::forget(window),
        Page::DeskCustody(_) => desk_custody::forget(window),
        Page::DeskIncident(_) => desk_incident::forget(window),
        Page::DeskAnswer(_) => desk_answer::forget(window),
        Page::DeskFigures(_) => desk_figures::forget(window),
        Page::DeskTablet(_) => desk_tablet::forget(window),
        Page::Incident(_) => incident::forget(window),
        Page::Reports(_) => reports::forget(window),
        Page::Login(_)
        | Page::Pin(_)
        | Page::Locked(_)
        | Page::Help(_)
        | Page::Receive(_)
        | Page::DeskPhoto(_)
        | Page::Method(_)
        | Page::NoFingerprint(_)
        | Page::Face(_)
        | Page::Pending(_)
        | Page::Outcome(_) => {}
    }
}

/// Shows a frame of the running capture.
pub(crate) fn preview(window: &AppWindow, picture: &GreyImage) {
    finger::preview(window, picture);
}

/// Shows a frame of the camera, or the photo that was taken.
pub(crate) fn frame(window: &AppWindow, picture: &Picture) {
    photo::frame(window, picture);
}

/// Gives `rows` to the screen, unless it shows them already: a list made anew loses the tap that is
/// under way.
fn put<T: Clone + PartialEq + 'static>(
    shown: &ModelRc<T>,
    rows: Vec<T>,
    set: impl FnOnce(ModelRc<T>),
) {
    if shown.row_count() != rows.len() || shown.iter().zip(&rows).any(|(a, b)| a != *b) {
        set(ModelRc::new(VecModel::from(rows)));
    }
}

fn strings(texts: &[String]) -> Vec<SharedString> {
    texts.iter().map(SharedString::from).collect()
}

/// A count as the screen's number.
fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
