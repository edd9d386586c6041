//! HTTP/1.1 with the verbs of SBI, over loopback alone. A client of our own: the verbs are not those
//! of HTTP, and services on the other side read requests by hand, so a request is one write of ASCII
//! with `Content-Length: N`. Every size has a limit, and every exchange ends at its deadline.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Bytes of an answer's head.
pub const MAX_HEAD: usize = 16 * 1024;
/// Lines of it.
const MAX_LINES: usize = 64;
/// A request that is stopped notices at the latest after this.
const STOP_CHECK: Duration = Duration::from_millis(20);
/// Loopback answers at once or never.
const CONNECT: Duration = Duration::from_millis(300);
/// So long the rest of an answer is waited for that is longer than it says.
const REST: Duration = Duration::from_millis(200);
const CHUNK: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpFault {
    #[error("nothing listens")]
    Refused,
    #[error("the connection broke")]
    Broken,
    #[error("no whole answer came in time")]
    TimedOut,
    #[error("it was stopped")]
    Stopped,
    #[error("the answer is longer than any may be")]
    TooLong,
    #[error("the answer is no HTTP")]
    Malformed,
}

/// Ends an exchange: at a moment, or when asked to.
#[derive(Clone, Copy)]
pub struct Until<'a> {
    pub deadline: Instant,
    pub stopped: &'a dyn Fn() -> bool,
}

impl Until<'_> {
    fn wait(&self) -> Result<Duration, HttpFault> {
        if (self.stopped)() {
            return Err(HttpFault::Stopped);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpFault::TimedOut);
        }
        // Never zero, which would mean "for ever".
        Ok(left.min(STOP_CHECK).max(Duration::from_millis(1)))
    }
}

/// Status line and the lines that are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    pub length: Option<usize>,
    pub chunked: bool,
    pub content_type: String,
}

/// Reads an answer's head, if it is whole: the head, and how many bytes it has.
///
/// # Errors
/// [`HttpFault::Malformed`], also for a length that is none or is said twice with different values.
pub fn read_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, HttpFault> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_LINES];
    let mut response = httparse::Response::new(&mut lines);
    let size = match response.parse(bytes) {
        Ok(httparse::Status::Complete(size)) => size,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(HttpFault::Malformed),
    };
    let mut head = Head {
        status: response.code.ok_or(HttpFault::Malformed)?,
        length: None,
        chunked: false,
        content_type: String::new(),
    };
    for line in response.headers.iter() {
        let value = std::str::from_utf8(line.value).unwrap_or_default().trim();
        match line.name.to_ascii_lowercase().as_str() {
            "content-length" => {
                let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                let length = value.parse().ok().filter(|_| digits);
                let length = length.ok_or(HttpFault::Malformed)?;
                if head.length.is_some_and(|before| before != length) {
                    return Err(HttpFault::Malformed);
                }
                head.length = Some(length);
            }
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => head.chunked = true,
            "transfer-encoding" => return Err(HttpFault::Malformed),
            "content-type" => head.content_type = value.to_owned(),
            _ => {}
        }
    }
    Ok(Some((head, size)))
}

/// A connection on which one request was sent; it ends with this value.
#[derive(Debug)]
pub struct Exchange {
    socket: TcpStream,
    pub head: Head,
    /// What was read beyond what is used.
    buffer: Zeroizing<Vec<u8>>,
    piece: Zeroizing<Vec<u8>>,
}

