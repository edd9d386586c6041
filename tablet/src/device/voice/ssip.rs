//! Speech Dispatcher, by its Speech Synthesis Interface Protocol (SSIP) over its socket. `spd-say` would
//! put what is said, the officer's name among it, where every user of the machine reads it.

use super::{Voice, VoiceFault};
use crate::device::Cancel;
use regulation::encounter::Language;
use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The program that serves the socket.
const PROGRAM: &str = "speech-dispatcher";
/// A wish to stop is looked for this often.
const LOOK: Duration = Duration::from_millis(50);
/// An answer to a command takes no longer; the list of voices takes half a second.
const ANSWER: Duration = Duration::from_secs(10);
/// The server is started, or it is not.
const START: Duration = Duration::from_secs(5);
/// Nothing is read for longer: a card takes half a minute.
const LONGEST: Duration = Duration::from_secs(180);
/// Bytes of a line, and of one answer: some engines list more than ten thousand voices.
const LINE_BYTES: usize = 4 * 1024;
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

const OK_MESSAGE_QUEUED: u16 = 225;
const END: u16 = 702;
const CANCELLED: u16 = 703;

/// Speech Dispatcher of the user who runs this program.
#[derive(Debug)]
pub struct SpeechDispatcher {
    socket: PathBuf,
    /// It is started where it does not run.
    starts: bool,
    /// Languages that there are voices for, once they are known: the list is long.
    languages: Mutex<BTreeSet<String>>,
}

impl SpeechDispatcher {
    /// At its socket, as Speech Dispatcher itself finds it: by `SPEECHD_ADDRESS`, or in
    /// `XDG_RUNTIME_DIR`. It is started where it does not run. `None`: the environment names neither.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        let address = std::env::var("SPEECHD_ADDRESS").ok();
        let named = address.and_then(|a| a.strip_prefix("unix_socket:").map(PathBuf::from));
        let socket = named.or_else(|| {
            let dir = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
            Some(dir.join("speech-dispatcher/speechd.sock"))
        })?;
        Some(Self {
            starts: true,
            ..Self::at(socket)
        })
    }

    /// At `socket`, where it runs or does not.
    #[must_use]
    pub fn at(socket: PathBuf) -> Self {
        Self {
            socket,
            starts: false,
            languages: Mutex::default(),
        }
    }

    fn connect(&self, cancel: &Cancel) -> Result<Connection, VoiceFault> {
        let stream = UnixStream::connect(&self.socket);
        let stream = match stream {
            Err(_) if self.starts => self.start(cancel)?,
            other => other.map_err(|_| VoiceFault::NoVoice)?,
        };
        let set = stream
            .set_read_timeout(Some(LOOK))
            .and_then(|()| stream.set_write_timeout(Some(ANSWER)));
        set.map_err(|_| VoiceFault::NoVoice)?;
        Ok(Connection {
            stream,
            read: Vec::new(),
        })
    }

    /// It becomes a server of its own, which ends by itself when nobody speaks any more.
    fn start(&self, cancel: &Cancel) -> Result<UnixStream, VoiceFault> {
        let mut starter = Command::new(PROGRAM)
            .arg("--spawn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| VoiceFault::NoVoice)?;
        let until = Instant::now() + START;
        let mut ended = false;
        let mut found = Err(VoiceFault::NoVoice);
        while Instant::now() < until && !cancel.is_cancelled() {
            ended = ended || !matches!(starter.try_wait(), Ok(None));
            if let Ok(stream) = UnixStream::connect(&self.socket) {
                found = Ok(stream);
            }
            if ended && found.is_ok() {
                break;
            }
            std::thread::sleep(LOOK);
        }
        if !ended {
            let _ = starter.kill();
            let _ = starter.wait();
        }
        found
    }

    /// The tag of a voice for `language`, if there is one.
    fn tag(
        &self,
        language: Language,
        server: &mut Connection,
    ) -> Result<Option<&'static str>, VoiceFault> {
        let tag = match language {
            Language::UzbekCyrillic | Language::UzbekLatin => "uz",
            Language::Russian => "ru",
            Language::English => "en",
        };
        let known = || {
            self.languages
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if known().contains(tag) {
            return Ok(Some(tag));
        }
        // Asked for again: a voice may have been installed.
        let voices = server.command("LIST SYNTHESIS_VOICES")?;
        let primary = |line: &String| {
            let tag = line.split('\t').nth(1)?.split(['-', '_']).next()?;
            (!tag.is_empty()).then(|| tag.to_ascii_lowercase())
        };
        let mut known = known();
        *known = voices.lines.iter().filter_map(primary).collect();
        Ok(known.contains(tag).then_some(tag))
    }
}

