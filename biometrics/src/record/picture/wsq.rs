//! WSQ: wavelet scalar quantization of grey fingerprints (FBI, IAFIS-IC-0110 v3, 1997).
//!
//! ```text
//! SOI  tables  SOF  tables SOB data  tables SOB data  tables SOB data  EOI
//! ```
//!
//! A segment is a marker of two bytes, a length u16 that counts itself, and content:
//!
//! ```text
//! DTT  transform     taps of analysis lowpass u8 and highpass u8, then the right half of each,
//!                    centre first: sign u8, scale u8, value u32, value / 10^scale
//! DQT  quantization  bin centre C: scale u8, value u16; of 64 subbands bin width Q and zero bin
//!                    Z, alike. A subband of Q = 0 is not coded
//! DHT  Huffman       of each table: id u8, numbers of codes of 1 to 16 bits, their values
//! SOF  frame         black u8, white u8, height u16, width u16, midpoint M and scale R (scale
//!                    u8, value u16), encoder u8, software u16
//! SOB  block         Huffman table u8, then data, in which 0xff is followed by 0
//! ```
//!
//! The picture is split into 64 subbands, five levels deep ([`wavelet`]); four of them, the
//! highest frequencies in both directions, are never coded. Only filters of an odd number of
//! taps are read, as every encoder registered for the 9/7 transform uses; the restart markers of
//! the specification are.
//!
//! Beside NBIS 5.0.0, decoded pictures of 81 pixels a side and more differ by one grey level at
//! most. In smaller ones NBIS mirrors the shortest lines otherwise than the specification.

mod huffman;
mod wavelet;

use super::{Channels, Coding, Picture, PictureError, check_size, damaged};
use crate::record::cursor::Cursor;
use huffman::Table;
use wavelet::Filters;

// Markers (annex B).
const SOI: u16 = 0xffa0;
const EOI: u16 = 0xffa1;
const SOF: u16 = 0xffa2;
const SOB: u16 = 0xffa3;
const DTT: u16 = 0xffa4;
const DQT: u16 = 0xffa5;
const DHT: u16 = 0xffa6;
const DRT: u16 = 0xffa7;
const COM: u16 = 0xffa8;
/// First and last of the restart markers.
const RST: std::ops::RangeInclusive<u16> = 0xffb0..=0xffb7;

const SUBBANDS: usize = 64;
/// Most Huffman tables.
const TABLES: usize = 8;
/// Most taps of a filter: the specification's have nine.
const MAX_TAPS: u8 = 31;
/// Highest scale, a power of ten.
const MAX_SCALE: u8 = 30;

fn wrong(reason: &'static str) -> PictureError {
    damaged(Coding::Wsq, reason)
}

/// Bin centre, and width and zero bin of each subband.
struct Quantization {
    centre: f32,
    bins: [(f32, f32); SUBBANDS],
}

struct Frame {
    width: u32,
    height: u32,
    midpoint: f32,
    scale: f32,
}

/// What tables define so far.
#[derive(Default)]
struct Tables {
    filters: Option<Filters>,
    quantization: Option<Quantization>,
    huffman: [Option<Table>; TABLES],
}

pub(super) fn decode(data: &[u8]) -> Result<Picture, PictureError> {
    let cut = || wrong("cut short");
    let mut stream = Cursor::new(data);
    if stream.u16().ok_or_else(cut)? != SOI {
        return Err(wrong("does not begin with SOI"));
    }
    let mut tables = Tables::default();
    let frame = loop {
        let marker = stream.u16().ok_or_else(cut)?;
        let content = segment(&mut stream).ok_or_else(cut)?;
        match marker {
            SOF => break read_frame(content)?,
            other => tables.read(other, content)?,
        }
    };
    let coded = read_blocks(&mut stream, &frame, &mut tables)?;
    let filters = tables.filters.ok_or_else(|| wrong("no transform"))?;
    let quantization = tables
        .quantization
        .ok_or_else(|| wrong("no quantization"))?;
    let mut plane = dequantized(&coded, &frame, &quantization)?;
    drop(coded);
    let size = (frame.width as usize, frame.height as usize);
    wavelet::synthesize(&mut plane, size, &filters);
    // A cast to eight bits saturates, and makes zero of what is not a number.
    let grey = |value: f32| (value * frame.scale + frame.midpoint + 0.5) as u8;
    let samples = plane.into_iter().map(grey).collect();
    Picture::new(frame.width, frame.height, Channels::Grey, samples)
}

