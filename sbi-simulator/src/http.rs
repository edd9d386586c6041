//! HTTP as vendors' services read it, by hand: head and body in one piece, `Content-Length: N` with
//! one space, ASCII. What is not so is refused, as real ones do less politely.

use crate::panel::Request;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const MAX_REQUEST: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a request; `None` for what no service would understand.
pub fn read(socket: &mut TcpStream) -> Option<Request> {
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    let mut reads = 0;
    let end = Instant::now() + PATIENCE;
    loop {
        let read = socket.read(&mut piece).ok()?;
        if read == 0 || bytes.len() + read > MAX_REQUEST || Instant::now() > end {
            return None;
        }
        bytes.extend_from_slice(&piece[..read]);
        reads += 1;
        let text = std::str::from_utf8(&bytes).ok().filter(|t| t.is_ascii())?;
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))?
            .parse()
            .ok()?;
        if body.len() < length {
            continue;
        }
        let (verb, rest) = head.split_once(' ')?;
        let (path, version) = rest.lines().next()?.split_once(' ')?;
        if version != "HTTP/1.1" {
            return None;
        }
        let body = match length {
            0 => serde_json::Value::Null,
            _ => serde_json::from_str(body.get(..length)?).ok()?,
        };
        return Some(Request {
            verb: format!("{verb} {path}"),
            body,
            in_one: reads == 1,
        });
    }
}

/// The head of an answer.
pub fn head(status: u16, length: Option<usize>, kind: &str) -> String {
    let length = length.map_or(String::new(), |l| format!("Content-Length: {l}\r\n"));
    format!(
        "HTTP/1.1 {status} OK\r\nCACHE-CONTROL:no-store\r\n{length}Content-Type: {kind}\r\n\
         Server: Simulated SBI, never in production\r\nConnection: close\r\n\r\n"
    )
}

/// Whether the other side has hung up; what it still sends is passed over.
pub fn has_hung_up(socket: &TcpStream) -> bool {
    if socket.set_nonblocking(true).is_err() {
        return true;
    }
    let hung_up = match socket.peek(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    };
    hung_up || socket.set_nonblocking(false).is_err()
}

/// Sends an answer. A client that is gone is no fault of the service.
pub fn send(socket: &mut TcpStream, status: u16, body: &[u8]) {
    let mut answer = head(status, Some(body.len()), "application/json").into_bytes();
    answer.extend_from_slice(body);
    let _ = socket.write_all(&answer);
    // Vendors' services send more line ends than they counted.
    let _ = socket.write_all(b"\r\n\r\n");
}
