//! Stands between the screen and the worker: sees every page and command as they pass, moves the world
//! outside as the situation says, and lays its own sheets over the pages. The worker knows nothing of it.

use crate::cast;
use crate::judge::judge;
use crate::outside::Outside;
use crate::results::{Course, Results, Try};
use crate::scenario::{Hand, Moment, Outside as Change, Scenario};
use crate::words::Words;
use central::archive::Archive;
use protocol::SessionId;
use regulation::encounter::{Language, Recorded, Stage};
use regulation::{Edition, EncounterId};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tablet::device::Clock;
use tablet::pages::{
    FingerStatus, Page, PageView, Stamp, TrainingCourse, TrainingFeedback, TrainingLine,
    TrainingRow, TrainingSheet, TrainingSituation, TrainingTry, TrainingView,
};
use tablet::worker::{Command, TrainingCommand, Update};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[cfg(test)]
mod tests;

/// Central is asked this often whether it has the whole record.
const LOOK: Duration = Duration::from_millis(150);

/// What a guide is made of.
pub struct Parts {
    pub scenarios: Arc<[Scenario]>,
    pub edition: Arc<Edition>,
    pub words: Arc<Words>,
    pub outside: Outside,
    /// Of the training's own central.
    pub archive: Archive,
    pub clock: Arc<dyn Clock>,
    /// Where the files for the instructor go.
    pub results: PathBuf,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts(..)")
    }
}

/// The worker's ends of the channels: its commands, and where its updates go.
pub type Ends = (UnboundedReceiver<(Stamp, Command)>, UnboundedSender<Update>);

/// Puts a guide between a screen, whose commands and updates these are, and a worker, which gets what is
/// returned. Runs on the current runtime until one of the two is gone.
#[must_use]
pub fn between(
    parts: Parts,
    from_screen: UnboundedReceiver<(Stamp, Command)>,
    to_screen: UnboundedSender<Update>,
) -> Ends {
    let (to_worker, worker_commands) = unbounded_channel();
    let (worker_updates, from_worker) = unbounded_channel();
    let (told, judged) = unbounded_channel();
    let guide = Guide::new(parts, to_screen, to_worker, told);
    tokio::spawn(guide.run(from_screen, from_worker, judged));
    (worker_commands, worker_updates)
}

/// What the sheet shows, when it stands over the page.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Course,
    Situation(usize),
    /// Of that encounter; `None`: not judged yet.
    Feedback(usize, EncounterId, Option<Vec<bool>>),
}

/// A situation under way.
struct Play {
    number: usize,
    /// Of the shift that it belongs to, once it was seen. A lock and the log-in after it keep it.
    session: Option<SessionId>,
    encounter: Option<EncounterId>,
    /// Moments that were reached.
    reached: Vec<Moment>,
    /// Which cue is heard.
    cue: Option<usize>,
    hand: Hand,
    touch: u64,
    /// A finger lies on the glass.
    laid: bool,
    closed: bool,
}

/// A situation that was closed, and that central does not have as a whole yet.
struct Awaited {
    number: usize,
    /// Which of the sittings it belongs to.
    sitting: usize,
}

/// An encounter that central has, whole and verified.
struct Found {
    encounter: EncounterId,
    events: Vec<Recorded>,
}

struct Guide {
    parts: Parts,
    to_screen: UnboundedSender<Update>,
    to_worker: UnboundedSender<(Stamp, Command)>,
    told: UnboundedSender<Found>,
    typed_login: Option<String>,
    /// One for each trainee after the other; the last is of who is there now.
    sittings: Vec<Results>,
    unwritten: bool,
    /// As the worker showed it last.
    page: Option<PageView>,
    at: At,
    open: bool,
    play: Option<Play>,
    /// What is still to be judged, whatever is played meanwhile.
    awaited: HashMap<EncounterId, Awaited>,
    /// Encounters that were closed here.
    done: Vec<EncounterId>,
}

