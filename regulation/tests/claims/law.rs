//! The Regulation's text as data of its edition, and the search in it.

use super::walk::edition;
use proptest::prelude::*;
use regulation::Edition;
use regulation::edition::EditionError;
use regulation::encounter::Language;
use regulation::law::{Law, PARAGRAPH_CHARS, QUERY_CHARS, TEXT_BYTES};
use regulation::script::{cyrillic, latin, other_script, search_words};
use std::sync::LazyLock;

const FILE: &str = include_str!("../../editions/399-2022-07-22.text.toml");
/// §17: a label that the text gives in Russian.
const RUSSIAN_LABEL: &str = "Внимание! Ведется аудио и видеозапись";

static EDITION: LazyLock<Edition> = LazyLock::new(edition);

fn law() -> &'static Law {
    &EDITION.law
}

#[test]
fn every_paragraph_is_there_in_order_and_in_four_languages() {
    let law = law();
    assert_eq!(law.edition, "399-2022-07-22");
    let numbers: Vec<_> = law.paragraphs.iter().map(|p| p.number).collect();
    assert_eq!(numbers, (1..=33).collect::<Vec<_>>());
    let from: Vec<_> = law.chapters.iter().map(|c| c.from).collect();
    assert_eq!(from, [1, 12, 17, 23, 27, 33], "the six chapters");
    for paragraph in &law.paragraphs {
        for language in Language::ALL {
            let parts = paragraph.parts(language);
            let own = paragraph.parts(Language::UzbekCyrillic);
            assert_eq!(parts.len(), own.len(), "§{}", paragraph.number);
            for part in parts {
                assert!(part.chars().count() > 15, "§{}: {part}", paragraph.number);
                assert!(part.ends_with(['.', ';', ':']), "a part is whole: {part}");
            }
        }
    }
    for (number, chapter) in [(1, 1), (11, 1), (12, 2), (16, 2), (22, 3), (26, 4), (33, 6)] {
        assert_eq!(law.chapter_of(number).unwrap().number, chapter);
        assert_eq!(law.paragraph(number).unwrap().number, number);
    }
    assert!(law.paragraph(0).is_none() && law.paragraph(34).is_none());
    assert!(law.chapter_of(0).is_none());
}

#[test]
fn paragraphs_have_as_many_parts_as_the_text_gives_them() {
    let several: Vec<_> = law()
        .paragraphs
        .iter()
        .map(|p| (p.number, p.parts(Language::UzbekCyrillic).len()))
        .filter(|(_, parts)| *parts > 1)
        .collect();
    let of_text = [
        (3, 4),
        (5, 2),
        (6, 2),
        (8, 5),
        (9, 5),
        (12, 6),
        (21, 2),
        (22, 2),
        (23, 2),
        (26, 4),
        (31, 2),
    ];
    assert_eq!(several, of_text);
}

#[test]
fn what_the_pages_say_of_paragraphs_8_and_9_stands_in_them_word_for_word() {
    let edition = edition();
    let holds = |number: u8, text: &regulation::edition::Text| {
        for language in [Language::UzbekCyrillic, Language::UzbekLatin] {
            let paragraph = edition.law.paragraph(number).unwrap();
            let all = paragraph.text.get(language);
            assert!(all.contains(text.get(language)), "{}", text.get(language));
        }
    };
    for ground in &edition.grounds {
        holds(8, &ground.detail);
    }
    for case in &edition.station_cases {
        holds(9, &case.detail);
    }
    let p17 = &edition.law.paragraph(17).unwrap().text;
    let labels = &edition.camera_labels;
    for language in Language::ALL {
        assert!(p17.get(language).contains(&labels.ru), "{language:?}");
        assert!(p17.get(language).contains(&labels.en), "{language:?}");
    }
    assert!(p17.uz_cyrl.contains(&labels.uz));
}

#[test]
fn the_latin_text_is_the_cyrillic_one_by_the_alphabets_rules() {
    let law = law();
    let titles = law.chapters.iter().map(|c| &c.title);
    for text in titles.chain(law.paragraphs.iter().map(|p| &p.text)) {
        let by_rule: Vec<_> = text.uz_cyrl.split(RUSSIAN_LABEL).map(latin).collect();
        assert_eq!(text.uz_latn, by_rule.join(RUSSIAN_LABEL));
    }
}

