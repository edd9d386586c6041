//! Faces in a picture: YuNet (Wu, Peng, Yu, "YuNet: a tiny millisecond-level face detector",
//! Machine Intelligence Research 20, 2023), as OpenCV Zoo publishes it.
//!
//! The network looks at a picture of a fixed size, at three scales (strides of 8, 16 and 32
//! pixels), and says of every cell whether a face is centred there, its box, and five points.

use std::num::NonZeroUsize;

use rten_tensor::NdTensor;

use super::network::{ModelError, Network};
use super::picture::{CHANNELS, RgbImage, RgbView};

/// SHA-256 of the model that this was built and measured for, `face_detection_yunet_2023mar.onnx`,
/// in hexadecimal.
pub const DETECTOR_SHA256: &str =
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4";

/// Cells of the network's three outputs, in pixels of its input.
const STRIDES: [usize; 3] = [8, 16, 32];
const OUTPUTS: [&str; 12] = [
    "cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32",
    "kps_8", "kps_16", "kps_32",
];
/// Input sides are multiples of the coarsest stride.
const STEP: usize = 32;
/// Least score of a face, and most that two boxes may share (intersection over union).
const LEAST_SCORE: f32 = 0.7;
const MOST_OVERLAP: f32 = 0.3;
/// Side of the part around a face that is looked at again, of the face's.
const AROUND: f32 = 1.45;
/// From how much on a face leans, in radians: 5 degrees.
const LEANS: f32 = 0.087;
/// Most faces told of: in a crowd the nearest are among them, since they are kept by size.
const MOST_FACES: usize = 64;
/// Most cells that go into the suppression, best first, so that no picture makes it slow.
const MOST_CELLS: usize = 1024;

/// A place in a picture, in pixels from the centre of its top left pixel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Point {
    /// Distance in pixels.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub(super) fn middle(self, other: Self) -> Self {
        Self {
            x: (self.x + other.x) / 2.0,
            y: (self.y + other.y) / 2.0,
        }
    }
}

/// The five points, named from the person's own side.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Points {
    /// Centre of the right eye, which an upright person shows on the picture's left.
    pub right_eye: Point,
    /// Centre of the left eye.
    pub left_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Right corner of the mouth.
    pub right_mouth: Point,
    /// Left corner of the mouth.
    pub left_mouth: Point,
}

impl Points {
    /// In the order of the fields.
    #[must_use]
    pub fn to_array(self) -> [Point; 5] {
        [
            self.right_eye,
            self.left_eye,
            self.nose,
            self.right_mouth,
            self.left_mouth,
        ]
    }

    fn from_array([right_eye, left_eye, nose, right_mouth, left_mouth]: [Point; 5]) -> Self {
        Self {
            right_eye,
            left_eye,
            nose,
            right_mouth,
            left_mouth,
        }
    }
}

/// A face in a picture, in the picture's own pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Left edge of the box, which reaches from the forehead to the chin; it may lie outside the
    /// picture, as all of this may.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width of the box.
    pub width: f32,
    /// Height of the box.
    pub height: f32,
    /// Eyes, nose and mouth.
    pub points: Points,
    /// How sure the network is, 0 to 1.
    pub score: f32,
}

impl Face {
    /// Distance of the eyes' centres, in pixels.
    #[must_use]
    pub fn interocular(&self) -> f32 {
        self.points.right_eye.distance(self.points.left_eye)
    }

    /// What the nearest face has most of: the box's height, in pixels. Turning the head makes the
    /// eyes' distance smaller, but not this.
    #[must_use]
    pub fn size(&self) -> f32 {
        self.height
    }

    fn overlap(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        let shared = width.max(0.0) * height.max(0.0);
        let all = self.width * self.height + other.width * other.height - shared;
        shared / all.max(f32::MIN_POSITIVE)
    }
}

/// The detector: the network, and at which size it looks at pictures.
pub struct Detector {
    network: Network,
    longest: usize,
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Detector({} pixels)", self.longest)
    }
}

impl Detector {
    /// The longest side, in pixels, of what the network looks at unless told otherwise. Measured
    /// (`facebench detect`): a third of the time of 640, and every rendered face up to two metres
    /// away is found as well.
    pub const LONGEST: NonZeroUsize = NonZeroUsize::new(320).unwrap();

    /// Of the bytes of `face_detection_yunet_2023mar.onnx`; one thread.
    ///
    /// # Errors
    /// [`ModelError`] when the bytes are not that model.
    pub fn new(model: &[u8]) -> Result<Self, ModelError> {
        Self::with_longest(model, Self::LONGEST, 1)
    }

