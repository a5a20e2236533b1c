//! A send at smSend: checked, sent once, and, when the reply is lost, looked up.
//!
//! smSend accepts our message id as its order id, so the outcome of a send whose reply was lost can be looked up with `GET
//! /sms/{order_id}`.

use std::{collections::BTreeMap, iter, time::Duration};

use prost_types::Timestamp;
use tokio::time::{Instant, sleep};

use super::{NotFound, SmSend, brand::Types, wire};
use crate::{
    api::pb::{DeliveryState, Message, Quality, Recipient, SmSendOptions},
    call::Call,
    error::{Error, Outcome, Reason},
    request::{
        check::{Check, MAX_SEGMENTS},
        names,
    },
    text::segments::Alphabet,
    vendors::kit::{Request, lenient::List, message::identified},
};

/// The maximum number of recipients of one order (a client library of the vendor's family stops there; the document
/// names no number).
pub(super) const MAX_RECIPIENTS: usize = 10_000;

/// The maximum number of characters of a text, and of its parameters.
pub(super) const MAX_CHARACTERS: usize = 1000;

/// The waits before each look-up after a lost reply. An "unknown order" is conclusive only after the last: the order
/// may still be on its way into smSend's books.
const LOOK_UP_WAITS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(1500),
];

/// What all three sends have in common.
pub(super) struct Draft<'a> {
    pub(super) text: &'a str,
    pub(super) sender: &'a str,
    pub(super) quality: i32,
    pub(super) encoding: i32,
    pub(super) schedule_time: Option<Timestamp>,
    pub(super) message_id: &'a str,
    pub(super) options: SmSendOptions,
}

impl SmSend {
    /// Checks `draft` and rejects it together with what `check` has found, sends it once, and returns the message with
    /// its recipients.
    pub(super) async fn place_order(
        &self,
        call: &Call,
        mut check: Check,
        draft: Draft<'_>,
        to: wire::message::To<'_>,
    ) -> Result<Message, Error> {
        let Draft { text, sender, quality, encoding, schedule_time, message_id, options } = draft;
        let SmSendOptions { message_type, return_credits, return_remaining, allow_invalid_recipients } = options;
        let message_type = self.message_type(&mut check, quality, &message_type);
        check.required(text, "text");
        let short = check.at_most(text, MAX_CHARACTERS, "text");
        let alphabet = check.alphabet(encoding, iter::once(text).chain(to.parameters()), "");
        // The 160 characters of the lowest quality are one segment.
        if short {
            check.segments(text, alphabet, if Some(message_type) == self.types.low { 1 } else { MAX_SEGMENTS }, "text");
        }
        check.sender(sender, "sender");
        // GSM is smSend's default.
        let encoding = match (alphabet, encoding) {
            (Alphabet::Ucs2, _) => Some("ucs2"),
            (Alphabet::Gsm7, 0) => None,
            (Alphabet::Gsm7, _) => Some("gsm"),
        };
        let to_come = schedule_time.as_ref().filter(|time| check.schedule(Some(time), "schedule_time"));
        let scheduled_delivery_time = to_come.and_then(|time| {
            let text = wire::schedule_text(time, &self.time_zone, wire::TIME);
            check.that(text.is_some(), "schedule_time", wire::SCHEDULE);
            text
        });
        check.message_id(message_id);
        check.done()?;

        let name = names::child(&self.name, "messages", message_id);
        let order = wire::message::Order {
            message_type,
            message: text,
            to,
            sender,
            scheduled_delivery_time,
            order_id: message_id,
            encoding,
            return_credits,
            return_remaining,
            allow_invalid_recipients,
        };
        let request = Request::new(order.to.operation()).json(&order)?;
        let sent = async {
            let reply = self.exchange(call, request, NotFound::Credential).await?;
            let mut accepted: wire::message::Accepted = reply.object()?;
            std::mem::take(&mut accepted.result).expect_accepted(&reply)?;
            Ok::<_, Error>(accepted)
        };
        let mut message = match sent.await {
            Ok(wire::message::Accepted { result: _, order_id: theirs, total_sent, remaining_credits }) => {
                let sent_count = total_sent.0.filter(|_| !return_credits);
                let asked = order.to.recipients();
                let state = accepted_state(sent_count, asked.len(), schedule_time.is_some());
                let recipient =
                    |to: &&str| Recipient { to: (*to).to_owned(), state: state.into(), ..Recipient::default() };
                let message = Message {
                    recipients: asked.iter().map(recipient).collect(),
                    recipient_count: i32::try_from(asked.len()).ok().filter(|count| *count > 0),
                    sent_count,
                    credits_used: total_sent.0.filter(|_| return_credits),
                    credits_remaining: remaining_credits.0,
                    ..Message::default()
                };
                // If smSend uses another id after all, that is the one to look up.
                let theirs = theirs.0.filter(|id| !matches!(id.as_str(), "." | ".."));
                identified(name, &self.name, theirs.as_deref().unwrap_or(message_id), message)
            }
            Err(error) if error.reason() == Reason::OutcomeUnknown => {
                // Boxed: so rare a future must not double the size of every send.
                Box::pin(self.look_up_lost(call, &name, &order, error)).await?
            }
            Err(error) => return Err(error),
        };
        message.sender = sender.to_owned();
        message.quality = self.types.class(message_type).into();
        message.vendor_message_type = message_type.to_owned();
        message.schedule_time = schedule_time;
        Ok(message)
    }

