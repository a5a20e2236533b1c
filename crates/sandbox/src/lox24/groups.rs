//! Groups, which are phone lists: `/groups`. Built from third-hand facts.
//!
//! # Guesses
//!
//! - `GET /groups/{id}` exists: no page of the vendor's is known that describes it, but PUT and DELETE have this
//!   address.
//! - A PUT merges: omitted members stay, and null clears.
//! - Ids increase over the account, and lists are ordered by id. Two groups may have one name.
//! - Numbers sent with the group (`phones`) are ignored, and `deleted_at` is stored and never acted on.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Body, Lox24, Params, Problem, list, phones::Phones};

/// The group that a stand-in starts with.
pub(super) const FIRST: u64 = 24512;

/// The groups as they are returned, but for the count of their entries.
pub(super) struct Groups(BTreeMap<u64, Value>);

impl Groups {
    pub(super) fn new() -> Self {
        let nothing = Value::Null;
        let first = json!({
            "id": FIRST, "name": "My Clients", "description": nothing, "name_a": "prefix", "name_b": "name",
            "name_c": nothing, "name_d": nothing, "name_e": nothing, "deleted_at": nothing,
        });
        Self(BTreeMap::from([(FIRST, first)]))
    }

    /// Returns the group of an id in a path.
    pub(super) fn id(&self, id: &str) -> Result<u64, Problem> {
        let known = id.parse().ok().filter(|id| self.0.contains_key(id));
        known.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such group".to_owned()))
    }

    fn shown(&self, id: u64, phones: &Phones) -> Value {
        let mut group = self.0.get(&id).cloned().unwrap_or_default();
        group["count_items"] = json!(phones.of_group(id).count());
        group
    }
}

fn place(id: u64) -> String {
    format!("/groups/{id}")
}

/// The members that a POST or a PUT sets.
type Change = Body<Value>;

/// Returns the known members of a change, if it is valid.
fn checked(Body(change): Change) -> Result<Map<String, Value>, Problem> {
    let invalid = |text: String| Err(Problem(StatusCode::BAD_REQUEST, text));
    let unprocessable = |text: String| Err(Problem(StatusCode::UNPROCESSABLE_ENTITY, text));
    let Value::Object(mut change) = change else { return invalid("the body must be an object".to_owned()) };
    let longest = |field: &str| match field {
        "name" | "name_a" | "name_b" | "name_c" | "name_d" | "name_e" => Some(50),
        "description" => Some(255),
        "deleted_at" => Some(usize::MAX),
        _ => None,
    };
    change.retain(|field, _| longest(field).is_some());
    if change.get("name").is_none_or(Value::is_null) {
        return invalid("name is missing".to_owned());
    }
    for (field, value) in &change {
        let longest = longest(field).unwrap_or_default();
        let text = match value {
            Value::String(text) => text,
            Value::Null => continue,
            _ => return invalid(format!("{field} must be a string")),
        };
        if text.chars().count() > longest || (field == "name" && text.is_empty()) {
            return unprocessable(format!("{field} is empty or longer than {longest} characters"));
        }
        if field == "deleted_at" && text.parse::<jiff::Timestamp>().is_err() {
            return unprocessable("deleted_at must be a time".to_owned());
        }
    }
    Ok(change)
}

pub(super) async fn create(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Problem> {
    let change = checked(change)?;
    let store = &mut *lox24.state();
    let id = store.groups.0.keys().next_back().map_or(FIRST, |last| last + 1);
    let mut group = json!({
        "id": id, "description": null, "name_a": null, "name_b": null, "name_c": null, "name_d": null, "name_e": null,
        "deleted_at": null,
    });
    group.as_object_mut().into_iter().for_each(|group| group.extend(change.clone()));
    store.groups.0.insert(id, group);
    Ok(list::shown(&headers, StatusCode::CREATED, store.groups.shown(id, &store.phones), "Group", &place(id)))
}

pub(super) async fn look_up(
    State(lox24): State<Arc<Lox24>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let store = lox24.state();
    let id = store.groups.id(&id)?;
    Ok(list::shown(&headers, StatusCode::OK, store.groups.shown(id, &store.phones), "Group", &place(id)))
}

pub(super) async fn update(
    State(lox24): State<Arc<Lox24>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    change: Change,
) -> Result<Response, Problem> {
    let store = &mut *lox24.state();
    let id = store.groups.id(&id)?;
    let change = checked(change)?;
    let group = store.groups.0.get_mut(&id).and_then(Value::as_object_mut);
    group.into_iter().for_each(|group| group.extend(change.clone()));
    Ok(list::shown(&headers, StatusCode::OK, store.groups.shown(id, &store.phones), "Group", &place(id)))
}

/// Deletes a group and, as the vendor documents, its entries.
pub(super) async fn delete(State(lox24): State<Arc<Lox24>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let store = &mut *lox24.state();
    let id = store.groups.id(&id)?;
    store.groups.0.remove(&id);
    store.phones.forget_group(id);
    Ok(StatusCode::NO_CONTENT)
}

/// The parameters of a list.
#[derive(Deserialize)]
pub(super) struct PageParams {
    pub(super) page: Option<usize>,
}

pub(super) async fn list(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Params(PageParams { page }): Params<PageParams>,
) -> Result<Response, Problem> {
    let store = lox24.state();
    let all: Vec<_> = store.groups.0.keys().map(|id| store.groups.shown(*id, &store.phones)).collect();
    list::page(&headers, page, "/groups", all.iter())
}
