//! A scene for the tests across rooms: a real central on loopback over mutual TLS, a cable that can
//! be pulled, and a whole tablet without a screen, driven by the commands that the pages send.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_debug_implementations
)]

pub mod bare;
pub mod licences;
pub mod narrow;

use central::Config;
use demo::emulator::{EmulatedScanner, Glass, MovedClock, Skin};
use demo::tablet_kit::{TabletKit, parts_by};
use demo::world::{self, World};
use regulation::EncounterId;
use regulation::encounter::{Explanation, Outcome, ServiceId};
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tablet::pages::{AnswerView, DocumentForm, Page, PageView};
use tablet::worker::Command;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// Generous: machines are noisy, and some tests run beside a compiler.
pub const LONG: Duration = Duration::from_secs(60);
/// People in the gallery of a test; the first few have a finger.
pub const PEOPLE: u64 = 40;

pub struct Scene {
    pub world: World,
    pub tablet: TabletKit,
    pub data: PathBuf,
    pub dir: TempDir,
}

/// A configuration for tests: as the demo's, with a password hash that is quick to compute.
#[must_use]
pub fn config(dir: &Path) -> Config {
    let mut config = Config::new(dir.join("central"), SocketAddr::from(([127, 0, 0, 1], 0)));
    config.replica_dir = Some(dir.join("replica"));
    config.training = true;
    config.policy.argon2_memory_kib = 1024;
    config.policy.argon2_passes = 1;
    config
}

