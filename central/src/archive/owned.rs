//! Captures that belong to no encounter: photos of tablets' condition (§31) and of incidents (§22).
//! Each is found by its own fact, also where nothing that was recorded names it.

use super::captures::{ArchivedCapture, CaptureReader};
use super::read::{Archive, ArchiveError};
use super::replay::is_sound;
use super::verify::Signatures;
use crate::store::{Place, StoreError, StoredEnvelope};
use protocol::{CaptureId, CaptureOf, CaptureRef, DeviceId, Fact, FactKind, SessionId};
use regulation::{OfficerId, Timestamp};

/// Envelopes read at once.
const PAGE: usize = 64;

/// A capture of a tablet's custody or of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedCapture {
    pub of: CaptureOf,
    pub session: SessionId,
    pub officer: OfficerId,
    /// By the tablet's clock.
    pub at: Timestamp,
    pub capture: ArchivedCapture,
    /// Signed by the tablet, and of the officer whose session it is.
    pub verified: bool,
}

impl Archive {
    /// The device's captures that belong to no encounter, in the order of their numbers; every byte of
    /// each is read.
    ///
    /// # Errors
    /// There is no such device; the store cannot be read.
    pub fn owned_captures(&self, device: DeviceId) -> Result<Vec<OwnedCapture>, ArchiveError> {
        let key = self.store.device(device)?;
        let key = key.ok_or(ArchiveError::NoDevice(device))?;
        let mut signatures = Signatures::new(&*self.store, &key);
        let mut found = Vec::new();
        self.each_owned(device, |stored, fact, named, of| {
            let session = self.store.session(stored.envelope.session)?;
            let flags = self.replayer().fact_flags(fact, device, session.as_ref());
            found.push(OwnedCapture {
                of,
                session: stored.envelope.session,
                officer: fact.officer,
                at: fact.at,
                capture: ArchivedCapture {
                    seq: stored.envelope.seq,
                    id: named.id,
                    kind: named.kind,
                    plain_bytes: named.plain_bytes,
                    state: self.captures.state(&*self.store, device, named)?,
                },
                verified: is_sound(&flags) && signatures.hold(stored)?,
            });
            Ok(true)
        })?;
        Ok(found)
    }

    /// What one of them belongs to, and its plain bytes, as a stream; `None` if no fact of the device names
    /// it.
    ///
    /// # Errors
    /// It is not here, or is not what its fact names; the store cannot be read.
    pub fn owned_capture(
        &self,
        device: DeviceId,
        id: CaptureId,
    ) -> Result<Option<(CaptureOf, CaptureReader)>, ArchiveError> {
        let mut named = None;
        self.each_owned(device, |_, _, capture, of| {
            named = (capture.id == id).then(|| (of, capture.clone()));
            Ok(named.is_none())
        })?;
        let Some((of, named)) = named else {
            return Ok(None);
        };
        Ok(Some((of, self.reader(device, &named)?)))
    }

    /// Hands over the facts of such captures until `each` has enough of them.
    fn each_owned(
        &self,
        device: DeviceId,
        mut each: impl FnMut(&StoredEnvelope, &Fact, &CaptureRef, CaptureOf) -> Result<bool, StoreError>,
    ) -> Result<(), ArchiveError> {
        let mut after = Place { device, seq: 0 };
        loop {
            let page = self.store.capture_envelopes(Some(after), PAGE)?;
            for stored in &page {
                if stored.envelope.device != device {
                    return Ok(());
                }
                after = stored.place();
                if stored.envelope.encounter.is_some() {
                    continue;
                }
                // What does not open was flagged by itself.
                let Ok(fact) = self.opener.open(&stored.envelope) else {
                    continue;
                };
                if let FactKind::Capture {
                    capture,
                    of: Some(of),
                } = &fact.kind
                    && !each(stored, &fact, capture, *of)?
                {
                    return Ok(());
                }
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}
