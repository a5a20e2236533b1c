//! Received SMS: `GET /incomings`. Built from third-hand facts.
//!
//! A sandbox has no outside senders, so `POST /_sandbox/received` acts as one.
//!
//! # Guesses
//!
//! - Without `_order[received_at]` the oldest is first: the vendor's page is contradictory. Within one second, the last
//!   to arrive counts as the newest.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::messages::Order;
use super::{Lox24, Params, Problem, list};
use crate::control::Command;

/// The SMS as they are returned, oldest first.
pub(super) type Incomings = Vec<Value>;

/// The parameters of a list.
#[derive(Deserialize)]
pub(super) struct Wanted {
    page: Option<usize>,
    #[serde(rename = "_order", default)]
    order: BTreeMap<String, Order>,
    text: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// The SMS that were replied to: one or several.
    msg_uuid: Option<Value>,
}

impl Wanted {
    fn has(&self, incoming: &Value) -> bool {
        let text = |name: &str| incoming[name].as_str().unwrap_or_default().to_lowercase();
        let parts = [("text", &self.text), ("from", &self.from), ("to", &self.to)];
        parts.iter().all(|(name, part)| part.as_ref().is_none_or(|part| text(name).contains(&part.to_lowercase())))
            && match &self.msg_uuid {
                None => true,
                Some(Value::Array(any)) => any.contains(&incoming["msg_uuid"]),
                Some(one) => *one == incoming["msg_uuid"],
            }
    }
}

pub(super) async fn show(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let store = lox24.state();
    let mut found: Vec<_> = store.incomings.iter().filter(|incoming| wanted.has(incoming)).collect();
    found.sort_by_key(|incoming| incoming["received_at"].as_i64());
    if wanted.order.values().any(|order| *order == Order::Desc) {
        found.reverse();
    }
    list::page(&headers, wanted.page, "/incomings", found.into_iter())
}

/// An incoming SMS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incoming {
    to: String,
    from: String,
    text: String,
    /// The SMS that was replied to.
    msg_uuid: Option<String>,
    /// The age of the SMS in seconds.
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
    lox24.push_received(&incoming);
    lox24.state().incomings.push(incoming);
    (StatusCode::CREATED, Json(json!({"uuid": uuid}))).into_response()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use http::Method;

    use super::*;
    use crate::{Sandbox, tests::http_client};

    #[tokio::test]
    async fn the_list_is_filtered_and_ordered() {
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
            ("msg_uuid%5B0%5D=abc&unheard_of=1", 200, "two"),
            ("_order[received_at]=down", 400, ""),
        ] {
            assert_eq!(get(query).await, (status, texts.to_owned()), "{query}");
        }
    }
}
