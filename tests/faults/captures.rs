//! Captures over real mutual TLS: cut anywhere, killed, central restarted and set back, and never in
//! the way of a question.

use central::archive::CaptureState;
use demo::tablet_kit::TabletKit;
use demo::world::World;
use e_patrul_tests::bare::Bare;
use e_patrul_tests::narrow::Narrow;
use e_patrul_tests::{LONG, config, noise, on_disk};
use protocol::{
    Answer, CaptureId, CaptureKind, MessageBody, Probe, Question, limits::CAPTURE_PART_BYTES,
};
use regulation::encounter::*;
use regulation::identity::DocumentNumber;
use regulation::{EncounterId, QuestionId};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tablet::link::LinkEvent;
use tempfile::TempDir;
use uuid::Uuid;

/// A central, a line to it, and an enrolled tablet that is switched off.
struct Bench {
    world: World,
    narrow: Narrow,
    data: PathBuf,
    encounter: EncounterId,
    dir: TempDir,
}

impl Bench {
    async fn new(replica: bool) -> Self {
        let dir = TempDir::new().unwrap();
        let mut config = config(dir.path());
        if !replica {
            config.replica_dir = None;
        }
        let world = World::start_with(dir.path(), config, 2).await.unwrap();
        let central = world.central.as_ref().unwrap();
        central.gallery_ready().await;
        let narrow = Narrow::new(central.local_addr()).await;
        let data = world.enrol("tablet").await.unwrap();
        Self {
            world,
            narrow,
            data,
            encounter: EncounterId(Uuid::new_v4()),
            dir,
        }
    }

    async fn tablet(&self) -> Bare {
        let bare = Bare::start(&self.data, self.narrow.address).await;
        for event in [
            Event::Opened {
                place: Place {
                    text: "бекат".into(),
                    source: PlaceSource::Typed,
                },
                citizen_language: Language::UzbekLatin,
            },
            Event::Introduced {
                service_id: ServiceId::NotAskedFor,
            },
            Event::GroundStated {
                ground: "suspicion".into(),
                fact: "намуна".into(),
            },
            Event::Explained {
                how: Explanation::Full,
            },
        ] {
            bare.record(self.encounter, event, None);
        }
        bare
    }

    fn add(&self, bare: &Bare, seed: u64, bytes: u64) -> CaptureId {
        bare.vault
            .add_capture(
                &bare.session,
                self.encounter,
                CaptureKind::Video,
                &mut noise(seed, bytes),
            )
            .unwrap()
            .1
            .id
    }

    /// The capture's state at central, and whether its plain bytes are those of the seed.
    fn holds(&self, id: CaptureId, seed: u64, bytes: u64) -> bool {
        let archive = self.world.central.as_ref().unwrap().admin().archive();
        let found = archive.encounter(self.encounter).unwrap().unwrap();
        let state = found.captures.iter().find(|c| c.id == id).unwrap().state;
        if state != CaptureState::Whole {
            return false;
        }
        let mut reader = archive.capture(self.encounter, id).unwrap().unwrap();
        let (mut there, mut expected) = (Vec::new(), Vec::new());
        reader.read_to_end(&mut there).unwrap();
        noise(seed, bytes).read_to_end(&mut expected).unwrap();
        there == expected
    }

