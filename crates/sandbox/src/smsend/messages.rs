//! Sending: `POST /sms`, `/paramsms`, `/smstogroups`. Placeholders and parts of a text are in `text`.
//!
//! # Guesses
//!
//! - All three answer 201: every sample of the document checks for it, though its tables have 200 for the
//!   last two. `/smstogroups` has no table of fields; it accepts those of `/sms`, with names of groups as recipients.
//! - Of the members of the vendor's newer pages, `scheduled_delivery_timezone` is honoured, and `returnRemaining` and
//!   `allowInvalidRecipients` everywhere.
//! - Every message type accepts a sender, and a sender need not be an alias.
//! - Without credit the order is rejected with 400.
//! - An order id is at most 32 of `A-Z a-z 0-9 _ . -`. A reused one creates another order, which a look-up then
//!   returns: the document's samples share an id.
//! - A time in the past sends at once. Without a zone of its own the time is in UTC.
//! - `allowInvalidRecipients` skips the invalid ones. A number in two groups gets one message.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Smsend;
use super::credits::type_name;
use super::orders::{Order, Recipient};
use super::text::{Encoding, fill, parts};
use super::wire::{Answer, Body, Refusal, ensure, is_phone, ok_json, parse_date, with_plus};
use crate::push::ends_later;

/// The body of the three operations, each of which requires one of the two lists of recipients.
#[derive(Deserialize)]
pub(super) struct Submission {
    message_type: String,
    message: String,
    recipient: Option<Vec<String>>,
    recipients: Option<BTreeMap<String, BTreeMap<String, String>>>,
    #[serde(default)]
    sender: String,
    scheduled_delivery_time: Option<String>,
    scheduled_delivery_timezone: Option<String>,
    order_id: Option<String>,
    #[serde(default, rename = "returnCredits")]
    return_credits: bool,
    #[serde(default, rename = "returnRemaining")]
    return_remaining: bool,
    #[serde(default, rename = "allowInvalidRecipients")]
    allow_invalid_recipients: bool,
    #[serde(default)]
    encoding: Encoding,
}

pub(super) async fn send(State(smsend): State<Arc<Smsend>>, Body(mut body): Body<Submission>) -> Answer {
    let numbers = body.plain_recipients()?;
    let texts = numbers.into_iter().map(|number| (number, body.message.clone())).collect();
    body.submit(&smsend, texts)
}

pub(super) async fn send_to_groups(State(smsend): State<Arc<Smsend>>, Body(mut body): Body<Submission>) -> Answer {
    let names = body.plain_recipients()?;
    let mut numbers = BTreeSet::new();
    for name in &names {
        let state = smsend.state();
        let members = state.groups.phones(name, &state.contacts);
        numbers.extend(members.ok_or_else(|| Refusal::bad(format!("group {name} not found")))?);
    }
    ensure(!numbers.is_empty(), || "the groups have no contact with a phone number".to_owned())?;
    let texts = numbers.into_iter().map(|number| (number, body.message.clone())).collect();
    body.submit(&smsend, texts)
}

pub(super) async fn send_parametric(State(smsend): State<Arc<Smsend>>, Body(mut body): Body<Submission>) -> Answer {
    let recipients = body.recipients.take().ok_or_else(|| Refusal::bad("recipients is required"))?;
    ensure(!recipients.is_empty(), || "recipients is empty".to_owned())?;
    let mut in_order: Vec<_> = recipients.into_iter().collect();
    // The keys count the recipients; sorted as text, 10 would come before 9.
    in_order.sort_by_key(|(key, _)| key.parse::<u64>().unwrap_or(u64::MAX));
    let texts = in_order
        .into_iter()
        .map(|(_, params)| {
            let number = params.get("recipient").cloned().unwrap_or_default();
            (number, fill(&body.message, &params))
        })
        .collect();
    body.submit(&smsend, texts)
}

impl Submission {
    fn plain_recipients(&mut self) -> Result<Vec<String>, Refusal> {
        let recipients = self.recipient.take().ok_or_else(|| Refusal::bad("recipient is required"))?;
        ensure(!recipients.is_empty(), || "recipient is empty".to_owned())?;
        Ok(recipients)
    }

