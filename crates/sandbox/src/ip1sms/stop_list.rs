//! The stop list. **Built from third-hand facts**: the document does not have it. The facts about `/api/blacklist` are
//! from the vendor's reference and its official clients, and were not tried.
//!
//! # Guesses
//!
//! - `46700000099` is on it from the start, as the entry 1. Numbers on the list get no message.
//! - A number has 2 to 15 digits, with `+` or without, and is returned without. Adding a number that is on the list
//!   already changes nothing.
//! - `Created` has no zone.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ip1Sms, each, refusal};

/// The entries, oldest first, by id and number.
pub(super) struct StopList {
    entries: Vec<(u64, String)>,
    next: u64,
}

impl Default for StopList {
    fn default() -> Self {
        Self { entries: vec![(1, "46700000099".to_owned())], next: 2 }
    }
}

impl StopList {
    fn add(&mut self, number: String) -> Value {
        if let Some(known) = self.entries.iter().find(|(_, phone)| *phone == number) {
            return shown(known);
        }
        let entry = (self.next, number);
        self.next += 1;
        let shown = shown(&entry);
        self.entries.push(entry);
        shown
    }

    pub(super) fn has(&self, number: &str) -> bool {
        self.entries.iter().any(|(_, phone)| phone == number)
    }
}

/// Returns the digits of a number, if it is valid.
pub(super) fn digits(number: &str) -> Option<&str> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    ((2..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewEntry {
    phone: String,
}

pub(super) fn routes() -> Router<Arc<Ip1Sms>> {
    Router::new().route("/api/blacklist", get(list).post(add)).route("/api/blacklist/{id}", delete(remove))
}

fn shown((id, phone): &(u64, String)) -> Value {
    json!({"ID": id, "Created": "2016-12-23T10:10:10", "Phone": phone})
}

async fn list(State(vendor): State<Arc<Ip1Sms>>) -> Json<Vec<Value>> {
    Json(vendor.books().stop_list.entries.iter().map(shown).collect())
}

async fn add(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    let valid =
        |entry: NewEntry| digits(&entry.phone).map(str::to_owned).ok_or_else(|| "Phone is not valid".to_owned());
    match each(request, valid).await {
        Ok(numbers) => {
            let list = &mut vendor.books().stop_list;
            numbers.answer(|number| list.add(number))
        }
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn remove(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let list = &mut vendor.books().stop_list;
    match list.entries.iter().position(|(entry, _)| entry.to_string() == id) {
        Some(at) => Json(shown(&list.entries.remove(at))).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "no such entry"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip1sms::BASIC;
    use crate::tests::Client;

    const LIST: &str = "/api/blacklist";

    #[tokio::test]
    async fn who_is_put_on_it_gets_no_message_until_taken_off() {
        let client = Client::new("ip1sms", BASIC).await;
        let send = json!({"From": "iP1", "Numbers": ["46700000001"], "Message": "Hej"});
        let phone = json!({"Phone": "+46700000001"});
        let (status, entry) = client.call("POST", LIST, Some(&phone)).await;
        assert_eq!((status, &entry["ID"], &entry["Phone"]), (200, &json!(2), &json!("46700000001")));
        assert_eq!(client.call("POST", LIST, Some(&phone)).await, (200, entry.clone()));
        assert_eq!(client.call("GET", LIST, None).await.1[1], entry);
        assert_eq!(client.call("POST", "/api/sms/send", Some(&send)).await.0, 400);
        assert_eq!(client.call("DELETE", "/api/blacklist/2", None).await, (200, entry));
        assert_eq!(client.call("DELETE", "/api/blacklist/2", None).await.0, 404);
        assert_eq!(client.call("POST", "/api/sms/send", Some(&send)).await.0, 200);
    }

    #[tokio::test]
    async fn it_takes_several_numbers_when_asked_and_never_goes_as_a_whole() {
        let client = Client::new("ip1sms", BASIC).await;
        let phone = json!({"Phone": "+46700000001"});
        let (status, both) = client.call("POST", "/api/blacklist?multiple", Some(&json!([phone, phone]))).await;
        assert_eq!((status, &both[0]["ID"], &both[1]["ID"]), (200, &json!(2), &json!(2)));
        for body in [json!({}), json!({"Phone": "abc"}), json!([]), json!([phone])] {
            assert_eq!(client.call("POST", LIST, Some(&body)).await.0, 400, "{body}");
        }
        assert_eq!(client.call("DELETE", LIST, None).await.0, 405);
    }
}
