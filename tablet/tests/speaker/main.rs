//! The system's speaker over real ALSA: its default output writes what is to be heard into a file.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tablet::device::{Signal, system_speaker};

/// Set for the process that plays: ALSA reads its configuration by the environment.
const PLAY: &str = "E_PATRUL_TEST_PLAYS";

/// Everything that is sounded, as 16-bit samples, in the file `out`; nothing is heard.
fn configuration(out: &Path) -> String {
    format!(
        "pcm.!default {{ type plug slave {{ pcm recorded format S16_LE rate 48000 channels 1 }} }}\n\
         pcm.recorded {{ type file slave.pcm nowhere file \"{}\" format raw }}\n\
         pcm.nowhere {{ type null }}\n",
        out.display()
    )
}

/// Plays in a process of its own until `enough` bytes are there.
fn play(signal: &str, enough: u64) -> Vec<i16> {
    let dir = tempfile::TempDir::new().unwrap();
    let (out, conf) = (dir.path().join("out.raw"), dir.path().join("asound.conf"));
    std::fs::write(&conf, configuration(&out)).unwrap();
    let mut player = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "plays_what_it_is_told", "--nocapture"])
        .env("ALSA_CONFIG_PATH", &conf)
        .env(PLAY, signal)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let size = || std::fs::metadata(&out).map_or(0, |m| m.len());
    while size() < enough && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    // Its standard input is closed: it ends.
    drop(player.stdin.take());
    player.wait().unwrap();
    let bytes = std::fs::read(&out).unwrap_or_default();
    bytes
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// The other half of the tests below; by itself it has nothing to do.
#[test]
fn plays_what_it_is_told() {
    let signal = match std::env::var(PLAY).as_deref() {
        Ok("alarm") => Signal::Alarm,
        Ok(_) => Signal::Notice,
        Err(_) => return,
    };
    system_speaker().sound(signal);
    // Until the other process has what it waits for.
    let _ = std::io::read_to_string(std::io::stdin());
}

/// How often it grows loud after at least 80 ms of silence.
fn pulses(samples: &[i16]) -> usize {
    let loud = samples
        .iter()
        .enumerate()
        .filter(|(_, s)| s.unsigned_abs() > 1_500);
    let loud: Vec<_> = loud.map(|(n, _)| n).collect();
    let gaps = loud.windows(2).filter(|pair| pair[1] - pair[0] > 48 * 80);
    usize::from(!loud.is_empty()) + gaps.count()
}

#[test]
fn an_alarm_is_five_pulses_and_a_notice_two() {
    // Seconds of 16-bit samples: each signal is shorter.
    let bytes = |tenths: u64| tenths * 4_800 * 2;
    assert_eq!(pulses(&play("alarm", bytes(14))), 5);
    assert_eq!(pulses(&play("notice", bytes(8))), 2);
}

#[test]
fn without_a_device_nothing_waits_and_nothing_breaks() {
    let dir = tempfile::TempDir::new().unwrap();
    let conf = dir.path().join("asound.conf");
    std::fs::write(&conf, "").unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "plays_what_it_is_told", "--nocapture"])
        .env("ALSA_CONFIG_PATH", &conf)
        .env(PLAY, "alarm")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}
