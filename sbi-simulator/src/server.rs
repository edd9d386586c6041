//! The service: a listener on loopback, a thread a connection.

use crate::answers::{self, Asked};
use crate::http;
use crate::keys::{Keys, KeysError, Signers};
use crate::panel::{Glass, Panel, Request, Status};
use crate::record;
use crate::{Mischief, Numbers};
use biometrics::finger::GreyImage;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// From frame to frame of the stream.
const FRAME: Duration = Duration::from_millis(60);
const LOOK: Duration = Duration::from_millis(20);
const JPEG_QUALITY: u8 = 85;

/// How a record holds its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Pixel by pixel.
    Raw,
    #[default]
    Png,
    /// A whole record that was made elsewhere, instead of what lies on the glass.
    Given(Vec<u8>),
}

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port; the first free one of 4501 to 4600 where none is given, any free one for 0.
    pub port: Option<u16>,
    pub keys: Keys,
    pub serial: String,
    pub environment: String,
    /// A scanner for whole hands, with three sensors.
    pub slap: bool,
    /// Offers `STREAM`.
    pub streams: bool,
    /// Takes no capture while it streams.
    pub streams_alone: bool,
    /// A finger lies so long before it is taken.
    pub settles: Duration,
    /// Goes on with a capture whose asker has hung up.
    pub deaf: bool,
    pub numbers: Numbers,
    pub format: Format,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: None,
            keys: Keys::default(),
            serial: "SIMULATED-0001".into(),
            environment: "Staging".into(),
            slap: false,
            streams: true,
            streams_alone: false,
            settles: Duration::from_millis(120),
            deaf: false,
            numbers: Numbers::Any,
            format: Format::Png,
        }
    }
}

