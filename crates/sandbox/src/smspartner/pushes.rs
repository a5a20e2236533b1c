//! What SMSPartner pushes: replies, STOPs and delivery reports. **Built from third-hand facts**: the vendor's page on
//! webhooks and, for reports, another program that reads them.
//!
//! # Guesses
//!
//! - A push is attempted three times, a minute and five minutes apart, and every 2xx is a success: no page has that.
//! - An SMS to a number of at most six digits, which is a short one, is a reply to the newest message to its sender, and
//!   goes to the `urlResponse` of that message. Without such a message its `message_id` is null. The text STOP, in any
//!   letter case, is a push of the type `stop`, and puts the sender on the stop list.
//! - An SMS to a longer number is one to a virtual number, in the form of those, and goes to the address of the settings.
//!   A text of more than 160 characters is pushed in parts of 153.
//! - A report goes to the `urlDlr` of its message, by POST, or by GET as the older form. Its members are what the other
//!   program looks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::messages::Message;
use super::send::cost;
use super::{SmsPartner, compact, international, time_text};
use crate::control::Command;
use crate::push::{Content, Push, PushKind, Retries};

const RETRIES: Retries = Retries { waits: &[60, 300], accepts: |status| status.is_success() };

/// The maximum length of a short number.
const SHORT: usize = 6;

/// The number of characters of a text in one part, and of a part of a longer one.
const ALONE: usize = 160;
const JOINED: usize = 153;

impl SmsPartner {
    /// Pushes the state of a message to a number.
    pub(super) fn push_report(&self, id: u64, message: &Message, number: &str, delivered: bool) {
        let (status, date) = (if delivered { "delivered" } else { "not delivered" }, Timestamp::now().as_second());
        let (phone, cost) = (international(number), cost(message.parts));
        let content = if self.pusher.is_older() {
            Content::Query(vec![
                ("msgId", id.to_string()),
                ("phone", phone),
                ("status", status.to_owned()),
                ("date", date.to_string()),
                ("cost", cost.to_string()),
                ("currency", "EUR".to_owned()),
            ])
        } else {
            Content::Json(json!({
                "msgId": id, "phone": phone, "status": status, "date": date, "cost": cost, "currency": "EUR",
            }))
        };
        self.pusher.push(Push::new(PushKind::Report, content, RETRIES).to(message.report_to.as_deref()));
    }

    /// Pushes a reply to a message, or a STOP.
    fn push_reply(&self, from: &str, text: &str) {
        let mut state = self.state();
        let stops = text.trim().eq_ignore_ascii_case("stop");
        if stops && !state.stop_list.has(from) {
            state.stop_list.add(from.to_owned());
        }
        let (id, reply_to) = state.messages.newest_to(from).map(|(id, message)| (id, message.reply_to.clone())).unzip();
        let (kind, name) = if stops { (PushKind::Stop, "stop") } else { (PushKind::Received, "response") };
        let body = json!({"type": name, "phone_number": from, "text": text, "message_id": id});
        let push = Push::new(kind, Content::Json(body), RETRIES);
        self.pusher.push(push.to(reply_to.flatten().as_deref()));
    }

    /// Pushes an SMS to a virtual number.
    fn push_to_virtual_number(&self, from: &str, to: &str, text: &str) {
        let parts = parts(text);
        let reference = Uuid::now_v7().simple().to_string()[..8].to_owned();
        for (number, part) in (1..).zip(&parts) {
            let mut body = json!({
                "msisdn": from.trim_start_matches('+'), "to": to.trim_start_matches('+'),
                "messageId": Uuid::now_v7().to_string(), "text": part, "type": "text",
                "keyword": text.split_whitespace().next().unwrap_or_default().to_uppercase(),
                "message-timestamp": time_text(Timestamp::now()),
            });
            if parts.len() > 1 {
                body["concat"] = "true".into();
                body["concat-ref"] = reference.clone().into();
                body["concat-total"] = parts.len().to_string().into();
                body["concat-part"] = Value::String(format!("{number}"));
            }
            self.pusher.push(Push::new(PushKind::Received, Content::Json(body), RETRIES));
        }
    }
}

/// Returns the parts of a text.
fn parts(text: &str) -> Vec<String> {
    let characters: Vec<_> = text.chars().collect();
    let size = if characters.len() <= ALONE { ALONE } else { JOINED };
    match characters.is_empty() {
        true => vec![String::new()],
        false => characters.chunks(size).map(|part| part.iter().collect()).collect(),
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
pub(super) async fn receive(State(vendor): State<Arc<SmsPartner>>, Command(incoming): Command<Incoming>) -> Response {
    let Incoming { from, to, text } = incoming;
    let (from, to) = (international(&from), compact(&to));
    if to.trim_start_matches('+').len() <= SHORT {
        vendor.push_reply(&from, &text);
    } else {
        vendor.push_to_virtual_number(&from, &international(&to), &text);
    }
    (StatusCode::CREATED, Json(json!({}))).into_response()
}
