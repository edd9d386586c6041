//! The network between tablet and central: a TCP relay on loopback whose plug can be pulled.
//!
//! Pulled, it closes its port and breaks every connection: the tablet meets a refused connection
//! and broken streams, as with a real outage.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// A relay to central; plugged in when made.
#[derive(Debug, Clone)]
pub struct Cable {
    address: SocketAddr,
    plugged: Arc<watch::Sender<bool>>,
}

impl Cable {
    /// A relay on `port` of loopback (0: any free one) to `central`. Runs on the current runtime.
    ///
    /// # Errors
    /// The port is not free.
    pub async fn new(central: SocketAddr, port: u16) -> io::Result<Self> {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], port)))?;
        let address = listener.local_addr()?;
        let (plugged, state) = watch::channel(true);
        tokio::spawn(relay(listener, address, central, state));
        Ok(Self {
            address,
            plugged: Arc::new(plugged),
        })
    }

    /// Where the tablet finds central.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn pull(&self) {
        self.plugged.send_replace(false);
    }

    pub fn plug_in(&self) {
        self.plugged.send_replace(true);
    }
}

async fn relay(
    listener: TcpListener,
    address: SocketAddr,
    central: SocketAddr,
    mut plugged: watch::Receiver<bool>,
) {
    let mut listener = Some(listener);
    loop {
        let on = *plugged.borrow_and_update();
        if !on {
            listener = None;
        } else if listener.is_none() {
            match listen(address) {
                Ok(bound) => listener = Some(bound),
                Err(error) => {
                    tracing::warn!(%error, "the port is taken; trying again");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            }
        }
        let Some(bound) = &listener else {
            if plugged.changed().await.is_err() {
                return;
            }
            continue;
        };
        tokio::select! {
            changed = plugged.changed() => if changed.is_err() {
                return;
            },
            accepted = bound.accept() => if let Ok((stream, _)) = accepted {
                tokio::spawn(carry(stream, central, plugged.clone()));
            },
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(64)
}

async fn carry(mut tablet: TcpStream, central: SocketAddr, mut plugged: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(central).await else {
        return;
    };
    for stream in [&tablet, &server] {
        // Small messages one after another: waiting for more would only add latency.
        let _ = stream.set_nodelay(true);
    }
    tokio::select! {
        _ = copy_bidirectional(&mut tablet, &mut server) => {}
        _ = plugged.wait_for(|on| !on) => {}
    }
}
