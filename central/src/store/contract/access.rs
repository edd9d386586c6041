//! Log-ins, rosters and the sessions they promise, changes of officers.

use super::*;
use protocol::MessageBody;

const OFFICER: OfficerId = OfficerId(Uuid::from_u128(5));
const LEASE: Timestamp = Timestamp(50_000);

fn attempt(login: u8, device: u8, at: i64) -> LoginAttempt<'static> {
    LoginAttempt {
        login: [login; 32],
        device: [device; 32],
        at: Timestamp(at),
        lock_after: 4,
        wait_ms: &|count| if count < 2 { 0 } else { 100 },
    }
}

pub(super) fn log_ins(store: &dyn Store) -> Result<(), String> {
    let turn = |login, device, at| ok(store.begin_login(&attempt(login, device, at)));
    promise(turn(1, 11, 1_000)? == LoginTurn::Now, "the first is free")?;
    promise(turn(1, 12, 1_000)? == LoginTurn::Now, "so is the second")?;
    promise(
        turn(1, 13, 1_040)? == LoginTurn::Wait(60),
        "then the login waits, on whatever tablet",
    )?;
    promise(
        turn(1, 13, -9_000_000)? == LoginTurn::Wait(100),
        "a clock set back makes nobody wait for ever",
    )?;
    promise(
        turn(2, 11, 1_000)? == LoginTurn::Now && turn(3, 11, 1_000)? == LoginTurn::Wait(100),
        "and so does the tablet, whatever the login",
    )?;
    promise(turn(1, 13, 1_100)? == LoginTurn::Now, "for its time")?;
    promise(turn(1, 14, 1_200)? == LoginTurn::Now, "and again")?;
    promise(
        turn(1, 15, 9_000)? == LoginTurn::Locked,
        "at last it is locked",
    )?;
    promise(
        turn(4, 15, 9_000)? == LoginTurn::Now,
        "what was refused is not counted",
    )?;
    promise(
        ok(store.unlock_login(&[1; 32]))? && !ok(store.unlock_login(&[1; 32]))?,
        "until it is unlocked, once",
    )?;
    promise(turn(1, 16, 9_000)? == LoginTurn::Now, "it may try again")?;
    promise(turn(1, 16, 9_000)? == LoginTurn::Now, "from the beginning")?;
    ok(store.login_succeeded(&[1; 32], &[16; 32]))?;
    promise(
        turn(1, 16, 9_000)? == LoginTurn::Now,
        "success forgets both",
    )
}

/// A session is opened for nobody and nowhere that has changed since the password was checked.
pub(super) fn opening(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    on_duty(store, SessionId(id(11)), 1)?;
    let opens = |number: u8, device, password: &str| {
        ok(store.open_session(
            &NewSession {
                id: SessionId(id(u128::from(number))),
                device,
                officer: OFFICER,
                token_hash: [number; 32],
                at: AT,
                lease_until: LEASE,
            },
            password,
        ))
    };
    promise(
        opens(12, DEVICE, "x")? == SessionOpened::Opened(vec![SessionId(id(11))]),
        "a session ends the one before",
    )?;
    promise(
        opens(13, DEVICE, "y")? == SessionOpened::PasswordChanged,
        "not by a password that was changed",
    )?;
    promise(
        opens(13, DeviceId(id(2)), "x")? == SessionOpened::DeviceOut,
        "nor on an unknown tablet",
    )?;
    ok(store.deactivate_officer(OFFICER, AT))?;
    promise(
        opens(13, DEVICE, "x")? == SessionOpened::OfficerInactive,
        "nor for a dismissed officer",
    )?;
    ok(store.reactivate_officer(OFFICER))?;
    ok(store.report_lost(DEVICE, AT))?;
    promise(
        opens(13, DEVICE, "x")? == SessionOpened::DeviceOut,
        "nor on a lost tablet",
    )?;
    ok(store.report_found(DEVICE))?;
    ok(store.revoke_device(DEVICE, AT))?;
    promise(
        opens(13, DEVICE, "x")? == SessionOpened::DeviceOut
            && ok(store.session(SessionId(id(13))))?.is_none(),
        "nor on a revoked one",
    )
}

fn request(session: Option<SessionId>) -> RosterRequest {
    RosterRequest {
        device: DEVICE,
        session,
        at: Timestamp(2_000),
        lease_until: LEASE,
        entries: 10,
        logins: 2,
    }
}

/// Reserves sessions 100, 101, … with tokens of the same numbers.
fn numbers(from: u8) -> impl FnMut() -> Reserved {
    let mut next = from;
    move || {
        next += 1;
        Reserved {
            session: SessionId(id(u128::from(next - 1))),
            token_hash: [next - 1; 32],
        }
    }
}

