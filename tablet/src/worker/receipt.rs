//! The citizen's receipt of a stop: made when it is asked for, from what is on record; signed by the
//! tablet, with a connection or without one. That it was shown is no event: the machine of the encounter
//! has none for it.

use super::Worker;
use crate::device::{NoCode, QrCode};
use crate::pages::{EncounterEntry, ReceiptState, Screen};
use crate::slip::{self, SlipFault};
use crate::vault::VaultError;
use protocol::limits::{
    SLIP_COMPLAIN_CHARS, SLIP_ID_CHARS, SLIP_NAME_CHARS, SLIP_PLACE_CHARS, SLIP_RANK_CHARS,
    SLIP_TITLE_CHARS, SLIP_UNIT_CHARS,
};
use protocol::slip::fitted;
use protocol::{DeviceId, Slip, SlipError};

/// Why no receipt was made.
#[derive(Debug, thiserror::Error)]
enum NoReceipt {
    /// No session, no ground, or no identity of the tablet.
    #[error("something that it names is not there")]
    Incomplete,
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Slip(#[from] SlipFault),
    #[error(transparent)]
    Text(#[from] SlipError),
    #[error(transparent)]
    Code(#[from] NoCode),
}

impl Worker {
    /// To the receipt of the encounter that is shown, once its ground is explained.
    pub(super) fn show_receipt(&mut self) {
        let from = self.state.screen;
        let Some(entry) = self.state.current_entry().filter(|e| e.has_receipt()) else {
            return;
        };
        if !matches!(from, Screen::Outcome | Screen::Closed) {
            return;
        }
        let made = self.make_receipt(entry);
        if let Err(error) = &made {
            tracing::error!(%error, "no receipt");
        }
        let made = made.ok();
        self.state.receipt = Some(ReceiptState { from, made });
        self.state.screen = Screen::Receipt;
    }

    /// Back to the page that it was asked for on.
    pub(super) fn leave_receipt(&mut self) {
        if let Some(receipt) = self.state.receipt.take() {
            self.state.screen = receipt.from;
        }
        self.show_answer_if_awaited();
    }

    fn make_receipt(&self, entry: &EncounterEntry) -> Result<(Slip, QrCode), NoReceipt> {
        let identity = self.parts.vault.identity()?.ok_or(NoReceipt::Incomplete)?;
        let slip = self.slip(entry, identity.device);
        let slip = slip.ok_or(NoReceipt::Incomplete)?;
        let keystore = self.parts.keystore.as_ref();
        let signed = slip::sign(slip, &identity.certificate_pem, keystore)?;
        // What would not be believed is not shown: by a certificate that has run out, say.
        slip::verify(&signed, &identity.ca_pem)?;
        let code = QrCode::of(&signed.text()?)?;
        Ok((signed.slip, code))
    }

    fn slip(&self, entry: &EncounterEntry, device: DeviceId) -> Option<Slip> {
        let (encounter, edition) = (&entry.encounter, &self.state.edition);
        // The one that the cards speak: it may have been found out after the introduction.
        let language = self.state.citizen_language;
        let session = self.state.session.as_ref()?;
        let ground = &encounter.ground.as_ref()?.id;
        let title = edition.ground(ground)?.title.get(language);
        let complain = edition.receipt.complain.get(language);
        Some(Slip {
            encounter: entry.id,
            device,
            training: self.state.training,
            edition: fitted(&edition.id, SLIP_ID_CHARS),
            language,
            rank: fitted(&session.rank, SLIP_RANK_CHARS),
            name: fitted(&session.name, SLIP_NAME_CHARS),
            unit: fitted(&session.unit, SLIP_UNIT_CHARS),
            place: fitted(&encounter.place.as_ref()?.text, SLIP_PLACE_CHARS),
            at: encounter.opened_at?,
            utc_offset_minutes: edition.limits.utc_offset_minutes,
            made_at: self.parts.clock.now(),
            ground: fitted(ground, SLIP_ID_CHARS),
            ground_title: fitted(title, SLIP_TITLE_CHARS),
            complain: fitted(complain, SLIP_COMPLAIN_CHARS),
        })
    }
}
