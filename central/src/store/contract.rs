//! What every store must do, whatever it lies on. Run by the tests over each implementation.

mod access;
mod answers;
mod custody;
mod desk;
mod dock;
mod gaps;
mod lost;
mod report;
mod restored;
mod turns;

use super::*;
use protocol::{
    Answer, AnswerResult, Digest, Envelope, KeyId, Officer, Role, Urgency, WipeReport, WipeStage,
};
use uuid::Uuid;

/// Makes an empty store.
pub type Make<'a, S> = &'a mut dyn FnMut() -> Result<S, String>;

/// Checks a store against the contract.
///
/// # Errors
/// The first promise that it did not keep.
pub fn check<S: Store>(make: Make<'_, S>) -> Result<(), String> {
    codes(&make()?)?;
    officers_and_sessions(&make()?)?;
    lost::lost_devices(&make()?)?;
    batches(&make()?)?;
    conflicts(&make()?)?;
    captures(&make()?)?;
    restored::check(make)?;
    turns::check(make)?;
    gaps::check(&make()?)?;
    questions(&make()?)?;
    desk::shifts(&make()?)?;
    desk::decisions(&make()?)?;
    desk::boards(&make()?)?;
    answers::late_answers(&make()?)?;
    answers::resistance(&make()?)?;
    answers::tablets(&make()?)?;
    dock::readings(&make()?)?;
    dock::other_means(&make()?)?;
    report::rows(&make()?)?;
    custody::incidents(&make()?)?;
    custody::chains(&make()?)?;
    custody::assignments(&make()?)?;
    people(&make()?)?;
    access::log_ins(&make()?)?;
    access::opening(&make()?)?;
    access::rosters(&make()?)?;
    access::changes(&make()?)?;
    audit(&make()?)
}

const AT: Timestamp = Timestamp(1_000);

fn promise(kept: bool, what: &str) -> Result<(), String> {
    if kept { Ok(()) } else { Err(what.into()) }
}

