//! Read twice alike.

use crate::Read;
use std::collections::VecDeque;
use zeroize::Zeroizing;

/// Readings that are remembered.
const REMEMBERED: usize = 6;

/// Holds readings until two are alike.
///
/// A name, a nationality, a sex have no check digit: what goes into a form was read twice alike, of two
/// frames. A fault of the document itself, or of the print, is read twice alike as well.
#[derive(Default)]
pub struct Steady {
    seen: VecDeque<Zeroizing<String>>,
}

impl std::fmt::Debug for Steady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Steady({} seen)", self.seen.len())
    }
}

impl Steady {
    /// The next frame's reading. Gives the zone's lines when one of the last few frames said the very same.
    pub fn offer(&mut self, read: Read) -> Option<Zeroizing<String>> {
        if self.seen.iter().any(|seen| **seen == *read.text) {
            self.seen.clear();
            return Some(read.text);
        }
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(read.text);
        None
    }
}
