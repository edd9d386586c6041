//! What the duty unit does with the pages of its desk.

use super::DayError;
use super::hands::Hands;
use protocol::Figures;
use tablet::pages::{
    AlertRow, AlertRowKind, DeskIncidentView, DeskView, IncidentLineKind, KnownIncident, Page,
    PageView, TabletState, UnitTablet,
};

fn board(page: &PageView) -> Option<&DeskView> {
    match &page.page {
        Page::Desk(view) => Some(view),
        _ => None,
    }
}

fn incident(page: &PageView) -> Option<&DeskIncidentView> {
    match &page.page {
        Page::DeskIncident(view) => Some(view),
        _ => None,
    }
}

impl Hands {
    /// The desk's officer is at the board.
    pub(super) fn start_desk(&mut self) -> Result<(), DayError> {
        self.log_in()?;
        self.board("the board", |view| view.as_of.is_some())?;
        Ok(())
    }

    pub(super) fn board(
        &mut self,
        what: &str,
        accept: impl Fn(&DeskView) -> bool,
    ) -> Result<DeskView, DayError> {
        let page = self.wait(what, |p| board(p).is_some_and(&accept))?;
        match page.page {
            Page::Desk(view) => Ok(view),
            _ => Err(DayError::NotSo("the board is the desk's home")),
        }
    }

    /// Taps a button of the card of that kind about that officer.
    fn tap_card(&mut self, kind: AlertRowKind, who: &str, button: &str) -> Result<(), DayError> {
        let is = |row: &AlertRow| row.kind == kind && row.who.ends_with(who) && !row.decided;
        self.board(&format!("{kind:?}"), |v| v.alerts.iter().any(is))?;
        Ok(self
            .stage
            .tap_in("DeskPage::alerts", "DeskPage::alert", who, button)?)
    }

    /// §20: with one tap.
    pub(super) fn decide(
        &mut self,
        kind: AlertRowKind,
        who: &str,
        yes: bool,
    ) -> Result<(), DayError> {
        let button = if yes {
            "AlertCard::yes"
        } else {
            "AlertCard::no"
        };
        self.tap_card(kind, who, button)?;
        self.gone(kind, who)
    }

    /// §21: an administrator is sent, or has put it right.
    pub(super) fn see_to_fault(
        &mut self,
        kind: AlertRowKind,
        who: &str,
        text: &str,
    ) -> Result<(), DayError> {
        let is_fault = |page: &Page| matches!(page, Page::DeskFault(_));
        self.see_to(kind, who, is_fault, ("DeskFaultPage::note-field", text))
    }

    /// §32: the file is taken in, or its deletion from the private device confirmed.
    pub(super) fn take_in_means(
        &mut self,
        kind: AlertRowKind,
        who: &str,
        text: &str,
    ) -> Result<(), DayError> {
        let is_means = |page: &Page| matches!(page, Page::DeskMeans(_));
        self.see_to(kind, who, is_means, ("DeskMeansPage::note-field", text))
    }

    /// Opens a card's page, and says there in words what is done.
    fn see_to(
        &mut self,
        kind: AlertRowKind,
        who: &str,
        is_its: fn(&Page) -> bool,
        (field, text): (&str, &str),
    ) -> Result<(), DayError> {
        self.tap_card(kind, who, "AlertCard::open")?;
        self.wait("the card's page", |p| is_its(&p.page))?;
        self.type_into(field, text)?;
        self.primary()?;
        self.gone(kind, who)
    }

    /// The board has it no more.
    pub(super) fn gone(&mut self, kind: AlertRowKind, who: &str) -> Result<(), DayError> {
        let is = |row: &AlertRow| row.kind == kind && row.who.ends_with(who);
        self.board(&format!("no {kind:?}"), |v| !v.alerts.iter().any(is))?;
        Ok(())
    }

    /// §22: opened, with all that central knows of it, and taken in.
    pub(super) fn take_in_report(&mut self, who: &str) -> Result<(), DayError> {
        self.tap_card(AlertRowKind::Incident, who, "AlertCard::open")?;
        self.one_report("the report", |v| v.known.is_some())?;
        self.primary()?;
        self.history(IncidentLineKind::Received)?;
        Ok(())
    }