impl Scene {
    /// Central with people, an enrolled tablet, the log-in page.
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut config = config(dir.path());
        change(&mut config);
        let world = World::start_with(dir.path(), config, PEOPLE).await.unwrap();
        world.central.as_ref().unwrap().gallery_ready().await;
        let data = world.enrol("tablet").await.unwrap();
        let tablet = TabletKit::start(&data).unwrap();
        let mut scene = Self {
            world,
            tablet,
            data,
            dir,
        };
        scene
            .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
            .await;
        scene
    }

    /// … and the demo's officer logged in.
    pub async fn logged_in() -> Self {
        let mut scene = Self::new().await;
        scene.log_in().await;
        scene
    }

    pub async fn page(&mut self, what: &str, accept: impl FnMut(&PageView) -> bool) -> PageView {
        match self.tablet.wait_for(what, LONG, accept).await {
            Ok(page) => page,
            Err(error) => panic!("{error}"),
        }
    }

    pub fn try_log_in(&self, login: &str, password: &str) {
        self.tablet.send(Command::Login {
            login: login.into(),
            password: Zeroizing::new(password.into()),
        });
    }

    pub async fn log_in(&mut self) {
        self.try_log_in(world::LOGIN, world::PASSWORD);
        self.to_home().await;
    }

    /// From a log-in that succeeds to home; no tablet is taken over, and no bodycam received.
    pub async fn to_home(&mut self) -> PageView {
        let page = self
            .page("home, or the tablet, or the bodycam", |p| {
                matches!(p.page, Page::Home(_) | Page::TakeOver(_) | Page::Receive(_))
            })
            .await;
        if matches!(page.page, Page::Home(_)) {
            return page;
        }
        self.tablet.send(Command::GoHome);
        self.page("home", |p| matches!(p.page, Page::Home(_))).await
    }

    /// From home to the page of the ground.
    pub async fn introduce(&mut self) -> EncounterId {
        self.tablet.send(Command::NewEncounter);
        self.page("introduce", |p| matches!(p.page, Page::Introduce(_)))
            .await;
        self.tablet.send(Command::Introduce {
            place: "Намуна кўчаси, бекат".into(),
            chosen: false,
            service_id: ServiceId::AskedForAndShown,
        });
        let page = self
            .page("ground", |p| matches!(p.page, Page::Ground(_)))
            .await;
        page.stamp.encounter.unwrap()
    }

    pub fn state_ground(&self, explanation: Explanation) {
        self.tablet.send(Command::StateGround {
            ground: "suspicion".into(),
            fact: "белгилари ориентировкага мос келди".into(),
            explanation,
        });
    }

    /// From home to the choice of the means.
    pub async fn to_method(&mut self) -> EncounterId {
        let id = self.introduce().await;
        self.state_ground(Explanation::Full);
        self.page("method", |p| matches!(p.page, Page::Method(_)))
            .await;
        id
    }

    /// From the choice of the means to the document page.
    pub async fn choose_document(&mut self) {
        self.tablet.send(Command::ChooseDocument);
        self.page("document", |p| matches!(p.page, Page::Document(_)))
            .await;
    }

    /// Types a document and waits until it is shown back for confirmation.
    pub async fn shown_back(&mut self, form: DocumentForm) -> PageView {
        self.tablet.send(Command::ReviewDocument(form));
        self.page(
            "shown back",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
        )
        .await
    }

    /// From the document page to that of the outcome: identified by the document, nothing asked.
    pub async fn identified_by(&mut self, form: DocumentForm) {
        self.shown_back(form).await;
        self.tablet.send(Command::ConfirmDocument);
        self.page("outcome", |p| matches!(p.page, Page::Outcome(_)))
            .await;
    }

    /// From home to the finger page.
    pub async fn to_finger(&mut self) -> EncounterId {
        let id = self.to_method().await;
        self.tablet.send(Command::ChooseFingerprint);
        self.page("finger", |p| matches!(p.page, Page::Finger(_)))
            .await;
        id
    }

    /// From the finger page to the choice of the means: no fingerprint, for a recorded reason (§12).
    pub async fn without_fingerprint(&mut self, reason: &str) {
        self.tablet.send(Command::OpenNoFingerprint);
        self.page("reasons", |p| matches!(p.page, Page::NoFingerprint(_)))
            .await;
        self.record_reason(reason).await;
    }

    /// From the page of the reasons to the choice of the means.
    pub async fn record_reason(&mut self, reason: &str) {
        self.tablet.send(Command::FingerprintImpossible {
            reason: reason.into(),
            note: String::new(),
        });
        self.page(
            "method",
            |p| matches!(&p.page, Page::Method(m) if m.fingerprint_impossible),
        )
        .await;
    }

    /// Puts `finger` on the glass and captures it; the question is asked when this returns.
    pub async fn capture(&mut self, finger: u64) {
        self.tablet.panel.place(Glass {
            finger,
            skin: Skin::Ordinary,
            touch: 77,
        });
        self.tablet.send(Command::StartCapture);
        self.page("pending or answer", |p| {
            matches!(p.page, Page::Pending(_) | Page::Answer(_))
        })
        .await;
        self.tablet.panel.lift();
    }

    pub async fn answer(&mut self) -> AnswerView {
        let page = self
            .page("the answer", |p| matches!(p.page, Page::Answer(_)))
            .await;
        let Page::Answer(answer) = page.page else {
            unreachable!()
        };
        answer
    }

    /// Holds the covered answer.
    pub async fn revealed(&mut self) -> AnswerView {
        self.tablet.send(Command::Reveal(true));
        let page = self
            .page(
                "the answer uncovered",
                |p| matches!(&p.page, Page::Answer(a) if !a.covered),
            )
            .await;
        let Page::Answer(answer) = page.page else {
            unreachable!()
        };
        answer
    }

    /// Waits for the answer and holds it.
    pub async fn revealed_answer(&mut self) -> AnswerView {
        self.answer().await;
        self.revealed().await
    }

    /// Ends the encounter and waits for the page that says so.
    pub async fn finish(&mut self, outcome: Outcome) -> PageView {
        if matches!(
            self.tablet.page.as_ref().map(|p| &p.page),
            Some(Page::Answer(_))
        ) {
            self.tablet.send(Command::Reveal(false));
            self.page(
                "covered",
                |p| matches!(&p.page, Page::Answer(a) if a.covered),
            )
            .await;
        }
        self.tablet.send(Command::ToOutcome);
        self.page("outcome", |p| matches!(p.page, Page::Outcome(_)))
            .await;
        self.tablet.send(Command::Finish(outcome));
        self.page("closed", |p| matches!(p.page, Page::Closed(_)))
            .await
    }

    /// Waits until everything recorded is safe at central.
    pub async fn all_safe(&mut self) {
        self.page("everything safe", |p| {
            matches!(&p.page, Page::Closed(c) if c.delivery.waiting == 0
                && c.delivery.stored == 0 && c.delivery.stuck == 0 && c.delivery.safe > 0)
        })
        .await;
    }

    /// The encounter in central's archive; waits until it is closed there.
    pub async fn archived(&self, id: EncounterId) -> central::archive::ArchivedEncounter {
        let until = Instant::now() + LONG;
        loop {
            let archive = self.world.central.as_ref().unwrap().admin().archive();
            if let Some(found) = archive.encounter(id).unwrap()
                && found.state.stage == regulation::encounter::Stage::Closed
            {
                return found;
            }
            assert!(
                Instant::now() < until,
                "the encounter is not closed in the archive"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The tablet is switched off; this is done with its data meanwhile; it is on again, its
    /// scanner's glass empty.
    pub async fn while_off<T>(self, work: impl AsyncFnOnce(&World, &Path) -> T) -> (Self, T) {
        let Self {
            world,
            tablet,
            data,
            dir,
        } = self;
        tablet.stop();
        let done = work(&world, &data).await;
        let tablet = TabletKit::start(&data).unwrap();
        let scene = Self {
            world,
            tablet,
            data,
            dir,
        };
        (scene, done)
    }

    /// The tablet anew, by a clock that can be moved.
    #[must_use]
    pub fn with_moved_clock(self) -> (Self, MovedClock) {
        let Self {
            world,
            tablet,
            data,
            dir,
        } = self;
        tablet.stop();
        let clock = MovedClock::new();
        let (scanner, panel) = EmulatedScanner::new();
        let mut parts = parts_by(&data, scanner.clone(), Arc::new(clock.clone())).unwrap();
        // The moved clock is to lock nothing.
        parts.lock.idle = Duration::from_secs(7 * 24 * 3600);
        let tablet = TabletKit::start_with(parts, scanner, panel).unwrap();
        let scene = Self {
            world,
            tablet,
            data,
            dir,
        };
        (scene, clock)
    }

    /// The tablet is switched off and on again.
    pub async fn restart_tablet(self) -> Self {
        let (mut scene, ()) = self.while_off(async |_, _| ()).await;
        scene
            .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
            .await;
        scene
    }
}

/// Whether any file below `dir` holds `needle`, in whatever form.
#[must_use]
pub fn on_disk(dir: &Path, needle: &str) -> bool {
    !demo::scan::Scanner::new(&[needle])
        .dir(dir)
        .unwrap()
        .is_empty()
}

/// So many bytes that no compression makes smaller, the same for the same seed.
pub fn noise(seed: u64, bytes: u64) -> impl std::io::Read {
    Noise { seed, at: 0 }.take(bytes)
}

struct Noise {
    seed: u64,
    at: u64,
}

impl Noise {
    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn word(&self, number: u64) -> [u8; 8] {
        let mut word = (self.seed << 32)
            .wrapping_add(number + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)).to_be_bytes()
    }
}

impl std::io::Read for Noise {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let skip = usize::try_from(self.at % 8).map_err(std::io::Error::other)?;
        let word = &self.word(self.at / 8)[skip..];
        let first = word.len().min(to.len());
        let (head, rest) = to.split_at_mut(first);
        head.copy_from_slice(&word[..first]);
        for (number, to) in (self.at / 8 + 1..).zip(rest.chunks_mut(8)) {
            to.copy_from_slice(&self.word(number)[..to.len()]);
        }
        self.at += to.len() as u64;
        Ok(to.len())
    }
}
