//! What an administrator does; works beside a running server and without one.

mod assign;
mod complaint;
mod dock;
mod photos;

use crate::archive::{
    self, Archive, Assessor, Captures, Ingest, IngestError, Replica, ReplicaError,
};
use crate::audit::{AuditEntry, AuditEvent};
use crate::ca::{DoorKey, KeyError, Keys};
use crate::config::Config;
use crate::devices::{self, EnrolError};
use crate::officers::{
    self, NewOfficer, OfficerChange, OfficerError, PasswordError, PasswordHasher,
};
use crate::people::import::{self, ImportError};
use crate::people::portrait::FaceReader;
use crate::people::{NewPerson, RegisterSource};
use crate::report::{self, Wanted};
use crate::server::{database, replica_dir};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    Device, DutyAnswer, GapOutcome, ImportFault, Imported, Store, StoreError, StoredPrint,
    StoredWipe,
};
use biometrics::finger::Template;
use protocol::access::normal_login;
use protocol::export::{ExportError, ExportReader};
use protocol::{DeviceId, ErrorCode, KeyId, Receipt, SessionId, UnitReport, limits};
use regulation::edition::EditionError;
use regulation::encounter::Finger;
use regulation::{Edition, OfficerId};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::broadcast;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    #[error(transparent)]
    Officer(#[from] OfficerError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Edition(#[from] EditionError),
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Dock(#[from] crate::dock::DockError),
    #[error("{0} cannot be read or written: {1}")]
    File(PathBuf, std::io::Error),
    #[error("number {0} is stored: it is not missing")]
    NotMissing(u64),
    #[error("nothing is stored above these numbers: what has not come yet is not missing")]
    NotBelowStored,
    #[error("one of the two has another one already; take that back first")]
    Assigned,
    #[error(
        "a unit is 1 to 200 characters, a place or a notice 1 to {}",
        limits::KIT_CHARS
    )]
    Text,
    #[error(
        "the number of a complaint is one line of 1 to {} characters",
        limits::COMPLAINT_CHARS
    )]
    ComplaintNumber,
    #[error("the unit has {} places; remove one first", limits::KIT_ROWS)]
    TooManyPlaces,
    #[error("that day is over")]
    Over,
    #[error("a version is three numbers: major.minor.patch")]
    Version,
    #[error("no replica is configured")]
    NoReplica,
    #[error(
        "a period ends after it begins, and has at most {} days",
        limits::REPORT_DAYS
    )]
    Period,
    #[error("there is no such {0}")]
    Unknown(&'static str),
}

/// What became of an exported queue.
#[derive(Clone, Debug)]
pub struct QueueImported {
    pub device: DeviceId,
    /// Events that were new, and that had come before.
    pub stored: u64,
    pub known: u64,
    /// Batches that were refused: their first number and why.
    pub refused: Vec<(u64, ErrorCode)>,
    /// Why the file was not read to its end; what came before was taken in.
    pub cut: Option<String>,
    /// Central's word on what is stored, for the tablet.
    pub receipt: Receipt,
}

impl QueueImported {
    /// All of a whole file is stored.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.refused.is_empty() && self.cut.is_none()
    }
}

impl From<ImportFault> for AdminError {
    fn from(fault: ImportFault) -> Self {
        Self::Import(fault.into())
    }
}

/// The administrator's hand.
#[derive(Clone, Debug)]
pub struct Admin {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hasher: Arc<PasswordHasher>,
    pub(crate) config: Config,
    pub(crate) archive: Archive,
    pub(crate) changed: Option<broadcast::Sender<Option<SessionId>>>,
}

