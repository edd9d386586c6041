//! What a document says beside a register, and a zone while it is typed.

use super::identity::{TD1, td3};
use proptest::prelude::*;
use regulation::encounter::DocumentKind;
use regulation::identity::*;

fn name(surname: &str, given: &str, patronymic: Option<&str>) -> PersonName {
    PersonName {
        surname: surname.into(),
        given: given.into(),
        patronymic: patronymic.map(str::to_owned),
    }
}

fn surnames_by(document: DocumentKind, stated: &str, register: &str) -> Likeness {
    let likeness = compare_names(
        &name(stated, "A", None),
        &name(register, "A", None),
        document,
    );
    likeness.surname.unwrap()
}

fn surnames(stated: &str, register: &str) -> Likeness {
    surnames_by(DocumentKind::IdCard, stated, register)
}

#[test]
fn a_zone_spells_a_cyrillic_name_by_each_of_the_rules_in_use() {
    for (stated, register) in [
        ("KARIMOV", "Каримов"),
        ("XOJIYEV", "Хожиев"),
        ("HOJIEV", "Ҳожиев"),
        ("KHODJIEV", "Ҳожиев"),
        ("TOSHMATOV", "Тошматов"),
        ("TASHMATOV", "Тошматов"),
        ("YULDASHEV", "Йўлдошев"),
        ("YOLDOSHEV", "Йўлдошев"),
        ("GULOMOV", "Ғуломов"),
        ("GHULOMOV", "Ғуломов"),
        ("QODIROV", "Қодиров"),
        ("KADIROV", "Қодиров"),
        ("JURAEV", "Жўраев"),
        ("DJURAEV", "Жўраев"),
        ("JORAYEV", "Жўраев"),
        ("IUNUSOV", "Юнусов"),
        ("SHCHERBAKOV", "Щербаков"),
        ("TSOY", "Цой"),
        ("SOI", "Цой"),
        ("MAKSIMOVA", "Максимова"),
        ("MAXIMOVA", "Максимова"),
        ("DJALILOV", "Джалилов"),
        ("JALILOV", "Джалилов"),
        ("SOLOVEVA", "Соловьева"),
        ("O'KTAMOV", "Ўктамов"),
        ("OKTAMOV", "Oʻktamov"),
        ("UKTAMOV", "Oʻktamov"),
        ("KHAKIMOV", "Hakimov"),
        ("Каримов", "Karimov"),
        ("каримов", "КАРИМОВ"),
        ("Петров Водкин", "Петров-Водкин"),
        ("NAMUNAEV", "Намунаев"),
        ("AGZAMOV", "Аъзамов"),
    ] {
        assert_eq!(
            surnames(stated, register),
            Likeness::Same,
            "{stated} {register}"
        );
    }
}

#[test]
fn what_the_rules_leave_open_is_to_be_compared_by_eye() {
    for (stated, register) in [
        // Typed without the letters that the keyboard lacked, or through Russian.
        ("Кодиров", "Қодиров"),
        ("Алимов", "Олимов"),
        ("GULYAMOV", "Ғуломов"),
        ("Ибрагимов", "Иброҳимов"),
        ("Агзамов", "Аъзамов"),
        ("Юлдашев", "Йўлдошев"),
        ("NURITDINOV", "Нуриддинов"),
        // Letters of a third script.
        ("Καριμοβ", "Каримов"),
        ("Karимов", "Каримов"),
    ] {
        assert_eq!(
            surnames(stated, register),
            Likeness::ByEye,
            "{stated} {register}"
        );
    }
}

#[test]
fn other_consonants_are_a_difference() {
    for (stated, register) in [
        ("KARIMOV", "Раҳимов"),
        ("KARIMOV", "Каримова-Намунаева"),
        ("Каримов", "Рахимов"),
        ("SALIMOV", "Сулаймонов"),
        ("NAMUNAEV", "Синовов"),
        ("Karimov", "Rahimov"),
        ("KARIM", "Каримов"),
    ] {
        assert_eq!(
            surnames(stated, register),
            Likeness::Differs,
            "{stated} {register}"
        );
    }
}

