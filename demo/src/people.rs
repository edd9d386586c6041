//! Invented people: names put together from lists, dates and numbers from seeds.
//!
//! The first [`WITH_FINGER`] have a synthetic finger whose picture is enrolled; the others have
//! background templates of the same statistics, so that five thousand are there in seconds.

use biometrics::face::synth;
use biometrics::finger::synth::{Finger as SyntheticFinger, Impression, background_template};
use biometrics::finger::{Template, extract};
use central::people::portrait::FaceReader;
use central::people::{NewPerson, RegisterSource};
use protocol::{Register, RegisterEntry};
use regulation::Date;
use regulation::encounter::Finger;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};

/// People whose finger the emulated scanner can show.
pub const WITH_FINGER: u64 = 8;
/// People who have a portrait, where faces are searched.
pub const WITH_PORTRAIT: u64 = 6;
/// Seeds from here on are fingers of nobody in the gallery.
pub const STRANGERS: u64 = 1_000_000;
/// Seed of the touch at enrolment; other touches differ from it.
const ENROLMENT_TOUCH: u64 = 1;

const SURNAMES: [&str; 16] = [
    "Намунаев",
    "Синовов",
    "Мисолов",
    "Тажрибаев",
    "Ўйлабтопов",
    "Хаёлиев",
    "Эртаков",
    "Афсонаев",
    "Тимсолов",
    "Қиёсов",
    "Ғаройибов",
    "Ҳикояев",
    "Достонов",
    "Масалов",
    "Чўпчаков",
    "Ривоятов",
];
const GIVEN: [&str; 12] = [
    "Намуна",
    "Синов",
    "Мисол",
    "Тажриба",
    "Ўрнак",
    "Хаёл",
    "Эртак",
    "Афсона",
    "Тимсол",
    "Қиёс",
    "Ҳикоя",
    "Достон",
];
const STREETS: [&str; 6] = ["Намуна", "Синов", "Мисол", "Тажриба", "Ўрнак", "Афсона"];

/// The registers of the demo, each with its source and the day of its state.
#[must_use]
pub fn registers() -> Vec<RegisterSource> {
    Register::ALL
        .iter()
        .map(|register| RegisterSource {
            register: *register,
            source: match register {
                Register::Wanted | Register::Missing => "ИИВ (ўқув)",
                Register::Convicted => "ИИВ АМ (ўқув)",
                Register::Probation => "Пробация хизмати (ўқув)",
                Register::Supervision | Register::Preventive => "ИИБ профилактика (ўқув)",
            }
            .to_owned(),
            as_of: date(2026, 11, 20),
        })
        .collect()
}

