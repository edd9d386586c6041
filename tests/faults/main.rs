//! Network cut, central restarted, tablet killed: nothing lost, nothing twice, and the late answer
//! reaches the officer who asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod disk;
mod evidence;
mod lost;
mod migrations;
mod network;
mod offline;
mod suspend;
mod tablet_killed;