#[test]
fn a_foreign_spelling_in_another_script_is_never_said_to_differ() {
    assert_eq!(surnames("GEORGES", "Жорж"), Likeness::Differs);
    let foreign = |stated, register| surnames_by(DocumentKind::Other, stated, register);
    assert_eq!(foreign("GEORGES", "Жорж"), Likeness::ByEye);
    assert_eq!(foreign("XIAO", "Сяо"), Likeness::ByEye);
    assert_eq!(foreign("Иванов", "Каримов"), Likeness::Differs);
    assert_eq!(foreign("Müller", "MUELLER"), Likeness::ByEye);
    assert_eq!(foreign("Çelik", "CELIK"), Likeness::Same);
}

#[test]
fn a_name_that_the_zone_cut_short_is_the_same_and_a_short_one_is_not() {
    let register = name("Абдураҳмонходжаев", "Муҳаммадабдулазиз", None);
    let compare = |stated| compare_names(&stated, &register, DocumentKind::IdCard);
    let cut = compare(name("ABDURAHMONXODJAYEV", "MUHAMMADA", None));
    assert_eq!(cut.surname, Some(Likeness::Same));
    assert_eq!(cut.given, Some(Likeness::Same));
    // Cut within the two letters of one.
    let register = name("Абдураҳмонходжаева", "Муҳаммадшариф", None);
    let stated = name("ABDURAHMONXODJAYEVA", "MUHAMMADS", None);
    let within = compare_names(&stated, &register, DocumentKind::IdCard);
    assert_eq!(within.given, Some(Likeness::Same));
    let short = compare_names(
        &name("KARIMOV", "MUHAMMAD", None),
        &name("Каримов", "Муҳаммадали", None),
        DocumentKind::IdCard,
    );
    assert_eq!(short.given, Some(Likeness::Differs));
    let one_of_two = compare_names(
        &name("KARIMOV", "MUHAMMAD", None),
        &name("Каримов", "Муҳаммад Али", None),
        DocumentKind::IdCard,
    );
    assert_eq!(one_of_two.given, Some(Likeness::ByEye));
}

#[test]
fn a_patronymic_may_be_absent_stand_with_the_given_name_or_be_made_by_another_custom() {
    let patronymic = |stated: Option<&str>, register: Option<&str>| {
        compare_names(
            &name("А", "Б", stated),
            &name("А", "Б", register),
            DocumentKind::IdCard,
        )
        .patronymic
    };
    assert_eq!(patronymic(None, None), None);
    let there = Some("Карим ўғли");
    assert_eq!(patronymic(None, there), Some(Likeness::ByEye));
    assert_eq!(patronymic(there, None), Some(Likeness::ByEye));
    assert_eq!(patronymic(there, there), Some(Likeness::Same));
    assert_eq!(patronymic(Some("KARIM OGLI"), there), Some(Likeness::Same));
    assert_eq!(
        patronymic(Some("Karim oʻgʻli"), there),
        Some(Likeness::Same)
    );
    assert_eq!(patronymic(Some("Каримович"), there), Some(Likeness::ByEye));
    let other = Some("Намуна ўғли");
    assert_eq!(
        patronymic(Some("Каримович"), other),
        Some(Likeness::Differs)
    );
    assert_eq!(patronymic(other, there), Some(Likeness::Differs));
    let together = compare_names(
        &name("A", "ALISHER KARIM UGLI", None),
        &name("A", "Алишер", there),
        DocumentKind::Passport,
    );
    assert_eq!(together.given, Some(Likeness::Same));
}

#[test]
fn a_zone_without_a_given_name_says_nothing_of_it() {
    let likeness = compare_names(
        &name("KARIMOV", "", None),
        &name("Каримов", "Алишер", None),
        DocumentKind::Passport,
    );
    assert_eq!(likeness.given, None);
}

#[test]
fn a_document_that_the_register_does_not_show_is_to_be_compared_by_eye() {
    let numbers = |stated: &str, register: &str| {
        compare_numbers(
            &DocumentNumber(stated.into()),
            &DocumentNumber(register.into()),
        )
    };
    assert_eq!(numbers("AB1234567", "ab 1234567"), Likeness::Same);
    assert_eq!(numbers("АВ1234567", "AB1234567"), Likeness::Same);
    assert_eq!(numbers("AB1234567", "AB1234568"), Likeness::ByEye);
}

