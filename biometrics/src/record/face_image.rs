//! Face image records of ISO/IEC 19794-5:2005 (version `010`) and :2011 (version `030`).
//!
//! [`read`] is strict; [`read_leniently`] reads over what can be read over safely and lists it.
//! The 2005 edition is also what ICAO Doc 9303 puts into passports. Its amendments on
//! three-dimensional data (version `020`) are not read, and 3D data of 2011 are kept as bytes.

mod codes;
mod v2005;
mod v2011;

pub use codes::{
    ColourSpace, DataType, EyeColour, FaceImageType, FaceTechnology, Gender, HairColour,
    LandmarkKind, SamplingLevel, expression_2005, expressions, pose_degrees, processing,
    properties, temporal,
};

use super::capture::{CaptureTime, Device, QualityBlock};
use super::fault::{Fault, Problem, Reader, Report, fault, read_length};
use super::picture::{self, Coding, Picture, PictureError};

/// Longest record read at all.
pub const MAX_BYTES: usize = 40_000_000;
/// Most representations in a record.
pub const MAX_REPRESENTATIONS: usize = 64;
/// Most landmarks of a representation: MPEG-4 and anthropometry name fewer than two hundred.
pub const MAX_LANDMARKS: usize = 1024;

const MAGIC: [u8; 4] = *b"FAC\0";
/// Highest value of a pose angle and of its uncertainty.
const MAX_ANGLE: u8 = 181;

/// Edition of the record format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// ISO/IEC 19794-5:2005.
    V2005,
    /// ISO/IEC 19794-5:2011.
    V2011,
}

/// What the record says of the person and of the pose (2011: 8.5).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FacialInformation {
    /// Gender.
    pub gender: Gender,
    /// Colour of the irises.
    pub eyes: EyeColour,
    /// Colour of the hair.
    pub hair: HairColour,
    /// The subject's height in centimetres; 0 when not given, always in 2005.
    pub height_cm: u8,
    /// 24 bits; see [`properties`].
    pub properties: u32,
    /// A mask in 2011, see [`expressions`]; a code in 2005, see [`expression_2005`].
    pub expression: u16,
    /// Yaw, pitch and roll; see [`pose_degrees`].
    pub pose: [u8; 3],
    /// Uncertainty of yaw, pitch and roll; 0 when not given.
    pub pose_uncertainty: [u8; 3],
}

impl std::fmt::Debug for FacialInformation {
    /// Nothing of it: what a person looks like has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FacialInformation")
    }
}

impl Default for FacialInformation {
    /// Nothing given.
    fn default() -> Self {
        Self {
            gender: Gender(0),
            eyes: EyeColour(0),
            hair: HairColour(0),
            height_cm: 0,
            properties: 0,
            expression: 0,
            pose: [0; 3],
            pose_uncertainty: [0; 3],
        }
    }
}

/// A point of the face in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landmark {
    /// What kind of point.
    pub kind: LandmarkKind,
    /// Which point: of MPEG-4, major number in the high four bits, minor in the low four.
    pub code: u8,
    /// Pixels right of the left edge; of 3D landmarks, a coordinate.
    pub x: u16,
    /// Pixels below the top edge; of 3D landmarks, a coordinate.
    pub y: u16,
    /// The third coordinate of a 3D landmark, 0 otherwise.
    pub z: u16,
}

/// One representation: a picture, and what is known of it.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceImage {
    /// When it was captured, if the record says so; never in 2005.
    pub captured: Option<CaptureTime>,
    /// By what; no vendor in 2005.
    pub device: Device,
    /// Scores of the picture; none in 2005.
    pub quality: Vec<QualityBlock>,
    /// 2005: a quality without a scale, 0 when not given. 0 in 2011.
    pub quality_2005: u16,
    /// The person and the pose.
    pub facial: FacialInformation,
    /// Points of the face.
    pub landmarks: Vec<Landmark>,
    /// Which requirements the picture meets.
    pub image_type: FaceImageType,
    /// How [`data`](Self::data) is coded.
    pub data_type: DataType,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Pixels across the head; 0 in 2005.
    pub sampling: SamplingLevel,
    /// 2011: see [`processing`]; 0 in 2005.
    pub processing: u16,
    /// 2011: which representation, from 1, this one was made of; 0 of none, and in 2005.
    pub cross_reference: u8,
    /// Colour space.
    pub colour: ColourSpace,
    /// The picture as it lies in the record.
    pub data: Vec<u8>,
    /// What follows the picture: 3D data.
    pub rest: Vec<u8>,
}

