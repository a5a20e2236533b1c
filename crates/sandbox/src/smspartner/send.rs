//! Sending: one text to many, many texts, and from a virtual number.
//!
//! # Guesses
//!
//! - In a list of texts each number has its own verdict. In `/send` one wrong number rejects all.
//! - The numbers may have spaces, as those of the vendor's lists have after their commas.
//! - A trial (`sandbox`) changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::messages::Message;
use super::{Refusal, SmsPartner, State as Books, compact, granted, is_number, paris, signed_body, time_text};
use crate::push::ends_later;

/// The body of the three operations, each of which has its own member for the recipients.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Send {
    phone_numbers: Option<String>,
    #[serde(rename = "SMSList")]
    sms_list: Option<Vec<Single>>,
    to: Option<String>,
    from: Option<String>,
    message: Option<String>,
    sender: Option<String>,
    gamme: Option<u8>,
    tag: Option<String>,
    scheduled_delivery_date: Option<String>,
    time: Option<i8>,
    minute: Option<i8>,
    is_unicode: Option<u8>,
    url_response: Option<String>,
    url_dlr: Option<String>,
}

/// A text for one number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Single {
    phone_number: Option<String>,
    message: Option<String>,
}

fn given(text: Option<&String>) -> Option<&String> {
    text.filter(|text| !text.is_empty())
}

/// Returns the price of that many SMS.
pub(super) fn cost(count: usize) -> f64 {
    (count * 45) as f64 / 1000.0
}

impl Send {
    /// Returns the number of SMS of a text, if it is valid.
    fn parts(&self, text: &str) -> Result<usize, Refusal> {
        let length = text.chars().count();
        let (one, more) = if self.is_unicode == Some(1) { (70, 67) } else { (160, 153) };
        let parts = if length <= one { 1 } else { length.div_ceil(more) };
        if self.gamme == Some(2) && length > 160 {
            return Err(Refusal::new(42, "160 caractères au maximum"));
        }
        if parts > 10 { Err(Refusal::new(52, "Plus de 10 SMS")) } else { Ok(parts) }
    }

    fn check(&self, numbers: usize) -> Result<(), Refusal> {
        let sender_is_right = given(self.sender.as_ref()).is_none_or(|sender| {
            (3..=11).contains(&sender.len()) && sender.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
        });
        let tag_is_right = given(self.tag.as_ref()).is_none_or(|tag| tag.chars().count() <= 20 && !tag.contains(' '));
        for (wrong, code, message) in [
            (numbers > 500, 50, "Plus de 500 numéros"),
            (!matches!(self.is_unicode, None | Some(0 | 1)), 9, "isUnicode n'est pas valide"),
            (!matches!(self.gamme, None | Some(1 | 2)), 9, "La gamme n'est pas valide"),
            (!sender_is_right, 44, "L'émetteur n'est pas valide"),
            (!tag_is_right, 9, "Le tag n'est pas valide"),
        ] {
            if wrong {
                return Err(Refusal::new(code, message));
            }
        }
        Ok(())
    }

    /// Returns the time to send at; the three members are required together.
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

    /// Adds the message to these numbers, each of which takes that many SMS, and returns its id.
    fn add(
        &self,
        vendor: &Arc<SmsPartner>,
        books: &mut Books,
        numbers: Vec<String>,
        parts: usize,
        scheduled: Option<Timestamp>,
    ) -> u64 {
        let id = books.messages.add(Message {
            numbers: numbers.clone(),
            parts,
            scheduled,
            cancelled: false,
            ends: BTreeMap::new(),
            waits: vendor.pusher.reports_later(),
            report_to: self.url_dlr.clone(),
            reply_to: self.url_response.clone(),
        });
        if scheduled.is_none() {
            numbers.iter().for_each(|number| ends_later(vendor, &id.to_string(), number));
        }
        id
    }
}

