//! What to tell the officer before a face is photographed, and when to take the picture.

use std::time::Duration;

use super::detect::Face;
use super::measure::Light;
use super::picture::{RgbImage, RgbView};
use super::pose::Pose;

/// A side, from the person in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The person's right, which is the picture's left.
    Right,
    /// The person's left.
    Left,
}

/// Towards which edge of the picture a face lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// The picture's left.
    Left,
    /// The picture's right.
    Right,
    /// The picture's top.
    Top,
    /// The picture's bottom.
    Bottom,
}

/// The one thing to say, in the order in which they are asked: what comes first hides what comes
/// after, because it makes the rest unmeasurable or would change it anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guidance {
    /// Nobody is in the picture.
    NoFace,
    /// Somebody else is about as near.
    Several,
    /// Come closer.
    TooFar,
    /// Step back: the portrait does not fit into the picture.
    TooNear,
    /// The portrait reaches over an edge of the picture.
    OffCentre(Edge),
    /// The face looks to one of its sides.
    TurnedAside(Side),
    /// The head leans to one of its shoulders.
    HeadTilted(Side),
    /// Chin up too far.
    LooksUp,
    /// Chin down too far.
    LooksDown,
    /// Too little light on the face.
    TooDark,
    /// Too much light on the face.
    TooBright,
    /// One cheek is in shadow.
    UnevenLight,
    /// Moved, or out of focus.
    Blurred,
    /// All is well: keep still.
    Hold,
}

/// What was measured of the nearest face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Distance of the eyes in pixels, as if the face looked ahead (the measured one by the cosine
    /// of the yaw).
    pub interocular: f32,
    /// Which way the head is turned.
    pub pose: Pose,
    /// Its light and sharpness.
    pub light: Light,
    /// The next largest face's size by this one's; 0 without one.
    pub rival: f32,
}

/// From where on something is said. Compared with [`Measures`].
///
/// The standards speak of enrolment in a studio; an officer stands in the street. Where their
/// figure was not taken, the reason stands with the field. Those that no standard gives were set
/// on rendered faces (`facebench guide`), and want setting anew on a real camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A second face with more than this part of the nearest's size is a rival. No standard: 0.75
    /// is somebody a third of the distance farther away.
    pub rival: f32,
    /// Least eye distance in pixels. ISO/IEC 19794-5 asks 90 of a full frontal picture; the
    /// portrait of 90 fills a frame of 480 rows whole and leaves no play, so 60 unless told. The
    /// comparison's network looks at a picture with 35.
    pub interocular: f32,
    /// How far the portrait may reach over an edge of the picture, of its height. At the top and
    /// at the sides it is background.
    pub over_edge: f32,
    /// Most yaw, degrees. ISO/IEC 19794-5 has 5 for a full frontal picture; five points tell it to
    /// within some 5 degrees, so 12.
    pub yaw: f32,
    /// Pitch that is told of a face which looks ahead. 0 of the mean face by construction; to be
    /// set by looking at people on the camera at hand (rendered heads:
    /// `synth::thresholds`).
    pub pitch_ahead: f32,
    /// Most pitch up or down from there, as it is told, which is less than the head turns.
    pub pitch: f32,
    /// Most roll, degrees: 8, as ISO/IEC 19794-5.
    pub roll: f32,
    /// Least mean grey. No standard figure: dark skin in good light has about 70.
    pub dark: f32,
    /// Most mean grey.
    pub bright: f32,
    /// Most of the face that may be blown out.
    pub blown: f32,
    /// Least evenness: 0.5, as ICAO's Technical Report "Portrait Quality" (2018).
    pub evenness: f32,
    /// Least sharpness; see [`Light::sharpness`].
    pub sharpness: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            rival: 0.75,
            interocular: 60.0,
            over_edge: 0.04,
            yaw: 12.0,
            pitch_ahead: 0.0,
            pitch: 12.0,
            roll: 8.0,
            dark: 50.0,
            bright: 215.0,
            blown: 0.12,
            evenness: 0.5,
            sharpness: 0.05,
        }
    }
}

/// What [`guide`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guided {
    /// What to say.
    pub guidance: Guidance,
    /// The nearest face and what was measured of it; none without a face. Also there when there
    /// is something to say, for the outline and for a picture taken by hand.
    pub nearest: Option<(Face, Measures)>,
}

/// Judges a picture by the faces that were found in it.
#[must_use]
pub fn guide(picture: &RgbView<'_>, faces: &[Face], thresholds: &Thresholds) -> Guided {
    let nearest = faces
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.size().total_cmp(&b.1.size()));
    let Some((index, face)) = nearest else {
        return Guided {
            guidance: Guidance::NoFace,
            nearest: None,
        };
    };
    let others = faces.iter().enumerate().filter(|(i, _)| *i != index);
    let second = others.map(|(_, f)| f.size()).fold(0.0, f32::max);
    let pose = Pose::of(&face.points);
    let measures = Measures {
        interocular: face.interocular() / pose.yaw.to_radians().cos().max(0.3),
        pose,
        light: Light::of(picture, face),
        rival: second / face.size().max(f32::MIN_POSITIVE),
    };
    Guided {
        guidance: said(picture, face, &measures, thresholds),
        nearest: Some((*face, measures)),
    }
}

