//! Draws every page in four languages and two themes, and the gallery of components:
//! `snapshots OUTDIR [NAME-PART [WIDTHxHEIGHT [TEXT-PERCENT]]]`, 1280x800 and 100 unless told.

#![allow(clippy::unwrap_used)]

use e_patrul::app::{App, AppOptions};
use i_slint_backend_testing::{ElementHandle, TestingBackend, TestingBackendOptions};
use regulation::encounter::Language;
use std::path::Path;
use tablet::pages::Page;
use tablet::worker::{Frame, Update};
use ui::{GalleryWindow, Theme};

#[path = "../src/ui/tests/custody_views.rs"]
mod custody_views;
#[path = "../src/ui/tests/desk_views.rs"]
mod desk_views;
#[path = "../src/ui/tests/face_views.rs"]
mod face_views;
#[path = "../src/ui/tests/help_views.rs"]
mod help_views;
#[path = "../src/ui/tests/incident_views.rs"]
mod incident_views;
#[path = "../src/ui/tests/law_views.rs"]
mod law_views;
#[path = "../src/ui/tests/photo_views.rs"]
mod photo_views;
#[path = "../src/ui/tests/receipt_views.rs"]
mod receipt_views;
#[path = "../src/ui/tests/say_views.rs"]
mod say_views;
#[path = "../src/ui/tests/training_views.rs"]
mod training_views;
#[path = "../src/ui/tests/views.rs"]
#[allow(dead_code)]
mod views;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().unwrap();
    let part = arguments.next().unwrap_or_default();
    let size = arguments.next().unwrap_or_else(|| "1280x800".to_owned());
    let (width, height) = size.split_once('x').unwrap();
    let percent: f32 = arguments.next().map_or(100.0, |p| p.parse().unwrap());
    let look = Look {
        size: slint::PhysicalSize::new(width.parse().unwrap(), height.parse().unwrap()),
        text_scale: percent / 100.0,
    };
    std::fs::create_dir_all(&dir).unwrap();
    let options = TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    for (night, colours) in [(false, "day"), (true, "night")] {
        if format!("gallery.{colours}.png").contains(&part) {
            gallery(Path::new(&dir), night, colours, look);
        }
    }
    for (language, code) in [
        (Language::UzbekCyrillic, "uz-Cyrl"),
        (Language::UzbekLatin, "uz-Latn"),
        (Language::Russian, "ru"),
        (Language::English, "en"),
    ] {
        for (name, view) in views::all(language) {
            for (night, colours) in [(false, "day"), (true, "night")] {
                let file = format!("{name}.{code}.{colours}.png");
                if file.contains(&part) {
                    draw(&view, name, night, look, &Path::new(&dir).join(file));
                }
            }
        }
    }
}

/// How large the window and its text are.
#[derive(Clone, Copy)]
struct Look {
    size: slint::PhysicalSize,
    text_scale: f32,
}

/// The gallery of components, screen by screen.
fn gallery(dir: &Path, night: bool, colours: &str, look: Look) {
    use slint::ComponentHandle as _;
    let window = GalleryWindow::new().unwrap();
    let theme = window.global::<Theme>();
    theme.set_night(night);
    theme.set_text_scale(look.text_scale);
    window.window().set_size(look.size);
    window.show().unwrap();
    let (mut shown, mut n) = (0.0, 1);
    while shown < window.get_all() {
        window.set_scrolled(shown);
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
        let picture = window.window().take_snapshot().unwrap();
        write(&picture, &dir.join(format!("gallery-{n}.{colours}.png")));
        shown += look.size.height as f32;
        n += 1;
    }
}

/// A window of its own for every picture: nothing is left over from the last.
fn draw(view: &tablet::pages::PageView, name: &str, night: bool, look: Look, file: &Path) {
    let app = open(view, name, night, look);
    save(&app, file);
    for (_, element, n, picture) in views::TAPS.iter().filter(|(page, ..)| *page == name) {
        let app = open(view, name, night, look);
        let found = ElementHandle::find_by_element_id(app.component(), element)
            .nth(*n)
            .unwrap();
        found.mock_single_click(slint::platform::PointerEventButton::Left);
        i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
        let file_name = file
            .file_name()
            .unwrap()
            .to_string_lossy()
            .replace(name, picture);
        save(&app, &file.with_file_name(file_name));
    }
}

fn open(view: &tablet::pages::PageView, name: &str, night: bool, look: Look) -> App {
    let (commands, _keep) = tokio::sync::mpsc::unbounded_channel();
    let demo = name == "login-problem";
    let demo_credentials = demo.then(|| ("namunayev".to_owned(), "namuna-2026".to_owned()));
    let app = App::new(
        commands,
        AppOptions {
            night,
            demo_credentials,
        },
    )
    .unwrap();
    app.window().set_size(look.size);
    slint::ComponentHandle::show(app.component()).unwrap();
    app.apply(Update::Page(Box::new(view.clone())));
    app.set_text_scale(look.text_scale);
    i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
    let quality = match &view.page {
        Page::Finger(page) => page.quality,
        _ => None,
    };
    if quality.is_some() {
        app.apply(Update::Preview {
            stamp: view.stamp,
            picture: ridges(),
        });
    }
    if view.shows_picture() {
        app.apply(Update::Frame {
            stamp: view.stamp,
            frame: std::sync::Arc::new(Frame::of(match &view.page {
                Page::Face(_) => face_views::picture(),
                _ => photo_views::picture(),
            })),
        });
    }
    app
}

fn save(app: &App, file: &Path) {
    write(&app.window().take_snapshot().unwrap(), file);
}

fn write(picture: &slint::SharedPixelBuffer<slint::Rgba8Pixel>, file: &Path) {
    let out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    let mut encoder = png::Encoder::new(out, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(picture.as_bytes()).unwrap();
}

/// Rings that look like ridges; nobody's print.
fn ridges() -> biometrics::finger::GreyImage {
    let (width, height) = (300_u32, 400_u32);
    let pixel = |i: u32| {
        let (x, y) = (f64::from(i % width) - 150.0, f64::from(i / width) - 190.0);
        let inside = (x / 130.0).powi(2) + (y / 180.0).powi(2) < 1.0;
        let ridge = ((x * x + y * y * 0.6 + x * y * 0.2).sqrt() * 0.7).sin() > 0.0;
        if inside && ridge { 40 } else { 235 }
    };
    let pixels = (0..width * height).map(pixel).collect();
    biometrics::finger::GreyImage::new(width, height, 500, pixels).unwrap()
}
