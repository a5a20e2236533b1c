//! The stand-in for SMSPartner. `GET /stop-sms/delete` is built from `004_48a65ac417e770c0.txt`; all else from what is
//! publicly known of this API beyond that document: third-hand facts, which may be wrong or out of date.
//!
//! | file | operations |
//! |---|---|
//! | `account.rs` | `GET /me` |
//! | `messages.rs` | `POST /send`, `GET /bulk-status`, `GET /message-cancel` |
//! | `contacts.rs` | `POST /contact/add` of one, `GET /contact/detail`, `POST /contact/update`, `POST /contact/delete` |
//! | `groups.rs` | `POST /group/add`, `GET /group/list`, `POST /group/delete` |
//! | `stop_list.rs` | `GET /stop-sms/list`, `POST /stop-sms/add`, `GET /stop-sms/delete` |
//!
//! It starts with the two entries of the document's samples on the stop list, 300 and 666. Every verdict is in the body
//! of an HTTP 200, in JSON or, for a deletion with `_format=xml`, in XML.
//!
//! # Guesses
//!
//! - The head of the document's page says `POST /stop-sms/add` for the deletion, its samples say `GET /stop-sms/delete`.
//!   The samples hold; the other address adds.
//! - An unknown parameter, member or `_format` is refused with HTTP 400 and code 9, which the vendor's other pages have
//!   for rules that are broken.
//! - A number that is on the stop list already is added once more, by another id: no code is known for it.
//! - A request with one number that is on the stop list is refused as a whole.
//! - A message is delivered the moment it leaves. A cancelled one has the state `ko`.
//! - Of two codes that both fit, such as those of a wrong date, hour or minute, the one that is sent is a guess.
//! - `nb_sms` counts the SMS to all numbers of a request.
//! - Times are those of Paris.
//! - A group is deleted by POST: the heads of the vendor's pages say DELETE, their samples POST.
//! - A list of groups says `"success": false`, as the vendor's only sample of one does.
//! - A group is deleted with its contacts. A contact's 404 is an unknown group when it is added, else an unknown contact.
//! - What an update leaves out stays as it was, an empty text takes it away, and the answer repeats what was told alone.
//! - The id of a group is a number, which is written as a text where the samples write it as one.
//! - The document gives one message, in French; the others are translations of its tables.

mod account;
mod contacts;
mod groups;
mod messages;
mod stop_list;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Service, StandIn, strict};
use contacts::Contacts;
use groups::Groups;
use messages::Messages;
use stop_list::StopList;

/// SMSPartner's line in the registry.
pub(super) const STAND_IN: StandIn =
    StandIn { name: "smspartner", base_path: "/v1", credentials: &[("api_key", API_KEY)], open };

const API_KEY: &str = "sandbox-api-key";

const CONTROL_HELP: &str = "\
GET    /_sandbox/stop-list        who is on the stop list, by id
POST   /_sandbox/stop-list        put somebody on it, as one who answers STOP: {\"phoneNumber\": \"+33...\"}
";

/// The vendor.
struct SmsPartner(Mutex<State>);

struct State {
    contacts: Contacts,
    groups: Groups,
    messages: Messages,
    stop_list: StopList,
}

impl SmsPartner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a request is refused.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: u16,
    message: &'static str,
}

impl Refusal {
    fn new(code: u16, message: &'static str) -> Self {
        Self { status: StatusCode::OK, code, message }
    }

    fn broken_rule(message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, ..Self::new(9, message) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        (status, Json(json!({"success": false, "code": code, "message": message}))).into_response()
    }
}

/// The answer to a request that was granted: the verdict and `members`.
fn granted(members: Value) -> Json<Value> {
    let mut body = json!({"success": true, "code": 200});
    if let (Value::Object(body), Value::Object(members)) = (&mut body, members) {
        body.extend(members);
    }
    Json(body)
}

fn open() -> Service {
    let (contacts, groups, messages) = Default::default();
    let state = State { contacts, groups, messages, stop_list: StopList::new() };
    let smspartner = Arc::new(SmsPartner(Mutex::new(state)));
    let api = Router::new()
        .route("/me", get(account::me))
        .route("/send", post(messages::send))
        .route("/bulk-status", get(messages::status))
        .route("/message-cancel", get(messages::cancel))
        .route("/contact/add", post(contacts::add))
        .route("/contact/detail", get(contacts::detail))
        .route("/contact/update", post(contacts::update))
        .route("/contact/delete", post(contacts::delete))
        .route("/group/add", post(groups::add))
        .route("/group/list", get(groups::list))
        .route("/group/delete", post(groups::delete))
        .route("/stop-sms/list", get(stop_list::list))
        .route("/stop-sms/add", post(stop_list::add))
        .route("/stop-sms/delete", get(stop_list::delete))
        .with_state(Arc::clone(&smspartner));
    let control = Router::new().route("/stop-list", get(stop_list::show).post(stop_list::stop)).with_state(smspartner);
    Service { api, control, control_help: CONTROL_HELP, expire_sessions: Box::new(|| {}) }
}

/// The parameters of a GET.
type Parameters = Result<Query<HashMap<String, String>>, QueryRejection>;

/// The parameters of a request that is signed and has none but `names`.
fn signed(parameters: Parameters, names: &[&str]) -> Result<HashMap<String, String>, Refusal> {
    let Query(mut parameters) = parameters.map_err(|_| Refusal::broken_rule("La requête est illisible"))?;
    let key = parameters.remove("apiKey");
    if parameters.keys().any(|name| !names.contains(&name.as_str())) {
        return Err(Refusal::broken_rule("Paramètre inconnu"));
    }
    check_key(key.as_deref())?;
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

/// The body of a request that is signed. That it has no member we do not know is for `T` to see to.
async fn signed_body<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let mut body: Map<String, Value> = strict::json(request)
        .await
        .map_err(|_| Refusal { status: StatusCode::BAD_REQUEST, ..Refusal::new(90, "JSON mal formé") })?;
    check_key(body.remove("apiKey").as_ref().and_then(Value::as_str))?;
    serde_json::from_value(body.into()).map_err(|_| Refusal::broken_rule("Paramètre inconnu"))
}

fn check_key(key: Option<&str>) -> Result<(), Refusal> {
    match key.filter(|key| !key.is_empty()) {
        None => Err(Refusal::new(1, "La clé API est requise")),
        Some(key) if key != API_KEY => Err(Refusal::new(10, "Clé API incorrecte")),
        Some(_) => Ok(()),
    }
}

/// Where the vendor is at home.
fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// A time as answers have it.
fn time_text(time: Timestamp) -> String {
    paris().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time as the answers about groups and contacts have it.
fn iso_text(time: Timestamp) -> String {
    time.to_zoned(paris()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Whether this is a number in one of the two forms that are taken: international, or French without the country.
fn is_number(text: &str) -> bool {
    let (digits, lengths) = match text.strip_prefix('+') {
        Some(digits) => (digits, 8..=15),
        None => (text, 10..=10),
    };
    lengths.contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.starts_with('0') != text.starts_with('+'))
}

#[cfg(test)]
mod tests;
