//! Says what an ISO/IEC 19794 record holds, and writes its pictures as PNG.
//!
//! ```text
//! isorecord FILE [--png OUT.png] [--strict]
//! ```
//!
//! FILE is a record of finger images (19794-4), face images (19794-5) or finger minutiae
//! (19794-2), or one as base64 or base64url text. What does not conform and can be read over all
//! the same is listed as a warning; with `--strict`, it is an error. Pictures go to FILE with the
//! ending `.png`, of several representations to `-1.png`, `-2.png` and so on. The exit code is 0
//! when everything was read and written.

#![forbid(unsafe_code)]

mod show;

use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use biometrics::record::picture::{Coding, Picture, PictureError, decode};
use biometrics::record::{Fault, face_image, finger_image, minutiae};

type Failure = Box<dyn Error>;

/// Longest file read: the longest record, as text with line breaks.
const MAX_FILE: u64 = 60_000_000;

const USAGE: &str = "usage: isorecord FILE [--png OUT.png] [--strict]";

fn main() -> ExitCode {
    let mut out = Vec::new();
    let result = run(std::env::args_os().skip(1), &mut out);
    let shown = std::io::stdout().lock().write_all(&out);
    match (result, shown) {
        (Ok(()), Ok(())) => ExitCode::SUCCESS,
        (Ok(()), Err(_)) => ExitCode::FAILURE,
        (Err(error), _) => {
            let _ = writeln!(std::io::stderr().lock(), "isorecord: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    file: PathBuf,
    png: Option<PathBuf>,
    strict: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let (mut file, mut png, mut strict) = (None, None, false);
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--png") => png = Some(args.next().ok_or(USAGE)?.into()),
                Some("--strict") => strict = true,
                Some(option) if option.starts_with("--") => return Err(USAGE.into()),
                _ if file.is_none() => file = Some(arg.into()),
                _ => return Err(USAGE.into()),
            }
        }
        let file = file.ok_or(USAGE)?;
        Ok(Self { file, png, strict })
    }
}

fn run(args: impl Iterator<Item = OsString>, out: &mut Vec<u8>) -> Result<(), Failure> {
    let options = Options::parse(args)?;
    let (bytes, text) = read_file(&options.file)?;
    if let Some(text) = text {
        writeln!(out, "{:24}{text} text of a record", "file")?;
    }
    match bytes.get(..4) {
        Some(b"FIR\0") => {
            let (record, faults) = finger_image::read_leniently(&bytes)?;
            let mut found = Found::new(&faults);
            show::finger(&record, bytes.len(), out)?;
            let count = record.representations.len();
            for (index, one) in record.representations.iter().enumerate() {
                show::finger_image(one, record.format, (index, count), out)?;
                let stated = (u32::from(one.width), u32::from(one.height));
                found.take(one.picture(), one.ppi(), (&one.data, stated), out)?;
            }
            found.end(&options, out)
        }
        Some(b"FAC\0") => {
            let (record, faults) = face_image::read_leniently(&bytes)?;
            let mut found = Found::new(&faults);
            show::face(&record, bytes.len(), out)?;
            let count = record.representations.len();
            for (index, one) in record.representations.iter().enumerate() {
                show::face_image(one, record.format, (index, count), out)?;
                let stated = (u32::from(one.width), u32::from(one.height));
                found.take(one.picture(), None, (&one.data, stated), out)?;
            }
            found.end(&options, out)
        }
        Some(b"FMR\0") => {
            if options.png.is_some() {
                return Err("a record of minutiae has no picture".into());
            }
            show::minutiae(&minutiae::read(&bytes)?, bytes.len(), out)
        }
        Some(b"IIR\0") => {
            Err("a record of iris images (ISO/IEC 19794-6), which are not read".into())
        }
        _ => Err(not_a_record(&bytes).into()),
    }
}

fn not_a_record(bytes: &[u8]) -> String {
    let ours = "format identifier at byte 0: neither FIR, FAC nor FMR";
    match Coding::sniff(bytes) {
        Some(coding) => format!("{ours}; a bare {} picture", coding.name()),
        None => ours.into(),
    }
}

