use super::walk::day;
use proptest::prelude::*;
use regulation::Date;
use regulation::encounter::DocumentKind;
use regulation::identity::*;

// Names

fn surname(text: &str) -> Result<String, NameError> {
    PersonName::new(text, "Namuna", None).map(|name| name.surname)
}

#[test]
fn p28_a_name_is_trimmed_and_its_spaces_made_one() {
    let name = PersonName::new(
        "  Namunayev ",
        "Namuna\u{a0} \tNamuna",
        Some(" Namuna  oʻgʻli "),
    );
    let name = name.unwrap();
    assert_eq!(name.surname, "Namunayev");
    assert_eq!(name.given, "Namuna Namuna");
    assert_eq!(name.patronymic.as_deref(), Some("Namuna oʻgʻli"));
}

#[test]
fn p28_a_patronymic_may_be_absent_or_left_blank() {
    assert_eq!(PersonName::new("A", "B", None).unwrap().patronymic, None);
    assert_eq!(
        PersonName::new("A", "B", Some("  ")).unwrap().patronymic,
        None
    );
}

#[test]
fn p28_every_apostrophe_becomes_the_one_that_uzbek_has_there() {
    for c in ["'", "`", "´", "‘", "’", "‛", "′", "ʹ", "ʻ", "ʼ", "ʽ", "ˈ"] {
        assert_eq!(surname(&format!("O{c}g{c}anov")).unwrap(), "Oʻgʻanov");
        assert_eq!(surname(&format!("o{c}G{c}")).unwrap(), "oʻGʻ");
        assert_eq!(surname(&format!("Ma{c}murov")).unwrap(), "Maʼmurov");
        assert_eq!(surname(&format!("{c}Abdu")).unwrap(), "ʼAbdu");
    }
}

#[test]
fn p28_letters_of_both_scripts_hyphen_and_space_are_taken() {
    for name in [
        "Ўқғҳ",
        "Ёъь",
        "Íñßÿž",
        "Ệ",
        "Namuna-Namunayev",
        "de Namuna",
        "Їі",
        "Ѐӿԯ",
        "ÀɏḀỿ",
    ] {
        assert_eq!(surname(name).unwrap(), name);
    }
    for dash in ["‐", "‑", "–"] {
        assert_eq!(surname(&format!("A{dash}B")).unwrap(), "A-B");
    }
    for other in [
        "A1",
        "A.",
        "A_",
        "A<",
        "名",
        "α",
        "A×",
        "A÷",
        "A\u{200b}B",
        "҂А",
        "A—B",
        "ɐA",
        "԰А",
    ] {
        assert_eq!(
            surname(other),
            Err(NameError::Surname(NameProblem::Character)),
            "{other}"
        );
    }
}

