//! The codes of face image records, as the 2011 edition numbers them.

use crate::record::codes::codes;

codes! {
    /// The subject's gender (2011: table 6).
    Gender {
        0 => "unspecified",
        1 => "male",
        2 => "female",
        255 => "unknown",
    }
}

codes! {
    /// Colour of the irises (2011: table 7).
    EyeColour {
        0 => "unspecified",
        1 => "black",
        2 => "blue",
        3 => "brown",
        4 => "grey",
        5 => "green",
        6 => "multi-coloured",
        7 => "pink",
        255 => "other or unknown",
    }
}

codes! {
    /// Colour of the hair (2011: table 8).
    HairColour {
        0 => "unspecified",
        1 => "bald",
        2 => "black",
        3 => "blonde",
        4 => "brown",
        5 => "grey",
        6 => "white",
        7 => "red",
        8 => "green",
        9 => "blue",
        255 => "other or unknown",
    }
}

codes! {
    /// What a landmark is, and what its code means (2011: table 12).
    LandmarkKind {
        1 => "MPEG-4 feature point",
        2 => "anthropometric landmark, 2D",
        3 => "anthropometric landmark, 3D",
    }
}

codes! {
    /// Which requirements the picture meets (2011: table 16).
    FaceImageType {
        0 => "basic",
        1 => "full frontal",
        2 => "token frontal",
        3 => "post-processed frontal",
        128 => "basic, with 3D",
        129 => "full frontal, with 3D",
        130 => "token frontal, with 3D",
    }
}

impl FaceImageType {
    /// Whether three-dimensional data follow the picture.
    #[must_use]
    pub fn has_3d(self) -> bool {
        matches!(self.0, 128..=130)
    }
}

codes! {
    /// How the picture is coded (2011: table 17). The 2005 edition knows the first two, and the
    /// second may be lossless there.
    DataType {
        0 => "JPEG",
        1 => "JPEG 2000, lossy",
        2 => "JPEG 2000, lossless",
        3 => "PNG",
    }
}

codes! {
    /// Pixels across the width of the head (2011: table 18).
    SamplingLevel {
        0 => "up to 180 pixels across the head",
        1 => "180 to 240 pixels across the head",
        2 => "240 to 300 pixels across the head",
        3 => "300 to 370 pixels across the head",
        4 => "370 to 480 pixels across the head",
        5 => "480 to 610 pixels across the head",
        6 => "610 to 750 pixels across the head",
        7 => "more than 750 pixels across the head",
    }
}

codes! {
    /// Colour space of the picture (2011: table 21).
    ColourSpace {
        0 => "unspecified",
        1 => "24-bit RGB",
        2 => "YUV 4:2:2",
        3 => "8-bit grey",
        4 => "48-bit RGB",
        5 => "16-bit grey",
        6 => "other",
        128..=255 => "a vendor's own",
    }
}

codes! {
    /// How a face is captured (2011: table 4), for [`Device::technology`].
    ///
    /// [`Device::technology`]: crate::record::Device::technology
    FaceTechnology {
        0 => "unspecified",
        1 => "static photo, unknown source",
        2 => "static photo, digital still camera",
        3 => "static photo, scanner",
        4 => "video frame, unknown source",
        5 => "video frame, analogue camera",
        6 => "video frame, digital camera",
        128..=255 => "a vendor's own",
    }
}

/// Names of the set bits of a mask; `None` for a bit without a name.
fn named(mask: u32, names: &'static [&'static str]) -> Vec<Option<&'static str>> {
    (0..32u8)
        .filter(|bit| mask >> bit & 1 != 0)
        .map(|bit| names.get(usize::from(bit)).copied())
        .collect()
}

/// Properties of the face, of the 24 bits of the property mask (2011: table 10; 2005: table 7).
/// Bit 0 says that the others are meant at all.
#[must_use]
pub fn properties(mask: u32) -> Vec<Option<&'static str>> {
    const NAMES: [&str; 12] = [
        "specified",
        "glasses",
        "moustache",
        "beard",
        "teeth visible",
        "blink",
        "mouth open",
        "left eye patch",
        "right eye patch",
        "dark glasses",
        "head covering",
        "distorting medical condition",
    ];
    named(mask, &NAMES)
}

/// What was done to the picture after it was taken, of the post-acquisition mask (2011: table 19).
#[must_use]
pub fn processing(mask: u16) -> Vec<Option<&'static str>> {
    const NAMES: [&str; 11] = [
        "rotated",
        "cropped",
        "down-sampled",
        "white balance adjusted",
        "compressed more than once",
        "interpolated",
        "contrast stretched",
        "pose corrected",
        "made of several views",
        "age progressed",
        "super-resolution",
    ];
    named(mask.into(), &NAMES)
}

/// The expression, of the mask of 2011 (table 11). Bit 0 says that the others are meant at all.
#[must_use]
pub fn expressions(mask: u16) -> Vec<Option<&'static str>> {
    const NAMES: [&str; 7] = [
        "specified",
        "neutral",
        "smile",
        "raised eyebrows",
        "eyes looking away",
        "squinting",
        "frowning",
    ];
    named(mask.into(), &NAMES)
}

/// The expression, of the code of 2005 (table 8); `None` for a code without a meaning.
#[must_use]
pub fn expression_2005(code: u16) -> Option<&'static str> {
    match code {
        0 => Some("unspecified"),
        1 => Some("neutral"),
        2 => Some("smile, closed jaw"),
        3 => Some("smile, open jaw"),
        4 => Some("raised eyebrows"),
        5 => Some("eyes looking away"),
        6 => Some("squinting"),
        7 => Some("frowning"),
        0x8000.. => Some("a vendor's own"),
        _ => None,
    }
}

/// When representations were taken with respect to each other (2011: table 3).
#[must_use]
pub fn temporal(semantics: u16) -> &'static str {
    match semantics {
        0 => "one representation",
        1 => "relation not specified",
        2 => "at irregular intervals in one session",
        3 => "at irregular intervals in several sessions",
        4..=0xfffe => "at regular intervals, so many milliseconds apart",
        0xffff => "at regular intervals of more than 65534 milliseconds",
    }
}

/// A pose angle in degrees, -180 to 180 in steps of two; `None` when not given or out of range.
#[must_use]
pub fn pose_degrees(value: u8) -> Option<i16> {
    match value {
        1..=91 => Some((i16::from(value) - 1) * 2),
        92..=180 => Some((i16::from(value) - 181) * 2),
        _ => None,
    }
}
