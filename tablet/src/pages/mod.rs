//! What the screen shows, as values: one `view(&State)` a page, and nothing a toolkit would know.
//!
//! A [`PageView`] holds data and closed enums; words that are not the Regulation's own are the
//! application's, in its translation catalogues. A covered answer holds nothing of the person.

use regulation::hidden_debug;

mod answer;
mod bodycam;
mod chrome;
mod closed;
mod compare;
mod custody;
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
mod law;
mod lock;
mod login;
mod method;
mod no_fingerprint;
mod outcome;
mod pending;
mod photo;
mod pin;
mod readiness;
mod receipt;
mod receive;
mod reports;
mod say;
mod state;
mod tablet;
mod take_over;
mod training;

pub use crate::device::{Settings, TEXT_PERCENTS, ThemeChoice};
pub use answer::{AnswerView, CompareView, EntryView, Mark, PersonView, RegisterView, Sign};
pub(crate) use bodycam::open_fault;
pub use bodycam::{
    BodycamState, BodycamView, CameraState, DeskWord, DutyView, FaultView, PauseView,
};
pub use chrome::{ChromeView, ProcedureStep, StepName, StepState};
pub use closed::{ClosedView, FlagView};
pub use compare::{ComparedField, ComparedHow, ComparedView};
pub use custody::{
    ConfirmProblem, ConfirmState, CustodyState, HandInForm, PartyForm, PartyView, TabletLine,
    TakeOverForm,
};
pub(crate) use desk::incident_of;
pub use desk::{AlertRow, AlertRowKind, Decided, DeskState, DeskView, DutyRow, QueryProblem};
pub use desk_answer::{DeskAnswer, DeskAnswerView};
pub use desk_custody::{DeskCustodyView, TabletState, UnitTablet};
pub use desk_fault::DeskFaultView;
pub use desk_figures::{
    AgainRow, DeskFigures, DeskFiguresView, FigureFlag, FiguresDetail, FiguresPart, FiguresView,
    OfficerRow, Period, RemarkKind,
};
pub use desk_incident::{
    DeskIncident, DeskIncidentProblem, DeskIncidentView, DeskReport, HeldRow, IncidentLine,
    IncidentLineKind, KnownIncident, PersonBy, PersonLine,
};
pub use desk_means::DeskMeansView;
pub use desk_photo::{DeskPhoto, DeskPhotoProblem, DeskPhotoStage, DeskPhotoView};
pub use desk_tablet::{DeskTablet, DeskTabletView};
pub use document::{
    DocumentForm, DocumentProblem, DocumentReview, DocumentView, PatronymicView, PinflWarningView,
    ZoneRead, zone_progress,
};
pub use face::{FaceStage, FaceState, FaceView};
pub use finger::{FingerStatus, FingerView};
pub use ground::GroundView;
pub use hand_in::HandInView;
pub use help::{HelpPart, HelpState, HelpView, Stretch, SupportView, WayAdvice, WayState, WayView};
pub use home::{EncounterRow, HomeView, RowState};
pub use incident::{DeskSays, IncidentFormView, IncidentState, ReportForm};
pub use introduce::IntroduceView;
pub use law::{LawRow, LawState, LawView, ParagraphView};
pub use lock::LockView;
pub use login::LoginView;
pub use method::MethodView;
pub use no_fingerprint::NoFingerprintView;
pub use outcome::{CaseView, OutcomeView};
pub use pending::PendingView;
pub(crate) use photo::AlbumOf;
pub use photo::{PhotoOf, PhotoStage, PhotoState, PhotoView, PhotosView, Search, ZoneHint};
pub use pin::{PinProblem, PinView};
pub use readiness::ReadinessView;
pub use receipt::{ReceiptLine, ReceiptState, ReceiptView};
pub(crate) use receive::carried;
pub use receive::{
    CarriedView, ReceiveForm, ReceiveProblem, ReceiveState, ReceiveView, ReceiveWarnings,
};
pub use reports::{ReportLine, ReportRow, ReportState, ReportView, ReportsView};
pub use say::{Aloud, SayState, SayView};
pub use state::{
    CaptureState, Connection, Delivery, EncounterEntry, LockState, LoginProblem, Notice, PinState,
    Queue, Screen, SessionState, Stamp, State, Stuck,
};
pub use tablet::TabletView;
pub use take_over::TakeOverView;
pub use training::{
    TrainingCourse, TrainingFeedback, TrainingLine, TrainingRow, TrainingSheet, TrainingSituation,
    TrainingTry, TrainingView,
};

