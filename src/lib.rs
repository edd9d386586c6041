//! The tablet application: the composition root and the screen.

pub mod app;
mod ui;
