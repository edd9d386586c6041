//! §3, §5: who it is, and on which registers. Covered until held.

use super::compare::{compared, wants_care};
use super::{ComparedView, EncounterEntry, State, clock_text};
use protocol::{
    Answer, AnswerResult, FacesSearched, FoundBy, Fpir, GallerySearched, Likeness, PersonRecord,
    Portrait, Register,
};
use regulation::encounter::{AnswerKind, Basis, Confirmation, QuestionState, Unidentified};

/// Rarer matches are said to be as rare as this: nobody can weigh more, and the tail of the
/// scores is extrapolated there.
const MOST_SAID: u64 = 1_000_000;

#[derive(Clone, PartialEq, Eq)]
pub struct AnswerView {
    pub answered_at: String,
    /// Tenths of a second that central took.
    pub took_tenths: u64,
    /// The same in milliseconds, for measurements.
    pub took_ms: u64,
    pub kind: AnswerKind,
    /// The small sign that only the officer understands.
    pub mark: Mark,
    /// Covered: nothing of the person is in this value.
    pub covered: bool,
    /// While it is held: the record, or the candidates, best first.
    pub people: Vec<PersonView>,
    /// The people are candidates to be compared, one at a time; then `people` holds one at most.
    pub compare: Option<CompareView>,
    /// The question was asked by a face.
    pub by_face: bool,
    /// While it is held: in doubt, another finger can be searched together with the first.
    pub another_finger: bool,
    /// While it is held: the gallery that was searched; `None` for a look-up by number.
    pub gallery: Option<GallerySearched>,
    /// The same, of a search by face.
    pub faces: Option<FacesSearched>,
    /// While it is held: what was given of a document beside the register, field by field.
    pub compared: Vec<ComparedView>,
    pub confirmation: Confirmation,
    /// The encounter is closed: this is a late answer.
    pub late: bool,
    /// "Cannot identify" (§9) would hold now, and why.
    pub cannot_identify: Option<Unidentified>,
    /// §8: the explanation is still owed.
    pub explanation_owed: bool,
}

/// Candidates, compared one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareView {
    /// The one that is shown while it is held, from 0.
    pub at: usize,
    pub count: usize,
    /// It was looked at, and may be said to be the person present.
    pub looked_at: bool,
}

impl std::fmt::Debug for AnswerView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnswerView")
            .field("kind", &self.kind)
            .field("mark", &self.mark)
            .field("covered", &self.covered)
            .field("people", &self.people.len())
            .finish_non_exhaustive()
    }
}

/// How alert to be. Its shape is known to officers; a citizen cannot read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// A person found, on no register.
    #[default]
    Quiet,
    /// On a register, not wanted.
    Notice,
    /// Missing: possibly a victim.
    Missing,
    /// Wanted.
    Alert,
    /// Not established: found nobody, or to be verified.
    Unclear,
}

#[derive(Clone, PartialEq, Eq)]
pub struct PersonView {
    /// By fingerprint: searches of this gallery in which so good a match comes up by accident
    /// once at most; a round number.
    pub one_in: Option<u64>,
    /// By face: what the likeness is worth in this gallery.
    pub likeness: Option<Likeness>,
    /// As the register has it.
    pub portrait: Option<Portrait>,
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    pub birth_date: String,
    pub address: String,
    pub pinfl: String,
    pub document: String,
    /// The gravest first.
    pub entries: Vec<EntryView>,
    /// Registers asked that hold no entry, with source and date: all that "clear" means.
    pub clear_of: Vec<RegisterView>,
    /// The register of wanted people was asked, and does not hold this person.
    pub not_wanted: bool,
}

/// What the registers say of a person, the gravest first; each has its own sign on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Wanted,
    /// Missing: possibly a victim.
    Missing,
    /// On a register, neither wanted nor missing.
    OnRegister,
    /// Every register was asked, and none holds the person.
    Clear,
    /// Neither wanted nor missing as far as was asked; but those two, or of somebody on no register any
    /// other, were not.
    NotAllAsked,
}

impl PersonView {
    #[must_use]
    pub fn sign(&self) -> Sign {
        let on = |register| self.entries.iter().any(|e| e.register == register);
        let clear = |register| self.clear_of.iter().any(|r| r.register == register);
        sign(on, clear)
    }
}

/// `on`, a register holds the person; `clear`, it was asked and does not.
fn sign(on: impl Fn(Register) -> bool, clear: impl Fn(Register) -> bool) -> Sign {
    if on(Register::Wanted) {
        Sign::Wanted
    } else if on(Register::Missing) {
        Sign::Missing
    } else if Register::ALL.into_iter().any(on)
        && clear(Register::Wanted)
        && clear(Register::Missing)
    {
        Sign::OnRegister
    } else if Register::ALL.into_iter().all(clear) {
        Sign::Clear
    } else {
        Sign::NotAllAsked
    }
}

impl std::fmt::Debug for PersonView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonView(..)")
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct EntryView {
    pub register: Register,
    pub source: String,
    pub date: String,
    /// A conviction, spent or current.
    pub spent: Option<bool>,
    pub note: String,
}

impl std::fmt::Debug for EntryView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntryView(..)")
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct RegisterView {
    pub register: Register,
    pub source: String,
    pub as_of: String,
}

impl std::fmt::Debug for RegisterView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RegisterView(..)")
    }
}

