//! §3, §8, §12, §28: what a document says beside the register, and what was entered corrected.

use demo::emulator::{Document, Scene as Seen};
use demo::people;
use e_patrul_tests::{Scene, on_disk};
use regulation::encounter::{DocumentKind, Event, Language, Outcome};
use regulation::identity::{CheckSoFar, MrzCheck, Sex};
use tablet::pages::{
    AnswerView, ComparedField, ComparedHow, DocumentForm, DocumentProblem, DocumentReview, Mark,
    Page, PageView, PatronymicView, PinflWarningView, zone_progress,
};
use tablet::worker::{Command, PhotoCommand};

/// On no register.
const QUIET: u64 = 6;

/// The document of an invented person, typed in full as the register has it.
fn typed(n: u64) -> DocumentForm {
    let person = people::person(n);
    DocumentForm {
        kind: Some(DocumentKind::IdCard),
        ask: true,
        number: people::document(n).0,
        pinfl: person.pinfl.unwrap().0,
        surname: person.name.surname.to_lowercase(),
        given: person.name.given,
        patronymic: person.name.patronymic.unwrap(),
        birth_date: person.birth_date.0.typed(),
        ..DocumentForm::default()
    }
}

/// The zone of an invented person's ID card, with the sex and the expiry (`YYMMDD`) given.
fn zone(n: u64, sex: char, expiry: &str) -> String {
    let digit = |field: &str| {
        let value = |c: char| if c == '<' { 0 } else { c.to_digit(36).unwrap() };
        let sum: u32 = field
            .chars()
            .zip([7, 3, 1].into_iter().cycle())
            .map(|(c, weight)| value(c) * weight)
            .sum();
        char::from_digit(sum % 10, 10).unwrap()
    };
    let person = people::person(n);
    let number = people::document(n).0;
    let pinfl = person.pinfl.unwrap().0;
    let date = person.birth_date.0;
    let birth = format!(
        "{:02}{:02}{:02}",
        date.year() % 100,
        date.month(),
        date.day()
    );
    let first = format!("{number}{}{pinfl}<", digit(&number));
    let (b, e) = (digit(&birth), digit(expiry));
    let all = digit(&format!("{first}{birth}{b}{expiry}{e}{}", "<".repeat(11)));
    let name = format!(
        "{}<<{}",
        latin(&person.name.surname),
        latin(&person.name.given)
    );
    format!(
        "IUUZB{first}\n{birth}{b}{sex}{expiry}{e}UZB{}{all}\n{name:<<30}",
        "<".repeat(11)
    )
}

/// By the alphabet of 1995, as a zone has it.
fn latin(text: &str) -> String {
    let letter = |c: char| match c {
        'а' => "A",
        'б' => "B",
        'в' => "V",
        'г' | 'ғ' => "G",
        'д' => "D",
        'е' | 'э' => "E",
        'ё' => "YO",
        'ж' => "J",
        'з' => "Z",
        'и' => "I",
        'й' => "Y",
        'к' => "K",
        'қ' => "Q",
        'л' => "L",
        'м' => "M",
        'н' => "N",
        'о' | 'ў' => "O",
        'п' => "P",
        'р' => "R",
        'с' => "S",
        'т' => "T",
        'у' => "U",
        'ф' => "F",
        'х' => "X",
        'ҳ' => "H",
        'ч' => "CH",
        'ш' => "SH",
        'я' => "YA",
        other => panic!("{other}"),
    };
    text.to_lowercase().chars().map(letter).collect()
}

fn sex(n: u64) -> (char, char) {
    match people::person(n).pinfl.unwrap().sex().unwrap() {
        Sex::Male => ('M', 'F'),
        Sex::Female => ('F', 'M'),
    }
}

async fn to_document(scene: &mut Scene) -> regulation::EncounterId {
    let id = scene.to_method().await;
    scene.choose_document().await;
    id
}

async fn reviewed(scene: &mut Scene, form: DocumentForm) -> DocumentReview {
    let page = scene.shown_back(form).await;
    let Page::Document(view) = page.page else {
        unreachable!()
    };
    view.review.unwrap()
}

