//! MessageService at SMSPartner.

use tonic::{Request, Response, Status};

use super::{SmsPartner, changing, get, wire::message::Statuses};
use crate::{
    check::Check,
    credential::Credential,
    error::Reason,
    pb::{
        CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse, Message,
        SendMessageRequest, SendMessageResponse, message_service_server::MessageService,
    },
};

const MESSAGE: &str = "accounts/*/messages/*";

#[tonic::async_trait]
impl MessageService for SmsPartner {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let (_, extensions, request) = request.into_parts();
        let messages = self.submit(&extensions, request).await?;
        Ok(Response::new(SendMessageResponse { messages }))
    }

    async fn get_message(&self, request: Request<GetMessageRequest>) -> Result<Response<GetMessageResponse>, Status> {
        let (_, extensions, GetMessageRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let credential = Credential::of(&extensions, &self.api_key)?;
        let call = get("GET /bulk-status", credential).query("messageId", id);
        let reply = self.ask(&call, credential, looking_up).await?;
        let Statuses { list } = reply.object()?;
        let list = reply.entries(list)?;
        let recipient_count = list.len().try_into().ok();
        let recipients = list.into_iter().flatten().map(|status| status.into_recipient(&self.time_zone)).collect();
        let message = Message { name, recipients, recipient_count, ..Message::default() };
        Ok(Response::new(GetMessageResponse { message: Some(message) }))
    }

    async fn cancel_message(
        &self,
        request: Request<CancelMessageRequest>,
    ) -> Result<Response<CancelMessageResponse>, Status> {
        let (_, extensions, CancelMessageRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let credential = Credential::of(&extensions, &self.api_key)?;
        let call = changing(get("GET /message-cancel", credential)).query("messageId", id);
        self.ask(&call, credential, cancelling).await?;
        Ok(Response::new(CancelMessageResponse {}))
    }
}

fn looking_up(code: i64) -> Option<(Reason, &'static str)> {
    (code == 4).then_some((Reason::ResourceNotFound, "SMSPartner does not know the message"))
}

fn cancelling(code: i64) -> Option<(Reason, &'static str)> {
    match code {
        4 => Some((Reason::ResourceNotFound, "SMSPartner does not know the message")),
        5 => Some((Reason::StateConflict, "the message was cancelled before")),
        6 => Some((Reason::StateConflict, "the message leaves within five minutes: it is too late to cancel it")),
        7 => Some((Reason::StateConflict, "the message was sent already")),
        _ => None,
    }
}
