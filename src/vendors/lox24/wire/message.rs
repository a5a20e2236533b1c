//! SMS in requests and answers.

use std::collections::BTreeMap;

use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{DeliveryState, Message, Money, Quality, Recipient},
    error::Error,
    request::{check::to_e164, names},
    vendors::kit::{
        Reply,
        lenient::{Decimal, Lenient, required_id},
        message::identified,
    },
};

/// An SMS in a request: `POST /sms`. Absent members are omitted.
#[derive(Debug, Serialize)]
pub(in super::super) struct Sms<'a> {
    pub(in super::super) sender_id: &'a str,
    pub(in super::super) phone: &'a str,
    pub(in super::super) text: &'a str,
    pub(in super::super) service_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) delivery_at: Option<i64>,
    pub(in super::super) is_unicode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) callback_data: Option<&'a str>,
}

/// An SMS in an answer. It has more members, for which the API has no field.
#[derive(Debug, Deserialize)]
pub(in super::super) struct StoredSms {
    #[serde(deserialize_with = "required_id")]
    pub(in super::super) uuid: String,
    #[serde(default)]
    text: Lenient<String>,
    #[serde(default)]
    sender_id: Lenient<String>,
    #[serde(default)]
    phone: Lenient<String>,
    #[serde(default)]
    delivery_at: Lenient<Timestamp>,
    #[serde(default)]
    created_at: Lenient<Timestamp>,
    #[serde(default)]
    gateway_sent_at: Lenient<Timestamp>,
    #[serde(default)]
    status_code: Lenient<i64>,
    #[serde(default)]
    is_sent: Lenient<bool>,
    #[serde(default)]
    dlr_code: Lenient<i64>,
    #[serde(default)]
    parts_count: Lenient<i32>,
    #[serde(default)]
    callback_data: Lenient<String>,
    #[serde(default)]
    service_code: Lenient<String>,
    /// Without a currency, which is the account's.
    #[serde(default)]
    price: Decimal,
}

/// Returns the number of cancelled SMS: the number in the answer, which is an object with one member, `affected_rows`
/// where it was seen.
///
/// # Errors
/// As [`Reply::unreadable`], when it has no number.
pub(in super::super) fn cancelled(reply: &Reply) -> Result<i64, Error> {
    let mut members: BTreeMap<String, Lenient<i64>> = reply.object()?;
    let only = if members.len() == 1 { members.pop_first().map(|(_, number)| number) } else { None };
    let number = only.or_else(|| members.remove("affected_rows")).and_then(|number| number.0);
    number.ok_or_else(|| reply.unreadable("it has no number"))
}

impl StoredSms {
    /// Returns whether the SMS, by its own state, can no longer be cancelled. Without a state it may be.
    pub(in super::super) fn has_left(&self) -> bool {
        self.is_sent.0 == Some(true) || self.status_code.0.is_some_and(|status| status != 0)
    }

    /// Converts to a message of `account` as of `now`, in Unix seconds.
    pub(in super::super) fn into_message(self, account: &str, now: i64) -> Message {
        let seconds = |time: Option<Timestamp>| time.map_or(0, |time| time.seconds);
        // An unscheduled SMS may have the time at which it was sent.
        let later = seconds(self.delivery_at.0) > seconds(self.created_at.0);
        let schedule_time = self.delivery_at.0.filter(|_| later);
        let (status, dlr) = (self.status_code.0, self.dlr_code.0);
        let price = self.price.0.map(|amount| Money { amount, currency_code: String::new() });
        let recipient = Recipient {
            to: to_e164(self.phone.0.unwrap_or_default()),
            state: state(status, dlr, seconds(schedule_time) > now).into(),
            vendor_code: code(status, dlr),
            segment_count: self.parts_count.0,
            price: price.clone(),
            create_time: self.created_at.0,
            send_time: self.gateway_sent_at.0,
            ..Recipient::default()
        };
        let vendor_message_type = self.service_code.0.unwrap_or_default();
        let message = Message {
            recipients: vec![recipient],
            sender: self.sender_id.0.unwrap_or_default(),
            quality: quality(&vendor_message_type).into(),
            vendor_message_type,
            create_time: self.created_at.0,
            schedule_time,
            recipient_count: Some(1),
            text: self.text.0.unwrap_or_default(),
            reference: self.callback_data.0.unwrap_or_default(),
            price,
            ..Message::default()
        };
        identified(names::child(account, "messages", &self.uuid), account, &self.uuid, message)
    }
}

