//! SMS: `POST /sms` and `/sms/dryrun`, `GET /sms`, `GET` and `DELETE /sms/{uuid}`, `POST /sms/ops/batch_cancel` and
//! `/sms/ops/batch_delete`. Built from third-hand facts.
//!
//! # Guesses
//!
//! - `sender_id`, `phone`, `text` and `service_code` are required. A number is accepted as on the vendor's pages: with
//!   `+`, with `00`, with neither, or national, which is a German one here.
//! - The vendor's PHP client requests the deletion of the text by `is_delete_text`, the pages by `is_text_deleted`:
//!   both count.
//! - A dry run answers as the send would, and costs and stores nothing. It is reported as delivered at once.
//! - One part costs 0.05 (`direct` and `text2speech`), 0.04 (`pro`) or 0.03 (`economy`), and is counted as in the GSM
//!   standard. A balance below the price of an SMS is answered 402, and nothing is charged.
//! - An SMS without a time is returned with the time at which it was accepted. It is new (0) in that answer, and passed
//!   to the operator (100) at its next look-up, once its time has come. Reports come by the control API, or by themselves where the settings of the
//!   pushes have that; a failure is `dlr_code` 16.
//! - A list is ascending by default. A filter by any field of an SMS is one value or several, of which one
//!   must be equal (`text` must contain it), or the bounds `gt`, `gte`, `lt`, `lte` and `between`; others are ignored.
//! - A cancellation stops the matching SMS that are scheduled (6000), a deletion removes all matching. Without a
//!   filter both apply to all SMS of the account.
//! - `is_unicode` that is null is answered as what was chosen: true for a text beyond Latin-1.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::account::amount;
use super::pushes::DELIVERY_OK;
use super::{Body, Lox24, Params, Problem, is_phone, list};
use crate::control::Command;
use crate::push::{self, Pusher};

/// `dlr_code` of a failure.
const DELIVERY_REJECTED: u8 = 16;

/// The SMS as they are returned, by id.
pub(super) type Messages = BTreeMap<String, Value>;

#[derive(Deserialize)]
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
    voice_lang: Option<String>,
    #[serde(default)]
    is_text_deleted: bool,
    #[serde(default)]
    is_delete_text: bool,
}

impl Sms {
    fn is_unicode(&self) -> bool {
        self.is_unicode.unwrap_or_else(|| self.text.chars().any(|c| c > '\u{ff}'))
    }

    /// Returns the number of parts.
    fn parts(&self) -> usize {
        let (units, alone, joined) = match self.is_unicode() {
            true => (self.text.encode_utf16().count(), 70, 67),
            // These of the GSM alphabet count as two.
            false => (self.text.chars().map(|c| if "^{}\\[~]|€".contains(c) { 2 } else { 1 }).sum(), 160, 153),
        };
        if units <= alone { 1 } else { units.div_ceil(joined) }
    }

    /// Returns the price, in hundredths of a cent.
    fn price(&self) -> Result<i64, Problem> {
        let part = match self.service_code.as_str() {
            "direct" | "text2speech" | "text2speech_ssml" => 500,
            "pro" => 400,
            "economy" => 300,
            _ => return Err(unprocessable("service_code must be direct, pro, economy or text2speech")),
        };
        Ok(part * self.parts() as i64)
    }

    /// Returns the number with `+`.
    fn number(&self) -> Option<String> {
        let text = self.phone.as_str();
        let number = match (text.strip_prefix("00"), text.strip_prefix('0')) {
            _ if text.starts_with('+') => text.to_owned(),
            (Some(international), _) => format!("+{international}"),
            (None, Some(national)) => format!("+49{national}"),
            (None, None) => format!("+{text}"),
        };
        is_phone(&number).then_some(number)
    }

    fn check(&self) -> Result<(), Problem> {
        let longest = if self.is_unicode() { 670 } else { 1530 };
        let digits = self.sender_id.bytes().all(|byte| byte.is_ascii_digit());
        let sender = (1..=if digits { 15 } else { 11 }).contains(&self.sender_id.chars().count());
        for (right, words) in [
            (sender, "sender_id must be a number of at most 15 digits or a text of at most 11 characters"),
            (self.number().is_some(), "phone must be a phone number"),
            ((1..=longest).contains(&self.text.chars().count()), "text is empty or too long"),
            (self.callback_data.as_ref().is_none_or(|data| data.chars().count() <= 36), "callback_data is too long"),
        ] {
            if !right {
                return Err(unprocessable(words));
            }
        }
        Ok(())
    }
}

