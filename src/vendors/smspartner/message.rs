//! MessageService at SMSPartner.

use async_trait::async_trait;

use super::{SmsPartner, as_write, get, wire::message::Statuses};
use crate::{
    api::{
        MessageService,
        pb::{
            CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse, Message,
            SendMessageRequest, SendMessageResponse,
        },
    },
    call::{Call, Credential},
    error::{Error, Reason},
    request::check::Check,
    vendors::kit::message::identified,
};

const MESSAGE: &str = "accounts/*/messages/*";

#[async_trait]
impl MessageService for SmsPartner {
    async fn send_message(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
        let message = self.submit(call, request).await?;
        Ok(SendMessageResponse { message: Some(message) })
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let GetMessageRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = get("GET /bulk-status", credential).query("messageId", &id);
        let reply = self.ask(call, &request, credential, looking_up).await?;
        let Statuses { list } = reply.object()?;
        let list = reply.entries(list)?;
        let recipient_count = list.len().try_into().ok();
        let recipients = list.into_iter().flatten().map(|status| status.into_recipient(&self.time_zone)).collect();
        let message = Message { recipients, recipient_count, ..Message::default() };
        Ok(GetMessageResponse { message: Some(identified(name, &self.name, &id, message)) })
    }

    async fn cancel_message(&self, call: &Call, request: CancelMessageRequest) -> Result<CancelMessageResponse, Error> {
        let CancelMessageRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = as_write(get("GET /message-cancel", credential)).query("messageId", id);
        self.ask(call, &request, credential, cancelling).await?;
        Ok(CancelMessageResponse::default())
    }
}

fn looking_up(code: i64) -> Option<(Reason, &'static str)> {
    (code == 4).then_some((Reason::ResourceNotFound, "SMSPartner does not know the message"))
}

fn cancelling(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        4 => Some((Reason::ResourceNotFound, "SMSPartner does not know the message")),
        5 => Some((Reason::StateConflict, "the message was cancelled already")),
        6 => Some((Reason::StateConflict, "the message will be sent within five minutes: too late to cancel it")),
        7 => Some((Reason::StateConflict, "the message was sent already")),
        _ => None,
    }
}