impl Guide {
    fn new(
        parts: Parts,
        to_screen: UnboundedSender<Update>,
        to_worker: UnboundedSender<(Stamp, Command)>,
        told: UnboundedSender<Found>,
    ) -> Self {
        Self {
            parts,
            to_screen,
            to_worker,
            told,
            typed_login: None,
            sittings: Vec::new(),
            unwritten: false,
            page: None,
            at: At::Course,
            open: true,
            play: None,
            awaited: HashMap::new(),
            done: Vec::new(),
        }
    }

    async fn run(
        mut self,
        mut from_screen: UnboundedReceiver<(Stamp, Command)>,
        mut from_worker: UnboundedReceiver<Update>,
        mut judged: UnboundedReceiver<Found>,
    ) {
        loop {
            tokio::select! {
                command = from_screen.recv() => match command {
                    None => break,
                    Some((_, Command::Training(command))) => self.command(command),
                    Some((stamp, command)) => self.pass(stamp, command),
                },
                update = from_worker.recv() => match update {
                    None => break,
                    Some(Update::Page(page)) => {
                        if !is_training(&page) {
                            // A session of duty is not to be called a training.
                            tracing::error!("the session is none of a training: the guide leaves");
                            self.parts.outside.rest();
                            break;
                        }
                        self.page(*page);
                    }
                    Some(Update::HandOver) => {
                        // The shift has ended; the next one may need the network to begin.
                        self.drop_play();
                        self.tell(Update::HandOver);
                    }
                    Some(other) => self.tell(other),
                },
                Some(found) = judged.recv() => self.judged(&found),
            }
        }
    }

    fn tell(&self, update: Update) {
        // A closed screen shows nothing; the loop ends by its commands.
        let _ = self.to_screen.send(update);
    }

    fn pass(&mut self, stamp: Stamp, command: Command) {
        if let Command::Login { login, .. } = &command {
            self.typed_login = Some(login.trim().to_owned());
        }
        // A worker that is gone shows itself by its updates' end.
        let _ = self.to_worker.send((stamp, command));
    }

    /// What the trainee asks of the guide.
    fn command(&mut self, command: TrainingCommand) {
        let running = self.running();
        match command {
            TrainingCommand::Close => self.open = false,
            TrainingCommand::Open => {
                if let Some(number) = running {
                    self.at = At::Situation(number);
                } else if !matches!(self.at, At::Feedback(..)) {
                    self.at = At::Course;
                }
                self.open = true;
            }
            TrainingCommand::Course if running.is_none() => self.at = At::Course,
            TrainingCommand::Choose(number)
                if running.is_none() && number < self.parts.scenarios.len() =>
            {
                self.at = At::Situation(number);
            }
            TrainingCommand::Begin => {
                if let (None, At::Situation(number)) = (running, &self.at) {
                    self.begin(*number);
                }
                self.open = false;
            }
            TrainingCommand::Course | TrainingCommand::Choose(_) => {}
        }
        self.show();
    }

    /// The situation that is played and not closed yet.
    fn running(&self) -> Option<usize> {
        let play = self.play.as_ref().filter(|play| !play.closed)?;
        Some(play.number)
    }

    fn begin(&mut self, number: usize) {
        let Some(scenario) = self.parts.scenarios.get(number) else {
            return;
        };
        self.parts.outside.rest();
        self.parts.outside.steps_forward(scenario.person);
        self.play = Some(Play {
            number,
            session: self.page.as_ref().and_then(|page| page.stamp.session),
            encounter: None,
            reached: Vec::new(),
            cue: None,
            hand: scenario.hand,
            touch: 1,
            laid: false,
            closed: false,
        });
        let elsewhere = |page: &&PageView| !matches!(page.page, Page::Home(_));
        if let Some(page) = self.page.as_ref().filter(elsewhere) {
            // To where an encounter begins.
            let _ = self.to_worker.send((page.stamp, Command::GoHome));
        }
    }

    /// A page of the worker passes.
    fn page(&mut self, page: PageView) {
        let home = matches!(page.page, Page::Home(_));
        let came_home = home && !matches!(&self.page, Some(p) if matches!(p.page, Page::Home(_)));
        // A lock shows no session: nothing has ended by it.
        if let Some(session) = page.stamp.session {
            self.in_session(session);
        }
        if came_home {
            self.welcome();
            if matches!(self.at, At::Feedback(..)) {
                self.open = true;
            }
        }
        self.page = Some(page);
        self.follow();
        self.show();
    }

