//! Parses and builds the JSON of IP1SMS. Pure: the unit tests' samples are the document's.

pub(super) mod contact;
pub(super) mod group;
pub(super) mod message;
pub(super) mod stop_list;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{PhoneService, PhoneServiceSettings},
    vendors::kit::lenient::{Id, Lenient},
};

/// The members that may hold the text of a rejection. The document shows none: the first is usual for servers of this
/// kind, the others are those of the vendor's newer API.
pub(super) const WORDS: &[&str] = &["Message", "message", "detail", "title", "error"];

/// The body of `PUT /api/me/services/phone`: omitted members are cleared.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Settings<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    pub(super) plain_email: bool,
    #[serde(rename = "CallbackURL", skip_serializing_if = "Option::is_none")]
    pub(super) callback_url: Option<&'a str>,
}

/// The answer to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Phone {
    virtual_phone: Lenient<String>,
    virtual_phone_prefix: Lenient<String>,
    email: Lenient<String>,
    plain_email: Lenient<bool>,
    #[serde(rename = "CallbackURL")]
    callback_url: Lenient<String>,
    #[serde(rename = "ID")]
    id: Lenient<i32>,
    name: Lenient<String>,
    status: Lenient<i32>,
    status_description: Lenient<String>,
    since: Lenient<String>,
    until: Lenient<String>,
}

impl Phone {
    /// Returns whether the answer has none of the known members.
    pub(super) fn is_empty(&self) -> bool {
        self.id.0.is_none() && self.plain_email.0.is_none() && self.virtual_phone.0.is_none()
    }
}

/// The answer to a change: the changed resource, of which the id is enough.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Changed {
    #[serde(rename = "ID")]
    pub(super) id: Id,
}

impl From<Phone> for PhoneService {
    fn from(phone: Phone) -> Self {
        let given = |text: &String| !text.is_empty();
        let time = |text: Lenient<String>| text.0.as_deref().and_then(time);
        Self {
            settings: Some(PhoneServiceSettings {
                email: phone.email.0.filter(given),
                plain_email: phone.plain_email.0.unwrap_or_default(),
                callback_url: phone.callback_url.0.filter(given),
            }),
            phone_number: phone.virtual_phone.0.unwrap_or_default(),
            phone_number_prefix: phone.virtual_phone_prefix.0.unwrap_or_default(),
            service_type_id: phone.id.0,
            display_name: phone.name.0.unwrap_or_default(),
            vendor_status: phone.status.0,
            vendor_status_text: phone.status_description.0.unwrap_or_default(),
            start_time: time(phone.since),
            end_time: time(phone.until),
        }
    }
}

/// Parses a date and time (RFC 3339). The vendor omits the offset in places: that is UTC. An invalid time is absent.
pub(super) fn time(text: &str) -> Option<prost_types::Timestamp> {
    const SECOND: i128 = 1_000_000_000;
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().ok().or_else(|| utc(text.parse().ok()?))?.as_nanosecond();
    Some(prost_types::Timestamp {
        seconds: i64::try_from(time.div_euclid(SECOND)).ok()?,
        nanos: i32::try_from(time.rem_euclid(SECOND)).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> PhoneService {
        serde_json::from_str::<Phone>(json).expect(json).into()
    }

    #[test]
    fn absent_settings_are_left_out_and_the_required_one_never() {
        let json = |settings| serde_json::to_string(&settings).expect("JSON");
        assert_eq!(
            json(Settings { email: Some("a@b.se"), plain_email: true, callback_url: Some("https://b.se") }),
            r#"{"Email":"a@b.se","PlainEmail":true,"CallbackURL":"https://b.se"}"#
        );
        let none = Settings { email: None, plain_email: false, callback_url: None };
        assert_eq!(json(none), r#"{"PlainEmail":false}"#);
    }

    #[test]
    fn the_document_s_answer_comes_through_whole() {
        let phone = read(
            r#"{"VirtualPhone": "string", "VirtualPhonePrefix": "string", "Email": "string", "PlainEmail": true,
                "CallbackURL": "string", "ID": 0, "Name": "string", "Status": 0, "StatusDescription": "string",
                "Since": "string", "Until": "string"}"#,
        );
        let text = || "string".to_owned();
        let settings = PhoneServiceSettings { email: Some(text()), plain_email: true, callback_url: Some(text()) };
        let expected = PhoneService {
            settings: Some(settings),
            phone_number: text(),
            phone_number_prefix: text(),
            service_type_id: Some(0),
            display_name: text(),
            vendor_status: Some(0),
            vendor_status_text: text(),
            start_time: None,
            end_time: None,
        };
        assert_eq!(phone, expected);
    }

    #[test]
    fn missing_members_are_absent() {
        let nothing = PhoneService { settings: Some(PhoneServiceSettings::default()), ..PhoneService::default() };
        for json in ["{}", r#"{"Email": null, "ID": null, "Since": null}"#, r#"{"Email": "", "CallbackURL": ""}"#] {
            assert_eq!(read(json), nothing, "{json}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let then = prost_types::Timestamp { seconds: 1_482_487_810, nanos: 0 };
        for text in ["2016-12-23T10:10:10", "2016-12-23T10:10:10Z", "2016-12-23T11:10:10+01:00"] {
            assert_eq!(time(text), Some(then), "{text}");
        }
        let half = prost_types::Timestamp { seconds: -1, nanos: 500_000_000 };
        assert_eq!(time("1969-12-31T23:59:59.5"), Some(half));
        assert_eq!((time(""), time("soon")), (None, None));
    }
}
