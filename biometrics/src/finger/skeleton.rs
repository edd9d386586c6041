//! One-pixel-wide ridges by thinning (Guo, Hall, Communications of the ACM 32(3), 1989).

/// A binary picture with a margin of one empty pixel, so that every ridge pixel has eight
/// neighbours without a check.
#[derive(Debug, Clone)]
pub(crate) struct Skeleton {
    /// Row length including the margin.
    pub stride: usize,
    pub set: Vec<bool>,
}

/// Offsets of the neighbours, clockwise from north, y down.
pub(crate) fn around(stride: usize) -> [isize; 8] {
    let s = stride as isize;
    [-s, 1 - s, 1, s + 1, s, s - 1, -1, -s - 1]
}

impl Skeleton {
    /// Thins the ridge pixels `ridge(x, y)` of a `w * h` picture.
    pub fn thin(w: usize, h: usize, ridge: impl Fn(usize, usize) -> bool) -> Self {
        let stride = w + 2;
        let mut set = vec![false; stride * (h + 2)];
        let mut alive = Vec::new();
        for y in 0..h {
            for x in 0..w {
                if ridge(x, y) {
                    let at = (y + 1) * stride + x + 1;
                    set[at] = true;
                    alive.push(at);
                }
            }
        }
        let mut skeleton = Self { stride, set };
        let tables = [deletable(0), deletable(1)];
        let mut doomed = Vec::new();
        loop {
            let before = alive.len();
            for table in &tables {
                doomed.clear();
                doomed.extend(
                    alive
                        .iter()
                        .copied()
                        .filter(|&p| table[usize::from(skeleton.ring(p))]),
                );
                doomed.iter().for_each(|&p| skeleton.set[p] = false);
                alive.retain(|&p| skeleton.set[p]);
            }
            if alive.len() == before {
                return skeleton;
            }
        }
    }

    /// The eight neighbours as bits, bit 0 north, clockwise.
    pub fn ring(&self, at: usize) -> u8 {
        around(self.stride)
            .iter()
            .enumerate()
            .fold(0, |bits, (i, &d)| {
                bits | (u8::from(self.set[at.wrapping_add_signed(d)]) << i)
            })
    }

    /// Whether a place of the margin-free picture is on a ridge.
    pub fn is_set(&self, x: usize, y: usize) -> bool {
        self.set[(y + 1) * self.stride + x + 1]
    }

    /// Position in the margin-free picture.
    pub fn place(&self, at: usize) -> (usize, usize) {
        (at % self.stride - 1, at / self.stride - 1)
    }
}

/// Times the ring changes between ridge and valley, halved: 1 at an ending, 2 along a ridge,
/// 3 and more at a fork (Rutovitz crossing number).
pub(crate) fn crossings(ring: u8) -> u32 {
    (ring ^ ring.rotate_left(1)).count_ones() / 2
}

/// For each ring of neighbours, whether the pixel goes in this half step.
fn deletable(half: usize) -> [bool; 256] {
    let mut table = [false; 256];
    for (ring, out) in table.iter_mut().enumerate() {
        let p = |i: usize| ring >> i & 1 == 1;
        let (n, ne, e, se, s, sw, w, nw) = (p(0), p(1), p(2), p(3), p(4), p(5), p(6), p(7));
        let count = |list: [bool; 4]| list.iter().filter(|&&b| b).count();
        let turns = count([
            !n && (ne || e),
            !e && (se || s),
            !s && (sw || w),
            !w && (nw || n),
        ]);
        let n1 = count([nw || n, ne || e, se || s, sw || w]);
        let n2 = count([n || ne, e || se, s || sw, w || nw]);
        let blocked = if half == 0 {
            (s || sw || !nw) && w
        } else {
            (n || ne || !se) && e
        };
        *out = turns == 1 && (2..=3).contains(&n1.min(n2)) && !blocked;
    }
    table
}
