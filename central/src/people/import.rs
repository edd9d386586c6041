//! Reads a folder of people. The format is described in `docs/import.md`.

use super::portrait::{FaceFault, FaceModelError, FaceReader};
use super::{NewPerson, RegisterSource};
use crate::store::{ImportFault, Imported, Store};
use biometrics::finger::{MIN_MINUTIAE, Template, decode_png, extract};
use biometrics::record::{face_image, minutiae};
use protocol::{Register, RegisterEntry};
use regulation::encounter::Finger;
use regulation::identity::{BirthDate, DocumentNumber, PersonName, Pinfl};
use regulation::{Date, Timestamp};
use serde::Deserialize;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Bytes of one line of `people.jsonl`.
const LINE_BYTES: u64 = 64 * 1024;
/// People of one import.
const PEOPLE: usize = 5_000_000;
/// Characters of any text of a person.
const TEXT_CHARS: usize = 500;
/// Entries, documents and prints of one person.
const LIST: usize = 64;
/// Bytes of one print's or portrait's file.
const PRINT_BYTES: u64 = protocol::limits::PROBE_BYTES as u64 * 4;
/// Bytes of `registers.toml`.
const REGISTERS_BYTES: u64 = 64 * 1024;
/// Resolution of the PNG files, pixels an inch.
const PRINT_PPI: u16 = 500;