#[test]
fn a_rendering_keeps_to_its_language() {
    let law = law();
    let titles = law.chapters.iter().map(|c| &c.title);
    for text in titles.chain(law.paragraphs.iter().map(|p| &p.text)) {
        let without = |text: &str| {
            // §17 names the three labels, whatever the language.
            let labels = &EDITION.camera_labels;
            [&labels.uz, &labels.ru, &labels.en]
                .iter()
                .fold(text.to_owned(), |text, label| text.replace(*label, ""))
        };
        let (ru, en) = (without(&text.ru), without(&text.en));
        assert!(!ru.contains(['ў', 'қ', 'ғ', 'ҳ']), "{ru}");
        assert!(!ru.chars().any(|c| c.is_ascii_alphabetic()), "{ru}");
        assert!(!en.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c)));
        assert!(!text.en.to_lowercase().contains("suspect "), "{en}");
        assert!(!ru.to_lowercase().contains("подозреваем"), "{ru}");
    }
}

#[test]
fn latin_follows_the_alphabet() {
    for (cyrillic, spelt) in [
        ("Е-патруль", "E-patrul"),
        ("елка ечиб фаолиятини", "yelka yechib faoliyatini"),
        ("объект ЕР Ер", "obyekt YER Yer"),
        ("пробация дифференциал цирк", "probatsiya differensial sirk"),
        ("ғўза ҳуқуқ маъмурий", "gʻoʻza huquq maʼmuriy"),
        ("ШАҲАР Шаҳар", "SHAHAR Shahar"),
        ("§12. 5 йил, bodycam", "§12. 5 yil, bodycam"),
        ("СИДИКОВИЧ ТОШ", "SIDIKOVICH TOSH"),
        ("ТОШ-ШАҲАР, ТОШ.", "TOSH-SHAHAR, TOSH."),
        ("Ш.Ю. Шоҳ Ё", "Sh.Yu. Shoh Yo"),
        ("Исҳоқов ИСҲОҚОВ", "Isʼhoqov ISʼHOQOV"),
    ] {
        assert_eq!(latin(cyrillic), spelt);
    }
}

fn numbers(query: &str, language: Language) -> Vec<u8> {
    let found = law().search(query, language);
    found.iter().map(|f| f.paragraph).collect()
}

#[test]
fn a_word_is_found_in_either_script_and_with_any_apostrophe() {
    let by = numbers("гувоҳнома", Language::UzbekCyrillic);
    assert_eq!(by, [12]);
    for query in ["guvohnoma", "GUVOHNOMA", "Гувоҳномасини", "  guvohnoma "] {
        assert_eq!(numbers(query, Language::UzbekCyrillic), by, "{query}");
        assert_eq!(numbers(query, Language::UzbekLatin), by, "{query}");
        assert_eq!(numbers(query, Language::Russian), by, "by the Uzbek text");
    }
    let registers = numbers("маълумотлар архиви", Language::UzbekLatin);
    assert_eq!(registers, [10]);
    for apostrophe in ["ʼ", "'", "’", "`", "ʻ", "‘", ""] {
        let query = format!("ma{apostrophe}lumotlar arxivi");
        assert_eq!(numbers(&query, Language::UzbekCyrillic), registers);
    }
    assert!(numbers("гувохнома", Language::UzbekCyrillic).is_empty());
}

#[test]
fn renderings_are_searched_in_their_language_and_numbers_come_first() {
    assert_eq!(numbers("удостоверение", Language::Russian), [12]);
    assert_eq!(numbers("удостовер", Language::Russian), [8, 9, 12]);
    assert_eq!(
        numbers("учета", Language::Russian),
        numbers("учёта", Language::Russian)
    );
    assert_eq!(numbers("vest", Language::English), [17]);
    assert!(numbers("vest", Language::UzbekLatin).is_empty());
    for query in ["12", "§12", "§ 12.", "12-"] {
        assert_eq!(numbers(query, Language::English)[0], 12, "{query}");
    }
    assert_eq!(numbers("2", Language::English)[0], 2);
    assert_eq!(numbers("", Language::English), (1..=33).collect::<Vec<_>>());
    assert_eq!(numbers(" .- ", Language::English).len(), 33);
    assert!(numbers("99", Language::English).is_empty());
    assert!(numbers("zzz", Language::UzbekLatin).is_empty());
    // What is longer than a query may be counts by its beginning.
    let long = format!("vest {}", " ".repeat(QUERY_CHARS) + "zzz");
    assert_eq!(numbers(&long, Language::English), [17]);
}

