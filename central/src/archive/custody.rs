//! A tablet's chain of custody, from its facts over all sessions, in the order of its journal: late
//! facts are put where they belong, and what follows them is made anew.

use super::replay::Replayer;
use crate::store::{CustodyFact, CustodyStep, StoreError};
use protocol::DeviceId;
use regulation::custody::record;
use std::collections::BTreeMap;

/// Bytes of a step, as JSON: what holds to the edition's lengths is far shorter.
pub(super) const STEP_BYTES: usize = 32 * 1024;

impl Replayer<'_> {
    /// The steps that these facts of a device make, and those after the first of them.
    pub(super) fn custody(
        &self,
        device: DeviceId,
        facts: Vec<CustodyFact>,
    ) -> Result<Vec<CustodyStep>, StoreError> {
        let facts = facts.into_iter().map(|fact| (fact.place.seq, fact));
        let facts: BTreeMap<u64, CustodyFact> = facts.collect();
        let Some(first) = facts.keys().next().copied() else {
            return Ok(Vec::new());
        };
        let mut custody = self.store.custody_before(device, first)?;
        let known = self.store.custody_steps(device, first)?;
        let mut all: BTreeMap<u64, CustodyFact> = known
            .into_iter()
            .map(|step| (step.fact.place.seq, step.fact))
            .collect();
        all.extend(facts);
        let steps = all.into_values().map(|fact| {
            let step = record(self.edition, &custody, fact.officer, &fact.recorded);
            custody = step.custody.clone();
            CustodyStep {
                fact,
                flags: step.flags,
                custody: step.custody,
            }
        });
        Ok(steps.collect())
    }
}