    /// What is under way belongs to its shift: another one has nothing to do with it.
    fn in_session(&mut self, session: SessionId) {
        let Some(play) = &mut self.play else {
            return;
        };
        if *play.session.get_or_insert(session) != session {
            self.drop_play();
        }
    }

    fn drop_play(&mut self) {
        if self.play.take().is_some() {
            self.parts.outside.rest();
        }
    }

    fn results(&self) -> Option<&Results> {
        self.sittings.last()
    }

    /// Somebody is at home: who, and from where they go on.
    fn welcome(&mut self) {
        let login = self.typed_login.clone().unwrap_or_default();
        if self
            .results()
            .is_none_or(|results| results.trainee() != login)
        {
            let began = self.parts.clock.now();
            let results = Results::new(&login, began, self.parts.scenarios.len());
            self.sittings.push(results);
            self.unwritten = false;
            self.at = At::Course;
            self.open = true;
        }
    }

    /// Where the officer is in the situation; what happens then.
    fn follow(&mut self) {
        let (Some(page), Some(play)) = (&self.page, &mut self.play) else {
            return;
        };
        let Some(scenario) = self.parts.scenarios.get(play.number) else {
            return;
        };
        let Some(moment) = moment(&page.page) else {
            Self::hands_off(play, &self.parts.outside);
            return;
        };
        if play.closed {
            return;
        }
        match (play.encounter, page.stamp.encounter) {
            // Left before anything of it was on record, and begun anew.
            (Some(mine), Some(id))
                if id != mine
                    && moment == Moment::Introduce
                    && play.reached.iter().all(|at| *at == Moment::Introduce) =>
            {
                play.encounter = Some(id);
            }
            // Another one of this shift is looked at.
            (Some(mine), shown) if shown != Some(mine) => return,
            // Those that are closed are only looked at.
            (None, Some(id)) if self.done.contains(&id) => return,
            (None, Some(_)) if moment == Moment::Closed => return,
            (None, Some(id)) => play.encounter = Some(id),
            _ => {}
        }
        if !play.reached.contains(&moment) {
            play.reached.push(moment);
            for change in scenario.changes.iter().filter(|c| c.at == moment) {
                match change.what {
                    Change::HandGiven => play.hand = Hand::Given,
                    Change::HandWithheld => play.hand = Hand::Withheld,
                    other => self.parts.outside.change(other),
                }
            }
            if let Some(cue) = scenario.cues.iter().position(|cue| cue.at == moment) {
                play.cue = Some(cue);
            }
        }
        let wanted = matches!(&page.page, Page::Finger(finger)
            if matches!(finger.status, FingerStatus::Waiting | FingerStatus::Reading(_)));
        if wanted && play.hand == Hand::Given {
            if !play.laid {
                play.laid = true;
                play.touch += 1;
                self.parts.outside.lay(scenario.person, play.touch);
            }
        } else {
            Self::hands_off(play, &self.parts.outside);
        }
        if let (Moment::Closed, Some(encounter)) = (moment, play.encounter) {
            play.closed = true;
            self.done.push(encounter);
            self.parts.outside.rest();
            self.at = At::Feedback(play.number, encounter, None);
            if let Some(sitting) = self.sittings.len().checked_sub(1) {
                let number = play.number;
                self.awaited.insert(encounter, Awaited { number, sitting });
                self.look_for(encounter);
            }
        }
    }

    fn hands_off(play: &mut Play, outside: &Outside) {
        if play.laid {
            play.laid = false;
            outside.lift();
        }
    }

