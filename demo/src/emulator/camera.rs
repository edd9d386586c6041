//! Cameras that look at drawn scenes.
//!
//! The [`CameraPanel`] is the world outside: what stands before the lens, and what is wrong with the
//! camera. The [`EmulatedCamera`] is the device: it gives frames at the pace of a real one, each a
//! little different from the last, and fails in the ways of real ones.

use biometrics::face::{RgbImage, synth};
use mrz::synth::{Document, Font, Random, Shot, photograph};
use rxing::{BarcodeFormat, MultiFormatWriter, Writer as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tablet::device::{Camera, CameraFault, CameraStream, Facing, Picture};

/// Time from frame to frame.
const FRAME: Duration = Duration::from_millis(40);
const WIDTH: u32 = 960;
const HEIGHT: u32 = 720;
/// Frames of which a scene is made; then it begins again.
const FRAMES: u32 = 25;
/// Side of the square that moves from frame to frame.
const MOVING: u32 = 24;

type Rgb = [u8; 3];

/// What stands before the back camera. The front camera sees a wall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scene {
    /// A tablet on a table, whole.
    #[default]
    Tablet,
    /// … with a cracked corner.
    CrackedTablet,
    /// A street with a shop.
    Street,
    /// The hand over the lens: dark, with the noise of a sensor.
    Covered,
    /// A label with a code.
    Label { code: Code, text: String },
    /// Somebody who looks into the camera, or nearly.
    Person(Head),
    /// The side of an invented document with its machine-readable zone, held before the camera.
    Document(Document),
}

/// A rendered head: nobody's. See [`biometrics::face::synth`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// Whose: the same number is the same head.
    pub id: u64,
    /// Degrees to the person's left.
    pub yaw: i16,
    /// Degrees to the person's right shoulder.
    pub roll: i16,
    /// Millimetres from the camera.
    pub distance: u16,
    /// Night, and no lamp.
    pub dark: bool,
    /// Somebody else stands behind, to the side.
    pub bystander: bool,
}

impl Head {
    /// As it should be: before the camera, upright, in good light.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self {
            id,
            yaw: 0,
            roll: 0,
            distance: 560,
            dark: false,
            bystander: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Qr,
    DataMatrix,
    Code128,
}

/// What is wrong with the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Trouble {
    #[default]
    None,
    /// This kind of tablet has no camera.
    NotFitted,
    Busy,
    Denied,
    /// Goes while it is open as well.
    Unplugged,
    Silent,
    /// One frame, the same value in every pixel, again and again.
    Dead,
}

#[derive(Debug, Default)]
struct Outside {
    scene: Scene,
    trouble: Trouble,
    /// Frames given since the start.
    given: u64,
}

#[derive(Debug, Default)]
struct Shared {
    outside: Mutex<Outside>,
    open: AtomicBool,
}

fn lock(shared: &Shared) -> MutexGuard<'_, Outside> {
    shared
        .outside
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// The world outside the camera; cheap to clone.
#[derive(Clone, Debug)]
pub struct CameraPanel(Arc<Shared>);

impl CameraPanel {
    pub fn look_at(&self, scene: Scene) {
        // Rendered before it is looked at: a camera does not wait for the world.
        draw(&scene, Facing::Back);
        lock(&self.0).scene = scene;
    }

    pub fn set_trouble(&self, trouble: Trouble) {
        lock(&self.0).trouble = trouble;
    }

    /// Whether a program has the camera open: its lamp is on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.open.load(Ordering::SeqCst)
    }

    /// Frames that were given since the start.
    #[must_use]
    pub fn given(&self) -> u64 {
        lock(&self.0).given
    }
}

/// The device.
#[derive(Debug)]
pub struct EmulatedCamera(Arc<Shared>);

impl EmulatedCamera {
    /// A camera that works, before a whole tablet, and the world around it.
    #[must_use]
    pub fn new() -> (Arc<Self>, CameraPanel) {
        let shared = Arc::new(Shared::default());
        (Arc::new(Self(shared.clone())), CameraPanel(shared))
    }
}

impl Camera for EmulatedCamera {
    fn discover(&self) -> Result<Vec<Facing>, CameraFault> {
        match lock(&self.0).trouble {
            Trouble::NotFitted => Err(CameraFault::NotFitted),
            Trouble::Denied => Err(CameraFault::Denied),
            _ => Ok(vec![Facing::Back, Facing::Front]),
        }
    }