    /// Checks the rest, and accepts the order.
    fn submit(self, smsend: &Arc<Smsend>, mut texts: Vec<(String, String)>) -> Answer {
        self.check()?;
        let state = &mut *smsend.state();
        let now = Timestamp::now();
        let scheduled = self.scheduled()?.filter(|time| *time > now);
        if self.allow_invalid_recipients {
            texts.retain(|(number, _)| is_phone(number));
            ensure(!texts.is_empty(), || "no valid recipient".to_owned())?;
        }
        if let Some((number, _)) = texts.iter().find(|(number, _)| !is_phone(number)) {
            return Err(Refusal::bad(format!("invalid recipient {number}")));
        }
        let id = given(self.order_id).unwrap_or_else(|| Uuid::now_v7().to_string());
        let credits = texts.iter().map(|(_, text)| parts(text, self.encoding)).sum();
        state.account.credits.spend(&self.message_type, credits)?;
        let total_sent = if self.return_credits { credits } else { texts.len() as u64 };
        let mut answer = json!({"result": "OK", "order_id": id, "total_sent": total_sent});
        if self.return_remaining {
            answer["remaining_credits"] = json!(state.account.credits.left(&self.message_type));
        }
        if scheduled.is_none() {
            texts.iter().for_each(|(number, _)| ends_later(smsend, &id, &with_plus(number)));
        }
        state.orders.add(Order {
            id,
            created: now,
            scheduled,
            message_type: self.message_type,
            sender: self.sender,
            credits,
            recipients: texts
                .into_iter()
                .map(|(number, text)| {
                    let destination = with_plus(&number);
                    Recipient { stopped: state.stop_list.has(&destination), destination, text, ended: None }
                })
                .collect(),
            looked_up: 0,
            finished: None,
        });
        ok_json(StatusCode::CREATED, answer)
    }

    fn check(&self) -> Result<(), Refusal> {
        ensure(type_name(&self.message_type).is_some(), || format!("invalid message_type {}", self.message_type))?;
        let limit = if self.message_type == "LL" { 160 } else { 1000 };
        let length = self.message.chars().count();
        ensure((1..=limit).contains(&length), || format!("message must have 1 to {limit} characters, not {length}"))?;
        let id = self.order_id.as_deref().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        ensure(id.len() <= 32 && id.bytes().all(allowed), || format!("invalid order_id {id}"))
    }

    fn scheduled(&self) -> Result<Option<Timestamp>, Refusal> {
        let zone = match &self.scheduled_delivery_timezone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| Refusal::bad(format!("unknown time zone {name}")))?,
        };
        let Some(text) = given(self.scheduled_delivery_time.clone()) else {
            return Ok(None);
        };
        let local = || parse_date(&text).and_then(|time| zone.to_timestamp(time).ok());
        let time = text.parse().ok().or_else(local);
        time.map(Some).ok_or_else(|| Refusal::bad(format!("invalid scheduled_delivery_time {text}")))
    }
}

