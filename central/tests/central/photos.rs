//! Photos of tablets' condition (§31) and of incidents (§22) at central: of no encounter, counted on
//! the board, examined by the administrator.

use crate::captures::{Sealed, seal, send_all};
use crate::custody::{call, taken};
use crate::desk::now;
use crate::support::*;
use central::archive::{CaptureState, OwnedCapture};
use central::audit::AuditEvent;
use central::store::ArchiveFlag;
use protocol::*;
use regulation::custody::{Condition, Event};
use regulation::{CustodyId, IncidentId, OfficerId};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use uuid::Uuid;

/// The tablet's fact of a capture, of no encounter.
async fn tell(world: &World, tablet: &mut Tablet, photo: &Sealed, of: Option<CaptureOf>) {
    let capture = photo.named.clone();
    let fact = tablet.fact(world, FactKind::Capture { capture, of });
    let envelope = tablet.seal(None, &fact);
    tablet.send(world, vec![envelope]).await.unwrap();
}

fn photos(world: &World, tablet: &Tablet) -> Vec<OwnedCapture> {
    world.admin().photos(tablet.device()).unwrap()
}

fn states(world: &World, tablet: &Tablet) -> Vec<(CaptureId, CaptureState, bool)> {
    photos(world, tablet)
        .iter()
        .map(|photo| (photo.capture.id, photo.capture.state, photo.verified))
        .collect()
}

fn subjects(world: &World, event: AuditEvent) -> Vec<Option<String>> {
    let entries = world.admin().audit_entries(1000).unwrap();
    let ours = entries.into_iter().filter(|entry| entry.event == event);
    ours.map(|entry| entry.subject).collect()
}

fn custody() -> CustodyId {
    CustodyId(Uuid::from_u128(77))
}

#[tokio::test]
async fn photos_are_kept_counted_and_given_out_bit_by_bit() {
    let mut world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let mut tablet = world.on_duty("a").await;
    let of = CaptureOf::Custody { custody: custody() };
    let shown = seal(tablet.device(), 150_000);
    let unnamed = seal(tablet.device(), 10);
    tell(&world, &mut tablet, &shown, Some(of)).await;
    let Event::TakenOver {
        from, readiness, ..
    } = taken(custody())
    else {
        unreachable!()
    };
    let event = Event::TakenOver {
        custody: custody(),
        from,
        readiness,
        condition: Condition {
            damage: None,
            photos: vec![shown.named.id],
        },
        overridden: None,
    };
    let envelope = tablet.custody(&world, event);
    tablet.send(&world, vec![envelope]).await.unwrap();
    let incident = IncidentId(Uuid::from_u128(78));
    let of_incident = CaptureOf::Incident { incident };
    tell(&world, &mut tablet, &unnamed, Some(of_incident)).await;
    let flags = world.admin().archive().device_flags(tablet.device());
    assert_eq!(flags.unwrap(), []);
    let (first, second) = (shown.named.id, unnamed.named.id);
    assert_eq!(
        states(&world, &tablet),
        [
            (first, CaptureState::Missing, true),
            (second, CaptureState::Missing, true)
        ]
    );
    // The board counts what the taking over names.
    let board = now(&world, &desk).await;
    let row = board.tablets.iter().find(|r| r.device == tablet.device());
    assert_eq!(row.unwrap().photos, 1);
    for photo in [&shown, &unnamed] {
        assert!(send_all(&world, &tablet, photo).await.complete);
    }
    let listed = photos(&world, &tablet);
    assert!(
        listed
            .iter()
            .all(|p| p.capture.state == CaptureState::Whole)
    );
    assert_eq!((listed[0].of, listed[1].of), (of, of_incident));
    let archive = world.admin().archive();
    let mut plain = Vec::new();
    let reader = archive.owned_capture(tablet.device(), first).unwrap();
    reader.unwrap().read_to_end(&mut plain).unwrap();
    assert!(plain == shown.plain);
    // By its own tablet alone, and no encounter's.
    let other = world.on_duty("b").await;
    assert!(
        archive
            .owned_capture(other.device(), first)
            .unwrap()
            .is_none()
    );
    assert!(photos(&world, &other).is_empty());
    // As it is after a restart.
    world.stop().await;
    world.start().await;
    assert_eq!(photos(&world, &tablet), listed);
    assert_eq!(subjects(&world, AuditEvent::PhotosListed).len(), 4);
}

