//! Example pages: invented people only. Shared by the tests and by the snapshot tool.

use protocol::{FacesSearched, GallerySearched, Likeness, Portrait, Register};
use regulation::bodycam;
use regulation::custody::{CheckKind, Level};
use regulation::encounter::{
    AnswerKind, Confirmation, DocumentKind, Finger, Flag, GoOn, Language, NextFinger, Outcome,
    Refusal, Unidentified,
};
use regulation::identity::{DocumentNumber, Sex};
use regulation::{Edition, EncounterId};
use std::sync::OnceLock;
use tablet::device::ScannerFault;
use tablet::pages::{
    AnswerView, BodycamView, CameraState, CarriedView, CaseView, ChoiceView, ChromeView,
    ClosedView, CompareView, ComparedField, ComparedHow, ComparedView, Connection, Delivery,
    DeskWord, DocumentForm, DocumentProblem, DocumentReview, DocumentView, DutyView, EncounterRow,
    EntryView, FaultView, FingerStatus, FingerView, FlagView, GroundView, HomeView, IntroduceView,
    LockView, LoginProblem, LoginView, Mark, MethodView, NoFingerprintView, Notice, OutcomeView,
    Page, PageView, PatronymicView, PauseView, PendingView, PersonView, PinProblem, PinView,
    PinflWarningView, ProcedureStep, Queue, ReceiveProblem, ReceiveView, ReceiveWarnings,
    RefusalView, RegisterView, RowState, Settings, Stamp, StepName, StepState, Stuck, TabletLine,
};

use biometrics::finger::Verdict;

pub const SURNAME: &str = "НАМУНАЕВ";
pub const ADDRESS: &str = "Тошкент шаҳри, Намуна тумани, Намуна кўчаси, 1-уй, 12-хонадон";
pub const PINFL: &str = "30101900000011";

pub fn encounter() -> EncounterId {
    EncounterId(uuid::Uuid::from_u128(7))
}

pub fn stamp() -> Stamp {
    Stamp {
        screen: tablet::pages::Screen::Home,
        session: None,
        encounter: Some(encounter()),
    }
}

/// What a tap shows on a page: page, element, which of them, name of the state.
pub const TAPS: [(&str, &str, usize, &str); 23] = [
    ("say-introduce", "SayPage::language", 0, "say+languages"),
    (
        "login-problem",
        "LoginPage::password-field",
        0,
        "login+keys",
    ),
    (
        "introduce-training",
        "IntroducePage::place-field",
        0,
        "introduce+keys",
    ),
    ("home", "FrameActions::quiet-button", 0, "home+ending"),
    ("desk", "FrameActions::quiet-button", 0, "desk+ending"),
    (
        "ground-again",
        "FrameActions::secondary-button",
        0,
        "ground+words",
    ),
    ("ground", "FrameActions::quiet-button", 0, "ground+why"),
    (
        "document",
        "FrameActions::secondary-button",
        0,
        "document+zone",
    ),
    ("finger", "FingerPage::other-finger", 0, "finger+choice"),
    (
        "outcome-owed",
        "OutcomePage::case-choice",
        3,
        "outcome+case",
    ),
    (
        "outcome-owed",
        "OutcomePage::other-ground",
        0,
        "outcome+other",
    ),
    (
        "receive-warned",
        "ReceivePage::serial-field",
        0,
        "receive+keys",
    ),
    ("take-over", "Notice::act", 0, "take-over+details"),
    (
        "take-over",
        "PartyChooser::person-choice",
        0,
        "take-over+person",
    ),
    (
        "take-over-red",
        "ConditionField::damaged-segment",
        0,
        "take-over+damage",
    ),
    (
        "hand-in-problem",
        "PartyChooser::person-choice",
        0,
        "hand-in+person",
    ),
    ("tablet", "FrameActions::quiet-button", 0, "tablet+damage"),
    (
        "bodycam",
        "FrameActions::primary-button",
        0,
        "bodycam+pause",
    ),
    (
        "bodycam-asked",
        "FrameActions::primary-button",
        0,
        "bodycam+voice",
    ),
    (
        "bodycam-received",
        "BodycamPage::fault-kind",
        1,
        "bodycam+fault",
    ),
    (
        "bodycam-faulty",
        "BodycamPage::other-means-button",
        0,
        "bodycam+means",
    ),
    (
        "bodycam-paused",
        "BodycamPage::off-button",
        0,
        "bodycam+off",
    ),
    (
        "bodycam-off",
        "FrameActions::primary-button",
        0,
        "bodycam+back",
    ),
];

/// The edition, read once: reading it takes most of what a short test takes.
pub fn edition() -> &'static Edition {
    static READ: OnceLock<Edition> = OnceLock::new();
    READ.get_or_init(|| Edition::shipped().unwrap())
}

