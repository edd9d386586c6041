//! The template: what is stored and sent instead of a picture.

use std::f32::consts::{PI, TAU};

use thiserror::Error;

/// Most minutiae a template holds; the best ones are kept.
pub const MAX_MINUTIAE: usize = 255;
/// Units of a coordinate in one pixel at 500 ppi: coordinates count in 1/2000 inch.
pub const UNITS: u16 = 4;
/// Largest side of the coordinate frame in 1/500 inch: 4096 pixels at 250 ppi, seen at 500 ppi,
/// and rounding. Four times as many units still fit sixteen bits.
pub(crate) const MAX_FRAME: u16 = 8200;

const MAGIC: [u8; 4] = *b"EPFT";
const VERSION: u8 = 2;
/// Magic, version, count, width, height.
const HEADER: usize = 4 + 1 + 1 + 2 + 2;
/// x, y, direction, kind and quality.
const RECORD: usize = 2 + 2 + 2 + 1;
/// First column and row of the map, columns, rows.
const MAP_HEADER: usize = 2 + 2 + 1 + 1;
const TRAILER: usize = 4;

/// What a ridge does at a minutia.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A ridge ends.
    Ending,
    /// A ridge splits in two.
    Bifurcation,
}

/// One minutia. Coordinates count in 1/2000 inch, a quarter of a pixel at 500 ppi ([`UNITS`]), from
/// the picture's top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Minutia {
    /// Right of the left edge, in 1/2000 inch.
    pub x: u16,
    /// Below the top edge, in 1/2000 inch.
    pub y: u16,
    /// Direction in 1/65536 turn, counter-clockwise as seen, 0 pointing right: along the ridge an
    /// ending belongs to, or into the valley between the branches of a bifurcation. The two agree
    /// when pressure turns one kind into the other.
    pub direction: u16,
    /// Ending or bifurcation.
    pub kind: Kind,
    /// 0 (worthless) to 100 (clear).
    pub quality: u8,
}

/// Why bytes are not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Not the magic bytes of a fingerprint template.
    #[error("not a fingerprint template")]
    Magic,
    /// A version this program does not know.
    #[error("template version {0} is not known")]
    Version(u8),
    /// Too short, too long, or not as long as its own count says.
    #[error("a template of {0} bytes has the wrong length")]
    Length(usize),
    /// The checksum does not fit: damaged in storage or on the way.
    #[error("the template's checksum does not fit")]
    Checksum,
    /// Width or height of zero or beyond any acceptable picture.
    #[error("the template's frame is out of range")]
    Frame,
    /// The minutia at this index lies outside the frame or has a quality above 100.
    #[error("minutia {0} is out of range")]
    Minutia(usize),
    /// The map of the ridges is cut short, too large, or says what no map says.
    #[error("the template's map is not valid")]
    Map,
    /// The minutia at this index is out of order or repeated.
    #[error("minutia {0} is out of order")]
    Order(usize),
}

/// Pixels at 500 ppi along a side of a cell of the ridge map.
pub(crate) const MAP_CELL: u16 = 16;

/// Where the finger is and which way its ridges run, on a grid of 16 pixels at 500 ppi.
///
/// Either empty, or as small as can be: every side of the rectangle has a cell of the finger.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct RidgeMap {
    /// First column and row of the grid that is stored.
    x0: u16,
    y0: u16,
    /// Columns stored; the rows follow from the number of cells.
    columns: u8,
    /// [`RidgeMap::FINGER`] and the orientation in 1/128 of half a turn, y down; 0 outside.
    cells: Vec<u8>,
}

impl RidgeMap {
    /// Bit of a cell that belongs to the finger.
    const FINGER: u8 = 0x80;
    /// Steps of an orientation in half a turn.
    pub const HALF_TURN: u8 = 128;
    /// Most columns and rows stored: a finger's extent is four inches at most.
    const MOST: usize = 128;

