//! A vendor with a log before it: messages are found under our names, and looked up and cancelled at the vendor under
//! its own.

use std::sync::Arc;

use async_trait::async_trait;
use prost::Message as _;

use super::{
    Log,
    change::Cause,
    follow::has_rest,
    refresh::{PartId, is_of, open_parts, refresh, was_not_found},
    state::{is_final, is_unsent, overlay, show, withdraw},
};
use crate::{
    api::{
        InboxService, MessageService, Method, Vendor, methods, not_offered,
        pb::{
            CancelMessageRequest, CancelMessageResponse, DeliveryState, GetMessageRequest, GetMessageResponse,
            ListVendorMessagesRequest, ListVendorMessagesResponse, Message, SendGroupMessageRequest,
            SendGroupMessageResponse, SendMessageRequest, SendMessageResponse, SendTemplatedMessageRequest,
            SendTemplatedMessageResponse,
        },
    },
    call::Call,
    error::{Error, Outcome, Reason},
    request::names,
    store::{Append, StoredMessage, WriteState},
};

/// The vendor of an account, and the log.
pub(in crate::gateway) struct Logged {
    pub(in crate::gateway) vendor: Arc<dyn Vendor>,
    pub(in crate::gateway) log: Log,
}

impl Vendor for Logged {
    fn methods(&self) -> &'static [&'static Method] {
        self.vendor.methods()
    }

    fn inner(&self) -> Option<&dyn Vendor> {
        Some(&*self.vendor)
    }

    fn takes_message_ids(&self) -> bool {
        self.vendor.takes_message_ids()
    }

    fn inbox_service(&self) -> Option<&dyn InboxService> {
        self.vendor.inbox_service().map(|_| self as &dyn InboxService)
    }

    fn message_service(&self) -> Option<&dyn MessageService> {
        self.vendor.message_service().map(|_| self as &dyn MessageService)
    }
}

impl Logged {
    fn service(&self) -> Result<&dyn MessageService, Error> {
        self.vendor.message_service().ok_or_else(not_offered)
    }

    /// Returns the entry of a message by our name for it, or by the vendor's.
    async fn find(&self, name: &str) -> Result<Option<(StoredMessage, Message)>, Error> {
        let Ok([account, id]) = names::ids(name, "accounts/*/messages/*", "name") else { return Ok(None) };
        let (account, store) = (format!("accounts/{account}"), self.log.store());
        let found = match store.message(&account, &id).await? {
            Some(found) => Some(found),
            // Of a message that a route sent through the account, others may not learn what else it has.
            None => {
                let found = store.message_by_vendor_id(&account, &id).await?;
                found.filter(|found| *found.account == *account)
            }
        };
        let found = found.filter(is_known);
        found.map(|found| decode(&found).map(|message| (found, message))).transpose()
    }

    /// Returns the entry of a message, after it is on disk that no repeated call sends what an interrupted one did not, and
    /// whether there was such a rest. A call that sends it already is not stopped.
    async fn withdraw_rest(&self, name: &str) -> Result<Option<(StoredMessage, Message, bool)>, Error> {
        let mut had_rest = false;
        loop {
            let Some((stored, mut message)) = self.find(name).await? else { return Ok(None) };
            if !has_rest(&stored, &message) {
                return Ok(Some((stored, message, had_rest)));
            }
            let before = message.recipients.clone();
            message.recipients.iter_mut().filter(|recipient| is_unsent(recipient)).for_each(withdraw);
            let changes = vec![self.log.change(&stored, &before, &mut message, Cause::CALL)];
            let appended = self.log.store().append(Append { changes, ..Append::default() }).await?;
            had_rest |= appended.stale.is_empty();
        }
    }

    fn looks_up(&self) -> bool {
        self.vendor.methods().contains(&methods::MessageService::GetMessage)
    }
}

/// Whether an entry is that of a message: not of a request that was rejected or given up before anything was sent, and
/// not erased.
pub(in crate::gateway) fn is_known(stored: &StoredMessage) -> bool {
    let came_to_nothing = stored.write_state == WriteState::Free && stored.state == i32::from(DeliveryState::Unknown);
    !came_to_nothing && !stored.body.is_empty()
}

/// Reads the message of an entry.
pub(in crate::gateway) fn decode(stored: &StoredMessage) -> Result<Message, Error> {
    let decoded = Message::decode(&*stored.body);
    let mut message = decoded.map_err(|e| Error::internal(format!("the log has a damaged message: {e}")))?;
    for newer in &stored.recipients {
        if let Some(recipient) = message.recipients.get_mut(newer.index as usize) {
            overlay(recipient, newer);
        }
    }
    Ok(message)
}

/// Returns what is shown of a message: of one that is being sent, some recipients are still to come.
fn shown(write_state: WriteState, mut message: Message) -> Message {
    let is_running = write_state == WriteState::Claimed;
    message.recipients.iter_mut().for_each(|recipient| show(recipient, is_running));
    message
}

