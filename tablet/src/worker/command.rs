//! Command in, Update out.

use crate::pages::{
    DocumentForm, FiguresPart, HandInForm, HelpPart, PageView, Period, ReceiveForm, ReportForm,
    Stamp, TakeOverForm, ThemeChoice,
};
use biometrics::finger::GreyImage;
use protocol::{DeviceId, TabletOrder};
use regulation::bodycam::{DeviceOwner, PermittedBy};
use regulation::encounter::{Explanation, Finger, Language, Outcome, ServiceId};
use regulation::{CustodyId, EncounterId, FaultId, IncidentId, MeansId, PauseId, QuestionId};
use zeroize::Zeroizing;

/// What the officer wants. Sent with the [`Stamp`] of the page it was tapped on; a stale one is
/// dropped.
#[derive(Clone)]
pub enum Command {
    SetLanguage(Language),
    Login {
        login: String,
        password: Zeroizing<String>,
    },
    /// The PIN of the shift, as typed; it is asked for twice.
    ChoosePin(Zeroizing<String>),
    /// Nothing of the shift on the screen or in memory. From every page, whatever its stamp.
    Lock,
    Unlock(Zeroizing<String>),
    /// From the locked page to the password.
    UsePassword,
    /// Somebody touches the screen without asking for anything.
    Touched,
    /// What is typed on the page so far, in the page's own order of fields.
    Typed(Vec<String>),
    /// End of the shift: back to log-in, nothing readable left.
    EndShift,
    NewEncounter,
    /// Go on with an encounter that is not closed, or look at one that is.
    OpenEncounter(EncounterId),
    GoHome,
    /// To the page before this one, where the procedure allows it.
    Back,
    SetCitizenLanguage(Language),
    Introduce {
        place: String,
        chosen: bool,
        service_id: ServiceId,
    },
    ServiceIdShown,
    StateGround {
        ground: String,
        fact: String,
        explanation: Explanation,
    },
    /// To the ground page again, to make good or repeat the explanation.
    ReviewGround,
    ChooseDocument,
    ChooseFingerprint,
    /// §12: after a recorded reason why no fingerprint.
    ChooseFace,
    /// Check what was typed and show it back (§28).
    ReviewDocument(DocumentForm),
    ConfirmDocument,
    EditDocument,
    /// §28: to the page on which what was recorded of the person is corrected.
    CorrectPerson,
    SelectFinger(Finger),
    StartCapture,
    CancelCapture,
    /// Send the print that is weaker than the edition asks for.
    SendWeak,
    /// §12: fingers that the person does not have, and that cannot be taken.
    NoteFingers {
        missing: Vec<Finger>,
        injured: Vec<Finger>,
    },
    OpenNoFingerprint,
    FingerprintImpossible {
        reason: String,
        note: String,
    },
    /// Another means of identification: back to the choice.
    OtherMeans,
    Withdraw,
    CannotIdentify,
    ToOutcome,
    /// The finger rests on the covered answer (`true`), or has left it.
    Reveal(bool),
    ShowAnswer,
    ConfirmIdentity,
    DisputeIdentity,
    /// To the next candidate; after the last one, to the first again.
    NextCandidate,
    /// Compared: none of the candidates is the person present.
    NoneOfThese,
    /// Records the outcome and closes the encounter.
    Finish(Outcome),
    /// To the citizen's receipt of the stop; [`Command::Back`] closes it.
    ShowReceipt,
    /// At the desk (§20): on a pause asked for, or afterwards on one permitted by voice.
    DecidePause {
        pause: PauseId,
        granted: bool,
    },
    /// At the desk (§21): to the page of a fault.
    OpenFault(FaultId),
    AssignFault {
        administrator: String,
    },
    CloseFault {
        how: String,
    },
    /// At the desk (§16): to the unit's tablets; to one of their conflicts.
    OpenTablets(Option<CustodyId>),
    DeskMeans(DeskMeansCommand),
    /// How it was.
    SettleCustody {
        how: String,
    },
    /// At the desk: that somebody wanted or missing was found, and resistance (§9), are known.
    SeeFound(QuestionId),
    SeeResistance(EncounterId),
    DeskAnswer(DeskAnswerCommand),
    DeskFigures(DeskFiguresCommand),
    DeskTablet(DeskTabletCommand),
    DeskPhoto(DeskPhotoCommand),
    Bodycam(BodycamCommand),
    Incident(IncidentCommand),
    DeskIncident(DeskIncidentCommand),
    Custody(CustodyCommand),
    Photo(PhotoCommand),
    Face(FaceCommand),
    Help(HelpCommand),
    Law(LawCommand),
    Say(SayCommand),
    /// For whoever composes a training; a worker does nothing on it.
    Training(TrainingCommand),
    /// The network may be back: try at once.
    Retry,
    DismissNotice,
    Shutdown,
}

