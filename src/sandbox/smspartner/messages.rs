//! Messages: sent, looked up, cancelled.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parameters, Refusal, SmsPartner, granted, is_number, paris, signed, signed_body, time_text};

/// The messages, by id.
#[derive(Default)]
pub(super) struct Messages(BTreeMap<u64, Message>);

struct Message {
    numbers: Vec<String>,
    scheduled: Option<Timestamp>,
    cancelled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Send {
    phone_numbers: Option<String>,
    message: Option<String>,
    sender: Option<String>,
    gamme: Option<u8>,
    tag: Option<String>,
    scheduled_delivery_date: Option<String>,
    time: Option<i8>,
    minute: Option<i8>,
    is_unicode: Option<u8>,
}

impl Send {
    /// When to send; the three go together.
    fn schedule(&self) -> Result<Option<Timestamp>, Refusal> {
        let Some(date) = &self.scheduled_delivery_date else {
            return match (self.time, self.minute) {
                (None, None) => Ok(None),
                _ => Err(Refusal::new(45, "La date est requise")),
            };
        };
        let date = Date::strptime("%d/%m/%Y", date).map_err(|_| Refusal::new(46, "La date n'est pas valide"))?;
        let hour = self.time.filter(|hour| (0..24).contains(hour)).ok_or(Refusal::new(47, "L'heure est requise"))?;
        let minute = self.minute.filter(|minute| (0..60).contains(minute) && minute % 5 == 0);
        let minute = minute.ok_or(Refusal::new(48, "La minute est requise"))?;
        let time =
            paris().to_zoned(date.at(hour, minute, 0, 0)).map_err(|_| Refusal::new(46, "La date n'est pas valide"))?;
        Ok(Some(time.timestamp()))
    }
}

/// `POST /send`
pub(super) async fn send(State(smspartner): State<Arc<SmsPartner>>, request: Request) -> Result<Json<Value>, Refusal> {
    let send: Send = signed_body(request).await?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let numbers = given(&send.phone_numbers).ok_or(Refusal::new(2, "Le numéro de téléphone est requis"))?;
    let numbers: Vec<String> = numbers.split(',').map(str::to_owned).collect();
    let text = given(&send.message).ok_or(Refusal::new(43, "Le message est requis"))?;
    let unicode = match send.is_unicode {
        None | Some(0) => false,
        Some(1) => true,
        Some(_) => return Err(Refusal::new(9, "isUnicode n'est pas valide")),
    };
    let length = text.chars().count();
    let (one, more) = if unicode { (70, 67) } else { (160, 153) };
    let parts = if length <= one { 1 } else { length.div_ceil(more) };
    let sender_is_right = given(&send.sender).is_none_or(|sender| {
        (3..=11).contains(&sender.len()) && sender.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
    });
    let tag_is_right = given(&send.tag).is_none_or(|tag| tag.chars().count() <= 20 && !tag.contains(' '));
    let low_cost = send.gamme == Some(2);
    for (wrong, code, message) in [
        (numbers.len() > 500, 50, "Plus de 500 numéros"),
        (numbers.iter().any(|number| !is_number(number)), 9, "Ce numéro de téléphone n'est pas valide"),
        (!matches!(send.gamme, None | Some(1 | 2)), 9, "La gamme n'est pas valide"),
        (low_cost && length > 160, 42, "160 caractères au maximum"),
        (parts > 10, 52, "Plus de 10 SMS"),
        (!sender_is_right, 44, "L'émetteur n'est pas valide"),
        (!tag_is_right, 9, "Le tag n'est pas valide"),
    ] {
        if wrong {
            return Err(Refusal::new(code, message));
        }
    }
    let scheduled = send.schedule()?;
    let mut state = smspartner.state();
    if numbers.iter().any(|number| state.stop_list.has(number)) {
        return Err(Refusal::new(14, "Un numéro est dans la liste STOP"));
    }
    let id = state.messages.0.last_key_value().map_or(300, |(id, _)| id + 1);
    let count = parts * numbers.len();
    state.messages.0.insert(id, Message { numbers, scheduled, cancelled: false });
    let cost = format!("{}.{:03}", count * 45 / 1000, count * 45 % 1000);
    let mut answer = json!({"message_id": id, "nb_sms": count, "cost": cost, "currency": "EUR"});
    if let Some(time) = scheduled {
        answer["scheduledDeliveryDate"] = time_text(time).into();
    }
    Ok(granted(answer))
}

/// The message that a request names.
fn named(messages: &mut Messages, parameters: Parameters) -> Result<(u64, &mut Message), Refusal> {
    let parameters = signed(parameters, &["messageId"])?;
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
    let word = match message.scheduled {
        _ if message.cancelled => "ko",
        Some(time) if time > now => "Waiting",
        _ => "Delivered",
    };
    let date = message.scheduled.unwrap_or(now).as_second().to_string();
    let entry = |number| json!({"phoneNumber": number, "status": word, "stopSMS": false, "date": date});
    let list: Vec<_> = message.numbers.iter().map(entry).collect();
    Ok(granted(json!({"message_id": id.to_string(), "StatutResponse_List": list})))
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