    /// The map of a picture of `w * h` pixels; `orientation` gives that at a place in radians
    /// with y down, or `None` outside the finger.
    pub fn of(w: usize, h: usize, orientation: impl Fn(f32, f32) -> Option<f32>) -> Self {
        let side = usize::from(MAP_CELL);
        let middle = |i: usize| (i as f32 + 0.5) * side as f32;
        let (columns, rows) = (w.div_ceil(side), h.div_ceil(side));
        let mut all = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let cell = orientation(middle(column), middle(row)).map_or(0, |angle| {
                    let steps = (angle / PI * f32::from(Self::HALF_TURN)).round() as i32;
                    Self::FINGER | (steps & i32::from(Self::HALF_TURN - 1)) as u8
                });
                all.push(cell);
            }
        }
        let used = || {
            (0..all.len())
                .filter(|&i| all[i] != 0)
                .map(|i| (i % columns, i / columns))
        };
        let span = |list: &mut dyn Iterator<Item = usize>| {
            list.fold((usize::MAX, 0), |(a, b), v| (a.min(v), b.max(v)))
        };
        let (left, right) = span(&mut used().map(|c| c.0));
        let (top, bottom) = span(&mut used().map(|c| c.1));
        if left > right {
            return Self::default();
        }
        let (right, bottom) = (
            right.min(left + Self::MOST - 1),
            bottom.min(top + Self::MOST - 1),
        );
        let cells = (top..=bottom)
            .flat_map(|y| {
                all[y * columns + left..=y * columns + right]
                    .iter()
                    .copied()
            })
            .collect();
        Self {
            x0: left as u16,
            y0: top as u16,
            columns: (right - left + 1) as u8,
            cells,
        }
    }

    /// Whether there is no map.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn rows(&self) -> usize {
        self.cells.len() / usize::from(self.columns.max(1))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x0.to_be_bytes());
        out.extend_from_slice(&self.y0.to_be_bytes());
        out.push(self.columns);
        out.push(self.rows() as u8);
        out.extend_from_slice(&self.cells);
    }

    /// Reads what [`RidgeMap::write`] wrote, and nothing else.
    fn read(bytes: &[u8], width: u16, height: u16) -> Option<Self> {
        let (&[xh, xl, yh, yl, columns, rows], cells) = bytes.split_first_chunk::<MAP_HEADER>()?;
        let (x0, y0) = (u16::from_be_bytes([xh, xl]), u16::from_be_bytes([yh, yl]));
        let (w, h) = (usize::from(columns), usize::from(rows));
        if cells.len() != w * h || w > Self::MOST || h > Self::MOST {
            return None;
        }
        let map = Self {
            x0,
            y0,
            columns,
            cells: cells.to_vec(),
        };
        if cells.is_empty() {
            return (map == Self::default() && rows == 0).then_some(map);
        }
        let fits = usize::from(x0) + w <= usize::from(width.div_ceil(MAP_CELL))
            && usize::from(y0) + h <= usize::from(height.div_ceil(MAP_CELL));
        let finger = |i: usize| cells[i] != 0;
        let tight = (0..w).any(finger)
            && (cells.len() - w..cells.len()).any(finger)
            && (0..h).any(|y| finger(y * w))
            && (0..h).any(|y| finger(y * w + w - 1));
        let known = cells.iter().all(|&c| c == 0 || c & Self::FINGER != 0);
        (fits && tight && known).then_some(map)
    }

    /// The cell at a place in pixels; 0 where there is no finger.
    #[inline]
    pub fn at(&self, x: f32, y: f32) -> u8 {
        if x < 0.0 || y < 0.0 {
            return 0;
        }
        let scale = 1.0 / f32::from(MAP_CELL);
        let (cx, cy) = (
            (x * scale) as i32 - i32::from(self.x0),
            (y * scale) as i32 - i32::from(self.y0),
        );
        let columns = i32::from(self.columns);
        if cx < 0 || cx >= columns || cy < 0 {
            return 0;
        }
        self.cells
            .get((cy * columns + cx) as usize)
            .copied()
            .unwrap_or(0)
    }

    /// Middles of the cells of the finger and what is stored of them.
    pub fn finger(&self) -> impl Iterator<Item = (f32, f32, u8)> {
        let side = f32::from(MAP_CELL);
        let columns = usize::from(self.columns.max(1));
        self.cells
            .iter()
            .enumerate()
            .filter(|(_, c)| **c & Self::FINGER != 0)
            .map(move |(i, &cell)| {
                let (cx, cy) = (
                    i % columns + usize::from(self.x0),
                    i / columns + usize::from(self.y0),
                );
                ((cx as f32 + 0.5) * side, (cy as f32 + 0.5) * side, cell)
            })
    }
}