/// The record in a file, and how it is written there if as text.
fn read_file(path: &Path) -> Result<(Vec<u8>, Option<&'static str>), Failure> {
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(named)?;
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(named)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("{}: longer than any record", path.display()).into());
    }
    let known = |bytes: &[u8]| {
        let magic: &[&[u8]] = &[b"FIR\0", b"FAC\0", b"FMR\0", b"IIR\0"];
        magic.iter().any(|magic| bytes.starts_with(magic))
    };
    if known(&bytes) {
        return Ok((bytes, None));
    }
    let text: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'"')
        .collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    for (alphabet, name) in [(STANDARD, "base64"), (URL_SAFE, "base64url")] {
        let decoded = GeneralPurpose::new(&alphabet, config).decode(&text);
        if let Some(record) = decoded.ok().filter(|record| known(record)) {
            return Ok((record, Some(name)));
        }
    }
    Ok((bytes, None))
}

/// A picture or why there is none, and its resolution in pixels per inch.
type Taken = (Result<Picture, PictureError>, Option<(u16, u16)>);

/// The pictures of a record, and what does not conform.
struct Found {
    pictures: Vec<Taken>,
    deviations: Vec<String>,
}

impl Found {
    fn new(faults: &[Fault]) -> Self {
        Self {
            pictures: Vec::new(),
            deviations: faults.iter().map(Fault::to_string).collect(),
        }
    }

    /// Takes the picture of a representation. One that its compression code is wrong about is
    /// decoded as what it is.
    fn take(
        &mut self,
        picture: Result<Picture, PictureError>,
        ppi: Option<(u16, u16)>,
        (data, (width, height)): (&[u8], (u32, u32)),
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let number = self.pictures.len() + 1;
        let picture = picture.or_else(|error| {
            let coding = Coding::sniff(data).ok_or_else(|| error.clone())?;
            let picture = decode(data, coding).map_err(|_| error)?;
            let name = coding.name();
            let told = format!("compression of representation {number}: the picture is {name}");
            self.deviations.push(told);
            Ok(picture)
        });
        if let Ok(picture) = &picture {
            show::picture(picture, out)?;
            if (width, height) != (picture.width(), picture.height()) {
                let told = format!(
                    "image size of representation {number}: {width} x {height} pixels are stated"
                );
                self.deviations.push(told);
            }
        }
        self.pictures.push((picture, ppi));
        Ok(())
    }

    /// Writes the pictures, lists what does not conform, and says whether all is well.
    fn end(self, options: &Options, out: &mut Vec<u8>) -> Result<(), Failure> {
        let several = self.pictures.len() > 1;
        let mut failed = Vec::new();
        if !self.deviations.is_empty() {
            writeln!(out)?;
        }
        for deviation in &self.deviations {
            writeln!(out, "{:24}{deviation}", "does not conform")?;
        }
        writeln!(out)?;
        for ((picture, ppi), number) in self.pictures.into_iter().zip(1..) {
            let written = picture.map_err(Failure::from).and_then(|picture| {
                let path = target(options, several.then_some(number))?;
                std::fs::write(&path, picture.to_png(ppi)?)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(path)
            });
            match written {
                Ok(path) => writeln!(out, "{:24}{}", "written", path.display())?,
                Err(error) => failed.push(format!("picture {number}: {error}")),
            }
        }
        match (failed.is_empty(), self.deviations.first()) {
            (false, _) => Err(failed.join("; ").into()),
            (true, Some(first)) if options.strict => Err(first.as_str().into()),
            (true, _) => Ok(()),
        }
    }
}

/// Where a picture goes: never over the record.
fn target(options: &Options, number: Option<i32>) -> Result<PathBuf, Failure> {
    let mut path = match &options.png {
        Some(png) => png.clone(),
        None => options.file.with_extension("png"),
    };
    if let Some(number) = number {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number}.png"));
        path.set_file_name(name);
    }
    let own = |path: &Path| std::fs::canonicalize(path).ok();
    if own(&path).is_some_and(|path| own(&options.file) == Some(path)) {
        return Err(format!("{} is the record itself", path.display()).into());
    }
    Ok(path)
}
