//! One whole encounter through the real pages with no display: the network cut in the middle and
//! restored, a picture of every page, and the proof from central's archive at the end.

use crate::emulator::{Glass, Skin};
use crate::scanning::{ScannerKind, Scanning, ScanningError};
use crate::stage::{Stage, StageError};
use crate::steps::Steps;
use crate::world::{self, World, WorldError};
use crate::{people, tablet_kit};
use e_patrul::app::AppOptions;
use protocol::{AnswerResult, FoundBy};
use regulation::EncounterId;
use std::path::Path;
use std::time::{Duration, Instant};
use tablet::pages::{CameraState, Connection, DutyView, FingerStatus, Page};

/// The person who is checked: wanted, and convicted before.
const PERSON: u64 = 1;
/// The PIN of the shift.
const PIN: &str = "40719";
/// Long enough for any machine; a step that takes it has failed.
const LONG: Duration = Duration::from_secs(60);

/// Why the run is not a success.
#[derive(Debug, thiserror::Error)]
pub enum HeadlessError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Kit(#[from] tablet_kit::KitError),
    #[error("the tablet names another person than the one on the glass")]
    WrongPerson,
    #[error("central's archive: {0}")]
    Archive(String),
    #[error("the scanner: {0}")]
    Scanner(#[from] ScanningError),
    #[error("the terminal: {0}")]
    Io(#[from] std::io::Error),
}

/// Plays the encounter; `dir` holds central's and the tablet's data, `pictures` the pages.
///
/// # Errors
/// A step fails, the wrong person is named, or central's archive does not hold the complete
/// verified encounter.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    pictures: &Path,
    count: u64,
    scanner: ScannerKind,
) -> Result<(), HeadlessError> {
    let mut log = Steps::default();
    crate::stage::set_headless_platform().map_err(StageError::from)?;
    let world = runtime.block_on(World::start(dir, count))?;
    log.done(&format!("central runs with {count} invented people"))?;
    let data = runtime.block_on(world.enrol("tablet"))?;
    log.done("tablet enrolled by one-time code and CSR")?;
    let (scanner, panel) = Scanning::start(scanner)?;
    let mut parts = tablet_kit::parts(&data, scanner)?;
    parts.lock.pin = true;
    let options = AppOptions {
        night: false,
        demo_credentials: Some((world::LOGIN.into(), world::PASSWORD.into())),
    };
    let stage = Stage::new(parts, options, runtime.handle().clone(), pictures)?;
    let mut play = Play {
        stage,
        log,
        world: &world,
        panel,
    };
    let id = play.encounter()?;
    play.prove(id)?;
    play.home_and_out()?;
    play.stage.stop();
    Ok(())
}

fn records(bodycam: Option<&DutyView>) -> bool {
    bodycam.is_some_and(|b| b.state == CameraState::Recording)
}

struct Play<'a> {
    stage: Stage,
    log: Steps,
    world: &'a World,
    panel: Scanning,
}

