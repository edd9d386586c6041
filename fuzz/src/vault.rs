//! The tablet's files as a thief, a fault of the disk or an older program may leave them.

use crate::Depth;
use crate::crypto::{Signer, authority};
use crate::draw::{MARKER, NOW, bytes, event, fact, opening, patch, rarely};
use arbitrary::{Result, Unstructured};
use protocol::{
    CaptureId, CaptureKind, DeviceId, ErrorCode, LoginResponse, Message, MessageBody, Officer,
    Receipt, Role, SessionId, Urgency,
};
use regulation::{EncounterId, OfficerId, QuestionId, Timestamp};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tablet::device::Clock;
use tablet::device::keystore::UnsafeFileKeyStore;
use tablet::vault::{DeviceIdentity, OpenSession, StuckReason, Vault, VaultError};
use uuid::Uuid;

/// Files of the vault and of its key store.
const VAULT: &str = "vault";
const KEYS: &str = "keys";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(NOW)
    }
    fn uptime_ms(&self) -> u64 {
        1
    }
}

/// A vault with a running session, as its files lay when it was closed, and when the power went.
struct Template {
    closed: BTreeMap<PathBuf, Vec<u8>>,
    cut: BTreeMap<PathBuf, Vec<u8>>,
    session: Arc<OpenSession>,
    sent: Vec<protocol::Envelope>,
    last: u64,
    capture: CaptureId,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(template);

fn questions() -> [QuestionId; 1] {
    [QuestionId(Uuid::from_u128(1))]
}

fn a_fact(u: &mut Unstructured<'_>) -> Result<protocol::Fact> {
    let event = event(u, &questions())?;
    let officer = OfficerId(Uuid::from_u128(3));
    fact(u, officer, &questions(), event, &mut NOW.clone())
}

fn template() -> Template {
    let dir = tempfile::tempdir().expect("a directory");
    let (vault, _) = open(dir.path()).expect("a new vault");
    let receipts = Signer::new();
    let (ca_pem, sealing) = authority();
    let identity = DeviceIdentity {
        device: DeviceId(Uuid::from_u128(1)),
        server_url: "https://central.example".into(),
        certificate_pem: String::new(),
        ca_pem,
        sealing: sealing.clone(),
        receipt_key: receipts.public(),
    };
    vault.set_identity(&identity).expect("an identity");
    let grant = LoginResponse {
        session: SessionId(Uuid::from_u128(2)),
        token: "invented".into(),
        officer: Officer {
            id: OfficerId(Uuid::from_u128(3)),
            name: MARKER.into(),
            rank: "leytenant".into(),
            unit: "sinov".into(),
            role: Role::Patrol,
        },
        lease_until: Timestamp(NOW + 12 * 3_600_000),
        now: Timestamp(NOW),
        edition: crate::draw::EDITION.into(),
        sealing,
        training: true,
        kit: protocol::Kit::default(),
    };
    let session = vault
        .begin_session(&grant, "n.namunayev", "korrekt-ot-batareya")
        .expect("a session");
    let encounter = Some(EncounterId(Uuid::from_u128(4)));
    let officer = grant.officer.id;
    for event in opening() {
        let mut nothing = Unstructured::new(&[]);
        let fact = fact(&mut nothing, officer, &questions(), event, &mut NOW.clone());
        let fact = fact.expect("nothing is drawn");
        vault
            .append(&session, encounter, Urgency::Ordinary, &fact)
            .expect("a fact");
    }
    let message = Message {
        cursor: 1,
        session: session.id,
        body: MessageBody::Unknown,
    };
    vault.keep_message(&session, &message).expect("a message");
    let (last, capture) = vault
        .add_capture(
            &session,
            EncounterId(Uuid::from_u128(4)),
            CaptureKind::Scene,
            &mut &[7; 1000][..],
        )
        .expect("a capture");
    let batch = vault
        .next_batch()
        .expect("a batch")
        .expect("something waits");
    assert_eq!(batch.envelopes.len() as u64, last);
    let refused = StuckReason::RefusedForGood(ErrorCode::Malformed);
    vault.mark_stuck(&[3], refused).expect("a mark");
    let cut = files(dir.path());
    drop(vault);
    Template {
        closed: files(dir.path()),
        cut,
        session,
        sent: batch.envelopes,
        last,
        capture: capture.id,
    }
}

fn open(dir: &Path) -> std::result::Result<(Vault, tablet::vault::OpenReport), VaultError> {
    let keystore = UnsafeFileKeyStore::open(&dir.join(KEYS))?;
    Vault::open(&dir.join(VAULT), Arc::new(keystore), Arc::new(Still))
}

/// Every file below `dir`, by its path in it.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in std::fs::read_dir(next).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let inside = path.strip_prefix(dir).expect("below it").to_owned();
                found.insert(inside, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// One opening of a vault whose files were changed, and everything that it is asked then.
pub fn vault(data: &[u8]) {
    run(&mut Unstructured::new(data)).expect("bytes are always drawn");
}

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let template = &*TEMPLATE;
    let mut files = if u.arbitrary()? {
        template.cut.clone()
    } else {
        template.closed.clone()
    };
    let names: Vec<PathBuf> = files.keys().cloned().collect();
    let mut changed = Vec::new();
    for _ in 0..u.int_in_range(0..=2)? {
        // The database most often.
        let name = match u.int_in_range(0..=5)? {
            0..=2 => PathBuf::from(VAULT).join("vault.db"),
            3 => PathBuf::from(VAULT).join("identity"),
            _ => u.choose(&names)?.clone(),
        };
        match u.int_in_range(0..=6)? {
            0 => drop(files.remove(&name)),
            1 => drop(files.insert(name.clone(), bytes(u, 4000)?)),
            _ => patch(u, files.entry(name.clone()).or_default(), 6)?,
        }
        changed.push(name);
    }
    if rarely(u, 8)? {
        return wiping(u, files);
    }
    let dir = written(&files);
    let keys_changed = changed.iter().any(|name| name.starts_with(KEYS));
    let (vault, report) = match open(dir.path()) {
        Ok(opened) => opened,
        Err(VaultError::NewerSchema) => {
            assert_eq!(
                self::files(dir.path()),
                files,
                "a newer database stays as it is"
            );
            return Ok(());
        }
        Err(VaultError::KeyStore) => {
            assert!(keys_changed, "sound keys open");
            return Ok(());
        }
        Err(error) => panic!("the vault does not open: {error:?}"),
    };
    let database = PathBuf::from(VAULT).join("vault.db");
    if let Some(aside) = &report.quarantined {
        Depth::VaultMovedAside.reach();
        // Evidence is moved aside whole.
        let kept = std::fs::read(aside.join("vault.db")).ok();
        assert_eq!(kept.as_ref(), files.get(&database));
    }
    let session = &template.session;
    let identity_changed = changed.contains(&PathBuf::from(VAULT).join("identity"));
    if vault.identity().is_ok() && !identity_changed && !keys_changed {
        match vault.next_batch() {
            Ok(batch) => {
                for envelope in batch.iter().flat_map(|batch| &batch.envelopes) {
                    assert!(template.sent.contains(envelope), "what was sealed is sent");
                }
            }
            Err(error) => settled(error),
        }
    }
    let _ = vault.queue().map_err(settled);
    let _ = vault.open_sessions().map_err(settled);
    let _ = vault.deliveries(session.id).map_err(settled);
    let _ = vault.inbox_cursor(session.id).map_err(settled);
    if let Ok(entries) = vault.journal(session) {
        assert!(entries.len() <= template.sent.len());
    }
    let _ = vault.messages(session).map_err(settled);
    let _ = vault.next_capture(&HashSet::new()).map_err(settled);
    let part = vault.capture_part(template.capture, u.arbitrary()?, 100);
    assert!(
        part.map_err(settled)
            .ok()
            .flatten()
            .is_none_or(|part| part.len() <= 100)
    );
    if let Ok(true) = vault.check_capture(template.capture) {
        let file = changed
            .iter()
            .find(|name| name.starts_with("vault/captures"));
        assert!(file.is_none_or(|name| files.get(name) == template.closed.get(name)));
    }
    if rarely(u, 3)? {
        let receipt = Receipt {
            device: DeviceId(Uuid::from_u128(1)),
            stored: vec![u.arbitrary()?, u.arbitrary()?],
            stored_through: u.arbitrary()?,
            safe_through: u.arbitrary()?,
            head: protocol::Digest(u.arbitrary()?),
            at: Timestamp(NOW),
            signature: bytes(u, 80)?,
        };
        assert!(vault.apply_receipt(&receipt).is_err(), "nobody signed it");
    }
    let _ = vault.unstick().map_err(settled);
    if let Ok(Some(mut identity)) = vault.identity()
        && rarely(u, 3)?
    {
        let mut pem = identity.ca_pem.into_bytes();
        patch(u, &mut pem, 2)?;
        identity.ca_pem = String::from_utf8_lossy(&pem).into_owned();
        patch(u, &mut identity.sealing.public, 1)?;
        let _ = vault.set_identity(&identity).map_err(settled);
    }
    let fact = a_fact(u)?;
    let mark_changed = changed.contains(&PathBuf::from(VAULT).join("mark"));
    match vault.append(session, None, Urgency::Ordinary, &fact) {
        Ok(seq) if !mark_changed => {
            // A log that lost its last transaction is what a power cut leaves before the commit: that
            // number alone is given again.
            assert!(seq >= template.last, "no number is given twice");
            if report.quarantined.is_none() && !changed.is_empty() {
                Depth::VaultUsed.reach();
            }
        }
        Ok(_) => {}
        Err(error) => settled(error),
    }
    let _ = vault.next_batch().map_err(settled);
    Ok(())
}

/// The files in a directory of their own.
fn written(files: &BTreeMap<PathBuf, Vec<u8>>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        std::fs::write(path, bytes).expect("a file");
    }
    dir
}

