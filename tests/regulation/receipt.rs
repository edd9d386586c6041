//! The citizen's receipt of a stop: who stopped them, where, when and on what ground (§8), and nothing of
//! them (§7). Read off the page as a phone reads it, and verified with central's CA alone.

use e_patrul_tests::{LONG, Scene};
use protocol::{SignedSlip, Slip};
use regulation::encounter::{Explanation, Language, Outcome};
use std::time::Duration;
use tablet::device::{Clock as _, SystemClock, read_qr};
use tablet::pages::{Page, PageView, ReceiptView};
use tablet::slip::{SlipFault, verify};
use tablet::worker::Command;

fn receipt(page: &PageView) -> Option<&ReceiptView> {
    match &page.page {
        Page::Receipt(view) => Some(view),
        _ => None,
    }
}

async fn shown(scene: &mut Scene) -> ReceiptView {
    scene.tablet.send(Command::ShowReceipt);
    let page = scene.page("the receipt", |p| receipt(p).is_some()).await;
    receipt(&page).unwrap().clone()
}

/// What a phone reads off the screen.
fn read(view: &ReceiptView) -> SignedSlip {
    let code = view.code.as_ref().expect("a code on the page");
    // The receipt of an ordinary stop is read at four pixels a module, as large as the page shows it.
    assert!(code.side() <= 125, "{code:?}");
    let text = read_qr(&code.picture(4).unwrap()).expect("a code that is read");
    // A thousand bytes.
    assert!(text.len() <= 1_510, "{} characters", text.len());
    SignedSlip::from_text(&text).unwrap()
}

fn ca(scene: &Scene) -> String {
    scene.world.central.as_ref().unwrap().ca_pem()
}

/// Every word that leaves the tablet with the receipt.
fn words(view: &ReceiptView, slip: &Slip) -> String {
    let lines = view
        .lines
        .iter()
        .chain(&view.number)
        .map(|l| format!("{} {}", l.label, l.value));
    let cbor = protocol::to_cbor(slip).unwrap();
    let cbor = String::from_utf8_lossy(&cbor);
    [view.title.clone(), cbor.into_owned()]
        .into_iter()
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_a_receipt_says_who_stopped_where_when_and_on_what_ground() {
    let mut scene = Scene::logged_in().await;
    let before = SystemClock::new().now();
    let id = scene.to_finger().await;
    scene.capture(1).await;
    let held = scene.revealed_answer().await;
    let person = held.people[0].clone();
    let closed = scene.finish(Outcome::Released).await;
    assert!(matches!(&closed.page, Page::Closed(c) if c.receipt));
    let view = shown(&mut scene).await;
    let signed = read(&view);
    verify(&signed, &ca(&scene)).unwrap();

    let slip = &signed.slip;
    assert_eq!(slip.encounter, id);
    let officer = (slip.rank.as_str(), slip.name.as_str(), slip.unit.as_str());
    assert_eq!(officer, ("Сержант", "Намунаев Н. Н.", "4-бўлим"));
    assert_eq!(slip.place, "Намуна кўчаси, бекат");
    assert_eq!(slip.ground, "suspicion");
    assert_eq!(slip.ground_title, "Гумон қилиш учун асослар");
    assert_eq!(slip.language, Language::UzbekCyrillic);
    assert_eq!(slip.edition, "399-2022-07-22");
    assert!(slip.training, "of invented people");
    assert!(slip.at >= before && slip.made_at >= slip.at);
    let archived = scene.archived(id).await;
    assert_eq!(archived.state.opened_at, Some(slip.at));

    // The same in plain lines beside the code, in the citizen's language.
    let values: Vec<_> = view.lines.iter().map(|l| l.value.as_str()).collect();
    let number = id.to_string();
    let stopped_at = slip.stopped_at();
    assert_eq!(
        values,
        [
            "Сержант Намунаев Н. Н.",
            "4-бўлим",
            "Намуна кўчаси, бекат",
            &stopped_at,
            "Гумон қилиш учун асослар",
            &slip.complain
        ]
    );
    assert_eq!(view.number.as_ref().unwrap().value, number);
    assert!(slip.complain.contains("навбатчилик"));

    // §7: nothing of the person, of the answer, of a register, nor the fact that the ground rests on.
    let words = words(&view, slip).to_lowercase();
    for secret in [
        person.surname.as_str(),
        person.given.as_str(),
        person.patronymic.as_str(),
        person.birth_date.as_str(),
        person.address.as_str(),
        person.pinfl.as_str(),
        person.document.as_str(),
        "ориентировка",
        "қидирув",
        "wanted",
        "found",
        "released",
    ] {
        let secret = secret.to_lowercase();
        assert!(secret.is_empty() || !words.contains(&secret), "{secret}");
    }
    for entry in &person.entries {
        assert!(!words.contains(&entry.source.to_lowercase()), "a register");
    }

    // Another word, or another central: refused.
    let mut altered = signed.clone();
    altered.slip.name = "Бошқа Б. Б.".into();
    let result = verify(&altered, &ca(&scene));
    assert!(matches!(result, Err(SlipFault::BadSignature)));

    // The number is the one that central takes a complaint by.
    let admin = scene.world.central.as_ref().unwrap().admin();
    let named = number.parse().unwrap();
    assert!(admin.register_complaint(named, "Ш-1").unwrap());

    scene.tablet.send(Command::Back);
    scene
        .page("closed", |p| matches!(p.page, Page::Closed(_)))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paragraph_8_a_receipt_is_given_before_the_end_and_without_a_connection() {
    let mut scene = Scene::logged_in().await;
    scene.world.cable.pull();
    scene.tablet.send(Command::NewEncounter);
    scene
        .page("introduce", |p| matches!(p.page, Page::Introduce(_)))
        .await;
    scene
        .tablet
        .send(Command::SetCitizenLanguage(Language::Russian));
    let place = "Намуна кўчаси, ".repeat(20);
    scene.tablet.send(Command::Introduce {
        place: place.clone(),
        chosen: false,
        service_id: regulation::encounter::ServiceId::NotAskedFor,
    });
    scene
        .page("ground", |p| matches!(p.page, Page::Ground(_)))
        .await;
    // Not before the ground is explained.
    scene.tablet.send(Command::ShowReceipt);
    scene.state_ground(Explanation::Full);
    scene
        .page("method", |p| matches!(p.page, Page::Method(_)))
        .await;
    scene.tablet.send(Command::ToOutcome);
    let page = scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    assert!(matches!(&page.page, Page::Outcome(o) if o.receipt));
    let view = shown(&mut scene).await;
    let signed = read(&view);
    verify(&signed, &ca(&scene)).unwrap();
    assert_eq!(signed.slip.language, Language::Russian);
    assert_eq!(signed.slip.ground_title, "Основания для подозрения");
    assert_eq!(view.title, "Справка об остановке");
    // Shortened, so that it fits into a code.
    let kept = signed.slip.place.strip_suffix('…').unwrap();
    assert!(place.starts_with(kept));

    scene.tablet.send(Command::Back);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    // Each is made anew: the stop is the same, the moment of signing is not.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let again = read(&shown(&mut scene).await);
    assert_eq!(again.slip.at, signed.slip.at);
    assert!(again.slip.made_at > signed.slip.made_at);
    scene.tablet.send(Command::Back);
    scene
        .page("outcome", |p| matches!(p.page, Page::Outcome(_)))
        .await;
    scene.tablet.send(Command::Finish(Outcome::Released));
    scene.world.cable.plug_in();
    tokio::time::timeout(LONG, scene.all_safe()).await.unwrap();
}
