//! The stand-in for LOX24: `PUT /phones/{id}` is built from its document.
//!
//! **Everything else is built from third-hand facts**: what is publicly known of the vendor's other pages and of its
//! PHP client. Each file lists those operations.
//!
//! It starts with a group, 24512, with one entry, the document's 12344, and with 120.10 EUR.
//!
//! # Guesses
//!
//! - A required field that is missing, or one of the wrong type, is "invalid input" (400); a value of the wrong form or
//!   length is a "semantic error" (422). An unknown field or parameter is ignored, and so is the content type.
//! - The token is one header, or two as on the vendor's older pages: the client's id in `X-LOX24-CLIENT-ID`, and the
//!   key.
//! - Rejections are JSON after RFC 9457 with `type`, `title`, `status` and `detail`, of which only `detail` is known.
//! - Plain JSON is answered unless `Accept` has `application/ld+json`.
//! - The third bad token within a minute locks out, without a `Retry-After`. The vendor does it by address; the callers
//!   of a sandbox are all on one.

mod account;
mod groups;
mod incomings;
mod list;
mod messages;
mod phones;
mod pushes;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::push::{self, Pusher};
use super::{Service, StandIn, read};
use account::Account;
use groups::Groups;
use messages::Messages;
use phones::Phones;

/// LOX24's entry in the registry.
pub(super) const STAND_IN: StandIn = StandIn { name: "lox24", base_path: "", credentials: &[("token", TOKEN)], open };

const TOKEN: &str = "1234567:sandbox-key";

/// This many bad tokens within [`MINUTE`] lock out for [`LOCK`].
const BAD_TOKENS: usize = 3;
const MINUTE: Duration = Duration::from_secs(60);
const LOCK: Duration = Duration::from_secs(10 * 60);

const CONTROL_HELP: &str = "\
PUT    /_sandbox/account          activate the account or not, set its balance: {\"active\": false, \"balance\": 0.05}
DELETE /_sandbox/lock             end a lock-out
                                  also of /_sandbox/received: \"msg_uuid\", the SMS that is answered, and \"late\" in seconds