/// The Latin spelling of a Cyrillic name by one rule.
fn by_rule(text: &str, rule: usize) -> String {
    text.chars()
        .map(|c| {
            // The Uzbek alphabet of 1995; ICAO Doc 9303-3; passports through Russian.
            let [uzbek, icao, russian] = match c {
                'а' => ["A", "A", "A"],
                'б' => ["B", "B", "B"],
                'в' => ["V", "V", "V"],
                'г' => ["G", "G", "G"],
                'ғ' => ["G", "G", "G"],
                'д' => ["D", "D", "D"],
                'е' => ["YE", "E", "E"],
                'ё' => ["YO", "E", "E"],
                'ж' => ["J", "ZH", "DJ"],
                'з' => ["Z", "Z", "Z"],
                'и' => ["I", "I", "I"],
                'й' => ["Y", "I", "Y"],
                'к' => ["K", "K", "K"],
                'қ' => ["Q", "K", "K"],
                'л' => ["L", "L", "L"],
                'м' => ["M", "M", "M"],
                'н' => ["N", "N", "N"],
                'о' => ["O", "O", "A"],
                'п' => ["P", "P", "P"],
                'р' => ["R", "R", "R"],
                'с' => ["S", "S", "S"],
                'т' => ["T", "T", "T"],
                'у' => ["U", "U", "U"],
                'ў' => ["O", "U", "U"],
                'ф' => ["F", "F", "F"],
                'х' => ["X", "KH", "KH"],
                'ҳ' => ["H", "KH", "KH"],
                'ц' => ["TS", "TS", "TS"],
                'ч' => ["CH", "CH", "CH"],
                'ш' => ["SH", "SH", "SH"],
                'ъ' => ["", "IE", ""],
                'э' => ["E", "E", "E"],
                'ю' => ["YU", "IU", "YU"],
                'я' => ["YA", "IA", "YA"],
                other => panic!("{other}"),
            };
            [uzbek, icao, russian][rule]
        })
        .collect()
}

const LETTERS: &str = "[абвгғдеёжзийкқлмнопрстуўфхҳцчшъэюя]{1,20}";

proptest! {
    #[test]
    fn a_name_by_any_rule_and_in_any_case_is_the_same(text in LETTERS, rule in 0_usize..3) {
        let latin = by_rule(&text, rule);
        prop_assume!(!latin.is_empty());
        prop_assert_eq!(surnames(&latin, &text), Likeness::Same);
        prop_assert_eq!(surnames(&text, &latin.to_lowercase()), Likeness::Same);
    }

    #[test]
    fn a_name_is_like_itself(text in "[\\p{Cyrillic}\\p{Latin} ʻ-]{1,20}") {
        let of = compare_names(&name(&text, &text, None), &name(&text, &text, None), DocumentKind::Other);
        if text.trim().is_empty() {
            prop_assert_eq!(of.surname, None);
        } else {
            prop_assert_eq!(of.surname, Some(Likeness::Same));
            prop_assert_eq!(of.given, Some(Likeness::Same));
        }
    }

    /// However the zone was cut: what it holds is the beginning of one of the spellings.
    #[test]
    fn a_zone_that_is_full_may_be_cut_anywhere(
        text in "[абвгғдеёжзийкқлмнопрстуўфхҳцчшэюя]{30,40}", rule in 0_usize..3, at in 27_usize..30
    ) {
        let latin = by_rule(&text, rule);
        prop_assume!(latin.len() > at);
        prop_assert_eq!(surnames(&latin[..at], &text), Likeness::Same);
    }

    #[test]
    fn no_text_makes_the_comparison_stumble(stated in any::<String>(), register in any::<String>()) {
        for document in [DocumentKind::IdCard, DocumentKind::Other] {
            let _ = surnames_by(document, &format!("a{stated}"), &register);
            let _ = compare_names(
                &name("a", "b", Some(&stated)),
                &name("a", "b", Some(&register)),
                document,
            );
        }
        let _ = compare_numbers(&DocumentNumber(stated), &DocumentNumber(register));
    }

    /// Within one script which of the two is the register's does not matter.
    #[test]
    fn in_one_script_the_comparison_is_the_same_both_ways(
        one in LETTERS, other in LETTERS
    ) {
        prop_assert_eq!(surnames(&one, &other), surnames(&other, &one));
    }
}

