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
use regulation::custody::Event;
use regulation::incident::Report;
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

/// The tablet is taken over; its condition was photographed.
fn with_photos(photos: Vec<CaptureId>) -> Event {
    let mut event = taken(custody());
    if let Event::TakenOver { condition, .. } = &mut event {
        condition.photos = photos;
    }
    event
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
    let envelope = tablet.custody(&world, with_photos(vec![shown.named.id]));
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
    // The board lists what the taking over names.
    let board = now(&world, &desk).await;
    let row = board.tablets.iter().find(|r| r.device == tablet.device());
    assert_eq!(row.unwrap().photos, [first]);
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
    let (belongs, mut reader) = reader.unwrap();
    assert_eq!(belongs, of);
    reader.read_to_end(&mut plain).unwrap();
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

/// `GET` of the photo by the session that is open on the tablet.
async fn look(world: &World, at: &Tablet, photo: CaptureId) -> Result<Vec<u8>, ErrorCode> {
    let url = world.url(&path::photo(photo));
    let request = at.client.get(url).bearer_auth(&at.session().token);
    let response = request.send().await.unwrap();
    if !response.status().is_success() {
        return Err(code(reply::<()>(response).await));
    }
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("cache-control"), "no-store");
    Ok(response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_desk_sees_the_photos_that_its_role_deals_with_and_each_look_is_kept() {
    let world = World::new().await;
    let mut patrol = world.on_duty("a").await;
    let device = patrol.device();
    let [of_tablet, of_incident, unnamed, late] =
        [20_000, 30_000, 40, 50_000].map(|n| seal(device, n));
    let incident = IncidentId(Uuid::from_u128(78));
    let belongs = CaptureOf::Incident { incident };
    let condition = CaptureOf::Custody { custody: custody() };
    tell(&world, &mut patrol, &of_tablet, Some(condition)).await;
    for photo in [&of_incident, &unnamed, &late] {
        tell(&world, &mut patrol, photo, Some(belongs)).await;
    }
    let custody = patrol.custody(&world, with_photos(vec![of_tablet.named.id]));
    let report = Report {
        photos: vec![of_incident.named.id, late.named.id],
        ..crate::incidents::report(&world)
    };
    let reported = patrol.incident(
        &world,
        regulation::incident::Event::Reported { incident, report },
    );
    patrol.send(&world, vec![custody, reported]).await.unwrap();
    for photo in [&of_tablet, &of_incident, &unnamed] {
        assert!(send_all(&world, &patrol, photo).await.complete);
    }
    let (tablets, incidents) = (of_tablet.named.id, of_incident.named.id);
    let none = Err(ErrorCode::NotFound);
    for (login, role, may_tablets, may_incidents) in [
        ("d", Role::Duty, true, true),
        ("c", Role::Commander, true, true),
        ("m", Role::Monitoring, false, true),
        ("r", Role::Responsible, true, false),
        ("l", Role::Logistics, true, false),
    ] {
        world.officer_as(login, "1", role);
        let mut desk = world.tablet().await;
        desk.log_in(&world, login).await;
        let shown = |may: bool, photo: &Sealed| {
            if may {
                Ok(photo.plain.clone())
            } else {
                none.clone()
            }
        };
        assert_eq!(
            look(&world, &desk, tablets).await,
            shown(may_tablets, &of_tablet),
            "{login}"
        );
        assert_eq!(
            look(&world, &desk, incidents).await,
            shown(may_incidents, &of_incident),
            "{login}"
        );
        // Named by no report; not all here; unknown.
        for photo in [unnamed.named.id, late.named.id, CaptureId(Uuid::nil())] {
            assert_eq!(look(&world, &desk, photo).await, none, "{login}");
        }
    }
    assert_eq!(
        look(&world, &patrol, incidents).await,
        Err(ErrorCode::NotAllowed)
    );
    let elsewhere = world.at_the_desk("e", "2").await;
    for photo in [tablets, incidents] {
        assert_eq!(look(&world, &elsewhere, photo).await, none);
    }
    let looked: Vec<_> = subjects(&world, AuditEvent::PhotoRead)
        .into_iter()
        .flatten()
        .collect();
    let looks = |photo: CaptureId| looked.iter().filter(|s| **s == photo.to_string()).count();
    assert_eq!((looks(tablets), looks(incidents), looked.len()), (4, 3, 7));
    // What is altered on the disk is not shown, and there is nothing to fall back on.
    let replica = world.config.replica_dir.clone().unwrap();
    for dir in [&world.config.data_dir, &replica] {
        let file = dir.join("captures").join(incidents.to_string());
        let mut bytes = fs::read(&file).unwrap();
        bytes[100] ^= 1;
        fs::write(&file, bytes).unwrap();
    }
    let mut desk = world.tablet().await;
    desk.log_in(&world, "d").await;
    assert_eq!(look(&world, &desk, incidents).await, none);
    assert_eq!(look(&world, &desk, tablets).await, Ok(of_tablet.plain));
}