/// A fingerprint reduced to its minutiae: at most 255, ordered from top to bottom.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    width: u16,
    height: u16,
    minutiae: Vec<Minutia>,
    /// Empty for a template of minutiae alone.
    map: RidgeMap,
}

/// An angle in radians with y down as a direction of a template.
pub(crate) fn direction(angle: f32) -> u16 {
    ((-angle / TAU).rem_euclid(1.0) * 65536.0).round() as u32 as u16
}

impl Minutia {
    /// Place in pixels at 500 ppi and angle in radians with y down: as a picture has them.
    #[must_use]
    pub fn in_pixels(&self) -> (f32, f32, f32) {
        let unit = f32::from(UNITS);
        (
            f32::from(self.x) / unit,
            f32::from(self.y) / unit,
            -f32::from(self.direction) * TAU / 65536.0,
        )
    }
}

impl std::fmt::Debug for Template {
    /// The count only: minutiae are personal data and have no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({} minutiae)", self.minutiae.len())
    }
}

impl Template {
    /// Builds a template in a frame of `width` x `height` (1/500 inch): the best 255 minutiae, in
    /// canonical order, one per place.
    ///
    /// # Errors
    /// [`TemplateError::Frame`] or [`TemplateError::Minutia`] for values out of range.
    pub fn new(width: u16, height: u16, minutiae: Vec<Minutia>) -> Result<Self, TemplateError> {
        check_frame(width, height)?;
        for (index, minutia) in minutiae.iter().enumerate() {
            check_minutia(width, height, index, minutia)?;
        }
        Ok(Self::from_checked(width, height, minutiae))
    }

    /// A template of minutiae the caller has put inside the frame.
    pub(crate) fn from_checked(width: u16, height: u16, mut minutiae: Vec<Minutia>) -> Self {
        minutiae.sort_by_key(|m| (std::cmp::Reverse(m.quality), place(m), m.direction, m.kind));
        minutiae.truncate(MAX_MINUTIAE);
        minutiae.sort_by_key(|m| (place(m), std::cmp::Reverse(m.quality)));
        minutiae.dedup_by_key(|m| place(m));
        Self {
            width,
            height,
            minutiae,
            map: RidgeMap::default(),
        }
    }

    /// The same with a map of the ridges.
    pub(crate) fn with_map(mut self, map: RidgeMap) -> Self {
        self.map = map;
        self
    }

    pub(crate) fn map(&self) -> &RidgeMap {
        &self.map
    }

    /// The minutiae, from top to bottom and left to right.
    #[must_use]
    pub fn minutiae(&self) -> &[Minutia] {
        &self.minutiae
    }

    /// Width of the coordinate frame in 1/500 inch.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Height of the coordinate frame in 1/500 inch.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Compact form: 20 bytes, 7 for each minutia and one for each cell of the map (some hundred),
    /// ending in a CRC-32.
    ///
    /// Layout, big-endian: `EPFT`, version, count, width u16, height u16; for each minutia x u16,
    /// y u16, direction u16, and one byte of quality with the top bit set for a bifurcation; the
    /// map's first column u16 and row u16, columns, rows, and row by row a byte for each cell with
    /// the top bit set on the finger and the orientation in 1/128 of half a turn below it; CRC-32
    /// (IEEE 802.3) of all before it. The checksum finds damage, it does not prove origin.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + RECORD * self.minutiae.len() + TRAILER);
        out.extend_from_slice(&MAGIC);
        out.push(VERSION);
        out.push(self.minutiae.len().min(MAX_MINUTIAE) as u8);
        out.extend_from_slice(&self.width.to_be_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
        for m in &self.minutiae {
            out.extend_from_slice(&m.x.to_be_bytes());
            out.extend_from_slice(&m.y.to_be_bytes());
            out.extend_from_slice(&m.direction.to_be_bytes());
            out.push(m.quality | if m.kind == Kind::Bifurcation { 0x80 } else { 0 });
        }
        self.map.write(&mut out);
        let crc = crc32(&out);
        out.extend_from_slice(&crc.to_be_bytes());
        out
    }

