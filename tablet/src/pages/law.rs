//! The Regulation's own text, over the page that names it or over home; nothing personal is in it.

use super::{Stamp, State};
use regulation::edition::Text;
use regulation::encounter::Language;
use regulation::hidden_debug;
use regulation::law::Found;
use regulation::script::search_words;

/// Characters of a paragraph that stand in the list.
const EXCERPT: usize = 110;
/// Words before the one that was looked for.
const BEFORE: usize = 4;

/// The text is open.
#[derive(Clone)]
pub struct LawState {
    /// The page over which it lies: it goes with it.
    pub over: Stamp,
    /// The paragraph that is read; `None`: the list.
    pub paragraph: Option<u8>,
    pub query: String,
    /// What the list shows.
    pub found: Vec<Found>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct LawView {
    /// What the Regulation is called.
    pub heading: String,
    /// What is shown is a rendering; the Uzbek text decides.
    pub rendering: bool,
    pub query: String,
    /// The list; empty while a paragraph is read.
    pub rows: Vec<LawRow>,
    pub paragraph: Option<ParagraphView>,
}

hidden_debug!(LawState, LawView);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawRow {
    pub number: u8,
    /// The chapter that begins with it; empty: none does, or something is looked for.
    pub chapter: String,
    /// Its beginning, or what was found in it.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParagraphView {
    pub number: u8,
    pub chapter: String,
    pub parts: Vec<String>,
    pub before: Option<u8>,
    pub next: Option<u8>,
}

pub(super) fn view(state: &State) -> Option<LawView> {
    let shown = state.law.as_ref()?;
    let law = &state.edition.law;
    let said = |text: &Text| text.get(state.language).to_owned();
    let paragraph = shown.paragraph.and_then(|number| {
        let neighbour = |number: Option<u8>| number.filter(|n| law.paragraph(*n).is_some());
        let parts = law.paragraph(number)?.parts(state.language);
        Some(ParagraphView {
            number,
            chapter: law.chapter_of(number).map(|c| said(&c.title))?,
            parts: parts.into_iter().map(str::to_owned).collect(),
            before: neighbour(number.checked_sub(1)),
            next: neighbour(number.checked_add(1)),
        })
    });
    let words = search_words(&shown.query);
    let row = |found: &Found| {
        let number = found.paragraph;
        let part = law.paragraph(number)?.parts(state.language);
        let begins = law.chapter_of(number).filter(|c| c.from == number);
        Some(LawRow {
            number,
            chapter: begins
                .filter(|_| words.is_empty())
                .map(|c| said(&c.title))
                .unwrap_or_default(),
            text: excerpt(part.get(found.part)?, words.first()),
        })
    };
    let rows = match paragraph {
        None => shown.found.iter().filter_map(row).collect(),
        Some(_) => Vec::new(),
    };
    Some(LawView {
        heading: said(&state.edition.title),
        rendering: matches!(state.language, Language::Russian | Language::English),
        query: shown.query.clone(),
        rows,
        paragraph,
    })
}

/// So much of a part as stands in a row: from its beginning, or from a little before `word`.
fn excerpt(part: &str, word: Option<&String>) -> String {
    if part.chars().count() <= EXCERPT {
        return part.to_owned();
    }
    let holds = |candidate: &&str| {
        let words = search_words(candidate);
        word.is_some_and(|word| words.iter().any(|w| w.contains(word.as_str())))
    };
    let all: Vec<_> = part.split_whitespace().collect();
    let at = all.iter().position(holds);
    let from = at.unwrap_or(0).saturating_sub(BEFORE);
    let mut text = String::new();
    let mut chars = 0;
    let mut rest = all.iter().skip(from).peekable();
    while let Some(next) = rest.peek() {
        chars += next.chars().count() + 1;
        if chars > EXCERPT && !text.is_empty() {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(next);
        rest.next();
    }
    let before = if from > 0 { "… " } else { "" };
    let after = if rest.peek().is_some() { " …" } else { "" };
    format!("{before}{text}{after}")
}
