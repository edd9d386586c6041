//! Channels to central.
