//! What is inside the seals: facts drawn from the bytes are sealed, chained, signed and taken in by
//! central's store, assessor, search and archive, as a tablet's are.

use crate::Depth;
use crate::crypto::Signer;
use crate::draw::{EDITION, MARKER, NOW, print};
use crate::hostile::Tablet;
use arbitrary::{Result, Unstructured};
use biometrics::finger::extract;
use central::archive::{Archive, Assessor, Opener, Wrong};
use central::ca::Keys;
use central::config::Clock;
use central::people::portrait::FaceReader;
use central::search::Search;
use central::store::sqlite::SqliteStore;
use central::store::{
    AnswerPlace, BatchOutcome, Enrolment, NewCode, NewSession, SessionOpened, Store,
};
use central::{Admin, Central, Config, NewOfficer, NewPerson, Policy, RegisterSource};
use protocol::{
    Answer, Batch, DeviceId, Digest, FactKind, MessageBody, Probe, Register, RegisterEntry, Role,
    SessionId, from_cbor, to_cbor,
};
use regulation::encounter::{Event, Finger};
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{Date, Edition, OfficerId, Timestamp};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

/// Runs before central is made anew, so that its files stay small.
const RUNS: u64 = 1024;

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

/// Facts, sealed.
pub fn sealed(data: &[u8]) {
    BENCH.with_borrow_mut(|bench| {
        if bench.as_ref().is_none_or(|b| b.run == RUNS) {
            *bench = Some(Bench::new());
        }
        let bench = bench.as_mut().expect("made above");
        bench.run += 1;
        bench
            .take_in(&mut Unstructured::new(data))
            .expect("bytes are always drawn");
    });
}

/// Central without its network.
struct Bench {
    store: Arc<dyn Store>,
    keys: Keys,
    opener: Arc<Opener>,
    assessor: Assessor,
    archive: Archive,
    search: Search,
    journal: Signer,
    officer: OfficerId,
    run: u64,
    _dir: tempfile::TempDir,
}

/// A configuration whose time stands still and whose passwords are quickly hashed.
pub(crate) fn config(dir: &Path) -> Config {
    let mut config = Config::new(dir, "127.0.0.1:0".parse().expect("an address"));
    config.clock = Clock::from_fn(|| Timestamp(NOW));
    config.policy = Policy {
        argon2_memory_kib: 64,
        argon2_passes: 1,
        search_threads: 1,
        ..Policy::default()
    };
    config
}

pub(crate) fn new_officer() -> NewOfficer {
    NewOfficer {
        login: "n.namunayev".into(),
        password: "korrekt-ot-batareya".into(),
        name: MARKER.into(),
        rank: "serjant".into(),
        unit: "1".into(),
        role: Role::Patrol,
    }
}

/// Invented people; the first two have the prints that probes are drawn from.
static PEOPLE: LazyLock<Vec<NewPerson>> = LazyLock::new(|| {
    (1..=3)
        .map(|n| NewPerson {
            id: format!("p-{n}"),
            name: PersonName {
                surname: MARKER.into(),
                given: "Namuna".into(),
                patronymic: None,
            },
            birth_date: BirthDate(Date::new(1990, 1, 1).expect("a day")),
            address: "Namuna koʻchasi 1".into(),
            pinfl: Some(Pinfl(format!("{n:014}"))),
            documents: vec![DocumentNumber(format!("ZZ{n:07}"))],
            entries: vec![RegisterEntry {
                register: Register::Wanted,
                source: "invented".into(),
                date: Date::new(2025, 5, 5).expect("a day"),
                spent: None,
                note: None,
            }],
            portrait: None,
            prints: vec![(
                Finger::RightIndex,
                extract(&print(n)).expect("a synthetic print has minutiae"),
            )],
        })
        .collect()
});

