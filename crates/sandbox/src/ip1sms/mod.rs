//! The stand-in for IP1SMS, built from the vendor's document: `PUT /api/me/services/phone`. The rest of the API is not
//! in that document: the other files are built from other sources.
//!
//! # Guesses
//!
//! - The document describes neither authentication nor errors. The stand-in accepts the two ways of the vendor's other
//!   pages, HTTP Basic and a bearer token, and answers 401 without.
//! - A rejection is 400 with the reason in `Message`, as usual for servers of that kind. Any text is a valid `Email`
//!   and `CallbackURL`, for the document has no more than their type.
//! - GET at the address of the settings returns them, as it does at the other addresses of this API.
//! - A setting that is omitted, or is `null`, is cleared, and is `null` in the answer.
//! - `Since` has no time zone, as in the vendor's other answers, and `Until` has one: clients must read both.

mod batches;
mod contacts;
mod groups;
mod messages;
mod pushes;
mod stop_list;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64};

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::push::{self, Pusher};
use super::read;
use super::{Service, StandIn};

/// IP1SMS's entry in the registry.
pub(super) const STAND_IN: StandIn =
    StandIn { name: "ip1sms", base_path: "", credentials: &[("username", OWNER), ("api_key", "sandbox-key")], open };

/// The account.
const OWNER: &str = "ip1-12345";

/// The same credentials as HTTP Basic.
const BASIC: &str = "Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5";

/// The token that is accepted as well.
const BEARER: &str = "Bearer sandbox-token";

const CONTROL_HELP: &str = "\
GET    /_sandbox/phone            the settings of the virtual phone
";

/// The settable members, which are always replaced together.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Settings {
    email: Option<String>,
    plain_email: bool,
    #[serde(rename = "CallbackURL")]
    callback_url: Option<String>,
}

/// The vendor's state.
#[derive(Default)]
struct Books {
    settings: Settings,
    messages: messages::Messages,
    contacts: contacts::Contacts,
    groups: groups::Groups,
    stop_list: stop_list::StopList,
}

/// The vendor.
struct Ip1Sms {
    books: Mutex<Books>,
    pusher: Pusher,
    /// The number of received SMS.
    received: AtomicU64,
}

impl Ip1Sms {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(pusher: Pusher) -> Service {
    let vendor = Arc::new(Ip1Sms { books: Mutex::default(), pusher, received: AtomicU64::new(0) });
    let api = Router::new()
        .route("/api/me/services/phone", put(update).get(current))
        .merge(messages::routes())
        .merge(batches::routes())
        .merge(contacts::routes())
        .merge(groups::routes())
        .merge(stop_list::routes())
        .route_layer(middleware::from_fn(screen))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "no such path"))
        .method_not_allowed_fallback(async || refusal(StatusCode::METHOD_NOT_ALLOWED, "no such method"));
    Service {
        api: api.with_state(Arc::clone(&vendor)),
        control: Router::new()
            .route("/phone", get(show))
            .route("/received", post(pushes::receive))
            .merge(push::control::ends())
            .with_state(vendor),
        control_help: CONTROL_HELP,
        // Nothing here expires.
        expire_sessions: Box::new(|| {}),
    }
}

/// Rejects unauthenticated requests.
async fn screen(request: Request, next: Next) -> Response {
    if !signed_in(request.headers()) {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"sandbox\"")];
        return (challenge, refusal(StatusCode::UNAUTHORIZED, "wrong or missing credentials")).into_response();
    }
    next.run(request).await
}

