//! What IP1SMS pushes, after the vendor's newer manual: delivery reports and received SMS of API V2, and the received SMS of
//! a virtual phone in the names of API V1. Nothing is signed. Only the status 200 is an acceptance to it.

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use serde::Deserialize;

use super::{Ip1Sms, wire};
use crate::{
    api::{
        NumberService,
        pb::{
            DeliveryState, Money, PhoneServiceSettings, ReceivedMessage, Recipient, UpdatePhoneServiceSettingsRequest,
        },
    },
    call::Call,
    error::Error,
    request::{check::to_e164, names},
    vendors::kit::{
        Request as VendorRequest,
        lenient::{Decimal, Id, Kept, Lenient, List},
        pushed::{Key, Pushed, Received, Registered, Registration, Report, Webhook, objects, unreadable},
    },
};

const INSTRUCTIONS: &str = "in IP1SMS' portal, enter this URL for incoming SMS, or set webhook_register to register it as the \
                            CallbackURL of the virtual phone\n\
                            in batches of API V2 that other programs send, it is the deliveryReportUrl";

#[async_trait]
impl Webhook for Ip1Sms {
    fn parse(&self, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
        parse(&self.name, push)
    }

    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }

    async fn registered(&self, call: &Call, url: &str) -> Result<Vec<Registered>, Error> {
        Ok(vec![self.of_phone(&self.phone_settings(call).await?, url)])
    }

    /// The registration replaces all settings of the virtual phone, so that it needs the present ones.
    async fn register(&self, call: &Call, url: &str) -> Result<Vec<Registration>, Error> {
        let settings = self.phone_settings(call).await?;
        let Registered { place, url: before, is_current } = self.of_phone(&settings, url);
        if !is_current {
            let settings = PhoneServiceSettings { callback_url: Some(url.to_owned()), ..settings };
            let request = UpdatePhoneServiceSettingsRequest { name: self.name.clone(), settings: Some(settings) };
            self.update_phone_service_settings(call, request).await?;
        }
        Ok(vec![Registration { place, replaced: (!is_current).then_some(before) }])
    }
}

impl Ip1Sms {
    /// Reads the settings of the virtual phone. That they can be read at the address where they are written is a guess; where it is
    /// wrong, nothing is changed.
    async fn phone_settings(&self, call: &Call) -> Result<PhoneServiceSettings, Error> {
        let reply = self.exchange(call, VendorRequest::new("GET /api/me/services/phone")).await?;
        let phone = reply.object::<wire::Phone>()?;
        if phone.is_empty() {
            return Err(reply.unreadable("it has no settings"));
        }
        Ok(crate::api::pb::PhoneService::from(phone).settings.unwrap_or_default())
    }

    /// Returns what the virtual phone has as the URL.
    fn of_phone(&self, settings: &PhoneServiceSettings, own: &str) -> Registered {
        let url = settings.callback_url.clone().unwrap_or_default();
        Registered { place: format!("{} virtual phone", self.name), is_current: !url.is_empty() && url == own, url }
    }
}

/// The members of a report, and those of a message of either version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Push {
    #[serde(rename = "messageId")]
    message_id: Id,
    code: Lenient<i64>,
    duration: Lenient<i64>,
    price: Decimal,
    currency: Lenient<String>,

    id: Id,
    sender: Lenient<String>,
    recipient: Lenient<String>,
    body: Kept,
    segments: Lenient<i32>,
    created: Lenient<String>,
    modified: Lenient<String>,
    statuses: List<Status>,

    #[serde(rename = "ID")]
    v1_id: Id,
    #[serde(rename = "From")]
    v1_from: Lenient<String>,
    #[serde(rename = "To")]
    v1_to: Lenient<String>,
    #[serde(rename = "Message")]
    v1_message: Kept,
    #[serde(rename = "Created")]
    v1_created: Lenient<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    created: Lenient<String>,
}

/// Reads a push to `account`.
pub(super) fn parse(account: &str, push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let pushes = objects::<Push>(push)?.into_iter();
    pushes.map(|push| push.and_then(|push| push.read(account)).ok_or_else(unreadable)).collect()
}

impl Push {
    fn read(mut self, account: &str) -> Option<Pushed> {
        let created = self.created.0.as_deref().and_then(wire::time);
        if let Some(vendor_message_id) = self.message_id.0 {
            let code = self.code.0?;
            let state = state(code, self.duration.0);
            let currency_code = self.currency.0.unwrap_or_default().to_ascii_uppercase();
            let recipient = Recipient {
                to: to_e164(self.recipient.0.unwrap_or_default()),
                state: state.into(),
                vendor_code: code.to_string(),
                delivery_time: created.filter(|_| state == DeliveryState::Delivered),
                segment_count: self.segments.0,
                price: self.price.0.map(|amount| Money { amount, currency_code }),
                ..Recipient::default()
            };
            return Some(Pushed::Report(Report { vendor_message_id, recipient, time: created }));
        }
        // `direction` is a word or a number, and in one sample the wrong one: whatever has a text was received.
        let first = self.statuses.0.iter_mut().flatten().find_map(|status| status.created.0.take());
        let (id, text) = (self.id.0.or(self.v1_id.0)?, self.body.0.or(self.v1_message.0)?);
        let time = first.or(self.modified.0).or(self.v1_created.0);
        let message = ReceivedMessage {
            name: names::child(account, "receivedMessages", &id),
            from: to_e164(self.sender.or(self.v1_from).0?),
            to: to_e164(self.recipient.or(self.v1_to).0.unwrap_or_default()),
            text,
            receive_time: time.as_deref().and_then(wire::time).or(created),
            ..ReceivedMessage::default()
        };
        Some(Pushed::Received(Received { message, key: Key::Id(id), ..Received::default() }))
    }
}

