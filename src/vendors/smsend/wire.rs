//! The JSON of smSend, and its reading. Pure: what goes in comes from the document `001_bf141f8c9eeb6530.txt`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::{
    error::{Error, Reason},
    http::Reply,
    pb::{AccountStatus, Credit, DeliveryState, EmailPlan, Message, Money, Quality, Recipient},
};

/// The form of a time in requests and answers: `20161223101010`. Of the six that the document lists for requests, this is
/// the one that its examples use.
const TIME: &str = "%Y%m%d%H%M%S";

/// A send: `POST /sms`, `/paramsms` and `/smstogroups`.
#[derive(Debug, Serialize)]
pub(super) struct Order<'a> {
    pub(super) message_type: &'a str,
    pub(super) message: &'a str,
    #[serde(flatten)]
    pub(super) to: To<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) sender: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheduled_delivery_time: Option<String>,
    pub(super) order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) encoding: Option<&'static str>,
    #[serde(rename = "returnCredits", skip_serializing_if = "is_false")]
    pub(super) return_credits: bool,
    #[serde(rename = "returnRemaining", skip_serializing_if = "is_false")]
    pub(super) return_remaining: bool,
    #[serde(rename = "allowInvalidRecipients", skip_serializing_if = "is_false")]
    pub(super) allow_invalid_recipients: bool,
}

/// Who an order goes to.
#[derive(Debug, Serialize)]
pub(super) enum To<'a> {
    #[serde(rename = "recipient")]
    Numbers(&'a [String]),
    /// By the names that people gave them.
    #[serde(rename = "recipient")]
    Groups(&'a [String]),
    /// Written as a map with the keys `"0"`, `"1"` and so on.
    #[serde(rename = "recipients", serialize_with = "numbered")]
    Template(Vec<TemplateRecipient<'a>>),
}

impl To<'_> {
    /// The operation that sends to them.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "POST /sms",
            Self::Groups(_) => "POST /smstogroups",
            Self::Template(_) => "POST /paramsms",
        }
    }

    /// The numbers that an order to them must list; `None` when only smSend knows them.
    pub(super) fn numbers(&self) -> Option<BTreeSet<&str>> {
        match self {
            Self::Numbers(numbers) => Some(numbers.iter().map(String::as_str).collect()),
            Self::Groups(_) => None,
            Self::Template(recipients) => Some(recipients.iter().map(|r| r.recipient).collect()),
        }
    }

    /// Every text that goes out with the message's own.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        let recipients = if let Self::Template(recipients) = self { recipients.as_slice() } else { &[] };
        recipients.iter().flat_map(|r| r.parameters.values().copied())
    }
}

/// One recipient of `/paramsms`: its number and its parameters, side by side.
#[derive(Debug, Serialize)]
pub(super) struct TemplateRecipient<'a> {
    pub(super) recipient: &'a str,
    #[serde(flatten)]
    pub(super) parameters: BTreeMap<&'a str, &'a str>,
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

/// The answer to a send. `remaining_credits` is in the document's quick start alone.
#[derive(Debug, Deserialize)]
pub(super) struct Accepted {
    pub(super) order_id: Option<String>,
    pub(super) total_sent: Option<i32>,
    pub(super) remaining_credits: Option<i64>,
}