/// Every page in every state worth a look, by name.
pub fn all(language: Language) -> Vec<(&'static str, PageView)> {
    let v = Views {
        language,
        edition: edition(),
    };
    let mut all = Vec::new();
    all.extend(v.outside());
    all.extend(v.bodycam());
    let help = super::help_views::pages(language).into_iter();
    all.extend(help.map(|(name, page)| (name, v.page(page))));
    let custody = super::custody_views::pages(language).into_iter();
    all.extend(custody.map(|(name, page)| match name {
        "take-over-red" | "take-over-typed" | "tablet-red" => (name, v.offline(page)),
        _ => (name, v.page(page)),
    }));
    all.extend(v.before_asking());
    all.extend(v.fingers());
    let faces = super::face_views::pages(&v.reminders("face")).into_iter();
    all.extend(faces.map(|(name, page)| (name, v.page(page))));
    all.extend(v.answers());
    all.extend(v.ends());
    let receipts = super::receipt_views::pages(language).into_iter();
    all.extend(receipts.map(|(name, page)| (name, v.page(page))));
    all.extend(
        super::desk_views::pages(language)
            .into_iter()
            .map(|(name, page)| {
                let view = match name {
                    "desk-quiet" => v.offline(page),
                    _ => v.page(page),
                };
                (name, view)
            }),
    );
    let reports = super::incident_views::pages(language).into_iter();
    all.extend(reports.map(|(name, page, typed)| {
        let page = v.page(page);
        (name, PageView { typed, ..page })
    }));
    let laws = super::law_views::laws(language).into_iter();
    let laws: Vec<_> = laws
        .map(|(name, below, view)| {
            let below = all.iter().find(|(n, _)| *n == below).unwrap().1.clone();
            let law = Some(view);
            (name, PageView { law, ..below })
        })
        .collect();
    all.extend(laws);
    let said: Vec<_> = super::say_views::cards(language)
        .into_iter()
        .map(|(name, below, view)| {
            let below = all.iter().find(|(n, _)| *n == below).unwrap().1.clone();
            let say = Some(view);
            (name, PageView { say, ..below })
        })
        .collect();
    all.extend(said);
    let photos = super::photo_views::photos().into_iter();
    let over = |name: &str| all.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    let photos: Vec<_> = photos
        .map(|(name, below, view)| {
            let photo = Some(view);
            (
                name,
                PageView {
                    photo,
                    ..over(below)
                },
            )
        })
        .collect();
    all.extend(photos);
    let trainings = super::training_views::trainings(language).into_iter();
    let over = |name: &str| all.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    let trainings: Vec<_> = trainings
        .map(|(name, below, training)| {
            let mut view = over(below);
            view.chrome.training = true;
            view.training = Some(training);
            (name, view)
        })
        .collect();
    all.extend(trainings);
    all
}

/// The one view called `name`.
pub fn one(name: &str, language: Language) -> PageView {
    all(language)
        .into_iter()
        .find(|(n, _)| *n == name)
        .unwrap()
        .1
}

struct Views<'a> {
    language: Language,
    edition: &'a Edition,
}