impl std::fmt::Debug for FaceImage {
    /// Sizes only: a face has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = (self.width, self.height);
        write!(f, "FaceImage({width}x{height}, {} bytes)", self.data.len())
    }
}

/// A face image record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceImageRecord {
    /// The edition it was read from or will be written in.
    pub format: Format,
    /// 2011: see [`temporal`]; 0 in 2005.
    pub temporal: u16,
    /// The representations, in the record's order.
    pub representations: Vec<FaceImage>,
}

/// Reads a record of either edition that keeps to its standard.
///
/// # Errors
/// [`Fault`] naming the first thing wrong.
pub fn read(record: &[u8]) -> Result<FaceImageRecord, Fault> {
    read_with(record, &mut Report::strict())
}

/// Reads a record as far as that is safe, and says what does not conform.
///
/// # Errors
/// [`Fault`] when there is no first representation to be had.
pub fn read_leniently(record: &[u8]) -> Result<(FaceImageRecord, Vec<Fault>), Fault> {
    let mut report = Report::lenient();
    let record = read_with(record, &mut report)?;
    Ok((record, report.into_deviations()))
}

fn read_with(bytes: &[u8], report: &mut Report) -> Result<FaceImageRecord, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(fault("record", Problem::TooLong(bytes.len())));
    }
    let mut reader = Reader::new(bytes);
    if reader.array("format identifier")? != MAGIC {
        return Err(fault("format identifier", Problem::Magic));
    }
    let offset = reader.at();
    let version = reader.array("version")?;
    if ![v2005::VERSION, v2011::VERSION].contains(&version) {
        return Err(Fault {
            field: "version",
            offset,
            problem: Problem::Version,
        });
    }
    read_length(&mut reader, 4, report)?;
    let record = match version {
        v2005::VERSION => v2005::read(&mut reader, report)?,
        _ => v2011::read(&mut reader, report)?,
    };
    let (at, left) = (reader.at(), reader.left());
    report.expect(left == 0, "end of the record", at, Problem::Trailing(left))?;
    Ok(record)
}

/// Reads `count` representations. A lenient reading keeps those before one that is not to be had.
fn read_all<'a>(
    reader: &mut Reader<'a>,
    (count, offset): (usize, usize),
    report: &mut Report,
    one: impl Fn(&mut Reader<'a>, &mut Report) -> Result<FaceImage, Fault>,
) -> Result<Vec<FaceImage>, Fault> {
    if !(1..=MAX_REPRESENTATIONS).contains(&count) {
        return Err(Fault {
            field: "number of representations",
            offset,
            problem: Problem::Count(count),
        });
    }
    let mut all: Vec<FaceImage> = Vec::new();
    for _ in 0..count {
        match one(reader, report) {
            Ok(read) => all.push(read),
            Err(fault) if all.is_empty() => return Err(fault),
            Err(fault) => {
                report.keep(fault)?;
                break;
            }
        }
    }
    Ok(all)
}

