//! §8: the machine-readable zone of a document, read in the camera's frames. Its lines go into the form as
//! if they were typed; no frame is kept.

use super::Worker;
use super::photo::{Look, Said};
use crate::device::Picture;
use crate::pages::{DocumentProblem, Screen, Search, ZoneHint};
use mrz::{Pixels, Steady, View};
use regulation::Date;
use zeroize::Zeroize as _;

/// A hint is told when so many frames in a row give it: one that flickers helps nobody.
const FRAMES_OF_A_HINT: u32 = 3;

impl Worker {
    /// The local day; `None` if the clock is so wrong that it names none.
    pub(super) fn today(&self) -> Option<Date> {
        let offset = self.parts.edition.limits.utc_offset_minutes;
        self.parts.clock.now().local_date(offset).ok()
    }

    /// Where a zone can be typed.
    pub(super) fn read_zone(&mut self) {
        if self.state.screen != Screen::Document || self.state.document_review.is_some() {
            return;
        }
        if self.today().is_none() {
            self.state.document_problem = Some(DocumentProblem::BirthDate);
            return;
        }
        self.open_camera(None, Some(Search::ZONE));
    }

    /// The page takes it over, and gives it back as it does a typed one.
    pub(super) fn zone_seen(&mut self, text: &str) {
        self.forget_zone();
        let read = &mut self.state.document_read;
        read.0.push_str(text);
        read.1 = read.1.wrapping_add(1);
        self.close_camera();
    }

    pub(super) fn zone_hint(&mut self, hint: Option<ZoneHint>) {
        if let Some(photo) = &mut self.state.photo {
            photo.search = Some(Search::Zone { hint });
        }
    }

    pub(super) fn forget_zone(&mut self) {
        self.state.document_read.0.zeroize();
    }
}

/// Reads zones until one was read twice alike; tells why none is read.
pub(super) fn look(today: Date) -> Look {
    let mut steady = Steady::default();
    let mut hints = Hints::default();
    Box::new(move |picture| match read(picture, today) {
        Ok(read) => match steady.offer(read) {
            Some(text) => Some(Said::Zone(text)),
            None => hints.next(None).map(Said::ZoneHint),
        },
        Err(hint) => hints.next(Some(hint)).map(Said::ZoneHint),
    })
}

fn read(picture: &Picture, today: Date) -> Result<mrz::Read, ZoneHint> {
    let side = |side: u32| usize::try_from(side).unwrap_or(usize::MAX);
    let view = View {
        width: side(picture.width()),
        height: side(picture.height()),
        pixels: Pixels::Rgb(picture.pixels()),
    };
    mrz::read(&view, today)
}

/// Hints that last.
#[derive(Default)]
struct Hints {
    told: Option<ZoneHint>,
    next: Option<ZoneHint>,
    frames: u32,
}

impl Hints {
    /// What is to be told now; `None`: nothing new. A frame that was read ends a hint at once.
    fn next(&mut self, hint: Option<ZoneHint>) -> Option<Option<ZoneHint>> {
        self.frames = if hint == self.next {
            self.frames + 1
        } else {
            1
        };
        self.next = hint;
        let lasts = hint.is_none() || self.frames >= FRAMES_OF_A_HINT;
        (lasts && self.told != hint).then(|| {
            self.told = hint;
            hint
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use mrz::synth::{Document, Font, Random, Shot, photograph};

    fn seen(seed: u64) -> Picture {
        let mut random = Random::new(seed);
        let shot = Shot::plain(960, 720).jitter(&mut random);
        let grey = photograph(&Document::specimen(), &shot, &Font::new(), &mut random);
        let pixels = grey.iter().flat_map(|value| [*value; 3]).collect();
        Picture::new(960, 720, pixels).unwrap()
    }

    #[test]
    fn a_zone_is_told_when_it_was_read_twice() {
        let mut look = look(Date::new(2026, 1, 15).unwrap());
        assert!(look(&seen(1)).is_none());
        match look(&seen(2)) {
            Some(Said::Zone(text)) => assert_eq!(*text, Document::specimen().zone),
            _ => panic!(),
        }
    }

    #[test]
    fn a_hint_is_told_once_and_when_it_lasts() {
        let (blurred, none) = (Some(ZoneHint::Blurred), Some(ZoneHint::NoZone));
        let mut hints = Hints::default();
        let told = [
            blurred, none, blurred, blurred, blurred, blurred, none, None, blurred,
        ]
        .map(|hint| hints.next(hint));
        let mut expected = [None; 9];
        expected[4] = Some(blurred);
        expected[7] = Some(None);
        assert_eq!(told, expected);
    }
}
