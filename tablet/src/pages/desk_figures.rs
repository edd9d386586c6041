//! §4: what the unit did in a period, at the commander's desk: what stands out first.

use super::desk::QueryProblem;
use super::{State, clock_text};
use protocol::report::OUTCOME_KINDS;
use protocol::{CheckedAgain, Counts, Figures, OfficerFigures, UnitReport};
use regulation::encounter::Flag;
use regulation::{Date, OfficerId, Timestamp};

/// The period of the figures, by one tap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    #[default]
    Today,
    /// Today and the six days before.
    Week,
    /// Today and the 29 days before.
    Month,
    /// The last whole month of the calendar.
    LastMonth,
}

impl Period {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::LastMonth];

    /// From and to, `to` not included: whole days of the edition's local time. `None`: the clock is
    /// outside the calendar.
    #[must_use]
    pub fn bounds(self, now: Timestamp, utc_offset_minutes: i32) -> Option<(Timestamp, Timestamp)> {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        let today = now.local_date(utc_offset_minutes).ok()?;
        let begins = |date: Date| date.begins_at(utc_offset_minutes);
        let (first, end) = (begins(today), today.ends_at(utc_offset_minutes));
        let before = |days: i64| Timestamp(first.0.saturating_sub(days * DAY_MS));
        Some(match self {
            Self::Today => (first, end),
            Self::Week => (before(6), end),
            Self::Month => (before(29), end),
            Self::LastMonth => {
                let this = Date::new(today.year(), today.month(), 1).ok()?;
                let last = match today.month() {
                    1 => Date::new(today.year() - 1, 12, 1),
                    month => Date::new(today.year(), month - 1, 1),
                };
                (begins(last.ok()?), begins(this))
            }
        })
    }
}

/// What of the figures is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FiguresPart {
    /// All officers together.
    #[default]
    Unit,
    Officer(OfficerId),
    /// People checked again and again.
    Again,
}

