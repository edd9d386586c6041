//! §22: incident reports over lock and a full disk; the duty unit's word.

use crate::kit::{PIN, Tablet};
use protocol::{Envelope, FactKind, Message, MessageBody, Urgency};
use regulation::IncidentId;
use regulation::Timestamp;
use regulation::incident::Event;
use tablet::pages::{Notice, Page, ReportForm, ReportState, ReportView, Screen};
use tablet::worker::{Command, IncidentCommand, LockPolicy};

fn form() -> ReportForm {
    ReportForm {
        kind: "crime".into(),
        to_superior: false,
        ago: Some(15),
        place: "Намуна бозори".into(),
        text: "Дўкон ойнаси синдирилган.".into(),
    }
}

impl Tablet {
    fn at_form() -> Self {
        let mut tablet = Self::new(LockPolicy::default());
        tablet.log_in();
        tablet.choose_pin();
        tablet.reach_receive();
        tablet.send(Command::GoHome);
        tablet.screen(Screen::Home);
        tablet.incident(IncidentCommand::Write);
        tablet.screen(Screen::Incident);
        tablet
    }

    fn reported() -> (Self, IncidentId) {
        let mut tablet = Self::at_form();
        tablet.incident(IncidentCommand::Report(form()));
        let id = tablet.report(ReportState::Reported).row.id;
        (tablet, id)
    }

    fn incident(&self, command: IncidentCommand) {
        self.send(Command::Incident(command));
    }

    fn report(&mut self, state: ReportState) -> ReportView {
        let page = self.wait(&format!("{state:?}"), |p| {
            matches!(&p.page, Page::Reports(r)
                if r.open.as_ref().is_some_and(|open| open.row.state == state))
        });
        match page.page {
            Page::Reports(view) => view.open.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// What was reported, each with its moment.
    fn reports(&self) -> Vec<(Timestamp, Event)> {
        let journal = self.vault.journal(&self.shift).unwrap();
        let incidents = journal
            .into_iter()
            .filter_map(|entry| match entry.fact.kind {
                FactKind::Incident { recorded } => Some((recorded.at, recorded.event)),
                _ => None,
            });
        incidents.collect()
    }

    /// A message of central, as the link keeps it, and the shift read back after a lock.
    fn read_back_with(&mut self, cursor: u64, body: MessageBody) {
        let session = self.shift.id;
        let message = Message {
            cursor,
            session,
            body,
        };
        assert!(self.vault.keep_message(&self.shift, &message).unwrap());
        self.lock();
        self.unlock(PIN);
        self.wait("open", |p| p.stamp.session.is_some());
    }
}

#[test]
fn a_report_is_urgent_and_says_when_it_happened() {
    let (tablet, id) = Tablet::reported();
    let batch = tablet.vault.next_batch().unwrap().unwrap();
    let urgent = |e: &&Envelope| e.urgency == Urgency::Alert;
    assert_eq!(batch.envelopes.iter().filter(urgent).count(), 1);
    let [(at, Event::Reported { incident, report })] = &tablet.reports()[..] else {
        panic!("one report");
    };
    assert_eq!(*incident, id);
    let ago = at.millis_since(report.happened_at);
    assert!((15 * 60_000..15 * 60_000 + 1_000).contains(&ago), "{ago}");
    assert!(report.encounter.is_none() && report.people.is_empty());
}

#[test]
fn a_question_stands_until_it_is_answered_also_when_the_shift_is_read_back() {
    let (mut tablet, incident) = Tablet::reported();
    let reported_at = tablet.reports()[0].0;
    let asked = |after: i64, text: &str| MessageBody::IncidentAsked {
        incident,
        at: Timestamp(reported_at.0 + after),
        text: text.into(),
    };
    tablet.read_back_with(1, MessageBody::IncidentReceived { incident });
    tablet.incident(IncidentCommand::Open(incident));
    tablet.report(ReportState::Received);
    tablet.read_back_with(2, asked(0, "Гувоҳ борми?"));
    tablet.incident(IncidentCommand::Open(incident));
    let report = tablet.report(ReportState::Asked);
    assert!(report.lines.len() == 1 && report.lines[0].asked);
    tablet.incident(IncidentCommand::Supplement {
        text: "Бор.".into(),
    });
    tablet.report(ReportState::Received);
    // Another one, asked after the answer.
    tablet.read_back_with(3, asked(3_600_000, "Исми?"));
    tablet.incident(IncidentCommand::Open(incident));
    assert_eq!(tablet.report(ReportState::Asked).lines.len(), 3);
    tablet.read_back_with(4, MessageBody::IncidentClosed { incident });
    tablet.incident(IncidentCommand::Open(incident));
    tablet.report(ReportState::Closed);
    assert_eq!(tablet.reports().len(), 2, "nothing is recorded by reading");
}

#[test]
fn on_a_full_disk_nothing_is_reported_and_the_form_stays() {
    let mut tablet = Tablet::at_form();
    tablet.fill_the_disk();
    tablet.incident(IncidentCommand::Report(form()));
    let page = tablet.wait("the notice", |p| {
        p.chrome.notice == Some(Notice::StorageFull)
    });
    assert!(matches!(page.page, Page::Incident(_)));
    assert!(tablet.reports().is_empty());
    tablet.vault.limit_pages(None).unwrap();
    tablet.incident(IncidentCommand::Report(form()));
    tablet.report(ReportState::Reported);
    assert_eq!(tablet.reports().len(), 1);
}