/// What the officer does with the bodycam.
#[derive(Clone)]
pub enum BodycamCommand {
    /// To its page.
    Open,
    /// To the page on which one is received.
    OpenReceive,
    /// Received and on. What is not as it is to be is told first; sent again, it is recorded.
    Receive(ReceiveForm),
    /// §18: the one of an earlier session is with the officer still.
    CarryOver,
    SwitchOn,
    AskPause {
        why: String,
        minutes: u16,
    },
    WithdrawPause,
    PermittedByVoice {
        by: PermittedBy,
        name: String,
    },
    BeginPause,
    Resume,
    Fault {
        what: String,
        note: String,
    },
    Mended,
    OtherMeans {
        device: String,
        owner: DeviceOwner,
        /// The last so many; `None`: since the fault.
        minutes: Option<u16>,
        note: String,
    },
    SwitchOff,
    HandBack {
        /// Percent, as typed; empty: not looked at.
        battery: String,
    },
    /// The desk's word was read.
    Understood,
}

/// What the officer does with incident reports (§22).
#[derive(Clone)]
pub enum IncidentCommand {
    /// To a new one; out of the encounter that is open or shown, if there is one.
    Write,
    Report(ReportForm),
    /// To this shift's reports.
    OpenList,
    Open(IncidentId),
    /// More of the one that is open, or what the duty unit has asked for.
    Supplement {
        text: String,
    },
}

/// What the desk does with a recording by other means (§32), of the one that is open.
#[derive(Clone)]
pub enum DeskMeansCommand {
    Open(MeansId),
    /// The file is here: on what, and its SHA-256 as typed; empty: none was taken.
    HandedOver {
        carrier: String,
        digest: String,
    },
    /// Deleted from the private device, and who confirms it.
    Deleted {
        confirmed_by: String,
    },
}

/// What the duty unit does with an incident report (§22), of the one that is open.
#[derive(Clone)]
pub enum DeskIncidentCommand {
    Open(IncidentId),
    Receive,
    /// By an id of the edition.
    Classify {
        class: String,
    },
    Ask {
        text: String,
    },
    /// A bodycam's recording, so many minutes around the incident.
    Link {
        camera: String,
        minutes: u16,
    },
    Close {
        how: String,
    },
}

/// What the duty unit does with an answer whose session had ended.
#[derive(Clone)]
pub enum DeskAnswerCommand {
    Open(QuestionId),
    /// The finger rests on the covered answer (`true`), or has left it.
    Reveal(bool),
    /// Dealt with; in words, or passed on.
    Settle {
        how: String,
    },
}

/// What a commander does with the unit's figures (§4).
#[derive(Clone)]
pub enum DeskFiguresCommand {
    Open,
    Period(Period),
    Retry,
    Show(FiguresPart),
}

/// What a desk does about a tablet of the unit (§31).
#[derive(Clone)]
pub enum DeskTabletCommand {
    Open(DeviceId),
    Order(TabletOrder),
}

