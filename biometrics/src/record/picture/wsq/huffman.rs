//! Huffman codes of WSQ, and what their values stand for (annex A).

/// Canonical codes, as JPEG's: of each length the first code and where its values begin.
pub(super) struct Table {
    lengths: [Length; 16],
    values: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
struct Length {
    first: u32,
    count: u32,
    values: u32,
}

impl Table {
    /// Of so many codes of 1 to 16 bits and their values. `None` when there are more codes of a
    /// length than its shorter ones leave.
    pub fn new(counts: [u8; 16], values: &[u8]) -> Option<Self> {
        let mut lengths = [Length::default(); 16];
        let (mut code, mut at) = (0u32, 0u32);
        for ((length, count), bits) in lengths.iter_mut().zip(counts).zip(1u32..) {
            let count = u32::from(count);
            *length = Length {
                first: code,
                count,
                values: at,
            };
            if code + count > 1 << bits {
                return None;
            }
            at += count;
            code = (code + count) << 1;
        }
        (at as usize == values.len()).then(|| Self {
            lengths,
            values: values.to_vec(),
        })
    }

    /// Decodes a piece of data, in which 0xff is followed by 0, behind `out`, up to `most`
    /// coefficients in all.
    pub fn decode(
        &self,
        piece: &[u8],
        most: usize,
        out: &mut Vec<i16>,
    ) -> Result<(), &'static str> {
        let mut bits = Bits {
            bytes: piece.iter(),
            byte: 0,
            left: 0,
        };
        // A piece ends with fewer bits than a byte has, which make no code.
        while let Some(value) = self.symbol(&mut bits)? {
            let mut argument = |count: u32| {
                let read = bits.take(count).ok_or("a value is cut short")?;
                u16::try_from(read).map_err(|_| "a value is cut short")
            };
            // A run of zeros, or one coefficient.
            let (zeros, coefficient) = match value {
                1..=100 => (usize::from(value), None),
                101 => (0, Some(i32::from(argument(8)?))),
                102 => (0, Some(-i32::from(argument(8)?))),
                103 => (0, Some(i32::from(argument(16)?))),
                104 => (0, Some(-i32::from(argument(16)?))),
                105 => (usize::from(argument(8)?), None),
                106 => (usize::from(argument(16)?), None),
                107..=254 => (0, Some(i32::from(value) - 180)),
                0 | 255 => return Err("a code without a meaning"),
            };
            let room = most.saturating_sub(out.len());
            if zeros + usize::from(coefficient.is_some()) > room {
                return Err("more coefficients than the picture has");
            }
            out.resize(out.len() + zeros, 0);
            if let Some(value) = coefficient {
                out.push(i16::try_from(value).map_err(|_| "a coefficient out of range")?);
            }
        }
        Ok(())
    }

    /// The next value; `None` at the end of the data.
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<Option<u8>, &'static str> {
        let mut code = 0u32;
        for (length, read) in self.lengths.iter().zip(0..) {
            let Some(bit) = bits.next() else {
                return if read < 8 {
                    Ok(None)
                } else {
                    Err("cut short in a code")
                };
            };
            code = code << 1 | bit;
            if let Some(at) = code
                .checked_sub(length.first)
                .filter(|at| *at < length.count)
            {
                let value = self.values.get((length.values + at) as usize);
                return value.copied().map(Some).ok_or("a code without a value");
            }
        }
        Err("a code that the table does not have")
    }
}

/// Bits, the highest of a byte first.
struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    byte: u8,
    left: u8,
}

impl Bits<'_> {
    fn next(&mut self) -> Option<u32> {
        if self.left == 0 {
            self.byte = *self.bytes.next()?;
            self.left = 8;
            if self.byte == 0xff {
                // The zero stuffed behind it.
                self.bytes.next();
            }
        }
        self.left -= 1;
        Some(u32::from(self.byte >> self.left & 1))
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |sum, _| Some(sum << 1 | self.next()?))
    }
}
