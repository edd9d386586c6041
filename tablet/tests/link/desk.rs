//! The duty desk's board: who hears of it, and when.

use crate::claims::Bench;
use crate::server::*;
use protocol::{ErrorCode, Role};
use std::time::{Duration, Instant};
use tablet::link::{Connection, LinkEvent};

async fn at(role: Role) -> Bench {
    let central = Central::new();
    central.record.lock().unwrap().role = Some(role);
    Bench::with(central).await
}

impl Bench {
    fn turn(&self, board: u64) {
        self.central.record.lock().unwrap().board = board;
        self.central.news.notify_waiters();
    }

    fn desk_requests(&self) -> Vec<Option<String>> {
        self.central.record.lock().unwrap().desk_requests.clone()
    }

    async fn until_board(&mut self, version: &str) {
        self.until(|event| matches!(event, LinkEvent::Desk(board) if board.version == version))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_hears_of_a_change_at_once_and_asks_for_no_more_than_changes() {
    for role in [Role::Duty, Role::Commander] {
        let mut bench = at(role).await;
        bench.until_board("b.0").await;
        while bench.desk_requests().len() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let changed = Instant::now();
        bench.turn(1);
        bench.until_board("b.1").await;
        assert!(changed.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let after: Vec<_> = bench.desk_requests();
        let asked: Vec<_> = after.iter().map(Option::as_deref).collect();
        assert_eq!(asked, [None, Some("b.0"), Some("b.1")], "no poll loop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patrol_asks_for_no_board_and_neither_does_anybody_after_the_shift() {
    let bench = at(Role::Patrol).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(bench.desk_requests().is_empty());
    let mut bench = at(Role::Duty).await;
    bench.until_board("b.0").await;
    bench.link.detach();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = bench.desk_requests().len();
    bench.turn(1);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bench.desk_requests().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_break_the_board_comes_by_itself() {
    let mut bench = at(Role::Duty).await;
    bench.until_board("b.0").await;
    bench.stop_server().await;
    bench
        .until(|event| {
            matches!(
                event,
                LinkEvent::Connection(Connection::NoNetwork | Connection::CentralDown)
            )
        })
        .await;
    bench.turn(2);
    bench.start_server().await;
    bench.until_board("b.2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_that_refuses_or_does_not_wait_is_not_asked_in_a_loop() {
    let mut bench = at(Role::Duty).await;
    bench.until_board("b.0").await;
    bench.central.record.lock().unwrap().desk_code = Some(ErrorCode::NotAllowed);
    bench.turn(1);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(
        bench.desk_requests().len() <= 4,
        "{:?}",
        bench.desk_requests()
    );
    assert_eq!(
        bench.vault.open_sessions().unwrap(),
        [bench.session.id],
        "the shift goes on"
    );
    let mut bench = at(Role::Duty).await;
    bench.until_board("b.0").await;
    bench.central.record.lock().unwrap().desk_hurries = true;
    bench.turn(1);
    bench.until_board("b.1").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(
        bench.desk_requests().len() <= 8,
        "{:?}",
        bench.desk_requests().len()
    );
}
