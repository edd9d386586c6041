//! The way to central, looked at because a person asks: over a new connection, from the name to the answer.

use super::Link;
use super::error::HttpError;
use std::time::{Duration, Instant};

/// How far the way went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Central answered over a trusted connection.
    Whole,
    /// No network, or no such name.
    NoNetwork,
    /// Nothing came back in time.
    Silent,
    /// The host is there, and nobody listens.
    NobodyListens,
    /// Whoever answers has no certificate of our central's, or the clocks disagree about its time.
    NotOurCentral,
    /// Central takes no connection from this tablet.
    NotLetIn,
    /// Central answers that it cannot.
    Faulty,
}

/// What was found, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayCheck {
    pub way: Way,
    pub took: Duration,
}

impl Way {
    fn of(result: Result<(), HttpError>) -> Self {
        match result {
            Ok(()) => Self::Whole,
            Err(HttpError::Network) => Self::NoNetwork,
            Err(HttpError::Timeout) => Self::Silent,
            Err(HttpError::Dropped) => Self::NobodyListens,
            Err(HttpError::Tls) => Self::NotOurCentral,
            Err(HttpError::CertificateRefused) => Self::NotLetIn,
            Err(HttpError::Malformed | HttpError::Status { .. }) => Self::Faulty,
        }
    }
}

impl Link {
    /// Bounded by five seconds. What the queue waits for is tried at once as well, if the way is whole.
    pub async fn check(&self) -> WayCheck {
        let shared = &self.0.shared;
        // What was connected before says nothing of now.
        shared.http.reconnect();
        let begun = Instant::now();
        let way = Way::of(shared.http.health().await);
        let took = begun.elapsed();
        if way == Way::Whole {
            self.nudge();
        }
        WayCheck { way, took }
    }
}
