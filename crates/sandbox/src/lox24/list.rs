//! Pages of lists. Built from third-hand facts.
//!
//! # Guesses
//!
//! - A page has 30 entries: the size is not documented, only that `page` counts from 1. One beyond the last is empty.
//! - The next page is an address, which no client here follows.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Problem;

/// The number of entries on a page.
const SIZE: usize = 30;

/// Returns whether the caller accepts JSON-LD. All others are answered in plain JSON.
pub(super) fn is_linked(headers: &HeaderMap) -> bool {
    let asks = |accept: &str| accept.to_ascii_lowercase().contains("application/ld+json");
    headers.get_all(header::ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(asks))
}

/// Builds an answer in the form that the caller accepts: `kind` and `place` are its type and its address in JSON-LD.
pub(super) fn shown(headers: &HeaderMap, status: StatusCode, mut entry: Value, kind: &str, place: &str) -> Response {
    let linked = is_linked(headers);
    if linked && let Some(entry) = entry.as_object_mut() {
        entry.insert("@id".to_owned(), json!(place));
        entry.insert("@type".to_owned(), json!(kind));
    }
    answer(linked, status, &entry)
}

/// Returns one page of all entries.
pub(super) fn page<'a>(
    headers: &HeaderMap,
    number: Option<usize>,
    place: &str,
    all: impl ExactSizeIterator<Item = &'a Value>,
) -> Result<Response, Problem> {
    let number = number.unwrap_or(1);
    let before = number.checked_sub(1).and_then(|before| before.checked_mul(SIZE));
    let before = before.ok_or_else(|| Problem(StatusCode::BAD_REQUEST, "there is no such page".to_owned()))?;
    let total = all.len();
    let entries: Vec<_> = all.skip(before).take(SIZE).collect();
    let linked = is_linked(headers);
    let list = match linked {
        false => json!(entries),
        true => {
            let mut view = json!({"@id": format!("{place}?page={number}"), "@type": "hydra:PartialCollectionView"});
            if before + SIZE < total {
                view["hydra:next"] = json!(format!("{place}?page={}", number + 1));
            }
            json!({
                "@id": place, "@type": "hydra:Collection", "hydra:totalItems": total, "hydra:member": entries,
                "hydra:view": view,
            })
        }
    };
    Ok(answer(linked, StatusCode::OK, &list))
}

fn answer(linked: bool, status: StatusCode, body: &Value) -> Response {
    let content_type = if linked { "application/ld+json" } else { "application/json" };
    (status, [(header::CONTENT_TYPE, content_type)], body.to_string()).into_response()
}
