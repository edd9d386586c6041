//! §22: incident reports, from the officer's tablet over central to the desk's.

use crate::bodycam::{bodycam, recording};
use crate::desk::{DESK, Desk};
use biometrics::finger::Gallery;
use e_patrul_tests::Scene;
use protocol::Role;
use regulation::encounter::{AnswerKind, DocumentKind, Outcome};
use regulation::incident::Refusal;
use tablet::pages::{
    AlertRow, AlertRowKind, DeskIncidentView, DeskWord, DocumentForm, IncidentLineKind, Page,
    PageView, PersonBy, ReportForm, ReportState, ReportView,
};
use tablet::worker::{BodycamCommand, Command, DeskIncidentCommand, IncidentCommand};

fn incident(scene: &Scene, command: IncidentCommand) {
    scene.tablet.send(Command::Incident(command));
}

fn form() -> ReportForm {
    ReportForm {
        kind: "dispute".into(),
        to_superior: false,
        ago: Some(0),
        place: "Намуна бозори".into(),
        text: "Икки киши жанжаллашди.".into(),
    }
}

async fn writes(scene: &mut Scene) {
    incident(scene, IncidentCommand::Write);
    scene
        .page("the form", |p| matches!(p.page, Page::Incident(_)))
        .await;
}

/// The report's page, in this state.
async fn report(scene: &mut Scene, state: ReportState) -> ReportView {
    let page = scene
        .page(&format!("{state:?}"), |p| {
            matches!(&p.page, Page::Reports(r) if r.open.as_ref().is_some_and(|o| o.row.state == state))
        })
        .await;
    match page.page {
        Page::Reports(view) => view.open.unwrap(),
        _ => unreachable!(),
    }
}

async fn told(scene: &mut Scene, word: DeskWord) {
    scene
        .page(&format!("{word:?}"), |p| p.chrome.word == Some(word))
        .await;
    bodycam(scene, BodycamCommand::Understood);
    scene.page("read", |p| p.chrome.word.is_none()).await;
}

impl Desk {
    fn incident(&self, command: DeskIncidentCommand) {
        self.send(Command::DeskIncident(command));
    }

    /// Opens the alert; the report as central has it.
    pub async fn opened(&mut self, alert: &AlertRow) -> DeskIncidentView {
        self.incident(DeskIncidentCommand::Open(alert.id.parse().unwrap()));
        self.report("the report", |v| v.known.is_some()).await
    }

    async fn report(
        &mut self,
        what: &str,
        accept: impl Fn(&DeskIncidentView) -> bool,
    ) -> DeskIncidentView {
        let page = self
            .page(
                what,
                |p| matches!(&p.page, Page::DeskIncident(view) if accept(view)),
            )
            .await;
        match page.page {
            Page::DeskIncident(view) => view,
            _ => unreachable!(),
        }
    }
}

