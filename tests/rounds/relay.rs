//! The network between tablet and central, with its faults: a TCP relay on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::channel;
use tokio::sync::watch;
use tokio::time::Instant;

/// Bytes carried at once, and how often that may be under way.
const CHUNK: usize = 16 * 1024;
const UNDER_WAY: usize = 16;

/// What the network does. A change takes hold of connections that are open, too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    Fair,
    /// Every connection is broken at once, new ones too.
    Cut,
    /// Everything is taken and nothing comes out: a tunnel, a dead cell.
    HalfOpen,
    /// So many bytes a second, in each direction of all connections together.
    Throttled(u64),
    /// Every byte arrives so much later.
    Late(Duration),
    /// A connection is reset after so many bytes of the tablet's.
    ResetAfter(u64),
    /// A login page of somebody's Wi-Fi, in plain HTTP.
    Portal,
    /// Somebody else answers, in TLS: a captive portal, or an attacker.
    Elsewhere(SocketAddr),
    /// Requests arrive; what central says to more than so many bytes of them never comes back.
    RepliesLost(u64),
}

/// A relay; it ends with the runtime it was made on.
#[derive(Clone)]
pub struct Relay {
    address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    shared: Arc<Shared>,
}

struct Shared {
    /// Bytes of central's that never came back.
    swallowed: AtomicU64,
    /// When the throttle lets the next byte through, for each direction.
    free: [tokio::sync::Mutex<Option<Instant>>; 2],
}

impl Relay {
    pub async fn new(central: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = Self {
            address: listener.local_addr().unwrap(),
            weather: Arc::new(watch::Sender::new(Weather::Fair)),
            shared: Arc::new(Shared {
                swallowed: AtomicU64::new(0),
                free: Default::default(),
            }),
        };
        let (weather, shared) = (relay.weather.clone(), relay.shared.clone());
        tokio::spawn(async move {
            while let Ok((tablet, _)) = listener.accept().await {
                tokio::spawn(connection(
                    tablet,
                    central,
                    weather.subscribe(),
                    shared.clone(),
                ));
            }
        });
        relay
    }

    /// Where the tablet finds central.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    pub fn swallowed(&self) -> u64 {
        self.shared.swallowed.load(Relaxed)
    }
}

async fn connection(
    mut tablet: TcpStream,
    central: SocketAddr,
    mut weather: watch::Receiver<Weather>,
    shared: Arc<Shared>,
) {
    let now = *weather.borrow_and_update();
    let target = match now {
        Weather::Cut => return reset(&tablet),
        Weather::Portal => return portal(&mut tablet).await,
        Weather::Elsewhere(other) => other,
        _ => central,
    };
    let Ok(mut server) = TcpStream::connect(target).await else {
        return reset(&tablet);
    };
    for stream in [&tablet, &server] {
        // Small messages one after another: waiting for more would only add latency.
        stream.set_nodelay(true).unwrap();
    }
    let said = Arc::new(AtomicU64::new(0));
    let pipe = |up| Pipe {
        up,
        weather: weather.clone(),
        said: said.clone(),
        shared: shared.clone(),
    };
    let (up, down) = (pipe(true), pipe(false));
    // What began under one sky does not go on under another that would not have let it begin.
    let other = |w: &Weather| match w {
        Weather::Cut | Weather::Portal => true,
        Weather::Elsewhere(address) => *address != target,
        _ => target != central,
    };
    let (mut from_tablet, mut to_tablet) = tablet.split();
    let (mut from_server, mut to_server) = server.split();
    tokio::select! {
        () = up.carry(&mut from_tablet, &mut to_server) => {}
        () = down.carry(&mut from_server, &mut to_tablet) => {}
        _ = weather.wait_for(other) => {}
    }
    if matches!(*weather.borrow(), Weather::Cut | Weather::ResetAfter(_)) {
        reset(&tablet);
    }
}

/// Closes with a reset: what has not been read is lost, as with a router that forgets.
fn reset(stream: &TcpStream) {
    stream.set_zero_linger().ok();
}

async fn portal(tablet: &mut TcpStream) {
    let mut hello = [0; 1024];
    // Whatever was said: it is not looked at.
    let (Ok(_) | Err(_)) = tablet.read(&mut hello).await;
    let page = "<html><body>Wi-Fi</body></html>";
    let answer = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    tablet.write_all(answer.as_bytes()).await.ok();
}

/// One direction of a connection.
struct Pipe {
    up: bool,
    weather: watch::Receiver<Weather>,
    /// What the tablet has said on this connection, bytes.
    said: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Pipe {
    /// Until one side closes or the weather breaks it.
    async fn carry(&self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) {
        // What is under way: the moment it arrives, and the bytes.
        let (depart, mut arrive) = channel::<(Instant, Vec<u8>)>(UNDER_WAY);
        let leave = async move {
            while let Some(step) = self.read(from).await {
                if depart.send(step).await.is_err() {
                    return;
                }
            }
        };
        let come = async {
            while let Some((at, bytes)) = arrive.recv().await {
                let weather = *self.weather.borrow();
                if let Weather::Throttled(rate) = weather {
                    self.turn(bytes.len() as u64, rate).await;
                }
                tokio::time::sleep_until(at).await;
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            // What is under way still arrives.
            () = async { leave.await; std::future::pending().await } => {}
            () = come => {}
        }
    }

    /// The next bytes and when they arrive; `None`: the connection is over.
    async fn read(&self, from: &mut ReadHalf<'_>) -> Option<(Instant, Vec<u8>)> {
        let mut swallowed = false;
        loop {
            let mut bytes = vec![0; CHUNK];
            // A tenth of a second at a time.
            if let Weather::Throttled(rate) = *self.weather.borrow() {
                bytes.truncate((rate / 10).clamp(1, CHUNK as u64) as usize);
            }
            let read = from.read(&mut bytes).await.ok().filter(|n| *n > 0)?;
            bytes.truncate(read);
            let said = match self.up {
                true => self.said.fetch_add(read as u64, Relaxed) + read as u64,
                false => self.said.load(Relaxed),
            };
            let mut at = Instant::now();
            // It may have turned while nothing was said.
            match *self.weather.borrow() {
                Weather::HalfOpen => {
                    swallowed = true;
                    continue;
                }
                // Nobody sends again what was swallowed here.
                _ if swallowed => return None,
                Weather::Late(by) => at += by,
                Weather::ResetAfter(most) if self.up && said > most => return None,
                Weather::RepliesLost(most) if !self.up && said > most => {
                    self.shared.swallowed.fetch_add(read as u64, Relaxed);
                    return None;
                }
                _ => {}
            }
            return Some((at, bytes));
        }
    }

    async fn turn(&self, bytes: u64, rate: u64) {
        let free = &self.shared.free[usize::from(self.up)];
        let turn = {
            let mut free = free.lock().await;
            let from = free.unwrap_or_else(Instant::now).max(Instant::now());
            let turn = from + Duration::from_secs_f64(bytes as f64 / rate as f64);
            *free = Some(turn);
            turn
        };
        let mut weather = self.weather.clone();
        let still = *weather.borrow();
        // A slow link that has become a fast one does not go on being slow.
        tokio::select! {
            () = tokio::time::sleep_until(turn) => {}
            _ = weather.wait_for(|w| *w != still) => {}
        }
    }
}
