//! §12: the fingerprint.

use super::{CaptureState, EncounterEntry, State, reminders};
use crate::device::ScannerFault;
use biometrics::finger::Verdict;
use regulation::encounter::{Finger, FingerLack, NextFinger};

#[derive(Clone, Debug, PartialEq)]
pub struct FingerView {
    pub finger: Finger,
    pub status: FingerStatus,
    /// 0..=100 of the frame shown.
    pub quality: Option<u8>,
    /// Quality that is sent without asking.
    pub enough: u8,
    /// The attempt that is running or comes next, from 1.
    pub attempt: u32,
    pub attempts: u32,
    /// What is proposed after a capture that failed, or a print that left it in doubt.
    pub next: Option<NextFinger>,
    /// A print of another finger left it in doubt: the next one is searched together with it.
    pub together: bool,
    /// Noted for this encounter, in the order of the standard.
    pub missing: Vec<Finger>,
    pub injured: Vec<Finger>,
    pub reminders: Vec<String>,
}

/// What the page tells the officer to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FingerStatus {
    Ready,
    /// Place the finger.
    Waiting,
    /// A finger lies on the glass; what the live quality says.
    Reading(Verdict),
    /// Low quality: send it, or take it again.
    Weak,
    Fault(ScannerFault),
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> FingerView {
    let (status, quality) = match &state.capture {
        CaptureState::Idle => (FingerStatus::Ready, None),
        CaptureState::Running { quality: None } => (FingerStatus::Waiting, None),
        CaptureState::Running { quality: Some(q) } if q.verdict == Verdict::NoFinger => {
            (FingerStatus::Waiting, Some(q.score))
        }
        CaptureState::Running { quality: Some(q) } => {
            (FingerStatus::Reading(q.verdict), Some(q.score))
        }
        CaptureState::Weak { quality } => (FingerStatus::Weak, Some(*quality)),
        CaptureState::Fault(fault) => (FingerStatus::Fault(*fault), None),
    };
    let lacking = |why: FingerLack| {
        let of_kind = entry.encounter.unavailable.iter();
        of_kind
            .filter(|lacking| lacking.why == why)
            .map(|lacking| lacking.finger)
            .collect()
    };
    FingerView {
        finger: state.finger,
        status,
        quality,
        enough: state.edition.limits.fingerprint_quality,
        attempt: entry.encounter.failed_attempts.saturating_add(1),
        attempts: state.edition.limits.fingerprint_attempts,
        next: entry.encounter.next_finger(&state.edition, state.now),
        together: !entry
            .encounter
            .prints_in_doubt(state.finger, protocol::limits::PRINTS_TOGETHER)
            .is_empty(),
        missing: lacking(FingerLack::Missing),
        injured: lacking(FingerLack::Injured),
        reminders: reminders(state, "fingerprint"),
    }
}
