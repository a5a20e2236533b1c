//! The stop list: `/blacklist/sms`. **Built from third-hand facts**: the document does not have it. The
//! parameters, the statuses and the answer `true` to a POST are those of the vendor's newer manual, which prints no answer
//! to a GET.
//!
//! # Guesses
//!
//! - The list is called `blacklist`, its entries have `phoneNumber`, `origin` and `date`; a page has 10 of them, newest
//!   first.
//! - A number that is on it already may be added again, which changes nothing.
//! - An order to a number on it is accepted, and ends as `BLACKLISTED` there. Credits are not returned.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Smsend;
use super::wire::{Answer, Page, PageParams, Params, compact, ensure, is_phone, ok_json, with_plus};

/// The numbers and their times, oldest first.
#[derive(Debug, Default)]
pub(super) struct StopList(Vec<(String, String)>);

impl StopList {
    pub(super) fn has(&self, number: &str) -> bool {
        self.0.iter().any(|(known, _)| known == number)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddParams {
    phone_number: String,
}

pub(super) async fn add(State(smsend): State<Arc<Smsend>>, Params(params): Params<AddParams>) -> Answer {
    ensure(is_phone(&params.phone_number), || "Invalid recipient".to_owned())?;
    let number = with_plus(&params.phone_number);
    let list = &mut smsend.state().stop_list;
    if !list.has(&number) {
        list.0.push((number, compact(Timestamp::now())));
    }
    ok_json(StatusCode::OK, true)
}

pub(super) async fn list(State(smsend): State<Arc<Smsend>>, Params(params): Params<PageParams>) -> Answer {
    let page = Page::of(&params, 10)?;
    let list = &smsend.state().stop_list;
    let (entries, total) = page.cut(list.0.iter().rev());
    let shown = |(number, date): &(String, String)| json!({"phoneNumber": number, "origin": "API", "date": date});
    let shown: Vec<Value> = entries.into_iter().map(shown).collect();
    let answer = json!({"blacklist": shown, "pageNumber": page.number, "pageSize": page.size, "total": total});
    ok_json(StatusCode::OK, answer)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    #[tokio::test]
    async fn who_is_put_on_it_gets_no_message() {
        let client = Client::new().await;
        for number in ["00393471234567", "%2B393471234567"] {
            let added = client.call("POST", &format!("/blacklist/sms?phoneNumber={number}"), None).await;
            assert_eq!(added, (200, "true".to_owned()));
        }
        let list = client.get_json("/blacklist/sms?pageNumber=1&pageSize=5").await;
        assert_eq!((&list["total"], &list["blacklist"][0]["phoneNumber"]), (&json!(1), &json!("+393471234567")));
        let order = json!({"message_type": "GP", "message": "Hi", "order_id": "o", "recipient": ["+393471234567"]});
        assert_eq!(client.call("POST", "/sms", Some(&order)).await.0, 201);
        for state in ["WAITING", "SENT", "BLACKLISTED"] {
            assert_eq!(client.get_json("/sms/o").await["recipients"][0]["status"], json!(state));
        }
    }

    #[tokio::test]
    async fn what_is_no_number_is_refused() {
        let client = Client::new().await;
        for query in ["", "?phoneNumber=", "?phoneNumber=393471234567"] {
            assert_eq!(client.call("POST", &format!("/blacklist/sms{query}"), None).await.0, 400, "{query}");
        }
        assert_eq!(client.call("GET", "/blacklist/sms?pageSize=0", None).await.0, 400);
        assert_eq!(client.call("DELETE", "/blacklist/sms", None).await.0, 405);
    }
}