/// Returns the state for a code of API V2, whose table is not public: 1xx were seen for what is under way, and 201 for what is
/// delivered. `duration` is 1 for what does not change any more, and 0 for what does.
fn state(code: i64, duration: Option<i64>) -> DeliveryState {
    match (code, duration) {
        (201, None | Some(1)) => DeliveryState::Delivered,
        (300.., Some(1)) => DeliveryState::Undeliverable,
        (100..=199, None | Some(0)) => DeliveryState::Sent,
        _ => DeliveryState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;
    use crate::vendors::kit::pushed::tests::{get, post};

    const ACCOUNT: &str = "accounts/se";

    fn read(push: &Request<Bytes>) -> Pushed {
        let mut pushed = parse(ACCOUNT, push).expect("readable");
        assert_eq!(pushed.len(), 1);
        pushed.remove(0)
    }

    fn at(seconds: i64, nanos: i32) -> Option<Timestamp> {
        Some(Timestamp { seconds, nanos })
    }

    #[test]
    fn a_report_is_read_with_its_price_and_time() {
        let push = r#"{"messageId": "66f1a2b3c4d5e6f708192a3b", "batchId": "66f1a2b3c4d5e6f708192a3a", "recipient":
            "46701234567", "code": 201, "duration": 1, "created": "2024-11-28T10:33:20.5Z", "segments": 2, "price": 0.061,
            "currency": "eur", "reference": "order-7"}"#;
        let recipient = Recipient {
            to: "+46701234567".to_owned(),
            state: DeliveryState::Delivered.into(),
            vendor_code: "201".to_owned(),
            delivery_time: at(1_732_790_000, 500_000_000),
            segment_count: Some(2),
            price: Some(Money { amount: "0.061".to_owned(), currency_code: "EUR".to_owned() }),
            ..Recipient::default()
        };
        let vendor_message_id = "66f1a2b3c4d5e6f708192a3b".to_owned();
        let report = Report { vendor_message_id, recipient, time: at(1_732_790_000, 500_000_000) };
        assert_eq!(read(&post(push)), Pushed::Report(report));
    }

    #[test]
    fn a_code_is_final_only_where_the_vendor_says_so() {
        for (code, duration, expected) in [
            (102, Some(0), DeliveryState::Sent),
            (101, None, DeliveryState::Sent),
            (201, Some(1), DeliveryState::Delivered),
            (201, None, DeliveryState::Delivered),
            (201, Some(0), DeliveryState::Unspecified),
            (401, Some(1), DeliveryState::Undeliverable),
            (401, Some(0), DeliveryState::Unspecified),
            (401, None, DeliveryState::Unspecified),
            (202, Some(1), DeliveryState::Unspecified),
        ] {
            assert_eq!(state(code, duration), expected, "{code} {duration:?}");
        }
    }

    #[test]
    fn a_received_sms_is_read_in_both_versions_whatever_its_direction() {
        let message = ReceivedMessage {
            name: "accounts/se/receivedMessages/66f1".to_owned(),
            from: "+46701234567".to_owned(),
            to: "+46737494400".to_owned(),
            text: "Hej på dig".to_owned(),
            receive_time: at(1_732_790_000, 0),
            ..ReceivedMessage::default()
        };
        let key = Key::Id("66f1".to_owned());
        let expected = Pushed::Received(Received { message, key, ..Received::default() });
        for direction in [r#""mo""#, r#""mt""#, "1", "0"] {
            let push = format!(
                r#"{{"id": "66f1", "batchId": null, "owner": "ip1-12345", "sender": "46701234567", "recipient": "46737494400",
                    "body": "Hej på dig", "direction": {direction}, "segments": 1, "type": "SMS", "datacoding": 0,
                    "priority": 1, "statuses": [{{"code": 101, "duration": 1, "created": "2024-11-28T10:33:20Z"}}],
                    "modified": "2024-11-28T10:33:21Z", "mcc": 240, "mnc": 7}}"#
            );
            assert_eq!(read(&post(&push)), expected);
        }
        let old = r#"{"ID": "66f1", "From": "46701234567", "To": "+46737494400", "Message": "Hej på dig", "Created":
            "2024-11-28T10:33:20"}"#;
        assert_eq!(read(&post(old)), expected);
        let query = "ID=66f1&From=46701234567&To=46737494400&Message=Hej+p%C3%A5+dig&Created=2024-11-28T10:33:20";
        assert_eq!(read(&get(query)), expected);
    }

    #[test]
    fn anything_else_is_unreadable() {
        for push in [
            post("{}"),
            post("[5]"),
            post(r#"{"messageId": "66f1"}"#),
            post(r#"{"id": "66f1", "sender": "46701234567"}"#),
            post(r#"{"id": "66f1", "body": "x"}"#),
            get("code=201"),
        ] {
            assert!(parse(ACCOUNT, &push).is_err(), "{push:?}");
        }
    }
}
