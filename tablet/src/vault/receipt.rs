//! Receipts: central's word, checked before anything is marked or deleted.

use super::{JournalRow, Vault, VaultError, captures};
use protocol::{DeviceId, Digest, Receipt};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use rusqlite::{Connection, OptionalExtension as _, Transaction};

impl Vault {
    /// Applies central's word: marks what it names as stored, deletes what is safe (all but the last,
    /// which carries the chain on). The marks alone say nothing of a number: they pass over those
    /// that central has declared lost, and what turns up of them is still to be sent.
    ///
    /// A receipt that says *less* is stored than an earlier one did, and was signed later, means that
    /// central lost what was not safe yet; that waits again.
    ///
    /// # Errors
    /// [`VaultError::BadReceipt`], [`VaultError::ForeignReceipt`], [`VaultError::StaleReceipt`],
    /// [`VaultError::SafeLost`], [`VaultError::ChainFork`]: nothing was marked or deleted.
    pub fn apply_receipt(&self, receipt: &Receipt) -> Result<(), VaultError> {
        self.check_signed(receipt.device, &receipt.signed_bytes(), &receipt.signature)?;
        if receipt.safe_through > receipt.stored_through {
            return Err(VaultError::BadReceipt);
        }
        let mut state = self.state();
        let (transaction, _) = state.begin()?;
        let journal = JournalRow::read(&transaction)?;
        check_anchor(&transaction, &journal, receipt)?;
        if receipt.stored_through < journal.stored_through {
            if receipt.at.0 <= journal.receipt_at {
                return Err(VaultError::StaleReceipt);
            }
            if receipt.stored_through < journal.safe_through {
                return Err(VaultError::SafeLost);
            }
            tracing::warn!(
                had = journal.stored_through,
                has = receipt.stored_through,
                "central lost events that were not safe; they are sent again"
            );
            transaction.execute(
                "UPDATE sealed SET stored = 0 WHERE seq > ?1 AND stored = 1",
                [receipt.stored_through],
            )?;
            // What it said of captures before is as old as what it lost.
            transaction.execute("UPDATE captures SET safe = 0, sent = 0", [])?;
        } else if receipt.at.0 > journal.receipt_at && lost_above_mark(&transaction, receipt)? {
            tracing::warn!(
                has = receipt.stored_through,
                "central lost events above its mark; they are sent again"
            );
            transaction.execute(
                "UPDATE sealed SET stored = 0 WHERE seq > ?1 AND stored = 1",
                [receipt.stored_through],
            )?;
            transaction.execute("UPDATE captures SET safe = 0, sent = 0", [])?;
        }
        mark_stored(&transaction, receipt)?;
        let safe_through = receipt.safe_through.max(journal.safe_through);
        // Not by the highest mark ever: a late number may be stored, and its copy not made yet.
        let deleted = transaction.execute(
            "DELETE FROM sealed WHERE seq < ?1 AND stored = 1",
            [receipt.safe_through],
        )?;
        transaction.execute(
            "UPDATE journal SET stored_through = ?1, safe_through = ?2,
                    receipt_at = max(receipt_at, ?3), deleted = deleted + ?4",
            (receipt.stored_through, safe_through, receipt.at.0, deleted),
        )?;
        let captures = captures::release(&transaction, safe_through)?;
        transaction.commit()?;
        drop(state);
        self.unlink(&captures);
        self.bump();
        Ok(())
    }

    /// Whether it is central's word, and to this device.
    pub(super) fn check_signed(
        &self,
        device: DeviceId,
        bytes: &[u8],
        signature: &[u8],
    ) -> Result<(), VaultError> {
        let identity = self.identity()?.ok_or(VaultError::NotEnrolled)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &identity.receipt_key)
            .verify(bytes, signature)
            .map_err(|_| VaultError::BadReceipt)?;
        if device != identity.device {
            return Err(VaultError::ForeignReceipt);
        }
        Ok(())
    }
}

/// Central's head must be our digest of the same number: else one of the two was rewritten.
fn check_anchor(
    db: &Connection,
    journal: &JournalRow,
    receipt: &Receipt,
) -> Result<(), VaultError> {
    let highest = receipt
        .stored
        .iter()
        .copied()
        .max()
        .unwrap_or(0)
        .max(receipt.stored_through);
    if highest > journal.last_seq {
        return Err(VaultError::ChainFork);
    }
    let ours = match receipt.stored_through {
        0 => Some(Digest::default()),
        seq if seq == journal.base_seq => Some(journal.base_head),
        seq => db
            .prepare_cached("SELECT digest FROM sealed WHERE seq = ?1")?
            .query_row([seq], |row| row.get(0).map(Digest))
            .optional()?,
    };
    match ours {
        Some(ours) if ours == receipt.head => Ok(()),
        // Recorded by a database that is gone: nothing to compare with, and nothing here to delete.
        None if receipt.stored_through < journal.base_seq => Ok(()),
        // Deleted as safe, or an old receipt come late.
        None if receipt.stored_through < journal.safe_through => {
            let late = receipt.at.0 <= journal.receipt_at;
            Err(if late {
                VaultError::StaleReceipt
            } else {
                VaultError::SafeLost
            })
        }
        _ => Err(VaultError::ChainFork),
    }
}

/// Whether central had said that it holds the number after its mark: its mark would include it, so
/// it has lost it since, and perhaps others like it (a backup from before they came).
fn lost_above_mark(transaction: &Transaction<'_>, receipt: &Receipt) -> Result<bool, VaultError> {
    let next = receipt.stored_through + 1;
    let held: bool = transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM sealed WHERE seq = ?1 AND stored = 1)")?
        .query_row([next], |row| row.get(0))?;
    Ok(held && !receipt.stored.contains(&next))
}

fn mark_stored(transaction: &Transaction<'_>, receipt: &Receipt) -> Result<(), VaultError> {
    let mut one =
        transaction.prepare_cached("UPDATE sealed SET stored = 1, stuck = NULL WHERE seq = ?1")?;
    for seq in &receipt.stored {
        one.execute([seq])?;
    }
    Ok(())
}