/// Why there is no simulator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("no port: {0}")]
    Port(#[from] std::io::Error),
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// A running simulator; it ends with this value.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    panel: Panel,
    accepting: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts the service on a thread of its own; on 127.0.0.1 alone.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(options: Options) -> Result<Self, StartError> {
        Self::start_with(options, Panel::default())
    }

    /// The same with a panel that was in use before: the same device, whose service was started anew.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start_with(options: Options, panel: Panel) -> Result<Self, StartError> {
        let listener = match options.port {
            Some(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port))?,
            None => {
                let ports: Vec<_> = (4501..=4600)
                    .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
                    .collect();
                TcpListener::bind(ports.as_slice())?
            }
        };
        let address = listener.local_addr()?;
        let signers = Signers::new(&options.keys)?;
        panel.change(|o| o.stopping = false);
        let device = Arc::new(Device {
            options,
            signers,
            panel: panel.clone(),
            port: address.port(),
        });
        let accepting = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if device.panel.lock().stopping {
                    break;
                }
                let Ok(socket) = socket else { continue };
                let device = device.clone();
                std::thread::spawn(move || device.serve(socket));
            }
        });
        Ok(Self {
            address,
            panel,
            accepting: Some(accepting),
        })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    #[must_use]
    pub fn panel(&self) -> Panel {
        self.panel.clone()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.panel.change(|o| o.stopping = true);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

struct Device {
    options: Options,
    signers: Signers,
    panel: Panel,
    port: u16,
}

/// Why a capture has no print.
enum NoPrint {
    Code(u32),
    HungUp,
}

impl Device {
    fn serve(&self, mut socket: TcpStream) {
        let Some(request) = http::read(&mut socket) else {
            http::send(&mut socket, 400, answers::error(500).to_string().as_bytes());
            return;
        };
        self.panel.heard(request.clone());
        if request.verb == "SIMULATE /panel" {
            let done = self.simulate(&request.body);
            http::send(&mut socket, if done { 200 } else { 400 }, b"{}");
            return;
        }
        let delay = self.panel.lock().delay;
        self.panel.sleep(delay);
        match request.verb.as_str() {
            "MOSIPDISC /device" if wants_fingers(&request) => {
                let body = answers::devices(&self.options, &self.panel.lock(), self.port);
                http::send(&mut socket, 200, body.to_string().as_bytes());
            }
            "MOSIPDINFO /info" => {
                let outside = self.panel.lock();
                let body = answers::infos(&self.options, &self.signers, &outside, self.port);
                drop(outside);
                self.say(&mut socket, body);
            }
            "STREAM /stream" => self.stream(&mut socket, &request.body),
            "RCAPTURE /capture" => self.capture(&mut socket, &request.body),
            // `CAPTURE` encrypts for another server, and is for devices of the purpose "Auth".
            "CAPTURE /capture" => {
                http::send(
                    &mut socket,
                    200,
                    answers::refused(809).to_string().as_bytes(),
                );
            }
            "MOSIPDISC /device" => http::send(&mut socket, 200, b"[]"),
            _ => http::send(&mut socket, 405, answers::error(500).to_string().as_bytes()),
        }
    }

    fn say(&self, socket: &mut TcpStream, body: Result<Value, KeysError>) {
        match body {
            Ok(body) => http::send(socket, 200, body.to_string().as_bytes()),
            Err(_) => http::send(socket, 500, answers::error(500).to_string().as_bytes()),
        }
    }

    /// The simulator's own verb: what a person and the world do.
    fn simulate(&self, body: &Value) -> bool {
        let Some(body) = body.as_object() else {
            return false;
        };
        let mut done = true;
        for (what, value) in body {
            let read = value.clone();
            done &= match what.as_str() {
                "place" => serde_json::from_value::<Glass>(read)
                    .map(|g| self.panel.place(g))
                    .is_ok(),
                "lift" => {
                    self.panel.lift();
                    true
                }
                "plugged" => value.as_bool().map(|p| self.panel.set_plugged(p)).is_some(),
                "blind" => value.as_bool().map(|b| self.panel.set_blind(b)).is_some(),
                "status" => serde_json::from_value::<Status>(read)
                    .map(|s| self.panel.set_status(s))
                    .is_ok(),
                "mischief" => serde_json::from_value::<Option<Mischief>>(read)
                    .map(|m| self.panel.set_mischief(m))
                    .is_ok(),
                "error" => serde_json::from_value::<Option<u32>>(read)
                    .map(|c| self.panel.set_error(c))
                    .is_ok(),
                "delay_ms" => value
                    .as_u64()
                    .map(|ms| self.panel.set_delay(Duration::from_millis(ms)))
                    .is_some(),
                _ => false,
            };
        }
        done
    }

    /// JPEG by JPEG, until a capture has ended or nobody watches.
    fn stream(&self, socket: &mut TcpStream, body: &Value) {
        let (status, plugged, mischief, captures) = {
            let o = self.panel.lock();
            (answers::status(&o), o.plugged, o.mischief, o.captures)
        };
        let code = match (self.options.streams, plugged, status) {
            (false, ..) => 601,
            (true, false, _) => 106,
            (true, true, status) => status.code(),
        };
        if code != 0 {
            http::send(
                socket,
                200,
                json!({"error": answers::error(code)})
                    .to_string()
                    .as_bytes(),
            );
            return;
        }
        if !body.is_object() || body["deviceId"] != answers::DEVICE_ID {
            let refusal = json!({"error": answers::error(605)});
            http::send(socket, 200, refusal.to_string().as_bytes());
            return;
        }
        let kind = "multipart/x-mixed-replace; boundary=--BoundaryString";
        if socket
            .write_all(http::head(200, None, kind).as_bytes())
            .is_err()
        {
            return;
        }
        self.panel.change(|o| o.streaming += 1);
        let mut shown: Option<(Arc<GreyImage>, Vec<u8>)> = None;
        loop {
            let (glass, over) = {
                let o = self.panel.lock();
                (o.glass, o.captures != captures || !o.plugged || o.stopping)
            };
            let Ok(seen) = self.panel.seen(glass) else {
                break;
            };
            if shown.as_ref().is_none_or(|(of, _)| *of != seen) {
                shown = jpeg(&seen).map(|jpeg| (seen, jpeg));
            }
            let Some((_, jpeg)) = &shown else {
                break;
            };
            if over || frame(socket, jpeg, mischief).is_none() {
                break;
            }
            self.panel.sleep(FRAME);
        }
        self.panel
            .change(|o| o.streaming = o.streaming.saturating_sub(1));
    }

    fn capture(&self, socket: &mut TcpStream, body: &Value) {
        let (error, mischief) = {
            let o = self.panel.lock();
            (o.error, o.mischief)
        };
        if let Some(code) = error {
            http::send(socket, 200, answers::refused(code).to_string().as_bytes());
            return;
        }
        let taken = match answers::asked(&self.options, body) {
            Ok(asked) => self.take(socket, &asked).map(|seen| (asked, seen)),
            Err(code) => Err(NoPrint::Code(code)),
        };
        let (asked, picture) = match taken {
            Ok(taken) => taken,
            Err(NoPrint::HungUp) => return,
            Err(NoPrint::Code(code)) => {
                http::send(socket, 200, answers::refused(code).to_string().as_bytes());
                return;
            }
        };
        let record = self.record(&asked, &picture, mischief);
        let answer = answers::print(&self.options, &self.signers, &asked, &record, mischief);
        let Ok(answer) = answer else {
            http::send(socket, 200, answers::refused(102).to_string().as_bytes());
            return;
        };
        let answer = answer.to_string().into_bytes();
        let former = self.panel.change(|o| {
            o.captures += 1;
            o.taken = Some(picture);
            match mischief {
                Some(Mischief::ReplayedTransaction) => o.former.clone(),
                _ => {
                    o.former = Some(answer.clone());
                    None
                }
            }
        });
        self.answer(socket, &former.unwrap_or(answer), mischief);
    }

    fn record(&self, asked: &Asked, picture: &GreyImage, mischief: Option<Mischief>) -> Vec<u8> {
        let position = answers::record_position(asked, mischief);
        let mut record = match &self.options.format {
            Format::Given(record) => record.clone(),
            format => record::of(picture, position, *format == Format::Raw),
        };
        match mischief {
            Some(Mischief::NotARecord) => record = b"no record at all".to_vec(),
            Some(Mischief::CutRecord) => record.truncate(record.len() / 2),
            Some(Mischief::LowResolution) => {
                let coarse = GreyImage::new(
                    picture.width(),
                    picture.height(),
                    250,
                    picture.pixels().to_vec(),
                );
                if let Ok(coarse) = coarse {
                    record = record::of(&coarse, position, false);
                }
            }
            _ => {}
        }
        record
    }

    /// Waits for a finger and takes it.
    fn take(&self, socket: &TcpStream, asked: &Asked) -> Result<Arc<GreyImage>, NoPrint> {
        let begun = self.panel.change(|o| {
            if !o.plugged {
                return Err(106);
            }
            match o.status {
                Status::Ready => {}
                other => return Err(other.code()),
            }
            if o.capturing || (self.options.streams_alone && o.streaming > 0) {
                return Err(111);
            }
            o.capturing = true;
            Ok(())
        });
        begun.map_err(NoPrint::Code)?;
        let taken = self.wait(socket, asked);
        self.panel.change(|o| o.capturing = false);
        taken
    }

    fn wait(&self, socket: &TcpStream, asked: &Asked) -> Result<Arc<GreyImage>, NoPrint> {
        let end = Instant::now() + Duration::from_millis(asked.timeout_ms);
        let mut lies: Option<(Glass, Instant)> = None;
        loop {
            let (glass, plugged, blind, stopping) = {
                let o = self.panel.lock();
                (o.glass, o.plugged, o.blind, o.stopping)
            };
            if stopping || (!self.options.deaf && http::has_hung_up(socket)) {
                return Err(NoPrint::HungUp);
            }
            if !plugged {
                return Err(NoPrint::Code(106));
            }
            if blind {
                return Err(NoPrint::Code(102));
            }
            match (glass, lies) {
                (Some(now), Some((before, since))) if now == before => {
                    if since.elapsed() >= self.options.settles {
                        return self.panel.seen(glass).map_err(|_| NoPrint::Code(102));
                    }
                }
                (Some(now), _) => lies = Some((now, Instant::now())),
                (None, _) => lies = None,
            }
            if Instant::now() >= end {
                return Err(NoPrint::Code(101));
            }
            self.panel.wait(LOOK);
        }
    }

    /// Sends an answer in the way that the mischief has.
    fn answer(&self, socket: &mut TcpStream, body: &[u8], mischief: Option<Mischief>) {
        let head = |status, length| http::head(status, Some(length), "application/json");
        let gone = |sent: std::io::Result<()>| sent.is_err() || self.panel.lock().stopping;
        match mischief {
            Some(Mischief::CutBeforeAnswer) => {}
            Some(Mischief::CutInBody) => {
                let _ = socket.write_all(head(200, body.len()).as_bytes());
                let _ = socket.write_all(&body[..body.len() / 2]);
            }
            Some(Mischief::SlowDrip) => {
                let _ = socket.write_all(head(200, body.len()).as_bytes());
                for byte in body {
                    if gone(socket.write_all(&[*byte])) {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            Some(Mischief::GiantLength) => {
                let _ = socket.write_all(head(200, 8 << 30).as_bytes());
                let _ = socket.write_all(body);
                self.panel.sleep(Duration::from_secs(10));
            }
            Some(Mischief::EndlessBody) => {
                let _ = socket.write_all(http::head(200, None, "application/json").as_bytes());
                while !gone(socket.write_all(&[b' '; 1 << 16])) {}
            }
            Some(Mischief::EndlessHead) => {
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n");
                while !gone(socket.write_all(b"X-Simulated: again and again\r\n")) {}
            }
            Some(Mischief::NotHttp) => {
                let _ = socket.write_all(b"\x16\x03\x01 no HTTP at all\r\n\r\n");
            }
            Some(Mischief::NotJson) => http::send(socket, 200, b"<html>no JSON</html>"),
            Some(Mischief::DeepJson) => http::send(socket, 200, &[b'['; 100_000]),
            Some(Mischief::ServerError) => http::send(socket, 500, b"an error of the server"),
            Some(Mischief::Silence) => self.panel.sleep(Duration::from_secs(60)),
            Some(Mischief::LengthInCharacters) => {
                let text = String::from_utf8_lossy(body).replace("Success", "Муваффақият");
                let length = text.chars().count();
                let _ = socket.write_all(head(200, length).as_bytes());
                let _ = socket.write_all(text.as_bytes());
            }
            Some(Mischief::Chunked) => {
                let _ = socket.write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
                      Content-Type: application/json\r\n\r\n",
                );
                for piece in body.chunks(1000) {
                    let _ = socket.write_all(format!("{:X}\r\n", piece.len()).as_bytes());
                    let _ = socket.write_all(&[piece, b"\r\n"].concat());
                }
                let _ = socket.write_all(b"0\r\n\r\n");
            }
            _ => http::send(socket, 200, body),
        }
    }
}

fn wants_fingers(request: &Request) -> bool {
    let kind = request.body["type"].as_str().unwrap_or_default();
    ["Finger", "Biometric Device"].contains(&kind)
}

/// One frame; `None` when the stream has come to its end.
fn frame(socket: &mut TcpStream, jpeg: &[u8], mischief: Option<Mischief>) -> Option<()> {
    if mischief == Some(Mischief::NoisyStream) {
        return socket.write_all(&[0xA5; 4096]).ok();
    }
    let length = match mischief {
        Some(Mischief::GiantFrames) => 8 << 30,
        _ => jpeg.len(),
    };
    let head = format!(
        "--BoundaryString\r\nAccess-Control-Allow-Origin:*\r\nContent-Type:image/jpeg\r\n\
         Content-Length:{length}\r\n\r\n"
    );
    let whole = [head.as_bytes(), jpeg, b"\r\n"].concat();
    socket.write_all(&whole).ok()?;
    (mischief != Some(Mischief::CutStream)).then_some(())
}

fn jpeg(picture: &GreyImage) -> Option<Vec<u8>> {
    use image::{ExtendedColorType, ImageEncoder as _};
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
        .write_image(
            picture.pixels(),
            picture.width(),
            picture.height(),
            ExtendedColorType::L8,
        )
        .ok()?;
    Some(jpeg)
}