    /// Until central has the whole record: what is judged is what is on record.
    fn look_for(&self, encounter: EncounterId) {
        let (archive, told) = (self.parts.archive.clone(), self.told.clone());
        tokio::spawn(async move {
            while !told.is_closed() {
                let archive = archive.clone();
                let found = tokio::task::spawn_blocking(move || archive.encounter(encounter)).await;
                match found {
                    Ok(Ok(Some(found)))
                        if found.training
                            && found.verified.all()
                            && found.state.stage == Stage::Closed =>
                    {
                        let events = found.events.into_iter().map(|(_, event)| event);
                        // The guide may have left meanwhile.
                        let _ = told.send(Found {
                            encounter,
                            events: events.collect(),
                        });
                        return;
                    }
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => tracing::error!(%error, "the archive cannot be read"),
                    Err(_) => return,
                }
                tokio::time::sleep(LOOK).await;
            }
        });
    }

    fn judged(&mut self, found: &Found) {
        let Some(Awaited { number, sitting }) = self.awaited.remove(&found.encounter) else {
            return;
        };
        let Some(scenario) = self.parts.scenarios.get(number) else {
            return;
        };
        let shown = cast::shown(scenario.person);
        let met = judge(&self.parts.edition, scenario, &shown, &found.events);
        let times = || found.events.iter().map(|recorded| recorded.at);
        let closed = |r: &&Recorded| matches!(r.event, regulation::encounter::Event::Closed);
        let closed = found.events.iter().find(closed).map(|r| r.at);
        if let (Some(results), Some(opened), Some(closed)) =
            (self.sittings.get_mut(sitting), times().next(), closed)
        {
            let met = met.clone();
            results.add(
                number,
                Try {
                    opened,
                    closed,
                    met,
                },
            );
        }
        let its_own = |play: &Play| play.encounter == Some(found.encounter);
        if self.play.as_ref().is_some_and(its_own) {
            self.play = None;
        }
        if self.at == At::Feedback(number, found.encounter, None) {
            self.at = At::Feedback(number, found.encounter, Some(met));
        }
        self.write(sitting);
        self.show();
    }

    /// After every situation: whatever happens then, what was done is kept.
    fn write(&mut self, sitting: usize) {
        let language = self.language();
        if let Some(results) = self.sittings.get(sitting) {
            let course = Course {
                edition: &self.parts.edition,
                words: &self.parts.words,
                scenarios: &self.parts.scenarios,
            };
            let written = results.write(&self.parts.results, &course, language);
            if let Err(error) = &written {
                tracing::error!(kind = ?error.kind(), "the result cannot be written");
            }
            if sitting + 1 == self.sittings.len() {
                self.unwritten = written.is_err();
            }
        }
    }

    fn language(&self) -> Language {
        let page = self.page.as_ref();
        page.map_or(Language::UzbekCyrillic, |page| page.chrome.language)
    }

    /// The worker's page with what the guide has to say over it.
    fn show(&self) {
        let Some(page) = &self.page else {
            return;
        };
        let mut page = page.clone();
        page.chrome.training = true;
        let inside = moment(&page.page).is_some() || matches!(page.page, Page::Home(_));
        page.training = Some(TrainingView {
            cue: self.cue(&page).unwrap_or_default(),
            sheet: (self.open && inside).then(|| self.sheet()),
        });
        self.tell(Update::Page(Box::new(page)));
    }

    /// What the person says, where they stand before the officer.
    fn cue(&self, page: &PageView) -> Option<String> {
        let play = self.play.as_ref()?;
        moment(&page.page)?;
        let scenario = self.parts.scenarios.get(play.number)?;
        let cue = scenario.cues.get(play.cue?)?;
        Some(cue.text.get(page.chrome.language).to_owned())
    }

    fn sheet(&self) -> TrainingSheet {
        let language = self.language();
        match &self.at {
            At::Course => TrainingSheet::Course(self.course(language)),
            At::Situation(number) => {
                let scenario = self.parts.scenarios.get(*number);
                TrainingSheet::Situation(TrainingSituation {
                    number: *number,
                    title: self.title(*number, language),
                    text: scenario.map_or_else(String::new, |s| told(s, language)),
                    running: self.running() == Some(*number),
                })
            }
            At::Feedback(number, _, met) => TrainingSheet::Feedback(TrainingFeedback {
                number: *number,
                title: self.title(*number, language),
                lines: met.as_ref().map(|met| self.lines(*number, met, language)),
                next: self.results().and_then(|r| r.next_open(*number)),
            }),
        }
    }

