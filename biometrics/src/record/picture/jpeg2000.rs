//! JPEG 2000 by `hayro-jpeg2000`, after a survey of the codestream of our own.
//!
//! A decoder of JPEG 2000 allocates for every tile, sub-band, precinct and code block that
//! headers of a few bytes can ask for, thousands of times the picture. The survey walks the main
//! header and the header of every tile-part (ISO/IEC 15444-1, annex A), counts what they ask
//! for, and refuses whatever no camera or scanner writes. Of a JP2 file only the codestream is
//! handed on: its other boxes are not needed, but for the colour space.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::{Channels, Coding, Picture, PictureError, check_size, damaged};
use crate::record::cursor::Cursor;

/// Most tiles of a picture.
const MAX_TILES: u64 = 1024;
/// Most code blocks and precincts of one tile, each with state of its own.
const MAX_BLOCKS_OF_TILE: u64 = 1 << 16;
/// The same of all tiles.
const MAX_BLOCKS: u64 = 1 << 20;
/// Most quality layers.
const MAX_LAYERS: u16 = 32;
/// Most decompositions.
const MAX_LEVELS: u8 = 32;
/// Most tile-parts.
const MAX_TILE_PARTS: usize = 4096;

// Markers (annex A.2).
const SOC: u16 = 0xff4f;
const SIZ: u16 = 0xff51;
const COD: u16 = 0xff52;
const COC: u16 = 0xff53;
const TLM: u16 = 0xff55;
const PLT: u16 = 0xff58;
const QCD: u16 = 0xff5c;
const QCC: u16 = 0xff5d;
const RGN: u16 = 0xff5e;
const CRG: u16 = 0xff63;
const COM: u16 = 0xff64;
const SOT: u16 = 0xff90;
const SOD: u16 = 0xff93;
const EOC: u16 = 0xffd9;

pub(super) fn decode(data: &[u8]) -> Result<Picture, PictureError> {
    let codestream = match data.starts_with(&[0, 0, 0, 12]) {
        true => in_file(data)?,
        false => data,
    };
    let size = survey(codestream)?;
    let settings = DecodeSettings {
        resolve_palette_indices: false,
        strict: true,
        target_resolution: None,
    };
    let unreadable = |error| damaged(Coding::Jpeg2000, error);
    let image = Image::new(codestream, &settings).map_err(unreadable)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(unreadable)?;
    let channels = match size.channels {
        1 => Channels::Grey,
        _ => Channels::Rgb,
    };
    let all = decoded.components();
    let pixels = u64::from(size.width) * u64::from(size.height);
    let whole = |component: &hayro_jpeg2000::ComponentData| {
        component.samples().len() as u64 == pixels && component.bit_depth() == size.depth
    };
    if all.len() != usize::from(size.channels) || !all.iter().all(whole) {
        return Err(damaged(Coding::Jpeg2000, "components do not fit the size"));
    }
    Picture::new(size.width, size.height, channels, decoded.data_u8())
}

/// The only codestream of a JP2 file (annex I), of grey or RGB without a palette.
fn in_file(data: &[u8]) -> Result<&[u8], PictureError> {
    let cut = || damaged(Coding::Jpeg2000, "a box runs past the end");
    let mut file = Cursor::new(data);
    let mut codestream = None;
    while file.left() > 0 {
        let (kind, content) = next_box(&mut file).ok_or_else(cut)?;
        match &kind {
            b"jp2h" => {
                let mut header = Cursor::new(content);
                while header.left() > 0 {
                    let (kind, content) = next_box(&mut header).ok_or_else(cut)?;
                    check_header_box(&kind, content)?;
                }
            }
            b"jp2c" if codestream.is_none() => codestream = Some(content),
            b"jp2c" => {
                return Err(PictureError::Unsupported(
                    "JPEG 2000 of several codestreams",
                ));
            }
            _ => {}
        }
    }
    codestream.ok_or_else(|| damaged(Coding::Jpeg2000, "no codestream"))
}

