//! MessageService at LOX24.
//!
//! LOX24 accepts one number in a request and makes the id itself. So a send to many recipients is many requests, and a
//! send whose reply was lost cannot be looked up: `callback_data` would find it only if the caller's reference were
//! unique.

use std::iter;

use async_trait::async_trait;
use prost_types::Timestamp;
use uuid::Uuid;

use super::{CALLBACK_DATA, Lox24, TotalUnknown, wire};
use crate::{
    api::{
        MessageService,
        pb::{
            CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse,
            ListVendorMessagesRequest, ListVendorMessagesResponse, Message, Quality, SendMessageRequest,
            SendMessageResponse,
        },
    },
    call::Call,
    epoch::now_in_seconds,
    error::{Error, Outcome, Reason},
    request::{
        check::{Check, MAX_SEGMENTS},
        page::{Listed, Page},
    },
    text::segments::Alphabet,
    vendors::kit::{Request, batch, message::merge},
};

/// The maximum number of recipients of one send: each is a request of its own, and all must be answered within one
/// call's timeout, in an answer of at most the 4 MiB that most clients accept.
const MAX_RECIPIENTS: usize = 500;

const MESSAGE: &str = "accounts/*/messages/*";

const NOT_SCHEDULED: &str = "the message was sent or cancelled already";

/// The last second of the year 9999.
pub(super) const LAST: i64 = 253_402_300_799;

/// The valid range of times, as an error text.
pub(super) const RANGE: &str = "must lie between the years 1970 and 9999";

#[async_trait]
impl MessageService for Lox24 {
    async fn send_message(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
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
        // LOX24 would choose too, but does not document which alphabet. Its limits of 1530 and 670 are ten segments.
        let alphabet = check.alphabet(encoding, iter::once(text.as_str()), "");
        check.segments(&text, alphabet, MAX_SEGMENTS, "text");
        check.required(&sender, "sender");
        check.sender(&sender, "sender");
        let service_code = service_code(&mut check, quality);
        let delivery_at = schedule_time.as_ref().map(|time| time.seconds);
        check.schedule(schedule_time.as_ref(), "schedule_time");
        check.that(delivery_at.is_none_or(|seconds| seconds <= LAST), "schedule_time", RANGE);
        let whole = schedule_time.as_ref().is_none_or(|time| time.nanos == 0);
        check.that(whole, "schedule_time", "must be of whole seconds");
        check.message_id(&message_id);
        check.at_most(&reference, CALLBACK_DATA, "reference");
        check.done()?;

        let submission = |phone| {
            let sms = wire::message::Sms {
                // LOX24 counts digits: a plus would make a number a text, and too long.
                sender_id: sender.strip_prefix('+').filter(|rest| is_number(rest)).unwrap_or(&sender),
                phone,
                text: &text,
                service_code,
                delivery_at,
                is_unicode: alphabet == Alphabet::Ucs2,
                callback_data: Some(reference.as_str()).filter(|reference| !reference.is_empty()),
            };
            self.submit(call, sms)
        };
        let parts = batch::submit_each(call, &recipients, self.parallel_requests, submission).await?;
        Ok(SendMessageResponse { message: Some(merge(&self.name, &message_id, parts)) })
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let GetMessageRequest { name } = request;
        let mut check = Check::new();
        let uuid = check.id(&name, MESSAGE, "name");
        check.done()?;
        let sms = self.look_up(call, &uuid).await?;
        let message = Message { name, ..sms.into_message(&self.name, now_in_seconds()) };
        Ok(GetMessageResponse { message: Some(message) })
    }

