//! The scanner, on a thread of its own, and the question that its print becomes.

use super::record::NotRecorded;
use super::{Inner, Worker};
use crate::device::{Cancel, CaptureRequest, Captured, ScannerFault};
use crate::pages::{CaptureState, Screen};
use protocol::{Probe, Question, limits};
use regulation::encounter::{Basis, Event, Finger, FingerLack, NextFinger};
use regulation::{EncounterId, QuestionId};
use std::time::Duration;

/// The record's word for a print whose quality was below the edition's.
const LOW_QUALITY: &str = "low_quality";

/// So long a capture waits for a check of the scanner, or for one that was stopped.
const PATIENCE: Duration = Duration::from_secs(3);

impl Worker {
    /// §8, §12: asks the machine first; no order of taps starts a capture that it would refuse.
    pub(super) fn start_capture(&mut self, id: EncounterId) {
        let running = matches!(self.state.capture, CaptureState::Running { .. });
        if running || self.state.screen != Screen::Finger {
            return;
        }
        let allowed = self
            .state
            .current_entry()
            .map_or(Err(regulation::encounter::Refusal::NotOpen), |entry| {
                entry.encounter.may_capture_fingerprint()
            });
        if let Err(refusal) = allowed {
            self.state.refusal = Some(refusal);
            return;
        }
        debug_assert_eq!(self.state.current, Some(id));
        self.weak = None;
        self.capture += 1;
        let (capture, cancel) = (self.capture, Cancel::default());
        let request = CaptureRequest {
            finger: self.state.finger,
            timeout: Duration::from_secs(self.parts.edition.limits.capture_timeout_seconds),
            enough: self.parts.edition.limits.fingerprint_quality,
        };
        let (scanner, inner) = (self.parts.scanner.clone(), self.inner.clone());
        let (stop, turn) = (cancel.clone(), self.scanner_turn.clone());
        let spawned = std::thread::Builder::new()
            .name("scanner".into())
            .spawn(move || {
                let mut preview = |preview: &crate::device::Preview| {
                    let _ = inner.send(Inner::Preview {
                        capture,
                        preview: Box::new(preview.clone()),
                    });
                };
                // A check of the scanner (§13) may be under way: it takes one picture.
                let result = match turn.take(PATIENCE) {
                    Some(_turn) => scanner.capture(&request, &mut preview, &stop),
                    None => Err(ScannerFault::Busy),
                };
                let _ = inner.send(Inner::Captured { capture, result });
            });
        match spawned {
            Ok(_) => {
                self.cancel = Some(cancel);
                self.state.capture = CaptureState::Running { quality: None };
            }
            Err(error) => {
                tracing::error!(%error, "no thread for the scanner");
                self.state.capture = CaptureState::Fault(ScannerFault::Busy);
            }
        }
    }

    /// §12: the finger that is proposed; otherwise the one chosen, if the person has it.
    pub(super) fn choose_finger(&mut self) {
        let now = self.parts.clock.now();
        let edition = self.parts.edition.clone();
        let chosen = self.state.finger;
        let Some(entry) = self.state.current_entry() else {
            return;
        };
        let encounter = &entry.encounter;
        let finger = match encounter.next_finger(&edition, now) {
            Some(
                NextFinger::Same(finger)
                | NextFinger::OfTheHand(finger)
                | NextFinger::OtherHand(finger),
            ) => Some(finger),
            Some(NextFinger::GoOn(_)) | None if encounter.has_finger(chosen) => None,
            Some(NextFinger::GoOn(_)) | None => encounter.first_finger(),
        };
        if let Some(finger) = finger {
            self.state.finger = finger;
        }
    }

    /// §12: noted once for the encounter; what stands already is not recorded again.
    pub(super) fn note_fingers(
        &mut self,
        id: EncounterId,
        missing: Vec<Finger>,
        injured: Vec<Finger>,
    ) -> Result<(), NotRecorded> {
        if self.state.screen != Screen::Finger {
            return Ok(());
        }
        self.stop_capture();
        for (why, mut fingers) in [
            (FingerLack::Missing, missing),
            (FingerLack::Injured, injured),
        ] {
            fingers.sort_unstable();
            fingers.dedup();
            let noted: Vec<_> = self
                .state
                .current_entry()
                .map(|entry| {
                    let of_kind = entry.encounter.unavailable.iter();
                    of_kind.filter(|l| l.why == why).map(|l| l.finger).collect()
                })
                .unwrap_or_default();
            if noted != fingers {
                self.record(id, Event::FingersUnavailable { fingers, why })?;
            }
        }
        self.choose_finger();
        self.show_answer_if_awaited();
        Ok(())
    }

