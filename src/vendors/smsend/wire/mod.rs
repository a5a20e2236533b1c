//! The JSON of smSend, and its reading. Pure: what goes in comes from the document `001_bf141f8c9eeb6530.txt`.

pub(super) mod account;
pub(super) mod alias;
pub(super) mod campaign;
pub(super) mod contact;
pub(super) mod group;
pub(super) mod inbox;
pub(super) mod message;
pub(super) mod purchase;
pub(super) mod stop_list;
pub(super) mod subaccount;

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use prost_types::Timestamp;
use serde::Deserialize;

use crate::{
    error::{Error, Reason},
    http::Reply,
    lenient::{Lenient, null_is_default},
    pb::{Credit, Quality},
};

/// The form of a time in requests and answers: `20161223101010`. Of the six that the document lists for requests, this is
/// the one that its examples use.
pub(super) const TIME: &str = "%Y%m%d%H%M%S";

/// The quality class of a message type; the document names three.
pub(super) fn quality(message_type: &str) -> Quality {
    match message_type {
        "N" => Quality::High,
        "L" => Quality::Medium,
        "LL" => Quality::Low,
        _ => Quality::Unspecified,
    }
}

/// What is left of a message type. Each operation has its own two words for it.
#[derive(Debug, Deserialize)]
pub(super) struct CreditEntry {
    #[serde(alias = "type", alias = "id", alias = "message-type")]
    message_type: String,
    #[serde(alias = "qty", alias = "amount")]
    quantity: Lenient<String>,
}

impl From<CreditEntry> for Credit {
    fn from(entry: CreditEntry) -> Self {
        Self {
            quality: quality(&entry.message_type).into(),
            message_type: entry.message_type,
            quantity: entry.quantity.0.map_or(0, |text| whole(&text)),
        }
    }
}

/// The whole part of a number, which credits should be.
fn whole(text: &str) -> i64 {
    text.parse().or_else(|_| text.split('.').next().unwrap_or_default().parse()).unwrap_or_default()
}

/// One page of a list. Each operation has its own word for the entries, and groups have one for the total too.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct List<T> {
    #[serde(
        default = "Vec::new",
        deserialize_with = "null_is_default",
        alias = "smshistory",
        alias = "srsmshistory",
        alias = "groups",
        alias = "alias",
        alias = "subaccount",
        alias = "purchases"
    )]
    pub(super) entries: Vec<T>,
    #[serde(default, alias = "Total")]
    pub(super) total: Lenient<i32>,
}

/// `result`, the word that most answers have.
#[derive(Debug, Deserialize)]
struct Verdict {
    result: Option<String>,
}

/// Refuses a 2xx answer whose `result` is not `OK`. No body, or the `""` that the document prints for none, is a yes.
pub(super) fn accepted(reply: Reply) -> Result<Reply, Error> {
    if unquoted(reply.text()?).is_empty() {
        return Ok(reply);
    }
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

/// A day of smSend's as `YYYY-MM-DD`: it writes days like that, or without the hyphens, or as a time. What is none of
/// these stays as it is; what is empty is nothing.
pub(super) fn day(text: String) -> Option<String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let date = match (digits, text.len()) {
        (true, 8) => Date::strptime("%Y%m%d", &text).ok(),
        (true, 14) => DateTime::strptime(TIME, &text).ok().map(DateTime::date),
        // A day with a time behind it.
        _ => text.get(..10).and_then(|day| Date::strptime("%Y-%m-%d", day).ok()),
    };
    (!text.is_empty()).then(|| date.map_or(text, |date| date.to_string()))
}

/// A time as smSend takes it, in whole seconds; `None` when it is none between the years 1 and 9999.
pub(super) fn time_text(time: &Timestamp, zone: &TimeZone) -> Option<String> {
    civil(time, zone).map(|civil| civil.strftime(TIME).to_string())
}

/// What a time to send at must be.
pub(super) const SCHEDULE: &str =
    "must be whole seconds between the years 1 and 9999, and not in the hour that the account's time_zone has twice";

/// A time to send at, in one of smSend's forms; `None` when smSend would take it for another.
pub(super) fn schedule_text(time: &Timestamp, zone: &TimeZone, form: &str) -> Option<String> {
    let civil = civil(time, zone).filter(|_| time.nanos == 0)?;
    let read_back = zone.to_zoned(civil).ok()?.timestamp();
    (read_back.as_second() == time.seconds).then(|| civil.strftime(form).to_string())
}

fn civil(time: &Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let timestamp = jiff::Timestamp::from_second(time.seconds).ok()?;
    let civil = zone.to_datetime(timestamp);
    let in_range = TimeZone::UTC.to_datetime(timestamp).year() > 0 && (0..1_000_000_000).contains(&time.nanos);
    (in_range && civil.year() > 0).then_some(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_send_at_that_would_be_read_as_another_is_none() {
        let rome = TimeZone::get("Europe/Rome").expect("a zone");
        let at = |seconds, nanos| schedule_text(&Timestamp { seconds, nanos }, &rome, TIME);
        // 2027-10-31, 02:30 comes twice: at 00:30 and at 01:30 UTC.
        assert_eq!(at(1_824_942_600, 0).as_deref(), Some("20271031023000"));
        for (seconds, nanos) in [(1_824_946_200, 0), (1_824_942_600, 1), (1_824_942_600, -5), (-62_135_596_801, 0)] {
            assert_eq!(at(seconds, nanos), None, "{seconds}.{nanos}");
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
    fn a_day_is_read_in_each_of_its_forms_and_kept_in_any_other() {
        for (text, expected) in [
            ("2017-05-11", Some("2017-05-11")),
            ("20170511", Some("2017-05-11")),
            ("20170511235959", Some("2017-05-11")),
            ("11/05/2017", Some("11/05/2017")),
            ("20171305", Some("20171305")),
            ("", None),
        ] {
            assert_eq!(day(text.to_owned()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_page_is_read_whatever_its_entries_are_called() {
        let groups: List<u8> = serde_json::from_str(r#"{"groups": [1, 2], "Total": "9"}"#).expect("groups");
        assert_eq!((groups.entries, groups.total.0), (vec![1, 2], Some(9)));
        let aliases: List<u8> = serde_json::from_str(r#"{"alias": null, "result": "OK"}"#).expect("aliases");
        assert_eq!((aliases.entries, aliases.total.0), (vec![], None));
    }
}
