//! Every target runs over what it begins with, so that none of them rots.
#![allow(clippy::unwrap_used, clippy::panic)]

use e_patrul_fuzz::{TARGETS, seeds};

fn replay(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(n, _)| *n == name).unwrap();
    let inputs: Vec<_> = seeds().into_iter().filter(|(t, ..)| *t == name).collect();
    assert!(!inputs.is_empty(), "{name} begins with nothing");
    for (.., bytes) in inputs {
        target(&bytes);
        // And cut short.
        target(&bytes[..bytes.len() / 2]);
    }
}

macro_rules! replays {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

replays!(
    cbor, json, typed, edition, csr, encounter, sealed, http, vault, central, replica, import
);