/// Why a folder was not imported; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{0} is larger than allowed")]
    TooLarge(PathBuf),
    #[error("registers.toml: {0}")]
    Registers(Box<toml::de::Error>),
    /// Says what is wrong with the line, never what stands in it.
    #[error("people.jsonl, line {line}: {what}")]
    Line { line: usize, what: LineFault },
    /// As with prints.
    #[error("portraits, file {number} (by name): {what}")]
    Portrait { number: usize, what: PortraitFault },
    /// By the file's number in the folder's order of names: a file's name may identify a person.
    #[error("prints, file {number} (by name): {what}")]
    Print { number: usize, what: PrintFault },
    #[error("faces: {0}")]
    Faces(#[from] FaceModelError),
    #[error(transparent)]
    Refused(#[from] ImportFault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    #[error("not a person in JSON")]
    NotAPerson,
    #[error("longer than allowed")]
    TooLong,
    #[error("a text is empty or too long")]
    Text,
    #[error("the PINFL is not 14 digits")]
    Pinfl,
    #[error("more documents or entries than allowed")]
    List,
    #[error("an id that stood before")]
    Repeated,
    #[error("more people than allowed")]
    TooMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintFault {
    #[error("the name is not ID_FINGER.png, .iso or .ept")]
    Name,
    #[error("there is no person with this id")]
    PersonUnknown,
    #[error("not a picture of a print")]
    Picture,
    #[error("no usable print in it")]
    NoPrint,
    #[error("not a template")]
    Template,
    #[error("not a finger minutiae record of one view")]
    Record,
    #[error("more prints of one person than allowed")]
    TooMany,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortraitFault {
    #[error("the name is not ID.jpg, .png or .iso")]
    Name,
    #[error("there is no person with this id")]
    PersonUnknown,
    #[error("a second portrait of this person")]
    Repeated,
    #[error("not a face image record")]
    Record,
    #[error(transparent)]
    Face(#[from] FaceFault),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistersFile {
    register: Vec<RegisterLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterLine {
    register: Register,
    source: String,
    as_of: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonLine {
    id: String,
    surname: String,
    given: String,
    #[serde(default)]
    patronymic: Option<String>,
    birth_date: Date,
    address: String,
    #[serde(default)]
    pinfl: Option<String>,
    #[serde(default)]
    documents: Vec<String>,
    #[serde(default)]
    entries: Vec<RegisterEntry>,
}

/// A folder, read and checked.
#[derive(Debug)]
pub struct Folder {
    pub registers: Vec<RegisterSource>,
    pub people: Vec<NewPerson>,
}

/// Reads the whole folder before anything is stored, so that a fault leaves no trace and the store
/// is not held while pictures are looked at. `faces` is asked for once, and only where there are
/// portraits: its models take their time. `progress` is told the prints and portraits read so far.
///
/// # Errors
/// [`ImportError`], with the line or the file that it is about.
pub fn read_folder<R: Borrow<FaceReader>>(
    folder: &Path,
    faces: impl FnOnce() -> Result<R, FaceModelError>,
    progress: &mut dyn FnMut(usize),
) -> Result<Folder, ImportError> {
    let registers = read_registers(&folder.join("registers.toml"))?;
    let mut people = read_people(&folder.join("people.jsonl"))?;
    let prints = read_prints(&folder.join("prints"), &mut people, progress)?;
    let mut beyond = |read| progress(prints + read);
    read_portraits(&folder.join("portraits"), &mut people, faces, &mut beyond)?;
    Ok(Folder { registers, people })
}

/// Stores people in one transaction.
///
/// # Errors
/// A person that does not fit beside the others, or the store's fault.
pub fn import_people(
    store: &dyn Store,
    registers: &[RegisterSource],
    people: impl IntoIterator<Item = NewPerson>,
    at: Timestamp,
) -> Result<Imported, ImportFault> {
    store.import(registers, &mut people.into_iter(), at)
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> ImportError + '_ {
    |source| ImportError::Unreadable {
        path: path.into(),
        source,
    }
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, ImportError> {
    let file = std::fs::File::open(path).map_err(unreadable(path))?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable(path))?;
    if bytes.len() as u64 > limit {
        return Err(ImportError::TooLarge(path.into()));
    }
    Ok(bytes)
}

fn read_registers(path: &Path) -> Result<Vec<RegisterSource>, ImportError> {
    let bytes = read_limited(path, REGISTERS_BYTES)?;
    let file: RegistersFile =
        toml::from_slice(&bytes).map_err(|e| ImportError::Registers(Box::new(e)))?;
    let source = |l: RegisterLine| RegisterSource {
        register: l.register,
        source: l.source,
        as_of: l.as_of,
    };
    Ok(file.register.into_iter().map(source).collect())
}

fn read_people(path: &Path) -> Result<Vec<NewPerson>, ImportError> {
    let file = std::fs::File::open(path).map_err(unreadable(path))?;
    let mut reader = BufReader::new(file);
    let mut people = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let read = reader
            .by_ref()
            .take(LINE_BYTES + 1)
            .read_until(b'\n', &mut text);
        if read.map_err(unreadable(path))? == 0 {
            break;
        }
        let fault = |what| ImportError::Line { line, what };
        if text.len() as u64 > LINE_BYTES {
            return Err(fault(LineFault::TooLong));
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let person = person(&text).map_err(fault)?;
        if !seen.insert(person.id.clone()) {
            return Err(fault(LineFault::Repeated));
        }
        if people.len() == PEOPLE {
            return Err(fault(LineFault::TooMany));
        }
        people.push(person);
    }
    Ok(people)
}

fn person(line: &[u8]) -> Result<NewPerson, LineFault> {
    let person: PersonLine = serde_json::from_slice(line).map_err(|_| LineFault::NotAPerson)?;
    let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS;
    let texts = [&person.id, &person.surname, &person.given, &person.address];
    let optional = person
        .patronymic
        .iter()
        .chain(&person.documents)
        .chain(person.entries.iter().map(|e| &e.source))
        .chain(person.entries.iter().filter_map(|e| e.note.as_ref()));
    if !texts.into_iter().chain(optional).all(|text| fits(text)) {
        return Err(LineFault::Text);
    }
    let digits = |p: &String| p.len() == 14 && p.bytes().all(|b| b.is_ascii_digit());
    if !person.pinfl.iter().all(digits) {
        return Err(LineFault::Pinfl);
    }
    if person.documents.len() > LIST || person.entries.len() > LIST {
        return Err(LineFault::List);
    }
    Ok(NewPerson {
        id: person.id,
        name: PersonName {
            surname: person.surname,
            given: person.given,
            patronymic: person.patronymic,
        },
        birth_date: BirthDate(person.birth_date),
        address: person.address,
        pinfl: person.pinfl.map(Pinfl),
        documents: person.documents.into_iter().map(DocumentNumber).collect(),
        entries: person.entries,
        prints: Vec::new(),
        portrait: None,
    })
}

/// The files of a folder in the order of their names; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut paths = Vec::new();
    if folder.exists() {
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            paths.push(entry.map_err(unreadable(folder))?.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Where each person stands in the list.
fn by_id(people: &[NewPerson]) -> HashMap<String, usize> {
    let placed = people.iter().enumerate();
    placed.map(|(at, p)| (p.id.clone(), at)).collect()
}

fn read_prints(
    folder: &Path,
    people: &mut [NewPerson],
    progress: &mut dyn FnMut(usize),
) -> Result<usize, ImportError> {
    let paths = files(folder)?;
    let by_id = by_id(people);
    for (at, path) in paths.iter().enumerate() {
        let number = at + 1;
        let fault = |what| ImportError::Print { number, what };
        let (id, finger, kind) = print_name(path).ok_or(fault(PrintFault::Name))?;
        let person = by_id
            .get(id)
            .and_then(|at| people.get_mut(*at))
            .ok_or(fault(PrintFault::PersonUnknown))?;
        if person.prints.len() == LIST {
            return Err(fault(PrintFault::TooMany));
        }
        let bytes = read_limited(path, PRINT_BYTES)?;
        person
            .prints
            .push((finger, template(kind, &bytes).map_err(fault)?));
        progress(number);
    }
    Ok(paths.len())
}

/// `ID.jpg`, `.png`, or `.iso` (a face image record of ISO/IEC 19794-5, its first picture).
fn read_portraits<R: Borrow<FaceReader>>(
    folder: &Path,
    people: &mut [NewPerson],
    faces: impl FnOnce() -> Result<R, FaceModelError>,
    progress: &mut dyn FnMut(usize),
) -> Result<(), ImportError> {
    let paths = files(folder)?;
    if paths.is_empty() {
        return Ok(());
    }
    let faces = faces()?;
    let by_id = by_id(people);
    for (at, path) in paths.iter().enumerate() {
        let number = at + 1;
        let fault = |what| ImportError::Portrait { number, what };
        let id = path.file_stem().and_then(|stem| stem.to_str());
        let id = id.ok_or(fault(PortraitFault::Name))?;
        let kind = path.extension().and_then(|kind| kind.to_str());
        let person = by_id.get(id).and_then(|at| people.get_mut(*at));
        let person = person.ok_or(fault(PortraitFault::PersonUnknown))?;
        if person.portrait.is_some() {
            return Err(fault(PortraitFault::Repeated));
        }
        let bytes = match kind {
            Some("jpg" | "png") => read_limited(path, PRINT_BYTES)?,
            Some("iso") => {
                let record = read_limited(path, PRINT_BYTES)?;
                let record = face_image::read_leniently(&record);
                let (record, _) = record.map_err(|_| fault(PortraitFault::Record))?;
                let first = record.representations.into_iter().next();
                first.ok_or(fault(PortraitFault::Record))?.data
            }
            _ => return Err(fault(PortraitFault::Name)),
        };
        let portrait = faces.borrow().portrait(&bytes);
        person.portrait = Some(portrait.map_err(|what| fault(what.into()))?);
        progress(number);
    }
    Ok(())
}

enum PrintKind {
    Png,
    Record,
    Template,
}

fn template(kind: PrintKind, bytes: &[u8]) -> Result<Template, PrintFault> {
    let template = match kind {
        PrintKind::Template => Template::from_bytes(bytes).map_err(|_| PrintFault::Template)?,
        PrintKind::Record => {
            let record = minutiae::read(bytes).map_err(|_| PrintFault::Record)?;
            // Of several views nobody has said which finger is which.
            let [view] = record.views.as_slice() else {
                return Err(PrintFault::Record);
            };
            view.template().map_err(|_| PrintFault::Record)?
        }
        PrintKind::Png => {
            let image = decode_png(bytes, PRINT_PPI).map_err(|_| PrintFault::Picture)?;
            extract(&image).map_err(|_| PrintFault::NoPrint)?
        }
    };
    // Nobody could ever be found by fewer, and yet they would count as searched.
    if template.minutiae().len() < MIN_MINUTIAE {
        return Err(PrintFault::NoPrint);
    }
    Ok(template)
}

/// `ID_FINGER.png`, `.iso` or `.ept`; the finger as in the contract, e.g. `right_index`.
fn print_name(path: &Path) -> Option<(&str, Finger, PrintKind)> {
    let kind = match path.extension()?.to_str()? {
        "png" => PrintKind::Png,
        "iso" => PrintKind::Record,
        "ept" => PrintKind::Template,
        _ => return None,
    };
    let stem = path.file_stem()?.to_str()?;
    Finger::ALL
        .into_iter()
        .find_map(|finger| {
            let word = serde_json::to_value(finger).ok()?;
            let id = stem.strip_suffix(word.as_str()?)?.strip_suffix('_')?;
            (!id.is_empty()).then_some((id, finger, ()))
        })
        .map(|(id, finger, ())| (id, finger, kind))
}
