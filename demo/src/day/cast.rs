//! Who plays the day, with what is theirs.

use super::DayError;
use super::hands::{Part, Person};
use super::patrol::Other;
use crate::emulator::MovedClock;
use crate::people;
use crate::world::World;
use central::NewOfficer;
use protocol::{DeviceId, Role};
use regulation::bodycam::Serial;
use regulation::{Date, OfficerId, Timestamp};
use std::path::Path;
use tablet::device::Clock as _;

/// Officers on patrol.
pub(super) const PATROL: usize = 10;
pub(super) const UNIT: &str = "4-бўлим";
pub(super) const PLACE: &str = "Навбатчилик қисми";
pub(super) const PASSWORD: &str = "namuna-parol-2026";
pub(super) const PIN: &str = "40719";
/// The desks, by role.
pub(super) const DUTY: usize = 0;
pub(super) const MONITORING: usize = 1;
pub(super) const RESPONSIBLE: usize = 2;
pub(super) const COMMANDER: usize = 3;
pub(super) const DESKS: [(&str, Role, &str, &str); 4] = [
    ("navbatchi", Role::Duty, "Навбатчиев Н. Н.", "Капитан"),
    (
        "monitoring",
        Role::Monitoring,
        "Кузатувчиев К. К.",
        "Лейтенант",
    ),
    (
        "masul",
        Role::Responsible,
        "Масъулов М. М.",
        "Катта лейтенант",
    ),
    ("komandir", Role::Commander, "Қўмондонов Қ. Қ.", "Майор"),
];

/// Who plays and where, until they do.
pub(super) struct Cast<'a> {
    pub(super) runtime: &'a tokio::runtime::Runtime,
    pub(super) world: &'a World,
    pub(super) clock: &'a MovedClock,
    pub(super) drawn: &'a Path,
    pub(super) turn: usize,
}

/// Everybody, with what is theirs.
pub(super) struct Unit {
    pub(super) patrol: Vec<Patrol>,
    pub(super) desks: Vec<Person>,
    pub(super) began: Timestamp,
    /// Of the one who takes over a tablet in the evening.
    pub(super) relief: Part,
    pub(super) relief_camera: Serial,
}

pub(super) struct Patrol {
    pub(super) person: Person,
    pub(super) name: String,
    pub(super) device: DeviceId,
    pub(super) camera: Serial,
}

impl Cast<'_> {
    pub(super) fn unit(&self) -> Result<Unit, DayError> {
        let central = self.world.central.as_ref().ok_or(DayError::Gone)?;
        let admin = central.admin();
        admin.name_place(UNIT, PLACE)?;
        let now = self.clock.now();
        let offset = admin.edition().limits.utc_offset_minutes;
        let until = tomorrow(now, offset)?;
        admin.give_notice(UNIT, "Бозор атрофида эътиборли бўлинг", until)?;
        let mut patrol = Vec::new();
        for n in 0..PATROL {
            let name = format!("{} {}.", people::person(500 + n as u64).name.surname, n + 1);
            let login = format!("patrul-{:02}", n + 1);
            let officer = self.officer(&login, &name, "Сержант", Role::Patrol)?;
            let part = self.part(&login, &format!("T-{:02}", n + 1), n)?;
            let device = self.device(&format!("T-{:02}", n + 1))?;
            admin.assign_tablet(device, officer)?;
            let camera = serial(n)?;
            admin.assign_camera(&camera, officer)?;
            patrol.push(Patrol {
                person: Person::new(part, self.clock, self.runtime.handle())?,
                name,
                device,
                camera,
            });
        }
        let mut desks = Vec::new();
        for (n, (login, role, name, rank)) in DESKS.into_iter().enumerate() {
            self.officer(login, name, rank, role)?;
            let part = self.part(login, &format!("D-{login}"), n)?;
            desks.push(Person::new(part, self.clock, self.runtime.handle())?);
        }
        let login = "patrul-11";
        let officer = self.officer(login, "Кечқурунов К. К.", "Сержант", Role::Patrol)?;
        let relief_camera = serial(PATROL)?;
        admin.assign_camera(&relief_camera, officer)?;
        Ok(Unit {
            patrol,
            desks,
            began: now,
            relief: self.part(login, "T-10", PATROL)?,
            relief_camera,
        })
    }

    fn officer(
        &self,
        login: &str,
        name: &str,
        rank: &str,
        role: Role,
    ) -> Result<OfficerId, DayError> {
        let central = self.world.central.as_ref().ok_or(DayError::Gone)?;
        Ok(central.admin().create_officer(NewOfficer {
            login: login.into(),
            password: PASSWORD.into(),
            name: name.into(),
            rank: rank.into(),
            unit: UNIT.into(),
            role,
        })?)
    }

    /// A part at the tablet of that name.
    fn part(&self, login: &str, tablet: &str, n: usize) -> Result<Part, DayError> {
        Ok(Part {
            login: login.into(),
            password: PASSWORD.into(),
            pin: PIN,
            language: (n + self.turn) % 4,
            data: self.runtime.block_on(self.world.enrol(tablet))?,
            pictures: self.drawn.join(login),
        })
    }

    fn device(&self, tablet: &str) -> Result<DeviceId, DayError> {
        let central = self.world.central.as_ref().ok_or(DayError::Gone)?;
        let devices = central.admin().devices()?;
        let device = devices.into_iter().find(|device| device.name == tablet);
        Ok(device
            .ok_or(DayError::NotSo("an enrolled tablet is known"))?
            .id)
    }
}

/// The day after.
fn tomorrow(now: Timestamp, offset_minutes: i32) -> Result<Date, DayError> {
    let day = now.plus_millis(24 * 3_600_000);
    Ok(day.local_date(offset_minutes)?)
}

fn serial(n: usize) -> Result<Serial, DayError> {
    let serial = format!("AX2-{:07}", 91_700 + n).parse();
    serial.map_err(|_| DayError::NotSo("a serial number is one"))
}

/// The person who takes and gives tablets, with their own credentials.
pub(super) fn responsible() -> Other {
    let login = DESKS.get(RESPONSIBLE).map_or("", |desk| desk.0);
    Other::Person {
        login: login.into(),
        password: PASSWORD.into(),
    }
}
