//! The commander's report (§4: checks by responsible leaders of how officers serve): what a unit did
//! in a period, as figures. Misuse is to be seen in it as well as merit.

use regulation::encounter::Outcome;
use regulation::{EncounterId, OfficerId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many, by id or kind.
pub type Counts = BTreeMap<String, u32>;

/// What a unit did in a period.
///
/// Nobody who was checked is named in it: [`CheckedAgain::person`] is a number that says nothing by
/// itself. Who has the right to a person's record resolves it by one of the encounters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitReport {
    /// The officers' unit as it is now: whoever has gone over takes their figures along.
    pub unit: String,
    /// The period, `to` not included. Encounters and shifts belong to that in which they began, by
    /// the tablet's clock, and no later than central heard of them.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Central's clock.
    pub made_at: Timestamp,
    /// Envelopes, encounters and sessions that central has yet to look into: the figures lack them.
    pub pending: u64,
    /// Of all officers, also of those that were left out below.
    pub totals: Figures,
    /// By name: who serves in the unit, and who did in the period. At most
    /// [`crate::limits::REPORT_ROWS`].
    pub officers: Vec<OfficerFigures>,
    /// From how many encounters on a person is among the following.
    pub again: u32,
    /// People found by central in several encounters of the unit, the most often found first. At most
    /// [`crate::limits::REPORT_ROWS`].
    pub checked_again: Vec<CheckedAgain>,
    /// More officers or people than these were left out.
    pub more: bool,
}

/// One officer's figures.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerFigures {
    pub officer: OfficerId,
    pub name: String,
    pub rank: String,
    pub figures: Figures,
}

/// What somebody did in the period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub encounters: u32,
    /// §8: by the ground's id in the edition; those without one are missing.
    pub by_ground: Counts,
    /// §9: by [`outcome_kind`]; those without one are missing.
    pub by_outcome: Counts,
    /// Neither outcome nor close, and older than a day or of a session that is over.
    pub without_outcome: u32,
    /// An outcome and no close, and older than a day or of a session that is over.
    pub not_closed: u32,
    /// Encounters with a flag, of the procedure or of the archive.
    pub flagged: u32,
    /// By kind of flag, the encounters that have it.
    pub flags: Counts,
    /// §6: questions that central has, and those of them that it answered.
    pub asked: u32,
    pub answered: u32,
    /// §7, §29: answers that were uncovered.
    pub revealed: u32,
    /// Of the closed encounters, minutes from opening to close, rounded down.
    pub median_minutes: Option<u32>,
    pub longest_minutes: Option<u32>,
    pub duty: DutyFigures,
}

/// Shifts (§18 to §21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyFigures {
    pub shifts: u32,
    /// From the log-in to the officer's own end, to that at central or to that of the lease, whichever
    /// came first; of an open shift, until now.
    pub minutes: u64,
    /// §20: pauses of the bodycam that began, and those that were longer than permitted.
    pub pauses: u32,
    pub overruns: u32,
    /// §21.
    pub faults: u32,
    /// §19: off in mid-duty with neither permission nor fault.
    pub gaps: u32,
    /// §32: recordings by other means that are not handed over, or not deleted from a private device,
    /// and those of them whose days are over.
    #[serde(default, skip_serializing_if = "is_none")]
    pub means_open: u32,
    #[serde(default, skip_serializing_if = "is_none")]
    pub means_overdue: u32,
    /// §19: times that were on by the log and of which the dock has no recording.
    #[serde(default, skip_serializing_if = "is_none")]
    pub not_recorded: u32,
    /// §19: times of which the dock has a recording while the bodycam was off or paused by the log.
    #[serde(default, skip_serializing_if = "is_none")]
    pub recorded_off: u32,
    /// §19: minutes that were on by the log and that no reading of the dock covers: not compared yet.
    #[serde(default, skip_serializing_if = "is_none_u64")]
    pub not_compared_minutes: u64,
}

// What there is none of is left out: a report of an earlier central reads and writes as it did.
pub(crate) fn is_none(count: &u32) -> bool {
    *count == 0
}

fn is_none_u64(count: &u64) -> bool {
    *count == 0
}

/// Somebody whom central found again and again: by its answers alone, whether or not an officer
/// confirmed or disputed them. Candidates to verify are nobody found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedAgain {
    /// Central's number of the record.
    pub person: u64,
    /// In how many encounters, and by how many officers.
    pub times: u32,
    pub officers: u32,
    /// The encounters, the newest first. At most [`crate::limits::REPORT_ENCOUNTERS`].
    pub encounters: Vec<EncounterId>,
}

/// The kind of an outcome, as it is counted: its `outcome` on the wire.
#[must_use]
pub fn outcome_kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Released => "released",
        Outcome::TakenToStation { .. } => "taken_to_station",
        Outcome::ProtocolOnTheSpot { .. } => "protocol_on_the_spot",
        Outcome::TakenOnOtherGround { .. } => "taken_on_other_ground",
    }
}

/// Every [`outcome_kind`], in the order of §9.
pub const OUTCOME_KINDS: [&str; 4] = [
    "released",
    "taken_to_station",
    "protocol_on_the_spot",
    "taken_on_other_ground",
];

crate::hidden_debug!(UnitReport, OfficerFigures, CheckedAgain);
