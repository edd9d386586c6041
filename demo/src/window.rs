//! The demo in windows: the tablet's, and the emulator panel beside it, or lines of text in its place.

use crate::cable::Cable;
use crate::emulator::{CameraPanel, Document, EmulatedCamera, Glass, Head, Scene, Skin, Trouble};
use crate::headless::HeadlessError;
use crate::outside::Outside;
use crate::scanning::{ScannerKind, Scanning};
use crate::stage::StageError;
use crate::world::{self, World};
use crate::{people, tablet_kit};
use e_patrul::app::{App, AppOptions};
use slint::ComponentHandle;
use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use tablet::worker::{Command, Worker};
use tokio::sync::mpsc::unbounded_channel;

#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_debug_implementations
)]
mod generated {
    slint::include_modules!();
}
use generated::{CameraFault, EmulatorPanel, Fault, Finger, View};

/// By what the emulated devices, and the network, are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Devices {
    /// A panel in a window of its own.
    #[default]
    Panel,
    /// Lines on standard input, each answered on standard output; the program ends with them.
    Lines,
}

/// Runs until the tablet's window is closed.
///
/// # Errors
/// A part cannot be made, or there is no display.
pub fn run(
    runtime: &tokio::runtime::Runtime,
    dir: &Path,
    count: u64,
    night: bool,
    scanner: ScannerKind,
    devices: Devices,
) -> Result<(), HeadlessError> {
    let world = runtime.block_on(World::start(dir, count))?;
    let data = runtime.block_on(world.enrol("tablet"))?;
    let (scanner, scanning) = Scanning::start(scanner)?;
    let mut parts = tablet_kit::parts(&data, scanner)?;
    parts.lock.pin = true;
    let (camera, outside) = EmulatedCamera::new();
    parts.camera = camera;
    let (commands, commands_rx) = unbounded_channel();
    let (updates_tx, updates) = unbounded_channel();
    let options = AppOptions {
        night,
        demo_credentials: Some((world::LOGIN.into(), world::PASSWORD.into())),
    };
    let app = App::new(commands.clone(), options).map_err(StageError::from)?;
    app.spawn_updates(updates).map_err(StageError::from)?;
    let worker = Worker::spawn(parts, commands_rx, updates_tx).map_err(StageError::from)?;
    // Kept for as long as its window is to be seen.
    let panel = match devices {
        Devices::Panel => Some(show_panel(scanning, &outside, &world.cable)?),
        Devices::Lines => {
            obey_lines(Outside {
                scanning,
                camera: outside,
                cable: world.cable.clone(),
                touches: 10,
            })?;
            None
        }
    };
    app.run().map_err(StageError::from)?;
    drop(panel);
    // Sent with no stamp: shutting down concerns no page.
    let _ = commands.send((tablet::pages::Stamp::default(), Command::Shutdown));
    // The worker ends by its loop.
    let _ = worker.join();
    drop(world);
    Ok(())
}

fn show_panel(
    scanning: Scanning,
    camera: &CameraPanel,
    cable: &Cable,
) -> Result<EmulatorPanel, StageError> {
    let emulator = EmulatorPanel::new()?;
    connect(&emulator, scanning, cable);
    connect_camera(&emulator, camera);
    emulator.show()?;
    // Beside the tablet's window, where there is nobody else to place it.
    emulator
        .window()
        .set_position(slint::PhysicalPosition::new(1300, 40));
    Ok(emulator)
}

/// Obeys standard input on a thread of its own; when it ends, so does the event loop.
fn obey_lines(mut outside: Outside) -> Result<(), std::io::Error> {
    let mut answers = std::io::stdout();
    writeln!(answers, "ready")?;
    std::thread::Builder::new()
        .name("outside".into())
        .spawn(move || {
            if let Err(error) = outside.obey(std::io::stdin().lock(), answers) {
                tracing::error!(%error, "nobody moves the devices any more");
            }
            // A loop that has ended already needs no end.
            let _ = slint::quit_event_loop();
        })?;
    Ok(())
}

/// The panel's buttons change the world outside the tablet, and nothing else.
fn connect(emulator: &EmulatorPanel, scanning: Scanning, cable: &Cable) {
    let scanning = Arc::new(scanning);
    let touches = Rc::new(Cell::new(10_u64));
    let outside = scanning.clone();
    emulator.on_place(move |finger, fault| {
        touches.set(touches.get() + 1);
        let glass = Glass {
            finger: seed_of(finger),
            skin: skin_of(fault),
            touch: touches.get(),
        };
        let outside = outside.clone();
        // A finger takes some tenths of a second to grow: not on the screen's thread.
        std::thread::spawn(move || outside.place(glass));
    });
    let outside = scanning.clone();
    emulator.on_lift(move || outside.lift());
    let outside = scanning.clone();
    emulator.on_plug(move |plugged| outside.set_plugged(plugged));
    let outside = scanning.clone();
    emulator.on_busy(move |busy| outside.set_busy(busy));
    let outside = scanning.clone();
    emulator.on_silent(move |silent| outside.set_silent(silent));
    emulator.on_blind(move |blind| scanning.set_blind(blind));
    let cable = cable.clone();
    emulator.on_network(move |on| if on { cable.plug_in() } else { cable.pull() });
}

fn connect_camera(emulator: &EmulatorPanel, panel: &CameraPanel) {
    let outside = panel.clone();
    emulator.on_look_at(move |view| {
        let scene = match view {
            View::Tablet => Scene::Tablet,
            View::Cracked => Scene::CrackedTablet,
            View::Street => Scene::Street,
            View::Covered => Scene::Covered,
            View::Card => Scene::Document(Document::specimen()),
            View::Face => Scene::Person(Head::new(people::head(1))),
            View::Aside => Scene::Person(Head {
                yaw: 35,
                ..Head::new(people::head(1))
            }),
        };
        let outside = outside.clone();
        // A head takes some tenths of a second to render: not on the screen's thread.
        std::thread::spawn(move || outside.look_at(scene));
    });
    let outside = panel.clone();
    emulator.on_camera_fails(move |fault| {
        outside.set_trouble(match fault {
            CameraFault::None => Trouble::None,
            CameraFault::NotFitted => Trouble::NotFitted,
            CameraFault::Busy => Trouble::Busy,
            CameraFault::Denied => Trouble::Denied,
            CameraFault::Unplugged => Trouble::Unplugged,
            CameraFault::Silent => Trouble::Silent,
            CameraFault::Dead => Trouble::Dead,
        });
    });
}

fn seed_of(finger: Finger) -> u64 {
    match finger {
        Finger::Clear => 0,
        Finger::Wanted => 1,
        Finger::Missing => 2,
        Finger::Convicted => 3,
        Finger::Supervised => 4,
        Finger::Probation => 5,
        Finger::Stranger => people::STRANGERS,
    }
}

fn skin_of(fault: Fault) -> Skin {
    match fault {
        Fault::None => Skin::Ordinary,
        Fault::Dry => Skin::Dry,
        Fault::Wet => Skin::Wet,
        Fault::Partial => Skin::Partial,
        Fault::Two => Skin::Two,
        Fault::Moving => Skin::Moving,
    }
}
