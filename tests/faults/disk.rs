//! The tablet's disk is full: said to the officer, nothing half recorded, and it goes on.

use demo::emulator::EmulatedScanner;
use demo::tablet_kit::{self, TabletKit};
use e_patrul_tests::Scene;
use regulation::encounter::{Event, Explanation, Outcome};
use tablet::pages::{Notice, Page, PageView};
use tablet::worker::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_what_was_tapped_can_be_tapped_again() {
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = Scene::new().await;
    tablet.stop();
    let (scanner, panel) = EmulatedScanner::new();
    let parts = tablet_kit::parts(&data, scanner.clone()).unwrap();
    let vault = parts.vault.clone();
    let tablet = TabletKit::start_with(parts, scanner, panel).unwrap();
    let mut scene = Scene {
        world,
        tablet,
        data,
        dir,
    };
    scene
        .page("the log-in page", |p| matches!(p.page, Page::Login(_)))
        .await;
    scene.log_in().await;
    let id = scene.introduce().await;
    vault.limit_pages(Some(vault.pages().unwrap())).unwrap();
    // Free pages of the file are used up first; each tap takes some.
    let mut tapped = 0;
    let full = loop {
        tapped += 1;
        assert!(tapped < 400, "the disk is never full");
        scene.tablet.send(Command::StateGround {
            ground: "suspicion".into(),
            fact: format!("{tapped} {}", "белги ".repeat(80)),
            explanation: Explanation::Full,
        });
        let full = |p: &PageView| p.chrome.notice == Some(Notice::StorageFull);
        let page = scene
            .page("the method, or the notice", |p| {
                matches!(p.page, Page::Method(_)) || full(p)
            })
            .await;
        if full(&page) {
            break page;
        }
        // The tap that follows carries the stamp of the page it was made on.
        scene.tablet.send(Command::ReviewGround);
        scene
            .page("the ground again", |p| matches!(p.page, Page::Ground(_)))
            .await;
    };
    assert!(matches!(full.page, Page::Ground(_)), "the page stays");
    vault.limit_pages(None).unwrap();
    scene.state_ground(Explanation::Full);
    let page = scene
        .page("goes on", |p| matches!(p.page, Page::Method(_)))
        .await;
    assert_eq!(page.chrome.notice, None, "the notice goes by itself");
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    let archived = scene.archived(id).await;
    assert!(archived.verified.complete, "{:?}", archived.verified);
    let facts: Vec<_> = archived
        .events
        .iter()
        .filter_map(|(_, r)| match &r.event {
            Event::GroundStated { fact, .. } => Some(fact.clone()),
            _ => None,
        })
        .collect();
    let mut once = facts.clone();
    once.dedup();
    assert_eq!(facts, once, "nothing is recorded twice");
}
