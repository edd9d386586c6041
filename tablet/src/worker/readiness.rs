//! §13: the tablet looks at itself: when it is taken over, and through the shift while it is held.
//!
//! What the devices say comes from threads of their own and is bounded in time; the rest is known to
//! the worker anyway.

use super::photo::test_capture;
use super::turn::Turn;
use super::{Inner, Worker};
use crate::device::{Camera, CameraFault, ScannerFault};
use crate::pages::{Connection, HelpPart, Screen};
use crate::vault::{Vault, VaultError};
use biometrics::finger::GreyImage;
use protocol::session::version;
use regulation::Timestamp;
use regulation::custody::{Check, CheckKind, Event, Level, Readiness};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A device that has not answered by then does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// … and this long of it a check waits for what the officer has just stopped.
pub(super) const TURN: Duration = Duration::from_secs(2);
/// In mid-shift the tablet looks at itself so often at most.
const EVERY: Duration = Duration::from_secs(60);
/// A pixel of a test picture that light has come to.
const BRIGHT: u8 = 64;
const MIB: u64 = 1024 * 1024;
const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// What a device has said.
pub(super) enum Found {
    /// Bytes that are free.
    Storage(Result<Option<u64>, VaultError>),
    Scanner(Result<GreyImage, ScannerFault>),
    Camera(Result<(), CameraFault>),
}

/// What was found last, and what is being looked at.
#[derive(Default)]
pub(super) struct Checks {
    /// Counts the times, so that what comes from an earlier one is dropped.
    run: u64,
    running: Vec<CheckKind>,
    storage: Option<Check>,
    scanner: Option<Check>,
    camera: Option<Check>,
    /// Uptime from which it is looked again.
    due: Duration,
    /// A driver that has hung keeps its thread: it is not asked a second time meanwhile.
    scanner_asked: Arc<AtomicBool>,
    camera_asked: Arc<AtomicBool>,
    certificate_ends: Option<Option<Timestamp>>,
}

impl Checks {
    /// The shift is left: the next one looks anew.
    pub(super) fn forget(&mut self) {
        *self = Self {
            run: self.run + 1,
            scanner_asked: self.scanner_asked.clone(),
            camera_asked: self.camera_asked.clone(),
            ..Self::default()
        };
    }
}

impl Worker {
    /// A page of the tablet's readiness comes: it shows how it is now.
    pub(super) fn check_anew(&mut self) {
        self.checks.due = Duration::ZERO;
    }

    pub(super) fn look_at_readiness(&mut self) {
        let shown = matches!(self.state.screen, Screen::TakeOver | Screen::Tablet);
        // There by anybody, without a shift too.
        let help = self.state.screen == Screen::Help && self.state.help.part == HelpPart::Devices;
        let wanted = help
            || self.session.is_some()
                && self.state.on_patrol()
                && (shown || self.state.custody.is_held());
        if !wanted {
            if self.session.is_none() && !self.state.custody.readiness.checks.is_empty() {
                self.checks.forget();
                self.state.custody.readiness = Readiness::default();
            }
            return;
        }
        let uptime = self.uptime();
        // The scanner, or the camera, is the officer's then.
        let in_use = self.state.screen == Screen::Finger
            || self.state.photo.is_some()
            || self.state.face.is_some();
        if self.checks.running.is_empty() && uptime >= self.checks.due && !in_use {
            self.checks.due = uptime + EVERY;
            self.ask_devices();
        }
        self.state.custody.readiness = self.readiness();
        // What came back before stands until it comes back anew.
        let known = [
            (CheckKind::Storage, self.checks.storage),
            (CheckKind::Scanner, self.checks.scanner),
            (CheckKind::Camera, self.checks.camera),
        ];
        let unknown = known.into_iter().filter(|(_, check)| check.is_none());
        self.state.custody.checking = unknown.map(|(kind, _)| kind).collect();
    }

    fn ask_devices(&mut self) {
        self.checks.run += 1;
        self.checks.running = vec![CheckKind::Storage, CheckKind::Scanner, CheckKind::Camera];
        let run = self.checks.run;
        let (vault, inner) = (self.parts.vault.clone(), self.inner.clone());
        tokio::spawn(async move {
            let found = Found::Storage(room(vault).await);
            let _ = inner.send(Inner::Checked { run, found });
        });
        let (scanner, inner) = (self.parts.scanner.clone(), self.inner.clone());
        let (asked, turn) = (self.checks.scanner_asked.clone(), self.scanner_turn.clone());
        tokio::spawn(async move {
            let frame = in_time(asked, ScannerFault::TimedOut, move || {
                let _turn = turn.take(TURN).ok_or(ScannerFault::Busy)?;
                scanner.test_frame()
            });
            let found = Found::Scanner(frame.await);
            let _ = inner.send(Inner::Checked { run, found });
        });
        let (camera, inner) = (self.parts.camera.clone(), self.inner.clone());
        let (asked, turn) = (self.checks.camera_asked.clone(), self.cameras.turn.clone());
        tokio::spawn(async move {
            let picture = test_picture(camera, asked, turn);
            let found = Found::Camera(picture.await);
            let _ = inner.send(Inner::Checked { run, found });
        });
    }

