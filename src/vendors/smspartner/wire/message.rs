//! Messages.

use jiff::{Timestamp as Instant, tz::TimeZone};
use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::{DeliveryState, Money, Recipient},
    request::check::to_e164,
    vendors::kit::lenient::{Decimal, Id, Lenient, List},
};

/// The body of `POST /send`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Send<'a> {
    /// Separated by commas.
    pub(crate) phone_numbers: String,
    pub(crate) message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) sender: &'a str,
    /// 1 is the premium class, 2 the low-cost one. The English page has `range`; all code has this name.
    pub(crate) gamme: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) tag: &'a str,
    #[serde(flatten)]
    pub(crate) schedule: Option<Schedule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) is_unicode: Option<u8>,
    /// Where replies and opt-outs are pushed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url_response: Option<&'a str>,
    /// Where delivery reports are pushed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url_dlr: Option<&'a str>,
}

/// The time of a send: a day, an hour and a minute in steps of five.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    scheduled_delivery_date: String,
    time: i8,
    minute: i8,
}

impl Schedule {
    /// Converts a time.
    ///
    /// # Errors
    /// Why SMSPartner's form cannot express the time.
    pub(crate) fn new(time: &Timestamp, zone: &TimeZone) -> Result<Self, &'static str> {
        let instant = Instant::from_second(time.seconds).map_err(|_| "must lie between the years 1 and 9999")?;
        let local = zone.to_datetime(instant);
        if local.year() < 1 {
            return Err("must lie between the years 1 and 9999");
        }
        if local.minute() % 5 != 0 || local.second() != 0 || time.nanos != 0 {
            return Err("must be a multiple of five minutes: SMSPartner has no finer times");
        }
        if zone.to_ambiguous_timestamp(local).is_ambiguous() {
            return Err("must not be in the hour that occurs twice in the account's time_zone");
        }
        let scheduled_delivery_date = local.strftime("%d/%m/%Y").to_string();
        Ok(Self { scheduled_delivery_date, time: local.hour(), minute: local.minute() })
    }
}

/// The answer to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    pub(crate) message_id: Id,
    nb_sms: Lenient<i32>,
    #[serde(rename = "nbSMS")]
    nb_sms_in_capitals: Lenient<i32>,
    #[serde(rename = "nbSms")]
    nb_sms_in_camel_case: Lenient<i32>,
    cost: Decimal,
    currency: Lenient<String>,
    #[serde(rename = "scheduledDeliveryDate")]
    scheduled_delivery_date: Lenient<String>,
}

impl Sent {
    /// Returns the number of SMS, which has three spellings.
    pub(crate) fn count(&self) -> Option<i32> {
        self.nb_sms.0.or(self.nb_sms_in_capitals.0).or(self.nb_sms_in_camel_case.0)
    }

    /// Returns when the message will be sent, if the answer has it.
    pub(crate) fn schedule_time(&self, zone: &TimeZone) -> Option<Timestamp> {
        self.scheduled_delivery_date.0.as_deref().and_then(|text| time(text, zone))
    }

    pub(crate) fn price(self) -> Option<Money> {
        let currency_code = self.currency.0.unwrap_or_default();
        self.cost.0.map(|amount| Money { amount, currency_code })
    }
}

/// The answer to `GET /bulk-status`.
#[derive(Debug, Deserialize)]
pub(crate) struct Statuses {
    #[serde(rename = "StatutResponse_List")]
    pub(crate) list: List<RecipientStatus>,
}

/// The state of a message to one number.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RecipientStatus {
    phone_number: Lenient<String>,
    status: Lenient<String>,
    statut: Lenient<String>,
    #[serde(rename = "stopSMS")]
    stop_sms_in_capitals: Lenient<bool>,
    stop_sms: Lenient<bool>,
    date: Lenient<String>,
}

impl RecipientStatus {
    pub(crate) fn into_recipient(self, zone: &TimeZone) -> Recipient {
        let vendor_code = self.status.or(self.statut).0.unwrap_or_default();
        let state = state(&vendor_code);
        let date = self.date.0.filter(|_| state == DeliveryState::Delivered);
        Recipient {
            to: to_e164(self.phone_number.0.unwrap_or_default()),
            state: state.into(),
            vendor_code,
            // The vendor's own term for a recipient who opted out.
            vendor_text: if self.stop_sms_in_capitals.or(self.stop_sms).0 == Some(true) {
                "stopSMS".to_owned()
            } else {
                String::new()
            },
            delivery_time: date.and_then(|date| time(&date, zone)),
            ..Recipient::default()
        }
    }
}

/// Returns the state for a status of SMSPartner, whose letter case varies by page.
pub(in super::super) fn state(status: &str) -> DeliveryState {
    match status.trim().to_ascii_lowercase().as_str() {
        "delivered" => DeliveryState::Delivered,
        "not delivered" => DeliveryState::Undeliverable,
        // In flight, not delivered; scheduled messages have this state too.
        "waiting" => DeliveryState::Sent,
        "ko" => DeliveryState::Rejected,
        _ => DeliveryState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<Schedule, &'static str> {
        let seconds = text.parse::<Instant>().expect("a time").as_second();
        Schedule::new(&Timestamp { seconds, nanos: 0 }, &TimeZone::get("Europe/Paris").expect("a zone"))
    }

    #[test]
    fn a_schedule_is_a_day_an_hour_and_a_minute_of_the_account_s_zone() {
        let schedule = |date: &str, time, minute| Schedule { scheduled_delivery_date: date.to_owned(), time, minute };
        assert_eq!(at("2014-10-21T07:00:00Z"), Ok(schedule("21/10/2014", 9, 0)));
        assert_eq!(at("2014-12-31T23:55:00Z"), Ok(schedule("01/01/2015", 0, 55)));
        for (time, word) in [
            ("2014-10-21T07:01:00Z", "five"),
            ("2014-10-21T07:05:01Z", "five"),
            // Half past two in the night that winter time begins.
            ("2014-10-26T00:30:00Z", "twice"),
            ("2014-10-26T01:30:00Z", "twice"),
        ] {
            assert!(at(time).is_err_and(|text| text.contains(word)), "{time}");
        }
    }

    #[test]
    fn a_status_means_the_same_in_any_letter_case_and_an_unknown_one_is_kept() {
        for (status, expected) in [
            ("Delivered", DeliveryState::Delivered),
            ("delivered", DeliveryState::Delivered),
            ("Not delivered", DeliveryState::Undeliverable),
            ("Waiting", DeliveryState::Sent),
            ("KO", DeliveryState::Rejected),
            ("Numéro introuvable", DeliveryState::Unspecified),
        ] {
            assert_eq!(state(status), expected, "{status}");
        }
    }
}
