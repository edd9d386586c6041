//! The invented people of a training: those of the demo, changed where a situation wants it.

use crate::scenario::Who;
use central::people::NewPerson;
use central::people::portrait::FaceReader;
use central::{Admin, Config, NewOfficer};
use demo::people;
use demo::world::WorldError;
use protocol::Role;
use regulation::Date;
use regulation::encounter::Person;
use regulation::identity::BirthDate;

/// People of the gallery who are in no situation, so that a search is one.
pub const BACKGROUND: u64 = 300;
const UNIT: &str = "Ўқув бўлинмаси";

/// Who logs in.
#[derive(Clone)]
pub struct Trainee {
    pub login: String,
    pub password: String,
}

impl std::fmt::Debug for Trainee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trainee(..)")
    }
}

/// The number of the demo's person.
fn number(who: Who) -> u64 {
    Who::ALL.iter().position(|w| *w == who).unwrap_or_default() as u64
}

/// The finger that the person lays on the glass.
#[must_use]
pub fn finger(who: Who) -> u64 {
    number(who)
}

/// The person's rendered head.
#[must_use]
pub fn head(who: Who) -> u64 {
    people::head(number(who))
}

/// As the gallery has them, without a portrait.
#[must_use]
pub fn person(who: Who) -> NewPerson {
    let n = number(who);
    let mut person = people::person(n);
    match who {
        Who::MissingChild => {
            if let Ok(birth) = Date::new(2016, 5, 14) {
                person.birth_date = BirthDate(birth);
                person.pinfl = Some(people::pinfl(n, birth));
            }
        }
        Who::NoPatronymic => person.name.patronymic = None,
        Who::Injured | Who::Documented => {
            person.entries.clear();
            person.prints.clear();
        }
        Who::Clear
        | Who::Wanted
        | Who::Convicted
        | Who::Supervised
        | Who::Probation
        | Who::Unremarkable => {}
    }
    person
}

/// What the person's document says.
#[must_use]
pub fn shown(who: Who) -> Person {
    let person = person(who);
    Person {
        name: person.name,
        birth_date: person.birth_date,
    }
}

/// The number of the person's document.
#[must_use]
pub fn document(who: Who) -> String {
    people::document(number(who)).0
}

/// Fills a central of training: the trainee, the people of the situations, and others.
///
/// # Errors
/// Central's store cannot be written, or the login does not fit.
pub fn fill(admin: &Admin, config: &Config, trainee: &Trainee) -> Result<(), WorldError> {
    let failed = |error: &dyn std::fmt::Display| WorldError::Central(error.to_string());
    if admin.officer_by_login(&trainee.login).is_err() {
        let officer = NewOfficer {
            login: trainee.login.clone(),
            password: trainee.password.clone(),
            name: trainee.login.clone(),
            rank: "Сержант".into(),
            unit: UNIT.into(),
            role: Role::Patrol,
        };
        admin.create_officer(officer).map_err(|e| failed(&e))?;
    }
    let others = Who::ALL.len() as u64..Who::ALL.len() as u64 + BACKGROUND;
    if admin.people_count().map_err(|e| failed(&e))? >= others.end {
        return Ok(());
    }
    let reader = config.embedder().map(|model| FaceReader::new(Some(&model)));
    let reader = reader.transpose().map_err(|e| failed(&e))?;
    let cast = Who::ALL.into_iter().map(|who| NewPerson {
        portrait: reader
            .as_ref()
            .and_then(|reader| people::with_portrait(number(who), reader).portrait),
        ..person(who)
    });
    admin
        .import(&people::registers(), cast.chain(others.map(people::person)))
        .map_err(|e| failed(&e))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use protocol::Register;

    #[test]
    fn the_people_of_the_situations_are_as_they_are_called() {
        let on = |who, register| person(who).entries.iter().any(|e| e.register == register);
        assert!(on(Who::Wanted, Register::Wanted));
        assert!(on(Who::MissingChild, Register::Missing));
        assert!(on(Who::Convicted, Register::Preventive));
        assert!(on(Who::Supervised, Register::Supervision));
        assert!(on(Who::Probation, Register::Probation));
        for who in [
            Who::Clear,
            Who::NoPatronymic,
            Who::Unremarkable,
            Who::Injured,
            Who::Documented,
        ] {
            assert!(person(who).entries.is_empty(), "{who:?}");
        }
        let child = person(Who::MissingChild);
        assert!(child.birth_date.0.year() >= 2014);
        let warnings = child.pinfl.unwrap().warnings_against(&child.birth_date);
        assert!(warnings.is_empty());
        let patronymic = |who| shown(who).name.patronymic.is_some();
        assert!(!patronymic(Who::NoPatronymic) && patronymic(Who::Clear));
    }
}
