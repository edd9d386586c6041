//! Commands by their names, for logs.

use super::command::{
    BodycamCommand, Command, CustodyCommand, DeskAnswerCommand, DeskFiguresCommand,
    DeskIncidentCommand, DeskMeansCommand, DeskPhotoCommand, DeskTabletCommand, FaceCommand,
    HelpCommand, IncidentCommand, LawCommand, PhotoCommand, SayCommand, TrainingCommand,
};

/// Their names alone: what was typed is personal.
macro_rules! debug_by_name {
    ($($command:ty),* $(,)?) => {$(
        impl std::fmt::Debug for $command {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    )*};
}

debug_by_name!(
    HelpCommand,
    SayCommand,
    LawCommand,
    DeskAnswerCommand,
    DeskFiguresCommand,
    DeskTabletCommand,
    IncidentCommand,
    DeskMeansCommand,
    DeskIncidentCommand,
    CustodyCommand,
    BodycamCommand,
);

/// Names the command alone: what was typed is personal.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SetLanguage(_) => "SetLanguage",
            Self::Login { .. } => "Login",
            Self::ChoosePin(_) => "ChoosePin",
            Self::Lock => "Lock",
            Self::Unlock(_) => "Unlock",
            Self::UsePassword => "UsePassword",
            Self::Touched => "Touched",
            Self::Typed(_) => "Typed",
            Self::EndShift => "EndShift",
            Self::NewEncounter => "NewEncounter",
            Self::OpenEncounter(_) => "OpenEncounter",
            Self::GoHome => "GoHome",
            Self::Back => "Back",
            Self::SetCitizenLanguage(_) => "SetCitizenLanguage",
            Self::Introduce { .. } => "Introduce",
            Self::ServiceIdShown => "ServiceIdShown",
            Self::StateGround { .. } => "StateGround",
            Self::ReviewGround => "ReviewGround",
            Self::ChooseDocument => "ChooseDocument",
            Self::ChooseFingerprint => "ChooseFingerprint",
            Self::ChooseFace => "ChooseFace",
            Self::ReviewDocument(_) => "ReviewDocument",
            Self::ConfirmDocument => "ConfirmDocument",
            Self::EditDocument => "EditDocument",
            Self::CorrectPerson => "CorrectPerson",
            Self::SelectFinger(_) => "SelectFinger",
            Self::StartCapture => "StartCapture",
            Self::CancelCapture => "CancelCapture",
            Self::SendWeak => "SendWeak",
            Self::NoteFingers { .. } => "NoteFingers",
            Self::OpenNoFingerprint => "OpenNoFingerprint",
            Self::FingerprintImpossible { .. } => "FingerprintImpossible",
            Self::OtherMeans => "OtherMeans",
            Self::Withdraw => "Withdraw",
            Self::CannotIdentify => "CannotIdentify",
            Self::ToOutcome => "ToOutcome",
            Self::Reveal(_) => "Reveal",
            Self::ShowAnswer => "ShowAnswer",
            Self::ConfirmIdentity => "ConfirmIdentity",
            Self::DisputeIdentity => "DisputeIdentity",
            Self::NextCandidate => "NextCandidate",
            Self::NoneOfThese => "NoneOfThese",
            Self::Finish(_) => "Finish",
            Self::ShowReceipt => "ShowReceipt",
            Self::DecidePause { .. } => "DecidePause",
            Self::OpenFault(_) => "OpenFault",
            Self::AssignFault { .. } => "AssignFault",
            Self::CloseFault { .. } => "CloseFault",
            Self::OpenTablets(_) => "OpenTablets",
            Self::DeskMeans(command) => command.name(),
            Self::SettleCustody { .. } => "SettleCustody",
            Self::SeeFound(_) => "SeeFound",
            Self::SeeResistance(_) => "SeeResistance",
            Self::DeskAnswer(command) => command.name(),
            Self::DeskFigures(command) => command.name(),
            Self::DeskTablet(command) => command.name(),
            Self::DeskPhoto(command) => command.name(),
            Self::Bodycam(command) => command.name(),
            Self::Incident(command) => command.name(),
            Self::DeskIncident(command) => command.name(),
            Self::Custody(command) => command.name(),
            Self::Photo(command) => command.name(),
            Self::Face(command) => command.name(),
            Self::Help(command) => command.name(),
            Self::Law(command) => command.name(),
            Self::Say(command) => command.name(),
            Self::Training(command) => command.name(),
            Self::Retry => "Retry",
            Self::DismissNotice => "DismissNotice",
            Self::Shutdown => "Shutdown",
        })
    }
}

impl HelpCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open => "Help::Open",
            Self::Show(_) => "Help::Show",
            Self::CheckWay => "Help::CheckWay",
            Self::Close => "Help::Close",
            Self::Theme(_) => "Help::Theme",
            Self::Motion(_) => "Help::Motion",
            Self::TextPercent(_) => "Help::TextPercent",
        }
    }
}

