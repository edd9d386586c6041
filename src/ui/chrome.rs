//! The frame of every page.

use super::words::{connection, refusal};
use super::{
    AppWindow, Chrome, DeskWord, Keyboard, Layer, NoticeKind, PageName, RefusalKind, Step,
    StepName, StepState, StuckItem, StuckReason, Theme, int, put,
};
use crate::app::Sender;
use regulation::encounter::Language;
use slint::ComponentHandle;
use tablet::pages::{self, ChromeView, Notice, Page, PageView, Stuck, ThemeChoice};
use tablet::worker::{BodycamCommand, Command, HelpCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let chrome = window.global::<Chrome>();
    let to = sender.clone();
    chrome.on_retry(move || to.send(Command::Retry));
    let to = sender.clone();
    chrome.on_lock(move || to.send(Command::Lock));
    let to = sender.clone();
    chrome.on_dismiss_notice(move || to.send(Command::DismissNotice));
    let to = sender.clone();
    chrome.on_understood(move || to.send(Command::Bodycam(BodycamCommand::Understood)));
    let to = sender.clone();
    chrome.on_go_home(move || to.send(Command::GoHome));
    let to = sender.clone();
    chrome.on_colours(move |night| {
        let theme = if night {
            ThemeChoice::Night
        } else {
            ThemeChoice::Day
        };
        to.send(Command::Help(HelpCommand::Theme(theme)));
    });
}

pub(super) fn map(window: &AppWindow, view: &PageView, last: Option<&PageView>) {
    let chrome = window.global::<Chrome>();
    let from = &view.chrome;
    look(window, from, last.map(|last| &last.chrome));
    window.global::<Keyboard>().set_own(match from.language {
        Language::UzbekCyrillic | Language::Russian => Layer::Cyrillic,
        Language::UzbekLatin | Language::English => Layer::Latin,
    });
    chrome.set_training(from.training);
    chrome.set_rank(from.rank.as_str().into());
    chrome.set_unit(from.unit.as_str().into());
    chrome.set_connection(connection(from.connection));
    chrome.set_waiting(int(from.queue.waiting));
    chrome.set_sent(int(from.queue.sent));
    chrome.set_stuck_total(int(from.queue.stuck_total()));
    put(
        &chrome.get_stuck(),
        from.queue.stuck.iter().map(stuck).collect(),
        |m| chrome.set_stuck(m),
    );
    chrome.set_oldest_stuck(from.queue.oldest_stuck_s.map_or(-1, int));
    chrome.set_lockable(from.lockable);
    chrome.set_unprotected(from.unprotected);
    chrome.set_oldest(from.queue.oldest_s.map_or(-1, int));
    chrome.set_battery(from.battery.map_or(-1, i32::from));
    chrome.set_notice(match from.notice {
        None => NoticeKind::None,
        Some(Notice::StorageFull) => NoticeKind::StorageFull,
        Some(Notice::StorageFault) => NoticeKind::StorageFault,
        Some(Notice::VaultQuarantined) => NoticeKind::VaultQuarantined,
        Some(Notice::JournalDamaged) => NoticeKind::JournalDamaged,
        Some(Notice::SessionEnded) => NoticeKind::SessionEnded,
    });
    chrome.set_word(word(from.word));
    put(
        &chrome.get_steps(),
        from.steps.iter().map(step).collect(),
        |m| chrome.set_steps(m),
    );
    chrome.set_refusal(
        view.refusal
            .map_or(RefusalKind::None, |r| refusal(r.refusal)),
    );
    chrome.set_refusal_paragraph(view.refusal.map_or(0, |r| i32::from(r.paragraph)));
    chrome.set_page(name(&view.page));
}

/// The colours that the program was started in stay until others are chosen, or the hour brings them.
fn look(window: &AppWindow, view: &ChromeView, last: Option<&ChromeView>) {
    let theme = window.global::<Theme>();
    match last {
        Some(last) if (last.settings.theme, last.night) == (view.settings.theme, view.night) => {}
        None if !view.night => {}
        _ => theme.set_night(view.night),
    }
    theme.set_motion(view.settings.motion);
    theme.set_text_scale(f32::from(view.settings.text_percent) / 100.0);
}