    fn open(&self, facing: Facing) -> Result<Box<dyn CameraStream>, CameraFault> {
        match lock(&self.0).trouble {
            Trouble::NotFitted => return Err(CameraFault::NotFitted),
            Trouble::Denied => return Err(CameraFault::Denied),
            Trouble::Busy => return Err(CameraFault::Busy),
            Trouble::Unplugged => return Err(CameraFault::Unplugged),
            Trouble::None | Trouble::Silent | Trouble::Dead => {}
        }
        if self.0.open.swap(true, Ordering::SeqCst) {
            return Err(CameraFault::Busy);
        }
        Ok(Box::new(Stream {
            shared: self.0.clone(),
            facing,
            drawn: None,
            frame: 0,
            due: Instant::now(),
        }))
    }
}

struct Stream {
    shared: Arc<Shared>,
    facing: Facing,
    /// The scene without what moves in it: drawn once.
    drawn: Option<(Scene, Canvas)>,
    frame: u32,
    due: Instant,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.open.store(false, Ordering::SeqCst);
    }
}

impl CameraStream for Stream {
    fn frame(&mut self) -> Result<Picture, CameraFault> {
        std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        self.due = Instant::now() + FRAME;
        let (scene, trouble) = {
            let outside = lock(&self.shared);
            (outside.scene.clone(), outside.trouble)
        };
        match trouble {
            Trouble::Silent => {
                // As long as a driver waits for its device.
                std::thread::sleep(Duration::from_secs(1));
                return Err(CameraFault::TimedOut);
            }
            Trouble::NotFitted | Trouble::Unplugged => return Err(CameraFault::Unplugged),
            Trouble::Busy | Trouble::Denied | Trouble::None | Trouble::Dead => {}
        }
        let canvas = if trouble == Trouble::Dead {
            Canvas::plain([0; 3])
        } else {
            self.next_of(&scene)
        };
        lock(&self.shared).given += 1;
        Ok(Picture::new(WIDTH, HEIGHT, canvas.0)?)
    }
}

impl Stream {
    fn next_of(&mut self, scene: &Scene) -> Canvas {
        if self.drawn.as_ref().is_none_or(|(drawn, _)| drawn != scene) {
            self.drawn = Some((scene.clone(), draw(scene, self.facing)));
        }
        self.frame = (self.frame + 1) % FRAMES;
        let mut canvas = match &self.drawn {
            Some((_, drawn)) => Canvas(drawn.0.clone()),
            None => Canvas::plain([128; 3]),
        };
        if *scene == Scene::Covered {
            // The noise of a sensor in the dark.
            canvas.fill(self.frame, self.frame, 1, 1, [2; 3]);
        } else {
            let x = self.frame * (WIDTH - MOVING) / FRAMES;
            canvas.fill(x, HEIGHT - 2 * MOVING, MOVING, MOVING, [214, 120, 40]);
        }
        canvas
    }
}

struct Canvas(Vec<u8>);

impl Canvas {
    fn plain(colour: Rgb) -> Self {
        Self(colour.repeat((WIDTH * HEIGHT) as usize))
    }

    /// A rectangle; what of it lies outside is not drawn.
    fn fill(&mut self, x: u32, y: u32, width: u32, height: u32, colour: Rgb) {
        for row in y..(y + height).min(HEIGHT) {
            let (from, to) = (x.min(WIDTH), (x + width).min(WIDTH));
            let bytes = ((row * WIDTH + from) * 3) as usize..((row * WIDTH + to) * 3) as usize;
            for pixel in self.0[bytes].chunks_exact_mut(3) {
                pixel.copy_from_slice(&colour);
            }
        }
    }

    /// A frame of lines around a filled rectangle.
    fn framed(&mut self, [x, y, width, height]: [u32; 4], edge: u32, line: Rgb, inside: Rgb) {
        self.fill(x, y, width, height, line);
        let (width, height) = (width - 2 * edge, height - 2 * edge);
        self.fill(x + edge, y + edge, width, height, inside);
    }
}

