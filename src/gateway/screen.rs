//! Takes single recipients out of a send before it leaves: those that a rule refuses are not sent to, the others are.
//!
//! A send is screened once its write is claimed, so a repeated call with the same idempotency key is not screened again.
//! What the rules refuse is part of the record (`messages::Draft`); [`cut`] takes it out of the request on the way to the
//! vendor, and the reply is completed on the way back.

use std::{any::Any, borrow::Cow, collections::BTreeMap};

use crate::{
    api::pb::{
        DeliveryState, Encoding, Message, Purpose, Recipient, SendGroupMessageRequest, SendMessageRequest,
        SendTemplatedMessageRequest,
    },
    error::{Error, Outcome, Reason},
    request::token,
    store::Digest,
    text::{
        gsm,
        segments::{Alphabet, Segments},
    },
};

/// A rule about who may be sent to. It is asked on the path of every send, so it answers from memory.
pub trait Rule: Send + Sync {
    /// Refuses recipients of a send.
    fn screen(&self, send: &Screened<'_>, refusals: &mut Refusals);

    /// Learns what is known of a message that was sent.
    fn learn(&self, _account: &str, _message: &Message) {}
}

/// A send that is recorded, and that nothing of has left.
#[derive(Debug, Clone, Copy)]
pub struct Screened<'a> {
    /// The name of the account.
    pub account: &'a str,
    /// The name of the caller; empty if authentication is off.
    pub caller: &'a str,
    /// What is sent.
    pub content: &'a Content,
    /// The recipients. Those of a send to groups are not known.
    pub recipients: &'a [Recipient],
    /// The hash of each recipient's number, see [`crate::store::Store::number`].
    pub numbers: &'a [Digest],
    /// The recipients, by index, who had opted out when the send was recorded, as far as the store was asked.
    pub opted_out: &'a [u32],
}

/// What rules know of the content of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// What the message is for; never unspecified.
    pub purpose: Purpose,
    /// A fingerprint of the text.
    pub text: u64,
    /// The segments of the text.
    pub segments: u32,
    /// Whether it is another message although the text may be the same: the caller names it, or its parameters differ.
    pub is_distinct: bool,
    /// When it is to be sent, in seconds since 1970; `None` for now.
    pub schedule_time: Option<i64>,
}

/// The recipients that are refused, by index.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<usize, Refusal>);

/// Why a recipient is refused.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct Refusal {
    reason: Reason,
    text: Cow<'static, str>,
    /// An entry for the metadata of the error.
    detail: Option<(&'static str, Cow<'static, str>)>,
}

impl Refusals {
    /// Refuses the recipient of this index, unless another rule did. The text explains it, in lowercase.
    pub fn refuse(&mut self, index: usize, reason: Reason, text: impl Into<Cow<'static, str>>) {
        self.0.entry(index).or_insert_with(|| Refusal { reason, text: text.into(), detail: None });
    }

    /// As [`Self::refuse`], with an entry for the metadata of the error.
    pub fn refuse_with(
        &mut self,
        detail: (&'static str, Cow<'static, str>),
        index: usize,
        reason: Reason,
        text: impl Into<Cow<'static, str>>,
    ) {
        self.0.entry(index).or_insert_with(|| Refusal { reason, text: text.into(), detail: Some(detail) });
    }

    /// Whether a rule has refused the recipient of this index.
    pub fn is_refused(&self, index: usize) -> bool {
        self.0.contains_key(&index)
    }

    /// Whether no recipient is refused.
    pub(in crate::gateway) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the refusal of the first recipient who is refused.
    pub(in crate::gateway) fn first(&self) -> Option<&Refusal> {
        self.0.values().next()
    }

    /// Returns the refusals, in the order of the recipients.
    pub(in crate::gateway) fn into_iter(self) -> impl Iterator<Item = (usize, Refusal)> {
        self.0.into_iter()
    }
}

impl Refusal {
    /// Marks a recipient as refused.
    pub(in crate::gateway) fn mark(&self, recipient: &mut Recipient) {
        let (to, account) = (std::mem::take(&mut recipient.to), std::mem::take(&mut recipient.account));
        *recipient = Recipient {
            to,
            account,
            state: DeliveryState::Rejected.into(),
            vendor_code: name(self.reason).to_owned(),
            vendor_text: format!("not sent: {}", self.text),
            ..Recipient::default()
        };
    }

    /// Returns the error of a send whose recipients are all refused.
    pub(in crate::gateway) fn error(&self) -> Error {
        let error = Error::new(self.reason, format!("{}; nothing was sent", self.text)).outcome(Outcome::NotSent);
        match &self.detail {
            Some((key, value)) => error.detail(key, value.as_ref()),
            None => error,
        }
    }
}

/// The reasons that rules have.
const REASONS: [Reason; 3] = [Reason::RecipientOptedOut, Reason::QuietHours, Reason::SpendGuard];

fn name(reason: Reason) -> &'static str {
    reason.as_str_name().trim_start_matches("ERROR_REASON_")
}

