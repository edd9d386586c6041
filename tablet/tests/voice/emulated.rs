//! A server that answers as the test says: what a sound one does not do.

use regulation::encounter::Language;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};
use tablet::device::{Cancel, SpeechDispatcher, Voice, VoiceFault};

/// The answer to each line; after the text of a message what is told of it.
struct Answers {
    voices: String,
    queued: &'static str,
    told: String,
    /// The connection ends after that.
    ends: bool,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            voices: "249-Uzbek\tuz\tnone\r\n249-English\ten-GB\tnone\r\n249 OK VOICE LIST SENT\r\n"
                .into(),
            queued: "225-7\r\n225 OK MESSAGE QUEUED\r\n",
            told: "701-7\r\n701-1\r\n701 BEGIN\r\n702-7\r\n702-1\r\n702 END\r\n".into(),
            ends: false,
        }
    }
}

/// What was said, and the lines that the server has got.
fn say(answers: Answers, text: &str, language: Language) -> (Result<(), VoiceFault>, Vec<String>) {
    say_until(answers, text, language, &Cancel::default())
}

fn say_until(
    answers: Answers,
    text: &str,
    language: Language,
    cancel: &Cancel,
) -> (Result<(), VoiceFault>, Vec<String>) {
    let dir = tempfile::TempDir::new().unwrap();
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).unwrap();
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(&answers, stream)
    });
    let said = SpeechDispatcher::at(socket).say(text, language, cancel);
    (said, server.join().unwrap())
}

fn serve(answers: &Answers, mut stream: UnixStream) -> Vec<String> {
    let mut got = Vec::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        got.push(line.clone());
        let answer = match line.as_str() {
            "LIST SYNTHESIS_VOICES" => answers.voices.clone(),
            "SPEAK" => "230 OK RECEIVING DATA\r\n".into(),
            "." => format!("{}{}", answers.queued, answers.told),
            "QUIT" => break,
            _ if got.iter().any(|line| line == "SPEAK") && !got.contains(&".".into()) => {
                String::new()
            }
            _ => "299 OK\r\n".into(),
        };
        // The other side may have gone.
        if stream.write_all(answer.as_bytes()).is_err() || (line == "." && answers.ends) {
            break;
        }
    }
    got
}

#[test]
fn a_message_is_one_line_in_the_script_that_its_voice_reads() {
    let text = ".Маълумот\r\n.\r\nоʻзбекча: oʻgʻil";
    let (said, got) = say(Answers::default(), text, Language::UzbekCyrillic);
    assert_eq!(said, Ok(()));
    let at = got.iter().position(|line| line == "SPEAK").unwrap();
    assert_eq!(got[at + 1], "..Ma'lumot  .  o'zbekcha: o'g'il");
    assert_eq!(got[at + 2..], [".", "QUIT"]);
    assert!(got.contains(&"SET SELF LANGUAGE uz".to_owned()));
}

#[test]
fn a_language_without_a_voice_is_told_and_nothing_is_said() {
    let (said, got) = say(Answers::default(), "Раз.", Language::Russian);
    assert_eq!(said, Err(VoiceFault::NoLanguage));
    assert!(!got.contains(&"SPEAK".to_owned()), "{got:?}");
    // A voice of a part of the world is one.
    assert_eq!(say(Answers::default(), "One.", Language::English).0, Ok(()));
    let none = Answers {
        voices: "249 OK VOICE LIST SENT\r\n".into(),
        ..Answers::default()
    };
    let said = say(none, "One.", Language::English).0;
    assert_eq!(said, Err(VoiceFault::NoLanguage));
}

#[test]
fn a_wish_to_stop_reaches_the_server() {
    let begins = Answers {
        told: "701-7\r\n701-1\r\n701 BEGIN\r\n".into(),
        ..Answers::default()
    };
    let cancel = Cancel::default();
    let later = cancel.clone();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        later.cancel();
    });
    let begun = Instant::now();
    let (said, got) = say_until(begins, "One.", Language::English, &cancel);
    stop.join().unwrap();
    assert_eq!(said, Ok(()));
    assert!(begun.elapsed() >= Duration::from_millis(500));
    let at = got.iter().position(|line| line == ".").unwrap();
    assert_eq!(got[at + 1..], ["CANCEL SELF", "QUIT"]);
}

#[test]
fn a_server_that_fails_is_a_fault_and_never_hangs() {
    let begun = Instant::now();
    let whole = Answers::default;
    for (what, answers) in [
        (
            "refuses",
            Answers {
                queued: "401 ERR\r\n",
                ..whole()
            },
        ),
        (
            "no id",
            Answers {
                queued: "225 OK MESSAGE QUEUED\r\n",
                ..whole()
            },
        ),
        (
            "gone",
            Answers {
                told: String::new(),
                ends: true,
                ..whole()
            },
        ),
        (
            "half a line",
            Answers {
                told: "702-7\r\n70".into(),
                ends: true,
                ..whole()
            },
        ),
        (
            "stopped by another",
            Answers {
                told: "703-7\r\n703-1\r\n703 CANCELED\r\n".into(),
                ..whole()
            },
        ),
        (
            "no code",
            Answers {
                told: "что?\r\n".into(),
                ..whole()
            },
        ),
        (
            "no code",
            Answers {
                told: "7\r\n".into(),
                ..whole()
            },
        ),
        (
            "no mark",
            Answers {
                told: "702?7\r\n".into(),
                ..whole()
            },
        ),
        (
            "a line too long",
            Answers {
                told: "a".repeat(10_000),
                ..whole()
            },
        ),
        (
            "an answer too long",
            Answers {
                told: "702-7\r\n".repeat(2_000_000),
                ..whole()
            },
        ),
        (
            "no voices",
            Answers {
                voices: "304 ERR CANT LIST VOICES\r\n".into(),
                ..whole()
            },
        ),
    ] {
        let said = say(answers, "One.", Language::English).0;
        assert_eq!(said, Err(VoiceFault::BrokeOff), "{what}");
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
    // Of another message, and of this one.
    let both = Answers {
        told: "702-6\r\n702-1\r\n702 END\r\n702-7\r\n702-1\r\n702 END\r\n".into(),
        ..whole()
    };
    assert_eq!(say(both, "One.", Language::English).0, Ok(()));
}
