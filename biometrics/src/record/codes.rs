//! Fields of one byte whose values are codes with a meaning.

/// A type for the codes of one field: any value can be held, since records of devices hold
/// codes that no edition defines; [`meaning`](Self::meaning) tells them apart.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($code:pat => $meaning:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u8);

        impl $name {
            /// In words; `None` for a code that the standard does not define.
            #[must_use]
            pub fn meaning(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($meaning),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} ({})", self.0, self.meaning().unwrap_or("not defined"))
            }
        }
    };
}

pub(crate) use codes;
