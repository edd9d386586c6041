//! What an officer on patrol does with the pages of their tablet.

use super::DayError;
use super::hands::Hands;
use crate::emulator::{Glass, Skin};
use crate::people;
use regulation::EncounterId;
use regulation::bodycam::Serial;
use tablet::pages::{
    CameraState, Connection, DeskWord, HomeView, Page, PageView, PhotoStage, ReportRow, ReportState,
};

/// From whom a tablet is taken, and to whom it is given.
#[derive(Clone)]
pub(super) enum Other {
    /// The place that the head of the unit has named.
    Place,
    /// Who confirms on the tablet with their own credentials.
    Person { login: String, password: String },
}

fn home(page: &PageView) -> Option<&HomeView> {
    match &page.page {
        Page::Home(view) => Some(view),
        _ => None,
    }
}

fn camera(page: &PageView) -> Option<CameraState> {
    match &page.page {
        Page::Bodycam(view) => Some(view.duty.state),
        _ => None,
    }
}

impl Hands {
    fn at_home(&mut self, what: &str) -> Result<PageView, DayError> {
        self.wait(what, |p| home(p).is_some())
    }

    /// §13 to §18, §23: from log-in to home, with tablet and bodycam.
    pub(super) fn start_shift(
        &mut self,
        from: &Other,
        damage: Option<&str>,
        bodycam: &Serial,
    ) -> Result<(), DayError> {
        self.log_in()?;
        let page = self.wait(
            "the tablet, looked at",
            |p| matches!(&p.page, Page::TakeOver(t) if t.readiness.level.is_some()),
        )?;
        let Page::TakeOver(view) = &page.page else {
            return Err(DayError::NotSo("the tablet is taken over first"));
        };
        if view.anothers || view.notices.is_empty() || view.party.places.is_empty() {
            return Err(DayError::NotSo(
                "a log-in brings assignment, notices and places",
            ));
        }
        if let Some(damage) = damage {
            self.tap("ConditionField::damaged-segment")?;
            self.type_into("ConditionField::damage-field", damage)?;
            self.photo()?;
        }
        self.with_other(from, |p| match &p.page {
            Page::TakeOver(view) => Some(view.party.confirmed),
            _ => None,
        })?;
        self.primary()?;
        self.receive(bodycam)?;
        self.wait("home, with both", |p| {
            p.chrome.connection == Connection::Online
                && home(p).is_some_and(|h| {
                    h.tablet.as_ref().is_some_and(|t| t.held)
                        && h.bodycam
                            .as_ref()
                            .is_some_and(|b| b.state == CameraState::Recording)
                })
        })?;
        Ok(())
    }

    fn receive(&mut self, bodycam: &Serial) -> Result<(), DayError> {
        let page = self.wait("the bodycam to be received", |p| {
            matches!(p.page, Page::Receive(_))
        })?;
        if !matches!(&page.page, Page::Receive(r) if r.serial == bodycam.to_string()) {
            return Err(DayError::NotSo("the assigned bodycam stands on the page"));
        }
        // One touch says all of it.
        self.primary()
    }

    /// §22, §31: a photo over the page that wants it.
    fn photo(&mut self) -> Result<(), DayError> {
        self.tap("PhotoField::take-photo")?;
        for (what, stage) in [
            ("a live picture", PhotoStage::Live),
            ("a photo", PhotoStage::Taken),
        ] {
            self.wait(what, |p| p.photo.is_some_and(|photo| photo.stage == stage))?;
            self.primary()?;
        }
        self.wait("the page below", |p| p.photo.is_none())?;
        Ok(())
    }

    /// §16: the other side of a hand-over; a person types their own credentials.
    fn with_other(
        &mut self,
        other: &Other,
        confirmed: impl Fn(&PageView) -> Option<bool>,
    ) -> Result<(), DayError> {
        let Other::Person { login, password } = other else {
            return Ok(());
        };
        self.tap("PartyChooser::person-choice")?;
        self.type_into("ConfirmForm::login-field", login)?;
        self.type_into("ConfirmForm::password-field", password)?;
        self.primary()?;
        self.wait("confirmed", |p| confirmed(p) == Some(true))?;
        Ok(())
    }