/// The content of a segment.
fn segment<'a>(stream: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = usize::from(stream.u16()?.checked_sub(2)?);
    stream.take(length)
}

/// `value / 10^scale`, of a scale in one byte and a value of two.
fn scaled(from: &mut Cursor<'_>) -> Option<f32> {
    let scale = from.u8().filter(|scale| *scale <= MAX_SCALE)?;
    let value = from.u16()?;
    Some((f64::from(value) / 10f64.powi(scale.into())) as f32)
}

fn read_frame(content: &[u8]) -> Result<Frame, PictureError> {
    let cut = || wrong("a frame header out of range");
    let mut header = Cursor::new(content);
    let _black_and_white = header.u16().ok_or_else(cut)?;
    let height = u32::from(header.u16().ok_or_else(cut)?);
    let width = u32::from(header.u16().ok_or_else(cut)?);
    let midpoint = scaled(&mut header).ok_or_else(cut)?;
    let scale = scaled(&mut header).ok_or_else(cut)?;
    let _encoder: [u8; 3] = header.array().ok_or_else(cut)?;
    check_size(width, height, 1)?;
    Ok(Frame {
        width,
        height,
        midpoint,
        scale,
    })
}

impl Tables {
    /// Takes what a table segment defines, and leaves comments aside.
    fn read(&mut self, marker: u16, content: &[u8]) -> Result<(), PictureError> {
        match marker {
            DTT => self.filters = Some(read_filters(content)?),
            DQT => {
                let read = read_quantization(content);
                let read = read.ok_or_else(|| wrong("a quantization table out of range"))?;
                self.quantization = Some(read);
            }
            DHT => self.read_huffman(content)?,
            // The interval of restarts is not needed: their markers are found.
            DRT | COM => {}
            _ => return Err(wrong("a marker where none should be")),
        }
        Ok(())
    }

    fn read_huffman(&mut self, content: &[u8]) -> Result<(), PictureError> {
        let cut = || wrong("a Huffman table is cut short");
        let mut content = Cursor::new(content);
        while content.left() > 0 {
            let id = usize::from(content.u8().ok_or_else(cut)?);
            let counts: [u8; 16] = content.array().ok_or_else(cut)?;
            let values = counts.iter().map(|count| usize::from(*count)).sum();
            let values = content.take(values).ok_or_else(cut)?;
            let table = Table::new(counts, values).ok_or_else(|| wrong("codes that do not fit"))?;
            let place = self.huffman.get_mut(id);
            *place.ok_or_else(|| wrong("a Huffman table above 7"))? = Some(table);
        }
        Ok(())
    }
}

/// The synthesis filters of the analysis filters transmitted: each of the other's taps with
/// alternating signs.
fn read_filters(content: &[u8]) -> Result<Filters, PictureError> {
    let cut = || wrong("a transform table out of range");
    let mut content = Cursor::new(content);
    let [low_taps, high_taps] = content.array().ok_or_else(cut)?;
    for taps in [low_taps, high_taps] {
        if taps == 0 || taps > MAX_TAPS {
            return Err(cut());
        }
        if taps % 2 == 0 {
            return Err(PictureError::Unsupported(
                "WSQ filters of an even number of taps",
            ));
        }
    }
    let mut half = |taps: u8| -> Option<Vec<f32>> {
        (0..taps.div_ceil(2))
            .map(|at| {
                let negative = content.u8()? != 0;
                let scale = content.u8().filter(|scale| *scale <= MAX_SCALE)?;
                let value = f64::from(content.u32()?) / 10f64.powi(scale.into());
                let flips = u8::from(negative) + at;
                Some(if flips % 2 == 0 { value } else { -value } as f32)
            })
            .collect()
    };
    let high = half(low_taps).ok_or_else(cut)?;
    let low = half(high_taps).ok_or_else(cut)?;
    Ok(Filters::new(&low, &high))
}