/// Returns a text that is not empty.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;
    use serde_json::Value;

    fn sms(changes: Value) -> Value {
        let mut body = json!({"message_type": "GP", "message": "Hello", "recipient": ["+393471234567"]});
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    }

    #[tokio::test]
    async fn the_documents_own_sample_is_taken() {
        let client = Client::new().await;
        let body = json!({
            "returnCredits": true,
            "order_id": "123456789",
            "recipient": ["+393471234567", "+393471234568"],
            "scheduled_delivery_time": "20161223101010",
            "message": "Hello world!",
            "message_type": "GP",
            "sender": "MySender",
        });
        let (status, answer) = client.post_json("/sms", &body).await;
        assert_eq!((status, answer), (201, json!({"result": "OK", "order_id": "123456789", "total_sent": 2})));
        // The samples of the other two operations have the same id.
        let again = json!({"order_id": "123456789", "recipient": ["Group1"], "message": "Hi", "message_type": "GP"});
        assert_eq!(client.post_json("/smstogroups", &again).await.0, 201);
        let order = client.get_json("/sms/123456789").await;
        assert_eq!(order["recipients"][0]["destination"], "+393471000001", "the newest is shown");
        assert_eq!(client.get_json("/smshistory?from=20000101000000").await["total"], 2);
    }

    #[tokio::test]
    async fn what_the_document_forbids_is_refused() {
        let client = Client::new().await;
        for changes in [
            json!({"message_type": "X"}),
            json!({"message_type": null}),
            json!({"message": ""}),
            json!({"message": "x".repeat(1001)}),
            json!({"message_type": "LL", "message": "x".repeat(161)}),
            json!({"recipient": []}),
            json!({"recipient": "+393471234567"}),
            json!({"recipient": ["393471234567"]}),
            json!({"recipient": ["+39 347 1234567"]}),
            json!({"recipient": null}),
            json!({"scheduled_delivery_time": "20300231101010"}),
            json!({"scheduled_delivery_time": "tomorrow"}),
            json!({"scheduled_delivery_timezone": "Mars/Olympus"}),
            json!({"order_id": "a b"}),
            json!({"order_id": "x".repeat(33)}),
            json!({"returnCredits": "yes"}),
            json!({"encoding": "utf8"}),
        ] {
            let (status, answer) = client.post_json("/sms", &sms(changes.clone())).await;
            assert_eq!(status, 400, "{changes}");
            assert!(answer["result"].is_string(), "{changes}: {answer}");
        }
        assert_eq!(client.get_json("/smshistory?from=20000101000000").await["total"], 0);
    }

    #[tokio::test]
    async fn what_is_optional_may_be_there() {
        let client = Client::new().await;
        for changes in [
            json!({"message_type": "LL", "message": "x".repeat(160)}),
            json!({"message": "\u{e8}".repeat(1000)}),
            json!({"recipient": ["00393471234567"]}),
            json!({"sender": "", "scheduled_delivery_time": null, "returnCredits": "false", "encoding": "ucs2"}),
            json!({"sender": null, "order_id": null, "returnCredits": null, "recipients": null, "campaign": {}}),
            json!({"scheduled_delivery_time": "", "order_id": "", "returnRemaining": 1}),
            json!({"scheduled_delivery_time": "2030-01-01T10:00:00Z", "order_id": 42}),
            json!({"scheduled_delivery_time": "2030-01-01T10:00:00.123456"}),
            json!({"scheduled_delivery_time": "Aug 18, 2030 1:31:00 PM", "recipient": {"0": "+393471234567"}}),
            json!({"scheduled_delivery_time": "2030-01-01 10:00.0", "scheduled_delivery_timezone": "UTC"}),
            json!({"campaign_name": "c", "short_link_url": "http://a.b", "id_landing": 1}),
            json!({"recipient": ["+393471234567", "bad"], "allowInvalidRecipients": true}),
        ] {
            let (status, answer) = client.post_json("/sms", &sms(changes.clone())).await;
            assert_eq!((status, &answer["total_sent"]), (201, &json!(1)), "{changes}: {answer}");
            assert!(!answer["order_id"].as_str().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn a_body_is_read_without_its_content_type_and_a_path_with_two_slashes() {
        let client = Client::new().await;
        for path in ["/sms", "//sms", "/sms/"] {
            let url = format!("{}{path}", client.sandbox().base_url());
            let sent = client.bare("POST", &url).body(sms(json!({})).to_string()).send().await.unwrap();
            assert_eq!(sent.status(), 201, "{path}");
        }
    }

    #[tokio::test]
    async fn credits_are_spent_and_run_out() {
        let client = Client::new().await;
        client.control("PUT", "/credits", json!({"type": "GP", "quantity": 5})).await;
        let long = sms(json!({"message": "x".repeat(161), "recipient": ["+393471234567", "+393471234568"]}));
        let mut counted = long.clone();
        counted["returnCredits"] = json!(true);
        counted["returnRemaining"] = json!(true);
        let (_, answer) = client.post_json("/sms", &counted).await;
        assert_eq!((&answer["total_sent"], &answer["remaining_credits"]), (&json!(4), &json!(1)));
        assert_eq!(client.post_json("/sms", &long).await, (400, json!({"result": "not enough credit"})));
        // N is another name of GP.
        assert_eq!(client.post("/sms", &sms(json!({"message_type": "N"}))).await.0, 201);
        assert_eq!(client.get_json("/status").await["sms"][2], json!({"type": "GP", "quantity": 0}));
    }

    #[tokio::test]
    async fn placeholders_take_each_recipients_values() {
        let client = Client::new().await;
        let mut body = json!({
            "message_type": "GP",
            "message": "Hello {name}, welcome to ${nation}",
            "order_id": "p",
            "allowInvalidRecipients": false,
            "returnRemaining": true,
            "recipients": {
                "10": {"recipient": "+393477654321", "nation": "Alabama"},
                "9": {"recipient": "+393471234567", "name": "Mark"},
            },
        });
        let (status, answer) = client.post_json("/paramsms", &body).await;
        assert_eq!((status, &answer["total_sent"]), (201, &json!(2)));
        let outbox: Value = serde_json::from_str(&client.control("GET", "/outbox", json!(null)).await.1).unwrap();
        assert_eq!(outbox[0]["message"], "Hello Mark, welcome to ");
        assert_eq!(outbox[1]["message"], "Hello , welcome to Alabama");
        body["order_id"] = json!("q");
        body["recipients"]["11"] = json!({"name": "nobody"});
        assert_eq!(client.post("/paramsms", &body).await.0, 400);
        body["allowInvalidRecipients"] = json!(true);
        assert_eq!(client.post_json("/paramsms", &body).await.1["total_sent"], 2);
        // PHP writes a list where the keys count up.
        body["order_id"] = json!("r");
        body["recipients"] = json!([{"recipient": "+393471234567", "name": 7}]);
        assert_eq!(client.post_json("/paramsms", &body).await.1["total_sent"], 1);
        body.as_object_mut().unwrap().remove("recipients");
        assert_eq!(client.post("/paramsms", &body).await.0, 400);
    }

    #[tokio::test]
    async fn groups_are_addressed_by_name() {
        let client = Client::new().await;
        let both = sms(json!({"recipient": ["Group1", "Group2"]}));
        let (status, answer) = client.post_json("/smstogroups", &both).await;
        assert_eq!((status, &answer["total_sent"]), (201, &json!(4)));
        let twice = sms(json!({"recipient": ["Group1", "Group1"]}));
        assert_eq!(client.post_json("/smstogroups", &twice).await.1["total_sent"], 2);
        let unknown = sms(json!({"recipient": ["Group1", "Group9"]}));
        assert_eq!(
            client.post_json("/smstogroups", &unknown).await,
            (400, json!({"result": "group Group9 not found"}))
        );
    }
}