    /// §8, §12: from home to the choice of the means.
    fn stop_somebody(&mut self, place: &str) -> Result<EncounterId, DayError> {
        self.at_home("home before an encounter")?;
        self.primary()?;
        self.wait("introduce", |p| matches!(p.page, Page::Introduce(_)))?;
        self.type_into("IntroducePage::place-field", place)?;
        self.tap("IntroducePage::service-id")?;
        self.primary()?;
        self.wait("the ground", |p| matches!(p.page, Page::Ground(_)))?;
        self.tap("GroundPage::ground-choice")?;
        self.type_into("GroundPage::fact-field", "Белгилари мос келди")?;
        self.tap("GroundPage::explained")?;
        self.primary()?;
        let page = self.wait("the means", |p| matches!(p.page, Page::Method(_)))?;
        page.stamp
            .encounter
            .ok_or(DayError::NotSo("a page belongs to its encounter"))
    }

    /// An encounter with somebody's finger on the glass, up to its question.
    pub(super) fn ask_by_finger(&mut self, person: u64) -> Result<EncounterId, DayError> {
        let id = self.stop_somebody("Намуна бекати")?;
        self.tap("MethodPage::fingerprint-card")?;
        self.wait("the finger", |p| matches!(p.page, Page::Finger(_)))?;
        self.panel.place(Glass {
            finger: person,
            skin: Skin::Ordinary,
            touch: 3,
        });
        self.primary()?;
        self.wait("asked", |p| {
            matches!(p.page, Page::Pending(_) | Page::Answer(_))
        })?;
        self.panel.lift();
        Ok(id)
    }