/// What a desk does with photos of incidents (§22) and of tablets (§31).
#[derive(Clone, Copy, Debug)]
pub enum DeskPhotoCommand {
    /// Those of the incident whose page is open.
    OfIncident,
    /// Those of the condition of a tablet on the page of the tablets.
    OfTablet(DeviceId),
    Next,
    Before,
    /// Central is asked once more.
    Again,
}

/// What the officer does with the tablet itself (§13 to §16, §31).
#[derive(Clone)]
pub enum CustodyCommand {
    /// To its page; while it is not taken over, to the page on which it is.
    Open,
    TakeOver(TakeOverForm),
    /// Not taken over yet: nothing is recorded.
    Later,
    /// Damage seen in mid-shift.
    Damaged {
        note: String,
    },
    /// To the hand-in before the end of duty.
    HandInNow,
    /// Handed in; the shift ends.
    HandIn(HandInForm),
    /// The other person confirms.
    Confirm {
        login: String,
        password: Zeroizing<String>,
    },
    /// The other person cannot confirm: by name.
    Named {
        name: String,
    },
}

/// What the officer does with the camera, over the page that wants a photo (§22, §31).
#[derive(Clone, Copy, Debug)]
pub enum PhotoCommand {
    Open,
    /// §23: for the code of the bodycam that is received.
    ReadCode,
    /// §8: for the machine-readable zone of the document that is typed.
    ReadMrz,
    Shoot,
    /// The one that was taken is forgotten.
    Retake,
    /// To the other camera.
    Switch,
    /// Sealed; the form names it when it is recorded.
    Use,
    /// No photo.
    Close,
}

/// What is done on the page of the tablet and of help, by anybody who has the tablet in hand.
#[derive(Clone)]
pub enum HelpCommand {
    /// To it, from the log-in or from home.
    Open,
    /// A part of it; what it needs is looked at anew.
    Show(HelpPart),
    /// The way to central, once more.
    CheckWay,
    /// Back to where it was opened.
    Close,
    /// From every page.
    Theme(ThemeChoice),
    Motion(bool),
    /// One of [`crate::pages::TEXT_PERCENTS`].
    TextPercent(u16),
}

/// What the officer does with the camera before a face (§12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceCommand {
    /// Take it now, whatever there is to mend.
    Shoot,
    /// Another one instead.
    Retake,
    /// By the other camera.
    Switch,
    /// Ask central by it.
    Send,
}

/// What the officer does with the Regulation's text, over any page.
#[derive(Clone)]
pub enum LawCommand {
    /// To this paragraph; `None`: to the list.
    Open(Option<u8>),
    /// To a paragraph from the list, or from another one.
    Read(u8),
    List,
    /// As typed so far.
    Search(String),
    /// Back to the page below.
    Close,
}

/// What the officer does with the words for the person.
#[derive(Clone)]
pub enum SayCommand {
    /// The ground that is chosen on the page; empty: none, or it is recorded.
    Open {
        ground: String,
    },
    Next,
    Before,
    /// The person understands this one.
    Speak(Language),
    ReadAloud,
    /// No more of it.
    Hush,
    /// Back to the page below.
    Close,
}

/// What a trainee does beside the application's own pages (R-3b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingCommand {
    /// What stands over the page: the situation that is played, or the course.
    Open,
    /// Back to the page.
    Close,
    /// To a situation, from 0.
    Choose(usize),
    /// The situation shown is played.
    Begin,
    /// To all of them.
    Course,
}

/// What the screen is told.
#[derive(Clone, Debug)]
pub enum Update {
    /// The page, whole; the newest one counts.
    Page(Box<PageView>),
    /// A shift has ended and its keys are destroyed: replace the process.
    HandOver,
    /// A frame of the running capture. Late ones are dropped by their stamp.
    Preview { stamp: Stamp, picture: GreyImage },
    /// A frame of the camera, or the photo taken. Late ones are dropped by their stamp.
    Frame {
        stamp: Stamp,
        frame: std::sync::Arc<super::Frame>,
    },
}
