use crate::support::*;
use protocol::ErrorCode;
use std::time::Duration;

#[tokio::test]
async fn an_officer_gets_a_session_with_a_lease_of_twelve_hours() {
    let world = World::with(|c| c.training = true).await;
    let tablet = world.on_duty("a.b").await;
    let session = tablet.session();
    assert_eq!(
        session.lease_until,
        world.clock.now().plus_millis(12 * 3_600_000)
    );
    assert_eq!(session.edition, "399-2022-07-22");
    assert!(session.training);
    assert!(session.token.len() >= 43, "256 bits");
    assert_eq!(session.sealing, tablet.enrolled.sealing);
}

#[tokio::test]
async fn wrong_password_and_unknown_login_get_the_same_answer() {
    let world = World::new().await;
    world.officer("a");
    let tablet = world.tablet().await;
    let wrong = tablet
        .try_log_in(&world, "a", "wrong password")
        .await
        .unwrap_err();
    let unknown = tablet
        .try_log_in(&world, "nobody", "wrong password")
        .await
        .unwrap_err();
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.code, ErrorCode::BadCredentials);
}

/// Compares a wrong password's time with an unknown login's, where the officer's password was hashed
/// under another policy than the one in force, or under the same.
async fn unknown_is_as_slow(memory_kib: u32) {
    let mut world = World::with(|c| {
        c.policy.argon2_memory_kib = 32 * 1024;
        c.policy.free_attempts = 100;
    })
    .await;
    world.officer("a");
    world.stop().await;
    world.config.policy.argon2_memory_kib = memory_kib;
    world.start().await;
    let tablet = world.tablet().await;
    let mut times = [Duration::MAX; 2];
    // The quickest of each: everything else is the machine's noise. Ten would lock.
    for _ in 0..9 {
        for (login, time) in ["a", "nobody"].into_iter().zip(&mut times) {
            let start = std::time::Instant::now();
            tablet
                .try_log_in(&world, login, "wrong password")
                .await
                .unwrap_err();
            *time = (*time).min(start.elapsed());
        }
        let [known, unknown] = times.map(|t| t.as_secs_f64());
        if unknown > known * 0.6 && unknown < known * 1.7 {
            return;
        }
    }
    panic!("{times:?}");
}

#[tokio::test]
async fn unknown_login_takes_as_long_as_a_wrong_password() {
    unknown_is_as_slow(32 * 1024).await;
}

#[tokio::test]
async fn unknown_login_takes_as_long_after_the_policy_has_changed() {
    unknown_is_as_slow(64).await;
}

#[tokio::test]
async fn guessing_is_slowed_down_even_with_the_right_password() {
    let world = World::new().await;
    world.officer("a");
    let tablet = world.tablet().await;
    for _ in 0..4 {
        let refused = tablet.try_log_in(&world, "a", "wrong password").await;
        assert_eq!(code(refused), ErrorCode::BadCredentials);
    }
    let throttled = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap_err();
    assert_eq!(throttled.code, ErrorCode::Throttled);
    let wait = throttled.retry_after_s.unwrap();
    assert!(wait >= 1);
    world.clock.advance(Duration::from_secs(wait));
    tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_inactive_officer_is_told_so_only_with_the_right_password() {
    let world = World::new().await;
    let officer = world.officer("a");
    let tablet = world.tablet().await;
    let session = tablet.try_log_in(&world, "a", PASSWORD).await.unwrap();
    world.admin().deactivate_officer(officer).unwrap();
    assert_eq!(
        code(tablet.try_log_in(&world, "a", "wrong").await),
        ErrorCode::BadCredentials
    );
    assert_eq!(
        code(tablet.try_log_in(&world, "a", PASSWORD).await),
        ErrorCode::OfficerInactive
    );
    let inbox = tablet.inbox_as(&world, &session.token, 0, 0).await;
    assert_eq!(code(inbox), ErrorCode::SessionUnknown);
}

#[tokio::test]
async fn neither_token_nor_password_lies_in_the_database() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let token = tablet.session().token.clone();
    let mut world = world;
    world.stop().await;
    let bytes = std::fs::read(world.database()).unwrap();
    for secret in [token.as_str(), PASSWORD] {
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()));
    }
}

#[tokio::test]
async fn a_login_that_is_taken_or_does_not_fit_is_refused() {
    let world = World::new().await;
    world.officer("a");
    let new = |login: &str, password: &str| central::NewOfficer {
        login: login.into(),
        password: password.into(),
        name: "N".into(),
        rank: "R".into(),
        unit: "U".into(),
        role: protocol::Role::Duty,
    };
    for (login, password) in [
        ("A", PASSWORD),
        ("", PASSWORD),
        ("a b", PASSWORD),
        ("b", "short"),
    ] {
        assert!(
            world.admin().create_officer(new(login, password)).is_err(),
            "{login:?}"
        );
    }
    world
        .admin()
        .create_officer(new("B.c-1", PASSWORD))
        .unwrap();
}

#[test]
fn a_damaged_password_hash_takes_no_memory_and_no_hour() {
    let hasher = central::officers::PasswordHasher::new(64, 1).unwrap();
    let stored = hasher.hash(PASSWORD).unwrap();
    assert_eq!(hasher.verify(PASSWORD, &stored), Ok(true));
    for damaged in [
        stored.replace("m=64", "m=4294967295"),
        stored.replace("m=64", "m=2097152"),
        stored.replace("t=1", "t=4294967295"),
    ] {
        assert_ne!(damaged, stored);
        assert_eq!(
            hasher.verify(PASSWORD, &damaged),
            Err(central::officers::PasswordError::Parameters)
        );
    }
}