fn draw(scene: &Scene, facing: Facing) -> Canvas {
    if facing == Facing::Front {
        let mut canvas = Canvas::plain([196, 190, 178]);
        canvas.fill(0, 560, WIDTH, 8, [120, 112, 100]);
        return canvas;
    }
    match scene {
        Scene::Tablet | Scene::CrackedTablet => {
            let mut canvas = Canvas::plain([150, 110, 72]);
            for plank in 0..6 {
                canvas.fill(0, plank * 120, WIDTH, 3, [118, 84, 52]);
            }
            canvas.framed([180, 130, 600, 400], 26, [24, 26, 30], [208, 220, 232]);
            canvas.fill(230, 190, 140, 280, [10, 90, 140]);
            canvas.fill(390, 190, 330, 40, [240, 240, 240]);
            if *scene == Scene::CrackedTablet {
                // Cracks run out of the corner.
                for step in 0..120 {
                    canvas.fill(752 - step, 156 + step, 4, 3, [12, 12, 12]);
                    canvas.fill(752 - step, 156 + step / 3, 4, 2, [12, 12, 12]);
                    canvas.fill(752 - step / 3, 156 + step, 3, 3, [12, 12, 12]);
                }
            }
            canvas
        }
        Scene::Street => {
            let mut canvas = Canvas::plain([166, 200, 228]);
            canvas.fill(0, 420, WIDTH, 300, [112, 112, 116]);
            canvas.framed([90, 160, 420, 320], 10, [92, 64, 44], [216, 196, 160]);
            canvas.framed([130, 240, 200, 140], 6, [60, 60, 60], [120, 170, 190]);
            canvas.framed([380, 260, 90, 220], 6, [60, 40, 30], [110, 70, 44]);
            canvas.fill(560, 90, 26, 400, [70, 54, 40]);
            canvas.fill(500, 60, 150, 130, [54, 110, 60]);
            canvas
        }
        Scene::Covered => Canvas::plain([1; 3]),
        Scene::Label { code, text } => label(*code, text),
        Scene::Person(head) => rendered(scene, || in_frame(&render(*head))),
        Scene::Document(document) => rendered(scene, || held(document)),
    }
}

/// What was rendered, since that takes up to a second: whoever looks again sees it at once.
static RENDERED: Mutex<Vec<(Scene, Vec<u8>)>> = Mutex::new(Vec::new());
/// So many are kept.
const KEPT: usize = 12;

fn rendered(scene: &Scene, render: impl FnOnce() -> Canvas) -> Canvas {
    let mut kept = RENDERED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, pixels)) = kept.iter().find(|(known, _)| known == scene) {
        return Canvas(pixels.clone());
    }
    let Canvas(pixels) = render();
    if kept.len() == KEPT {
        kept.remove(0);
    }
    kept.push((scene.clone(), pixels.clone()));
    Canvas(pixels)
}

/// Sides of the part of a frame in which somebody stands; rendering takes its time.
const STANDS: [u32; 2] = [480, 640];

fn in_frame(picture: &RgbImage) -> Canvas {
    let mut canvas = Canvas::plain([168, 164, 158]);
    let [width, height] = STANDS;
    let (left, top) = ((WIDTH - width) / 2, HEIGHT - height);
    let rows = picture.view().pixels().chunks_exact((width * 3) as usize);
    for (y, row) in (top..).zip(rows) {
        let at = ((y * WIDTH + left) * 3) as usize;
        canvas.0[at..at + row.len()].copy_from_slice(row);
    }
    canvas
}

fn render(head: Head) -> RgbImage {
    let person = synth::Person {
        yaw: f32::from(head.yaw),
        roll: f32::from(head.roll),
        distance: f32::from(head.distance),
        ..synth::Person::new(head.id)
    };
    let bystander = synth::Person {
        distance: 1600.0,
        aside: 420.0,
        ..synth::Person::new(head.id + 1)
    };
    let people = std::iter::once(person).chain(head.bystander.then_some(bystander));
    let mut scene = synth::Scene {
        width: STANDS[0],
        height: STANDS[1],
        people: people.collect(),
        ..synth::Scene::of(person)
    };
    if head.dark {
        scene.light.exposure = 0.12;
    }
    scene.render()
}

/// A label on the side of a bodycam; without its code if the text does not fit one.
fn label(code: Code, text: &str) -> Canvas {
    let mut canvas = Canvas::plain([34, 36, 40]);
    canvas.framed([180, 140, 600, 420], 6, [70, 72, 78], [226, 226, 220]);
    let format = match code {
        Code::Qr => BarcodeFormat::QR_CODE,
        Code::DataMatrix => BarcodeFormat::DATA_MATRIX,
        Code::Code128 => BarcodeFormat::CODE_128,
    };
    let Ok(drawn) = MultiFormatWriter.encode(text, &format, 480, 300) else {
        return canvas;
    };
    // A Data Matrix comes as small as it can be.
    let scale = (300 / drawn.getHeight().max(1)).max(1);
    for y in 0..drawn.getHeight() {
        for x in 0..drawn.getWidth() {
            if drawn.get(x, y) {
                canvas.fill(240 + x * scale, 200 + y * scale, scale, scale, [24, 24, 28]);
            }
        }
    }
    canvas
}

