//! How captures go to a central in good moods and bad.

use crate::claims::{Bench, fact};
use crate::server::*;
use axum::http::StatusCode;
use protocol::limits::CAPTURE_PART_BYTES;
use protocol::{CaptureId, CaptureKind, ErrorCode, Urgency};
use regulation::EncounterId;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tablet::link::LinkEvent;
use tablet::vault::{QueueStatus, StuckReason};
use uuid::Uuid;

const KIB: u64 = 1024;

impl Bench {
    /// A capture of so many KiB.
    fn capture(&self, kib: u64) -> CaptureId {
        let mut plain = std::io::repeat(7).take(kib * KIB);
        let encounter = EncounterId(Uuid::from_u128(1));
        self.vault
            .add_capture(&self.session, encounter, CaptureKind::Video, &mut plain)
            .unwrap()
            .1
            .id
    }

    fn file(&self, id: CaptureId) -> PathBuf {
        self.dir
            .path()
            .join("data")
            .join("captures")
            .join(id.to_string())
    }

    fn feel(&self, mood: CaptureMood) {
        self.central.record.lock().unwrap().capture_mood = mood;
    }

    fn parts(&self) -> Vec<(CaptureId, u64, usize)> {
        self.central.record.lock().unwrap().parts.clone()
    }

    async fn until_queue(&self, wanted: impl Fn(&QueueStatus) -> bool) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let queue = self.vault.queue().unwrap();
            if wanted(&queue) {
                return;
            }
            assert!(Instant::now() < until, "{queue:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn until_all_gone(&self) {
        self.until_queue(|queue| queue.captures == Default::default() && queue.waiting == 0)
            .await;
        // A file goes after its row.
        let dir = self.dir.path().join("data").join("captures");
        for _ in 0..500 {
            if std::fs::read_dir(&dir).unwrap().next().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("files are left behind");
    }

    /// Waits until so many parts have come.
    async fn until_parts(&self, count: usize) {
        for _ in 0..3_000 {
            if self.parts().len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} parts did not come: {:?}", self.parts());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_follow_their_events_in_parts_and_go_once_they_are_safe() {
    let mut bench = Bench::new().await;
    // Read while the link sends: what arrives is what lay on the disk.
    bench.feel(CaptureMood::Slow(Duration::from_millis(5)));
    let ids = [0, 1, 3_000, 700].map(|kib| bench.capture(kib));
    bench
        .until(|event| {
            matches!(event, LinkEvent::Queue(queue)
                if queue.captures.waiting > 0 && queue.captures.bytes > 0)
        })
        .await;
    bench
        .until(|event| matches!(event, LinkEvent::Queue(queue) if queue.captures == Default::default()))
        .await;
    bench.until_all_gone().await;
    assert_eq!(bench.central.stored(), [1, 2, 3, 4]);
    let parts = bench.parts();
    for id in ids {
        assert!(!bench.file(id).exists());
        let mut at = 0;
        for (_, offset, bytes) in parts.iter().filter(|part| part.0 == id) {
            assert_eq!(*offset, at, "one after the other, none twice");
            assert!(*bytes <= CAPTURE_PART_BYTES);
            at += *bytes as u64;
        }
        let there = bench.central.record.lock().unwrap().captures[&id].len();
        assert_eq!(there as u64, at);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_break_a_capture_goes_on_where_central_stands() {
    let mut bench = Bench::new().await;
    bench.feel(CaptureMood::Slow(Duration::from_millis(300)));
    let id = bench.capture(600);
    bench.until_parts(4).await;
    bench.stop_server().await;
    let before = bench.parts().len();
    let stands = bench.central.record.lock().unwrap().captures[&id].len() as u64;
    assert!(stands > 0);
    bench.feel(CaptureMood::Works);
    bench.start_server().await;
    bench.until_all_gone().await;
    let parts = bench.parts();
    assert!(parts[before].1 >= stands, "{parts:?}, {stands}");
    assert!(!bench.file(id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_part_begins_while_a_question_waits() {
    let bench = Bench::new().await;
    bench.feel(CaptureMood::Slow(Duration::from_millis(50)));
    let id = bench.capture(8_000);
    bench.until_parts(3).await;
    // Central does not take the question now.
    bench
        .central
        .mood(Mood::Status(StatusCode::SERVICE_UNAVAILABLE));
    bench
        .vault
        .append(&bench.session, None, Urgency::Question, &fact())
        .unwrap();
    // At most the part on its way and one that had been decided on.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let held = bench.parts().len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(bench.parts().len(), held, "the line is the question's");
    bench.central.mood(Mood::Works);
    bench.until_queue(|queue| queue.waiting == 0).await;
    bench.until_parts(held + 3).await;
    // What is not urgent holds nothing up.
    bench
        .central
        .mood(Mood::Status(StatusCode::SERVICE_UNAVAILABLE));
    bench.append(None);
    bench.feel(CaptureMood::Works);
    bench.until_queue(|queue| queue.captures.waiting == 0).await;
    assert_eq!(bench.vault.queue().unwrap().waiting, 1);
    assert!(!bench.file(id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_refused_for_good_is_set_aside_and_the_others_go_on() {
    for (code, reason) in [
        (ErrorCode::TooLarge, StuckReason::TooLarge),
        (
            ErrorCode::DeviceMismatch,
            StuckReason::RefusedForGood(ErrorCode::DeviceMismatch),
        ),
        (
            ErrorCode::SequenceConflict,
            StuckReason::RefusedForGood(ErrorCode::SequenceConflict),
        ),
    ] {
        let bench = Bench::new().await;
        bench
            .central
            .mood(Mood::Status(StatusCode::SERVICE_UNAVAILABLE));
        let refused = bench.capture(10);
        let good = bench.capture(10);
        bench.feel(CaptureMood::Refuses(refused, code));
        bench.central.mood(Mood::Works);
        bench
            .until_queue(|queue| {
                queue.captures.waiting == 0 && queue.captures.stuck == [(reason, 1)]
            })
            .await;
        assert!(bench.file(refused).exists() && !bench.file(good).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_receipt_deletes_nothing() {
    let mut bench = Bench::new().await;
    bench.feel(CaptureMood::Forges);
    let id = bench.capture(300);
    bench
        .until(|event| matches!(event, LinkEvent::VaultFault(code) if code == "vault_bad_receipt"))
        .await;
    assert!(bench.file(id).exists());
    assert_eq!(bench.vault.queue().unwrap().captures.waiting, 1);
    bench.feel(CaptureMood::Works);
    bench.until_all_gone().await;
    assert!(!bench.file(id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_whole_and_not_safe_is_kept_and_the_next_goes() {
    let bench = Bench::new().await;
    bench.feel(CaptureMood::NotSafe);
    let ids = [bench.capture(100), bench.capture(100)];
    bench
        .until_queue(|queue| queue.captures.waiting == 2 && queue.captures.bytes == 0)
        .await;
    let parts = bench.parts().len();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.parts().len(), parts, "nothing is sent twice");
    for id in ids {
        assert!(bench.file(id).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_taken_for_another_is_sent_again_and_at_last_set_aside() {
    let bench = Bench::new().await;
    bench.feel(CaptureMood::BeginsAnew);
    let id = bench.capture(20);
    let conflict = StuckReason::RefusedForGood(ErrorCode::SequenceConflict);
    bench
        .until_queue(|queue| queue.captures.stuck == [(conflict, 1)])
        .await;
    let sent = bench.parts().iter().filter(|part| part.1 == 0).count();
    assert_eq!(sent, 3);
    assert!(bench.file(id).exists());
    // Spoiled on this disk, it is known after the first time.
    let bench = Bench::new().await;
    bench
        .central
        .mood(Mood::Status(StatusCode::SERVICE_UNAVAILABLE));
    bench.feel(CaptureMood::BeginsAnew);
    let id = bench.capture(20);
    let mut bytes = std::fs::read(bench.file(id)).unwrap();
    bytes[9] ^= 1;
    std::fs::write(bench.file(id), bytes).unwrap();
    bench.central.mood(Mood::Works);
    let damaged = StuckReason::RefusedForGood(ErrorCode::Malformed);
    bench
        .until_queue(|queue| queue.captures.stuck == [(damaged, 1)])
        .await;
    assert_eq!(bench.parts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_shrink_on_a_slow_link() {
    let bench = Bench::new().await;
    bench.feel(CaptureMood::Slow(Duration::from_millis(1_100)));
    bench.capture(1_000);
    bench.until_parts(4).await;
    let sizes: Vec<usize> = bench.parts().iter().map(|part| part.2).collect();
    assert_eq!(sizes[..4], [32 * 1024, 16 * 1024, 8 * 1024, 8 * 1024]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_lost_on_the_way_is_sent_again_and_smaller() {
    let bench = Bench::new().await;
    bench.feel(CaptureMood::Hangs);
    let id = bench.capture(200);
    bench.until_parts(1).await;
    bench.feel(CaptureMood::Works);
    bench.until_all_gone().await;
    let parts = bench.parts();
    assert_eq!((parts[0].1, parts[1].1), (0, 0));
    assert!(parts[1].2 < parts[0].2);
    assert!(!bench.file(id).exists());
}
