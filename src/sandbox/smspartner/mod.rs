//! The stand-in for SMSPartner, built from `004_48a65ac417e770c0.txt`: `GET /stop-sms/delete`.
//!
//! It starts with the two entries of the document's samples on the stop list, 300 and 666. Every verdict is in the body
//! of an HTTP 200, in JSON or, with `_format=xml`, in XML.
//!
//! # Guesses
//!
//! - The head of the document's page says `POST /stop-sms/add`, its samples say `GET /stop-sms/delete`: the head's way is
//!   refused with HTTP 405.
//! - An unknown parameter or `_format` is refused with HTTP 400 and code 9, which the vendor's other pages have for rules
//!   that are broken.
//! - The document gives one message, in French; the others are translations of its table.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::Command;
use super::{Service, StandIn};

/// SMSPartner's line in the registry.
pub(super) const STAND_IN: StandIn =
    StandIn { name: "smspartner", base_path: "/v1", credentials: &[("api_key", API_KEY)], open };

const API_KEY: &str = "sandbox-api-key";

const CONTROL_HELP: &str = "\
GET    /_sandbox/stop-list        who is on the stop list, by id
POST   /_sandbox/stop-list        put somebody on it, as one who answers STOP: {\"phoneNumber\": \"+33...\"}
";

/// The vendor: the numbers on the stop list, by id.
struct SmsPartner(Mutex<BTreeMap<u64, String>>);

impl SmsPartner {
    fn stop_list(&self) -> MutexGuard<'_, BTreeMap<u64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The verdict on a request.
struct Verdict {
    status: StatusCode,
    code: u16,
    message: Option<&'static str>,
}

impl Verdict {
    const DONE: Self = Self { status: StatusCode::OK, code: 200, message: None };

    fn refused(code: u16, message: &'static str) -> Self {
        Self { status: StatusCode::OK, code, message: Some(message) }
    }

    fn broken_rule(message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, ..Self::refused(9, message) }
    }

    fn into_response(self, xml: bool) -> Response {
        let Self { status, code, message } = self;
        let success = code == 200;
        if xml {
            let entries = [Some(success.to_string()), Some(code.to_string()), message.map(str::to_owned)];
            let entries: String = entries.iter().flatten().map(|entry| format!("<entry>{entry}</entry>")).collect();
            let body = format!("<?xml version='1.0' encoding='UTF-8'?>\n<result>{entries}</result>\n");
            return (status, [(header::CONTENT_TYPE, "text/xml; charset=UTF-8")], body).into_response();
        }
        let mut body = json!({"success": success, "code": code});
        if let Some(message) = message {
            body["message"] = json!(message);
        }
        (status, Json(body)).into_response()
    }
}

fn open() -> Service {
    let entries = [(300, "+33612345300"), (666, "+33612345666")].map(|(id, number)| (id, number.to_owned()));
    let smspartner = Arc::new(SmsPartner(Mutex::new(entries.into())));
    let wrong_method = async || StatusCode::METHOD_NOT_ALLOWED;
    let api = Router::new()
        .route("/stop-sms/delete", get(delete))
        .route("/stop-sms/add", axum::routing::any(wrong_method))
        .with_state(Arc::clone(&smspartner));
    let control = Router::new().route("/stop-list", get(list).post(stop)).with_state(smspartner);
    Service { api, control, control_help: CONTROL_HELP, expire_sessions: Box::new(|| {}) }
}

type Parameters = Result<Query<HashMap<String, String>>, QueryRejection>;

async fn delete(State(smspartner): State<Arc<SmsPartner>>, parameters: Parameters) -> Response {
    let Ok(Query(parameters)) = parameters else {
        return Verdict::broken_rule("La requête est illisible").into_response(false);
    };
    let xml = parameters.get("_format").is_some_and(|format| format == "xml");
    judge(&mut smspartner.stop_list(), &parameters).into_response(xml)
}

fn judge(stop_list: &mut BTreeMap<u64, String>, parameters: &HashMap<String, String>) -> Verdict {
    if parameters.keys().any(|name| !["apiKey", "id", "_format"].contains(&name.as_str())) {
        return Verdict::broken_rule("Paramètre inconnu");
    }
    if parameters.get("_format").is_some_and(|format| !["json", "xml"].contains(&format.as_str())) {
        return Verdict::broken_rule("Format inconnu");
    }
    let given = |name: &str| parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    match (given("apiKey"), given("id")) {
        (None, _) => Verdict::refused(1, "La clé API est requise"),
        (Some(key), _) if key != API_KEY => Verdict::refused(10, "Clé API incorrecte"),
        (_, None) => Verdict::refused(3, "L'identifiant du numéro est requis"),
        (_, Some(id)) => match id.parse().ok().and_then(|id| stop_list.remove(&id)) {
            Some(_) => Verdict::DONE,
            None => Verdict::refused(4, "L'identifiant du numéro est introuvable"),
        },
    }
}

/// Control: who is on the stop list.
async fn list(State(smspartner): State<Arc<SmsPartner>>) -> Json<BTreeMap<u64, String>> {
    Json(smspartner.stop_list().clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Stop {
    phone_number: String,
}

/// Control: somebody answers STOP.
async fn stop(
    State(smspartner): State<Arc<SmsPartner>>,
    Command(Stop { phone_number }): Command<Stop>,
) -> (StatusCode, Json<Value>) {
    let mut stop_list = smspartner.stop_list();
    let id = stop_list.last_key_value().map_or(1, |(id, _)| id + 1);
    stop_list.insert(id, phone_number);
    (StatusCode::CREATED, Json(json!({"id": id})))
}

#[cfg(test)]
mod tests;
