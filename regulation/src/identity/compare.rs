//! What a document says beside what a register holds, field by field (§3, §28).
//!
//! Names come in two scripts and by several rules: a register in Uzbek Cyrillic or Latin, a zone in
//! bare Latin capitals by the rules of the Uzbek alphabet of 1995, of ICAO Doc 9303 or of older
//! passports, through Russian. A name is "the same" if one of these rules makes the one out of the
//! other, and "differs" only if their consonants do; between the two a person is to look.

use super::{DocumentNumber, PersonName, latin_look_alike};
use crate::encounter::DocumentKind;
use std::collections::BTreeSet;

/// How a field stated by a document stands to the register's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// The same, or the same name in another spelling.
    Same,
    /// It cannot be told: to be compared by eye.
    ByEye,
    Differs,
}

/// The parts of a name; `None`: the document says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameLikeness {
    pub surname: Option<Likeness>,
    pub given: Option<Likeness>,
    pub patronymic: Option<Likeness>,
}

/// Characters of surname and given name from which on a zone may have cut them short: those of TD1,
/// less the two fillers between them and one at the end (ICAO Doc 9303-5).
const CUT_SHORT: usize = 27;

/// Compares a name as stated with the register's. Of another document than the national ones a
/// spelling in the other script is never said to differ: its rules are not known.
#[must_use]
pub fn compare_names(
    stated: &PersonName,
    register: &PersonName,
    document: DocumentKind,
) -> NameLikeness {
    let chars = |text: &str| text.chars().count();
    let rules = Rules {
        may_be_cut: chars(&stated.surname) + chars(&stated.given) >= CUT_SHORT,
        known: document != DocumentKind::Other,
    };
    let said = |text: &str| !text.trim().is_empty();
    NameLikeness {
        surname: said(&stated.surname).then(|| rules.part(&stated.surname, &register.surname)),
        given: said(&stated.given).then(|| rules.given(&stated.given, register)),
        patronymic: match (&stated.patronymic, &register.patronymic) {
            (Some(stated), Some(register)) => Some(rules.patronymic(stated, register)),
            // Said to be absent, not said, or not known to the register: one cannot tell which.
            (None, None) => None,
            (None, Some(_)) | (Some(_), None) => Some(Likeness::ByEye),
        },
    }
}

/// Compares a document's number with the one that the register shows: a person may have several.
#[must_use]
pub fn compare_numbers(stated: &DocumentNumber, register: &DocumentNumber) -> Likeness {
    let plain = |number: &DocumentNumber| -> String {
        number
            .0
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .map(latin_look_alike)
            .collect()
    };
    if plain(stated) == plain(register) {
        Likeness::Same
    } else {
        Likeness::ByEye
    }
}

struct Rules {
    may_be_cut: bool,
    known: bool,
}

impl Rules {
    /// A zone may hold more names than the register's given name: the patronymic after it.
    fn given(&self, stated: &str, register: &PersonName) -> Likeness {
        let alone = self.part(stated, &register.given);
        let Some(patronymic) = register
            .patronymic
            .as_ref()
            .filter(|_| alone != Likeness::Same)
        else {
            return alone;
        };
        let both = format!("{} {patronymic}", register.given);
        match self.part(stated, &both) {
            Likeness::Same => Likeness::Same,
            _ => alone,
        }
    }

    /// "Карим ўғли" and "Каримович" are made from one name; which of them stands where is custom.
    fn patronymic(&self, stated: &str, register: &str) -> Likeness {
        let whole = self.part(stated, register);
        if whole != Likeness::Differs {
            return whole;
        }
        match (stem(stated), stem(register)) {
            (Some(one), Some(other)) if self.part(one, other) != Likeness::Differs => {
                Likeness::ByEye
            }
            _ => whole,
        }
    }