/// Person number `n`, the same at every call.
#[must_use]
pub fn person(n: u64) -> NewPerson {
    let pick = |list: &[&'static str], salt: u64| -> &'static str {
        let at = mix(n, salt) as usize % list.len().max(1);
        list.get(at).copied().unwrap_or_default()
    };
    let patronymic = format!("{} ўғли", pick(&GIVEN, 3));
    let birth = date(
        1950 + (mix(n, 4) % 55) as i16,
        1 + (mix(n, 5) % 12) as u8,
        1 + (mix(n, 6) % 28) as u8,
    );
    NewPerson {
        id: format!("invented-{n:06}"),
        name: PersonName {
            surname: pick(&SURNAMES, 1).to_owned(),
            given: pick(&GIVEN, 2).to_owned(),
            patronymic: Some(patronymic),
        },
        birth_date: BirthDate(birth),
        address: format!(
            "Намуна ш., {} кўчаси, {}-уй",
            pick(&STREETS, 7),
            1 + mix(n, 8) % 200
        ),
        pinfl: Some(pinfl(n, birth)),
        documents: vec![document(n)],
        entries: entries(n),
        prints: vec![(Finger::RightIndex, template(n))],
        portrait: None,
    }
}

/// Person `n` with a portrait of the head that [`head`] names: rendered, nobody's. Without one where
/// it is not found in its own picture.
#[must_use]
pub fn with_portrait(n: u64, reader: &FaceReader) -> NewPerson {
    let picture = synth::Scene::of(synth::Person::new(head(n))).render();
    let portrait = reader.portrait(&synth::encode_png(&picture.view()));
    NewPerson {
        portrait: portrait.ok(),
        ..person(n)
    }
}

/// The number of person `n`'s rendered head; heads of [`STRANGERS`] are nobody's in the gallery.
#[must_use]
pub fn head(n: u64) -> u64 {
    11 * (n + 1)
}

/// The number of person `n`'s invented ID card.
#[must_use]
pub fn document(n: u64) -> DocumentNumber {
    DocumentNumber(format!("ZZ{:07}", n % 10_000_000))
}

fn template(n: u64) -> Template {
    if n < WITH_FINGER {
        let picture =
            SyntheticFinger::from_seed(n).impression(&Impression::ordinary(ENROLMENT_TOUCH));
        if let Ok(template) = extract(&picture) {
            return template;
        }
    }
    background_template(n)
}

/// Person 1 is wanted, 2 missing, 3 convicted (spent) and on the preventive register, 4 under
/// supervision, 5 on probation; 0, 6 and 7 are on none. Of the others, a few here and there.
fn entries(n: u64) -> Vec<RegisterEntry> {
    let registers: &[Register] = match n {
        1 => &[Register::Wanted, Register::Convicted],
        2 => &[Register::Missing],
        3 => &[Register::Convicted, Register::Preventive],
        4 => &[Register::Supervision],
        5 => &[Register::Probation],
        0 | 6 | 7 => &[],
        _ => match mix(n, 9) % 100 {
            0 => &[Register::Wanted],
            1 => &[Register::Missing],
            2..=5 => &[Register::Convicted],
            6 | 7 => &[Register::Preventive],
            8 => &[Register::Probation],
            9 => &[Register::Supervision],
            _ => &[],
        },
    };
    let sources = self::registers();
    registers
        .iter()
        .map(|register| RegisterEntry {
            register: *register,
            source: sources
                .iter()
                .find(|s| s.register == *register)
                .map(|s| s.source.clone())
                .unwrap_or_default(),
            date: date(
                2015 + (mix(n, 10) % 11) as i16,
                1 + (mix(n, 11) % 12) as u8,
                14,
            ),
            spent: (*register == Register::Convicted)
                .then_some(n == 3 || mix(n, 12).is_multiple_of(2)),
            note: None,
        })
        .collect()
}

/// Fourteen digits with the check digit right; every person here is a man born in his century.
#[must_use]
pub fn pinfl(n: u64, birth: Date) -> Pinfl {
    let century = if birth.year() >= 2000 { 5 } else { 3 };
    let body = format!(
        "{century}{:02}{:02}{:02}{:03}{:03}",
        birth.day(),
        birth.month(),
        birth.year() % 100,
        n / 1000 % 1000,
        n % 1000
    );
    let sum: u32 = body
        .bytes()
        .zip([7, 3, 1].iter().cycle())
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    Pinfl(format!("{body}{}", sum % 10))
}

fn date(year: i16, month: u8, day: u8) -> Date {
    // Every caller keeps within the calendar; the first of January stands in otherwise.
    Date::new(year, month, day).unwrap_or_else(|_| date(year.clamp(1, 9999), 1, 1))
}

/// SplitMix64: one number a seed and salt.
fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed
        .wrapping_add(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(1);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn invented_people_pass_the_products_own_checks() {
        for n in 8..500 {
            let person = person(n);
            let (pinfl, warnings) = Pinfl::parse(&person.pinfl.unwrap().0).unwrap();
            assert!(warnings.is_empty(), "person {n}: {warnings:?}");
            assert!(pinfl.warnings_against(&person.birth_date).is_empty());
        }
    }

    #[test]
    fn person_one_is_wanted_and_person_zero_is_on_no_register() {
        assert!(entries(1).iter().any(|e| e.register == Register::Wanted));
        assert!(entries(0).is_empty());
    }
}
