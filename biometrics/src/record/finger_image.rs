//! Finger image records of ISO/IEC 19794-4:2005 (version `010`) and :2011 (version `020`).
//!
//! [`read`] is strict; [`read_leniently`] reads over what can be read over safely and lists it.
//! Both hand out the picture as it lies in the record; [`FingerImage::picture`] decodes it and
//! [`FingerImage::grey`] makes it what [`crate::finger`] works on. A resolution is reported, not
//! judged: that 500 ppi at least are wanted is the caller's business.
//!
//! Both editions begin with `FIR\0`. ANSI INCITS 381 does so too, with `010` and other fields
//! behind it; such records fail by name, mostly with their representation length.

mod codes;
mod v2005;
mod v2011;

pub use codes::{
    CertificationScheme, Compression, ExtendedKind, FingerTechnology, Impression, Position,
    ScaleUnits,
};

use super::capture::{CaptureTime, Certification, Device, QualityBlock};
use super::fault::{Fault, Problem, Reader, Report, fault, length_u32, read_length};
use super::minutiae::centi_ppi;
use super::picture::{self, Coding, Picture, PictureError};
use crate::finger::GreyImage;

/// Longest record read at all: both slaps and the thumbs at 1000 ppi, uncompressed.
pub const MAX_BYTES: usize = 40_000_000;
/// Most representations in a record: sixteen of each of eleven positions.
pub const MAX_REPRESENTATIONS: usize = 176;
/// Most blocks of extended data of one representation.
pub const MAX_EXTENDED: usize = 255;

const MAGIC: [u8; 4] = *b"FIR\0";
/// Highest number of a representation.
const MAX_NUMBER: u8 = 15;

/// Edition of the record format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// ISO/IEC 19794-4:2005.
    V2005,
    /// ISO/IEC 19794-4:2011.
    V2011,
}

/// A block of extended data: segmentation, annotation, a comment or a vendor's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Extended {
    /// [`ExtendedKind`] below 256, a vendor's above.
    pub kind: u16,
    /// What stands behind type and length.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for Extended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Extended({}, {} bytes)", self.kind, self.data.len())
    }
}

/// One representation: a picture, and how it was taken.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerImage {
    /// When it was captured, if the record says so; never in 2005.
    pub captured: Option<CaptureTime>,
    /// By what. 2005 has [`Device::kind`] only.
    pub device: Device,
    /// Scores of the picture. In 2005 at most one, of no vendor or algorithm.
    pub quality: Vec<QualityBlock>,
    /// Certificates of the device; none in 2005.
    pub certifications: Vec<Certification>,
    /// Which finger.
    pub position: Position,
    /// 0 to 15: tells representations of one position apart. In 2005 counted from 1.
    pub number: u8,
    /// What the sampling rates count in.
    pub units: ScaleUnits,
    /// Sampling rate of the capture device along x and y.
    pub scan_rate: (u16, u16),
    /// Sampling rate of the picture along x and y.
    pub rate: (u16, u16),
    /// Bits per pixel, 1 to 16.
    pub depth: u8,
    /// How [`data`](Self::data) is compressed.
    pub compression: Compression,
    /// How the impression was taken.
    pub impression: Impression,
    /// Pixels in a row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// The picture as it lies in the record.
    pub data: Vec<u8>,
    /// Extended data; none in 2005.
    pub extended: Vec<Extended>,
}

impl std::fmt::Debug for FingerImage {
    /// Sizes only: a fingerprint has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = (self.width, self.height);
        write!(
            f,
            "FingerImage({width}x{height}, {} bytes)",
            self.data.len()
        )
    }
}

/// A finger image record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerImageRecord {
    /// The edition it was read from or will be written in.
    pub format: Format,
    /// 2011: whether representations have blocks of certification. `false` in 2005.
    pub certified: bool,
    /// How many positions the header states.
    pub positions: u8,
    /// 2005: the image acquisition level; `None` in 2011.
    pub level: Option<u16>,
    /// The representations, in the record's order.
    pub representations: Vec<FingerImage>,
}

/// Reads a record of either edition that keeps to its standard.
///
/// # Errors
/// [`Fault`] naming the first thing wrong.
pub fn read(record: &[u8]) -> Result<FingerImageRecord, Fault> {
    read_with(record, &mut Report::strict())
}