    /// The same with the longest side of the network's input in pixels (rounded up to a multiple
    /// of 32, 64 to 1280), and a number of threads.
    ///
    /// # Errors
    /// [`ModelError`] when the bytes are not that model.
    pub fn with_longest(
        model: &[u8],
        longest: NonZeroUsize,
        threads: usize,
    ) -> Result<Self, ModelError> {
        if model.len() > super::network::MAX_MODEL {
            return Err(ModelError::TooLong(model.len()));
        }
        let network = Network::new(of_any_size(model)?, "input", &OUTPUTS, threads)?;
        Ok(Self {
            network,
            longest: longest.get().clamp(64, 1280).next_multiple_of(STEP),
        })
    }

    /// The faces of a picture, largest first; at most 64, with a score of 0.7 or more.
    ///
    /// The network sets the points of a face well where its box has some 200 pixels of the input,
    /// and pulls them towards those of an upright face where it has 100 (`facebench detect`). So
    /// the largest face is looked at once more, by itself, at that size, and if it leans, a third
    /// time with its eyes level.
    ///
    /// # Errors
    /// [`ModelError::Run`] and [`ModelError::Another`] when the network does not answer.
    pub fn detect(&self, picture: &RgbView<'_>) -> Result<Vec<Face>, ModelError> {
        let mut faces = self.detect_once(picture)?;
        if let Some(largest) = faces.first_mut()
            && let Some(better) = self.again(picture, largest)?
        {
            *largest = better;
        }
        Ok(faces)
    }

    /// The same face in a part of the picture that it nearly fills; none if it is not found there.
    fn again(&self, picture: &RgbView<'_>, face: &Face) -> Result<Option<Face>, ModelError> {
        let side = AROUND * face.width.max(face.height);
        // Casting clamps what lies left or above of the picture to its edge.
        let left = (face.x + (face.width - side) / 2.0).max(0.0) as u32;
        let top = (face.y + (face.height - side) / 2.0).max(0.0) as u32;
        let part = picture.crop(left, top, side as u32, side as u32);
        let (left, top) = (left as f32, top as f32);
        let shifted = self.detect_once(&part.view())?.into_iter().map(|mut f| {
            f.x += left;
            f.y += top;
            f.points = Points::from_array(f.points.to_array().map(|p| Point {
                x: p.x + left,
                y: p.y + top,
            }));
            f
        });
        let nearest = shifted.max_by(|a, b| a.overlap(face).total_cmp(&b.overlap(face)));
        let Some(mut nearest) = nearest.filter(|f| f.overlap(face) > 0.5) else {
            return Ok(None);
        };
        if let Some(points) = self.upright(picture, &nearest)? {
            nearest.points = points;
        }
        Ok(Some(nearest))
    }

    /// The points of a leaning face, looked at with the eyes level: the network sets the nose of one
    /// that leans by 20 degrees so far aside that it seems turned by 15. None of a face that does
    /// not lean, or that is not found so.
    fn upright(&self, picture: &RgbView<'_>, face: &Face) -> Result<Option<Points>, ModelError> {
        let (right, left) = (face.points.right_eye, face.points.left_eye);
        let lean = (left.y - right.y).atan2(left.x - right.x);
        // Also false for what is no number.
        let leans = lean.abs() > LEANS;
        if !leans {
            return Ok(None);
        }
        let side = self.longest as f32;
        let scale = AROUND * face.size() / side;
        let (dx, dy) = (lean.cos() * scale, lean.sin() * scale);
        let (x, y) = (face.x + face.width / 2.0, face.y + face.height / 2.0);
        let back = |p: Point| {
            let (u, v) = (p.x - (side - 1.0) / 2.0, p.y - (side - 1.0) / 2.0);
            Point {
                x: x + u * dx - v * dy,
                y: y + u * dy + v * dx,
            }
        };
        // Samples farther apart than pixels take the mean of a few.
        let fine = (scale.ceil() as usize).clamp(1, 4);
        let mut pixels = Vec::with_capacity(self.longest * self.longest * CHANNELS);
        for row in 0..self.longest {
            for column in 0..self.longest {
                let mut sum = [0.0f32; CHANNELS];
                for part in 0..fine * fine {
                    let place = |at: usize, part: usize| {
                        at as f32 + (part as f32 + 0.5) / fine as f32 - 0.5
                    };
                    let at = back(Point {
                        x: place(column, part % fine),
                        y: place(row, part / fine),
                    });
                    for (total, value) in sum.iter_mut().zip(picture.sample(at.x, at.y)) {
                        *total += value / (fine * fine) as f32;
                    }
                }
                pixels.extend(sum.map(|v| v.round().clamp(0.0, 255.0) as u8));
            }
        }
        let side = self.longest as u32;
        let part = RgbImage::from_checked(side, side, pixels);
        let faces = self.detect_once(&part.view())?;
        let points = |f: &Face| Points::from_array(f.points.to_array().map(back));
        // Within the part the face is the one in the middle, which has most of it.
        let near = |p: &Points| p.nose.distance(face.points.nose) < 0.5 * face.size();
        Ok(faces.first().map(points).filter(near))
    }