impl Admin {
    /// Opens what [`crate::Central::init`] made, with or without a server running beside.
    ///
    /// # Errors
    /// It is absent or damaged.
    pub fn open(config: &Config) -> Result<Self, AdminError> {
        let store = SqliteStore::open(&database(config), config.policy.database_pages)?;
        let mut config = config.clone();
        config.training = store.training()?.unwrap_or(config.training);
        let config = &config;
        let store: Arc<dyn Store> = Arc::new(store);
        let (keys, opener) = Keys::open(config)?;
        let keys = Arc::new(keys);
        let replica = replica_dir(config, &keys);
        let policy = &config.policy;
        Ok(Self {
            archive: Archive {
                store: store.clone(),
                opener: Arc::new(opener),
                edition: Arc::new(Edition::shipped()?),
                training: config.training,
                captures: Arc::new(Captures::new(config, replica.clone())),
                replica_dir: replica,
            },
            store,
            keys,
            hasher: Arc::new(PasswordHasher::new(
                policy.argon2_memory_kib,
                policy.argon2_passes,
            )?),
            config: config.clone(),
            changed: None,
        })
    }

    /// The private CA, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.keys.ca_pem().into()
    }

    /// A one-time code for a tablet of that name; this is its only copy.
    ///
    /// # Errors
    /// The name does not fit, or the store cannot be written.
    pub fn new_enrolment_code(&self, device_name: &str) -> Result<String, AdminError> {
        let (now, valid) = (self.config.clock.now(), self.config.policy.code_ms());
        Ok(devices::new_code(&*self.store, device_name, now, valid)?)
    }

    /// Every tablet ever enrolled.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn devices(&self) -> Result<Vec<Device>, AdminError> {
        Ok(self.store.devices()?)
    }

    /// Given back or broken: from the next request on the tablet is refused everything, its evidence as
    /// well. A lost one is better reported lost.
    ///
    /// # Errors
    /// The device is unknown, or the store cannot be written.
    pub fn revoke_device(&self, device: DeviceId) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        if !self.store.revoke_device(device, now)? {
            return Err(AdminError::Unknown("tablet"));
        }
        self.store
            .audit(&AuditEntry::new(now, AuditEvent::DeviceRevoked).device(device))?;
        self.look_again();
        Ok(())
    }

    /// Unlocks a tablet on which too many wrong passwords were typed; it hears of it with its next
    /// roster. The serial of this unlocking.
    ///
    /// # Errors
    /// The device is unknown, or the store cannot be written.
    pub fn unlock_device(&self, device: DeviceId) -> Result<u64, AdminError> {
        let serial = self.store.unlock_device(device)?;
        let serial = serial.ok_or(AdminError::Unknown("tablet"))?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::DeviceUnlocked);
        self.store.audit(&entry.device(device).subject(serial))?;
        self.look_again();
        Ok(serial)
    }

    /// Makes a new sealing key, in force from the next log-in on, also in a server that runs. What
    /// was sealed to the old ones still opens.
    ///
    /// # Errors
    /// The key cannot be written, or the audit entry.
    pub fn rotate_sealing_key(&self) -> Result<KeyId, AdminError> {
        let now = self.config.clock.now();
        let key = self.keys.rotate_sealing(now)?;
        let entry = AuditEntry::new(now, AuditEvent::SealingKeyRotated);
        self.store.audit(&entry.subject(key.id))?;
        Ok(key.id)
    }

    /// Lost or stolen: from the next request on the tablet is refused everything but its evidence, and
    /// ordered to wipe itself. Its sessions end; what they had not fetched goes to the duty desk.
    ///
    /// # Errors
    /// There is no such tablet that is not revoked, or the store cannot be written.
    pub fn report_lost(&self, device: DeviceId) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        if !self.store.report_lost(device, now)? {
            return Err(AdminError::Unknown("tablet that is not revoked"));
        }
        self.store
            .audit(&AuditEntry::new(now, AuditEvent::DeviceReportedLost).device(device))?;
        self.look_again();
        Ok(())
    }

    /// Found again before it wiped itself: it may be logged in to again.
    ///
    /// # Errors
    /// There is no such tablet that is lost and not wiped, or the store cannot be written.
    pub fn report_found(&self, device: DeviceId) -> Result<(), AdminError> {
        if !self.store.report_found(device)? {
            return Err(AdminError::Unknown("tablet that is lost and not wiped"));
        }
        let now = self.config.clock.now();
        self.store
            .audit(&AuditEntry::new(now, AuditEvent::DeviceReportedFound).device(device))?;
        self.look_again();
        Ok(())
    }

    /// What a lost tablet said of its wiping, by stage.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn wipe_reports(&self, device: DeviceId) -> Result<Vec<StoredWipe>, AdminError> {
        Ok(self.store.wipe_reports(device)?)
    }

    /// Begins a new replica in the directory that is configured; a server that runs uses it from its
    /// next start on.
    ///
    /// # Errors
    /// None is configured, it is another central's, or it cannot be written.
    pub fn begin_replica(&self) -> Result<(), AdminError> {
        let dir = self.archive.replica_dir.as_ref();
        dir.ok_or(AdminError::NoReplica)?.begin()?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::ReplicaBegun);
        Ok(self.store.audit(&entry)?)
    }

    /// Takes in a queue that a tablet exported to a file, as if it had been sent; also of a tablet that
    /// is revoked: evidence is evidence. A server that runs beside notices.
    ///
    /// # Errors
    /// The file is none, its tablet is unknown, or the store cannot be written; what was stored until
    /// then stays stored.
    pub fn import_queue(&self, path: &Path) -> Result<QueueImported, AdminError> {
        let file = File::open(path).map_err(|e| AdminError::File(path.into(), e))?;
        let mut reader = ExportReader::new(BufReader::new(file))?;
        let replica = match &self.archive.replica_dir {
            Some(dir) => archive::open_replica(dir, &*self.store, self.config.clock.now())?,
            None => Replica::none(),
        };
        let ingest = Ingest {
            store: &*self.store,
            replica: &replica,
            keys: &self.keys,
            now: self.config.clock.now(),
        };
        let mut device: Option<Device> = None;
        let (mut new, mut known) = (0, 0);
        let (mut numbers, mut refused) = (Vec::new(), Vec::new());
        let cut = loop {
            let batch = match reader.next_batch() {
                Ok(Some(batch)) => batch,
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            };
            let device = match &device {
                Some(device) => device,
                None => {
                    let found = self.store.device(batch.device)?;
                    device.insert(found.ok_or(AdminError::Unknown("tablet"))?)
                }
            };
            let seqs: Vec<u64> = batch.envelopes.iter().map(|e| e.seq).collect();
            let mut before = 0;
            for seq in &seqs {
                let link = self.store.links(device.id, *seq, 1)?;
                before += u64::from(link.first().is_some_and(|link| link.seq == *seq));
            }
            match ingest.store(device, &batch) {
                Ok(()) => {
                    known += before;
                    new += seqs.len() as u64 - before;
                    numbers.extend(seqs);
                }
                Err(IngestError::Refused(code)) => {
                    refused.push((seqs.first().copied().unwrap_or(0), code));
                }
                Err(error) => return Err(error.into()),
            }
        };
        let device = device.ok_or(AdminError::Unknown("event in the file"))?;
        self.assessor().run()?;
        self.look_again();
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::QueueImported);
        self.store.audit(&entry.device(device.id).subject(new))?;
        Ok(QueueImported {
            device: device.id,
            stored: new,
            known,
            refused,
            cut,
            receipt: ingest.receipt(&device, numbers)?,
        })
    }

    fn assessor(&self) -> Assessor {
        Assessor::new(
            self.store.clone(),
            self.archive.opener.clone(),
            self.archive.edition.clone(),
            self.config.training,
            self.config.clock.clone(),
        )
        .beside_others(&self.config.data_dir)
    }

    /// Declares numbers of a tablet lost, so that what it recorded after them can become safe and be
    /// deleted there. An event that comes late all the same is taken.
    ///
    /// # Errors
    /// The tablet is unknown, one of the numbers is stored, or none above them is.
    pub fn acknowledge_gap(
        &self,
        device: DeviceId,
        first: u64,
        last: u64,
    ) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        match self.store.acknowledge_gap(device, first, last, now)? {
            GapOutcome::Acknowledged => {}
            GapOutcome::UnknownDevice => return Err(AdminError::Unknown("tablet")),
            GapOutcome::NotMissing { seq } => return Err(AdminError::NotMissing(seq)),
            GapOutcome::NotBelowStored => return Err(AdminError::NotBelowStored),
        }
        let entry = AuditEntry::new(now, AuditEvent::GapAcknowledged).device(device);
        Ok(self
            .store
            .audit(&entry.subject(format_args!("{first}-{last}")))?)
    }

    /// # Errors
    /// A field does not fit, or the login is taken.
    pub fn create_officer(&self, officer: NewOfficer) -> Result<OfficerId, AdminError> {
        let now = self.config.clock.now();
        Ok(officers::create(
            &*self.store,
            &self.hasher,
            &self.config.policy,
            now,
            &officer,
        )?)
    }

    /// Dismissed or suspended: no log-in any more, open sessions end, and nothing is assigned to them any
    /// more (§15).
    ///
    /// # Errors
    /// The officer is unknown, or the store cannot be written.
    pub fn deactivate_officer(&self, officer: OfficerId) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        if !self.store.deactivate_officer(officer, now)? {
            return Err(AdminError::Unknown("officer"));
        }
        self.store
            .audit(&AuditEntry::new(now, AuditEvent::OfficerDeactivated).officer(officer))?;
        self.look_again();
        Ok(())
    }

    /// Back from dismissal or suspension; the sessions that ended stay ended.
    ///
    /// # Errors
    /// The officer is unknown, or the store cannot be written.
    pub fn reactivate_officer(&self, officer: OfficerId) -> Result<(), AdminError> {
        if !self.store.reactivate_officer(officer)? {
            return Err(AdminError::Unknown("officer"));
        }
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::OfficerReactivated);
        Ok(self.store.audit(&entry.officer(officer))?)
    }

    /// Open sessions are told of a new name, rank, unit or role; a new password ends them, and what
    /// rosters promised the officer.
    ///
    /// # Errors
    /// The officer is unknown, a field does not fit, or the store cannot be written.
    pub fn change_officer(
        &self,
        officer: OfficerId,
        change: &OfficerChange,
    ) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        let sessions = officers::change(
            &*self.store,
            &self.hasher,
            &self.config.policy,
            now,
            officer,
            change,
        )?;
        if sessions.is_none() {
            return Err(AdminError::Unknown("officer"));
        }
        self.look_again();
        Ok(())
    }

    /// Lets a login try again that was locked by wrong passwords; `false` if it had none.
    ///
    /// # Errors
    /// Nobody has the login, or the store cannot be written.
    pub fn unlock_officer(&self, login: &str) -> Result<bool, AdminError> {
        let officer = self.officer_by_login(login)?;
        let key = DoorKey::open(&self.config)?;
        let locked = self.store.unlock_login(&key.login(login))?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::LoginUnlocked);
        self.store.audit(&entry.officer(officer))?;
        Ok(locked)
    }

    /// The officer who has this login.
    ///
    /// # Errors
    /// There is none, or the store cannot be read.
    pub fn officer_by_login(&self, login: &str) -> Result<OfficerId, AdminError> {
        let row = self.store.officer_by_login(&normal_login(login))?;
        row.map(|row| row.officer.id)
            .ok_or(AdminError::Unknown("officer"))
    }

    /// Adds or replaces people, whole or not at all.
    ///
    /// # Errors
    /// A person does not fit beside the others, or the store cannot be written.
    pub fn import(
        &self,
        registers: &[RegisterSource],
        people: impl IntoIterator<Item = NewPerson>,
    ) -> Result<Imported, AdminError> {
        let now = self.config.clock.now();
        Ok(import::import_people(&*self.store, registers, people, now)?)
    }

    /// Reads a folder in the documented format and imports it; `progress` is told the prints and
    /// portraits read.
    ///
    /// # Errors
    /// The line or the file that does not fit; nothing was imported then.
    pub fn import_folder(
        &self,
        folder: &Path,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Imported, AdminError> {
        let faces = || FaceReader::new(self.config.embedder().as_deref());
        let folder = import::read_folder(folder, faces, progress)?;
        self.import(&folder.registers, folder.people)
    }

    /// Adds a print to a person; the next search has it.
    ///
    /// # Errors
    /// The person is unknown, or the store cannot be written.
    pub fn add_print(
        &self,
        person: &str,
        finger: Finger,
        template: &Template,
    ) -> Result<(), AdminError> {
        let person = self.person(person)?;
        let print = StoredPrint {
            finger: finger as u8,
            template: template.to_bytes(),
        };
        self.store.add_print(person, &print)?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PrintAdded);
        Ok(self.store.audit(&entry.subject(person))?)
    }

    /// Removes a person's prints of a finger; the next search has them no more. How many there were.
    ///
    /// # Errors
    /// The person is unknown, or the store cannot be written.
    pub fn remove_print(&self, person: &str, finger: Finger) -> Result<u64, AdminError> {
        let person = self.person(person)?;
        let removed = self.store.remove_prints(person, finger as u8)?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PrintsRemoved);
        self.store.audit(&entry.subject(person))?;
        Ok(removed)
    }

    fn person(&self, external: &str) -> Result<u64, AdminError> {
        self.store
            .person_id(external)?
            .ok_or(AdminError::Unknown("person"))
    }

    /// # Errors
    /// The store cannot be read.
    pub fn people_count(&self) -> Result<u64, AdminError> {
        Ok(self.store.people_count()?)
    }

    /// The archive, for reading.
    #[must_use]
    pub fn archive(&self) -> Archive {
        self.archive.clone()
    }

    /// Answers that no session fetched: for the duty desk. Reading them is audited.
    ///
    /// # Errors
    /// The store cannot be read, or the entry cannot be written.
    pub fn duty_answers(&self) -> Result<Vec<DutyAnswer>, AdminError> {
        self.store.audit(&AuditEntry::new(
            self.config.clock.now(),
            AuditEvent::DutyRead,
        ))?;
        Ok(self.store.duty_answers()?)
    }

    /// What a unit did in a period (§4). What was not looked into yet is first; reading is audited.
    ///
    /// # Errors
    /// No officer is of the unit, the period does not fit, the store cannot be read, or the entry
    /// cannot be written.
    pub fn report(&self, unit: &str, wanted: &Wanted) -> Result<UnitReport, AdminError> {
        if !wanted.fits() {
            return Err(AdminError::Period);
        }
        let assessor = self.assessor();
        assessor.run()?;
        assessor.run_again(&|| false)?;
        self.look_again();
        let request = wanted.request(unit.to_owned(), self.config.clock.now());
        let entry = AuditEntry::new(request.now, AuditEvent::ReportRead);
        self.store.audit(&entry.subject(wanted.subject(unit)))?;
        let rows = self.store.report(&request)?;
        if rows.officers.is_empty() {
            return Err(AdminError::Unknown("unit"));
        }
        let edition = &self.archive.edition;
        Ok(report::report(edition, request, wanted.again, &rows))
    }

    /// The edition in force.
    #[must_use]
    pub fn edition(&self) -> &Edition {
        &self.archive.edition
    }

    /// The newest entries of the audit journal.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn audit_entries(&self, limit: usize) -> Result<Vec<AuditEntry>, AdminError> {
        Ok(self.store.audit_entries(limit)?)
    }

    /// Long polls look whether they are still allowed.
    fn look_again(&self) {
        if let Some(changed) = &self.changed {
            // Nobody may be listening.
            changed.send(None).ok();
        }
    }
}
