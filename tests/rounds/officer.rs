//! An officer at the tablet's pages: from whatever page is shown to the next one.

use crate::kit::{LONG, Rng};
use demo::emulator::{EmulatedScanner, Glass, Skin};
use demo::tablet_kit::{self, TabletKit};
use demo::world::{LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD};
use protocol::{CaptureId, CaptureKind};
use regulation::EncounterId;
use regulation::encounter::{Explanation, Outcome, ServiceId};
use std::io::Read;
use std::mem::discriminant;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::pages::{Page, PageView};
use tablet::vault::{OpenSession, Vault, VaultError};
use tablet::worker::{Command, Parts};
use zeroize::Zeroizing;

/// What the officer has seen done: the page that says so was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    Introduced,
    Ground,
    /// No page: the vault has said that it has the capture.
    Captured(CaptureId),
    Asked,
    Closed,
}

impl Seen {
    pub fn word(self) -> String {
        match self {
            Self::Introduced => "introduced".into(),
            Self::Ground => "ground".into(),
            Self::Captured(id) => format!("captured={id}"),
            Self::Asked => "asked".into(),
            Self::Closed => "closed".into(),
        }
    }
}

/// Takes a capture of every encounter in which the ground was said, straight into the vault.
struct Camera {
    vault: Vault,
    session: Option<Arc<OpenSession>>,
}

/// What the camera sees of an encounter.
pub fn footage(of: EncounterId, bytes: u64) -> impl Read {
    e_patrul_tests::noise(of.0.as_u64_pair().0 >> 32, bytes)
}

pub struct Officer<F> {
    pub kit: TabletKit,
    pub rng: Rng,
    /// Whether shifts end now and then, and another officer's begins.
    pub hand_overs: bool,
    /// Whether every encounter asks with a fingerprint, or only about every second.
    pub always_ask: bool,
    /// How long an answer is waited for before the encounter goes on without it.
    pub patience: Duration,
    /// Longest capture, bytes; with 0 there is none.
    pub footage: u64,
    /// Longest time from a tap to its page, of pages that need neither central nor a finger.
    pub slowest: Duration,
    /// Answers that were seen before their encounter went on.
    pub answered: u64,
    camera: Camera,
    told: F,
    encounter: Option<EncounterId>,
    turn: u64,
}

impl<F: FnMut(Seen, EncounterId)> Officer<F> {
    /// At the tablet whose data lies in `data`.
    pub fn start(data: &Path, seed: u64, told: F) -> Self {
        Self::start_with(data, seed, told, |_| ())
    }

    /// … one of whose parts may be another.
    pub fn start_with(data: &Path, seed: u64, told: F, change: impl FnOnce(&mut Parts)) -> Self {
        let (scanner, panel) = EmulatedScanner::new();
        let mut parts = tablet_kit::parts(data, scanner.clone()).unwrap();
        change(&mut parts);
        let camera = Camera {
            vault: parts.vault.clone(),
            session: None,
        };
        let kit = TabletKit::start_with(parts, scanner, panel).unwrap();
        Self {
            kit,
            camera,
            footage: 300_000,
            rng: Rng::new(seed),
            hand_overs: false,
            always_ask: false,
            patience: Duration::from_secs(5),
            slowest: Duration::ZERO,
            answered: 0,
            told,
            encounter: None,
            turn: 0,
        }
    }

    /// The page that is shown now; waits for the first one.
    pub async fn page(&mut self) -> PageView {
        // Pages of hours would be kept.
        self.kit.history.clear();
        self.kit.wait_for("a page", LONG, |_| true).await.unwrap()
    }

    /// One tap from the page that is shown, and the page that follows.
    pub async fn step(&mut self) -> Option<Seen> {
        let page = self.page().await;
        self.encounter = page.stamp.encounter.or(self.encounter);
        match &page.page {
            Page::Login(_) => self.log_in(&page).await,
            Page::Home(_) if self.hand_overs && self.rng.next().is_multiple_of(4) => {
                self.turn += 1;
                self.tap(&page, Command::EndShift).await
            }
            // Later, and no bodycam today.
            Page::TakeOver(_) | Page::Receive(_) => self.tap(&page, Command::GoHome).await,
            Page::Home(_) => self.tap(&page, Command::NewEncounter).await,
            Page::Introduce(_) => {
                let introduce = Command::Introduce {
                    place: "Намуна кўчаси".into(),
                    chosen: false,
                    service_id: ServiceId::AskedForAndShown,
                };
                self.tap(&page, introduce).await
            }
            Page::Ground(_) => {
                let ground = Command::StateGround {
                    ground: "suspicion".into(),
                    fact: "белгилари мос келди".into(),
                    explanation: Explanation::Full,
                };
                self.tap(&page, ground).await
            }
            Page::Method(_) if self.always_ask || self.rng.next().is_multiple_of(2) => {
                self.tap(&page, Command::ChooseFingerprint).await
            }
            Page::Finger(_) => self.capture(&page).await,
            Page::Pending(_) => {
                let answered = |p: &PageView| matches!(p.page, Page::Answer(_));
                let waited = self.kit.wait_for("answer", self.patience, answered).await;
                if waited.is_err() {
                    let page = self.page().await;
                    return self.tap(&page, Command::ToOutcome).await;
                }
                None
            }
            Page::Answer(_) => {
                self.answered += 1;
                self.tap(&page, Command::ToOutcome).await
            }
            Page::Outcome(_) => self.tap(&page, Command::Finish(Outcome::Released)).await,
            Page::Closed(_) => self.tap(&page, Command::GoHome).await,
            _ => self.tap(&page, Command::ToOutcome).await,
        }
    }

