//! Bodies of the contract, as they come from the network and from the tablet's own disk.

use crate::Depth;
use central::store::StoredBatch;
use protocol::{
    Answer, ApiError, Batch, CaptureReceipt, CaptureRef, DeskBoard, EnrolRequest, EnrolResponse,
    Envelope, Fact, InboxPage, LateAnswer, LoginRequest, LoginResponse, Message, Receipt, Roster,
    TabletOrdered, TabletRequest, UnitReport, WipeOrder, WipeReceipt, WipeReport, from_cbor,
    to_cbor,
};
use regulation::EncounterId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A CBOR body; the first byte chooses the type.
pub fn cbor(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    match which % 8 {
        0 => cbor_of::<Batch>(bytes, |batch| {
            for envelope in &batch.envelopes {
                assert!(!envelope.aad().is_empty());
            }
            assert!(!Batch::signed_bytes(batch.device, &batch.envelopes).is_empty());
        }),
        1 => cbor_of::<Envelope>(bytes, |envelope| {
            assert_eq!(envelope.digest(), envelope.clone().digest());
        }),
        2 => cbor_of::<Fact>(bytes, |_| ()),
        // As the vault keeps what a shift may read.
        3 => cbor_of::<(Option<EncounterId>, Fact)>(bytes, |_| ()),
        4 => cbor_of::<LoginResponse>(bytes, |_| ()),
        // As the replica keeps a batch.
        5 => cbor_of::<StoredBatch>(bytes, |_| ()),
        6 => cbor_of::<CaptureRef>(bytes, |capture| {
            assert!(CaptureRef::sealed_bytes(capture.plain_bytes) >= capture.plain_bytes);
        }),
        _ => cbor_of::<Message>(bytes, |_| ()),
    }
}

/// A JSON body; the first byte chooses the type.
pub fn json(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    match which % 16 {
        0 => json_of::<Receipt>(bytes, |r| drop(r.signed_bytes())),
        1 => json_of::<Roster>(bytes, |_| ()),
        2 => json_of::<Answer>(bytes, |answer| {
            let _ = (answer.result.kind(), answer.result.gallery());
        }),
        3 => json_of::<InboxPage>(bytes, |_| ()),
        4 => json_of::<LoginRequest>(bytes, |_| ()),
        5 => json_of::<LoginResponse>(bytes, |_| ()),
        6 => json_of::<EnrolRequest>(bytes, |_| ()),
        7 => json_of::<EnrolResponse>(bytes, |_| ()),
        8 => json_of::<WipeReport>(bytes, |r| drop(r.signed_bytes())),
        9 => json_of::<WipeReceipt>(bytes, |r| drop(r.signed_bytes())),
        10 => json_of::<CaptureReceipt>(bytes, |r| drop(r.signed_bytes())),
        11 => json_of::<ApiError>(bytes, |error| {
            assert!((400..600).contains(&error.code.status()));
        }),
        12 => json_of::<tablet::vault::DeviceIdentity>(bytes, |_| ()),
        13 => json_of::<WipeOrder>(bytes, |o| drop(o.signed_bytes())),
        // A stored reason of what does not go on by itself.
        14 => json_of::<tablet::vault::StuckReason>(bytes, |_| ()),
        _ => {
            json_of::<DeskBoard>(bytes, |_| ());
            json_of::<UnitReport>(bytes, |_| ());
            json_of::<LateAnswer>(bytes, |_| ());
            json_of::<TabletRequest>(bytes, |_| ());
            json_of::<TabletOrdered>(bytes, |_| ());
        }
    }
}

/// Reads a value; what was read is written, and read again to the same.
fn cbor_of<T: Serialize + DeserializeOwned>(bytes: &[u8], look: impl Fn(&T)) {
    let Ok(value) = from_cbor::<T>(bytes) else {
        return;
    };
    look(&value);
    let written = to_cbor(&value).expect("what was read can be written");
    let again: T = from_cbor(&written).expect("what was written can be read");
    assert_eq!(to_cbor(&again).as_ref(), Ok(&written));
    Depth::BodyRead.reach();
}

fn json_of<T: Serialize + DeserializeOwned>(bytes: &[u8], look: impl Fn(&T)) {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else {
        return;
    };
    look(&value);
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let again: T = serde_json::from_slice(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_vec(&again).ok().as_ref(), Some(&written));
    Depth::BodyRead.reach();
}
