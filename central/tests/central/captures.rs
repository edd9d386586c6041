//! Captures at central: taken in parts, kept, replicated, opened again, and every change told.

use crate::outbox::copy as copy_all;
use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use central::archive::{ArchiveError, CaptureState};
use central::audit::AuditEvent;
use protocol::capture::{CHUNK_BYTES, chunk_aad, chunk_nonce};
use protocol::*;
use regulation::EncounterId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A sealed file, and what its event says of it.
pub struct Sealed {
    pub named: CaptureRef,
    bytes: Vec<u8>,
    pub plain: Vec<u8>,
}

pub fn seal(device: DeviceId, bytes: usize) -> Sealed {
    let plain: Vec<u8> = (0..bytes).map(|n| (n * 7 % 251) as u8).collect();
    let id = CaptureId(Uuid::new_v4());
    let key = [id.0.as_bytes().as_slice(), id.0.as_bytes()].concat();
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
    let chunks: Vec<&[u8]> = if plain.is_empty() {
        vec![&[]]
    } else {
        plain.chunks(CHUNK_BYTES).collect()
    };
    let mut sealed = Vec::new();
    for (number, chunk) in chunks.iter().enumerate() {
        let nonce = chunk_nonce(number as u64, number + 1 == chunks.len());
        let mut chunk = chunk.to_vec();
        cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(chunk_aad(device, id)),
                &mut chunk,
            )
            .unwrap();
        sealed.extend(chunk);
    }
    Sealed {
        named: CaptureRef {
            id,
            kind: CaptureKind::Video,
            plain_bytes: plain.len() as u64,
            size: sealed.len() as u64,
            digest: Digest(digest(&SHA256, &sealed).as_ref().try_into().unwrap()),
            key,
        },
        bytes: sealed,
        plain,
    }
}

fn url(world: &World, id: CaptureId) -> String {
    world.url(&path::capture(id))
}

async fn stand(world: &World, tablet: &Tablet, id: CaptureId) -> Result<CaptureReceipt, ApiError> {
    reply(tablet.client.get(url(world, id)).send().await.unwrap()).await
}

async fn put(
    world: &World,
    tablet: &Tablet,
    named: &CaptureRef,
    offset: u64,
    part: &[u8],
) -> Result<CaptureReceipt, ApiError> {
    let url = format!(
        "{}?offset={offset}&size={}&digest={}",
        url(world, named.id),
        named.size,
        URL_SAFE_NO_PAD.encode(named.digest.0)
    );
    let request = tablet.client.put(url).body(part.to_vec());
    reply(request.send().await.unwrap()).await
}

/// Sends the rest of the file in parts.
pub async fn send_all(world: &World, tablet: &Tablet, sealed: &Sealed) -> CaptureReceipt {
    let mut receipt = stand(world, tablet, sealed.named.id).await.unwrap();
    while receipt.received < sealed.named.size {
        let at = usize::try_from(receipt.received).unwrap();
        let end = sealed.bytes.len().min(at + 50_000);
        let offset = receipt.received;
        receipt = put(world, tablet, &sealed.named, offset, &sealed.bytes[at..end])
            .await
            .unwrap();
        assert_eq!(receipt.received, end as u64);
    }
    receipt
}

/// An encounter whose events name these captures.
async fn named_in(world: &World, tablet: &mut Tablet, named: &[&CaptureRef]) -> EncounterId {
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(world, encounter);
    for capture in named {
        let kind = FactKind::Capture {
            capture: (*capture).clone(),
            of: None,
        };
        let fact = tablet.fact(world, kind);
        envelopes.push(tablet.seal(Some(encounter), &fact));
    }
    tablet.send(world, envelopes).await.unwrap();
    encounter
}

fn states(world: &World, encounter: EncounterId) -> (Vec<CaptureState>, bool) {
    let found = world.admin().archive().encounter(encounter).unwrap();
    let found = found.unwrap();
    let states = found.captures.iter().map(|c| c.state).collect();
    (states, found.verified.captures)
}

fn opened(world: &World, encounter: EncounterId, id: CaptureId) -> Result<Vec<u8>, ArchiveError> {
    let mut reader = world.admin().archive().capture(encounter, id)?.unwrap();
    let mut plain = Vec::new();
    reader.read_to_end(&mut plain).unwrap();
    Ok(plain)
}

fn here(world: &World, id: CaptureId) -> PathBuf {
    world.config.data_dir.join("captures").join(id.to_string())
}

fn copy(world: &World, id: CaptureId) -> PathBuf {
    let replica = world.config.replica_dir.as_ref().unwrap();
    replica.join("captures").join(id.to_string())
}