#[test]
fn p28_an_error_names_its_field() {
    use NameProblem::{Character, Empty, TooLong};
    let longest = "я".repeat(64);
    let longer = "я".repeat(65);
    assert!(PersonName::new(&longest, &longest, Some(&longest)).is_ok());
    for (text, problem) in [
        ("", Empty),
        (" ", Empty),
        ("-ʼ", Empty),
        ("1", Character),
        (&longer, TooLong),
    ] {
        assert_eq!(
            PersonName::new(text, "1", None),
            Err(NameError::Surname(problem))
        );
        assert_eq!(
            PersonName::new("A", text, Some("1")),
            Err(NameError::Given(problem))
        );
    }
    for (text, problem) in [("-ʼ", Empty), ("1", Character), (&longer, TooLong)] {
        let named = PersonName::new("A", "B", Some(text));
        assert_eq!(named, Err(NameError::Patronymic(problem)));
    }
    let error = PersonName::new("A", "B", Some("1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "patronymic: a character that no name has"
    );
}

// Dates of birth

#[test]
fn p28_a_date_of_birth_is_not_in_the_future_nor_more_than_130_years_ago() {
    let today = day("2026-03-15");
    let birth = |text: &str| BirthDate::new(day(text), today).map(|b| b.0);
    assert_eq!(birth("2026-03-15"), Ok(today));
    assert_eq!(birth("2026-03-16"), Err(BirthDateError::InFuture));
    assert_eq!(birth("1896-03-15"), Ok(day("1896-03-15")));
    assert_eq!(birth("1896-03-14"), Err(BirthDateError::TooLongAgo));
    assert_eq!(birth("1895-12-31"), Err(BirthDateError::TooLongAgo));
    assert!(BirthDate::new(day("9999-12-31"), day("9999-12-31")).is_ok());
}

// Document numbers

#[test]
fn p08_a_number_of_id_card_or_passport_is_two_letters_and_seven_digits() {
    for kind in [DocumentKind::IdCard, DocumentKind::Passport] {
        // The last four are typed on a Cyrillic layout.
        for text in [
            "AB1234567",
            " ab 123 45 67 ",
            "aB\u{a0}1234567",
            "АВ1234567",
            "ав1234567",
            "Aв 1234567",
        ] {
            let number = DocumentNumber::parse(kind, text).unwrap();
            assert_eq!(number, DocumentNumber("AB1234567".into()), "{text}");
        }
        assert_eq!(
            DocumentNumber::parse(kind, " "),
            Err(DocumentNumberError::Empty)
        );
        for text in [
            "A1234567",
            "ABC123456",
            "AB123456",
            "AB12345678",
            "ABO234567",
            "AB123456O",
            "1B1234567",
            "A11234567",
            "AB-1234567",
            "ЖЖ1234567",
            "AB123456٧",
            "AЖ234567",
            "AB12345Ж",
        ] {
            assert_eq!(
                DocumentNumber::parse(kind, text),
                Err(DocumentNumberError::NotTwoLettersSevenDigits),
                "{text}"
            );
        }
    }
}

#[test]
fn p08_every_cyrillic_look_alike_becomes_its_latin_letter() {
    for (cyrillic, latin) in "АВЕЅІЈКМНОРСТУҮХ".chars().zip("ABESIJKMHOPCTYYX".chars())
    {
        let number = DocumentNumber::parse(DocumentKind::IdCard, &format!("{cyrillic}A1234567"));
        assert_eq!(number.unwrap().0, format!("{latin}A1234567"));
    }
}

#[test]
fn p08_a_number_of_another_document_is_taken_as_typed() {
    let other = |text: &str| DocumentNumber::parse(DocumentKind::Other, text).map(|n| n.0);
    assert_eq!(other(" № 12/а-б "), Ok("№ 12/а-б".into()));
    assert_eq!(other(&"я".repeat(32)), Ok("я".repeat(32)));
    assert_eq!(other(&"я".repeat(33)), Err(DocumentNumberError::TooLong));
    assert_eq!(other("  "), Err(DocumentNumberError::Empty));
    for c in [
        '\n', '\u{7}', '\u{a0}', '\u{ad}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}',
        '\u{fffd}',
    ] {
        let text = format!("1{c}2");
        assert_eq!(
            other(&text),
            Err(DocumentNumberError::NotPrintable),
            "{c:?}"
        );
    }
}

// PINFL

const PINFL: &str = "30101900000011";

#[test]
fn a_sound_pinfl_has_no_warning_and_states_birth_and_sex() {
    for text in [PINFL, " 3010190 0000011 "] {
        let (pinfl, warnings) = Pinfl::parse(text).unwrap();
        assert_eq!(pinfl, Pinfl(PINFL.into()));
        assert_eq!(warnings, []);
        assert_eq!(pinfl.birth_date(), Some(BirthDate(day("1990-01-01"))));
        assert_eq!(pinfl.sex(), Some(Sex::Male));
    }
}

#[test]
fn a_pinfl_is_fourteen_digits_and_anything_else_is_an_error() {
    for text in [
        "",
        "3010190000001",
        "301019000000111",
        "3010190000001a",
        "٣0101900000011",
        "-3010190000001",
    ] {
        assert_eq!(
            Pinfl::parse(text),
            Err(PinflError::NotFourteenDigits),
            "{text}"
        );
    }
}

#[test]
fn an_odd_pinfl_is_taken_with_a_warning() {
    let warnings = |text: &str| Pinfl::parse(text).unwrap().1;
    for wrong in ["30101900000010", "30101900000012"] {
        assert_eq!(warnings(wrong), [PinflWarning::CheckDigit]);
    }
    assert_eq!(
        warnings("33113900000017"),
        [PinflWarning::CheckDigit, PinflWarning::BirthDate]
    );
    assert_eq!(warnings("00000000000000"), [PinflWarning::SexAndCentury]);
    let unread = Pinfl("33113900000017".into());
    assert_eq!(unread.birth_date(), None);
    assert_eq!(unread.sex(), Some(Sex::Male));
}

#[test]
fn the_first_digit_of_a_pinfl_states_sex_and_century() {
    let read = |first: u8| {
        let pinfl = Pinfl(format!("{first}2902040000000"));
        (pinfl.sex(), pinfl.birth_date().map(|b| b.0))
    };
    let (then, now) = (day("1904-02-29"), day("2004-02-29"));
    assert_eq!(read(3), (Some(Sex::Male), Some(then)));
    assert_eq!(read(4), (Some(Sex::Female), Some(then)));
    assert_eq!(read(5), (Some(Sex::Male), Some(now)));
    assert_eq!(read(6), (Some(Sex::Female), Some(now)));
    for first in [0, 1, 2, 7, 8, 9] {
        assert_eq!(read(first), (None, None));
    }
    let all = Pinfl("43112870000000".into()).birth_date();
    assert_eq!(all, Some(BirthDate(day("1987-12-31"))));
}

#[test]
fn a_pinfl_is_compared_with_the_date_of_birth() {
    let pinfl = Pinfl(PINFL.into());
    assert_eq!(pinfl.warnings_against(&BirthDate(day("1990-01-01"))), []);
    let other = pinfl.warnings_against(&BirthDate(day("1990-01-02")));
    assert_eq!(other, [PinflWarning::BirthDateDiffers]);
    let unread = Pinfl("x".into());
    assert_eq!(unread.warnings_against(&BirthDate(day("1990-01-02"))), []);
    assert_eq!((unread.sex(), unread.birth_date()), (None, None));
}

#[test]
fn a_pinfl_is_compared_with_the_sex_that_the_document_states() {
    let (pinfl, _) = Pinfl::parse("30101900000011").unwrap();
    assert_eq!(pinfl.warning_against_sex(Sex::Male), None);
    let differs = Some(PinflWarning::SexDiffers);
    assert_eq!(pinfl.warning_against_sex(Sex::Female), differs);
    let (unknown, _) = Pinfl::parse("90101900000011").unwrap();
    assert_eq!(unknown.warning_against_sex(Sex::Female), None);
}

#[test]
fn one_wrong_digit_of_a_pinfl_is_always_noticed() {
    let digits: Vec<u32> = PINFL.chars().map(|c| c.to_digit(10).unwrap()).collect();
    for i in 0..14 {
        for wrong in (0..10).filter(|d| *d != digits[i]) {
            let mut changed = digits.clone();
            changed[i] = wrong;
            let text: String = changed.iter().map(u32::to_string).collect();
            let warnings = Pinfl::parse(&text).unwrap().1;
            assert!(warnings.contains(&PinflWarning::CheckDigit), "{text}");
        }
    }
}

// Machine-readable zones

/// Invented.
pub const TD1: &str = "IUUZBAA1234567830101900000011<\n\
                       9001011M3401011UZBUZB<<<<<<<<0\n\
                       NAMUNAYEV<<NAMUNA<<<<<<<<<<<<<\n";

fn today() -> Date {
    day("2026-03-15")
}

/// The check digit of a field, worked out apart from the crate.
fn digit(field: &str) -> char {
    let sum: u32 = field
        .chars()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(c, w)| w * if c == '<' { 0 } else { c.to_digit(36).unwrap() })
        .sum();
    char::from_digit(sum % 10, 10).unwrap()
}

