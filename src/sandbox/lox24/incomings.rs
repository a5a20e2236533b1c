//! What people sent to us: `GET /incomings`. Built from third-hand facts.
//!
//! Nobody sends to a sandbox, so `POST /_sandbox/received` plays the sender.
//!
//! # Guesses
//!
//! - Unless `_order[received_at]` says so the newest is not first: the vendor's page says both. Of one second, the last to
//!   arrive counts as the newest.
//! - An unknown parameter is "invalid input" (400).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::control::Command;
use super::{Lox24, Problem, list};

/// The SMS as they are shown, oldest first.
pub(super) type Incomings = Vec<Value>;

/// What a list may be asked for.
#[derive(Default)]
struct Wanted {
    page: Option<usize>,
    newest_first: bool,
    /// What each member, by its name, must have in it.
    parts: Vec<(&'static str, String)>,
    /// Replies to which SMS; empty: all.
    replies_to: Vec<String>,
}

impl Wanted {
    fn parse(params: Vec<(String, String)>) -> Result<Self, String> {
        let mut wanted = Self::default();
        for (name, value) in params {
            match name.as_str() {
                "page" => wanted.page = Some(value.parse().map_err(|_| "page is no number".to_owned())?),
                "_order[received_at]" if ["asc", "desc"].contains(&&*value) => wanted.newest_first = value == "desc",
                "text" => wanted.parts.push(("text", value)),
                "from" => wanted.parts.push(("from", value)),
                "to" => wanted.parts.push(("to", value)),
                "msg_uuid" | "msg_uuid[]" => wanted.replies_to.push(value),
                _ => return Err(format!("there is no parameter {name} with such a value")),
            }
        }
        Ok(wanted)
    }

    fn has(&self, incoming: &Value) -> bool {
        let text = |name: &str| incoming[name].as_str().unwrap_or_default().to_lowercase();
        self.parts.iter().all(|(name, part)| text(name).contains(&part.to_lowercase()))
            && (self.replies_to.is_empty() || self.replies_to.contains(&text("msg_uuid")))
    }
}

pub(super) async fn show(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Query(params): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let wanted = Wanted::parse(params).map_err(|text| Problem(StatusCode::BAD_REQUEST, text))?;
    let store = lox24.state();
    let mut found: Vec<_> = store.incomings.iter().filter(|incoming| wanted.has(incoming)).collect();
    found.sort_by_key(|incoming| incoming["received_at"].as_i64());
    if wanted.newest_first {
        found.reverse();
    }
    list::page(&headers, wanted.page, "/incomings", found.into_iter())
}

/// An SMS that somebody sends to us.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incoming {
    to: String,
    from: String,
    text: String,
    /// The SMS that it replies to.
    msg_uuid: Option<String>,
    /// Since how many seconds it should have been here.
    #[serde(default)]
    late: i64,
}

/// Control: receives an SMS.
pub(super) async fn receive(
    State(lox24): State<Arc<Lox24>>,
    Command(Incoming { to, from, text, msg_uuid, late }): Command<Incoming>,
) -> Response {
    let uuid = Uuid::now_v7().to_string();
    let received_at = jiff::Timestamp::now().as_second().saturating_sub(late);
    let incoming =
        json!({"uuid": uuid, "to": to, "from": from, "text": text, "received_at": received_at, "msg_uuid": msg_uuid});
    lox24.state().incomings.push(incoming);
    (StatusCode::CREATED, Json(json!({"uuid": uuid}))).into_response()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use http::Method;

    use super::*;
    use crate::sandbox::{Sandbox, tests::http_client};

    #[tokio::test]
    async fn the_list_is_filtered_ordered_and_strict() {
        let sandbox = Sandbox::start("lox24", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        for (to, text, late, reply) in
            [("+491", "One", 0, None), ("+4912", "two", 60, Some("abc")), ("+4922", "three", 30, None)]
        {
            let body = json!({"to": to, "from": "+4930", "text": text, "late": late, "msg_uuid": reply});
            assert_eq!(sandbox.control(Method::POST, "/received", &body).await.0, 201);
        }
        let get = async |query: &str| {
            let url = format!("{}/incomings?{query}", sandbox.base_url());
            let request = http_client().get(url).header("X-LOX24-AUTH-TOKEN", "1234567:sandbox-key");
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let list: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
            let text = |entry: &Value| entry["text"].as_str().unwrap_or_default().to_owned();
            (
                status,
                list.as_array().map(|list| list.iter().map(text).collect::<Vec<_>>().join(" ")).unwrap_or_default(),
            )
        };
        for (query, status, texts) in [
            ("", 200, "two three One"),
            ("_order[received_at]=desc&page=1", 200, "One three two"),
            ("page=2", 200, ""),
            ("to=%2B491", 200, "two One"),
            ("text=ONE", 200, "One"),
            ("msg_uuid[]=abc&msg_uuid[]=def", 200, "two"),
            ("page=0", 400, ""),
            ("received_at[gte]=5", 400, ""),
            ("_order[received_at]=down", 400, ""),
        ] {
            assert_eq!(get(query).await, (status, texts.to_owned()), "{query}");
        }
    }
}