#[tokio::test]
async fn captures_of_every_size_come_in_parts_and_open_again() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    for bytes in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 9] {
        let sealed = seal(tablet.device(), bytes);
        let id = sealed.named.id;
        let encounter = named_in(&world, &mut tablet, &[&sealed.named]).await;
        assert_eq!(
            states(&world, encounter),
            (vec![CaptureState::Missing], false)
        );
        let missing = opened(&world, encounter, id);
        assert!(matches!(
            missing,
            Err(ArchiveError::Capture(CaptureState::Missing))
        ));
        let receipt = send_all(&world, &tablet, &sealed).await;
        assert!(receipt.complete && receipt.safe);
        assert_eq!((receipt.device, receipt.capture), (tablet.device(), id));
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &tablet.enrolled.receipt_key)
            .verify(&receipt.signed_bytes(), &receipt.signature)
            .unwrap();
        assert_eq!(states(&world, encounter), (vec![CaptureState::Whole], true));
        assert_eq!(opened(&world, encounter, id).unwrap(), sealed.plain);
        assert_eq!(fs::read(copy(&world, id)).unwrap(), sealed.bytes);
        let archive = world.admin().archive();
        assert!(archive.capture(new_encounter(), id).unwrap().is_none());
        let other = CaptureId(Uuid::new_v4());
        assert!(archive.capture(encounter, other).unwrap().is_none());
    }
}

#[tokio::test]
async fn a_part_counts_where_the_file_ends_and_nowhere_else() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let sealed = seal(tablet.device(), 100_000);
    let encounter = named_in(&world, &mut tablet, &[&sealed.named]).await;
    let part = |from: usize, to: usize| &sealed.bytes[from..to];
    for (offset, from, to, received) in [
        (0, 0, 10, 10),
        (0, 0, 10, 10),
        (5, 5, 30, 10),
        (40, 40, 50, 10),
        (10, 10, 70_000, 70_000),
        (10, 10, 20, 70_000),
    ] {
        let receipt = put(&world, &tablet, &sealed.named, offset, part(from, to)).await;
        let receipt = receipt.unwrap();
        assert_eq!((receipt.received, receipt.complete), (received, false));
        assert!(!receipt.safe);
    }
    let incomplete = CaptureState::Incomplete { received: 70_000 };
    assert_eq!(states(&world, encounter), (vec![incomplete], false));
    assert!(send_all(&world, &tablet, &sealed).await.safe);
    // Once complete it is not written to any more.
    let again = put(&world, &tablet, &sealed.named, 0, &[0; 10]).await;
    assert!(again.unwrap().complete);
    let id = sealed.named.id;
    assert_eq!(opened(&world, encounter, id).unwrap(), sealed.plain);
}

#[tokio::test]
async fn what_is_not_a_part_is_refused() {
    let world = World::with(|config| config.policy.captures_gib = 1).await;
    let tablet = world.on_duty("a").await;
    let sealed = seal(tablet.device(), 100_000);
    let named = &sealed.named;
    let sized = |size| CaptureRef {
        size,
        ..named.clone()
    };
    let refused = async |named: &CaptureRef, offset, part: &[u8]| {
        code(put(&world, &tablet, named, offset, part).await)
    };
    let above = limits::CAPTURE_BYTES + 1;
    assert_eq!(refused(&sized(above), 0, b"x").await, ErrorCode::TooLarge);
    let large = vec![0; limits::CAPTURE_PART_BYTES + 1];
    assert_eq!(refused(named, 0, &large).await, ErrorCode::TooLarge);
    assert_eq!(refused(&sized(15), 0, b"x").await, ErrorCode::Malformed);
    assert_eq!(refused(named, 0, b"").await, ErrorCode::Malformed);
    assert_eq!(refused(named, named.size, b"x").await, ErrorCode::Malformed);
    assert_eq!(refused(named, u64::MAX, b"x").await, ErrorCode::Malformed);
    for query in ["", "?offset=0&size=100", "?offset=0&size=100&digest=AAAA"] {
        let url = format!("{}{query}", url(&world, named.id));
        let response = tablet.client.put(url).body("x").send().await.unwrap();
        assert_eq!(
            code(reply::<CaptureReceipt>(response).await),
            ErrorCode::Malformed
        );
    }
    for no_id in ["..%2f..%2fcentral.db", "%ff", "1"] {
        let url = world.url(&format!("/v1/capture/{no_id}"));
        for request in [tablet.client.get(&url), tablet.client.put(&url).body("x")] {
            let refused = reply::<CaptureReceipt>(request.send().await.unwrap()).await;
            assert_eq!(code(refused), ErrorCode::Malformed);
        }
    }
    assert!(!world.config.data_dir.join("captures").exists());
    // Announced once.
    put(&world, &tablet, named, 0, b"x").await.unwrap();
    assert_eq!(
        refused(&sized(named.size + 1), 1, b"x").await,
        ErrorCode::SequenceConflict
    );
    // All of a tablet's together.
    let mut big = sized(limits::CAPTURE_BYTES);
    big.id = CaptureId(Uuid::new_v4());
    assert_eq!(refused(&big, 0, b"x").await, ErrorCode::Throttled);
}