pub(crate) fn people() -> (Vec<RegisterSource>, Vec<NewPerson>) {
    let source = RegisterSource {
        register: Register::Wanted,
        source: "invented".into(),
        as_of: Date::new(2026, 1, 1).expect("a day"),
    };
    (vec![source], PEOPLE.clone())
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let config = config(dir.path());
        Central::init(&config).expect("central is made");
        let admin = Admin::open(&config).expect("central opens");
        let officer = admin.create_officer(new_officer()).expect("an officer");
        let (registers, people) = people();
        admin.import(&registers, people).expect("people");
        let sqlite = SqliteStore::open(&dir.path().join("central.db"), None).expect("a store");
        let store: Arc<dyn Store> = Arc::new(sqlite);
        let (keys, opener) = Keys::open(&config).expect("keys");
        let opener = Arc::new(opener);
        let edition = Arc::new(Edition::shipped().expect("the edition"));
        assert_eq!(edition.id, EDITION);
        let faces = Arc::new(FaceReader::new(None).expect("the detector that is built in"));
        let search = Search::new(store.clone(), &config.policy, faces).expect("a policy");
        search.load().expect("a gallery");
        assert_eq!(search.size().prints, 3);
        let assessor = Assessor::new(
            store.clone(),
            opener.clone(),
            edition,
            false,
            config.clock.clone(),
        );
        Self {
            archive: admin.archive(),
            store,
            keys,
            opener,
            assessor,
            search,
            journal: Signer::new(),
            officer,
            run: 0,
            _dir: dir,
        }
    }

    fn tablet(&self) -> Tablet<'_> {
        let id = |n: u128| Uuid::from_u128((u128::from(self.run) << 64) | n);
        let (device, session) = (DeviceId(id(100)), SessionId(id(101)));
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.run.to_be_bytes());
        let at = Timestamp(NOW);
        self.store
            .add_code(&NewCode {
                hash,
                device_name: "tablet".into(),
                expires_at: Timestamp(i64::MAX),
            })
            .expect("a code");
        let enrolled = self.store.enrol(&Enrolment {
            code_hash: hash,
            device,
            journal_key: self.journal.public(),
            at,
        });
        assert_eq!(enrolled, Ok(true));
        let login = new_officer().login;
        let officer = self.store.officer_by_login(&login);
        let password = officer.expect("a store").expect("an officer").password;
        let new = NewSession {
            id: session,
            device,
            officer: self.officer,
            token_hash: hash,
            at,
            lease_until: Timestamp(i64::MAX),
        };
        let opened = self.store.open_session(&new, &password);
        assert!(matches!(opened, Ok(SessionOpened::Opened(_))));
        Tablet {
            device,
            session,
            officer: self.officer,
            sealing: self.keys.sealing(),
            journal: &self.journal,
            run: self.run,
            next: 1,
            previous: Digest::default(),
        }
    }

    fn take_in(&self, u: &mut Unstructured<'_>) -> Result<()> {
        let mut tablet = self.tablet();
        let batches = tablet.batches(u)?;
        let mut known: BTreeMap<u64, Digest> = BTreeMap::new();
        for batch in &batches {
            let sent = to_cbor(batch).expect("a batch can be written");
            assert_eq!(from_cbor::<Batch>(&sent).as_ref(), Ok(batch));
            let outcome = self.store.store_batch(batch, Timestamp(NOW));
            let outcome = outcome.expect("what is signed can be stored");
            let mut with = known.clone();
            let conflict = batch.envelopes.iter().any(|e| {
                let digest = e.digest();
                *with.entry(e.seq).or_insert(digest) != digest
            });
            assert_eq!(
                matches!(outcome, BatchOutcome::Conflict { .. }),
                conflict,
                "one envelope a number, and nothing of a batch with another"
            );
            if !conflict {
                known = with;
            }
            if u.arbitrary()? {
                self.assessor.run().expect("what is stored is assessed");
            }
        }
        self.assessor.run().expect("what is stored is assessed");
        assert_eq!(self.store.unassessed(1), Ok(Vec::new()));
        self.examine(&tablet, &known);
        self.look_up(&tablet);
        Ok(())
    }

    /// What the archive says of what it was sent.
    fn examine(&self, tablet: &Tablet<'_>, known: &BTreeMap<u64, Digest>) {
        let marks = self.store.marks(tablet.device, u64::MAX).expect("marks");
        let through = (1..)
            .take_while(|seq| known.contains_key(seq))
            .last()
            .unwrap_or(0);
        assert_eq!(marks.stored_through, through);
        let head = known.get(&through).copied().unwrap_or_default();
        assert_eq!(marks.head, head);
        let report = self
            .archive
            .verify_journal(tablet.device)
            .expect("a report");
        assert_eq!(report.envelopes, known.len() as u64);
        // Numbers that never came, and links that were drawn wrong; nothing that was taken in.
        for finding in &report.findings {
            assert!(matches!(finding.wrong, Wrong::Missing | Wrong::Unlinked));
        }
        for encounter in tablet.encounters() {
            let Some(read) = self.archive.encounter(encounter).expect("the archive") else {
                continue;
            };
            assert!(read.verified.signatures);
            assert!(!format!("{read:?}").contains(MARKER));
            let summary = self.store.encounter_summary(encounter).expect("a summary");
            let summary = summary.expect("what is there is summed up");
            assert_eq!(summary.stage, read.state.stage);
            assert_eq!(summary.flags, read.state.flags);
        }
    }

    /// Looks up what was queued, as the worker does; nothing is that the procedure did not allow.
    fn look_up(&self, tablet: &Tablet<'_>) {
        for row in self.store.queued(64).expect("the queue") {
            let stand = &row.stand;
            let read = self
                .archive
                .encounter(stand.encounter)
                .expect("the archive");
            let events = read.expect("a question has an encounter").events;
            let before = events.iter().take_while(|(seq, _)| *seq < stand.place.seq);
            let (mut ground, mut explained) = (false, false);
            for (_, recorded) in before {
                ground |= matches!(recorded.event, Event::GroundStated { .. });
                explained |= matches!(recorded.event, Event::Explained { .. });
            }
            assert!(
                ground && explained,
                "no look-up before ground and explanation"
            );
            let stored = self.store.envelope(stand.place.device, stand.place.seq);
            let stored = stored.expect("the store").expect("a question's envelope");
            let fact = self.opener.open(&stored.envelope).expect("it was opened");
            let FactKind::Encounter {
                question: Some(question),
                ..
            } = fact.kind
            else {
                panic!("a question is in its fact");
            };
            if let Probe::Fingerprint { .. } = question.probe {
                Depth::FingerprintLookedUp.reach();
            }
            let looked_up = self.search.answer(&question.probe).expect("an answer");
            let answer = Answer {
                question: stand.id,
                encounter: stand.encounter,
                answered_at: Timestamp(NOW),
                took_ms: 0,
                result: looked_up.result,
            };
            let kept = self.store.answer(&answer, looked_up.person);
            let place = kept.expect("an answer can be kept");
            assert_ne!(place, AnswerPlace::Nowhere);
            let letters = self.store.inbox(tablet.session, 0, 64).expect("an inbox");
            if let AnswerPlace::Inbox(session) = place {
                assert_eq!(session, tablet.session);
                assert!(letters.iter().any(|letter| {
                    matches!(&letter.body, MessageBody::Answer { answer: kept } if **kept == answer)
                }));
            }
        }
        assert_eq!(self.store.queued(1).map(|queued| queued.len()), Ok(0));
    }
}
