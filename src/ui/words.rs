//! Closed sets of the domain as closed sets of the screen, where the words for them are.

use super::{
    AlertMark, AnswerState, CameraRefusal, CameraState, CheckItem, CheckName, Choice,
    ConnectionState, CustodyRefusal, DocumentType, DutyItem, FingerName, FlagKind, HandInReason,
    IncidentRefusal, LevelName, OutcomeKind, QueryTrouble, RefusalKind, RegisterName, StandingName,
    TabletItem, Tongue, Unidentifiable, int,
};
use protocol::{Register, TabletStanding};
use regulation::encounter::{
    AnswerKind, DocumentKind, Finger, Flag, Language, Outcome, Refusal, Unidentified,
};
use regulation::{bodycam, custody, incident};
use tablet::pages::{self, ChoiceView, Connection, DutyView, Mark, QueryProblem};

pub(super) fn tongue(language: Language) -> Tongue {
    match language {
        Language::UzbekCyrillic => Tongue::UzbekCyrillic,
        Language::UzbekLatin => Tongue::UzbekLatin,
        Language::Russian => Tongue::Russian,
        Language::English => Tongue::English,
    }
}

pub(super) fn language(tongue: Tongue) -> Language {
    match tongue {
        Tongue::UzbekCyrillic => Language::UzbekCyrillic,
        Tongue::UzbekLatin => Language::UzbekLatin,
        Tongue::Russian => Language::Russian,
        Tongue::English => Language::English,
    }
}

pub(super) fn connection(connection: Connection) -> ConnectionState {
    match connection {
        Connection::Connecting => ConnectionState::Connecting,
        Connection::Online => ConnectionState::Online,
        Connection::NoNetwork => ConnectionState::NoNetwork,
        Connection::CentralDown => ConnectionState::CentralDown,
        Connection::Refused => ConnectionState::Refused,
    }
}

pub(super) fn choice(choice: &ChoiceView) -> Choice {
    Choice {
        id: choice.id.as_str().into(),
        title: choice.title.as_str().into(),
        detail: choice.detail.as_str().into(),
    }
}

pub(super) fn register(register: Register) -> RegisterName {
    match register {
        Register::Wanted => RegisterName::Wanted,
        Register::Missing => RegisterName::Missing,
        Register::Convicted => RegisterName::Convicted,
        Register::Supervision => RegisterName::Supervision,
        Register::Probation => RegisterName::Probation,
        Register::Preventive => RegisterName::Preventive,
    }
}

pub(super) fn answer_state(kind: AnswerKind) -> AnswerState {
    match kind {
        AnswerKind::Found { .. } => AnswerState::Found,
        AnswerKind::Possible => AnswerState::Possible,
        AnswerKind::NotFound => AnswerState::NotFound,
        AnswerKind::Incomplete => AnswerState::Incomplete,
        AnswerKind::Unusable => AnswerState::Unusable,
        AnswerKind::Expired => AnswerState::Expired,
        AnswerKind::NotOffered => AnswerState::NotOffered,
    }
}

pub(super) fn mark(mark: Mark) -> AlertMark {
    match mark {
        Mark::Quiet => AlertMark::Quiet,
        Mark::Notice => AlertMark::Notice,
        Mark::Missing => AlertMark::Missing,
        Mark::Alert => AlertMark::Alert,
        Mark::Unclear => AlertMark::Unclear,
    }
}

pub(super) fn unidentifiable(why: Option<Unidentified>) -> Unidentifiable {
    match why {
        None => Unidentifiable::No,
        Some(Unidentified::NotFound) => Unidentifiable::NotFound,
        Some(Unidentified::WaitedTooLong) => Unidentifiable::WaitedTooLong,
        Some(Unidentified::NoMeansLeft) => Unidentifiable::NoMeansLeft,
    }
}

/// By index in [`protocol::report::OUTCOME_KINDS`].
pub(super) fn outcome_kind(index: usize) -> OutcomeKind {
    match index {
        0 => OutcomeKind::Released,
        1 => OutcomeKind::TakenToStation,
        2 => OutcomeKind::ProtocolOnTheSpot,
        3 => OutcomeKind::TakenOnOtherGround,
        _ => OutcomeKind::None,
    }
}

