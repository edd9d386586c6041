//! The store in one SQLite file: write-ahead log, and every commit synced before it counts.

mod access;
mod answers;
mod captures;
mod complaint;
mod custody;
mod desk;
mod devices;
mod dock;
mod file;
mod incident;
mod kit;
mod lost;
mod means;
mod outbox;
mod people;
mod questions;
mod report;
mod values;

use super::*;
use file::fault;
use protocol::{Answer, Digest};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;
use values::*;

/// [`Store`] in a SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    /// Reading does not wait for writing.
    reader: Mutex<Connection>,
    /// A report takes longer than all else that is read: nobody waits for one but another.
    reporter: Mutex<Connection>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqliteStore({})", self.path.display())
    }
}

type Sql<T> = Result<T, Fault>;

/// What can go wrong inside a transaction: the database, or a value in it.
#[derive(Debug)]
enum Fault {
    Sql(rusqlite::Error),
    Unreadable(&'static str),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl SqliteStore {
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Sql<T>) -> Result<T, StoreError> {
        let mut connection = lock(&self.writer);
        transaction(&mut connection, work).map_err(|f| self.error(f))
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Sql<T>) -> Result<T, StoreError> {
        self.read_by(&self.reader, work)
    }

    fn read_by<T>(
        &self,
        connection: &Mutex<Connection>,
        work: impl FnOnce(&Connection) -> Sql<T>,
    ) -> Result<T, StoreError> {
        let mut connection = lock(connection);
        // One snapshot for all that a method reads.
        let snapshot = connection.transaction().map_err(|e| fault(&self.path, e))?;
        work(&snapshot).map_err(|f| self.error(f))
    }

    fn error(&self, error: Fault) -> StoreError {
        match error {
            Fault::Sql(error) => fault(&self.path, error),
            Fault::Unreadable(what) => StoreError::Unreadable(what),
        }
    }
}

/// A thread that panicked inside a transaction has rolled it back; the connection is sound.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Sql<T>,
) -> Sql<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

impl Store for SqliteStore {
    fn add_code(&self, code: &NewCode) -> Result<(), StoreError> {
        self.write(|tx| devices::add_code(tx, code))
    }

    fn code_is_good(&self, hash: &[u8; 32], at: Timestamp) -> Result<bool, StoreError> {
        self.read(|c| devices::code_is_good(c, hash, at))
    }

    fn enrol(&self, enrolment: &Enrolment) -> Result<bool, StoreError> {
        self.write(|tx| devices::enrol(tx, enrolment))
    }

    fn device(&self, device: DeviceId) -> Result<Option<Device>, StoreError> {
        self.read(|c| devices::device(c, device))
    }

    fn devices(&self) -> Result<Vec<Device>, StoreError> {
        self.read(devices::devices)
    }

