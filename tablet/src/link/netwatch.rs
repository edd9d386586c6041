//! Hears of network changes, so that a tablet that comes back into coverage sends at once.

use std::future::Future;
use std::pin::Pin;

/// Says when addresses or routes of this tablet changed.
pub trait NetworkWatch: Send + 'static {
    /// Ends at the next change.
    fn changed(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// For systems that tell nothing: retries alone find out.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoWatch;

impl NetworkWatch for NoWatch {
    fn changed(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::pending())
    }
}

/// What this system offers. Must be called on a Tokio runtime.
#[must_use]
pub fn system_watch() -> Box<dyn NetworkWatch> {
    #[cfg(target_os = "linux")]
    match linux::Netlink::new() {
        Ok(watch) => return Box::new(watch),
        Err(error) => tracing::warn!(kind = ?error.kind(), "network changes are not heard of"),
    }
    Box::new(NoWatch)
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Future, NetworkWatch, Pin};
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType};
    use std::io;
    use std::time::Duration;
    use tokio::net::UnixDatagram;

    /// Addresses and routes, IPv4 and IPv6; not links, which chatter with every signal strength.
    const GROUPS: u32 = 0x10 | 0x40 | 0x100 | 0x400;
    /// A network that comes up says many things in a row.
    const SETTLE: Duration = Duration::from_millis(150);

    /// The kernel's own announcements (rtnetlink). A datagram socket to the runtime: of the Unix
    /// socket's type only receiving is used, which is the same call for every family.
    #[derive(Debug)]
    pub(super) struct Netlink(UnixDatagram);

    impl Netlink {
        pub(super) fn new() -> io::Result<Self> {
            let socket = rustix::net::socket_with(
                AddressFamily::NETLINK,
                SocketType::RAW,
                SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
                // Protocol 0 is NETLINK_ROUTE.
                None,
            )?;
            rustix::net::bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
            Ok(Self(UnixDatagram::from_std(socket.into())?))
        }

        /// Waits for an announcement; what it says is not of interest. An error is news as well:
        /// announcements came faster than they were read.
        async fn hear(&self) {
            if self.0.recv(&mut [0; 4096]).await.is_err() {
                tokio::time::sleep(SETTLE).await;
            }
        }
    }

    impl NetworkWatch for Netlink {
        fn changed(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
            Box::pin(async {
                self.hear().await;
                while tokio::time::timeout(SETTLE, self.hear()).await.is_ok() {}
            })
        }
    }
}
