//! MessageService at IP1SMS, after the vendor's manual of this API and its official clients: the document does not
//! cover messages.

use async_trait::async_trait;
use http::StatusCode;
use prost_types::Timestamp;

use super::{Ip1Sms, number, wire::message as wire};
use crate::{
    api::{
        MessageService,
        pb::{
            GetMessageRequest, GetMessageResponse, ListVendorMessagesRequest, ListVendorMessagesResponse, Message,
            SendMessageRequest, SendMessageResponse,
        },
    },
    call::Call,
    epoch,
    error::{Error, Reason},
    request::{check::Check, page::Page},
    vendors::kit::{Request, batch, message::merge},
};

/// The maximum number of recipients of one send, as the API guarantees.
const MAX_RECIPIENTS: usize = 10_000;

/// The maximum number of characters of a text: the limit of the vendor's newer API. This API's manual names none.
const MAX_CHARACTERS: usize = 2000;

/// The maximum number of recipients of one request: the vendor's recommendation.
const MAX_NUMBERS: usize = 1000;

#[async_trait]
impl MessageService for Ip1Sms {
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
        check.at_most(&text, MAX_CHARACTERS, "text");
        match sender.is_ascii() {
            _ if sender.is_empty() => check.fault("sender", "is required by IP1SMS"),
            true => check.sender(&sender, "sender"),
            false => check.fault("sender", "must be of ASCII characters: IP1SMS rejects others"),
        }
        check.absent(
            [
                (quality != 0, "quality"),
                (encoding != 0, "encoding"),
                (schedule_time.is_some(), "schedule_time"),
                (!reference.is_empty(), "reference"),
            ],
            "is not supported by IP1SMS",
        );
        check.message_id(&message_id);
        check.done()?;

        // A number as the sender is all digits.
        let digits = sender.strip_prefix('+').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let from = digits.unwrap_or(&sender);
        let submission = |numbers| self.submit(call, wire::Send { from, numbers, message: &text });
        let parts = batch::submit(call, &recipients, self.most(&text), self.parallel_requests, submission).await?;
        Ok(SendMessageResponse { message: Some(merge(&self.name, &message_id, parts)) })
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let GetMessageRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/messages/*", "name");
        number(&mut check, &id, "name");
        check.done()?;
        let reply = self.exchange(call, Request::new("GET /api/sms/sent/{id}").id(&id)).await?;
        let message = reply.object::<wire::Item>()?.into_message(&self.name);
        if message.name.is_empty() {
            return Err(reply.unreadable("it has no message"));
        }
        Ok(GetMessageResponse { message: Some(Message { name, ..message }) })
    }

    async fn list_vendor_messages(
        &self,
        call: &Call,
        request: ListVendorMessagesRequest,
    ) -> Result<ListVendorMessagesResponse, Error> {
        let ListVendorMessagesRequest { parent, page_size, page_token, start_time, end_time } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let (start, end) = (start_time.as_ref().map(instant), end_time.as_ref().map(instant));
        let mut page = Page::new(&mut check, page_size, &page_token, ("ListVendorMessages", &parent, start, end));
        check.done()?;
        // The list has neither pages nor a filter: all entries are in one answer.
        let reply = self.exchange(call, Request::new("GET /api/sms/sent")).await?;
        let with_id = |item: wire::Item| Some(item.into_message(&self.name)).filter(|message| !message.name.is_empty());
        let mut messages = reply.list(with_id)?.into_iter().flatten().collect::<Vec<_>>();
        if start.or(end).is_some() && messages.iter().any(|message| message.create_time.is_none()) {
            return Err(reply.unreadable("a message has no time"));
        }
        // Messages sent between two page requests must not move the pages. The vendor's clock may be ahead of ours.
        let newest = messages.iter().filter_map(|message| Some(message.create_time?.seconds)).max();
        let now = epoch::now_in_seconds();
        let until = *page.until.get_or_insert_with(|| newest.unwrap_or(0).max(now));
        messages.retain(|message| {
            message.create_time.as_ref().is_none_or(|time| {
                let created = instant(time);
                start.is_none_or(|start| created >= start) && end.map_or(time.seconds <= until, |end| created <= end)
            })
        });
        // By id, which increases: whatever is sent in between comes last.
        messages.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
        let total_size = i32::try_from(messages.len()).ok();
        let (messages, next_page_token) = page.of(messages.into_iter());
        Ok(ListVendorMessagesResponse { messages, next_page_token, total_size })
    }
}

/// Converts a time for comparison.
fn instant(time: &Timestamp) -> (i64, i32) {
    (time.seconds, time.nanos)
}

impl Ip1Sms {
    /// Returns the maximum number of recipients of a request. The answer repeats the text for each, and must stay under
    /// the size limit.
    fn most(&self, text: &str) -> usize {
        // JSON escapes a byte in at most six; the other members take less than a KiB.
        let item = 1024 + 6 * text.len();
        (self.http.limits().max_reply_bytes / item).clamp(1, MAX_NUMBERS)
    }

    /// Makes one request.
    async fn submit(&self, call: &Call, send: wire::Send<'_>) -> Result<Vec<Message>, Error> {
        let request = Request::new("POST /api/sms/send").json(&send)?;
        let reply = self.exchange(call, request).await.map_err(|e| match e.status() {
            Some(status) if status == StatusCode::BAD_REQUEST => e.with_reason(
                Reason::VendorRefused,
                "IP1SMS refused the message, or has every recipient on the stop list",
            ),
            _ => e,
        })?;
        let items = reply.list(Some::<wire::Item>)?;
        // A request without any accepted recipient is a 400.
        if !items.iter().flatten().any(wire::Item::has_id) {
            return Err(reply.unreadable("it has no message id"));
        }
        Ok(wire::matched(&self.name, send.numbers, items))
    }
}
