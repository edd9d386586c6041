//! §4: the unit's figures at the commander's desk.

use super::words::{flag, outcome_kind, query_trouble};
use super::{
    AgainItem, AppWindow, CountItem, CountName, DeskFiguresAdapter, FigureItem, FiguresItem,
    OfficerItem, PeriodName, RemarkName, int, put,
};
use crate::app::Sender;
use slint::{ComponentHandle, ModelRc};
use tablet::pages::{
    AgainRow, DeskFiguresView, FigureFlag, FiguresDetail, FiguresPart, FiguresView, OfficerRow,
    Period, RemarkKind,
};
use tablet::worker::{Command, DeskFiguresCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<DeskFiguresAdapter>();
    let send = {
        let to = sender.clone();
        move |command| to.send(Command::DeskFigures(command))
    };
    let to = send.clone();
    adapter.on_choose_period(move |name| to(DeskFiguresCommand::Period(period(name))));
    let to = send.clone();
    adapter.on_show_unit(move || to(DeskFiguresCommand::Show(FiguresPart::Unit)));
    let to = send.clone();
    adapter.on_show_again(move || to(DeskFiguresCommand::Show(FiguresPart::Again)));
    let to = send.clone();
    adapter.on_show_officer(move |id| {
        if let Ok(officer) = id.parse() {
            to(DeskFiguresCommand::Show(FiguresPart::Officer(officer)));
        }
    });
    adapter.on_retry(move || send(DeskFiguresCommand::Retry));
    let to = sender.clone();
    adapter.on_back(move || to.send(Command::GoHome));
}

pub(super) fn map(window: &AppWindow, view: &DeskFiguresView) {
    let adapter = window.global::<DeskFiguresAdapter>();
    adapter.set_unit(view.unit.as_str().into());
    adapter.set_period(period_name(view.period));
    adapter.set_asking(view.asking);
    adapter.set_trouble(query_trouble(view.problem));
    adapter.set_there(view.figures.is_some());
    match &view.figures {
        Some(figures) => said(&adapter, figures),
        None => clear(&adapter),
    }
}

pub(super) fn forget(window: &AppWindow) {
    let adapter = window.global::<DeskFiguresAdapter>();
    adapter.set_there(false);
    adapter.set_unit("".into());
    clear(&adapter);
}

fn clear(adapter: &DeskFiguresAdapter<'_>) {
    adapter.set_officers(ModelRc::default());
    adapter.set_figures(FiguresItem::default());
    adapter.set_remarks(ModelRc::default());
    adapter.set_grounds(ModelRc::default());
    adapter.set_outcomes(ModelRc::default());
    adapter.set_flags(ModelRc::default());
    adapter.set_again(ModelRc::default());
}

fn said(adapter: &DeskFiguresAdapter<'_>, view: &FiguresView) {
    adapter.set_from(view.from.as_str().into());
    adapter.set_to(view.to.as_str().into());
    adapter.set_as_of(view.as_of.as_str().into());
    adapter.set_pending(int(view.pending));
    adapter.set_more(view.more);
    adapter.set_at_again(view.part == FiguresPart::Again);
    adapter.set_chosen(match view.part {
        FiguresPart::Officer(id) => id.to_string().into(),
        FiguresPart::Unit | FiguresPart::Again => "".into(),
    });
    let officers = view.officers.iter().map(officer).collect();
    put(&adapter.get_officers(), officers, |m| {
        adapter.set_officers(m);
    });
    adapter.set_again_from(int(view.again_from));
    let again = view.again.iter().map(again).collect();
    put(&adapter.get_again(), again, |m| adapter.set_again(m));
    adapter.set_figures(view.detail.as_ref().map(figures).unwrap_or_default());
    let detail = view.detail.as_ref();
    let remarks = detail.map(|d| d.remarks.iter().map(remark).collect());
    put(&adapter.get_remarks(), remarks.unwrap_or_default(), |m| {
        adapter.set_remarks(m);
    });
    let grounds = detail.map(|d| d.grounds.iter().map(ground).collect());
    put(&adapter.get_grounds(), grounds.unwrap_or_default(), |m| {
        adapter.set_grounds(m);
    });
    let outcomes = detail.map(|d| d.outcomes.iter().map(outcome).collect());
    put(&adapter.get_outcomes(), outcomes.unwrap_or_default(), |m| {
        adapter.set_outcomes(m);
    });
    let flags = detail.map(|d| d.flags.iter().map(flagged).collect());
    put(&adapter.get_flags(), flags.unwrap_or_default(), |m| {
        adapter.set_flags(m);
    });
}

