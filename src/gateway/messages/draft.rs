//! A send before and while it leaves: its name, and the entry of the log that is made of it.

use std::{any::Any, borrow::Cow, sync::Arc, time::SystemTime};

use prost::Message as _;
use uuid::Uuid;

use super::{
    reply::{message_of, message_of_mut},
    state::{is_unsent, not_sent, overall, shown_state, unsent},
};
use crate::{
    api::{
        VendorRpc,
        pb::{
            self, DeliveryState, Message, Recipient, Requested, SendGroupMessageRequest, SendMessageRequest,
            SendTemplatedMessageRequest,
        },
    },
    call::{Call, Carrier, Ended},
    error::Error,
    gateway::{
        Account,
        screen::{Refusals, is_refused},
    },
    request::{check, names},
    store::{Digest, NewMessage, Store},
};

/// What is known of a send before and while it leaves.
#[derive(Debug)]
pub(in crate::gateway) struct Draft {
    message: Message,
    /// The hash of each recipient's number.
    numbers: Vec<Digest>,
    /// The hashes of each recipient's number by the older keys.
    older: Vec<Digest>,
    keep_text: bool,
    /// The recipients who are sent to, if some are refused.
    kept: Option<Vec<usize>>,
    /// Whether it is recorded apart from the call who may have been sent to; otherwise all may have been.
    is_split: bool,
    /// Whether an earlier attempt was interrupted, which may have sent to some.
    is_resumed: bool,
}

/// Names the message of a send before any vendor is asked, so that it has one name at every vendor, whatever becomes of
/// it. Returns whether the caller chose the id; `None` if the request is not a send.
pub(in crate::gateway) fn name_message<R: VendorRpc>(
    call: &Call,
    account: &Account,
    store: Option<&Store>,
    request: &mut R,
) -> Option<bool> {
    let id = request.message_id()?;
    let is_chosen = !id.is_empty();
    if !is_chosen {
        *id = new_id(call, store);
    }
    // The vendor's module rejects an invalid one, together with the request's other faults.
    if check::is_message_id(id) {
        call.set_resource(|| names::child(&account.site.account, "messages", id));
    }
    Some(is_chosen)
}

/// Makes an id of 32 hexadecimal digits: vendors that take one take no more. That of a call with an idempotency key is
/// the same each time, so that a vendor that checks ids is a second line of defence. It is hashed with the store's key,
/// as names are logged and a key may contain a phone number.
fn new_id(call: &Call, store: Option<&Store>) -> String {
    let id = match (call.idempotency_key(), store) {
        (Some(key), Some(store)) => {
            let caller = call.caller().map_or("", |caller| caller.name());
            Uuid::from_bytes(store.digest("message id", &[caller.as_bytes(), key.as_bytes()]).0)
        }
        _ => Uuid::now_v7(),
    };
    id.simple().to_string()
}

