//! Reads the archive: every encounter is made anew from its sealed envelopes, and checked.

use super::captures::{ArchivedCapture, CaptureReader, CaptureState, Captures};
use super::journal::{self, JournalReport};
use super::replay::{Replayer, each_envelope};
use super::verify::{self, Signatures, Verified};
use super::{Opener, ReplicaDir};
use crate::store::{ArchiveFlag, Store, StoreError, Summary};
use protocol::{Answer, CaptureId, CaptureRef, DeviceId, FactKind, SessionId};
use regulation::encounter::{Encounter, Event, Flag, Recorded, Stage};
use regulation::{Edition, EncounterId, OfficerId};
use std::sync::Arc;

/// The archive, for reading.
#[derive(Clone, Debug)]
pub struct Archive {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) opener: Arc<Opener>,
    pub(crate) edition: Arc<Edition>,
    pub(crate) training: bool,
    pub(crate) captures: Arc<Captures>,
    pub(crate) replica_dir: Option<ReplicaDir>,
}

/// An encounter as the archive proves it.
#[derive(Clone)]
pub struct ArchivedEncounter {
    pub encounter: EncounterId,
    pub device: DeviceId,
    pub session: SessionId,
    /// Every officer that a fact of the encounter names.
    pub officers: Vec<OfficerId>,
    pub training: bool,
    pub state: Encounter,
    /// Events with their numbers, in order.
    pub events: Vec<(u64, Recorded)>,
    pub answers: Vec<Answer>,
    pub captures: Vec<ArchivedCapture>,
    /// What is to be known of single envelopes, by number; the procedure's flags are in `state`.
    pub flags: Vec<(u64, ArchiveFlag)>,
    pub verified: Verified,
}

impl std::fmt::Debug for ArchivedEncounter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArchivedEncounter")
            .field("encounter", &self.encounter)
            .field("stage", &self.state.stage)
            .field("events", &self.events.len())
            .field("flags", &self.flags)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("there is no device {0}")]
    NoDevice(DeviceId),
    /// Its event is there, and its bytes are not, or not as its event names them.
    #[error("the capture cannot be shown: {0:?}")]
    Capture(CaptureState),
    #[error("a capture's file cannot be read: {0:?}")]
    File(std::io::ErrorKind),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Archive {
    /// The encounter, replayed and verified from what is stored; `None` if nothing of it is.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn encounter(
        &self,
        encounter: EncounterId,
    ) -> Result<Option<ArchivedEncounter>, ArchiveError> {
        let Some(device) = self.store.encounter_device(encounter)? else {
            return Ok(None);
        };
        let replay = self.replayer().encounter(encounter, device)?;
        let Some((session, _)) = replay.first else {
            return Ok(None);
        };
        let key = self
            .store
            .device(device)?
            .ok_or(ArchiveError::NoDevice(device))?;
        let mut signatures = Signatures::new(&*self.store, &key);
        let mut signed = true;
        let (mut first, mut last) = (0, 0);
        each_envelope(&*self.store, encounter, device, |stored| {
            signed &= signatures.hold(stored)?;
            last = stored.envelope.seq;
            first = if first == 0 { last } else { first };
            Ok(true)
        })?;
        let (chain, whole) = verify::chain_holds(&*self.store, device, first, last)?;
        let opened = replay
            .events
            .first()
            .is_some_and(|(_, r)| matches!(r.event, Event::Opened { .. }));
        let mut captures = Vec::with_capacity(replay.captures.len());
        for (seq, named) in &replay.captures {
            captures.push(ArchivedCapture {
                seq: *seq,
                id: named.id,
                kind: named.kind,
                plain_bytes: named.plain_bytes,
                state: self.captures.state(&*self.store, device, named)?,
            });
        }
        let verified = Verified {
            captures: captures.iter().all(|c| c.state == CaptureState::Whole),
            signatures: signed,
            chain: chain && whole,
            seals: replay.unopened == 0,
            procedure: !replay
                .state
                .flags
                .iter()
                .any(|f| matches!(f, Flag::OutOfOrder { .. })),
            complete: whole
                && replay.cut.is_none()
                && opened
                && replay.state.stage == Stage::Closed,
        };
        let mut flags: Vec<_> = self
            .store
            .flags(encounter)?
            .into_iter()
            .filter(|(place, _)| place.device == device)
            .chain(replay.flags)
            .map(|(place, flag)| (place.seq, flag))
            .collect();
        flags.sort_unstable();
        flags.dedup();
        let answers = self
            .store
            .questions(encounter)?
            .into_iter()
            .filter_map(|q| q.answer)
            .collect();
        Ok(Some(ArchivedEncounter {
            encounter,
            device,
            session,
            officers: replay.officers,
            training: replay.training,
            state: replay.state,
            events: replay.events,
            answers,
            captures,
            flags,
            verified,
        }))
    }

    /// The plain bytes of a capture of the encounter, as a stream; `None` if no event of it names
    /// the capture.
    ///
    /// # Errors
    /// The capture is not here, or is not what its event names; the store cannot be read.
    pub fn capture(
        &self,
        encounter: EncounterId,
        capture: CaptureId,
    ) -> Result<Option<CaptureReader>, ArchiveError> {
        let Some(device) = self.store.encounter_device(encounter)? else {
            return Ok(None);
        };
        let mut named = None;
        each_envelope(&*self.store, encounter, device, |stored| {
            let fact = self.opener.open(&stored.envelope).ok();
            named = fact.and_then(|fact| match fact.kind {
                FactKind::Capture { capture: named, .. } if named.id == capture => Some(named),
                _ => None,
            });
            Ok(named.is_none())
        })?;
        match named {
            Some(named) => self.reader(device, &named).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn replayer(&self) -> Replayer<'_> {
        Replayer {
            store: &*self.store,
            opener: &self.opener,
            edition: &self.edition,
            training: self.training,
        }
    }

    pub(super) fn reader(
        &self,
        device: DeviceId,
        named: &CaptureRef,
    ) -> Result<CaptureReader, ArchiveError> {
        match self.captures.open(device, named) {
            Ok(Some(reader)) => Ok(reader),
            Ok(None) => Err(ArchiveError::Capture(self.captures.state(
                &*self.store,
                device,
                named,
            )?)),
            // The right file, and an event that says something else of it.
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(ArchiveError::Capture(CaptureState::Altered))
            }
            Err(error) => Err(ArchiveError::File(error.kind())),
        }
    }

    /// The newest encounters, a line each.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn encounters(&self, limit: usize) -> Result<Vec<Summary>, ArchiveError> {
        Ok(self.store.encounters(limit)?)
    }

    /// Flags of a device's envelopes, by number.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn device_flags(&self, device: DeviceId) -> Result<Vec<(u64, ArchiveFlag)>, ArchiveError> {
        let flags = self.store.device_flags(device)?;
        Ok(flags
            .into_iter()
            .map(|(place, flag)| (place.seq, flag))
            .collect())
    }

    /// Checks a device's whole journal, against the replica too where one is configured.
    ///
    /// # Errors
    /// The device is unknown, or the store cannot be read.
    pub fn verify_journal(&self, device: DeviceId) -> Result<JournalReport, ArchiveError> {
        let device = self
            .store
            .device(device)?
            .ok_or(ArchiveError::NoDevice(device))?;
        Ok(journal::check(
            &*self.store,
            &device,
            self.replica_dir.as_ref(),
        )?)
    }
}
