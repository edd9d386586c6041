//! The world around the tablet, as a situation moves it.

use crate::cast;
use crate::scenario::{Outside as Change, Who};
use demo::cable::Cable;
use demo::emulator::{CameraPanel, EmulatedScanner, Glass, Head, ScannerPanel, Scene, Skin};
use std::sync::Arc;

/// Network, scanner and camera, from outside.
#[derive(Clone, Debug)]
pub struct Outside {
    pub cable: Cable,
    pub scanner: Arc<EmulatedScanner>,
    pub panel: ScannerPanel,
    pub camera: CameraPanel,
}

impl Outside {
    /// The person steps before the officer. A finger takes some tenths of a second to grow, a head to
    /// render: on a thread of its own.
    pub fn steps_forward(&self, who: Who) {
        let outside = self.clone();
        std::thread::spawn(move || {
            outside.scanner.prepare(cast::finger(who));
            let head = Head::new(cast::head(who));
            outside.camera.look_at(Scene::Person(head));
        });
    }

    /// A finger on the glass; two touches of one finger differ.
    pub fn lay(&self, who: Who, touch: u64) {
        self.panel.place(Glass {
            finger: cast::finger(who),
            skin: Skin::Ordinary,
            touch,
        });
    }

    pub fn lift(&self) {
        self.panel.lift();
    }

    pub fn change(&self, what: Change) {
        match what {
            Change::ScannerUnplugged => self.panel.set_plugged(false),
            Change::ScannerBack => self.panel.set_plugged(true),
            Change::NetworkCut => self.cable.pull(),
            Change::NetworkBack => self.cable.plug_in(),
            // Of the person, not of a device.
            Change::HandGiven | Change::HandWithheld => {}
        }
    }

    /// Everything works again, and nobody is there.
    pub fn rest(&self) {
        self.panel.lift();
        self.panel.set_plugged(true);
        self.cable.plug_in();
    }
}
