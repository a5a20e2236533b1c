//! The stand-in for SMSPartner. `GET /stop-sms/delete` is built from the vendor's document; the rest from what is
//! publicly known of this API beyond that document: third-hand facts, which may be wrong or out of date.
//!
//! | file | operations |
//! |---|---|
//! | `account.rs` | `GET /me` |
//! | `send.rs` | `POST /send`, `/bulk-send`, `/vn/send` |
//! | `messages.rs` | `GET /message-status`, `POST /multi-status`, `GET /bulk-status`, `GET /message-cancel` |
//! | `format.rs` | `_format` of all of them |
//! | `contacts.rs` | `POST /contact/add` of one, `GET /contact/detail`, `POST /contact/update`, `POST /contact/delete` |
//! | `groups.rs` | `POST /group/add`, `GET /group/list`, `POST /group/delete` |
//! | `pushes.rs` | replies, STOPs and delivery reports |
//! | `stop_list.rs` | `GET /stop-sms/list`, `POST /stop-sms/add`, `GET /stop-sms/delete` |
//!
//! It starts with the two entries of the document's samples on the stop list, 300 and 666. Every verdict is in the body
//! of an HTTP 200, in JSON or, with the `_format` XML, in XML.
//!
//! # Guesses
//!
//! - The head of the document's page has `POST /stop-sms/add` for the deletion, its samples have `GET
//!   /stop-sms/delete`. The samples are followed; the other address adds.
//! - An unknown parameter or member is ignored, and another `_format` means JSON. A member of the wrong type is
//!   rejected with HTTP 400 and code 9, which the vendor's other pages have for violated rules; its text is in
//!   `message` and, as the vendor's clients read it, in `error`.
//! - The key is in the query of a GET and in the body of a POST; in the query of a POST it is accepted as well.
//! - A number that is on the stop list already is added once more, by another id: no code is known for it.
//! - A request with one number that is on the stop list is rejected as a whole.
//! - A message is delivered the moment it is sent, unless the settings of the pushes let messages end later: until then it
//!   is `Waiting`. A cancelled one has the state `ko`.
//! - Of two codes that both apply, such as those of a wrong date, hour or minute, the one that is sent is a guess.
//! - `nb_sms` counts the SMS to all numbers of a request.
//! - Times are those of Paris.
//! - A group is deleted by POST and by DELETE: the heads of the vendor's pages have DELETE, their samples POST.
//! - A list of groups has `"success": false`, as the vendor's only sample of one does.
//! - A group is deleted with its contacts. A contact's 404 is an unknown group when it is added, else an unknown
//!   contact.
//! - Members omitted from an update stay, an empty text clears, and the answer has only the members of the request.
//! - The id of a group is a number, which is written as a string where the samples write it as one.
//! - The document has one message, in French; the others are translations of its tables.

mod account;
mod contacts;
mod format;
mod groups;
mod messages;
mod pushes;
mod send;
mod stop_list;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{FromRequestParts, Request};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::push::{self, Pusher};
use super::{Service, StandIn, read};
use contacts::Contacts;
use groups::Groups;
use messages::Messages;
use stop_list::StopList;

/// SMSPartner's entry in the registry.
pub(super) const STAND_IN: StandIn =
    StandIn { name: "smspartner", base_path: "/v1", credentials: &[("api_key", API_KEY)], open };

const API_KEY: &str = "sandbox-api-key";

const CONTROL_HELP: &str = "\
GET    /_sandbox/stop-list        who is on the stop list, by id
POST   /_sandbox/stop-list        put somebody on it, as one who answers STOP: {\"phoneNumber\": \"+33...\"}
";

/// The vendor.
struct SmsPartner {
    state: Mutex<State>,
    pusher: Pusher,
}

struct State {
    contacts: Contacts,
    groups: Groups,
    messages: Messages,
    stop_list: StopList,
}

impl SmsPartner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a request is rejected.
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
        let mut body = json!({"success": false, "code": code, "message": message});
        if code == 9 {
            body["error"] = json!([{"message": message}]);
        }
        (status, Json(body)).into_response()
    }
}

