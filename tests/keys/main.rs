//! Keys in use by a whole tablet: in a TPM, against a tablet that is locked, and under a sealing key
//! that central replaces.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tablet/tests/keystore/swtpm.rs"]
mod swtpm;

use demo::emulator::{EmulatedPower, EmulatedScanner};
use demo::tablet_kit::{self, TabletKit};
use demo::world::{self, World};
use e_patrul_tests::{LONG, PEOPLE, Scene, config};
use regulation::Edition;
use regulation::encounter::Outcome;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use swtpm::Swtpm;
use tablet::device::keystore::{TpmKeyStore, UnsafeFileKeyStore};
use tablet::device::{KeyName, KeyStore, NoCamera, NoSpeaker, NoVoice, SystemClock};
use tablet::pages::{AnswerView, LoginProblem, Page};
use tablet::vault::Vault;
use tablet::worker::{Command, LockPolicy, Parts};

fn keys(data: &Path, tpm: &Swtpm) -> Arc<TpmKeyStore> {
    Arc::new(TpmKeyStore::open(&data.join("keys"), &tpm.address()).unwrap())
}

fn start(data: &Path, tpm: &Swtpm) -> TabletKit {
    let keystore = keys(data, tpm);
    let clock = Arc::new(SystemClock::new());
    let vault = Vault::open(&data.join("vault"), keystore.clone(), clock.clone());
    let (scanner, panel) = EmulatedScanner::new();
    let parts = Parts {
        vault: vault.unwrap().0,
        quarantined: false,
        keystore,
        scanner: scanner.clone(),
        speaker: Arc::new(NoSpeaker),
        voice: Arc::new(NoVoice),
        camera: Arc::new(NoCamera),
        power: Arc::new(EmulatedPower::new(82)),
        clock,
        edition: Arc::new(Edition::shipped().unwrap()),
        face: biometrics::face::Thresholds::default(),
        lock: LockPolicy {
            pin: false,
            ..LockPolicy::default()
        },
        protected: tablet::worker::Protection::WHOLE,
    };
    TabletKit::start_with(parts, scanner, panel).unwrap()
}

/// A central, and a tablet enrolled with keys in `tpm`.
async fn scene(tpm: &Swtpm) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let world = World::start_with(dir.path(), config(dir.path()), PEOPLE)
        .await
        .unwrap();
    let central = world.central.as_ref().unwrap();
    central.gallery_ready().await;
    let data = world.tablet_dir("tablet");
    let code = central.admin().new_enrolment_code("tablet").unwrap();
    {
        let keystore = keys(&data, tpm);
        let ca = central.ca_pem();
        let identity = tablet::link::enrol(&world.server_url(), &ca, &code, keystore.as_ref())
            .await
            .unwrap();
        let clock = Arc::new(SystemClock::new());
        let (vault, _) = Vault::open(&data.join("vault"), keystore, clock).unwrap();
        vault.set_identity(&identity).unwrap();
    }
    let tablet = start(&data, tpm);
    let mut scene = Scene {
        world,
        tablet,
        data,
        dir,
    };
    log_in_page(&mut scene).await;
    scene
}

async fn log_in_page(scene: &mut Scene) {
    let what = |page: &tablet::pages::PageView| matches!(page.page, Page::Login(_));
    scene.page("the log-in page", what).await;
}

async fn restarted(scene: Scene, tpm: &mut Swtpm) -> Scene {
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = scene;
    tablet.stop();
    tpm.restart();
    let tablet = start(&data, tpm);
    let mut scene = Scene {
        world,
        tablet,
        data,
        dir,
    };
    log_in_page(&mut scene).await;
    scene
}

async fn encounter(scene: &mut Scene) -> (regulation::EncounterId, AnswerView) {
    let id = scene.to_finger().await;
    scene.capture(3).await;
    let answer = scene.revealed_answer().await;
    scene.finish(Outcome::Released).await;
    scene.all_safe().await;
    (id, answer)
}

