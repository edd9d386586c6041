//! The desk is called by sound (§4, §21): once to what comes, and again and again to an alarm until
//! somebody touches the screen.

use super::Worker;
use crate::device::Signal;
use protocol::{Alert, AlertKind, AlertUrgency, DeskBoard, SessionId};
use regulation::Timestamp;
use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

/// An alarm that nobody has looked at sounds again after so long.
const AGAIN: Duration = Duration::from_secs(20);

/// What an alert is known by from one board to the next.
type Key = (SessionId, Timestamp, Discriminant<AlertKind>);

fn key(alert: &Alert) -> Key {
    (alert.session, alert.at, discriminant(&alert.kind))
}

/// What was called to already.
#[derive(Default)]
pub(super) struct Calls {
    known: HashSet<Key>,
    /// Uptime from which the alarm sounds again.
    again: Option<Duration>,
}

impl Worker {
    /// A board has come; the first one of a desk that was just opened is being looked at already.
    pub(super) fn call_to(&mut self, board: &DeskBoard, first: bool) {
        let new = board
            .alerts
            .iter()
            .filter(|alert| !self.calls.known.contains(&key(alert)));
        let signal = new.filter_map(|alert| signal(&alert.kind)).max();
        self.calls.known = board.alerts.iter().map(key).collect();
        let alarms = |alert: &Alert| self::signal(&alert.kind) == Some(Signal::Alarm);
        if !board.alerts.iter().any(alarms) {
            self.calls.again = None;
        }
        if let Some(signal) = signal.filter(|_| !first) {
            self.parts.speaker.sound(signal);
            if signal == Signal::Alarm {
                self.calls.again = Some(self.uptime() + AGAIN);
            }
        }
    }

    /// How long until the alarm sounds again.
    pub(super) fn until_call(&self) -> Option<Duration> {
        let due = self.calls.again.filter(|_| self.has_desk())?;
        Some(due.saturating_sub(self.uptime()))
    }

    pub(super) fn look_at_calls(&mut self) {
        if self.until_call() == Some(Duration::ZERO) {
            self.parts.speaker.sound(Signal::Alarm);
            self.calls.again = Some(self.uptime() + AGAIN);
        }
    }

    /// Somebody is there.
    pub(super) fn heard(&mut self) {
        self.calls.again = None;
    }
}

fn signal(kind: &AlertKind) -> Option<Signal> {
    match kind.urgency().0 {
        AlertUrgency::Alarm => Some(Signal::Alarm),
        AlertUrgency::Notice => Some(Signal::Notice),
        AlertUrgency::Quiet => None,
    }
}
