//! SMS: `POST /sms`, `GET /sms` and `/sms/{uuid}`, `POST /sms/ops/batch_cancel`. Built from third-hand facts.
//!
//! # Guesses
//!
//! - `sender_id`, `phone`, `text` and `service_code` are required. An unknown field, or one of the wrong type, is "invalid
//!   input" (400); a value of the wrong form or length is a "semantic error" (422).
//! - One part costs 0.05 (`direct`), 0.04 (`pro`) or 0.03 (`economy`), and is counted as the GSM standard does. Who has not
//!   enough for an SMS gets 402, and nothing is taken.
//! - An SMS without a time comes back with the time at which it was taken. It is new (0) in that answer, and handed to the
//!   operator (100) when it is next asked for, once its time has come. Reports come by the control API alone.
//! - A list is in ascending order unless it is said, and takes no filters but two of `created_at`.
//! - A cancellation takes the filter `uuid[]` alone, is refused without it, and stops what waits for its time (6000).
//! - `is_unicode` that is null is answered as what was chosen: true for a text beyond Latin-1. `text2speech` is refused,
//!   and with it `voice_lang`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::control::Command;
use super::account::amount;
use super::{Lox24, Problem, is_phone, list};

/// The SMS as they are shown, by their ids.
pub(super) type Messages = BTreeMap<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sms {
    sender_id: String,
    phone: String,
    text: String,
    service_code: String,
    #[serde(default)]
    delivery_at: u32,
    is_unicode: Option<bool>,
    callback_data: Option<String>,
    source: Option<i64>,
    #[serde(default)]
    is_text_deleted: bool,
}

impl Sms {
    fn is_unicode(&self) -> bool {
        self.is_unicode.unwrap_or_else(|| self.text.chars().any(|c| c > '\u{ff}'))
    }

    /// In how many parts it is sent.
    fn parts(&self) -> usize {
        let (units, alone, joined) = match self.is_unicode() {
            true => (self.text.encode_utf16().count(), 70, 67),
            // These of the GSM alphabet take two places.
            false => (self.text.chars().map(|c| if "^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum(), 160, 153),
        };
        if units <= alone { 1 } else { units.div_ceil(joined) }
    }

    /// What it costs, in hundredths of a cent.
    fn price(&self) -> Result<i64, Problem> {
        let part = match self.service_code.as_str() {
            "direct" => 500,
            "pro" => 400,
            "economy" => 300,
            _ => return Err(senseless("service_code is none of direct, pro and economy")),
        };
        Ok(part * self.parts() as i64)
    }

    fn check(&self) -> Result<(), Problem> {
        let longest = if self.is_unicode() { 670 } else { 1530 };
        let digits = self.sender_id.bytes().all(|byte| byte.is_ascii_digit());
        let sender = (1..=if digits { 15 } else { 11 }).contains(&self.sender_id.chars().count());
        for (right, words) in [
            (sender, "sender_id is neither a number of 15 digits nor a text of 11 characters"),
            (is_phone(&self.phone), "phone is no number"),
            ((1..=longest).contains(&self.text.chars().count()), "text is empty or too long"),
            (self.callback_data.as_ref().is_none_or(|data| data.chars().count() <= 36), "callback_data is too long"),
        ] {
            if !right {
                return Err(senseless(words));
            }
        }
        Ok(())
    }
}

fn senseless(words: &str) -> Problem {
    Problem(StatusCode::UNPROCESSABLE_ENTITY, words.to_owned())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub(super) async fn send(
    State(lox24): State<Arc<Lox24>>,
    body: Result<Json<Sms>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Json(sms) = body.map_err(|error| Problem(StatusCode::BAD_REQUEST, error.body_text()))?;
    sms.check()?;
    let price = sms.price()?;
    let mut store = lox24.state();
    if store.account.balance < price {
        return Err(Problem(StatusCode::PAYMENT_REQUIRED, "no funds left".to_owned()));
    }
    store.account.balance -= price;
    store.account.changed = jiff::Timestamp::now();
    let (uuid, created) = (Uuid::now_v7().to_string(), now());
    let at = if sms.delivery_at == 0 { created } else { i64::from(sms.delivery_at) };
    let shown = json!({
        "uuid": uuid, "text": sms.text, "sender_id": sms.sender_id, "phone": sms.phone, "delivery_at": at,
        "status_code": 0, "gateway_sent_at": null, "source": sms.source, "dlr_code": 0, "ip": "127.0.0.1",
        "created_at": created, "is_unicode": sms.is_unicode(), "iso2": "DE", "voice_lang": null,
        "parts_count": sms.parts(), "chars_count": sms.text.chars().count(), "callback_data": sms.callback_data,
        "bulk_id": null, "key_id": 1, "service_code": sms.service_code, "is_text_deleted": sms.is_text_deleted,
        "price": amount(price), "is_sent": false, "requests": 0, "clicks": 0,
    });
    store.messages.insert(uuid, shown.clone());
    Ok((StatusCode::CREATED, Json(shown)))
}

pub(super) async fn look_up(State(lox24): State<Arc<Lox24>>, Path(uuid): Path<String>) -> Result<Json<Value>, Problem> {
    let mut store = lox24.state();
    let sms = store.messages.get_mut(&uuid);
    let sms = sms.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "no such SMS".to_owned()))?;
    let now = now();
    if sms["status_code"] == 0 && sms["delivery_at"].as_i64().is_some_and(|at| at <= now) {
        (sms["status_code"], sms["gateway_sent_at"], sms["is_sent"]) = (json!(100), json!(now), json!(true));
    }
    Ok(Json(sms.clone()))
}

/// The filters and the order of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    page: Option<usize>,
    #[serde(rename = "_order[created_at]", default)]
    order: Order,
    #[serde(rename = "created_at[gte]")]
    from: Option<i64>,
    #[serde(rename = "created_at[lte]")]
    to: Option<i64>,
    #[serde(rename = "uuid[]")]
    uuid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Asc,
    Desc,
}

