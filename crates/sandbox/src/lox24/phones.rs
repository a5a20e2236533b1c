//! The entries of the phone lists: `PUT /phones/{id}` is built from the document, the rest from
//! third-hand facts.
//!
//! # Guesses
//!
//! - The document's text has lost the names of the answer's fields. The entry is returned with those of the request and
//!   `id`, `callback_data`, `subscribed_at`, `unsubscribed_at`, `unsubscribe_reason`; unset members are null.
//! - A PUT merges: omitted members stay. Half of the document's samples have the number alone.
//! - The entries of a group are paged and counted as all lists are; the vendor's page of them documents neither `page`
//!   nor a total.
//! - `phone` is required, for every sample has it. The lengths are those of the vendor's other pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::control::Command;
use super::groups::{self, PageParams};
use super::{Body, Lox24, Params, Problem, is_phone, list};

/// An entry of a group.
struct Phone {
    group: u64,
    /// As it is returned.
    entry: Map<String, Value>,
}

/// Returns an entry with nothing but its id.
fn blank(id: u64) -> Map<String, Value> {
    let empty =
        ["phone", "a", "b", "c", "d", "e", "callback_data", "subscribed_at", "unsubscribed_at", "unsubscribe_reason"];
    let members = empty.map(|field| (field.to_owned(), Value::Null));
    std::iter::once(("id".to_owned(), json!(id))).chain(members).collect()
}

/// The entries. Ids increase over the account.
pub(super) struct Phones(BTreeMap<u64, Phone>);

impl Phones {
    /// Creates the document's entry, in the first group.
    pub(super) fn new() -> Self {
        let mut entry = blank(12344);
        for (field, value) in [("phone", "+93701234500"), ("a", "Ms. "), ("b", "Jones ")] {
            entry.insert(field.to_owned(), json!(value));
        }
        entry.insert("subscribed_at".to_owned(), json!(1_582_477_200));
        Self(BTreeMap::from([(12344, Phone { group: groups::FIRST, entry })]))
    }

    /// Returns the entries of a group.
    pub(super) fn of_group(&self, group: u64) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.values().filter(move |phone| phone.group == group).map(|phone| &phone.entry)
    }

    pub(super) fn forget_group(&mut self, group: u64) {
        self.0.retain(|_, phone| phone.group != group);
    }
}

pub(super) async fn create(
    State(lox24): State<Arc<Lox24>>,
    Path(group): Path<String>,
    headers: HeaderMap,
    Body(change): Body<Value>,
) -> Result<Response, Problem> {
    let store = &mut *lox24.state();
    let group = store.groups.id(&group)?;
    let change = checked(change)?;
    let id = store.phones.0.keys().next_back().map_or(12344, |last| last + 1);
    let mut entry = blank(id);
    entry.extend(change);
    store.phones.0.insert(id, Phone { group, entry: entry.clone() });
    Ok(list::shown(&headers, StatusCode::CREATED, entry.into(), "Phone", &format!("/phones/{id}")))
}

pub(super) async fn list(
    State(lox24): State<Arc<Lox24>>,
    Path(group): Path<String>,
    headers: HeaderMap,
    Params(PageParams { page }): Params<PageParams>,
) -> Result<Response, Problem> {
    let store = lox24.state();
    let group = store.groups.id(&group)?;
    let all: Vec<_> = store.phones.of_group(group).cloned().map(Value::Object).collect();
    list::page(&headers, page, &format!("/groups/{group}/phones"), all.iter())
}

pub(super) async fn update(
    State(lox24): State<Arc<Lox24>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(change): Body<Value>,
) -> Result<Response, Problem> {
    let mut store = lox24.state();
    let entry = id.parse().ok().and_then(|id: u64| store.phones.0.get_mut(&id));
    let Phone { entry, .. } = entry.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such phone".to_owned()))?;
    entry.extend(checked(change)?);
    Ok(list::shown(&headers, StatusCode::OK, entry.clone().into(), "Phone", &format!("/phones/{id}")))
}

/// Returns the known members of a change, if it is valid.
fn checked(change: Value) -> Result<Map<String, Value>, Problem> {
    let invalid = |text: String| Err(Problem(StatusCode::BAD_REQUEST, text));
    let unprocessable = |text: String| Err(Problem(StatusCode::UNPROCESSABLE_ENTITY, text));
    let Value::Object(mut change) = change else { return invalid("the body must be an object".to_owned()) };
    let longest = |field: &str| match field {
        "phone" => Some(30),
        "a" | "b" | "c" | "d" | "e" => Some(1530),
        "callback_data" => Some(36),
        _ => None,
    };
    change.retain(|field, _| longest(field).is_some());
    if change.get("phone").is_none_or(Value::is_null) {
        return invalid("phone is missing".to_owned());
    }
    for (field, value) in &mut change {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null => continue,
            _ => return invalid(format!("{field} must be a string")),
        };
        let longest = longest(field).unwrap_or_default();
        if text.chars().count() > longest {
            return unprocessable(format!("{field} is longer than {longest} characters"));
        }
        if field == "phone" && !is_phone(&text) {
            return unprocessable("phone must be a phone number".to_owned());
        }
        *value = text.into();
    }
    Ok(change)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unsubscribe {
    id: u64,
    reason: u8,
}

/// Control: a recipient unsubscribes by the link in a message.
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
