//! Finger minutiae records of ISO/IEC 19794-2:2005 (version ` 20`) and :2011 (version `030`).
//!
//! [`read`] accepts either edition by its version field and [`FingerMinutiaeRecord::write`] writes
//! the edition the record says. [`View::template`] and [`FingerMinutiaeRecord::of_template`] pass
//! between records and templates of [`crate::finger`].
//!
//! **Directions.** Both editions count the direction counter-clockwise from the right in 1/256
//! turn (2011: 6.5.1). It halves the angle between the two branches that lie closest together: of
//! the ridge at a bifurcation, and of the *valley* at a ridge ending (2011: 6.5.2, 6.5.3). Two
//! valley branches run along both sides of the ridge that ends, so at an ending it points back
//! along that ridge, and at a bifurcation into the valley between the branches. That is a
//! template's own convention: nothing is turned by 180 degrees, only the unit changes. (The older
//! convention of ANSI/NIST-ITL type 9 records points the opposite way; ANSI INCITS 378 agrees
//! with ISO but counts in steps of two degrees.) The y axis points down in both.
//!
//! **Places.** Pixels from the top left corner, at the resolution the record states. ISO places a
//! ridge ending where the valley forks, just beyond the end of the ridge; a template has the end
//! itself. The 2011 edition says which of the two is meant ([`Endings`]) and 2005 cannot. The
//! difference is about half a ridge width along the direction and is not corrected.
//!
//! **What is not kept**: capture date and device, certification blocks, the names of quality
//! algorithms, and extended data (ridge counts, cores and deltas, zonal quality). Their lengths
//! are checked, their content is skipped; written records leave them empty.
//!
//! Not read: the on-card formats (no header to know them by), and ANSI INCITS 378, whose 2004 and
//! 2009 editions share these magic and version bytes but place the length differently, so that
//! they fail [`RecordError::RecordLength`] or a later check.

mod v2005;
mod v2011;

use std::ops::RangeInclusive;

use thiserror::Error;

use super::cursor::Cursor;
use crate::finger::{Kind, MAX_FRAME, Minutia, Template, UNITS};

/// Longest record read at all: every view full of minutiae and some extended data.
pub const MAX_BYTES: usize = 1 << 20;
/// Most views in a record: sixteen of each of eleven finger positions.
pub const MAX_VIEWS: usize = 176;
/// Lowest and highest resolution accepted, in pixels per centimetre: 250 to 1200 ppi, as for
/// pictures. Zero, and pixels per *inch* written by mistake (500), lie outside and are refused
/// rather than guessed at.
pub const PPCM_RANGE: RangeInclusive<u16> = 98..=472;

const MAGIC: [u8; 4] = *b"FMR\0";
/// Coordinates have fourteen bits.
const MAX_SIDE: u16 = 0x3fff;
/// Most views of one finger position.
const MAX_NUMBER: u8 = 15;
/// 500 ppi in whole pixels per centimetre.
const PPCM_500: u16 = 197;
/// The quality a template gives a minutia whose record reports none: neither preferred to the
/// others nor the first to be dropped.
const UNREPORTED: u8 = 50;

/// Edition of the record format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// ISO/IEC 19794-2:2005, the record format.
    V2005,
    /// ISO/IEC 19794-2:2011, clause 8.
    V2011,
}

/// Which finger, by the codes 0 to 10 that both editions share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FingerPosition {
    Unknown = 0,
    RightThumb,
    RightIndex,
    RightMiddle,
    RightRing,
    RightLittle,
    LeftThumb,
    LeftIndex,
    LeftMiddle,
    LeftRing,
    LeftLittle,
}

impl FingerPosition {
    /// In the order of their codes.
    pub const ALL: [Self; 11] = [
        Self::Unknown,
        Self::RightThumb,
        Self::RightIndex,
        Self::RightMiddle,
        Self::RightRing,
        Self::RightLittle,
        Self::LeftThumb,
        Self::LeftIndex,
        Self::LeftMiddle,
        Self::LeftRing,
        Self::LeftLittle,
    ];

