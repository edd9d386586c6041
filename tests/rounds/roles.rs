//! The programs that are killed: a writer at the vault, a whole tablet, a central, an opener.

use crate::kit::{Rng, open_vault, say};
use crate::officer::{Officer, Seen};
use crate::power;
use central::Central;
use demo::world::{LOGIN, PASSWORD};
use protocol::{Fact, FactKind, Probe, Question, Urgency};
use regulation::encounter::{Basis, Event, Finger, MACHINE_VERSION, Recorded};
use regulation::{QuestionId, Timestamp};
use std::path::Path;
use std::time::Duration;
use tablet::vault::OpenSession;

pub fn run(role: &str, arguments: &[&str]) {
    match (role, arguments) {
        ("writer", [data, mode]) => writer(Path::new(data), mode),
        ("tablet", [data, seed]) => tablet(Path::new(data), seed.parse().unwrap()),
        ("central", [dir, port]) => central(Path::new(dir), port.parse().unwrap()),
        ("opener", [data]) => opener(Path::new(data)),
        _ => panic!("no such role: {role}"),
    }
}

/// A fact whose text is `tag`; with a picture, the question of that id.
pub fn fact(session: &OpenSession, tag: &str, picture: Option<(QuestionId, Vec<u8>)>) -> Fact {
    let (event, question) = match picture {
        None => {
            let ground = "suspicion".to_owned();
            let fact = tag.to_owned();
            (Event::GroundStated { ground, fact }, None)
        }
        Some((id, png)) => {
            let finger = Finger::RightIndex;
            let basis = Basis::Fingerprint {
                finger,
                quality: 80,
            };
            let probe = Probe::Fingerprint {
                finger,
                ppi: 500,
                png,
                with: Vec::new(),
            };
            let question = Question {
                id,
                expires_at: Timestamp(i64::MAX),
                probe,
            };
            (
                Event::Asked {
                    question: id,
                    basis,
                },
                Some(question),
            )
        }
    };
    let at = Timestamp(1_800_000_000_000);
    Fact {
        edition: session.edition.clone(),
        machine: MACHINE_VERSION,
        officer: session.officer.id,
        at,
        uptime_ms: 1,
        training: true,
        kind: FactKind::Encounter {
            recorded: Recorded { at, event },
            question,
        },
    }
}

/// Records one fact after another; says `recorded SEQ TEXT` of each once the vault has returned,
/// `refused CODE` of one that it did not take.
fn writer(data: &Path, mode: &str) {
    let (vault, _, _) = open_vault(data);
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    if mode == "normal" {
        vault.weaken_sync().unwrap();
    }
    let mut rng = Rng::from_system();
    say("ready");
    for n in 1_u64.. {
        let id = QuestionId(uuid::Uuid::new_v4());
        // A picture now and then: a transaction of many pages.
        let picture = n.is_multiple_of(16).then(|| {
            let noise = (0..20_000).map(|_| rng.next() as u8).collect();
            (id, noise)
        });
        let tag = id.0.to_string();
        let urgency = match picture {
            None => Urgency::Ordinary,
            Some(_) => Urgency::Question,
        };
        match vault.append(&session, None, urgency, &fact(&session, &tag, picture)) {
            Ok(seq) => say_surely(&format!("recorded {seq} {tag}")),
            Err(error) => {
                say_surely(&format!("refused {} {tag}", error.code()));
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Writing to the pipe may meet the same fault that is made for the vault.
fn say_surely(line: &str) {
    use std::io::Write as _;
    let line = format!("{line}\n");
    let mut left = line.as_bytes();
    let mut out = std::io::stdout().lock();
    while !left.is_empty() {
        if let Ok(written) = out.write(left) {
            left = &left[written..];
        }
        let _ = out.flush();
    }
}

/// Opens the vault, reads what a writer recorded, and closes it again.
fn opener(data: &Path) {
    say("ready");
    let (vault, _, _) = open_vault(data);
    say("open");
    let session = vault.resume_session(LOGIN, PASSWORD).unwrap();
    for (seq, tag) in power::recorded(&vault, &session) {
        say(&format!("recorded {seq} {tag}"));
    }
}

/// A tablet and its officer, encounter after encounter, with a hand-over now and then; says what
/// the officer has seen done.
fn tablet(data: &Path, seed: u64) {
    crate::kit::runtime().block_on(async {
        let mut officer = Officer::start(data, seed, |seen, id| {
            say(&format!("{} {}", seen.word(), id.0));
        });
        officer.hand_overs = true;
        loop {
            let seen: Option<Seen> = officer.step().await;
            // Now and then the officer reads what is on the screen.
            if seen.is_some() && officer.rng.next().is_multiple_of(4) {
                tokio::time::sleep(officer.rng.millis(0, 60)).await;
            }
        }
    });
}

/// A central on `port` of loopback over the data in `dir`, until it is killed.
fn central(dir: &Path, port: u16) {
    crate::kit::runtime().block_on(async {
        let mut config = e_patrul_tests::config(dir);
        config.listen.set_port(port);
        let central = Central::start(config).await.unwrap();
        central.gallery_ready().await;
        say("listening");
        std::future::pending::<()>().await;
        drop(central);
    });
}