#[test]
fn the_part_is_named_in_which_it_stands() {
    let part = |query: &str, language| law().search(query, language)[0].part;
    assert_eq!(part("қаршилик", Language::UzbekCyrillic), 3);
    assert_eq!(
        part("qarshilik", Language::Russian),
        3,
        "the same in every language"
    );
    assert_eq!(part("5 years", Language::English), 1);
}

fn refused(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    match Law::parse(&FILE.replacen(from, to, 1)) {
        Err(EditionError::Incomplete(what)) => what.into(),
        Err(EditionError::Unreadable(_)) => "unreadable".into(),
        Ok(_) => "taken".into(),
    }
}

#[test]
fn an_incomplete_text_is_not_taken() {
    assert_eq!(refused("number = 7", "number = 7"), "taken");
    let order = "a paragraph is left out, or out of order";
    assert_eq!(
        refused("[[paragraphs]]\nnumber = 7", "[[paragraphs]]\nnumber = 8"),
        order
    );
    let start = FILE.find("[[paragraphs]]\nnumber = 20").unwrap();
    let end = FILE.find("[[paragraphs]]\nnumber = 21").unwrap();
    assert_eq!(refused(&FILE[start..end], ""), order);
    for title in ["ru = \"Общие положения\"", "en = \"Final provision\""] {
        let empty = format!("{} = \" \"", &title[..2]);
        assert_eq!(refused(title, &empty), "a text is empty");
    }
    let part = "on crimes – 5 years;\n";
    let parts = "a paragraph has other parts in another language";
    assert_eq!(refused(part, ""), parts);
    assert_eq!(refused(part, "\n"), "a text is empty");
    let long = format!("{}\n", "a".repeat(PARAGRAPH_CHARS + 1));
    assert_eq!(refused(part, &long), "a paragraph is too long");
    let chapters = "the chapters do not hold the paragraphs";
    for (from, to) in [
        ("from = 1\n", "from = 2\n"),
        ("from = 17", "from = 12"),
        ("from = 33", "from = 34"),
        ("number = 5\nfrom", "number = 6\nfrom"),
    ] {
        assert_eq!(refused(from, to), chapters, "{to}");
    }
    assert_eq!(
        refused("number = 7\n", "number = 7\nnew = 1\n"),
        "unreadable"
    );
    assert_eq!(refused("number = 7\n", "number = 700\n"), "unreadable");
    let padded = format!("{FILE}{}", " ".repeat(TEXT_BYTES));
    assert!(matches!(
        Law::parse(&padded),
        Err(EditionError::Incomplete("the text is too long"))
    ));
    let of_another = FILE.replacen("edition = \"399", "edition = \"400", 1);
    assert!(matches!(
        edition().with_law(&of_another),
        Err(EditionError::Incomplete("the text is of another edition"))
    ));
    assert!(edition().with_law(FILE).is_ok());
}

#[test]
fn every_word_of_the_text_finds_its_paragraph_typed_in_the_other_script() {
    let law = law();
    for paragraph in &law.paragraphs {
        for part in paragraph.parts(Language::UzbekCyrillic) {
            for word in part.split_whitespace() {
                assert_eq!(search_words(&latin(word)), search_words(word), "{word}");
            }
        }
        let longest = |language| {
            let words = paragraph.text.get(language).split_whitespace();
            words.max_by_key(|w| w.chars().count()).unwrap()
        };
        for language in [Language::UzbekCyrillic, Language::UzbekLatin] {
            let found = law.search(longest(language), Language::Russian);
            assert!(found.iter().any(|f| f.paragraph == paragraph.number));
        }
    }
}

