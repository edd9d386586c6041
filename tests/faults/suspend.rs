//! The device is about to sleep.

use e_patrul_tests::Scene;
use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};
use tablet::pages::Page;

#[tokio::test(flavor = "multi_thread")]
async fn told_of_a_sleep_to_come_a_tablet_locks_itself_and_goes_on_after() {
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = Scene::new().await;
    tablet.stop();
    let of_child = data.clone();
    tokio::task::spawn_blocking(move || {
        let mut child = Process::new(env!("CARGO_BIN_EXE_tablet-until-killed"))
            .arg(of_child)
            .arg("lock")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "reached");
        // As e-patrul-lock.service does.
        let told = Process::new("kill")
            .args(["-USR1", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        assert_eq!(lines.next().unwrap().unwrap(), "locked");
        assert!(child.wait().unwrap().success());
    })
    .await
    .unwrap();
    let tablet = demo::tablet_kit::TabletKit::start(&data).unwrap();
    let mut scene = Scene {
        world,
        tablet,
        data,
        dir,
    };
    scene
        .page(
            "shift open",
            |p| matches!(&p.page, Page::Login(l) if l.shift_open),
        )
        .await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    scene
        .page("the ground", |p| matches!(p.page, Page::Ground(_)))
        .await;
}
