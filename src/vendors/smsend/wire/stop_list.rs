//! The SMS blacklist: `GET /blacklist/sms`.
//!
//! The vendor's manual mentions a list in pages and prints no sample of it. So the list is any member of the answer
//! that is a list, as every list of smSend's has a name of its own. An entry is a string, or an object with the
//! parameter names of the two operations as members (`phoneNumber`, `number`, `origins`); for the time there is no such
//! hint, and the names are guesses. An answer without any number is not taken for an empty list.

use jiff::{civil::DateTime, tz::TimeZone};
use prost_types::Timestamp;
use serde_json::{Map, Value};

use super::time;
use crate::{
    api::pb::StopListEntry,
    request::check::{is_e164, to_e164},
};

/// The form of a time in the parameters of this operation.
const PARAMETER: &str = "%Y-%m-%d %H:%M:%S";

/// One page of the list.
#[derive(Debug, PartialEq)]
pub(crate) struct List {
    pub(crate) entries: Vec<StopListEntry>,
    pub(crate) total: Option<u64>,
}

impl List {
    /// Reads an answer; `None` if it is not a list of numbers.
    pub(crate) fn read(answer: Value, zone: &TimeZone) -> Option<Self> {
        let (list, total) = match answer {
            Value::Array(list) => (list, None),
            Value::Object(members) => {
                let total = members.get("total").or_else(|| members.get("Total")).and_then(number);
                // An empty one may be something else, such as the errors.
                let mut lists = members.into_iter().filter_map(|(_, value)| list(value)).collect::<Vec<_>>();
                lists.sort_by_key(Vec::is_empty);
                (lists.into_iter().next()?, total)
            }
            _ => return None,
        };
        let entries = list.iter().map(|value| entry(value, zone)).collect::<Option<_>>()?;
        Some(Self { entries, total })
    }
}

fn list(value: Value) -> Option<Vec<Value>> {
    if let Value::Array(list) = value { Some(list) } else { None }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn entry(value: &Value, zone: &TimeZone) -> Option<StopListEntry> {
    let none = Map::new();
    let members = value.as_object().unwrap_or(&none);
    let text = |names: &[&str]| names.iter().find_map(|name| scalar(members.get(*name)?));
    let phone = scalar(value).or_else(|| text(&["phoneNumber", "phone_number", "number"]))?;
    let phone_number = Some(to_e164(phone)).filter(|number| is_e164(number))?;
    Some(StopListEntry {
        // The manual has no id, and no operation that would take one.
        name: String::new(),
        phone_number,
        create_time: text(&["creationDate", "creation_date", "date"]).and_then(|text| either_time(&text, zone)),
        vendor_origin: text(&["origin"]).unwrap_or_default(),
    })
}

/// Returns a string, or a number as a string; `None` if empty.
fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Parses a time in the usual form of answers, or in that of this operation's parameters.
fn either_time(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    time(text, zone).or_else(|| {
        let civil = DateTime::strptime(PARAMETER, text).ok()?;
        let timestamp = zone.to_zoned(civil).ok()?.timestamp();
        Some(Timestamp { seconds: timestamp.as_second(), nanos: 0 })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> Option<List> {
        List::read(answer, &TimeZone::UTC)
    }

    fn of(number: &str) -> StopListEntry {
        StopListEntry { phone_number: number.to_owned(), ..StopListEntry::default() }
    }

    #[test]
    fn a_list_is_read_under_any_name_and_with_any_form_of_numbers() {
        let expected = || Some(List { entries: vec![of("+393471234567"), of("+393471234568")], total: Some(9) });
        for list in [
            json!(["+393471234567", "00393471234568"]),
            json!([{"phoneNumber": "393471234567"}, {"number": 393_471_234_568_u64, "id": null}]),
        ] {
            assert_eq!(read(json!({"result": "OK", "whatever": list, "Total": "9"})), expected());
            assert_eq!(read(list).map(|list| list.entries), expected().map(|list| list.entries));
        }
        let full = json!({"number": "+393471234567", "origin": "STOPSMS", "date": "2016-05-03 10:22:31"});
        let mut entry = of("+393471234567");
        entry.vendor_origin = "STOPSMS".to_owned();
        entry.create_time = Some(Timestamp { seconds: 1_462_270_951, nanos: 0 });
        assert_eq!(read(json!([full])).expect("a list").entries, [entry]);
    }

    #[test]
    fn an_answer_without_numbers_is_not_an_empty_list() {
        for answer in [json!({"result": "OK"}), json!(true), json!(null), json!([{}]), json!({"list": [null]})] {
            assert_eq!(read(answer.clone()), None, "{answer}");
        }
        assert_eq!(read(json!({"list": [], "total": 0})), Some(List { entries: vec![], total: Some(0) }));
    }
}
