use central::store::sqlite::SqliteStore;
use central::store::{Store as _, contract};

#[test]
fn sqlite_keeps_the_contract_of_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let mut number = 0;
    contract::check(&mut || {
        number += 1;
        let path = dir.path().join(format!("{number}.db"));
        SqliteStore::create(&path, None).map_err(|e| e.to_string())
    })
    .unwrap();
}

#[test]
fn what_another_program_changed_is_noticed_and_what_was_written_here_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("central.db");
    let here = SqliteStore::create(&path, None).unwrap();
    let there = SqliteStore::open(&path, None).unwrap();
    let code = |n: u8| central::store::NewCode {
        hash: [n; 32],
        device_name: "t".into(),
        expires_at: regulation::Timestamp(9),
    };
    let before = here.changed_by_others().unwrap();
    here.add_code(&code(1)).unwrap();
    assert_eq!(here.changed_by_others().unwrap(), before);
    there.add_code(&code(2)).unwrap();
    assert_ne!(here.changed_by_others().unwrap(), before);
}