/// Whether a rule has refused a recipient.
pub(in crate::gateway) fn is_refused(recipient: &Recipient) -> bool {
    recipient.state() == DeliveryState::Rejected && REASONS.iter().any(|reason| name(*reason) == recipient.vendor_code)
}

impl Content {
    /// Reads the content of a send; `None` if the request is not a send. The caller may have named it.
    pub(in crate::gateway) fn of(request: &dyn Any, is_named: bool) -> Option<Self> {
        let (purpose, text, encoding, schedule_time, is_templated) =
            if let Some(send) = request.downcast_ref::<SendMessageRequest>() {
                (send.purpose(), &send.text, send.encoding(), &send.schedule_time, false)
            } else if let Some(send) = request.downcast_ref::<SendTemplatedMessageRequest>() {
                (send.purpose(), &send.text, send.encoding(), &send.schedule_time, true)
            } else {
                let send = request.downcast_ref::<SendGroupMessageRequest>()?;
                (send.purpose(), &send.text, send.encoding(), &send.schedule_time, false)
            };
        let purpose = if purpose == Purpose::Unspecified { Purpose::Transactional } else { purpose };
        let (text, segments) = (token::fingerprint(text), segments(text, encoding));
        let schedule_time = schedule_time.as_ref().map(|time| time.seconds);
        Some(Self { purpose, text, segments, is_distinct: is_named || is_templated, schedule_time })
    }
}

/// Returns the segments of a text.
pub(in crate::gateway) fn segments(text: &str, encoding: Encoding) -> u32 {
    // One segment in any alphabet.
    if text.len() <= 70 {
        return 1;
    }
    let septets = if encoding == Encoding::Ucs2 { None } else { gsm::length(text) };
    let alphabet = match septets {
        Some(septets) if septets <= Alphabet::Gsm7.room(1) => return 1,
        Some(_) => Alphabet::Gsm7,
        None => Alphabet::Ucs2,
    };
    u32::try_from(Segments::of(alphabet, text).count).unwrap_or(u32::MAX)
}

/// Leaves these recipients of a send, by index in ascending order.
pub(in crate::gateway) fn cut(request: &mut dyn Any, kept: &[usize]) {
    if let Some(send) = request.downcast_mut::<SendMessageRequest>() {
        retain(&mut send.recipients, kept);
    } else if let Some(send) = request.downcast_mut::<SendTemplatedMessageRequest>() {
        retain(&mut send.recipients, kept);
    }
}

fn retain<T>(all: &mut Vec<T>, kept: &[usize]) {
    let (mut index, mut kept) = (0, kept.iter().copied().peekable());
    all.retain(|_| {
        let stays = kept.next_if_eq(&index).is_some();
        index += 1;
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_cut_to_those_who_are_sent_to() {
        let recipients: Vec<_> = ["+1", "+2", "+3", "+4"].map(str::to_owned).into();
        for (kept, left) in [(&[0, 2][..], &["+1", "+3"][..]), (&[], &[]), (&[3], &["+4"])] {
            let mut send = SendMessageRequest { recipients: recipients.clone(), ..SendMessageRequest::default() };
            cut(&mut send, kept);
            assert_eq!(send.recipients, left);
        }
    }

    #[test]
    fn the_first_rule_that_refuses_a_recipient_says_why() {
        let mut refusals = Refusals::default();
        refusals.refuse(1, Reason::RecipientOptedOut, "the recipient opted out");
        refusals.refuse(1, Reason::Internal, "another");
        let (index, refusal) = refusals.into_iter().next().expect("a refusal");
        let mut recipient = Recipient { to: "+1".to_owned(), ..Recipient::default() };
        assert!(!is_refused(&recipient));
        refusal.mark(&mut recipient);
        assert_eq!((index, &*recipient.vendor_code), (1, "RECIPIENT_OPTED_OUT"));
        assert_eq!((&*recipient.to, &*recipient.vendor_text), ("+1", "not sent: the recipient opted out"));
        assert!(is_refused(&recipient) && refusal.error().was_not_sent());
    }

    #[test]
    fn segments_are_counted_in_the_alphabet_that_the_text_needs() {
        for (text, encoding, expected) in [
            (String::new(), Encoding::Unspecified, 1),
            ("a".repeat(160), Encoding::Unspecified, 1),
            ("a".repeat(161), Encoding::Unspecified, 2),
            ("€".repeat(80), Encoding::Unspecified, 1),
            ("€".repeat(81), Encoding::Unspecified, 2),
            ("a".repeat(159) + "{", Encoding::Unspecified, 2),
            ("a".repeat(70), Encoding::Ucs2, 1),
            ("a".repeat(71), Encoding::Ucs2, 2),
            ("\u{416}".repeat(71), Encoding::Unspecified, 2),
        ] {
            let send = SendMessageRequest { text, encoding: encoding.into(), ..SendMessageRequest::default() };
            assert_eq!(Content::of(&send, false).expect("a send").segments, expected, "{send:?}");
        }
    }
}
