//! MessageService at IntelePeer, after the vendor's other pages of this API version: the document does not cover
//! messages.

use std::iter;

use async_trait::async_trait;

use super::{IntelePeer, wire::message as wire};
use crate::{
    api::{
        MessageService,
        pb::{GetMessageRequest, GetMessageResponse, Message, SendMessageRequest, SendMessageResponse},
    },
    call::Call,
    error::{Error, Outcome, Reason},
    request::check::{Check, MAX_SEGMENTS},
    vendors::kit::{
        Effect, Request, batch,
        message::{identified, merge},
    },
};

/// The maximum number of recipients of one send, as the API guarantees.
const MAX_RECIPIENTS: usize = 10_000;

#[async_trait]
impl MessageService for IntelePeer {
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
        // The pages name no limit, and the vendor chooses the alphabet.
        let alphabet = check.alphabet(0, iter::once(text.as_str()), "");
        check.segments(&text, alphabet, MAX_SEGMENTS, "text");
        check.phone_number(&sender, || "sender".to_owned());
        check.message_id(&message_id);
        check.absent(
            [(quality != 0, "quality"), (encoding != 0, "encoding"), (schedule_time.is_some(), "schedule_time")],
            "is not supported by IntelePeer",
        );
        check.done()?;

        let submission = |to| self.submit(call, &sender, wire::Send { to, text: &text, guid: &reference });
        let parts = batch::submit_each(call, &recipients, self.parallel_requests, submission).await?;
        Ok(SendMessageResponse { message: Some(merge(&self.name, &message_id, parts)) })
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let GetMessageRequest { name } = request;
        let mut check = Check::new();
        let refid = check.id(&name, "accounts/*/messages/*", "name");
        check.done()?;
        let request = Request::new("POST /sms/v1/mdr").json(&wire::Question { refid: &refid })?.effect_is(Effect::Read);
        let reply = self.exchange(call, request).await.map_err(|e| match e.reason() {
            Reason::ResourceNotFound => {
                e.with_reason(Reason::ResourceNotFound, "IntelePeer has no record of the message")
            }
            _ => e,
        })?;
        let recipient = reply.object::<wire::Record>()?.read();
        let recipient = recipient.ok_or_else(|| reply.unreadable("it has no result code"))?;
        let message = Message { recipients: vec![recipient], recipient_count: Some(1), ..Message::default() };
        Ok(GetMessageResponse { message: Some(identified(name, &self.name, &refid, message)) })
    }
}

impl IntelePeer {
    /// Sends a message to one recipient.
    async fn submit(&self, call: &Call, sender: &str, send: wire::Send<'_>) -> Result<Vec<Message>, Error> {
        let request = Request::new("POST /sms/v1/{tn}/send").id(sender).json(&send)?;
        // A dry run takes no turn.
        call.check_active()?;
        let turn = self.turns.turn(sender, call.deadline()).await;
        turn.map_err(|wait| {
            let text = "message_interval permits no further message of this sender before the deadline";
            let error = Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent);
            error.retry_after(Some(wait)).operation(request.operation())
        })?;
        let reply = self.exchange(call, request).await.map_err(|e| {
            let reason = e.reason();
            match reason {
                // The vendor uses this status for two causes, and its texts are not known well enough to distinguish
                // them.
                Reason::AccountCredentialRefused | Reason::CallerCredentialRefused => {
                    e.with_reason(reason, "IntelePeer does not accept the credential, or the sender is not its number")
                }
                // Other recipients may be reachable.
                Reason::VendorDenied => {
                    e.with_reason(reason, "IntelePeer does not send to this international destination").recipient_only()
                }
                Reason::ResourceNotFound => e.with_reason(reason, "the number is not available at IntelePeer"),
                _ => e,
            }
        })?;
        let (refid, recipient) =
            reply.object::<wire::Sent>()?.read(send.to).ok_or_else(|| reply.unreadable("it has no refid"))?;
        let message = Message {
            recipients: vec![recipient],
            sender: sender.to_owned(),
            recipient_count: Some(1),
            reference: send.guid.to_owned(),
            ..Message::default()
        };
        Ok(vec![identified(String::new(), &self.name, &refid, message)])
    }
}