#[tokio::test]
async fn another_tablets_capture_is_neither_told_of_nor_written_to() {
    let world = World::new().await;
    let (mut one, two) = (world.on_duty("a").await, world.on_duty("b").await);
    let sealed = seal(one.device(), 90_000);
    let encounter = named_in(&world, &mut one, &[&sealed.named]).await;
    put(&world, &one, &sealed.named, 0, &sealed.bytes[..100])
        .await
        .unwrap();
    let theirs = stand(&world, &two, sealed.named.id).await;
    assert_eq!(code(theirs), ErrorCode::DeviceMismatch);
    let theirs = put(&world, &two, &sealed.named, 100, b"theirs").await;
    assert_eq!(code(theirs), ErrorCode::DeviceMismatch);
    let audit = world.admin().audit_entries(1).unwrap();
    assert_eq!(audit[0].event, AuditEvent::CaptureRefused);
    assert!(send_all(&world, &one, &sealed).await.safe);
    let id = sealed.named.id;
    assert_eq!(opened(&world, encounter, id).unwrap(), sealed.plain);
    // Taken by another tablet first: the event's device is not the bytes' device.
    let sealed = seal(one.device(), 10);
    let encounter = named_in(&world, &mut one, &[&sealed.named]).await;
    send_all(&world, &two, &sealed).await;
    assert_eq!(
        states(&world, encounter),
        (vec![CaptureState::Missing], false)
    );
    // Nor without a certificate, nor after it was revoked.
    let anonymous = world.anonymous().get(url(&world, id)).send().await.unwrap();
    let anonymous = reply::<CaptureReceipt>(anonymous).await;
    assert_eq!(code(anonymous), ErrorCode::DeviceUnknown);
    world.admin().revoke_device(two.device()).unwrap();
    let revoked = stand(&world, &two, id).await;
    assert_eq!(code(revoked), ErrorCode::DeviceRevoked);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_announced_is_never_called_complete() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let mut sealed = seal(tablet.device(), 90_000);
    let id = sealed.named.id;
    sealed.bytes[70_000] ^= 1;
    let (first, rest) = sealed.bytes.split_at(60_000);
    put(&world, &tablet, &sealed.named, 0, first).await.unwrap();
    let receipt = put(&world, &tablet, &sealed.named, 60_000, rest).await;
    let receipt = receipt.unwrap();
    assert_eq!((receipt.received, receipt.complete), (0, false));
    assert!(!copy(&world, id).exists());
    sealed.bytes[70_000] ^= 1;
    assert!(send_all(&world, &tablet, &sealed).await.safe);
}

#[tokio::test]
async fn a_restart_and_a_restored_backup_go_on_with_what_is_there() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let sealed = seal(tablet.device(), 200_000);
    let id = sealed.named.id;
    let encounter = named_in(&world, &mut tablet, &[&sealed.named]).await;
    let (first, rest) = sealed.bytes.split_at(150_000);
    put(&world, &tablet, &sealed.named, 0, first).await.unwrap();
    let port = world.central().local_addr();
    world.config.listen = port;
    world.stop().await;
    // Appended and not counted: the power went in between.
    let written = [first, b"never counted"].concat();
    fs::write(here(&world, id), written).unwrap();
    world.start().await;
    let receipt = stand(&world, &tablet, id).await.unwrap();
    assert_eq!(receipt.received, 150_000);
    // An older state of the file.
    world.stop().await;
    let file = fs::OpenOptions::new()
        .write(true)
        .open(here(&world, id))
        .unwrap();
    file.set_len(30_000).unwrap();
    world.start().await;
    let refused = put(&world, &tablet, &sealed.named, 150_000, rest).await;
    assert_eq!(refused.unwrap().received, 30_000);
    // Not there at all.
    fs::remove_file(here(&world, id)).unwrap();
    let receipt = stand(&world, &tablet, id).await.unwrap();
    assert_eq!(receipt.received, 0);
    assert!(send_all(&world, &tablet, &sealed).await.safe);
    // Safe, and lost here: the replica has it.
    for spoil in [
        |path: &Path| fs::remove_file(path).unwrap(),
        |path: &Path| {
            fs::write(path, b"short").unwrap();
        },
    ] {
        spoil(&here(&world, id));
        assert_eq!(opened(&world, encounter, id).unwrap(), sealed.plain);
        let receipt = stand(&world, &tablet, id).await.unwrap();
        assert!(receipt.safe && receipt.received == sealed.named.size);
        assert_eq!(fs::read(here(&world, id)).unwrap(), sealed.bytes);
    }
    // Lost in both places: the tablet is asked for it again.
    fs::remove_file(here(&world, id)).unwrap();
    fs::remove_file(copy(&world, id)).unwrap();
    let receipt = stand(&world, &tablet, id).await.unwrap();
    assert_eq!((receipt.received, receipt.complete), (0, false));
    assert!(!receipt.safe);
}