/// Reads a record as far as that is safe, and says what does not conform.
///
/// # Errors
/// [`Fault`] when there is no first representation to be had.
pub fn read_leniently(record: &[u8]) -> Result<(FingerImageRecord, Vec<Fault>), Fault> {
    let mut report = Report::lenient();
    let record = read_with(record, &mut report)?;
    Ok((record, report.into_deviations()))
}

fn read_with(bytes: &[u8], report: &mut Report) -> Result<FingerImageRecord, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(fault("record", Problem::TooLong(bytes.len())));
    }
    let mut reader = Reader::new(bytes);
    if reader.array("format identifier")? != MAGIC {
        return Err(fault("format identifier", Problem::Magic));
    }
    let at = reader.at();
    let record = match reader.array("version")? {
        v2005::VERSION => {
            read_length(&mut reader, v2005::LENGTH_BYTES, report)?;
            v2005::read(&mut reader, report)?
        }
        v2011::VERSION => {
            read_length(&mut reader, 4, report)?;
            v2011::read(&mut reader, report)?
        }
        _ => {
            let (field, offset, problem) = ("version", at, Problem::Version);
            return Err(Fault {
                field,
                offset,
                problem,
            });
        }
    };
    let (at, left) = (reader.at(), reader.left());
    report.expect(left == 0, "end of the record", at, Problem::Trailing(left))?;
    Ok(record)
}

/// Reads `count` representations. A lenient reading keeps those before one that is not to be had.
fn read_all<'a>(
    reader: &mut Reader<'a>,
    (count, at): (usize, usize),
    report: &mut Report,
    mut one: impl FnMut(&mut Reader<'a>, &mut Report) -> Result<FingerImage, Fault>,
) -> Result<Vec<FingerImage>, Fault> {
    const FIELD: &str = "number of representations";
    let (offset, problem) = (at, Problem::Count(count));
    if !(1..=MAX_REPRESENTATIONS).contains(&count) {
        return Err(Fault {
            field: FIELD,
            offset,
            problem,
        });
    }
    let mut all: Vec<FingerImage> = Vec::new();
    for _ in 0..count {
        let start = reader.at();
        match one(reader, report) {
            Ok(read) => {
                let repeats = |other: &FingerImage| {
                    (other.position, other.number) == (read.position, read.number)
                };
                let field = "representation number";
                report.expect(!all.iter().any(repeats), field, start, Problem::Repeated)?;
                all.push(read);
            }
            Err(fault) if all.is_empty() => return Err(fault),
            Err(fault) => {
                report.keep(fault)?;
                break;
            }
        }
    }
    Ok(all)
}

/// How many positions there are among representations.
fn positions(of: &[FingerImage]) -> usize {
    let mut codes: Vec<u8> = of.iter().map(|one| one.position.0).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.len()
}

impl FingerImageRecord {
    /// A record of the 2011 edition.
    #[must_use]
    pub fn new(representations: Vec<FingerImage>) -> Self {
        let certified = |one: &FingerImage| !one.certifications.is_empty();
        Self {
            format: Format::V2011,
            certified: representations.iter().any(certified),
            positions: u8::try_from(positions(&representations)).unwrap_or(u8::MAX),
            level: None,
            representations,
        }
    }

    /// The record's bytes. Whatever is written is read back equal, by [`read`].
    ///
    /// # Errors
    /// [`Fault`] naming a value that has no place in the edition; its offset is 0.
    pub fn write(&self) -> Result<Vec<u8>, Fault> {
        let count = self.representations.len();
        if !(1..=MAX_REPRESENTATIONS).contains(&count) {
            let problem = Problem::Count(count);
            return Err(fault("number of representations", problem));
        }
        let (stated, actual) = (
            usize::from(self.positions),
            positions(&self.representations),
        );
        if stated != actual {
            let problem = Problem::Differs { stated, actual };
            return Err(fault("number of finger positions", problem));
        }
        let mut out = MAGIC.to_vec();
        match self.format {
            Format::V2005 => v2005::write(self, &mut out)?,
            Format::V2011 => v2011::write(self, &mut out)?,
        }
        if out.len() > MAX_BYTES {
            return Err(fault("record", Problem::TooLong(out.len())));
        }
        // Everything that readers check is checked by the reader: one place to say it.
        match read(&out) {
            Ok(read) if read == *self => Ok(out),
            Ok(_) => Err(fault("record", Problem::Edition)),
            Err(found) => Err(fault(found.field, found.problem)),
        }
    }
}

