use super::walk::edition;
use regulation::Edition;
use regulation::edition::{CaseFits, EditionError, ReasonNeeds, Text};
use regulation::encounter::Language;

const FILE: &str = include_str!("../../editions/399-2022-07-22.toml");

fn texts(edition: &Edition) -> Vec<&Text> {
    let mut all = vec![
        &edition.title,
        &edition.words_introduce,
        &edition.words_explain,
    ];
    all.extend(edition.grounds.iter().flat_map(|c| [&c.title, &c.detail]));
    all.extend(edition.no_fingerprint_reasons.iter().map(|r| &r.title));
    all.extend(
        edition
            .station_cases
            .iter()
            .flat_map(|c| [&c.title, &c.detail]),
    );
    all.extend(edition.reminders.iter().map(|r| &r.text));
    let receipt = &edition.receipt;
    all.extend([
        &receipt.title,
        &receipt.officer,
        &receipt.unit,
        &receipt.place,
        &receipt.time,
        &receipt.ground,
        &receipt.number,
        &receipt.complaint,
        &receipt.complain,
    ]);
    all.extend(edition.camera_battery.iter().map(|b| &b.title));
    all
}

#[test]
fn the_shipped_edition_is_resolution_399() {
    let edition = edition();
    assert_eq!(edition.id, "399-2022-07-22");
    let ids: Vec<_> = edition.grounds.iter().map(|g| g.id.as_str()).collect();
    assert_eq!(ids, ["suspicion", "witness", "other_lawful"]);
    let limits = &edition.limits;
    assert_eq!(limits.pending_limit_ms(), 600_000);
    assert_eq!(limits.question_expires_seconds, 43_200);
    assert_eq!(limits.fingerprint_attempts, 4);
    assert_eq!(limits.fingerprint_same_finger, 2);
    assert_eq!(limits.fingerprint_seconds, 90);
    assert_eq!(limits.capture_timeout_seconds, 15);
    assert_eq!(limits.fingerprint_quality, 40);
    assert_eq!(limits.text_chars, 500);
    assert_eq!(limits.probe_retention_days, 30);
    assert_eq!(limits.utc_offset_minutes, 300);
    let steps: Vec<_> = edition.reminders.iter().map(|r| r.step.as_str()).collect();
    assert_eq!(steps, ["introduce", "ground", "document", "fingerprint"]);
}

#[test]
fn choices_are_found_by_their_ids_and_no_others() {
    let edition = edition();
    for ground in &edition.grounds {
        assert_eq!(edition.ground(&ground.id), Some(ground));
    }
    for reason in &edition.no_fingerprint_reasons {
        assert_eq!(edition.no_fingerprint_reason(&reason.id), Some(reason));
        assert_eq!(reason.review, reason.id == "refusal");
        let needs = match reason.id.as_str() {
            "quality" => ReasonNeeds::FailedAttempts,
            "no_match" => ReasonNeeds::NoMatch,
            "other" => ReasonNeeds::Note,
            _ => ReasonNeeds::Nothing,
        };
        assert_eq!(reason.needs, needs);
    }
    let fits: Vec<_> = edition.station_cases.iter().map(|c| c.fits).collect();
    assert_eq!(
        fits,
        [
            CaseFits::CannotIdentify,
            CaseFits::WantedOrMissing,
            CaseFits::Resisted,
            CaseFits::CaughtOffending,
        ]
    );
    for case in &edition.station_cases {
        assert_eq!(edition.station_case(&case.id), Some(case));
    }
    assert_eq!(edition.ground("resisted"), None);
    assert_eq!(edition.no_fingerprint_reason("witness"), None);
    assert_eq!(edition.station_case("injury"), None);
}

