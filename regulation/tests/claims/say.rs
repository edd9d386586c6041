//! What is said to the person: cards of the edition.

use super::walk::edition;
use regulation::Edition;
use regulation::edition::EditionError;
use regulation::encounter::Language;
use regulation::say::{SAY_CHARS, SayStep};
use regulation::script::latin;

const FILE: &str = include_str!("../../editions/399-2022-07-22.toml");

#[test]
fn the_rights_of_the_person_and_the_reason_for_the_finger_are_told() {
    let edition = edition();
    let ids: Vec<_> = edition.say.iter().map(|c| c.id.as_str()).collect();
    let due = [
        "finger",
        "print",
        "reasons",
        "service_id",
        "documents",
        "not_me",
        "refusal",
        "complain",
    ];
    assert_eq!(ids, due);
    let step = |id: &str| edition.say.iter().find(|c| c.id == id).unwrap().step;
    assert_eq!(step("finger"), Some(SayStep::Fingerprint));
    assert_eq!(step("reasons"), Some(SayStep::Ground));
    for card in &edition.say {
        if let Some(number) = card.paragraph {
            assert!(edition.law.paragraph(number).is_some(), "{}", card.id);
        }
    }
}

#[test]
fn a_card_is_in_four_languages_and_keeps_to_their_scripts() {
    for card in &edition().say {
        assert_eq!(card.text.uz_latn, latin(&card.text.uz_cyrl), "{}", card.id);
        for language in Language::ALL {
            let text = card.text.filled(language, "4");
            assert!(text.chars().count() > 60 && text.chars().count() <= SAY_CHARS);
            assert!(text.ends_with('.') && !text.contains(['{', '}']), "{text}");
        }
        let (ru, en) = (&card.text.ru, &card.text.en);
        assert!(!ru.contains(['ў', 'қ', 'ғ', 'ҳ']), "{ru}");
        assert!(
            !en.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c)),
            "{en}"
        );
        assert!(
            card.text.kaa.is_none(),
            "a translation that nobody has checked"
        );
    }
}

#[test]
fn no_card_says_what_is_not_done_or_names_a_register() {
    // What a register may hold of a person (§3), and terms that nothing in the program keeps.
    for card in &edition().say {
        for word in ["wanted", "convict", "probation", "supervis", "days"] {
            assert!(!card.text.en.to_lowercase().contains(word), "{}", card.id);
        }
        for word in ["розыск", "судим", "пробац", "надзор", "подозрева"]
        {
            assert!(!card.text.ru.to_lowercase().contains(word), "{}", card.id);
        }
    }
}

#[test]
fn the_explanation_with_any_ground_fits_on_a_card() {
    let edition = edition();
    for ground in &edition.grounds {
        for language in Language::ALL {
            let words = edition.words_explain.get(language);
            let said = words.replace("{ground}", ground.detail.get(language));
            assert!(said.chars().count() <= SAY_CHARS, "{said}");
        }
    }
}

fn refused(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    match Edition::parse(&FILE.replacen(from, to, 1)) {
        Err(EditionError::Incomplete(what)) => what.into(),
        Err(EditionError::Unreadable(_)) => "unreadable".into(),
        Ok(_) => "taken".into(),
    }
}

#[test]
fn cards_that_make_no_sense_are_not_taken() {
    let doubled = "an id stands twice";
    assert_eq!(refused("id = \"not_me\"", "id = \"print\""), doubled);
    assert_eq!(
        refused("step = \"ground\"\n[say", "step = \"fingerprint\"\n[say"),
        doubled
    );
    assert_eq!(
        refused("step = \"ground\"\n[say", "step = \"later\"\n[say"),
        "unreadable"
    );
    let en = FILE
        .lines()
        .find(|l| l.starts_with("en = \"You may ask why"))
        .unwrap();
    assert_eq!(refused(en, "en = \" \""), "a text is empty");
    let long = |n| format!("en = \"{}\"", "a".repeat(n));
    assert_eq!(refused(en, &long(SAY_CHARS)), "taken");
    assert_eq!(refused(en, &long(SAY_CHARS + 1)), "a card is too long");
    let unknown = "a card has an unknown placeholder";
    assert_eq!(refused(en, "en = \"{name}\""), unknown);
    let some = format!("{en}\nkaa = \"a\"");
    assert_eq!(refused(en, &some), "Karakalpak is on some cards alone");
    // The slot is there: on every card it is taken.
    let mut all = FILE.to_owned();
    for card in FILE.split("[say.text]").skip(1) {
        let line = card.lines().find(|l| l.starts_with("en = ")).unwrap();
        all = all.replacen(line, &format!("{line}\nkaa = \"a\""), 1);
    }
    assert!(Edition::parse(&all).is_ok());
    let empty = all.replacen("kaa = \"a\"", "kaa = \"\"", 1);
    assert!(Edition::parse(&empty).is_err());
}
