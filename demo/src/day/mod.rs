//! A day of a unit: ten officers on patrol and the desks of their unit, each at the pages of a tablet
//! of their own, in four languages, over one central that is stopped twice and an hour without network.
//!
//! Everything is tapped and typed on the real pages, drawn in memory; the clock of all goes on as fast as
//! the play needs it. At the end central's archive is asked whether the day is on record whole.

mod cast;
mod desk;
mod hands;
mod patrol;
mod proof;

use crate::emulator::MovedClock;
use crate::people;
use crate::stage::StageError;
use crate::steps::Steps;
use crate::tablet_kit::KitError;
use crate::world::{World, WorldError};
use cast::{
    COMMANDER, Cast, DESKS, DUTY, MONITORING, PATROL, Patrol, RESPONSIBLE, Unit, responsible,
};
use central::{AdminError, Config};
use hands::{Person, all};
use patrol::Other;
use regulation::EncounterId;
use regulation::edition::{Edition, EditionError};
use regulation::time::NotADate;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tablet::pages::{AlertRowKind, CameraState, Connection, DeskWord, KnownIncident, TabletState};

/// Why the day is not a success.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    #[error(transparent)]
    World(#[from] WorldError),
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Kit(#[from] KitError),
    #[error("central's administration: {0}")]
    Admin(#[from] AdminError),
    #[error("central's archive: {0}")]
    Archive(#[from] central::archive::ArchiveError),
    #[error("the machine: {0}")]
    Io(#[from] std::io::Error),
    /// What ought to be, and is not.
    #[error("it is not so that {0}")]
    NotSo(&'static str),
    #[error("it is not so that {what}: {found}")]
    Found { what: &'static str, found: String },
    #[error(transparent)]
    Edition(#[from] EditionError),
    #[error("the machine's clock: {0}")]
    Clock(#[from] NotADate),
    #[error("somebody has left the play")]
    Gone,
}

/// What the day leaves behind, to be looked for at central.
#[derive(Default)]
struct Record {
    encounters: Vec<EncounterId>,
    /// Closed before its answer came.
    late: Option<EncounterId>,
    incidents: Vec<KnownIncident>,
}

/// Shared between those who play.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Record>>);

impl Kept {
    fn encounter(&self, id: EncounterId) {
        self.with(|record| record.encounters.push(id));
    }

    fn incident(&self, known: KnownIncident) {
        self.with(|record| record.incidents.push(known));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Record) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Plays the day; `dir` holds everybody's data. `turn`: how far the languages are moved on: in four turns
/// everybody has had each.
///
/// # Errors
/// Something does not happen on a page, or the day is not on record whole.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    drawn: &Path,
    count: u64,
    turn: usize,
) -> Result<(), DayError> {
    let mut steps = Steps::default();
    let clock = MovedClock::new();
    let edition = Edition::shipped()?;
    clock.begin_at_eight(edition.limits.utc_offset_minutes)?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut config = Config::new(dir.join("central"), listen);
    config.replica_dir = Some(dir.join("replica"));
    config.training = true;
    config.clock = clock.of_central();
    let world = runtime.block_on(World::start_with(dir, config, count))?;
    steps.done(&format!("central runs with {count} invented people"))?;
    let cast = Cast {
        runtime,
        world: &world,
        clock: &clock,
        drawn,
        turn,
    };
    let unit = cast.unit()?;
    steps.done("§14, §16 officers, tablets, bodycams, a place and the day's notice")?;
    let mut day = Day {
        runtime,
        world,
        clock,
        steps,
        unit,
        kept: Kept::default(),
    };
    let played = day.play();
    if played.is_err() {
        day.pictures_of_all();
    }
    played
}

/// The day as it goes.
struct Day<'a> {
    runtime: &'a tokio::runtime::Runtime,
    world: World,
    clock: MovedClock,
    steps: Steps,
    unit: Unit,
    kept: Kept,
}

impl Day<'_> {
    fn officers(&self) -> impl Iterator<Item = &Person> + Clone {
        self.unit.patrol.iter().map(|patrol| &patrol.person)
    }

    fn desk(&self, which: usize) -> Result<&Person, DayError> {
        self.unit.desks.get(which).ok_or(DayError::Gone)
    }

    fn officer(&self, which: usize) -> Result<&Patrol, DayError> {
        self.unit.patrol.get(which).ok_or(DayError::Gone)
    }

    /// Everybody puts the tablet down, so much of the day goes by, and they take it up again.
    fn time_passes(&mut self, minutes: u16) -> Result<(), DayError> {
        let everybody = || self.officers().chain(&self.unit.desks);
        all(everybody(), hands::Hands::lock)?;
        self.clock.pass(minutes);
        all(everybody(), hands::Hands::unlock)
    }

    /// Central is stopped, and comes back after a while.
    fn central_restarts(&mut self) -> Result<(), DayError> {
        self.runtime.block_on(self.world.stop_central());
        std::thread::sleep(Duration::from_secs(2));
        Ok(self.runtime.block_on(self.world.start_central())?)
    }

    fn play(&mut self) -> Result<(), DayError> {
        self.begin()?;
        self.encounters()?;
        self.pauses()?;
        self.reports()?;
        self.hour_without_network()?;
        self.afternoon()?;
        self.other_means()?;
        self.end()?;
        self.prove()
    }

    /// What everybody saw when the play broke off, for whoever looks for the cause.
    fn pictures_of_all(&self) {
        for person in self.officers().chain(&self.unit.desks) {
            person.begin(|hands| {
                hands.stage.picture("broken-off")?;
                Ok(())
            });
        }
    }

    fn begin(&mut self) -> Result<(), DayError> {
        all(&self.unit.desks, hands::Hands::start_desk)?;
        self.steps
            .done("the desks of duty officer, monitoring group, responsible person, commander")?;
        for (n, patrol) in self.unit.patrol.iter().enumerate() {
            let camera = patrol.camera.clone();
            // §16: one from a person who confirms with their own credentials; §31: one with damage.
            let from = match n {
                2 => responsible(),
                _ => Other::Place,
            };
            let damage = (n == 9).then_some("Экран бурчаги синган");
            patrol
                .person
                .begin(move |hands| hands.start_shift(&from, damage, &camera));
        }
        self.officers().try_for_each(Person::wait)?;
        self.steps
            .done("§13 to §18, §23 ten officers on duty, each with tablet and bodycam")?;
        self.desk(DUTY)?.does(|hands| {
            let all = |v: &tablet::pages::DeskView| {
                let recording = v.on_duty.iter();
                recording
                    .filter(|row| row.duty.state == CameraState::Recording)
                    .count()
                    == PATROL
            };
            hands.board("ten on duty, recording", all)?;
            Ok(())
        })?;
        self.desk(RESPONSIBLE)?.does(|hands| {
            hands.tablets("ten tablets on duty", |tablets| {
                desk::count(tablets, TabletState::OnDuty) == PATROL
                    && tablets.iter().filter(|t| !t.damage.is_empty()).count() == 1
            })?;
            Ok(())
        })?;
        self.steps
            .done("the desk sees who is on duty with what, and the damage of one tablet")?;
        self.time_passes(40)
    }

    /// Everybody stops somebody; central is restarted in the middle of it.
    fn encounters(&mut self) -> Result<(), DayError> {
        for (n, patrol) in self.unit.patrol.iter().enumerate() {
            let kept = self.kept.clone();
            // By the finger the first of the eight whose finger can be shown, once more the first.
            let by_finger = n % 2 == 0;
            let person = if by_finger {
                n as u64 % people::WITH_FINGER
            } else {
                n as u64
            };
            patrol.person.begin(move |hands| {
                let id = if by_finger {
                    hands.ask_by_finger(person)?
                } else {
                    hands.ask_by_document(person)?
                };
                kept.encounter(id);
                hands.read_answer(person)?;
                hands.confirm_person()?;
                if n == 1 {
                    hands.take_along("ЖПК 221-модда", "Навбатчи")?;
                } else {
                    hands.release()?;
                }
                hands.list_when_safe()
            });
        }
        std::thread::sleep(Duration::from_millis(1500));
        self.central_restarts()?;
        self.officers().try_for_each(Person::wait)?;
        self.steps
            .done("§8, §9, §12 ten encounters, central restarted in the middle")?;
        self.time_passes(50)
    }

    /// §20, §21, §32.
    fn pauses(&mut self) -> Result<(), DayError> {
        for n in 0..3 {
            self.officer(n)?
                .person
                .begin(move |hands| hands.ask_pause(n % 2));
        }
        let faulty = self.officer(3)?;
        faulty.person.begin(|hands| hands.fault(0));
        for n in 0..4 {
            self.officer(n)?.person.wait()?;
        }
        let names: Vec<_> = self.unit.patrol.iter().map(|p| p.name.clone()).collect();
        let [first, second, third, faulty, ..] = &names[..] else {
            return Err(DayError::Gone);
        };
        let (by_commander, by_duty) = (
            first.clone(),
            [(second.clone(), true), (third.clone(), false)],
        );
        let (first, faulty) = (first.clone(), faulty.clone());
        // The immediate superior may decide as well; what is decided leaves every board.
        self.desk(COMMANDER)?
            .begin(move |hands| hands.decide(AlertRowKind::PauseAsked, &by_commander, true));
        self.desk(DUTY)?.does(move |hands| {
            for (name, yes) in &by_duty {
                hands.decide(AlertRowKind::PauseAsked, name, *yes)?;
            }
            hands.gone(AlertRowKind::PauseAsked, &first)?;
            let name = &faulty;
            hands.see_to_fault(AlertRowKind::Fault, name, "Техников Т. Т.")?;
            hands.see_to_fault(AlertRowKind::FaultAssigned, name, "Батарея алмаштирилди")
        })?;
        self.desk(COMMANDER)?.wait()?;
        for n in 0..2 {
            self.officer(n)?.person.begin(|hands| {
                hands.told(DeskWord::PausePermitted)?;
                hands.begin_pause()
            });
        }
        self.officer(2)?.person.begin(|hands| {
            hands.told(DeskWord::PauseRefused)?;
            hands.camera(CameraState::Recording)?;
            hands.leave_bodycam()
        });
        self.officer(3)?.person.begin(|hands| {
            hands.told(DeskWord::FaultClosed)?;
            hands.mended()
        });
        for n in 0..4 {
            self.officer(n)?.person.wait()?;
        }
        self.time_passes(20)?;
        for n in 0..2 {
            self.officer(n)?.person.begin(hands::Hands::end_pause);
        }
        for n in 0..2 {
            self.officer(n)?.person.wait()?;
        }
        self.steps
            .done("§20, §21, §32 two pauses permitted, one refused, a fault seen to")?;
        Ok(())
    }

    /// §22: out of an encounter, with a question of the desk; and alone.
    fn reports(&mut self) -> Result<(), DayError> {
        let kept = self.kept.clone();
        self.officer(4)?.person.begin(move |hands| {
            let id = hands.ask_by_finger(4)?;
            kept.encounter(id);
            hands.read_answer(4)?;
            hands.confirm_person()?;
            hands.release()?;
            hands.report(0, "Икки киши жанжаллашди.")?;
            hands.answer_desk("Гувоҳлар бор, ҳужжатлари ёзиб олинди.")?;
            hands.told(DeskWord::IncidentClosed)?;
            hands.leave_report()
        });
        self.officer(5)?.person.begin(|hands| {
            hands.report(2, "Савдо қоидаси бузилди.")?;
            hands.told(DeskWord::IncidentClosed)?;
            hands.leave_report()
        });
        let (first, camera) = (
            self.officer(4)?.name.clone(),
            self.officer(4)?.camera.clone(),
        );
        let second = self.officer(5)?.name.clone();
        let kept = self.kept.clone();
        self.desk(MONITORING)?.does(move |hands| {
            hands.take_in_report(&first)?;
            hands.classify(0)?;
            hands.ask_officer("Гувоҳлар борми?")?;
            hands.answered()?;
            hands.link(&camera.to_string())?;
            kept.incident(hands.close_report(&first, "Материаллар терговга берилди")?);
            hands.take_in_report(&second)?;
            hands.classify(1)?;
            kept.incident(hands.close_report(&second, "Баённома тузилди")?);
            Ok(())
        })?;
        for n in 4..6 {
            self.officer(n)?.person.wait()?;
        }
        self.steps
            .done("§22 two reports taken in, classified, asked about, linked, closed")?;
        self.time_passes(60)
    }

    fn hour_without_network(&mut self) -> Result<(), DayError> {
        self.world.cable.pull();
        let everybody = || self.officers().chain(&self.unit.desks);
        all(everybody(), |hands| {
            hands.wait("no network", |p| p.chrome.connection != Connection::Online)?;
            Ok(())
        })?;
        self.steps.done("network cut")?;
        let desk = DESKS.first().map_or("", |desk| desk.2);
        self.officer(6)?
            .person
            .begin(move |hands| hands.pause_by_voice(desk));
        self.officer(7)?.person.begin(|hands| hands.fault(1));
        let kept = self.kept.clone();
        self.officer(8)?.person.begin(move |hands| {
            let id = hands.ask_by_finger(5)?;
            kept.encounter(id);
            kept.with(|record| record.late = Some(id));
            // §6, §9: nobody waits for an answer that cannot come.
            hands.primary()?;
            hands.release()?;
            hands.back_to_list()
        });
        self.officer(9)?.person.begin(|hands| {
            hands.report(1, "Ўғирлик ҳақида хабар берилди.")?;
            hands.leave_report()
        });
        for n in 6..10 {
            self.officer(n)?.person.wait()?;
        }
        self.time_passes(25)?;
        self.officer(6)?.person.does(hands::Hands::end_pause)?;
        self.time_passes(35)?;
        self.steps
            .done("an hour of it: a pause by voice, a fault, an encounter, a report")?;
        self.world.cable.plug_in();
        let everybody = || self.officers().chain(&self.unit.desks);
        all(everybody(), |hands| {
            hands.wait("network again", |p| {
                p.chrome.connection == Connection::Online
            })?;
            Ok(())
        })?;
        // Central goes once more, while the hour comes in and the desk decides on it.
        self.central_restarts()?;
        let kept = self.kept.clone();
        let reporter = self.officer(9)?.name.clone();
        self.desk(MONITORING)?.begin(move |hands| {
            hands.take_in_report(&reporter)?;
            hands.classify(0)?;
            kept.incident(hands.close_report(&reporter, "Тергов гуруҳи юборилди")?);
            Ok(())
        });
        let (voice, fault) = (self.officer(6)?.name.clone(), self.officer(7)?.name.clone());
        self.desk(DUTY)?.does(move |hands| {
            hands.decide(AlertRowKind::VoiceToConfirm, &voice, true)?;
            hands.see_to_fault(AlertRowKind::Fault, &fault, "Техников Т. Т.")?;
            hands.see_to_fault(AlertRowKind::FaultAssigned, &fault, "Қайта ишга туширилди")
        })?;
        self.officer(6)?
            .person
            .begin(|hands| hands.told(DeskWord::VoiceConfirmed));
        self.officer(7)?.person.begin(|hands| {
            hands.told(DeskWord::FaultClosed)?;
            hands.mended()
        });
        self.officer(8)?
            .person
            .begin(|hands| hands.read_late_answer(5));
        self.officer(9)?
            .person
            .begin(|hands| hands.told(DeskWord::IncidentClosed));
        for n in 6..10 {
            self.officer(n)?.person.wait()?;
        }
        self.desk(MONITORING)?.wait()?;
        self.steps.done(
            "network restored, central restarted: the hour is on record, decided, answered",
        )?;
        Ok(())
    }

    fn afternoon(&mut self) -> Result<(), DayError> {
        self.time_passes(180)?;
        for (n, patrol) in self.unit.patrol.iter().enumerate() {
            let kept = self.kept.clone();
            let person = (PATROL + n) as u64;
            patrol.person.begin(move |hands| {
                kept.encounter(hands.ask_by_document(person)?);
                hands.read_answer(person)?;
                hands.confirm_person()?;
                hands.release()?;
                hands.list_when_safe()
            });
        }
        self.officers().try_for_each(Person::wait)?;
        self.steps.done("ten encounters more")?;
        self.time_passes(30)
    }

    /// §32: files of private phones are handed over, and deleted there.
    fn other_means(&mut self) -> Result<(), DayError> {
        let who = [self.officer(3)?.name.clone(), self.officer(7)?.name.clone()];
        self.desk(RESPONSIBLE)?.does(move |hands| {
            for name in &who {
                hands.take_in_means(AlertRowKind::OtherMeans, name, "USB-4, сейф")?;
                hands.take_in_means(AlertRowKind::OtherMeansKept, name, "Масъулов М. М.")?;
            }
            Ok(())
        })?;
        self.steps
            .done("§32 two recordings of private phones handed over, and deleted there")?;
        Ok(())
    }

    /// Everybody hands in; the last tablet is taken over by the relief.
    fn end(&mut self) -> Result<(), DayError> {
        for (n, patrol) in self.unit.patrol.iter().enumerate() {
            let to = match n {
                8 => responsible(),
                _ => Other::Place,
            };
            patrol.person.begin(move |hands| hands.end_shift(&to));
        }
        self.officers().try_for_each(Person::wait)?;
        self.steps
            .done("§16, §18, §23 bodycams handed back, tablets handed in, shifts ended")?;
        self.desk(RESPONSIBLE)?.does(|hands| {
            hands.tablets("ten tablets handed in", |tablets| {
                desk::count(tablets, TabletState::HandedIn) == PATROL
            })?;
            Ok(())
        })?;
        self.desk(DUTY)?.does(|hands| {
            hands.board("the desks alone on duty, nothing open", |v| {
                v.alerts.is_empty() && v.on_duty.len() == DESKS.len()
            })?;
            Ok(())
        })?;
        let encounters = self.kept.with(|record| record.encounters.len());
        self.desk(COMMANDER)?.does(move |hands| {
            hands.figures("the figures of the day", move |figures| {
                usize::try_from(figures.encounters) == Ok(encounters) && figures.duty.faults == 2
            })
        })?;
        self.steps
            .done("§4 the commander sees the figures of the day")?;
        // A shift's end replaces the process; here somebody else sits down before a new one.
        let last = self.unit.patrol.last_mut().ok_or(DayError::Gone)?;
        last.person.leave();
        last.person = Person::new(self.unit.relief.clone(), &self.clock, self.runtime.handle())?;
        let camera = self.unit.relief_camera.clone();
        last.person.does(move |hands| {
            hands.start_shift(&Other::Place, Some("Экран бурчаги синган"), &camera)
        })?;
        self.desk(RESPONSIBLE)?.does(|hands| {
            hands.tablets("nine handed in, one on duty", |tablets| {
                desk::count(tablets, TabletState::HandedIn) == PATROL - 1
                    && desk::count(tablets, TabletState::OnDuty) == 1
            })?;
            Ok(())
        })?;
        self.steps
            .done("§16 the next officer goes on duty with the last tablet")?;
        Ok(())
    }
}