fn said(picture: &RgbView<'_>, face: &Face, m: &Measures, t: &Thresholds) -> Guidance {
    let frame = Portrait::of(face, m.interocular);
    let (yaw, roll) = (m.pose.yaw, m.pose.roll);
    let pitch = m.pose.pitch - t.pitch_ahead;
    if m.rival > t.rival {
        return Guidance::Several;
    }
    if m.interocular < t.interocular {
        return Guidance::TooFar;
    }
    let over = t.over_edge * frame.height;
    if frame.height > picture.height() as f32 + 2.0 * over
        || frame.width > picture.width() as f32 + 2.0 * over
    {
        return Guidance::TooNear;
    }
    if let Some(edge) = frame.over(picture, over) {
        return Guidance::OffCentre(edge);
    }
    let side = |angle: f32, positive, negative| if angle > 0.0 { positive } else { negative };
    if yaw.abs() > t.yaw {
        return Guidance::TurnedAside(side(yaw, Side::Left, Side::Right));
    }
    if roll.abs() > t.roll {
        return Guidance::HeadTilted(side(roll, Side::Right, Side::Left));
    }
    if pitch < -t.pitch {
        return Guidance::LooksUp;
    }
    if pitch > t.pitch {
        return Guidance::LooksDown;
    }
    let light = &m.light;
    if light.luma < t.dark {
        return Guidance::TooDark;
    }
    if light.luma > t.bright || light.blown > t.blown {
        return Guidance::TooBright;
    }
    if light.evenness < t.evenness {
        return Guidance::UnevenLight;
    }
    if light.sharpness < t.sharpness {
        return Guidance::Blurred;
    }
    Guidance::Hold
}

/// Where the portrait of a face lies: the token picture of ISO/IEC 19794-5, clause 9: four eye
/// distances wide, three to four in shape, the eyes in the middle at three fifths of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Portrait {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl Portrait {
    fn of(face: &Face, interocular: f32) -> Self {
        let eyes = face.points.right_eye.middle(face.points.left_eye);
        // The middle of the eyes of a turned head is not the head's.
        let centre = (eyes.x + face.x + face.width / 2.0) / 2.0;
        let width = 4.0 * interocular;
        Self {
            left: centre - width / 2.0,
            top: eyes.y - 0.6 * width,
            width,
            height: width / 0.75,
        }
    }

    /// The edge of the picture that it reaches over farthest, if by more than `play`.
    fn over(&self, picture: &RgbView<'_>, play: f32) -> Option<Edge> {
        let edges = [
            (-self.left, Edge::Left),
            (self.left + self.width - picture.width() as f32, Edge::Right),
            (-self.top, Edge::Top),
            (
                self.top + self.height - picture.height() as f32,
                Edge::Bottom,
            ),
        ];
        let (far, edge) = edges.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        (far > play).then_some(edge)
    }
}

/// The portrait of a face: shape and margins of the token picture of ISO/IEC 19794-5, so that
/// whoever stands beside is not in it. Pixels are copied as they are, neither scaled nor turned;
/// what reaches over the picture's edge is cut off.
#[must_use]
pub fn crop(picture: &RgbView<'_>, face: &Face) -> RgbImage {
    let yaw = Pose::of(&face.points).yaw;
    let frame = Portrait::of(face, face.interocular() / yaw.to_radians().cos().max(0.3));
    // Casting clamps, and takes what is no number for 0.
    let (left, top) = (frame.left.round() as i64, frame.top.round() as i64);
    let right = (frame.left + frame.width).round() as i64;
    let bottom = (frame.top + frame.height).round() as i64;
    let within = |at: i64, most: u32| at.clamp(0, i64::from(most)) as u32;
    let (x, y) = (within(left, picture.width()), within(top, picture.height()));
    let width = within(right, picture.width()).saturating_sub(x);
    let height = within(bottom, picture.height()).saturating_sub(y);
    picture.crop(x, y, width, height)
}

/// What to do with the shutter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shutter {
    /// Not yet; how much of the time is over, 0 to 1.
    Wait(f32),
    /// Take this picture. Said once until something else than [`Guidance::Hold`] was seen.
    Take,
}

/// Takes the picture by itself once the guidance has been [`Guidance::Hold`] for long enough.
///
/// Reads no clock: the time of a frame is handed in, from any beginning. A gap between frames, a
/// time that goes back, or any other guidance begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steady {
    hold: Duration,
    gap: Duration,
    state: Holding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding {
    No,
    Since { first: Duration, last: Duration },
    Taken,
}

impl Steady {
    /// To be held for `hold`; frames farther apart than `gap` do not make one holding.
    #[must_use]
    pub fn new(hold: Duration, gap: Duration) -> Self {
        Self {
            hold,
            gap,
            state: Holding::No,
        }
    }

    /// What to do after the guidance of a frame that was taken `at`.
    pub fn see(&mut self, guidance: Guidance, at: Duration) -> Shutter {
        if guidance != Guidance::Hold {
            self.state = Holding::No;
            return Shutter::Wait(0.0);
        }
        let first = match self.state {
            Holding::Taken => return Shutter::Wait(1.0),
            Holding::Since { first, last } if last <= at && at - last <= self.gap => first,
            _ => at,
        };
        let held = at.saturating_sub(first);
        // Two frames at least: one alone says nothing about keeping still.
        if held >= self.hold && at > first {
            self.state = Holding::Taken;
            return Shutter::Take;
        }
        self.state = Holding::Since { first, last: at };
        let part = held.as_secs_f32() / self.hold.as_secs_f32().max(f32::MIN_POSITIVE);
        Shutter::Wait(part.min(1.0))
    }

    /// Begins anew, as after a picture that was not good enough.
    pub fn reset(&mut self) {
        self.state = Holding::No;
    }
}

impl Default for Steady {
    /// 0.6 s of holding, frames no farther apart than 0.4 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(600), Duration::from_millis(400))
    }
}