// The zone while it is typed.

fn zone_td3() -> String {
    let (pinfl, name) = ("30101900000011", "NAMUNAYEVA<<NAMUNA<NAMUNA");
    td3("P<UZB", "FA1234567", "850615", "300614", pinfl, name)
}

fn so_far(text: &str) -> Vec<CheckSoFar> {
    let checks = MrzProgress::of(text).checks;
    checks.into_iter().map(|(_, so_far)| so_far).collect()
}

#[test]
fn each_check_digit_is_right_as_soon_as_its_digit_is_typed() {
    use CheckSoFar::{NotYet, Right};
    let places = |zone: &str| -> Vec<(usize, Vec<CheckSoFar>)> {
        let plain: String = zone.chars().filter(|c| !c.is_whitespace()).collect();
        (1..=plain.len())
            .map(|n| (n, so_far(&plain[..n])))
            .collect()
    };
    let rights = |zone: &str| -> Vec<Option<usize>> {
        let places = places(zone);
        let checks = places.last().unwrap().1.len();
        (0..checks)
            .map(|i| places.iter().find(|(_, c)| c[i] == Right).map(|(n, _)| *n))
            .collect()
    };
    assert_eq!(rights(TD1), [Some(15), Some(37), Some(45), Some(60)]);
    assert_eq!(
        rights(&zone_td3()),
        [Some(54), Some(64), Some(72), Some(87), Some(88)]
    );
    for zone in [TD1, &zone_td3()] {
        for (_, checks) in places(zone) {
            assert!(checks.iter().all(|c| matches!(c, NotYet | Right)));
        }
    }
}

#[test]
fn a_zone_tells_how_far_it_is_typed_and_what_no_zone_has() {
    let none = MrzProgress::of("");
    assert_eq!((none.typed, none.of, none.checks.len()), (0, None, 0));
    let begun = MrzProgress::of("iu uzb");
    assert_eq!((begun.typed, begun.of), (5, Some(90)));
    assert_eq!(MrzProgress::of("P<UZB").of, Some(88));
    let wrong = MrzProgress::of("IUUZB*AB");
    assert_eq!(wrong.wrong_character, Some(5));
    assert_eq!(wrong.typed, 8);
}

proptest! {
    /// What is said of a whole zone is what the reader says of it.
    #[test]
    fn a_whole_zone_is_right_exactly_where_the_reader_takes_its_digits(
        first in any::<bool>(), at in 0_usize..90, c in "[0-9A-Z<]"
    ) {
        let plain: String = if first { TD1.to_owned() } else { zone_td3() }
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let at = at % plain.len();
        let spoilt = format!("{}{c}{}", &plain[..at], &plain[at + 1..]);
        let read = Mrz::parse(&spoilt, "2026-01-01".parse().unwrap());
        let progress = MrzProgress::of(&spoilt);
        if progress.of == Some(spoilt.len()) {
            let wrong = progress.checks.iter().find(|(_, so_far)| *so_far == CheckSoFar::Wrong);
            match read {
                Err(MrzError::Check(which)) => prop_assert_eq!(wrong.map(|w| w.0), Some(which)),
                _ => prop_assert_eq!(wrong, None),
            }
            prop_assert!(progress.checks.iter().all(|(_, c)| *c != CheckSoFar::NotYet));
        }
    }

    #[test]
    fn no_text_makes_the_look_at_a_zone_stumble(text in any::<String>()) {
        let _ = MrzProgress::of(&text);
        let _ = MrzProgress::of(&format!("I{text}"));
        let _ = MrzProgress::of(&format!("P{text}"));
    }
}
