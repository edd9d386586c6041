//! One reader, from its finding to its closing, on one thread.
//!
//! Two calls of the binding (`libfprint-rs` 0.3.1) are not made here, for what they do with memory:
//! `FpContext::new` leaks the context and its USB thread, and `FpDevice::name` frees a string that is
//! the device's own. GObject's constructor and properties stand in for them.

use crate::fault;
use gio::Cancellable;
use gio::prelude::CancellableExt as _;
use glib::object::ObjectExt as _;
use glib::{ControlFlow, FlagsValue, MainContext, SourceId};
use libfprint_rs::{FpContext, FpDevice, FpImage};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tablet::device::{Cancel, ScannerFault};

/// From look to look whether the call is to stop.
const LOOK: Duration = Duration::from_millis(20);
/// Most events that are waited for after a reader was closed.
const LAST_EVENTS: usize = 1000;

/// A reader that gives pictures; open until it is dropped.
pub(crate) struct Reader {
    device: FpDevice,
    /// Finds out that the reader is pulled, and tells the device.
    _context: FpContext,
}

/// Ends a call when its time is over or nobody wants it any more. It looks from libfprint's own loop,
/// so that nothing is touched from another thread.
pub(crate) struct Watch {
    cancellable: Cancellable,
    state: Rc<State>,
    look: Option<SourceId>,
}

#[derive(Default)]
struct State {
    stopped: Cell<Option<ScannerFault>>,
    capturing: Cell<bool>,
}

impl Watch {
    /// From now until `deadline`; the default main context is the caller's.
    pub(crate) fn new(reader: &Reader, deadline: Instant, cancel: &Cancel) -> Self {
        let state = Rc::new(State::default());
        let cancellable = Cancellable::new();
        let look = {
            let (state, cancellable) = (state.clone(), cancellable.clone());
            let (device, cancel) = (reader.device.clone(), cancel.clone());
            glib::timeout_add_local(LOOK, move || {
                let stop = if cancel.is_cancelled() {
                    Some(ScannerFault::Cancelled)
                } else if Instant::now() < deadline {
                    None
                } else if state.capturing.get() && !finger_lies_on(&device) {
                    Some(ScannerFault::NoFinger)
                } else {
                    Some(ScannerFault::TimedOut)
                };
                if stop.is_some() && state.stopped.get().is_none() {
                    state.stopped.set(stop);
                    cancellable.cancel();
                }
                ControlFlow::Continue
            })
        };
        Self {
            cancellable,
            state,
            look: Some(look),
        }
    }

    fn stopped(&self) -> Option<ScannerFault> {
        self.state.stopped.get()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(look) = self.look.take() {
            look.remove();
        }
    }
}

fn finger_lies_on(device: &FpDevice) -> bool {
    if !device.has_property("finger-status") {
        return false;
    }
    let status = device.property_value("finger-status");
    FlagsValue::from_value(&status)
        .is_some_and(|(_, set)| set.iter().any(|flag| flag.nick() == "present"))
}

fn text(device: &FpDevice, property: &str) -> String {
    if !device.has_property_with_type(property, glib::Type::STRING) {
        return String::new();
    }
    let text: Option<String> = device.property(property);
    text.unwrap_or_default()
}

impl Reader {
    /// The first reader that gives pictures.
    ///
    /// # Errors
    /// [`ScannerFault::NotConnected`] where there is none at all, [`ScannerFault::Unsupported`] where
    /// there are only such that compare prints by themselves and give none.
    pub(crate) fn find() -> Result<Self, ScannerFault> {
        let context: FpContext = glib::Object::new();
        let devices = context.devices();
        if devices.is_empty() {
            return Err(ScannerFault::NotConnected);
        }
        let pictures = glib::Type::from_name("FpImageDevice");
        let device = devices
            .into_iter()
            .find(|device| pictures.is_some_and(|pictures| device.type_().is_a(pictures)));
        match device {
            Some(device) => Ok(Self {
                device,
                _context: context,
            }),
            None => {
                tracing::warn!("the fingerprint reader gives no pictures");
                Err(ScannerFault::Unsupported)
            }
        }
    }

    /// Name of libfprint's driver.
    pub(crate) fn driver(&self) -> String {
        text(&self.device, "driver")
    }

    /// What the reader is called.
    pub(crate) fn name(&self) -> String {
        text(&self.device, "name")
    }

    /// Often "0": few readers tell one from another.
    pub(crate) fn id(&self) -> String {
        text(&self.device, "device-id")
    }

    /// # Errors
    /// [`ScannerFault::NotConnected`] where it is gone by now, and what else libfprint says.
    pub(crate) fn open(&self, watch: &Watch) -> Result<(), ScannerFault> {
        match self.device.open_sync(Some(&watch.cancellable)) {
            Ok(()) => Ok(()),
            Err(error) => Err(match self.fault(&error, watch) {
                ScannerFault::Unplugged => ScannerFault::NotConnected,
                fault => fault,
            }),
        }
    }

    /// Waits for a finger; libfprint gives one picture, and none before.
    ///
    /// # Errors
    /// What libfprint says, or why `watch` stopped it.
    pub(crate) fn capture(&self, watch: &Watch) -> Result<FpImage, ScannerFault> {
        watch.state.capturing.set(true);
        let image = self.device.capture_sync(true, Some(&watch.cancellable));
        watch.state.capturing.set(false);
        image.map_err(|error| self.fault(&error, watch))
    }

    fn fault(&self, error: &glib::Error, watch: &Watch) -> ScannerFault {
        if let Some(stopped) = watch.stopped() {
            return stopped;
        }
        let (domain, code) = (error.domain(), error.code());
        // A pulled reader fails in the ways of its driver before libfprint says what happened.
        let fault = match self.is_removed() {
            true => ScannerFault::Unplugged,
            false => fault::of_error(domain.as_str(), code),
        };
        tracing::warn!(domain = domain.as_str().as_str(), code, %fault, "the fingerprint reader failed");
        fault
    }

    fn is_removed(&self) -> bool {
        let property = "removed";
        self.device
            .has_property_with_type(property, glib::Type::BOOL)
            && self.device.property(property)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // A reader that was pulled says so once more, and is closed.
        if self.device.is_open()
            && let Err(error) = self.device.close_sync(None)
        {
            let (domain, code) = (error.domain(), error.code());
            tracing::debug!(
                domain = domain.as_str().as_str(),
                code,
                "the reader did not close"
            );
        }
        // What is under way still speaks of this device.
        let main = MainContext::default();
        for _ in 0..LAST_EVENTS {
            if !main.iteration(false) {
                break;
            }
        }
    }
}