    /// One look at the whole picture.
    ///
    /// # Errors
    /// As [`Detector::detect`].
    pub fn detect_once(&self, picture: &RgbView<'_>) -> Result<Vec<Face>, ModelError> {
        let frame = Frame::of(picture, self.longest);
        let outputs = self.network.run(frame.input(picture))?;
        let mut cells = decode(&outputs, &frame)?;
        cells.sort_by(|a, b| b.score.total_cmp(&a.score));
        cells.truncate(MOST_CELLS);
        let mut faces: Vec<Face> = Vec::new();
        for cell in cells {
            if faces.iter().all(|f| f.overlap(&cell) <= MOST_OVERLAP) {
                faces.push(cell);
            }
        }
        for face in &mut faces {
            frame.back(face);
        }
        faces.sort_by(|a, b| b.size().total_cmp(&a.size()));
        faces.truncate(MOST_FACES);
        Ok(faces)
    }
}

/// The model with its input's height and width made symbolic. The file names 640×640, though all
/// of its layers are convolutions that take any size; the runtime refuses what the file does not
/// name. In the protobuf of ONNX a dimension is either a value (field 1, here a varint of two
/// bytes) or a name (field 2, here of one letter): three bytes each, so no length changes.
fn of_any_size(model: &[u8]) -> Result<Vec<u8>, ModelError> {
    const FIXED: [u8; 18] = [
        0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 3, 0x0a, 3, 0x08, 0x80, 0x05, 0x0a, 3, 0x08, 0x80, 0x05,
    ];
    const ANY: [u8; 18] = [
        0x0a, 2, 0x08, 1, 0x0a, 2, 0x08, 3, 0x0a, 3, 0x12, 1, b'h', 0x0a, 3, 0x12, 1, b'w',
    ];
    let mut places = model
        .windows(FIXED.len())
        .enumerate()
        .filter(|(_, window)| *window == FIXED);
    let place = match (places.next(), places.next()) {
        (Some((place, _)), None) => place,
        _ => return Err(ModelError::Another("its input is not 1x3x640x640")),
    };
    let mut model = model.to_vec();
    if let Some(part) = model.get_mut(place..place + ANY.len()) {
        part.copy_from_slice(&ANY);
    }
    Ok(model)
}

/// How a picture lies in the network's input: scaled, at the top left, black beside it.
struct Frame {
    width: usize,
    height: usize,
    /// Pixels of the picture for one of the input.
    scale: f32,
}

impl Frame {
    fn of(picture: &RgbView<'_>, longest: usize) -> Self {
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let scale = width.max(height) / longest as f32;
        let side = |pixels: f32| {
            let pixels = (pixels / scale).round().max(1.0) as usize;
            pixels.next_multiple_of(STEP).min(longest)
        };
        Self {
            width: side(width),
            height: side(height),
            scale,
        }
    }

    /// The network's input: planes of blue, green and red, 0 to 255, as it was trained.
    fn input(&self, picture: &RgbView<'_>) -> NdTensor<f32, 4> {
        let plane = self.width * self.height;
        let mut values = vec![0.0f32; plane * CHANNELS];
        let used = |pixels: u32, most: usize| {
            ((pixels as f32 / self.scale).round() as usize).clamp(1, most)
        };
        let columns = used(picture.width(), self.width);
        let across: Vec<Taps> = (0..columns)
            .map(|x| self.taps(x, picture.width()))
            .collect();
        for y in 0..used(picture.height(), self.height) {
            let down = self.taps(y, picture.height());
            for (x, across) in across.iter().enumerate() {
                let rgb = mean(picture, across, &down);
                for (channel, value) in rgb.iter().rev().enumerate() {
                    if let Some(place) = values.get_mut(channel * plane + y * self.width + x) {
                        *place = *value;
                    }
                }
            }
        }
        NdTensor::from_data([1, CHANNELS, self.height, self.width], values)
    }

