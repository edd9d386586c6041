//! Words for the person, over the pages of the procedure.

use crate::kit::Tablet;
use regulation::encounter::{Explanation, Language, ServiceId};
use tablet::pages::{Page, PageView, SayView, Screen};
use tablet::worker::{Command, LawCommand, LockPolicy, SayCommand};

impl Tablet {
    pub fn say(&mut self, command: SayCommand, accept: impl Fn(&SayView) -> bool) -> SayView {
        self.send(Command::Say(command));
        let shown = |p: &PageView| p.say.as_ref().is_some_and(&accept);
        self.wait("a card", shown).say.unwrap()
    }

    pub fn no_card(&mut self) -> PageView {
        self.wait("no card", |p| p.say.is_none())
    }

    pub fn at_introduction(language: Language) -> Self {
        let mut tablet = Self::at_home(LockPolicy::default());
        tablet.send(Command::NewEncounter);
        tablet.screen(Screen::Introduce);
        tablet.send(Command::SetCitizenLanguage(language));
        tablet
    }

    pub fn introduced(&mut self) {
        self.send(Command::Introduce {
            place: "Намуна бозори".into(),
            chosen: false,
            service_id: ServiceId::NotAskedFor,
        });
        self.screen(Screen::Ground);
    }
}

pub fn open(ground: &str) -> SayCommand {
    SayCommand::Open {
        ground: ground.into(),
    }
}

#[test]
fn the_cards_begin_with_the_step_and_speak_the_citizens_language() {
    let mut tablet = Tablet::at_introduction(Language::Russian);
    let page = tablet.page.clone().unwrap();
    let first = tablet.say(open(""), |_| true);
    assert!(first.text.starts_with("Здравствуйте!"), "{}", first.text);
    assert_eq!((first.card, first.paragraph), (1, Some(12)));
    assert_eq!(first.cards, 9, "no explanation without a ground");
    tablet.send(Command::Say(SayCommand::Before));
    for n in 2..=9 {
        tablet.say(SayCommand::Next, |card| card.card == n);
    }
    tablet.send(Command::Say(SayCommand::Next));
    tablet.say(SayCommand::Before, |card| card.card == 8);
    tablet.send(Command::Say(SayCommand::Close));
    let back = tablet.no_card();
    assert_eq!(back.stamp, page.stamp);
    tablet.introduced();
    // What is chosen on the page and not recorded yet is explained.
    let explained = tablet.say(open("witness"), |_| true);
    assert!(
        explained.text.contains("располагает сведениями"),
        "{}",
        explained.text
    );
    assert_eq!((explained.paragraph, explained.cards), (Some(8), 10));
    tablet.send(Command::Say(SayCommand::Close));
    tablet.no_card();
    // Nothing that the edition does not know.
    let reasons = tablet.say(open("because"), |_| true);
    assert!(
        reasons.text.starts_with("Вы можете спросить"),
        "{}",
        reasons.text
    );
    tablet.send(Command::Say(SayCommand::Close));
    tablet.no_card();
    tablet.send(Command::StateGround {
        ground: "suspicion".into(),
        fact: "белгилари мос".into(),
        explanation: Explanation::Full,
    });
    tablet.screen(Screen::Method);
    let finger = tablet.say(open(""), |_| true);
    assert!(finger.text.contains("приложить палец"), "{}", finger.text);
    // The recorded ground is there too; the fact that it rests on is not.
    let explained = tablet.say(SayCommand::Before, |card| card.paragraph == Some(8));
    assert!(explained.text.contains("основания для подозрения"));
    let with_fact = |p: &PageView| p.say.as_ref().is_some_and(|s| s.text.contains("белгилари"));
    assert!(!tablet.history.iter().any(with_fact));
}

#[test]
fn another_language_is_spoken_from_then_on_and_the_record_keeps_the_first() {
    let mut tablet = Tablet::at_introduction(Language::Russian);
    let spoken = |card: &SayView| (card.card, card.language);
    let first = tablet.say(open(""), |_| true);
    assert_eq!(spoken(&first), (1, Language::Russian));
    // Before anything is recorded it is the choice of the page below.
    let cyrillic = Language::UzbekCyrillic;
    let uzbek = tablet.say(SayCommand::Speak(cyrillic), |c| c.language == cyrillic);
    assert!(uzbek.text.starts_with("Ассалому"), "{}", uzbek.text);
    tablet.send(Command::Say(SayCommand::Close));
    let Page::Introduce(page) = tablet.no_card().page else {
        panic!()
    };
    assert_eq!(page.citizen_language, cyrillic);
    tablet.introduced();
    tablet.say(open("witness"), |c| c.language == cyrillic);
    tablet.say(SayCommand::Next, |card| card.card == 3);
    let english = Language::English;
    let third = tablet.say(SayCommand::Speak(english), |c| c.language == english);
    assert_eq!(third.card, 3, "the same card");
    assert!(third.text.is_ascii(), "{}", third.text);
    tablet.send(Command::Say(SayCommand::Close));
    let Page::Ground(page) = tablet.no_card().page else {
        panic!()
    };
    assert!(page.words[0].starts_with("The reasons and grounds"));
    let again = tablet.say(open(""), |_| true);
    assert_eq!(again.language, english);
    // Opened again from the list, the encounter speaks what it was opened in.
    tablet.send(Command::GoHome);
    let Page::Home(home) = tablet.screen(Screen::Home).page else {
        panic!()
    };
    tablet.send(Command::OpenEncounter(home.encounters[0].id));
    tablet.screen(Screen::Ground);
    let recorded = tablet.say(open(""), |_| true);
    assert_eq!(recorded.language, cyrillic);
}

#[test]
fn cards_go_with_their_page_and_with_the_lock() {
    let mut tablet = Tablet::at_introduction(Language::English);
    tablet.say(open(""), |_| true);
    // One thing at a time lies over a page.
    tablet.send(Command::Law(LawCommand::Open(None)));
    tablet.send(Command::GoHome);
    let home = tablet.screen(Screen::Home);
    assert!(home.say.is_none() && home.law.is_none());
    assert!(
        tablet
            .history
            .iter()
            .all(|p| p.say.is_none() || p.law.is_none())
    );
    // Home shows none.
    tablet.send(Command::Say(open("")));
    tablet.send(Command::NewEncounter);
    let page = tablet.screen(Screen::Introduce);
    assert!(page.say.is_none());
    tablet.say(open(""), |_| true);
    tablet.send(Command::Lock);
    let locked = tablet.screen(Screen::Locked);
    assert!(locked.say.is_none());
    tablet.send(Command::Say(open("")));
    tablet.send(Command::Unlock(zeroize::Zeroizing::new(
        crate::kit::PIN.into(),
    )));
    assert!(tablet.screen(Screen::Introduce).say.is_none());
}