    async fn cancel_message(&self, call: &Call, request: CancelMessageRequest) -> Result<CancelMessageResponse, Error> {
        let CancelMessageRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, MESSAGE, "name");
        let uuid = Uuid::try_parse(&id).unwrap_or_default();
        check.that(!uuid.is_nil(), "name", "must end with the UUID of an SMS");
        check.done()?;
        // The answer to a cancellation has only the number of cancelled SMS: the look-up shows whether this one exists.
        if self.look_up(call, &uuid.to_string()).await?.has_left() {
            return Err(Error::new(Reason::StateConflict, NOT_SCHEDULED));
        }
        self.ensure_filter_matches_only(call, uuid).await?;
        let reply = self.exchange(call, cancellation(uuid)).await?;
        match wire::message::cancelled(&reply)? {
            1 => Ok(CancelMessageResponse::default()),
            0 => Err(reply.refused(Reason::StateConflict, NOT_SCHEDULED, &reply.excerpt())),
            _ => Err(reply.unreadable("it counts more than one SMS")),
        }
    }

    async fn list_vendor_messages(
        &self,
        call: &Call,
        request: ListVendorMessagesRequest,
    ) -> Result<ListVendorMessagesResponse, Error> {
        let ListVendorMessagesRequest { parent, page_size, page_token, start_time, end_time } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let (start, end) = (seconds(&mut check, start_time, "start_time"), seconds(&mut check, end_time, "end_time"));
        let mut page = Page::new(&mut check, page_size, &page_token, ("ListVendorMessages", &parent, start, end));
        let until = *page.until.get_or_insert_with(|| end.unwrap_or_else(now_in_seconds));
        check.done()?;
        // The order is always sent: the vendor's page has two defaults. Oldest first, so that messages sent between two
        // page requests come last. The brackets are encoded, as in its own client.
        let mut request = Request::new("GET /sms").query("_order%5Bcreated_at%5D", "asc");
        if let Some(start) = start {
            request = request.query("created_at%5Bgte%5D", start.to_string());
        }
        request = request.query("created_at%5Blte%5D", until.to_string());
        let listed = self.list::<wire::message::StoredSms>(call, request, &page, TotalUnknown::IsOpen).await?;
        let Listed { entries, next_page_token, total_size } = listed;
        let now = now_in_seconds();
        let messages = entries.into_iter().map(|sms| sms.into_message(&self.name, now)).collect();
        Ok(ListVendorMessagesResponse { messages, next_page_token, total_size })
    }
}

impl Lox24 {
    async fn look_up(&self, call: &Call, uuid: &str) -> Result<wire::message::StoredSms, Error> {
        self.exchange(call, Request::new("GET /sms/{uuid}").id(uuid)).await?.object()
    }

    /// Checks, by listing, that the filter of a cancellation matches only this SMS.
    ///
    /// The vendor's page on cancelling has a filter by id and does not print its name, which is taken from the list's
    /// page. If the name were wrong, LOX24 would ignore the filter and cancel everything that is scheduled.
    async fn ensure_filter_matches_only(&self, call: &Call, uuid: Uuid) -> Result<(), Error> {
        let reply = self.exchange(call, filtered("GET /sms", uuid)).await?;
        let found = wire::list::read::<wire::message::StoredSms>(&reply)?.entries;
        match &found[..] {
            [Some(one)] if Uuid::try_parse(&one.uuid) == Ok(uuid) => Ok(()),
            _ => {
                let error = reply
                    .unreadable("it does not list this SMS alone; nothing was cancelled, as that could cancel others");
                Err(error.outcome(Outcome::NotSent))
            }
        }
    }

    /// Sends to one recipient.
    async fn submit(&self, call: &Call, sms: wire::message::Sms<'_>) -> Result<Vec<Message>, Error> {
        let to = sms.phone;
        let reply = self.exchange(call, Request::new("POST /sms").json(&sms)?).await?;
        let sms: wire::message::StoredSms = reply.object()?;
        let mut message = sms.into_message(&self.name, now_in_seconds());
        // As the caller wrote it, whatever form LOX24 returns.
        message.recipients.iter_mut().for_each(|recipient| to.clone_into(&mut recipient.to));
        Ok(vec![message])
    }
}

/// Builds the request that cancels one SMS. Without a filter LOX24 would cancel all that are scheduled; so this is the
/// only place that makes the call, and its parameter is not a text, which could be empty.
fn cancellation(uuid: Uuid) -> Request {
    filtered("POST /sms/ops/batch_cancel", uuid)
}

/// Builds an operation that is filtered to one SMS.
fn filtered(operation: &'static str, uuid: Uuid) -> Request {
    Request::new(operation).query("uuid%5B%5D", uuid.to_string())
}

/// Converts a time to LOX24's form.
fn seconds(check: &mut Check, time: Option<Timestamp>, field: &str) -> Option<i64> {
    let seconds = time.map(|time| time.seconds);
    let right = seconds.is_none_or(|seconds| (0..=LAST).contains(&seconds));
    check.that(right, field, RANGE);
    seconds
}

/// Returns the service of a quality class.
fn service_code(check: &mut Check, quality: i32) -> &'static str {
    let quality = Quality::try_from(quality);
    check.that(quality.is_ok(), "quality", "unknown value");
    match quality.unwrap_or_default() {
        Quality::Unspecified | Quality::High => "direct",
        Quality::Medium => "pro",
        Quality::Low => "economy",
    }
}

/// Returns whether a sender, without its plus, is a number.
fn is_number(sender: &str) -> bool {
    !sender.is_empty() && sender.bytes().all(|byte| byte.is_ascii_digit())
}
