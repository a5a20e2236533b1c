//! The JSON of SMSPartner, and the verdict of its answers. Pure: what goes in comes from the document
//! `004_48a65ac417e770c0.txt` and, where that is silent, from what is publicly known of this API.

pub(super) mod account;
pub(super) mod contact;
pub(super) mod group;
pub(super) mod message;
pub(super) mod stop_list;

use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::lenient::{optional_bool, optional_int, optional_text};

/// The code of success.
pub(super) const OK: i64 = 200;

/// What an answer says of itself. Codes and truth are written as numbers, words and texts.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Verdict {
    #[serde(default, deserialize_with = "optional_bool")]
    pub(super) success: Option<bool>,
    #[serde(default, deserialize_with = "optional_int")]
    pub(super) code: Option<i64>,
    /// In French.
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) message: Option<String>,
}

impl Verdict {
    /// Reads an answer; `None` when it is none of the documented forms. JSON is what comes, for that is the default and we
    /// ask for nothing else; an answer in the other form is still an answer, and better read than taken for a lost one.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().or_else(|| Self::from_xml(std::str::from_utf8(body).ok()?))
    }

    /// The XML form has no names: the verdict is what stands first, second and third.
    fn from_xml(text: &str) -> Option<Self> {
        let document = roxmltree::Document::parse(text.trim()).ok()?;
        let mut entries = document.root_element().children().filter(|node| node.has_tag_name("entry"));
        let mut next = || entries.next().and_then(|entry| entry.text());
        serde_json::from_value(json!({"success": next(), "code": next(), "message": next()})).ok()
    }
}

/// A body with the key in it, which is where a POST has it.
#[derive(Serialize)]
pub(super) struct Signed<'a, T> {
    #[serde(rename = "apiKey")]
    key: &'a str,
    #[serde(flatten)]
    body: T,
}

impl<'a, T: Serialize> Signed<'a, T> {
    pub(super) fn new(key: &'a SecretString, body: T) -> Self {
        Self { key: key.expose_secret(), body }
    }
}

/// A decimal number, which comes as a number or as a text, in the very digits it came in: a float would round them.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Decimal(Option<Box<RawValue>>);

impl Decimal {
    pub(super) fn into_text(self) -> Option<String> {
        let text = self.0?.get().trim_matches('"').trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

/// A time of SMSPartner's, which names no zone: Unix seconds in digits, or `2015-02-07 22:39:46` in the account's zone.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let seconds = text.trim().parse().ok().or_else(|| {
        let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
        Some(zone.to_zoned(time).ok()?.timestamp().as_second())
    });
    seconds.filter(|seconds| *seconds > 0).map(|seconds| Timestamp { seconds, nanos: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_s_answers_mean_the_same_in_both_forms() {
        let taken = Verdict { success: Some(true), code: Some(200), message: None };
        for body in [
            r#"{ "success": true, "code":200 }"#,
            r#"{"success": "true", "code": "200", "message": null}"#,
            r#"{"success": 1, "code": 200}"#,
            "<?xml version='1.0' encoding='UTF-8'?>\n<result>\n  <entry>true</entry>\n  <entry>200</entry>\n</result>",
        ] {
            assert_eq!(Verdict::read(body.as_bytes()).as_ref(), Some(&taken), "{body}");
        }
        let message = Some("Clé API incorrecte".to_owned());
        let refused = Verdict { success: Some(false), code: Some(10), message };
        for body in [
            r#"{ "success": false, "code": 10, "message": "Clé API incorrecte" }"#,
            "<?xml version='1.0' encoding='UTF-8'?>
            <result> <entry>false</entry> <entry>10</entry> <entry>Clé API incorrecte</entry> </result>",
        ] {
            assert_eq!(Verdict::read(body.as_bytes()).as_ref(), Some(&refused), "{body}");
        }
    }

    #[test]
    fn a_time_is_in_digits_or_in_the_zone_of_the_account() {
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        for (text, seconds) in [
            ("2015-02-07 22:39:46", Some(1_423_345_186)),
            ("1423345186", Some(1_423_345_186)),
            ("0", None),
            ("", None),
            ("2015-02-07", None),
        ] {
            assert_eq!(time(text, &paris).map(|time| time.seconds), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_verdict_is_none() {
        for body in ["", "OK", "<html>", "{\"success\": true", "\u{fffd}"] {
            assert_eq!(Verdict::read(body.as_bytes()), None, "{body}");
        }
        for body in ["{}", "[]", "<html></html>"] {
            assert_eq!(Verdict::read(body.as_bytes()), Some(Verdict::default()), "{body}");
        }
    }
}