    pub(super) fn checked(&mut self, run: u64, found: Found) {
        if run != self.checks.run {
            return;
        }
        let limits = &self.parts.edition.limits.readiness;
        let kind = match found {
            Found::Storage(room) => {
                let kind = CheckKind::Storage;
                self.checks.storage = Some(match room {
                    Ok(Some(bytes)) => Check::measured(limits, kind, number(bytes / MIB)),
                    Ok(None) => Check::answers(kind, false, Level::Attention),
                    Err(_) => Check::answers(kind, false, Level::NotReady),
                });
                kind
            }
            Found::Scanner(frame) => {
                let kind = CheckKind::Scanner;
                // One that takes no picture without a finger opened, and waited for it.
                let blind = match frame {
                    Err(ScannerFault::NoFinger) => Level::Attention,
                    _ => Level::NotReady,
                };
                let sees = frame.is_ok_and(|frame| is_lit(&frame));
                self.checks.scanner = Some(Check::answers(kind, sees, blind));
                kind
            }
            Found::Camera(picture) => {
                let kind = CheckKind::Camera;
                self.checks.camera = Some(match picture {
                    Ok(()) => Check::answers(kind, true, Level::Ready),
                    Err(CameraFault::NotFitted) => Check {
                        value: Some(0),
                        ..Check::answers(kind, false, limits.no_camera)
                    },
                    Err(_) => Check::answers(kind, false, limits.camera_fault),
                });
                kind
            }
        };
        self.checks.running.retain(|running| *running != kind);
        if self.checks.running.is_empty() {
            self.state.custody.readiness = self.readiness();
            self.record_readiness();
        }
    }

    /// While the tablet is held, another state than the recorded one is recorded.
    fn record_readiness(&mut self) {
        let custody = &self.state.custody;
        let (held, now) = (custody.is_held(), custody.readiness.clone());
        let recorded = custody.custody.readiness.clone().unwrap_or_default();
        if held && now.differs(&recorded) {
            // On a full disk it is recorded a minute later, if there is room then.
            let _ = self.record_custody(Event::Checked { readiness: now });
        }
    }

    /// In the order of the kinds; those that are not known yet are left out, and without a shift its own.
    fn readiness(&mut self) -> Readiness {
        let session = self.session.as_ref();
        let limits = &self.parts.edition.limits.readiness;
        let measured = |kind, value| Check::measured(limits, kind, value);
        let unknown = |kind| Check::answers(kind, false, Level::Attention);
        let vault = &self.parts.vault;
        let now = self.parts.clock.now();
        let ends = *self
            .checks
            .certificate_ends
            .get_or_insert_with(|| vault.certificate_ends());
        let lease = session.map(|s| s.lease_until().millis_since(now).div_ceil(MINUTE_MS));
        let battery = self.battery;
        let online = self.state.connection == Connection::Online;
        let demanded = session.and_then(|s| s.kit.minimum_version.as_deref());
        let checks = [
            battery.map(|percent| measured(CheckKind::Battery, i64::from(percent))),
            self.checks.storage,
            Some(match vault.clock_off() {
                Some(off) => measured(CheckKind::Clock, number(off / 1000)),
                None => unknown(CheckKind::Clock),
            }),
            self.checks.scanner,
            self.checks.camera,
            Some(Check::answers(
                CheckKind::Connection,
                online,
                Level::Attention,
            )),
            Some(match ends {
                Some(ends) => {
                    let days = number(ends.millis_since(now) / DAY_MS);
                    // On its last day it holds still; after it, not.
                    let days = if now > ends { -1 } else { days };
                    measured(CheckKind::Certificate, days)
                }
                None => unknown(CheckKind::Certificate),
            }),
            lease.map(|lease| measured(CheckKind::Lease, number(lease))),
            Some(measured(
                CheckKind::Queue,
                number(self.state.queue.unsent()),
            )),
            Some(Check::answers(
                CheckKind::Version,
                demanded.is_none_or(|least| is_new_enough(env!("CARGO_PKG_VERSION"), least)),
                Level::NotReady,
            )),
        ];
        Readiness {
            checks: checks.into_iter().flatten().collect(),
        }
    }
}

async fn room(vault: Vault) -> Result<Option<u64>, VaultError> {
    let asked = tokio::task::spawn_blocking(move || vault.room());
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(room)) => room,
        Ok(Err(_)) | Err(_) => Err(VaultError::Io(std::io::ErrorKind::TimedOut)),
    }
}

async fn test_picture(
    camera: Arc<dyn Camera>,
    asked: Arc<AtomicBool>,
    turn: Turn,
) -> Result<(), CameraFault> {
    let look = move || test_capture(camera.as_ref(), &turn);
    in_time(asked, CameraFault::TimedOut, look).await
}

/// What a device says, or `late` where it does not in time, or has not yet said what it was asked before.
async fn in_time<T: Send + 'static, E: Send + 'static>(
    asked: Arc<AtomicBool>,
    late: E,
    ask: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    if asked.swap(true, Ordering::SeqCst) {
        return Err(late);
    }
    let answer = tokio::task::spawn_blocking(move || {
        let answer = ask();
        asked.store(false, Ordering::SeqCst);
        answer
    });
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(late),
    }
}

/// Whether there is light under the glass: a finger leaves most of it bright, and an empty one all.
fn is_lit(frame: &GreyImage) -> bool {
    let bright = frame.pixels().iter().filter(|pixel| **pixel >= BRIGHT);
    bright.count() * 10 >= frame.pixels().len()
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Of two versions as `major.minor.patch`. What central demands and cannot be read demands nothing:
/// a slip at central takes no tablet out of service.
fn is_new_enough(own: &str, least: &str) -> bool {
    match (version(own), version(least.trim())) {
        (Some(own), Some(least)) => own >= least,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_new_enough("0.10.0", "0.9.9"));
        assert!(is_new_enough("1.0.0", "1.0.0"));
        assert!(!is_new_enough("0.9.9", "0.10.0"));
        assert!(!is_new_enough("1.2.3", "1.2.4"));
        assert!(is_new_enough("1.0.0", "soon"));
    }
}