    /// How long until the page proposes to go on (§5); `None` where nothing runs.
    pub(super) fn until_go_on(&self) -> Option<Duration> {
        if self.state.screen != Screen::Finger {
            return None;
        }
        let entry = self.state.current_entry()?;
        let at = entry.encounter.go_on_at(&self.parts.edition)?;
        let left = at.millis_since(self.parts.clock.now());
        (left > 0).then(|| Duration::from_millis(left))
    }

    /// Stops a running capture and forgets a print that was not sent.
    pub(super) fn stop_capture(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            cancel.cancel();
        }
        // What the stopped capture still says belongs to no capture any more.
        self.capture += 1;
        self.weak = None;
        self.state.capture = CaptureState::Idle;
    }

    pub(super) fn captured(&mut self, result: Result<Captured, ScannerFault>) {
        self.cancel = None;
        let Some(id) = self.state.current else {
            self.state.capture = CaptureState::Idle;
            return;
        };
        match result {
            Ok(captured)
                if captured.quality.score < self.parts.edition.limits.fingerprint_quality =>
            {
                self.state.capture = CaptureState::Weak {
                    quality: captured.quality.score,
                };
                self.weak = Some(captured);
                self.attempted(id, LOW_QUALITY);
                self.show_answer_if_awaited();
            }
            Ok(captured) => self.ask_by_fingerprint(id, &captured),
            Err(ScannerFault::Cancelled) => self.state.capture = CaptureState::Idle,
            Err(fault) => {
                self.state.capture = CaptureState::Fault(fault);
                if fault.is_of_the_finger() {
                    self.attempted(id, fault.id());
                }
                self.show_answer_if_awaited();
            }
        }
    }

    /// An attempt that failed counts towards "quality" as a reason for no fingerprint (§12).
    fn attempted(&mut self, id: EncounterId, fault: &str) {
        let event = Event::FingerprintAttempted {
            finger: self.state.finger,
            fault: fault.to_owned(),
        };
        // A full disk shows itself as a notice; the attempt can be made again.
        let _ = self.record(id, event);
    }

    pub(super) fn send_weak(&mut self, id: EncounterId) {
        if self.state.screen != Screen::Finger {
            return;
        }
        if let Some(captured) = self.weak.take() {
            self.ask_by_fingerprint(id, &captured);
        }
    }

    fn ask_by_fingerprint(&mut self, id: EncounterId, captured: &Captured) {
        let png = biometrics::finger::encode_png(&captured.picture);
        if png.len() > limits::PROBE_BYTES {
            tracing::error!("the scanner's picture is too large to be sent");
            self.state.capture = CaptureState::Fault(ScannerFault::PictureTooLarge);
            return;
        }
        let basis = Basis::Fingerprint {
            finger: captured.finger,
            quality: captured.quality.score,
        };
        let ppi = captured.picture.ppi();
        let probe = Probe::Fingerprint {
            finger: captured.finger,
            ppi,
            png,
            with: self.prints_in_doubt(captured.finger),
        };
        match self.ask(id, basis, probe) {
            Ok(()) => self.state.capture = CaptureState::Idle,
            // Not recorded (a full disk): the print stays in memory, and can be sent again.
            Err(NotRecorded) => {
                self.state.capture = CaptureState::Weak {
                    quality: captured.quality.score,
                };
                self.weak = Some(captured.clone());
            }
        }
    }

    /// §12: prints of other fingers that left it in doubt are searched together with this one.
    fn prints_in_doubt(&self, finger: Finger) -> Vec<QuestionId> {
        self.state
            .current_entry()
            .map(|entry| {
                let most = limits::PRINTS_TOGETHER;
                entry.encounter.prints_in_doubt(finger, most)
            })
            .unwrap_or_default()
    }

    /// "Who is this?": the question and the notice of §6 in one fact, first in the queue.
    pub(super) fn ask(
        &mut self,
        id: EncounterId,
        basis: Basis,
        probe: Probe,
    ) -> Result<(), NotRecorded> {
        let question = QuestionId(uuid::Uuid::new_v4());
        let now = self.parts.clock.now();
        let lifetime = self
            .parts
            .edition
            .limits
            .question_expires_seconds
            .saturating_mul(1000);
        let asked = Question {
            id: question,
            expires_at: now.plus_millis(lifetime),
            probe,
        };
        self.record_at(id, now, Event::Asked { question, basis }, Some(asked))?;
        self.state.screen = Screen::Pending;
        self.show_answer_if_awaited();
        Ok(())
    }
}
