//! Makes a fixture of the schemas as they are: a central and a tablet with one encounter delivered,
//! one begun with no connection, and the session still open. `make-fixture DIR`; the tests of
//! migrations say where the fixtures of each shipped schema lie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use demo::emulator::{Glass, Skin};
use demo::tablet_kit::{TabletKit, dirs};
use demo::world::World;
use e_patrul_tests::{LONG, config};
use regulation::encounter::{Explanation, Outcome, ServiceId};
use std::path::{Path, PathBuf};
use tablet::pages::Page;
use tablet::worker::Command;
use zeroize::Zeroizing;

const PEOPLE: u64 = 2;

#[tokio::main]
async fn main() {
    let out = PathBuf::from(std::env::args().nth(1).expect("make-fixture DIR"));
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::start_with(dir.path(), config(dir.path()), PEOPLE)
        .await
        .unwrap();
    world.central.as_ref().unwrap().gallery_ready().await;
    let data = world.enrol("tablet").await.unwrap();
    let mut tablet = TabletKit::start(&data).unwrap();
    let t = &mut tablet;
    t.wait_for("log-in", LONG, |p| matches!(p.page, Page::Login(_)))
        .await
        .unwrap();
    t.send(Command::Login {
        login: demo::world::LOGIN.into(),
        password: Zeroizing::new(demo::world::PASSWORD.into()),
    });
    t.wait_for("the tablet", LONG, |p| matches!(p.page, Page::TakeOver(_)))
        .await
        .unwrap();
    t.send(Command::GoHome);
    t.wait_for("home", LONG, |p| matches!(p.page, Page::Home(_)))
        .await
        .unwrap();
    to_finger(t).await;
    t.panel.place(Glass {
        finger: 1,
        skin: Skin::Ordinary,
        touch: 7,
    });
    t.send(Command::StartCapture);
    t.wait_for("answer", LONG, |p| matches!(p.page, Page::Answer(_)))
        .await
        .unwrap();
    t.panel.lift();
    t.send(Command::ToOutcome);
    t.wait_for("outcome", LONG, |p| matches!(p.page, Page::Outcome(_)))
        .await
        .unwrap();
    t.send(Command::Finish(Outcome::Released));
    t.wait_for(
        "everything safe",
        LONG,
        |p| matches!(&p.page, Page::Closed(c) if c.delivery.waiting == 0 && c.delivery.stored == 0),
    )
    .await
    .unwrap();
    world.stop_central().await;
    t.send(Command::GoHome);
    t.wait_for("home", LONG, |p| matches!(p.page, Page::Home(_)))
        .await
        .unwrap();
    to_finger(t).await;
    tablet.stop();
    let (vault, keys) = dirs(&data);
    for (from, to) in [
        (vault, "tablet/vault"),
        (keys, "tablet/keys-unsafe"),
        (dir.path().join("central"), "central"),
        (dir.path().join("replica"), "replica"),
    ] {
        copy(&from, &out.join(to));
    }
}

/// From home to the finger page.
async fn to_finger(t: &mut TabletKit) {
    t.send(Command::NewEncounter);
    t.wait_for("introduce", LONG, |p| matches!(p.page, Page::Introduce(_)))
        .await
        .unwrap();
    t.send(Command::Introduce {
        place: "Намуна кўчаси, бекат".into(),
        chosen: false,
        service_id: ServiceId::NotAskedFor,
    });
    t.wait_for("ground", LONG, |p| matches!(p.page, Page::Ground(_)))
        .await
        .unwrap();
    t.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: "белгилари мос келди".into(),
        explanation: Explanation::Full,
    });
    t.wait_for("method", LONG, |p| matches!(p.page, Page::Method(_)))
        .await
        .unwrap();
    t.send(Command::ChooseFingerprint);
    t.wait_for("finger", LONG, |p| matches!(p.page, Page::Finger(_)))
        .await
        .unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_name() != "lock" {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