impl Views<'_> {
    fn page(&self, page: Page) -> PageView {
        let steps = steps(&page);
        let outside = matches!(page, Page::Login(_) | Page::Pin(_) | Page::Locked(_));
        PageView {
            stamp: stamp(),
            chrome: ChromeView {
                language: self.language,
                settings: Settings::default(),
                night: false,
                training: false,
                rank: if outside { "" } else { "Сержант" }.to_owned(),
                unit: if outside { "" } else { "4-бўлинма" }.to_owned(),
                connection: Connection::Online,
                queue: Queue {
                    sent: 37,
                    ..Queue::default()
                },
                battery: Some(82),
                notice: None,
                word: None,
                unprotected: false,
                lockable: !outside,
                steps,
            },
            page,
            refusal: None,
            typed: Vec::new(),
            photo: None,
            law: None,
            say: None,
            training: None,
        }
    }

    fn offline(&self, page: Page) -> PageView {
        let mut view = self.page(page);
        view.chrome.connection = Connection::NoNetwork;
        view.chrome.queue = Queue {
            waiting: 3,
            sent: 37,
            oldest_s: Some(42),
            ..Queue::default()
        };
        view.chrome.training = true;
        view
    }

    fn choice(&self, id: &str, title: &str, detail: &str) -> ChoiceView {
        ChoiceView {
            id: id.to_owned(),
            title: title.to_owned(),
            detail: detail.to_owned(),
        }
    }

    fn reminders(&self, step: &str) -> Vec<String> {
        let of_step = self.edition.reminders.iter().filter(|r| r.step == step);
        of_step
            .map(|r| r.text.get(self.language).to_owned())
            .collect()
    }

    fn outside(&self) -> Vec<(&'static str, PageView)> {
        let login = |problem, busy| {
            Page::Login(LoginView {
                busy,
                problem,
                shift_open: busy,
                enrolled: true,
            })
        };
        let home = HomeView {
            officer: "Сержант Намунаев Намуна Намуна ўғли".to_owned(),
            bodycam: Some(duty(CameraState::Recording)),
            tablet: Some(TabletLine {
                held: true,
                level: Some(Level::Ready),
                worst: None,
            }),
            open: None,
            rows: rows(),
            reports: 2,
            asked: 1,
            attention: 1,
            waiting: 2,
        };
        let mut stuck = self.page(Page::Home(HomeView {
            open: home.rows.first().cloned(),
            attention: 0,
            bodycam: Some(duty(CameraState::PauseOver)),
            tablet: Some(TabletLine {
                held: true,
                level: Some(Level::NotReady),
                worst: Some(CheckKind::Battery),
            }),
            ..home.clone()
        }));
        stuck.chrome.connection = Connection::Refused;
        stuck.chrome.battery = Some(9);
        stuck.chrome.notice = Some(Notice::StorageFull);
        stuck.chrome.queue = Queue {
            waiting: 21,
            sent: 37,
            stuck: vec![
                (Stuck::RefusedForGood, 1),
                (Stuck::CredentialsDead, 2),
                (Stuck::TooLarge, 1),
            ],
            oldest_s: Some(7325),
            oldest_stuck_s: Some(90_125),
            ..Queue::default()
        };
        let empty = HomeView {
            bodycam: None,
            tablet: None,
            rows: Vec::new(),
            reports: 0,
            asked: 0,
            attention: 0,
            waiting: 0,
            ..home.clone()
        };
        let mut problem = self.offline(login(Some(LoginProblem::Throttled { seconds: 22 }), false));
        problem.chrome.queue = Queue::default();
        let mut unprotected = self.page(Page::Home(empty));
        unprotected.chrome.unprotected = true;
        let pin = |again, problem| {
            Page::Pin(PinView {
                again,
                busy: false,
                problem,
            })
        };
        let locked = |tries_left| {
            let mut view = self.page(Page::Locked(LockView {
                clock: "12:04".to_owned(),
                busy: false,
                tries_left,
            }));
            view.chrome.queue = Queue::default();
            view
        };
        let mut gone = self.page(login(Some(LoginProblem::PinGone), false));
        gone.chrome.connection = Connection::CentralDown;
        vec![
            ("pin", self.page(pin(false, None))),
            ("pin-again", self.page(pin(true, None))),
            (
                "pin-problem",
                self.page(pin(false, Some(PinProblem::Trivial))),
            ),
            ("locked", locked(None)),
            ("locked-wrong", locked(Some(4))),
            ("login-pin-gone", gone),
            ("login", self.page(login(None, false))),
            ("login-busy", self.page(login(None, true))),
            ("login-problem", problem),
            ("home", self.page(Page::Home(home))),
            ("home-stuck", stuck),
            ("home-empty", unprotected),
        ]
    }

    fn bodycam(&self) -> Vec<(&'static str, PageView)> {
        let receive = |serial: &str, problem, warnings, carried| {
            let labels = &self.edition.camera_labels;
            let said = ["80–100 %", "60–79 %", "0–59 %"];
            let steps = self.edition.camera_battery.iter().zip(said);
            Page::Receive(ReceiveView {
                first: true,
                serial: serial.to_owned(),
                read: (String::new(), 0),
                carried,
                steps: steps
                    .map(|(b, said)| self.choice(&b.id, b.title.get(self.language), said))
                    .collect(),
                problem,
                warnings,
                least_battery: 60,
                worn: self.edition.camera_worn.get(self.language).to_owned(),
                labels: [&labels.uz, &labels.ru, &labels.en].map(Clone::clone),
                refusal: None,
            })
        };
        let warned = ReceiveWarnings {
            low_battery: true,
            not_emptied: true,
            not_worn: true,
        };
        let carried = |on| {
            Some(CarriedView {
                serial: "AX2-0091734".to_owned(),
                on,
                since: "12:04".to_owned(),
            })
        };
        let page = |state, change: &dyn Fn(&mut BodycamView)| {
            let mut view = self.camera(state);
            change(&mut view);
            Page::Bodycam(view)
        };
        let plain = |state| page(state, &|_| ());
        let asked = |refused, by_voice| {
            move |view: &mut BodycamView| {
                view.pause = Some(PauseView {
                    why: self.edition.pause_reasons[1]
                        .title
                        .get(self.language)
                        .to_owned(),
                    minutes: 30,
                    refused,
                    by_voice,
                });
            }
        };
        let faulty = |view: &mut BodycamView| {
            view.fault = Some(FaultView {
                what: self.edition.camera_faults[3]
                    .title
                    .get(self.language)
                    .to_owned(),
                at: "12:04".to_owned(),
                administrator: "Намунаев Намуна Намуна ўғли".to_owned(),
                closed: false,
            });
            view.other_means = 2;
        };
        let mut told = self.offline(page(
            CameraState::PausePermitted,
            &asked(false, Some(Some(false))),
        ));
        told.chrome.word = Some(DeskWord::VoiceNotConfirmed);
        let mut refused = self.page(page(CameraState::Recording, &asked(true, None)));
        if let Page::Bodycam(view) = &mut refused.page {
            let refusal = bodycam::Refusal::NameMissing;
            view.refusal = Some((refusal, refusal.paragraph().0));
        }
        vec![
            ("receive", self.page(receive("", None, None, None))),
            (
                "receive-assigned",
                self.page(receive("AX2-0091734", None, None, None)),
            ),
            (
                "receive-carried",
                self.page(receive("AX2-0091734", None, None, carried(true))),
            ),
            (
                "receive-carried-off",
                self.offline(receive("", None, None, carried(false))),
            ),
            (
                "receive-problem",
                self.page(receive("АХ2", Some(ReceiveProblem::Serial), None, None)),
            ),
            (
                "receive-warned",
                self.offline(receive("", None, Some(warned), None)),
            ),
            ("bodycam", self.offline(plain(CameraState::Recording))),
            ("bodycam-none", self.page(plain(CameraState::NotAssigned))),
            ("bodycam-received", self.page(plain(CameraState::Received))),
            (
                "bodycam-asked",
                self.offline(page(CameraState::PauseAsked, &asked(false, None))),
            ),
            ("bodycam-permitted", told),
            ("bodycam-refused", refused),
            (
                "bodycam-paused",
                self.page(page(CameraState::Paused, &asked(false, Some(None)))),
            ),
            (
                "bodycam-faulty",
                self.offline(page(CameraState::Faulty, &faulty)),
            ),
            ("bodycam-off", self.page(plain(CameraState::Off))),
            (
                "bodycam-ending",
                self.offline(page(CameraState::Recording, &|view| view.ending = true)),
            ),
        ]
    }

    fn camera(&self, state: CameraState) -> BodycamView {
        let choices = |named: &[regulation::edition::Named]| {
            let choice =
                |n: &regulation::edition::Named| self.choice(&n.id, n.title.get(self.language), "");
            named.iter().map(choice).collect::<Vec<_>>()
        };
        BodycamView {
            camera: "AX2-0091734".to_owned(),
            duty: duty(state),
            ending: false,
            pause: None,
            fault: None,
            other_means: 0,
            reasons: choices(&self.edition.pause_reasons),
            lengths: vec![15, 30, 60],
            faults: choices(&self.edition.camera_faults),
            devices: choices(&self.edition.recording_devices),
            refusal: None,
            done: 0,
        }
    }

    fn before_asking(&self) -> Vec<(&'static str, PageView)> {
        let introduce = IntroduceView {
            words: self
                .edition
                .words_introduce
                .get(self.language)
                .replace("{rank}", "сержант")
                .replace("{name}", "Намунаев Намуна Намуна ўғли")
                .replace("{unit}", "Тошкент шаҳри, 4-бўлинма"),
            citizen_language: self.language,
            places: ["Намуна кўчаси, 1", "Намуна боғи", "Шимолий бекат"]
                .map(String::from)
                .into(),
            reminders: self.reminders("introduce"),
            warning: None,
        };
        let unrecorded = IntroduceView {
            warning: Some(bodycam::Warning::Faulty),
            ..introduce.clone()
        };
        let mut told = self.page(Page::Introduce(unrecorded.clone()));
        told.chrome.word = Some(DeskWord::FaultAssigned);
        let method = |owed| MethodView {
            fingerprint_impossible: owed,
            explanation_owed: owed,
            person_entered: true,
            another_finger: !owed,
            cannot_identify: owed.then_some(Unidentified::WaitedTooLong),
        };
        let mut refused = self.offline(Page::Ground(self.ground(false)));
        refused.refusal = Some(RefusalView {
            refusal: Refusal::FactMissing,
            paragraph: 8,
        });
        vec![
            ("introduce", self.page(Page::Introduce(introduce.clone()))),
            (
                "introduce-training",
                self.offline(Page::Introduce(introduce)),
            ),
            (
                "introduce-unrecorded",
                self.offline(Page::Introduce(unrecorded)),
            ),
            ("introduce-told", told),
            ("ground", self.page(Page::Ground(self.ground(false)))),
            ("ground-refused", refused),
            (
                "ground-again",
                self.offline(Page::Ground(self.ground(true))),
            ),
            ("method", self.page(Page::Method(method(false)))),
            ("method-owed", self.offline(Page::Method(method(true)))),
            ("document", self.page(Page::Document(self.document(None)))),
            (
                "document-problem",
                self.offline(Page::Document(
                    self.document(Some(DocumentProblem::NothingToAskBy)),
                )),
            ),
            (
                "document-correcting",
                self.page(Page::Document(DocumentView {
                    correcting: true,
                    ..self.document(None)
                })),
            ),
            (
                "document-review",
                self.offline(Page::Document(self.review())),
            ),
        ]
    }

    fn ground(&self, again: bool) -> GroundView {
        let edition = self.edition;
        let words = edition.words_explain.get(self.language);
        GroundView {
            grounds: edition
                .grounds
                .iter()
                .map(|g| {
                    self.choice(
                        &g.id,
                        g.title.get(self.language),
                        g.detail.get(self.language),
                    )
                })
                .collect(),
            words: edition
                .grounds
                .iter()
                .map(|g| words.replace("{ground}", g.detail.get(self.language)))
                .collect(),
            ground: again.then(|| "suspicion".to_owned()),
            fact: if again {
                "белгилари ориентировкага мос келди"
            } else {
                ""
            }
            .to_owned(),
            asked_again: again,
            reminders: self.reminders("ground"),
        }
    }

    fn document(&self, problem: Option<DocumentProblem>) -> DocumentView {
        DocumentView {
            form: DocumentForm {
                kind: Some(DocumentKind::IdCard),
                ask: problem.is_some(),
                number: if problem.is_some() { "" } else { "AA1234567" }.to_owned(),
                pinfl: if problem.is_some() { "" } else { PINFL }.to_owned(),
                mrz: String::new(),
                surname: SURNAME.to_owned(),
                given: "НАМУНА".to_owned(),
                patronymic: "НАМУНА ЎҒЛИ".to_owned(),
                no_patronymic: false,
                birth_date: "01.01.1990".to_owned(),
                zone: None,
            },
            read: (String::new(), 0),
            problem,
            review: None,
            correcting: false,
            reminders: self.reminders("document"),
        }
    }

    fn review(&self) -> DocumentView {
        DocumentView {
            review: Some(DocumentReview {
                kind: DocumentKind::IdCard,
                ask: true,
                number: DocumentNumber("AA1234567".to_owned()).0,
                pinfl: PINFL.to_owned(),
                name: "НАМУНАЕВ НАМУНА НАМУНА ЎҒЛИ".to_owned(),
                patronymic: PatronymicView::NotSaid,
                birth_date: "01.01.1990".to_owned(),
                sex: Some(Sex::Male),
                expiry: "01.01.2024".to_owned(),
                expired: true,
                warnings: vec![
                    PinflWarningView::CheckDigit,
                    PinflWarningView::BirthDateDiffers,
                ],
            }),
            ..self.document(None)
        }
    }

    fn fingers(&self) -> Vec<(&'static str, PageView)> {
        let finger = |status, quality| {
            Page::Finger(FingerView {
                finger: Finger::RightIndex,
                status,
                quality,
                enough: 40,
                attempt: 2,
                attempts: 4,
                next: None,
                together: false,
                missing: Vec::new(),
                injured: vec![Finger::LeftRing],
                reminders: self.reminders("fingerprint"),
            })
        };
        let reasons = &self.edition.no_fingerprint_reasons;
        let no_fingerprint = NoFingerprintView {
            reasons: reasons
                .iter()
                .map(|r| self.choice(&r.id, r.title.get(self.language), ""))
                .collect(),
            for_review: reasons
                .iter()
                .filter(|r| r.review)
                .map(|r| r.id.clone())
                .collect(),
            proposed: None,
        };
        let proposed = NoFingerprintView {
            proposed: Some("quality".to_owned()),
            ..no_fingerprint.clone()
        };
        let after = |next| {
            let mut page = finger(FingerStatus::Fault(ScannerFault::TooDry), None);
            if let Page::Finger(view) = &mut page {
                view.next = Some(next);
            }
            page
        };
        let fault = |fault| finger(FingerStatus::Fault(fault), None);
        vec![
            ("finger", self.page(finger(FingerStatus::Ready, None))),
            (
                "finger-waiting",
                self.page(finger(FingerStatus::Waiting, None)),
            ),
            (
                "finger-dry",
                self.offline(finger(FingerStatus::Reading(Verdict::TooDry), Some(31))),
            ),
            (
                "finger-good",
                self.page(finger(FingerStatus::Reading(Verdict::Good), Some(78))),
            ),
            (
                "finger-weak",
                self.page(finger(FingerStatus::Weak, Some(34))),
            ),
            (
                "finger-unplugged",
                self.offline(fault(ScannerFault::Unplugged)),
            ),
            (
                "finger-wet",
                self.page(finger(FingerStatus::Reading(Verdict::TooWet), Some(28))),
            ),
            (
                "finger-moved",
                self.page(finger(FingerStatus::Reading(Verdict::Blurred), Some(12))),
            ),
            (
                "finger-two",
                self.page(finger(
                    FingerStatus::Reading(Verdict::MoreThanOneFinger),
                    Some(39),
                )),
            ),
            ("finger-timed-out", self.page(fault(ScannerFault::TimedOut))),
            (
                "finger-again",
                self.page(after(NextFinger::Same(Finger::RightIndex))),
            ),
            (
                "finger-of-the-hand",
                self.page(after(NextFinger::OfTheHand(Finger::RightMiddle))),
            ),
            (
                "finger-other-hand",
                self.page(after(NextFinger::OtherHand(Finger::LeftIndex))),
            ),
            (
                "finger-go-on",
                self.offline(after(NextFinger::GoOn(GoOn::Attempts))),
            ),
            ("finger-partial", self.page(fault(ScannerFault::Partial))),
            (
                "finger-misplaced",
                self.page(fault(ScannerFault::Misplaced)),
            ),
            ("finger-wrong", self.page(fault(ScannerFault::WrongFinger))),
            ("finger-failed", self.page(fault(ScannerFault::Failed))),
            (
                "finger-unregistered",
                self.page(fault(ScannerFault::NotRegistered)),
            ),
            (
                "finger-untrusted",
                self.page(fault(ScannerFault::Untrusted)),
            ),
            (
                "finger-unsupported",
                self.page(fault(ScannerFault::Unsupported)),
            ),
            (
                "no-fingerprint",
                self.offline(Page::NoFingerprint(no_fingerprint)),
            ),
            (
                "no-fingerprint-proposed",
                self.page(Page::NoFingerprint(proposed)),
            ),
        ]
    }

    fn answers(&self) -> Vec<(&'static str, PageView)> {
        let pending = |connection, over_limit| {
            Page::Pending(PendingView {
                asked_at: "12:04".to_owned(),
                waited_s: if over_limit { 754 } else { 42 },
                limit_s: 600,
                over_limit,
                connection,
                unsent: connection != Connection::Online,
            })
        };
        let found = |person: PersonView, mark| {
            let kind = AnswerKind::Found {
                wanted: mark == Mark::Alert,
                missing: false,
            };
            Page::Answer(answer(kind, mark, vec![person]))
        };
        let nobody = |kind| Page::Answer(answer(kind, Mark::Unclear, Vec::new()));
        let covered = Page::Answer(AnswerView {
            covered: true,
            gallery: None,
            ..answer(
                AnswerKind::Found {
                    wanted: true,
                    missing: false,
                },
                Mark::Alert,
                Vec::new(),
            )
        });
        let possible = [
            PersonView {
                one_in: Some(40_000),
                ..person(&[Register::Wanted])
            },
            PersonView {
                one_in: Some(200),
                ..person(&[Register::Convicted])
            },
        ];
        let number = Page::Answer(AnswerView {
            gallery: None,
            ..answer(
                AnswerKind::Found {
                    wanted: false,
                    missing: false,
                },
                Mark::Notice,
                vec![PersonView {
                    one_in: None,
                    ..person(&[Register::Convicted])
                }],
            )
        });
        let compared = |field, entered: &str, register: &str, how| ComparedView {
            field,
            entered: entered.to_owned(),
            register: register.to_owned(),
            how,
        };
        let by_document = Page::Answer(AnswerView {
            gallery: None,
            compared: vec![
                compared(
                    ComparedField::Surname,
                    "NAMUNAYEV",
                    SURNAME,
                    ComparedHow::AsInRegister,
                ),
                compared(
                    ComparedField::Patronymic,
                    "",
                    "НАМУНА ЎҒЛИ",
                    ComparedHow::ByEye,
                ),
                compared(
                    ComparedField::BirthDate,
                    "01.01.1990",
                    "01.10.1990",
                    ComparedHow::Differs,
                ),
                compared(ComparedField::Sex, "m", "f", ComparedHow::Differs),
                compared(
                    ComparedField::Expiry,
                    "01.01.2024",
                    "",
                    ComparedHow::Expired,
                ),
            ],
            ..answer(
                AnswerKind::Found {
                    wanted: false,
                    missing: false,
                },
                Mark::Unclear,
                vec![PersonView {
                    one_in: None,
                    ..person(&[Register::Convicted])
                }],
            )
        });
        vec![
            ("answer-compared", self.page(by_document)),
            ("pending", self.page(pending(Connection::Online, false))),
            (
                "pending-offline",
                self.offline(pending(Connection::NoNetwork, true)),
            ),
            ("answer-covered", self.page(covered)),
            (
                "answer-wanted",
                self.page(found(
                    person(&[Register::Wanted, Register::Convicted]),
                    Mark::Alert,
                )),
            ),
            (
                "answer-missing",
                self.page(found(person(&[Register::Missing]), Mark::Missing)),
            ),
            ("answer-clear", self.page(found(person(&[]), Mark::Quiet))),
            (
                "answer-all",
                self.offline(found(person(&Register::ALL), Mark::Alert)),
            ),
            (
                "answer-possible",
                self.page(Page::Answer(AnswerView {
                    compare: Some(CompareView {
                        at: 0,
                        count: 2,
                        looked_at: true,
                    }),
                    ..answer(AnswerKind::Possible, Mark::Alert, possible[..1].to_vec())
                })),
            ),
            (
                "answer-possible-one",
                self.page(Page::Answer(answer(
                    AnswerKind::Possible,
                    Mark::Unclear,
                    possible[1..].to_vec(),
                ))),
            ),
            ("answer-by-number", self.page(number)),
            ("answer-not-found", self.page(nobody(AnswerKind::NotFound))),
            ("answer-face", self.page(Page::Answer(by_face(true)))),
            ("answer-face-none", self.page(Page::Answer(by_face(false)))),
            (
                "answer-not-offered",
                self.page(Page::Answer(AnswerView {
                    gallery: None,
                    by_face: true,
                    ..answer(AnswerKind::NotOffered, Mark::Unclear, Vec::new())
                })),
            ),
            (
                "answer-incomplete",
                self.offline(nobody(AnswerKind::Incomplete)),
            ),
        ]
    }

    fn ends(&self) -> Vec<(&'static str, PageView)> {
        let outcome = |owed: bool| {
            Page::Outcome(OutcomeView {
                cases: self
                    .edition
                    .station_cases
                    .iter()
                    .map(|c| CaseView {
                        choice: self.choice(
                            &c.id,
                            c.title.get(self.language),
                            c.detail.get(self.language),
                        ),
                        flags: vec![Flag::CaseDoesNotFit, Flag::OutcomeBeforeProcedure],
                    })
                    .collect(),
                explanation_owed: owed,
                person_entered: !owed,
                waiting: if owed { 2 } else { 0 },
                receipt: !owed,
            })
        };
        let closed = ClosedView {
            id: encounter(),
            place: "Намуна кўчаси, 1".to_owned(),
            opened_at: "11:58".to_owned(),
            closed_at: "12:06".to_owned(),
            minutes: 8,
            outcome: Some(Outcome::Released),
            flags: Vec::new(),
            delivery: Delivery {
                waiting: 0,
                stored: 2,
                safe: 11,
                stuck: 0,
            },
            waiting: 0,
            answer: true,
            attention: false,
            receipt: true,
        };
        let flags = [
            Flag::ExplanationDelayed,
            Flag::ReasonForReview,
            Flag::TakenThoughDocumentsPresent,
            Flag::LateAnswer,
        ];
        let flagged = ClosedView {
            outcome: Some(Outcome::TakenToStation {
                case: "resisted".to_owned(),
            }),
            flags: flags
                .map(|flag| FlagView {
                    flag,
                    paragraph: flag.paragraph().0,
                })
                .into(),
            delivery: Delivery {
                waiting: 3,
                stored: 2,
                safe: 5,
                stuck: 1,
            },
            waiting: 1,
            attention: true,
            ..closed.clone()
        };
        vec![
            ("outcome", self.page(outcome(false))),
            ("outcome-owed", self.offline(outcome(true))),
            ("closed", self.page(Page::Closed(closed))),
            ("closed-flags", self.offline(Page::Closed(flagged))),
        ]
    }
}