pub(super) fn query_trouble(problem: Option<QueryProblem>) -> QueryTrouble {
    match problem {
        None => QueryTrouble::None,
        Some(QueryProblem::NoConnection) => QueryTrouble::NoConnection,
        Some(QueryProblem::NotAllowed) => QueryTrouble::NotAllowed,
        Some(QueryProblem::Gone) => QueryTrouble::Gone,
        Some(QueryProblem::Refused) => QueryTrouble::Refused,
    }
}

pub(super) fn standing(standing: TabletStanding) -> StandingName {
    match standing {
        TabletStanding::Good => StandingName::Good,
        TabletStanding::Locked => StandingName::Locked,
        TabletStanding::Lost { .. } => StandingName::Lost,
        TabletStanding::KeysDestroyed { .. } => StandingName::KeysDestroyed,
        TabletStanding::Wiped { .. } => StandingName::Wiped,
        TabletStanding::Unknown => StandingName::Unknown,
    }
}

pub(super) fn outcome(outcome: Option<&Outcome>) -> OutcomeKind {
    match outcome {
        None => OutcomeKind::None,
        Some(Outcome::Released) => OutcomeKind::Released,
        Some(Outcome::TakenToStation { .. }) => OutcomeKind::TakenToStation,
        Some(Outcome::ProtocolOnTheSpot { .. }) => OutcomeKind::ProtocolOnTheSpot,
        Some(Outcome::TakenOnOtherGround { .. }) => OutcomeKind::TakenOnOtherGround,
    }
}

pub(super) fn document_type(kind: Option<DocumentKind>) -> DocumentType {
    match kind {
        None => DocumentType::None,
        Some(DocumentKind::IdCard) => DocumentType::IdCard,
        Some(DocumentKind::Passport) => DocumentType::Passport,
        Some(DocumentKind::Other) => DocumentType::Other,
    }
}

pub(super) fn document_kind(kind: DocumentType) -> Option<DocumentKind> {
    match kind {
        DocumentType::None => None,
        DocumentType::IdCard => Some(DocumentKind::IdCard),
        DocumentType::Passport => Some(DocumentKind::Passport),
        DocumentType::Other => Some(DocumentKind::Other),
    }
}

pub(super) fn finger_name(finger: Finger) -> FingerName {
    match finger {
        Finger::RightThumb => FingerName::RightThumb,
        Finger::RightIndex => FingerName::RightIndex,
        Finger::RightMiddle => FingerName::RightMiddle,
        Finger::RightRing => FingerName::RightRing,
        Finger::RightLittle => FingerName::RightLittle,
        Finger::LeftThumb => FingerName::LeftThumb,
        Finger::LeftIndex => FingerName::LeftIndex,
        Finger::LeftMiddle => FingerName::LeftMiddle,
        Finger::LeftRing => FingerName::LeftRing,
        Finger::LeftLittle => FingerName::LeftLittle,
    }
}

pub(super) fn finger(name: FingerName) -> Finger {
    match name {
        FingerName::RightThumb => Finger::RightThumb,
        FingerName::RightIndex => Finger::RightIndex,
        FingerName::RightMiddle => Finger::RightMiddle,
        FingerName::RightRing => Finger::RightRing,
        FingerName::RightLittle => Finger::RightLittle,
        FingerName::LeftThumb => Finger::LeftThumb,
        FingerName::LeftIndex => Finger::LeftIndex,
        FingerName::LeftMiddle => Finger::LeftMiddle,
        FingerName::LeftRing => Finger::LeftRing,
        FingerName::LeftLittle => Finger::LeftLittle,
    }
}

