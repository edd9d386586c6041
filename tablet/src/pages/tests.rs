//! The pages as values.