fn steps(page: &Page) -> Vec<ProcedureStep> {
    let now = match page {
        Page::Login(_)
        | Page::Pin(_)
        | Page::Locked(_)
        | Page::TakeOver(_)
        | Page::Receive(_)
        | Page::Home(_)
        | Page::Bodycam(_)
        | Page::Incident(_)
        | Page::Reports(_)
        | Page::DeskIncident(_)
        | Page::DeskAnswer(_)
        | Page::DeskFigures(_)
        | Page::DeskTablet(_)
        | Page::DeskPhoto(_)
        | Page::Tablet(_)
        | Page::Help(_)
        | Page::HandIn(_)
        | Page::Desk(_)
        | Page::DeskCustody(_)
        | Page::DeskMeans(_)
        | Page::DeskFault(_) => return Vec::new(),
        Page::Introduce(_) => 0,
        Page::Ground(_) => 1,
        Page::Method(_)
        | Page::Document(_)
        | Page::Finger(_)
        | Page::NoFingerprint(_)
        | Page::Face(_) => 2,
        Page::Pending(_) | Page::Answer(_) => 3,
        Page::Outcome(_) | Page::Closed(_) | Page::Receipt(_) => 4,
    };
    let names = [
        StepName::Introduce,
        StepName::Ground,
        StepName::Identify,
        StepName::Answer,
        StepName::Outcome,
    ];
    let state = |i: usize| match i.cmp(&now) {
        std::cmp::Ordering::Less => StepState::Done,
        std::cmp::Ordering::Equal => StepState::Now,
        std::cmp::Ordering::Greater => StepState::Next,
    };
    names
        .iter()
        .enumerate()
        .map(|(i, name)| ProcedureStep {
            name: *name,
            state: state(i),
        })
        .collect()
}

