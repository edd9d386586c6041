//! `e-patrul support-bundle`: what those who mend tablets need to know, and nothing about anybody.

use super::{codes, harden};
use regulation::Edition;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tablet::device::{KeyStore, SystemClock};
use tablet::vault::{QueueStatus, StuckReason, Vault, VaultError};

/// Versions, counters, codes; ids of nobody.
#[derive(Debug, Serialize)]
pub(super) struct Bundle {
    program: &'static str,
    edition: String,
    /// Seconds since 1970.
    taken_at: u64,
    system: String,
    /// "ok", or why the vault does not open; while the tablet runs, that it is in use.
    vault: &'static str,
    enrolled: bool,
    queue: Option<Queue>,
    damaged_rows: usize,
    /// Damaged vaults that were set aside.
    quarantined: usize,
    free_bytes: Option<u64>,
    no_dumps: bool,
    no_swap: bool,
    /// The last warnings and errors: seconds since 1970, level, module and line.
    codes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Queue {
    waiting: u64,
    stored_not_safe: u64,
    sent_total: u64,
    /// Milliseconds since 1970.
    oldest_waiting_at: Option<i64>,
    oldest_stuck_at: Option<i64>,
    stuck: Vec<Stuck>,
}

#[derive(Debug, Serialize)]
struct Stuck {
    why: StuckReason,
    count: u64,
}

impl From<QueueStatus> for Queue {
    fn from(status: QueueStatus) -> Self {
        Self {
            waiting: status.waiting,
            stored_not_safe: status.stored_not_safe,
            sent_total: status.sent_total,
            oldest_waiting_at: status.oldest_waiting_at.map(|at| at.0),
            oldest_stuck_at: status.oldest_stuck_at.map(|at| at.0),
            stuck: status
                .stuck
                .into_iter()
                .map(|(why, count)| Stuck { why, count })
                .collect(),
        }
    }
}

/// Looks at the tablet whose data lies in `data`.
pub(super) fn bundle(
    data: &Path,
    keystore: Option<Arc<dyn KeyStore>>,
    edition: &Edition,
    protection: harden::Protection,
) -> Bundle {
    let opened = keystore
        .ok_or(VaultError::KeyStore)
        .and_then(|keystore| Vault::open(data, keystore, Arc::new(SystemClock::new())));
    let vault = opened.as_ref().ok().map(|(vault, _)| vault);
    let asked = |error: VaultError| error.code();
    let queue = vault.map(Vault::queue);
    Bundle {
        program: env!("CARGO_PKG_VERSION"),
        edition: edition.id.to_string(),
        taken_at: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs(),
        system: std::fs::read_to_string("/proc/sys/kernel/osrelease")
            .map(|release| release.trim().to_owned())
            .unwrap_or_default(),
        vault: match (&opened, &queue) {
            (Err(error), _) => asked(*error),
            (_, Some(Err(error))) => asked(*error),
            _ => "ok",
        },
        enrolled: vault.is_some_and(|v| matches!(v.identity(), Ok(Some(_)))),
        queue: queue.and_then(Result::ok).map(Queue::from),
        damaged_rows: vault.map_or(0, |v| v.damaged_rows().len()),
        quarantined: quarantined(data),
        free_bytes: free_bytes(data),
        no_dumps: protection.no_dumps,
        no_swap: protection.no_swap,
        codes: codes::read(data),
    }
}

fn quarantined(data: &Path) -> usize {
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    entries
        .filter(|e| e.file_name().to_string_lossy().starts_with("damaged-"))
        .count()
}

#[cfg(target_os = "linux")]
fn free_bytes(data: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(data).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(target_os = "linux"))]
fn free_bytes(_data: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use protocol::{
        DeviceId, Fact, FactKind, KeyId, LoginResponse, Officer, Role, SealingKey, SessionId,
        Urgency,
    };
    use regulation::encounter::{Event, Recorded};
    use regulation::{EncounterId, OfficerId, Timestamp};
    use tablet::device::keystore::UnsafeFileKeyStore;
    use tablet::vault::DeviceIdentity;
    use uuid::Uuid;

    const CANARY: &str = "kanareyka";

    fn keystore(data: &Path) -> Arc<dyn KeyStore> {
        Arc::new(UnsafeFileKeyStore::open(&data.join("keys")).unwrap())
    }

    fn grant(sealing: &SealingKey) -> LoginResponse {
        LoginResponse {
            session: SessionId(Uuid::new_v4()),
            token: CANARY.into(),
            officer: Officer {
                id: OfficerId(Uuid::from_u128(3)),
                name: CANARY.into(),
                rank: CANARY.into(),
                unit: CANARY.into(),
                role: Role::Patrol,
            },
            lease_until: Timestamp(i64::MAX),
            now: Timestamp(1),
            edition: CANARY.into(),
            sealing: sealing.clone(),
            training: true,
        }
    }

    #[test]
    fn a_bundle_tells_of_the_queue_and_of_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path();
        let sealing = SealingKey {
            id: KeyId(Uuid::from_u128(1)),
            public: vec![9; 32],
        };
        let (vault, _) = Vault::open(data, keystore(data), Arc::new(SystemClock::new())).unwrap();
        let device = DeviceId(Uuid::from_u128(0xabcd));
        vault
            .set_identity(&DeviceIdentity {
                device,
                server_url: format!("https://{CANARY}.example"),
                certificate_pem: String::new(),
                ca_pem: String::new(),
                sealing: sealing.clone(),
                receipt_key: Vec::new(),
            })
            .unwrap();
        let session = vault
            .begin_session(&grant(&sealing), CANARY, CANARY)
            .unwrap();
        let encounter = EncounterId(Uuid::from_u128(0xef01));
        let fact = Fact {
            edition: CANARY.into(),
            machine: 1,
            officer: OfficerId(Uuid::from_u128(3)),
            at: Timestamp(5),
            uptime_ms: 1,
            training: true,
            kind: FactKind::Encounter {
                recorded: Recorded {
                    at: Timestamp(5),
                    event: Event::GroundStated {
                        ground: CANARY.into(),
                        fact: CANARY.into(),
                    },
                },
                question: None,
            },
        };
        for _ in 0..3 {
            vault
                .append(&session, Some(encounter), Urgency::Ordinary, &fact)
                .unwrap();
        }
        let ids = [
            session.id.to_string(),
            encounter.to_string(),
            OfficerId(Uuid::from_u128(3)).to_string(),
            CANARY.to_owned(),
        ];
        let edition = Edition::shipped().unwrap();
        let protection = harden::Protection {
            no_dumps: true,
            no_swap: false,
        };
        let taken = || {
            let bundle = bundle(data, Some(keystore(data)), &edition, protection);
            let text = serde_json::to_string_pretty(&bundle).unwrap();
            for id in &ids {
                assert!(!text.contains(id.as_str()), "{text}");
            }
            serde_json::from_str::<serde_json::Value>(&text).unwrap()
        };
        // While the tablet runs, its vault is its own.
        let running = taken();
        assert_eq!(running["vault"], "vault_in_use");
        assert!(running["queue"].is_null());
        assert!(running["free_bytes"].as_u64().is_some_and(|free| free > 0));
        drop((session, vault));
        std::fs::write(data.join("codes"), "17 ERROR tablet::vault:3\n").unwrap();
        std::fs::create_dir(data.join("damaged-1")).unwrap();
        let stopped = taken();
        assert_eq!(stopped["vault"], "ok");
        assert_eq!(stopped["enrolled"], true);
        assert_eq!(stopped["queue"]["waiting"], 3);
        assert_eq!(stopped["quarantined"], 1);
        assert_eq!(stopped["no_swap"], false);
        assert_eq!(stopped["codes"][0], "17 ERROR tablet::vault:3");
        assert_eq!(stopped["program"], env!("CARGO_PKG_VERSION"));
    }
}
