//! Parses and builds the JSON of smSend. Pure: the unit tests' samples are the document's.

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
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::brand::Types;
use crate::{
    api::pb::Credit,
    error::{Error, Reason},
    vendors::kit::{
        Effect, Reply,
        lenient::{self, Id, Lenient},
    },
};

/// The format of times in requests and answers: `20161223101010`. Of the six that the document lists for requests, this
/// is the one in its examples.
pub(super) const TIME: &str = "%Y%m%d%H%M%S";

/// The remaining credits of a message type. Each operation has its own two member names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct CreditEntry {
    r#type: Lenient<String>,
    id: Lenient<String>,
    message_type: Lenient<String>,
    quantity: Lenient<String>,
    qty: Lenient<String>,
    amount: Lenient<String>,
}

impl CreditEntry {
    pub(super) fn into_credit(self, types: &Types) -> Credit {
        let message_type = self.r#type.or(self.id).or(self.message_type).0.unwrap_or_default();
        let quantity = self.quantity.or(self.qty).or(self.amount).0.map_or(0, |text| whole(&text));
        Credit { quality: types.class(&message_type).into(), message_type, quantity }
    }
}

/// Returns the whole part of a number: credits should be whole.
fn whole(text: &str) -> i64 {
    text.parse().or_else(|_| text.split(['.', ',']).next().unwrap_or_default().parse()).unwrap_or_default()
}

/// One page of a list. Each operation has its own member name for the entries, and groups also for the total.
#[derive(Debug, Deserialize)]
#[serde(default, bound = "T: DeserializeOwned")]
pub(super) struct List<T> {
    smshistory: Option<lenient::List<T>>,
    srsmshistory: Option<lenient::List<T>>,
    groups: Option<lenient::List<T>>,
    alias: Option<lenient::List<T>>,
    subaccount: Option<lenient::List<T>>,
    purchases: Option<lenient::List<T>>,
    total: Lenient<i32>,
    #[serde(rename = "Total")]
    groups_total: Lenient<i32>,
    result: Lenient<String>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            smshistory: None,
            srsmshistory: None,
            groups: None,
            alias: None,
            subaccount: None,
            purchases: None,
            total: Lenient(None),
            groups_total: Lenient(None),
            result: Lenient(None),
        }
    }
}

impl<T> List<T> {
    /// Returns the number of entries on all pages.
    pub(super) fn total(&self) -> Option<i32> {
        self.total.0.or(self.groups_total.0)
    }

    /// Returns the entries; `None` if the answer is neither a list nor an acceptance.
    pub(super) fn entries(self) -> Option<lenient::List<T>> {
        let lists = [self.smshistory, self.srsmshistory, self.groups, self.alias, self.subaccount, self.purchases];
        let list = lists.into_iter().flatten().next();
        list.or_else(|| self.result.0.is_some().then(lenient::List::default))
    }
}

/// The member `result` of most answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Verdict {
    result: Said,
}

/// The verdict of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No(String),
    /// There is no `result`, or it is not a string.
    #[default]
    Nothing,
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Id::deserialize(deserializer)?.0 {
            Some(text) if text.trim().eq_ignore_ascii_case("OK") => Self::Yes,
            Some(text) => Self::No(text),
            None => Self::Nothing,
        })
    }
}

impl Said {
    /// Checks that the answer is an acceptance.
    ///
    /// # Errors
    /// The rejection, or OUTCOME_UNKNOWN for a write without a verdict. The document prints answers to reads that have
    /// none.
    pub(super) fn expect_accepted(self, reply: &Reply) -> Result<(), Error> {
        match self {
            Self::Yes => Ok(()),
            Self::Nothing if reply.effect() == Effect::Read => Ok(()),
            Self::Nothing => Err(reply.unreadable("it has no result")),
            Self::No(text) => {
                let message = "smSend rejected the request; see vendor_message";
                Err(reply.refused(Reason::VendorRefused, message, &text))
            }
        }
    }
}

/// Rejects a 2xx answer whose `result` is not `OK`. No body, or the `""` that the document prints for none, is an
/// acceptance.
pub(super) fn accepted(reply: Reply) -> Result<Reply, Error> {
    if unquoted(reply.text()).is_empty() { Ok(reply) } else { accepted_by_result(reply) }
}

