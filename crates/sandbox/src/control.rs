//! The control API: steers a stand-in over HTTP, the same for every vendor.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::connection::Tls;
use super::fault::{Faults, Rule};
use super::push;
use super::record::{Recorded, Recorder};

/// The path of the control API; no vendor's API has this prefix.
pub(super) const PREFIX: &str = "/_sandbox";

/// The state that the server, the control API and the handle share.
pub(super) struct Shared {
    pub(super) faults: Faults,
    pub(super) recorder: Recorder<Recorded>,
    pub(super) expire_sessions: Box<dyn Fn() + Send + Sync>,
    pub(super) tls: Tls,
    /// The number of connections that were accepted.
    pub(super) connections: AtomicUsize,
}

impl Shared {
    pub(super) fn new(expire_sessions: Box<dyn Fn() + Send + Sync>, tls: Tls) -> Self {
        Self {
            faults: Faults::default(),
            recorder: Recorder::new(),
            expire_sessions,
            tls,
            connections: AtomicUsize::new(0),
        }
    }
}

/// Returns the routes that every vendor has, with paths below [`PREFIX`].
pub(super) fn router(vendor: &str, vendor_help: &str, shared: Arc<Shared>) -> Router {
    let help = format!(
        "\
The smsmux sandbox for {vendor}: a stand-in, built from the vendor's document alone.

GET    {PREFIX}                  this text
GET    {PREFIX}/requests         what arrived, oldest first (the newest 10,000)
DELETE {PREFIX}/requests         the same, and forget it
GET    {PREFIX}/faults           the rules that are still to fire
POST   {PREFIX}/faults           add a rule, for example
                                  {{\"method\": \"POST\", \"path\": \"/sms\", \"times\": 2, \"fault\": {{\"kind\": \"cut_after\"}}}}
                                  kinds: delay{{ms}}, hold, status{{code, retry_after, body}}, answer{{code, body}},
                                  latin1, gzip, cut_before, cut_after, reset_during, reset_after, slow_body{{ms}},
                                  truncate, garbage, huge{{bytes}}, redirect{{location}}, hang_before, hang_after,
                                  cut_during, cut_answer, half_close_before, half_close_after, until_close{{half}},
                                  close_idle{{ms, announced}}, close_next{{reset}}, stop_reading,
                                  settings{{max_concurrent_streams, initial_window_size}},
                                  goaway{{last, code, close}}, reset_stream{{code, phase}}
                                  times: 1 if absent, 0 until cleared
DELETE {PREFIX}/faults           remove all rules, and let go what is held
POST   {PREFIX}/sessions/expire  end every login session
GET    {PREFIX}/connections      how many connections were accepted
GET    {PREFIX}/certificate      the authority of the certificate for https on this port, as PEM
PUT    {PREFIX}/alpn             offer these protocols over TLS: [\"h2\", \"http/1.1\"]
{push_help}{vendor_help}",
        push_help = push::control::HELP,
    );
    Router::new()
        .route("/", get(async move || help))
        .route("/requests", get(list_requests).delete(take_requests))
        .route("/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/sessions/expire", post(expire_sessions))
        .route("/connections", get(connections))
        .route("/certificate", get(certificate))
        .route("/alpn", put(offer))
        .fallback(async || (StatusCode::NOT_FOUND, format!("unknown path: GET {PREFIX} lists the paths\n")))
        .with_state(shared)
}

async fn list_requests(State(shared): State<Arc<Shared>>) -> Json<Vec<Recorded>> {
    Json(shared.recorder.list(|_| true))
}

async fn take_requests(State(shared): State<Arc<Shared>>) -> Json<Vec<Recorded>> {
    Json(shared.recorder.take())
}

async fn list_faults(State(shared): State<Arc<Shared>>) -> Json<Vec<Rule>> {
    Json(shared.faults.list())
}

async fn add_fault(State(shared): State<Arc<Shared>>, Command(rule): Command<Rule>) -> Response {
    shared.faults.add(rule.clone());
    (StatusCode::CREATED, Json(rule)).into_response()
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.faults.clear();
    StatusCode::NO_CONTENT
}

async fn expire_sessions(State(shared): State<Arc<Shared>>) -> StatusCode {
    (shared.expire_sessions)();
    StatusCode::NO_CONTENT
}

async fn connections(State(shared): State<Arc<Shared>>) -> Json<serde_json::Value> {
    Json(serde_json::json!({"accepted": shared.connections.load(Ordering::Relaxed)}))
}

async fn certificate(State(shared): State<Arc<Shared>>) -> String {
    shared.tls.authority.clone()
}

async fn offer(State(shared): State<Arc<Shared>>, Command(protocols): Command<Vec<String>>) -> StatusCode {
    shared.tls.offer(protocols.iter().map(String::as_str));
    StatusCode::NO_CONTENT
}

/// The JSON body of a control request. An unreadable body is rejected with 400 and the reason; the content type is
/// ignored, so that a plain `curl -d` works.
pub(super) struct Command<T>(pub(super) T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> axum::extract::FromRequest<S> for Command<T> {
    type Rejection = (StatusCode, String);

    async fn from_request(request: Request<Body>, state: &S) -> Result<Self, Self::Rejection> {
        let body =
            Bytes::from_request(request, state).await.map_err(|error| (StatusCode::BAD_REQUEST, error.body_text()))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| (StatusCode::BAD_REQUEST, format!("invalid body: {error}\n")))
    }
}

/// Calls the routes without a socket.
pub(super) async fn call(router: Router, method: Method, path: &str, body: &serde_json::Value) -> (StatusCode, Bytes) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()));
    let request = match request {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, Bytes::from(error.to_string())),
    };
    let Ok(response) = router.oneshot(request).await;
    let status = response.status();
    match response.into_body().collect().await {
        Ok(body) => (status, body.to_bytes()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::from(error.to_string())),
    }
}
