//! What the store records of a message: its states, and an event for each state that has changed, whatever caused it.

use std::sync::Arc;

use prost::Message as _;

use super::{
    Log, account_of,
    logged::decode,
    recipient_update,
    resend::{hold, is_under_way},
    state::{is_final, is_unsent, overall},
};
use crate::{
    api::{
        methods,
        pb::{
            self, DeliveryState, EventSource, EventType, Message, MessageStateChanged, Recipient, SendMessageResponse,
            event::Subject,
        },
    },
    error::{Error, Reason},
    request::names,
    store::{
        Append, Digest, End, MessageChange, MessageUpdate, NewEvent, Outcome, RecipientUpdate, StoredMessage, WriteId,
        WriteState,
    },
};

/// How a state was learned.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct Cause {
    pub(in crate::gateway) source: EventSource,
    /// Whether the vendor itself said so.
    pub(in crate::gateway) confirmed: bool,
}

impl Cause {
    /// The vendor's answer to a call.
    pub(in crate::gateway) const CALL: Self = Self { source: EventSource::Call, confirmed: true };

    /// The vendor's answer to a look-up.
    pub(in crate::gateway) const LOOKUP: Self = Self { source: EventSource::Lookup, confirmed: true };
}

impl Log {
    /// Returns what is recorded of a message when its send has ended like this: the first state of each recipient.
    pub(in crate::gateway) fn sent(
        &self,
        write_id: WriteId,
        message: &Message,
        end: &End,
        to_groups: bool,
    ) -> MessageUpdate {
        let of_groups = match end {
            End::Done { .. } => DeliveryState::Queued,
            End::Free => DeliveryState::Rejected,
            End::Unknown { .. } => DeliveryState::Unknown,
        };
        let id = |index: i32, recipient: &Recipient| {
            let parts: [&[u8]; _] = [message.name.as_bytes(), &index.to_be_bytes(), &recipient.state.to_be_bytes()];
            // The same for a repeated call, which may send the rest of what was interrupted.
            self.store().digest("first state", &parts)
        };
        let events = self.events(&[], message, Cause::CALL, id);
        let state = overall(message).unwrap_or(of_groups);
        MessageUpdate { events, ..self.update(write_id, message, state, to_groups) }
    }

    /// Returns what is recorded of a message that had the recipients `before` when it was read. Recipients to whom it is to be
    /// sent again through another account of its route are kept open. A write whose outcome was unknown has succeeded once the
    /// state of its message is known: a repeated call gets the reply, unless there is something left that it may send.
    pub(in crate::gateway) fn change(
        &self,
        stored: &StoredMessage,
        before: &[Recipient],
        message: &mut Message,
        cause: Cause,
    ) -> MessageChange {
        self.hold_failures(stored, before, message, cause);
        let is_whole = !message.recipients.iter().any(is_unsent);
        // Of a send to groups nothing is known before the vendor names its recipients.
        let is_known = overall(message).is_some_and(|state| state != DeliveryState::Unknown);
        if stored.write_state == WriteState::Unknown && is_whole && is_known {
            // The response of every send has the message in the same field.
            let reply = SendMessageResponse { message: Some(message.clone()) }.encode_to_vec();
            return self.end(stored, End::Done { reply }, before, message, cause);
        }
        MessageChange::Update(self.changed(stored, before, message, cause))
    }

