//! The fault rounds: power cuts, kills, broken networks, broken disks, a central that goes down or
//! back in time, and a queue as long as a day. `docs/reliability.md` says what each shows.
//!
//! `faults [--short|--full] [--seed N] [NAME…]`: every round, or the named ones; the exit code says
//! whether all held. Linux and root (loop devices); `scripts/faults` installs the tools.
//!
//! A round is a process of its own, so that one that fails does not take the others along, and the
//! programs that are killed in it are this program again in another role.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod central;
mod disk;
mod kill;
mod kit;
mod long;
mod loopdisk;
mod network;
mod officer;
mod power;
mod relay;
mod roles;

use kit::{Plan, Rng, say};
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Gives back its figures, a line each; panics where something did not hold.
type Round = fn(&Plan) -> Vec<String>;

const ROUNDS: [(&str, Round); 6] = [
    ("power", power::round),
    ("kill", kill::round),
    ("network", network::round),
    ("disk", disk::round),
    ("central", central::round),
    ("long", long::round),
];

const USAGE: &str = "faults [--short|--full] [--seed N] [power|kill|network|disk|central|long]…";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["role", role, ref rest @ ..] => {
            roles::run(role, rest);
            ExitCode::SUCCESS
        }
        ["round", name, full, seed] => {
            let (_, round) = ROUNDS.iter().find(|(n, _)| *n == name).expect("a round");
            let plan = Plan {
                full: full == "full",
                seed: seed.parse().expect("a seed"),
            };
            for figure in round(&plan) {
                say(&format!("   {figure}"));
            }
            ExitCode::SUCCESS
        }
        _ => all(&words),
    }
}

fn all(words: &[&str]) -> ExitCode {
    let (mut full, mut seed, mut names) = (false, None, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--short" => full = false,
            "--full" => full = true,
            "--seed" => seed = words.next().and_then(|n| n.parse::<u64>().ok()),
            name if ROUNDS.iter().any(|(n, _)| *n == name) => names.push(name),
            _ => {
                say(USAGE);
                return ExitCode::from(2);
            }
        }
    }
    let seed = seed.unwrap_or_else(|| Rng::from_system().next());
    let size = if full { "full" } else { "short" };
    say(&format!("fault rounds, {size}, seed {seed}"));
    let mut failed = Vec::new();
    for (name, _) in ROUNDS {
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        say(&format!("== {name}"));
        let started = Instant::now();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["round", name, size, &seed.to_string()])
            .status()
            .unwrap();
        let took = started.elapsed().as_secs_f64();
        if status.success() {
            say(&format!("   held, {took:.1} s"));
        } else {
            say(&format!("   FAILED after {took:.1} s"));
            failed.push(name);
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    say(&format!(
        "FAILED: {}. Again: faults --{size} --seed {seed} {}",
        failed.join(", "),
        failed.join(" ")
    ));
    ExitCode::FAILURE
}
