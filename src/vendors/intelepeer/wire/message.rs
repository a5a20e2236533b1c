//! Messages of IntelePeer. Pure: the samples are from the vendor's other pages, as the document does not cover
//! messages.

use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{DeliveryState, Recipient},
    vendors::kit::lenient::{Id, Lenient},
};

/// The body of `POST /sms/v1/{tn}/send`.
#[derive(Debug, Serialize)]
pub(crate) struct Send<'a> {
    pub(crate) to: &'a str,
    pub(crate) text: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) guid: &'a str,
}

/// The answer to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    state: Lenient<String>,
    refid: Id,
}

impl Sent {
    /// Returns the message's id and its recipient; `None` without an id, as the message could not be looked up.
    pub(crate) fn read(self, to: &str) -> Option<(String, Recipient)> {
        let refid = self.refid.0?;
        Some((refid, recipient(to, self.state.0, None)))
    }
}

/// The body of `POST /sms/v1/mdr`.
#[derive(Debug, Serialize)]
pub(crate) struct Question<'a> {
    pub(crate) refid: &'a str,
}

/// The answer to it: a result code, and its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    #[serde(rename = "RCC_en")]
    name: Lenient<String>,
    #[serde(rename = "RCC")]
    code: Lenient<String>,
}

impl Record {
    /// Returns the recipient, without its number; `None` if the answer is empty.
    pub(crate) fn read(self) -> Option<Recipient> {
        let says_something = self.name.0.is_some() || self.code.0.is_some();
        says_something.then(|| recipient("", self.name.0, self.code.0))
    }
}

fn recipient(to: &str, name: Option<String>, code: Option<String>) -> Recipient {
    let vendor_text = name.unwrap_or_default();
    Recipient {
        to: to.to_owned(),
        state: state(&vendor_text).into(),
        vendor_code: code.unwrap_or_default(),
        vendor_text,
        ..Recipient::default()
    }
}

/// Returns the state for a name: the names of this API version, and those of the next, whose numbers differ, so that
/// only names are read.
fn state(name: &str) -> DeliveryState {
    match name.to_ascii_lowercase().as_str() {
        "created" | "enqueued" | "queued" => DeliveryState::Queued,
        // `DLR:Accepted` comes from the operator (SMPP 3.4, ACCEPTED): not delivered either.
        "accepted" | "processing" | "sent" | "dlr:accepted" => DeliveryState::Sent,
        "delivered" | "dlr:delivered" => DeliveryState::Delivered,
        "failed" | "dlr:undeliverable" => DeliveryState::Undeliverable,
        "dlr:expired" => DeliveryState::Expired,
        "dlr:deleted" => DeliveryState::Cancelled,
        "dlr:rejected" => DeliveryState::Rejected,
        "unknown" | "dlr:unknown" => DeliveryState::Unknown,
        _ => DeliveryState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_state_in_any_case_and_another_one_stays_readable() {
        for (name, expected) in [
            ("CREATED", DeliveryState::Queued),
            ("ENQUEUED", DeliveryState::Queued),
            ("Queued", DeliveryState::Queued),
            ("ACCEPTED", DeliveryState::Sent),
            ("Processing", DeliveryState::Sent),
            ("Sent", DeliveryState::Sent),
            ("DELIVERED", DeliveryState::Delivered),
            ("FAILED", DeliveryState::Undeliverable),
            ("Failed", DeliveryState::Undeliverable),
            ("UNKNOWN", DeliveryState::Unknown),
            ("DLR:Delivered", DeliveryState::Delivered),
            ("DLR:Expired", DeliveryState::Expired),
            ("DLR:Deleted", DeliveryState::Cancelled),
            ("DLR:Undeliverable", DeliveryState::Undeliverable),
            ("DLR:Accepted", DeliveryState::Sent),
            ("DLR:Unknown", DeliveryState::Unknown),
            ("DLR:Rejected", DeliveryState::Rejected),
            ("Teleported", DeliveryState::Unspecified),
        ] {
            let record: Record = serde_json::from_str(&format!(r#"{{"RCC_en": "{name}", "RCC": 3000}}"#)).expect(name);
            let recipient = record.read().expect(name);
            assert_eq!((recipient.state(), recipient.vendor_text.as_str()), (expected, name));
            assert_eq!((recipient.vendor_code.as_str(), recipient.to.as_str()), ("3000", ""));
        }
    }

    #[test]
    fn an_answer_without_an_id_or_a_code_is_unreadable() {
        for json in ["{}", r#"{"refid": null}"#, r#"{"refid": "", "state": "CREATED"}"#] {
            assert_eq!(serde_json::from_str::<Sent>(json).expect(json).read("+1720"), None, "{json}");
            assert_eq!(serde_json::from_str::<Record>(json).expect(json).read(), None, "{json}");
        }
    }
}