    /// Changes a message by `edit`, once more if it was changed by others in the meantime, and returns it once that is on
    /// disk.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn amend(
        &self,
        mut stored: StoredMessage,
        cause: Cause,
        edit: impl Fn(&mut Message) + Send + Sync,
    ) -> Result<Message, Error> {
        loop {
            let mut message = decode(&stored)?;
            let before = message.recipients.clone();
            edit(&mut message);
            let changes = vec![self.change(&stored, &before, &mut message, cause)];
            if self.store().append(Append { changes, ..Append::default() }).await?.stale.is_empty() {
                return Ok(message);
            }
            let again = self.store().message_of_write(stored.write_id).await?;
            stored = again.filter(|stored| !stored.body.is_empty()).ok_or_else(erased)?;
        }
    }

    /// Keeps the recipients open that an account reported a failure of, if the route is to send the message again. What no look-up
    /// confirmed may be claimed by anybody.
    fn hold_failures(&self, stored: &StoredMessage, before: &[Recipient], message: &mut Message, cause: Cause) {
        if message.attempts.is_empty() || stored.write_state != WriteState::Done || !cause.confirmed {
            return;
        }
        let has_failed = |(index, recipient): (usize, &Recipient)| {
            let was_under_way = before.get(index).is_some_and(|before| is_under_way(before.state()));
            let is_failure = is_final(recipient.state()) && recipient.state() != DeliveryState::Delivered;
            (was_under_way && is_failure && !self.consents().is_refusal(recipient)).then_some(index)
        };
        let failed: Vec<_> = message.recipients.iter().enumerate().filter_map(has_failed).collect();
        let account = (!failed.is_empty()).then(|| self.0.deliveries.account_of(message)).flatten();
        let Some(route) = account.as_ref().and_then(|account| account.route.as_ref()) else { return };
        let age = stored.write_id.time().elapsed().unwrap_or_default();
        for index in failed {
            if route.makes_up_for(message, index, age) {
                hold(&mut message.recipients[index]);
            }
        }
    }

    /// Returns what is recorded of a message that had the recipients `before` when it was read, as it is sent again through another
    /// account to those at these places. What the first account reports still finds the message: its id has a row of its own, behind
    /// those of the recipients.
    pub(in crate::gateway) fn handed_over(
        &self,
        stored: &StoredMessage,
        before: &[Recipient],
        message: &Message,
        places: &[usize],
    ) -> MessageChange {
        let mut update = self.changed(stored, before, message, Cause::CALL);
        let (count, last) = (message.recipients.len(), places.iter().max().copied().unwrap_or_default());
        let numbers = || message.recipients.iter().map(|recipient| self.store().number(&recipient.to));
        update.to = numbers().chain(numbers().take(last + 1)).collect();
        for (place, recipient) in places.iter().filter_map(|place| Some((*place, message.recipients.get(*place)?))) {
            let index = |place| u32::try_from(place).unwrap_or(u32::MAX);
            let mut rows = update.recipients.iter_mut();
            if let Some(row) = rows.find(|row| row.index == index(place)) {
                row.vendor_message_id = Some(recipient.vendor_message_id.clone());
            }
            let first = recipient.resend.as_ref().map(|first| RecipientUpdate {
                index: index(count + place),
                state: first.state,
                vendor_message_id: Some(first.vendor_message_id.clone()),
                account: Some(first.account.as_str().into()),
                is_final: true,
            });
            update.recipients.extend(first);
        }
        MessageChange::Update(update)
    }

    /// Returns what is recorded of a message whose write has ended like this.
    pub(super) fn end(
        &self,
        stored: &StoredMessage,
        end: End,
        before: &[Recipient],
        message: &Message,
        cause: Cause,
    ) -> MessageChange {
        let message = Some(self.changed(stored, before, message, cause));
        MessageChange::Outcome(Outcome { write_id: stored.write_id, end, message })
    }

    fn changed(&self, stored: &StoredMessage, before: &[Recipient], message: &Message, cause: Cause) -> MessageUpdate {
        self.0.deliveries.tell(before, message);
        let to_groups = *stored.method == *methods::MessageService::SendGroupMessage.path;
        let id = |index: i32, _: &Recipient| id(stored, index);
        let known = DeliveryState::try_from(stored.state).unwrap_or_default();
        let state = overall(message).unwrap_or(known);
        MessageUpdate {
            version: Some(stored.version),
            events: self.events(before, message, cause, id),
            ..self.update(stored.write_id, message, state, to_groups)
        }
    }

    /// Returns the update of a message. The recipients of a send to groups become known by and by.
    fn update(&self, write_id: WriteId, message: &Message, state: DeliveryState, to_groups: bool) -> MessageUpdate {
        self.rules().iter().for_each(|rule| rule.learn(account_of(message), message));
        let to = message.recipients.iter().filter(|_| to_groups).map(|recipient| self.store().number(&recipient.to));
        // That nothing was sent to a recipient is recorded by the attempt alone that would send it.
        let known = message.recipients.iter().enumerate().filter(|(_, recipient)| !is_unsent(recipient));
        let recipients = known.filter_map(|(index, _)| recipient_update(message, index));
        MessageUpdate {
            write_id,
            state: state.into(),
            body: message.encode_to_vec(),
            to: to.collect(),
            recipients: recipients.collect(),
            look_up_after: self.look_up_after(write_id, message, state),
            version: None,
            events: Vec::new(),
        }
    }

    /// Returns an event for each recipient whose state is another one than before. One to whom a repeated call may send
    /// has no state yet.
    fn events(
        &self,
        before: &[Recipient],
        message: &Message,
        cause: Cause,
        id: impl Fn(i32, &Recipient) -> Digest,
    ) -> Vec<NewEvent> {
        let sent = (0_i32..).zip(&message.recipients).filter(|(_, recipient)| !is_unsent(recipient));
        let changed = sent.filter_map(|(index, recipient)| {
            let before = before.get(index as usize).filter(|before| !is_unsent(before)).map(Recipient::state);
            (before != Some(recipient.state())).then_some((index, before.unwrap_or_default(), recipient))
        });
        let (account, message_id) = names::message(&message.name).unwrap_or_default();
        let account: Arc<str> = account.into();
        let new = |(index, before, recipient): (_, _, &Recipient)| NewEvent {
            id: id(index, recipient),
            account: account.clone(),
            kind: EventType::MessageStateChanged.into(),
            message_id: Some(message_id.to_owned()),
            number: Some(self.store().number(&recipient.to)),
            received: None,
            consent: None,
            body: event(message, index, before, recipient, cause).encode_to_vec(),
        };
        let changed: Vec<_> = changed.collect();
        let of_vendor = |(_, _, recipient): &(_, _, &Recipient)| {
            self.consents().refused(&account, message, recipient, cause.source, cause.confirmed)
        };
        let opt_outs: Vec<_> = changed.iter().filter_map(of_vendor).collect();
        changed.into_iter().map(new).chain(opt_outs).collect()
    }
}