/// Everything on the screen.
#[derive(Clone, PartialEq)]
pub struct PageView {
    /// What a command sent from this page is about; a command with another stamp is stale.
    pub stamp: Stamp,
    pub chrome: ChromeView,
    pub page: Page,
    /// The last command met the Regulation; shown until the next one.
    pub refusal: Option<RefusalView>,
    /// What was typed on this page before the tablet was locked, to be put back into its fields.
    pub typed: Vec<String>,
    /// A photo is taken over the page.
    pub photo: Option<PhotoView>,
    /// The Regulation's text lies over the page.
    pub law: Option<LawView>,
    /// Words for the person fill the screen.
    pub say: Option<SayView>,
    /// Of a training alone, filled in by whoever composes it.
    pub training: Option<TrainingView>,
}

impl PageView {
    /// Whether a picture belongs on it: a frame of the camera, the photo taken, or one that a desk looks at.
    #[must_use]
    pub fn shows_picture(&self) -> bool {
        let by_camera = self.photo.is_some_and(|photo| {
            matches!(
                photo.stage,
                PhotoStage::Live | PhotoStage::Shooting | PhotoStage::Taken
            )
        });
        by_camera
            || match &self.page {
                Page::DeskPhoto(page) => page.stage == DeskPhotoStage::Shown,
                Page::Face(page) => page.shows_picture(),
                _ => false,
            }
    }
}

/// Names the page alone: what it shows is personal.
impl std::fmt::Debug for PageView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageView")
            .field("stamp", &self.stamp)
            .field("chrome", &self.chrome)
            .field("page", &self.page)
            .field("refusal", &self.refusal)
            .field("photo", &self.photo)
            .field("law", &self.law)
            .field("say", &self.say)
            .finish_non_exhaustive()
    }
}

/// One page, one question.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Login(LoginView),
    Pin(PinView),
    Locked(LockView),
    TakeOver(TakeOverView),
    Receive(ReceiveView),
    Home(HomeView),
    Bodycam(BodycamView),
    Tablet(TabletView),
    HandIn(HandInView),
    Help(Box<HelpView>),
    Introduce(IntroduceView),
    Ground(GroundView),
    Method(MethodView),
    Document(DocumentView),
    Finger(FingerView),
    NoFingerprint(NoFingerprintView),
    Face(FaceView),
    Pending(PendingView),
    Answer(AnswerView),
    Outcome(OutcomeView),
    Closed(ClosedView),
    Receipt(Box<ReceiptView>),
    Incident(IncidentFormView),
    Reports(ReportsView),
    Desk(DeskView),
    DeskFault(DeskFaultView),
    DeskMeans(DeskMeansView),
    DeskCustody(DeskCustodyView),
    DeskIncident(DeskIncidentView),
    DeskAnswer(DeskAnswerView),
    DeskFigures(Box<DeskFiguresView>),
    DeskTablet(DeskTabletView),
    DeskPhoto(DeskPhotoView),
}

/// A card to choose: the edition's id and words, in the officer's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceView {
    pub id: String,
    pub title: String,
    pub detail: String,
}

/// Which refusal, and its paragraph ("§8").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalView {
    pub refusal: regulation::encounter::Refusal,
    pub paragraph: u8,
}