/// A document in a hand: a little turned and tilted, on paper that is not quite white.
fn held(document: &Document) -> Canvas {
    let shot = Shot {
        turn: -0.04,
        tilt: (0.1, -0.06),
        ..Shot::plain(WIDTH as usize, HEIGHT as usize)
    };
    let mut random = Random::new(u64::from(document.pattern));
    let grey = photograph(document, &shot, &Font::new(), &mut random);
    let tinted = |value: u8| [value, value.saturating_sub(4), value.saturating_sub(12)];
    Canvas(grey.into_iter().flat_map(tinted).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn fault(camera: &EmulatedCamera) -> CameraFault {
        match camera.open(Facing::Back) {
            Ok(mut stream) => stream.frame().unwrap_err(),
            Err(fault) => fault,
        }
    }

    #[test]
    fn frames_come_at_the_pace_of_a_camera_and_each_differs_from_the_last() {
        let (camera, panel) = EmulatedCamera::new();
        let mut stream = camera.open(Facing::Back).unwrap();
        let begun = Instant::now();
        let frames: Vec<_> = (0..6).map(|_| stream.frame().unwrap()).collect();
        assert!(begun.elapsed() >= FRAME * 5);
        assert!(frames.windows(2).all(|two| two[0] != two[1]));
        assert_eq!(panel.given(), 6);
        panel.look_at(Scene::Street);
        let street = stream.frame().unwrap();
        assert_ne!(street.pixels()[..3], frames[0].pixels()[..3]);
    }

    #[test]
    fn one_program_has_the_camera_and_gives_it_back() {
        let (camera, panel) = EmulatedCamera::new();
        let stream = camera.open(Facing::Back).unwrap();
        assert!(panel.is_open());
        assert_eq!(
            camera.open(Facing::Front).map(|_| ()),
            Err(CameraFault::Busy)
        );
        drop(stream);
        assert!(!panel.is_open());
        assert!(camera.open(Facing::Front).is_ok());
    }

    #[test]
    fn a_head_is_rendered_once_and_another_one_is_another() {
        let begun = Instant::now();
        let head = |id| draw(&Scene::Person(Head::new(id)), Facing::Back);
        let first = head(5);
        let rendering = begun.elapsed();
        let begun = Instant::now();
        assert!(head(5).0 == first.0);
        assert!(begun.elapsed() < rendering);
        assert!(head(6).0 != first.0);
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let (camera, panel) = EmulatedCamera::new();
        for (trouble, expected) in [
            (Trouble::NotFitted, CameraFault::NotFitted),
            (Trouble::Busy, CameraFault::Busy),
            (Trouble::Denied, CameraFault::Denied),
            (Trouble::Unplugged, CameraFault::Unplugged),
            (Trouble::Silent, CameraFault::TimedOut),
        ] {
            panel.set_trouble(trouble);
            assert_eq!(fault(&camera), expected, "{trouble:?}");
        }
        panel.set_trouble(Trouble::None);
        let mut stream = camera.open(Facing::Back).unwrap();
        assert!(!stream.frame().unwrap().is_blank());
        panel.set_trouble(Trouble::Dead);
        assert!(stream.frame().unwrap().is_blank());
        panel.set_trouble(Trouble::None);
        panel.look_at(Scene::Document(Document::specimen()));
        let seen = stream.frame().unwrap();
        let view = mrz::View {
            width: seen.width() as usize,
            height: seen.height() as usize,
            pixels: mrz::Pixels::Rgb(seen.pixels()),
        };
        let today = regulation::Date::new(2026, 1, 15).unwrap();
        assert_eq!(
            *mrz::read(&view, today).unwrap().text,
            Document::specimen().zone
        );
        panel.look_at(Scene::Covered);
        assert!(!stream.frame().unwrap().is_blank());
        panel.set_trouble(Trouble::Unplugged);
        assert_eq!(stream.frame().err(), Some(CameraFault::Unplugged));
    }
}
