//! Messages: sends, the state of an order, the history.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::{Said, time};
use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    request::{check::to_e164, names},
    vendors::{
        kit::{
            lenient::{Id, Lenient, List, required_id},
            message::identified,
        },
        smsend::brand::Types,
    },
};

/// A send: `POST /sms`, `/paramsms` and `/smstogroups`.
#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    pub(crate) message_type: &'a str,
    pub(crate) message: &'a str,
    #[serde(flatten)]
    pub(crate) to: To<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) sender: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled_delivery_time: Option<String>,
    pub(crate) order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<&'static str>,
    #[serde(rename = "returnCredits", skip_serializing_if = "is_false")]
    pub(crate) return_credits: bool,
    #[serde(rename = "returnRemaining", skip_serializing_if = "is_false")]
    pub(crate) return_remaining: bool,
    #[serde(rename = "allowInvalidRecipients", skip_serializing_if = "is_false")]
    pub(crate) allow_invalid_recipients: bool,
}

/// The recipients of an order.
#[derive(Debug, Serialize)]
pub(crate) enum To<'a> {
    #[serde(rename = "recipient")]
    Numbers(&'a [String]),
    /// Groups, by the names that people chose for them.
    #[serde(rename = "recipient")]
    Groups(&'a [String]),
    /// Written as a map with the keys `"0"`, `"1"` and so on.
    #[serde(rename = "recipients", serialize_with = "numbered")]
    Template(Vec<TemplateRecipient<'a>>),
}

impl To<'_> {
    /// Returns the operation that sends to these recipients.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "POST /sms",
            Self::Groups(_) => "POST /smstogroups",
            Self::Template(_) => "POST /paramsms",
        }
    }

    /// Returns the numbers in the order of the request; none where only smSend knows them.
    pub(crate) fn recipients(&self) -> Vec<&str> {
        match self {
            Self::Numbers(numbers) => numbers.iter().map(String::as_str).collect(),
            Self::Groups(_) => Vec::new(),
            Self::Template(recipients) => recipients.iter().map(|r| r.recipient).collect(),
        }
    }

    /// Returns every text that is sent besides the message's own.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        let recipients = if let Self::Template(recipients) = self { recipients.as_slice() } else { &[] };
        recipients.iter().flat_map(|r| r.parameters.values().map(String::as_str))
    }
}

/// One recipient of `/paramsms`: its number and its parameters, side by side.
#[derive(Debug, Serialize)]
pub(crate) struct TemplateRecipient<'a> {
    pub(crate) recipient: &'a str,
    #[serde(flatten)]
    pub(crate) parameters: &'a BTreeMap<String, String>,
}

