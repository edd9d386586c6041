//! Sealing keys: certified, replaced while central runs, the old ones kept; the desk's unlocking.

use crate::support::*;
use central::audit::AuditEvent;
use central::{Admin, AdminError, Central};
use protocol::{DeviceId, SealingKey};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use uuid::Uuid;

fn certified(key: &SealingKey, ca_pem: &str) -> bool {
    let (_, pem) = x509_parser::pem::parse_x509_pem(ca_pem.as_bytes()).unwrap();
    let ca = pem.parse_x509().unwrap();
    let point = ca.public_key().subject_public_key.as_ref();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(&key.signed_bytes(), &key.signature)
        .is_ok()
}

#[tokio::test]
async fn a_new_sealing_key_is_in_force_at_the_next_log_in_and_the_old_one_still_opens() {
    let mut world = World::new().await;
    let ca = world.central().ca_pem();
    let mut tablet = world.on_duty("a").await;
    let first = tablet.session().sealing.clone();
    assert!(certified(&first, &ca));
    let encounter = new_encounter();
    let events = opening();
    let half = events.len() / 2;
    let mut envelopes: Vec<_> = events[..half]
        .iter()
        .map(|event| tablet.event(&world, encounter, event.clone()))
        .collect();
    tablet.send(&world, envelopes.clone()).await.unwrap();

    // By another program, as an administrator does beside the running server.
    let made = Admin::open(&world.config)
        .unwrap()
        .rotate_sealing_key()
        .unwrap();
    tablet.log_in(&world, "a").await;
    let second = tablet.session().sealing.clone();
    assert_eq!(second.id, made);
    assert_ne!(second.public, first.public);
    assert!(second.made_at > first.made_at);
    assert!(certified(&second, &ca));
    // A tablet enrolled now gets it too.
    assert_eq!(world.tablet().await.enrolled.sealing, second);

    tablet.enrolled.sealing = second.clone();
    envelopes = events[half..]
        .iter()
        .map(|event| tablet.event(&world, encounter, event.clone()))
        .collect();
    tablet.send(&world, envelopes).await.unwrap();
    let both = |world: &World| {
        let archived = world.admin().archive().encounter(encounter).unwrap();
        let archived = archived.unwrap();
        assert_eq!(archived.events.len(), opening().len());
        assert!(archived.verified.seals);
    };
    both(&world);
    // Also when central is started anew.
    world.stop().await;
    world.start().await;
    both(&world);
    tablet.log_in(&world, "a").await;
    assert_eq!(tablet.session().sealing, second);
    let entries = world.admin().audit_entries(100).unwrap();
    let rotated = entries
        .iter()
        .find(|entry| entry.event == AuditEvent::SealingKeyRotated)
        .unwrap();
    assert_eq!(rotated.subject, Some(made.to_string()));
}

#[tokio::test]
async fn every_new_key_is_newer_though_the_clock_stands_still() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let mut before = tablet.session().sealing.clone();
    for _ in 0..3 {
        world.admin().rotate_sealing_key().unwrap();
        let session = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
        assert!(session.sealing.made_at > before.made_at);
        before = session.sealing;
    }
}

#[tokio::test]
async fn a_key_made_before_there_were_certificates_is_certified_as_the_oldest() {
    let mut world = World::new().await;
    let ca = world.central().ca_pem();
    world.officer("a");
    let tablet = world.tablet().await;
    let id = tablet.enrolled.sealing.id;
    world.stop().await;
    let keys = world.config.data_dir.join("keys");
    std::fs::remove_file(keys.join(format!("sealing-{id}.json"))).unwrap();
    world.start().await;
    let session = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    assert_eq!(session.sealing.id, id);
    assert_eq!(session.sealing.made_at.0, 0);
    assert!(certified(&session.sealing, &ca));
    let made = world.admin().rotate_sealing_key().unwrap();
    let session = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    assert_eq!(session.sealing.id, made);
}

#[tokio::test]
async fn a_certificate_of_another_key_stops_central() {
    let world = World::stopped(|_| {});
    let keys = world.config.data_dir.join("keys");
    let id = std::fs::read_to_string(keys.join("sealing-current")).unwrap();
    let path = keys.join(format!("sealing-{id}.json"));
    let mut key: SealingKey = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    key.public[3] ^= 1;
    std::fs::write(&path, serde_json::to_vec(&key).unwrap()).unwrap();
    assert!(Central::start(world.config.clone()).await.is_err());
}

#[tokio::test]
async fn the_desk_unlocks_a_tablet_with_a_new_serial_each_time() {
    let world = World::new().await;
    let tablet = world.tablet().await;
    for serial in 1..=2 {
        assert_eq!(
            world.admin().unlock_device(tablet.device()).unwrap(),
            serial
        );
    }
    let unknown = world.admin().unlock_device(DeviceId(Uuid::nil()));
    assert!(matches!(unknown, Err(AdminError::Unknown("tablet"))));
    let entries = world.admin().audit_entries(100).unwrap();
    let unlocked: Vec<_> = entries
        .iter()
        .filter(|entry| entry.event == AuditEvent::DeviceUnlocked)
        .collect();
    assert_eq!(unlocked.len(), 2);
    assert_eq!(unlocked[0].device, Some(tablet.device()));
}