/// A tablet that wipes itself, its state changed: what is sealed stays as long as it is not said to
/// be deleted.
fn wiping(u: &mut Unstructured<'_>, mut files: BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let stage = *u.choose(&[
        "ordered",
        "unreadable",
        "deleting",
        "deleted",
        "signed",
        "done",
    ])?;
    let device = Uuid::from_u128(1);
    let digest = "A".repeat(43);
    let mut state = format!(
        r#"{{"stage":"{stage}","order":{{"device":"{device}","challenge":"{device}","lost_at":1,"#,
    );
    state += &format!(r#""signature":""}},"reported":null,"last_seq":5,"head":"{digest}="}}"#);
    let mut state = state.into_bytes();
    let kept = matches!(stage, "ordered" | "unreadable") && !u.arbitrary::<bool>()?;
    if !kept {
        patch(u, &mut state, 3)?;
    }
    files.insert(PathBuf::from(VAULT).join("wiping"), state);
    let sealed: Vec<Vec<u8>> = files
        .iter()
        .filter(|(name, _)| name.ends_with("vault.db"))
        .map(|(_, bytes)| bytes.clone())
        .collect();
    let dir = written(&files);
    if let Ok((vault, report)) = open(dir.path()) {
        let _ = vault.wiping();
        let _ = vault.destroy_reading_keys().map_err(settled);
        let _ = vault.next_batch().map_err(settled);
        let _ = vault.queue().map_err(settled);
        if let Some(aside) = &report.quarantined {
            let left = std::fs::read(aside.join("vault.db")).ok();
            assert_eq!(
                left.as_ref(),
                sealed.first(),
                "evidence is moved aside whole"
            );
        } else if kept && !sealed.is_empty() {
            assert!(dir.path().join(VAULT).join("vault.db").exists());
        }
    }
    Ok(())
}

/// Errors that damaged files may give; every other one is a finding.
fn settled(error: VaultError) {
    assert!(
        matches!(
            error,
            VaultError::Damaged
                | VaultError::NotEnrolled
                | VaultError::SessionEnded
                | VaultError::KeyStore
                | VaultError::Crypto
                | VaultError::OtherDevice
                | VaultError::Wiping
                | VaultError::BadOrder
                | VaultError::ForeignSealingKey
                | VaultError::ForeignIdentity
                | VaultError::Database(_)
        ),
        "{error:?}"
    );
}
