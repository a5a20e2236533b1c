//! The stand-in for IntelePeer, built from the vendor's document: SMS on long codes, and their webhooks. Messages are
//! not in that document: `messages.rs` is built from other sources.
//!
//! The account has three numbers: `+17208675309`, the document's, on which SMS are not enabled yet; `+17208675310`, on
//! which they are, with a webhook; and `+17208675311`, on which enabling them fails.
//!
//! # Guesses
//!
//! - Enabling and disabling go through the document's states in its order, a step with every `GET .../provision`, which
//!   answers the state before the step: `requested`, `provisioning`, `provisioned` (or `error`), and `derequested`,
//!   `deprovisioning`, none. The state is `null` while SMS are not enabled.
//! - SMS can be enabled where they are not, and where that has failed; where they are already it is accepted and
//!   changes nothing. Disabling them deletes the webhook.
//! - A webhook can be set when the number is `provisioned`. It can be read at any time, and is `null` when not set.
//! - Every operation answers 401 without the token, then 400 for an invalid E.164 number, then 404 for other numbers
//!   than the account's, though the document does not list each of these for each operation.
//! - A rejection has its reason in `error`, and a missing token `detail`, as on the vendor's other pages. Both also
//!   have `text`, as do the answers for which the document shows no body: the document's Node programs print it.
//! - A query is ignored, and so is the body of all but the webhook's POST, which may be a form: one of the samples
//!   sends one. The token is accepted without `Bearer` too, as on one of the vendor's other pages.

mod messages;
mod pushes;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::push::{self, Pusher};
use super::read::{self, is_web_address};
use super::{Service, StandIn};

/// IntelePeer's entry in the registry.
pub(super) const STAND_IN: StandIn = StandIn {
    name: "intelepeer",
    base_path: "",
    // No carrier limits the rate of messages here.
    credentials: &[("token", TOKEN), ("message_interval", "0s")],
    open,
};

const TOKEN: &str = "sandbox-token";

/// The document's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Stage {
    Requested,
    Provisioning,
    Provisioned,
    Derequested,
    Deprovisioning,
    Error,
}

/// A number of the account.
#[derive(Debug, Default)]
struct Line {
    /// `None` while SMS are not enabled.
    state: Option<Stage>,
    webhook: Option<String>,
    /// Whether enabling them fails.
    fails: bool,
}

impl Line {
    fn is_changing(&self) -> bool {
        !matches!(self.state, None | Some(Stage::Provisioned | Stage::Error))
    }

    /// Returns the state, and then advances it.
    fn step(&mut self) -> Option<Stage> {
        let now = self.state;
        self.state = match now {
            Some(Stage::Requested) => Some(Stage::Provisioning),
            Some(Stage::Provisioning) if self.fails => Some(Stage::Error),
            Some(Stage::Provisioning) => Some(Stage::Provisioned),
            Some(Stage::Derequested) => Some(Stage::Deprovisioning),
            Some(Stage::Deprovisioning) => {
                self.webhook = None;
                None
            }
            steady => steady,
        };
        now
    }
}

/// The webhook that a number has from the start.
const SAMPLE_WEBHOOK: &str = "https://www.intelepeer.com/";

const CONTROL_HELP: &str = "\
PUT    /_sandbox/signature        sign received SMS: {\"scheme\": \"hmac-sha256:refid+message:hex\", \"secret\": \"...\"}
";

/// The vendor.
struct IntelePeer {
    /// The numbers of the account.
    lines: Mutex<HashMap<&'static str, Line>>,
    messages: Mutex<messages::Messages>,
    signing: Mutex<pushes::Signing>,
    pusher: Pusher,
}

impl IntelePeer {
    fn new(pusher: Pusher) -> Self {
        let enabled = Line { state: Some(Stage::Provisioned), webhook: Some(SAMPLE_WEBHOOK.to_owned()), fails: false };
        let failing = Line { fails: true, ..Line::default() };
        let lines = [("+17208675309", Line::default()), ("+17208675310", enabled), ("+17208675311", failing)];
        Self { lines: Mutex::new(HashMap::from(lines)), messages: Mutex::default(), signing: Mutex::default(), pusher }
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<&'static str, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn messages(&self) -> MutexGuard<'_, messages::Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signing(&self) -> MutexGuard<'_, pushes::Signing> {
        self.signing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a number of the account.
    fn with<T>(&self, number: &str, work: impl FnOnce(&mut Line) -> Result<T, Refusal>) -> Result<T, Refusal> {
        if !is_e164(number) {
            return Err(Refusal(StatusCode::BAD_REQUEST, "the number is not in E.164 format".to_owned()));
        }
        let not_yours = || Refusal(StatusCode::NOT_FOUND, "the number is not available to you".to_owned());
        work(self.lines().get_mut(number).ok_or_else(not_yours)?)
    }
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

/// An answer other than success.
#[derive(Debug)]
struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(reason: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, reason.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1, "text": self.1}))).into_response()
    }
}

/// Returns the answer to a request that was accepted.
fn done(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"text": text}))).into_response()
}