    /// The tablet is switched off; its vault is closed when this returns.
    pub fn stop(self) {
        self.kit.stop();
    }

    /// Steps until an encounter has been closed; its id.
    pub async fn encounter(&mut self) -> EncounterId {
        while self.step().await != Some(Seen::Closed) {}
        self.encounter.expect("closed")
    }

    async fn tap(&mut self, from: &PageView, command: Command) -> Option<Seen> {
        let started = Instant::now();
        self.kit.send_stamped(from.stamp, command);
        let before = discriminant(&from.page);
        let page = self
            .kit
            .wait_for("another page", LONG, |p| discriminant(&p.page) != before)
            .await
            .unwrap();
        self.slowest = self.slowest.max(started.elapsed());
        self.seen(&from.page, &page)
    }

    fn credentials(&self) -> (&'static str, &'static str) {
        if self.turn.is_multiple_of(2) {
            (LOGIN, PASSWORD)
        } else {
            (OTHER_LOGIN, OTHER_PASSWORD)
        }
    }

    async fn log_in(&mut self, page: &PageView) -> Option<Seen> {
        self.camera.session = None;
        let (login, password) = self.credentials();
        let login = Command::Login {
            login: login.into(),
            password: Zeroizing::new(password.into()),
        };
        self.kit.send_stamped(page.stamp, login);
        let through = self.kit.wait_for("the shift", LONG, |p| match &p.page {
            Page::Login(l) => l.problem.is_some(),
            _ => true,
        });
        if matches!(through.await.unwrap().page, Page::Login(_)) {
            // Central is away; later.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        None
    }

    async fn capture(&mut self, page: &PageView) -> Option<Seen> {
        self.kit.panel.place(Glass {
            finger: 3,
            skin: Skin::Ordinary,
            touch: self.rng.between(1, 50),
        });
        let asked = |p: &PageView| matches!(p.page, Page::Pending(_) | Page::Answer(_));
        let until = Instant::now() + LONG;
        let next = loop {
            self.kit.send_stamped(page.stamp, Command::StartCapture);
            // A disk that had no room may have some now.
            match self.kit.wait_for("asked", LONG / 6, asked).await {
                Ok(next) => break next,
                Err(error) => assert!(Instant::now() < until, "{error}"),
            }
        };
        self.kit.panel.lift();
        self.seen(&page.page, &next)
    }

    fn seen(&mut self, before: &Page, page: &PageView) -> Option<Seen> {
        let seen = match (before, &page.page) {
            (Page::Introduce(_), Page::Ground(_)) => Seen::Introduced,
            (Page::Ground(_), Page::Method(_)) => Seen::Ground,
            (Page::Finger(_), Page::Pending(_) | Page::Answer(_)) => Seen::Asked,
            (Page::Outcome(_), Page::Closed(_)) => Seen::Closed,
            _ => return None,
        };
        self.encounter = page.stamp.encounter;
        let encounter = page.stamp.encounter.expect("an encounter");
        (self.told)(seen, encounter);
        if seen == Seen::Ground && self.footage > 0 {
            self.film(encounter);
        }
        Some(seen)
    }

    /// A capture, unless the disk has no room for it.
    fn film(&mut self, encounter: EncounterId) {
        let (login, password) = self.credentials();
        let vault = &self.camera.vault;
        let session = self.camera.session.get_or_insert_with(|| {
            let resumed = vault.resume_session(login, password);
            resumed.expect("the officer who is logged in")
        });
        let mut footage = footage(encounter, self.rng.between(0, self.footage));
        match vault.add_capture(session, encounter, CaptureKind::Video, &mut footage) {
            Ok((_, capture)) => (self.told)(Seen::Captured(capture.id), encounter),
            Err(VaultError::Full) => (),
            Err(error) => panic!("no capture: {error}"),
        }
    }
}
