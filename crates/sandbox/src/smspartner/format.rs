//! The format of the answers: JSON, or XML without member names, as `_format` requests.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::Value;

use super::super::read;

/// Answers in the format that the query or the body requests, in any letter case: the document has `JSON` and `XML`.
pub(super) async fn answer(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // The server has a limit, and has read the body already.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let of_body = || serde_json::from_slice::<Value>(&body).ok()?.get("_format").cloned();
    let format = read::parameters(&parts.uri).remove("_format").or_else(of_body);
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    match format.as_ref().and_then(Value::as_str) {
        Some(format) if format.eq_ignore_ascii_case("xml") => xml(answer).await,
        _ => answer,
    }
}

async fn xml(answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(value) = serde_json::from_slice::<Value>(&body) else {
        return Response::from_parts(head, Body::from(body));
    };
    let body = format!("<?xml version='1.0' encoding='UTF-8'?>\n<result>{}</result>\n", entries(&value));
    (head.status, [(header::CONTENT_TYPE, "text/xml; charset=UTF-8")], body).into_response()
}

/// Returns the content of an element: a text, or an entry for each member in order, the verdict first.
fn entries(value: &Value) -> String {
    let entry = |value: &Value| format!("<entry>{}</entry>", entries(value));
    match value {
        Value::Object(members) => {
            const FIRST: [&str; 2] = ["success", "code"];
            let first = FIRST.iter().filter_map(|name| members.get(*name));
            let rest = members.iter().filter(|(name, _)| !FIRST.contains(&name.as_str())).map(|(_, value)| value);
            first.chain(rest).map(entry).collect()
        }
        Value::Array(items) => items.iter().map(entry).collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Value::Null => String::new(),
        scalar => scalar.to_string(),
    }
}
