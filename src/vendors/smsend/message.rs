//! MessageService at smSend.

use async_trait::async_trait;

use super::{
    Listed, NotFound, SmSend,
    history::Window,
    order::{Draft, MAX_CHARACTERS, MAX_RECIPIENTS},
    wire,
};
use crate::{
    api::{
        MessageService,
        pb::{
            CancelMessageRequest, CancelMessageResponse, GetMessageRequest, GetMessageResponse,
            ListVendorMessagesRequest, ListVendorMessagesResponse, SendGroupMessageRequest, SendGroupMessageResponse,
            SendMessageRequest, SendMessageResponse, SendTemplatedMessageRequest, SendTemplatedMessageResponse,
            TemplateRecipient, send_group_message_request, send_message_request, send_templated_message_request,
        },
    },
    call::Call,
    error::{Error, Reason},
    request::check::{Check, Places},
    vendors::kit::Request,
};

const MESSAGE: &str = "accounts/*/messages/*";

/// The maximum number of groups of one send (not documented).
const MAX_GROUPS: usize = 1000;

#[async_trait]
impl MessageService for SmSend {
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
            vendor_options,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.tag(&tag);
        check.purpose(purpose);
        check.recipients(&recipients, MAX_RECIPIENTS);
        check.that(reference.is_empty(), "reference", "is not supported by smSend; message_id is");
        let options = match vendor_options {
            Some(send_message_request::VendorOptions::Smsend(options)) => options,
            _ => Default::default(),
        };
        let draft =
            Draft { text: &text, sender: &sender, quality, encoding, schedule_time, message_id: &message_id, options };
        let message = self.place_order(call, check, draft, wire::message::To::Numbers(&recipients)).await?;
        Ok(SendMessageResponse { message: Some(message) })
    }

    async fn send_templated_message(
        &self,
        call: &Call,
        request: SendTemplatedMessageRequest,
    ) -> Result<SendTemplatedMessageResponse, Error> {
        let SendTemplatedMessageRequest {
            parent,
            recipients,
            text,
            sender,
            quality,
            encoding,
            schedule_time,
            message_id,
            purpose,
            tag,
            vendor_options,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.tag(&tag);
        check.purpose(purpose);
        check.phone_numbers(recipients.iter().map(|r| r.to.as_str()), MAX_RECIPIENTS, "recipients", ".to");
        for (i, TemplateRecipient { to: _, parameters }) in recipients.iter().take(MAX_RECIPIENTS).enumerate() {
            // smSend writes the number under this key, beside the parameters.
            if parameters.contains_key("recipient") {
                check.fault(format!("recipients[{i}].parameters"), "must not have the key recipient");
            }
            if parameters.values().any(|text| text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS) {
                let description = format!("must not have a text of more than {MAX_CHARACTERS} characters");
                check.fault(format!("recipients[{i}].parameters"), description);
            }
        }
        let options = match vendor_options {
            Some(send_templated_message_request::VendorOptions::Smsend(options)) => options,
            _ => Default::default(),
        };
        let to =
            recipients.iter().map(|r| wire::message::TemplateRecipient { recipient: &r.to, parameters: &r.parameters });
        let draft =
            Draft { text: &text, sender: &sender, quality, encoding, schedule_time, message_id: &message_id, options };
        let message = self.place_order(call, check, draft, wire::message::To::Template(to.collect())).await?;
        Ok(SendTemplatedMessageResponse { message: Some(message) })
    }

    async fn send_group_message(
        &self,
        call: &Call,
        request: SendGroupMessageRequest,
    ) -> Result<SendGroupMessageResponse, Error> {
        let SendGroupMessageRequest {
            parent,
            groups,
            text,
            sender,
            quality,
            encoding,
            schedule_time,
            message_id,
            purpose,
            tag,
            vendor_options,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.tag(&tag);
        check.purpose(purpose);
        check.one_to(groups.len(), MAX_GROUPS, "groups");
        let mut places = Places::default();
        for (i, group) in groups.iter().take(MAX_GROUPS).enumerate() {
            if group.is_empty() {
                check.fault(format!("groups[{i}]"), "must not be empty");
            } else if let Some(first) = places.earlier(group, i) {
                check.fault(format!("groups[{i}]"), format!("is the same group as groups[{first}]"));
            }
        }
        let options = match vendor_options {
            Some(send_group_message_request::VendorOptions::Smsend(options)) => options,
            _ => Default::default(),
        };
        let draft =
            Draft { text: &text, sender: &sender, quality, encoding, schedule_time, message_id: &message_id, options };
        let message = self.place_order(call, check, draft, wire::message::To::Groups(&groups)).await?;
        Ok(SendGroupMessageResponse { message: Some(message) })
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let GetMessageRequest { name } = request;
        let mut check = Check::new();
        let order_id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let state = self.order_state(call, &order_id).await?;
        Ok(GetMessageResponse { message: Some(self.message(name, &order_id, state)) })
    }

    async fn cancel_message(&self, call: &Call, request: CancelMessageRequest) -> Result<CancelMessageResponse, Error> {
        let CancelMessageRequest { name } = request;
        let mut check = Check::new();
        let order_id = check.id(&name, MESSAGE, "name");
        check.done()?;
        let request = Request::new("DELETE /sms/{order_id}").id(&order_id);
        let result = match self.exchange(call, request, NotFound::Resource).await {
            Ok(reply) => wire::accepted_by_result(reply).map(drop),
            // smSend answers 404 for an unknown order and for one already sent: a look-up distinguishes them.
            Err(e) if e.reason() == Reason::ResourceNotFound => match self.order_state(call, &order_id).await {
                Ok(_) => Err(e.with_reason(Reason::StateConflict, "the message is no longer scheduled")),
                Err(second) if second.reason() == Reason::ResourceNotFound => Err(e),
                Err(_) => Err(e.with_reason(Reason::StateConflict, "the message was sent already, or never existed")),
            },
            Err(e) => Err(e),
        };
        result.map(|()| CancelMessageResponse::default())
    }

    async fn list_vendor_messages(
        &self,
        call: &Call,
        request: ListVendorMessagesRequest,
    ) -> Result<ListVendorMessagesResponse, Error> {
        let ListVendorMessagesRequest { parent, page_size, page_token, start_time, end_time } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let (zone, filter) = (&self.time_zone, ("ListVendorMessages", &parent));
        let window = Window::new(&mut check, zone, page_size, &page_token, filter, start_time, end_time);
        check.done()?;
        let listed =
            self.list::<wire::message::HistoryEntry>(call, window.of(Request::new("GET /smshistory")), &window.page);
        let Listed { entries, next_page_token, total_size } = listed.await?;
        let messages =
            entries.into_iter().map(|entry| entry.into_message(&self.name, &self.time_zone, self.types)).collect();
        Ok(ListVendorMessagesResponse { messages, next_page_token, total_size })
    }
}