impl FingerImage {
    /// A representation of a live finger laid on, of a device that is not known.
    fn of(image: &GreyImage, position: Position, compression: Compression, data: Vec<u8>) -> Self {
        let rate = (image.ppi(), image.ppi());
        Self {
            captured: None,
            device: Device::default(),
            quality: Vec::new(),
            certifications: Vec::new(),
            position,
            number: 0,
            units: ScaleUnits(1),
            scan_rate: rate,
            rate,
            depth: 8,
            compression,
            impression: Impression(0),
            // A picture's sides are 4096 at most.
            width: u16::try_from(image.width()).unwrap_or(u16::MAX),
            height: u16::try_from(image.height()).unwrap_or(u16::MAX),
            data,
            extended: Vec::new(),
        }
    }

    /// An uncompressed representation of a live finger laid on. What else is known is set on it.
    #[must_use]
    pub fn raw(image: &GreyImage, position: Position) -> Self {
        Self::of(image, position, Compression::Raw, image.pixels().to_vec())
    }

    /// The same as PNG, lossless.
    #[must_use]
    pub fn png(image: &GreyImage, position: Position) -> Self {
        let data = crate::finger::encode_png(image);
        Self::of(image, position, Compression::Png, data)
    }

    /// The same of a picture that somebody else compressed: `data` is `image` by `compression`.
    #[must_use]
    pub fn compressed(
        image: &GreyImage,
        position: Position,
        compression: Compression,
        data: Vec<u8>,
    ) -> Self {
        Self::of(image, position, compression, data)
    }

    /// Resolution of the picture along x and y in pixels per inch, rounded; `None` when the units
    /// are not known. 98 or 99, 196 or 197, and 393 or 394 pixels per centimetre are taken for the
    /// 250, 500 and 1000 ppi that they stand for.
    #[must_use]
    pub fn ppi(&self) -> Option<(u16, u16)> {
        let per_inch = |rate: u16| match self.units.0 {
            1 => Some(rate),
            2 => u16::try_from((centi_ppi(rate) + 50) / 100).ok(),
            _ => None,
        };
        Some((per_inch(self.rate.0)?, per_inch(self.rate.1)?))
    }

    /// The picture, of whatever size and resolution. The picture's own size is believed when the
    /// record states another; compare with [`width`](Self::width) and [`height`](Self::height).
    ///
    /// # Errors
    /// [`PictureError`] when it is damaged, too large, or of a kind that is not read.
    pub fn picture(&self) -> Result<Picture, PictureError> {
        let coding = match self.compression {
            Compression::Raw | Compression::Packed => {
                let packed = self.compression == Compression::Packed;
                let size = (self.width.into(), self.height.into());
                return picture::raw_grey(&self.data, size, self.depth, packed);
            }
            Compression::Wsq => Coding::Wsq,
            Compression::Jpeg => Coding::Jpeg,
            Compression::Jpeg2000 | Compression::Jpeg2000Lossless => Coding::Jpeg2000,
            Compression::Png => Coding::Png,
            Compression::Unknown(_) => {
                return Err(PictureError::Unsupported("a compression without a name"));
            }
        };
        picture::decode(&self.data, coding)
    }

    /// The picture as the engine takes it, at the record's resolution.
    ///
    /// # Errors
    /// [`PictureError`] as for [`picture`](Self::picture); when the size differs from the
    /// record's, when x and y differ in resolution, and when size or resolution are outside what
    /// [`GreyImage`] accepts.
    pub fn grey(&self) -> Result<GreyImage, PictureError> {
        let picture = self.picture()?;
        let stated = (u32::from(self.width), u32::from(self.height));
        let (x, y) = self.ppi().ok_or(PictureError::Resolution)?;
        if x != y {
            return Err(PictureError::Resolution);
        }
        picture.expect_size(stated)?;
        picture.into_grey(x)
    }
}