impl Play<'_> {
    /// From log-in to the closed encounter.
    fn encounter(&mut self) -> Result<EncounterId, HeadlessError> {
        self.stage.wait("the log-in page", LONG, |p| {
            matches!(p.page, Page::Login(_))
        })?;
        self.stage.picture("01-login")?;
        self.stage
            .type_into("LoginPage::login-field", world::LOGIN)?;
        self.stage
            .type_into("LoginPage::password-field", world::PASSWORD)?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("the PIN page", LONG, |p| matches!(p.page, Page::Pin(_)))?;
        self.stage.picture("01a-pin")?;
        self.stage.type_pin(PIN)?;
        self.stage.wait(
            "the PIN page again",
            LONG,
            |p| matches!(&p.page, Page::Pin(v) if v.again),
        )?;
        self.stage.type_pin(PIN)?;
        self.take_over()?;
        self.receive_bodycam()?;
        self.stage.wait("home, online", LONG, |p| {
            matches!(p.page, Page::Home(_)) && p.chrome.connection == Connection::Online
        })?;
        self.stage.picture("02-home")?;

        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("introduce", LONG, |p| matches!(p.page, Page::Introduce(_)))?;
        self.stage
            .type_into("IntroducePage::place-field", "Намуна бекати")?;
        self.stage.picture("03-introduce")?;
        self.stage.tap("IntroducePage::service-id", 0)?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("the ground", LONG, |p| matches!(p.page, Page::Ground(_)))?;
        self.log.done("§12 introduced, service ID card shown")?;

        self.stage.tap("GroundPage::ground-choice", 0)?;
        self.stage
            .type_into("GroundPage::fact-field", "Белгилари мос келди")?;
        self.stage.tap("GroundPage::explained", 0)?;
        self.stage.picture("04-ground")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        let page = self
            .stage
            .wait("the means", LONG, |p| matches!(p.page, Page::Method(_)))?;
        self.stage.picture("05-method")?;
        self.log
            .done("§8 ground stated with its fact, and explained")?;
        let Some(id) = page.stamp.encounter else {
            return Err(HeadlessError::Archive(
                "the page belongs to no encounter".into(),
            ));
        };

        self.stage.tap("MethodPage::fingerprint-card", 0)?;
        self.stage.wait("the finger page", LONG, |p| {
            matches!(p.page, Page::Finger(_))
        })?;
        self.stage.picture("06-finger")?;
        self.panel.place(Glass {
            finger: PERSON,
            skin: Skin::Dry,
            touch: 2,
        });
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage.wait(
            "a dry finger, while it is read",
            LONG,
            |p| matches!(&p.page, Page::Finger(f) if matches!(f.status, FingerStatus::Reading(_))),
        )?;
        self.stage.wait(
            "a dry finger, refused",
            LONG,
            |p| matches!(&p.page, Page::Finger(f) if matches!(f.status, FingerStatus::Fault(_))),
        )?;
        self.stage.picture("07-finger-dry")?;
        self.panel.lift();
        self.log
            .done("§12 a dry finger is told apart, with what to do")?;

        self.world.cable.pull();
        self.stage.wait("no network", LONG, |p| {
            p.chrome.connection != Connection::Online
        })?;
        self.log.done("network cut")?;
        self.panel.place(Glass {
            finger: PERSON,
            skin: Skin::Ordinary,
            touch: 3,
        });
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage.wait(
            "answer pending",
            LONG,
            |p| matches!(&p.page, Page::Pending(v) if v.unsent),
        )?;
        self.panel.lift();
        self.stage.picture("08-pending-no-connection")?;
        self.log
            .done("§6 print taken, question sealed and on the disk, waiting")?;
        self.world.cable.plug_in();
        self.stage
            .wait("the answer", LONG, |p| matches!(p.page, Page::Answer(_)))?;
        self.stage.picture("09-answer-covered")?;
        self.log.done("network restored, answer here, covered")?;

        let held = self.stage.press("AnswerPage::cover")?;
        let page = self.stage.wait(
            "the answer uncovered",
            LONG,
            |p| matches!(&p.page, Page::Answer(a) if !a.covered),
        )?;
        self.stage.picture("10-answer-held")?;
        let expected = people::person(PERSON);
        let named = match &page.page {
            Page::Answer(answer) => answer.people.first().is_some_and(|person| {
                Some(&person.pinfl) == expected.pinfl.as_ref().map(|p| &p.0)
                    && person.surname == expected.name.surname
                    && person
                        .birth_date
                        .ends_with(&expected.birth_date.0.year().to_string())
            }),
            _ => false,
        };
        if !named {
            return Err(HeadlessError::WrongPerson);
        }
        self.stage.release(held);
        self.stage.wait(
            "covered again",
            LONG,
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )?;
        self.log
            .done("§5 the right person and the registers, while held")?;
        self.stage.tap("FrameActions::secondary-button", 0)?;
        self.stage.wait("confirmed", LONG, |p| {
            matches!(&p.page, Page::Answer(a)
                if a.confirmation == regulation::encounter::Confirmation::Confirmed)
        })?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("the outcome", LONG, |p| matches!(p.page, Page::Outcome(_)))?;
        self.stage.picture("11-outcome")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("closed", LONG, |p| matches!(p.page, Page::Closed(_)))?;
        self.log.done("§9 released, encounter closed")?;
        self.stage.wait("everything safe at central", LONG, |p| {
            matches!(&p.page, Page::Closed(c)
                if c.delivery.waiting == 0 && c.delivery.stored == 0 && c.delivery.safe > 0)
        })?;
        self.stage.picture("12-closed")?;
        self.log
            .done("§10 every event stored at central and in its replica")?;
        Ok(id)
    }

    /// §13, §16: the tablet has looked at itself, and is taken over.
    fn take_over(&mut self) -> Result<(), HeadlessError> {
        let page = self.stage.wait(
            "the tablet to be taken over",
            LONG,
            |p| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some()),
        )?;
        self.log.done("officer logged in")?;
        if matches!(&page.page, Page::TakeOver(t) if t.party.places.is_empty()) {
            self.stage
                .type_into("PartyChooser::place-field", "Навбатчилик қисми")?;
        }
        self.stage.picture("01a-tablet")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.log.done("§13, §16 tablet taken over")?;
        Ok(())
    }

    /// §16: the tablet is handed in, and the shift ends with it.
    fn hand_in(&mut self) -> Result<(), HeadlessError> {
        let page = self.stage.wait("the tablet to be handed in", LONG, |p| {
            matches!(p.page, Page::HandIn(_))
        })?;
        if matches!(&page.page, Page::HandIn(h) if h.party.places.is_empty()) {
            self.stage
                .type_into("PartyChooser::place-field", "Навбатчилик қисми")?;
        }
        self.stage.picture("16-tablet")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.log.done("§16 tablet handed in")?;
        Ok(())
    }

    /// §17, §23: the bodycam is received, and records.
    fn receive_bodycam(&mut self) -> Result<(), HeadlessError> {
        self.stage.wait("the bodycam to be received", LONG, |p| {
            matches!(p.page, Page::Receive(_))
        })?;
        self.stage
            .type_into("ReceivePage::serial-field", "ax2-0091734")?;
        self.stage.type_into("ReceivePage::battery-field", "92")?;
        self.stage.picture("01b-receive")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage.wait(
            "the bodycam records",
            LONG,
            |p| matches!(&p.page, Page::Home(h) if records(h.bodycam.as_ref())),
        )?;
        self.log.done("§18, §23 bodycam received, and on")?;
        Ok(())
    }

    /// The shift's end asks for the bodycam: off, handed back, and then the end.
    fn hand_back_bodycam(&mut self) -> Result<(), HeadlessError> {
        self.stage.tap("FrameActions::quiet-button", 0)?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage.wait(
            "the bodycam to be handed back",
            LONG,
            |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
        )?;
        self.stage.picture("15-bodycam")?;
        for (what, state) in [
            ("the bodycam off", CameraState::Off),
            ("the bodycam handed back", CameraState::NotAssigned),
        ] {
            self.stage.tap("FrameActions::primary-button", 0)?;
            if state == CameraState::NotAssigned {
                self.stage
                    .type_into("BodycamPage::returned-battery-field", "41")?;
                self.stage.tap("FrameActions::primary-button", 0)?;
            }
            self.stage.wait(
                what,
                LONG,
                |p| matches!(&p.page, Page::Bodycam(b) if b.duty.state == state),
            )?;
        }
        self.log.done("§18, §23 bodycam off, and handed back")?;
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.hand_in()
    }

    /// Central's archive: every signature, link and seal, the procedure run again, nothing missing.
    fn prove(&mut self, id: EncounterId) -> Result<(), HeadlessError> {
        let until = Instant::now() + LONG;
        let archive = match &self.world.central {
            Some(central) => central.admin().archive(),
            None => return Err(HeadlessError::Archive("central is stopped".into())),
        };
        loop {
            let found = archive
                .encounter(id)
                .map_err(|e| HeadlessError::Archive(e.to_string()))?;
            if let Some(found) = found
                && found.verified.all()
            {
                let expected = people::person(PERSON);
                let worth = match found.answers.as_slice() {
                    [answer] => match &answer.result {
                        AnswerResult::Found {
                            person,
                            by: FoundBy::Fingerprint { fpir, gallery },
                        } if person.pinfl == expected.pinfl => Some((*fpir, *gallery)),
                        _ => None,
                    },
                    _ => None,
                };
                let Some((fpir, gallery)) = worth else {
                    return Err(HeadlessError::Archive(
                        "not one answer with the person".into(),
                    ));
                };
                self.log.done(&format!(
                    "archive: identified among {} prints of {} people; by accident in 1 search \
                     of {} at most",
                    gallery.prints, gallery.people, fpir.one_in
                ))?;
                self.log.done(&format!(
                    "archive: {} events, signatures, chain and seals verified, procedure replayed, \
                     {} flags",
                    found.events.len(),
                    found.state.flags.len()
                ))?;
                return Ok(());
            }
            if Instant::now() > until {
                return Err(HeadlessError::Archive(
                    "the encounter is not complete".into(),
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The shift's list, and the end of the shift.
    fn home_and_out(&mut self) -> Result<(), HeadlessError> {
        self.stage.tap("FrameActions::primary-button", 0)?;
        self.stage
            .wait("home", LONG, |p| matches!(p.page, Page::Home(_)))?;
        self.stage.picture("13-home-after")?;
        self.stage.tap("Rail::lock-button", 0)?;
        self.stage
            .wait("locked", LONG, |p| matches!(p.page, Page::Locked(_)))?;
        self.stage.picture("14-locked")?;
        self.stage.type_pin(PIN)?;
        self.stage
            .wait("home again", LONG, |p| matches!(p.page, Page::Home(_)))?;
        self.log.done("locked, and opened by the PIN")?;
        self.hand_back_bodycam()?;
        self.stage.wait(
            "log-in",
            LONG,
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )?;
        self.log.done("shift ended, its keys destroyed")?;
        Ok(())
    }
}