fn duty(state: CameraState) -> DutyView {
    let timed = matches!(
        state,
        CameraState::PauseAsked
            | CameraState::Paused
            | CameraState::PauseOver
            | CameraState::Faulty
            | CameraState::Off
    );
    let due = matches!(state, CameraState::Paused | CameraState::PauseOver);
    DutyView {
        state,
        since: if timed { "12:04" } else { "" }.to_owned(),
        due: if due { "12:34" } else { "" }.to_owned(),
    }
}

fn rows() -> Vec<EncounterRow> {
    let row = |n: u128, opened_at: &str, place: &str, state, attention, unsent| EncounterRow {
        id: EncounterId(uuid::Uuid::from_u128(n)),
        opened_at: opened_at.to_owned(),
        place: place.to_owned(),
        state,
        attention,
        unsent,
    };
    vec![
        row(7, "12:04", "Намуна кўчаси, 1", RowState::Open, false, 0),
        row(
            6,
            "11:20",
            "Шимолий бекат, 2-чиқиш",
            RowState::ClosedWaiting,
            false,
            3,
        ),
        row(5, "10:45", "Намуна боғи", RowState::Released, true, 0),
        row(
            4,
            "10:02",
            "Марказий бозор",
            RowState::TakenToStation,
            false,
            0,
        ),
        row(
            3,
            "09:30",
            "Намуна майдони",
            RowState::ProtocolOnTheSpot,
            false,
            1,
        ),
        row(
            2,
            "09:05",
            "Намуна кўчаси, 44",
            RowState::TakenOnOtherGround,
            false,
            0,
        ),
        row(
            1,
            "08:40",
            "Намуна кўчаси, 12",
            RowState::Released,
            false,
            0,
        ),
    ]
}