    fn one_report(
        &mut self,
        what: &str,
        accept: impl Fn(&DeskIncidentView) -> bool,
    ) -> Result<DeskIncidentView, DayError> {
        let page = self.wait(what, |p| incident(p).is_some_and(&accept))?;
        match page.page {
            Page::DeskIncident(view) => Ok(view),
            _ => Err(DayError::NotSo("a report has its page")),
        }
    }

    /// Central has it in the report's history.
    fn history(&mut self, kind: IncidentLineKind) -> Result<KnownIncident, DayError> {
        let has = |v: &DeskIncidentView| {
            let known = v.known.as_ref();
            known.is_some_and(|known| known.lines.iter().any(|line| line.kind == kind))
        };
        let view = self.one_report(&format!("{kind:?}"), has)?;
        view.known
            .ok_or(DayError::NotSo("central knows the report"))
    }

    /// §22: by the `nth` kind of offence.
    pub(super) fn classify(&mut self, nth: usize) -> Result<(), DayError> {
        self.primary()?;
        self.stage.tap("DeskIncidentPage::class-choice", nth)?;
        self.primary()?;
        self.history(IncidentLineKind::Classified)?;
        Ok(())
    }

    pub(super) fn ask_officer(&mut self, text: &str) -> Result<(), DayError> {
        self.secondary()?;
        self.type_into("DeskIncidentPage::text-field", text)?;
        self.primary()?;
        self.history(IncidentLineKind::Asked)?;
        Ok(())
    }

    /// The officer's answer is there.
    pub(super) fn answered(&mut self) -> Result<(), DayError> {
        self.history(IncidentLineKind::Added)?;
        Ok(())
    }

    pub(super) fn link(&mut self, camera: &str) -> Result<(), DayError> {
        self.tap("FrameActions::tertiary-button")?;
        self.type_into("DeskIncidentPage::camera-field", camera)?;
        self.primary()?;
        self.history(IncidentLineKind::Linked)?;
        Ok(())
    }

    /// Closed, and back at the board without it; what central knew of it before.
    pub(super) fn close_report(&mut self, who: &str, how: &str) -> Result<KnownIncident, DayError> {
        let view = self.one_report("all of it known", |v| v.known.is_some() && v.sent == 0)?;
        self.primary()?;
        self.type_into("DeskIncidentPage::text-field", how)?;
        self.primary()?;
        let of = |row: &AlertRow| row.kind == AlertRowKind::Incident && row.who.ends_with(who);
        self.board("the report closed", |v| !v.alerts.iter().any(of))?;
        view.known
            .ok_or(DayError::NotSo("central knows the report"))
    }

    /// §16: the unit's tablets, as central has them, as soon as they are as they are to be.
    pub(super) fn tablets(
        &mut self,
        what: &str,
        accept: impl Fn(&[UnitTablet]) -> bool,
    ) -> Result<Vec<UnitTablet>, DayError> {
        self.board("the board before the tablets", |v| v.tablets.is_some())?;
        self.secondary()?;
        let page = self.wait(
            what,
            |p| matches!(&p.page, Page::DeskCustody(v) if accept(&v.tablets)),
        )?;
        self.primary()?;
        match page.page {
            Page::DeskCustody(view) => Ok(view.tablets),
            _ => Err(DayError::NotSo("the tablets have their page")),
        }
    }
    /// §4: the figures of today, as soon as they are as they are to be.
    pub(super) fn figures(
        &mut self,
        what: &str,
        accept: impl Fn(&Figures) -> bool,
    ) -> Result<(), DayError> {
        self.board("the board before the figures", |_| true)?;
        self.tap("FrameActions::tertiary-button")?;
        self.wait(what, |p| {
            let Page::DeskFigures(view) = &p.page else {
                return false;
            };
            let shown = view.figures.as_ref();
            let detail = shown.and_then(|figures| figures.detail.as_ref());
            detail.is_some_and(|detail| accept(&detail.figures))
        })?;
        self.primary()
    }
}

/// How many tablets are so.
pub(super) fn count(tablets: &[UnitTablet], state: TabletState) -> usize {
    tablets
        .iter()
        .filter(|tablet| tablet.state == state)
        .count()
}