/// As [`accepted`], where the document prints a `result`.
pub(super) fn accepted_by_result(reply: Reply) -> Result<Reply, Error> {
    reply.object::<Verdict>()?.result.expect_accepted(&reply)?;
    Ok(reply)
}

/// Returns whether a rejection has smSend's own text.
pub(super) fn has_words(reply: &Reply) -> bool {
    matches!(reply.object(), Ok(Verdict { result: Said::No(_) }))
}

/// Returns the reason of smSend's rejection: `result` of a JSON answer, else the text as it is. Login errors are plain
/// text.
pub(super) fn failure_text(reply: &Reply) -> String {
    reply.words(&["result"])
}

/// Parses `true` or `false` as plain text, with or without the quotes that the document prints.
pub(super) fn boolean(reply: &Reply) -> Result<bool, Error> {
    match unquoted(reply.text()) {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(reply.unreadable("it is neither true nor false")),
    }
}

/// Returns a text without surrounding quotes.
pub(super) fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// Parses a time of smSend's; `None` if invalid, such as the empty date of a message in flight.
pub(super) fn time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let time = DateTime::strptime(TIME, text).ok()?;
    let timestamp = zone.to_zoned(time).ok()?.timestamp();
    Some(Timestamp { seconds: timestamp.as_second(), nanos: 0 })
}

/// Returns a day of smSend's as `YYYY-MM-DD`: smSend writes days like that, or without the hyphens, or as a time.
/// Anything else stays as it is; empty becomes `None`.
pub(super) fn day(text: String) -> Option<String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let date = match (digits, text.len()) {
        (true, 8) => Date::strptime("%Y%m%d", &text).ok(),
        (true, 14) => DateTime::strptime(TIME, &text).ok().map(DateTime::date),
        // A day followed by a time.
        _ => text.get(..10).and_then(|day| Date::strptime("%Y-%m-%d", day).ok()),
    };
    (!text.is_empty()).then(|| date.map_or(text, |date| date.to_string()))
}

/// Formats a time for smSend, in whole seconds; `None` outside the years 1 to 9999.
pub(super) fn time_text(time: &Timestamp, zone: &TimeZone) -> Option<String> {
    civil(time, zone).map(|civil| civil.strftime(TIME).to_string())
}

/// The requirements for a send time, as an error text.
pub(super) const SCHEDULE: &str = "must be whole seconds between the years 1 and 9999, and not in the hour that \
                                    occurs twice in the account's time_zone";

/// Formats a send time in one of smSend's forms; `None` if smSend would interpret it as another time.
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
    use super::{super::brand::SMSEND, *};
    use crate::api::pb::Quality;

    #[test]
    fn an_ambiguous_send_time_is_rejected() {
        let rome = TimeZone::get("Europe/Rome").expect("a zone");
        let at = |seconds, nanos| schedule_text(&Timestamp { seconds, nanos }, &rome, TIME);
        // 2027-10-31, 02:30 occurs twice: at 00:30 and at 01:30 UTC.
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
        let read = |json: &str| {
            let list: List<u8> = serde_json::from_str(json).expect(json);
            (list.total(), list.entries().map(|list| list.0))
        };
        assert_eq!(read(r#"{"groups": [1, "x"], "Total": "9", "total": null}"#), (Some(9), Some(vec![Some(1), None])));
        assert_eq!(read(r#"{"alias": null, "result": "OK"}"#), (None, Some(vec![])));
        assert_eq!(read(r#"{"error": "upstream timeout"}"#), (None, None));
    }

    #[test]
    fn a_credit_has_many_spellings_which_may_stand_side_by_side() {
        for json in [
            r#"{"type": "N", "quantity": 5}"#,
            r#"{"id": "N", "qty": "5.0", "type": "N", "quantity": 5}"#,
            r#"{"message-type": "N", "amount": "5,0", "type": {}, "qty": []}"#,
        ] {
            let credit = serde_json::from_str::<CreditEntry>(json).expect(json).into_credit(&SMSEND.types);
            assert_eq!((credit.quality(), credit.quantity), (Quality::High, 5), "{json}");
        }
    }
}