#[tokio::test]
async fn nothing_is_safe_without_a_replica_and_all_is_once_it_is_there() {
    let mut world = World::with(|config| config.replica_dir = None).await;
    let tablet = world.on_duty("a").await;
    let sealed = seal(tablet.device(), 90_000);
    let receipt = send_all(&world, &tablet, &sealed).await;
    assert!(receipt.complete && !receipt.safe);
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.config.replica_dir = Some(world.dir.path().join("replica"));
    let admin = central::Admin::open(&world.config).unwrap();
    admin.begin_replica().unwrap();
    world.start().await;
    let receipt = stand(&world, &tablet, sealed.named.id).await.unwrap();
    assert!(receipt.safe);
    let copy = copy(&world, sealed.named.id);
    assert_eq!(fs::read(&copy).unwrap(), sealed.bytes);
    // The replica's disk is gone: what has its name instead is none.
    let replica = world.config.replica_dir.clone().unwrap();
    fs::rename(&replica, world.dir.path().join("gone")).unwrap();
    assert!(!stand(&world, &tablet, sealed.named.id).await.unwrap().safe);
    // The mount point is there, and no disk on it.
    fs::create_dir(&replica).unwrap();
    assert!(!stand(&world, &tablet, sealed.named.id).await.unwrap().safe);
    assert_eq!(fs::read_dir(&replica).unwrap().count(), 0);
    fs::remove_dir(&replica).unwrap();
    fs::rename(world.dir.path().join("gone"), &replica).unwrap();
    // A copy that was cut is no copy.
    fs::write(&copy, b"cut").unwrap();
    assert!(stand(&world, &tablet, sealed.named.id).await.unwrap().safe);
    assert_eq!(fs::read(&copy).unwrap(), sealed.bytes);
}

#[tokio::test]
async fn every_change_of_what_lies_here_is_told() {
    // Without a replica, that would make it good.
    let world = World::with(|config| config.replica_dir = None).await;
    let mut tablet = world.on_duty("a").await;
    let one = seal(tablet.device(), 3 * CHUNK_BYTES);
    let two = seal(tablet.device(), 3 * CHUNK_BYTES);
    let encounter = named_in(&world, &mut tablet, &[&one.named, &two.named]).await;
    for sealed in [&one, &two] {
        assert!(send_all(&world, &tablet, sealed).await.complete);
    }
    let (first, second) = (here(&world, one.named.id), here(&world, two.named.id));
    let (altered, whole) = (CaptureState::Altered, CaptureState::Whole);
    assert_eq!(states(&world, encounter), (vec![whole, whole], true));
    let sealed_chunk = CHUNK_BYTES + 16;
    let mut flipped = one.bytes.clone();
    flipped[sealed_chunk + 5] ^= 1;
    let chunk = |n: usize| &one.bytes[n * sealed_chunk..(n + 1) * sealed_chunk];
    let swapped = [chunk(1), chunk(0), chunk(2)].concat();
    let shorter = one.bytes[..2 * sealed_chunk].to_vec();
    let longer = [&one.bytes[..], chunk(2)].concat();
    for bytes in [flipped, swapped, shorter, longer, two.bytes.clone()] {
        fs::write(&first, &bytes).unwrap();
        assert_eq!(states(&world, encounter), (vec![altered, whole], false));
        let refused = opened(&world, encounter, one.named.id);
        assert!(matches!(refused, Err(ArchiveError::Capture(state)) if state == altered));
    }
    fs::write(&first, &one.bytes).unwrap();
    assert_eq!(states(&world, encounter), (vec![whole, whole], true));
    fs::remove_file(second).unwrap();
    assert_eq!(states(&world, encounter), (vec![whole, altered], false));
}

