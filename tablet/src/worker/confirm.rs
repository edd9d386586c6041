//! §16: the other person of a hand-over confirms by login and password of their own: central checks
//! them, and the roster when central cannot be reached.

use super::session::unreachable;
use super::{Inner, Worker};
use crate::link::{Link, LinkError};
use crate::pages::{ConfirmProblem, ConfirmState, Screen};
use crate::vault::{OpenSession, ResumeError, Vault};
use protocol::{ErrorCode, Officer};
use regulation::custody::{ConfirmedBy, Party};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Who has confirmed, and who has checked it.
pub(super) type Outcome = Result<(Officer, ConfirmedBy), ConfirmProblem>;

impl Worker {
    pub(super) fn confirm(&mut self, login: String, password: Zeroizing<String>) {
        let asked = matches!(self.state.screen, Screen::TakeOver | Screen::HandIn);
        let Some(session) = self.session.clone().filter(|_| asked) else {
            return;
        };
        if self.state.custody.confirm.busy {
            return;
        }
        self.forget_person();
        self.state.custody.confirm.busy = true;
        let number = self.confirming;
        let (vault, link, inner) = (
            self.parts.vault.clone(),
            self.link.clone(),
            self.inner.clone(),
        );
        tokio::spawn(async move {
            let outcome = check(vault, link, session, login, password).await;
            let _ = inner.send(Inner::Confirmed { number, outcome });
        });
    }

    pub(super) fn confirmed(&mut self, number: u64, outcome: Outcome) {
        if number != self.confirming {
            return;
        }
        let own = self.session.as_ref().map(|s| s.officer.id);
        let problem = match outcome {
            Ok((officer, _)) if Some(officer.id) == own => Some(ConfirmProblem::Themselves),
            Ok((officer, by)) => {
                self.state.custody.person = Some(Party::Confirmed {
                    officer: officer.id,
                    name: officer.name,
                    by,
                });
                None
            }
            Err(problem) => Some(problem),
        };
        self.state.custody.confirm = ConfirmState {
            busy: false,
            problem,
        };
    }
}

async fn check(
    vault: Vault,
    link: Option<Link>,
    session: Arc<OpenSession>,
    login: String,
    password: Zeroizing<String>,
) -> Outcome {
    let asked = match &link {
        Some(link) => link.confirm(&session.token, &login, &password).await,
        None => Err(LinkError::Network),
    };
    drop(session);
    match asked {
        Ok(officer) => Ok((officer, ConfirmedBy::Central)),
        Err(error) if unreachable(&error) => {
            // Argon2id takes a tenth of a second; the loop goes on meanwhile.
            let work = move || vault.confirm_by_roster(&login, &password);
            match tokio::task::spawn_blocking(work).await {
                Ok(Ok(officer)) => Ok((officer, ConfirmedBy::Roster)),
                Ok(Err(error)) => Err(by_roster(&error)),
                Err(_) => Err(ConfirmProblem::Storage),
            }
        }
        Err(error) => Err(by_central(&error)),
    }
}

fn by_roster(error: &ResumeError) -> ConfirmProblem {
    match error {
        ResumeError::WrongPassword => ConfirmProblem::NotOnRoster,
        ResumeError::Throttled { retry_after_ms } => ConfirmProblem::Throttled {
            seconds: retry_after_ms.div_ceil(1000),
        },
        ResumeError::Locked => ConfirmProblem::Locked,
        ResumeError::NoRoster
        | ResumeError::LeaseOver
        | ResumeError::NoSession
        | ResumeError::RosterUsed => ConfirmProblem::NobodyToAsk,
        ResumeError::Vault(error) => {
            tracing::error!(%error, "nobody can be confirmed by the roster");
            ConfirmProblem::Storage
        }
    }
}

fn by_central(error: &LinkError) -> ConfirmProblem {
    let LinkError::Central(refused) = error else {
        return ConfirmProblem::NobodyToAsk;
    };
    match refused.code {
        ErrorCode::BadCredentials => ConfirmProblem::WrongCredentials,
        ErrorCode::Throttled => ConfirmProblem::Throttled {
            seconds: refused.retry_after_s.unwrap_or(1),
        },
        ErrorCode::OfficerInactive => ConfirmProblem::Inactive,
        ErrorCode::OfficerLocked => ConfirmProblem::Locked,
        _ => ConfirmProblem::NobodyToAsk,
    }
}