    /// The code in the record.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Result<Self, RecordError> {
        Self::ALL
            .get(usize::from(code))
            .copied()
            .ok_or(RecordError::Position(code))
    }
}

/// How the impression was taken. 2005 knows the first four and [`Self::Swipe`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImpressionType {
    /// A live finger, laid on.
    LivePlain = 0,
    /// A live finger, rolled.
    LiveRolled = 1,
    /// Ink or another carrier, laid on.
    NonlivePlain = 2,
    /// Ink or another carrier, rolled.
    NonliveRolled = 3,
    /// A latent print.
    Latent = 4,
    /// A tracing of a latent print.
    LatentTracing = 5,
    /// A photograph of a latent print.
    LatentPhoto = 6,
    /// A lifted latent print.
    LatentLift = 7,
    /// A live finger drawn over a line sensor.
    Swipe = 8,
    /// A finger rolled lengthways.
    VerticalRoll = 9,
    /// A live finger without contact.
    LiveContactless = 24,
    /// None of the others.
    Other = 28,
    /// Not known.
    Unknown = 29,
}

impl ImpressionType {
    /// In the order of their codes.
    pub const ALL: [Self; 13] = [
        Self::LivePlain,
        Self::LiveRolled,
        Self::NonlivePlain,
        Self::NonliveRolled,
        Self::Latent,
        Self::LatentTracing,
        Self::LatentPhoto,
        Self::LatentLift,
        Self::Swipe,
        Self::VerticalRoll,
        Self::LiveContactless,
        Self::Other,
        Self::Unknown,
    ];

    /// The code in the record.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Whether an edition has a code for it.
    #[must_use]
    pub fn is_in(self, format: Format) -> bool {
        // 2005 leaves 4 to 7 and 9 to 15 to later editions. Some tools write 9 for "contactless"
        // there; 2011 gave 9 another meaning, so it is refused and not guessed at.
        format == Format::V2011 || matches!(self.code(), 0..=3 | 8)
    }

    fn from_code(code: u8, format: Format) -> Result<Self, RecordError> {
        Self::ALL
            .into_iter()
            .find(|known| known.code() == code && known.is_in(format))
            .ok_or(RecordError::Impression(code))
    }
}

/// Where a record places ridge endings (2011: 6.4.3, 6.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endings {
    /// Where the valley around the ridge forks.
    ValleyBifurcation = 0,
    /// At the end of the ridge's skeleton, as templates have it.
    RidgeEnd = 1,
}

/// What a record calls a minutia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MinutiaType {
    /// Neither, or not told apart. A template takes it for an ending: comparison never asks for
    /// the kind, and the direction is defined alike.
    Other = 0,
    /// A ridge ends.
    Ending = 1,
    /// A ridge splits in two.
    Bifurcation = 2,
}

/// A minutia as the record has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordMinutia {
    /// Ending, bifurcation or other.
    pub kind: MinutiaType,
    /// Pixels right of the left edge.
    pub x: u16,
    /// Pixels below the top edge.
    pub y: u16,
    /// 1/256 turn counter-clockwise, 0 to the right; see the module on where it points.
    pub angle: u8,
    /// 0 to 100, 1 to 100 in 2005; `None` when not reported.
    pub quality: Option<u8>,
}

/// One view (2011: representation) of a finger.
#[derive(Clone, PartialEq, Eq)]
pub struct View {
    /// Which finger.
    pub position: FingerPosition,
    /// 0 to 15: tells views of the same finger apart.
    pub number: u8,
    /// How the impression was taken.
    pub impression: ImpressionType,
    /// 0 to 100, 1 to 100 in 2005; `None` when not reported. In 2011 the first score that some
    /// algorithm computed.
    pub quality: Option<u8>,
    /// Width of the picture in pixels.
    pub width: u16,
    /// Height of the picture in pixels.
    pub height: u16,
    /// Pixels per centimetre along x.
    pub ppcm_x: u16,
    /// Pixels per centimetre along y.
    pub ppcm_y: u16,
    /// Where endings are placed; `None` in 2005, which does not say.
    pub endings: Option<Endings>,
    /// At most 255, in the record's order.
    pub minutiae: Vec<RecordMinutia>,
}