    fn part(&self, stated: &str, register: &str) -> Likeness {
        if fold(stated) == fold(register) {
            return Likeness::Same;
        }
        let (Some(one), Some(other)) = (Script::of(stated), Script::of(register)) else {
            return Likeness::ByEye;
        };
        let spelt = match (one, other) {
            (Script::Cyrillic, Script::Cyrillic) => Spelt::No,
            (Script::Latin, Script::Cyrillic) => spelt(&letters(register), stated),
            // The other way round nothing is cut short: a register is no zone.
            (Script::Cyrillic, Script::Latin) => match spelt(&letters(stated), register) {
                Spelt::Whole => Spelt::Whole,
                _ => Spelt::No,
            },
            (Script::Latin, Script::Latin) => {
                let there = spelt(&of_latin(register), stated);
                match spelt(&of_latin(stated), register) {
                    Spelt::Whole => Spelt::Whole,
                    _ => there,
                }
            }
        };
        match spelt {
            Spelt::Whole => return Likeness::Same,
            Spelt::Words | Spelt::Beginning if self.may_be_cut => return Likeness::Same,
            // One name of several.
            Spelt::Words => return Likeness::ByEye,
            Spelt::Beginning | Spelt::No => {}
        }
        let sounds = skeletons(register);
        let alike = skeletons(stated).iter().any(|one| sounds.contains(one));
        if alike || (one != other && !self.known) {
            Likeness::ByEye
        } else {
            Likeness::Differs
        }
    }
}

/// What a patronymic is made from.
fn stem(text: &str) -> Option<&str> {
    const ENDS: [&str; 17] = [
        " ўғли",
        " угли",
        " қизи",
        " кизи",
        " oʻgʻli",
        " ogʻli",
        " ogli",
        " ugli",
        " qizi",
        " kizi",
        "ович",
        "евич",
        "овна",
        "евна",
        "ovich",
        "evich",
        "ovna",
    ];
    ENDS.iter().find_map(|end| {
        let at = text.chars().count().checked_sub(end.chars().count())?;
        let (at, _) = text.char_indices().nth(at)?;
        let (stem, tail) = text.split_at_checked(at)?;
        let same = tail.chars().flat_map(char::to_lowercase).eq(end.chars());
        (same && !stem.is_empty()).then_some(stem)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
}

impl Script {
    /// `None` where there is no letter, or letters of two scripts or of another one.
    fn of(text: &str) -> Option<Self> {
        let mut of = text.chars().filter(|c| is_sound(*c)).map(|c| match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                Some(Self::Latin)
            }
            '\u{400}'..='\u{52f}' => Some(Self::Cyrillic),
            _ => None,
        });
        let first = of.next()??;
        of.all(|script| script == Some(first)).then_some(first)
    }
}

/// A letter: neither an apostrophe, which Unicode calls a letter too, nor anything between names.
fn is_sound(c: char) -> bool {
    c.is_alphabetic() && !is_apostrophe(c)
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ'
    )
}

/// Letters alone, small.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| is_sound(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

/// Basic Latin small letters: what a zone has of them (ICAO Doc 9303-3, section 6).
fn bare(text: &str) -> String {
    let mut bare = String::new();
    for c in text
        .chars()
        .filter(|c| is_sound(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => bare.push('a'),
            'æ' => bare.push_str("ae"),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => bare.push('c'),
            'ð' | 'ď' | 'đ' => bare.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => bare.push('e'),
            'ğ' | 'ĝ' | 'ġ' | 'ģ' => bare.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => bare.push('i'),
            'ñ' | 'ń' | 'ņ' | 'ň' => bare.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => bare.push('o'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => bare.push('s'),
            'ß' => bare.push_str("ss"),
            'ţ' | 'ť' | 'ț' => bare.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => bare.push('u'),
            'ý' | 'ÿ' => bare.push('y'),
            'ź' | 'ż' | 'ž' => bare.push('z'),
            'þ' => bare.push_str("th"),
            c => bare.push(c),
        }
    }
    bare
}

/// A Cyrillic letter, or where one name ends and the next begins.
type Letter = Option<char>;

/// The letters of a Cyrillic text, small; between names, `None`.
fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if is_sound(c) {
            letters.push(Some(c));
        } else if !is_apostrophe(c) && letters.last().is_some_and(Option::is_some) {
            letters.push(None);
        }
    }
    letters
}

