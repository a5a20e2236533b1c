//! The endpoints of the control API for pushes, the same for every vendor.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;

use super::{Messages, PushAttempt, PushRule, PushSettings, Pusher};
use crate::control::Command;

/// The lines that describe [`router`] in `GET /_sandbox`.
pub(crate) const HELP: &str = "\
GET    /_sandbox/push             where pushes go, and how
PUT    /_sandbox/push             set that: {\"url\": \"http://...\", \"older\": false, \"speed\": 1, \"report_after_ms\": null}
GET    /_sandbox/push/faults      the rules for pushes that are still to fire
POST   /_sandbox/push/faults      add a rule, for example {\"about\": \"report\", \"times\": 1, \"fault\": {\"kind\": \"twice\"}}
                                  about: report, received, stop; all if absent
                                  kinds: twice, late, drop, lose_answer, garbage, oversized{bytes}
DELETE /_sandbox/push/faults      remove those rules
GET    /_sandbox/pushes           the attempts to push, oldest first (the newest 10,000)
DELETE /_sandbox/pushes           forget them
POST   /_sandbox/received         an SMS arrives: {\"from\": \"+...\", \"to\": \"+...\", \"text\": \"...\"}
POST   /_sandbox/delivered        deliver a message, and report that: {\"message\": \"the vendor's id\", \"to\": null}
POST   /_sandbox/failed           fail a message, and report that
";

/// Returns the routes of the settings, faults and attempts.
pub(crate) fn router(pusher: Pusher) -> Router {
    Router::new()
        .route("/push", get(settings).put(set))
        .route("/push/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/pushes", get(attempts).delete(forget))
        .with_state(pusher)
}

async fn settings(State(pusher): State<Pusher>) -> Json<PushSettings> {
    Json(pusher.settings().clone())
}

async fn set(State(pusher): State<Pusher>, Command(settings): Command<PushSettings>) -> StatusCode {
    pusher.set(settings);
    StatusCode::NO_CONTENT
}

async fn faults(State(pusher): State<Pusher>) -> Json<Vec<PushRule>> {
    Json(pusher.faults().clone())
}

async fn add_fault(State(pusher): State<Pusher>, Command(rule): Command<PushRule>) -> Response {
    pusher.add_fault(rule.clone());
    (StatusCode::CREATED, Json(rule)).into_response()
}

async fn clear_faults(State(pusher): State<Pusher>) -> StatusCode {
    pusher.faults().clear();
    StatusCode::NO_CONTENT
}

async fn attempts(State(pusher): State<Pusher>) -> Json<Vec<PushAttempt>> {
    Json(pusher.log().list(|_| true))
}

async fn forget(State(pusher): State<Pusher>) -> StatusCode {
    pusher.log().clear();
    StatusCode::NO_CONTENT
}

/// Returns the routes that end a vendor's messages.
pub(crate) fn ends<V: Messages>() -> Router<Arc<V>> {
    Router::new().route("/delivered", post(delivered::<V>)).route("/failed", post(failed::<V>))
}

/// A message to end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    message: String,
    /// All numbers of the message if absent.
    to: Option<String>,
}

impl Ended {
    fn end(self, vendor: &impl Messages, delivered: bool) -> Response {
        match vendor.end(&self.message, self.to.as_deref(), delivered) {
            true => StatusCode::NO_CONTENT.into_response(),
            false => (StatusCode::NOT_FOUND, "no such message\n").into_response(),
        }
    }
}

async fn delivered<V: Messages>(State(vendor): State<Arc<V>>, Command(ended): Command<Ended>) -> Response {
    ended.end(&*vendor, true)
}

async fn failed<V: Messages>(State(vendor): State<Arc<V>>, Command(ended): Command<Ended>) -> Response {
    ended.end(&*vendor, false)
}