impl Voice for SpeechDispatcher {
    fn say(&self, text: &str, language: Language, cancel: &Cancel) -> Result<(), VoiceFault> {
        let mut server = self.connect(cancel)?;
        server.command("SET SELF CLIENT_NAME user:e-patrul:say")?;
        let tag = self.tag(language, &mut server)?;
        let tag = tag.ok_or(VoiceFault::NoLanguage)?;
        // Another client's wishes are another client's.
        server.command(&format!("SET SELF LANGUAGE {tag}"))?;
        server.command("SET SELF SSML_MODE OFF")?;
        server.command("SET SELF PUNCTUATION NONE")?;
        server.command("SET SELF PRIORITY MESSAGE")?;
        server.command("SET SELF NOTIFICATION END ON")?;
        server.command("SET SELF NOTIFICATION CANCEL ON")?;
        if cancel.is_cancelled() {
            return Ok(());
        }
        server.command("SPEAK")?;
        let queued = server.command(&format!("{}\r\n.", spoken(text, language)))?;
        let id = queued.lines.first().cloned();
        let id = id.filter(|_| queued.code == OK_MESSAGE_QUEUED);
        let id = id.ok_or(VoiceFault::BrokeOff)?;
        let said = server.heard(&id, cancel);
        let _ = server.send("QUIT");
        said
    }
}

/// One line, as the protocol and the voice of `language` take it.
fn spoken(text: &str, language: Language) -> String {
    // Uzbek voices read Latin script, and not the letters that stand for apostrophes.
    let text = match language {
        Language::UzbekCyrillic | Language::UzbekLatin => {
            regulation::script::latin(text).replace(['ʻ', 'ʼ'], "'")
        }
        Language::Russian | Language::English => text.to_owned(),
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.collect::<Vec<_>>().join(" ");
    // A line of one dot would end it.
    if line.starts_with('.') {
        return format!(".{line}");
    }
    line
}

/// What the server says at once: `225-21`, `225 OK MESSAGE QUEUED`.
struct Reply {
    code: u16,
    /// Those before the last.
    lines: Vec<String>,
}

struct Connection {
    stream: UnixStream,
    /// Read, and no whole line yet.
    read: Vec<u8>,
}

impl Connection {
    fn send(&mut self, line: &str) -> Result<(), VoiceFault> {
        let line = format!("{line}\r\n");
        let sent = self.stream.write_all(line.as_bytes());
        sent.map_err(|_| VoiceFault::BrokeOff)
    }

    /// The answer to `line`, which must not be a refusal. What is told of a message meanwhile is
    /// dropped: there is none yet, or it is being stopped.
    fn command(&mut self, line: &str) -> Result<Reply, VoiceFault> {
        self.send(line)?;
        let until = Instant::now() + ANSWER;
        loop {
            let reply = self.reply(until, || false)?.ok_or(VoiceFault::BrokeOff)?;
            match reply.code {
                200..300 => return Ok(reply),
                700..800 => {}
                _ => return Err(VoiceFault::BrokeOff),
            }
        }
    }

    /// Until the message `id` was heard; stops it once `cancel` asks.
    fn heard(&mut self, id: &str, cancel: &Cancel) -> Result<(), VoiceFault> {
        let until = Instant::now() + LONGEST;
        while let Some(told) = self.reply(until, || cancel.is_cancelled())? {
            let of_it = told.lines.first().is_some_and(|line| line == id);
            match told.code {
                END if of_it => return Ok(()),
                // Somebody else at this machine has stopped it.
                CANCELLED if of_it => return Err(VoiceFault::BrokeOff),
                _ => {}
            }
        }
        self.command("CANCEL SELF")?;
        if cancel.is_cancelled() {
            return Ok(());
        }
        Err(VoiceFault::BrokeOff)
    }

    /// The next reply; `None`: it is time, or `enough` says so.
    fn reply(
        &mut self,
        until: Instant,
        enough: impl Fn() -> bool,
    ) -> Result<Option<Reply>, VoiceFault> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        loop {
            while let Some(line) = self.line() {
                bytes += line.len();
                let code = line.get(..3).and_then(|code| code.parse().ok());
                let code = code.ok_or(VoiceFault::BrokeOff)?;
                let rest = line.get(4..).unwrap_or_default().to_owned();
                match line.as_bytes().get(3) {
                    Some(b'-') if bytes <= ANSWER_BYTES => lines.push(rest),
                    Some(b' ') | None => return Ok(Some(Reply { code, lines })),
                    _ => return Err(VoiceFault::BrokeOff),
                }
            }
            if self.read.len() > LINE_BYTES {
                return Err(VoiceFault::BrokeOff);
            }
            // Of a reply that has begun the rest is read.
            if Instant::now() >= until || (lines.is_empty() && enough()) {
                return Ok(None);
            }
            let mut some = [0; LINE_BYTES];
            match self.stream.read(&mut some) {
                Ok(0) => return Err(VoiceFault::BrokeOff),
                Ok(n) => self.read.extend(some.iter().take(n)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                    _ => return Err(VoiceFault::BrokeOff),
                },
            }
        }
    }

    /// A whole line that was read.
    fn line(&mut self) -> Option<String> {
        let end = self.read.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<_> = self.read.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