fn read_quantization(content: &[u8]) -> Option<Quantization> {
    let mut content = Cursor::new(content);
    let centre = scaled(&mut content)?;
    let mut bins = [(0.0, 0.0); SUBBANDS];
    for bin in &mut bins {
        *bin = (scaled(&mut content)?, scaled(&mut content)?);
    }
    Some(Quantization { centre, bins })
}

/// Quantized coefficients of all coded subbands, in their order.
fn read_blocks(
    stream: &mut Cursor<'_>,
    frame: &Frame,
    tables: &mut Tables,
) -> Result<Vec<i16>, PictureError> {
    let cut = || wrong("cut short");
    let mut coded: Vec<i16> = Vec::new();
    let mut expected = None;
    loop {
        let marker = stream.u16().ok_or_else(cut)?;
        if marker == EOI {
            break;
        }
        let content = segment(stream).ok_or_else(cut)?;
        if marker != SOB {
            if expected.is_some() && matches!(marker, DTT | DQT) {
                return Err(wrong("a transform or quantization table between blocks"));
            }
            tables.read(marker, content)?;
            continue;
        }
        let missing = || wrong("a block without its tables");
        let count = match expected {
            Some(count) => count,
            None => {
                let quantization = tables.quantization.as_ref().ok_or_else(missing)?;
                coefficients(frame, quantization)
            }
        };
        expected = Some(count);
        let id = content.first().copied().ok_or_else(missing)?;
        let table = tables.huffman.get(usize::from(id));
        let table = table.and_then(Option::as_ref).ok_or_else(missing)?;
        loop {
            let (piece, restarts) = entropy_coded(stream).ok_or_else(cut)?;
            table.decode(piece, count, &mut coded).map_err(wrong)?;
            if !restarts {
                break;
            }
        }
    }
    match expected {
        Some(count) if count == coded.len() => Ok(coded),
        _ => Err(wrong("fewer coefficients than the picture has")),
    }
}

/// The data up to the next marker, and whether that was a restart, which is passed over.
fn entropy_coded<'a>(stream: &mut Cursor<'a>) -> Option<(&'a [u8], bool)> {
    let rest = stream.rest();
    let marker = |pair: &[u8]| matches!(pair, [0xff, second] if *second != 0);
    let end = rest.windows(2).position(marker)?;
    let piece = stream.take(end)?;
    let restarts = matches!(
        rest.get(end..),
        Some([first, second, ..]) if RST.contains(&u16::from_be_bytes([*first, *second]))
    );
    if restarts {
        stream.take(2)?;
    }
    Some((piece, restarts))
}

/// How many coefficients are coded.
fn coefficients(frame: &Frame, quantization: &Quantization) -> usize {
    let areas = wavelet::subbands((frame.width as usize, frame.height as usize));
    let coded = areas.iter().zip(&quantization.bins);
    coded
        .filter(|(_, bin)| bin.0 != 0.0)
        .map(|(area, _)| area.width * area.height)
        .sum()
}

/// The coefficients in their places (annex A).
fn dequantized(
    coded: &[i16],
    frame: &Frame,
    quantization: &Quantization,
) -> Result<Vec<f32>, PictureError> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let mut plane = vec![0f32; width * height];
    let mut coded = coded.iter();
    let areas = wavelet::subbands((width, height));
    for (area, &(bin, zero)) in areas.iter().zip(&quantization.bins) {
        if bin == 0.0 || area.width == 0 {
            continue;
        }
        let rows = plane.chunks_exact_mut(width).skip(area.y).take(area.height);
        for row in rows {
            let places = row.iter_mut().skip(area.x).take(area.width);
            for place in places {
                let coefficient = *coded
                    .next()
                    .ok_or_else(|| wrong("fewer coefficients than the picture has"))?;
                let value = f32::from(coefficient);
                *place = match coefficient {
                    0 => 0.0,
                    1.. => bin * (value - quantization.centre) + zero / 2.0,
                    _ => bin * (value + quantization.centre) - zero / 2.0,
                };
            }
        }
    }
    Ok(plane)
}
