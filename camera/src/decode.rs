//! What cameras give, as pictures: JPEG by frame, or pixels in pairs that share their colour.

use image::ImageReader;
use std::io::Cursor;
use tablet::device::{CameraFault, MOST_SIDE, Picture};
use zeroize::Zeroize as _;

/// How a camera writes a frame down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// "MJPG": a JPEG a frame.
    Jpeg,
    /// "YUYV": two pixels in four bytes, with one colour.
    Yuyv,
}

/// A frame as the camera gave it. `width` and `height` as agreed on; a JPEG says its own.
///
/// # Errors
/// [`CameraFault::BrokenFrame`]: it was cut, is none, or has a size that no picture has.
pub fn decode(
    layout: Layout,
    width: u32,
    height: u32,
    bytes: &[u8],
) -> Result<Picture, CameraFault> {
    match layout {
        Layout::Jpeg => jpeg(bytes),
        Layout::Yuyv => yuyv(width, height, bytes),
    }
}

fn jpeg(bytes: &[u8]) -> Result<Picture, CameraFault> {
    let mut reader = ImageReader::new(Cursor::new(bytes));
    reader.set_format(image::ImageFormat::Jpeg);
    // Before anything is allocated for it.
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    reader.limits(limits);
    let image = reader.decode().map_err(|_| CameraFault::BrokenFrame)?;
    let image = image.into_rgb8();
    let (width, height) = image.dimensions();
    Ok(Picture::new(width, height, image.into_raw())?)
}

/// BT.601, as cameras have it; in whole numbers of 1/256.
fn yuyv(width: u32, height: u32, bytes: &[u8]) -> Result<Picture, CameraFault> {
    let wanted = u128::from(width) * u128::from(height) * 2;
    // A driver may give a longer buffer than it fills; a shorter one was cut.
    let bytes = usize::try_from(wanted).ok().and_then(|n| bytes.get(..n));
    let bytes = bytes.ok_or(CameraFault::BrokenFrame)?;
    if !width.is_multiple_of(2) {
        return Err(CameraFault::BrokenFrame);
    }
    let mut pixels = Vec::with_capacity(bytes.len() / 2 * 3);
    for pair in bytes.chunks_exact(4) {
        let (u, v) = (i32::from(pair[1]) - 128, i32::from(pair[3]) - 128);
        for y in [pair[0], pair[2]] {
            let y = 298 * (i32::from(y) - 16);
            pixels.extend([
                shade(y + 409 * v),
                shade(y - 100 * u - 208 * v),
                shade(y + 516 * u),
            ]);
        }
    }
    let picture = Picture::new(width, height, std::mem::take(&mut pixels));
    pixels.zeroize();
    Ok(picture?)
}

fn shade(of_256: i32) -> u8 {
    u8::try_from(((of_256 + 128) >> 8).clamp(0, 255)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// One colour all over.
    fn plain(y: u8, u: u8, v: u8) -> Vec<u8> {
        [y, u, y, v].repeat(64 * 48 / 2)
    }

    #[test]
    fn pairs_of_pixels_become_the_colours_they_stand_for() {
        for ((y, u, v), rgb) in [
            ((16, 128, 128), [0, 0, 0]),
            ((235, 128, 128), [255, 255, 255]),
            ((81, 90, 240), [255, 0, 0]),
            ((145, 54, 34), [0, 255, 1]),
            ((41, 240, 110), [0, 0, 255]),
        ] {
            let picture = decode(Layout::Yuyv, 64, 48, &plain(y, u, v)).unwrap();
            let off = |n: usize| picture.pixels()[n].abs_diff(rgb[n]);
            assert!(off(0) <= 2 && off(1) <= 2 && off(2) <= 2, "{rgb:?}");
        }
    }

    #[test]
    fn a_longer_buffer_is_read_as_far_as_it_counts_and_a_cut_one_not_at_all() {
        let mut bytes = plain(81, 90, 240);
        bytes.extend([0; 4096]);
        assert!(decode(Layout::Yuyv, 64, 48, &bytes).is_ok());
        let broken = |width, height, bytes: &[u8]| decode(Layout::Yuyv, width, height, bytes).err();
        let cut = Some(CameraFault::BrokenFrame);
        assert_eq!(broken(64, 48, &bytes[..64 * 48 * 2 - 1]), cut);
        assert_eq!(broken(63, 48, &bytes), cut);
        assert_eq!(broken(8, 8, &bytes), cut);
        assert_eq!(broken(u32::MAX, u32::MAX, &bytes), cut);
    }

    #[test]
    fn a_jpeg_is_read_by_its_own_size_and_nothing_else_is_one() {
        let pixels = [200, 40, 40].repeat(320 * 240);
        let picture = Picture::new(320, 240, pixels).unwrap();
        let jpeg = picture.jpeg(90, 1024 * 1024).unwrap();
        let read = decode(Layout::Jpeg, 640, 480, &jpeg).unwrap();
        assert_eq!((read.width(), read.height()), (320, 240));
        assert!(read.pixels()[0].abs_diff(200) < 8 && read.pixels()[1].abs_diff(40) < 8);
        for bytes in [&jpeg[..100], &[], b"no picture at all"] {
            assert_eq!(
                decode(Layout::Jpeg, 320, 240, bytes).err(),
                Some(CameraFault::BrokenFrame)
            );
        }
        // A size in its head that no picture has: 65,535 by 65,535.
        let mut bomb = jpeg.to_vec();
        let head = bomb.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
        bomb[head + 5..head + 9].fill(0xFF);
        assert_eq!(
            decode(Layout::Jpeg, 320, 240, &bomb).err(),
            Some(CameraFault::BrokenFrame)
        );
    }
}
