//! Example pages with words for the person over them.

use regulation::encounter::Language;
use tablet::device::VoiceFault;
use tablet::pages::{Aloud, SayView};

/// Cards over the page of that name: the shortest, the longest, and what the officer says.
pub fn cards(language: Language) -> Vec<(&'static str, &'static str, SayView)> {
    let edition = super::views::edition();
    let view = |text: String, paragraph, card| SayView {
        text,
        language,
        paragraph,
        card,
        cards: 10,
        aloud: Aloud::No,
    };
    let introduce = edition.words_introduce.get(language);
    let introduce = introduce
        .replace("{rank}", "Сержант")
        .replace("{name}", "Намунаев Намуна Намуна ўғли")
        .replace("{unit}", "Намуна тумани ички ишлар бўлими, 4-бўлинма");
    let ground = edition.grounds[0].detail.get(language);
    let explain = edition.words_explain.get(language);
    let own = |n: usize| edition.say[n].text.filled(language, "4-бўлинма");
    let length = |n: &usize| edition.say[*n].text.get(language).chars().count();
    let longest = (0..edition.say.len()).max_by_key(length).unwrap();
    let shortest = (0..edition.say.len()).min_by_key(length).unwrap();
    vec![
        ("say-introduce", "introduce", view(introduce, Some(12), 1)),
        (
            "say-explain",
            "ground-again",
            view(explain.replace("{ground}", ground), Some(8), 2),
        ),
        ("say-longest", "finger", view(own(longest), Some(9), 9)),
        ("say-shortest", "method", view(own(shortest), None, 10)),
        (
            "say-aloud",
            "introduce",
            SayView {
                aloud: Aloud::Reading,
                ..view(own(shortest), None, 10)
            },
        ),
        (
            "say-silent",
            "finger",
            SayView {
                aloud: Aloud::Fault(VoiceFault::NoLanguage),
                ..view(own(longest), Some(9), 9)
            },
        ),
    ]
}
