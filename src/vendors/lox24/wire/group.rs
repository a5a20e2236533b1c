//! Groups, which are phone lists, in requests and answers.

use prost_types::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::{Group, Lox24Group, group::VendorOptions},
    request::names,
    vendors::kit::lenient::{Lenient, required_id},
};

/// A group in a request: `POST /groups` and `PUT /groups/{id}`. Absent members are sent as null, so that they are
/// cleared whether LOX24 replaces or merges.
#[derive(Debug, Serialize)]
pub(in super::super) struct GroupBody {
    pub(in super::super) name: String,
    pub(in super::super) description: Option<String>,
    pub(in super::super) name_a: Option<String>,
    pub(in super::super) name_b: Option<String>,
    pub(in super::super) name_c: Option<String>,
    pub(in super::super) name_d: Option<String>,
    pub(in super::super) name_e: Option<String>,
    /// ISO 8601: one of the few times here that are not Unix seconds.
    pub(in super::super) deleted_at: Option<String>,
}

/// A group in an answer.
#[derive(Debug, Deserialize)]
pub(in super::super) struct StoredGroup {
    #[serde(deserialize_with = "required_id")]
    id: String,
    #[serde(default)]
    name: Lenient<String>,
    #[serde(default)]
    description: Lenient<String>,
    #[serde(default)]
    name_a: Lenient<String>,
    #[serde(default)]
    name_b: Lenient<String>,
    #[serde(default)]
    name_c: Lenient<String>,
    #[serde(default)]
    name_d: Lenient<String>,
    #[serde(default)]
    name_e: Lenient<String>,
    #[serde(default)]
    count_items: Lenient<i32>,
    #[serde(default)]
    deleted_at: Lenient<Timestamp>,
}

impl StoredGroup {
    /// Converts to a group of `account`.
    pub(in super::super) fn into_group(self, account: &str) -> Group {
        let Self { id, name, description, name_a, name_b, name_c, name_d, name_e, count_items, deleted_at } = self;
        let options = Lox24Group {
            name_a: name_a.0,
            name_b: name_b.0,
            name_c: name_c.0,
            name_d: name_d.0,
            name_e: name_e.0,
            delete_time: deleted_at.0,
        };
        Group {
            name: names::child(account, "groups", &id),
            display_name: name.0.unwrap_or_default(),
            description: description.0.unwrap_or_default(),
            contact_count: count_items.0,
            vendor_options: Some(VendorOptions::Lox24(options)),
            ..Group::default()
        }
    }
}