/// What both editions say of the person, with the height that only 2011 has.
fn read_facial(
    reader: &mut Reader<'_>,
    format: Format,
    report: &mut Report,
) -> Result<FacialInformation, Fault> {
    let mut code = |field, known: fn(u8) -> bool| {
        let at = reader.at();
        let code = reader.u8(field)?;
        report.expect(known(code), field, at, Problem::Code(code.into()))?;
        Ok(code)
    };
    let gender = Gender(code("gender", |code| Gender(code).meaning().is_some())?);
    let eyes = code("eye colour", |code| EyeColour(code).meaning().is_some())?;
    let hair = code("hair colour", |code| HairColour(code).meaning().is_some())?;
    let height_cm = match format {
        Format::V2005 => 0,
        Format::V2011 => reader.u8("subject height")?,
    };
    let at = reader.at();
    let [p0, p1, p2] = reader.array("property mask")?;
    let properties = u32::from_be_bytes([0, p0, p1, p2]);
    let problem = Problem::Reserved(properties);
    let known = codes::properties(properties).iter().all(Option::is_some);
    report.expect(known, "property mask", at, problem)?;
    let at = reader.at();
    let expression = reader.u16("expression")?;
    let known = match format {
        Format::V2005 => expression_2005(expression).is_some(),
        // Bits 7 to 11 are reserved, those above a vendor's own.
        Format::V2011 => expression & 0x0f80 == 0,
    };
    let problem = Problem::Code(expression.into());
    report.expect(known, "expression", at, problem)?;
    let mut angles = |field| {
        let at = reader.at();
        let angles: [u8; 3] = reader.array(field)?;
        let most = angles.into_iter().max().unwrap_or(0);
        report.expect(most <= MAX_ANGLE, field, at, Problem::Range(most.into()))?;
        Ok(angles)
    };
    Ok(FacialInformation {
        gender,
        eyes: EyeColour(eyes),
        hair: HairColour(hair),
        height_cm,
        properties,
        expression,
        pose: angles("pose angles")?,
        pose_uncertainty: angles("pose angle uncertainty")?,
    })
}

fn write_facial(out: &mut Vec<u8>, facial: &FacialInformation, format: Format) {
    out.extend_from_slice(&[facial.gender.0, facial.eyes.0, facial.hair.0]);
    if format == Format::V2011 {
        out.push(facial.height_cm);
    }
    let [_, properties @ ..] = facial.properties.to_be_bytes();
    out.extend_from_slice(&properties);
    out.extend_from_slice(&facial.expression.to_be_bytes());
    out.extend_from_slice(&facial.pose);
    out.extend_from_slice(&facial.pose_uncertainty);
}

/// The landmarks. Whether they lie in the picture is known only later.
fn read_landmarks(
    reader: &mut Reader<'_>,
    (count, count_at): (u16, usize),
    format: Format,
    report: &mut Report,
) -> Result<(Vec<Landmark>, usize), Fault> {
    let count = usize::from(count);
    if count > MAX_LANDMARKS {
        return Err(Fault {
            field: "number of landmarks",
            offset: count_at,
            problem: Problem::Count(count),
        });
    }
    let start = reader.at();
    let landmarks = (0..count).map(|_| {
        let at = reader.at();
        let landmark = Landmark {
            kind: LandmarkKind(reader.u8("landmark type")?),
            code: reader.u8("landmark code")?,
            x: reader.u16("landmark x")?,
            y: reader.u16("landmark y")?,
            z: reader.u16("landmark z")?,
        };
        let known = match format {
            Format::V2005 => landmark.kind.0 == 1,
            Format::V2011 => landmark.kind.meaning().is_some(),
        };
        let problem = Problem::Code(landmark.kind.0.into());
        report.expect(known, "landmark type", at, problem)?;
        let flat = landmark.kind.0 == 3 || landmark.z == 0;
        let problem = Problem::Reserved(landmark.z.into());
        report.expect(flat, "landmark z", at.saturating_add(6), problem)?;
        Ok(landmark)
    });
    Ok((landmarks.collect::<Result<_, _>>()?, start))
}

/// Notes landmarks outside the picture.
fn check_landmarks(
    landmarks: &[Landmark],
    start: usize,
    (width, height): (u16, u16),
    report: &mut Report,
) -> Result<(), Fault> {
    for (landmark, at) in landmarks.iter().zip((start..).step_by(8)) {
        let flat = landmark.kind.0 != 3;
        let outside = flat && (landmark.x >= width || landmark.y >= height);
        let problem = Problem::Range(landmark.x.max(landmark.y).into());
        report.expect(!outside, "landmark", at, problem)?;
    }
    Ok(())
}