pub(super) fn view(state: &State, entry: &EncounterEntry) -> AnswerView {
    let answer = state
        .shown_question
        .and_then(|question| entry.answer(question));
    let question = answer.and_then(|answer| entry.encounter.question(answer.question));
    let kind = answer.map_or(AnswerKind::Incomplete, |a| a.result.kind());
    let compared = answer.map_or_else(Vec::new, |a| compared(state, entry, a));
    let mark = match answer.map_or(Mark::Unclear, mark) {
        // Who is found may not be who stands there.
        Mark::Quiet | Mark::Notice if wants_care(&compared) => Mark::Unclear,
        mark => mark,
    };
    AnswerView {
        answered_at: answer
            .map(|a| clock_text(state, a.answered_at))
            .unwrap_or_default(),
        took_tenths: answer.map_or(0, |a| a.took_ms.div_ceil(100)),
        took_ms: answer.map_or(0, |a| a.took_ms),
        kind,
        mark,
        covered: !state.revealed,
        people: match answer {
            Some(answer) if state.revealed => shown(state, &answer.result),
            _ => Vec::new(),
        },
        compare: answer.and_then(|answer| compare(state, question, answer)),
        by_face: question.is_some_and(|q| q.basis == Basis::Face),
        another_finger: state.revealed && super::method::another_finger(entry),
        faces: answer
            .filter(|_| state.revealed)
            .and_then(|a| a.result.faces()),
        gallery: answer
            .filter(|_| state.revealed)
            .and_then(|a| a.result.gallery()),
        compared: if state.revealed { compared } else { Vec::new() },
        confirmation: question.map_or(Confirmation::Open, |q| q.confirmation),
        late: question.is_some_and(|q| q.late),
        cannot_identify: super::pending::cannot_identify(state, entry),
        explanation_owed: entry.encounter.explanation_owed(),
    }
}

/// Of candidates to be compared the one alone whose turn it is.
fn shown(state: &State, result: &AnswerResult) -> Vec<PersonView> {
    let mut people = people(result);
    if result.is_to_be_compared() {
        people = people.into_iter().skip(state.candidate).take(1).collect();
    }
    people
}

fn compare(
    state: &State,
    question: Option<&QuestionState>,
    answer: &Answer,
) -> Option<CompareView> {
    if !answer.result.is_to_be_compared() {
        return None;
    }
    let looked_at = question.is_some_and(|q| {
        let seen = |place: &u8| usize::from(*place) == state.candidate;
        q.looked_at.iter().any(seen)
    });
    Some(CompareView {
        at: state.candidate,
        count: answer.result.people().len(),
        looked_at,
    })
}

fn mark(answer: &Answer) -> Mark {
    match &answer.result {
        AnswerResult::Found { person, .. } => {
            let on = |register| person.is_on(register);
            match sign(on, |register| person.was_asked(register) && !on(register)) {
                Sign::Wanted => Mark::Alert,
                Sign::Missing => Mark::Missing,
                Sign::OnRegister => Mark::Notice,
                Sign::Clear => Mark::Quiet,
                Sign::NotAllAsked => Mark::Unclear,
            }
        }
        candidates if candidates.names(Register::Wanted) => Mark::Alert,
        candidates if candidates.names(Register::Missing) => Mark::Missing,
        _ => Mark::Unclear,
    }
}

pub(super) fn people(result: &AnswerResult) -> Vec<PersonView> {
    match result {
        AnswerResult::Found { person, by } => {
            let fpir = match by {
                FoundBy::Number => None,
                FoundBy::Fingerprint { fpir, .. } => Some(*fpir),
            };
            vec![person_view(person, fpir, None)]
        }
        AnswerResult::Possible { candidates, .. } => candidates
            .iter()
            .map(|c| person_view(&c.person, Some(c.fpir), None))
            .collect(),
        AnswerResult::Resembling { candidates, .. } => candidates
            .iter()
            .map(|c| person_view(&c.person, None, Some(c.false_match.likeness)))
            .collect(),
        _ => Vec::new(),
    }
}

/// To one digit, downwards: a match never seems rarer than central said.
fn said(fpir: Fpir) -> u64 {
    let searches = fpir.one_in.get().min(MOST_SAID);
    let unit = 10_u64.pow(searches.ilog10());
    searches / unit * unit
}

fn person_view(
    person: &PersonRecord,
    fpir: Option<Fpir>,
    likeness: Option<Likeness>,
) -> PersonView {
    PersonView {
        one_in: fpir.map(said),
        likeness,
        portrait: person.portrait.clone(),
        surname: person.name.surname.clone(),
        given: person.name.given.clone(),
        patronymic: person.name.patronymic.clone().unwrap_or_default(),
        birth_date: person.birth_date.0.typed(),
        address: person.address.clone(),
        pinfl: person
            .pinfl
            .as_ref()
            .map(|p| p.0.clone())
            .unwrap_or_default(),
        document: person
            .document
            .as_ref()
            .map(|d| d.0.clone())
            .unwrap_or_default(),
        entries: person
            .entries
            .iter()
            .map(|e| EntryView {
                register: e.register,
                source: e.source.clone(),
                date: e.date.typed(),
                spent: e.spent,
                note: e.note.clone().unwrap_or_default(),
            })
            .collect(),
        not_wanted: person.was_asked(Register::Wanted) && !person.is_on(Register::Wanted),
        clear_of: person
            .asked
            .iter()
            .filter(|asked| !person.is_on(asked.register))
            .map(|asked| RegisterView {
                register: asked.register,
                source: asked.source.clone(),
                as_of: asked.as_of.typed(),
            })
            .collect(),
    }
}
