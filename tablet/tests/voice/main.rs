//! Reading aloud: by a real Speech Dispatcher with a real engine, whose sound goes into a pipe instead of
//! a loudspeaker; and by a server of the test's own where a real one cannot be made to fail so.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod emulated;
mod server;

use regulation::Edition;
use regulation::encounter::Language;
use server::{Pace, Server};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, NoVoice, SpeechDispatcher, Voice, VoiceFault, system_voice};

/// The longest card.
fn card(language: Language) -> String {
    let cards = Edition::shipped().unwrap().say;
    let texts = cards.iter().map(|card| card.text.filled(language, "4"));
    texts.max_by_key(String::len).unwrap()
}

fn seconds(samples: &[i16]) -> f64 {
    samples.len() as f64 / f64::from(server::RATE)
}

#[test]
fn a_card_is_heard_in_every_language_and_uzbek_is_one_in_both_scripts() {
    let server = Server::start(Pace::AtOnce);
    let voice = server.voice();
    let heard: Vec<_> = Language::ALL
        .into_iter()
        .map(|language| {
            voice
                .say(&card(language), language, &Cancel::default())
                .unwrap();
            let samples = server.heard();
            // Words take their time, and are loud for a good part of it.
            let loud = samples.iter().filter(|s| s.unsigned_abs() > 500).count();
            assert!(seconds(&samples) > 5.0, "{language:?} {}", samples.len());
            assert!(loud * 5 > samples.len(), "{language:?} {loud}");
            (language, samples)
        })
        .collect();
    let of = |wanted| {
        let found = heard.iter().find(|(language, _)| *language == wanted);
        seconds(&found.unwrap().1)
    };
    let (cyrillic, latin) = (of(Language::UzbekCyrillic), of(Language::UzbekLatin));
    assert!(
        (cyrillic - latin).abs() < 0.02 * latin,
        "{cyrillic} {latin}"
    );
    assert!((of(Language::Russian) - latin).abs() > 0.02 * latin);
}

#[test]
fn reading_stops_when_it_is_told_to() {
    let server = Server::start(Pace::AsItSounds);
    let voice = server.voice();
    let cancel = Cancel::default();
    // All cards: two minutes. What the sound system has taken already is heard to its end.
    let cards = Edition::shipped().unwrap().say;
    let texts = cards
        .iter()
        .map(|card| card.text.filled(Language::English, "4"));
    let text = texts.collect::<Vec<_>>().join(" ");
    let reading = {
        let cancel = cancel.clone();
        std::thread::spawn(move || voice.say(&text, Language::English, &cancel))
    };
    server.wait_for_sound();
    cancel.cancel();
    // Two minutes of words are given up at once. How soon a loudspeaker is silent is its sound system's:
    // the one of this test takes all that it is given.
    let asked = Instant::now();
    assert_eq!(reading.join().unwrap(), Ok(()));
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );
}

#[test]
fn what_is_stopped_before_it_began_is_not_heard() {
    let server = Server::start(Pace::AtOnce);
    let voice = server.voice();
    let cancel = Cancel::default();
    cancel.cancel();
    voice.say("One.", Language::English, &cancel).unwrap();
    assert!(server.heard().is_empty());
    let cancel = Cancel::default();
    voice.say("Two.", Language::English, &cancel).unwrap();
    assert!(!server.heard().is_empty());
}

#[test]
fn no_text_is_taken_for_a_command() {
    let server = Server::start(Pace::AtOnce);
    let voice = server.voice();
    for text in [
        ".",
        "..\r\n.\r\nQUIT\r\n",
        "one\r\n.\r\nSET SELF LANGUAGE ru",
        "\u{1b}\0 two",
    ] {
        voice
            .say(text, Language::English, &Cancel::default())
            .unwrap();
    }
    voice
        .say("Three.", Language::English, &Cancel::default())
        .unwrap();
    assert!(!server.heard().is_empty());
}

#[test]
fn a_machine_without_speech_says_so() {
    let nowhere = PathBuf::from("/nonexistent/speechd.sock");
    let cancel = Cancel::default();
    let fault = SpeechDispatcher::at(nowhere).say("One.", Language::English, &cancel);
    assert_eq!(fault, Err(VoiceFault::NoVoice));
    let fault = NoVoice.say("One.", Language::English, &cancel);
    assert_eq!(fault, Err(VoiceFault::NoVoice));
}

/// Set for the process that speaks: the server is found, and started, by the environment.
const SPEAK: &str = "E_PATRUL_TEST_SPEAKS";

/// The other half of the test below; by itself it has nothing to do.
#[test]
fn speaks_by_the_system() {
    if std::env::var_os(SPEAK).is_none() {
        return;
    }
    let voice = system_voice();
    let cancel = Cancel::default();
    voice.say("One, two.", Language::English, &cancel).unwrap();
}

#[test]
fn a_server_that_does_not_run_is_started() {
    let server = Server::of_user(Pace::AtOnce);
    let status = server
        .command(std::env::current_exe().unwrap())
        .args(["--exact", "speaks_by_the_system", "--nocapture"])
        .env(SPEAK, "1")
        .status()
        .unwrap();
    assert!(status.success());
    assert!(seconds(&server.heard()) > 0.4);
}
