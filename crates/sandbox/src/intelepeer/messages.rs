//! Messages. **Built from third-hand facts**: the document has none of this. The facts about `POST /sms/v1/{tn}/send`
//! and `POST /sms/v1/mdr` are from the vendor's other pages, and were not tried.
//!
//! # Guesses
//!
//! - `to` and `text` are required, `guid` is not. A `from` of the newer versions is ignored: the number is in the path.
//! - A foreign number in the path is a 401 here, as on the vendor's page on sending, and not the webhook's 404.
//!   One on which SMS are not enabled is a 400. A `to` outside of `+1` is a 403.
//! - Every look-up returns a message's state and then advances it: the names are those of this version of the
//!   API. The page has a number for ACCEPTED alone, 3000: the others are made up.
//! - Both operations answer 202.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{IntelePeer, Refusal, Stage, is_e164};
use crate::push::{self, Pusher};
use crate::read;

/// The states of a message, in order.
const STEPS: [(&str, u32); 4] = [("CREATED", 1000), ("ENQUEUED", 2000), ("ACCEPTED", 3000), ("DELIVERED", 4000)];

/// The state of a message that was not delivered.
const FAILED: (&str, u32) = ("FAILED", 6009);

/// The messages, oldest first.
pub(super) type Messages = Vec<Sent>;

/// A message.
pub(super) struct Sent {
    to: String,
    /// The state, as an index.
    step: usize,
    failed: bool,
}

#[derive(Deserialize)]
struct Send {
    to: String,
    text: String,
}

#[derive(Deserialize)]
struct Question {
    refid: String,
}

pub(super) fn routes() -> Router<Arc<IntelePeer>> {
    Router::new().route("/sms/v1/{tn}/send", post(send)).route("/sms/v1/mdr", post(record))
}

/// Returns the id of a message by its index.
fn refid(place: usize) -> String {
    format!("SM{place:030}")
}

async fn send(
    State(vendor): State<Arc<IntelePeer>>,
    Path(tn): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let Send { to, text } = read::body(request).await.map_err(Refusal::bad)?;
    if !is_e164(&tn) || !is_e164(&to) || text.is_empty() {
        return Err(Refusal::bad("bad format"));
    }
    match vendor.lines().get(tn.as_str()) {
        None => return Err(Refusal(StatusCode::UNAUTHORIZED, "the number is not yours".to_owned())),
        Some(line) if line.state != Some(Stage::Provisioned) => return Err(Refusal::bad("the number is not enabled")),
        Some(_) => {}
    }
    if !to.starts_with("+1") {
        return Err(Refusal(StatusCode::FORBIDDEN, "international destination not available".to_owned()));
    }
    let refid = {
        let mut messages = vendor.messages();
        messages.push(Sent { to: to.clone(), step: 0, failed: false });
        refid(messages.len())
    };
    push::ends_later(&vendor, &refid, &to);
    Ok((StatusCode::ACCEPTED, Json(json!({"state": "CREATED", "refid": refid}))).into_response())
}

/// Returns the message of an id.
fn find<'a>(messages: &'a mut Messages, id: &str) -> Option<&'a mut Sent> {
    let found = (1..=messages.len()).find(|place| refid(*place) == id);
    found.and_then(|place| messages.get_mut(place - 1))
}

impl push::Messages for IntelePeer {
    fn pusher(&self) -> &Pusher {
        &self.pusher
    }

    /// Changes what look-ups return: this vendor pushes no reports.
    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool {
        let mut messages = self.messages();
        let sent = find(&mut messages, message).filter(|sent| to.is_none_or(|to| sent.to == to));
        let Some(sent) = sent else { return false };
        (sent.step, sent.failed) = (STEPS.len() - 1, !delivered);
        true
    }
}

async fn record(State(vendor): State<Arc<IntelePeer>>, request: Request) -> Result<Response, Refusal> {
    let question: Question = read::body(request).await.map_err(Refusal::bad)?;
    let mut messages = vendor.messages();
    let sent = find(&mut messages, &question.refid);
    let sent = sent.ok_or_else(|| Refusal(StatusCode::NOT_FOUND, "record not found".to_owned()))?;
    let (name, code) = if sent.failed { FAILED } else { STEPS[sent.step] };
    sent.step = (sent.step + 1).min(STEPS.len() - 1);
    Ok((StatusCode::ACCEPTED, Json(json!({"RCC_en": name, "RCC": code}))).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::tests::Client;

    const SEND: &str = "/sms/v1/+17208675310/send";

    #[tokio::test]
    async fn a_message_goes_a_step_further_with_every_question() {
        let client = Client::new("intelepeer", "Bearer sandbox-token").await;
        let body = json!({"to": "+17205550100", "text": "Hi", "guid": "g"});
        let (status, answer) = client.call("POST", SEND, Some(&body)).await;
        assert_eq!((status, &answer["state"]), (202, &json!("CREATED")));
        let question = json!({"refid": answer["refid"]});
        for name in ["CREATED", "ENQUEUED", "ACCEPTED", "DELIVERED", "DELIVERED"] {
            let (status, answer) = client.call("POST", "/sms/v1/mdr", Some(&question)).await;
            assert_eq!((status, &answer["RCC_en"]), (202, &json!(name)));
        }
        assert_eq!(client.call("POST", "/sms/v1/mdr", Some(&json!({"refid": "SM0"}))).await.0, 404);
        assert_eq!(client.call("POST", "/sms/v1/mdr", Some(&json!({}))).await.0, 400);
    }

    #[tokio::test]
    async fn who_sends_what_to_whom_is_looked_at() {
        let client = Client::new("intelepeer", "Bearer sandbox-token").await;
        let good = || json!({"to": "+17205550100", "text": "Hi"});
        let with = |member: &str, value: Value| {
            let mut body = good();
            body[member] = value;
            body
        };
        for (path, body, expected) in [
            (SEND, good(), 202),
            (SEND, with("to", json!("17205550100")), 400),
            (SEND, with("to", json!("+46700000001")), 403),
            (SEND, with("text", json!("")), 400),
            (SEND, with("from", json!("+17208675310")), 202),
            (SEND, with("guid", json!("")), 202),
            (SEND, with("text", json!(12345)), 202),
            (SEND, with("text", Value::Null), 400),
            ("/sms/v1/+17208675309/send", good(), 400),
            ("/sms/v1/+17208675399/send", good(), 401),
            ("/sms/v1/17208675310/send", good(), 400),
        ] {
            assert_eq!(client.call("POST", path, Some(&body)).await.0, expected, "{path} {body}");
        }
    }
}
