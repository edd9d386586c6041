//! Standing assignments (§14), places and notices of a unit, and the chain of a tablet's custody (§16).

use super::{Admin, AdminError};
use crate::audit::{AuditEntry, AuditEvent};
use crate::store::{AssignOutcome, NamedStep};
use protocol::{DeviceId, limits};
use regulation::bodycam::Serial;
use regulation::{Date, OfficerId};

impl Admin {
    /// §14: the tablet is the officer's from now on; the officer's next log-in says so.
    ///
    /// # Errors
    /// There is no such tablet or officer, one of them has another one, or the store cannot be written.
    pub fn assign_tablet(&self, device: DeviceId, officer: OfficerId) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        assigned(self.store.assign_tablet(device, officer, now)?)?;
        let entry = AuditEntry::new(now, AuditEvent::TabletAssigned).device(device);
        Ok(self.store.audit(&entry.officer(officer))?)
    }

    /// # Errors
    /// The tablet is assigned to nobody, or the store cannot be written.
    pub fn unassign_tablet(&self, device: DeviceId) -> Result<(), AdminError> {
        let officer = self.store.unassign_tablet(device)?;
        let officer = officer.ok_or(AdminError::Unknown("tablet that is assigned"))?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::TabletUnassigned);
        Ok(self.store.audit(&entry.device(device).officer(officer))?)
    }

    /// The bodycam is the officer's from now on; the officer's next log-in says so.
    ///
    /// # Errors
    /// There is no such officer, one of them has another one, or the store cannot be written.
    pub fn assign_camera(&self, camera: &Serial, officer: OfficerId) -> Result<(), AdminError> {
        let now = self.config.clock.now();
        assigned(self.store.assign_camera(camera, officer, now)?)?;
        let entry = AuditEntry::new(now, AuditEvent::CameraAssigned).officer(officer);
        Ok(self.store.audit(&entry.subject(camera))?)
    }

    /// # Errors
    /// The bodycam is assigned to nobody, or the store cannot be written.
    pub fn unassign_camera(&self, camera: &Serial) -> Result<(), AdminError> {
        let officer = self.store.unassign_camera(camera)?;
        let officer = officer.ok_or(AdminError::Unknown("bodycam that is assigned"))?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::CameraUnassigned);
        Ok(self.store.audit(&entry.officer(officer).subject(camera))?)
    }

    /// §16: a place that the head of the unit has named.
    ///
    /// # Errors
    /// A text does not fit, the unit has as many places as a log-in brings, or the store cannot be
    /// written.
    pub fn name_place(&self, unit: &str, place: &str) -> Result<(), AdminError> {
        let (unit, place) = (unit_name(unit)?, text(place)?);
        if !self.store.name_place(unit, place)? {
            return Err(AdminError::TooManyPlaces);
        }
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PlaceNamed);
        Ok(self.store.audit(&entry)?)
    }

    /// # Errors
    /// There is no such place, or the store cannot be written.
    pub fn remove_place(&self, unit: &str, place: &str) -> Result<(), AdminError> {
        if !self.store.remove_place(unit.trim(), place.trim())? {
            return Err(AdminError::Unknown("place"));
        }
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::PlaceRemoved);
        Ok(self.store.audit(&entry)?)
    }

    /// A notice to the unit, up to the end of that day; its number.
    ///
    /// # Errors
    /// A text does not fit, the day is over, or the store cannot be written.
    pub fn give_notice(&self, unit: &str, notice: &str, until: Date) -> Result<u64, AdminError> {
        let (unit, notice) = (unit_name(unit)?, text(notice)?);
        let now = self.config.clock.now();
        let until = until.ends_at(self.archive.edition.limits.utc_offset_minutes);
        if until <= now {
            return Err(AdminError::Over);
        }
        let number = self.store.give_notice(unit, notice, until, now)?;
        let entry = AuditEntry::new(now, AuditEvent::NoticeGiven);
        self.store.audit(&entry.subject(number))?;
        Ok(number)
    }

    /// The oldest program that is up to date, as `major.minor.patch`.
    ///
    /// # Errors
    /// It is no version, or the store cannot be written.
    pub fn set_minimum_version(&self, version: &str) -> Result<(), AdminError> {
        protocol::session::version(version).ok_or(AdminError::Version)?;
        self.store.set_minimum_version(version)?;
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::MinimumVersionSet);
        Ok(self.store.audit(&entry.subject(version))?)
    }

    /// §16: who had the tablet, from whom and to whom, in order. Reading it is audited.
    ///
    /// # Errors
    /// The tablet is unknown, or the store cannot be read or written.
    pub fn custody(&self, device: DeviceId) -> Result<Vec<NamedStep>, AdminError> {
        if self.store.device(device)?.is_none() {
            return Err(AdminError::Unknown("tablet"));
        }
        let entry = AuditEntry::new(self.config.clock.now(), AuditEvent::CustodyRead);
        self.store.audit(&entry.device(device))?;
        Ok(self.store.custody_chain(device)?)
    }
}

fn assigned(outcome: AssignOutcome) -> Result<(), AdminError> {
    match outcome {
        AssignOutcome::Assigned => Ok(()),
        AssignOutcome::UnknownDevice => Err(AdminError::Unknown("tablet that is not revoked")),
        AssignOutcome::UnknownOfficer => Err(AdminError::Unknown("officer who is active")),
        AssignOutcome::Taken => Err(AdminError::Assigned),
    }
}

fn text(text: &str) -> Result<&str, AdminError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limits::KIT_CHARS {
        return Err(AdminError::Text);
    }
    Ok(text)
}

/// As an officer's is.
fn unit_name(unit: &str) -> Result<&str, AdminError> {
    let unit = unit.trim();
    if unit.is_empty() || unit.chars().count() > 200 {
        return Err(AdminError::Text);
    }
    Ok(unit)
}
