//! A send at SMSPartner: checked, cut into requests of at most 500 numbers, and sent one request after the other.
//!
//! Each request is a message of its own. The answer tells the truth of each of them: what was taken, what was refused, what
//! is not known, and what was not sent because of what came before.

use std::collections::BTreeSet;

use prost_types::Timestamp;
use tonic::Extensions;

use super::{super::submissions, SmsPartner, post, wire::message};
use crate::{
    check::Check,
    credential::Credential,
    error::{Error, Reason},
    gsm, names,
    pb::{
        DeliveryState, Encoding, Message, Quality, Recipient, SendMessageRequest, send_message_request::VendorOptions,
    },
};

/// The most recipients of one call, and of one request to SMSPartner.
const MAX_RECIPIENTS: usize = 10_000;
const MAX_NUMBERS: usize = 500;

/// Whether a character arrives as it is when SMSPartner sends it in GSM 7-bit: some that the alphabet has are replaced or
/// left out.
pub fn arrives(c: char) -> bool {
    gsm::contains(c) && !"[]{}^~|\\§".contains(c)
}

/// A send that was checked.
struct Draft<'a> {
    text: &'a str,
    sender: &'a str,
    quality: Quality,
    tag: &'a str,
    unicode: bool,
    schedule_time: Option<Timestamp>,
    schedule: Option<message::Schedule>,
}

impl SmsPartner {
    /// Checks a request and sends it.
    pub(super) async fn submit(
        &self,
        extensions: &Extensions,
        request: SendMessageRequest,
    ) -> Result<Vec<Message>, Error> {
        let SendMessageRequest {
            parent,
            recipients,
            text,
            sender,
            quality,
            encoding,
            schedule_time,
            message_id,
            reference,
            vendor_options,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.recipients(&recipients, MAX_RECIPIENTS);
        check.required(&text, "text");
        let unicode = is_unicode(&mut check, encoding, &text);
        let quality = quality_class(&mut check, quality);
        // Ten segments are the most: of 153 characters, or of 67 in Unicode.
        let limit = match (quality, unicode) {
            (Quality::Low, _) => 160,
            (_, true) => 670,
            (_, false) => 1530,
        };
        check.at_most(&text, limit, "text");
        check.that(is_sender(&sender), "sender", "must be 3 to 11 letters, digits and spaces at SMSPartner");
        let schedule = schedule_time.as_ref().and_then(|time| {
            message::Schedule::new(time, &self.time_zone).map_err(|text| check.fault("schedule_time", text)).ok()
        });
        check.that(message_id.is_empty(), "message_id", "is not supported by SMSPartner; reference is");
        check.at_most(&reference, 20, "reference");
        check.that(!reference.contains(char::is_whitespace), "reference", "must not have spaces");
        match vendor_options {
            Some(VendorOptions::Smsend(_)) => check.fault("smsend", "is not supported by SMSPartner"),
            None => {}
        }
        check.done()?;
        let draft = Draft { text: &text, sender: &sender, quality, tag: &reference, unicode, schedule_time, schedule };
        let credential = Credential::of(extensions, &self.api_key)?;
        let submission = |numbers| self.send_part(credential, &draft, numbers);
        submissions::submit(&recipients, MAX_NUMBERS, 1, submission).await
    }

    /// Sends one request.
    async fn send_part(
        &self,
        credential: Credential<'_>,
        draft: &Draft<'_>,
        numbers: &[String],
    ) -> Result<Vec<Message>, Error> {
        let gamme = if draft.quality == Quality::Low { 2 } else { 1 };
        let body = message::Send {
            phone_numbers: numbers.join(","),
            message: draft.text,
            sender: draft.sender,
            gamme,
            tag: draft.tag,
            schedule: draft.schedule.clone(),
            is_unicode: draft.unicode.then_some(1),
        };
        let reply = self.ask(&post("POST /send", credential, body)?, credential, sending).await?;
        let sent: message::Sent = reply.json()?;
        let Some(id) = sent.message_id.0.as_deref().filter(|id| !id.is_empty()) else {
            return Err(reply.unreadable("it has no message_id"));
        };
        // It may be held until a later hour than was asked for: advertisements do not leave at night.
        let schedule_time = sent.schedule_time(&self.time_zone).or(draft.schedule_time);
        let state = if schedule_time.is_some() { DeliveryState::Scheduled } else { DeliveryState::Queued };
        let recipient = |to: &String| Recipient { to: to.clone(), state: state.into(), ..Recipient::default() };
        Ok(vec![Message {
            name: names::child(&self.name, "messages", id),
            recipients: numbers.iter().map(recipient).collect(),
            sender: draft.sender.to_owned(),
            quality: draft.quality.into(),
            vendor_message_type: gamme.to_string(),
            schedule_time,
            recipient_count: numbers.len().try_into().ok(),
            reference: draft.tag.to_owned(),
            // Whether it counts each recipient or all of them is not told.
            segment_count: sent.count.0.filter(|_| numbers.len() == 1),
            price: sent.price(),
            ..Message::default()
        }])
    }
}

/// What a send's own codes mean. The others say what is wrong with the request, in `vendor_message`.
fn sending(code: i64) -> Option<(Reason, &'static str)> {
    let text = match code {
        13 => "SMSPartner has no price for a destination",
        14 => "a number is on the stop list",
        44 | 992 => "SMSPartner does not permit this sender",
        52 => "the text takes more than ten segments",
        _ => return None,
    };
    Some((Reason::VendorRefused, text))
}

fn quality_class(check: &mut Check, quality: i32) -> Quality {
    match Quality::try_from(quality) {
        Ok(Quality::Unspecified | Quality::High) => return Quality::High,
        Ok(Quality::Low) => return Quality::Low,
        Ok(Quality::Medium) => check.fault("quality", "MEDIUM is not supported by SMSPartner; HIGH and LOW are"),
        Err(_) => check.fault("quality", "is no known value"),
    }
    Quality::High
}

/// Whether to send in Unicode. What SMSPartner would send in other characters than these needs it too.
fn is_unicode(check: &mut Check, encoding: i32, text: &str) -> bool {
    match Encoding::try_from(encoding) {
        Ok(Encoding::Unspecified) => !text.chars().all(arrives),
        Ok(Encoding::Ucs2) => true,
        Ok(Encoding::Gsm7) => {
            let others = text.chars().filter(|c| !arrives(*c)).collect::<BTreeSet<_>>();
            let list = others.iter().take(8).map(|c| format!("U+{:04X}", u32::from(*c))).collect::<Vec<_>>().join(", ");
            check.that(
                others.is_empty(),
                "encoding",
                format!("SMSPartner's GSM 7-bit has not every character: {list}"),
            );
            false
        }
        Err(_) => {
            check.fault("encoding", "is no known value");
            false
        }
    }
}

fn is_sender(sender: &str) -> bool {
    sender.is_empty()
        || (3..=11).contains(&sender.len()) && sender.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
}