/// A finger minutiae record: one to 176 views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerMinutiaeRecord {
    /// The edition it was read from or will be written in.
    pub format: Format,
    /// The views, in the record's order. In 2005 all have one picture size and resolution.
    pub views: Vec<View>,
}

/// Why bytes are not a finger minutiae record, or a record cannot be written. Views and minutiae
/// are named by their index from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Longer than [`MAX_BYTES`].
    #[error("{0} bytes are more than any acceptable finger minutiae record needs")]
    TooLong(usize),
    /// The bytes end before this part does.
    #[error("the record ends inside {0}")]
    Truncated(&'static str),
    /// The first four bytes are not `FMR\0`.
    #[error("not a finger minutiae record")]
    Magic,
    /// Neither ` 20\0` nor `030\0`.
    #[error("the version of the finger minutiae record is not known")]
    Version,
    /// The length in the header is not the number of bytes given.
    #[error("the record states {stated} bytes, {given} were given")]
    RecordLength {
        /// Bytes stated by the header.
        stated: u32,
        /// Bytes given.
        given: usize,
    },
    /// Bytes after the last view.
    #[error("{0} bytes follow the last view")]
    Trailing(usize),
    /// The reserved byte of the 2005 header is not zero.
    #[error("the reserved byte of the header is not zero")]
    ReservedByte,
    /// No view, or more than [`MAX_VIEWS`].
    #[error("{0} views are outside the accepted number")]
    Views(usize),
    /// The certification flag of 2011 is neither 0 nor 1.
    #[error("certification flag {0} is not known")]
    CertificationFlag(u8),
    /// The length of this representation is not what its content takes.
    #[error("the length of representation {0} does not fit its content")]
    RepresentationLength(usize),
    /// A finger position above 10.
    #[error("finger position {0} is not known")]
    Position(u8),
    /// A view number above 15.
    #[error("view number {0} is out of range")]
    Number(u8),
    /// This view has the position and number of an earlier one.
    #[error("view {0} repeats an earlier one")]
    RepeatedView(usize),
    /// An impression type this edition does not define.
    #[error("impression type {0} is not known in this edition")]
    Impression(u8),
    /// A quality of the view that this edition does not define.
    #[error("the quality of view {0} is out of range")]
    ViewQuality(usize),
    /// A side of zero or beyond fourteen bits, or a picture larger than any template's frame.
    #[error("a picture of {width}x{height} pixels is outside the accepted size")]
    PictureSize {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// Resolution outside [`PPCM_RANGE`].
    #[error("{0} pixels per centimetre are outside the accepted resolution")]
    Resolution(u16),
    /// Minutiae of neither five nor six bytes.
    #[error("minutiae of {0} bytes are not known")]
    MinutiaLength(u8),
    /// A ridge ending type that is neither 0 nor 1.
    #[error("ridge ending type {0} is not known")]
    EndingType(u8),
    /// More than 255 minutiae in this view: the count has one byte.
    #[error("view {0} has more than 255 minutiae")]
    Count(usize),
    /// The reserved minutia type 3.
    #[error("the type of minutia {minutia} of view {view} is reserved")]
    MinutiaType {
        /// Index of the view.
        view: usize,
        /// Index of the minutia.
        minutia: usize,
    },
    /// Reserved bits of a minutia are set.
    #[error("reserved bits of minutia {minutia} of view {view} are set")]
    ReservedBits {
        /// Index of the view.
        view: usize,
        /// Index of the minutia.
        minutia: usize,
    },
    /// A minutia outside the picture.
    #[error("minutia {minutia} of view {view} lies outside the picture")]
    Outside {
        /// Index of the view.
        view: usize,
        /// Index of the minutia.
        minutia: usize,
    },
    /// A quality of a minutia that this edition does not define.
    #[error("the quality of minutia {minutia} of view {view} is out of range")]
    MinutiaQuality {
        /// Index of the view.
        view: usize,
        /// Index of the minutia.
        minutia: usize,
    },
    /// The areas of this view's extended data do not fill it exactly.
    #[error("the extended data of view {0} do not fit their lengths")]
    ExtendedData(usize),
    /// Views of different picture size or resolution, for which 2005 has one field only.
    #[error("a 2005 record has one picture size and resolution for all views")]
    MixedPictures,
    /// [`View::endings`] is missing in 2011 or present in 2005.
    #[error("this edition cannot state the placement of endings of view {0}")]
    Endings(usize),
}

/// Reads a record of either edition.
///
/// The length in the header must be the number of bytes given: callers hand over the record and
/// nothing else.
///
/// # Errors
/// [`RecordError`] naming the first thing wrong.
pub fn read(bytes: &[u8]) -> Result<FingerMinutiaeRecord, RecordError> {
    if bytes.len() > MAX_BYTES {
        return Err(RecordError::TooLong(bytes.len()));
    }
    let header = RecordError::Truncated("the record header");
    let mut cursor = Cursor::new(bytes);
    if cursor.array().ok_or(header)? != MAGIC {
        return Err(RecordError::Magic);
    }
    let format = match cursor.array().ok_or(header)? {
        v2005::VERSION => Format::V2005,
        v2011::VERSION => Format::V2011,
        _ => return Err(RecordError::Version),
    };
    let stated = cursor.u32().ok_or(header)?;
    if usize::try_from(stated) != Ok(bytes.len()) {
        return Err(RecordError::RecordLength {
            stated,
            given: bytes.len(),
        });
    }
    let views = match format {
        Format::V2005 => v2005::read(&mut cursor)?,
        Format::V2011 => v2011::read(&mut cursor)?,
    };
    if cursor.left() > 0 {
        return Err(RecordError::Trailing(cursor.left()));
    }
    let record = FingerMinutiaeRecord { format, views };
    record.check()?;
    Ok(record)
}

impl FingerMinutiaeRecord {
    /// A record of one view made from a template, at 500 ppi.
    ///
    /// Places are rounded to whole pixels and directions to 1/256 turn. 2005 has no quality of
    /// zero (it reads "not reported"), so the worst there is 1. The view has no quality of its
    /// own: a template has none.
    #[must_use]
    pub fn of_template(
        format: Format,
        position: FingerPosition,
        impression: ImpressionType,
        template: &Template,
    ) -> Self {
        let pixel = |at: u16, side: u16| {
            let rounded = at.saturating_add(UNITS / 2) / UNITS;
            rounded.min(side.saturating_sub(1))
        };
        let minutiae = template.minutiae().iter().map(|m| RecordMinutia {
            kind: match m.kind {
                Kind::Ending => MinutiaType::Ending,
                Kind::Bifurcation => MinutiaType::Bifurcation,
            },
            x: pixel(m.x, template.width()),
            y: pixel(m.y, template.height()),
            angle: (m.direction.wrapping_add(128) >> 8) as u8,
            quality: Some(match format {
                Format::V2005 => m.quality.max(1),
                Format::V2011 => m.quality,
            }),
        });
        let view = View {
            position,
            number: 0,
            impression,
            quality: None,
            width: template.width(),
            height: template.height(),
            ppcm_x: PPCM_500,
            ppcm_y: PPCM_500,
            endings: (format == Format::V2011).then_some(Endings::RidgeEnd),
            minutiae: minutiae.collect(),
        };
        Self {
            format,
            views: vec![view],
        }
    }

    /// The record's bytes. Whatever is written is read back equal.
    ///
    /// # Errors
    /// [`RecordError`] when a value has no place in the edition.
    pub fn write(&self) -> Result<Vec<u8>, RecordError> {
        self.check()?;
        let body = match self.format {
            Format::V2005 => v2005::write(&self.views)?,
            Format::V2011 => v2011::write(&self.views),
        };
        let version = match self.format {
            Format::V2005 => v2005::VERSION,
            Format::V2011 => v2011::VERSION,
        };
        let length = MAGIC.len() + version.len() + 4 + body.len();
        let stated = u32::try_from(length).map_err(|_| RecordError::TooLong(length))?;
        Ok([&MAGIC, &version, stated.to_be_bytes().as_slice(), &body].concat())
    }

    /// What both a reader and a writer must be sure of, whatever the layout.
    fn check(&self) -> Result<(), RecordError> {
        if !(1..=MAX_VIEWS).contains(&self.views.len()) {
            return Err(RecordError::Views(self.views.len()));
        }
        let mut seen = Vec::with_capacity(self.views.len());
        for (index, view) in self.views.iter().enumerate() {
            view.check(self.format, index)?;
            let name = (view.position, view.number);
            if seen.contains(&name) {
                return Err(RecordError::RepeatedView(index));
            }
            seen.push(name);
        }
        Ok(())
    }
}

impl std::fmt::Debug for View {
    /// The count only: minutiae are personal data and have no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "View({} minutiae)", self.minutiae.len())
    }
}

