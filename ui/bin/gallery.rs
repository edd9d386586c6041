//! Shows every component in every state, in a window: `cargo run -p ui --bin gallery`.

use slint::ComponentHandle as _;

fn main() -> Result<(), slint::PlatformError> {
    ui::GalleryWindow::new()?.run()
}