async fn home(scene: &mut Scene) {
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |page| matches!(page.page, Page::Home(_)))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_encounter_with_keys_in_a_tpm() {
    let mut tpm = Swtpm::start();
    let mut scene = scene(&tpm).await;
    scene.log_in().await;
    let (first, answer) = encounter(&mut scene).await;
    assert!(!answer.people.is_empty(), "the look-up named somebody");
    let archived = scene.archived(first).await;
    assert!(archived.verified.all(), "{:?}", archived.verified);

    // Switched off and on, with no connection: the shift is there.
    scene.world.cable.pull();
    let mut scene = restarted(scene, &mut tpm).await;
    scene.log_in().await;
    scene.world.cable.plug_in();
    let (second, _) = encounter(&mut scene).await;
    assert!(scene.archived(second).await.verified.all());

    // The end of the shift destroys its entry in the TPM.
    home(&mut scene).await;
    scene.tablet.send(Command::EndShift);
    log_in_page(&mut scene).await;
    scene.tablet.stop();
    let keystore = keys(&scene.data, &tpm);
    let left = keystore.entries().unwrap();
    assert!(
        left.iter()
            .all(|entry| uuid::Uuid::parse_str(entry).is_err()),
        "no session's: {left:?}"
    );
    let identity = std::fs::read_to_string(scene.data.join("vault/identity")).unwrap();
    assert!(identity.contains("BEGIN CERTIFICATE"));
    assert_eq!(keystore.public(KeyName::Tls).unwrap().len(), 65);
}

#[tokio::test(flavor = "multi_thread")]
async fn central_replaces_its_sealing_key_and_every_encounter_opens() {
    let mut scene = Scene::logged_in().await;
    let (first, _) = encounter(&mut scene).await;
    home(&mut scene).await;
    let admin = scene.world.central.as_ref().unwrap().admin().clone();
    let key = admin.rotate_sealing_key().unwrap();
    // The shift that runs goes on with the key it has.
    let (second, _) = encounter(&mut scene).await;
    home(&mut scene).await;
    scene.tablet.send(Command::EndShift);
    log_in_page(&mut scene).await;
    scene.log_in().await;
    let (third, _) = encounter(&mut scene).await;
    for id in [first, second, third] {
        let verified = scene.archived(id).await.verified;
        assert!(verified.all(), "{verified:?}");
    }
    let identity = std::fs::read_to_string(scene.data.join("vault/identity")).unwrap();
    assert!(identity.contains(&key.to_string()), "taken into use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_tablet_says_so_and_central_still_lets_the_officer_in() {
    let scene = Scene::logged_in().await;
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = scene;
    tablet.stop();
    // As after an older copy of the disk: the counter is ahead of the record.
    let (_, key_dir) = tablet_kit::dirs(&data);
    let keystore = UnsafeFileKeyStore::open(&key_dir).unwrap();
    for _ in 0..3 {
        keystore.count().unwrap();
    }
    world.cable.pull();
    let mut scene = Scene {
        tablet: TabletKit::start(&data).unwrap(),
        world,
        data,
        dir,
    };
    log_in_page(&mut scene).await;
    scene.try_log_in(world::LOGIN, world::PASSWORD);
    scene
        .page("locked", |page| {
            let Page::Login(login) = &page.page else {
                return false;
            };
            login.problem == Some(LoginProblem::Locked)
        })
        .await;
    scene.world.cable.plug_in();
    // The plug may take a moment; until then it is said again.
    let deadline = Instant::now() + LONG;
    loop {
        scene.try_log_in(world::LOGIN, world::PASSWORD);
        // Another page than the one that is shown now.
        scene.tablet.page = None;
        let page = scene
            .page("home, or refused again", |page| match &page.page {
                Page::Login(login) => login.problem.is_some() && !login.busy,
                _ => true,
            })
            .await;
        if !matches!(page.page, Page::Login(_)) {
            return;
        }
        assert!(Instant::now() < deadline, "{:?}", page.page);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