impl Sms {
    /// Creates an SMS, and returns its id too.
    fn shown(&self, price: i64) -> (String, Value) {
        let (uuid, created) = (Uuid::now_v7().to_string(), now());
        let at = if self.delivery_at == 0 { created } else { i64::from(self.delivery_at) };
        let shown = json!({
            "uuid": uuid, "text": self.text, "sender_id": self.sender_id, "phone": self.number(), "delivery_at": at,
            "status_code": 0, "gateway_sent_at": null, "source": self.source, "dlr_code": 0, "ip": "127.0.0.1",
            "created_at": created, "is_unicode": self.is_unicode(), "iso2": "DE", "voice_lang": self.voice_lang,
            "parts_count": self.parts(), "chars_count": self.text.chars().count(), "callback_data": self.callback_data,
            "bulk_id": null, "key_id": 1, "service_code": self.service_code,
            "is_text_deleted": self.is_text_deleted || self.is_delete_text,
            "price": amount(price), "is_sent": false, "requests": 0, "clicks": 0,
        });
        (uuid, shown)
    }
}

fn unprocessable(words: &str) -> Problem {
    Problem(StatusCode::UNPROCESSABLE_ENTITY, words.to_owned())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub(super) async fn send(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Body(sms): Body<Sms>,
) -> Result<Response, Problem> {
    sms.check()?;
    let price = sms.price()?;
    let mut store = lox24.state();
    if store.account.balance < price {
        return Err(Problem(StatusCode::PAYMENT_REQUIRED, "no funds left".to_owned()));
    }
    store.account.balance -= price;
    store.account.changed = jiff::Timestamp::now();
    let (uuid, shown) = sms.shown(price);
    store.messages.insert(uuid.clone(), shown.clone());
    if i64::from(sms.delivery_at) <= now() {
        push::ends_later(&lox24, &uuid, shown["phone"].as_str().unwrap_or_default());
    }
    Ok(list::shown(&headers, StatusCode::CREATED, shown, "Sms", &format!("/sms/{uuid}")))
}

pub(super) async fn dry_run(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Body(sms): Body<Sms>,
) -> Result<Response, Problem> {
    sms.check()?;
    let (uuid, shown) = sms.shown(sms.price()?);
    let mut delivered = shown.clone();
    (delivered["status_code"], delivered["dlr_code"]) = (json!(100), json!(DELIVERY_OK));
    lox24.push_report("sms.delivery.dryrun", &delivered);
    Ok(list::shown(&headers, StatusCode::CREATED, shown, "Sms", &format!("/sms/{uuid}")))
}

pub(super) async fn look_up(
    State(lox24): State<Arc<Lox24>>,
    Path(uuid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut store = lox24.state();
    let sms = store.messages.get_mut(&uuid).ok_or_else(unknown)?;
    let now = now();
    if sms["status_code"] == 0 && sms["delivery_at"].as_i64().is_some_and(|at| at <= now) {
        (sms["status_code"], sms["gateway_sent_at"], sms["is_sent"]) = (json!(100), json!(now), json!(true));
    }
    Ok(list::shown(&headers, StatusCode::OK, sms.clone(), "Sms", &format!("/sms/{uuid}")))
}

pub(super) async fn delete(State(lox24): State<Arc<Lox24>>, Path(uuid): Path<String>) -> Result<StatusCode, Problem> {
    lox24.state().messages.remove(&uuid).map(|_| StatusCode::NO_CONTENT).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem(StatusCode::NOT_FOUND, "no such SMS".to_owned())
}

/// Returns whether an SMS matches all filters of a query.
fn passes(sms: &Value, filters: &Map<String, Value>) -> bool {
    let is = |field: &Value, wanted: &Value| {
        let (field, wanted) = (text(field), text(wanted));
        field == wanted || matches!((&*field, &*wanted), ("true", "1") | ("false", "0"))
    };
    filters.iter().filter(|(name, _)| sms.get(name).is_some()).all(|(name, wanted)| match wanted {
        Value::Array(any) => any.iter().any(|wanted| is(&sms[name], wanted)),
        Value::Object(bounds) => bounds.iter().all(|(bound, limit)| within(sms[name].as_f64(), bound, &text(limit))),
        part if name == "text" => text(&sms[name]).contains(&text(part)),
        wanted => is(&sms[name], wanted),
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns whether a number is within a bound of a filter; an unknown bound has no effect.
fn within(number: Option<f64>, bound: &str, limit: &str) -> bool {
    let (from, to) = limit.split_once("..").unwrap_or((limit, limit));
    let (Some(number), Ok(from), Ok(to)) = (number, from.parse(), to.parse()) else { return false };
    match bound {
        "gt" => number > from,
        "gte" => number >= from,
        "lt" => number < to,
        "lte" => number <= to,
        "between" => (from..=to).contains(&number),
        _ => true,
    }
}

/// The parameters of a list.
#[derive(Deserialize)]
pub(super) struct ListParams {
    page: Option<usize>,
    #[serde(rename = "_order", default)]
    order: BTreeMap<String, Order>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    Asc,
    Desc,
}

pub(super) async fn list(
    State(lox24): State<Arc<Lox24>>,
    headers: HeaderMap,
    Params(ListParams { page, order }): Params<ListParams>,
    Params(filters): Params<Map<String, Value>>,
) -> Result<Response, Problem> {
    let store = lox24.state();
    let mut all: Vec<_> = store.messages.values().filter(|sms| passes(sms, &filters)).collect();
    if order.values().any(|order| *order == Order::Desc) {
        all.reverse();
    }
    list::page(&headers, page, "/sms", all.into_iter())
}

pub(super) async fn cancel(
    State(lox24): State<Arc<Lox24>>,
    Params(filters): Params<Map<String, Value>>,
) -> Json<Value> {
    let mut store = lox24.state();
    let now = now();
    let waits = |sms: &Value| sms["status_code"] == 0 && sms["delivery_at"].as_i64().is_some_and(|at| at > now);
    let mut affected = 0;
    for sms in store.messages.values_mut().filter(|sms| waits(sms) && passes(sms, &filters)) {
        sms["status_code"] = json!(6000);
        affected += 1;
    }
    Json(json!({"affected_rows": affected}))
}

pub(super) async fn delete_all(
    State(lox24): State<Arc<Lox24>>,
    Params(filters): Params<Map<String, Value>>,
) -> Json<Value> {
    let mut store = lox24.state();
    let before = store.messages.len();
    store.messages.retain(|_, sms| !passes(sms, &filters));
    Json(json!({"affected_rows": before - store.messages.len()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    uuid: String,
    status_code: u16,
    dlr_code: u8,
}

/// Control: an operator reports the state of an SMS.
pub(super) async fn report(
    State(lox24): State<Arc<Lox24>>,
    Command(Report { uuid, status_code, dlr_code }): Command<Report>,
) -> StatusCode {
    match lox24.change(&uuid, None, status_code, dlr_code) {
        true => StatusCode::NO_CONTENT,
        false => StatusCode::NOT_FOUND,
    }
}

impl Lox24 {
    /// Changes the state of an SMS, and pushes that. Returns whether there is such an SMS to the number, if one is given.
    fn change(&self, uuid: &str, to: Option<&str>, status_code: u16, dlr_code: u8) -> bool {
        let mut store = self.state();
        let sms = store.messages.get_mut(uuid);
        let Some(sms) = sms.filter(|sms| to.is_none_or(|to| sms["phone"] == to)) else { return false };
        (sms["status_code"], sms["dlr_code"]) = (json!(status_code), json!(dlr_code));
        self.push_report("sms.delivery", sms);
        true
    }
}

impl push::Messages for Lox24 {
    fn pusher(&self) -> &Pusher {
        &self.pusher
    }

    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool {
        self.change(message, to, 100, if delivered { DELIVERY_OK } else { DELIVERY_REJECTED })
    }
}

#[cfg(test)]
mod tests;
