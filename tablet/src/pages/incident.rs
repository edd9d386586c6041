//! §22: an incident report (*bildirgi*) is written.

use super::{ChoiceView, PhotosView, State, choices, clock_text, photo};
use regulation::incident::{AddressedTo, Incidents, Refusal};
use regulation::{EncounterId, IncidentId, Timestamp};
use std::collections::BTreeMap;

/// How long ago it may be said to have happened, minutes.
const AGO: [u16; 4] = [0, 15, 60, 180];

/// This shift's incident reports, and the pages that belong to them.
#[derive(Clone, Default)]
pub struct IncidentState {
    pub incidents: Incidents,
    /// What the duty unit has said of them.
    pub desk: BTreeMap<IncidentId, DeskSays>,
    /// The encounter that the report being written grows out of.
    pub from: Option<EncounterId>,
    /// The report whose page is open.
    pub open: Option<IncidentId>,
    /// Of photos that were taken for the report being written.
    pub draft: Option<IncidentId>,
    pub refusal: Option<Refusal>,
    /// What the officer has recorded since the page came: its forms are put away when this grows.
    pub done: u32,
}

/// What the duty unit has said of a report.
#[derive(Clone, Default)]
pub struct DeskSays {
    pub received: bool,
    /// Its questions, oldest first, with central's time of each.
    pub asked: Vec<(Timestamp, String)>,
    pub closed: bool,
}

/// A report as it is written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ReportForm {
    /// Id in the edition.
    pub kind: String,
    pub to_superior: bool,
    /// Minutes ago; `None`: when the encounter began.
    pub ago: Option<u16>,
    pub place: String,
    pub text: String,
}

impl ReportForm {
    #[must_use]
    pub fn to(&self) -> AddressedTo {
        if self.to_superior {
            AddressedTo::ImmediateSuperior
        } else {
            AddressedTo::DutyUnit
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct IncidentFormView {
    pub kinds: Vec<ChoiceView>,
    /// Minutes ago to choose from.
    pub ago: Vec<u16>,
    /// When the encounter began that it grows out of; empty: it grows out of none.
    pub encounter_at: String,
    /// People of that encounter, whom the report names by itself.
    pub people: usize,
    /// The encounter's place, or the latest one.
    pub place: String,
    pub text_chars: usize,
    pub photos: PhotosView,
    pub refusal: Option<(Refusal, u8)>,
}

crate::pages::hidden_debug!(IncidentState, DeskSays, ReportForm, IncidentFormView);

impl IncidentState {
    /// Whether the duty unit's last question has no answer yet.
    #[must_use]
    pub fn awaits_answer(&self, id: IncidentId) -> bool {
        let last = self.desk.get(&id).and_then(|desk| desk.asked.last());
        let answered = self
            .incidents
            .get(id)
            .and_then(|incident| incident.supplements.last())
            .map(|supplement| supplement.at);
        match (last, answered) {
            (Some((asked, _)), Some(answered)) => answered < *asked,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}

pub(super) fn view(state: &State) -> IncidentFormView {
    let incident = &state.incident;
    let entry = incident
        .from
        .and_then(|id| state.encounters.iter().find(|e| e.id == id));
    let place = entry.and_then(|e| e.encounter.place.as_ref());
    IncidentFormView {
        kinds: choices(state, &state.edition.incident_kinds),
        ago: AGO.to_vec(),
        encounter_at: entry
            .and_then(|e| e.encounter.opened_at)
            .map(|at| clock_text(state, at))
            .unwrap_or_default(),
        people: entry.map_or(0, |e| e.named_people(&e.known_people())),
        place: place
            .map(|p| p.text.clone())
            .or_else(|| state.places.first().cloned())
            .unwrap_or_default(),
        text_chars: state.edition.limits.report_chars,
        photos: photo::photos(state),
        refusal: incident.refusal.map(|r| (r, r.paragraph().0)),
    }
}