fn has(view: &DeskIncidentView, kind: IncidentLineKind) -> bool {
    let known = view.known.as_ref();
    known.is_some_and(|known| known.lines.iter().any(|line| line.kind == kind))
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_a_report_grows_out_of_an_encounter_and_is_taken_in_asked_about_and_decided() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Monitoring).await;
    scene.tablet.send(Command::GoHome);
    scene
        .page("home", |p| matches!(p.page, Page::Home(_)))
        .await;
    scene.to_finger().await;
    scene.capture(1).await;
    let person = scene.revealed_answer().await.people.remove(0);
    scene.finish(Outcome::Released).await;

    writes(&mut scene).await;
    incident(
        &scene,
        IncidentCommand::Report(ReportForm {
            ago: None,
            ..form()
        }),
    );
    let its = report(&mut scene, ReportState::Reported).await;
    assert_eq!(its.people, 1, "whom the answer named, by the encounter");

    let alert = desk.alert(AlertRowKind::Incident).await;
    assert_eq!(alert.who, "Сержант Намунаев Н. Н.");
    assert_eq!(
        (alert.what.as_str(), alert.received),
        ("Низоли ёки мунозарали вазият", false)
    );
    let seen = desk.opened(&alert).await;
    let known = seen.known.as_ref().unwrap();
    let whole = format!("{} {}", person.surname, person.given);
    assert!(
        known.people.len() == 1
            && known.people[0].who.starts_with(&whole)
            && known.people[0].by == PersonBy::Answer,
        "central's own answer names the person; nothing was typed"
    );
    assert_eq!(seen.report.as_ref().unwrap().text, "Икки киши жанжаллашди.");
    assert_eq!(
        known.held.len(),
        1,
        "the recording is held from the report on"
    );
    assert_eq!(known.held[0].camera, "AX2-0091734");

    desk.incident(DeskIncidentCommand::Receive);
    told(&mut scene, DeskWord::IncidentReceived).await;
    report(&mut scene, ReportState::Received).await;
    desk.incident(DeskIncidentCommand::Ask {
        text: "Гувоҳ борми?".into(),
    });
    told(&mut scene, DeskWord::IncidentAsked).await;
    let asked = report(&mut scene, ReportState::Asked).await;
    assert_eq!(asked.lines[0].text, "Гувоҳ борми?");
    incident(
        &scene,
        IncidentCommand::Supplement {
            text: "Намунаева Намуна.".into(),
        },
    );
    report(&mut scene, ReportState::Received).await;
    let added = desk
        .report("what was added", |v| has(v, IncidentLineKind::Added))
        .await;
    assert!(has(&added, IncidentLineKind::Asked));

    let class = "administrative_offence".to_owned();
    desk.incident(DeskIncidentCommand::Classify {
        class: class.clone(),
    });
    desk.report("classified", |v| {
        v.class == class && has(v, IncidentLineKind::Classified)
    })
    .await;
    desk.incident(DeskIncidentCommand::Link {
        camera: "bk-0008".into(),
        minutes: 30,
    });
    desk.report("linked", |v| {
        v.known.as_ref().is_some_and(|k| k.held.len() == 2)
    })
    .await;
    desk.incident(DeskIncidentCommand::Close {
        how: "Баённома тузилди".into(),
    });
    desk.nothing_wanted().await;
    told(&mut scene, DeskWord::IncidentClosed).await;
    report(&mut scene, ReportState::Closed).await;
}

