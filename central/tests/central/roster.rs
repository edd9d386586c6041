use crate::support::*;
use central::audit::AuditEvent;
use protocol::{ErrorCode, FactKind, LoginResponse, Roster, RosterEntry, SessionEvent, SessionId};
use regulation::encounter::{Event, Outcome, Stage};
use std::collections::HashSet;
use std::time::Duration;

/// The logins of `asked` that are on the roster.
fn on_it<'a>(roster: &Roster, asked: &[&'a str]) -> Vec<&'a str> {
    let entry = |login: &&&str| {
        let token = RosterEntry::login_token(roster.device, login);
        roster.entries.iter().any(|e| e.login == token)
    };
    asked.iter().filter(entry).copied().collect()
}

/// Goes on with a session that a roster promised.
fn begin(tablet: &mut Tablet, grant: LoginResponse) -> SessionId {
    let session = grant.session;
    tablet.session = Some(grant);
    session
}

/// A whole encounter of the session, from its first event to its last.
fn encounter(
    tablet: &mut Tablet,
    world: &World,
) -> (regulation::EncounterId, Vec<protocol::Envelope>) {
    let id = new_encounter();
    let mut envelopes = tablet.opened(world, id);
    for event in [
        Event::OutcomeRecorded {
            outcome: Outcome::Released,
        },
        Event::Closed,
    ] {
        envelopes.push(tablet.event(world, id, event));
    }
    (id, envelopes)
}

fn ended(tablet: &mut Tablet, world: &World) -> protocol::Envelope {
    let kind = FactKind::Session {
        event: SessionEvent::Ended,
    };
    let fact = tablet.fact(world, kind);
    tablet.seal(None, &fact)
}

fn begun(world: &World) -> Vec<SessionId> {
    let mut sessions: Vec<_> = world
        .admin()
        .audit_entries(1000)
        .unwrap()
        .into_iter()
        .filter(|e| e.event == AuditEvent::ReservedSessionBegun)
        .map(|e| e.session.unwrap())
        .collect();
    sessions.reverse();
    sessions
}

#[tokio::test]
async fn a_roster_holds_the_active_officers_of_the_unit_that_was_last_on_the_tablet() {
    let world = World::new().await;
    let tablet = world.tablet().await;
    for (login, unit) in [("a", "1"), ("b", "1"), ("c", "2"), ("d", "1")] {
        world.officer_of(login, unit);
    }
    let gone = world.admin().officer_by_login("d").unwrap();
    world.admin().deactivate_officer(gone).unwrap();
    let all = ["a", "b", "c", "d"];
    // Nobody has been on it yet: it is nobody's.
    assert!(tablet.roster(&world).await.entries.is_empty());
    tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    let roster = tablet.roster(&world).await;
    assert_eq!(on_it(&roster, &all), ["a", "b"]);
    assert_eq!(roster.device, tablet.device());
    assert_eq!(
        roster.lease_until,
        world.clock.now().plus_millis(12 * 3_600_000)
    );
    world.clock.advance(Duration::from_secs(1));
    tablet.try_log_in(&world, "c", PASSWORD).await.unwrap();
    assert_eq!(on_it(&tablet.roster(&world).await, &all), ["c"]);
}

#[tokio::test]
async fn no_roster_without_a_certificate_and_nobody_on_it_where_the_policy_says_so() {
    let world = World::with(|c| c.policy.roster = false).await;
    let tablet = world.on_duty("a").await;
    let refused = world.anonymous().get(world.url(protocol::path::ROSTER));
    let refused = reply::<Roster>(refused.send().await.unwrap()).await;
    assert_eq!(code(refused), ErrorCode::DeviceUnknown);
    assert!(tablet.roster(&world).await.entries.is_empty());
    world.admin().revoke_device(tablet.device()).unwrap();
    let token = tablet.session().token.clone();
    let refused = tablet.roster_as(&world, Some(&token)).await;
    assert_eq!(code(refused), ErrorCode::DeviceRevoked);
}

#[tokio::test]
async fn a_grant_opens_with_its_officers_password_on_its_tablet_and_with_nothing_else() {
    let world = World::with(|c| c.policy.roster_logins = 2).await;
    let tablet = world.on_duty("a").await;
    let officer = world.officer("b");
    let roster = tablet.roster(&world).await;
    let grants = open_grants(&roster, "B ", PASSWORD);
    let sessions: HashSet<_> = grants.iter().map(|g| g.session).collect();
    assert_eq!(
        sessions.len(),
        2,
        "as many as the policy says, each its own"
    );
    let tokens: HashSet<_> = grants.iter().map(|g| &g.token).collect();
    assert_eq!(tokens.len(), 2);
    for grant in &grants {
        assert_eq!(grant.officer.id, officer);
        assert_eq!(grant.lease_until, roster.lease_until);
        assert!(grant.token.len() >= 43, "256 bits");
        assert_eq!(grant.sealing, tablet.enrolled.sealing);
    }
    assert!(open_grants(&roster, "b", "wrong password").is_empty());
    let mut elsewhere = roster.clone();
    elsewhere.device = protocol::DeviceId(uuid::Uuid::new_v4());
    let token = RosterEntry::login_token(elsewhere.device, "b");
    for entry in &mut elsewhere.entries {
        entry.login = token.to_vec();
    }
    assert!(open_grants(&elsewhere, "b", PASSWORD).is_empty());
    let mut longer = roster;
    longer.lease_until = longer.lease_until.plus_millis(1);
    assert!(
        open_grants(&longer, "b", PASSWORD).is_empty(),
        "a lease cannot be made longer"
    );
}