    fn revoke_device(&self, device: DeviceId, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|tx| devices::revoke(tx, device, at))
    }

    fn unlock_device(&self, device: DeviceId) -> Result<Option<u64>, StoreError> {
        self.write(|tx| devices::unlock(tx, device))
    }

    fn report_lost(&self, device: DeviceId, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|tx| lost::report_lost(tx, device, at))
    }

    fn report_found(&self, device: DeviceId) -> Result<bool, StoreError> {
        self.write(|tx| lost::report_found(tx, device))
    }

    fn keep_wipe_report(
        &self,
        report: &WipeReport,
        at: Timestamp,
    ) -> Result<WipeOutcome, StoreError> {
        self.write(|tx| lost::keep_report(tx, report, at))
    }

    fn wipe_reports(&self, device: DeviceId) -> Result<Vec<StoredWipe>, StoreError> {
        self.read(|c| lost::reports(c, device))
    }

    fn add_officer(&self, officer: &OfficerRow) -> Result<bool, StoreError> {
        self.write(|tx| devices::add_officer(tx, officer))
    }

    fn officer_by_login(&self, login: &str) -> Result<Option<OfficerRow>, StoreError> {
        self.read(|c| devices::officer_by_login(c, login))
    }

    fn password_beside(&self, login: &str) -> Result<Option<String>, StoreError> {
        self.read(|c| devices::password_beside(c, login))
    }

    fn deactivate_officer(&self, officer: OfficerId, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|tx| devices::deactivate_officer(tx, officer, at))
    }

    fn reactivate_officer(&self, officer: OfficerId) -> Result<bool, StoreError> {
        self.write(|tx| access::reactivate(tx, officer))
    }

    fn change_officer(&self, change: &OfficerChange) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.write(|tx| access::change(tx, change))
    }

    fn begin_login(&self, attempt: &LoginAttempt<'_>) -> Result<LoginTurn, StoreError> {
        self.write(|tx| access::begin_login(tx, attempt))
    }

    fn login_succeeded(&self, login: &Who, device: &Who) -> Result<(), StoreError> {
        self.write(|tx| {
            access::forget_failures(tx, login)?;
            access::forget_failures(tx, device).map(|_| ())
        })
    }

    fn unlock_login(&self, login: &Who) -> Result<bool, StoreError> {
        self.write(|tx| access::forget_failures(tx, login))
    }

    fn roster(
        &self,
        request: &RosterRequest,
        reserve: &mut dyn FnMut() -> Reserved,
    ) -> Result<RosterRows, StoreError> {
        self.write(|tx| access::roster(tx, request, reserve))
    }

    fn begin_reserved(
        &self,
        token: &[u8; 32],
        device: DeviceId,
        at: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        // Once a session: for every later use a look is enough.
        if !self.read(|c| access::is_reserved(c, token, device))? {
            return Ok(None);
        }
        self.write(|tx| access::begin_by_token(tx, token, device, at))
    }

    fn open_session(
        &self,
        session: &NewSession,
        password: &str,
    ) -> Result<SessionOpened, StoreError> {
        self.write(|tx| devices::open_session(tx, session, password))
    }

    fn end_session(
        &self,
        session: SessionId,
        device: DeviceId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|tx| devices::end_session(tx, session, device, at))
    }

    fn session(&self, session: SessionId) -> Result<Option<Session>, StoreError> {
        self.read(|c| devices::session(c, session))
    }

    fn session_by_token(&self, token: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.read(|c| devices::session_by_token(c, token))
    }

    fn store_batch(&self, batch: &Batch, at: Timestamp) -> Result<BatchOutcome, StoreError> {
        let mut connection = lock(&self.writer);
        let mut work = || -> Sql<BatchOutcome> {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = outbox::store_batch(&tx, batch, at)?;
            match outcome {
                BatchOutcome::Stored { .. } => tx.commit()?,
                BatchOutcome::Conflict { .. } => tx.rollback()?,
            }
            Ok(outcome)
        };
        work().map_err(|f| self.error(f))
    }

    fn take_back_device(&self, device: &DeviceRecord, at: Timestamp) -> Result<bool, StoreError> {
        self.write(|tx| devices::take_back(tx, device, at))
    }

    fn batch_numbers(&self) -> Result<u64, StoreError> {
        self.read(outbox::batch_numbers)
    }

    fn take_back(&self, batch: &StoredBatch, at: Timestamp) -> Result<TakenBack, StoreError> {
        let mut connection = lock(&self.writer);
        let mut work = || -> Sql<TakenBack> {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = outbox::take_back(&tx, batch, at)?;
            match outcome {
                TakenBack::Stored | TakenBack::UnknownDevice => tx.commit()?,
                TakenBack::Conflict => tx.rollback()?,
            }
            Ok(outcome)
        };
        work().map_err(|f| self.error(f))
    }

    fn marks(&self, device: DeviceId, replicated: u64) -> Result<Marks, StoreError> {
        self.read(|c| outbox::marks(c, device, replicated))
    }

    fn stored_through(&self, device: DeviceId) -> Result<u64, StoreError> {
        self.read(|c| outbox::stored_through(c, &device.0.into_bytes()))
    }

    fn acknowledge_gap(
        &self,
        device: DeviceId,
        first: u64,
        last: u64,
        at: Timestamp,
    ) -> Result<GapOutcome, StoreError> {
        self.write(|tx| outbox::acknowledge_gap(tx, device, first, last, at))
    }

    fn acknowledged_gaps(&self, device: DeviceId) -> Result<Vec<(u64, u64)>, StoreError> {
        self.read(|c| outbox::acknowledged_gaps(c, &device.0.into_bytes()))
    }

    fn changed_by_others(&self) -> Result<u64, StoreError> {
        // Of the one connection that writes here: its own commits do not count.
        let writer = lock(&self.writer);
        let version = writer.query_row("PRAGMA data_version", [], |row| row.get(0));
        version.map(nat).map_err(|e| fault(&self.path, e))
    }

    fn batches_after(&self, after: u64, bytes: usize) -> Result<Vec<StoredBatch>, StoreError> {
        self.read(|c| outbox::batches_after(c, after, bytes))
    }

    fn batches_of(
        &self,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, BatchSignature)>, StoreError> {
        self.read(|c| outbox::batches_of(c, device, after, limit))
    }

    fn batch(&self, batch: u64) -> Result<Option<BatchSignature>, StoreError> {
        self.read(|c| outbox::batch(c, batch))
    }

    fn unassessed(&self, limit: usize) -> Result<Vec<Place>, StoreError> {
        self.read(|c| outbox::unassessed(c, limit))
    }

    fn envelope(&self, device: DeviceId, seq: u64) -> Result<Option<StoredEnvelope>, StoreError> {
        self.read(|c| outbox::envelope(c, device, seq))
    }

    fn encounter_device(&self, encounter: EncounterId) -> Result<Option<DeviceId>, StoreError> {
        self.read(|c| outbox::encounter_device(c, encounter))
    }

    fn encounter_envelopes(
        &self,
        encounter: EncounterId,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError> {
        self.read(|c| outbox::encounter_envelopes(c, encounter, device, after, limit))
    }

    fn session_envelopes(
        &self,
        session: SessionId,
        device: DeviceId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError> {
        self.read(|c| outbox::session_envelopes(c, session, device, after, limit))
    }

    fn links(&self, device: DeviceId, from: u64, limit: usize) -> Result<Vec<Link>, StoreError> {
        self.read(|c| outbox::links(c, device, from, limit))
    }

    fn assess(&self, assessment: &Assessment) -> Result<Vec<SessionId>, StoreError> {
        self.write(|tx| questions::assess(tx, assessment))
    }

    fn flags(&self, encounter: EncounterId) -> Result<Vec<(Place, ArchiveFlag)>, StoreError> {
        self.read(|c| questions::flags(c, encounter))
    }

    fn device_flags(&self, device: DeviceId) -> Result<Vec<(Place, ArchiveFlag)>, StoreError> {
        self.read(|c| questions::device_flags(c, device))
    }

    fn encounter_summary(&self, encounter: EncounterId) -> Result<Option<Summary>, StoreError> {
        self.read(|c| questions::summary(c, encounter))
    }

    fn encounters(&self, limit: usize) -> Result<Vec<Summary>, StoreError> {
        self.read(|c| questions::summaries(c, limit))
    }

    fn capture_envelopes(
        &self,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError> {
        self.read(|c| outbox::capture_envelopes(c, after, limit))
    }

    fn capture(&self, capture: CaptureId) -> Result<Option<CaptureRow>, StoreError> {
        self.read(|c| captures::capture(c, capture))
    }

    fn begin_capture(&self, capture: &NewCapture, bound: u64) -> Result<CaptureBegun, StoreError> {
        self.write(|tx| captures::begin(tx, capture, bound))
    }

    fn capture_received(
        &self,
        capture: CaptureId,
        received: u64,
        complete_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.write(|tx| captures::received(tx, capture, received, complete_at))
    }

    fn queued(&self, limit: usize) -> Result<Vec<QuestionRow>, StoreError> {
        self.read(|c| questions::queued(c, limit))
    }

    fn question(&self, question: QuestionId) -> Result<Option<QuestionRow>, StoreError> {
        self.read(|c| questions::question(c, question))
    }

    fn questions(&self, encounter: EncounterId) -> Result<Vec<QuestionRow>, StoreError> {
        self.read(|c| questions::questions(c, encounter))
    }

    fn answer(&self, answer: &Answer, person: Option<u64>) -> Result<AnswerPlace, StoreError> {
        self.write(|tx| questions::answer(tx, answer, person))
    }

    fn begin_numbers(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(|tx| questions::begin_numbers(tx, now))
    }

    fn inbox(
        &self,
        session: SessionId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Letter>, StoreError> {
        if self.read(|c| questions::is_behind(c, session, after))? {
            self.write(|tx| questions::catch_up(tx, session, after))?;
        }
        // Confirming is a write only when there is something new to confirm.
        if self.read(|c| questions::unconfirmed(c, session, after))? {
            self.write(|tx| questions::confirm(tx, session, after))?;
        }
        self.read(|c| questions::inbox(c, session, after, limit))
    }

    fn duty_answers(&self) -> Result<Vec<DutyAnswer>, StoreError> {
        self.read(questions::duty_answers)
    }

    fn officer(&self, officer: OfficerId) -> Result<Option<Officer>, StoreError> {
        self.read(|c| desk::officer(c, officer))
    }

    fn look(&self, session: SessionId, entry: &AuditEntry) -> Result<bool, StoreError> {
        if self.read(|c| desk::has_looked(c, session))? {
            return Ok(false);
        }
        self.write(|tx| desk::look(tx, session, entry))
    }

    fn board(&self, request: &BoardRequest) -> Result<BoardRows, StoreError> {
        self.read(|c| desk::board(c, request))
    }

    fn import_dock(
        &self,
        readings: &DockReadings,
        tolerance_ms: u64,
        at: Timestamp,
    ) -> Result<DockImported, StoreError> {
        self.write(|tx| dock::import(tx, readings, tolerance_ms, at))
    }

    fn register_complaint(&self, complaint: &Complaint) -> Result<bool, StoreError> {
        self.write(|tx| complaint::register(tx, complaint))
    }

    fn holds(&self, from: usize, limit: usize) -> Result<Vec<Hold>, StoreError> {
        self.read(|c| complaint::holds(c, from, limit))
    }

    fn again(&self, limit: usize) -> Result<Vec<Again>, StoreError> {
        self.read(|c| report::again(c, limit))
    }

    fn report(&self, request: &ReportRequest) -> Result<ReportRows, StoreError> {
        self.read_by(&self.reporter, |c| report::rows(c, request))
    }

    fn incident(
        &self,
        incident: IncidentId,
        unit: &str,
    ) -> Result<Option<StoredIncident>, StoreError> {
        self.read(|c| incident::incident(c, incident, unit))
    }

    fn late_answer(
        &self,
        question: QuestionId,
        unit: &str,
    ) -> Result<Option<LateAnswer>, StoreError> {
        self.read(|c| answers::late_answer(c, question, unit))
    }

    fn order_tablet(&self, order: &OrderedTablet) -> Result<Option<TabletStanding>, StoreError> {
        self.write(|tx| lost::order(tx, order))
    }

    fn custody_before(&self, device: DeviceId, seq: u64) -> Result<Custody, StoreError> {
        self.read(|c| custody::before(c, device, seq))
    }

    fn custody_steps(&self, device: DeviceId, seq: u64) -> Result<Vec<CustodyStep>, StoreError> {
        self.read(|c| custody::steps_from(c, device, seq))
    }

    fn custody_chain(&self, device: DeviceId) -> Result<Vec<NamedStep>, StoreError> {
        self.read(|c| custody::chain(c, device))
    }

    fn assign_tablet(
        &self,
        device: DeviceId,
        officer: OfficerId,
        at: Timestamp,
    ) -> Result<AssignOutcome, StoreError> {
        self.write(|tx| kit::assign_tablet(tx, device, officer, at))
    }

    fn unassign_tablet(&self, device: DeviceId) -> Result<Option<OfficerId>, StoreError> {
        self.write(|tx| kit::unassign_tablet(tx, device))
    }

    fn assign_camera(
        &self,
        camera: &Serial,
        officer: OfficerId,
        at: Timestamp,
    ) -> Result<AssignOutcome, StoreError> {
        self.write(|tx| kit::assign_camera(tx, camera, officer, at))
    }

    fn unassign_camera(&self, camera: &Serial) -> Result<Option<OfficerId>, StoreError> {
        self.write(|tx| kit::unassign_camera(tx, camera))
    }

    fn name_place(&self, unit: &str, place: &str) -> Result<bool, StoreError> {
        self.write(|tx| kit::name_place(tx, unit, place))
    }

    fn remove_place(&self, unit: &str, place: &str) -> Result<bool, StoreError> {
        self.write(|tx| kit::remove_place(tx, unit, place))
    }

    fn give_notice(
        &self,
        unit: &str,
        text: &str,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(|tx| kit::give_notice(tx, unit, text, until, at))
    }

    fn set_minimum_version(&self, version: &str) -> Result<(), StoreError> {
        self.write(|tx| kit::set_minimum_version(tx, version))
    }

    fn kit(&self, request: &KitRequest) -> Result<Kit, StoreError> {
        self.read(|c| kit::kit(c, request))
    }

    fn import(
        &self,
        registers: &[RegisterSource],
        people: &mut dyn Iterator<Item = NewPerson>,
        at: Timestamp,
    ) -> Result<Imported, ImportFault> {
        let mut connection = lock(&self.writer);
        let tx = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|e| fault(&self.path, e))?;
        let imported = people::import(&tx, registers, people, at).map_err(|e| match e {
            people::Rejected::Import(fault) => fault,
            people::Rejected::Fault(fault) => ImportFault::Store(self.error(fault)),
        })?;
        tx.commit().map_err(|e| fault(&self.path, e))?;
        Ok(imported)
    }

    fn person(&self, person: u64) -> Result<Option<PersonRecord>, StoreError> {
        self.read(|c| people::person(c, person))
    }

    fn person_id(&self, external: &str) -> Result<Option<u64>, StoreError> {
        self.read(|c| people::person_id(c, external))
    }

    fn person_by_document(
        &self,
        number: &DocumentNumber,
    ) -> Result<Option<(u64, PersonRecord)>, StoreError> {
        self.read(|c| people::by_document(c, number))
    }

    fn person_by_pinfl(&self, pinfl: &Pinfl) -> Result<Option<(u64, PersonRecord)>, StoreError> {
        self.read(|c| people::by_pinfl(c, pinfl))
    }

    fn people_count(&self) -> Result<u64, StoreError> {
        self.read(people::count)
    }

    fn add_print(&self, person: u64, print: &StoredPrint) -> Result<(), StoreError> {
        self.write(|tx| people::add_print(tx, person, print))
    }

    fn remove_prints(&self, person: u64, finger: u8) -> Result<u64, StoreError> {
        self.write(|tx| people::remove_prints(tx, person, finger))
    }

    fn prints_after(&self, after: u64, limit: usize) -> Result<Vec<PrintRow>, StoreError> {
        self.read(|c| people::prints_after(c, after, limit))
    }

    fn faces_after(&self, after: u64, limit: usize) -> Result<Vec<FaceRow>, StoreError> {
        self.read(|c| people::faces_after(c, after, limit))
    }

    fn keep_embeddings(&self, made: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.write(|tx| people::keep_embeddings(tx, made))
    }

    fn gallery_generation(&self) -> Result<u64, StoreError> {
        self.read(people::generation)
    }

    fn audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.write(|tx| devices::audit(tx, entry))
    }

    fn audit_entries(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|c| devices::audit_entries(c, limit))
    }
}
