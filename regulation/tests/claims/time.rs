use super::walk::day;
use proptest::prelude::*;
use regulation::time::NotADate;
use regulation::{Date, Timestamp};

#[test]
fn millis_since_never_runs_backwards() {
    assert_eq!(Timestamp(10).millis_since(Timestamp(4)), 6);
    assert_eq!(Timestamp(4).millis_since(Timestamp(10)), 0);
    assert_eq!(
        Timestamp(i64::MAX).millis_since(Timestamp(i64::MIN)),
        i64::MAX as u64
    );
    assert_eq!(Timestamp(4).plus_millis(6), Timestamp(10));
    assert_eq!(Timestamp(4).plus_millis(u64::MAX), Timestamp(i64::MAX));
}

#[test]
fn a_date_is_a_day_of_the_calendar() {
    for (y, m, d) in [
        (2024, 2, 29),
        (2000, 2, 29),
        (2026, 1, 31),
        (2026, 4, 30),
        (1, 1, 1),
        (9999, 12, 31),
        (2026, 2, 28),
        (2026, 12, 31),
        (2026, 6, 30),
        (2026, 9, 30),
        (2026, 11, 30),
        (2026, 3, 31),
        (2026, 5, 31),
        (2026, 7, 31),
        (2026, 8, 31),
        (2026, 10, 31),
    ] {
        let date = Date::new(y, m, d).unwrap();
        assert_eq!((date.year(), date.month(), date.day()), (y, m, d));
    }
    for (y, m, d) in [
        (2023, 2, 29),
        (1900, 2, 29),
        (2026, 1, 32),
        (2026, 4, 31),
        (2026, 6, 31),
        (2026, 9, 31),
        (2026, 11, 31),
        (2026, 0, 1),
        (2026, 13, 1),
        (2026, 1, 0),
        (0, 1, 1),
        (-1, 1, 1),
        (10000, 1, 1),
        (2024, 2, 30),
    ] {
        assert_eq!(Date::new(y, m, d), Err(NotADate));
    }
}