fn officer(row: &OfficerRow) -> OfficerItem {
    OfficerItem {
        id: row.id.to_string().into(),
        who: row.who.as_str().into(),
        encounters: int(row.encounters),
        remarks: int(row.remarks),
    }
}

fn again(row: &AgainRow) -> AgainItem {
    AgainItem {
        person: row.person.to_string().into(),
        times: int(row.times),
        officers: int(row.officers),
        newest: row.newest.as_str().into(),
    }
}

fn figures(detail: &FiguresDetail) -> FiguresItem {
    let figures = &detail.figures;
    let duty = &figures.duty;
    FiguresItem {
        who: detail.who.as_str().into(),
        encounters: int(figures.encounters),
        closed: figures.median_minutes.is_some(),
        median: int(figures.median_minutes.unwrap_or_default()),
        longest: int(figures.longest_minutes.unwrap_or_default()),
        asked: int(figures.asked),
        answered: int(figures.answered),
        revealed: int(figures.revealed),
        shifts: int(duty.shifts),
        duty_hours: int(duty.minutes / 60),
        duty_minutes: int(duty.minutes % 60),
        pauses: int(duty.pauses),
        faults: int(duty.faults),
    }
}

fn remark((kind, count): &(RemarkKind, u32)) -> FigureItem {
    FigureItem {
        kind: match kind {
            RemarkKind::WithoutOutcome => RemarkName::WithoutOutcome,
            RemarkKind::Flagged => RemarkName::Flagged,
            RemarkKind::NotClosed => RemarkName::NotClosed,
            RemarkKind::Gaps => RemarkName::Gaps,
            RemarkKind::NotRecorded => RemarkName::NotRecorded,
            RemarkKind::MeansOverdue => RemarkName::MeansOverdue,
            RemarkKind::Overruns => RemarkName::Overruns,
        },
        count: int(*count),
    }
}

fn ground((title, count): &(String, u32)) -> CountItem {
    CountItem {
        kind: CountName::Named,
        text: title.as_str().into(),
        count: int(*count),
        ..CountItem::default()
    }
}

fn outcome((index, count): &(usize, u32)) -> CountItem {
    CountItem {
        kind: CountName::Outcome,
        outcome: outcome_kind(*index),
        count: int(*count),
        ..CountItem::default()
    }
}

fn flagged((kind, count): &(FigureFlag, u32)) -> CountItem {
    let count = int(*count);
    match kind {
        FigureFlag::Procedure(kind) => CountItem {
            kind: CountName::Flag,
            flag: flag(*kind),
            count,
            ..CountItem::default()
        },
        FigureFlag::Record(code) => CountItem {
            kind: CountName::Record,
            text: code.as_str().into(),
            count,
            ..CountItem::default()
        },
    }
}

fn period_name(period: Period) -> PeriodName {
    match period {
        Period::Today => PeriodName::Today,
        Period::Week => PeriodName::Week,
        Period::Month => PeriodName::Month,
        Period::LastMonth => PeriodName::LastMonth,
    }
}

fn period(name: PeriodName) -> Period {
    match name {
        PeriodName::Today => Period::Today,
        PeriodName::Week => Period::Week,
        PeriodName::Month => Period::Month,
        PeriodName::LastMonth => Period::LastMonth,
    }
}
