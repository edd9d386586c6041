//! The tablet and help: settings, and what can be found out about the tablet. Nothing of a shift is here:
//! the page is open before the log-in too.

use super::readiness::ReadinessView;
use super::{Connection, Settings, State, readiness};
use crate::device::QrCode;
use crate::support::Bundle;
use regulation::encounter::Language;

/// What the worker knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpState {
    pub part: HelpPart,
    pub way: WayState,
    pub support: Option<Box<SupportView>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelpPart {
    #[default]
    Menu,
    Settings,
    /// The way to central.
    Way,
    /// Scanner, camera and the rest, checked as at a hand-over (§13).
    Devices,
    /// What those who mend tablets need to know.
    Support,
    /// The program, its edition and its licences.
    About,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WayState {
    #[default]
    NotLooked,
    Looking,
    Looked {
        found: WayAdvice,
        millis: u64,
    },
    /// It knows no central yet.
    NotEnrolled,
}

/// A stretch of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    Network,
    Central,
    Trust,
    LetIn,
}

/// What is the matter with the way, and so what there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayAdvice {
    Looking,
    Whole,
    NotEnrolled,
    NoNetwork,
    Silent,
    NobodyListens,
    NotOurCentral,
    NotLetIn,
    Faulty,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayView {
    pub advice: WayAdvice,
    /// In their order, each with whether it is good; `None`: it was not come so far, or it cannot be told.
    pub stretches: Vec<(Stretch, Option<bool>)>,
    /// Of the look.
    pub millis: Option<u64>,
}

/// What those who mend tablets need to know, as lines and as a code for a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportView {
    pub bundle: Bundle,
    pub code: Option<QrCode>,
}

impl SupportView {
    /// Takes the time that it takes to make a code.
    pub(crate) fn of(bundle: Bundle) -> Self {
        Self {
            code: QrCode::of(&bundle.short()).ok(),
            bundle,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpView {
    pub part: HelpPart,
    pub language: Language,
    pub settings: Settings,
    pub way: Option<WayView>,
    pub readiness: Option<ReadinessView>,
    /// `None`: it is being collected, or another part is shown.
    pub support: Option<SupportView>,
    pub edition: String,
    pub program: &'static str,
}

pub(super) fn view(state: &State) -> HelpView {
    let help = &state.help;
    HelpView {
        part: help.part,
        language: state.language,
        settings: state.settings,
        way: (help.part == HelpPart::Way).then(|| way(help.way, state.connection)),
        readiness: (help.part == HelpPart::Devices).then(|| readiness::view(state)),
        support: help.support.as_deref().cloned(),
        edition: state.edition.id.to_string(),
        program: env!("CARGO_PKG_VERSION"),
    }
}

fn way(state: WayState, connection: Connection) -> WayView {
    let (advice, millis) = match state {
        WayState::NotLooked | WayState::Looking => (WayAdvice::Looking, None),
        WayState::NotEnrolled => (WayAdvice::NotEnrolled, None),
        // It answers, and takes nothing from this tablet.
        WayState::Looked {
            found: WayAdvice::Whole,
            millis,
        } if connection == Connection::Refused => (WayAdvice::NotLetIn, Some(millis)),
        WayState::Looked { found, millis } => (found, Some(millis)),
    };
    let good = match advice {
        WayAdvice::Looking | WayAdvice::NotEnrolled => [None; 4],
        WayAdvice::NoNetwork => [Some(false), None, None, None],
        // Whether the network or central is at fault cannot be told from here.
        WayAdvice::Silent => [None, Some(false), None, None],
        WayAdvice::NobodyListens => [Some(true), Some(false), None, None],
        WayAdvice::NotOurCentral => [Some(true), Some(true), Some(false), None],
        WayAdvice::NotLetIn => [Some(true), Some(true), Some(true), Some(false)],
        WayAdvice::Faulty => [Some(true), Some(false), Some(true), None],
        WayAdvice::Whole => [Some(true); 4],
    };
    let stretches = [
        Stretch::Network,
        Stretch::Central,
        Stretch::Trust,
        Stretch::LetIn,
    ];
    WayView {
        advice,
        stretches: stretches.into_iter().zip(good).collect(),
        millis,
    }
}
