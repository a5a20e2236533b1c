//! The entries of the phone lists: `PUT /phones/{id}` is built from the document `002_de933054f1a7e7ee.txt`, the rest from
//! third-hand facts.
//!
//! # Guesses
//!
//! - The document's text has lost the names of the answer's fields. The entry comes back with those of the request and
//!   `id`, `callback_data`, `subscribed_at`, `unsubscribed_at`, `unsubscribe_reason`; what is not set is null.
//! - A PUT merges: what it does not name stays. Half of the document's samples name the number alone.
//! - `phone` is required, for every sample has it. The lengths are those of the vendor's other pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::control::Command;
use super::{Lox24, Problem, groups, is_phone, list};

/// An entry of a group.
struct Phone {
    group: u64,
    /// As it is shown.
    entry: Map<String, Value>,
}

/// The entries. Ids count up over the account.
pub(super) struct Phones(BTreeMap<u64, Phone>);

impl Phones {
    /// With the document's entry, in the first group.
    pub(super) fn new() -> Self {
        let nothing = Value::Null;
        let entry = json!({
            "id": 12344, "phone": "+93701234500", "a": "Ms. ", "b": "Jones ", "c": nothing, "d": nothing, "e": nothing,
            "callback_data": nothing, "subscribed_at": 1_582_477_200, "unsubscribed_at": nothing,
            "unsubscribe_reason": nothing,
        });
        let entry = entry.as_object().cloned().unwrap_or_default();
        Self(BTreeMap::from([(12344, Phone { group: groups::FIRST, entry })]))
    }

    /// The entries of a group.
    pub(super) fn of_group(&self, group: u64) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.values().filter(move |phone| phone.group == group).map(|phone| &phone.entry)
    }

    pub(super) fn forget_group(&mut self, group: u64) {
        self.0.retain(|_, phone| phone.group != group);
    }
}

pub(super) async fn update(
    State(lox24): State<Arc<Lox24>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(change) = body.map_err(|error| Problem(StatusCode::BAD_REQUEST, error.body_text()))?;
    let mut store = lox24.state();
    let entry = id.parse().ok().and_then(|id: u64| store.phones.0.get_mut(&id));
    let Phone { entry, .. } = entry.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such phone".to_owned()))?;
    check(&change)?;
    entry.extend(change);

    Ok(list::shown(&headers, StatusCode::OK, entry.clone().into(), "Phone", &format!("/phones/{id}")))
}

/// Whether an entry may be changed like this.
fn check(change: &Map<String, Value>) -> Result<(), Problem> {
    let invalid = |text: String| Err(Problem(StatusCode::BAD_REQUEST, text));
    let senseless = |text: String| Err(Problem(StatusCode::UNPROCESSABLE_ENTITY, text));
    if !change.contains_key("phone") {
        return invalid("phone is missing".to_owned());
    }
    for (field, value) in change {
        let longest = match field.as_str() {
            "phone" => 30,
            "a" | "b" | "c" | "d" | "e" => 1530,
            "callback_data" => 36,
            _ => return invalid(format!("there is no field {field}")),
        };
        let text = match value {
            Value::String(text) => text,
            Value::Null if field != "phone" => continue,
            _ => return invalid(format!("{field} is no text")),
        };
        if text.chars().count() > longest {
            return senseless(format!("{field} is longer than {longest} characters"));
        }
        if field == "phone" && !is_phone(text) {
            return senseless("phone is no number".to_owned());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unsubscribe {
    id: u64,
    reason: u8,
}

/// Control: somebody unsubscribes by the link in a message.
pub(super) async fn unsubscribe(
    State(lox24): State<Arc<Lox24>>,
    Command(Unsubscribe { id, reason }): Command<Unsubscribe>,
) -> StatusCode {
    if !(1..=6).contains(&reason) {
        return StatusCode::BAD_REQUEST;
    }
    let mut store = lox24.state();
    let Some(Phone { entry, .. }) = store.phones.0.get_mut(&id) else {
        return StatusCode::NOT_FOUND;
    };
    entry.insert("unsubscribed_at".to_owned(), json!(jiff::Timestamp::now().as_second()));
    entry.insert("unsubscribe_reason".to_owned(), json!(reason));
    StatusCode::NO_CONTENT
}