/// The figures' page of the desk.
#[derive(Clone, Default)]
pub struct DeskFigures {
    pub period: Period,
    pub part: FiguresPart,
    /// Central is being asked.
    pub asking: bool,
    pub problem: Option<QueryProblem>,
    /// What central said of this period; dropped when it is asked again: nothing older is shown.
    pub report: Option<Box<UnitReport>>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct DeskFiguresView {
    pub unit: String,
    pub period: Period,
    pub asking: bool,
    pub problem: Option<QueryProblem>,
    /// `None`: central has not said it.
    pub figures: Option<FiguresView>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct FiguresView {
    /// First and last day.
    pub from: String,
    pub to: String,
    pub as_of: String,
    /// Records that central has yet to look into: the figures lack them.
    pub pending: u64,
    pub more: bool,
    pub part: FiguresPart,
    /// What stands out most first; those of no remark after them, the busiest first.
    pub officers: Vec<OfficerRow>,
    /// Of the part that is looked at, unless it is the people checked again and again.
    pub detail: Option<FiguresDetail>,
    /// People checked again and again, and from how many encounters on they are among them.
    pub again: Vec<AgainRow>,
    pub again_from: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub struct OfficerRow {
    pub id: OfficerId,
    /// Rank and name.
    pub who: String,
    pub encounters: u32,
    pub remarks: u32,
}

/// The figures of one officer, or of all.
#[derive(Clone, PartialEq, Eq)]
pub struct FiguresDetail {
    /// Rank and name; empty: of all.
    pub who: String,
    pub figures: Figures,
    /// What stands out, each that is not nought; the gravest first.
    pub remarks: Vec<(RemarkKind, u32)>,
    /// By the edition's words, the most often first.
    pub grounds: Vec<(String, u32)>,
    /// By index in [`OUTCOME_KINDS`].
    pub outcomes: Vec<(usize, u32)>,
    pub flags: Vec<(FigureFlag, u32)>,
}

/// What a leader looks at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// Stops without outcome.
    WithoutOutcome,
    /// Encounters that a flag stands on.
    Flagged,
    NotClosed,
    /// §19.
    Gaps,
    /// §19: on by the log, and not found at the dock.
    NotRecorded,
    /// §20.
    Overruns,
    /// §32: not handed over, or not deleted, in the days of the edition.
    MeansOverdue,
}

/// A kind of flag as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureFlag {
    Procedure(Flag),
    /// Of the archive, by its code: a record that does not fit.
    Record(String),
}

#[derive(Clone, PartialEq, Eq)]
pub struct AgainRow {
    /// Central's number of the record.
    pub person: u64,
    pub times: u32,
    pub officers: u32,
    /// The beginning of the newest encounter's number, by which the record is found at central.
    pub newest: String,
}

super::hidden_debug!(
    DeskFigures,
    DeskFiguresView,
    FiguresView,
    OfficerRow,
    FiguresDetail,
    AgainRow
);

pub(super) fn view(state: &State) -> DeskFiguresView {
    let desk = state.desk.as_ref().map(|desk| &desk.figures);
    DeskFiguresView {
        unit: state
            .session
            .as_ref()
            .map(|session| session.unit.clone())
            .unwrap_or_default(),
        period: desk.map(|desk| desk.period).unwrap_or_default(),
        asking: desk.is_some_and(|desk| desk.asking),
        problem: desk.and_then(|desk| desk.problem),
        figures: desk.and_then(|desk| {
            let report = desk.report.as_deref()?;
            Some(figures(state, desk.part, report))
        }),
    }
}

fn figures(state: &State, part: FiguresPart, report: &UnitReport) -> FiguresView {
    let day = |at: Timestamp| {
        at.local_date(state.edition.limits.utc_offset_minutes)
            .map(regulation::Date::typed)
            .unwrap_or_default()
    };
    let of = |id| report.officers.iter().find(move |row| row.officer == id);
    let detail = match part {
        FiguresPart::Unit => Some(detail(state, String::new(), &report.totals)),
        FiguresPart::Officer(id) => of(id).map(|row| detail(state, who(row), &row.figures)),
        FiguresPart::Again => None,
    };
    let mut officers: Vec<_> = report.officers.iter().map(officer).collect();
    officers.sort_by_key(|row| std::cmp::Reverse((row.remarks, row.encounters)));
    FiguresView {
        from: day(report.from),
        to: day(Timestamp(report.to.0.saturating_sub(1))),
        as_of: clock_text(state, report.made_at),
        pending: report.pending,
        more: report.more,
        part,
        officers,
        detail,
        again: report.checked_again.iter().map(again).collect(),
        again_from: report.again,
    }
}

fn who(row: &OfficerFigures) -> String {
    format!("{} {}", row.rank, row.name)
}

fn officer(row: &OfficerFigures) -> OfficerRow {
    OfficerRow {
        id: row.officer,
        who: who(row),
        encounters: row.figures.encounters,
        remarks: remarks(&row.figures)
            .iter()
            .fold(0_u32, |sum, (_, count)| sum.saturating_add(*count)),
    }
}

fn remarks(figures: &Figures) -> Vec<(RemarkKind, u32)> {
    let duty = &figures.duty;
    let all = [
        (RemarkKind::WithoutOutcome, figures.without_outcome),
        (RemarkKind::Flagged, figures.flagged),
        (RemarkKind::NotClosed, figures.not_closed),
        (RemarkKind::Gaps, duty.gaps),
        (RemarkKind::NotRecorded, duty.not_recorded),
        (RemarkKind::Overruns, duty.overruns),
        (RemarkKind::MeansOverdue, duty.means_overdue),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn detail(state: &State, who: String, figures: &Figures) -> FiguresDetail {
    let grounds = often(&figures.by_ground, |id| {
        let ground = state.edition.ground(id);
        // Of another edition: by its id, which is better than nothing.
        ground.map_or_else(
            || id.to_owned(),
            |ground| ground.title.get(state.language).to_owned(),
        )
    });
    let outcome = |(index, kind): (usize, &&str)| {
        let count = figures.by_outcome.get(*kind).copied().unwrap_or_default();
        (count > 0).then_some((index, count))
    };
    FiguresDetail {
        who,
        remarks: remarks(figures),
        grounds,
        outcomes: OUTCOME_KINDS
            .iter()
            .enumerate()
            .filter_map(outcome)
            .collect(),
        flags: often(&figures.flags, flag),
        figures: figures.clone(),
    }
}

/// The most often first.
fn often<T>(counts: &Counts, named: impl Fn(&str) -> T) -> Vec<(T, u32)> {
    let mut rows: Vec<_> = counts.iter().map(|(id, n)| (named(id), *n)).collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    rows
}

fn flag(code: &str) -> FigureFlag {
    // Counted by kind, whatever was refused.
    let out_of_order = Flag::OutOfOrder {
        refusal: regulation::encounter::Refusal::NotOpen,
    };
    let kinds = [
        Flag::ExplanationDelayed,
        Flag::ExplanationNeverGiven,
        Flag::GroundChanged,
        Flag::ReasonForReview,
        Flag::ReasonDoesNotFit,
        Flag::CaseDoesNotFit,
        Flag::TakenThoughDocumentsPresent,
        Flag::RefusalIsNotResistance,
        Flag::OutcomeBeforeProcedure,
        Flag::IdentityNotConfirmed,
        Flag::IdentityDisputed,
        Flag::LateAnswer,
        Flag::OutcomeCorrected,
        out_of_order,
    ];
    let found = kinds.into_iter().find(|flag| flag.code() == code);
    found.map_or_else(
        || FigureFlag::Record(code.to_owned()),
        FigureFlag::Procedure,
    )
}

fn again(row: &CheckedAgain) -> AgainRow {
    AgainRow {
        person: row.person,
        times: row.times,
        officers: row.officers,
        newest: row
            .encounters
            .first()
            .map(|id| id.to_string().chars().take(8).collect())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Five hours ahead of UTC.
    const OFFSET: i32 = 300;

    fn at(year: i16, month: u8, day: u8) -> Timestamp {
        Date::new(year, month, day).unwrap().begins_at(OFFSET)
    }

    #[test]
    fn periods_are_whole_days_of_local_time() {
        // Half past one in the night of local time: in UTC it is still the day before.
        let now = at(2026, 3, 1).plus_millis(90 * 60_000);
        let of = |period: Period| period.bounds(now, OFFSET).unwrap();
        let tomorrow = at(2026, 3, 2);
        assert_eq!(of(Period::Today), (at(2026, 3, 1), tomorrow));
        assert_eq!(of(Period::Week), (at(2026, 2, 23), tomorrow));
        assert_eq!(of(Period::Month), (at(2026, 1, 31), tomorrow));
        assert_eq!(of(Period::LastMonth), (at(2026, 2, 1), at(2026, 3, 1)));
        let january = at(2027, 1, 31);
        let last = Period::LastMonth.bounds(january, OFFSET).unwrap();
        assert_eq!(last, (at(2026, 12, 1), at(2027, 1, 1)));
        assert!(Period::Today.bounds(Timestamp(i64::MAX), OFFSET).is_none());
    }

    #[test]
    fn no_period_is_longer_than_central_reports() {
        let most = u64::from(protocol::limits::REPORT_DAYS) * 24 * 60 * 60 * 1000;
        for period in Period::ALL {
            let (from, to) = period.bounds(at(2026, 8, 31), OFFSET).unwrap();
            assert!(from < to && to.millis_since(from) <= most, "{period:?}");
        }
    }

    #[test]
    fn every_flag_of_the_procedure_has_its_words_and_others_keep_their_code() {
        let late = flag("late_answer");
        assert_eq!(late, FigureFlag::Procedure(Flag::LateAnswer));
        // As central counts it: by the tag on the wire.
        let written = serde_json::to_value(Flag::GroundChanged).unwrap();
        assert_eq!(written["flag"], Flag::GroundChanged.code());
        let record = FigureFlag::Record("chain_broken".into());
        assert_eq!(flag("chain_broken"), record);
        assert!(matches!(
            flag("out_of_order"),
            FigureFlag::Procedure(Flag::OutOfOrder { .. })
        ));
    }

    #[test]
    fn what_stands_out_is_what_is_not_nought() {
        let mut figures = Figures {
            encounters: 9,
            ..Figures::default()
        };
        assert!(remarks(&figures).is_empty());
        figures.without_outcome = 2;
        figures.duty.gaps = 1;
        let said = remarks(&figures);
        let wanted = [(RemarkKind::WithoutOutcome, 2), (RemarkKind::Gaps, 1)];
        assert_eq!(said, wanted);
    }
}