#[test]
fn a_date_is_written_and_read_in_one_way() {
    assert_eq!(day("0987-06-05").to_string(), "0987-06-05");
    let json = serde_json::to_string(&day("2026-01-02")).unwrap();
    assert_eq!(json, r#""2026-01-02""#);
    assert_eq!(
        serde_json::from_str::<Date>(&json).unwrap(),
        day("2026-01-02")
    );
    for text in [
        "",
        "2026-1-02",
        "2026-01-2",
        "26-01-02",
        "2026-01-02 ",
        "2026-01-02-3",
        "2026/01/02",
        "2026-02-30",
        "+026-01-02",
        "2026-+1-02",
        "20260102",
        "2026-01-0a",
        "02-01-2026",
        "2026-01--2",
        "2026-001-2",
        "яяяяя",
    ] {
        assert_eq!(text.parse::<Date>(), Err(NotADate), "{text}");
    }
}

#[test]
fn a_typed_date_is_read_as_people_type_it() {
    for text in [
        "05.01.1990",
        "5.1.1990",
        " 05.01.1990 ",
        "05/01/1990",
        "05-01-1990",
        "05,01,1990",
        "05 01 1990",
        "05. 01. 1990",
        "05011990",
        "1990-01-05",
        "1990.1.5",
    ] {
        assert_eq!(Date::from_typed(text), Ok(day("1990-01-05")), "{text}");
    }
    for text in [
        "",
        ".",
        "05.01",
        "05.01.90",
        "1",
        "050190",
        "5011990",
        "31.02.1990",
        "05.13.1990",
        "00.01.1990",
        "005.01.1990",
        "05.001.1990",
        "05.01.19900",
        "05.01.1990.1",
        "0501199O",
        "05.0a.1990",
        "+5.01.1990",
        "05.01.+990",
        "05.yanvar.1990",
        "яя.01.1990",
        "яяяя",
        "1990-01-005",
        "05.01.199a",
        "٠٥.٠١.١٩٩٠",
    ] {
        assert_eq!(Date::from_typed(text), Err(NotADate), "{text}");
    }
}

#[test]
fn the_local_day_of_a_moment_follows_the_offset() {
    let local = |ms: i64, offset: i32| Timestamp(ms).local_date(offset).unwrap().to_string();
    assert_eq!(local(0, 0), "1970-01-01");
    assert_eq!(local(-1, 0), "1969-12-31");
    assert_eq!(local(86_399_999, 0), "1970-01-01");
    assert_eq!(local(86_400_000, 0), "1970-01-02");
    // 2022-07-22T18:59:59.999Z and a millisecond later, five hours to the east.
    assert_eq!(local(1_658_516_399_999, 300), "2022-07-22");
    assert_eq!(local(1_658_516_400_000, 300), "2022-07-23");
    assert_eq!(local(1_658_516_400_000, -300), "2022-07-22");
    assert_eq!(local(951_782_400_000, 0), "2000-02-29");
    assert_eq!(local(-2_203_891_200_000, 0), "1900-03-01");
    for ms in [i64::MAX, i64::MIN, 253_402_300_800_000, -62_135_596_800_001] {
        assert_eq!(Timestamp(ms).local_date(0), Err(NotADate), "{ms}");
    }
    assert_eq!(local(253_402_300_799_999, 0), "9999-12-31");
    assert_eq!(local(-62_135_596_800_000, 0), "0001-01-01");
}

#[test]
fn a_day_begins_with_its_first_moment() {
    assert_eq!(day("1970-01-01").begins_at(0), Timestamp(0));
    for offset in [-840, -300, 0, 300, 840] {
        for text in [
            "0001-01-01",
            "1900-03-01",
            "2000-02-29",
            "2022-07-23",
            "9999-12-31",
        ] {
            let begins = day(text).begins_at(offset);
            assert_eq!(begins.local_date(offset), Ok(day(text)), "{text} {offset}");
            let eve = Timestamp(begins.0 - 1).local_date(offset);
            assert_ne!(eve, Ok(day(text)), "{text} {offset}");
        }
    }
}

#[test]
fn a_day_ends_where_the_next_one_begins() {
    for text in [
        "1970-01-01",
        "2024-02-28",
        "2024-02-29",
        "2026-12-31",
        "2100-03-01",
    ] {
        for offset in [0, 300, -300] {
            let end = day(text).ends_at(offset);
            let last = Timestamp(end.0 - 1).local_date(offset);
            assert_eq!(last, Ok(day(text)), "{text}");
            assert_ne!(end.local_date(offset), Ok(day(text)), "{text}");
        }
    }
}

#[test]
fn every_day_follows_its_eve() {
    let mut last = Timestamp(-62_135_596_800_000).local_date(0).unwrap();
    for n in 1..=150_000_i64 {
        let next = Timestamp(-62_135_596_800_000 + n * 86_400_000)
            .local_date(0)
            .unwrap();
        let follows = Date::new(last.year(), last.month(), last.day() + 1)
            .or_else(|_| Date::new(last.year(), last.month() + 1, 1))
            .or_else(|_| Date::new(last.year() + 1, 1, 1))
            .unwrap();
        assert_eq!(next, follows);
        let begins = Timestamp(-62_135_596_800_000 + n * 86_400_000);
        assert_eq!(next.begins_at(0), begins);
        last = next;
    }
    assert_eq!(last, day("0411-09-09"));
}

#[test]
fn a_moment_is_written_as_the_local_clock_shows_it() {
    // 2026-11-18, 07:04 UTC.
    let at = Timestamp(1_794_985_440_000);
    assert_eq!(at.local_date(300).unwrap().typed(), "18.11.2026");
    assert_eq!(at.local_clock(300), "12:04");
    assert_eq!(at.local_clock(-8 * 60), "23:04");
    assert_eq!(Timestamp(-1).local_clock(0), "23:59");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_typed_text_and_no_moment_makes_a_date_stumble(text in any::<String>(), ms in any::<i64>()) {
        let _ = Date::from_typed(&text);
        let _ = text.parse::<Date>();
        let _ = Timestamp(ms).local_date(300);
        let _ = Timestamp(ms).local_clock(300);
    }

    #[test]
    fn a_date_typed_in_any_form_is_that_date(y in 1..=9999_i16, m in 1..=12_u8, d in 1..=28_u8) {
        let date = Date::new(y, m, d).unwrap();
        prop_assert_eq!(Date::from_typed(&format!("{d}.{m}.{y:04}")), Ok(date));
        prop_assert_eq!(Date::from_typed(&format!("{d:02}{m:02}{y:04}")), Ok(date));
        prop_assert_eq!(Date::from_typed(&date.typed()), Ok(date));
        prop_assert_eq!(Date::from_typed(&date.to_string()), Ok(date));
        prop_assert_eq!(date.to_string().parse(), Ok(date));
    }
}