/// The catalogue of a language; English is what the pages are written in.
pub(crate) fn catalogue(language: Language) -> &'static str {
    match language {
        Language::UzbekCyrillic => "uz",
        Language::UzbekLatin => "uz_Latn",
        Language::Russian => "ru",
        Language::English => "",
    }
}

fn word(word: Option<pages::DeskWord>) -> DeskWord {
    use pages::DeskWord as From;
    match word {
        None => DeskWord::None,
        Some(From::PausePermitted) => DeskWord::PausePermitted,
        Some(From::PauseRefused) => DeskWord::PauseRefused,
        Some(From::VoiceConfirmed) => DeskWord::VoiceConfirmed,
        Some(From::VoiceNotConfirmed) => DeskWord::VoiceNotConfirmed,
        Some(From::FaultAssigned) => DeskWord::FaultAssigned,
        Some(From::FaultClosed) => DeskWord::FaultClosed,
        Some(From::IncidentReceived) => DeskWord::IncidentReceived,
        Some(From::IncidentAsked) => DeskWord::IncidentAsked,
        Some(From::IncidentClosed) => DeskWord::IncidentClosed,
        Some(From::MeansHandedOver) => DeskWord::MeansHandedOver,
        Some(From::MeansDeleted) => DeskWord::MeansDeleted,
    }
}

fn stuck((why, count): &(Stuck, u64)) -> StuckItem {
    StuckItem {
        reason: match why {
            Stuck::RefusedForGood => StuckReason::RefusedForGood,
            Stuck::CredentialsDead => StuckReason::CredentialsDead,
            Stuck::TooLarge => StuckReason::TooLarge,
        },
        count: int(*count),
    }
}

fn step(step: &pages::ProcedureStep) -> Step {
    Step {
        name: match step.name {
            pages::StepName::Introduce => StepName::Introduce,
            pages::StepName::Ground => StepName::Ground,
            pages::StepName::Identify => StepName::Identify,
            pages::StepName::Answer => StepName::Answer,
            pages::StepName::Outcome => StepName::Outcome,
        },
        state: match step.state {
            pages::StepState::Done => StepState::Done,
            pages::StepState::Now => StepState::Now,
            pages::StepState::Next => StepState::Next,
        },
    }
}

fn name(page: &Page) -> PageName {
    match page {
        Page::Login(_) => PageName::Login,
        Page::Pin(_) => PageName::Pin,
        Page::Locked(_) => PageName::Locked,
        Page::TakeOver(_) => PageName::TakeOver,
        Page::Tablet(_) => PageName::Tablet,
        Page::HandIn(_) => PageName::HandIn,
        Page::Help(_) => PageName::Help,
        Page::Receive(_) => PageName::Receive,
        Page::Home(_) => PageName::Home,
        Page::Bodycam(_) => PageName::Bodycam,
        Page::Introduce(_) => PageName::Introduce,
        Page::Ground(_) => PageName::Ground,
        Page::Method(_) => PageName::Method,
        Page::Document(_) => PageName::Document,
        Page::Finger(_) => PageName::Finger,
        Page::NoFingerprint(_) => PageName::NoFingerprint,
        Page::Face(_) => PageName::Face,
        Page::Pending(_) => PageName::Pending,
        Page::Answer(_) => PageName::Answer,
        Page::Outcome(_) => PageName::Outcome,
        Page::Closed(_) => PageName::Closed,
        Page::Receipt(_) => PageName::Receipt,
        Page::Desk(_) => PageName::Desk,
        Page::DeskFault(_) => PageName::DeskFault,
        Page::DeskMeans(_) => PageName::DeskMeans,
        Page::DeskCustody(_) => PageName::DeskCustody,
        Page::DeskIncident(_) => PageName::DeskIncident,
        Page::DeskAnswer(_) => PageName::DeskAnswer,
        Page::DeskFigures(_) => PageName::DeskFigures,
        Page::DeskTablet(_) => PageName::DeskTablet,
        Page::DeskPhoto(_) => PageName::DeskPhoto,
        Page::Incident(_) => PageName::Incident,
        Page::Reports(_) => PageName::Reports,
    }
}