/// Accepts a text to numbers, all or none; `count` is the member with their number in the answer.
fn one_text(vendor: &Arc<SmsPartner>, send: &Send, numbers: Vec<String>) -> Result<Json<Value>, Refusal> {
    let books = &mut *vendor.state();
    let text = given(send.message.as_ref()).ok_or(Refusal::new(43, "Le message est requis"))?;
    send.check(numbers.len())?;
    if numbers.iter().any(|number| !is_number(number)) {
        return Err(Refusal::new(9, "Ce numéro de téléphone n'est pas valide"));
    }
    let count = send.parts(text)? * numbers.len();
    let scheduled = send.schedule()?;
    if numbers.iter().any(|number| books.stop_list.has(number)) {
        return Err(Refusal::new(14, "Un numéro est dans la liste STOP"));
    }
    let parts = count / numbers.len().max(1);
    let id = send.add(vendor, books, numbers, parts, scheduled);
    let mut answer = json!({"message_id": id, "nb_sms": count, "cost": cost(count), "currency": "EUR"});
    if let Some(time) = scheduled {
        answer["scheduledDeliveryDate"] = time_text(time).into();
    }
    Ok(granted(answer))
}

/// `POST /send`
pub(super) async fn send(State(smspartner): State<Arc<SmsPartner>>, request: Request) -> Result<Json<Value>, Refusal> {
    let send: Send = signed_body(request).await?;
    let numbers = given(send.phone_numbers.as_ref()).ok_or(Refusal::new(2, "Le numéro de téléphone est requis"))?;
    let numbers = numbers.split(',').map(compact).collect();
    one_text(&smspartner, &send, numbers)
}

/// `POST /vn/send`
pub(super) async fn send_from_number(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let send: Send = signed_body(request).await?;
    let to = given(send.to.as_ref()).ok_or(Refusal::new(2, "Le numéro de téléphone est requis"))?;
    given(send.from.as_ref()).ok_or(Refusal::new(44, "L'émetteur est requis"))?;
    one_text(&smspartner, &send, vec![compact(to)])
}

/// `POST /bulk-send`
pub(super) async fn send_bulk(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let send: Send = signed_body(request).await?;
    let list = send.sms_list.as_ref().filter(|list| !list.is_empty());
    let list = list.ok_or(Refusal::new(55, "Aucun numéro de téléphone"))?;
    send.check(list.len())?;
    let scheduled = send.schedule()?;
    let books = &mut *smspartner.state();
    let taken = |single: &Single| {
        let number = compact(given(single.phone_number.as_ref()).ok_or((2, "Le numéro de téléphone est requis"))?);
        let text = given(single.message.as_ref()).ok_or((43, "Le message est requis"))?;
        let parts = send.parts(text).map_err(|refusal| (refusal.code, refusal.message))?;
        match () {
            () if !is_number(&number) => Err((9, "Ce numéro de téléphone n'est pas valide")),
            () if books.stop_list.has(&number) => Err((14, "Le numéro est dans la liste STOP")),
            () => Ok((number, parts)),
        }
    };
    let taken: Vec<_> = list.iter().map(taken).collect();
    let shown = taken.iter().zip(list).map(|(taken, single)| match taken {
        Ok((number, parts)) => {
            json!({"success": true, "code": 200, "nbSms": parts, "cost": cost(*parts), "phoneNumber": number})
        }
        Err((code, message)) => {
            json!({"success": false, "code": code, "message": message, "phoneNumber": single.phone_number})
        }
    });
    let shown: Vec<_> = shown.collect();
    let (numbers, parts): (Vec<_>, Vec<usize>) = taken.into_iter().filter_map(Result::ok).unzip();
    let count: usize = parts.into_iter().sum();
    let each = (count / numbers.len().max(1)).max(1);
    let id = send.add(&smspartner, books, numbers, each, scheduled);
    Ok(granted(json!({
        "message_id": id, "currency": "EUR", "cost": cost(count), "nbSMS": count, "SMSResponse_List": shown,
    })))
}
