//! Cameras by Video4Linux. A leaf: building it takes libclang, and nothing but the application's
//! feature `v4l2` asks for it.

mod decode;
#[cfg(target_os = "linux")]
mod v4l2;

pub use decode::{Layout, decode};
#[cfg(target_os = "linux")]
pub use v4l2::V4l2Camera;