impl View {
    /// The view as a template: places at 500 ppi in quarter pixels, directions in 1/65536 turn.
    ///
    /// A minutia without quality gets 50. Of minutiae in one place the template keeps one, as it
    /// always does. A view without minutiae gives a template without any.
    ///
    /// # Errors
    /// [`RecordError`] for a view that was not read and breaks the limits; the view counts as 0.
    pub fn template(&self) -> Result<Template, RecordError> {
        self.check_picture(0)?;
        let (wide, high) = (
            side_at_500(self.width, self.ppcm_x),
            side_at_500(self.height, self.ppcm_y),
        );
        let minutiae = self.minutiae.iter().map(|m| Minutia {
            x: units(m.x, self.ppcm_x, wide),
            y: units(m.y, self.ppcm_y, high),
            direction: u16::from(m.angle) << 8,
            kind: match m.kind {
                MinutiaType::Bifurcation => Kind::Bifurcation,
                MinutiaType::Ending | MinutiaType::Other => Kind::Ending,
            },
            quality: m.quality.unwrap_or(UNREPORTED),
        });
        let too_large = |_| RecordError::PictureSize {
            width: self.width,
            height: self.height,
        };
        Template::new(wide, high, minutiae.collect()).map_err(too_large)
    }

    fn check(&self, format: Format, index: usize) -> Result<(), RecordError> {
        if self.number > MAX_NUMBER {
            return Err(RecordError::Number(self.number));
        }
        if !self.impression.is_in(format) {
            return Err(RecordError::Impression(self.impression.code()));
        }
        if self.endings.is_some() != (format == Format::V2011) {
            return Err(RecordError::Endings(index));
        }
        if self.minutiae.len() > usize::from(u8::MAX) {
            return Err(RecordError::Count(index));
        }
        // In 2005 zero is the code of "not reported" and no score.
        let least = u8::from(format == Format::V2005);
        let fits = |quality: Option<u8>| quality.is_none_or(|q| (least..=100).contains(&q));
        if !fits(self.quality) {
            return Err(RecordError::ViewQuality(index));
        }
        if let Some(minutia) = self.minutiae.iter().position(|m| !fits(m.quality)) {
            return Err(RecordError::MinutiaQuality {
                view: index,
                minutia,
            });
        }
        self.check_picture(index)
    }