    fn title(&self, number: usize, language: Language) -> String {
        let scenario = self.parts.scenarios.get(number);
        scenario.map_or_else(String::new, |s| s.title.get(language).to_owned())
    }

    fn lines(&self, number: usize, met: &[bool], language: Language) -> Vec<TrainingLine> {
        let scenario = self.parts.scenarios.get(number);
        let asked = scenario.map_or(&[][..], |scenario| &scenario.asked);
        asked
            .iter()
            .zip(met)
            .map(|(asked, met)| TrainingLine {
                met: *met,
                paragraph: self.parts.words.paragraph(asked),
                text: self.parts.words.asks(&self.parts.edition, asked, language),
            })
            .collect()
    }

    fn course(&self, language: Language) -> TrainingCourse {
        let results = self.results();
        let tries = |n| results.map_or(&[][..], |results| results.of(n));
        let rows = self.parts.scenarios.iter().enumerate();
        let rows: Vec<_> = rows
            .map(|(n, scenario)| TrainingRow {
                title: match self.awaits(n) {
                    true => {
                        let (title, words) = (&scenario.title, &self.parts.words);
                        format!("{} – {}", title.get(language), words.awaited.get(language))
                    }
                    false => scenario.title.get(language).to_owned(),
                },
                tried: tries(n).last().map(|tried| TrainingTry {
                    met: tried.met.iter().filter(|met| **met).count(),
                    asked: tried.met.len(),
                    missed: self.missed(scenario, &tried.met),
                    seconds: tried.seconds(),
                    tries: tries(n).len(),
                }),
            })
            .collect();
        let kept = rows.iter().any(|row| row.tried.is_some());
        let name = results
            .filter(|_| kept)
            .map(|r| r.name(&self.parts.edition));
        TrainingCourse {
            trainee: results.map_or_else(String::new, |r| r.trainee().to_owned()),
            file: name.map_or_else(String::new, |name| format!("{name}.json")),
            unwritten: self.unwritten,
            rows,
        }
    }

    /// A try of the situation, of who is there now, is closed and not judged yet.
    fn awaits(&self, number: usize) -> bool {
        let mine = |a: &Awaited| a.number == number && a.sitting + 1 == self.sittings.len();
        self.awaited.values().any(mine)
    }

    fn missed(&self, scenario: &Scenario, met: &[bool]) -> Vec<u8> {
        let mut missed = Vec::new();
        for (asked, met) in scenario.asked.iter().zip(met) {
            let paragraph = self.parts.words.paragraph(asked);
            if !met && !missed.contains(&paragraph) {
                missed.push(paragraph);
            }
        }
        missed
    }
}

/// Whether the page may be one of a training: nobody is logged in, or central has said that it is.
fn is_training(page: &PageView) -> bool {
    page.chrome.training || !page.chrome.lockable
}

/// The situation, with what the person's document says.
fn told(scenario: &Scenario, language: Language) -> String {
    let shown = cast::shown(scenario.person);
    let name = &shown.name;
    scenario
        .situation
        .get(language)
        .replace("{surname}", &name.surname)
        .replace("{given}", &name.given)
        .replace(
            "{patronymic}",
            name.patronymic.as_deref().unwrap_or_default(),
        )
        .replace("{birth_date}", &shown.birth_date.0.typed())
        .replace("{document}", &cast::document(scenario.person))
}

/// Where in the procedure a page stands; `None`: in none.
fn moment(page: &Page) -> Option<Moment> {
    Some(match page {
        Page::Introduce(_) => Moment::Introduce,
        Page::Ground(_) => Moment::Ground,
        Page::Method(_) => Moment::Method,
        Page::Finger(_) => Moment::Finger,
        Page::NoFingerprint(_) => Moment::Reason,
        Page::Document(_) => Moment::Document,
        Page::Face(_) => Moment::Face,
        Page::Pending(_) => Moment::Pending,
        Page::Answer(answer) if answer.covered => Moment::Answer,
        Page::Answer(_) => Moment::Held,
        Page::Outcome(_) => Moment::Outcome,
        Page::Closed(_) => Moment::Closed,
        _ => return None,
    })
}
