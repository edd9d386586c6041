//! Which scanner is there: who listens in the range of ports, what each says that it has, and the
//! signed description of the one that is chosen.

use crate::config::SbiConfig;
use crate::fault::{self, Meaning};
use crate::http::{self, HttpFault, Until};
use crate::message::{self, Device, SPEC_VERSION, is_plain};
use crate::verify::{DeviceInfo, DigitalId, device_info};
use regulation::Timestamp;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tablet::device::ScannerFault;

/// Bytes of a list of devices or descriptions.
const MAX_LIST: usize = 1024 * 1024;
/// Ports that are tried.
const MAX_PORTS: usize = 256;
/// Listeners that are asked at one time: a range in which everything answers is not to cost more.
const MAX_LISTENERS: usize = 16;
/// So long one listener may take; something that is no scanner may listen there, and say nothing.
const ONE: Duration = Duration::from_millis(1200);

/// The scanner that is used.
#[derive(Clone, Debug)]
pub struct Known {
    pub port: u16,
    pub info: DeviceInfo,
}

impl Known {
    /// What has habits of its own: devices of one make, model and service.
    pub fn breed(&self) -> (String, String, String) {
        let id = &self.info.digital_id;
        (
            id.make.clone(),
            id.model.clone(),
            self.info.service_version.clone(),
        )
    }
}

/// A device, as it says without a signature.
struct Candidate {
    port: u16,
    device: Device,
    id: DigitalId,
}

impl Candidate {
    fn is_ready(&self) -> bool {
        self.device.status.eq_ignore_ascii_case("ready")
    }
}

/// Looks for a scanner: first on `before`, where it was, then on every port. The first that is
/// ready and whose description holds; else the first whose description holds.
///
/// # Errors
/// [`ScannerFault::NotConnected`] where there is none; what is wrong with the one there is.
pub fn locate(
    config: &SbiConfig,
    now: Timestamp,
    before: Option<u16>,
    until: Until<'_>,
) -> Result<Known, ScannerFault> {
    let mut worst = ScannerFault::NotConnected;
    if let Some(port) = before.filter(|port| config.ports.contains(port)) {
        match choose(config, now, on_ports(&[port], until), until) {
            Ok(known) => return Ok(known),
            Err(fault @ (ScannerFault::Cancelled | ScannerFault::TimedOut)) => return Err(fault),
            Err(fault) => worst = fault,
        }
    }
    let open: Vec<_> = config
        .ports
        .clone()
        .take(MAX_PORTS)
        .filter(|port| !(until.stopped)() && http::listens(*port))
        .collect();
    for ports in open.chunks(MAX_LISTENERS) {
        match choose(config, now, on_ports(ports, until), until) {
            Ok(known) => return Ok(known),
            Err(ScannerFault::Cancelled) => return Err(ScannerFault::Cancelled),
            Err(ScannerFault::NotConnected) => {}
            Err(fault) => worst = fault,
        }
    }
    if (until.stopped)() {
        worst = ScannerFault::Cancelled;
    }
    Err(worst)
}

/// Whether the service on the port of `known` still has it.
///
/// # Errors
/// [`ScannerFault::NotConnected`], and faults of the exchange.
pub fn still_there(known: &Known, until: Until<'_>) -> Result<(), ScannerFault> {
    let found = ask(known.port, until)?;
    let same = |candidate: &Candidate| {
        candidate.device.device_id == known.info.device_id
            && candidate.id.serial == known.info.digital_id.serial
    };
    match found.iter().find(|candidate| same(candidate)) {
        Some(_) => Ok(()),
        None => Err(ScannerFault::NotConnected),
    }
}