async fn asked(scene: &mut Scene, form: DocumentForm) -> AnswerView {
    scene.shown_back(form).await;
    scene.tablet.send(Command::ConfirmDocument);
    scene.answer().await
}

fn how(answer: &AnswerView, field: ComparedField) -> Option<ComparedHow> {
    let row = answer.compared.iter().find(|row| row.field == field)?;
    Some(row.how)
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_a_queried_document_says_field_by_field_what_is_as_in_the_register() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    let covered = asked(&mut scene, typed(QUIET)).await;
    assert_eq!(covered.mark, Mark::Quiet);
    assert!(
        covered.compared.is_empty(),
        "covered: nothing of the person"
    );
    let answer = scene.revealed().await;
    let fields: Vec<_> = answer.compared.iter().map(|row| row.field).collect();
    assert_eq!(
        fields,
        [
            ComparedField::Number,
            ComparedField::Pinfl,
            ComparedField::Surname,
            ComparedField::Given,
            ComparedField::Patronymic,
            ComparedField::BirthDate,
        ]
    );
    assert!(
        answer
            .compared
            .iter()
            .all(|row| row.how == ComparedHow::AsInRegister),
        "{:?}",
        answer.compared
    );
    scene.finish(Outcome::Released).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_3_the_latin_of_a_zone_is_no_difference_and_its_expiry_is_told() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    let (sex, _) = sex(QUIET);
    let form = DocumentForm {
        ask: true,
        mrz: zone(QUIET, sex, "240131"),
        ..DocumentForm::default()
    };
    let review = reviewed(&mut scene, form).await;
    assert_eq!(review.patronymic, PatronymicView::NotSaid);
    assert!(review.warnings.is_empty(), "{:?}", review.warnings);
    assert_eq!(
        (review.expiry.as_str(), review.expired),
        ("31.01.2024", true)
    );
    scene.tablet.send(Command::ConfirmDocument);
    let answer = scene.revealed_answer().await;
    for field in [
        ComparedField::Number,
        ComparedField::Pinfl,
        ComparedField::Surname,
        ComparedField::Given,
        ComparedField::BirthDate,
        ComparedField::Sex,
    ] {
        let how = how(&answer, field);
        assert_eq!(how, Some(ComparedHow::AsInRegister), "{field:?}");
    }
    // The zone holds none: that is no difference.
    let patronymic = how(&answer, ComparedField::Patronymic);
    assert_eq!(patronymic, Some(ComparedHow::ByEye));
    let expiry = how(&answer, ComparedField::Expiry);
    assert_eq!(expiry, Some(ComparedHow::Expired));
    scene.finish(Outcome::Released).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_28_a_difference_marks_the_answer_survives_a_restart_and_can_be_corrected() {
    let mut scene = Scene::logged_in().await;
    let id = to_document(&mut scene).await;
    let wrong = DocumentForm {
        birth_date: "02.02.1982".into(),
        pinfl: people::person(7).pinfl.unwrap().0,
        ..typed(QUIET)
    };
    let covered = asked(&mut scene, wrong).await;
    assert_eq!(covered.mark, Mark::Unclear, "a careful look");
    let differ = |answer: &AnswerView| {
        let differs = answer
            .compared
            .iter()
            .filter(|r| r.how == ComparedHow::Differs);
        differs.map(|row| row.field).collect::<Vec<_>>()
    };
    let expected = [ComparedField::Pinfl, ComparedField::BirthDate];
    assert_eq!(differ(&scene.revealed().await), expected);

    // What was typed is in the record, not in memory alone.
    let mut scene = scene.restart_tablet().await;
    scene.try_log_in(demo::world::LOGIN, demo::world::PASSWORD);
    let answer = scene.revealed_answer().await;
    assert_eq!(differ(&answer), expected);
    let row = answer
        .compared
        .iter()
        .find(|r| r.field == ComparedField::BirthDate);
    let register = people::person(QUIET).birth_date.0.typed();
    assert_eq!(row.unwrap().entered, "02.02.1982");
    assert_eq!(row.unwrap().register, register);

    scene.tablet.send(Command::Reveal(false));
    scene.tablet.send(Command::OtherMeans);
    scene
        .page(
            "method",
            |p| matches!(&p.page, Page::Method(m) if m.person_entered),
        )
        .await;
    scene.tablet.send(Command::CorrectPerson);
    let page = scene
        .page(
            "correcting",
            |p| matches!(&p.page, Page::Document(d) if d.correcting),
        )
        .await;
    let Page::Document(view) = page.page else {
        unreachable!()
    };
    assert_eq!(view.form.birth_date, "02.02.1982");
    scene
        .shown_back(DocumentForm {
            birth_date: register,
            ..view.form
        })
        .await;
    scene.tablet.send(Command::ConfirmDocument);
    let answer = scene.revealed_answer().await;
    assert_eq!(differ(&answer), [ComparedField::Pinfl]);
    scene.finish(Outcome::Released).await;
    let archived = scene.archived(id).await;
    let entered: Vec<_> = archived
        .events
        .iter()
        .filter_map(|(_, r)| match &r.event {
            Event::PersonEntered { person } => Some(person.birth_date.0.typed()),
            _ => None,
        })
        .collect();
    let right = people::person(QUIET).birth_date.0.typed();
    assert_eq!(
        entered,
        ["02.02.1982", right.as_str()],
        "the old value stays"
    );
    assert!(
        archived.state.flags.is_empty(),
        "{:?}",
        archived.state.flags
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_28_who_a_document_identified_is_corrected_until_the_close() {
    let mut scene = Scene::logged_in().await;
    let id = to_document(&mut scene).await;
    let form = DocumentForm {
        ask: false,
        ..typed(QUIET)
    };
    scene.identified_by(form).await;
    scene.tablet.send(Command::CorrectPerson);
    let page = scene
        .page(
            "correcting",
            |p| matches!(&p.page, Page::Document(d) if d.correcting),
        )
        .await;
    let Page::Document(view) = page.page else {
        unreachable!()
    };
    // Left again: nothing is recorded.
    scene.tablet.send(Command::Back);
    scene
        .page(
            "outcome",
            |p| matches!(&p.page, Page::Outcome(o) if o.person_entered),
        )
        .await;
    scene.tablet.send(Command::CorrectPerson);
    scene
        .page(
            "correcting",
            |p| matches!(&p.page, Page::Document(d) if d.correcting),
        )
        .await;
    scene
        .shown_back(DocumentForm {
            given: "Намунабек".into(),
            ..view.form
        })
        .await;
    scene.tablet.send(Command::ConfirmDocument);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.person.unwrap().name.given, "Намунабек");
    let kinds = archived.events.iter().filter(|(_, r)| {
        matches!(
            r.event,
            Event::PersonEntered { .. } | Event::IdentifiedByDocument { .. }
        )
    });
    assert_eq!(kinds.count(), 2, "the old value stays in the journal");
    assert!(archived.state.questions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_28_that_there_is_no_patronymic_is_said_not_left_empty() {
    let mut scene = Scene::logged_in().await;
    let id = to_document(&mut scene).await;
    let empty = DocumentForm {
        ask: false,
        patronymic: String::new(),
        ..typed(QUIET)
    };
    scene.tablet.send(Command::ReviewDocument(empty.clone()));
    scene
        .page("a problem", |p| {
            matches!(&p.page, Page::Document(d)
                if d.problem == Some(DocumentProblem::PatronymicMissing) && d.review.is_none())
        })
        .await;
    let none = DocumentForm {
        no_patronymic: true,
        ..empty
    };
    let review = reviewed(&mut scene, none).await;
    assert_eq!(review.patronymic, PatronymicView::Absent);
    scene.tablet.send(Command::ConfirmDocument);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    let person = scene.archived(id).await.state.person.unwrap();
    assert_eq!(person.name.patronymic, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_pinfl_birth_date_and_sex_are_held_against_each_other_and_only_warn() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    let (_, other) = sex(QUIET);
    let form = DocumentForm {
        ask: true,
        mrz: zone(QUIET, other, "340131"),
        ..DocumentForm::default()
    };
    let review = reviewed(&mut scene, form).await;
    assert_eq!(review.warnings, [PinflWarningView::SexDiffers]);
    assert!(!review.expired);
    // The zone's sex stands beside the fields that the page gives back, as long as they are its.
    scene.tablet.send(Command::EditDocument);
    let page = scene
        .page(
            "editing",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_none()),
        )
        .await;
    let Page::Document(view) = page.page else {
        unreachable!()
    };
    let given_back = DocumentForm {
        zone: None,
        birth_date: "02.02.1982".into(),
        ..view.form
    };
    let review = reviewed(&mut scene, given_back.clone()).await;
    assert_eq!(
        review.warnings,
        [
            PinflWarningView::BirthDateDiffers,
            PinflWarningView::SexDiffers
        ]
    );
    let another = DocumentForm {
        number: people::document(20).0,
        patronymic: "Намуна ўғли".into(),
        ..given_back
    };
    scene.tablet.send(Command::EditDocument);
    scene
        .page(
            "editing",
            |p| matches!(&p.page, Page::Document(d) if d.review.is_none()),
        )
        .await;
    let review = reviewed(&mut scene, another).await;
    assert_eq!(review.warnings, [PinflWarningView::BirthDateDiffers]);
    assert_eq!(review.sex, None);
    scene.tablet.send(Command::ConfirmDocument);
    scene.answer().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_a_zone_is_read_by_the_camera_in_place_of_typing() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    scene.tablet.camera.look_at(Seen::Street);
    scene.tablet.send(Command::Photo(PhotoCommand::ReadMrz));
    let hint = |p: &PageView| p.photo.is_some_and(|photo| photo.hint.is_some());
    scene.page("why it is not read yet", hint).await;
    let card = Document::specimen();
    scene.tablet.camera.look_at(Seen::Document(card.clone()));
    let read = scene
        .page("read", |p| {
            matches!(&p.page, Page::Document(d) if !d.read.0.is_empty()) && p.photo.is_none()
        })
        .await;
    let Page::Document(document) = read.page else {
        unreachable!()
    };
    assert_eq!(document.read.0, card.zone, "character by character");
    // As a typed one it is checked, and shown back.
    let review = reviewed(
        &mut scene,
        DocumentForm {
            mrz: document.read.0,
            no_patronymic: true,
            ..DocumentForm::default()
        },
    )
    .await;
    assert_eq!(review.number, "AA1234567");
    assert_eq!(review.birth_date, "01.01.1990");
    scene.tablet.send(Command::ConfirmDocument);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.finish(Outcome::Released).await;
    assert!(
        !on_disk(&scene.data, "NAMUNAYEV"),
        "in the clear on the tablet"
    );
}

#[test]
fn paragraph_8_the_check_digits_of_a_zone_are_told_while_it_is_typed() {
    let (sex, _) = sex(QUIET);
    let zone = zone(QUIET, sex, "340131");
    let first = zone.lines().next().unwrap();
    let progress = zone_progress(first);
    assert_eq!((progress.typed, progress.of), (30, Some(90)));
    assert_eq!(
        progress.checks[..2],
        [
            (MrzCheck::DocumentNumber, CheckSoFar::Right),
            (MrzCheck::BirthDate, CheckSoFar::NotYet)
        ]
    );
    let spoilt = first.replacen("ZZ0", "ZZ1", 1);
    let progress = zone_progress(&spoilt);
    assert_eq!(
        progress.checks[0],
        (MrzCheck::DocumentNumber, CheckSoFar::Wrong)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_12_unrelated_things_go_back_to_their_owner_but_for_what_is_banned() {
    let mut scene = Scene::logged_in().await;
    to_document(&mut scene).await;
    for (language, given_back, except) in [
        (
            Language::UzbekCyrillic,
            "эгасига қайтаринг",
            "тақиқланган ёки чекланган",
        ),
        (
            Language::UzbekLatin,
            "egasiga qaytaring",
            "taqiqlangan yoki cheklangan",
        ),
        (
            Language::Russian,
            "верните владельцу",
            "запрещённых или ограниченных",
        ),
        (
            Language::English,
            "back to their owner",
            "banned or restricted",
        ),
    ] {
        scene.tablet.send(Command::SetLanguage(language));
        scene
            .page(given_back, |p| {
                matches!(&p.page, Page::Document(d)
                    if d.reminders.iter().any(|r| r.contains(given_back) && r.contains(except)))
            })
            .await;
    }
}