/// A sound TD1 of these fields.
fn td1(
    head: &str,
    number: &str,
    optional: &str,
    birth: &str,
    rest: (&str, &str),
    name: &str,
) -> String {
    let (sex_expiry, nation) = rest;
    let (sex, expiry) = sex_expiry.split_at(1);
    let first = format!(
        "{head:<5}{number:<9}{}{optional:<15}",
        digit(&format!("{number:<9}").replace(' ', "<"))
    );
    let first = first.replace(' ', "<");
    let (b, e) = (
        format!("{birth}{}", digit(birth)),
        format!("{expiry}{}", digit(expiry)),
    );
    let optional2 = "<".repeat(11);
    let all = digit(&format!("{}{b}{e}{optional2}", &first[5..]));
    format!("{first}\n{b}{sex}{e}{nation}{optional2}{all}\n{name:<30}")
        .replace("  ", "<<")
        .replace(' ', "<")
}

fn sound(number: &str, optional: &str) -> String {
    td1(
        "I<UZB",
        number,
        optional,
        "900101",
        ("M340101", "UZB"),
        "NAMUNAYEV<<NAMUNA",
    )
}

/// A sound TD3 of these fields.
pub fn td3(
    head: &str,
    number: &str,
    birth: &str,
    expiry: &str,
    personal: &str,
    name: &str,
) -> String {
    let first = format!("{:<44}", format!("{head}{name}"));
    let personal = format!("{personal:<14}").replace(' ', "<");
    let (n, b) = (
        format!("{number}{}", digit(number)),
        format!("{birth}{}", digit(birth)),
    );
    let (e, p) = (
        format!("{expiry}{}", digit(expiry)),
        format!("{personal}{}", digit(&personal)),
    );
    let all = digit(&format!("{n}{b}{e}{p}"));
    format!("{first}\n{n}UZB{b}F{e}{p}{all}").replace(' ', "<")
}

