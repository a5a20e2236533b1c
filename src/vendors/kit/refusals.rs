//! Decides which answers are a vendor's rejection. For a write a rejection is a promise: nothing happened, and the same
//! request may be sent again.
//!
//! | answer | to a write | to a read |
//! |---|---|---|
//! | 2xx | accepted, once it holds what the vendor's document requires | the same |
//! | a status that the vendor documents ([`Refusals::documented`]) | REFUSED | the same reason |
//! | another 4xx with the vendor's own text ([`Refusals::in_words`]) | REFUSED | the same reason |
//! | 429 | REFUSED: a vendor or proxy that counts requests rejects one before acting on it (RFC 6585) | RATE_LIMITED |
//! | 408, 444, 460, 499, 5xx | OUTCOME_UNKNOWN: the sender of the answer stopped waiting for the application | VENDOR_UNAVAILABLE |
//! | every other 4xx, such as 403, 407, 413, 418, 421, 425, 431 and 451 where the vendor does not document it | OUTCOME_UNKNOWN | VENDOR_REPLY_UNREADABLE |
//! | 1xx as the last answer, 3xx, 600 to 999 | OUTCOME_UNKNOWN | VENDOR_REPLY_UNREADABLE |
//!
//! RFC 9110 requires the server to reject before it acts for some of the other 4xx. Whether the server complies is not
//! known, and a look-up costs nothing: a wrong OUTCOME_UNKNOWN costs a look-up, a wrong REFUSED an SMS sent twice.
//!
//! The HTTP client enforces this before a vendor's module sees the answer, so that no module can take an unknown status
//! for a rejection.

use http::StatusCode;

use super::Reply;
use crate::error::{Error, Reason};

/// The meaning of a status: the reason, and a text for people. The text for [`Reason::AccountCredentialRefused`]
/// depends on the owner of the credential, see [`Refusals::judge`].
pub type Meaning = (u16, Reason, &'static str);

/// The statuses by which a vendor rejects requests.
#[derive(Debug)]
pub struct Refusals {
    /// The statuses that its documents define.
    pub documented: &'static [Meaning],
    /// Returns whether another 4xx has the vendor's own text.
    pub in_words: fn(&Reply) -> bool,
    /// The meanings of those other 4xx; VENDOR_REFUSED for a status that is not listed.
    pub otherwise: &'static [Meaning],
}

impl Refusals {
    /// For a vendor whose documented statuses are complete.
    pub const fn of(documented: &'static [Meaning]) -> Self {
        Self { documented, in_words: |_| false, otherwise: &[] }
    }

    /// Returns whether a status is documented.
    pub(super) fn has(&self, status: StatusCode) -> bool {
        self.documented.iter().any(|(assigned, ..)| *assigned == status.as_u16())
    }

    /// Returns whether an answer is the vendor's acceptance or rejection.
    pub(super) fn knows(&self, reply: &Reply) -> bool {
        let status = reply.status();
        status.is_success() || self.has(status) || status.is_client_error() && (self.in_words)(reply)
    }

    /// Returns an accepted answer. `credential` is the meaning of a rejected credential; `words` extracts the vendor's
    /// own text.
    ///
    /// # Errors
    /// The vendor's rejection.
    pub fn judge(
        &self,
        reply: Reply,
        credential: (Reason, &'static str),
        words: impl FnOnce(&Reply) -> String,
    ) -> Result<Reply, Error> {
        let status = reply.status();
        if status.is_success() {
            return Ok(reply);
        }
        if !self.knows(&reply) {
            return Err(reply.unexpected());
        }
        let meanings = self.documented.iter().chain(self.otherwise);
        let meaning =
            meanings.filter(|(assigned, ..)| *assigned == status.as_u16()).map(|&(_, reason, text)| (reason, text));
        let (reason, text) = match meaning.into_iter().next() {
            Some((Reason::AccountCredentialRefused, _)) => credential,
            Some(meaning) => meaning,
            None => (Reason::VendorRefused, "the vendor rejected the request; see vendor_message"),
        };
        Err(reply.refused(reason, text, &words(&reply)))
    }
}

/// Whether a status means that an intermediary stopped waiting for the vendor's application, which may still be
/// processing. 444, 460 and 499 are those of common proxies whose client left, 520 and above those of networks before
/// the vendor.
pub(super) fn gave_up_waiting(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 444 | 460 | 499 | 502..=504 | 520..=599)
}