    /// Looks up an order whose reply was lost.
    ///
    /// # Errors
    /// VENDOR_UNAVAILABLE when smSend provably did not accept it; `lost` itself when the outcome stays unknown.
    async fn look_up_lost(
        &self,
        call: &Call,
        name: &str,
        order: &wire::message::Order<'_>,
        lost: Error,
    ) -> Result<Message, Error> {
        // The caller may be gone: the look-up continues all the same, so that its result is logged.
        let end = Instant::now() + self.http.limits().call_timeout;
        // A vendor that accepted the order with an unreadable answer may know it by another id.
        let accepted = lost.status().is_some_and(|status| (200..300).contains(&status));
        let waits = LOOK_UP_WAITS.into_iter().chain(std::iter::repeat_n(Duration::from_secs(2), 1000));
        let asking = call.follow_up(end);
        let asked = async {
            for (turn, wait) in waits.enumerate() {
                sleep(wait).await;
                match self.state_of(&asking, look_up(order.order_id).bypass_breaker()).await {
                    Ok(state) => return Some(self.found(name, order, state)),
                    Err(e) if e.reason() == Reason::ResourceNotFound => {
                        let last = turn + 1 == LOOK_UP_WAITS.len() && !lost.can_still_complete();
                        if last {
                            return (!accepted).then(|| Err(not_accepted(order)));
                        }
                    }
                    Err(_) => return None,
                }
            }
            None
        };
        let asked = tokio::time::timeout_at(end, asked).await.ok().flatten();
        asked.unwrap_or(Err(lost))
    }

    /// Returns the message of an order that the look-up found, with the recipients of the request.
    fn found(
        &self,
        name: &str,
        order: &wire::message::Order<'_>,
        state: wire::message::OrderState,
    ) -> Result<Message, Error> {
        let name = name.to_owned();
        if let wire::message::To::Groups(_) = order.to {
            return Ok(self.message(name, order.order_id, state));
        }
        let mut theirs: BTreeMap<_, _> = self.recipients(state.recipients).map(|r| (r.to.clone(), r)).collect();
        let mut all_are_listed = true;
        let recipient = |to: &str| {
            theirs.remove(to).unwrap_or_else(|| {
                all_are_listed = false;
                let (to, vendor_text) = (to.to_owned(), "smSend does not list this recipient".to_owned());
                Recipient { to, state: DeliveryState::Unknown.into(), vendor_text, ..Recipient::default() }
            })
        };
        let recipients: Vec<_> = order.to.recipients().into_iter().map(recipient).collect();
        // The caller chose the id of another order: it is not known whether ours was accepted.
        if !theirs.is_empty() || !(all_are_listed || order.allow_invalid_recipients) {
            let text = "the reply was lost, and the message of this id at smSend has other recipients";
            let error = Error::new(Reason::OutcomeUnknown, text).outcome(Outcome::Unknown);
            return Err(error.operation(order.to.operation()));
        }
        let recipient_count = i32::try_from(recipients.len()).ok();
        let message = Message { recipients, recipient_count, ..Message::default() };
        Ok(identified(name, &self.name, order.order_id, message))
    }

