//! A connection that is slow, or breaks after so many bytes: a TCP relay on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// Bytes carried at once: connections share the line in turns of that size.
const TURN: usize = 4 * 1024;

pub struct Narrow {
    pub address: SocketAddr,
    line: Arc<Line>,
}

struct Line {
    /// Bytes a second of all connections in one direction together; 0: any number.
    rate: AtomicU64,
    /// Bytes towards central before every connection breaks; negative: never.
    left: AtomicI64,
    carried: AtomicU64,
    free_at: [Mutex<Instant>; 2],
    broken: watch::Sender<u64>,
}

impl Narrow {
    pub async fn new(central: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let free_at = || Mutex::new(Instant::now());
        let line = Arc::new(Line {
            rate: AtomicU64::new(0),
            left: AtomicI64::new(-1),
            carried: AtomicU64::new(0),
            free_at: [free_at(), free_at()],
            broken: watch::Sender::new(0),
        });
        let its = Arc::clone(&line);
        tokio::spawn(async move {
            while let Ok((tablet, _)) = listener.accept().await {
                tokio::spawn(carry(Arc::clone(&its), tablet, central));
            }
        });
        Self { address, line }
    }

    pub fn limit(&self, bytes_a_second: u64) {
        self.line.rate.store(bytes_a_second, Ordering::SeqCst);
    }

    /// Every connection breaks after so many more bytes towards central.
    pub fn break_after(&self, bytes: u64) {
        let bytes = i64::try_from(bytes).unwrap();
        self.line.left.store(bytes, Ordering::SeqCst);
    }

    /// Waits until the break has come.
    pub async fn until_broken(&self) {
        let mut broken = self.line.broken.subscribe();
        if self.line.left.load(Ordering::SeqCst) >= 0 {
            broken.changed().await.unwrap();
        }
    }

    /// Bytes towards central so far.
    #[must_use]
    pub fn carried(&self) -> u64 {
        self.line.carried.load(Ordering::SeqCst)
    }
}

async fn carry(line: Arc<Line>, tablet: TcpStream, central: SocketAddr) {
    let Ok(server) = TcpStream::connect(central).await else {
        return;
    };
    for stream in [&tablet, &server] {
        stream.set_nodelay(true).ok();
    }
    let mut broken = line.broken.subscribe();
    broken.borrow_and_update();
    let (from_tablet, to_tablet) = tablet.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(&line, 0, from_tablet, to_server) => {}
        () = pass(&line, 1, from_server, to_tablet) => {}
        _ = broken.changed() => {}
    }
}

async fn pass(line: &Line, way: usize, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut bytes = [0; TURN];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let rate = line.rate.load(Ordering::SeqCst);
        if rate > 0 {
            let time = Duration::from_secs_f64(read as f64 / rate as f64);
            let at = {
                let mut free = line.free_at[way].lock().await;
                *free = (*free).max(Instant::now()) + time;
                *free
            };
            tokio::time::sleep_until(at).await;
        }
        if way == 0 {
            line.carried.fetch_add(read as u64, Ordering::SeqCst);
            let before = line.left.load(Ordering::SeqCst);
            if before >= 0 {
                let after = before - i64::try_from(read).unwrap();
                if after < 0 {
                    // The last bytes before the break still arrive.
                    let last = usize::try_from(before).unwrap();
                    to.write_all(&bytes[..last]).await.ok();
                    line.left.store(-1, Ordering::SeqCst);
                    line.broken.send_modify(|breaks| *breaks += 1);
                    return;
                }
                line.left.store(after, Ordering::SeqCst);
            }
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