    /// Which pixels of a row or column an input's pixel looks at: the area it covers where the
    /// picture is made smaller, two neighbours where it is made larger.
    fn taps(&self, at: usize, pixels: u32) -> Taps {
        let last = i64::from(pixels) - 1;
        let (from, to) = (at as f32 * self.scale, (at + 1) as f32 * self.scale);
        if self.scale <= 1.0 {
            let centre = (from + to) / 2.0 - 0.5;
            let low = centre.floor();
            return Taps {
                first: (low as i64).clamp(0, last),
                last: (low as i64 + 1).clamp(0, last),
                head: 1.0 - (centre - low),
                tail: centre - low,
            };
        }
        let first = (from.floor() as i64).clamp(0, last);
        let end = (to.ceil() as i64 - 1).clamp(first, last);
        Taps {
            first,
            last: end,
            head: (first as f32 + 1.0 - from).clamp(0.0, 1.0),
            tail: (to - end as f32).clamp(0.0, 1.0),
        }
    }

    /// Takes a face from the input's pixels to the picture's.
    fn back(&self, face: &mut Face) {
        // Centres of pixels are at whole numbers on both sides.
        let place = |v: f32| (v + 0.5) * self.scale - 0.5;
        face.x = place(face.x);
        face.y = place(face.y);
        face.width *= self.scale;
        face.height *= self.scale;
        face.points = Points::from_array(face.points.to_array().map(|p| Point {
            x: place(p.x),
            y: place(p.y),
        }));
    }
}

/// A run of pixels with the weights of its ends; those between weigh 1.
struct Taps {
    first: i64,
    last: i64,
    head: f32,
    tail: f32,
}

impl Taps {
    fn weight(&self, at: i64) -> f32 {
        if at == self.first {
            self.head
        } else if at == self.last {
            self.tail
        } else {
            1.0
        }
    }
}

fn mean(picture: &RgbView<'_>, across: &Taps, down: &Taps) -> [f32; 3] {
    let mut sum = [0.0f32; 3];
    let mut all = 0.0f32;
    for y in down.first..=down.last {
        for x in across.first..=across.last {
            let weight = across.weight(x) * down.weight(y);
            for (total, value) in sum.iter_mut().zip(picture.at(x, y)) {
                *total += weight * f32::from(value);
            }
            all += weight;
        }
    }
    sum.map(|v| v / all.max(f32::MIN_POSITIVE))
}

/// The cells that hold a face, in pixels of the network's input.
fn decode(outputs: &[Vec<f32>], frame: &Frame) -> Result<Vec<Face>, ModelError> {
    let mut found = Vec::new();
    for (i, stride) in STRIDES.into_iter().enumerate() {
        let [cls, obj, boxes, points] = [i, 3 + i, 6 + i, 9 + i].map(|at| outputs.get(at));
        let (Some(cls), Some(obj), Some(boxes), Some(points)) = (cls, obj, boxes, points) else {
            return Err(ModelError::Another("an output is missing"));
        };
        let (columns, rows) = (frame.width / stride, frame.height / stride);
        let cells = columns * rows;
        let fits = [cls.len(), obj.len()] == [cells; 2]
            && boxes.len() == 4 * cells
            && points.len() == 10 * cells;
        if !fits {
            return Err(ModelError::Another("an output is of another size"));
        }
        let (boxes, _) = boxes.as_chunks::<4>();
        let (points, _) = points.as_chunks::<10>();
        let all = cls.iter().zip(obj).zip(boxes).zip(points).enumerate();
        for (cell, (((cls, obj), [dx, dy, w, h]), points)) in all {
            let score = (cls.clamp(0.0, 1.0) * obj.clamp(0.0, 1.0)).sqrt();
            // Also false for what is no number.
            let counts = score >= LEAST_SCORE;
            if !counts {
                continue;
            }
            let size = stride as f32;
            let (column, row) = ((cell % columns) as f32, (cell / columns) as f32);
            let (width, height) = (w.exp() * size, h.exp() * size);
            let face = Face {
                x: (column + dx) * size - width / 2.0,
                y: (row + dy) * size - height / 2.0,
                width,
                height,
                points: Points::from_array(std::array::from_fn(|p| Point {
                    x: (points[2 * p] + column) * size,
                    y: (points[2 * p + 1] + row) * size,
                })),
                score,
            };
            if is_finite(&face) {
                found.push(face);
            }
        }
    }
    Ok(found)
}

fn is_finite(face: &Face) -> bool {
    let points = face.points.to_array();
    [face.x, face.y, face.width, face.height]
        .into_iter()
        .chain(points.iter().flat_map(|p| [p.x, p.y]))
        .all(f32::is_finite)
}