fn numbered<S: Serializer>(recipients: &[TemplateRecipient<'_>], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(recipients.len()))?;
    for (i, recipient) in recipients.iter().enumerate() {
        map.serialize_entry(&i.to_string(), recipient)?;
    }
    map.end()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_false(value: &bool) -> bool {
    !value
}

/// The answer to a send. `remaining_credits` is only in the document's quick start.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Accepted {
    pub(crate) result: Said,
    pub(crate) order_id: Id,
    pub(crate) total_sent: Lenient<i32>,
    pub(crate) remaining_credits: Lenient<i64>,
}

/// The answer to `GET /sms/{order_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OrderState {
    pub(crate) result: Said,
    pub(crate) recipient_number: Lenient<i32>,
    pub(crate) recipients: List<RecipientState>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RecipientState {
    status: Lenient<String>,
    destination: Lenient<String>,
    delivery_date: Lenient<String>,
}

impl RecipientState {
    pub(crate) fn into_recipient(self, zone: &TimeZone) -> Recipient {
        let status = self.status.0.unwrap_or_default();
        Recipient {
            to: to_e164(self.destination.0.unwrap_or_default()),
            state: state(&status).into(),
            delivery_time: self.delivery_date.0.and_then(|date| time(&date, zone)),
            vendor_code: status,
            ..Recipient::default()
        }
    }
}

/// Returns the state for a status of smSend. The document shows `WAITING` and `SCHEDULED`; the others are in the
/// vendor's newer manual.
pub(crate) fn state(status: &str) -> DeliveryState {
    match status {
        "WAITING" => DeliveryState::Queued,
        "SCHEDULED" => DeliveryState::Scheduled,
        // With the operator, with or without a pending report: not delivered.
        "SENT" | "WAIT4DLVR" => DeliveryState::Sent,
        "DLVRD" => DeliveryState::Delivered,
        "ERROR" | "UNKNRCPT" | "KO" => DeliveryState::Undeliverable,
        // No report arrived in time.
        "TIMEOUT" => DeliveryState::Expired,
        // Never passed to an operator: limits, bad prefix or number, stop list, content, demonstration account.
        "TOOM4USER" | "TOOM4NUM" | "UNKNPFX" | "INVALIDDST" | "BLACKLISTED" | "INVALIDCONTENTS" | "DEMO" => {
            DeliveryState::Rejected
        }
        _ => DeliveryState::Unspecified,
    }
}

/// An entry of `GET /smshistory`.
#[derive(Debug, Deserialize)]
pub(crate) struct HistoryEntry {
    #[serde(deserialize_with = "required_id")]
    order_id: String,
    #[serde(default)]
    create_time: Lenient<String>,
    #[serde(default)]
    schedule_time: Lenient<String>,
    #[serde(default)]
    message_type: Lenient<String>,
    #[serde(default)]
    sender: Lenient<String>,
    #[serde(default)]
    num_recipients: Lenient<i32>,
}

impl HistoryEntry {
    pub(crate) fn into_message(self, account: &str, zone: &TimeZone, types: &Types) -> Message {
        let vendor_message_type = self.message_type.0.unwrap_or_default();
        let message = Message {
            sender: self.sender.0.unwrap_or_default(),
            quality: types.class(&vendor_message_type).into(),
            vendor_message_type,
            create_time: self.create_time.0.and_then(|t| time(&t, zone)),
            schedule_time: self.schedule_time.0.and_then(|t| time(&t, zone)),
            recipient_count: self.num_recipients.0,
            ..Message::default()
        };
        identified(names::child(account, "messages", &self.order_id), account, &self.order_id, message)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::time_text, *};
    use crate::vendors::smsend::brand::SMSEND;
    use prost_types::Timestamp;
    use serde_json::json;

    #[test]
    fn a_send_has_the_form_of_the_document_s_example() {
        let recipients = ["+393471234567".to_owned(), "+393471234568".to_owned()];
        let order = Order {
            message_type: "GP",
            message: "Hello world!",
            to: To::Numbers(&recipients),
            sender: "MySender",
            scheduled_delivery_time: time_text(&Timestamp { seconds: 1_482_487_810, nanos: 0 }, &TimeZone::UTC),
            order_id: "123456789",
            encoding: None,
            return_credits: true,
            return_remaining: false,
            allow_invalid_recipients: false,
        };
        assert_eq!(
            serde_json::to_value(&order).expect("JSON"),
            json!({
                "returnCredits": true,
                "order_id": "123456789",
                "recipient": ["+393471234567", "+393471234568"],
                "scheduled_delivery_time": "20161223101010",
                "message": "Hello world!",
                "message_type": "GP",
                "sender": "MySender"
            })
        );
    }

    fn parameters(name: &str, text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), text.to_owned())])
    }

    #[test]
    fn a_templated_send_numbers_its_recipients_and_puts_parameters_beside_the_number() {
        let (mark, alabama) = (parameters("name", "Mark"), parameters("nation", "Alabama"));
        let order = Order {
            message_type: "GP",
            message: "Hello {name}, welcome to {nation}",
            to: To::Template(vec![
                TemplateRecipient { recipient: "+393471234567", parameters: &mark },
                TemplateRecipient { recipient: "+393477654321", parameters: &alabama },
            ]),
            sender: "",
            scheduled_delivery_time: None,
            order_id: "123456789",
            encoding: Some("ucs2"),
            return_credits: false,
            return_remaining: true,
            allow_invalid_recipients: false,
        };
        assert_eq!(
            serde_json::to_value(&order).expect("JSON"),
            json!({
                "message_type": "GP",
                "message": "Hello {name}, welcome to {nation}",
                "order_id": "123456789",
                "encoding": "ucs2",
                "returnRemaining": true,
                "recipients": {
                    "0": {"recipient": "+393471234567", "name": "Mark"},
                    "1": {"recipient": "+393477654321", "nation": "Alabama"}
                }
            })
        );
    }

    #[test]
    fn numbers_as_texts_and_nulls_are_read_too() {
        let accepted: Accepted =
            serde_json::from_str(r#"{"order_id": 123456789, "total_sent": "2", "remaining_credits": null}"#)
                .expect("read");
        assert_eq!((accepted.order_id.0.as_deref(), accepted.total_sent.0), (Some("123456789"), Some(2)));
        let state: OrderState = serde_json::from_str(r#"{"recipient_number": "1", "recipients": null}"#).expect("read");
        assert_eq!((state.recipient_number.0, state.recipients.0.len()), (Some(1), 0));
        let entry: HistoryEntry = serde_json::from_str(r#"{"order_id": 7, "num_recipients": "2"}"#).expect("read");
        let message = entry.into_message("accounts/acme", &TimeZone::UTC, &SMSEND.types);
        assert_eq!((message.name.as_str(), message.recipient_count), ("accounts/acme/messages/7", Some(2)));
    }

    #[test]
    fn handed_over_is_not_delivered_and_an_unknown_word_stays_unknown() {
        for (status, expected) in [
            ("WAITING", DeliveryState::Queued),
            ("SENT", DeliveryState::Sent),
            ("WAIT4DLVR", DeliveryState::Sent),
            ("DLVRD", DeliveryState::Delivered),
            ("BLACKLISTED", DeliveryState::Rejected),
            ("SOMETHING NEW", DeliveryState::Unspecified),
        ] {
            assert_eq!(state(status), expected, "{status}");
        }
    }
}
