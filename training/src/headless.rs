//! Every situation played as asked, through the real pages with no display.

use crate::cast;
use crate::compose::{Options, Training, TrainingError, start_behind_guide};
use crate::scenario::{Act, Ending, Scenario};
use demo::stage::{Stage, StageError, set_headless_platform};
use demo::steps::Steps;
use e_patrul::app::AppOptions;
use regulation::Edition;
use regulation::encounter::{Confirmation, Language, Person};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tablet::pages::{
    CameraState, Connection, FaceStage, FingerStatus, Page, PageView, TrainingFeedback,
    TrainingSheet,
};

/// Long enough for any machine; a step that takes it has failed.
const LONG: Duration = Duration::from_secs(60);
const PLACE: &str = "Намуна бекати";
/// Why nothing can be explained yet.
const WHY: &str = "Бақиради, эшитмайди";

/// Plays the course; `dir` holds central's and the tablet's data and the result, `pictures` the pages of
/// the training.
///
/// # Errors
/// A step fails, something that was asked is judged not met, or the result is not on the disk.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    pictures: &Path,
    options: &Options,
) -> Result<(), TrainingError> {
    let mut log = Steps::default();
    set_headless_platform().map_err(StageError::from)?;
    let Training {
        world,
        tablet,
        guide,
    } = runtime.block_on(Training::compose(dir, options))?;
    log.done("a central of invented people, and its tablet")?;
    let (scenarios, edition) = (guide.scenarios.clone(), guide.edition.clone());
    let results = guide.results.clone();
    let earlier = written(&results)?;
    let handle = runtime.handle();
    let stage = Stage::with_worker(
        AppOptions::default(),
        handle.clone(),
        pictures,
        |commands, updates| start_behind_guide(handle, guide, tablet, commands, updates),
    )?;
    let mut play = Play {
        stage,
        edition: &edition,
    };
    play.log_in(options)?;
    log.done("logged in, tablet and bodycam received")?;
    for (n, scenario) in scenarios.iter().enumerate() {
        let feedback = play
            .situation(n, scenario)
            .map_err(|error| failed(scenario, error))?;
        let lines = feedback.lines.unwrap_or_default();
        if let Some(missed) = lines.iter().find(|line| !line.met) {
            return Err(TrainingError::Play {
                situation: scenario.id.clone(),
                what: format!("judged not met: §{} {}", missed.paragraph, missed.text),
            });
        }
        if lines.len() != scenario.asked.len() {
            return Err(TrainingError::Play {
                situation: scenario.id.clone(),
                what: "not everything was judged".into(),
            });
        }
        log.done(&format!(
            "{}: {} of {} met",
            scenario.title.get(Language::English),
            lines.len(),
            lines.len()
        ))?;
    }
    play.sheet("the whole course", |sheet| {
        matches!(sheet, TrainingSheet::Course(course) if !course.unwritten
            && course.rows.iter().all(|row| row.tried.as_ref().is_some_and(|t| t.missed.is_empty())))
    })?;
    play.stage.picture("course-done")?;
    play.stage.stop();
    drop(world);
    let kept = result(&results, &earlier, scenarios.len())?;
    log.done(&format!("the result for the instructor: {kept}"))?;
    Ok(())
}

fn failed(scenario: &Scenario, error: StageError) -> TrainingError {
    TrainingError::Play {
        situation: scenario.id.clone(),
        what: error.to_string(),
    }
}

/// The instructor's files, by name.
fn written(dir: &Path) -> Result<Vec<PathBuf>, TrainingError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            names.push(path);
        }
    }
    names.sort();
    Ok(names)
}

/// The instructor's file of this run says of every situation that it was met. Those of `earlier` runs say
/// nothing of this one.
fn result(dir: &Path, earlier: &[PathBuf], situations: usize) -> Result<String, TrainingError> {
    let mut names = written(dir)?;
    names.retain(|name| !earlier.contains(name));
    let wrong = |what: &str| TrainingError::Play {
        situation: "the result".into(),
        what: what.into(),
    };
    let path = names.last().ok_or_else(|| wrong("no file"))?;
    let text = std::fs::read_to_string(path)?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let met = json["situations"].as_array().is_some_and(|told| {
        let all = told.iter().all(|situation| {
            let tries = situation["tries"].as_array();
            tries
                .and_then(|tries| tries.last())
                .is_some_and(|last| last["met"] == true)
        });
        told.len() == situations && all
    });
    if !met || json["training"] != true {
        return Err(wrong("not everything is met in it"));
    }
    Ok(path.display().to_string())
}