    /// Reads what [`Template::to_bytes`] wrote, and nothing else: for every template there is
    /// exactly one accepted sequence of bytes.
    ///
    /// # Errors
    /// [`TemplateError`] naming the first thing wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TemplateError> {
        let wrong_length = TemplateError::Length(bytes.len());
        let (magic, rest) = bytes.split_first_chunk::<4>().ok_or(wrong_length)?;
        if *magic != MAGIC {
            return Err(TemplateError::Magic);
        }
        let (&[version, count], rest) = rest.split_first_chunk::<2>().ok_or(wrong_length)?;
        if version != VERSION {
            return Err(TemplateError::Version(version));
        }
        let records = RECORD * usize::from(count);
        if bytes.len() < HEADER + records + MAP_HEADER + TRAILER {
            return Err(wrong_length);
        }
        let (&[w0, w1, h0, h1], rest) = rest.split_first_chunk::<4>().ok_or(wrong_length)?;
        let (body, crc) = rest.split_last_chunk::<TRAILER>().ok_or(wrong_length)?;
        let (body, map) = body.split_at_checked(records).ok_or(wrong_length)?;
        let covered = bytes.get(..bytes.len() - TRAILER).ok_or(wrong_length)?;
        if crc32(covered) != u32::from_be_bytes(*crc) {
            return Err(TemplateError::Checksum);
        }
        let (width, height) = (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
        check_frame(width, height)?;
        let mut minutiae: Vec<Minutia> = Vec::with_capacity(usize::from(count));
        for (index, &[x0, x1, y0, y1, d0, d1, last]) in
            body.as_chunks::<RECORD>().0.iter().enumerate()
        {
            let minutia = Minutia {
                x: u16::from_be_bytes([x0, x1]),
                y: u16::from_be_bytes([y0, y1]),
                direction: u16::from_be_bytes([d0, d1]),
                kind: if last & 0x80 == 0 {
                    Kind::Ending
                } else {
                    Kind::Bifurcation
                },
                quality: last & 0x7f,
            };
            check_minutia(width, height, index, &minutia)?;
            if minutiae
                .last()
                .is_some_and(|before| place(before) >= place(&minutia))
            {
                return Err(TemplateError::Order(index));
            }
            minutiae.push(minutia);
        }
        let map = RidgeMap::read(map, width, height).ok_or(TemplateError::Map)?;
        Ok(Self {
            width,
            height,
            minutiae,
            map,
        })
    }
}

fn place(m: &Minutia) -> (u16, u16) {
    (m.y, m.x)
}

fn check_frame(width: u16, height: u16) -> Result<(), TemplateError> {
    let sides = 1..=MAX_FRAME;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(())
    } else {
        Err(TemplateError::Frame)
    }
}

fn check_minutia(w: u16, h: u16, index: usize, m: &Minutia) -> Result<(), TemplateError> {
    let inside = |at: u16, side: u16| u32::from(at) < u32::from(side) * u32::from(UNITS);
    if inside(m.x, w) && inside(m.y, h) && m.quality <= 100 {
        Ok(())
    } else {
        Err(TemplateError::Minutia(index))
    }
}

/// CRC-32 as in IEEE 802.3, bit by bit: templates are about six hundred bytes, eighteen thousand at most.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    !crc
}
