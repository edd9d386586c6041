//! R-3b: a training, over every page.

use super::{
    AppWindow, TrainingAdapter, TrainingLineItem, TrainingRowItem, TrainingSheetName, int, put,
};
use crate::app::Sender;
use slint::ComponentHandle;
use tablet::pages::{
    PageView, TrainingCourse, TrainingFeedback, TrainingLine, TrainingRow, TrainingSheet,
    TrainingSituation,
};
use tablet::worker::{Command, TrainingCommand};

pub(super) fn connect(window: &AppWindow, sender: &Sender) {
    let adapter = window.global::<TrainingAdapter>();
    let send = |command| {
        let to = sender.clone();
        move || to.send(Command::Training(command))
    };
    adapter.on_open(send(TrainingCommand::Open));
    adapter.on_close(send(TrainingCommand::Close));
    adapter.on_begin(send(TrainingCommand::Begin));
    adapter.on_course(send(TrainingCommand::Course));
    let to = sender.clone();
    adapter.on_choose(move |number| {
        if let Ok(number) = usize::try_from(number) {
            to.send(Command::Training(TrainingCommand::Choose(number)));
        }
    });
}

/// Over the page: it changes with every one.
pub(super) fn map(window: &AppWindow, view: &PageView) {
    let adapter = window.global::<TrainingAdapter>();
    adapter.set_guided(view.training.is_some());
    let training = view.training.clone().unwrap_or_default();
    adapter.set_cue(training.cue.into());
    match training.sheet {
        None => adapter.set_sheet(TrainingSheetName::None),
        Some(TrainingSheet::Course(sheet)) => course(&adapter, sheet),
        Some(TrainingSheet::Situation(sheet)) => situation(&adapter, sheet),
        Some(TrainingSheet::Feedback(sheet)) => feedback(&adapter, sheet),
    }
}

fn course(adapter: &TrainingAdapter<'_>, sheet: TrainingCourse) {
    let whole = |row: &&TrainingRow| row.tried.as_ref().is_some_and(|t| t.missed.is_empty());
    let open = sheet.rows.iter().position(|row| row.tried.is_none());
    adapter.set_met(int(sheet.rows.iter().filter(whole).count()));
    adapter.set_next(open.map_or(-1, int));
    adapter.set_trainee(sheet.trainee.into());
    adapter.set_file(sheet.file.into());
    adapter.set_unwritten(sheet.unwritten);
    put(
        &adapter.get_rows(),
        sheet.rows.into_iter().map(row).collect(),
        |m| adapter.set_rows(m),
    );
    adapter.set_sheet(TrainingSheetName::Course);
}

fn row(row: TrainingRow) -> TrainingRowItem {
    let Some(tried) = row.tried else {
        return TrainingRowItem {
            title: row.title.into(),
            ..TrainingRowItem::default()
        };
    };
    let missed: Vec<_> = tried.missed.iter().map(|p| format!("§{p}")).collect();
    TrainingRowItem {
        title: row.title.into(),
        tried: true,
        met: int(tried.met),
        asked: int(tried.asked),
        missed: missed.join(", ").into(),
        seconds: int(tried.seconds),
        tries: int(tried.tries),
    }
}

fn situation(adapter: &TrainingAdapter<'_>, sheet: TrainingSituation) {
    adapter.set_number(int(sheet.number));
    adapter.set_title(sheet.title.into());
    adapter.set_text(sheet.text.into());
    adapter.set_running(sheet.running);
    adapter.set_sheet(TrainingSheetName::Situation);
}

fn feedback(adapter: &TrainingAdapter<'_>, sheet: TrainingFeedback) {
    adapter.set_number(int(sheet.number));
    adapter.set_title(sheet.title.into());
    adapter.set_next(sheet.next.map_or(-1, int));
    adapter.set_judged(sheet.lines.is_some());
    let mut lines = sheet.lines.unwrap_or_default();
    adapter.set_met(int(lines.iter().filter(|line| line.met).count()));
    // What is to be done otherwise comes first.
    lines.sort_by_key(|line| line.met);
    put(
        &adapter.get_lines(),
        lines.into_iter().map(line).collect(),
        |m| adapter.set_lines(m),
    );
    adapter.set_sheet(TrainingSheetName::Feedback);
}

fn line(line: TrainingLine) -> TrainingLineItem {
    TrainingLineItem {
        met: line.met,
        paragraph: int(line.paragraph),
        text: line.text.into(),
    }
}