/// Type and content of the next box.
fn next_box<'a>(from: &mut Cursor<'a>) -> Option<([u8; 4], &'a [u8])> {
    let length = from.u32()?;
    let kind = from.array()?;
    let content = match length {
        // To the end of the file.
        0 => from.left(),
        1 => {
            let long = u64::from_be_bytes(from.array()?);
            usize::try_from(long.checked_sub(16)?).ok()?
        }
        _ => usize::try_from(length.checked_sub(8)?).ok()?,
    };
    Some((kind, from.take(content)?))
}

fn check_header_box(kind: &[u8; 4], content: &[u8]) -> Result<(), PictureError> {
    match (kind, content) {
        (b"pclr", _) => Err(PictureError::Unsupported("JPEG 2000 with a palette")),
        // An enumerated colour space: sRGB or grey. What an ICC profile says is left aside.
        (b"colr", [1, _, _, space @ ..]) => match space {
            [0, 0, 0, 16 | 17, ..] => Ok(()),
            _ => Err(PictureError::Unsupported(
                "JPEG 2000 of a colour space that is neither sRGB nor grey",
            )),
        },
        _ => Ok(()),
    }
}

/// What the codestream says of the picture.
#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
    channels: u8,
    depth: u8,
    /// Sides of a tile, cut to the picture, and how many tiles there are.
    tile: (u32, u32),
    tiles: u64,
}

/// How a component of a tile is cut up (A.6.1).
#[derive(Clone, Copy)]
struct Cutting {
    levels: u8,
    /// Exponents of a code block's sides, 2 to 10.
    block: (u8, u8),
    /// The smallest precinct exponents of any resolution level.
    precinct: (u8, u8),
}

/// Walks the headers of the codestream and refuses what asks for too much.
fn survey(codestream: &[u8]) -> Result<Size, PictureError> {
    let cut = || damaged(Coding::Jpeg2000, "cut short in a header");
    let mut stream = Cursor::new(codestream);
    if stream.u16().ok_or_else(cut)? != SOC || stream.u16().ok_or_else(cut)? != SIZ {
        return Err(damaged(Coding::Jpeg2000, "does not begin with SOC and SIZ"));
    }
    let size = read_size(segment(&mut stream).ok_or_else(cut)?)?;
    let mut cuttings: Vec<Cutting> = Vec::new();
    loop {
        let marker = stream.u16().ok_or_else(cut)?;
        if marker == SOT {
            break;
        }
        match marker {
            COD | COC | QCD | QCC | RGN | TLM | CRG | COM => {
                let content = segment(&mut stream).ok_or_else(cut)?;
                cuttings.extend(cutting(marker, content)?);
            }
            other => return Err(unread(other)),
        }
    }
    let main = blocks(&size, &cuttings)?;
    let mut all = main.saturating_mul(size.tiles);
    for _ in 0..MAX_TILE_PARTS {
        let (length, content) = tile_part(&mut stream, &size)?;
        let mut part = Cursor::new(content);
        let mut own: Vec<Cutting> = Vec::new();
        loop {
            let marker = part.u16().ok_or_else(cut)?;
            match marker {
                SOD => break,
                COD | COC | QCD | QCC | RGN | PLT | COM => {
                    let content = segment(&mut part).ok_or_else(cut)?;
                    own.extend(cutting(marker, content)?);
                }
                other => return Err(unread(other)),
            }
        }
        all = all.saturating_add(blocks(&size, &own)?);
        if all > MAX_BLOCKS {
            return Err(PictureError::Unsupported(
                "JPEG 2000 cut into too many blocks",
            ));
        }
        if length == 0 {
            return Ok(size);
        }
        match stream.u16() {
            Some(SOT) => {}
            Some(EOC) => return Ok(size),
            None => return Err(damaged(Coding::Jpeg2000, "cut short")),
            Some(_) => return Err(damaged(Coding::Jpeg2000, "a tile-part of a wrong length")),
        }
    }
    Err(PictureError::Unsupported(
        "JPEG 2000 of too many tile-parts",
    ))
}

