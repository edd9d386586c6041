//! The whole course through the real pages, a real central and emulated devices.
#![allow(clippy::unwrap_used)]

use training::cast::Trainee;
use training::compose::Options;
use training::headless;

#[test]
fn every_situation_played_as_asked_is_judged_met_from_centrals_archive() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        trainee: Trainee {
            login: "sinovchi".into(),
            password: "oquv-mashgulot".into(),
        },
        scenarios: None,
    };
    let (data, pictures) = (dir.path().join("data"), dir.path().join("pictures"));
    headless::run(&runtime, &data, &pictures, &options).unwrap();
    let text = std::fs::read_dir(data.join("results"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "txt"))
        .unwrap();
    let text = std::fs::read_to_string(text).unwrap();
    assert!(text.contains("sinovchi") && !text.contains("[-]"), "{text}");
}
