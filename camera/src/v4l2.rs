//! The driver: `/dev/video*`, mapped buffers, one stream at a time.

use crate::{Layout, decode};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;
use tablet::device::{Camera, CameraFault, CameraStream, Facing, Picture};
use v4l::buffer::Type;
use v4l::capability::Flags;
use v4l::io::mmap::Stream as Mapped;
use v4l::io::traits::CaptureStream as _;
use v4l::video::Capture as _;
use v4l::{Device, FourCC};

/// A camera gives its next frame within this, or does not answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What is asked for; a camera gives what it has that is nearest.
const SIZE: (u32, u32) = (1920, 1080);
const BUFFERS: u32 = 4;
/// Numbers of the kernel's errors.
const NO_SUCH_DEVICE: i32 = 19;
const NO_SUCH_DEVICE_OR_ADDRESS: i32 = 6;
const INPUT_OUTPUT: i32 = 5;
const BUSY: i32 = 16;

/// Cameras of the system that stream pictures in a layout that is known here. Which way one looks is
/// known by its name alone: "front" in it, or "user".
#[derive(Clone, Copy, Debug, Default)]
pub struct V4l2Camera;

struct Found {
    path: PathBuf,
    facing: Facing,
}

impl V4l2Camera {
    fn cameras() -> Result<Vec<Found>, CameraFault> {
        let mut nodes = v4l::context::enum_devices();
        nodes.sort_by_key(|node| node.path().to_owned());
        let (mut found, mut refused) = (Vec::new(), None);
        for node in nodes {
            match streams(&node.path().to_owned()) {
                Ok(true) => {
                    let name = node.name().unwrap_or_default().to_lowercase();
                    let front = name.contains("front") || name.contains("user");
                    found.push(Found {
                        path: node.path().to_owned(),
                        facing: if front { Facing::Front } else { Facing::Back },
                    });
                }
                Ok(false) => {}
                Err(error) => refused = Some(fault(&error)),
            }
        }
        found.sort_by_key(|camera| camera.facing == Facing::Front);
        match (found.is_empty(), refused) {
            (false, _) => Ok(found),
            (true, Some(fault)) => Err(fault),
            (true, None) => Err(CameraFault::NotFitted),
        }
    }
}

/// Whether pictures come out of the node: a camera has others beside, for what describes them.
fn streams(path: &PathBuf) -> io::Result<bool> {
    let device = Device::with_path(path)?;
    let wanted = Flags::VIDEO_CAPTURE | Flags::STREAMING;
    Ok(device.query_caps()?.capabilities.contains(wanted) && layout(&device)?.is_some())
}

/// The layout to be asked for: JPEG first, since a slow bus carries no other at this size.
fn layout(device: &Device) -> io::Result<Option<Layout>> {
    let given = device.enum_formats()?;
    let has = |layout: &Layout| given.iter().any(|format| format.fourcc == code(*layout));
    Ok([Layout::Jpeg, Layout::Yuyv].into_iter().find(has))
}

fn code(layout: Layout) -> FourCC {
    FourCC::new(match layout {
        Layout::Jpeg => b"MJPG",
        Layout::Yuyv => b"YUYV",
    })
}

fn fault(error: &io::Error) -> CameraFault {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::PermissionDenied, _) => CameraFault::Denied,
        (ErrorKind::TimedOut, _) => CameraFault::TimedOut,
        (_, Some(BUSY)) => CameraFault::Busy,
        (_, Some(NO_SUCH_DEVICE | NO_SUCH_DEVICE_OR_ADDRESS | INPUT_OUTPUT)) => {
            CameraFault::Unplugged
        }
        (ErrorKind::NotFound, _) => CameraFault::Unplugged,
        _ => CameraFault::BrokenFrame,
    }
}

impl Camera for V4l2Camera {
    fn discover(&self) -> Result<Vec<Facing>, CameraFault> {
        let mut facings: Vec<_> = Self::cameras()?.iter().map(|c| c.facing).collect();
        facings.dedup();
        Ok(facings)
    }

    fn open(&self, facing: Facing) -> Result<Box<dyn CameraStream>, CameraFault> {
        let cameras = Self::cameras()?.into_iter();
        let mut wanted = cameras.filter(|camera| camera.facing == facing);
        let camera = wanted.next().ok_or(CameraFault::Unplugged)?;
        let open = || -> io::Result<Option<Stream>> {
            let device = Device::with_path(&camera.path)?;
            let Some(layout) = layout(&device)? else {
                return Ok(None);
            };
            let mut format = device.format()?;
            (format.width, format.height) = SIZE;
            format.fourcc = code(layout);
            let agreed = device.set_format(&format)?;
            if agreed.fourcc != code(layout) {
                return Ok(None);
            }
            let mut frames = Mapped::with_buffers(&device, Type::VideoCapture, BUFFERS)?;
            frames.set_timeout(TIMEOUT);
            Ok(Some(Stream {
                frames,
                layout,
                width: agreed.width,
                height: agreed.height,
            }))
        };
        match open() {
            Ok(Some(stream)) => Ok(Box::new(stream)),
            Ok(None) => Err(CameraFault::BrokenFrame),
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "the camera does not open");
                Err(fault(&error))
            }
        }
    }
}

struct Stream {
    frames: Mapped<'static>,
    layout: Layout,
    width: u32,
    height: u32,
}

impl CameraStream for Stream {
    fn frame(&mut self) -> Result<Picture, CameraFault> {
        let (bytes, about) = self.frames.next().map_err(|error| fault(&error))?;
        let used = usize::try_from(about.bytesused).unwrap_or(usize::MAX);
        decode(
            self.layout,
            self.width,
            self.height,
            &bytes[..used.min(bytes.len())],
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_kernels_errors_are_told_apart() {
        let of = |number| fault(&io::Error::from_raw_os_error(number));
        assert_eq!(of(13), CameraFault::Denied);
        assert_eq!(of(16), CameraFault::Busy);
        assert_eq!(of(19), CameraFault::Unplugged);
        assert_eq!(of(2), CameraFault::Unplugged);
        assert_eq!(of(22), CameraFault::BrokenFrame);
        let late = io::Error::from(ErrorKind::TimedOut);
        assert_eq!(fault(&late), CameraFault::TimedOut);
    }

    /// On a machine with no camera this is what a tablet without one says; on one that has a camera, a
    /// frame comes out of it.
    #[test]
    fn without_a_camera_it_says_so_and_with_one_a_frame_comes() {
        match V4l2Camera.discover() {
            Ok(cameras) => {
                let mut stream = V4l2Camera.open(cameras[0]).unwrap();
                assert!(stream.frame().unwrap().width() >= 160);
            }
            Err(fault) => {
                assert!(matches!(
                    fault,
                    CameraFault::NotFitted | CameraFault::Denied
                ));
                assert!(V4l2Camera.open(Facing::Back).is_err());
            }
        }
    }
}