    /// Looks up an order.
    pub(super) async fn order_state(&self, call: &Call, order_id: &str) -> Result<wire::message::OrderState, Error> {
        self.state_of(call, look_up(order_id)).await
    }

    async fn state_of(&self, call: &Call, request: Request) -> Result<wire::message::OrderState, Error> {
        let reply = self.ask(call, request, NotFound::Resource).await?;
        let state: wire::message::OrderState = reply.object()?;
        if state.result == wire::Said::Nothing && state.recipients.0.is_empty() {
            return Err(reply.unreadable("it has neither a result nor recipients"));
        }
        Ok(state)
    }

    /// Converts smSend's answer to a message.
    pub(super) fn message(&self, name: String, order_id: &str, state: wire::message::OrderState) -> Message {
        let message = Message {
            recipients: self.recipients(state.recipients).collect(),
            recipient_count: state.recipient_number.0,
            ..Message::default()
        };
        identified(name, &self.name, order_id, message)
    }

    fn recipients(&self, entries: List<wire::message::RecipientState>) -> impl Iterator<Item = Recipient> {
        entries.0.into_iter().flatten().map(|entry| entry.into_recipient(&self.time_zone))
    }

    /// Returns the `message_type` of a quality class, or the caller's own value.
    fn message_type<'a>(&self, check: &mut Check, quality: i32, own: &'a str) -> &'a str {
        let Types { high, medium, low } = *self.types;
        let class = match Quality::try_from(quality) {
            Ok(Quality::Unspecified | Quality::High) => high,
            Ok(Quality::Medium) => medium,
            Ok(Quality::Low) => {
                check.that(low.is_some(), "quality", "must not be LOW: no type of that class is known");
                low.unwrap_or(high)
            }
            Err(_) => {
                check.fault("quality", "unknown value");
                high
            }
        };
        if own.is_empty() {
            return class;
        }
        check.that(quality == 0, "quality", "must not be set together with smsend.message_type");
        check.that(
            own.len() <= 8 && own.bytes().all(|b| b.is_ascii_alphanumeric()),
            "smsend.message_type",
            "must be one word, for example GP",
        );
        own
    }
}

fn look_up(order_id: &str) -> Request {
    Request::new("GET /sms/{order_id}").id(order_id)
}

fn not_accepted(order: &wire::message::Order<'_>) -> Error {
    let text = "the reply was lost, and smSend has no such order: it was not sent and may be sent again";
    Error::new(Reason::VendorUnavailable, text).outcome(Outcome::NotSent).operation(order.to.operation())
}

/// Returns the state of the recipients of a message that was just accepted. If smSend accepted fewer than requested, it
/// does not report which.
fn accepted_state(sent_count: Option<i32>, asked: usize, scheduled: bool) -> DeliveryState {
    let all_are_accepted = sent_count.is_none_or(|sent| usize::try_from(sent).is_ok_and(|sent| sent >= asked));
    match (all_are_accepted, scheduled) {
        (false, _) if sent_count == Some(0) => DeliveryState::Rejected,
        (false, _) => DeliveryState::Unknown,
        (true, true) => DeliveryState::Scheduled,
        (true, false) => DeliveryState::Queued,
    }
}
