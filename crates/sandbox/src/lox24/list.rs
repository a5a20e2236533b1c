//! How lists are shown, page by page. Built from third-hand facts.
//!
//! # Guesses
//!
//! - A page has 30 entries: how many is nowhere said, only that `page` counts from 1. One beyond the last is empty.
//! - The next page is told as an address, which nobody here follows.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Problem;

/// How many entries a page has.
const SIZE: usize = 30;

/// Whether the caller asks for JSON-LD. Plain JSON is answered to all others.
pub(super) fn is_linked(headers: &HeaderMap) -> bool {
    let asks = |accept: &str| accept.to_ascii_lowercase().contains("application/ld+json");
    headers.get_all(header::ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(asks))
}

/// An answer in the form that the caller asks for: `kind` and `place` are its type and its address as JSON-LD.
pub(super) fn shown(headers: &HeaderMap, status: StatusCode, mut entry: Value, kind: &str, place: &str) -> Response {
    let linked = is_linked(headers);
    if linked && let Some(entry) = entry.as_object_mut() {
        entry.insert("@id".to_owned(), json!(place));
        entry.insert("@type".to_owned(), json!(kind));
    }
    answer(linked, status, &entry)
}

/// One page of all that there is.
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
