use crate::support::*;
use biometrics::finger::synth::background_template;
use biometrics::record::minutiae::{FingerMinutiaeRecord, FingerPosition, Format, ImpressionType};
use central::people::import::{ImportError, LineFault, PrintFault};
use central::store::ImportFault;
use central::{Admin, AdminError};
use std::path::Path;
use std::time::{Duration, Instant};

const REGISTERS: &str =
    "[[register]]\nregister = \"wanted\"\nsource = \"invented\"\nas_of = \"2026-01-01\"\n";

pub fn line(id: u32) -> String {
    format!(
        r#"{{"id":"p{id}","surname":"Namunayev","given":"N","birth_date":"1990-01-01","address":"A","documents":["ZZ{id:07}"],"pinfl":"{id:014}"}}"#
    )
}

pub fn folder(dir: &Path, lines: &[String]) {
    std::fs::create_dir_all(dir.join("prints")).unwrap();
    std::fs::write(dir.join("registers.toml"), REGISTERS).unwrap();
    std::fs::write(dir.join("people.jsonl"), lines.join("\n")).unwrap();
}

fn import(world: &World, dir: &Path) -> Result<central::store::Imported, ImportError> {
    let admin = Admin::open(&world.config).unwrap();
    admin
        .import_folder(dir, &mut |_| {})
        .map_err(|error| match error {
            AdminError::Import(error) => error,
            other => panic!("{other}"),
        })
}

#[test]
fn a_folder_of_people_pictures_records_and_templates_is_imported() {
    let world = World::stopped(|_| {});
    let dir = world.dir.path().join("people");
    folder(&dir, &[line(1), String::new(), line(2)]);
    std::fs::write(dir.join("prints/p1_right_index.png"), print(1, 1)).unwrap();
    let template = background_template(2).to_bytes();
    std::fs::write(dir.join("prints/p2_left_thumb.ept"), template).unwrap();
    let record = FingerMinutiaeRecord::of_template(
        Format::V2005,
        FingerPosition::LeftIndex,
        ImpressionType::LivePlain,
        &background_template(3),
    );
    std::fs::write(
        dir.join("prints/p2_left_index.iso"),
        record.write().unwrap(),
    )
    .unwrap();
    let imported = import(&world, &dir).unwrap();
    assert_eq!((imported.people, imported.prints), (2, 3));
    // Again: replaced, not added.
    import(&world, &dir).unwrap();
    assert_eq!(
        Admin::open(&world.config).unwrap().people_count().unwrap(),
        2
    );
}

#[test]
fn a_fault_names_its_line_and_nothing_is_imported() {
    let world = World::stopped(|_| {});
    let cases = [
        ("nonsense".to_owned(), LineFault::NotAPerson),
        (
            line(3).replace("\"address\":\"A\"", "\"address\":\" \""),
            LineFault::Text,
        ),
        (
            line(3).replace("Namunayev", &"x".repeat(501)),
            LineFault::Text,
        ),
        (
            line(3).replace("\"00000000000003\"", "\"3\""),
            LineFault::Pinfl,
        ),
        (
            line(3).replace("1990-01-01", "1990-02-30"),
            LineFault::NotAPerson,
        ),
        (
            line(3).replace("\"id\"", "\"wish\":1,\"id\""),
            LineFault::NotAPerson,
        ),
        (line(1), LineFault::Repeated),
        (
            format!("{}{}", line(3), " ".repeat(70_000)),
            LineFault::TooLong,
        ),
    ];
    for (bad, expected) in cases {
        let dir = world.dir.path().join("people");
        folder(&dir, &[line(1), line(2), bad]);
        match import(&world, &dir) {
            Err(ImportError::Line { line: 3, what }) => assert_eq!(what, expected),
            other => panic!("{expected:?}: {other:?}"),
        }
        assert_eq!(
            Admin::open(&world.config).unwrap().people_count().unwrap(),
            0
        );
    }
}

#[test]
fn people_that_do_not_fit_beside_each_other_are_refused_whole() {
    let world = World::stopped(|_| {});
    let admin = Admin::open(&world.config).unwrap();
    let same_document = central::NewPerson {
        documents: person(1).documents,
        ..person(2)
    };
    let same_pinfl = central::NewPerson {
        pinfl: person(1).pinfl,
        ..person(2)
    };
    let fault = |people: [central::NewPerson; 2]| match admin.import(&registers(), people) {
        Err(AdminError::Import(ImportError::Refused(fault))) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        fault([person(1), same_document]),
        ImportFault::DocumentTaken(2)
    );
    assert_eq!(fault([person(1), same_pinfl]), ImportFault::PinflTaken(2));
    match admin.import(&registers()[1..], [person(2), person(1)]) {
        Err(AdminError::Import(ImportError::Refused(fault))) => {
            assert_eq!(fault, ImportFault::RegisterUnknown(2));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(admin.people_count().unwrap(), 0);
}

#[test]
fn a_print_that_cannot_be_used_is_named_by_number() {
    let world = World::stopped(|_| {});
    let cases: [(&str, &[u8], PrintFault); 6] = [
        ("p1.png", b"", PrintFault::Name),
        ("p1_right_toe.png", b"", PrintFault::Name),
        ("p9_right_index.png", b"", PrintFault::PersonUnknown),
        ("p1_right_index.png", b"x", PrintFault::Picture),
        ("p1_right_index.ept", b"x", PrintFault::Template),
        ("p1_right_index.iso", b"FMR\0 20\0", PrintFault::Record),
    ];
    for (name, bytes, expected) in cases {
        let dir = tempfile::tempdir().unwrap();
        folder(dir.path(), &[line(1)]);
        std::fs::write(dir.path().join("prints").join(name), bytes).unwrap();
        match import(&world, dir.path()) {
            Err(ImportError::Print { number: 1, what }) => assert_eq!(what, expected),
            other => panic!("{expected:?}: {other:?}"),
        }
    }
}

#[test]
fn five_thousand_people_are_imported_in_seconds() {
    let world = World::stopped(|_| {});
    let admin = Admin::open(&world.config).unwrap();
    let prints = person(1).prints;
    let people: Vec<_> = (0..5_000)
        .map(|n| central::NewPerson {
            prints: prints.clone(),
            ..small(n)
        })
        .collect();
    let started = Instant::now();
    let imported = admin.import(&registers(), people).unwrap();
    assert_eq!((imported.people, imported.prints), (5_000, 5_000));
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

fn small(n: u64) -> central::NewPerson {
    let id = format!("p-{n}");
    central::NewPerson {
        id,
        pinfl: None,
        documents: vec![regulation::identity::DocumentNumber(format!("ZY{n:07}"))],
        prints: Vec::new(),
        portrait: None,
        ..person(0)
    }
}