impl Draft {
    /// Drafts the message of a send; `None` if the request does not send, or has an id that every vendor rejects.
    pub(in crate::gateway) fn of<R: VendorRpc>(
        request: &R,
        account: &Account,
        store: &Store,
        keep_text: bool,
    ) -> Option<Self> {
        let request = request as &dyn Any;
        let (id, to, text, sender, quality, schedule_time, reference, tag, purpose) = if let Some(send) =
            request.downcast_ref::<SendMessageRequest>()
        {
            let to = send.recipients.iter().map(String::as_str).collect();
            (
                &send.message_id,
                to,
                &send.text,
                &send.sender,
                send.quality,
                send.schedule_time,
                &*send.reference,
                &send.tag,
                send.purpose,
            )
        } else if let Some(send) = request.downcast_ref::<SendTemplatedMessageRequest>() {
            let to: Vec<_> = send.recipients.iter().map(|recipient| recipient.to.as_str()).collect();
            let SendTemplatedMessageRequest { message_id, text, sender, quality, schedule_time, tag, purpose, .. } =
                send;
            (message_id, to, text, sender, *quality, *schedule_time, "", tag, *purpose)
        } else {
            let send = request.downcast_ref::<SendGroupMessageRequest>()?;
            let SendGroupMessageRequest { message_id, text, sender, quality, schedule_time, tag, purpose, .. } = send;
            (message_id, Vec::new(), text, sender, *quality, *schedule_time, "", tag, *purpose)
        };
        if !check::is_message_id(id) {
            return None;
        }
        let name = &account.site.account;
        // A vendor that takes our id knows the message by it, even if its reply is lost.
        let vendor_id = if account.vendor.takes_message_ids() { id.as_str() } else { "" };
        let recipient = |to: &str| Recipient {
            to: to.to_owned(),
            state: DeliveryState::Unknown.into(),
            account: name.as_ref().to_owned(),
            vendor_message_id: vendor_id.to_owned(),
            ..Recipient::default()
        };
        let recipients: Vec<_> = to.into_iter().map(recipient).collect();
        let numbers = recipients.iter().map(|recipient| store.number(&recipient.to)).collect();
        let older = recipients.iter().flat_map(|recipient| store.older_numbers(&recipient.to)).collect();
        let is_group = recipients.is_empty() && !vendor_id.is_empty();
        let is_to_be_repeated = account.route.as_ref().is_some_and(|route| route.sends_again());
        let message = Message {
            name: names::child(name, "messages", id),
            recipient_count: (!recipients.is_empty()).then(|| i32::try_from(recipients.len()).unwrap_or(i32::MAX)),
            recipients,
            sender: sender.clone(),
            quality,
            create_time: Some(SystemTime::now().into()),
            schedule_time,
            text: if keep_text { text.clone() } else { String::new() },
            reference: reference.to_owned(),
            tag: tag.clone(),
            purpose,
            requested: request.downcast_ref().filter(|_| is_to_be_repeated).map(requested),
            vendor_message_ids: if is_group { vec![vendor_id.to_owned()] } else { Vec::new() },
            ..Message::default()
        };
        Some(Self { message, numbers, older, keep_text, kept: None, is_split: false, is_resumed: false })
    }

    /// Goes on with the message of an earlier attempt. Returns its own.
    pub(super) fn resume(&mut self, message: Message) -> Message {
        self.is_resumed = true;
        std::mem::replace(&mut self.message, message)
    }

    /// Starts over with its own message.
    pub(super) fn start_over(&mut self, message: Message) {
        (self.message, self.is_resumed) = (message, false);
    }

    /// Returns the hash of each recipient's number.
    pub(in crate::gateway) fn numbers(&self) -> &[Digest] {
        &self.numbers
    }

    /// Takes recipients out of the send, except for those whom an earlier attempt may have sent to. Returns those that are
    /// to be recorded.
    pub(super) fn refuse(&mut self, refusals: Refusals) -> Vec<usize> {
        let mut refused = Vec::new();
        for (index, refusal) in refusals.into_iter() {
            if let Some(recipient) = self.message.recipients.get_mut(index)
                && (!self.is_resumed || is_unsent(recipient))
            {
                refusal.mark(recipient);
                refused.push(index);
            }
        }
        let recipients = self.message.recipients.iter().enumerate();
        // An earlier attempt has refused some, too.
        if !refused.is_empty() || self.is_resumed && recipients.clone().any(|(_, recipient)| is_refused(recipient)) {
            self.kept = Some(recipients.filter(|(_, r)| !is_refused(r)).map(|(index, _)| index).collect());
        }
        refused
    }

    /// Returns the recipients who are sent to; `None`: all.
    pub(in crate::gateway) fn kept(&self) -> Option<&[usize]> {
        self.kept.as_deref()
    }