POST   /_sandbox/report           report on an SMS: {\"uuid\": \"...\", \"status_code\": 100, \"dlr_code\": 1}
POST   /_sandbox/unsubscribe      unsubscribe as a recipient who follows the link: {\"id\": 12344, \"reason\": 2}
";

/// The vendor.
struct Lox24 {
    store: Mutex<Store>,
    pusher: Pusher,
}

/// The vendor's state.
struct Store {
    account: Account,
    logins: Logins,
    groups: Groups,
    phones: Phones,
    messages: Messages,
    incomings: incomings::Incomings,
}

impl Lox24 {
    fn state(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recent requests with a bad token.
#[derive(Debug, Default)]
struct Logins {
    bad: Vec<Instant>,
    locked: Option<Instant>,
}

impl Logins {
    fn are_locked(&self, now: Instant) -> bool {
        self.locked.is_some_and(|since| now.duration_since(since) < LOCK)
    }

    fn fail(&mut self, now: Instant) {
        self.bad.retain(|at| now.duration_since(*at) < MINUTE);
        self.bad.push(now);
        if self.bad.len() >= BAD_TOKENS {
            self.bad.clear();
            self.locked = Some(now);
        }
    }
}

/// An answer other than success.
#[derive(Debug)]
struct Problem(StatusCode, String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let title = status.canonical_reason();
        let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

/// The body of a request.
struct Body<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read::body(request).await.map(Self).map_err(|reason| Problem(StatusCode::BAD_REQUEST, reason))
    }
}

/// The parameters of a query.
struct Params<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read::query(&parts.uri).map(Self).map_err(|reason| Problem(StatusCode::BAD_REQUEST, reason))
    }
}

fn open(pusher: Pusher) -> Service {
    let store = Store {
        account: Account::new(),
        logins: Logins::default(),
        groups: Groups::new(),
        phones: Phones::new(),
        messages: Messages::new(),
        incomings: Vec::new(),
    };
    let lox24 = Arc::new(Lox24 { store: Mutex::new(store), pusher });
    let api = Router::new()
        .route("/groups", get(groups::list).post(groups::create))
        .route("/groups/{id}", get(groups::look_up).put(groups::update).delete(groups::delete))
        .route("/groups/{id}/phones", get(phones::list).post(phones::create))
        .route("/phones/{id}", put(phones::update))
        .route("/me", get(account::me))
        .route("/incomings", get(incomings::show))
        .route("/sms", get(messages::list).post(messages::send))
        .route("/sms/dryrun", post(messages::dry_run))
        .route("/sms/ops/batch_cancel", post(messages::cancel))
        .route("/sms/ops/batch_delete", post(messages::delete_all))
        .route("/sms/{uuid}", get(messages::look_up).delete(messages::delete))
        .fallback(async || Problem(StatusCode::NOT_FOUND, "no such path".to_owned()))
        .method_not_allowed_fallback(async || Problem(StatusCode::METHOD_NOT_ALLOWED, "no such method".to_owned()))
        .layer(middleware::from_fn_with_state(Arc::clone(&lox24), guard))
        .with_state(Arc::clone(&lox24));
    let control = Router::new()
        .route("/account", put(account::set))
        .route("/lock", delete(unlock))
        .route("/received", post(incomings::receive))
        .route("/report", post(messages::report))
        .route("/unsubscribe", post(phones::unsubscribe))
        .merge(push::control::ends())
        .with_state(lox24);
    Service { api, control, control_help: CONTROL_HELP, expire_sessions: Box::new(|| {}) }
}

/// Rejects requests without the token, and sets the id of every request.
async fn guard(State(lox24): State<Arc<Lox24>>, request: Request, next: Next) -> Response {
    let admitted = admit(&mut lox24.state(), request.headers(), Instant::now());
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    // 32 letters and digits, as the vendor's are.
    if let Ok(id) = HeaderValue::from_str(&Uuid::now_v7().simple().to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-lox24-request-id"), id);
    }
    response
}

fn admit(store: &mut Store, headers: &HeaderMap, now: Instant) -> Result<(), Problem> {
    if store.logins.are_locked(now) {
        return Err(Problem(StatusCode::TOO_MANY_REQUESTS, "too many bad logins: the address is blocked".to_owned()));
    }
    let (id, token) = (read::only(headers, "x-lox24-client-id"), read::only(headers, "x-lox24-auth-token"));
    let token = match (id, token) {
        (Some(id), Some(key)) if !key.contains(':') => format!("{id}:{key}"),
        (_, token) => token.unwrap_or_default().to_owned(),
    };
    if token != TOKEN {
        store.logins.fail(now);
        return Err(Problem(StatusCode::UNAUTHORIZED, "the client id or the API key is wrong".to_owned()));
    }
    match store.account.active {
        true => Ok(()),
        false => Err(Problem(StatusCode::FORBIDDEN, "the account is not activated".to_owned())),
    }
}

/// `^\+[1-9]\d{1,14}$`, as the vendor's other pages have it.
fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Control: ends a lock-out.
async fn unlock(State(lox24): State<Arc<Lox24>>) -> StatusCode {
    lox24.state().logins = Logins::default();
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use http::Method;
    use reqwest::RequestBuilder;

    use serde_json::Value;

    use super::*;
    use crate::{Sandbox, tests::http_client};

    async fn sandbox() -> Sandbox {
        Sandbox::start("lox24", SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
    }

    fn put(sandbox: &Sandbox, id: &str, body: &Value) -> RequestBuilder {
        http_client()
            .put(format!("{}/phones/{id}", sandbox.base_url()))
            .header("Content-Type", "application/json")
            .header("X-LOX24-AUTH-TOKEN", TOKEN)
            .body(body.to_string())
    }

    async fn answer(request: RequestBuilder) -> (u16, Value) {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["x-lox24-request-id"].len(), 32);
        (response.status().as_u16(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn a_put_merges_and_json_ld_has_an_id_and_a_type() {
        let sandbox = sandbox().await;
        let (status, entry) = answer(put(&sandbox, "12344", &json!({"phone": "+93701234567", "b": null}))).await;
        assert_eq!(
            (status, &entry["phone"], &entry["a"], &entry["b"]),
            (200, &json!("+93701234567"), &json!("Ms. "), &Value::Null)
        );
        assert_eq!(entry.get("@id"), None);
        let unsubscribe = json!({"id": 12344, "reason": 2});
        assert_eq!(sandbox.control(Method::POST, "/unsubscribe", &unsubscribe).await.0, 204);
        let linked = put(&sandbox, "12344", &json!({"phone": "+93701234567"})).header("Accept", "application/ld+json");
        let (_, entry) = answer(linked).await;
        assert_eq!((&entry["@id"], &entry["@type"]), (&json!("/phones/12344"), &json!("Phone")));
        assert!(entry["unsubscribed_at"].is_u64() && entry["unsubscribe_reason"] == 2, "{entry}");
    }

    #[tokio::test]
    async fn what_the_document_forbids_is_refused() {
        let sandbox = sandbox().await;
        for (change, status) in [
            (json!({}), 400),
            (json!({"phone": null}), 400),
            (json!({"phone": "+93701234567", "a": {}}), 400),
            (json!(["+93701234567"]), 400),
            (json!({"phone": "0093701234567"}), 422),
            (json!({"phone": "+93701234567", "e": "x".repeat(1531)}), 422),
            (json!({"phone": "+93701234567", "callback_data": "x".repeat(37)}), 422),
        ] {
            let (answered, problem) = answer(put(&sandbox, "12344", &change)).await;
            assert_eq!((answered, &problem["status"]), (status, &json!(status)), "{change}");
            assert!(problem["detail"].is_string(), "{problem}");
        }
        assert_eq!(answer(put(&sandbox, "1", &json!({"phone": "+93701234567"}))).await.0, 404);
        assert_eq!(sandbox.control(Method::PUT, "/account", &json!({"active": false})).await.0, 204);
        assert_eq!(answer(put(&sandbox, "12344", &json!({"phone": "+93701234567"}))).await.0, 403);
    }

    #[tokio::test]
    async fn what_clients_send_beyond_the_document_is_taken() {
        let sandbox = sandbox().await;
        let body = json!({"phone": "+93701234567", "a": 12.34, "f": "x"});
        let (status, entry) = answer(put(&sandbox, "12344", &body)).await;
        assert_eq!((status, &entry["a"], entry.get("f")), (200, &json!("12.34"), None));
        let old = http_client().put(format!("{}/phones/12344", sandbox.base_url())).body(body.to_string());
        let old = old.header("X-LOX24-CLIENT-ID", "1234567").header("X-LOX24-AUTH-TOKEN", "sandbox-key");
        assert_eq!(answer(old).await.0, 200);
    }

    #[tokio::test]
    async fn three_bad_tokens_lock_out_the_good_one_too() {
        let sandbox = sandbox().await;
        let body = json!({"phone": "+93701234567"});
        let without_token = || http_client().put(format!("{}/phones/12344", sandbox.base_url()));
        for _ in 0..3 {
            assert_eq!(answer(without_token()).await.0, 401);
        }
        assert_eq!(answer(put(&sandbox, "12344", &body)).await.0, 429);
        assert_eq!(sandbox.control(Method::DELETE, "/lock", &Value::Null).await.0, 204);
        assert_eq!(answer(put(&sandbox, "12344", &body)).await.0, 200);
    }

    #[test]
    fn bad_tokens_count_for_a_minute_and_a_lock_out_lasts_ten() {
        let (mut logins, start) = (Logins::default(), Instant::now());
        for seconds in [0, 1, 60] {
            logins.fail(start + Duration::from_secs(seconds));
        }
        let locked = start + Duration::from_secs(60);
        assert!(!logins.are_locked(locked), "the first was a minute ago");
        logins.fail(locked);
        assert!(logins.are_locked(locked + LOCK - Duration::from_secs(1)));
        assert!(!logins.are_locked(locked + LOCK));
    }
}