pub(super) async fn list(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    params: Result<Query<ListParams>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(params) = params.map_err(|error| Problem(StatusCode::BAD_REQUEST, error.body_text()))?;
    let store = lox24.state();
    let (from, to) = (params.from.unwrap_or(i64::MIN), params.to.unwrap_or(i64::MAX));
    let found = |sms: &&Value| {
        sms["created_at"].as_i64().is_some_and(|at| (from..=to).contains(&at))
            && params.uuid.as_ref().is_none_or(|uuid| sms["uuid"] == **uuid)
    };
    let mut all: Vec<_> = store.messages.values().filter(found).collect();
    if matches!(params.order, Order::Desc) {
        all.reverse();
    }
    list::page(&headers, params.page, "/sms", all.into_iter())
}

/// The filters of a cancellation. That there are none, no caller of ours may mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(rename = "uuid[]")]
    uuid: String,
}

pub(super) async fn cancel(
    State(lox24): State<Arc<Lox24>>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(Filter { uuid }) = filter.map_err(|error| Problem(StatusCode::BAD_REQUEST, error.body_text()))?;
    let mut store = lox24.state();
    let now = now();
    let waits = |sms: &&mut Value| sms["status_code"] == 0 && sms["delivery_at"].as_i64().is_some_and(|at| at > now);
    let cancelled = store.messages.get_mut(&uuid).filter(waits).map(|sms| sms["status_code"] = json!(6000));
    Ok(Json(json!({"affected_rows": i32::from(cancelled.is_some())})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    uuid: String,
    status_code: u16,
    dlr_code: u8,
}

/// Control: an operator reports what became of an SMS.
pub(super) async fn report(
    State(lox24): State<Arc<Lox24>>,
    Command(Report { uuid, status_code, dlr_code }): Command<Report>,
) -> StatusCode {
    let mut store = lox24.state();
    let Some(sms) = store.messages.get_mut(&uuid) else {
        return StatusCode::NOT_FOUND;
    };
    (sms["status_code"], sms["dlr_code"]) = (json!(status_code), json!(dlr_code));
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;
    use crate::sandbox::{Sandbox, tests::http_client};

    #[tokio::test]
    async fn what_is_unknown_too_long_or_not_paid_for_is_refused_and_costs_nothing() {
        let sandbox = Sandbox::start("lox24", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let call = async |request: reqwest::RequestBuilder| {
            let response = request.header("X-LOX24-AUTH-TOKEN", "1234567:sandbox-key").send().await.unwrap();
            (response.status().as_u16(), serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).unwrap())
        };
        let at = |path: &str| format!("{}{path}", sandbox.base_url());
        let good = json!({"sender_id": "me", "phone": "+4915112345601", "text": "Hi", "service_code": "economy"});
        for (field, value, status) in [
            ("order_id", json!("x"), 400),
            ("is_unicode", json!("true"), 400),
            ("text", Value::Null, 400),
            ("text", json!("x".repeat(1531)), 422),
            ("text", json!("Ж".repeat(671)), 422),
            ("sender_id", json!("1234567890123456"), 422),
            ("sender_id", json!("+4915112345"), 201),
            ("sender_id", json!("+49151123456"), 422),
            ("phone", json!("004915112345601"), 422),
            ("service_code", json!("text2speech"), 422),
            ("callback_data", json!("x".repeat(37)), 422),
        ] {
            let mut sms = good.clone();
            sms[field] = value;
            let request = http_client().post(at("/sms")).header("Content-Type", "application/json");
            assert_eq!(call(request.body(sms.to_string())).await.0, status, "{field}");
        }
        let (_, me) = call(http_client().get(at("/me"))).await;
        assert_eq!(me["balance_amount"], json!(120.07));
        assert_eq!(call(http_client().get(at("/sms/unheard-of"))).await.0, 404);
    }
}
