//! The tablet without a screen: vault, link, devices, the worker, and the pages as values.
//!
//! Knows no toolkit. The application draws [`pages::PageView`] and sends [`worker::Command`]; all
//! else happens here.

pub mod device;
pub mod link;
pub mod pages;
pub mod slip;
pub mod support;
pub mod vault;
pub mod worker;