proptest! {
    #[test]
    fn any_word_is_the_same_to_a_search_in_either_script(
        word in "[абвгдеёжзийклмнопрстуфхцчшэюяўқғҳАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЭЮЯЎҚҒҲ]{1,12}",
        apostrophe in "[ʻʼ'’`‘]",
    ) {
        let latin = latin(&word);
        let cyrillic = latin.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
        prop_assert!(!cyrillic);
        let typed = latin.replace(['ʻ', 'ʼ'], &apostrophe);
        prop_assert_eq!(search_words(&typed), search_words(&word));
        prop_assert_eq!(search_words(&typed.to_uppercase()), search_words(&word));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_search_takes_any_query_and_finds_each_paragraph_once(query in "\\PC{0,80}") {
        let law = law();
        for language in Language::ALL {
            let found = law.search(&query, language);
            let mut numbers: Vec<_> = found.iter().map(|f| f.paragraph).collect();
            numbers.sort_unstable();
            numbers.dedup();
            prop_assert_eq!(numbers.len(), found.len());
            for f in found {
                prop_assert!(f.part < law.paragraph(f.paragraph).unwrap().parts(language).len());
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Law::parse(&text);
        let _ = latin(&text);
    }
}

#[test]
fn cyrillic_follows_the_alphabet() {
    for (latin, spelt) in [
        ("Oʻtkirov", "Ўткиров"),
        ("gʻalaba", "ғалаба"),
        ("G'AFUROV", "ҒАФУРОВ"),
        ("eʼlon", "эълон"),
        ("yetti", "етти"),
        ("poyezd", "поезд"),
        ("obyekt", "объект"),
        ("choyxona", "чойхона"),
        ("SHAHAR Shahar", "ШАҲАР Шаҳар"),
        ("militsiya", "милиция"),
        ("Yoʻldosh 12-uy", "Йўлдош 12-уй"),
        ("SIDIKOVICH TOSH", "СИДИКОВИЧ ТОШ"),
        ("Isʼhoqov Is'hoqov ISʻHOQOV", "Исҳоқов Исҳоқов ИСҲОҚОВ"),
        ("MAʼMUR Maʼmur", "МАЪМУР Маъмур"),
    ] {
        assert_eq!(cyrillic(latin), spelt);
        assert_eq!(other_script(latin), spelt);
    }
    assert_eq!(other_script("Шаҳар"), "Shahar");
}

#[test]
fn a_name_of_a_document_in_the_other_script_and_back_is_itself() {
    for name in [
        "Исҳоқов",
        "ИСҲОҚОВ",
        "СИДИКОВИЧ",
        "ТОШ",
        "Тош",
        "ШЎХ",
        "МАЪМУР",
        "Асҳоб",
        "ЁҚУБ ЮНУС",
    ] {
        assert_eq!(other_script(&other_script(name)), name);
    }
}

#[test]
fn a_word_that_holds_a_digit_is_of_no_script() {
    for (text, other) in [
        ("Camera AX2-0091734", "Cамера AX2-0091734"),
        ("Камера AX2-0091734, АВ-12", "Kamera AX2-0091734, АВ-12"),
        ("AB1234567", "AB1234567"),
        ("АВ1234567", "АВ1234567"),
        ("Soat АВ12 da", "Соат АВ12 да"),
        ("12-uyda 5-son", "12-уйда 5-сон"),
    ] {
        assert_eq!(other_script(text), other);
    }
    let prose = "Kamera AX2-0091734 topildi.";
    assert_eq!(other_script(&other_script(prose)), prose);
}

#[test]
fn a_search_tells_the_o_of_yo_from_yo() {
    let holding = |word: &str| -> Vec<u8> {
        let of = law().paragraphs.iter();
        let of = of.filter(|p| p.text.uz_cyrl.to_lowercase().contains(word));
        of.map(|p| p.number).collect()
    };
    assert_eq!(holding("йўл"), [5, 7]);
    for (word, spelt) in [("йўл", "yoʻl"), ("йўқ", "yoʻq")] {
        let typed = ["ʻ", "'", "’", "`"].map(|mark| spelt.replace('ʻ', mark));
        for query in typed.iter().map(String::as_str).chain([word, spelt]) {
            for language in [Language::UzbekCyrillic, Language::UzbekLatin] {
                assert_eq!(numbers(query, language), holding(word), "{query}");
            }
        }
    }
}

/// A word of the Regulation put into Cyrillic letters and back is itself.
#[test]
fn a_text_in_the_other_script_and_back_is_itself() {
    let plain = |text: &str| text.replace(['\'', '’', '‘', 'ʻ', 'ʼ'], "ʼ");
    for paragraph in &law().paragraphs {
        for part in paragraph.parts(Language::UzbekLatin) {
            // Words in Russian letters stand in it as they are.
            let words = part.split_whitespace();
            for word in words.filter(|w| !w.chars().any(|c| ('а'..='я').contains(&c))) {
                assert_eq!(plain(&latin(&cyrillic(word))), plain(word));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_has_another_script(text in "\\PC{0,60}") {
        let _ = (cyrillic(&text), other_script(&text));
    }
}