pub(super) fn refusal(refusal: Refusal) -> RefusalKind {
    match refusal {
        Refusal::NotOpen => RefusalKind::NotOpen,
        Refusal::AlreadyOpen => RefusalKind::AlreadyOpen,
        Refusal::AlreadyClosed => RefusalKind::AlreadyClosed,
        Refusal::OutcomeAlreadyRecorded => RefusalKind::OutcomeAlreadyRecorded,
        Refusal::PlaceMissing => RefusalKind::PlaceMissing,
        Refusal::AlreadyIntroduced => RefusalKind::AlreadyIntroduced,
        Refusal::NotIntroduced => RefusalKind::NotIntroduced,
        Refusal::GroundMissing => RefusalKind::GroundMissing,
        Refusal::GroundUnknown => RefusalKind::GroundUnknown,
        Refusal::FactMissing => RefusalKind::FactMissing,
        Refusal::ExplanationMissing => RefusalKind::ExplanationMissing,
        Refusal::ExplanationOwed => RefusalKind::ExplanationOwed,
        Refusal::WhyMissing => RefusalKind::WhyMissing,
        Refusal::ReasonUnknown => RefusalKind::ReasonUnknown,
        Refusal::FaceWithoutReason => RefusalKind::FaceWithoutReason,
        Refusal::QuestionRepeated => RefusalKind::QuestionRepeated,
        Refusal::QuestionUnknown => RefusalKind::QuestionUnknown,
        Refusal::QuestionWithdrawn => RefusalKind::QuestionWithdrawn,
        Refusal::QuestionNotAnswered => RefusalKind::QuestionNotAnswered,
        Refusal::QuestionAnswered => RefusalKind::QuestionAnswered,
        Refusal::NothingToConfirm => RefusalKind::NothingToConfirm,
        Refusal::CandidateNotSeen => RefusalKind::CandidateNotSeen,
        Refusal::StillWaiting => RefusalKind::StillWaiting,
        Refusal::AnswerIsThere => RefusalKind::AnswerIsThere,
        Refusal::MeansAreLeft => RefusalKind::MeansAreLeft,
        Refusal::CaseUnknown => RefusalKind::CaseUnknown,
        Refusal::OutcomeIncomplete => RefusalKind::OutcomeIncomplete,
        Refusal::OutcomeMissing => RefusalKind::OutcomeMissing,
        Refusal::PersonIncomplete => RefusalKind::PersonIncomplete,
        Refusal::TextTooLong => RefusalKind::TextTooLong,
    }
}

pub(super) fn flag(flag: Flag) -> FlagKind {
    match flag {
        Flag::ExplanationDelayed => FlagKind::ExplanationDelayed,
        Flag::ExplanationNeverGiven => FlagKind::ExplanationNeverGiven,
        Flag::GroundChanged => FlagKind::GroundChanged,
        Flag::ReasonForReview => FlagKind::ReasonForReview,
        Flag::ReasonDoesNotFit => FlagKind::ReasonDoesNotFit,
        Flag::CaseDoesNotFit => FlagKind::CaseDoesNotFit,
        Flag::TakenThoughDocumentsPresent => FlagKind::TakenThoughDocumentsPresent,
        Flag::RefusalIsNotResistance => FlagKind::RefusalIsNotResistance,
        Flag::OutcomeBeforeProcedure => FlagKind::OutcomeBeforeProcedure,
        Flag::IdentityNotConfirmed => FlagKind::IdentityNotConfirmed,
        Flag::IdentityDisputed => FlagKind::IdentityDisputed,
        Flag::LateAnswer => FlagKind::LateAnswer,
        Flag::OutcomeCorrected => FlagKind::OutcomeCorrected,
        Flag::OutOfOrder { .. } => FlagKind::OutOfOrder,
    }
}

pub(super) fn duty(duty: &DutyView) -> DutyItem {
    use pages::CameraState as From;
    DutyItem {
        state: match duty.state {
            From::NotAssigned => CameraState::NotAssigned,
            From::Received => CameraState::Received,
            From::Recording => CameraState::Recording,
            From::PauseAsked => CameraState::PauseAsked,
            From::PausePermitted => CameraState::PausePermitted,
            From::Paused => CameraState::Paused,
            From::PauseOver => CameraState::PauseOver,
            From::Faulty => CameraState::Faulty,
            From::Off => CameraState::Off,
        },
        since: duty.since.as_str().into(),
        due: duty.due.as_str().into(),
    }
}

pub(super) fn incident_refusal(refusal: incident::Refusal) -> IncidentRefusal {
    use incident::Refusal as From;
    match refusal {
        From::KindUnknown => IncidentRefusal::KindUnknown,
        From::PlaceMissing => IncidentRefusal::PlaceMissing,
        From::TextMissing => IncidentRefusal::TextMissing,
        From::NotYet => IncidentRefusal::NotYet,
        From::PeopleWithoutEncounter => IncidentRefusal::PeopleWithoutEncounter,
        From::KnownAlready => IncidentRefusal::KnownAlready,
        From::Unknown => IncidentRefusal::Unknown,
        From::TooMany => IncidentRefusal::TooMany,
        From::TooManyPhotos => IncidentRefusal::TooManyPhotos,
        From::TextTooLong => IncidentRefusal::TextTooLong,
    }
}