/// Returns the id of the event of one recipient in one update: a message has one update of each version.
fn id(stored: &StoredMessage, index: i32) -> Digest {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&stored.write_id.0.to_be_bytes());
    id[8..12].copy_from_slice(&stored.version.to_be_bytes());
    id[12..].copy_from_slice(&index.to_be_bytes());
    Digest(id)
}

fn erased() -> Error {
    Error::new(Reason::ResourceNotFound, "the message was erased")
}

fn event(message: &Message, index: i32, before: DeliveryState, recipient: &Recipient, cause: Cause) -> pb::Event {
    let state = recipient.state();
    let occur_time = match state {
        DeliveryState::Delivered => recipient.delivery_time,
        DeliveryState::Sent => recipient.send_time,
        _ => None,
    };
    let subject = MessageStateChanged {
        message: message.name.clone(),
        recipient: recipient.to.clone(),
        recipient_index: index,
        old_state: before.into(),
        state: state.into(),
        is_final: is_final(state),
        vendor_code: recipient.vendor_code.clone(),
        vendor_text: recipient.vendor_text.clone(),
        vendor_message_id: recipient.vendor_message_id.clone(),
        reference: message.reference.clone(),
        account: recipient.account.clone(),
    };
    pb::Event {
        occur_time,
        source: cause.source.into(),
        confirmed: cause.confirmed,
        subject: Some(Subject::MessageState(subject)),
        ..pb::Event::default()
    }
}
