//! The body of a webhook: a CloudEvent 1.0 in JSON, with the event in proto's JSON as its data.

use std::sync::LazyLock;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::{Value, json};

use super::sender::Webhook;
use crate::{
    api::pb::{self, DeliveryState, Event, event::Subject},
    gateway::events,
    store::StoredEvent,
};

/// The descriptor of an event, which the JSON is made by.
static EVENT: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).ok()?;
    pool.get_message_by_name("smsmux.v1.Event")
});

/// Returns the webhook of an event; `None` if the event is damaged.
pub(super) fn render(stored: &StoredEvent) -> Option<Webhook> {
    let event = events::describe(stored).ok()?;
    let (account, _) = event.name.split_once("/events/")?;
    let time = event.receive_time.as_ref().map(ToString::to_string);
    let body = json!({
        "specversion": "1.0",
        "id": event.name,
        "source": format!("//smsmux/{account}"),
        "type": kind(&event),
        "time": time,
        // The extension `sequence` is a text that sorts like the numbers.
        "sequence": format!("{:019}", event.sequence),
        "datacontenttype": "application/json",
        "data": data(&event)?,
    });
    Some(Webhook { id: event.name, body: Bytes::from(body.to_string()), time: stored.time })
}

/// Returns the type of a CloudEvent.
fn kind(event: &Event) -> String {
    match &event.subject {
        Some(Subject::MessageState(changed)) => {
            let state = DeliveryState::as_str_name(&changed.state());
            format!("smsmux.message.{}", state.trim_start_matches("DELIVERY_STATE_").to_ascii_lowercase())
        }
        Some(Subject::ReceivedMessage(_)) => "smsmux.message.received".to_owned(),
        Some(Subject::Consent(_)) => "smsmux.consent.changed".to_owned(),
        Some(Subject::ConsentSuspected(_)) => "smsmux.consent.suspected".to_owned(),
        Some(Subject::Account(_)) => "smsmux.account.changed".to_owned(),
        Some(Subject::Unreadable(_)) => "smsmux.push.unreadable".to_owned(),
        // A person's data was erased.
        None => "smsmux.event.erased".to_owned(),
    }
}

/// Returns an event as proto's JSON.
fn data(event: &Event) -> Option<Value> {
    let message = DynamicMessage::decode(EVENT.clone()?, event.encode_to_vec().as_slice()).ok()?;
    message.serialize_with_options(serde_json::value::Serializer, &SerializeOptions::new()).ok()
}
