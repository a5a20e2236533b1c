//! What LOX24 pushes: events by POST, and the older GETs. **Built from third-hand facts**: the pages on its webhooks, and
//! other people's parsers of them.
//!
//! # Guesses
//!
//! - An event is attempted four times, as the pages have it, a minute, five and fifteen minutes apart, which they do not
//!   have. Every 2xx is a success.
//! - An older push of a delivery is attempted four times, of another state once, and of a received SMS three times.
//! - In an older push of a received SMS `sender_id` is the sender, `phone` the number that received it and `id` is 1.
//! - Nothing is signed.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Lox24;
use crate::push::{Content, Push, PushKind, Retries};

const EVENT: Retries = Retries { waits: &[60, 300, 900], accepts: is_success };
const OLDER_RECEIVED: Retries = Retries { waits: &[60, 300], accepts: is_success };
const ONCE: Retries = Retries { waits: &[], accepts: is_success };

/// `dlr_code` of a delivery.
pub(super) const DELIVERY_OK: u8 = 1;

fn is_success(status: StatusCode) -> bool {
    status.is_success()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Lox24 {
    /// Pushes the state of an SMS.
    pub(super) fn push_report(&self, event: &'static str, sms: &Value) {
        if self.pusher.is_older() {
            let names = ["uuid", "dlr_code", "key_id", "callback_data"];
            let query = names.map(|name| (name, text(&sms[name])));
            let retries = if sms["dlr_code"] == DELIVERY_OK { EVENT } else { ONCE };
            self.pusher.push(Push::new(PushKind::Report, Content::Query(query.into()), retries));
            return;
        }
        let data = json!({
            "id": sms["uuid"], "key_id": sms["key_id"], "dlr_code": sms["dlr_code"], "status_code": sms["status_code"],
            "callback_data": sms["callback_data"],
        });
        self.push_event(PushKind::Report, event, data);
    }

    /// Pushes a received SMS.
    pub(super) fn push_received(&self, incoming: &Value) {
        if self.pusher.is_older() {
            let mut query = vec![
                ("sender_id", text(&incoming["from"])),
                ("text", text(&incoming["text"])),
                ("time", text(&incoming["received_at"])),
                ("phone", text(&incoming["to"])),
                ("id", "1".to_owned()),
            ];
            if let Some(answered) = incoming["msg_uuid"].as_str() {
                query.push(("uuid", answered.to_owned()));
            }
            self.pusher.push(Push::new(PushKind::Received, Content::Query(query), OLDER_RECEIVED));
            return;
        }
        let mut data = incoming.clone();
        data["id"] = data["uuid"].take();
        if let Some(data) = data.as_object_mut() {
            data.remove("uuid");
        }
        self.push_event(PushKind::Received, "sms.incoming", data);
    }

    fn push_event(&self, kind: PushKind, name: &'static str, data: Value) {
        let (id, created) = (Uuid::now_v7().to_string(), jiff::Timestamp::now().as_second());
        let content = move |attempt| {
            Content::Json(json!({
                "id": id, "name": name, "api_version": "2022-05-25", "created_at": created, "attempt_number": attempt,
                "attempt_total": EVENT.waits.len() + 1, "notification_task_id": Uuid::now_v7().to_string(), "data": data,
            }))
        };
        self.pusher.push(Push { kind, to: None, content: Box::new(content), retries: EVENT });
    }
}
