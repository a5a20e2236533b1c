//! Asks a vendor for what became of a logged message.

use std::{collections::BTreeSet, time::SystemTime};

use futures::{StreamExt, stream};

use super::{
    account_of, resend,
    state::{is_final, progress},
};
use crate::{
    api::{
        Vendor,
        pb::{DeliveryState, GetMessageRequest, Message, Recipient},
    },
    call::Call,
    error::{Error, Reason},
    request::names,
};

/// The most of a vendor's messages that one refresh asks for, and how many of them at a time. A send to hundreds of
/// recipients, each a message of its own at the vendor, is refreshed bit by bit.
const ASKED: usize = 20;
const AT_ONCE: usize = 4;

/// The text of a recipient whose message the vendor did not know when it was first asked.
pub(super) const NOT_FOUND: &str = "the vendor has no such message yet";

/// Refreshes what is not final. Returns the number of answers, and the first error.
pub(super) async fn refresh(vendor: &dyn Vendor, call: &Call, message: &mut Message) -> (usize, Option<Error>) {
    let ids = open_ids(message);
    ask(vendor, call, message, ids).await
}

/// A part of a message: the account that it went through, and the vendor's id.
pub(super) type PartId = (String, String);

/// Asks for these parts of a message.
pub(super) async fn ask(
    vendor: &dyn Vendor,
    call: &Call,
    message: &mut Message,
    ids: Vec<PartId>,
) -> (usize, Option<Error>) {
    let Some(service) = vendor.message_service() else { return (0, None) };
    let answers: Vec<_> = stream::iter(ids)
        .map(|id| {
            let request = GetMessageRequest { name: names::child(&id.0, "messages", &id.1) };
            async move { (service.get_message(call, request).await, id) }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut answered, mut failure) = (0, None);
    for (answer, id) in answers {
        match answer {
            Ok(response) => {
                answered += 1;
                message.update_time = Some(SystemTime::now().into());
                merge(message, &id, response.message.unwrap_or_default());
            }
            Err(error) if error.reason() == Reason::ResourceNotFound => {
                answered += 1;
                not_found(message, &id);
            }
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    (answered, failure)
}

/// Returns the parts that are not final, in a random order: no part is asked for last each time.
fn open_ids(message: &Message) -> Vec<PartId> {
    let mut ids = open_parts(message);
    fastrand::shuffle(&mut ids);
    ids.truncate(ASKED);
    ids
}

/// Returns the parts that are not final, each once, in the order of the recipients.
pub(super) fn open_parts(message: &Message) -> Vec<PartId> {
    let open = message.recipients.iter().filter(|recipient| !is_final(recipient.state()));
    let account = account_of(message);
    let of_recipients = open.map(|one| (one.account.as_str(), one.vendor_message_id.as_str()));
    // The message does not tell which account of a route has those that are of no recipient.
    let is_one_account = message.recipients.iter().all(|one| one.account.is_empty() || one.account == account);
    let others = message.vendor_message_ids.iter().filter(|_| is_one_account).map(|id| (account, id.as_str()));
    let (mut seen, mut parts) = (BTreeSet::new(), Vec::new());
    // The account that took the message first, and reported nothing, may do so after it was sent again.
    let first = message.recipients.iter().filter(|recipient| !is_final(recipient.state()));
    let first = first.filter_map(|recipient| recipient.resend.as_ref()).filter(|first| !is_final(first.state()));
    let first = first.map(|first| (first.account.as_str(), first.vendor_message_id.as_str()));
    for (of, id) in of_recipients.chain(first).chain(others) {
        let of = if of.is_empty() { account } else { of };
        if !id.is_empty() && seen.insert((of, id)) {
            parts.push((of.to_owned(), id.to_owned()));
        }
    }
    parts
}

/// Whether a recipient is of a part.
pub(super) fn is_of(recipient: &Recipient, (account, id): &PartId) -> bool {
    recipient.vendor_message_id == *id && (recipient.account == *account || recipient.account.is_empty())
}

/// Whether a part is what another account took first of a message to a recipient.
pub(super) fn was_first_of(recipient: &Recipient, (account, id): &PartId) -> bool {
    recipient.resend.as_ref().is_some_and(|first| first.vendor_message_id == *id && first.account == *account)
}

/// Merges what the vendor reports of a part.
pub(super) fn merge(message: &mut Message, id: &PartId, theirs: Message) {
    if message.recipients.is_empty() {
        let (account, id) = id;
        let named =
            |recipient: Recipient| Recipient { account: account.clone(), vendor_message_id: id.clone(), ..recipient };
        message.recipients = theirs.recipients.into_iter().map(named).collect();
        return;
    }
    let is_alone = message.recipients.iter().filter(|recipient| is_of(recipient, id)).count() == 1;
    for recipient in message.recipients.iter_mut().filter(|recipient| is_of(recipient, id)) {
        if let Some(found) = theirs_of(&theirs, recipient, is_alone)
            && !is_final(recipient.state())
            && progress(found.state()) >= progress(recipient.state())
        {
            recipient.state = found.state;
            recipient.vendor_code.clone_from(&found.vendor_code);
            recipient.vendor_text.clone_from(&found.vendor_text);
            recipient.delivery_time = found.delivery_time.or(recipient.delivery_time);
            recipient.send_time = found.send_time.or(recipient.send_time);
            recipient.create_time = recipient.create_time.or(found.create_time);
            recipient.segment_count = found.segment_count.or(recipient.segment_count);
            recipient.price = found.price.clone().or_else(|| recipient.price.take());
        }
    }
    let is_alone = message.recipients.iter().filter(|recipient| was_first_of(recipient, id)).count() == 1;
    for recipient in message.recipients.iter_mut().filter(|recipient| was_first_of(recipient, id)) {
        if let Some(found) = theirs_of(&theirs, recipient, is_alone) {
            resend::note_first(recipient, found);
        }
    }
}

/// Returns what a vendor's message has of a recipient, who may be the only one of that message.
fn theirs_of<'a>(theirs: &'a Message, recipient: &Recipient, is_alone: bool) -> Option<&'a Recipient> {
    match &theirs.recipients[..] {
        [one] if is_alone => Some(one),
        all => all.iter().find(|their| their.to == recipient.to),
    }
}

/// Notes that the vendor does not know a message whose outcome is unknown.
fn not_found(message: &mut Message, id: &PartId) {
    let unknown = |recipient: &&mut Recipient| is_of(recipient, id) && recipient.state() == DeliveryState::Unknown;
    for recipient in message.recipients.iter_mut().filter(unknown) {
        NOT_FOUND.clone_into(&mut recipient.vendor_text);
    }
}

/// Whether the vendor was asked before, and did not know the message for any recipient.
pub(super) fn was_not_found(message: &Message) -> bool {
    let not_found =
        |recipient: &Recipient| recipient.state() == DeliveryState::Unknown && recipient.vendor_text == NOT_FOUND;
    !message.recipients.is_empty() && message.recipients.iter().all(not_found)
}