/// The page that `state` shows.
#[must_use]
pub fn view(state: &State) -> PageView {
    let entry = state.current_entry();
    let page = match (state.screen, entry) {
        (Screen::Login, _) => Page::Login(login::view(state)),
        (Screen::Pin, _) => Page::Pin(pin::view(state)),
        (Screen::Locked, _) => Page::Locked(lock::view(state)),
        (Screen::Help, _) => Page::Help(Box::new(help::view(state))),
        (Screen::Desk, _) => Page::Desk(desk::view(state)),
        (Screen::DeskFault, _) => Page::DeskFault(desk_fault::view(state)),
        (Screen::DeskMeans, _) => Page::DeskMeans(desk_means::view(state)),
        (Screen::DeskCustody, _) => Page::DeskCustody(desk_custody::view(state)),
        (Screen::DeskIncident, _) => Page::DeskIncident(desk_incident::view(state)),
        (Screen::DeskAnswer, _) => Page::DeskAnswer(desk_answer::view(state)),
        (Screen::DeskFigures, _) => Page::DeskFigures(Box::new(desk_figures::view(state))),
        (Screen::DeskTablet, _) => Page::DeskTablet(desk_tablet::view(state)),
        (Screen::DeskPhoto, _) => Page::DeskPhoto(desk_photo::view(state)),
        (Screen::Incident, _) => Page::Incident(incident::view(state)),
        (Screen::Reports, _) => Page::Reports(reports::view(state)),
        (Screen::TakeOver, _) => Page::TakeOver(take_over::view(state)),
        (Screen::Tablet, _) => Page::Tablet(tablet::view(state)),
        (Screen::HandIn, _) => Page::HandIn(hand_in::view(state)),
        (Screen::Receive, _) => Page::Receive(receive::view(state)),
        (Screen::Bodycam, _) => Page::Bodycam(bodycam::view(state)),
        (Screen::Introduce, _) => Page::Introduce(introduce::view(state)),
        (Screen::Ground, Some(entry)) => Page::Ground(ground::view(state, entry)),
        (Screen::Method, Some(entry)) => Page::Method(method::view(state, entry)),
        (Screen::Document, Some(_)) => Page::Document(document::view(state)),
        (Screen::Finger, Some(entry)) => Page::Finger(finger::view(state, entry)),
        (Screen::NoFingerprint, Some(entry)) => {
            Page::NoFingerprint(no_fingerprint::view(state, entry))
        }
        (Screen::Face, Some(_)) => Page::Face(face::view(state)),
        (Screen::Pending, Some(entry)) => Page::Pending(pending::view(state, entry)),
        (Screen::Answer, Some(entry)) => Page::Answer(answer::view(state, entry)),
        (Screen::Outcome, Some(entry)) => Page::Outcome(outcome::view(state, entry)),
        (Screen::Closed, Some(entry)) => Page::Closed(closed::view(state, entry)),
        (Screen::Receipt, Some(_)) => Page::Receipt(Box::new(receipt::view(state))),
        (Screen::Home, _) | (_, None) => Page::Home(home::view(state)),
    };
    PageView {
        stamp: state.stamp(),
        chrome: chrome::view(state),
        page,
        refusal: state.refusal.map(|refusal| RefusalView {
            refusal,
            paragraph: refusal.paragraph().0,
        }),
        typed: match &state.typed {
            Some((stamp, fields)) if *stamp == state.stamp() => fields.clone(),
            _ => Vec::new(),
        },
        photo: photo::view(state),
        law: law::view(state),
        say: say::view(state),
        training: None,
    }
}

/// "12:04", local time of the edition.
pub(crate) fn clock_text(state: &State, at: regulation::Timestamp) -> String {
    at.local_clock(state.edition.limits.utc_offset_minutes)
}

/// "18.11.2026 12:04", local time of the edition.
pub(crate) fn day_and_time(state: &State, at: regulation::Timestamp) -> String {
    let day = at.local_date(state.edition.limits.utc_offset_minutes);
    let day = day.map(regulation::Date::typed).unwrap_or_default();
    format!("{day} {}", clock_text(state, at))
}

/// The words of an edition's choice, in the officer's language.
pub(crate) fn title(state: &State, named: Option<&regulation::edition::Named>) -> String {
    named
        .map(|n| n.title.get(state.language).to_owned())
        .unwrap_or_default()
}

/// Cards of an edition's list, in the officer's language.
pub(crate) fn choices(state: &State, named: &[regulation::edition::Named]) -> Vec<ChoiceView> {
    named
        .iter()
        .map(|n| ChoiceView {
            id: n.id.clone(),
            title: title(state, Some(n)),
            detail: String::new(),
        })
        .collect()
}

/// The reminders of one step, in the officer's language.
pub(crate) fn reminders(state: &State, step: &str) -> Vec<String> {
    state
        .edition
        .reminders
        .iter()
        .filter(|r| r.step == step)
        .map(|r| r.text.get(state.language).to_owned())
        .collect()
}
