//! Looks up and cancels sent messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::send::cost;
use super::{Parameters, Refusal, SmsPartner, granted, international, signed, signed_body};
use crate::push::{self, Pusher};

/// The messages, by id.
#[derive(Default)]
pub(super) struct Messages(BTreeMap<u64, Message>);

pub(super) struct Message {
    pub(super) numbers: Vec<String>,
    /// The number of SMS for each number.
    pub(super) parts: usize,
    pub(super) scheduled: Option<Timestamp>,
    pub(super) cancelled: bool,
    /// The states of numbers whose messages were delivered or failed by a report, not at once.
    pub(super) ends: BTreeMap<String, bool>,
    /// Whether the message ends by a report alone.
    pub(super) waits: bool,
    /// Where to report to, and where replies go.
    pub(super) report_to: Option<String>,
    pub(super) reply_to: Option<String>,
}

impl Messages {
    /// Adds a message, and returns its id.
    pub(super) fn add(&mut self, message: Message) -> u64 {
        let id = self.0.last_key_value().map_or(300, |(id, _)| id + 1);
        self.0.insert(id, message);
        id
    }

    /// Returns the message of an id that was sent to a number.
    fn to(&self, id: u64, number: &str) -> Option<&Message> {
        let number = international(number);
        self.0.get(&id).filter(|message| message.numbers.iter().any(|known| international(known) == number))
    }

    /// Returns the newest message to a number, with its id.
    pub(super) fn newest_to(&self, number: &str) -> Option<(u64, &Message)> {
        let to = |message: &Message| message.numbers.iter().any(|known| international(known) == number);
        self.0.iter().rev().find(|(_, message)| to(message)).map(|(id, message)| (*id, message))
    }
}

impl Message {
    /// Returns the vendor's value for the state of the message to a number.
    fn state_name(&self, number: &str, now: Timestamp) -> &'static str {
        match (self.ends.get(&international(number)), self.scheduled) {
            _ if self.cancelled => "ko",
            (Some(true), _) => "Delivered",
            (Some(false), _) => "Not delivered",
            (None, Some(time)) if time > now => "Waiting",
            (None, _) if self.waits => "Waiting",
            (None, _) => "Delivered",
        }
    }

    /// Returns the time of that state, in seconds.
    fn date(&self, now: Timestamp) -> String {
        self.scheduled.unwrap_or(now).as_second().to_string()
    }
}

/// Returns the message of a request's id.
fn named(messages: &mut Messages, parameters: Parameters) -> Result<(u64, &mut Message), Refusal> {
    let parameters = signed(parameters)?;
    let id = parameters.get("messageId").ok_or(Refusal::new(3, "L'identifiant du message est requis"))?;
    let id = id.parse().map_err(|_| Refusal::new(4, "Le message est introuvable"))?;
    messages.0.get_mut(&id).map(|message| (id, message)).ok_or(Refusal::new(4, "Le message est introuvable"))
}

/// `GET /bulk-status`
pub(super) async fn status(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let now = Timestamp::now();
    let mut state = smspartner.state();
    let (id, message) = named(&mut state.messages, parameters)?;
    let date = message.date(now);
    let entry = |number: &String| {
        let word = message.state_name(number, now);
        json!({"phoneNumber": number, "status": word, "stopSMS": false, "date": date})
    };
    let list: Vec<_> = message.numbers.iter().map(entry).collect();
    Ok(granted(json!({"message_id": id.to_string(), "StatutResponse_List": list})))
}

/// `GET /message-status`
pub(super) async fn status_of_one(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let now = Timestamp::now();
    let parameters = signed(parameters)?;
    let number = parameters.get("phoneNumber").ok_or(Refusal::new(2, "Le numéro de téléphone est requis"))?;
    let id = parameters.get("messageId").ok_or(Refusal::new(3, "L'identifiant du message est requis"))?;
    let state = smspartner.state();
    let message = id.parse().ok().and_then(|id| state.messages.to(id, number));
    let message = message.ok_or(Refusal::new(4, "Le message est introuvable"))?;
    let number = international(number);
    Ok(granted(json!({
        "messageId": id, "stopSms": state.stop_list.has(&number), "date": message.date(now),
        "statut": message.state_name(&number, now),
        "cost": cost(message.parts), "countryCode": if number.starts_with("+33") { "FR" } else { "" }, "currency": "EUR",
        "number": number,
    })))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "SMSStatut_List")]
    list: Option<Vec<One>>,
}

/// A message to a number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    phone_number: String,
    message_id: u64,
}

/// `POST /multi-status`
pub(super) async fn status_of_several(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let now = Timestamp::now();
    let Asked { list } = signed_body(request).await?;
    let list = list.filter(|list| !list.is_empty()).ok_or(Refusal::new(2, "Le numéro de téléphone est requis"))?;
    if list.len() > 500 {
        return Err(Refusal::new(50, "Plus de 500 numéros"));
    }
    let state = smspartner.state();
    let shown =
        list.iter().map(|One { phone_number, message_id }| match state.messages.to(*message_id, phone_number) {
            Some(message) => json!({
                "success": true, "code": 200, "phoneNumber": phone_number, "messageId": message_id,
                "status": message.state_name(phone_number, now), "date": message.date(now), "stopSms": "0", "isSpam": "0",
            }),
            None => json!({
                "success": false, "code": 4, "phoneNumber": phone_number, "messageId": message_id,
                "status": "Numéro introuvable",
            }),
        });
    Ok(granted(json!({"StatutResponse_List": shown.collect::<Vec<_>>()})))
}

impl push::Messages for SmsPartner {
    fn pusher(&self) -> &Pusher {
        &self.pusher
    }

    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool {
        let Ok(id) = message.parse() else { return false };
        let mut state = self.state();
        let message = state.messages.0.get_mut(&id);
        let Some(message) = message.filter(|message| !message.cancelled) else { return false };
        let numbers = message.numbers.iter().map(|number| international(number));
        let to = to.map(international);
        let numbers: Vec<_> = numbers.filter(|number| to.as_ref().is_none_or(|to| to == number)).collect();
        for number in &numbers {
            message.ends.insert(number.clone(), delivered);
            self.push_report(id, message, number, delivered);
        }
        !numbers.is_empty()
    }
}

/// `GET /message-cancel`
pub(super) async fn cancel(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let now = Timestamp::now();
    let mut state = smspartner.state();
    let (_, message) = named(&mut state.messages, parameters)?;
    match message.scheduled {
        _ if message.cancelled => Err(Refusal::new(5, "L'envoi du SMS est déjà annulé")),
        Some(time) if time > now + SignedDuration::from_mins(5) => {
            message.cancelled = true;
            Ok(granted(json!({"message": "L'envoi du SMS a été annulé."})))
        }
        Some(time) if time > now => Err(Refusal::new(6, "Il est trop tard pour annuler")),
        _ => Err(Refusal::new(7, "Le SMS a déjà été envoyé")),
    }
}
