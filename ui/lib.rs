//! What Slint generates from the pages beside this file, in a crate of its own: it is by far the
//! longest to compile, and so it is compiled once, not for the application and for its tests each.

#![allow(warnings, clippy::all, clippy::pedantic, clippy::restriction)]

slint::include_modules!();
