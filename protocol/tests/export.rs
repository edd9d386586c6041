//! An exported queue reads back, and one that is cut, changed or hostile is told from a whole one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use protocol::export::{ExportError, ExportReader, ExportWriter, MAGIC};
use protocol::*;
use uuid::Uuid;

fn batch(n: u64, bytes: usize) -> Batch {
    Batch {
        device: DeviceId(Uuid::from_u128(1)),
        envelopes: vec![Envelope {
            device: DeviceId(Uuid::from_u128(1)),
            session: SessionId(Uuid::from_u128(2)),
            seq: n,
            encounter: None,
            urgency: Urgency::Ordinary,
            key: KeyId(Uuid::from_u128(5)),
            previous: Digest::default(),
            encapsulated: vec![1; 32],
            ciphertext: vec![n as u8; bytes],
        }],
        signature: vec![3; 70],
    }
}

fn file(batches: &[Batch]) -> Vec<u8> {
    let mut writer = ExportWriter::new(Vec::new()).unwrap();
    for batch in batches {
        writer.batch(batch).unwrap();
    }
    writer.finish().unwrap()
}

/// What comes out before the end, and how it ended.
fn read(bytes: &[u8]) -> (Vec<Batch>, Result<(), ExportError>) {
    let mut batches = Vec::new();
    let mut reader = match ExportReader::new(bytes) {
        Ok(reader) => reader,
        Err(error) => return (batches, Err(error)),
    };
    loop {
        match reader.next_batch() {
            Ok(Some(batch)) => batches.push(batch),
            Ok(None) => return (batches, Ok(())),
            Err(error) => return (batches, Err(error)),
        }
    }
}

#[test]
fn what_was_written_reads_back() {
    for count in [0, 1, 3] {
        let batches: Vec<_> = (1..=count).map(|n| batch(n, 50)).collect();
        let (found, end) = read(&file(&batches));
        end.unwrap();
        assert_eq!(found, batches);
    }
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_batches_and_says_that_it_is_cut() {
    let batches = [batch(1, 40), batch(2, 40)];
    let whole = file(&batches);
    for length in 0..whole.len() {
        let (found, end) = read(&whole[..length]);
        assert!(matches!(end, Err(ExportError::Cut)), "{length}: {end:?}");
        assert_eq!(found, batches[..found.len()]);
    }
}

#[test]
fn a_frame_taken_out_put_twice_or_hung_on_is_noticed() {
    let (one, two) = (file(&[batch(1, 40)]), file(&[batch(1, 40), batch(2, 40)]));
    let frame = &one[MAGIC.len()..one.len() - 44];
    let taken_out = [MAGIC.as_slice(), frame, &two[two.len() - 44..]].concat();
    let twice = [MAGIC.as_slice(), frame, frame, &two[two.len() - 44..]].concat();
    let hung_on = [one.as_slice(), &[0]].concat();
    for bytes in [taken_out, twice, hung_on] {
        assert!(matches!(read(&bytes).1, Err(ExportError::Damaged(_))));
    }
}

#[test]
fn a_length_beyond_a_batch_is_refused_before_it_is_read() {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&u32::MAX.to_be_bytes());
    assert!(matches!(read(&bytes).1, Err(ExportError::TooLarge(1))));
    assert!(matches!(read(b"EPEXP002").1, Err(ExportError::Foreign)));
    let mut writer = ExportWriter::new(Vec::new()).unwrap();
    let large = batch(1, limits::BATCH_BYTES);
    assert!(matches!(
        writer.batch(&large),
        Err(ExportError::TooLarge(1))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_byte_never_passes_for_a_whole_file(at in any::<prop::sample::Index>(), by in 1..=255_u8) {
        let batches = [batch(1, 40), batch(2, 40), batch(3, 40)];
        let mut bytes = file(&batches);
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        prop_assert!(read(&bytes).1.is_err());
    }

    #[test]
    fn bytes_of_nobody_end_in_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [MAGIC.as_slice(), &bytes].concat();
        prop_assert!(read(&bytes).1.is_err());
    }
}
