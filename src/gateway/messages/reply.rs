//! The reply of a send as it is kept for repeated calls: without a text that is not to be kept.

use std::{any::Any, sync::Arc};

use prost::Message as _;

use crate::{
    api::{
        VendorRpc,
        pb::{
            DeliveryState, Message, SendGroupMessageRequest, SendGroupMessageResponse, SendMessageRequest,
            SendMessageResponse, SendTemplatedMessageRequest, SendTemplatedMessageResponse,
        },
    },
    gateway::Account,
    request::names,
};

/// Stands for the text of the request. A call that is repeated with the same key has the same.
const OF_THE_REQUEST: &str = "\0";

/// Returns the message of a send's reply.
pub(super) fn message_of<T: 'static>(reply: &T) -> Option<&Message> {
    let reply = reply as &dyn Any;
    if let Some(reply) = reply.downcast_ref::<SendMessageResponse>() {
        reply.message.as_ref()
    } else if let Some(reply) = reply.downcast_ref::<SendTemplatedMessageResponse>() {
        reply.message.as_ref()
    } else {
        reply.downcast_ref::<SendGroupMessageResponse>()?.message.as_ref()
    }
}

/// Returns the message of a send's reply, to change it.
pub(super) fn message_of_mut<T: 'static>(reply: &mut T) -> Option<&mut Message> {
    let reply = reply as &mut dyn Any;
    if reply.is::<SendMessageResponse>() {
        reply.downcast_mut::<SendMessageResponse>()?.message.as_mut()
    } else if reply.is::<SendTemplatedMessageResponse>() {
        reply.downcast_mut::<SendTemplatedMessageResponse>()?.message.as_mut()
    } else {
        reply.downcast_mut::<SendGroupMessageResponse>()?.message.as_mut()
    }
}

/// Counts the recipients of a send's reply whose message was accepted, at the accounts that it went through. A recipient
/// takes `segments`, unless the vendor reports another number.
pub(in crate::gateway) fn count_accepted<T: 'static>(account: &Account, reply: &T, segments: u32) {
    let Some(message) = message_of(reply) else { return };
    if message.recipients.is_empty() {
        // Those of a group are not known.
        let recipients = message.recipient_count.unwrap_or_default();
        account.sent.count(u64::try_from(recipients).unwrap_or_default(), segments);
    }
    for recipient in &message.recipients {
        if matches!(recipient.state(), DeliveryState::Unspecified | DeliveryState::Unknown | DeliveryState::Rejected) {
            continue;
        }
        let leaf = account.route.as_ref().and_then(|route| route.leaf(names::account_id(&recipient.account)));
        let reported = recipient.segment_count.and_then(|count| u32::try_from(count).ok());
        leaf.map_or(account, Arc::as_ref).sent.count(1, reported.unwrap_or(segments));
    }
}

/// Returns what is kept of a reply.
pub(in crate::gateway) fn kept_reply<R: VendorRpc>(reply: &R::Reply, keeps_texts: bool) -> Vec<u8> {
    let bytes = R::encode_reply(reply).unwrap_or_default();
    match message_of(reply) {
        Some(message) if !keeps_texts && !message.text.is_empty() => with_text(&bytes, OF_THE_REQUEST),
        _ => bytes,
    }
}

/// Returns the reply of an earlier call, as its caller got it. `request` is the same one, encoded.
pub(in crate::gateway) fn replayed_reply<R: VendorRpc>(kept: &[u8], request: &[u8]) -> Option<R::Reply> {
    let reply = R::decode_reply(kept)?;
    if message_of(&reply).is_none_or(|message| message.text != OF_THE_REQUEST) {
        return Some(reply);
    }
    R::decode_reply(&with_text(kept, &text_of(&R::decode(request).ok()?)))
}

/// Changes the text of an encoded reply. The response of every send has the message in the same field.
fn with_text(reply: &[u8], text: &str) -> Vec<u8> {
    let Ok(SendMessageResponse { message: Some(mut message) }) = SendMessageResponse::decode(reply) else {
        return Vec::new();
    };
    text.clone_into(&mut message.text);
    SendMessageResponse { message: Some(message) }.encode_to_vec()
}

fn text_of<R: VendorRpc>(request: &R) -> String {
    let request = request as &dyn Any;
    let text = if let Some(send) = request.downcast_ref::<SendMessageRequest>() {
        Some(&send.text)
    } else if let Some(send) = request.downcast_ref::<SendTemplatedMessageRequest>() {
        Some(&send.text)
    } else {
        request.downcast_ref::<SendGroupMessageRequest>().map(|send| &send.text)
    };
    text.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_reply_has_no_text_and_a_replayed_one_has_that_of_the_request() {
        let request = SendMessageRequest { text: "Hello".to_owned(), ..SendMessageRequest::default() }.encode_to_vec();
        let reply = |text: &str| SendMessageResponse {
            message: Some(Message { text: text.to_owned(), name: "m".to_owned(), ..Message::default() }),
        };
        for (text, keeps_texts) in [("Hello", true), ("Hello", false), ("", false)] {
            let kept = kept_reply::<SendMessageRequest>(&reply(text), keeps_texts);
            let has_text = kept.windows(5).any(|bytes| bytes == b"Hello");
            assert_eq!(has_text, keeps_texts && !text.is_empty());
            let replayed = replayed_reply::<SendMessageRequest>(&kept, &request).expect("a reply");
            assert_eq!(replayed, reply(text));
        }
    }
}