    fn at_central(&self, id: CaptureId) -> PathBuf {
        let captures = self.dir.path().join("central").join("captures");
        captures.join(id.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_at_any_byte_a_capture_arrives_whole() {
    let bench = Bench::new(true).await;
    let bare = bench.tablet().await;
    bench.narrow.limit(4 * 1024 * 1024);
    let sizes = [0, 1, 65_536, 65_537, 1_500_000, 3_000_000];
    let ids: Vec<_> = (1..)
        .zip(sizes)
        .map(|(seed, bytes)| (bench.add(&bare, seed, bytes), seed, bytes))
        .collect();
    let mut random = noise(99, 1_000);
    for _ in 0..8 {
        let mut draw = [0; 4];
        random.read_exact(&mut draw).unwrap();
        // Also within a handshake, a header, or the last bytes of a part.
        bench
            .narrow
            .break_after(u64::from(u32::from_be_bytes(draw)) % 400_000);
        let broken = tokio::time::timeout(LONG, bench.narrow.until_broken());
        tokio::select! {
            broken = broken => broken.expect("the line carries nothing"),
            () = bare.until_captures_gone() => break,
        }
    }
    bare.until_captures_gone().await;
    for (id, seed, bytes) in ids {
        assert!(bench.holds(id, seed, bytes), "{bytes} bytes");
    }
    assert!(
        bench.narrow.carried() < 2 * sizes.iter().sum::<u64>(),
        "it went on, and did not begin anew"
    );
    let left = std::fs::read_dir(bench.data.join("vault").join("captures"));
    assert_eq!(left.unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn central_restarted_and_set_back_gets_what_it_lost_again() {
    let mut bench = Bench::new(true).await;
    let bare = bench.tablet().await;
    bench.narrow.limit(1024 * 1024);
    let (seed, bytes) = (5, 4_000_000);
    let id = bench.add(&bare, seed, bytes);
    let half = |left: u64| (1..bytes / 2).contains(&left);
    bare.until_queue("half of it", |q| half(q.captures.bytes))
        .await;
    bench.world.stop_central().await;
    let there = std::fs::metadata(bench.at_central(id)).unwrap().len();
    assert!(there > 0 && there < bytes, "stopped in the middle: {there}");
    // The backup of an hour ago.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(bench.at_central(id))
        .unwrap();
    file.set_len(there / 2).unwrap();
    let carried = bench.narrow.carried();
    bench.narrow.limit(0);
    bench.world.start_central().await.unwrap();
    bare.until_captures_gone().await;
    assert!(bench.holds(id, seed, bytes));
    assert!(bench.narrow.carried() - carried >= bytes - there / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_central_restored_from_before_the_capture_gets_event_and_capture_again() {
    // Without a replica nothing is safe, so the tablet still has everything.
    let mut bench = Bench::new(false).await;
    let bare = bench.tablet().await;
    bare.until_queue("events stored", |q| q.waiting == 0).await;
    let (data, backup) = (
        bench.dir.path().join("central"),
        bench.dir.path().join("backup"),
    );
    bench.world.stop_central().await;
    copy_dir(&data, &backup);
    bench.world.start_central().await.unwrap();
    let (seed, bytes) = (5, 400_000);
    let id = bench.add(&bare, seed, bytes);
    let sent = "the capture to be there";
    bare.until_queue(sent, |q| q.captures.bytes == 0 && q.waiting == 0)
        .await;
    assert!(bench.holds(id, seed, bytes));
    assert_eq!(bare.vault.queue().unwrap().captures.waiting, 1, "kept");
    bench.world.stop_central().await;
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&backup, &data).unwrap();
    bench.world.start_central().await.unwrap();
    assert!(!bench.at_central(id).exists());
    // The next event shows how far central went back.
    bare.record(bench.encounter, Event::Closed, None);
    let until = Instant::now() + LONG;
    loop {
        let archive = bench.world.central.as_ref().unwrap().admin().archive();
        let found = archive.encounter(bench.encounter).unwrap().unwrap();
        if found.captures.len() == 1 && bench.holds(id, seed, bytes) {
            break;
        }
        assert!(Instant::now() < until, "not sent again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_dir(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// Runs the tablet in a process of its own until it stands at `point`, and kills it there.
fn run_until_killed(bench: &Bench, point: &str) {
    let mut child = Process::new(env!("CARGO_BIN_EXE_captures-until-killed"))
        .arg(&bench.data)
        .arg(bench.narrow.address.to_string())
        .arg(bench.encounter.to_string())
        .arg(point)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let reached = stdout
        .lines()
        .map_while(Result::ok)
        .any(|line| line == "reached");
    assert!(reached, "the tablet did not come to `{point}`");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What the killed program captured.
const KILLED: (u64, u64) = (7, 6_000_000);

async fn killed_at(point: &'static str) -> Bench {
    let bench = Bench::new(true).await;
    bench.narrow.limit(2 * 1024 * 1024);
    tokio::task::spawn_blocking(move || {
        run_until_killed(&bench, point);
        bench
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_parts_a_capture_goes_on_where_it_stood() {
    let bench = killed_at("sending").await;
    let captures = bench.data.join("vault").join("captures");
    let names: Vec<_> = std::fs::read_dir(&captures).unwrap().collect();
    assert_eq!(names.len(), 1);
    let id: CaptureId = names[0]
        .as_ref()
        .unwrap()
        .file_name()
        .into_string()
        .unwrap()
        .parse()
        .unwrap();
    let there = std::fs::metadata(bench.at_central(id)).unwrap().len();
    assert!(there > KILLED.1 / 4, "{there}");
    let carried = bench.narrow.carried();
    bench.narrow.limit(0);
    let bare = bench.tablet().await;
    bare.until_captures_gone().await;
    assert!(bench.holds(id, KILLED.0, KILLED.1));
    let again = bench.narrow.carried() - carried;
    let rest = KILLED.1 - there + 2 * CAPTURE_PART_BYTES as u64;
    assert!(again < rest + 200_000, "{again} bytes for the last {rest}");
    assert_eq!(std::fs::read_dir(captures).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_sealing_nothing_of_it_stays() {
    let bench = killed_at("sealing").await;
    let captures = bench.data.join("vault").join("captures");
    let parts = || {
        let names = std::fs::read_dir(&captures).unwrap().flatten();
        names
            .filter(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
            .count()
    };
    assert_eq!(parts(), 1, "killed in the middle");
    bench.narrow.limit(0);
    let bare = bench.tablet().await;
    assert_eq!(parts(), 0);
    bare.until_captures_gone().await;
    let archive = bench.world.central.as_ref().unwrap().admin().archive();
    let found = archive.encounter(bench.encounter).unwrap().unwrap();
    assert_eq!(found.captures.len(), 1, "the one that was finished");
    assert!(bench.holds(found.captures[0].id, KILLED.0, KILLED.1));
}

/// Asks who has this document, and waits for the answer.
async fn ask(bench: &Bench, bare: &mut Bare) -> Answer {
    let id = QuestionId(Uuid::new_v4());
    let question = Question {
        id,
        expires_at: regulation::Timestamp(i64::MAX),
        probe: Probe::Document {
            document: DocumentKind::IdCard,
            number: DocumentNumber("ZZ9999999".into()),
        },
    };
    let asked = Event::Asked {
        question: id,
        basis: Basis::Document {
            document: DocumentKind::IdCard,
        },
    };
    bare.record(bench.encounter, asked, Some(question));
    let answer = async {
        loop {
            if let LinkEvent::Message(message) = bare.events.recv().await.unwrap()
                && let MessageBody::Answer { answer } = message.body
                && answer.question == id
            {
                return *answer;
            }
        }
    };
    tokio::time::timeout(LONG, answer).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_does_not_wait_for_the_captures_before_it() {
    let bench = Bench::new(true).await;
    let mut bare = bench.tablet().await;
    bench.narrow.limit(256 * 1024);
    let alone = Instant::now();
    ask(&bench, &mut bare).await;
    let alone = alone.elapsed();
    let total = 50 * 1024 * 1024;
    bench.add(&bare, 3, total);
    // Far enough for the parts to be as large as they get on this line.
    bare.until_queue("parts on their way", |q| {
        q.captures.bytes > 0 && q.captures.bytes < total - 1_500_000
    })
    .await;
    let before = bare.vault.queue().unwrap().captures.bytes;
    let asked = Instant::now();
    ask(&bench, &mut bare).await;
    let took = asked.elapsed();
    let left = bare.vault.queue().unwrap().captures.bytes;
    eprintln!("an answer took {alone:?} alone, {took:?} with 50 MB behind it");
    assert!(
        before - left < total / 20,
        "it waited for {}",
        before - left
    );
    // All of the captures take more than 190 seconds on this line.
    assert!(
        took < alone * 5 + Duration::from_secs(15),
        "{alone:?}, {took:?}"
    );
}

/// Resident memory of this process, KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_take_no_more_memory_than_one() {
    let bench = Bench::new(true).await;
    let bare = bench.tablet().await;
    let one = bench.add(&bare, 1, 1_000_000);
    bare.until_captures_gone().await;
    assert!(bench.holds(one, 1, 1_000_000));
    let before = resident();
    let (most, running) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let (its, on) = (Arc::clone(&most), Arc::clone(&running));
    let sampling = std::thread::spawn(move || {
        while on.load(Ordering::SeqCst) {
            its.fetch_max(resident(), Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let bytes = 100_000_000;
    let began = Instant::now();
    let id = tokio::task::block_in_place(|| bench.add(&bare, 2, bytes));
    let sealed = began.elapsed();
    let began = Instant::now();
    bare.until_captures_gone().await;
    let sent = began.elapsed();
    running.store(false, Ordering::SeqCst);
    sampling.join().unwrap();
    let grown = most.load(Ordering::SeqCst).saturating_sub(before);
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    eprintln!(
        "sealed at {:.0} MB/s; sent, stored, replicated and called safe at {:.0} MB/s; {} MiB more memory",
        rate(sealed),
        rate(sent),
        grown / 1024
    );
    assert!(grown < 40 * 1024, "{grown} KiB");
    let copy = bench.dir.path().join("replica").join("captures");
    assert_eq!(
        std::fs::metadata(copy.join(id.to_string())).unwrap().len(),
        std::fs::metadata(bench.at_central(id)).unwrap().len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_plain_byte_of_a_capture_lies_on_either_disk() {
    let bench = Bench::new(true).await;
    let bare = bench.tablet().await;
    bench.narrow.limit(512 * 1024);
    let canary = "kanareyka-yuzi-va-ovozi";
    let plain = canary.repeat(100_000);
    let (_, capture) = bare
        .vault
        .add_capture(
            &bare.session,
            bench.encounter,
            CaptureKind::Face,
            &mut plain.as_bytes(),
        )
        .unwrap();
    let half = capture.size / 2;
    bare.until_queue("half of it", |q| q.captures.bytes < half)
        .await;
    assert!(!on_disk(bench.dir.path(), canary));
    bench.narrow.limit(0);
    bare.until_captures_gone().await;
    assert!(!on_disk(bench.dir.path(), canary));
    let archive = bench.world.central.as_ref().unwrap().admin().archive();
    let mut reader = archive
        .capture(bench.encounter, capture.id)
        .unwrap()
        .unwrap();
    let mut there = String::new();
    reader.read_to_string(&mut there).unwrap();
    assert!(there == plain);
    assert!(!on_disk(bench.dir.path(), canary), "nor by reading it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_waits_and_a_capture_outlives_its_shift() {
    let mut bench = Bench::new(true).await;
    let bare = bench.tablet().await;
    bare.until_queue("the events to go", |q| q.waiting == 0)
        .await;
    bench.world.stop_central().await;
    let id = bench.add(&bare, 8, 500_000);
    bare.vault.end_session(bare.session.id).unwrap();
    bare.link.stop();
    drop(bare);
    let until = Instant::now() + LONG;
    let mut kit = loop {
        // Work that the link had begun still holds the vault for a moment.
        match TabletKit::start(&bench.data) {
            Ok(kit) => break kit,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    kit.wait_for("the capture that waits", LONG, |page| {
        let queue = &page.chrome.queue;
        (queue.waiting, queue.captures) == (1, 1) && queue.capture_bytes > 500_000
    })
    .await
    .unwrap();
    bench.world.start_central().await.unwrap();
    kit.wait_for("nothing waits", LONG, |page| {
        let queue = &page.chrome.queue;
        (queue.waiting, queue.captures, queue.capture_bytes) == (0, 0, 0)
    })
    .await
    .unwrap();
    assert!(bench.holds(id, 8, 500_000));
    kit.stop();
}
