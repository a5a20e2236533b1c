//! Received SMS: `GET /incomings`.

use prost_types::Timestamp;
use serde::Deserialize;

use crate::{
    api::pb::ReceivedMessage,
    request::{check::to_e164, names},
    vendors::kit::lenient::{Id, Kept, Lenient},
};

/// A received SMS. All members are optional: one bad entry must not hide the others.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Incoming {
    uuid: Id,
    /// The same where it is pushed.
    id: Id,
    to: Lenient<String>,
    from: Lenient<String>,
    text: Kept,
    pub(in super::super) received_at: Lenient<Timestamp>,
    /// The SMS that it replies to.
    msg_uuid: Id,
}

impl Incoming {
    /// Returns the id.
    pub(in super::super) fn id(&self) -> Option<&str> {
        self.uuid.0.as_deref().or(self.id.0.as_deref())
    }

    /// Converts to a message. Its name is empty without an id.
    pub(in super::super) fn into_message(self, account: &str) -> ReceivedMessage {
        let name = |collection, id: Option<&str>| id.map(|id| names::child(account, collection, id));
        let (own, answered) = (name("receivedMessages", self.id()), name("messages", self.msg_uuid.0.as_deref()));
        let Self { uuid: _, id: _, to, from, text, received_at, msg_uuid: _ } = self;
        ReceivedMessage {
            name: own.unwrap_or_default(),
            from: from.0.unwrap_or_default(),
            to: to_e164(to.0.unwrap_or_default()),
            text: text.0.unwrap_or_default(),
            receive_time: received_at.0,
            keyword: String::new(),
            message: answered.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_and_missing_members_are_absent() {
        for json in [json!({}), json!({"uuid": null, "text": null, "msg_uuid": "", "received_at": 0})] {
            let incoming: Incoming = serde_json::from_value(json).expect("an entry");
            assert_eq!(incoming.into_message("accounts/phones"), ReceivedMessage::default());
        }
    }
}