/// A Latin text by the letters of the Cyrillic alphabet that it stands for.
fn of_latin(text: &str) -> Vec<Letter> {
    const PAIRS: [(&str, char); 13] = [
        ("sh", 'ш'),
        ("ch", 'ч'),
        ("zh", 'ж'),
        ("kh", 'х'),
        ("gh", 'ғ'),
        ("ts", 'ц'),
        ("yo", 'ё'),
        ("yu", 'ю'),
        ("ya", 'я'),
        ("ye", 'е'),
        ("oʻ", 'ў'),
        ("gʻ", 'ғ'),
        ("dj", 'ж'),
    ];
    let small: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if is_apostrophe(c) { 'ʻ' } else { c })
        .collect();
    let mut rest = small.as_str();
    let mut letters: Vec<Letter> = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some((pair, letter)) = PAIRS.iter().find(|(pair, _)| rest.starts_with(pair)) {
            letters.push(Some(*letter));
            rest = rest.get(pair.len()..).unwrap_or_default();
            continue;
        }
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
        if !is_sound(first) {
            if !is_apostrophe(first) && letters.last().is_some_and(Option::is_some) {
                letters.push(None);
            }
            continue;
        }
        for c in bare(&first.to_string()).chars() {
            letters.push(Some(match c {
                'a' => 'а',
                'b' => 'б',
                'c' | 'k' => 'к',
                'd' => 'д',
                'e' => 'е',
                'f' => 'ф',
                'g' => 'г',
                'h' => 'ҳ',
                'i' => 'и',
                'j' => 'ж',
                'l' => 'л',
                'm' => 'м',
                'n' => 'н',
                'o' => 'о',
                'p' => 'п',
                'q' => 'қ',
                'r' => 'р',
                's' => 'с',
                't' => 'т',
                'u' => 'у',
                'v' | 'w' => 'в',
                'x' => 'х',
                'y' => 'й',
                'z' => 'з',
                other => other,
            }));
        }
    }
    letters
}

/// The Latin spellings of a Cyrillic letter: of the Uzbek alphabet of 1995 without its apostrophes,
/// of ICAO Doc 9303-3 (section 6 B), and of passports spelt through Russian or English.
fn spellings(letter: char) -> &'static [&'static str] {
    match letter {
        'а' => &["a"],
        'ә' => &["a", "ae"],
        'б' => &["b"],
        'в' => &["v", "w"],
        'г' | 'ғ' => &["g", "gh"],
        'д' => &["d"],
        'е' => &["e", "ye", "ie", "je"],
        'ё' => &["yo", "io", "jo", "e", "ye"],
        'ж' | 'ҷ' | 'җ' => &["j", "zh", "dj", "dzh"],
        'з' => &["z"],
        'и' | 'і' | 'ї' | 'ӣ' => &["i", "y", "ee"],
        'й' => &["y", "i", "j", ""],
        'к' => &["k", "c", "q"],
        'қ' => &["q", "k"],
        'л' => &["l"],
        'м' => &["m"],
        'н' => &["n"],
        'ң' => &["n", "ng"],
        'о' => &["o", "a"],
        'ө' => &["o"],
        'п' => &["p"],
        'р' => &["r"],
        'с' => &["s", "ss"],
        'т' => &["t"],
        'у' | 'ү' | 'ұ' | 'ӯ' => &["u", "ou", "oo"],
        'ў' => &["o", "u", "w"],
        'ф' => &["f", "ph"],
        'х' | 'ҳ' | 'һ' => &["h", "x", "kh"],
        'ц' => &["ts", "s", "tz", "c"],
        'ч' => &["ch", "tch"],
        'ш' => &["sh"],
        'щ' => &["shch", "sch", "sh"],
        // "Аъзам" is "Агзам" through Russian.
        'ъ' => &["", "ie", "g"],
        'ь' => &[""],
        'ы' => &["y", "i"],
        'э' => &["e"],
        'ю' => &["yu", "iu", "ju", "u"],
        'я' => &["ya", "ia", "ja", "a"],
        _ => &[],
    }
}

/// How much of the letters a Latin text spells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spelt {
    No,
    /// Their beginning, ending anywhere.
    Beginning,
    /// Whole names at the beginning, not all.
    Words,
    Whole,
}