fn write_landmarks(out: &mut Vec<u8>, landmarks: &[Landmark]) {
    for landmark in landmarks {
        out.extend_from_slice(&[landmark.kind.0, landmark.code]);
        for value in [landmark.x, landmark.y, landmark.z] {
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// A number of landmarks that can be written.
fn landmark_count(landmarks: &[Landmark]) -> Result<[u8; 2], Fault> {
    let problem = Problem::Count(landmarks.len());
    match u16::try_from(landmarks.len()) {
        Ok(count) if landmarks.len() <= MAX_LANDMARKS => Ok(count.to_be_bytes()),
        _ => Err(fault("number of landmarks", problem)),
    }
}

/// A code, noted when `known` says no.
fn read_code(
    reader: &mut Reader<'_>,
    field: &'static str,
    known: impl Fn(u8) -> bool,
    report: &mut Report,
) -> Result<u8, Fault> {
    let at = reader.at();
    let code = reader.u8(field)?;
    report.expect(known(code), field, at, Problem::Code(code.into()))?;
    Ok(code)
}

fn read_size(reader: &mut Reader<'_>, report: &mut Report) -> Result<(u16, u16), Fault> {
    let mut side = |field| {
        let at = reader.at();
        let side = reader.u16(field)?;
        report.expect(side > 0, field, at, Problem::Range(0))?;
        Ok(side)
    };
    Ok((side("image width")?, side("image height")?))
}

impl FaceImageRecord {
    /// A record of the 2011 edition of one representation.
    #[must_use]
    pub fn new(representation: FaceImage) -> Self {
        Self {
            format: Format::V2011,
            temporal: 0,
            representations: vec![representation],
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
        // Behind identifier, version and length.
        let (version, body) = match self.format {
            Format::V2005 => (v2005::VERSION, v2005::write(self)?),
            Format::V2011 => (v2011::VERSION, v2011::write(self)?),
        };
        let whole = body.len().saturating_add(12);
        if whole > MAX_BYTES {
            return Err(fault("record", Problem::TooLong(whole)));
        }
        // Far below four gigabytes.
        let length = (whole as u32).to_be_bytes();
        let out = [&MAGIC, &version, &length, body.as_slice()].concat();
        // Everything that readers check is checked by the reader: one place to say it.
        match read(&out) {
            Ok(read) if read == *self => Ok(out),
            Ok(_) => Err(fault("record", Problem::Edition)),
            Err(found) => Err(fault(found.field, found.problem)),
        }
    }
}

impl FaceImage {
    /// A basic picture of which nothing else is known: `data` is a JPEG, JPEG 2000 or PNG, as
    /// `data_type` says, of this size. What else is known is set on it.
    #[must_use]
    pub fn new(data_type: DataType, (width, height): (u16, u16), data: Vec<u8>) -> Self {
        Self {
            captured: None,
            device: Device::default(),
            quality: Vec::new(),
            quality_2005: 0,
            facial: FacialInformation::default(),
            landmarks: Vec::new(),
            image_type: FaceImageType(0),
            data_type,
            width,
            height,
            sampling: SamplingLevel(0),
            processing: 0,
            cross_reference: 0,
            colour: ColourSpace(0),
            data,
            rest: Vec::new(),
        }
    }

    /// The coding of the picture; `None` when its code has no meaning.
    #[must_use]
    pub fn coding(&self) -> Option<Coding> {
        match self.data_type.0 {
            0 => Some(Coding::Jpeg),
            1 | 2 => Some(Coding::Jpeg2000),
            3 => Some(Coding::Png),
            _ => None,
        }
    }

    /// The picture. Its own size is believed when the record states another; compare with
    /// [`width`](Self::width) and [`height`](Self::height).
    ///
    /// # Errors
    /// [`PictureError`] when it is damaged, too large, or of a kind that is not read.
    pub fn picture(&self) -> Result<Picture, PictureError> {
        let unknown = PictureError::Unsupported("a compression without a name");
        picture::decode(&self.data, self.coding().ok_or(unknown)?)
    }
}
