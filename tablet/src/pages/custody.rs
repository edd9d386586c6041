//! §13 to §16, §31: the custody of this tablet, and what its pages share.

use super::State;
use protocol::Kit;
use regulation::CustodyId;
use regulation::custody::{CheckKind, Custody, HandInReason, Level, Party, Readiness, Refusal};

/// The tablet's custody in this shift, and the pages that belong to it.
#[derive(Clone, Default)]
pub struct CustodyState {
    pub custody: Custody,
    /// What the shift began with.
    pub kit: Kit,
    /// As known now.
    pub readiness: Readiness,
    /// Checks that have not come back yet.
    pub checking: Vec<CheckKind>,
    /// The other person of the hand-over that is under way.
    pub person: Option<Party>,
    pub confirm: ConfirmState,
    /// The hand-in that is under way is not the end of duty.
    pub early: bool,
    /// Of photos that were taken before the tablet is taken over.
    pub draft: Option<CustodyId>,
    pub refusal: Option<Refusal>,
    /// What the officer has recorded since the page came: its forms are put away when this grows.
    pub done: u32,
}

/// The other person's login and password are being checked, or were not right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConfirmState {
    pub busy: bool,
    pub problem: Option<ConfirmProblem>,
}

/// Why the other person did not confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmProblem {
    WrongCredentials,
    /// With no connection: not this password, or nobody on this tablet's roster. Which, is not said.
    NotOnRoster,
    /// Nobody is there who could check it.
    NobodyToAsk,
    Throttled {
        seconds: u64,
    },
    Inactive,
    Locked,
    /// It is the officer who is logged in.
    Themselves,
    Storage,
}

/// Who gives the tablet, or takes it, as chosen on the page.
#[derive(Clone, PartialEq, Eq)]
pub enum PartyForm {
    Place(String),
    /// [`CustodyState::person`].
    Person,
}

#[derive(Clone, PartialEq, Eq)]
pub struct TakeOverForm {
    pub from: PartyForm,
    /// `None`: no damage to be seen.
    pub damage: Option<String>,
    /// §13: who says that it be taken though not ready; empty: nobody.
    pub overridden: String,
}

#[derive(Clone, PartialEq, Eq)]
pub struct HandInForm {
    pub to: PartyForm,
    pub why: HandInReason,
    pub damage: Option<String>,
}

/// The other side of a hand-over, as the page offers it.
#[derive(Clone, PartialEq, Eq)]
pub struct PartyView {
    /// §16: named by the head; the first is chosen.
    pub places: Vec<String>,
    /// Who has confirmed, or is named; empty: nobody yet.
    pub person: String,
    pub confirmed: bool,
    pub confirm: ConfirmState,
}

/// The tablet in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TabletLine {
    /// Taken over in this shift.
    pub held: bool,
    pub level: Option<Level>,
    /// What is the matter, if anything is.
    pub worst: Option<CheckKind>,
}

super::hidden_debug!(CustodyState, PartyForm, TakeOverForm, HandInForm, PartyView);

impl CustodyState {
    /// Whether this shift's officer has the tablet in hand, by the record.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.custody.holder.officer().is_some()
    }
}

pub(super) fn party(state: &State) -> PartyView {
    let custody = &state.custody;
    let (person, confirmed) = match &custody.person {
        Some(Party::Confirmed { name, .. }) => (name.clone(), true),
        Some(Party::Named { name }) => (name.clone(), false),
        Some(Party::Place { .. }) | None => (String::new(), false),
    };
    PartyView {
        places: custody.kit.places.clone(),
        person,
        confirmed,
        confirm: custody.confirm,
    }
}

pub(super) fn line(state: &State) -> TabletLine {
    let held = state.custody.is_held();
    let readiness = super::readiness::view(state).without_what_is_not_fitted();
    TabletLine {
        held,
        level: readiness.level.filter(|_| held),
        worst: readiness.worst().filter(|_| held).map(|c| c.kind),
    }
}