/// Whether a Latin text is one of the spellings of these letters, or how much of them it spells.
fn spelt(letters: &[Letter], latin: &str) -> Spelt {
    let text = bare(latin);
    if text.is_empty() {
        return Spelt::No;
    }
    // Where in the text one may be before each letter.
    let mut places = vec![BTreeSet::new(); letters.len() + 2];
    if let Some(first) = places.first_mut() {
        first.insert(0);
    }
    let mut best = Spelt::No;
    for (i, letter) in letters.iter().enumerate() {
        let here = places.get(i).cloned().unwrap_or_default();
        let at_end = here.contains(&text.len());
        let Some(letter) = letter else {
            best = best.max(if at_end { Spelt::Words } else { Spelt::No });
            reach(&mut places, i + 1, here);
            continue;
        };
        best = best.max(if at_end { Spelt::Beginning } else { Spelt::No });
        let after = letters.get(i + 1).copied().flatten();
        let pair: &[&str] = match (*letter, after) {
            ('к', Some('с')) => &["x"],
            ('д', Some('ж')) => &["j"],
            _ => &[],
        };
        let one = spellings(*letter).iter().map(|spelling| (spelling, 1));
        for (spelling, letters) in one.chain(pair.iter().map(|spelling| (spelling, 2))) {
            let mut next = BTreeSet::new();
            for from in &here {
                let rest = text.get(*from..).unwrap_or_default();
                if rest.starts_with(spelling) {
                    next.insert(from + spelling.len());
                } else if !rest.is_empty() && spelling.starts_with(rest) {
                    // Cut short within a letter.
                    best = best.max(Spelt::Beginning);
                }
            }
            reach(&mut places, i + letters, next);
        }
    }
    match places.get(letters.len()) {
        Some(last) if last.contains(&text.len()) => Spelt::Whole,
        _ => best,
    }
}

fn reach(places: &mut [BTreeSet<usize>], letter: usize, to: BTreeSet<usize>) {
    if let Some(known) = places.get_mut(letter) {
        known.extend(to);
    }
}

/// The consonants that are heard, in classes of those that the rules confuse, each once in a row.
/// Some letters stand for more than one sound: every reading.
fn skeletons(text: &str) -> Vec<String> {
    match Script::of(text) {
        Some(Script::Cyrillic) => {
            let letters = letters(text);
            let heard = letters.iter().map(|letter| match letter {
                Some('ъ') => Some('г'),
                other => *other,
            });
            vec![skeleton(&letters), skeleton(&heard.collect::<Vec<_>>())]
        }
        Some(Script::Latin) => {
            let plain = bare(text);
            let mut all: Vec<_> = [
                plain.clone(),
                plain.replace('x', "ks"),
                plain
                    .replace("ch", "ч")
                    .replace('c', "s")
                    .replace('ч', "ch"),
            ]
            .iter()
            .map(|text| skeleton(&of_latin(text)))
            .collect();
            all.dedup();
            all
        }
        None => Vec::new(),
    }
}

fn skeleton(letters: &[Letter]) -> String {
    let mut skeleton = String::new();
    for letter in letters.iter().flatten() {
        let class = match letter {
            'б' => 'b',
            'в' => 'v',
            'г' | 'ғ' | 'х' | 'ҳ' | 'һ' => 'h',
            'д' => 'd',
            'ж' | 'ҷ' | 'җ' => 'j',
            'з' => 'z',
            'к' | 'қ' => 'k',
            'л' => 'l',
            'м' => 'm',
            'н' | 'ң' => 'n',
            'п' => 'p',
            'р' => 'r',
            'с' | 'ц' => 's',
            'т' => 't',
            'ф' => 'f',
            'ч' => 'c',
            'ш' | 'щ' => 'w',
            _ => continue,
        };
        // "Дж" is one sound, and "-итдин" is "-иддин".
        if (class == 'j' && skeleton.ends_with('d')) || (class == 'd' && skeleton.ends_with('t')) {
            skeleton.pop();
        }
        if !skeleton.ends_with(class) {
            skeleton.push(class);
        }
    }
    skeleton
}
