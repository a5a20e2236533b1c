//! The stop list.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::StopListEntry,
    request::{check::to_e164, names},
    vendors::kit::lenient::{self, Id, Lenient, required_id},
};

/// The answer to `GET /stop-sms/list`: all entries, as there are no pages. It also has its own count, `nbData`.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    pub(crate) data: lenient::List<Entry>,
}

/// One entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(deserialize_with = "required_id")]
    id: String,
    #[serde(default)]
    phone_number: Lenient<String>,
    #[serde(default)]
    created_at: Lenient<String>,
}

impl Entry {
    pub(crate) fn into_entry(self, account: &str, zone: &TimeZone) -> StopListEntry {
        StopListEntry {
            name: names::child(account, "stopListEntries", &self.id),
            phone_number: self.phone_number.0.map(to_e164).unwrap_or_default(),
            create_time: self.created_at.0.and_then(|text| time(&text, zone)),
            vendor_origin: String::new(),
        }
    }
}

/// The body of `POST /stop-sms/add`, beside the key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Add<'a> {
    pub(crate) phone_number: &'a str,
}

/// The answer to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Added {
    #[serde(default)]
    pub(crate) stop_id: Id,
}