async fn update(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    match read::body::<Settings>(request).await {
        Ok(settings) => {
            vendor.books().settings = settings.clone();
            Json(phone(&settings)).into_response()
        }
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn current(State(vendor): State<Arc<Ip1Sms>>) -> Json<Value> {
    Json(phone(&vendor.books().settings))
}

fn signed_in(headers: &HeaderMap) -> bool {
    read::only(headers, "authorization").is_some_and(|value| value == BASIC || value == BEARER)
}

/// Returns the whole virtual phone.
fn phone(settings: &Settings) -> Value {
    json!({
        "VirtualPhone": "46700000001",
        "VirtualPhonePrefix": "SANDBOX",
        "Email": settings.email,
        "PlainEmail": settings.plain_email,
        "CallbackURL": settings.callback_url,
        "ID": 3,
        "Name": "Virtual phone",
        "Status": 1,
        "StatusDescription": "Active",
        "Since": "2016-12-23T10:10:10",
        "Until": "2100-01-01T00:00:00Z",
    })
}

/// Control: returns the settings.
async fn show(State(vendor): State<Arc<Ip1Sms>>) -> Json<Settings> {
    Json(vendor.books().settings.clone())
}

/// What a request adds: one item or, with the flag `multiple` in the query, a list.
enum Added<T> {
    One(T),
    Several(Vec<T>),
}

impl<T> Added<T> {
    /// Adds the items, and answers with them in the form of the request.
    fn answer(self, mut add: impl FnMut(T) -> Value) -> Response {
        match self {
            Self::One(new) => Json(add(new)).into_response(),
            Self::Several(new) => Json(new.into_iter().map(add).collect::<Vec<_>>()).into_response(),
        }
    }
}

/// Reads the items that a request adds, all of which must be valid.
async fn each<T: DeserializeOwned, V>(
    request: Request,
    valid: impl Fn(T) -> Result<V, String>,
) -> Result<Added<V>, String> {
    let several = |query: &str| query.split('&').any(|flag| flag.split('=').next() == Some("multiple"));
    match request.uri().query().is_some_and(several) {
        false => read::body(request).await.and_then(valid).map(Added::One),
        true => {
            let all: Vec<T> = read::body(request).await?;
            all.into_iter().map(valid).collect::<Result<_, _>>().map(Added::Several)
        }
    }
}

fn refusal(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({"Message": reason}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Client;

    const PHONE: &str = "/api/me/services/phone";

    #[tokio::test]
    async fn a_setting_that_is_left_out_is_cleared() {
        let client = Client::new("ip1sms", BASIC).await;
        let all = json!({"Email": "a@b.se", "PlainEmail": true, "CallbackURL": "https://b.se/sms"});
        let (status, answer) = client.call("PUT", PHONE, Some(&all)).await;
        assert_eq!((status, &answer["Email"], &answer["PlainEmail"]), (200, &json!("a@b.se"), &json!(true)));
        assert_eq!(client.control("/phone").await, all);

        let (status, answer) = client.call("PUT", PHONE, Some(&json!({"PlainEmail": false}))).await;
        assert_eq!((status, &answer["Email"], &answer["CallbackURL"]), (200, &Value::Null, &Value::Null));
        assert_eq!(client.control("/phone").await, json!({"Email": null, "PlainEmail": false, "CallbackURL": null}));
    }

    #[tokio::test]
    async fn settings_without_what_is_required_are_refused_and_change_nothing() {
        let client = Client::new("ip1sms", BASIC).await;
        let before = client.control("/phone").await;
        for body in [
            json!({}),
            json!({"Email": "a@b.se"}),
            json!({"PlainEmail": "perhaps"}),
            json!({"PlainEmail": null}),
            json!({"PlainEmail": true, "Email": ["a@b.se"]}),
        ] {
            let (status, answer) = client.call("PUT", PHONE, Some(&body)).await;
            assert!(status == 400 && answer["Message"].is_string(), "{body}: {status} {answer}");
        }
        let good = json!({"PlainEmail": true});
        assert_eq!(client.call("PUT", "/api/me", Some(&good)).await.0, 404);
        assert_eq!(client.call("DELETE", PHONE, None).await.0, 405);
        let (status, shown) = client.call("GET", PHONE, None).await;
        assert_eq!((status, &shown["Status"]), (200, &json!(1)));
        assert_eq!(client.control("/phone").await, before);
    }

    #[tokio::test]
    async fn the_documents_own_body_and_addresses_are_taken() {
        let client = Client::new("ip1sms", BASIC).await;
        let body = json!({"Email": "string", "PlainEmail": true, "CallbackURL": "string"});
        for query in ["", "?", "?entities=true"] {
            assert_eq!(client.call("PUT", &format!("{PHONE}{query}"), Some(&body)).await.0, 200, "{query}");
        }
        assert_eq!(client.control("/phone").await, body);
        // .NET accepts booleans in quotes.
        assert_eq!(client.call("PUT", PHONE, Some(&json!({"PlainEmail": "False", "Name": "x"}))).await.0, 200);
        assert_eq!(client.control("/phone").await["PlainEmail"], json!(false));
    }

    #[tokio::test]
    async fn account_and_key_sign_in_and_so_does_a_token() {
        for (authorization, expected) in [(BASIC, 200), (BEARER, 200), ("Bearer other", 401), ("", 401)] {
            let client = Client::new("ip1sms", authorization).await;
            assert_eq!(client.call("PUT", PHONE, Some(&json!({"PlainEmail": true}))).await.0, expected);
        }
    }
}