    /// Returns the places in the message of recipients who are sent to.
    pub(super) fn places<'a>(&self, indexes: &'a [usize]) -> Cow<'a, [usize]> {
        match &self.kept {
            None => indexes.into(),
            Some(_) => indexes.iter().map(|index| self.place(*index)).collect(),
        }
    }

    /// Returns the place in the message of a recipient who is sent to.
    fn place(&self, index: usize) -> usize {
        match &self.kept {
            None => index,
            Some(kept) => kept.get(index).copied().unwrap_or(self.message.recipients.len()),
        }
    }

    /// Names the recipients of the request in an error of the vendor's module, which was asked for some of them.
    pub(in crate::gateway) fn rename_fields(&self, error: Error) -> Error {
        if self.kept.is_none() {
            return error;
        }
        error.rename_fields(|field| {
            if let Some((index, rest)) = field.strip_prefix("recipients[").and_then(|rest| rest.split_once(']'))
                && let Ok(index) = index.parse()
            {
                *field = format!("recipients[{}]{rest}", self.place(index));
            }
        })
    }

    /// Adds the recipients who were not sent to, to the reply of a send.
    pub(in crate::gateway) fn complete<T: 'static>(&self, reply: &mut T) {
        let (Some(kept), Some(message)) = (&self.kept, message_of_mut(reply)) else { return };
        let mut recipients = self.message.recipients.clone();
        for (index, known) in kept.iter().zip(std::mem::take(&mut message.recipients)) {
            recipients[*index] = known;
        }
        message.recipients = recipients;
        if message.recipient_count.is_some() {
            message.recipient_count = i32::try_from(message.recipients.len()).ok();
        }
    }

    /// Whether this goes on with the message of an earlier attempt.
    pub(super) fn was_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Whether an earlier attempt, or this one, may have sent to somebody, whatever the end of this one. What was not
    /// resumed is judged by that end.
    pub(in crate::gateway) fn was_resumed_and_left(&self) -> bool {
        let has_left = |recipient: &Recipient| shown_state(recipient) != DeliveryState::Rejected;
        self.is_resumed && self.message.recipients.iter().any(has_left)
    }

    /// Whether the parts of an interrupted send would be sent once more, as nobody asked what became of them.
    pub(super) fn is_blindly_resumed(&self) -> bool {
        self.is_resumed && !self.is_split
    }

    /// Returns what became of each recipient of an interrupted send; `None` for those not sent to.
    pub(super) fn earlier(&self) -> Vec<Option<Recipient>> {
        if !self.is_resumed {
            return Vec::new();
        }
        let known = |recipient: &Recipient| (!is_unsent(recipient)).then(|| recipient.clone());
        let kept = self.message.recipients.iter().filter(|recipient| self.kept.is_none() || !is_refused(recipient));
        kept.map(known).collect()
    }

    /// Permits sending to the recipients `now`, and not yet to those at `later`. Returns those that are to be recorded as
    /// not sent to yet, and those that are to be recorded before they are sent to.
    pub(super) fn advance(&mut self, now: &[usize], later: &[usize]) -> (Vec<usize>, Vec<usize>) {
        self.is_split = true;
        let recipients = &mut self.message.recipients;
        // Those of an interrupted send are recorded already.
        let mut later = if self.is_resumed { Vec::new() } else { later.to_vec() };
        later.retain(|&index| recipients.get_mut(index).map(unsent).is_some());
        let mut now = now.to_vec();
        now.retain(|&index| recipients.get_mut(index).is_some_and(permit));
        (later, now)
    }

    /// Has recipients sent to through another account. Returns whether some were recorded as not sent to.
    pub(super) fn hand_over(&mut self, places: &[usize], Carrier { account, message_id, .. }: Carrier<'_>) -> bool {
        self.is_split = true;
        let mut were_unsent = false;
        for &index in places {
            let Some(recipient) = self.message.recipients.get_mut(index) else { continue };
            were_unsent |= permit(recipient);
            account.clone_into(&mut recipient.account);
            message_id.clone_into(&mut recipient.vendor_message_id);
        }
        were_unsent
    }

    /// Notes the attempts of a route.
    pub(super) fn attempted(&mut self, attempts: Vec<pb::Attempt>) {
        self.message.attempts = attempts;
    }

    /// Notes what became of a part; returns its recipients.
    pub(super) fn part_ended(&mut self, first: usize, ended: Ended<'_>, is_keyed: bool) -> Vec<usize> {
        let known: Vec<_> = match ended {
            Ended::Known(messages) | Ended::Failed(messages, _) => {
                messages.iter().flat_map(|message| &message.recipients).map(Some).collect()
            }
            Ended::NotSent(count) => vec![None; count],
        };
        let places: Vec<_> = (first..first + known.len()).map(|index| self.place(index)).collect();
        if places.last().is_none_or(|last| *last >= self.message.recipients.len()) {
            return Vec::new();
        }
        for (place, known) in places.iter().zip(known) {
            let recipient = &mut self.message.recipients[*place];
            match known {
                Some(known) => {
                    let Recipient { to, mut account, .. } = std::mem::take(recipient);
                    if !known.account.is_empty() {
                        account.clone_from(&known.account);
                    }
                    *recipient = Recipient { to, account, ..known.clone() };
                }
                // Without a key the call cannot be repeated.
                None if is_keyed => unsent(recipient),
                None => not_sent(recipient),
            }
        }
        places
    }

    /// Returns the message as far as it is known.
    pub(in crate::gateway) fn message(&self) -> &Message {
        &self.message
    }

    /// Returns the entry of the log. `brand` has the store look for recipients who opted out.
    pub(in crate::gateway) fn to_stored(&self, brand: Option<Arc<str>>) -> NewMessage {
        let message = &self.message;
        NewMessage {
            message_id: names::last_id(&message.name).to_owned(),
            state: overall(message).unwrap_or(DeliveryState::Unknown).into(),
            recipients: self.numbers.clone(),
            brand,
            older: self.older.clone(),
            reference: Some(message.reference.clone()).filter(|reference| !reference.is_empty()),
            tag: Some(message.tag.clone()).filter(|tag| !tag.is_empty()),
            schedule_time: message.schedule_time.and_then(|time| SystemTime::try_from(time).ok()),
            body: message.encode_to_vec(),
        }
    }

    /// Returns the message after the vendor accepted at least a part of it.
    pub(in crate::gateway) fn accepted<T: 'static>(&self, reply: &T) -> Option<Message> {
        let (mut message, draft) = (message_of(reply)?.clone(), &self.message);
        match self.keep_text {
            true => message.text.clone_from(&draft.text),
            false => message.text.clear(),
        }
        if message.sender.is_empty() {
            message.sender.clone_from(&draft.sender);
        }
        if message.quality == 0 {
            message.quality = draft.quality;
        }
        if message.reference.is_empty() {
            message.reference.clone_from(&draft.reference);
        }
        message.tag.clone_from(&draft.tag);
        message.purpose = draft.purpose;
        message.requested.clone_from(&draft.requested);
        if message.vendor_message_ids.is_empty() && message.recipients.is_empty() {
            message.vendor_message_ids.clone_from(&draft.vendor_message_ids);
        }
        message.update_time = Some(SystemTime::now().into());
        message.create_time = message.create_time.or(draft.create_time);
        message.schedule_time = message.schedule_time.or(draft.schedule_time);
        Some(message)
    }

    /// Returns the message after the call failed: its outcome is unknown, or nothing was sent.
    pub(in crate::gateway) fn failed(&self, error: &Error, was_sent: bool) -> Message {
        let (code, text) = error.explanation();
        let state = if was_sent { DeliveryState::Unknown } else { DeliveryState::Rejected };
        let mut message = self.message.clone();
        // Parts of it may have ended otherwise.
        let open = |recipient: &&mut Recipient| {
            let is_untouched = recipient.state() == DeliveryState::Unknown && recipient.vendor_text.is_empty();
            is_untouched || is_unsent(recipient) && !was_sent
        };
        for recipient in message.recipients.iter_mut().filter(open) {
            recipient.state = state.into();
            code.clone_into(&mut recipient.vendor_code);
            text.clone_into(&mut recipient.vendor_text);
        }
        message
    }
}

/// Returns what a send asks for, where an account reports what it did instead.
fn requested(SendMessageRequest { sender, quality, encoding, reference, .. }: &SendMessageRequest) -> Requested {
    Requested { sender: sender.clone(), quality: *quality, encoding: *encoding, reference: reference.clone() }
}

/// Permits sending to a recipient. Returns whether it was marked as not sent to.
fn permit(recipient: &mut Recipient) -> bool {
    let was_unsent = is_unsent(recipient);
    if was_unsent {
        recipient.state = DeliveryState::Unknown.into();
        recipient.vendor_text.clear();
    }
    was_unsent
}
