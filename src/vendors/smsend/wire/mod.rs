//! The JSON of smSend, and its reading. Pure: what goes in comes from the document `001_bf141f8c9eeb6530.txt`.

pub(super) mod account;
pub(super) mod campaign;
pub(super) mod contact;
pub(super) mod inbox;
pub(super) mod message;

use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use serde::Deserialize;

use crate::{
    error::{Error, Reason},
    http::Reply,
    pb::Quality,
};

/// The form of a time in requests and answers: `20161223101010`. Of the six that the document lists for requests, this is
/// the one that its examples use.
const TIME: &str = "%Y%m%d%H%M%S";

/// The quality class of a message type; the document names three.
pub(super) fn quality(message_type: &str) -> Quality {
    match message_type {
        "N" => Quality::High,
        "L" => Quality::Medium,
        "LL" => Quality::Low,
        _ => Quality::Unspecified,
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

/// Refuses a 2xx answer that says no, where the document shows no body: it may be empty, or a text, and counts only when
/// it has a `result`.
pub(super) fn done(reply: Reply) -> Result<Reply, Error> {
    match serde_json::from_slice::<Verdict>(reply.body()) {
        Ok(_) => accepted(reply),
        Err(_) => Ok(reply),
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
    written(time, zone, TIME)
}

/// A time in one of smSend's forms.
fn written(time: &Timestamp, zone: &TimeZone, form: &str) -> Option<String> {
    let timestamp = jiff::Timestamp::from_second(time.seconds).ok()?;
    let civil = zone.to_datetime(timestamp);
    (civil.year() > 0).then(|| civil.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_zone() {
        let rome = TimeZone::get("Europe/Rome").expect("a zone");
        let summer = Timestamp { seconds: 1_467_360_000, nanos: 0 };
        assert_eq!(time_text(&summer, &rome).as_deref(), Some("20160701100000"));
        assert_eq!(time("20160701100000", &rome), Some(summer));
        assert_eq!((time("", &rome), time("2016", &rome)), (None, None));
        assert_eq!(time_text(&Timestamp { seconds: i64::MAX, nanos: 0 }, &rome), None);
    }
}
