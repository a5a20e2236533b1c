//! A send at SMSPartner: checked, split into requests of at most 500 numbers, some of which are sent concurrently.
//!
//! SMSPartner makes each request a message of its own. The recipients of each are accepted, rejected, unknown, or not sent
//! because of an earlier failure.

use std::iter;

use prost_types::Timestamp;
use secrecy::ExposeSecret;

use super::{SmsPartner, post, wire::message};
use crate::{
    api::pb::{DeliveryState, Message, Quality, Recipient, SendMessageRequest},
    call::{Call, Credential},
    error::{Error, Reason},
    request::check::{Check, MAX_SEGMENTS},
    text::{gsm, segments::Alphabet},
    vendors::kit::{
        batch,
        message::{identified, merge},
    },
};

/// The maximum number of recipients of one call, and of one request to SMSPartner.
const MAX_RECIPIENTS: usize = 10_000;
const MAX_NUMBERS: usize = 500;

/// Returns whether SMSPartner sends a character in GSM 7-bit unchanged: it replaces or drops some characters of the
/// alphabet.
pub fn sends_unchanged(c: char) -> bool {
    gsm::contains(c) && !REPLACED.contains(c)
}

/// The characters of the alphabet that SMSPartner replaces or drops.
const REPLACED: &str = "[]{}^~|\\§";

/// The codes that SMSPartner replaces by other characters, according to its manual, in a text of either alphabet.
const CODES: [(&str, &str); 2] = [(":br:", "a line break"), (":euro:", "a euro sign")];

/// A send that was checked.
struct Draft<'a> {
    text: &'a str,
    sender: &'a str,
    quality: Quality,
    tag: &'a str,
    alphabet: Alphabet,
    schedule_time: Option<Timestamp>,
    schedule: Option<message::Schedule>,
}

impl SmsPartner {
    /// Checks a request and sends it.
    pub(super) async fn submit(&self, call: &Call, request: SendMessageRequest) -> Result<Message, Error> {
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
            purpose,
            tag,
            vendor_options: _,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.tag(&tag);
        check.purpose(purpose);
        check.recipients(&recipients, MAX_RECIPIENTS);
        check.required(&text, "text");
        let alphabet = check.alphabet(encoding, iter::once(text.as_str()), REPLACED);
        let quality = quality_class(&mut check, quality);
        let most = if quality == Quality::Low { 1 } else { MAX_SEGMENTS };
        check.segments(&text, alphabet, most, "text");
        for (code, meaning) in CODES {
            let description =
                format!("must not have \"{code}\", which SMSPartner turns into {meaning}: write that itself");
            check.that(!text.contains(code), "text", description);
        }
        check.that(
            is_sender(&sender),
            "sender",
            "must be 3 to 11 letters, digits and spaces at SMSPartner, without spaces at its ends",
        );
        let to_come = schedule_time.as_ref().filter(|time| check.schedule(Some(time), "schedule_time"));
        let schedule = to_come.and_then(|time| {
            message::Schedule::new(time, &self.time_zone).map_err(|text| check.fault("schedule_time", text)).ok()
        });
        check.message_id(&message_id);
        check.at_most(&reference, 20, "reference");
        check.that(!reference.contains(char::is_whitespace), "reference", "must not have spaces");
        check.done()?;
        let draft = Draft { text: &text, sender: &sender, quality, tag: &reference, alphabet, schedule_time, schedule };
        let credential = Credential::of(call, &self.api_key)?;
        let submission = |numbers| self.send_part(call, credential, &draft, numbers);
        let parts = batch::submit(call, &recipients, MAX_NUMBERS, self.parallel_requests, submission).await?;
        Ok(merge(&self.name, &message_id, parts))
    }

    /// Sends one request.
    async fn send_part(
        &self,
        call: &Call,
        credential: Credential<'_>,
        draft: &Draft<'_>,
        numbers: &[String],
    ) -> Result<Vec<Message>, Error> {
        let gamme = if draft.quality == Quality::Low { 2 } else { 1 };
        let webhook_url = self.webhook_url.as_ref().map(ExposeSecret::expose_secret);
        let body = message::Send {
            phone_numbers: numbers.join(","),
            message: draft.text,
            sender: draft.sender,
            gamme,
            tag: draft.tag,
            schedule: draft.schedule.clone(),
            is_unicode: (draft.alphabet == Alphabet::Ucs2).then_some(1),
            url_response: webhook_url,
            url_dlr: webhook_url,
        };
        let mut request = post("POST /send", credential, body)?;
        if let Some(url) = webhook_url {
            request = request.secret_in_body(url);
        }
        let reply = self.ask(call, &request, credential, sending).await.map_err(|error| {
            match ACCOUNTS_FAULTS.contains(&error.explanation().0) {
                true => error.accounts_fault(),
                false => error,
            }
        })?;
        let mut sent: message::Sent = reply.object()?;
        let Some(id) = sent.message_id.0.take() else {
            return Err(reply.unreadable("it has no message_id"));
        };
        // It may be later than requested: advertisements are not sent at night.
        let schedule_time = sent.schedule_time(&self.time_zone).or(draft.schedule_time);
        let state = if schedule_time.is_some() { DeliveryState::Scheduled } else { DeliveryState::Queued };
        // The answer counts and prices the SMS of all recipients, or of each: the document leaves it open.
        let alone = numbers.len() == 1;
        let (segment_count, price) = (sent.count().filter(|_| alone), sent.price());
        let recipient = |to: &String| Recipient {
            to: to.clone(),
            state: state.into(),
            segment_count,
            price: price.clone().filter(|_| alone),
            ..Recipient::default()
        };
        let message = Message {
            recipients: numbers.iter().map(recipient).collect(),
            sender: draft.sender.to_owned(),
            quality: draft.quality.into(),
            vendor_message_type: gamme.to_string(),
            schedule_time,
            recipient_count: numbers.len().try_into().ok(),
            reference: draft.tag.to_owned(),
            price,
            ..Message::default()
        };
        Ok(vec![identified(String::new(), &self.name, &id, message)])
    }
}

/// The codes of a send that another account may not meet: no price for the destination, and a sender that is not permitted.
const ACCOUNTS_FAULTS: [&str; 3] = ["13", "44", "992"];

/// Returns the meaning of a send's own codes. The others describe the request's fault in `vendor_message`.
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
        Err(_) => check.fault("quality", "unknown value"),
    }
    Quality::High
}

fn is_sender(sender: &str) -> bool {
    sender.is_empty()
        || sender.trim() == sender
            && (3..=11).contains(&sender.len())
            && sender.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
}
