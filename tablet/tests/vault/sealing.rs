//! What the vault seals to: keys that central's CA has certified, and never an older one again.

use crate::support::*;
use hpke::kem::X25519HkdfSha256;
use hpke::{Kem as _, Serializable as _};
use protocol::{LoginResponse, SealingKey, Urgency};
use regulation::Timestamp;
use tablet::vault::{Vault, VaultError};

fn public() -> Vec<u8> {
    X25519HkdfSha256::gen_keypair().1.to_bytes().to_vec()
}

fn grant(bench: &Bench, sealing: &SealingKey) -> LoginResponse {
    LoginResponse {
        sealing: sealing.clone(),
        ..bench.central.grant()
    }
}

fn begin(bench: &Bench, vault: &Vault, sealing: &SealingKey) -> Result<SealingKey, VaultError> {
    let session = vault.begin_session(&grant(bench, sealing), LOGIN, PASSWORD)?;
    vault.append(&session, None, Urgency::Ordinary, &fact(1))?;
    let batch = vault.next_batch()?.expect("one is waiting");
    let last = batch.envelopes.last().expect("one is waiting");
    assert_eq!(last.key, sealing.id, "sealed to the key in force");
    Ok(sealing.clone())
}

#[test]
fn a_key_of_another_ca_or_altered_is_not_sealed_to() {
    let bench = Bench::new();
    let vault = bench.open();
    let good = &bench.central.sealing_public;
    let foreign = certified(&Central::new().ca, public(), Timestamp(9));
    let mut bad = vec![foreign];
    for change in [
        |key: &mut SealingKey| key.public = public(),
        |key: &mut SealingKey| key.made_at = Timestamp(9),
        |key: &mut SealingKey| key.id = Central::new().sealing_public.id,
        |key: &mut SealingKey| key.signature[20] ^= 1,
        |key: &mut SealingKey| key.signature.clear(),
    ] {
        let mut key = good.clone();
        change(&mut key);
        bad.push(key);
    }
    for key in &bad {
        let refused = begin(&bench, &vault, key).unwrap_err();
        assert_eq!(refused, VaultError::ForeignSealingKey);
        let mut identity = bench.central.identity();
        identity.sealing = key.clone();
        let refused = vault.set_identity(&identity).unwrap_err();
        assert_eq!(refused, VaultError::ForeignSealingKey);
    }
    assert!(vault.open_sessions().unwrap().is_empty());
    assert_eq!(vault.queue().unwrap().waiting, 0);
    begin(&bench, &vault, good).unwrap();
}

#[test]
fn a_newer_key_is_taken_and_the_one_before_never_again() {
    let bench = Bench::new();
    let vault = bench.open();
    let first = bench.central.sealing_public.clone();
    let second = certified(&bench.central.ca, public(), Timestamp(2));
    // Made at the same moment as the second: which is newer cannot be told.
    let twin = certified(&bench.central.ca, public(), Timestamp(2));
    begin(&bench, &vault, &first).unwrap();
    begin(&bench, &vault, &second).unwrap();
    begin(&bench, &vault, &second).unwrap();
    let old = Err(VaultError::OldSealingKey);
    assert_eq!(begin(&bench, &vault, &first), old);
    assert_eq!(begin(&bench, &vault, &twin), old);
    drop(vault);
    let (vault, _) = bench.try_open().unwrap();
    assert_eq!(begin(&bench, &vault, &first), old, "after a restart too");
    begin(&bench, &vault, &second).unwrap();
}

/// Enrolled by a program of before there were certificates.
#[test]
fn an_identity_without_a_certificate_still_reads_and_takes_a_certified_key() {
    let bench = Bench::new();
    let vault = bench.open();
    drop(vault);
    let mut identity = crate::identity::as_written_before(&bench);
    let sealing = identity["sealing"].as_object_mut().unwrap();
    sealing.remove("made_at").unwrap();
    sealing.remove("signature").unwrap();
    std::fs::write(bench.data().join("identity"), identity.to_string()).unwrap();
    let (vault, _) = bench.try_open().unwrap();
    let certified = bench.central.sealing_public.clone();
    begin(&bench, &vault, &certified).unwrap();
}