#[tokio::test]
async fn what_was_recorded_by_a_roster_is_archived_unflagged_and_answered_in_its_inbox() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.officer("b");
    world.admin().import(&registers(), [person(1)]).unwrap();
    let roster = tablet.roster(&world).await;
    let first = tablet.session().session;
    // No connection from here on.
    let end = ended(&mut tablet, &world);
    let grant = tablet.offline(&roster, "b", PASSWORD, &[]).unwrap();
    let session = begin(&mut tablet, grant);
    let id = new_encounter();
    let mut envelopes = tablet.opened(&world, id);
    let (question, envelope) = tablet.ask(&world, id, by_document("ZZ0000001"));
    envelopes.push(envelope);
    // It is back; the question goes first.
    tablet.send(&world, envelopes).await.unwrap();
    assert_eq!(tablet.answer(&world, 0).await.question, question);
    tablet.send(&world, vec![end]).await.unwrap();
    let archived = world.admin().archive().encounter(id).unwrap().unwrap();
    assert_eq!(archived.flags, []);
    assert_eq!(archived.session, session);
    let v = archived.verified;
    assert!(v.signatures && v.chain && v.seals && v.procedure);
    assert_eq!(begun(&world), [session]);
    assert_eq!(
        code(tablet.inbox_as(&world, "x", 0, 0).await),
        ErrorCode::SessionUnknown
    );
    assert_ne!(first, session);
    assert!(
        tablet
            .inbox(&world, 1, 0)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
}

#[tokio::test]
async fn the_token_of_a_promised_session_ends_the_one_before_it_and_its_envelopes_do_not() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.officer("b");
    let roster = tablet.roster(&world).await;
    let online = tablet.session().clone();
    let grant = tablet.offline(&roster, "b", PASSWORD, &[]).unwrap();
    begin(&mut tablet, grant);
    let (_, envelopes) = encounter(&mut tablet, &world);
    tablet.send(&world, envelopes).await.unwrap();
    tablet
        .inbox_as(&world, &online.token, 0, 0)
        .await
        .expect("an envelope alone does not say that it is over");
    tablet.inbox(&world, 0, 0).await.unwrap();
    assert_eq!(
        code(tablet.inbox_as(&world, &online.token, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    assert_eq!(begun(&world), [tablet.session().session]);
}

#[tokio::test]
async fn a_shift_of_yesterdays_roster_that_arrives_after_a_log_in_ends_nothing() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.officer("b");
    world.officer("c");
    let roster = tablet.roster(&world).await;
    let mut late = Vec::new();
    let mut encounters = Vec::new();
    for login in ["b", "c"] {
        let grant = tablet.offline(&roster, login, PASSWORD, &[]).unwrap();
        begin(&mut tablet, grant);
        let (id, envelopes) = encounter(&mut tablet, &world);
        encounters.push(id);
        late.extend(envelopes);
        late.push(ended(&mut tablet, &world));
    }
    tablet.log_in(&world, "a").await;
    // Before the queue is sent, the tablet has another roster already.
    tablet.roster(&world).await;
    world.clock.advance(Duration::from_secs(3600));
    tablet.roster(&world).await;
    tablet.send(&world, late).await.unwrap();
    tablet.inbox(&world, 0, 0).await.expect("still open");
    for id in encounters {
        let archived = world.admin().archive().encounter(id).unwrap().unwrap();
        assert_eq!(archived.flags, []);
        assert_eq!(archived.state.stage, Stage::Closed);
    }
    assert_eq!(begun(&world).len(), 2);
}

#[tokio::test]
async fn a_promise_is_the_same_in_every_roster_until_it_is_used() {
    let world = World::with(|c| c.policy.roster_logins = 2).await;
    let mut tablet = world.on_duty("a").await;
    world.officer("b");
    let sessions = |roster: &Roster| -> Vec<_> {
        let grants = open_grants(roster, "b", PASSWORD);
        let mut all: Vec<_> = grants
            .iter()
            .map(|g| (g.session, g.token.clone()))
            .collect();
        all.sort();
        all
    };
    let held = tablet.roster(&world).await;
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(900));
        assert_eq!(sessions(&tablet.roster(&world).await), sessions(&held));
    }
    let grant = tablet.offline(&held, "b", PASSWORD, &[]).unwrap();
    let used = begin(&mut tablet, grant);
    tablet.inbox(&world, 0, 0).await.unwrap();
    let next = sessions(&tablet.roster(&world).await);
    assert_eq!(next.len(), 2);
    assert!(next.iter().all(|(session, _)| *session != used));
    let other = sessions(&held).into_iter().find(|(s, _)| *s != used);
    assert!(next.contains(&other.unwrap()));
}