#[test]
fn a_td1_is_read_in_full() {
    let mrz = Mrz::parse(TD1, today()).unwrap();
    assert_eq!(mrz.document, DocumentKind::IdCard);
    assert_eq!(mrz.issuer, "UZB");
    assert_eq!(mrz.nationality, "UZB");
    assert_eq!(mrz.number.0, "AA1234567");
    assert_eq!(mrz.pinfl, Some(Pinfl(PINFL.into())));
    assert_eq!(mrz.name.surname, "NAMUNAYEV");
    assert_eq!(mrz.name.given, "NAMUNA");
    assert_eq!(mrz.name.patronymic, None);
    assert_eq!(mrz.birth_date, Some(BirthDate(day("1990-01-01"))));
    assert_eq!(mrz.sex, Some(Sex::Male));
    assert_eq!(mrz.expiry, Some(day("2034-01-01")));
    let again = TD1.replace("IUUZB", "I<UZB");
    assert_eq!(Mrz::parse(&again, today()).unwrap(), mrz);
}

#[test]
fn a_td3_is_read_in_full() {
    let text = td3(
        "P<UZB",
        "FA1234567",
        "850615",
        "300614",
        PINFL,
        "NAMUNAYEVA<<NAMUNA<NAMUNA",
    );
    let mrz = Mrz::parse(&text, today()).unwrap();
    assert_eq!(mrz.document, DocumentKind::Passport);
    assert_eq!(
        (mrz.issuer.as_str(), mrz.nationality.as_str()),
        ("UZB", "UZB")
    );
    assert_eq!(mrz.number.0, "FA1234567");
    assert_eq!(mrz.pinfl, Some(Pinfl(PINFL.into())));
    assert_eq!(mrz.name.surname, "NAMUNAYEVA");
    assert_eq!(mrz.name.given, "NAMUNA NAMUNA");
    assert_eq!(mrz.birth_date, Some(BirthDate(day("1985-06-15"))));
    assert_eq!(mrz.sex, Some(Sex::Female));
    assert_eq!(mrz.expiry, Some(day("2030-06-14")));
}