    /// Everything a template relies on.
    fn check_picture(&self, index: usize) -> Result<(), RecordError> {
        for ppcm in [self.ppcm_x, self.ppcm_y] {
            if !PPCM_RANGE.contains(&ppcm) {
                return Err(RecordError::Resolution(ppcm));
            }
        }
        let fits = |side: u16, ppcm: u16| {
            (1..=MAX_SIDE).contains(&side) && side_at_500(side, ppcm) <= MAX_FRAME
        };
        if !fits(self.width, self.ppcm_x) || !fits(self.height, self.ppcm_y) {
            return Err(RecordError::PictureSize {
                width: self.width,
                height: self.height,
            });
        }
        for (minutia, m) in self.minutiae.iter().enumerate() {
            let view = index;
            if m.x >= self.width || m.y >= self.height {
                return Err(RecordError::Outside { view, minutia });
            }
            if m.quality.is_some_and(|q| q > 100) {
                return Err(RecordError::MinutiaQuality { view, minutia });
            }
        }
        Ok(())
    }
}

/// Hundredths of a pixel per inch.
///
/// The field holds whole pixels per centimetre, so the resolutions every sensor has, 250, 500 and
/// 1000 ppi, cannot be written exactly, and writers round either way. Those are taken for what
/// they stand for; other values for what they say.
pub(crate) fn centi_ppi(ppcm: u16) -> u64 {
    match ppcm {
        98 | 99 => 25_000,
        196 | 197 => 50_000,
        393 | 394 => 100_000,
        other => u64::from(other) * 254,
    }
}

