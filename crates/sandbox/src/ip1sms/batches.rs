//! Batches: the second version of sending, which has delivery reports. **Built from third-hand facts**: the document does
//! not have it. The facts about `POST /v2/batches`, `GET /v2/batches/{id}` and the messages below it are from the
//! vendor's pages and its official sample, and were not tried.
//!
//! # Guesses
//!
//! - `sender`, `recipients` and `body` are required. A batch is answered 201, without its messages.
//! - Recipients are a list of numbers, or an object by number, whose placeholders change nothing here.
//! - Numbers are digits without `+`, which is accepted. Others, and those on the stop list, are skipped; a batch to no
//!   other number is a 400.
//! - A look-up returns a message's status and then advances it: 101, 102, 201. 301 is a failure.
//! - The lists of the first version have these messages too.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::messages::{Sent, second};
use super::pushes::{DELIVERED, FAILED};
use super::stop_list::digits;
use super::{Ip1Sms, OWNER, refusal};
use crate::push::ends_later;
use crate::read;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    sender: String,
    recipients: Recipients,
    body: String,
    delivery_report_url: Option<String>,
    reference: Option<String>,
}

/// The recipients of a batch.
#[derive(Deserialize)]
#[serde(untagged)]
enum Recipients {
    List(Vec<String>),
    Object(serde_json::Map<String, Value>),
}

impl Recipients {
    fn numbers(&self) -> Vec<String> {
        match self {
            Self::List(numbers) => numbers.clone(),
            Self::Object(numbers) => numbers.keys().filter(|key| *key != "default").cloned().collect(),
        }
    }
}

pub(super) fn routes() -> Router<Arc<Ip1Sms>> {
    Router::new()
        .route("/v2/batches", post(create))
        .route("/v2/batches/{batch}", get(look_up))
        .route("/v2/batches/{batch}/messages", get(list))
        .route("/v2/batches/{batch}/messages/{message}", get(message))
}

async fn create(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    let batch = match read::body::<Batch>(request).await {
        Ok(batch) if batch.sender.is_empty() || batch.body.trim().is_empty() => {
            return refusal(StatusCode::BAD_REQUEST, "sender and body are required");
        }
        Ok(batch) => batch,
        Err(reason) => return refusal(StatusCode::BAD_REQUEST, &reason),
    };
    // 24 digits, as the vendor's are.
    let id = Uuid::now_v7().simple().to_string()[..24].to_owned();
    let mut books = vendor.books();
    let numbers = batch.recipients.numbers();
    let numbers: Vec<_> = numbers.iter().filter_map(|number| digits(number)).collect();
    let numbers: Vec<_> = numbers.into_iter().filter(|number| !books.stop_list.has(number)).collect();
    if numbers.is_empty() {
        return refusal(StatusCode::BAD_REQUEST, "there are no recipients");
    }
    let mut ids = Vec::new();
    for number in numbers {
        let sent = Sent {
            from: batch.sender.clone(),
            to: number.to_owned(),
            text: batch.body.clone(),
            bundle: 0,
            status: 0,
            batch: Some(id.clone()),
            report_to: batch.delivery_report_url.clone(),
            reference: batch.reference.clone(),
        };
        ids.push((books.messages.add(sent), number));
    }
    for (message, number) in &ids {
        ends_later(&vendor, message, number);
    }
    let answer = json!({
        "id": id, "sender": batch.sender, "body": batch.body, "owner": OWNER, "direction": "MT", "type": "sms", "priority": 1,
        "status": 112, "deliveryReportUrl": batch.delivery_report_url, "reference": batch.reference, "tags": [],
        "messageSummary": {"101": {"messages": ids.len(), "sms": ids.len()}},
    });
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// Returns a message as this version shows it.
fn shown(id: &str, place: usize, sent: &Sent) -> Value {
    let (code, duration) = match sent.status {
        0 => (101, 0),
        21 => (102, 0),
        22 => (DELIVERED, 1),
        _ => (FAILED, 1),
    };
    json!({
        "id": id, "batchId": sent.batch(), "owner": OWNER, "sender": sent.from, "recipient": sent.to, "body": sent.text,
        "direction": 0, "segments": sent.segments(), "type": 0, "datacoding": 0, "priority": 1, "price": sent.price(),
        "currency": "sek", "statuses": [{"code": code, "duration": duration, "created": second(place) + "Z"}],
        "modified": second(place + 1) + "Z", "reference": sent.reference, "mcc": 240, "mnc": 1,
    })
}

async fn list(State(vendor): State<Arc<Ip1Sms>>, Path(batch): Path<String>) -> Response {
    let books = vendor.books();
    let messages: Vec<_> = books.messages.of_batch(&batch).map(|(id, place, sent)| shown(&id, place, sent)).collect();
    match messages.is_empty() {
        true => refusal(StatusCode::NOT_FOUND, "no such batch"),
        false => Json(messages).into_response(),
    }
}

async fn look_up(State(vendor): State<Arc<Ip1Sms>>, Path(batch): Path<String>) -> Response {
    let books = vendor.books();
    let Some((_, _, sent)) = books.messages.of_batch(&batch).next() else {
        return refusal(StatusCode::NOT_FOUND, "no such batch");
    };
    Json(json!({
        "id": batch, "sender": sent.from, "body": sent.text, "owner": OWNER, "direction": "MT", "type": "sms", "priority": 1,
        "status": 112, "deliveryReportUrl": sent.report_to, "reference": sent.reference, "tags": [],
    }))
    .into_response()
}

async fn message(State(vendor): State<Arc<Ip1Sms>>, Path((batch, message)): Path<(String, String)>) -> Response {
    let mut books = vendor.books();
    let found = books.messages.of_batch(&batch).find(|(id, ..)| *id == message);
    let Some((answer, place)) = found.map(|(id, place, sent)| (shown(&id, place, sent), place)) else {
        return refusal(StatusCode::NOT_FOUND, "no such message");
    };
    books.messages.advance(place);
    Json(answer).into_response()
}
