//! A real Speech Dispatcher with espeak-ng, which a Debian machine has from the packages
//! `speech-dispatcher` and `speech-dispatcher-espeak-ng`.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tablet::device::SpeechDispatcher;

/// Of what is heard: 16 bits, one channel.
pub const RATE: u32 = 22_050;

const LONG: Duration = Duration::from_secs(30);

/// How fast the pipe is emptied.
#[derive(Clone, Copy, PartialEq)]
pub enum Pace {
    AtOnce,
    /// As a loudspeaker would.
    AsItSounds,
}

pub struct Server {
    dir: tempfile::TempDir,
    child: Option<Child>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Running, at a socket of its own.
    pub fn start(pace: Pace) -> Self {
        let mut server = Self::prepare(pace);
        let child = server
            .command("speech-dispatcher")
            .arg("--run-single")
            .args(["--timeout", "0"])
            .arg("--socket-path")
            .arg(server.socket())
            .arg("--config-dir")
            .arg(server.dir.path().join("speech-dispatcher"))
            .arg("--pid-file")
            .arg(server.dir.path().join("pid"))
            .arg("--log-dir")
            .arg(server.dir.path())
            .spawn()
            .expect("apt-get install speech-dispatcher speech-dispatcher-espeak-ng");
        server.child = Some(child);
        let until = Instant::now() + LONG;
        while std::os::unix::net::UnixStream::connect(server.socket()).is_err() {
            assert!(Instant::now() < until, "no socket");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Not running; it is this user's for a program with the environment of [`Server::command`].
    pub fn of_user(pace: Pace) -> Self {
        Self::prepare(pace)
    }

    fn prepare(pace: Pace) -> Self {
        let dir = tempfile::TempDir::new().unwrap();
        let conf = dir.path().join("speech-dispatcher");
        fs::create_dir_all(conf.join("modules")).unwrap();
        fs::write(
            conf.join("speechd.conf"),
            "LogLevel 0\nAudioOutputMethod \"alsa\"\nDefaultModule espeak-ng\nTimeout 2\n\
             AddModule \"espeak-ng\" \"sd_espeak-ng\" \"espeak-ng.conf\"\n",
        )
        .unwrap();
        fs::copy(
            "/etc/speech-dispatcher/modules/espeak-ng.conf",
            conf.join("modules/espeak-ng.conf"),
        )
        .expect("apt-get install speech-dispatcher speech-dispatcher-espeak-ng");
        let pipe = dir.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        fs::write(
            dir.path().join("asound.conf"),
            format!(
                "pcm.!default {{ type plug slave {{ pcm recorded format S16_LE rate {RATE} channels 1 }} }}\n\
                 pcm.recorded {{ type file slave.pcm nowhere file \"{}\" format raw }}\n\
                 pcm.nowhere {{ type null }}\n",
                pipe.display()
            ),
        )
        .unwrap();
        let heard = Arc::default();
        listen(&pipe, pace, Arc::clone(&heard));
        Self {
            dir,
            child: None,
            heard,
        }
    }

    /// A program whose speech goes into this server's pipe.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("ALSA_CONFIG_PATH", self.dir.path().join("asound.conf"))
            .env("XDG_RUNTIME_DIR", self.dir.path())
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("HOME", self.dir.path())
            .env_remove("SPEECHD_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    pub fn voice(&self) -> SpeechDispatcher {
        SpeechDispatcher::at(self.socket())
    }

    pub fn wait_for_sound(&self) {
        let until = Instant::now() + LONG;
        while self.heard.lock().unwrap().is_empty() {
            assert!(Instant::now() < until, "nothing is heard");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Since the last call, up to where it is silent.
    pub fn heard(&self) -> Vec<i16> {
        let mut before = usize::MAX;
        loop {
            let now = self.heard.lock().unwrap().len();
            if now == before {
                break;
            }
            before = now;
            std::thread::sleep(Duration::from_millis(300));
        }
        let bytes = std::mem::take(&mut *self.heard.lock().unwrap());
        bytes
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect()
    }
}

/// For as long as this process lives.
fn listen(pipe: &Path, pace: Pace, heard: Arc<Mutex<Vec<u8>>>) {
    // Opened for writing too: it never ends.
    let mut pipe = OpenOptions::new()
        .read(true)
        .write(true)
        .open(pipe)
        .unwrap();
    let tenth = RATE as usize / 10 * 2;
    std::thread::spawn(move || {
        let mut bytes = vec![0; tenth];
        while let Ok(n) = pipe.read(&mut bytes) {
            heard.lock().unwrap().extend(&bytes[..n]);
            if pace == Pace::AsItSounds {
                std::thread::sleep(Duration::from_secs_f64(n as f64 / tenth as f64 / 10.0));
            }
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be waiting for its sound to be heard; its engines end with it.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