#[test]
fn grounds_and_cases_are_the_regulations_own_words() {
    // §8 and §9, without the punctuation that joins them in the text.
    let edition = edition();
    let details: Vec<_> = edition
        .grounds
        .iter()
        .map(|g| g.detail.uz_cyrl.as_str())
        .collect();
    assert_eq!(
        details,
        [
            "шахс жиноят ёки маъмурий ҳуқуқбузарлик содир этган ёхуд қидирувда деб гумон қилиш учун асослар мавжуд бўлганда",
            "шахсни содир этилган жиноят ёки маъмурий ҳуқуқбузарлик ҳақида маълумотга эга деб ҳисоблаш мумкин бўлганда",
            "қонунчиликка мувофиқ шахсни ушлаб туриш учун бошқа қонуний асослар мавжуд бўлганда",
        ]
    );
    let details: Vec<_> = edition
        .station_cases
        .iter()
        .map(|g| g.detail.uz_cyrl.as_str())
        .collect();
    assert_eq!(
        details,
        [
            "унинг шахсини планшет орқали аниқлаш имкони бўлмаган ҳолларда",
            "қидирувда бўлган ёки бедарак йўқолган шахслар аниқланган ҳолларда",
            "шахсига аниқлик киритиш жараёнида қаршилик кўрсатган ҳолларда",
            "жамоат жойларида ҳуқуқбузарлик содир этиш вақтида ушланган ҳолларда (жойида маъмурий баённома тузиладиган ҳоллар бундан мустасно)",
        ]
    );
}

/// Official Latin spelling, letter by letter.
fn latin(cyrillic: &str) -> String {
    let mut latin = String::new();
    let mut before = ' ';
    for c in cyrillic.chars() {
        let vowel = "аеёиоуўэюяАЕЁИОУЎЭЮЯ".contains(before);
        let low: String = match c.to_lowercase().next().unwrap_or(c) {
            'а' => "a",
            'б' => "b",
            'в' => "v",
            'г' => "g",
            'д' => "d",
            'ё' => "yo",
            'ж' => "j",
            'з' => "z",
            'и' => "i",
            'й' => "y",
            'к' => "k",
            'л' => "l",
            'м' => "m",
            'н' => "n",
            'о' => "o",
            'п' => "p",
            'р' => "r",
            'с' => "s",
            'т' => "t",
            'у' => "u",
            'ф' => "f",
            'х' => "x",
            'ч' => "ch",
            'ш' => "sh",
            'ъ' => "ʼ",
            'э' => "e",
            'ю' => "yu",
            'я' => "ya",
            'ў' => "oʻ",
            'қ' => "q",
            'ғ' => "gʻ",
            'ҳ' => "h",
            'ь' => "",
            'е' if vowel || !before.is_alphabetic() => "ye",
            'е' => "e",
            'ц' => "ts",
            other => {
                latin.push(other);
                before = other;
                continue;
            }
        }
        .into();
        if c.is_uppercase() {
            let mut letters = low.chars();
            latin.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            latin.extend(letters);
        } else {
            latin.push_str(&low);
        }
        before = c;
    }
    latin
}

#[test]
fn the_latin_text_is_the_cyrillic_one_letter_by_letter() {
    for text in texts(&edition()) {
        assert_eq!(text.uz_latn, latin(&text.uz_cyrl));
    }
}

#[test]
fn every_language_keeps_to_its_script() {
    for text in texts(&edition()) {
        let cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c);
        let inside = |t: &str| {
            // Placeholders are the program's, not the language's.
            ["{rank}", "{name}", "{unit}", "{ground}"]
                .iter()
                .fold(t.to_owned(), |t, p| t.replace(p, ""))
        };
        for t in [&text.uz_cyrl, &text.ru] {
            assert!(!inside(t).chars().any(|c| c.is_ascii_alphabetic()), "{t}");
        }
        for t in [&text.uz_latn, &text.en] {
            assert!(!inside(t).chars().any(cyrillic), "{t}");
        }
        assert!(
            !text.uz_latn.contains(['\'', '‘', '’', '`']),
            "{}",
            text.uz_latn
        );
        assert!(!text.ru.contains(['ў', 'қ', 'ғ', 'ҳ']), "{}", text.ru);
    }
}

