//! §32: the desk and recordings by other means.

use super::Worker;
use super::command::DeskMeansCommand;
use crate::pages::{Decided, Screen};
use protocol::{AlertKind, DeskEvent, Digest};
use regulation::MeansId;

impl Worker {
    pub(super) fn desk_means(&mut self, command: DeskMeansCommand) {
        match command {
            DeskMeansCommand::Open(means) => {
                if let Some(desk) = self.state.desk.as_mut() {
                    desk.means = Some(means);
                    (desk.text_problem, desk.digest_problem) = (false, false);
                    self.state.screen = Screen::DeskMeans;
                }
            }
            DeskMeansCommand::HandedOver { carrier, digest } => self.handed_over(&carrier, &digest),
            DeskMeansCommand::Deleted { confirmed_by } => self.deleted(&confirmed_by),
        }
    }

    fn handed_over(&mut self, carrier: &str, digest: &str) {
        let Some(means) = self.open_means() else {
            return;
        };
        let Some(carrier) = self.filled_at_desk(carrier) else {
            return;
        };
        let digest = match digest.trim() {
            "" => None,
            typed => match sha256(typed) {
                Some(digest) => Some(digest),
                None => {
                    if let Some(desk) = self.state.desk.as_mut() {
                        desk.digest_problem = true;
                    }
                    return;
                }
            },
        };
        let event = DeskEvent::MeansHandedOver {
            means,
            carrier,
            digest,
        };
        self.decide_means(means, false, event, Decided::HandedOver(means));
    }

    fn deleted(&mut self, confirmed_by: &str) {
        let Some(means) = self.open_means() else {
            return;
        };
        let Some(confirmed_by) = self.filled_at_desk(confirmed_by) else {
            return;
        };
        let event = DeskEvent::MeansDeleted {
            means,
            confirmed_by,
        };
        self.decide_means(means, true, event, Decided::Deleted(means));
    }

    fn open_means(&mut self) -> Option<MeansId> {
        let desk = self.state.desk.as_mut()?;
        (desk.text_problem, desk.digest_problem) = (false, false);
        desk.means
    }

    /// `after`: of one that is handed over.
    fn decide_means(&mut self, means: MeansId, after: bool, event: DeskEvent, decided: Decided) {
        let open = self.listed(|kind| {
            matches!(kind, AlertKind::OtherMeans { means: id, handed_over, .. }
                if *id == means && *handed_over == after)
        });
        if !open || self.is_decided(decided) || self.decide(event, decided) {
            self.go_to_desk();
        }
    }
}

/// 64 hexadecimal digits, as programs print a SHA-256; spaces are let pass.
fn sha256(typed: &str) -> Option<Digest> {
    let digits: Vec<u8> = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let mut digest = [0; 32];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = high << 4 | low;
    }
    Some(Digest(digest))
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn a_digest_is_64_hexadecimal_digits() {
        let text = "9F86D081 884C7D65 9a2feaa0 c55ad015 a3bf4f1b 2b0b822c d15d6c15 b0f00a08";
        let digest = sha256(text).map(|digest| protocol::bytes::hex(&digest.0));
        assert_eq!(digest, Some(text.replace(' ', "").to_lowercase()));
        for wrong in [
            "",
            "9f86",
            &text[1..],
            &format!("{text}0"),
            &text.replace('F', "g"),
        ] {
            assert!(sha256(wrong).is_none(), "{wrong}");
        }
    }
}
