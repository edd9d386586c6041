//! The record of a print.
use biometrics::finger::{GreyImage, encode_png};
pub fn of(picture: &GreyImage, position: u8, raw: bool) -> Vec<u8> {
    let data = if raw {
        picture.pixels().to_vec()
    } else {
        encode_png(picture)
    };
    let mut rep = Vec::new();
    rep.extend([0; 9]);
    rep.extend([0, 0, 0, 0, 0]);
    rep.push(0);
    rep.extend([position, 0, 1]);
    let ppi = picture.ppi().to_be_bytes();
    for _ in 0..4 {
        rep.extend(ppi);
    }
    rep.extend([8, if raw { 0 } else { 5 }, 0]);
    rep.extend((picture.width() as u16).to_be_bytes());
    rep.extend((picture.height() as u16).to_be_bytes());
    rep.extend((data.len() as u32).to_be_bytes());
    rep.extend(data);
    let mut all = b"FIR\0020\0".to_vec();
    all.extend((16 + 4 + rep.len() as u32).to_be_bytes());
    all.extend([0, 1, 0, 1]);
    all.extend((4 + rep.len() as u32).to_be_bytes());
    all.extend(rep);
    all
}