fn ok<T>(outcome: Result<T, StoreError>) -> Result<T, String> {
    outcome.map_err(|e| e.to_string())
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const DEVICE: DeviceId = DeviceId(Uuid::from_u128(1));

fn enrolled(store: &dyn Store, device: DeviceId) -> Result<(), String> {
    let hash = {
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(device.0.as_bytes()) {
            *to = *from;
        }
        hash
    };
    let code = NewCode {
        hash,
        device_name: "t".into(),
        expires_at: Timestamp(2_000),
    };
    ok(store.add_code(&code))?;
    let enrolment = Enrolment {
        code_hash: hash,
        device,
        journal_key: vec![4; 65],
        at: AT,
    };
    promise(ok(store.enrol(&enrolment))?, "a good code enrols")
}

fn on_duty(store: &dyn Store, session: SessionId, token: u8) -> Result<(), String> {
    let officer = OfficerId(id(5));
    ok(store.add_officer(&OfficerRow {
        officer: Officer {
            id: officer,
            name: "N".into(),
            rank: "R".into(),
            unit: "U".into(),
            role: Role::Duty,
        },
        login: "a".into(),
        password: "x".into(),
        active: true,
    }))?;
    let session = NewSession {
        id: session,
        device: DEVICE,
        officer,
        token_hash: [token; 32],
        at: AT,
        lease_until: Timestamp(10_000),
    };
    let opened = ok(store.open_session(&session, "x"))?;
    promise(
        matches!(opened, SessionOpened::Opened(_)),
        "a session opens for an active officer on a good tablet",
    )
}

fn codes(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(DEVICE.0.as_bytes());
    let again = Enrolment {
        code_hash: hash,
        device: DeviceId(id(2)),
        journal_key: vec![4; 65],
        at: AT,
    };
    promise(!ok(store.enrol(&again))?, "a code is spent once")?;
    let late = NewCode {
        hash: [9; 32],
        device_name: "t".into(),
        expires_at: AT,
    };
    ok(store.add_code(&late))?;
    let late = Enrolment {
        code_hash: [9; 32],
        ..again
    };
    promise(
        !ok(store.enrol(&late))?,
        "a code that is too old is refused",
    )?;
    promise(
        ok(store.device(DeviceId(id(2))))?.is_none(),
        "a refused code leaves no device",
    )?;
    promise(
        ok(store.unlock_device(DEVICE))? == Some(1) && ok(store.unlock_device(DEVICE))? == Some(2),
        "each unlocking has a serial above the one before",
    )?;
    promise(
        ok(store.unlock_device(DeviceId(id(2))))?.is_none(),
        "an unknown device is not unlocked",
    )?;
    promise(
        ok(store.revoke_device(DEVICE, AT))?,
        "a known device is revoked",
    )?;
    promise(
        !ok(store.revoke_device(DeviceId(id(2)), AT))?,
        "an unknown one is not",
    )?;
    promise(
        ok(store.device(DEVICE))?.is_some_and(|d| d.revoked),
        "a revoked device stays known",
    )
}

fn officers_and_sessions(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let (first, second) = (SessionId(id(11)), SessionId(id(12)));
    on_duty(store, first, 1)?;
    let taken = ok(store.officer_by_login("a"))?.ok_or("the officer is there")?;
    promise(!ok(store.add_officer(&taken))?, "a login is taken once")?;
    on_duty(store, second, 2)?;
    promise(
        ok(store.session(first))?.is_some_and(|s| s.ended),
        "a new session ends the earlier",
    )?;
    let open = ok(store.session_by_token(&[2; 32]))?.ok_or("a session is found by its token")?;
    promise(open.id == second && !open.ended, "the new session is open")?;
    promise(
        ok(store.session_by_token(&[3; 32]))?.is_none(),
        "another token finds none",
    )?;
    let theirs = ok(store.end_session(second, DeviceId(id(2)), AT))?;
    promise(!theirs, "another device cannot end a session")?;
    ok(store.deactivate_officer(OfficerId(id(5)), AT))?;
    promise(
        ok(store.session(second))?.is_some_and(|s| s.ended),
        "dismissal ends sessions",
    )?;
    promise(
        ok(store.officer_by_login("a"))?.is_some_and(|o| !o.active),
        "and the officer stays",
    )
}

fn envelope(seq: u64, previous: Digest, encounter: Option<EncounterId>) -> Envelope {
    Envelope {
        device: DEVICE,
        session: SessionId(id(11)),
        seq,
        encounter,
        urgency: Urgency::Ordinary,
        key: KeyId(id(3)),
        previous,
        encapsulated: vec![1; 32],
        ciphertext: vec![2; 8],
    }
}

fn chain(numbers: std::ops::RangeInclusive<u64>, mut previous: Digest) -> Vec<Envelope> {
    numbers
        .map(|seq| {
            let envelope = envelope(seq, previous, Some(EncounterId(id(7))));
            previous = envelope.digest();
            envelope
        })
        .collect()
}

fn batch(envelopes: &[Envelope]) -> Batch {
    Batch {
        device: DEVICE,
        envelopes: envelopes.to_vec(),
        signature: vec![3; 70],
    }
}

fn batches(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let all = chain(1..=4, Digest::default());
    let whole = BatchOutcome::Stored { broken: Vec::new() };
    let (early, late) = all.split_at(2);
    let last = late.last().ok_or("four")?;
    promise(
        ok(store.store_batch(&batch(late), AT))? == whole,
        "numbers may overtake",
    )?;
    let marks = ok(store.marks(DEVICE, 0))?;
    promise(
        marks.stored_through == 0 && marks.head == Digest::default(),
        "the mark waits",
    )?;
    promise(
        ok(store.store_batch(&batch(early), AT))? == whole,
        "the gap is filled",
    )?;
    promise(
        ok(store.store_batch(&batch(&all), AT))? == whole,
        "what is known is known",
    )?;
    let marks = ok(store.marks(DEVICE, 0))?;
    promise(
        marks.stored_through == 4 && marks.head == last.digest(),
        "the mark goes on",
    )?;
    promise(marks.safe_through == 0, "nothing is safe without a replica")?;
    let stored = ok(store.batches_after(0, usize::MAX))?;
    promise(stored.len() == 2, "what was known before makes no batch")?;
    let ids: Vec<u64> = stored.iter().map(|b| b.id).collect();
    let [first, second] = ids[..] else {
        return Err("two batches".into());
    };
    promise(
        ok(store.marks(DEVICE, first))?.safe_through == 0,
        "the first numbers are not safe",
    )?;
    promise(
        ok(store.marks(DEVICE, second))?.safe_through == 4,
        "now they are",
    )?;
    let signed = ok(store.batch(first))?.ok_or("a batch is there")?;
    promise(
        signed.digests.len() == 2 && signed.signature == [3; 70],
        "with its signature",
    )?;
    let read = ok(store.encounter_envelopes(EncounterId(id(7)), DEVICE, 0, 10))?;
    let read: Vec<Envelope> = read.into_iter().map(|s| s.envelope).collect();
    promise(read == all, "envelopes come back as they came, in order")?;
    let page = ok(store.encounter_envelopes(EncounterId(id(7)), DEVICE, 1, 2))?;
    promise(
        page.iter().map(|s| s.envelope.seq).eq([2, 3]),
        "a page at a time",
    )?;
    promise(
        ok(store.encounter_device(EncounterId(id(7))))? == Some(DEVICE)
            && ok(store.encounter_device(EncounterId(id(8))))?.is_none(),
        "whose encounter it is, is known",
    )?;
    promise(
        ok(store.unassessed(10))?.len() == 4,
        "all wait for their assessment",
    )?;
    let off = envelope(5, Digest([9; 32]), None);
    let outcome = ok(store.store_batch(&batch(&[off]), AT))?;
    promise(
        outcome == BatchOutcome::Stored { broken: vec![5] },
        "a broken chain is stored",
    )?;
    let flags = ok(store.device_flags(DEVICE))?;
    let place = Place {
        device: DEVICE,
        seq: 5,
    };
    promise(flags == [(place, ArchiveFlag::ChainBroken)], "and flagged")
}

fn conflicts(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let known = chain(1..=1, Digest::default());
    ok(store.store_batch(&batch(&known), AT))?;
    let mut other = chain(1..=2, Digest::default());
    other.reverse();
    if let Some(first) = other.last_mut() {
        first.ciphertext.push(0);
    }
    let outcome = ok(store.store_batch(&batch(&other), AT))?;
    promise(
        outcome == BatchOutcome::Conflict { seq: 1 },
        "other bytes are a conflict",
    )?;
    promise(
        ok(store.envelope(DEVICE, 2))?.is_none(),
        "nothing of that batch is stored",
    )?;
    promise(
        ok(store.batches_after(0, usize::MAX))?.len() == 1,
        "nor is the batch",
    )
}

fn stand(n: u128, seq: u64, state: QuestionState) -> QuestionStand {
    QuestionStand {
        id: QuestionId(id(n)),
        place: Place {
            device: DEVICE,
            seq,
        },
        session: SessionId(id(11)),
        encounter: EncounterId(id(7)),
        asked_at: AT,
        arrived_at: AT,
        expires_at: Timestamp(9_000),
        state,
    }
}

fn put(store: &dyn Store, questions: Vec<QuestionStand>) -> Result<(), String> {
    ok(store.assess(&Assessment {
        at: AT,
        assessed: questions.iter().map(|q| q.place).collect(),
        flags: Vec::new(),
        questions,
        ..Assessment::default()
    }))
    .map(|_| ())
}

fn answer(n: u128, at: i64) -> Answer {
    Answer {
        question: QuestionId(id(n)),
        encounter: EncounterId(id(7)),
        answered_at: Timestamp(at),
        took_ms: 1,
        result: AnswerResult::NotFound { gallery: None },
    }
}

fn captures(store: &dyn Store) -> Result<(), String> {
    let other = DeviceId(id(2));
    enrolled(store, DEVICE)?;
    enrolled(store, other)?;
    let new = NewCapture {
        id: CaptureId(id(31)),
        device: DEVICE,
        size: 100,
        digest: Digest([7; 32]),
    };
    let row = CaptureRow {
        announced: new,
        received: 0,
        complete_at: None,
    };
    let begin = |new: &NewCapture| ok(store.begin_capture(new, 150));
    promise(ok(store.capture(new.id))?.is_none(), "none before it came")?;
    promise(begin(&new)? == CaptureBegun::Open(row), "one is begun")?;
    ok(store.capture_received(new.id, 60, None))?;
    let row = CaptureRow {
        received: 60,
        ..row
    };
    promise(
        begin(&new)? == CaptureBegun::Open(row),
        "the same again goes on where it was",
    )?;
    let changed = NewCapture { size: 99, ..new };
    promise(
        begin(&changed)? == CaptureBegun::Conflict,
        "it is announced once",
    )?;
    let foreign = NewCapture {
        device: other,
        ..new
    };
    promise(
        begin(&foreign)? == CaptureBegun::Foreign,
        "it is one device's",
    )?;
    let second = NewCapture {
        id: CaptureId(id(32)),
        size: 51,
        ..new
    };
    promise(
        begin(&second)? == CaptureBegun::OverBound && ok(store.capture(second.id))?.is_none(),
        "sizes of a device's captures are bounded together",
    )?;
    let theirs = NewCapture {
        device: other,
        ..second
    };
    promise(
        matches!(begin(&theirs)?, CaptureBegun::Open(_)),
        "by device",
    )?;
    ok(store.capture_received(new.id, 100, Some(AT)))?;
    promise(
        ok(store.capture(new.id))?
            == Some(CaptureRow {
                received: 100,
                complete_at: Some(AT),
                ..row
            }),
        "what has come is kept",
    )
}

fn questions(store: &dyn Store) -> Result<(), String> {
    use QuestionState::{Held, Queued, Withdrawn};
    enrolled(store, DEVICE)?;
    let session = SessionId(id(11));
    on_duty(store, session, 1)?;
    ok(store.store_batch(&batch(&chain(1..=5, Digest::default())), AT))?;
    put(
        store,
        vec![
            stand(20, 1, Held),
            stand(21, 2, Queued),
            stand(22, 3, Queued),
        ],
    )?;
    promise(
        ok(store.unassessed(10))?.len() == 2,
        "what is assessed waits no more",
    )?;
    put(
        store,
        vec![
            stand(20, 1, Queued),
            stand(21, 2, Withdrawn),
            stand(22, 3, Held),
        ],
    )?;
    put(store, vec![stand(20, 4, Queued)])?;
    let queued: Vec<_> = ok(store.queued(10))?.iter().map(|q| q.stand.id).collect();
    promise(
        queued == [QuestionId(id(22)), QuestionId(id(20))],
        "held → queued → withdrawn",
    )?;
    let flags = ok(store.device_flags(DEVICE))?;
    let repeated = (
        Place {
            device: DEVICE,
            seq: 4,
        },
        ArchiveFlag::QuestionRepeated,
    );
    promise(flags == [repeated], "the first envelope owns the question")?;
    let place = ok(store.answer(&answer(20, 1_500), None))?;
    promise(
        place == AnswerPlace::Inbox(session),
        "an answer goes to who asked",
    )?;
    promise(
        ok(store.answer(&answer(20, 1_600), None))? == AnswerPlace::Nowhere,
        "and once",
    )?;
    promise(
        ok(store.answer(&answer(21, 1_600), None))? == AnswerPlace::Nowhere,
        "withdrawn: none",
    )?;
    let letters = ok(store.inbox(session, 0, 10))?;
    promise(
        letters.len() == 1 && letters[..].iter().all(|l| l.cursor == 1),
        "one letter",
    )?;
    promise(ok(store.duty_answers())?.is_empty(), "the desk has none")?;
    ok(store.end_session(session, DEVICE, Timestamp(2_000)))?;
    let duty: Vec<_> = ok(store.duty_answers())?
        .iter()
        .map(|d| d.answer.question)
        .collect();
    promise(
        duty == [QuestionId(id(20))],
        "what was not confirmed is the desk's",
    )?;
    promise(
        ok(store.answer(&answer(22, 2_500), None))? == AnswerPlace::Duty,
        "so is what comes late",
    )?;
    promise(
        ok(store.inbox(session, 0, 10))?.len() == 1,
        "and not the inbox's",
    )
}

fn people(store: &dyn Store) -> Result<(), String> {
    use protocol::{Register, RegisterEntry};
    use regulation::identity::{BirthDate, PersonName};
    let day = |text: &str| text.parse::<regulation::Date>().map_err(|e| e.to_string());
    let entry = |register, date: &str| {
        let date = day(date)?;
        Ok::<_, String>(RegisterEntry {
            register,
            source: "s".into(),
            date,
            spent: None,
            note: None,
        })
    };
    let source = |register| {
        let as_of = day("2026-01-01")?;
        Ok::<_, String>(RegisterSource {
            register,
            source: "s".into(),
            as_of,
        })
    };
    let registers = [source(Register::Convicted)?, source(Register::Wanted)?];
    let person = NewPerson {
        id: "p".into(),
        name: PersonName {
            surname: "S".into(),
            given: "G".into(),
            patronymic: None,
        },
        birth_date: BirthDate(day("1990-01-01")?),
        address: "A".into(),
        pinfl: Some(Pinfl("12345678901234".into())),
        documents: vec![DocumentNumber("aa 1234567".into())],
        entries: vec![
            entry(Register::Convicted, "2020-01-01")?,
            entry(Register::Wanted, "2019-01-01")?,
            entry(Register::Convicted, "2021-01-01")?,
        ],
        prints: Vec::new(),
        portrait: None,
    };
    let import = |people: Vec<NewPerson>| store.import(&registers, &mut people.into_iter(), AT);
    import(vec![person.clone()]).map_err(|e| e.to_string())?;
    let found = ok(store.person_by_document(&DocumentNumber("AA1234567".into())))?;
    let (number, found) = found.ok_or("a document is found however it is written")?;
    let order: Vec<_> = found
        .entries
        .iter()
        .map(|e| (e.register, e.date.year()))
        .collect();
    let expected = [
        (Register::Wanted, 2019),
        (Register::Convicted, 2021),
        (Register::Convicted, 2020),
    ];
    promise(order == expected, "the gravest entry comes first")?;
    promise(
        found.asked.len() == 2,
        "every register that was asked is named",
    )?;
    let by_pinfl = ok(store.person_by_pinfl(&Pinfl("12345678901234".into())))?;
    promise(by_pinfl == Some((number, found)), "and so by PINFL")?;
    let second = NewPerson {
        id: "q".into(),
        pinfl: None,
        ..person
    };
    let third = NewPerson {
        id: "r".into(),
        documents: Vec::new(),
        ..second.clone()
    };
    let refused = import(vec![third, second]);
    promise(
        refused == Err(ImportFault::DocumentTaken(2)),
        "a document belongs to one",
    )?;
    promise(
        ok(store.people_count())? == 1,
        "a refused import leaves no trace",
    )?;
    let before = ok(store.gallery_generation())?;
    let p = ok(store.person_id("p"))?.ok_or("a person is found by id")?;
    let print = StoredPrint {
        finger: 2,
        template: vec![1, 2, 3],
    };
    ok(store.add_print(p, &print))?;
    promise(
        ok(store.gallery_generation())? > before,
        "the gallery's generation rises",
    )?;
    let rows = ok(store.prints_after(0, 10))?;
    promise(
        rows.len() == 1 && rows.iter().all(|r| r.person == p),
        "a print is its person's",
    )?;
    promise(
        ok(store.remove_prints(p, 2))? == 1,
        "prints are removed by finger",
    )?;
    promise(ok(store.prints_after(0, 10))?.is_empty(), "and are gone")
}

fn audit(store: &dyn Store) -> Result<(), String> {
    use crate::audit::AuditEvent;
    for event in AuditEvent::ALL {
        ok(store.audit(&AuditEntry::new(AT, event).device(DEVICE).subject(7)))?;
    }
    let read = ok(store.audit_entries(100))?;
    let events: Vec<_> = read.iter().rev().map(|e| e.event).collect();
    promise(
        events == AuditEvent::ALL,
        "every audit event reads back, the newest first",
    )
}
