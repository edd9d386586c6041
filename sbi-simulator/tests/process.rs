//! The simulator as a process of its own, told what to do by its own verb.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sbi-simulator"))
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        Self { child, address }
    }

    fn raw(&self, request: &[u8]) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.write_all(request).unwrap();
        let mut answer = String::new();
        let _ = socket.read_to_string(&mut answer);
        answer
    }

    fn ask(&self, verb: &str, body: &Value) -> (String, Value) {
        let body = body.to_string();
        let request = format!(
            "{verb} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = self.raw(request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().to_owned();
        (
            status,
            serde_json::from_str(body.trim()).unwrap_or_default(),
        )
    }

    fn status(&self) -> Value {
        let (_, devices) = self.ask("MOSIPDISC /device", &json!({"type": "Finger"}));
        devices[0]["deviceStatus"].clone()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_what_it_is_and_whom_to_trust() {
    let root = std::env::temp_dir().join(format!("simulated-root-{}.pem", std::process::id()));
    let mut process = Process::start(&["--root-out", root.to_str().unwrap()]);
    let pem = std::fs::read_to_string(&root).unwrap();
    let _ = std::fs::remove_file(&root);
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    let (status, devices) = process.ask("MOSIPDISC /device", &json!({"type": "Biometric Device"}));
    assert_eq!(
        (status.as_str(), devices.as_array().unwrap().len()),
        ("200", 1)
    );
    let (_, none) = process.ask("MOSIPDISC /device", &json!({"type": "Iris"}));
    assert_eq!(none, json!([]));
    process.child.kill().unwrap();
    let mut said = String::new();
    let _ = process
        .child
        .stderr
        .as_mut()
        .unwrap()
        .read_to_string(&mut said);
    assert!(
        said.contains("SIMULATED") && said.contains("Never in production"),
        "{said}"
    );
}

#[test]
fn the_world_is_moved_by_its_own_verb() {
    let process = Process::start(&[]);
    let panel = |body: Value| process.ask("SIMULATE /panel", &body).0;
    assert_eq!(process.status(), "Ready");
    assert_eq!(panel(json!({"status": "not_ready"})), "200");
    assert_eq!(process.status(), "Not Ready");
    assert_eq!(
        panel(json!({"status": "ready", "mischief": "wrong_signature"})),
        "200"
    );
    assert_eq!(process.status(), "Ready");
    assert_eq!(
        panel(json!({"mischief": null, "error": null, "lift": true})),
        "200"
    );
    assert_eq!(panel(json!({"plugged": false})), "200");
    assert_eq!(process.status(), Value::Null);
    for wrong in [
        json!({"mischief": "no_such_thing"}),
        json!({"place": {"skin": "dry"}}),
        json!({"what": 1}),
        json!([]),
    ] {
        assert_eq!(panel(wrong.clone()), "400", "{wrong}");
    }
}

#[test]
fn a_finger_is_placed_and_taken_and_the_delay_is_kept() {
    let process = Process::start(&["--environment", "Developer", "--serial", "SIMULATED-7"]);
    let place = json!({"place": {"finger": 3, "skin": "ordinary", "touch": 1}, "delay_ms": 300});
    assert_eq!(process.ask("SIMULATE /panel", &place).0, "200");
    let body = json!({
        "env": "Developer", "purpose": "Registration", "specVersion": "0.9.5", "timeout": 5000,
        "transactionId": "abcd-1", "bio": [{
            "type": "Finger", "count": 1, "bioSubType": ["Left Thumb"], "requestedScore": 40,
            "deviceId": "SIM-1", "deviceSubId": 0, "previousHash": "",
        }],
    });
    let begun = Instant::now();
    let (_, answer) = process.ask("RCAPTURE /capture", &body);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(
        answer["biometrics"][0]["error"]["errorCode"], "0",
        "{answer}"
    );
    let mut other = body.clone();
    other["env"] = "Staging".into();
    let (_, refused) = process.ask("RCAPTURE /capture", &other);
    assert_eq!(refused["biometrics"][0]["error"]["errorCode"], "115");
}

#[test]
fn requests_are_read_as_strictly_as_by_hand() {
    let process = Process::start(&[]);
    for request in [
        &b"MOSIPDISC /device HTTP/1.1\r\nContent-Length:17\r\n\r\n{\"type\":\"Finger\"}"[..],
        b"MOSIPDISC /device HTTP/1.0\r\nContent-Length: 17\r\n\r\n{\"type\":\"Finger\"}",
        "MOSIPDISC /device HTTP/1.1\r\nContent-Length: 2\r\nEXT: \u{447}\r\n\r\n{}".as_bytes(),
        b"MOSIPDISC /device HTTP/1.1\r\nContent-Length: 1\r\n\r\n{",
    ] {
        let answer = process.raw(request);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    let (status, _) = process.ask("GET /", &json!({}));
    assert_eq!(status, "405");
    assert_eq!(process.status(), "Ready", "it goes on");
}
