//! What a vendor reports by itself: pushed to the webhook of an account, or found by a poll.

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use prost_types::Timestamp;

use super::pb::{ReceivedMessage, Recipient};
use crate::{call::Call, error::Error, request::names};

/// One thing that a vendor reports.
#[derive(Debug, Clone, PartialEq)]
pub enum Pushed {
    /// What became of a message.
    Report(Report),
    /// A received SMS, or a part of one.
    Received(Received),
    /// A recipient who wants no more messages.
    OptOut(OptOut),
    /// Something else: a test of the webhook, or a kind that this version does not know.
    Other(Other),
}

/// A delivery report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The vendor's id of the message.
    pub vendor_message_id: String,
    /// The recipient in its new state; without a number if the vendor reports none.
    pub recipient: Recipient,
    /// When the state changed.
    pub time: Option<Timestamp>,
}

/// A received SMS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Received {
    /// The SMS.
    pub message: ReceivedMessage,
    /// What identifies the SMS.
    pub key: Key,
    /// Which part of a longer SMS it is, if the vendor does not join the parts.
    pub part: Option<Part>,
    /// Whether the push proves that it comes from the vendor.
    pub is_authentic: bool,
}

impl Received {
    /// Returns an SMS that the vendor has in its lists, under its id there.
    pub fn listed(message: ReceivedMessage) -> Self {
        let id = names::last_id(&message.name).to_owned();
        Self { message, key: Key::Id(id), part: None, is_authentic: true }
    }
}

/// A part of an SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What the parts of one SMS have in common, beside sender and receiver.
    pub reference: String,
    /// The number of this part, from 1 on.
    pub number: u32,
    /// How many parts there are.
    pub total: u32,
}

/// A recipient's wish to receive no more messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OptOut {
    /// The number of the recipient, in E.164 form.
    pub phone_number: String,
    /// The vendor's id of the message that caused it; empty if the vendor does not report it.
    pub vendor_message_id: String,
    /// What the recipient wrote; empty if the vendor does not report it.
    pub text: String,
    /// When the recipient wrote.
    pub time: Option<Timestamp>,
    /// What identifies the opt-out.
    pub key: Key,
    /// Whether the push proves that it comes from the vendor.
    pub is_authentic: bool,
}

/// Something that is neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Other {
    /// The vendor's name of the kind.
    pub kind: String,
    /// What identifies it.
    pub key: Key,
    /// Whether it is the vendor's test of the webhook, which reports nothing.
    pub is_test: bool,
}

/// What identifies something that is pushed, so that a repeated push has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The vendor's own id.
    Id(String),
    /// A hash of the content, where the vendor has no id: the same content is the same thing for a day.
    Content(String),
}

impl Default for Key {
    fn default() -> Self {
        Self::Content(String::new())
    }
}

/// The part of a vendor that reads its pushes.
#[async_trait]
pub trait Webhook: Send + Sync {
    /// Reads a push.
    ///
    /// # Errors
    /// VENDOR_REPLY_UNREADABLE if the push has none of the vendor's forms, CALLER_NOT_AUTHENTICATED if its signature or
    /// its login is not the vendor's.
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error>;

    /// Returns what has to be entered where so that the vendor pushes: one instruction a line.
    fn instructions(&self) -> &'static str;

    /// Returns where the vendor pushes now, as far as its API shows it. `url` is the webhook's.
    ///
    /// # Errors
    /// Those of the vendor's operations.
    async fn registered(&self, call: &Call, url: &str) -> Result<Vec<Registered>, Error> {
        let _ = (call, url);
        Ok(Vec::new())
    }

    /// Registers the webhook's URL where the vendor has an API for that, unless it is registered already.
    ///
    /// # Errors
    /// Those of the vendor's operations.
    async fn register(&self, call: &Call, url: &str) -> Result<Vec<Registration>, Error> {
        let _ = (call, url);
        Ok(Vec::new())
    }
}

/// One place at a vendor, and the URL that it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The place, for example the name of a number.
    pub place: String,
    /// The URL; empty if there is none.
    pub url: String,
    /// Whether it is the webhook's.
    pub is_current: bool,
}

/// Returns scheme and host of a URL, whose path may have a secret; `None` if it is empty.
pub fn origin(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok().map(|url| url.origin().ascii_serialization());
    (!url.is_empty()).then(|| parsed.unwrap_or_else(|| "invalid URL".to_owned()))
}

/// One place at a vendor that has the URL of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The place, for example the name of a number.
    pub place: String,
    /// The URL that was there; `None` if it was the webhook's already.
    pub replaced: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_secret() {
        assert_eq!(origin("https://u:p@a.example:8443/token?b=c").as_deref(), Some("https://a.example:8443"));
        assert_eq!((origin("").as_deref(), origin("a token").as_deref()), (None, Some("invalid URL")));
    }
}
