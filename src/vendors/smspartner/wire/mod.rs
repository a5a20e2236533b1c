//! Parses and builds the JSON of SMSPartner, and its verdicts. Pure: the unit tests' samples are the document's and,
//! where that is silent, what is publicly known of this API.

pub(super) mod account;
pub(super) mod contact;
pub(super) mod group;
pub(super) mod message;
pub(super) mod stop_list;

use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::vendors::kit::{
    Reply,
    lenient::{Lenient, Words},
};

/// The code of success.
pub(super) const OK: i64 = 200;

/// The verdict of an answer. Codes and booleans come as numbers, booleans and strings; the texts, which are French, as
/// a string or a list; those of a faulty member are in a list of their own, with two names.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Verdict {
    pub(super) success: Lenient<bool>,
    pub(super) code: Lenient<i64>,
    message: Words,
    error: Words,
    errors: Words,
}

impl Verdict {
    /// Reads an answer; `None` if it has none of the documented forms. JSON is the default and XML is not requested,
    /// but an answer in XML is still better read than lost.
    pub(super) fn read(reply: &Reply) -> Option<Self> {
        reply.object().ok().or_else(|| Self::from_xml(reply.text()))
    }

    /// The XML form has no names: the verdict is its first, second and third element.
    fn from_xml(text: &str) -> Option<Self> {
        let document = roxmltree::Document::parse(text).ok()?;
        let mut entries = document.root_element().children().filter(|node| node.has_tag_name("entry"));
        // The texts may be in elements of their own.
        let text = |entry: roxmltree::Node<'_, '_>| {
            let texts = entry.descendants().filter_map(|node| node.text().filter(|_| node.is_text()));
            texts.map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
        };
        let mut next = || entries.next().map(text);
        serde_json::from_value(json!({"success": next(), "code": next(), "message": next()})).ok()
    }

    /// Returns whether there is a verdict.
    pub(super) fn is_present(&self) -> bool {
        self.success.0.is_some() || self.code.0.is_some()
    }

    /// Returns the reason of a rejection.
    pub(super) fn words(self) -> Option<String> {
        self.message.0.or(self.error.0).or(self.errors.0)
    }
}

/// The body of a POST, with the key in it.
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

/// Parses a time of SMSPartner's, which has no zone: Unix seconds in digits, or `2015-02-07 22:39:46` in the account's
/// zone.
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

    fn read(body: &str) -> Option<Verdict> {
        Verdict::read(&Reply::of(body.as_bytes()))
    }

    #[test]
    fn the_document_s_answers_mean_the_same_in_both_forms() {
        let taken = Verdict { success: Lenient(Some(true)), code: Lenient(Some(200)), ..Verdict::default() };
        for body in [
            r#"{ "success": true, "code":200 }"#,
            r#"{"success": "true", "code": "200", "message": null}"#,
            r#"{"success": 1, "code": 200}"#,
            "<?xml version='1.0' encoding='UTF-8'?>\n<result>\n  <entry>true</entry>\n  <entry>200</entry>\n</result>",
        ] {
            assert_eq!(read(body).as_ref(), Some(&taken), "{body}");
        }
        for body in [
            r#"{ "success": false, "code": 10, "message": "Clé API incorrecte" }"#,
            r#"{ "success": false, "code": 10, "message": ["Clé API incorrecte"] }"#,
            r#"{ "success": false, "code": 10, "errors": ["Clé API incorrecte"], "message": {} }"#,
            "<?xml version='1.0' encoding='UTF-8'?>
            <result> <entry>false</entry> <entry>10</entry> <entry>Clé API incorrecte</entry> </result>",
            "<result><entry>false</entry><entry>10</entry><entry> <entry>Clé API incorrecte</entry> </entry></result>",
        ] {
            let refused = read(body).expect(body);
            assert_eq!((refused.success.0, refused.code.0), (Some(false), Some(10)), "{body}");
            assert_eq!(refused.words().as_deref(), Some("Clé API incorrecte"), "{body}");
        }
    }

    #[test]
    fn a_verdict_survives_words_in_latin_1_and_contradicts_itself_where_it_is_there_twice() {
        for body in [
            &b"{\"success\": false, \"code\": 10, \"message\": \"Cl\xe9 incorrecte\"}"[..],
            b"<result><entry>false</entry><entry>10</entry><entry>Cl\xe9 incorrecte</entry></result>",
        ] {
            let refused = Verdict::read(&Reply::of(body)).expect("a verdict");
            assert_eq!((refused.success.0, refused.code.0), (Some(false), Some(10)));
            assert_eq!(refused.words().as_deref(), Some("Cl\u{fffd} incorrecte"));
        }
        let twice = read(r#"{"success": false, "success": true}"#).expect("a verdict");
        assert!(!twice.is_present());
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
    fn an_answer_without_a_verdict_is_rejected() {
        for body in ["", "OK", "<html>", "{\"success\": true", "\u{fffd}"] {
            assert_eq!(read(body), None, "{body}");
        }
        for body in ["{}", "[]", "<html></html>"] {
            assert_eq!(read(body), Some(Verdict::default()), "{body}");
        }
    }
}
