//! A TPM in software whose memory lies in a directory, so that it can be switched off and on.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Swtpm {
    memory: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Swtpm {
    pub fn start() -> Self {
        let memory = tempfile::tempdir().unwrap();
        // Another test may take the ports between the look and the start.
        for _ in 0..20 {
            let port = two_free_ports();
            if let Some(process) = spawn(memory.path(), port) {
                return Self {
                    memory,
                    port,
                    process,
                };
            }
        }
        panic!("swtpm does not start; is the package `swtpm` installed?");
    }

    /// Where it is, as the key store is told.
    pub fn address(&self) -> String {
        format!("swtpm:host=127.0.0.1,port={}", self.port)
    }

    /// Pulls its plug and starts it again with what it had written.
    pub fn restart(&mut self) {
        self.stop();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(process) = spawn(self.memory.path(), self.port) {
                self.process = process;
                return;
            }
            assert!(Instant::now() < deadline, "swtpm does not start again");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn stop(&mut self) {
        // SIGKILL: nothing is written on the way out.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The control channel is looked for at the next port.
fn two_free_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

fn spawn(memory: &Path, port: u16) -> Option<Child> {
    let log: PathBuf = memory.join("log");
    let mut process = Command::new("swtpm")
        .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
        .arg("--tpmstate")
        .arg(format!("dir={}", memory.display()))
        .arg("--server")
        .arg(format!("type=tcp,port={port},bindaddr=127.0.0.1"))
        .arg("--ctrl")
        .arg(format!("type=tcp,port={},bindaddr=127.0.0.1", port + 1))
        .arg("--log")
        .arg(format!("file={}", log.display()))
        .stdin(Stdio::null())
        .spawn()
        .expect("the package `swtpm` is installed");
    let deadline = Instant::now() + Duration::from_secs(60);
    // The control channel: looking at it takes no conversation away from the other.
    while TcpStream::connect(("127.0.0.1", port + 1)).is_err() {
        if process.try_wait().unwrap().is_some() || Instant::now() > deadline {
            process.kill().ok();
            process.wait().ok();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(process)
}