/// Of a search by face: the second of three candidates, or nobody.
fn by_face(found: bool) -> AnswerView {
    let (kind, mark) = match found {
        true => (AnswerKind::Possible, Mark::Notice),
        false => (AnswerKind::NotFound, Mark::Unclear),
    };
    let one = PersonView {
        one_in: None,
        likeness: Some(Likeness::Few),
        portrait: Some(Portrait(super::face_views::portrait())),
        ..person(&[Register::Convicted])
    };
    AnswerView {
        gallery: None,
        faces: Some(FacesSearched { faces: 640_000 }),
        by_face: true,
        compare: found.then_some(CompareView {
            at: 1,
            count: 3,
            looked_at: true,
        }),
        ..answer(kind, mark, if found { vec![one] } else { Vec::new() })
    }
}

fn answer(kind: AnswerKind, mark: Mark, people: Vec<PersonView>) -> AnswerView {
    AnswerView {
        answered_at: "12:04".to_owned(),
        took_tenths: 8,
        took_ms: 780,
        kind,
        mark,
        covered: false,
        people,
        gallery: (kind != AnswerKind::Incomplete).then_some(GallerySearched {
            prints: 1_250_000,
            people: 640_000,
        }),
        compared: Vec::new(),
        compare: None,
        by_face: false,
        another_finger: kind == AnswerKind::Possible,
        faces: None,
        confirmation: Confirmation::Open,
        late: false,
        cannot_identify: (kind == AnswerKind::NotFound).then_some(Unidentified::NotFound),
        explanation_owed: false,
    }
}

fn person(on: &[Register]) -> PersonView {
    PersonView {
        one_in: Some(1_000_000),
        likeness: None,
        portrait: None,
        not_wanted: true,
        surname: SURNAME.to_owned(),
        given: "Намуна".to_owned(),
        patronymic: "Намуна ўғли".to_owned(),
        birth_date: "01.01.1990".to_owned(),
        address: ADDRESS.to_owned(),
        pinfl: PINFL.to_owned(),
        document: "AA1234567".to_owned(),
        entries: on
            .iter()
            .map(|register| EntryView {
                register: *register,
                source: "ИИВ АМ".to_owned(),
                date: "14.11.2019".to_owned(),
                spent: (*register == Register::Convicted).then_some(true),
                note: String::new(),
            })
            .collect(),
        clear_of: Register::ALL
            .iter()
            .filter(|register| !on.contains(register))
            .map(|register| RegisterView {
                register: *register,
                source: "ИИВ АМ".to_owned(),
                as_of: "22.11.2026".to_owned(),
            })
            .collect(),
    }
}
