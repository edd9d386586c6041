//! The codes of finger image records, as the 2011 edition numbers them.

use crate::record::codes::codes;
use crate::record::minutiae::FingerPosition;

codes! {
    /// Which finger, fingers or part of a palm (2011: tables 6 to 8).
    Position {
        0 => "unknown finger",
        1 => "right thumb",
        2 => "right index",
        3 => "right middle",
        4 => "right ring",
        5 => "right little",
        6 => "left thumb",
        7 => "left index",
        8 => "left middle",
        9 => "left ring",
        10 => "left little",
        13 => "four fingers of the right hand",
        14 => "four fingers of the left hand",
        15 => "both thumbs",
        20 => "unknown palm",
        21 => "right full palm",
        22 => "right writer's palm",
        23 => "left full palm",
        24 => "left writer's palm",
        25 => "right lower palm",
        26 => "right upper palm",
        27 => "left lower palm",
        28 => "left upper palm",
        29 => "right other",
        30 => "left other",
        31 => "right interdigital",
        32 => "right thenar",
        33 => "right hypothenar",
        34 => "left interdigital",
        35 => "left thenar",
        36 => "left hypothenar",
        40 => "right index and middle",
        41 => "right middle and ring",
        42 => "right ring and little",
        43 => "left index and middle",
        44 => "left middle and ring",
        45 => "left ring and little",
        46 => "right index and left index",
        47 => "right index, middle and ring",
        48 => "right middle, ring and little",
        49 => "left index, middle and ring",
        50 => "left middle, ring and little",
    }
}

impl Position {
    /// The finger, when it is one; `None` for several fingers and for palms.
    #[must_use]
    pub fn finger(self) -> Option<FingerPosition> {
        FingerPosition::ALL.get(usize::from(self.0)).copied()
    }
}

impl From<FingerPosition> for Position {
    fn from(finger: FingerPosition) -> Self {
        Self(finger.code())
    }
}

codes! {
    /// How the impression was taken (2011: table 10).
    Impression {
        0 => "live, plain",
        1 => "live, rolled",
        2 => "non-live, plain",
        3 => "non-live, rolled",
        4 => "latent",
        5 => "latent, tracing",
        6 => "latent, photo",
        7 => "latent, lift",
        8 => "live, swipe",
        9 => "live, rolled vertically",
        10 => "live, palm",
        11 => "non-live, palm",
        12 => "latent palm",
        13 => "latent palm, tracing",
        14 => "latent palm, photo",
        15 => "latent palm, lift",
        24 => "live, optical without contact, plain",
        28 => "other",
        29 => "unknown",
    }
}

codes! {
    /// What a sampling rate counts in.
    ScaleUnits {
        1 => "pixels per inch",
        2 => "pixels per centimetre",
    }
}

codes! {
    /// How a finger is captured (2011: table 4), for [`Device::technology`].
    ///
    /// [`Device::technology`]: crate::record::Device::technology
    FingerTechnology {
        0 => "unknown",
        1 => "white light, total internal reflection",
        2 => "white light, direct view on a platen",
        3 => "white light, touchless",
        4 => "monochromatic visible, total internal reflection",
        5 => "monochromatic visible, direct view on a platen",
        6 => "monochromatic visible, touchless",
        7 => "monochromatic infrared, total internal reflection",
        8 => "monochromatic infrared, direct view on a platen",
        9 => "monochromatic infrared, touchless",
        10 => "multispectral, total internal reflection",
        11 => "multispectral, direct view on a platen",
        12 => "electro-luminescent",
        13 => "semiconductor, capacitive",
        14 => "semiconductor, radio frequency",
        15 => "semiconductor, thermal",
        16 => "pressure sensitive",
        17 => "ultrasound",
        18 => "mechanical",
        19 => "glass fibre",
    }
}

codes! {
    /// By which annex of 19794-4:2011 a device is certified (table 5).
    CertificationScheme {
        0 => "unspecified",
        1 => "image quality for AFIS (annex B.1)",
        2 => "image quality for personal verification (annex B.2)",
        3 => "optical fingerprint scanners (annex B.3)",
    }
}

codes! {
    /// What a block of extended data holds; 256 and more belong to vendors.
    ExtendedKind {
        1 => "segmentation",
        2 => "annotation",
        3 => "comment",
    }
}

/// How the picture is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Bytes of grey, row by row.
    Raw,
    /// Uncompressed, samples packed to whole bytes only at the end.
    Packed,
    /// Wavelet scalar quantization.
    Wsq,
    /// Baseline JPEG.
    Jpeg,
    /// JPEG 2000; in the 2011 edition, lossy.
    Jpeg2000,
    /// JPEG 2000, lossless; the 2005 edition does not tell it apart.
    Jpeg2000Lossless,
    /// PNG.
    Png,
    /// A code that the edition does not define.
    Unknown(u8),
}

impl Compression {
    /// In the order of their codes in 2011 (table 9).
    const V2011: [Self; 7] = [
        Self::Raw,
        Self::Packed,
        Self::Wsq,
        Self::Jpeg,
        Self::Jpeg2000,
        Self::Jpeg2000Lossless,
        Self::Png,
    ];
    const V2005: [Self; 6] = [
        Self::Raw,
        Self::Packed,
        Self::Wsq,
        Self::Jpeg,
        Self::Jpeg2000,
        Self::Png,
    ];

    fn table(format: super::Format) -> &'static [Self] {
        match format {
            super::Format::V2005 => &Self::V2005,
            super::Format::V2011 => &Self::V2011,
        }
    }

    pub(super) fn from_code(code: u8, format: super::Format) -> Self {
        let known = Self::table(format).get(usize::from(code)).copied();
        known.unwrap_or(Self::Unknown(code))
    }

    /// The code in a record of this edition; `None` when it has none.
    #[must_use]
    pub fn code(self, format: super::Format) -> Option<u8> {
        let at = Self::table(format).iter().position(|known| *known == self);
        at.and_then(|at| u8::try_from(at).ok())
    }

    /// In words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Raw => "none",
            Self::Packed => "none, bit packed",
            Self::Wsq => "WSQ",
            Self::Jpeg => "JPEG",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Jpeg2000Lossless => "JPEG 2000, lossless",
            Self::Png => "PNG",
            Self::Unknown(_) => "not defined",
        }
    }
}
