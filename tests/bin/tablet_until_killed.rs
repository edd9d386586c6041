//! A tablet that goes to a point of an encounter, says so, and waits there to be killed.
//! `tablet-until-killed DATA start|ground|lock|pending|answer|closed`; at `lock` it says when it is
//! locked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use demo::emulator::{Glass, Skin};
use demo::tablet_kit::TabletKit;
use e_patrul_tests::LONG;
use regulation::encounter::{Explanation, Outcome, ServiceId};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tablet::pages::Page;
use tablet::worker::Command;
use zeroize::Zeroizing;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().unwrap());
    let point = arguments.next().unwrap();
    let mut tablet = TabletKit::start(&data).unwrap();
    let t = &mut tablet;
    if point == "start" {
        reached();
    }
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
    t.send(Command::NewEncounter);
    t.wait_for("introduce", LONG, |p| matches!(p.page, Page::Introduce(_)))
        .await
        .unwrap();
    t.send(Command::Introduce {
        place: "бекат".into(),
        chosen: false,
        service_id: ServiceId::NotAskedFor,
    });
    t.wait_for("ground", LONG, |p| matches!(p.page, Page::Ground(_)))
        .await
        .unwrap();
    if point == "ground" {
        reached();
    }
    if point == "lock" {
        said("reached");
        t.wait_for("locked", LONG, |p| matches!(p.page, Page::Login(_)))
            .await
            .unwrap();
        said("locked");
        return;
    }
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
    t.panel.place(Glass {
        finger: 3,
        skin: Skin::Ordinary,
        touch: 9,
    });
    t.send(Command::StartCapture);
    t.wait_for("asked", LONG, |p| {
        matches!(p.page, Page::Pending(_) | Page::Answer(_))
    })
    .await
    .unwrap();
    if point == "pending" {
        reached();
    }
    t.wait_for("answer", LONG, |p| matches!(p.page, Page::Answer(_)))
        .await
        .unwrap();
    if point == "answer" {
        reached();
    }
    t.send(Command::ToOutcome);
    t.wait_for("outcome", LONG, |p| matches!(p.page, Page::Outcome(_)))
        .await
        .unwrap();
    t.send(Command::Finish(Outcome::Released));
    t.wait_for("closed", LONG, |p| matches!(p.page, Page::Closed(_)))
        .await
        .unwrap();
    reached();
}

fn said(word: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{word}").unwrap();
    out.flush().unwrap();
}

fn reached() -> ! {
    said("reached");
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}