#[tokio::test]
async fn chunks_are_authenticated_whatever_the_digest_says() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    // A tablet whose event names the digest of a file that its key does not open: as if somebody
    // had made the digest fit.
    let mut lies = Vec::new();
    let made = |change: &dyn Fn(&mut Sealed)| {
        let mut sealed = seal(tablet.device(), 3 * CHUNK_BYTES);
        change(&mut sealed);
        let fits = digest(&SHA256, &sealed.bytes);
        sealed.named.digest = Digest(fits.as_ref().try_into().unwrap());
        sealed.named.size = sealed.bytes.len() as u64;
        sealed
    };
    let sealed_chunk = CHUNK_BYTES + 16;
    lies.push(made(&|s| s.bytes[3] ^= 1));
    lies.push(made(&|s| s.bytes[2 * sealed_chunk + 3] ^= 1));
    lies.push(made(&|s| s.bytes.rotate_left(sealed_chunk)));
    lies.push(made(&|s| s.named.key[0] ^= 1));
    // Cut at a chunk's border, with an event that says so.
    lies.push(made(&|s| {
        s.bytes.truncate(2 * sealed_chunk);
        s.named.plain_bytes = 2 * CHUNK_BYTES as u64;
    }));
    for sealed in lies {
        let encounter = named_in(&world, &mut tablet, &[&sealed.named]).await;
        assert!(send_all(&world, &tablet, &sealed).await.complete);
        let archive = world.admin().archive();
        let mut reader = archive
            .capture(encounter, sealed.named.id)
            .unwrap()
            .unwrap();
        let mut given = Vec::new();
        let error = reader.read_to_end(&mut given).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        assert!(
            sealed.plain.starts_with(&given),
            "nothing false was given out"
        );
        assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
    }
    // An event that contradicts itself, or holds no key.
    for change in [
        (|s: &mut Sealed| s.named.plain_bytes += 1) as fn(&mut Sealed),
        |s: &mut Sealed| s.named.key.truncate(16),
    ] {
        let mut sealed = seal(tablet.device(), 10);
        change(&mut sealed);
        let encounter = named_in(&world, &mut tablet, &[&sealed.named]).await;
        assert!(send_all(&world, &tablet, &sealed).await.complete);
        let refused = opened(&world, encounter, sealed.named.id);
        assert!(matches!(
            refused,
            Err(ArchiveError::Capture(CaptureState::Altered))
        ));
    }
}

#[tokio::test]
async fn a_restored_central_takes_back_the_captures_that_its_replica_has() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let kept = seal(tablet.device(), 90_000);
    send_all(&world, &tablet, &kept).await;
    // One is announced in the backup and not there whole; one is named there; one not at all.
    let begun = seal(tablet.device(), 150_000);
    put(&world, &tablet, &begun.named, 0, &begun.bytes[..100_000])
        .await
        .unwrap();
    let named = seal(tablet.device(), 3 * CHUNK_BYTES);
    let before = named_in(&world, &mut tablet, &[&begun.named, &named.named]).await;
    world.stop().await;
    let backup = world.dir.path().join("backup");
    copy_all(&world.config.data_dir, &backup);
    world.start().await;
    let later = seal(tablet.device(), 70_000);
    let spoilt = seal(tablet.device(), 70_000);
    let nameless = seal(tablet.device(), 70_000);
    let after = named_in(&world, &mut tablet, &[&later.named, &spoilt.named]).await;
    for sealed in [&begun, &named, &later, &spoilt, &nameless] {
        assert!(send_all(&world, &tablet, sealed).await.safe);
    }
    world.stop().await;
    let mut bytes = spoilt.bytes.clone();
    bytes[60_000] ^= 1;
    fs::write(copy(&world, spoilt.named.id), bytes).unwrap();
    fs::remove_dir_all(&world.config.data_dir).unwrap();
    copy_all(&backup, &world.config.data_dir);
    world.start().await;
    let whole = [CaptureState::Whole; 2];
    for _ in 0..200 {
        if states(&world, before).0 == whole && states(&world, after).0[0] == whole[0] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(states(&world, before), (whole.to_vec(), true));
    let states = states(&world, after);
    assert_eq!(
        states,
        (vec![CaptureState::Whole, CaptureState::Missing], false)
    );
    for sealed in [&kept, &begun, &named, &later] {
        assert_eq!(
            fs::read(here(&world, sealed.named.id)).unwrap(),
            sealed.bytes
        );
        assert!(stand(&world, &tablet, sealed.named.id).await.unwrap().safe);
    }
    assert!(!here(&world, spoilt.named.id).exists() && !here(&world, nameless.named.id).exists());
}
