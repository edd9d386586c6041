//! Every target runs over what it begins with, so that none of them rots.
#![allow(clippy::unwrap_used, clippy::panic)]

use e_patrul_fuzz::{Depth, TARGETS, seeds};

fn replay(name: &str, depths: &[Depth]) {
    let (_, target) = TARGETS.into_iter().find(|(n, _)| *n == name).unwrap();
    let inputs: Vec<_> = seeds().into_iter().filter(|(t, ..)| *t == name).collect();
    assert!(!inputs.is_empty(), "{name} begins with nothing");
    let valid = matches!(name, "cbor" | "json" | "edition" | "csr");
    let reached = || depths.iter().map(|depth| depth.times()).sum::<u64>();
    for (_, seed, bytes) in inputs {
        let before = reached();
        target(&bytes);
        assert!(
            !valid || reached() > before,
            "{name} does not read its seed {seed}"
        );
        // And cut short.
        target(&bytes[..bytes.len() / 2]);
    }
    for depth in depths {
        assert!(depth.times() > 0, "{name} never comes to {depth:?}");
    }
}

macro_rules! replays {
    ($($name:ident: $($depth:ident),+;)*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name), &[$(Depth::$depth),+]);
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

replays! {
    cbor: BodyRead;
    json: BodyRead;
    typed: TextTaken;
    edition: EditionRead, LawRead;
    csr: KeyRead;
    export: ExportRead;
    encounter: Identifying;
    sealed: FingerprintLookedUp;
    http: BatchReceipted;
    vault: VaultUsed, VaultMovedAside;
    central: DatabaseOpened, KeysOpened, ConfigurationRead;
    replica: ReplicaCaughtUp, ReplicaDamaged;
    import: PeopleStored;
    scanner: ScannerRead;
    zone: ZoneRead;
}
