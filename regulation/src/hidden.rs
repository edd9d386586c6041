//! `Debug` without personal data: what a log, an error or a panic message may show.

use std::fmt;

/// Stands where a text was left out.
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// An id of the edition or of a driver. Shown only if it has the form of one: what stands in its
/// place in an event from elsewhere may be anything.
pub(crate) struct Id<'a>(pub &'a str);

impl fmt::Debug for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = |b: u8| b.is_ascii_lowercase() || b == b'_';
        if self.0.len() <= 32 && self.0.bytes().all(form) {
            fmt::Debug::fmt(self.0, f)
        } else {
            Hidden.fmt(f)
        }
    }
}

/// `Debug` of types that hold personal data: their name alone.
#[macro_export]
macro_rules! hidden_debug {
    ($($name:ident),* $(,)?) => {$(
        /// Shows the type's name and nothing that it holds.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
