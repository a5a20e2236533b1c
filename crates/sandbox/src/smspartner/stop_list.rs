//! The stop list.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::control::Command;
use super::{Parameters, Refusal, SmsPartner, granted, is_number, signed, signed_body, time_text};

/// The numbers on the stop list, by id.
pub(super) struct StopList(BTreeMap<u64, Entry>);

struct Entry {
    number: String,
    created: Timestamp,
}

impl StopList {
    pub(super) fn new() -> Self {
        let mut list = Self(BTreeMap::new());
        for (id, number) in [(300, "+33612345300"), (666, "+33612345666")] {
            list.0.insert(id, Entry { number: number.to_owned(), created: Timestamp::now() });
        }
        list
    }

    /// Returns whether a number is on the list.
    pub(super) fn has(&self, number: &str) -> bool {
        self.0.values().any(|entry| entry.number == number)
    }

    pub(super) fn add(&mut self, number: String) -> u64 {
        let id = self.0.last_key_value().map_or(1, |(id, _)| id + 1);
        self.0.insert(id, Entry { number, created: Timestamp::now() });
        id
    }
}

/// `GET /stop-sms/list`
pub(super) async fn list(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    signed(parameters)?;
    let state = smspartner.state();
    let entry = |(id, Entry { number, created }): (&u64, &Entry)| json!({"id": id, "phoneNumber": number, "createdAt": time_text(*created)});
    let data: Vec<_> = state.stop_list.0.iter().map(entry).collect();
    Ok(granted(json!({"nbData": data.len(), "data": data})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    phone_number: Option<String>,
}

/// `POST /stop-sms/add`
pub(super) async fn add(State(smspartner): State<Arc<SmsPartner>>, request: Request) -> Result<Json<Value>, Refusal> {
    let Add { phone_number } = signed_body(request).await?;
    match phone_number.filter(|number| !number.is_empty()) {
        None => Err(Refusal::new(2, "Le numéro de téléphone est requis")),
        Some(number) if !is_number(&number) => Err(Refusal::new(9, "Le numéro de téléphone n'est pas valide")),
        Some(number) => Ok(granted(json!({"stopId": smspartner.state().stop_list.add(number)}))),
    }
}

/// `GET /stop-sms/delete`
pub(super) async fn delete(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let parameters = signed(parameters)?;
    let id = parameters.get("id").ok_or(Refusal::new(3, "L'identifiant du numéro est requis"))?;
    let removed = id.parse().ok().and_then(|id| smspartner.state().stop_list.0.remove(&id));
    removed.map(|_| granted(json!({}))).ok_or(Refusal::new(4, "L'identifiant du numéro est introuvable"))
}

/// Control: returns the numbers on the stop list.
pub(super) async fn show(State(smspartner): State<Arc<SmsPartner>>) -> Json<BTreeMap<u64, String>> {
    let state = smspartner.state();
    Json(state.stop_list.0.iter().map(|(id, entry)| (*id, entry.number.clone())).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Stop {
    phone_number: String,
}

/// Control: a recipient answers STOP.
pub(super) async fn stop(
    State(smspartner): State<Arc<SmsPartner>>,
    Command(Stop { phone_number }): Command<Stop>,
) -> (StatusCode, Json<Value>) {
    let id = smspartner.state().stop_list.add(phone_number);
    (StatusCode::CREATED, Json(json!({"id": id})))
}