#[tokio::test]
async fn what_is_altered_or_not_the_officers_is_told() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let of = CaptureOf::Custody { custody: custody() };
    let photo = seal(tablet.device(), 100_000);
    tell(&world, &mut tablet, &photo, Some(of)).await;
    send_all(&world, &tablet, &photo).await;
    let forged = seal(tablet.device(), 20);
    let mut fact = tablet.fact(
        &world,
        FactKind::Capture {
            capture: forged.named.clone(),
            of: Some(of),
        },
    );
    fact.officer = OfficerId(Uuid::from_u128(99));
    let envelope = tablet.seal(None, &fact);
    tablet.send(&world, vec![envelope]).await.unwrap();
    let of_nothing = seal(tablet.device(), 30);
    tell(&world, &mut tablet, &of_nothing, None).await;
    let flags = world.admin().archive().device_flags(tablet.device());
    let flags: Vec<_> = flags.unwrap().into_iter().map(|(_, flag)| flag).collect();
    assert_eq!(
        flags,
        [ArchiveFlag::OfficerMismatch, ArchiveFlag::EncounterMissing]
    );
    // Where one of them is sound, it is that one that counts.
    let replica = world.config.replica_dir.clone().unwrap();
    let alter = |dir: &Path| {
        let file = dir.join("captures").join(photo.named.id.to_string());
        let mut bytes = fs::read(&file).unwrap();
        bytes[70_000] ^= 1;
        fs::write(&file, bytes).unwrap();
    };
    alter(&world.config.data_dir);
    let sound = (photo.named.id, CaptureState::Whole, true);
    assert_eq!(states(&world, &tablet)[0], sound);
    alter(&replica);
    let listed = states(&world, &tablet);
    assert_eq!(
        listed,
        [
            (photo.named.id, CaptureState::Altered, true),
            (forged.named.id, CaptureState::Missing, false)
        ]
    );
    let device = tablet.device().to_string();
    assert_eq!(call(&world, &["photos", &device]), Err(3));
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("photo.jpg");
    let admin = world.admin();
    for id in [photo.named.id, forged.named.id, of_nothing.named.id] {
        assert!(admin.save_photo(tablet.device(), id, &out).is_err());
        assert!(!out.exists());
    }
}

#[tokio::test]
async fn the_command_line_lists_photos_and_saves_one() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let photo = seal(tablet.device(), 70_000);
    let of = CaptureOf::Custody { custody: custody() };
    tell(&world, &mut tablet, &photo, Some(of)).await;
    send_all(&world, &tablet, &photo).await;
    let (device, id) = (tablet.device().to_string(), photo.named.id.to_string());
    let printed = call(&world, &["photos", &device]).unwrap();
    let expected = format!("{id} of custody {}, video, 70000 bytes", custody());
    assert!(
        printed.starts_with("#1 2") && printed.contains(&expected),
        "{printed}"
    );
    assert!(printed.ends_with(": whole\n"), "{printed}");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("photo.jpg");
    let path = out.to_str().unwrap();
    assert_eq!(call(&world, &["save-photo", &device, &id]), Err(2));
    assert_eq!(
        call(&world, &["save-photo", &device, "x", "--out", path]),
        Err(2)
    );
    assert_eq!(
        call(&world, &["save-photo", &device, &device, "--out", path]),
        Err(1)
    );
    let save = ["save-photo", &device, &id, "--out", path];
    assert_eq!(call(&world, &save).unwrap(), "70000 bytes\n");
    assert!(fs::read(&out).unwrap() == photo.plain);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&out).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(call(&world, &save), Err(1), "nothing is written over");
    let looked = subjects(&world, AuditEvent::PhotoRead);
    assert_eq!(looked.iter().flatten().filter(|s| **s == id).count(), 2);
}