/// Returns the message of an entry as callers are shown it; `None` if the entry is that of no message.
///
/// # Errors
/// The entry is damaged.
pub fn logged_message(stored: &StoredMessage) -> Result<Option<Message>, Error> {
    if is_known(stored) { decode(stored).map(|message| Some(shown(stored.write_state, message))) } else { Ok(None) }
}

#[async_trait]
impl MessageService for Logged {
    async fn send_message(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
        self.service()?.send_message(call, request).await
    }

    async fn send_templated_message(
        &self,
        call: &Call,
        request: SendTemplatedMessageRequest,
    ) -> Result<SendTemplatedMessageResponse, Error> {
        self.service()?.send_templated_message(call, request).await
    }

    async fn send_group_message(
        &self,
        call: &Call,
        request: SendGroupMessageRequest,
    ) -> Result<SendGroupMessageResponse, Error> {
        self.service()?.send_group_message(call, request).await
    }

    async fn get_message(&self, call: &Call, request: GetMessageRequest) -> Result<GetMessageResponse, Error> {
        let (stored, mut message) = match self.find(&request.name).await {
            Ok(Some(found)) => found,
            Ok(None) if self.looks_up() => return self.service()?.get_message(call, request).await,
            Ok(None) => return Err(Error::new(Reason::ResourceNotFound, "the log has no such message")),
            // The vendor may know the message while the store is away.
            Err(error) if self.looks_up() => {
                return self.service()?.get_message(call, request).await.map_err(|_| error);
            }
            Err(error) => return Err(error),
        };
        let is_open = message.recipients.iter().any(|recipient| !is_final(recipient.state()));
        if self.looks_up() && (is_open || message.recipients.is_empty()) {
            // Without an answer, what is known is still true.
            let before = message.recipients.clone();
            let (answered, _) = refresh(&*self.vendor, call, &mut message).await;
            // That the vendor does not know the message proves something only after a while: `follow` sees to it.
            if answered > 0 && !was_not_found(&message) {
                let change = self.log.change(&stored, &before, &mut message, Cause::LOOKUP);
                self.log.store().change(change);
            }
        }
        Ok(GetMessageResponse { message: Some(shown(stored.write_state, message)) })
    }

    async fn cancel_message(&self, call: &Call, request: CancelMessageRequest) -> Result<CancelMessageResponse, Error> {
        let Some((stored, mut message, had_rest)) = self.withdraw_rest(&request.name).await? else {
            return self.service()?.cancel_message(call, request).await;
        };
        let ids = open_parts(&message);
        if ids.is_empty() && had_rest {
            return Ok(CancelMessageResponse { message: Some(shown(stored.write_state, message)) });
        }
        if ids.is_empty() {
            let text =
                "no part of the message can be cancelled: all are final, or the vendor returned no id for them so far";
            return Err(Error::new(Reason::StateConflict, text).outcome(Outcome::NotSent));
        }
        let (mut answers, mut failure) = (Vec::new(), None);
        for id in ids {
            let request = CancelMessageRequest { name: names::child(&id.0, "messages", &id.1) };
            match self.service()?.cancel_message(call, request).await {
                Ok(_) => answers.push((id, None)),
                Err(error) => {
                    let what = match error.reason() {
                        Reason::OutcomeUnknown => "it is unknown whether it was cancelled",
                        _ => "not cancelled",
                    };
                    answers.push((id, Some(format!("{what}: {}", error.explanation().1))));
                    failure = failure.or(Some(error));
                }
            }
        }
        if let Some(error) = failure.filter(|_| !had_rest && answers.iter().all(|(_, why_not)| why_not.is_some())) {
            return Err(error);
        }
        let edit = |message: &mut Message| note_cancelled(message, &answers);
        edit(&mut message);
        // The vendor has cancelled it, whether that can be recorded now or is found out later.
        let write_state = stored.write_state;
        let message = self.log.amend(stored, Cause::CALL, edit).await.unwrap_or(message);
        Ok(CancelMessageResponse { message: Some(shown(write_state, message)) })
    }

    async fn list_vendor_messages(
        &self,
        call: &Call,
        request: ListVendorMessagesRequest,
    ) -> Result<ListVendorMessagesResponse, Error> {
        self.service()?.list_vendor_messages(call, request).await
    }
}

/// Notes what the vendor answered for each part: nothing, or why it was not cancelled.
fn note_cancelled(message: &mut Message, answers: &[(PartId, Option<String>)]) {
    for recipient in message.recipients.iter_mut().filter(|recipient| !is_final(recipient.state())) {
        match answers.iter().find(|(id, _)| is_of(recipient, id)) {
            Some((_, None)) => recipient.state = DeliveryState::Cancelled.into(),
            Some((_, Some(explanation))) => recipient.vendor_text.clone_from(explanation),
            None => {}
        }
    }
}
