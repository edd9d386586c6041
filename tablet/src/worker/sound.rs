//! The desk is called by sound (§4, §21): once to what comes, and again and again to an alarm until
//! somebody touches the screen.

use super::Worker;
use crate::device::Signal;
use protocol::{Alert, AlertKind, AlertUrgency, DeskBoard};
use std::mem::discriminant;
use std::time::Duration;

/// An alarm that nobody has looked at sounds again after so long.
const AGAIN: Duration = Duration::from_secs(20);

/// Whether both are about the same, whatever has become of it.
fn same(a: &Alert, b: &Alert) -> bool {
    let kind = |alert: &Alert| discriminant(&alert.kind);
    (a.session, a.at, kind(a)) == (b.session, b.at, kind(b))
}

fn signal(kind: &AlertKind) -> Option<Signal> {
    match kind.urgency().0 {
        AlertUrgency::Alarm => Some(Signal::Alarm),
        AlertUrgency::Notice => Some(Signal::Notice),
        AlertUrgency::Quiet => None,
    }
}

impl Worker {
    /// A board has come after `before`; the first one of a desk that was just opened is being looked at
    /// already.
    pub(super) fn call_to_board(&mut self, before: Option<&DeskBoard>) {
        let board = self
            .state
            .desk
            .as_ref()
            .and_then(|desk| desk.board.as_ref());
        let alerts = board
            .map(|board| board.alerts.as_slice())
            .unwrap_or_default();
        let alarm = alerts
            .iter()
            .any(|alert| signal(&alert.kind) == Some(Signal::Alarm));
        let called = before.and_then(|before| {
            let is_new = |alert: &&Alert| !before.alerts.iter().any(|known| same(known, alert));
            let new = alerts.iter().filter(is_new);
            new.filter_map(|alert| signal(&alert.kind)).max()
        });
        if !alarm {
            self.alarm_again = None;
        }
        if let Some(signal) = called {
            self.parts.speaker.sound(signal);
            if signal == Signal::Alarm {
                self.alarm_again = Some(self.uptime() + AGAIN);
            }
        }
    }

    /// How long until the alarm sounds again.
    pub(super) fn until_call(&self) -> Option<Duration> {
        let due = self.alarm_again.filter(|_| self.has_desk())?;
        Some(due.saturating_sub(self.uptime()))
    }

    pub(super) fn look_at_calls(&mut self) {
        if self.until_call() == Some(Duration::ZERO) {
            self.parts.speaker.sound(Signal::Alarm);
            self.alarm_again = Some(self.uptime() + AGAIN);
        }
    }

    /// Somebody is there.
    pub(super) fn heard(&mut self) {
        self.alarm_again = None;
    }
}
