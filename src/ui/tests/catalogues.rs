//! Every text in every language.

use super::wires::{read, root, slint_files};
use std::collections::BTreeMap;

/// Text and its plural.
type Key = (String, Option<String>);

const CATALOGUES: [(&str, usize); 3] = [("uz", 2), ("uz_Latn", 2), ("ru", 3)];

/// The string literal at the beginning of `text`, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let rest = text.trim_start().strip_prefix('"')?;
    let end = rest.find('"')?;
    assert!(
        !rest[..end].ends_with('\\'),
        "escaped quotes are not read here: {rest}"
    );
    Some((rest[..end].to_owned(), &rest[end + 1..]))
}

/// What the pages ask a translation for.
fn asked() -> Vec<Key> {
    let mut keys = Vec::new();
    for file in slint_files() {
        let text = read(&file);
        for (at, mark) in text.match_indices("@tr(") {
            let (id, rest) = literal(&text[at + mark.len()..]).unwrap();
            let plural = rest
                .trim_start()
                .strip_prefix('|')
                .and_then(literal)
                .map(|(p, _)| p);
            keys.push((id, plural));
        }
    }
    keys.sort();
    keys.dedup();
    assert!(keys.len() > 200, "{}", keys.len());
    keys
}

fn catalogue(language: &str) -> BTreeMap<Key, Vec<String>> {
    let text = read(&root().join("lang").join(language).join("LC_MESSAGES/ui.po"));
    assert!(!text.contains("fuzzy"), "{language}");
    let mut entries = BTreeMap::new();
    for block in text.split("\n\n").skip(1) {
        let (mut id, mut plural, mut forms) = (None, None, Vec::new());
        for line in block.lines().filter(|l| !l.starts_with('#')) {
            let (word, rest) = line.split_once(' ').unwrap();
            let value = literal(rest).unwrap().0;
            match word {
                "msgid" => id = Some(value),
                "msgid_plural" => plural = Some(value),
                word if word.starts_with("msgstr") => forms.push(value),
                other => panic!("{other}"),
            }
        }
        if let Some(id) = id {
            assert!(
                entries.insert((id.clone(), plural), forms).is_none(),
                "{id} twice"
            );
        }
    }
    entries
}

#[test]
fn every_text_is_in_every_catalogue_and_no_other_is() {
    let asked = asked();
    for (language, plurals) in CATALOGUES {
        let entries = catalogue(language);
        for key in &asked {
            let forms = entries
                .get(key)
                .unwrap_or_else(|| panic!("{language}: {key:?}"));
            assert_eq!(
                forms.len(),
                if key.1.is_some() { plurals } else { 1 },
                "{key:?}"
            );
            assert!(
                forms.iter().all(|f| !f.trim().is_empty()),
                "{language}: {key:?}"
            );
        }
        let unused: Vec<_> = entries.keys().filter(|k| !asked.contains(k)).collect();
        assert!(unused.is_empty(), "{language}: {unused:?}");
    }
}

#[test]
fn placeholders_survive_translation() {
    let holders = |text: &str| {
        let mut found: Vec<_> = ["{0}", "{1}", "{n}"]
            .into_iter()
            .filter(|h| text.contains(h))
            .collect();
        found.sort_unstable();
        found
    };
    for (language, _) in CATALOGUES {
        for ((id, _), forms) in catalogue(language) {
            for form in forms {
                assert_eq!(holders(&id), holders(&form), "{language}: {id}");
            }
        }
    }
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{4ff}').contains(&c)
}

/// Words that stay as they are in every script.
const KEPT: [&str; 4] = ["MRZ", "ID", "SHA", "n"];

#[test]
fn scripts_do_not_mix() {
    for (language, _) in CATALOGUES {
        for ((id, _), forms) in catalogue(language) {
            for word in forms
                .iter()
                .flat_map(|f| f.split(|c: char| !c.is_alphabetic()))
            {
                let cyrillic = word.chars().any(is_cyrillic);
                let latin = word.chars().any(|c| c.is_ascii_alphabetic());
                assert!(!(cyrillic && latin), "{language}: {word} in {id}");
                let wrong = if language == "uz_Latn" {
                    cyrillic
                } else {
                    latin
                };
                assert!(!wrong || KEPT.contains(&word), "{language}: {word} in {id}");
            }
        }
    }
}

#[test]
fn letters_are_those_of_the_language() {
    // Uzbek Cyrillic has no щ and ы, Russian no ў қ ғ ҳ; apostrophes of Uzbek Latin are letters.
    let foreign = |language: &str, c: char| match language {
        "uz" => "щыЩЫ".contains(c),
        "ru" => "ўқғҳЎҚҒҲ".contains(c),
        _ => "'`’‘".contains(c),
    };
    for (language, _) in CATALOGUES {
        for (key, forms) in catalogue(language) {
            let found = forms
                .iter()
                .any(|f| f.chars().any(|c| foreign(language, c)));
            assert!(!found, "{language}: {key:?}");
        }
    }
}

#[test]
fn terms_are_those_of_the_regulation() {
    let said = |language: &str, id: &str| {
        let key = (id.to_owned(), None);
        catalogue(language).get(&key).unwrap()[0].clone()
    };
    for (id, uz, latin, ru) in [
        (
            "No connection, answer pending",
            "Алоқа йўқ, жавоб кутилмоқда",
            "Aloqa yoʻq, javob kutilmoqda",
            "Нет связи, ожидается ответ",
        ),
        (
            "Person not found",
            "Шахс топилмади",
            "Shaxs topilmadi",
            "Лицо не найдено",
        ),
        (
            "Fingerprint",
            "Бармоқ изи",
            "Barmoq izi",
            "Отпечаток пальца",
        ),
        ("E-patrul", "Е-патруль", "E-patrul", "Е-патруль"),
    ] {
        assert_eq!(said("uz", id), uz);
        assert_eq!(said("uz_Latn", id), latin);
        assert_eq!(said("ru", id), ru);
    }
}
