//! The Regulation's text lies over a page and changes nothing of it.

use crate::kit::Tablet;
use regulation::encounter::{Explanation, Language, ServiceId};
use tablet::pages::{LawView, Page, PageView, Screen};
use tablet::worker::{Command, LawCommand, LockPolicy};

impl Tablet {
    fn law(&mut self, command: LawCommand, accept: impl Fn(&LawView) -> bool) -> PageView {
        self.send(Command::Law(command));
        self.wait("the law", |p| p.law.as_ref().is_some_and(&accept))
    }

    fn no_law(&mut self) -> PageView {
        self.wait("no law", |p| p.law.is_none())
    }
}

fn read(number: u8) -> impl Fn(&LawView) -> bool {
    move |law| law.paragraph.as_ref().is_some_and(|p| p.number == number)
}

fn listed(number: usize) -> impl Fn(&LawView) -> bool {
    move |law| law.paragraph.is_none() && law.rows.len() == number
}

#[test]
fn a_paragraph_is_read_over_a_page_and_one_tap_is_back_on_it() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.send(Command::NewEncounter);
    let page = tablet.screen(Screen::Introduce);
    let fields = vec!["Намуна бозори".to_owned(), String::new(), "1".to_owned()];
    tablet.send(Command::Typed(fields.clone()));
    let over = tablet.law(LawCommand::Open(Some(12)), read(12));
    assert_eq!(over.stamp, page.stamp);
    assert_eq!(over.page, page.page);
    let law = over.law.unwrap();
    let paragraph = law.paragraph.unwrap();
    assert_eq!(paragraph.parts.len(), 6);
    assert_eq!((paragraph.before, paragraph.next), (Some(11), Some(13)));
    assert!(!law.rendering, "the officer reads the text that decides");
    tablet.law(LawCommand::Read(13), read(13));
    tablet.law(LawCommand::List, listed(33));
    tablet.law(LawCommand::Search("GUVOHNOMA".into()), listed(1));
    tablet.law(LawCommand::Search("zzz".into()), listed(0));
    tablet.law(LawCommand::Search(String::new()), listed(33));
    // What does not exist is not opened.
    tablet.send(Command::Law(LawCommand::Read(34)));
    tablet.send(Command::Law(LawCommand::Read(0)));
    tablet.law(LawCommand::Read(33), |law| {
        read(33)(law) && law.paragraph.as_ref().is_some_and(|p| p.next.is_none())
    });
    tablet.send(Command::Law(LawCommand::Close));
    let back = tablet.no_law();
    assert_eq!((back.stamp, back.page), (page.stamp, page.page));
    // What was typed before it is kept across a lock after it.
    tablet.send(Command::Lock);
    tablet.screen(Screen::Locked);
    tablet.send(Command::Law(LawCommand::Open(Some(1))));
    tablet.send(Command::Unlock(zeroize::Zeroizing::new(
        crate::kit::PIN.into(),
    )));
    let unlocked = tablet.screen(Screen::Introduce);
    assert!(unlocked.law.is_none(), "nothing opens over the lock");
    assert_eq!(unlocked.typed, fields);
}

#[test]
fn the_text_is_there_before_the_log_in_and_goes_with_its_page() {
    let mut tablet = Tablet::new(LockPolicy::default());
    tablet.screen(Screen::Login);
    tablet.law(LawCommand::Open(None), listed(33));
    tablet.log_in();
    let pin = tablet.screen(Screen::Pin);
    assert!(pin.law.is_none());
    tablet.send(Command::Law(LawCommand::Open(None)));
    tablet.choose_pin();
    tablet.reach_receive();
    assert!(
        tablet
            .history
            .iter()
            .all(|p| p.law.is_none() || p.stamp.screen == Screen::Login)
    );
    tablet.send(Command::Law(LawCommand::Open(Some(23))));
    tablet.wait("§23", |p| p.law.as_ref().is_some_and(read(23)));
    tablet.send(Command::GoHome);
    assert!(tablet.screen(Screen::Home).law.is_none());
}

#[test]
fn what_was_refused_stays_said_and_a_lock_shows_nothing_of_the_law() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.send(Command::NewEncounter);
    tablet.screen(Screen::Introduce);
    tablet.send(Command::Introduce {
        place: "Намуна бозори".into(),
        chosen: false,
        service_id: ServiceId::NotAskedFor,
    });
    tablet.screen(Screen::Ground);
    tablet.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: String::new(),
        explanation: Explanation::Full,
    });
    let refused = tablet.wait("a refusal", |p| p.refusal.is_some()).refusal;
    let number = refused.unwrap().paragraph;
    let over = tablet.law(LawCommand::Open(Some(number)), read(number));
    assert_eq!(over.refusal, refused);
    tablet.send(Command::Law(LawCommand::Close));
    assert_eq!(tablet.no_law().refusal, refused);
    tablet.law(LawCommand::Open(None), listed(33));
    tablet.send(Command::Lock);
    let locked = tablet.screen(Screen::Locked);
    assert!(locked.law.is_none());
}

#[test]
fn the_officers_language_is_read_and_the_uzbek_text_is_found_by_it_too() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.send(Command::SetLanguage(Language::Russian));
    let law = tablet.law(LawCommand::Open(Some(9)), read(9)).law.unwrap();
    assert!(law.rendering);
    let parts = law.paragraph.unwrap().parts;
    assert!(parts[3].contains("сопротивление"), "{parts:?}");
    tablet.law(LawCommand::List, listed(33));
    let found = tablet.law(LawCommand::Search("qarshilik".into()), listed(1));
    let row = &found.law.unwrap().rows[0];
    assert_eq!(row.number, 9);
    assert!(row.text.contains("сопротивление"), "{}", row.text);
    assert!(row.chapter.is_empty());
    let Page::Home(_) = found.page else { panic!() };
}

#[test]
fn a_long_paragraph_is_shown_from_a_little_before_what_was_found() {
    let mut tablet = Tablet::at_home(LockPolicy::default());
    tablet.law(LawCommand::Open(None), listed(33));
    let all = tablet.page.clone().unwrap().law.unwrap().rows;
    assert!(all.iter().all(|row| row.text.chars().count() <= 120));
    assert!(all[0].text.starts_with("Мазкур Низом") && all[0].text.ends_with(" …"));
    let begins = all.iter().filter(|row| !row.chapter.is_empty()).count();
    assert_eq!(begins, 6, "the chapters");
    let found = |law: &LawView| law.rows.len() == 1 && law.rows[0].text.contains("жилет");
    let page = tablet.law(LawCommand::Search("jilet".into()), found);
    assert!(page.law.unwrap().rows[0].text.starts_with("… "));
}