/// Builds the answer to an accepted request: the verdict and `members`.
fn granted(members: Value) -> Json<Value> {
    let mut body = json!({"success": true, "code": 200});
    if let (Value::Object(body), Value::Object(members)) = (&mut body, members) {
        body.extend(members);
    }
    Json(body)
}

fn open(pusher: Pusher) -> Service {
    let (contacts, groups, messages) = Default::default();
    let state = State { contacts, groups, messages, stop_list: StopList::new() };
    let smspartner = Arc::new(SmsPartner { state: Mutex::new(state), pusher });
    let api = Router::new()
        .route("/me", get(account::me))
        .route("/send", post(send::send))
        .route("/bulk-send", post(send::send_bulk))
        .route("/vn/send", post(send::send_from_number))
        .route("/message-status", get(messages::status_of_one))
        .route("/multi-status", post(messages::status_of_several))
        .route("/bulk-status", get(messages::status))
        .route("/message-cancel", get(messages::cancel))
        .route("/contact/add", post(contacts::add))
        .route("/contact/detail", get(contacts::detail))
        .route("/contact/update", post(contacts::update))
        .route("/contact/delete", post(contacts::delete))
        .route("/group/add", post(groups::add))
        .route("/group/list", get(groups::list))
        .route("/group/delete", post(groups::delete).delete(groups::delete))
        .route("/stop-sms/list", get(stop_list::list))
        .route("/stop-sms/add", post(stop_list::add))
        .route("/stop-sms/delete", get(stop_list::delete))
        .layer(middleware::from_fn(format::answer))
        .with_state(Arc::clone(&smspartner));
    let control = Router::new()
        .route("/stop-list", get(stop_list::show).post(stop_list::stop))
        .route("/received", post(pushes::receive))
        .merge(push::control::ends())
        .with_state(smspartner);
    Service { api, control, control_help: CONTROL_HELP, expire_sessions: Box::new(|| {}) }
}

/// The parameters of a GET.
struct Parameters(Map<String, Value>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(read::parameters(&parts.uri)))
    }
}

/// Returns the parameters of an authenticated request.
fn signed(Parameters(parameters): Parameters) -> Result<HashMap<String, String>, Refusal> {
    check_key(parameters.get("apiKey"))?;
    let texts = parameters.into_iter().filter_map(|(name, value)| value.as_str().map(|text| (name, text.to_owned())));
    Ok(texts.collect())
}

/// Returns the body of an authenticated request.
async fn signed_body<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let key_in_query = read::parameters(request.uri()).remove("apiKey");
    let body = match read::value(request).await {
        Ok(Value::Object(body)) => body,
        _ => return Err(Refusal { status: StatusCode::BAD_REQUEST, ..Refusal::new(90, "JSON mal formé") }),
    };
    check_key(body.get("apiKey").or(key_in_query.as_ref()))?;
    read::of(body.into()).map_err(|_| Refusal::broken_rule("Paramètre invalide"))
}

fn check_key(key: Option<&Value>) -> Result<(), Refusal> {
    match key.and_then(Value::as_str).filter(|key| !key.is_empty()) {
        None => Err(Refusal::new(1, "La clé API est requise")),
        Some(key) if key != API_KEY => Err(Refusal::new(10, "Clé API incorrecte")),
        Some(_) => Ok(()),
    }
}

/// Returns the vendor's time zone.
fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// Formats a time for answers.
fn time_text(time: Timestamp) -> String {
    paris().to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Formats a time for the answers about groups and contacts.
fn iso_text(time: Timestamp) -> String {
    time.to_zoned(paris()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Returns a number without the separators that people and lists put between its digits.
fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Returns a number in the international form, from any form: a plus that a query did not encode arrives as a space.
fn international(text: &str) -> String {
    match compact(text) {
        number if number.starts_with('+') => number,
        number => match (number.strip_prefix("00"), number.strip_prefix('0')) {
            (Some(rest), _) => format!("+{rest}"),
            (None, Some(national)) => format!("+33{national}"),
            (None, None) => format!("+{number}"),
        },
    }
}

/// Returns whether this is a number in one of the two accepted forms: international, or French without the country
/// code.
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
