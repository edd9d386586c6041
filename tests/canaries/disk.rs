//! The whole data directory: database, WAL, keys, temporary files, what was set aside.

use crate::shift::{PIN, Played, SURNAME, begin, hand_over, play};
use demo::scan::Scanner;
use demo::tablet_kit::TabletKit;
use e_patrul_tests::Scene;
use std::path::Path;
use tablet::device::KeyStore as _;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::pages::{Notice, Page};
use tablet::worker::Command;

fn nothing(scanner: &Scanner, dir: &Path, when: &str) {
    let found = scanner.dir(dir).unwrap();
    assert!(found.is_empty(), "{when}: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_of_a_shift_is_on_the_tablet_while_it_lasts_or_after() {
    let Played { mut scene, secrets } = play(begin().await).await;
    let scanner = Scanner::new(&secrets);
    nothing(&scanner, &scene.data, "during the shift");
    scene.tablet.send(Command::Lock);
    scene
        .page("locked", |p| matches!(p.page, Page::Locked(_)))
        .await;
    nothing(&scanner, &scene.data, "locked");
    scene
        .tablet
        .send(Command::Unlock(zeroize::Zeroizing::new(PIN.into())));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    hand_over(&mut scene).await;
    nothing(&scanner, &scene.data, "after the hand-over");
    let keys = UnsafeFileKeyStore::open(&scene.data.join("keys-unsafe")).unwrap();
    let mut left = keys.entries().unwrap();
    // Of the tablet, not of a shift.
    left.retain(|entry| entry != "roster");
    assert_eq!(left, Vec::<String>::new(), "keys of the shift");

    // Set aside, a vault is as silent.
    let Scene {
        world,
        tablet,
        data,
        dir,
    } = scene;
    tablet.stop();
    let database = data.join("vault").join("vault.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[..4096].fill(0x5a);
    std::fs::write(&database, bytes).unwrap();
    let mut tablet = TabletKit::start(&data).unwrap();
    tablet
        .wait_for("set aside", e_patrul_tests::LONG, |p| {
            p.chrome.notice == Some(Notice::VaultQuarantined)
        })
        .await
        .unwrap();
    tablet.stop();
    let aside = std::fs::read_dir(data.join("vault"))
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with("damaged-"));
    assert_eq!(aside.count(), 1);
    nothing(&scanner, &data, "set aside");

    // The people that central knows lie readable in its own store: the scan finds them.
    let central = scanner.dir(&dir.path().join("central")).unwrap();
    assert!(!central.is_empty(), "the scan finds what is there");
    drop(world);
}

#[test]
fn the_scanner_finds_every_form_at_every_place_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = [SURNAME, PIN];
    let scanner = Scanner::new(&secrets);
    assert_eq!(scanner.dir(dir.path()).unwrap(), []);
    let base64 = |bytes: &[u8]| -> String {
        // As RFC 4648 says, by hand: the scanner's own library must not judge itself.
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let mut word = 0_u32;
            for i in 0..3 {
                word = word << 8 | u32::from(chunk.get(i).copied().unwrap_or(0));
            }
            for i in 0..4 {
                let letter = LETTERS[(word >> (18 - 6 * i) & 63) as usize];
                text.push(if i > chunk.len() {
                    '='
                } else {
                    char::from(letter)
                });
            }
        }
        text
    };
    for (n, secret) in secrets.into_iter().enumerate() {
        for before in 0..7 {
            let text = format!("{}{secret}-va boshqalar", "x".repeat(before));
            let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
                text.encode_utf16().flat_map(bytes).collect()
            };
            let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
            let url = base64(text.as_bytes()).replace('+', "-").replace('/', "_");
            for (form, bytes) in [
                ("UTF-8", text.clone().into_bytes()),
                ("UTF-16LE", utf16(u16::to_le_bytes)),
                ("UTF-16BE", utf16(u16::to_be_bytes)),
                ("base64", base64(text.as_bytes()).into_bytes()),
                ("base64url", url.into_bytes()),
                ("hex", hex.clone().into_bytes()),
                ("HEX", hex.to_uppercase().into_bytes()),
            ] {
                let inner = dir.path().join("inner");
                std::fs::create_dir_all(&inner).unwrap();
                let file = inner.join("planted");
                std::fs::write(&file, bytes).unwrap();
                let found = scanner.dir(dir.path()).unwrap();
                assert!(
                    found.iter().any(|f| f.secret == n && f.form == form),
                    "{form} after {before}: {found:?}"
                );
                assert!(found.iter().all(|f| f.secret == n), "{found:?}");
                std::fs::remove_file(&file).unwrap();
            }
        }
        let named = dir.path().join(format!("{secret}.txt"));
        std::fs::write(&named, "").unwrap();
        assert_eq!(
            scanner.dir(dir.path()).unwrap().len(),
            1,
            "names of files are looked at"
        );
        std::fs::remove_file(named).unwrap();
    }
}
