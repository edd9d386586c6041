//! Synthetic faces: for the demonstration and for tests, never for claims about accuracy.
//!
//! A head is a shape of some forty measures drawn from its number: rings from the crown to the
//! chin with brow, eyes, nose, lips and chin pushed out of them, skin, hair or a headscarf, beard
//! and moles. A scene places heads before a camera, turns them, lights them and takes a picture,
//! and knows where the five points fall. No picture of a person has any part in it. Everything
//! follows from seeds, on every machine the same up to floating-point rounding.

mod head;
mod render;
mod space;
mod surface;

use super::detect::Points;
use super::guide::Thresholds;
use super::picture::{RgbImage, RgbView};

/// Somebody before the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Person {
    /// Whose head: the same number gives the same head.
    pub id: u64,
    /// Degrees, signs as in [`Pose`](super::Pose).
    pub yaw: f32,
    /// Degrees, down.
    pub pitch: f32,
    /// Degrees, towards the person's right shoulder.
    pub roll: f32,
    /// From the camera to the eyes, in millimetres.
    pub distance: f32,
    /// From the line of sight to the picture's right, in millimetres.
    pub aside: f32,
    /// Above the line of sight, in millimetres.
    pub up: f32,
}

impl Person {
    /// Upright, looking into the camera from 600 millimetres, in the picture's middle.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            yaw: 0.0,
            pitch: 0.0,
            roll: 0.0,
            distance: 600.0,
            aside: 0.0,
            up: 12.0,
        }
    }
}

/// One lamp and the light from all around.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// From the camera to the picture's right, in degrees.
    pub azimuth: f32,
    /// Upwards, in degrees.
    pub elevation: f32,
    /// Strength of the lamp.
    pub key: f32,
    /// Strength of the light from all around.
    pub ambient: f32,
    /// What both are multiplied with.
    pub exposure: f32,
}

impl Default for Light {
    /// A bright room, the lamp a little above the camera.
    fn default() -> Self {
        Self {
            azimuth: 8.0,
            elevation: 28.0,
            key: 0.75,
            ambient: 0.55,
            exposure: 1.0,
        }
    }
}

/// A picture to be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Width in pixels, 1 to 2048.
    pub width: u32,
    /// Height in pixels, 1 to 2048.
    pub height: u32,
    /// Focal length in the picture's longer sides: 1 is 53 degrees from edge to edge.
    pub focal: f32,
    /// Who is in it.
    pub people: Vec<Person>,
    /// How it is lit.
    pub light: Light,
    /// Deviation of the blur in pixels, 0 for a sharp picture.
    pub blur: f32,
    /// Deviation of the sensor's noise in grey levels.
    pub noise: f32,
    /// Of the background and the noise.
    pub seed: u64,
}

impl Scene {
    /// One person in a sharp picture of 480 by 640 pixels.
    #[must_use]
    pub fn of(person: Person) -> Self {
        Self {
            width: 480,
            height: 640,
            focal: 1.0,
            people: vec![person],
            light: Light::default(),
            blur: 0.0,
            noise: 1.5,
            seed: person.id,
        }
    }

    /// Takes the picture. Sides outside 1..=2048 are brought into that range.
    #[must_use]
    pub fn render(&self) -> RgbImage {
        if self.width.clamp(1, MAX_SIDE) != self.width
            || self.height.clamp(1, MAX_SIDE) != self.height
        {
            let mut scene = self.clone();
            scene.width = self.width.clamp(1, MAX_SIDE);
            scene.height = self.height.clamp(1, MAX_SIDE);
            return render::render(&scene);
        }
        render::render(self)
    }

    /// Where the five points of one of its people fall, whether they are seen or not; none if the
    /// person stands too near or there is no such person.
    #[must_use]
    pub fn points(&self, person: usize) -> Option<Points> {
        render::points(self, self.people.get(person)?)
    }
}

const MAX_SIDE: u32 = 2048;

/// The thresholds of guidance with the pitch that rendered heads are told to have: 8 degrees down
/// when they look ahead, and 0.3 of what they turn up or down, since the detector's points follow
/// a smooth nose and mouth less than the truth (`facebench pose`).
#[must_use]
pub fn thresholds() -> Thresholds {
    Thresholds {
        pitch_ahead: 8.0,
        pitch: 6.0,
        ..Thresholds::default()
    }
}

/// A colour PNG of a picture, for looking at; empty if it could not be written.
#[must_use]
pub fn encode_png(picture: &RgbView<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(picture.pixels()));
    if written.is_err() {
        out.clear();
    }
    out
}
