//! What IP1SMS pushes: delivery reports, and received SMS. **Built from third-hand facts**: the vendor's pages on its
//! second version.
//!
//! # Guesses
//!
//! - Only the status 200 is a success, and there are ten attempts, ten minutes apart, as the pages have it; they have it
//!   for reports alone.
//! - A batch of the second version is reported to its own address. A message of the first is reported to the address of
//!   the settings, which the vendor does not do: its id and that of its bundle are those of the report, as texts.
//! - Codes are 201, delivered, which is in the pages, and 301, failed, which is not. Both are final: `duration` is 1.
//! - Received SMS go to the `CallbackURL` of the virtual phone: in the form of the second version, or, as the older one,
//!   with the members of the first version's messages.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::messages::Sent;
use super::stop_list::digits;
use super::{Ip1Sms, OWNER};
use crate::control::Command;
use crate::push::{Content, Push, PushKind, Retries};

const RETRIES: Retries = Retries { waits: &[600; 9], accepts: |status| status == StatusCode::OK };

/// The codes of the two ends.
pub(super) const DELIVERED: u16 = 201;
pub(super) const FAILED: u16 = 301;

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Ip1Sms {
    /// Pushes the final state of a message.
    pub(super) fn push_report(&self, id: &str, sent: &Sent, code: u16) {
        let body = json!({
            "messageId": id, "batchId": sent.batch(), "recipient": sent.to, "code": code, "duration": 1, "created": now(),
            "segments": sent.segments(), "price": sent.price(), "currency": "sek", "reference": sent.reference,
        });
        let push = Push::new(PushKind::Report, Content::Json(body), RETRIES);
        self.pusher.push(push.to(sent.report_to.as_deref()));
    }

    fn push_received(&self, Incoming { from, to, text }: &Incoming) -> String {
        let number = self.received.fetch_add(1, Ordering::Relaxed) + 1;
        let segments = text.chars().count().div_ceil(160).max(1);
        let (id, body) = if self.pusher.is_older() {
            let body = json!({
                "ID": number, "From": from, "To": to, "Message": text, "Status": 22, "StatusDescription": "Received",
                "Segments": segments, "Created": now().trim_end_matches('Z'),
            });
            (number.to_string(), body)
        } else {
            // 24 digits, as the vendor's are.
            let id = Uuid::now_v7().simple().to_string()[..24].to_owned();
            let body = json!({
                "id": id, "batchId": null, "owner": OWNER, "sender": from, "recipient": to, "body": text,
                "direction": "mo", "segments": segments, "type": "sms", "datacoding": "gsm", "priority": 1, "statuses": [],
                "modified": now(), "mcc": 240, "mnc": 1,
            });
            (id, body)
        };
        let push = Push::new(PushKind::Received, Content::Json(body), RETRIES);
        self.pusher.push(push.to(self.books().settings.callback_url.as_deref()));
        id
    }
}

/// An incoming SMS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incoming {
    from: String,
    to: String,
    text: String,
}

/// Control: receives an SMS.
pub(super) async fn receive(State(vendor): State<Arc<Ip1Sms>>, Command(mut incoming): Command<Incoming>) -> Response {
    for number in [&mut incoming.from, &mut incoming.to] {
        match digits(number) {
            Some(plain) => *number = plain.to_owned(),
            None => return (StatusCode::BAD_REQUEST, format!("invalid number {number}\n")).into_response(),
        }
    }
    (StatusCode::CREATED, Json(json!({"id": vendor.push_received(&incoming)}))).into_response()
}