fn open(pusher: Pusher) -> Service {
    let vendor = Arc::new(IntelePeer::new(pusher));
    let api = Router::new()
        .route("/sms/v1/{tn}/provision", post(provision).delete(deprovision).get(provisioning))
        .route("/sms/v1/{tn}/webhook", post(set_webhook).get(webhook))
        .merge(messages::routes())
        .route_layer(middleware::from_fn(screen))
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "no such path".to_owned()))
        .method_not_allowed_fallback(async || Refusal(StatusCode::METHOD_NOT_ALLOWED, "no such method".to_owned()));
    Service {
        api: api.with_state(Arc::clone(&vendor)),
        control: Router::new()
            .route("/received", post(pushes::receive))
            .route("/signature", put(pushes::sign))
            .merge(push::control::ends())
            .with_state(vendor),
        control_help: CONTROL_HELP,
        // The token never expires.
        expire_sessions: Box::new(|| {}),
    }
}

/// Rejects requests without the token.
async fn screen(request: Request, next: Next) -> Response {
    let authorization = read::only(request.headers(), "authorization").unwrap_or_default();
    if authorization.strip_prefix("Bearer ").unwrap_or(authorization) != TOKEN {
        let body = json!({"detail": "unauthorized", "text": "unauthorized"});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    next.run(request).await
}

fn changing() -> Refusal {
    Refusal(StatusCode::CONFLICT, "the number is being provisioned or deprovisioned".to_owned())
}

async fn provision(State(vendor): State<Arc<IntelePeer>>, Path(tn): Path<String>) -> Result<Response, Refusal> {
    vendor.with(&tn, |line| match line.state {
        None | Some(Stage::Error) => {
            line.state = Some(Stage::Requested);
            Ok(done(StatusCode::ACCEPTED, "accepted"))
        }
        Some(Stage::Provisioned) => Ok(done(StatusCode::ACCEPTED, "accepted")),
        Some(_) => Err(changing()),
    })
}

async fn deprovision(State(vendor): State<Arc<IntelePeer>>, Path(tn): Path<String>) -> Result<Response, Refusal> {
    vendor.with(&tn, |line| match line.state {
        Some(Stage::Provisioned) => {
            line.state = Some(Stage::Derequested);
            Ok(done(StatusCode::ACCEPTED, "accepted"))
        }
        _ if line.is_changing() => Err(changing()),
        _ => Err(Refusal::bad("the number is not provisioned")),
    })
}

async fn provisioning(State(vendor): State<Arc<IntelePeer>>, Path(tn): Path<String>) -> Result<Response, Refusal> {
    let state = vendor.with(&tn, |line| Ok(line.step()))?;
    Ok(Json(json!({"provisioning": {"state": state}})).into_response())
}

#[derive(Deserialize)]
struct Webhook {
    webhook: String,
}

async fn set_webhook(
    State(vendor): State<Arc<IntelePeer>>,
    Path(tn): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let Webhook { webhook } = read::body(request).await.map_err(Refusal::bad)?;
    vendor.with(&tn, |line| {
        if line.state != Some(Stage::Provisioned) {
            return Err(Refusal::bad("the number is not enabled for SMS"));
        }
        if !is_web_address(&webhook) {
            return Err(Refusal::bad("the webhook must be a URL"));
        }
        line.webhook = Some(webhook);
        Ok(done(StatusCode::OK, "updated"))
    })
}

async fn webhook(State(vendor): State<Arc<IntelePeer>>, Path(tn): Path<String>) -> Result<Response, Refusal> {
    vendor.with(&tn, |line| {
        let answer = json!({"webhook": line.webhook, "tn_e164": tn, "provisioning": {"state": line.state}});
        Ok(Json(answer).into_response())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::tests::Client;

    const NEW: &str = "/sms/v1/+17208675309";
    const ENABLED: &str = "/sms/v1/+17208675310";
    const FAILING: &str = "/sms/v1/+17208675311";

    async fn client() -> Client {
        Client::new("intelepeer", "Bearer sandbox-token").await
    }

    /// Returns the status of a call without a body.
    async fn status(client: &Client, method: &str, path: &str) -> u16 {
        client.call(method, path, None).await.0
    }

    /// Returns the states seen in `polls` successive polls.
    async fn states(client: &Client, line: &str, questions: usize) -> Vec<Value> {
        let mut states = Vec::new();
        for _ in 0..questions {
            states.push(client.call("GET", &format!("{line}/provision"), None).await.1["provisioning"]["state"].take());
        }
        states
    }

    #[tokio::test]
    async fn enabling_and_disabling_take_a_step_with_every_question() {
        let client = client().await;
        let provision = format!("{NEW}/provision");
        assert_eq!(states(&client, NEW, 1).await, [Value::Null]);
        assert_eq!(status(&client, "DELETE", &provision).await, 400);
        assert_eq!(status(&client, "POST", &provision).await, 202);
        for method in ["POST", "DELETE"] {
            assert_eq!(status(&client, method, &provision).await, 409, "{method} while enabling");
        }
        assert_eq!(states(&client, NEW, 4).await, ["requested", "provisioning", "provisioned", "provisioned"]);
        assert_eq!(status(&client, "POST", &provision).await, 202);
        assert_eq!(states(&client, NEW, 1).await, ["provisioned"]);
        assert_eq!(status(&client, "DELETE", &provision).await, 202);
        for method in ["POST", "DELETE"] {
            assert_eq!(status(&client, method, &provision).await, 409, "{method} while disabling");
        }
        let gone = [json!("derequested"), json!("deprovisioning"), Value::Null];
        assert_eq!(states(&client, NEW, 3).await, gone);
    }

    #[tokio::test]
    async fn enabling_can_fail_and_be_asked_for_again() {
        let client = client().await;
        for _ in 0..2 {
            assert_eq!(status(&client, "POST", &format!("{FAILING}/provision")).await, 202);
            assert_eq!(states(&client, FAILING, 3).await, ["requested", "provisioning", "error"]);
        }
    }

    #[tokio::test]
    async fn a_webhook_is_an_address_and_needs_sms() {
        let client = client().await;
        let set = |line: &str, body: Value| {
            let (client, path) = (&client, format!("{line}/webhook"));
            async move { client.call("POST", &path, Some(&body)).await.0 }
        };
        let good = || json!({"webhook": "https://www.myserver.com/myapp"});
        assert_eq!(set(NEW, good()).await, 400);
        for bad in [json!({}), json!({"webhook": "myserver"}), json!([]), json!({"webhook": null})] {
            assert_eq!(set(ENABLED, bad).await, 400);
        }
        assert_eq!(set(ENABLED, good()).await, 200);
        let mut expected = good();
        expected["tn_e164"] = json!("+17208675310");
        expected["provisioning"] = json!({"state": "provisioned"});
        assert_eq!(client.call("GET", &format!("{ENABLED}/webhook"), None).await, (200, expected));

        assert_eq!(status(&client, "DELETE", &format!("{ENABLED}/provision")).await, 202);
        states(&client, ENABLED, 2).await;
        assert_eq!(client.call("GET", &format!("{ENABLED}/webhook"), None).await.1["webhook"], Value::Null);
    }

    #[tokio::test]
    async fn the_token_comes_first_then_the_form_of_the_number_then_whose_it_is() {
        let stranger = Client::new("intelepeer", "Bearer other").await;
        let client = client().await;
        for (method, what) in [
            ("POST", "provision"),
            ("DELETE", "provision"),
            ("GET", "provision"),
            ("POST", "webhook"),
            ("GET", "webhook"),
        ] {
            let body = (what == "webhook" && method == "POST").then(|| json!({"webhook": "https://a.b"}));
            for (number, expected) in [("17208675309", 400), ("+0720", 400), ("+17208675399", 404)] {
                let path = format!("/sms/v1/{number}/{what}");
                assert_eq!(stranger.call(method, &path, body.as_ref()).await.0, 401, "{method} {path}");
                let (status, answer) = client.call(method, &path, body.as_ref()).await;
                assert!(status == expected && answer["error"].is_string(), "{method} {path}: {status} {answer}");
            }
        }
        assert_eq!(status(&client, "PUT", &format!("{NEW}/provision")).await, 405);
        assert_eq!(status(&client, "GET", &format!("{NEW}/nothing")).await, 404);
    }

    #[tokio::test]
    async fn every_answer_is_json_with_what_the_documents_programs_print_and_no_sample_is_refused() {
        let client = client().await;
        let text = |answer: &Value| answer["text"].is_string();
        for body in [json!([]), json!({})] {
            let (status, answer) = client.call("POST", &format!("{FAILING}/provision?x=1"), Some(&body)).await;
            assert!(matches!(status, 202 | 409) && text(&answer), "{body}: {status} {answer}");
        }
        let url = format!("{}{ENABLED}/webhook", client.base_url());
        let http = crate::tests::http_client();
        let form = http.post(&url).header("authorization", "sandbox-token");
        let form =
            form.header("content-type", "application/x-www-form-urlencoded").body("webhook=https%3A%2F%2Fa.b%2Fc");
        let answer = form.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(text(&serde_json::from_str(&answer.text().await.unwrap()).unwrap()));
        let (_, line) = client.call("GET", &format!("{ENABLED}/webhook"), Some(&json!([]))).await;
        assert_eq!(line["webhook"], "https://a.b/c");
        // A POST without `Content-Length`, as curl sends it without a body.
        let bare =
            http.post(format!("{}{NEW}/provision", client.base_url())).header("authorization", client.authorization());
        assert_eq!(bare.send().await.unwrap().status(), 202);
        let (status, answer) = client.call("DELETE", &format!("{ENABLED}/webhook"), Some(&json!([]))).await;
        assert!(status == 405 && text(&answer), "{status} {answer}");
        assert!(text(&Client::new("intelepeer", "").await.call("GET", &format!("{NEW}/webhook"), None).await.1));
    }
}