#[tokio::test]
async fn a_promise_ends_with_its_lease_and_its_evidence_does_not() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.officer("b");
    let roster = tablet.roster(&world).await;
    let grant = tablet.offline(&roster, "b", PASSWORD, &[]).unwrap();
    let session = begin(&mut tablet, grant);
    let (id, envelopes) = encounter(&mut tablet, &world);
    world.clock.advance(Duration::from_secs(12 * 3600));
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    tablet.send(&world, envelopes).await.unwrap();
    let archived = world.admin().archive().encounter(id).unwrap().unwrap();
    assert_eq!((archived.session, archived.flags), (session, vec![]));
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
}

#[tokio::test]
async fn dismissal_and_a_new_password_end_what_was_promised_and_leave_the_evidence() {
    for dismissed in [true, false] {
        let world = World::new().await;
        let mut tablet = world.on_duty("a").await;
        let officer = world.officer("b");
        let roster = tablet.roster(&world).await;
        let grant = tablet.offline(&roster, "b", PASSWORD, &[]).unwrap();
        begin(&mut tablet, grant);
        let (id, envelopes) = encounter(&mut tablet, &world);
        if dismissed {
            world.admin().deactivate_officer(officer).unwrap();
        } else {
            let change = central::OfficerChange {
                password: Some("another long one".into()),
                ..Default::default()
            };
            world.admin().change_officer(officer, &change).unwrap();
        }
        assert_eq!(
            code(tablet.inbox(&world, 0, 0).await),
            ErrorCode::SessionUnknown
        );
        tablet.send(&world, envelopes).await.unwrap();
        let archived = world.admin().archive().encounter(id).unwrap().unwrap();
        assert_eq!(archived.flags, []);
        let token = tablet.session().token.clone();
        let next = tablet.roster_as(&world, Some(&token)).await.unwrap();
        assert!(open_grants(&next, "b", PASSWORD).is_empty());
        let new = open_grants(&next, "b", "another long one");
        assert_eq!(new.is_empty(), dismissed);
        if dismissed {
            world.admin().reactivate_officer(officer).unwrap();
            let back = tablet.roster(&world).await;
            assert!(!open_grants(&back, "b", PASSWORD).is_empty());
        }
    }
}

#[tokio::test]
async fn contact_makes_an_open_sessions_lease_longer_and_nobody_elses() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let silent = world.on_duty("b").await;
    world.clock.advance(Duration::from_secs(8 * 3600));
    tablet.roster(&world).await;
    silent.roster_as(&world, None).await.unwrap();
    world.clock.advance(Duration::from_secs(8 * 3600));
    tablet.inbox(&world, 0, 0).await.unwrap();
    assert_eq!(
        code(silent.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    // Over is over: the roster is still the tablet's, the session is not taken up again.
    silent.roster(&world).await;
    assert_eq!(
        code(silent.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
}

#[tokio::test]
async fn a_promise_of_another_tablet_is_no_session() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let other = world.on_duty("b").await;
    let theirs = other.roster(&world).await;
    let grant = other.offline(&theirs, "b", PASSWORD, &[]).unwrap();
    begin(&mut tablet, grant);
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    let (id, envelopes) = encounter(&mut tablet, &world);
    tablet.send(&world, envelopes).await.unwrap();
    let archived = world.admin().archive().encounter(id).unwrap().unwrap();
    assert!(!archived.flags.is_empty(), "flagged, and kept");
    assert!(begun(&world).is_empty());
}

#[tokio::test]
async fn a_roster_never_has_more_entries_than_the_contract_allows_and_holds_who_is_on_duty() {
    let world = World::with(|c| c.policy.roster_logins = 400).await;
    for login in ["a", "b"] {
        world.officer(login);
    }
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "b").await;
    let roster = tablet.roster(&world).await;
    assert_eq!(roster.entries.len(), protocol::limits::ROSTER_ENTRIES);
    assert_eq!(on_it(&roster, &["a", "b"]), ["a", "b"]);
    assert_eq!(
        roster.entries[0].login,
        RosterEntry::login_token(roster.device, "b")
    );
}

#[tokio::test]
async fn neither_token_nor_password_of_a_promise_lies_in_the_database() {
    let mut world = World::new().await;
    let tablet = world.on_duty("a").await;
    let roster = tablet.roster(&world).await;
    let grants = open_grants(&roster, "a", PASSWORD);
    world.stop().await;
    let bytes = std::fs::read(world.database()).unwrap();
    for grant in &grants {
        assert!(
            !bytes
                .windows(grant.token.len())
                .any(|w| w == grant.token.as_bytes())
        );
        let id = grant.session.0.as_bytes();
        assert!(
            bytes.windows(16).any(|w| w == id),
            "the scan finds what is there"
        );
    }
}