#[test]
fn the_person_being_checked_is_never_called_a_suspect() {
    for text in texts(&edition()) {
        assert!(!text.en.to_lowercase().contains("suspect"), "{}", text.en);
        assert!(
            !text.ru.to_lowercase().contains("подозреваем"),
            "{}",
            text.ru
        );
        assert!(
            !text.uz_latn.to_lowercase().contains("gumondor"),
            "{}",
            text.uz_latn
        );
    }
}

#[test]
fn the_words_to_say_have_their_placeholders_in_every_language() {
    let edition = edition();
    for language in Language::ALL {
        let introduce = edition.words_introduce.get(language);
        assert!(
            ["{rank}", "{name}", "{unit}"]
                .iter()
                .all(|p| introduce.contains(p))
        );
        assert!(edition.words_explain.get(language).contains("{ground}"));
    }
    let title = &edition.grounds[0].title;
    let all = Language::ALL.map(|l| title.get(l));
    assert_eq!(all, [&title.uz_cyrl, &title.uz_latn, &title.ru, &title.en]);
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
fn an_incomplete_edition_is_not_taken() {
    assert_eq!(refused("id = \"399", "id = \"399"), "taken");
    let doubled = "an id stands twice";
    assert_eq!(refused("id = \"witness\"", "id = \"suspicion\""), doubled);
    assert_eq!(refused("id = \"injury\"", "id = \"refusal\""), doubled);
    assert_eq!(
        refused("id = \"resisted\"", "id = \"cannot_identify\""),
        doubled
    );
    for text in [
        "Grounds for suspicion",
        "Scanner fault",
        "Resistance",
        "Wanted or missing",
        "Be courteous. Fingerprint first; where that is not possible, record the reason and take a frontal picture of the face.",
        "in cases of resistance while identity was being clarified",
        "there are other lawful grounds, under the legislation, for the detention of the person",
    ] {
        assert_eq!(
            refused(&format!("en = \"{text}\""), "en = \" \""),
            "a text is empty"
        );
    }
    let long = format!("en = \"{}\"", "a".repeat(161));
    let complain = FILE
        .lines()
        .find(|l| l.starts_with("en = \"Turn to the duty unit"))
        .unwrap();
    assert_eq!(refused(complain, &long), "a text is too long for a receipt");
    assert_eq!(refused(complain, "en = \" \""), "a text is empty");
    let title = "en = \"Grounds for suspicion\"";
    let fits = format!("en = \"{}\"", "a".repeat(80));
    assert_eq!(refused(title, &fits), "taken");
    let long = format!("en = \"{}\"", "a".repeat(81));
    assert_eq!(refused(title, &long), "a text is too long for a receipt");
    for placeholder in ["{rank}", "{name}", "{unit}", "{ground}"] {
        let words = "words to say lack a placeholder";
        let at = FILE
            .lines()
            .find(|l| l.contains(placeholder) && l.starts_with("ru"))
            .unwrap();
        assert_eq!(refused(at, &at.replace(placeholder, "")), words);
    }
    for (from, to) in [
        ("pending_limit_seconds = 600", "pending_limit_seconds = 0"),
        (
            "question_expires_seconds = 43200",
            "question_expires_seconds = 599",
        ),
        ("fingerprint_attempts = 4", "fingerprint_attempts = 0"),
        ("fingerprint_same_finger = 2", "fingerprint_same_finger = 0"),
        ("fingerprint_seconds = 90", "fingerprint_seconds = 0"),
        (
            "capture_timeout_seconds = 15",
            "capture_timeout_seconds = 0",
        ),
        ("fingerprint_quality = 40", "fingerprint_quality = 101"),
        ("text_chars = 500", "text_chars = 0"),
        ("utc_offset_minutes = 300", "utc_offset_minutes = 841"),
        ("utc_offset_minutes = 300", "utc_offset_minutes = -841"),
        ("camera_carried_hours = 12", "camera_carried_hours = 0"),
        ("dock_minutes = 3", "dock_minutes = 0"),
        ("other_means_days = 3", "other_means_days = 0"),
    ] {
        assert_eq!(refused(from, to), "a limit makes no sense", "{to}");
    }
    for (from, to) in [
        (
            "question_expires_seconds = 43200",
            "question_expires_seconds = 600",
        ),
        ("fingerprint_quality = 40", "fingerprint_quality = 100"),
        ("utc_offset_minutes = 300", "utc_offset_minutes = 840"),
    ] {
        assert_eq!(refused(from, to), "taken", "{to}");
    }
    for (from, to) in [
        ("from_percent = 80", "from_percent = 59"),
        ("from_percent = 80", "from_percent = 101"),
        ("from_percent = 60", "from_percent = 80"),
        ("from_percent = 0", "from_percent = 1"),
    ] {
        let steps = "steps of a battery make no sense";
        assert_eq!(refused(from, to), steps, "{to}");
    }
    assert_eq!(
        refused("\"phone\", \"other\"", "\"phone\", \"drum\""),
        "a private device is none"
    );
    assert_eq!(
        refused("text_chars = 500", "text_chars = 500\nnew = 1"),
        "unreadable"
    );
    assert_eq!(refused("review = true", "review = 1"), "unreadable");
}

#[test]
fn an_edition_without_a_list_is_not_taken() {
    for list in ["grounds", "no_fingerprint_reasons", "station_cases"] {
        let mut table: toml::Table = FILE.parse().unwrap();
        table.insert(list.into(), toml::Value::Array(Vec::new()));
        let emptied = toml_text(&table);
        let error = Edition::parse(&emptied).unwrap_err();
        assert!(
            matches!(error, EditionError::Incomplete("a list is empty")),
            "{error}"
        );
    }
}

/// TOML values are written as they are read, but for tables, which are written inline.
fn toml_text(table: &toml::Table) -> String {
    fn write(value: &toml::Value) -> String {
        match value {
            toml::Value::Table(t) => {
                let inside: Vec<_> = t
                    .iter()
                    .map(|(k, v)| format!("{k:?} = {}", write(v)))
                    .collect();
                format!("{{{}}}", inside.join(", "))
            }
            toml::Value::Array(a) => {
                format!("[{}]", a.iter().map(write).collect::<Vec<_>>().join(", "))
            }
            toml::Value::String(s) => format!("{:?}", s),
            other => match other {
                toml::Value::Integer(n) => n.to_string(),
                toml::Value::Boolean(b) => b.to_string(),
                _ => panic!("no such value in an edition"),
            },
        }
    }
    table
        .iter()
        .map(|(k, v)| format!("{k} = {}\n", write(v)))
        .collect()
}

#[test]
fn p17_the_labels_are_the_texts_own_to_the_letter() {
    let labels = edition().camera_labels;
    assert_eq!(labels.uz, "Диққат! Аудио ва видео ёзиб олинмоқда");
    assert_eq!(labels.ru, "Внимание! Ведется аудио и видеозапись");
    assert_eq!(
        labels.en,
        "Attention! Audio and video recording in progress"
    );
}

#[test]
fn p20_rest_and_meals_and_nothing_else_are_reasons_for_a_pause() {
    let edition = edition();
    let ids: Vec<_> = edition
        .pause_reasons
        .iter()
        .map(|r| (r.id.as_str(), r.title.uz_cyrl.as_str()))
        .collect();
    assert_eq!(ids, [("rest", "Дам олиш"), ("meal", "Овқатланиш")]);
    for list in [
        &edition.pause_reasons,
        &edition.camera_faults,
        &edition.recording_devices,
    ] {
        assert!(!list.is_empty());
    }
    assert!(edition.camera_fault("flat_battery").is_some(), "§21");
    assert!(edition.recording_device("phone").is_some(), "§32");
    assert!(edition.pause_reason("smoke").is_none());
}