/// A side in 1/500 inch, rounded up to hold every pixel. `ppcm` is not zero.
fn side_at_500(side: u16, ppcm: u16) -> u16 {
    let at_500 = (u64::from(side) * 50_000).div_ceil(centi_ppi(ppcm));
    u16::try_from(at_500).unwrap_or(u16::MAX)
}

/// A place in a template's units, inside a side of `frame` (1/500 inch). `ppcm` is not zero.
fn units(pixel: u16, ppcm: u16, frame: u16) -> u16 {
    let scale = centi_ppi(ppcm);
    let at = (u64::from(pixel) * 50_000 * u64::from(UNITS) + scale / 2) / scale;
    let last = (u64::from(frame) * u64::from(UNITS)).saturating_sub(1);
    u16::try_from(at.min(last)).unwrap_or(u16::MAX)
}

/// Type, place and angle of a minutia: the first five bytes, alike in both editions.
fn read_minutia(
    bytes: [u8; 5],
    quality: Option<u8>,
    (view, minutia): (usize, usize),
) -> Result<RecordMinutia, RecordError> {
    let [x0, x1, y0, y1, angle] = bytes;
    let kind = match x0 >> 6 {
        0 => MinutiaType::Other,
        1 => MinutiaType::Ending,
        2 => MinutiaType::Bifurcation,
        _ => return Err(RecordError::MinutiaType { view, minutia }),
    };
    if y0 >> 6 != 0 {
        return Err(RecordError::ReservedBits { view, minutia });
    }
    Ok(RecordMinutia {
        kind,
        x: u16::from_be_bytes([x0 & 0x3f, x1]),
        y: u16::from_be_bytes([y0, y1]),
        angle,
        quality,
    })
}

/// The first five bytes of a minutia that was checked to fit them.
fn write_minutia(out: &mut Vec<u8>, m: &RecordMinutia) {
    out.extend_from_slice(&((m.kind as u16) << 14 | m.x).to_be_bytes());
    out.extend_from_slice(&m.y.to_be_bytes());
    out.push(m.angle);
}

/// Whether areas of type u16, length u16 and content fill the extended data exactly.
fn areas_fill(mut data: &[u8], length_counts_header: bool) -> bool {
    while let Some(([_, _, l0, l1], rest)) = data.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        let content = length.checked_sub(if length_counts_header { 4 } else { 0 });
        match content.and_then(|content| rest.get(content..)) {
            Some(next) => data = next,
            None => return false,
        }
    }
    data.is_empty()
}
