//! Words for the person, over the pages of the procedure.

use crate::kit::Tablet;
use regulation::encounter::{Explanation, Language, ServiceId};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tablet::device::VoiceFault;
use tablet::pages::{Aloud, Page, PageView, SayView, Screen};
use tablet::worker::{Command, LawCommand, LockPolicy, SayCommand};

impl Tablet {
    pub fn say(&mut self, command: SayCommand, accept: impl Fn(&SayView) -> bool) -> SayView {
        self.send(Command::Say(command));
        let shown = |p: &PageView| p.say.as_ref().is_some_and(&accept);
        self.wait("a card", shown).say.unwrap()
    }

    /// Until the voice has begun so often, and was stopped so often.
    fn voice(&self, begun: usize, stopped: u64) {
        let until = Instant::now() + Duration::from_secs(30);
        let now = || {
            let begun = self.voice.read.lock().unwrap().len();
            (begun, self.voice.stopped.load(Ordering::SeqCst))
        };
        while now() != (begun, stopped) {
            assert!(Instant::now() < until, "{:?}", now());
            std::thread::sleep(Duration::from_millis(2));
        }
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
    tablet.send(Command::OpenEncounter(home.open.unwrap().id));
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

#[test]
fn what_is_on_the_card_is_read_aloud_to_its_end() {
    let mut tablet = Tablet::at_introduction(Language::Russian);
    // Nothing is read where no card is shown.
    tablet.send(Command::Say(SayCommand::ReadAloud));
    let card = tablet.say(open(""), |card| card.aloud == Aloud::No);
    tablet.say(SayCommand::ReadAloud, |card| card.aloud == Aloud::Reading);
    tablet.voice(1, 0);
    assert_eq!(
        *tablet.voice.read.lock().unwrap(),
        [(card.text.clone(), Language::Russian)]
    );
    tablet.voice.heard.store(true, Ordering::SeqCst);
    let quiet = |p: &PageView| p.say.as_ref().is_some_and(|s| s.aloud == Aloud::No);
    let after = tablet.wait("the end", quiet).say.unwrap();
    assert_eq!((after.text, after.card), (card.text, card.card));
    for fault in VoiceFault::ALL {
        *tablet.voice.fault.lock().unwrap() = Some(fault);
        tablet.say(SayCommand::ReadAloud, |card| {
            card.aloud == Aloud::Fault(fault)
        });
        // It is of that card alone.
        tablet.say(SayCommand::Next, |card| card.aloud == Aloud::No);
    }
    tablet.voice(1, 0);
}

#[test]
fn nothing_is_read_on_behind_another_card_or_page() {
    let mut tablet = Tablet::at_introduction(Language::Russian);
    let reading = |card: &SayView| card.aloud == Aloud::Reading;
    tablet.say(open(""), |_| true);
    let ways = [
        SayCommand::Hush,
        SayCommand::Next,
        SayCommand::Before,
        SayCommand::Speak(Language::English),
    ];
    let mut begun = 0;
    for way in ways {
        tablet.say(SayCommand::ReadAloud, reading);
        begun += 1;
        tablet.voice(begun, begun as u64 - 1);
        tablet.say(way, |card| card.aloud == Aloud::No);
        tablet.voice(begun, begun as u64);
    }
    tablet.say(SayCommand::ReadAloud, reading);
    tablet.voice(5, 4);
    assert_eq!(tablet.voice.read.lock().unwrap()[4].1, Language::English);
    tablet.send(Command::Say(SayCommand::Close));
    tablet.no_card();
    tablet.voice(5, 5);
    // The page itself goes, by the officer and by the lock.
    tablet.say(open(""), |_| true);
    tablet.say(SayCommand::ReadAloud, reading);
    tablet.voice(6, 5);
    tablet.send(Command::GoHome);
    tablet.screen(Screen::Home);
    tablet.voice(6, 6);
    tablet.send(Command::NewEncounter);
    tablet.screen(Screen::Introduce);
    tablet.say(open(""), |_| true);
    tablet.say(SayCommand::ReadAloud, reading);
    tablet.voice(7, 6);
    tablet.send(Command::Lock);
    tablet.screen(Screen::Locked);
    tablet.voice(7, 7);
}