    /// An encounter with somebody who has a passport, which is looked up.
    pub(super) fn ask_by_document(&mut self, person: u64) -> Result<EncounterId, DayError> {
        let id = self.stop_somebody("Мисол бозори")?;
        let known = people::person(person);
        let born = known.birth_date.0.typed();
        let number = known.documents.first().map(|n| n.0.clone());
        let number = number.unwrap_or_default();
        let patronymic = known.name.patronymic.clone().unwrap_or_default();
        let pinfl = known
            .pinfl
            .as_ref()
            .map(|p| p.0.clone())
            .unwrap_or_default();
        self.tap("MethodPage::document-card")?;
        self.wait("the document", |p| matches!(p.page, Page::Document(_)))?;
        self.tap("DocumentPage::passport")?;
        self.tap("DocumentPage::ask-central")?;
        for (field, text) in [
            ("DocumentPage::surname-field", &known.name.surname),
            ("DocumentPage::given-field", &known.name.given),
            ("DocumentPage::patronymic-field", &patronymic),
            ("DocumentPage::birth-date-field", &born),
            ("DocumentPage::number-field", &number),
            ("DocumentPage::pinfl-field", &pinfl),
        ] {
            self.type_into(field, text)?;
        }
        self.primary()?;
        self.wait(
            "shown back",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_some()),
        )?;
        self.primary()?;
        self.wait("asked", |p| {
            matches!(p.page, Page::Pending(_) | Page::Answer(_))
        })?;
        Ok(id)
    }

    /// §5, §9: the answer, held to be read, is confirmed.
    pub(super) fn read_answer(&mut self, person: u64) -> Result<(), DayError> {
        self.wait("the answer", |p| matches!(p.page, Page::Answer(_)))?;
        let held = self.stage.press("AnswerPage::cover")?;
        let page = self.wait(
            "uncovered",
            |p| matches!(&p.page, Page::Answer(a) if !a.covered),
        )?;
        let surname = people::person(person).name.surname;
        let named = matches!(&page.page, Page::Answer(a)
            if a.people.first().is_some_and(|p| p.surname == surname));
        self.stage.release(held);
        self.wait(
            "covered again",
            |p| matches!(&p.page, Page::Answer(a) if a.covered),
        )?;
        if named {
            Ok(())
        } else {
            Err(DayError::NotSo("the right person is named"))
        }
    }

    pub(super) fn confirm_person(&mut self) -> Result<(), DayError> {
        self.secondary()?;
        self.wait("confirmed", |p| {
            matches!(&p.page, Page::Answer(a)
                if a.confirmation == regulation::encounter::Confirmation::Confirmed)
        })?;
        self.primary()
    }

    /// §9: released, from the answer or while it is awaited, and back to the list.
    pub(super) fn release(&mut self) -> Result<(), DayError> {
        self.wait("the outcome", |p| matches!(p.page, Page::Outcome(_)))?;
        self.primary()?;
        self.wait("closed", |p| matches!(p.page, Page::Closed(_)))?;
        Ok(())
    }

    /// §9: taken on another ground.
    pub(super) fn take_along(&mut self, article: &str, by: &str) -> Result<(), DayError> {
        self.wait("the outcome", |p| matches!(p.page, Page::Outcome(_)))?;
        self.tap("OutcomePage::other-ground")?;
        self.type_into("OutcomePage::article-field", article)?;
        self.type_into("OutcomePage::order-field", by)?;
        self.primary()?;
        self.wait("closed", |p| matches!(p.page, Page::Closed(_)))?;
        Ok(())
    }

    /// From the page of a closed encounter, once all of it is safe.
    pub(super) fn list_when_safe(&mut self) -> Result<(), DayError> {
        self.wait("all of it safe", |p| {
            matches!(&p.page, Page::Closed(c)
                if c.delivery.waiting == 0 && c.delivery.stored == 0 && c.delivery.safe > 0)
        })?;
        self.back_to_list()
    }

    pub(super) fn back_to_list(&mut self) -> Result<(), DayError> {
        self.primary()?;
        self.at_home("the list")?;
        Ok(())
    }

    fn open_bodycam(&mut self) -> Result<(), DayError> {
        self.at_home("home before the bodycam")?;
        self.tap("HomePage::bodycam-strip")?;
        self.wait("the bodycam", |p| camera(p).is_some())?;
        Ok(())
    }

    pub(super) fn camera(&mut self, state: CameraState) -> Result<(), DayError> {
        self.wait(&format!("{state:?}"), |p| camera(p) == Some(state))?;
        Ok(())
    }

    /// §20: a pause of the `nth` kind is asked for.
    pub(super) fn ask_pause(&mut self, nth: usize) -> Result<(), DayError> {
        self.open_bodycam()?;
        self.primary()?;
        self.stage.tap("BodycamPage::reason-choice", nth)?;
        self.stage.tap("BodycamPage::length-choice", 1)?;
        self.primary()?;
        self.camera(CameraState::PauseAsked)
    }

    /// The desk's word stands beside every page until it is read.
    pub(super) fn told(&mut self, word: DeskWord) -> Result<(), DayError> {
        self.wait(&format!("{word:?}"), |p| p.chrome.word == Some(word))?;
        self.tap("DeskNotice::understood-button")?;
        self.wait("read", |p| p.chrome.word != Some(word))?;
        Ok(())
    }

    pub(super) fn begin_pause(&mut self) -> Result<(), DayError> {
        self.camera(CameraState::PausePermitted)?;
        self.primary()?;
        self.camera(CameraState::Paused)
    }

    /// Records again, and back to the list.
    pub(super) fn end_pause(&mut self) -> Result<(), DayError> {
        self.primary()?;
        self.camera(CameraState::Recording)?;
        self.leave_bodycam()
    }

    pub(super) fn leave_bodycam(&mut self) -> Result<(), DayError> {
        self.quiet()?;
        self.at_home("home after the bodycam")?;
        Ok(())
    }

    /// §20: with no connection a voice permits it, by name; and it begins.
    pub(super) fn pause_by_voice(&mut self, name: &str) -> Result<(), DayError> {
        self.ask_pause(1)?;
        self.primary()?;
        self.type_into("BodycamPage::name-field", name)?;
        self.primary()?;
        self.begin_pause()
    }

    /// §21, §32: the `nth` fault, in two taps; meanwhile another device records.
    pub(super) fn fault(&mut self, nth: usize) -> Result<(), DayError> {
        self.open_bodycam()?;
        self.stage.tap("BodycamPage::fault-kind", nth)?;
        self.primary()?;
        self.camera(CameraState::Faulty)?;
        self.tap("BodycamPage::other-means-button")?;
        self.tap("BodycamPage::device-choice")?;
        self.tap("BodycamPage::owner-choice")?;
        self.primary()?;
        self.wait(
            "recorded by other means",
            |p| matches!(&p.page, Page::Bodycam(b) if b.other_means == 1),
        )?;
        Ok(())
    }

    pub(super) fn mended(&mut self) -> Result<(), DayError> {
        self.primary()?;
        self.camera(CameraState::Recording)?;
        self.leave_bodycam()
    }

    /// §22: a report of the `nth` kind, from home or from a closed encounter.
    pub(super) fn report(&mut self, nth: usize, text: &str) -> Result<(), DayError> {
        let page = self.wait("home or a closed encounter", |p| {
            matches!(p.page, Page::Home(_) | Page::Closed(_))
        })?;
        let alone = matches!(page.page, Page::Home(_));
        if alone {
            self.secondary()?
        } else {
            self.quiet()?
        }
        self.wait("the report", |p| matches!(p.page, Page::Incident(_)))?;
        self.stage.tap("IncidentPage::kind-choice", nth)?;
        self.primary()?;
        if alone {
            self.type_into("IncidentPage::place-field", "Тимсол кўчаси")?;
        }
        self.type_into("IncidentPage::text-field", text)?;
        self.photo()?;
        self.primary()?;
        self.wait("reported", |p| reported(p).is_some())?;
        Ok(())
    }

    /// §22: what the desk asks is answered.
    pub(super) fn answer_desk(&mut self, text: &str) -> Result<(), DayError> {
        self.wait("asked by the desk", |p| {
            reported(p).is_some_and(|row| row.state == ReportState::Asked)
        })?;
        self.type_into("ReportsPage::text-field", text)?;
        self.primary()?;
        self.wait("answered", |p| {
            reported(p).is_some_and(|row| row.state != ReportState::Asked)
        })?;
        Ok(())
    }

    /// Back to the list, by whatever way one came.
    pub(super) fn leave_report(&mut self) -> Result<(), DayError> {
        self.quiet()?;
        self.wait("the page before the report", |p| reported(p).is_none())?;
        loop {
            let page = self.wait("a page to leave", |_| true)?;
            match page.page {
                Page::Home(_) => return Ok(()),
                Page::Closed(_) => self.primary()?,
                _ => self.quiet()?,
            }
            let left = std::mem::discriminant(&page.page);
            self.wait("another page", |p| std::mem::discriminant(&p.page) != left)?;
        }
    }

    /// An answer that came late calls from the list; it is read, and the list says no more of it.
    pub(super) fn read_late_answer(&mut self, person: u64) -> Result<(), DayError> {
        self.wait("a late answer", |p| {
            home(p).is_some_and(|h| h.attention == 1)
        })?;
        self.tap("HomePage::row")?;
        let page = self.wait("the encounter", |p| {
            matches!(p.page, Page::Closed(_) | Page::Answer(_))
        })?;
        if matches!(page.page, Page::Closed(_)) {
            self.secondary()?;
        }
        self.read_answer(person)?;
        self.primary()?;
        self.wait("nothing late", |p| {
            home(p).is_some_and(|h| h.attention == 0)
        })?;
        Ok(())
    }

    /// §16, §18, §23: the bodycam off and handed back, the tablet handed in, the shift ended.
    pub(super) fn end_shift(&mut self, to: &Other) -> Result<(), DayError> {
        self.wait("nothing unsent at home", |p| {
            home(p).is_some_and(|h| h.rows.iter().all(|row| row.unsent == 0))
        })?;
        self.quiet()?;
        self.primary()?;
        self.wait(
            "the bodycam, at the end",
            |p| matches!(&p.page, Page::Bodycam(b) if b.ending),
        )?;
        self.primary()?;
        self.camera(CameraState::Off)?;
        self.primary()?;
        self.type_into("BodycamPage::returned-battery-field", "38")?;
        self.primary()?;
        self.camera(CameraState::NotAssigned)?;
        self.primary()?;
        self.wait("the tablet to be handed in", |p| {
            matches!(p.page, Page::HandIn(_))
        })?;
        self.with_other(to, |p| match &p.page {
            Page::HandIn(view) => Some(view.party.confirmed),
            _ => None,
        })?;
        self.primary()?;
        self.wait(
            "log-in after the shift",
            |p| matches!(&p.page, Page::Login(l) if !l.shift_open),
        )?;
        Ok(())
    }
}

/// The report that is open.
fn reported(page: &PageView) -> Option<&ReportRow> {
    match &page.page {
        Page::Reports(view) => view.open.as_ref().map(|open| &open.row),
        _ => None,
    }
}