struct Play<'a> {
    stage: Stage,
    edition: &'a Edition,
}

type Played = Result<(), StageError>;

impl Play<'_> {
    fn page(
        &mut self,
        what: &str,
        accept: impl FnMut(&PageView) -> bool,
    ) -> Result<PageView, StageError> {
        self.stage.wait(what, LONG, accept)
    }

    fn sheet(
        &mut self,
        what: &str,
        accept: impl Fn(&TrainingSheet) -> bool,
    ) -> Result<TrainingSheet, StageError> {
        let over = |page: &PageView| page.training.as_ref().and_then(|t| t.sheet.clone());
        let page = self.page(what, |page| over(page).as_ref().is_some_and(&accept))?;
        over(&page).ok_or(StageError::Stopped)
    }

    fn primary(&self) -> Played {
        self.stage.tap("FrameActions::primary-button", 0)
    }

    /// From the log-in to the course.
    fn log_in(&mut self, options: &Options) -> Result<(), TrainingError> {
        self.page("log-in, said to be a training", |p| {
            matches!(p.page, Page::Login(_)) && p.chrome.training
        })?;
        self.stage.picture("login")?;
        self.stage
            .type_into("LoginPage::login-field", &options.trainee.login)?;
        self.stage
            .type_into("LoginPage::password-field", &options.trainee.password)?;
        self.primary()?;
        let page = self.page(
            "the tablet to be taken over",
            |p| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some()),
        )?;
        if matches!(&page.page, Page::TakeOver(t) if t.party.places.is_empty()) {
            self.stage.type_into("PartyChooser::place-field", PLACE)?;
        }
        self.primary()?;
        self.page("the bodycam to be received", |p| {
            matches!(p.page, Page::Receive(_))
        })?;
        self.stage
            .type_into("ReceivePage::serial-field", "ax2-0091734")?;
        self.stage.type_into("ReceivePage::battery-field", "92")?;
        self.primary()?;
        self.page("home, online, the bodycam on", |p| {
            matches!(&p.page, Page::Home(h)
                if h.bodycam.as_ref().is_some_and(|b| b.state == CameraState::Recording))
                && p.chrome.connection == Connection::Online
        })?;
        self.sheet("the course", |s| matches!(s, TrainingSheet::Course(_)))?;
        self.stage.picture("course")?;
        Ok(())
    }

    /// One situation, from the course to its feedback, and back to the course.
    fn situation(&mut self, n: usize, scenario: &Scenario) -> Result<TrainingFeedback, StageError> {
        self.sheet("the course", |s| matches!(s, TrainingSheet::Course(_)))?;
        self.primary()?;
        self.sheet(
            "the situation",
            |s| matches!(s, TrainingSheet::Situation(s) if s.number == n),
        )?;
        self.stage.picture(&format!("{}-1", scenario.id))?;
        self.primary()?;
        self.page("home, to begin", |p| {
            matches!(p.page, Page::Home(_))
                && p.training.as_ref().is_some_and(|t| t.sheet.is_none())
        })?;
        self.primary()?;
        for act in &scenario.as_asked {
            self.act(act, scenario)?;
        }
        self.page("closed", |p| matches!(p.page, Page::Closed(_)))?;
        self.primary()?;
        let told = self.sheet(
            "the feedback",
            |s| matches!(s, TrainingSheet::Feedback(f) if f.number == n && f.lines.is_some()),
        )?;
        self.stage.picture(&format!("{}-3", scenario.id))?;
        self.stage.tap("FrameActions::quiet-button", 0)?;
        match told {
            TrainingSheet::Feedback(feedback) => Ok(feedback),
            _ => Err(StageError::Stopped),
        }
    }

    fn act(&mut self, act: &Act, scenario: &Scenario) -> Played {
        match act {
            Act::Introduce { card } => self.introduce(*card, scenario),
            Act::Ground { ground } => self.ground(ground, scenario, true),
            Act::GroundUnexplained { ground } => self.ground(ground, scenario, false),
            Act::Explain => self.explain(),
            Act::Finger => {
                self.open_finger()?;
                self.primary()?;
                self.page("asked by the print", |p| {
                    matches!(p.page, Page::Pending(_) | Page::Answer(_))
                })?;
                self.stage.picture(&format!("{}-2", scenario.id))?;
                Ok(())
            }
            Act::FingerFails => {
                self.open_finger()?;
                self.primary()?;
                self.page(
                    "the scanner's fault",
                    |p| matches!(&p.page, Page::Finger(f) if matches!(f.status, FingerStatus::Fault(_))),
                )?;
                Ok(())
            }
            Act::NoteInjured => self.note_injured(),
            Act::Reason { reason } => self.reason(reason),
            Act::Face => self.face(),
            Act::Compare => self.compare(&cast::shown(scenario.person)),
            Act::Document => self.document(scenario),
            Act::Hold => self.hold(),
            Act::Confirm => self.decide("FrameActions::secondary-button", Confirmation::Confirmed),
            Act::Dispute => self.decide("FrameActions::tertiary-button", Confirmation::Disputed),
            Act::End(ending) => self.end(ending),
        }
    }

    fn introduce(&mut self, card: bool, scenario: &Scenario) -> Played {
        self.page("introduce", |p| matches!(p.page, Page::Introduce(_)))?;
        let speaks = Language::ALL.iter().position(|l| *l == scenario.speaks);
        self.stage
            .tap("IntroducePage::language", speaks.unwrap_or_default())?;
        self.stage.type_into("IntroducePage::place-field", PLACE)?;
        if card {
            self.stage.tap("IntroducePage::service-id", 0)?;
        }
        self.primary()
    }

    fn ground(&mut self, ground: &str, scenario: &Scenario, explained: bool) -> Played {
        self.page("the ground", |p| matches!(p.page, Page::Ground(_)))?;
        let nth = self.edition.grounds.iter().position(|g| g.id == ground);
        self.stage
            .tap("GroundPage::ground-choice", nth.unwrap_or_default())?;
        self.stage
            .type_into("GroundPage::fact-field", &scenario.fact)?;
        if explained {
            self.stage.tap("GroundPage::explained", 0)?;
        } else {
            self.stage.tap("FrameActions::quiet-button", 0)?;
            self.stage.type_into("GroundPage::why-field", WHY)?;
        }
        self.primary()?;
        self.page("the means", |p| matches!(p.page, Page::Method(_)))?;
        Ok(())
    }

    /// §8: what stands on every page until it is given.
    fn explain(&mut self) -> Played {
        self.stage.tap("Notice::act", 0)?;
        self.page("the ground again", |p| matches!(p.page, Page::Ground(_)))?;
        self.stage.tap("GroundPage::explained", 0)?;
        self.primary()?;
        self.page("explained", |p| !matches!(p.page, Page::Ground(_)))?;
        Ok(())
    }

    fn open_finger(&mut self) -> Played {
        let shown = self.page("the means, or the finger", |p| {
            matches!(p.page, Page::Method(_) | Page::Finger(_))
        })?;
        if matches!(shown.page, Page::Method(_)) {
            self.stage.tap("MethodPage::fingerprint-card", 0)?;
            self.page("the finger", |p| matches!(p.page, Page::Finger(_)))?;
        }
        Ok(())
    }

    fn note_injured(&mut self) -> Played {
        self.open_finger()?;
        self.stage.tap("FingerPage::other-finger", 0)?;
        self.stage.tap("FrameActions::quiet-button", 0)?;
        for finger in 0..10 {
            self.stage.tap("Hand::finger-choice", finger)?;
        }
        self.primary()?;
        self.page(
            "ten injured fingers",
            |p| matches!(&p.page, Page::Finger(f) if f.injured.len() == 10),
        )?;
        Ok(())
    }

    fn reason(&mut self, reason: &str) -> Played {
        self.open_finger()?;
        if self.stage.tap("FingerPage::impossible", 0).is_err() {
            // The page proposes it by itself.
            self.stage.tap("Notice::act", 0)?;
        }
        self.page("why not", |p| matches!(p.page, Page::NoFingerprint(_)))?;
        let reasons = &self.edition.no_fingerprint_reasons;
        let nth = reasons.iter().position(|r| r.id == reason);
        self.stage
            .tap("NoFingerprintPage::reason-choice", nth.unwrap_or_default())?;
        self.primary()?;
        self.page("the means", |p| matches!(p.page, Page::Method(_)))?;
        Ok(())
    }

    fn face(&mut self) -> Played {
        self.stage.tap("MethodPage::face-card", 0)?;
        self.page(
            "the face, taken by itself",
            |p| matches!(&p.page, Page::Face(f) if f.stage == FaceStage::Taken),
        )?;
        self.primary()?;
        self.page("an answer by face", |p| matches!(p.page, Page::Answer(_)))?;
        Ok(())
    }

    /// Where central has a search by faces: the person present among those who are alike.
    fn compare(&mut self, shown: &Person) -> Played {
        let page = self.page("an answer", |p| matches!(p.page, Page::Answer(_)))?;
        let count = match &page.page {
            Page::Answer(answer) => answer.compare.map_or(0, |compare| compare.count),
            _ => 0,
        };
        for _ in 0..count {
            let held = self.stage.press("AnswerPage::cover")?;
            let page = self.page(
                "a candidate",
                |p| matches!(&p.page, Page::Answer(a) if !a.covered && !a.people.is_empty()),
            )?;
            let is = matches!(&page.page, Page::Answer(answer)
                if answer.people.first().is_some_and(|p| p.surname == shown.name.surname
                    && p.given == shown.name.given));
            self.stage.release(held);
            self.covered()?;
            if is {
                return self.decide("FrameActions::secondary-button", Confirmation::Confirmed);
            }
            if count > 1 {
                self.stage.tap("FrameActions::tertiary-button", 0)?;
            }
        }
        if count > 0 {
            return Err(StageError::NoElement(
                "the person among the candidates".into(),
            ));
        }
        Ok(())
    }

    fn covered(&mut self) -> Played {
        self.page(
            "covered again",
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )?;
        Ok(())
    }

    fn hold(&mut self) -> Played {
        self.page("the answer", |p| matches!(p.page, Page::Answer(_)))?;
        let held = self.stage.press("AnswerPage::cover")?;
        self.page(
            "the record",
            |p| matches!(&p.page, Page::Answer(a) if !a.covered && !a.people.is_empty()),
        )?;
        self.stage.release(held);
        self.covered()
    }

    fn decide(&mut self, button: &str, decided: Confirmation) -> Played {
        self.stage.tap(button, 0)?;
        self.page(
            "decided",
            |p| matches!(&p.page, Page::Answer(a) if a.confirmation == decided),
        )?;
        Ok(())
    }

    fn document(&mut self, scenario: &Scenario) -> Played {
        let shown = cast::shown(scenario.person);
        self.stage.tap("MethodPage::document-card", 0)?;
        self.page("the document", |p| matches!(p.page, Page::Document(_)))?;
        self.stage.tap("DocumentPage::id-card", 0)?;
        self.stage
            .type_into("DocumentPage::surname-field", &shown.name.surname)?;
        self.stage
            .type_into("DocumentPage::given-field", &shown.name.given)?;
        match &shown.name.patronymic {
            Some(patronymic) => self
                .stage
                .type_into("DocumentPage::patronymic-field", patronymic)?,
            None => self.stage.tap("DocumentPage::no-patronymic-choice", 0)?,
        }
        let birth = shown.birth_date.0.typed();
        self.stage
            .type_into("DocumentPage::birth-date-field", &birth)?;
        let number = cast::document(scenario.person);
        self.stage
            .type_into("DocumentPage::number-field", &number)?;
        self.primary()?;
        self.page(
            "shown back",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
        )?;
        self.primary()?;
        self.page("the outcome", |p| matches!(p.page, Page::Outcome(_)))?;
        Ok(())
    }

    fn end(&mut self, ending: &Ending) -> Played {
        let page = self.page("a page before the outcome", |p| {
            matches!(
                p.page,
                Page::Pending(_) | Page::Answer(_) | Page::Method(_) | Page::Outcome(_)
            )
        })?;
        match page.page {
            Page::Pending(_) | Page::Answer(_) => self.primary()?,
            Page::Method(_) => self.stage.tap("FrameActions::secondary-button", 0)?,
            _ => {}
        }
        self.page("the outcome", |p| matches!(p.page, Page::Outcome(_)))?;
        match ending {
            Ending::Released => {}
            Ending::TakenToStation { case } => {
                let nth = self
                    .edition
                    .station_cases
                    .iter()
                    .position(|c| c.id == *case);
                self.stage
                    .tap("OutcomePage::case-choice", nth.unwrap_or_default())?;
            }
            Ending::ProtocolOnTheSpot => {
                self.stage.tap("OutcomePage::protocol", 0)?;
                self.stage.type_into("OutcomePage::number-field", "12")?;
            }
            Ending::TakenOnOtherGround => {
                self.stage.tap("OutcomePage::other-ground", 0)?;
                self.stage.type_into("OutcomePage::article-field", "1")?;
                self.stage.type_into("OutcomePage::order-field", PLACE)?;
            }
        }
        self.primary()
    }
}