impl LawCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "Law::Open",
            Self::Read(_) => "Law::Read",
            Self::List => "Law::List",
            Self::Search(_) => "Law::Search",
            Self::Close => "Law::Close",
        }
    }
}

impl SayCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Say::Open",
            Self::Next => "Say::Next",
            Self::Before => "Say::Before",
            Self::Speak(_) => "Say::Speak",
            Self::ReadAloud => "Say::ReadAloud",
            Self::Hush => "Say::Hush",
            Self::Close => "Say::Close",
        }
    }
}

impl FaceCommand {
    fn name(self) -> &'static str {
        match self {
            Self::Shoot => "Face::Shoot",
            Self::Retake => "Face::Retake",
            Self::Switch => "Face::Switch",
            Self::Send => "Face::Send",
        }
    }
}

impl TrainingCommand {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "Training::Open",
            Self::Close => "Training::Close",
            Self::Choose(_) => "Training::Choose",
            Self::Begin => "Training::Begin",
            Self::Course => "Training::Course",
        }
    }
}

impl PhotoCommand {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "Photo::Open",
            Self::ReadCode => "Photo::ReadCode",
            Self::ReadMrz => "Photo::ReadMrz",
            Self::Shoot => "Photo::Shoot",
            Self::Retake => "Photo::Retake",
            Self::Switch => "Photo::Switch",
            Self::Use => "Photo::Use",
            Self::Close => "Photo::Close",
        }
    }
}

impl BodycamCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open => "Bodycam::Open",
            Self::OpenReceive => "Bodycam::OpenReceive",
            Self::Receive(_) => "Bodycam::Receive",
            Self::CarryOver => "Bodycam::CarryOver",
            Self::SwitchOn => "Bodycam::SwitchOn",
            Self::AskPause { .. } => "Bodycam::AskPause",
            Self::WithdrawPause => "Bodycam::WithdrawPause",
            Self::PermittedByVoice { .. } => "Bodycam::PermittedByVoice",
            Self::BeginPause => "Bodycam::BeginPause",
            Self::Resume => "Bodycam::Resume",
            Self::Fault { .. } => "Bodycam::Fault",
            Self::Mended => "Bodycam::Mended",
            Self::OtherMeans { .. } => "Bodycam::OtherMeans",
            Self::SwitchOff => "Bodycam::SwitchOff",
            Self::HandBack { .. } => "Bodycam::HandBack",
            Self::Understood => "Bodycam::Understood",
        }
    }
}

impl DeskMeansCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "DeskMeans::Open",
            Self::HandedOver { .. } => "DeskMeans::HandedOver",
            Self::Deleted { .. } => "DeskMeans::Deleted",
        }
    }
}

impl IncidentCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Write => "Incident::Write",
            Self::Report(_) => "Incident::Report",
            Self::OpenList => "Incident::OpenList",
            Self::Open(_) => "Incident::Open",
            Self::Supplement { .. } => "Incident::Supplement",
        }
    }
}

impl CustodyCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open => "Custody::Open",
            Self::TakeOver(_) => "Custody::TakeOver",
            Self::Later => "Custody::Later",
            Self::Damaged { .. } => "Custody::Damaged",
            Self::HandInNow => "Custody::HandInNow",
            Self::HandIn(_) => "Custody::HandIn",
            Self::Confirm { .. } => "Custody::Confirm",
            Self::Named { .. } => "Custody::Named",
        }
    }
}

impl DeskIncidentCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "DeskIncident::Open",
            Self::Receive => "DeskIncident::Receive",
            Self::Classify { .. } => "DeskIncident::Classify",
            Self::Ask { .. } => "DeskIncident::Ask",
            Self::Link { .. } => "DeskIncident::Link",
            Self::Close { .. } => "DeskIncident::Close",
        }
    }
}

impl DeskAnswerCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "DeskAnswer::Open",
            Self::Reveal(_) => "DeskAnswer::Reveal",
            Self::Settle { .. } => "DeskAnswer::Settle",
        }
    }
}

impl DeskFiguresCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open => "DeskFigures::Open",
            Self::Period(_) => "DeskFigures::Period",
            Self::Retry => "DeskFigures::Retry",
            Self::Show(_) => "DeskFigures::Show",
        }
    }
}

impl DeskTabletCommand {
    fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "DeskTablet::Open",
            Self::Order(_) => "DeskTablet::Order",
        }
    }
}

impl DeskPhotoCommand {
    fn name(self) -> &'static str {
        match self {
            Self::OfIncident => "DeskPhoto::OfIncident",
            Self::OfTablet(_) => "DeskPhoto::OfTablet",
            Self::Next => "DeskPhoto::Next",
            Self::Before => "DeskPhoto::Before",
            Self::Again => "DeskPhoto::Again",
        }
    }
}