impl Exchange {
    /// Sends a request to the service on `port` and reads the answer's head.
    ///
    /// # Errors
    /// [`HttpFault`].
    pub fn begin(
        port: u16,
        verb: &str,
        path: &str,
        body: &[u8],
        until: Until<'_>,
    ) -> Result<Self, HttpFault> {
        let mut socket = connect(port, until.deadline)?;
        let mut request = format!(
            "{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nEXT: e-patrul\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        socket
            .set_write_timeout(Some(CONNECT))
            .and_then(|()| socket.write_all(&request))
            .map_err(|_| HttpFault::Broken)?;
        let mut buffer = Zeroizing::new(Vec::new());
        let mut piece = Zeroizing::new(vec![0; CHUNK]);
        let head = loop {
            if let Some((head, size)) = read_head(&buffer)? {
                buffer.drain(..size);
                break head;
            }
            if buffer.len() >= MAX_HEAD {
                return Err(HttpFault::TooLong);
            }
            if more(&mut socket, &mut piece, &mut buffer, until)? == 0 {
                return Err(HttpFault::Broken);
            }
        };
        Ok(Self {
            socket,
            head,
            buffer,
            piece,
        })
    }

    /// The answer's body, of at most `most` bytes.
    ///
    /// # Errors
    /// [`HttpFault`]; a body that ends before its length does is [`HttpFault::Broken`].
    pub fn body(&mut self, most: usize, until: Until<'_>) -> Result<Zeroizing<Vec<u8>>, HttpFault> {
        if self.head.chunked {
            return self.chunks(most, until);
        }
        let wanted = self.head.length.unwrap_or(usize::MAX);
        if self.head.length.is_some_and(|length| length > most) {
            return Err(HttpFault::TooLong);
        }
        while self.buffer.len() < wanted {
            let ended = self.more(until)? == 0;
            if ended && self.head.length.is_none() {
                break;
            }
            if ended {
                return Err(HttpFault::Broken);
            }
            if self.buffer.len() > most {
                return Err(HttpFault::TooLong);
            }
        }
        let end = wanted.min(self.buffer.len());
        let rest = self.buffer.split_off(end);
        Ok(std::mem::replace(&mut self.buffer, Zeroizing::new(rest)))
    }

    /// What follows a body that turned out to be cut: some services count characters where they
    /// should count bytes, and say too short a length.
    pub fn rest(&mut self, most: usize) -> Zeroizing<Vec<u8>> {
        let until = Until {
            deadline: Instant::now() + REST,
            stopped: &|| false,
        };
        while self.buffer.len() < most {
            match self.more(until) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        self.buffer.truncate(most);
        std::mem::replace(&mut self.buffer, Zeroizing::new(Vec::new()))
    }

    /// The next bytes as they come, of a stream that has no end of its own; empty at its end.
    ///
    /// # Errors
    /// [`HttpFault`].
    pub fn piece(&mut self, until: Until<'_>) -> Result<Zeroizing<Vec<u8>>, HttpFault> {
        if self.buffer.is_empty() {
            self.more(until)?;
        }
        Ok(std::mem::replace(
            &mut self.buffer,
            Zeroizing::new(Vec::new()),
        ))
    }

    /// RFC 9112 7.1.
    fn chunks(&mut self, most: usize, until: Until<'_>) -> Result<Zeroizing<Vec<u8>>, HttpFault> {
        let mut body = Zeroizing::new(Vec::new());
        loop {
            let (at, size) = loop {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) if self.buffer.len() < MAX_HEAD => {}
                    Ok(httparse::Status::Partial) | Err(_) => return Err(HttpFault::Malformed),
                }
                self.need(self.buffer.len() + 1, until)?;
            };
            let size = usize::try_from(size).map_err(|_| HttpFault::TooLong)?;
            if size > most.saturating_sub(body.len()) {
                return Err(HttpFault::TooLong);
            }
            if size == 0 {
                return Ok(body);
            }
            self.need(at + size + 2, until)?;
            body.extend_from_slice(&self.buffer[at..at + size]);
            if self.buffer[at + size..at + size + 2] != *b"\r\n" {
                return Err(HttpFault::Malformed);
            }
            self.buffer.drain(..at + size + 2);
        }
    }

    fn more(&mut self, until: Until<'_>) -> Result<usize, HttpFault> {
        more(&mut self.socket, &mut self.piece, &mut self.buffer, until)
    }

    fn need(&mut self, bytes: usize, until: Until<'_>) -> Result<(), HttpFault> {
        while self.buffer.len() < bytes {
            if self.more(until)? == 0 {
                return Err(HttpFault::Broken);
            }
        }
        Ok(())
    }
}

fn connect(port: u16, deadline: Instant) -> Result<TcpStream, HttpFault> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let left = deadline.saturating_duration_since(Instant::now());
    let socket = TcpStream::connect_timeout(&address, CONNECT.min(left).max(STOP_CHECK))
        .map_err(|_| HttpFault::Refused)?;
    // A print never leaves this machine by this way, whatever the routing table says.
    let loopback = socket.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
    // A port connects to itself when it is the one that the system chose for the client.
    let own = socket.local_addr().is_ok_and(|local| local == address);
    if !loopback || own {
        return Err(HttpFault::Refused);
    }
    let _ = socket.set_nodelay(true);
    Ok(socket)
}

/// Whether something listens on the port.
#[must_use]
pub fn listens(port: u16) -> bool {
    connect(port, Instant::now() + CONNECT).is_ok()
}

/// Reads once; 0 at the end.
fn more(
    socket: &mut TcpStream,
    piece: &mut [u8],
    buffer: &mut Vec<u8>,
    until: Until<'_>,
) -> Result<usize, HttpFault> {
    loop {
        let wait = until.wait()?;
        socket
            .set_read_timeout(Some(wait))
            .map_err(|_| HttpFault::Broken)?;
        match socket.read(piece) {
            Ok(read) => {
                buffer.extend_from_slice(&piece[..read]);
                return Ok(read);
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                _ => return Err(HttpFault::Broken),
            },
        }
    }
}

/// A whole exchange: status and body. `whole` tells whether a body is all that it should be.
///
/// # Errors
/// [`HttpFault`].
pub fn ask(
    port: u16,
    (verb, path): (&str, &str),
    body: &[u8],
    most: usize,
    until: Until<'_>,
    whole: impl Fn(&[u8]) -> bool,
) -> Result<(u16, Zeroizing<Vec<u8>>), HttpFault> {
    let mut exchange = Exchange::begin(port, verb, path, body, until)?;
    let mut answer = exchange.body(most, until)?;
    let counted = exchange.head.length.is_some() && !exchange.head.chunked;
    if counted && !whole(&answer) {
        let rest = exchange.rest(most - answer.len());
        let longer = Zeroizing::new([answer.as_slice(), rest.as_slice()].concat());
        if whole(&longer) {
            answer = longer;
        }
    }
    Ok((exchange.head.status, answer))
}
