//! What may go to another account after an attempt, and what never:
//!
//! | outcome | next account? |
//! |---|---|
//! | not sent: no connection, breaker, limits, the deadline's share | yes |
//! | refused for a fault of the account: credit, credential, permission, a sender or country that it has not | yes, and the account is left out for 10 minutes for the country and sender |
//! | refused because of a rate | yes: the HTTP client has waited before if the wait is short |
//! | refused for the recipient or the text, or by a stop list | never: another vendor would bill the same, or go round an objection |
//! | unknown | never by itself: it may have been sent |

use crate::error::{Error, Reason};

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The vendor accepted the message.
    Accepted,
    /// Nothing was sent, and another account may be asked.
    NotSent,
    /// The vendor rejected the message for a fault of the account, and another one may be asked.
    AccountsFault,
    /// Nothing was sent, or the vendor rejected the message, and no other account may be asked.
    Final,
    /// The vendor may have sent the message.
    Unknown,
}

impl Verdict {
    /// Judges a failed attempt.
    pub(super) fn of(error: &Error) -> Self {
        let reason = error.reason();
        if !error.was_not_sent() && !error.was_refused() {
            return Self::Unknown;
        }
        match reason {
            Reason::NoCredit | Reason::AccountCredentialRefused | Reason::VendorDenied => Self::AccountsFault,
            Reason::VendorRefused if error.is_accounts_fault() => Self::AccountsFault,
            Reason::RateLimited => Self::NotSent,
            Reason::VendorUnavailable | Reason::Overloaded | Reason::DeadlineExceeded | Reason::Unsupported
                if error.was_not_sent() =>
            {
                Self::NotSent
            }
            _ => Self::Final,
        }
    }

    /// Whether another account may be asked.
    pub(super) fn may_go_on(self) -> bool {
        matches!(self, Self::NotSent | Self::AccountsFault)
    }
}