pub(super) fn rosters(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let online = SessionId(id(11));
    let none = ok(store.roster(&request(None), &mut numbers(90)))?;
    promise(none.officers.is_empty(), "nobody was on the tablet")?;
    on_duty(store, online, 1)?;
    let first = ok(store.roster(&request(Some(online)), &mut numbers(100)))?;
    let again = ok(store.roster(&request(Some(online)), &mut numbers(200)))?;
    let sessions = |rows: &RosterRows| -> Vec<SessionId> {
        rows.officers
            .iter()
            .flat_map(|o| o.sessions.clone())
            .collect()
    };
    let promised = [SessionId(id(100)), SessionId(id(101))];
    promise(sessions(&first) == promised, "as many as were wanted")?;
    promise(sessions(&again) == promised, "the same until they are used")?;
    promise(
        ok(store.session(online))?.is_some_and(|s| s.lease_until == LEASE),
        "the session that asks goes on",
    )?;
    promise(
        ok(store.session(promised[0]))?.is_none(),
        "what is promised is no session",
    )?;
    promise(
        ok(store.begin_reserved(&[100; 32], DeviceId(id(2)), AT))?.is_none(),
        "nor another tablet's",
    )?;
    promise(
        ok(store.begin_reserved(&[100; 32], DEVICE, AT))? == Some(vec![online]),
        "its token begins it and ends the one before",
    )?;
    promise(
        ok(store.begin_reserved(&[100; 32], DEVICE, AT))?.is_none(),
        "once",
    )?;
    let open = ok(store.session_by_token(&[100; 32]))?.ok_or("it is there")?;
    promise(
        open.officer == OFFICER && !open.ended && open.lease_until == LEASE,
        "and open, for its officer and as long as the roster",
    )?;
    let mut envelopes = chain(1..=1, Digest::default());
    for envelope in &mut envelopes {
        envelope.session = promised[1];
    }
    ok(store.store_batch(&batch(&envelopes), AT))?;
    promise(
        ok(store.session(promised[1]))?.is_some_and(|s| !s.ended)
            && ok(store.session(promised[0]))?.is_some_and(|s| !s.ended),
        "an envelope begins one and ends none",
    )?;
    let next = ok(store.roster(&request(None), &mut numbers(150)))?;
    promise(
        sessions(&next).iter().all(|s| !promised.contains(s)),
        "what was used is promised no more",
    )?;
    ok(store.deactivate_officer(OFFICER, AT))?;
    promise(
        ok(store.begin_reserved(&[150; 32], DEVICE, AT))?.is_none(),
        "a dismissed officer begins none",
    )?;
    let none = ok(store.roster(&request(None), &mut numbers(170)))?;
    promise(none.officers.is_empty(), "and is on no roster")?;
    promise(ok(store.reactivate_officer(OFFICER))?, "until taken back")?;
    let back = ok(store.roster(&request(None), &mut numbers(180)))?;
    promise(
        sessions(&back) == [SessionId(id(180)), SessionId(id(181))],
        "with promises made anew",
    )
}

pub(super) fn changes(store: &dyn Store) -> Result<(), String> {
    enrolled(store, DEVICE)?;
    let session = SessionId(id(11));
    on_duty(store, session, 1)?;
    let change = |officer, rank: Option<&str>, password: Option<&str>| {
        ok(store.change_officer(&OfficerChange {
            officer,
            name: None,
            rank: rank.map(Into::into),
            unit: None,
            role: Some(Role::Commander),
            password: password.map(Into::into),
            at: AT,
        }))
    };
    promise(
        change(OfficerId(id(6)), None, None)?.is_none(),
        "nobody is not changed",
    )?;
    promise(
        change(OFFICER, Some("S"), None)? == Some(vec![session]),
        "the open session is told",
    )?;
    let row = ok(store.officer_by_login("a"))?.ok_or("the officer is there")?;
    promise(
        row.officer.rank == "S" && row.officer.role == Role::Commander && row.officer.name == "N",
        "what was named is changed, and no more",
    )?;
    let letters = ok(store.inbox(session, 0, 10))?;
    let told = MessageBody::OfficerChanged {
        officer: Box::new(row.officer),
    };
    promise(
        letters.iter().map(|l| (l.cursor, &l.body)).eq([(1, &told)]),
        "by its inbox",
    )?;
    change(OFFICER, None, Some("y"))?;
    promise(
        ok(store.session(session))?.is_some_and(|s| s.ended),
        "a new password ends it",
    )?;
    promise(
        ok(store.duty_answers())?.is_empty(),
        "and what was no answer is not the desk's",
    )
}