#[test]
fn spaces_breaks_small_letters_look_alikes_and_guillemets_are_forgiven() {
    let read = Mrz::parse(TD1, today()).unwrap();
    let typed = [
        TD1.replace('\n', ""),
        TD1.replace('\n', "\r\n\r\n"),
        TD1.replace("UZB", "U Z B"),
        TD1.to_lowercase(),
        TD1.replace('A', "А").replace('M', "М"),
        TD1.replace("<<", "«‹"),
    ];
    for text in typed {
        assert_eq!(Mrz::parse(&text, today()), Ok(read.clone()), "{text}");
    }
}

#[test]
fn a_zone_of_another_length_or_with_other_characters_is_not_taken() {
    assert_eq!(Mrz::parse("", today()), Err(MrzError::Length(0)));
    for n in [87, 89, 91] {
        assert_eq!(
            Mrz::parse(&"<".repeat(n), today()),
            Err(MrzError::Length(n))
        );
    }
    for c in ['-', 'Ж', '%', 'É', '['] {
        let text: String = TD1.replacen('Z', &c.to_string(), 1);
        assert_eq!(
            Mrz::parse(&text, today()),
            Err(MrzError::Character(3)),
            "{c}"
        );
    }
    let none = MrzError::NotAnIdentityDocument;
    assert_eq!(Mrz::parse(&TD1.replacen("IU", "VU", 1), today()), Err(none));
    let visa = td3(
        "V<UZB",
        "FA1234567",
        "850615",
        "300614",
        PINFL,
        "NAMUNAYEVA<<NAMUNA",
    );
    assert_eq!(Mrz::parse(&visa, today()), Err(none));
}

/// `text` with the digit at `i` (line breaks left out) replaced by another.
fn spoiled(text: &str, i: usize) -> String {
    let mut zone: Vec<char> = text.chars().filter(|c| *c != '\n').collect();
    zone[i] = if zone[i] == '7' { '8' } else { '7' };
    zone.into_iter().collect()
}

#[test]
fn every_wrong_check_digit_is_named() {
    use MrzCheck::*;
    let passport = td3(
        "P<UZB",
        "FA1234567",
        "850615",
        "300614",
        PINFL,
        "NAMUNAYEVA<<NAMUNA",
    );
    for (text, i, which) in [
        (TD1, 14, DocumentNumber),
        (TD1, 36, BirthDate),
        (TD1, 44, Expiry),
        (TD1, 59, Composite),
        // Fields: their own check digit tells, or the one over all.
        (TD1, 13, DocumentNumber),
        (TD1, 35, BirthDate),
        (TD1, 43, Expiry),
        (TD1, 16, Composite),
        (TD1, 29, Composite),
        (TD1, 48, Composite),
        (TD1, 58, Composite),
        (&passport, 53, DocumentNumber),
        (&passport, 63, BirthDate),
        (&passport, 71, Expiry),
        (&passport, 86, PersonalNumber),
        (&passport, 87, Composite),
        (&passport, 44, DocumentNumber),
        (&passport, 62, BirthDate),
        (&passport, 70, Expiry),
        (&passport, 85, PersonalNumber),
    ] {
        let read = Mrz::parse(&spoiled(text, i), today());
        assert_eq!(read, Err(MrzError::Check(which)), "{i}");
    }
    // Over sex and nationality there is none.
    assert!(Mrz::parse(&spoiled(TD1, 37), today()).is_ok());
    assert!(Mrz::parse(&spoiled(TD1, 45), today()).is_ok());
}

