//! §4: the unit's figures at the commander's desk.

use super::command::DeskFiguresCommand;
use super::desk::problem_of;
use super::{Inner, Worker};
use crate::link::LinkError;
use crate::pages::{DeskFigures, DeskState, FiguresPart, Period, QueryProblem, Screen};
use protocol::{DeskRight, UnitReport};

impl Worker {
    pub(super) fn desk_figures(&mut self, command: DeskFiguresCommand) {
        match command {
            DeskFiguresCommand::Open => {
                if !self.may(DeskRight::Figures) {
                    return;
                }
                let desk = self.state.desk.get_or_insert_with(DeskState::default);
                desk.figures = DeskFigures::default();
                self.state.screen = Screen::DeskFigures;
                self.ask_for_figures(Period::default());
            }
            DeskFiguresCommand::Period(period) => self.ask_for_figures(period),
            DeskFiguresCommand::Retry => {
                let period = self.open_figures().map(|open| open.period);
                if let Some(period) = period {
                    self.ask_for_figures(period);
                }
            }
            DeskFiguresCommand::Show(part) => {
                if let Some(open) = self.open_figures() {
                    open.part = part;
                }
            }
        }
    }

    /// With the connection back, figures that could not be had without one are asked for by themselves.
    pub(super) fn ask_again_for_figures(&mut self) {
        let cut = Some(QueryProblem::NoConnection);
        let period = self
            .open_figures()
            .and_then(|open| (open.problem == cut).then_some(open.period));
        if let Some(period) = period {
            self.ask_for_figures(period);
        }
    }

    /// What was shown goes first: no figures stand where others were asked for.
    fn ask_for_figures(&mut self, period: Period) {
        let offset = self.parts.edition.limits.utc_offset_minutes;
        let bounds = period.bounds(self.parts.clock.now(), offset);
        let (link, session) = (self.link.clone(), self.session.clone());
        let Some(open) = self.open_figures() else {
            return;
        };
        *open = DeskFigures {
            period,
            // Who is looked at stays; who is not in the new figures is looked for again.
            part: open.part,
            ..DeskFigures::default()
        };
        let (Some(link), Some(session), Some((from, to))) = (link, session, bounds) else {
            open.problem = Some(QueryProblem::NoConnection);
            return;
        };
        open.asking = true;
        let inner = self.inner.clone();
        tokio::spawn(async move {
            let result = link.report(&session, from, to).await.map(Box::new);
            // The worker ends before its tasks only at shutdown.
            let _ = inner.send(Inner::Figures { period, result });
        });
    }

    pub(super) fn figures_told(
        &mut self,
        period: Period,
        result: Result<Box<UnitReport>, LinkError>,
    ) {
        let Some(open) = self.open_figures() else {
            return;
        };
        if open.period != period || !open.asking {
            return;
        }
        open.asking = false;
        match result {
            Ok(report) => {
                if let FiguresPart::Officer(id) = open.part
                    && !report.officers.iter().any(|row| row.officer == id)
                {
                    open.part = FiguresPart::Unit;
                }
                open.report = Some(report);
            }
            Err(error) => {
                tracing::info!(%error, "central does not say the figures");
                open.problem = Some(problem_of(&error));
            }
        }
    }

    fn open_figures(&mut self) -> Option<&mut DeskFigures> {
        if self.state.screen != Screen::DeskFigures {
            return None;
        }
        Some(&mut self.state.desk.as_mut()?.figures)
    }
}
