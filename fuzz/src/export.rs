//! A queue as a file: carried to central by hand, and by anybody's hand.

use crate::Depth;
use crate::crypto::{Signer, authority};
use crate::draw::{bytes, patch};
use crate::hostile::Tablet;
use arbitrary::{Result, Unstructured};
use protocol::export::{ExportReader, ExportWriter, MAGIC};
use protocol::{Batch, DeviceId, Digest, SessionId};
use regulation::OfficerId;
use std::sync::LazyLock;
use uuid::Uuid;

static BATCHES: LazyLock<Vec<Batch>> = LazyLock::new(|| {
    let (_, sealing) = authority();
    let mut tablet = Tablet {
        device: DeviceId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        officer: OfficerId(Uuid::from_u128(3)),
        sealing,
        journal: &Signer::new(),
        run: 1,
        next: 1,
        previous: Digest::default(),
    };
    let batches = (0..2).map(|_| tablet.batches(&mut Unstructured::new(&[])));
    batches
        .flat_map(|drawn| drawn.expect("nothing is drawn"))
        .collect()
});

/// A file of drawn bytes, or a whole one with some of them changed.
pub fn export(data: &[u8]) {
    read_through(&mut Unstructured::new(data)).expect("bytes are always drawn");
}

fn read_through(u: &mut Unstructured<'_>) -> Result<()> {
    let mut written = Vec::new();
    let file = if u.arbitrary()? {
        let mut file = MAGIC.to_vec();
        file.extend(bytes(u, 500)?);
        file
    } else {
        let mut writer = ExportWriter::new(Vec::new()).expect("memory takes it");
        for _ in 0..u.int_in_range(0..=2)? {
            let batch = u.choose(&BATCHES)?;
            writer.batch(batch).expect("it is no larger than allowed");
            written.push(batch.clone());
        }
        let whole = writer.finish().expect("memory takes it");
        let mut file = whole.clone();
        patch(u, &mut file, 3)?;
        if file != whole {
            written.clear();
        }
        file
    };
    let Ok(mut reader) = ExportReader::new(file.as_slice()) else {
        return Ok(());
    };
    let mut read = Vec::new();
    let ended = loop {
        match reader.next_batch() {
            Ok(Some(batch)) => read.push(batch),
            Ok(None) => break true,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                break false;
            }
        }
    };
    if !written.is_empty() {
        assert!(ended && read == written, "what was written is read");
        Depth::ExportRead.reach();
    }
    // A file that ends as one should is one whose digest is right.
    if ended {
        let mut writer = ExportWriter::new(Vec::new()).expect("memory takes it");
        for batch in &read {
            writer.batch(batch).expect("it was read");
        }
        assert_eq!(reader.next_batch().ok(), Some(None));
    }
    Ok(())
}