#[test]
fn the_filler_is_a_check_digit_of_an_empty_field_only() {
    let without = td3(
        "P<UZB",
        "FA1234567",
        "850615",
        "300614",
        "",
        "NAMUNAYEVA<<NAMUNA",
    );
    assert_eq!(Mrz::parse(&without, today()).unwrap().pinfl, None);
    let mut zone: Vec<char> = without.chars().filter(|c| *c != '\n').collect();
    zone[86] = '<';
    assert!(Mrz::parse(&zone.iter().collect::<String>(), today()).is_ok());
    let with = td3(
        "P<UZB",
        "FA1234567",
        "850615",
        "300614",
        "7",
        "NAMUNAYEVA<<NAMUNA",
    );
    let mut zone: Vec<char> = with.chars().filter(|c| *c != '\n').collect();
    zone[86] = '<';
    let wrong = Err(MrzError::Check(MrzCheck::PersonalNumber));
    assert_eq!(Mrz::parse(&zone.iter().collect::<String>(), today()), wrong);
    // A check digit is a digit: no letter stands for one.
    zone[86] = 'A';
    assert_eq!(Mrz::parse(&zone.iter().collect::<String>(), today()), wrong);
}

#[test]
fn a_number_of_more_than_nine_characters_goes_on_in_the_optional_data() {
    // D23145890734: nine characters, then three and the check digit.
    let long = "D23145890734";
    let rest = format!("734{}<", digit(long));
    let first = format!("I<UTO{}<{rest:<15}", "D23145890").replace(' ', "<");
    let (b, e) = (
        format!("740812{}", digit("740812")),
        format!("320415{}", digit("320415")),
    );
    let all = digit(&format!("{}{b}{e}{}", &first[5..], "<".repeat(11)));
    let text = format!(
        "{first}{b}X{e}UTO{}{all}NAMUNAYEVA<<NAMUNA<<<<<<<<<<<<",
        "<".repeat(11)
    );
    let mrz = Mrz::parse(&text, today()).unwrap();
    assert_eq!(mrz.number.0, long);
    assert_eq!(mrz.sex, None);
    assert_eq!(mrz.document, DocumentKind::Other);
    assert_eq!(mrz.issuer, "UTO");
    let wrong = Err(MrzError::Check(MrzCheck::DocumentNumber));
    assert_eq!(Mrz::parse(&spoiled(&text, 17), today()), wrong);
    assert_eq!(Mrz::parse(&spoiled(&text, 18), today()), wrong);
    // Without anything there the filler is a wrong check digit.
    let mut zone: Vec<char> = TD1.chars().filter(|c| *c != '\n').collect();
    zone[14] = '<';
    zone[15] = '<';
    assert_eq!(Mrz::parse(&zone.iter().collect::<String>(), today()), wrong);
}

#[test]
fn documents_of_other_states_and_kinds_are_other_documents_without_a_pinfl() {
    let foreign = td1(
        "I<UTO",
        "X12",
        PINFL,
        "900101",
        ("F340101", "UTO"),
        "NAMUNAYEV<<NAMUNA",
    );
    let mrz = Mrz::parse(&foreign, today()).unwrap();
    assert_eq!(
        (mrz.document, mrz.number.0.as_str()),
        (DocumentKind::Other, "X12")
    );
    assert_eq!((mrz.pinfl, mrz.sex), (None, Some(Sex::Female)));
    for code in ["A<UZB", "C<UZB"] {
        let other = td1(
            code,
            "X12",
            "",
            "900101",
            ("M340101", "UZB"),
            "NAMUNAYEV<<NAMUNA",
        );
        assert_eq!(
            Mrz::parse(&other, today()).unwrap().document,
            DocumentKind::Other
        );
    }
    let foreign = td3(
        "P<UTO",
        "L898902C3",
        "740812",
        "320415",
        "",
        "NAMUNAYEV<<NAMUNA",
    );
    assert_eq!(
        Mrz::parse(&foreign, today()).unwrap().document,
        DocumentKind::Other
    );
    // An ID card of Uzbekistan has the form of one.
    assert_eq!(
        Mrz::parse(&sound("X12", ""), today()),
        Err(MrzError::DocumentNumber)
    );
    assert_eq!(
        Mrz::parse(&sound("AA1234567", "12"), today())
            .unwrap()
            .pinfl,
        None
    );
}