pub(super) fn camera_refusal(refusal: bodycam::Refusal) -> CameraRefusal {
    use bodycam::Refusal as From;
    match refusal {
        From::AlreadyReceived => CameraRefusal::AlreadyReceived,
        From::NotReceived => CameraRefusal::NotReceived,
        From::AlreadyOn => CameraRefusal::AlreadyOn,
        From::NotOn => CameraRefusal::NotOn,
        From::PauseReasonUnknown => CameraRefusal::PauseReasonUnknown,
        From::PauseLength => CameraRefusal::PauseLength,
        From::PauseOpen => CameraRefusal::PauseOpen,
        From::PauseUnknown => CameraRefusal::PauseUnknown,
        From::PauseDecided => CameraRefusal::PauseDecided,
        From::PauseNotPermitted => CameraRefusal::PauseNotPermitted,
        From::NotPaused => CameraRefusal::NotPaused,
        From::NameMissing => CameraRefusal::NameMissing,
        From::FaultKindUnknown => CameraRefusal::FaultKindUnknown,
        From::FaultOpen => CameraRefusal::FaultOpen,
        From::FaultUnknown => CameraRefusal::FaultUnknown,
        From::DeviceUnknown => CameraRefusal::DeviceUnknown,
        From::MeansKnown => CameraRefusal::MeansKnown,
        From::TimesReversed => CameraRefusal::TimesReversed,
        From::StillOn => CameraRefusal::StillOn,
        From::Battery => CameraRefusal::Battery,
        From::TextTooLong => CameraRefusal::TextTooLong,
    }
}

pub(super) fn level(level: Option<custody::Level>) -> LevelName {
    match level {
        None => LevelName::Unknown,
        Some(custody::Level::Ready) => LevelName::Ready,
        Some(custody::Level::Attention) => LevelName::Attention,
        Some(custody::Level::NotReady) => LevelName::NotReady,
    }
}

pub(super) fn check(check: &custody::Check) -> CheckItem {
    CheckItem {
        kind: check_name(check.kind),
        level: level(Some(check.level)),
        value: check.value.map_or(-1, int),
    }
}

fn check_name(kind: custody::CheckKind) -> CheckName {
    use custody::CheckKind as From;
    match kind {
        From::Battery => CheckName::Battery,
        From::Storage => CheckName::Storage,
        From::Clock => CheckName::Clock,
        From::Scanner => CheckName::Scanner,
        From::Camera => CheckName::Camera,
        From::Connection => CheckName::Connection,
        From::Certificate => CheckName::Certificate,
        From::Lease => CheckName::Lease,
        From::Queue => CheckName::Queue,
        From::Version => CheckName::Version,
        From::Other => CheckName::Other,
    }
}

pub(super) fn tablet(line: pages::TabletLine) -> TabletItem {
    TabletItem {
        held: line.held,
        level: level(line.level),
        worst: line.worst.map_or(CheckName::Other, check_name),
    }
}

pub(super) fn custody_refusal(refusal: custody::Refusal) -> CustodyRefusal {
    use custody::Refusal as From;
    match refusal {
        From::NotReady => CustodyRefusal::NotReady,
        From::AlreadyHeld => CustodyRefusal::AlreadyHeld,
        From::NotHeld => CustodyRefusal::NotHeld,
        From::HeldByAnother => CustodyRefusal::HeldByAnother,
        From::PartyMissing => CustodyRefusal::PartyMissing,
        From::ToThemselves => CustodyRefusal::ToThemselves,
        From::PersonNeeded => CustodyRefusal::PersonNeeded,
        From::DamageMissing => CustodyRefusal::DamageMissing,
        From::TooManyPhotos => CustodyRefusal::TooManyPhotos,
        From::TextTooLong => CustodyRefusal::TextTooLong,
    }
}

pub(super) fn hand_in_reason(why: HandInReason) -> custody::HandInReason {
    match why {
        HandInReason::EndOfDuty => custody::HandInReason::EndOfDuty,
        HandInReason::NotNeeded => custody::HandInReason::NotNeeded,
        HandInReason::Broken => custody::HandInReason::Broken,
        HandInReason::Dismissed => custody::HandInReason::Dismissed,
    }
}