/// The report that is written out of the encounter just ended, as the desk has it.
async fn reported(scene: &mut Scene, desk: &mut Desk) -> (ReportView, DeskIncidentView) {
    writes(scene).await;
    incident(
        scene,
        IncidentCommand::Report(ReportForm {
            ago: None,
            ..form()
        }),
    );
    let its = report(scene, ReportState::Reported).await;
    let alert = desk.alert(AlertRowKind::Incident).await;
    (its, desk.opened(&alert).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_who_was_identified_by_a_document_is_named_as_typed_and_confirmed() {
    let mut scene = Scene::logged_in().await;
    let mut desk = Desk::new(&scene, DESK, Role::Monitoring).await;
    let id = scene.to_method().await;
    scene.choose_document().await;
    scene
        .identified_by(DocumentForm {
            kind: Some(DocumentKind::IdCard),
            number: "AB1234567".into(),
            surname: "Намунаев".into(),
            given: "Намуна".into(),
            no_patronymic: true,
            birth_date: "01.01.1990".into(),
            ..DocumentForm::default()
        })
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    scene.archived(id).await;
    let (its, seen) = reported(&mut scene, &mut desk).await;
    assert_eq!(its.people, 1);
    let known = seen.known.unwrap();
    let [person] = known.people.as_slice() else {
        panic!("{}", known.people.len())
    };
    assert_eq!(person.by, PersonBy::Document);
    assert_eq!(person.who, "Намунаев Намуна 01.01.1990");
}

/// A policy by which the match of a finger with its own print is possible, and none names anybody: what
/// is claimed here is what becomes of it.
fn nobody_is_named(config: &mut central::Config) {
    let (_, template) = demo::people::person(1).prints.remove(0);
    let gallery = Gallery::new();
    gallery.add(1, &template);
    let score = gallery.search(&template, 1)[0].score.0;
    config.policy.tail_origin = Some(0.0);
    config.policy.tail_decade = Some(score / 7.0);
    config.policy.identify_fpir = 1e-9;
    config.policy.verify_fpir = 0.1;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_a_candidate_is_named_when_the_officer_confirmed_them_and_never_otherwise() {
    for (says, named) in [
        (Some(Command::ConfirmIdentity), 1),
        (Some(Command::DisputeIdentity), 0),
        (None, 0),
    ] {
        // One who comes near is a candidate, and not more.
        let mut scene = Scene::with(nobody_is_named).await;
        scene.log_in().await;
        let mut desk = Desk::new(&scene, DESK, Role::Monitoring).await;
        let id = scene.to_finger().await;
        scene.capture(1).await;
        let answer = scene.revealed_answer().await;
        assert_eq!(
            (answer.kind, answer.people.len()),
            (AnswerKind::Possible, 1)
        );
        let whole = format!("{} {}", answer.people[0].surname, answer.people[0].given);
        if let Some(command) = says {
            scene.tablet.send(command);
        }
        scene.finish(Outcome::Released).await;
        // A report is quicker than what it grew out of.
        scene.archived(id).await;
        let (its, seen) = reported(&mut scene, &mut desk).await;
        assert_eq!(its.people, named);
        let known = seen.known.unwrap();
        let people = known.people.iter().filter(|person| !person.who.is_empty());
        let people: Vec<_> = people.collect();
        assert_eq!(people.len(), named);
        for person in people {
            assert!(person.who.starts_with(&whole), "{}", person.who);
            assert_eq!(person.by, PersonBy::Confirmed);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_alone_and_with_no_connection_it_is_on_record_and_goes_out_by_itself() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    scene.world.cable.pull();
    writes(&mut scene).await;
    let form = ReportForm {
        kind: "complaint".into(),
        to_superior: true,
        ..form()
    };
    incident(&scene, IncidentCommand::Report(form));
    report(&mut scene, ReportState::Reported).await;
    incident(
        &scene,
        IncidentCommand::Supplement {
            text: "Иккинчи гувоҳ ҳам бор.".into(),
        },
    );
    scene
        .page("added", |p| {
            matches!(&p.page, Page::Reports(r) if r.open.as_ref().is_some_and(|o| o.lines.len() == 1))
        })
        .await;
    // The tablet is switched off meanwhile: what was recorded is there.
    let mut scene = scene.restart_tablet().await;
    scene.log_in().await;
    incident(&scene, IncidentCommand::OpenList);
    let page = scene
        .page(
            "the list",
            |p| matches!(&p.page, Page::Reports(r) if r.rows.len() == 1),
        )
        .await;
    let Page::Reports(list) = page.page else {
        unreachable!()
    };
    incident(&scene, IncidentCommand::Open(list.rows[0].id));
    assert_eq!(
        report(&mut scene, ReportState::Reported).await.lines.len(),
        1
    );

    scene.world.cable.plug_in();
    let alert = desk.alert(AlertRowKind::Incident).await;
    assert_eq!(alert.what, "Фуқаронинг шикояти");
    let seen = desk.opened(&alert).await;
    assert!(seen.known.as_ref().unwrap().people.is_empty());
    desk.report("what was added", |v| has(v, IncidentLineKind::Added))
        .await;
    assert_eq!(
        seen.known.unwrap().held.len(),
        1,
        "a complaint holds the recording as a report does (§26)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_22_what_is_not_said_is_asked_for_and_nothing_is_lost_by_it() {
    let mut scene = Scene::logged_in().await;
    writes(&mut scene).await;
    let cases = [
        (
            ReportForm {
                kind: String::new(),
                ..form()
            },
            Refusal::KindUnknown,
        ),
        (
            ReportForm {
                place: " ".into(),
                ..form()
            },
            Refusal::PlaceMissing,
        ),
        (
            ReportForm {
                text: String::new(),
                ..form()
            },
            Refusal::TextMissing,
        ),
        (
            ReportForm {
                text: "ў".repeat(4_001),
                ..form()
            },
            Refusal::TextTooLong,
        ),
    ];
    for (form, refusal) in cases {
        incident(&scene, IncidentCommand::Report(form));
        scene
            .page(
                &format!("{refusal:?}"),
                |p| matches!(&p.page, Page::Incident(view) if view.refusal == Some((refusal, 22))),
            )
            .await;
    }
    incident(&scene, IncidentCommand::Report(form()));
    report(&mut scene, ReportState::Reported).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_4_who_answers_for_tablets_alone_is_told_nothing_of_reports() {
    let mut scene = recording().await;
    let mut desk = Desk::new(&scene, DESK, Role::Duty).await;
    writes(&mut scene).await;
    incident(&scene, IncidentCommand::Report(form()));
    let alert = desk.alert(AlertRowKind::Incident).await;
    // The report is there already: it would stand on the first board that central sends.
    let mut store = Desk::new(&scene, "omborchi", Role::Responsible).await;
    let view = store.view("the board", |v| v.as_of.is_some()).await;
    assert!(view.alerts.is_empty());
    store.incident(DeskIncidentCommand::Open(alert.id.parse().unwrap()));
    store.send(Command::OpenTablets(None));
    store
        .page("what came after it", |p| {
            matches!(p.page, Page::DeskCustody(_))
        })
        .await;
    let opened = |p: &PageView| matches!(p.page, Page::DeskIncident(_));
    assert!(!store.history().iter().any(opened));
}
