use crate::support::*;
use central::audit::AuditEvent;
use central::{Admin, OfficerChange};
use protocol::{ErrorCode, MessageBody, Role};
use std::time::{Duration, Instant};

/// Wrong passwords, waiting as told, until the login is locked; how many were tried.
async fn guess_until_locked(world: &World, tablets: &[&Tablet], login: &str) -> usize {
    for tried in 0..50 {
        let tablet = tablets[tried % tablets.len()];
        loop {
            let refused = tablet.try_log_in(world, login, "wrong password").await;
            let refused = refused.unwrap_err();
            match refused.code {
                ErrorCode::BadCredentials => break,
                ErrorCode::OfficerLocked => return tried,
                ErrorCode::Throttled => {
                    let wait = refused.retry_after_s.unwrap();
                    world.clock.advance(Duration::from_secs(wait));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("never locked")
}

#[tokio::test]
async fn ten_wrong_passwords_on_any_tablets_lock_a_login_whoever_has_it_until_it_is_unlocked() {
    let mut world = World::new().await;
    world.officer("a");
    let (first, second) = (world.tablet().await, world.tablet().await);
    for login in ["a", "nobody"] {
        assert_eq!(
            guess_until_locked(&world, &[&first, &second], login).await,
            10,
            "{login}"
        );
    }
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    world.clock.advance(Duration::from_secs(7 * 24 * 3600));
    for login in ["a", " A ", "nobody"] {
        let locked = first.try_log_in(&world, login, PASSWORD).await;
        assert_eq!(code(locked), ErrorCode::OfficerLocked, "{login}");
    }
    // Another login is not touched.
    world.officer("b");
    first.try_log_in(&world, "b", PASSWORD).await.unwrap();
    // By the administrator's program, beside the server.
    let beside = Admin::open(&world.config).unwrap();
    assert!(beside.unlock_officer("A").unwrap());
    assert!(!beside.unlock_officer("a").unwrap());
    assert!(beside.unlock_officer("nobody").is_err());
    first.try_log_in(&world, "a", PASSWORD).await.unwrap();
    let events: Vec<_> = beside
        .audit_entries(1000)
        .unwrap()
        .iter()
        .map(|e| e.event)
        .collect();
    assert!(events.contains(&AuditEvent::LoginLocked));
    assert!(events.contains(&AuditEvent::LoginUnlocked));
}

#[tokio::test]
async fn a_right_password_before_the_lock_begins_the_count_anew() {
    let world = World::with(|c| {
        c.policy.login_failures = 4;
        c.policy.free_attempts = 100;
    })
    .await;
    world.officer("a");
    let tablet = world.tablet().await;
    for _ in 0..3 {
        for _ in 0..3 {
            let refused = tablet.try_log_in(&world, "a", "wrong password").await;
            assert_eq!(code(refused), ErrorCode::BadCredentials);
        }
        tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn a_restart_of_central_does_not_shorten_the_wait() {
    let mut world = World::new().await;
    world.officer("a");
    let tablet = world.tablet().await;
    for _ in 0..4 {
        let refused = tablet.try_log_in(&world, "a", "wrong password").await;
        assert_eq!(code(refused), ErrorCode::BadCredentials);
    }
    world.config.listen = world.central().local_addr();
    world.stop().await;
    world.start().await;
    let throttled = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap_err();
    assert_eq!(throttled.code, ErrorCode::Throttled);
    world
        .clock
        .advance(Duration::from_secs(throttled.retry_after_s.unwrap()));
    tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn neither_logins_that_failed_nor_their_plain_hashes_lie_in_the_database() {
    let mut world = World::new().await;
    let tablet = world.tablet().await;
    let typed = "parol-login-oʻrniga";
    let refused = tablet.try_log_in(&world, typed, "wrong password").await;
    assert_eq!(code(refused), ErrorCode::BadCredentials);
    world.stop().await;
    let bytes = std::fs::read(world.database()).unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, typed.as_bytes());
    for form in [typed.as_bytes(), hash.as_ref()] {
        assert!(!bytes.windows(form.len()).any(|w| w == form));
    }
}

#[tokio::test]
async fn a_change_reaches_the_open_session_by_its_inbox_between_answers() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let other = world.on_duty("b").await;
    let officer = tablet.session().officer.id;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    tablet.send(&world, envelopes).await.unwrap();
    tablet.answer(&world, 0).await;
    let started = Instant::now();
    let change = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let change = OfficerChange {
            role: Some(Role::Commander),
            rank: Some(" mayor ".into()),
            ..Default::default()
        };
        world.admin().change_officer(officer, &change).unwrap();
    };
    let (page, ()) = tokio::join!(tablet.inbox(&world, 1, 20_000), change);
    assert!(started.elapsed() < Duration::from_secs(10));
    let messages = page.unwrap().messages;
    assert_eq!(messages[0].cursor, 2);
    let MessageBody::OfficerChanged { officer: now } = &messages[0].body else {
        panic!("another message")
    };
    assert_eq!((now.role, now.rank.as_str()), (Role::Commander, "mayor"));
    assert_eq!(
        now.unit,
        tablet.session().officer.unit,
        "the rest is as it was"
    );
    assert!(other.inbox(&world, 0, 0).await.unwrap().messages.is_empty());
    // The rest of the inbox goes on behind it, and the answer is still there for who asks again.
    let all = tablet.inbox(&world, 0, 0).await.unwrap().messages;
    assert_eq!(all.len(), 2);
    // Nobody but the officer is told: the duty desk gets answers alone.
    world.admin().deactivate_officer(officer).unwrap();
    assert_eq!(world.admin().duty_answers().unwrap().len(), 0);
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_counts_from_then_on() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let change = OfficerChange {
        password: Some("another long one".into()),
        ..Default::default()
    };
    let officer = tablet.session().officer.id;
    world.admin().change_officer(officer, &change).unwrap();
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown
    );
    assert_eq!(
        code(tablet.try_log_in(&world, "a", PASSWORD).await),
        ErrorCode::BadCredentials
    );
    tablet
        .try_log_in(&world, "a", "another long one")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_change_that_does_not_fit_or_of_nobody_changes_nothing() {
    let world = World::new().await;
    let officer = world.officer("a");
    let text = |name: &str| OfficerChange {
        name: Some(name.into()),
        ..Default::default()
    };
    let short = OfficerChange {
        password: Some("short".into()),
        rank: Some("mayor".into()),
        ..Default::default()
    };
    for change in [text(" "), text(&"n".repeat(201)), short] {
        assert!(world.admin().change_officer(officer, &change).is_err());
    }
    let nobody = regulation::OfficerId(uuid::Uuid::new_v4());
    assert!(world.admin().change_officer(nobody, &text("N")).is_err());
    assert!(world.admin().reactivate_officer(nobody).is_err());
    let tablet = world.tablet().await;
    let session = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    assert_eq!(session.officer.rank, "serjant");
}

#[tokio::test]
async fn a_suspended_officer_who_is_taken_back_logs_in_again() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let officer = tablet.session().officer.id;
    world.admin().deactivate_officer(officer).unwrap();
    assert_eq!(
        code(tablet.try_log_in(&world, "a", PASSWORD).await),
        ErrorCode::OfficerInactive
    );
    world.admin().reactivate_officer(officer).unwrap();
    tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    assert_eq!(
        code(tablet.inbox(&world, 0, 0).await),
        ErrorCode::SessionUnknown,
        "what has ended stays ended"
    );
}

/// Runs the administrator's program; its output and whether it was done.
fn central(world: &World, args: &[&str], input: &str) -> (String, bool) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_central"))
        .args(args)
        .arg("--data")
        .arg(&world.config.data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

#[tokio::test]
async fn the_administrators_program_changes_suspends_takes_back_and_unlocks() {
    let world = World::with(|c| {
        c.policy.login_failures = 1;
        c.policy.free_attempts = 100;
    })
    .await;
    let tablet = world.on_duty("a").await;
    let run = |args: &[&str], input: &str| {
        let (said, done) = central(&world, args, input);
        assert!(done, "{said}");
        assert!(!said.contains("Namunayev"), "{said}");
        said
    };
    run(
        &["change-officer", "a", "--role", "duty", "--unit", "7"],
        "",
    );
    let page = tablet.inbox(&world, 0, 0).await.unwrap();
    let MessageBody::OfficerChanged { officer } = &page.messages[0].body else {
        panic!("another message")
    };
    assert_eq!((officer.role, officer.unit.as_str()), (Role::Duty, "7"));
    run(&["deactivate-officer", "a"], "");
    run(&["reactivate-officer", "a"], "");
    let new = "another long one";
    run(
        &["change-officer", "a", "--password-from-stdin"],
        &format!("{new}\n"),
    );
    let refused = tablet.try_log_in(&world, "a", PASSWORD).await;
    assert_eq!(code(refused), ErrorCode::BadCredentials);
    let refused = tablet.try_log_in(&world, "a", new).await;
    assert_eq!(code(refused), ErrorCode::OfficerLocked);
    assert!(run(&["unlock-officer", "a"], "").starts_with("unlocked"));
    tablet.try_log_in(&world, "a", new).await.unwrap();
    assert!(!central(&world, &["unlock-officer", "nobody"], "").1);
    assert!(
        !central(
            &world,
            &["change-officer", "a", "--password-from-stdin"],
            "x"
        )
        .1
    );
}