/// A marker that no header here may have: POC, PPM and PPT, or one of another part of the standard.
fn unread(marker: u16) -> PictureError {
    match marker {
        0xff30.. => PictureError::Unsupported("a marker of JPEG 2000"),
        _ => damaged(Coding::Jpeg2000, "no marker where one should be"),
    }
}

/// The content of a marker segment.
fn segment<'a>(stream: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = usize::from(stream.u16()?.checked_sub(2)?);
    stream.take(length)
}

/// What follows an SOT marker: the length stated, and the tile-part up to its end.
fn tile_part<'a>(stream: &mut Cursor<'a>, size: &Size) -> Result<(u32, &'a [u8]), PictureError> {
    let cut = || damaged(Coding::Jpeg2000, "cut short in a tile-part");
    let header = segment(stream).ok_or_else(cut)?;
    let &[t0, t1, l0, l1, l2, l3, _, _] = header else {
        return Err(damaged(
            Coding::Jpeg2000,
            "a tile-part header of a wrong length",
        ));
    };
    if u64::from(u16::from_be_bytes([t0, t1])) >= size.tiles {
        return Err(damaged(Coding::Jpeg2000, "a tile outside the picture"));
    }
    let length = u32::from_be_bytes([l0, l1, l2, l3]);
    let content = match length {
        // To the end mark, which must be there.
        0 => stream.left().checked_sub(2),
        // The marker and this segment are counted.
        _ => usize::try_from(length)
            .ok()
            .and_then(|len| len.checked_sub(12)),
    };
    let content = content.and_then(|len| stream.take(len)).ok_or_else(cut)?;
    Ok((length, content))
}

/// SIZ (A.5.1).
fn read_size(content: &[u8]) -> Result<Size, PictureError> {
    let short = || damaged(Coding::Jpeg2000, "SIZ is cut short");
    let mut siz = Cursor::new(content);
    let _capabilities = siz.u16().ok_or_else(short)?;
    let mut numbers = [0u32; 8];
    for number in &mut numbers {
        *number = siz.u32().ok_or_else(short)?;
    }
    let [x1, y1, x0, y0, tile_w, tile_h, tile_x, tile_y] = numbers;
    let count = siz.u16().ok_or_else(short)?;
    let channels = match u8::try_from(count) {
        Ok(count @ (1 | 3)) => count,
        _ => {
            return Err(PictureError::Unsupported(
                "JPEG 2000 of neither one nor three components",
            ));
        }
    };
    // No camera or scanner sets an origin, and without one sums stay small.
    if [x0, y0, tile_x, tile_y] != [0; 4] {
        return Err(PictureError::Unsupported("JPEG 2000 with an offset"));
    }
    check_size(x1, y1, channels.into())?;
    if tile_w == 0 || tile_h == 0 {
        return Err(PictureError::Empty);
    }
    let tiles = u64::from(x1.div_ceil(tile_w)) * u64::from(y1.div_ceil(tile_h));
    if tiles > MAX_TILES {
        return Err(PictureError::Unsupported("JPEG 2000 of too many tiles"));
    }
    let mut depths = Vec::new();
    for _ in 0..channels {
        let [precision, dx, dy] = siz.array().ok_or_else(short)?;
        if (dx, dy) != (1, 1) {
            return Err(PictureError::Unsupported("JPEG 2000 with subsampling"));
        }
        // The high bit: signed. The others: bits less one.
        if precision > 15 {
            return Err(PictureError::Unsupported(
                "JPEG 2000 of signed samples or more than 16 bits",
            ));
        }
        depths.push(precision + 1);
    }
    if siz.left() > 0 {
        return Err(damaged(Coding::Jpeg2000, "SIZ is too long"));
    }
    let depth = depths.first().copied().unwrap_or(8);
    if depths.iter().any(|other| *other != depth) {
        return Err(PictureError::Unsupported("JPEG 2000 of mixed depths"));
    }
    Ok(Size {
        width: x1,
        height: y1,
        channels,
        depth,
        tile: (tile_w.min(x1), tile_h.min(y1)),
        tiles,
    })
}

