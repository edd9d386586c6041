//! The process of a shift, looked into from outside: what protects its memory, what is in it before
//! the hand-over, and that nothing of it is there after. Must run as the superuser: nobody else may
//! read such a process's memory, which is one of the claims.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use central::{Admin, Config, NewOfficer};
use demo::scan::Scanner;
use demo::world::World;
use e_patrul::app::{harden, support};
use protocol::Role;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tablet::device::keystore::UnsafeFileKeyStore;

/// What is unlike anything else on the machine.
const LOGIN: &str = "qorabulut7731";
const PASSWORD: &str = "tulki-sayhon-9914-olmos";
const PIN: &str = "86420753";
const OFFICER: &str = "Жайронбеков Қирғий";
const PLACE: &str = "Кўктепалик Уккимозор 37";
const FACT: &str = "чилонзордаги лайлакхона ёнида";
const SURNAME: &str = "ЗАРҚАЛДИРҒОЧЕВ";
const GIVEN: &str = "ОЛТИНБОЛТА";
const NUMBER: &str = "KQ7305918";
const PINFL: &str = "31207795190248";

/// A PIN is too short to be looked for in memory: eight digits in a row may be anything.
const SECRETS: [&str; 9] = [
    LOGIN, PASSWORD, OFFICER, PLACE, FACT, SURNAME, GIVEN, NUMBER, PINFL,
];

struct Shift {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Shift {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_shift"))
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until it says a line that begins with `what`.
    fn says(&mut self, what: &str) -> String {
        let line = self.lines.next().expect("the program lives").unwrap();
        assert!(line.starts_with(what), "{what}: {line}");
        line
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    /// Which of the secrets are in its memory.
    fn remembers(&self, scanner: &Scanner) -> Vec<&'static str> {
        let found = scanner.memory(self.child.id()).unwrap();
        let mut secrets: Vec<_> = found.iter().map(|f| SECRETS[f.secret]).collect();
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Central with an officer whose name and password are nowhere else, and an enrolled tablet.
async fn world(dir: &Path) -> (World, PathBuf) {
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let mut config = Config::new(dir.join("central"), listen);
    config.training = true;
    central::Central::init(&config).unwrap();
    Admin::open(&config)
        .unwrap()
        .create_officer(NewOfficer {
            login: LOGIN.into(),
            password: PASSWORD.into(),
            name: OFFICER.into(),
            rank: "Сержант".into(),
            unit: "4-бўлим".into(),
            role: Role::Patrol,
        })
        .unwrap();
    let world = World::start_with(dir, config, 3).await.unwrap();
    let data = world.enrol("tablet").await.unwrap();
    (world, data)
}

/// The bundle as written, looked through for secrets and for ids of the shift.
fn bundle(data: &Path, scanner: &Scanner) -> serde_json::Value {
    let out = tempfile::NamedTempFile::new().unwrap();
    let keys = UnsafeFileKeyStore::open(&data.join("keys-unsafe")).unwrap();
    let protection = harden::Protection {
        no_dumps: true,
        no_swap: false,
    };
    let vault = data.join("vault");
    support::write(&vault, Some(Arc::new(keys)), protection, out.path()).unwrap();
    let text = std::fs::read_to_string(out.path()).unwrap();
    assert_eq!(scanner.bytes(text.as_bytes(), "bundle"), []);
    let uuids = text
        .split('"')
        .filter(|word| word.len() == 36 && word.matches('-').count() == 4);
    assert_eq!(uuids.count(), 0, "ids of nobody and of no check: {text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_shift_is_protected_while_it_lives_and_gone_from_memory_after() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_world, data) = runtime.block_on(world(dir.path()));
    let scanner = Scanner::new(&SECRETS);
    let mut shift = Shift::start(&data);
    let said = shift.says("log-in");

    // What the operating system says of the process, and what the process says itself.
    let limits = shift.proc("limits");
    let core = limits
        .lines()
        .find(|l| l.starts_with("Max core file size"))
        .unwrap();
    let core: Vec<_> = core.split_whitespace().collect();
    assert_eq!(core[4..6], ["0", "0"], "{core:?}");
    let owner = std::os::unix::fs::MetadataExt::uid(
        &std::fs::metadata(format!("/proc/{}/mem", shift.child.id())).unwrap(),
    );
    assert_eq!(owner, 0, "only the superuser reads its memory");
    let status = shift.proc("status");
    let locked = status
        .lines()
        .find_map(|l| l.strip_prefix("VmLck:"))
        .and_then(|l| l.trim().trim_end_matches(" kB").trim().parse::<u64>().ok())
        .unwrap();
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap();
    let kept_from_swap = locked > 10_000 || swaps.lines().count() <= 1;
    assert_eq!(
        said,
        format!(
            "log-in dumps=false swap={} shown={}",
            !kept_from_swap, !kept_from_swap
        )
    );

    assert_eq!(
        shift.remembers(&scanner),
        Vec::<&str>::new(),
        "at the start"
    );
    let told = serde_json::json!({
        "login": LOGIN, "password": PASSWORD, "pin": PIN, "place": PLACE, "fact": FACT,
        "surname": SURNAME, "given": GIVEN, "birth_date": "12.07.1979", "number": NUMBER,
        "pinfl": PINFL,
    });
    shift.tell(&told.to_string());
    shift.says("locked");
    let pid = shift.child.id();
    shift.tell("");
    shift.says("shown back");
    let during = shift.remembers(&scanner);
    for secret in [OFFICER, PLACE, FACT, SURNAME, NUMBER, PINFL] {
        assert!(
            during.contains(&secret),
            "the scan does not find what is there: {secret}, {during:?}"
        );
    }
    shift.tell("");

    // The same process, a new program, the log-in page.
    let said = shift.says("log-in");
    assert!(said.contains("dumps=false"), "protected anew: {said}");
    assert_eq!(shift.child.id(), pid);
    assert!(shift.child.try_wait().unwrap().is_none());
    assert_eq!(shift.remembers(&scanner), Vec::<&str>::new(), "after it");
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    for bytes in [environment, arguments] {
        assert!(scanner.bytes(&bytes, "").is_empty());
    }

    // Nothing on its disk either, the PIN included; and the scan finds what is planted there.
    let with_pin = [&SECRETS[..], &[PIN]].concat();
    let scanner = Scanner::new(&with_pin);
    let found = scanner.dir(&data).unwrap();
    assert_eq!(found, [], "on the disk");

    // A support bundle tells of the queue and of nobody, and does not disturb a running tablet.
    let running = bundle(&data, &scanner);
    assert_eq!(running["vault"], "vault_in_use");
    assert!(running["free_bytes"].as_u64().is_some_and(|free| free > 0));
    shift.tell("");
    assert!(shift.child.wait().unwrap().success());
    let stopped = bundle(&data, &scanner);
    assert_eq!(
        (&stopped["vault"], &stopped["enrolled"]),
        (&"ok".into(), &true.into())
    );
    let queue = &stopped["queue"];
    let known = |name: &str| queue[name].as_u64().unwrap();
    assert!(known("waiting") + known("sent_total") >= 8, "{queue}");
    std::fs::write(data.join("planted"), PIN).unwrap();
    assert_eq!(scanner.dir(&data).unwrap().len(), 1);
}