#[test]
fn two_digit_years_are_told_apart_by_today() {
    let read = |birth: &str, expiry: &str, today: Date| {
        let rest = format!("M{expiry}");
        let text = td1(
            "I<UZB",
            "AA1234567",
            "",
            birth,
            (&rest, "UZB"),
            "NAMUNAYEV<<NAMUNA",
        );
        Mrz::parse(&text, today).map(|m| (m.birth_date.map(|b| b.0), m.expiry))
    };
    let both = |birth: &str, expiry: &str| Ok((Some(day(birth)), Some(day(expiry))));
    assert_eq!(
        read("260315", "260315", today()),
        both("2026-03-15", "2026-03-15")
    );
    assert_eq!(
        read("260316", "750101", today()),
        both("1926-03-16", "2075-01-01")
    );
    assert_eq!(
        read("270101", "760101", today()),
        both("1927-01-01", "1976-01-01")
    );
    assert_eq!(
        read("000229", "991231", today()),
        both("2000-02-29", "1999-12-31")
    );
    assert_eq!(
        read("900101", "340101", day("2089-12-31")),
        both("1990-01-01", "2134-01-01")
    );
    assert_eq!(read("<<<<<<", "<<<<<<", today()), Ok((None, None)));
    assert_eq!(
        read("90<<<<", "340101", today()),
        Ok((None, Some(day("2034-01-01"))))
    );
    for birth in ["900230", "9A0101", "901301", "900100"] {
        assert_eq!(
            read(birth, "340101", today()),
            Err(MrzError::BirthDate),
            "{birth}"
        );
        assert_eq!(
            read("900101", birth, today()),
            Err(MrzError::Expiry),
            "{birth}"
        );
    }
}

#[test]
fn names_are_parted_at_the_two_fillers() {
    let named = |name: &str| {
        let text = td1("I<UZB", "AA1234567", "", "900101", ("M340101", "UZB"), name);
        Mrz::parse(&text, today()).map(|m| (m.name.surname, m.name.given))
    };
    let both = |surname: &str, given: &str| Ok((surname.to_owned(), given.to_owned()));
    assert_eq!(
        named("NAMUNA<NAMUNAYEV<<NAMUNA<N"),
        both("NAMUNA NAMUNAYEV", "NAMUNA N")
    );
    assert_eq!(named("NAMUNAYEV"), both("NAMUNAYEV", ""));
    let full = "NAMUNAYEVNAMUNAYEVNAMUNAYEVNAM";
    assert_eq!(named(full), both(full, ""));
    for name in ["", "<<NAMUNA", "NAMUNA1<<NAMUNA"] {
        assert_eq!(named(name), Err(MrzError::Name), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_typed_text_makes_a_check_stumble(text in any::<String>()) {
        let _ = PersonName::new(&text, &text, Some(&text));
        let _ = Pinfl::parse(&text);
        let _ = Mrz::parse(&text, today());
        for kind in [DocumentKind::IdCard, DocumentKind::Passport, DocumentKind::Other] {
            let _ = DocumentNumber::parse(kind, &text);
        }
        let _ = Pinfl(text.clone()).birth_date();
        let _ = Pinfl(text).sex();
    }

    #[test]
    fn no_zone_of_the_right_length_makes_the_reader_stumble(
        cards in "[IAC][A-Z0-9<]{89}",
        passports in "P[A-Z0-9<]{87}",
        i in 0..90_usize,
        b in "[A-Z0-9<]",
    ) {
        let _ = Mrz::parse(&cards, today());
        let _ = Mrz::parse(&passports, today());
        let mut zone: Vec<char> = TD1.chars().filter(|c| *c != '\n').collect();
        zone[i] = b.chars().next().unwrap();
        let _ = Mrz::parse(&zone.into_iter().collect::<String>(), today());
    }

    #[test]
    fn a_name_once_taken_is_taken_again_unchanged(
        a in "[A-Za-zЎўҚқҒғҲҳ'’` -]{1,70}",
        b in "[A-Za-z'ʼ]{1,64}",
    ) {
        if let Ok(name) = PersonName::new(&a, &b, Some(&a)) {
            let again =
                PersonName::new(&name.surname, &name.given, name.patronymic.as_deref());
            prop_assert_eq!(again, Ok(name));
        }
    }
}