/// How COD (A.6.1) and COC (A.6.2) cut components up; nothing of other segments.
fn cutting(marker: u16, content: &[u8]) -> Result<Option<Cutting>, PictureError> {
    let short = || damaged(Coding::Jpeg2000, "a coding style is cut short");
    let mut style = Cursor::new(content);
    let own_precincts = match marker {
        COD => {
            let style_bits = style.u8().ok_or_else(short)?;
            let _order = style.u8().ok_or_else(short)?;
            let layers = style.u16().ok_or_else(short)?;
            if !(1..=MAX_LAYERS).contains(&layers) {
                return Err(PictureError::Unsupported("JPEG 2000 of too many layers"));
            }
            let _transform = style.u8().ok_or_else(short)?;
            style_bits & 1 != 0
        }
        COC => {
            // One byte: there are never more than three components.
            let _component = style.u8().ok_or_else(short)?;
            style.u8().ok_or_else(short)? & 1 != 0
        }
        _ => return Ok(None),
    };
    let [levels, block_w, block_h, _style, _wavelet] = style.array().ok_or_else(short)?;
    if levels > MAX_LEVELS || block_w > 8 || block_h > 8 || block_w + block_h > 8 {
        return Err(damaged(Coding::Jpeg2000, "a coding style out of range"));
    }
    let mut precinct = (15, 15);
    if own_precincts {
        for level in 0..=levels {
            let both = style.u8().ok_or_else(short)?;
            let (x, y) = (both & 15, both >> 4);
            // A precinct of a side of one pixel cannot be split among sub-bands (B.6).
            if level > 0 && (x == 0 || y == 0) {
                return Err(damaged(Coding::Jpeg2000, "a precinct without area"));
            }
            precinct = (precinct.0.min(x), precinct.1.min(y));
        }
    }
    if style.left() > 0 {
        return Err(damaged(Coding::Jpeg2000, "a coding style is too long"));
    }
    Ok(Some(Cutting {
        levels,
        block: (block_w + 2, block_h + 2),
        precinct,
    }))
}

/// Code blocks and precincts that a tile has at most when its components are cut in the finest of
/// these ways.
fn blocks(size: &Size, cuttings: &[Cutting]) -> Result<u64, PictureError> {
    let most = cuttings.iter().map(|cutting| {
        // A sub-band's share of a precinct has half its sides, and no block is larger.
        let side = |block: u8, precinct: u8| block.min(precinct.saturating_sub(1));
        let block = (
            side(cutting.block.0, cutting.precinct.0),
            side(cutting.block.1, cutting.precinct.1),
        );
        let precinct = (
            cutting.precinct.0.saturating_sub(1),
            cutting.precinct.1.saturating_sub(1),
        );
        let of_level = |level: u8| {
            // Sub-bands of this level are so many times smaller; three of each, LL once more.
            let count = |tile: u32, exponent: u8| {
                let wide = (u64::from(tile) >> level.min(63)) + 1;
                (wide >> exponent) + 2
            };
            let (w, h) = size.tile;
            let blocks = count(w, block.0) * count(h, block.1);
            let precincts = count(w, precinct.0) * count(h, precinct.1);
            3 * (blocks + precincts)
        };
        let all: u64 = (1..=cutting.levels.max(1)).map(of_level).sum();
        all.saturating_add(of_level(cutting.levels))
    });
    let most = most.max().unwrap_or(0) * u64::from(size.channels);
    if most > MAX_BLOCKS_OF_TILE {
        return Err(PictureError::Unsupported(
            "JPEG 2000 cut into too many blocks",
        ));
    }
    Ok(most)
}
