//! Which answers are a vendor's "no". To a write that is a promise: nothing happened, and the same may be sent again.
//!
//! | what came | to a write | to a read |
//! |---|---|---|
//! | 2xx | a "yes", once it holds what the vendor's document says that it holds | the same |
//! | a status that the vendor's documents give a meaning ([`Refusals::documented`]) | REFUSED | the same reason |
//! | another 4xx with the vendor's own words in it ([`Refusals::in_words`]) | REFUSED | the same reason |
//! | 429 | REFUSED: whoever counts requests, the vendor or a proxy, rejects one before acting on it (RFC 6585) | RATE_LIMITED |
//! | 408, 444, 460, 499, 5xx | OUTCOME_UNKNOWN: who answers stopped waiting for the one that acts | VENDOR_UNAVAILABLE |
//! | every other 4xx, such as 403, 407, 413, 418, 421, 425, 431 and 451 where no document of the vendor has it | OUTCOME_UNKNOWN | VENDOR_REPLY_UNREADABLE |
//! | 1xx as the last answer, 3xx, 600 to 999 | OUTCOME_UNKNOWN | VENDOR_REPLY_UNREADABLE |
//!
//! RFC 9110 has the server reject before it acts for some of the other 4xx. It cannot be told whether what answered keeps to
//! the RFC, and nothing is lost by a look-up: OUTCOME_UNKNOWN is wrong about what is not known, REFUSED would be wrong about
//! an SMS.
//!
//! The HTTP kit holds to this before a vendor sees the answer, so that no vendor can take an unknown status for a refusal.

use http::StatusCode;

use super::Reply;
use crate::error::{Error, Reason};

/// What a status means: the reason, and a text for people. The text of [`Reason::AccountCredentialRefused`] is the
/// credential's owner's to say, see [`Refusals::judge`].
pub type Meaning = (u16, Reason, &'static str);

/// How a vendor says "no".
#[derive(Debug)]
pub struct Refusals {
    /// The statuses that its documents give a meaning.
    pub documented: &'static [Meaning],
    /// Whether an answer of another 4xx is in the vendor's own words.
    pub in_words: fn(&Reply) -> bool,
    /// What the other 4xx mean, where they are in its own words: the reason is VENDOR_REFUSED for those that are not here.
    pub otherwise: &'static [Meaning],
}

impl Refusals {
    /// Of a vendor whose documented statuses say it all.
    pub const fn of(documented: &'static [Meaning]) -> Self {
        Self { documented, in_words: |_| false, otherwise: &[] }
    }

    /// Whether a status is documented.
    pub(super) fn has(&self, status: StatusCode) -> bool {
        self.documented.iter().any(|(assigned, ..)| *assigned == status.as_u16())
    }

    /// Whether an answer can be judged by the vendor: as its "yes" or its "no".
    pub(super) fn knows(&self, reply: &Reply) -> bool {
        let status = reply.status();
        status.is_success() || self.has(status) || status.is_client_error() && (self.in_words)(reply)
    }

    /// Returns the vendor's "yes"; `credential` is what a refusal of the credential means, and `words` finds the vendor's
    /// own.
    ///
    /// # Errors
    /// The vendor's "no".
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
            None => (Reason::VendorRefused, "the vendor refused the request; vendor_message has its words"),
        };
        Err(reply.refused(reason, text, &words(&reply)))
    }
}

/// Whether a status says that somebody between us and the vendor's application stopped waiting: it may be at work yet.
/// 444, 460 and 499 are those of common proxies whose client left, 520 and above those of networks before the vendor.
pub(super) fn gave_up_waiting(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 444 | 460 | 499 | 502..=504 | 520..=599)
}
