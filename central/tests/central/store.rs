use central::store::contract;
use central::store::sqlite::SqliteStore;

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
