//! MessageService at IP1SMS, after the vendor's manual of this API and its official clients: the document has no message.

use http::StatusCode;
use tonic::{Extensions, Request, Response, Status};

use super::{Ip1Sms, wire::message as wire};
use crate::{
    check::Check,
    error::{Error, Reason},
    http::Call,
    pb::{
        GetMessageRequest, GetMessageResponse, Message, SendMessageRequest, SendMessageResponse,
        message_service_server::MessageService,
    },
    vendors::submissions,
};

/// The most recipients of one send here, as in the API's own promise.
const MAX_RECIPIENTS: usize = 10_000;

/// The most recipients of one request: what the vendor recommends.
const MAX_AT_ONCE: usize = 1000;

#[tonic::async_trait]
impl MessageService for Ip1Sms {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let (_, extensions, request) = request.into_parts();
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
        match sender.is_ascii() {
            _ if sender.is_empty() => check.fault("sender", "is required by IP1SMS"),
            true => check.sender(&sender, "sender"),
            false => check.fault("sender", "must be of ASCII characters: IP1SMS takes no others"),
        }
        check.absent(
            [
                (quality != 0, "quality"),
                (encoding != 0, "encoding"),
                (schedule_time.is_some(), "schedule_time"),
                (!message_id.is_empty(), "message_id"),
                (!reference.is_empty(), "reference"),
                (vendor_options.is_some(), "smsend"),
            ],
            "is not supported by IP1SMS",
        );
        check.done()?;

        // A number as the sender is all digits.
        let digits = sender.strip_prefix('+').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let from = digits.unwrap_or(&sender);
        let submission = |numbers| self.submit(&extensions, wire::Send { from, numbers, message: &text });
        let messages = submissions::submit(&recipients, self.at_once(&text), 1, submission).await?;
        Ok(Response::new(SendMessageResponse { messages }))
    }

    async fn get_message(&self, request: Request<GetMessageRequest>) -> Result<Response<GetMessageResponse>, Status> {
        let (_, extensions, GetMessageRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/messages/*", "name");
        check.that(id.bytes().all(|b| b.is_ascii_digit()), "name", "must end in a number: so do IP1SMS's messages");
        check.done()?;
        let reply = self.call(&extensions, Call::new("GET /api/sms/sent/{id}").id(&id)).await?;
        let message = reply.json::<wire::Item>()?.into_message(&self.name);
        if message.name.is_empty() {
            return Err(reply.unreadable("it has no message").into());
        }
        Ok(Response::new(GetMessageResponse { message: Some(Message { name, ..message }) }))
    }
}

impl Ip1Sms {
    /// How many recipients a request may have. The answer repeats the text for each, and one past the cap would be lost.
    fn at_once(&self, text: &str) -> usize {
        // Six bytes are the longest that JSON makes of one; the other members take less than a KiB.
        let item = 1024 + 6 * text.len();
        (self.http.limits().max_reply_bytes / item).clamp(1, MAX_AT_ONCE)
    }

    /// Makes one request.
    async fn submit(&self, extensions: &Extensions, send: wire::Send<'_>) -> Result<Vec<Message>, Error> {
        let call = Call::new("POST /api/sms/send").json(&send)?;
        let reply = self.call(extensions, call).await.map_err(|e| match e.status() {
            Some(status) if status == StatusCode::BAD_REQUEST => e.reason_is(
                Reason::VendorRefused,
                "IP1SMS refused the message, or has every recipient on the stop list",
            ),
            _ => e,
        })?;
        let items = reply.json::<Vec<wire::Item>>()?;
        // Nobody taken is a 400.
        if items.is_empty() {
            return Err(reply.unreadable("it names no recipient"));
        }
        Ok(wire::matched(&self.name, send.numbers, items))
    }
}