/// The devices behind several ports, asked at the same time, in the order of the ports.
fn on_ports(ports: &[u16], until: Until<'_>) -> Vec<Result<Vec<Candidate>, ScannerFault>> {
    let deadline = until.deadline;
    let stopped = &AtomicBool::new(false);
    let one = |port: u16| {
        let flag = || stopped.load(Ordering::Acquire);
        let stopped = &flag;
        ask(port, Until { deadline, stopped })
    };
    let one = &one;
    std::thread::scope(|scope| {
        let begin = |port: u16| std::thread::Builder::new().spawn_scoped(scope, move || one(port));
        let asked: Vec<_> = ports.iter().filter_map(|port| begin(*port).ok()).collect();
        // What stops the caller stops those that were asked on its behalf.
        while asked.iter().any(|thread| !thread.is_finished()) {
            if (until.stopped)() {
                stopped.store(true, Ordering::Release);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let ended = asked.into_iter().map(std::thread::ScopedJoinHandle::join);
        ended
            .map(|found| found.unwrap_or(Err(ScannerFault::Failed)))
            .collect()
    })
}

/// `MOSIPDISC`: the fingerprint scanners of one service.
fn ask(port: u16, until: Until<'_>) -> Result<Vec<Candidate>, ScannerFault> {
    let until = Until {
        deadline: until.deadline.min(Instant::now() + ONE),
        ..until
    };
    let whole = |body: &[u8]| message::read_devices(body).is_ok();
    let body = message::discover();
    let answer = http::ask(
        port,
        ("MOSIPDISC", "/device"),
        &body,
        MAX_LIST,
        until,
        whole,
    );
    let (_, body) = match answer {
        Ok(answer) => answer,
        // Something else listens there, and does not speak as a scanner does.
        Err(HttpFault::Malformed | HttpFault::TooLong | HttpFault::Broken) => return Ok(Vec::new()),
        Err(fault) => return Err(fault::of_http(fault)),
    };
    let Ok(devices) = message::read_devices(&body) else {
        return Ok(Vec::new());
    };
    let candidate = |device: Device| {
        let id = DigitalId::unsigned(&device.digital_id).ok()?;
        let port = redirected(&device.callback).unwrap_or(port);
        id.is_finger().then_some(Candidate { port, device, id })
    };
    Ok(devices.into_iter().filter_map(candidate).collect())
}

/// The port of a `callbackId`, which "takes precedence"; never another host.
fn redirected(callback: &str) -> Option<u16> {
    let rest = callback.trim().strip_prefix("http://127.0.0.1:")?;
    rest.split('/').next()?.parse().ok()
}

fn choose(
    config: &SbiConfig,
    now: Timestamp,
    found: Vec<Result<Vec<Candidate>, ScannerFault>>,
    until: Until<'_>,
) -> Result<Known, ScannerFault> {
    let mut worst = ScannerFault::NotConnected;
    let mut candidates = Vec::new();
    for found in found {
        match found {
            Ok(more) => candidates.extend(more),
            Err(ScannerFault::NotConnected) => {}
            Err(fault) => worst = fault,
        }
    }
    candidates.retain(|candidate| config.ports.contains(&candidate.port));
    // Stable: of several that are ready the one on the lowest port.
    candidates.sort_by_key(|candidate| !candidate.is_ready());
    for candidate in candidates {
        match described(config, now, &candidate, until) {
            Ok(known) => return Ok(known),
            Err(ScannerFault::Cancelled) => return Err(ScannerFault::Cancelled),
            Err(fault) => worst = fault,
        }
    }
    Err(worst)
}

/// `MOSIPDINFO`: the signed description of a device, and whether it can be used.
fn described(
    config: &SbiConfig,
    now: Timestamp,
    candidate: &Candidate,
    until: Until<'_>,
) -> Result<Known, ScannerFault> {
    let device = &candidate.device;
    let unregistered = device.status.eq_ignore_ascii_case("not registered");
    if unregistered || device.error == Some(100) {
        return Err(ScannerFault::NotRegistered);
    }
    if !is_plain(&device.device_id) {
        return Err(ScannerFault::Unsupported);
    }
    let until = Until {
        deadline: until.deadline.min(Instant::now() + ONE),
        ..until
    };
    let whole = |body: &[u8]| message::read_infos(body).is_ok();
    let (_, body) = http::ask(
        candidate.port,
        ("MOSIPDINFO", "/info"),
        &[],
        MAX_LIST,
        until,
        whole,
    )
    .map_err(fault::of_http)?;
    let infos = message::read_infos(&body).map_err(|_| ScannerFault::Failed)?;
    // A device may list several: its other sensors, and those of other kinds.
    let mut worst = ScannerFault::Failed;
    for info in infos {
        if info.signed.is_empty() {
            if let Some(Meaning::Fault(fault)) = info.error.map(fault::meaning) {
                worst = fault;
            }
            continue;
        }
        match device_info(
            &info.signed,
            &config.trust_roots,
            config.device_roots(),
            now,
        ) {
            Ok(described) if described.device_id != device.device_id => {}
            Ok(described) if described.digital_id.serial != candidate.id.serial => {}
            Ok(described) => return usable(config, candidate.port, described),
            Err(error) => {
                tracing::warn!(port = candidate.port, %error, "a scanner's description");
                worst = match info.error {
                    Some(100) => ScannerFault::NotRegistered,
                    _ => ScannerFault::Untrusted,
                };
            }
        }
    }
    Err(worst)
}

fn usable(config: &SbiConfig, port: u16, info: DeviceInfo) -> Result<Known, ScannerFault> {
    let names = |list: &[String], name: &str| list.is_empty() || list.iter().any(|l| l == name);
    if info.status.eq_ignore_ascii_case("not registered")
        || !info.environment.eq_ignore_ascii_case(&config.environment)
    {
        return Err(ScannerFault::NotRegistered);
    }
    if !info.purpose.eq_ignore_ascii_case(message::PURPOSE)
        || !names(&info.spec_versions, SPEC_VERSION)
    {
        return Err(ScannerFault::Unsupported);
    }
    Ok(Known { port, info })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_names_a_port_of_this_machine_or_nothing() {
        assert_eq!(redirected("http://127.0.0.1:4502/"), Some(4502));
        assert_eq!(redirected("http://127.0.0.1:4502"), Some(4502));
        for other in [
            "",
            "http://192.168.0.7:4502/",
            "http://127.0.0.1:4502@evil.example/",
            "https://127.0.0.1:4502/",
            "http://127.0.0.1:99999/",
        ] {
            assert_eq!(redirected(other), None, "{other}");
        }
    }
}