/// Returns the state of an SMS: the report, if there is one, else LOX24's own progress. The report's numbers look like
/// bits but are single values.
pub(in super::super) fn state(status: Option<i64>, dlr: Option<i64>, waits: bool) -> DeliveryState {
    match (dlr, status) {
        (Some(1), _) => DeliveryState::Delivered,
        // With the operator, which keeps trying.
        (Some(2 | 4), _) => DeliveryState::Sent,
        (Some(8), _) => DeliveryState::Expired,
        (Some(16), _) => DeliveryState::Rejected,
        (None | Some(0), Some(0)) if waits => DeliveryState::Scheduled,
        (None | Some(0), Some(0)) => DeliveryState::Queued,
        // Passed to the operator: not delivered.
        (None | Some(0), Some(100)) => DeliveryState::Sent,
        // A blocked destination, no money, no operator: never passed to one.
        (None | Some(0), Some(208 | 3000 | 5000)) => DeliveryState::Rejected,
        // Failed during maintenance, no line to a landline.
        (None | Some(0), Some(400 | 2000)) => DeliveryState::Undeliverable,
        // Cancelled on the web site, or by the API.
        (None | Some(0), Some(410 | 6000)) => DeliveryState::Cancelled,
        _ => DeliveryState::Unspecified,
    }
}

/// Formats both of LOX24's numbers, such as `100/1`; only the first if there is no second.
pub(in super::super) fn code(status: Option<i64>, dlr: Option<i64>) -> String {
    let status = status.map(|status| status.to_string()).unwrap_or_default();
    dlr.map_or_else(|| status.clone(), |dlr| format!("{status}/{dlr}"))
}

/// Returns the quality class of a service.
fn quality(service_code: &str) -> Quality {
    match service_code {
        "direct" => Quality::High,
        "pro" => Quality::Medium,
        "economy" => Quality::Low,
        _ => Quality::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_state_and_handed_over_is_not_delivered() {
        for (status, dlr, expected) in [
            (0, 0, DeliveryState::Queued),
            (100, 0, DeliveryState::Sent),
            (100, 1, DeliveryState::Delivered),
            (100, 2, DeliveryState::Sent),
            (100, 4, DeliveryState::Sent),
            (100, 8, DeliveryState::Expired),
            (100, 16, DeliveryState::Rejected),
            (208, 0, DeliveryState::Rejected),
            (400, 0, DeliveryState::Undeliverable),
            (410, 0, DeliveryState::Cancelled),
            (2000, 0, DeliveryState::Undeliverable),
            (3000, 0, DeliveryState::Rejected),
            (5000, 0, DeliveryState::Rejected),
            (6000, 0, DeliveryState::Cancelled),
            (7000, 0, DeliveryState::Unspecified),
            // Not two bits.
            (100, 3, DeliveryState::Unspecified),
        ] {
            assert_eq!(state(Some(status), Some(dlr), false), expected, "{status}/{dlr}");
        }
        assert_eq!(state(Some(0), None, true), DeliveryState::Scheduled);
        assert_eq!(state(None, None, false), DeliveryState::Unspecified);
        let codes = [code(Some(100), Some(1)), code(Some(100), None), code(None, None)];
        assert_eq!(codes, ["100/1", "100", ""]);
    }

    #[test]
    fn a_message_waits_until_its_time_and_one_that_left_at_once_had_none() {
        let message = |delivery_at: i64, now| {
            let json = format!(
                r#"{{"uuid": "u", "created_at": 1000, "delivery_at": {delivery_at}, "status_code": 0, "dlr_code": 0}}"#
            );
            serde_json::from_str::<StoredSms>(&json).expect("an SMS").into_message("accounts/a", now)
        };
        for (delivery_at, now, state, scheduled) in [
            (0, 1001, DeliveryState::Queued, false),
            (1000, 1001, DeliveryState::Queued, false),
            (2000, 1001, DeliveryState::Scheduled, true),
            (2000, 2001, DeliveryState::Queued, true),
        ] {
            let message = message(delivery_at, now);
            let found = (message.recipients[0].state(), message.schedule_time.is_some());
            assert_eq!(found, (state, scheduled), "{delivery_at} at {now}");
        }
    }
}
