//! A hostile tablet that seals, chains and signs as it should, around anything at all.

use crate::crypto::{Signer, seal};
use crate::draw::{NOW, bytes, event, fact, opening, patch, rarely};
use arbitrary::{Result, Unstructured};
use protocol::{Batch, DeviceId, Digest, Envelope, KeyId, SealingKey, SessionId, Urgency, to_cbor};
use regulation::{EncounterId, OfficerId, QuestionId};
use uuid::Uuid;

/// Events drawn for one run, after the four that open the way.
const EVENTS: usize = 12;

pub(crate) struct Tablet<'a> {
    pub(crate) device: DeviceId,
    pub(crate) session: SessionId,
    pub(crate) officer: OfficerId,
    pub(crate) sealing: SealingKey,
    pub(crate) journal: &'a Signer,
    /// Makes ids of one run unlike those of every other.
    pub(crate) run: u64,
    /// Number and link of the next envelope.
    pub(crate) next: u64,
    pub(crate) previous: Digest,
}

impl Tablet<'_> {
    fn id(&self, n: u128) -> Uuid {
        Uuid::from_u128((u128::from(self.run) << 64) | n)
    }

    pub(crate) fn encounters(&self) -> [EncounterId; 2] {
        [10, 11].map(|n| EncounterId(self.id(n)))
    }

    /// Batches of envelopes around drawn facts and drawn bytes, each signed.
    pub(crate) fn batches(&mut self, u: &mut Unstructured<'_>) -> Result<Vec<Batch>> {
        let questions = [1, 2, 3].map(|n| QuestionId(self.id(n)));
        let mut last = NOW;
        let mut plains = Vec::new();
        if !rarely(u, 8)? {
            for event in opening() {
                // No bytes are left for these: each is as it should be.
                let mut nothing = Unstructured::new(&[]);
                let fact = fact(&mut nothing, self.officer, &questions, event, &mut last)?;
                plains.push(to_cbor(&fact).expect("a fact can be written"));
            }
        }
        for _ in 0..EVENTS {
            if u.is_empty() {
                break;
            }
            plains.push(match u.int_in_range(0..=7)? {
                0 => bytes(u, 400)?,
                drawn => {
                    let event = event(u, &questions)?;
                    let fact = fact(u, self.officer, &questions, event, &mut last)?;
                    let mut plain = to_cbor(&fact).expect("a fact can be written");
                    if drawn == 1 {
                        patch(u, &mut plain, 4)?;
                    }
                    plain
                }
            });
        }
        let mut batches = Vec::new();
        let mut envelopes = Vec::new();
        for plain in plains {
            envelopes.push(self.envelope(u, &plain)?);
            if rarely(u, 6)? {
                batches.push(self.sign(u, std::mem::take(&mut envelopes))?);
            }
        }
        batches.push(self.sign(u, envelopes)?);
        if rarely(u, 4)? {
            batches.push(u.choose(&batches)?.clone());
        }
        Ok(batches)
    }

    fn envelope(&mut self, u: &mut Unstructured<'_>, plain: &[u8]) -> Result<Envelope> {
        let mut envelope = Envelope {
            device: self.device,
            session: self.session,
            seq: self.next,
            encounter: Some(self.encounters()[0]),
            urgency: Urgency::Ordinary,
            key: self.sealing.id,
            previous: self.previous,
            encapsulated: Vec::new(),
            ciphertext: Vec::new(),
        };
        if rarely(u, 5)? {
            match u.int_in_range(0..=6)? {
                0 => envelope.encounter = None,
                1 => envelope.encounter = Some(self.encounters()[1]),
                2 => envelope.session = SessionId(Uuid::from_u128(u.arbitrary()?)),
                3 => envelope.urgency = Urgency::Question,
                4 => envelope.key = KeyId(Uuid::from_u128(u.arbitrary()?)),
                5 => envelope.previous = Digest(u.arbitrary()?),
                _ => {
                    // A gap, a number given twice, the end of numbers.
                    envelope.seq = match u.int_in_range(0..=2)? {
                        0 => self.next + u64::from(u.int_in_range(1..=3_u8)?),
                        1 => self.next.saturating_sub(1).max(1),
                        _ => i64::MAX as u64 - 1 - u64::from(u.arbitrary::<u8>()?),
                    }
                }
            }
        }
        seal(&self.sealing, &mut envelope, plain);
        if rarely(u, 12)? {
            match u.int_in_range(0..=2)? {
                // Bound to another encounter than it says.
                0 => envelope.encounter = Some(self.encounters()[1]),
                1 => patch(u, &mut envelope.ciphertext, 3)?,
                _ => patch(u, &mut envelope.encapsulated, 3)?,
            }
        }
        if envelope.seq < self.next + 8 {
            self.next = envelope.seq + 1;
            self.previous = envelope.digest();
        }
        Ok(envelope)
    }

    fn sign(&self, u: &mut Unstructured<'_>, mut envelopes: Vec<Envelope>) -> Result<Batch> {
        if rarely(u, 6)? {
            envelopes.reverse();
        }
        let signature = self
            .journal
            .sign(&Batch::signed_bytes(self.device, &envelopes));
        Ok(Batch {
            device: self.device,
            envelopes,
            signature,
        })
    }
}