/// The answer to `GET /sms/{order_id}`.
#[derive(Debug, Deserialize)]
pub(super) struct OrderState {
    pub(super) recipient_number: Option<i32>,
    #[serde(default)]
    pub(super) recipients: Vec<RecipientState>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RecipientState {
    #[serde(default)]
    pub(super) status: String,
    pub(super) destination: String,
    delivery_date: Option<String>,
}

impl RecipientState {
    pub(super) fn into_recipient(self, zone: &TimeZone) -> Recipient {
        Recipient {
            to: e164(&self.destination),
            state: state(&self.status).into(),
            vendor_text: String::new(),
            delivery_time: self.delivery_date.and_then(|date| time(&date, zone)),
            vendor_code: self.status,
        }
    }
}

/// The numbers of an order in E.164 form: smSend takes `0039…` too, and may give it back.
pub(super) fn e164(destination: &str) -> String {
    destination.strip_prefix("00").map_or_else(|| destination.to_owned(), |digits| format!("+{digits}"))
}

/// The state that a status of smSend stands for. The document shows `WAITING` and `SCHEDULED`; the others are in the
/// vendor's newer manual.
pub(super) fn state(status: &str) -> DeliveryState {
    match status {
        "WAITING" => DeliveryState::Queued,
        "SCHEDULED" => DeliveryState::Scheduled,
        // With the operator, with or without a report to come: not delivered.
        "SENT" | "WAIT4DLVR" => DeliveryState::Sent,
        "DLVRD" => DeliveryState::Delivered,
        "ERROR" | "UNKNRCPT" | "KO" => DeliveryState::Undeliverable,
        // No report came in time.
        "TIMEOUT" => DeliveryState::Expired,
        // Never given to an operator: limits, bad prefix or number, stop list, content, demonstration account.
        "TOOM4USER" | "TOOM4NUM" | "UNKNPFX" | "INVALIDDST" | "BLACKLISTED" | "INVALIDCONTENTS" | "DEMO" => {
            DeliveryState::Rejected
        }
        _ => DeliveryState::Unspecified,
    }
}

/// The answer to `GET /smshistory`.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    #[serde(alias = "Total")]
    pub(super) total: Option<i32>,
    #[serde(default)]
    pub(super) smshistory: Vec<HistoryEntry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct HistoryEntry {
    order_id: String,
    create_time: Option<String>,
    schedule_time: Option<String>,
    message_type: Option<String>,
    sender: Option<String>,
    num_recipients: Option<i32>,
}

impl HistoryEntry {
    pub(super) fn into_message(self, account: &str, zone: &TimeZone) -> Message {
        let vendor_message_type = self.message_type.unwrap_or_default();
        Message {
            name: crate::names::child(account, "messages", &self.order_id),
            sender: self.sender.unwrap_or_default(),
            quality: quality(&vendor_message_type).into(),
            vendor_message_type,
            create_time: self.create_time.and_then(|t| time(&t, zone)),
            schedule_time: self.schedule_time.and_then(|t| time(&t, zone)),
            recipient_count: self.num_recipients,
            ..Message::default()
        }
    }
}

/// The quality class of a message type; the document names three.
pub(super) fn quality(message_type: &str) -> Quality {
    match message_type {
        "N" => Quality::High,
        "L" => Quality::Medium,
        "LL" => Quality::Low,
        _ => Quality::Unspecified,
    }
}

/// The answer to `GET /status`.
#[derive(Debug, Deserialize)]
pub(super) struct UserStatus {
    money: Option<Box<RawValue>>,
    #[serde(default)]
    sms: Vec<CreditEntry>,
    email: Option<EmailEntry>,
    landing: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct CreditEntry {
    #[serde(rename = "type")]
    message_type: String,
    quantity: i64,
}

#[derive(Debug, Deserialize)]
struct EmailEntry {
    bandwidth: Option<f64>,
    purchased: Option<String>,
    billing: Option<String>,
    expiry: Option<String>,
}

impl From<UserStatus> for AccountStatus {
    fn from(status: UserStatus) -> Self {
        let credit = |entry: CreditEntry| Credit {
            quality: quality(&entry.message_type).into(),
            message_type: entry.message_type,
            quantity: entry.quantity,
        };
        Self {
            // The digits as they came: a float would round them.
            money: status
                .money
                .map(|money| Money { amount: unquoted(money.get()).to_owned(), currency_code: String::new() }),
            credits: status.sms.into_iter().map(credit).collect(),
            email_plan: status.email.map(|plan| EmailPlan {
                bandwidth: plan.bandwidth,
                purchase_date: plan.purchased.unwrap_or_default(),
                billing: plan.billing.unwrap_or_default(),
                expire_date: plan.expiry.unwrap_or_default(),
            }),
            landing_json: status.landing.map(|landing| landing.get().to_owned()),
        }
    }
}

/// `result`, the word that most answers have.
#[derive(Debug, Deserialize)]
struct Verdict {
    result: Option<String>,
}

/// Refuses a 2xx answer whose `result` is not `OK`.
pub(super) fn accepted(reply: Reply) -> Result<Reply, Error> {
    match reply.json::<Verdict>()?.result.as_deref() {
        None | Some("OK") => Ok(reply),
        Some(text) => {
            Err(reply.refused(Reason::VendorRefused, "smSend refused the request; vendor_message has its words", text))
        }
    }
}

/// Why smSend said no: `result` of a JSON answer, else the text as it is. Login errors are plain text.
pub(super) fn failure_text(reply: &Reply) -> String {
    match serde_json::from_slice::<Verdict>(reply.body()) {
        Ok(Verdict { result: Some(text) }) => text,
        _ => reply.excerpt(),
    }
}

/// `true` or `false` as plain text, with or without the quotes that the document prints.
pub(super) fn yes(reply: &Reply) -> Result<bool, Error> {
    match unquoted(reply.text()?) {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(reply.unreadable("it is neither true nor false")),
    }
}

/// A text without quotes around it.
pub(super) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// A time of smSend's; `None` for what is none, such as the empty date of a message on its way.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let time = DateTime::strptime(TIME, text).ok()?;
    let timestamp = zone.to_zoned(time).ok()?.timestamp();
    Some(Timestamp { seconds: timestamp.as_second(), nanos: 0 })
}

/// A time as smSend takes it, in whole seconds; `None` when it is no time between the years 1 and 9999.
pub(super) fn time_text(time: &Timestamp, zone: &TimeZone) -> Option<String> {
    let timestamp = jiff::Timestamp::from_second(time.seconds).ok()?;
    let civil = zone.to_datetime(timestamp);
    (civil.year() > 0).then(|| civil.strftime(TIME).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn a_templated_send_numbers_its_recipients_and_puts_parameters_beside_the_number() {
        let order = Order {
            message_type: "GP",
            message: "Hello {name}, welcome to {nation}",
            to: To::Template(vec![
                TemplateRecipient { recipient: "+393471234567", parameters: BTreeMap::from([("name", "Mark")]) },
                TemplateRecipient { recipient: "+393477654321", parameters: BTreeMap::from([("nation", "Alabama")]) },
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
    fn the_document_s_status_comes_through_whole() {
        let status: UserStatus = serde_json::from_str(
            r#"{"money": 12.50, "sms": [{"type": "SI", "quantity": 16079}, {"type": "L", "quantity": 3}],
                "email": {"bandwidth": 2000.0, "purchased": "2015-01-16", "billing": "EMAILPERHOUR", "expiry": "2016-01-17"},
                "landing": {"pages": 3}}"#,
        )
        .expect("a status");
        let status = AccountStatus::from(status);
        assert_eq!(status.money.map(|m| m.amount).as_deref(), Some("12.50"));
        assert_eq!(status.credits[0].message_type, "SI");
        assert_eq!((status.credits[1].quality(), status.credits[1].quantity), (Quality::Medium, 3));
        let plan = status.email_plan.expect("a plan");
        assert_eq!((plan.bandwidth, plan.purchase_date.as_str()), (Some(2000.0), "2015-01-16"));
        assert_eq!((plan.billing.as_str(), plan.expire_date.as_str()), ("EMAILPERHOUR", "2016-01-17"));
        assert_eq!(status.landing_json.as_deref(), Some(r#"{"pages": 3}"#));
    }

    #[test]
    fn nulls_are_absent() {
        let status: UserStatus =
            serde_json::from_str(r#"{"money": null, "email": null, "landing": null}"#).expect("a status");
        assert_eq!(AccountStatus::from(status), AccountStatus::default());
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

    #[test]
    fn times_keep_their_zone() {
        let rome = TimeZone::get("Europe/Rome").expect("a zone");
        let summer = Timestamp { seconds: 1_467_360_000, nanos: 0 };
        assert_eq!(time_text(&summer, &rome).as_deref(), Some("20160701100000"));
        assert_eq!(time("20160701100000", &rome), Some(summer));
        assert_eq!((time("", &rome), time("2016", &rome)), (None, None));
        assert_eq!(time_text(&Timestamp { seconds: i64::MAX, nanos: 0 }, &rome), None);
    }

    #[test]
    fn a_number_with_00_is_e164_with_plus() {
        assert_eq!((e164("00393471234567").as_str(), e164("+39347").as_str()), ("+393471234567", "+39347"));
    }
}
