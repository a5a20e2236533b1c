//! Received messages: `/newsrsmsmessage`, `/srsmshistory`.
//!
//! A sandbox has no outside senders, so `POST /_sandbox/received` acts as one.
//!
//! # Guesses
//!
//! - Every number is a SIM of ours.
//! - `/newsrsmsmessage` returns each message once, whichever SIMs are requested. Of more than `limit` it returns the
//!   oldest and keeps the rest; it returns them newest first, as the sample of the document does.
//! - The history is newest first, the messages after a given one oldest first, as in the samples. The given one need
//!   not exist.
//! - A `limit` that is not 1 to 100 is rejected with 400.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Smsend;
use super::wire::{Answer, Page, Params, Refusal, compact, ensure, history_time, is_phone, number, ok_json, with_plus};
use crate::control::Command;

#[derive(Debug)]
struct Received {
    id: u64,
    sim: String,
    sender: String,
    message: String,
    keyword: String,
    date: String,
    handed_out: bool,
}

impl Received {
    fn shown(&self) -> Value {
        json!({
            "id_message": self.id.to_string(),
            "id_sim": self.sim,
            "sender": self.sender,
            "message": self.message,
            "sms_date": self.date,
            "keyword": self.keyword,
        })
    }
}

/// The received messages, oldest first.
#[derive(Debug, Default)]
pub(super) struct Inbox(Vec<Received>);

/// The SIMs in a path; all of them if it has none.
struct Sims(Option<Vec<String>>);

impl Sims {
    fn parse(path: Option<Path<String>>) -> Result<Self, Refusal> {
        let Some(Path(text)) = path else {
            return Ok(Self(None));
        };
        text.split(',').map(sim).collect::<Result<_, _>>().map(|sims| Self(Some(sims)))
    }

    fn has(&self, message: &Received) -> bool {
        self.0.as_ref().is_none_or(|sims| sims.contains(&message.sim))
    }
}

fn sim(text: &str) -> Result<String, Refusal> {
    ensure(is_phone(text), || format!("invalid id_sim {text}"))?;
    Ok(with_plus(text))
}

#[derive(Deserialize)]
pub(super) struct LimitParams {
    limit: Option<usize>,
}

impl LimitParams {
    fn get(&self) -> Result<usize, Refusal> {
        let limit = self.limit.unwrap_or(100);
        ensure((1..=100).contains(&limit), || "limit must be 1 to 100".to_owned())?;
        Ok(limit)
    }
}

pub(super) async fn new_messages(
    State(smsend): State<Arc<Smsend>>,
    sims: Option<Path<String>>,
    Params(params): Params<LimitParams>,
) -> Answer {
    let (sims, limit) = (Sims::parse(sims)?, params.get()?);
    let inbox = &mut smsend.state().inbox;
    let mut shown = Vec::new();
    for message in inbox.0.iter_mut().filter(|message| !message.handed_out && sims.has(message)).take(limit) {
        message.handed_out = true;
        shown.push(message.shown());
    }
    shown.reverse();
    ok_json(StatusCode::OK, json!({"result": "OK", "srsmshistory": shown}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryParams {
    from: String,
    to: Option<String>,
    page_number: Option<usize>,
    page_size: Option<usize>,
}

pub(super) async fn history(
    State(smsend): State<Arc<Smsend>>,
    sims: Option<Path<String>>,
    Params(params): Params<HistoryParams>,
) -> Answer {
    let sims = Sims::parse(sims)?;
    let from = history_time(&params.from, "from")?;
    let to = params.to.map_or_else(|| Ok(compact(Timestamp::now())), |to| history_time(&to, "to"))?;
    let page = Page::new(params.page_number, params.page_size, 10)?;
    let inbox = &smsend.state().inbox;
    let found = inbox.0.iter().rev().filter(|message| sims.has(message) && (&from..=&to).contains(&&message.date));
    let (messages, total) = page.cut(found);
    let shown: Vec<_> = messages.into_iter().map(Received::shown).collect();
    ok_json(
        StatusCode::OK,
        json!({
            "result": "OK",
            "srsmshistory": shown,
            "pageNumber": page.number,
            "pageSize": page.size,
            "total": total,
        }),
    )
}

pub(super) async fn after(
    State(smsend): State<Arc<Smsend>>,
    Path((wanted, id)): Path<(String, String)>,
    Params(params): Params<LimitParams>,
) -> Answer {
    let (wanted, id, limit) = (sim(&wanted)?, number(&id, "id_message")?, params.get()?);
    let inbox = &smsend.state().inbox;
    let later = inbox.0.iter().filter(|message| message.sim == wanted && message.id > id);
    let shown: Vec<_> = later.take(limit).map(Received::shown).collect();
    ok_json(StatusCode::OK, json!({"result": "OK", "srsmshistory": shown}))
}

/// An incoming message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Incoming {
    /// Our number; `sim` in the names of this vendor, as are the two below.
    #[serde(alias = "sim")]
    to: String,
    #[serde(alias = "sender")]
    from: String,
    #[serde(alias = "message")]
    text: String,
    #[serde(default)]
    keyword: String,
}

/// Control: receives a message.
pub(super) async fn receive(State(smsend): State<Arc<Smsend>>, Command(incoming): Command<Incoming>) -> Response {
    for number in [&incoming.to, &incoming.from] {
        if !is_phone(number) {
            return (StatusCode::BAD_REQUEST, format!("not a phone number in international form: {number}\n"))
                .into_response();
        }
    }
    let inbox = &mut smsend.state().inbox;
    let id = inbox.0.last().map_or(1, |last| last.id + 1);
    let received = Received {
        id,
        sim: with_plus(&incoming.to),
        sender: with_plus(&incoming.from),
        message: incoming.text,
        keyword: incoming.keyword,
        date: compact(Timestamp::now()),
        handed_out: false,
    };
    smsend.push_received(&received.sender, &received.sim, &received.message, &received.date);
    inbox.0.push(received);
    (StatusCode::CREATED, Json(json!({"id_message": id.to_string()}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    async fn client_with(sims: &[&str]) -> Client {
        let client = Client::new().await;
        for (at, sim) in sims.iter().enumerate() {
            let body = json!({"sim": sim, "sender": "+393356242290", "message": format!("m{}", at + 1)});
            let (status, text) = client.control("POST", "/received", body).await;
            assert_eq!((status, text), (201, format!("{{\"id_message\":\"{}\"}}", at + 1)));
        }
        client
    }

    async fn ids(client: &Client, path: &str) -> Vec<String> {
        let answer = client.get_json(path).await;
        let messages = answer["srsmshistory"].as_array().unwrap();
        messages.iter().map(|message| message["id_message"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn new_messages_are_handed_out_once() {
        let client = client_with(&["+393400000001", "+393400000002", "+393400000001", "+393400000001"]).await;
        assert_eq!(ids(&client, "/newsrsmsmessage/00393400000001?limit=2").await, ["3", "1"]);
        assert_eq!(ids(&client, "/newsrsmsmessage").await, ["4", "2"]);
        assert_eq!(ids(&client, "/newsrsmsmessage").await, Vec::<String>::new());
        for wrong in ["/newsrsmsmessage?limit=0", "/newsrsmsmessage?limit=101", "/newsrsmsmessage/me"] {
            assert_eq!(client.get(wrong).await.0, 400, "{wrong}");
        }
    }

    #[tokio::test]
    async fn the_history_keeps_them_all() {
        let client = client_with(&["+393400000001", "+393400000002", "+393400000003"]).await;
        ids(&client, "/newsrsmsmessage").await;
        assert_eq!(ids(&client, "/srsmshistory?from=20200101000000").await, ["3", "2", "1"]);
        let two = "/srsmshistory/%2B393400000001,00393400000003?from=20200101000000&pageSize=1&pageNumber=2";
        let page = client.get_json(two).await;
        assert_eq!((&page["total"], &page["pageSize"], &page["pageNumber"]), (&json!(2), &json!(1), &json!(2)));
        let message = &page["srsmshistory"][0];
        assert_eq!((&message["id_message"], &message["message"]), (&json!("1"), &json!("m1")));
        assert_eq!((&message["id_sim"], &message["keyword"]), (&json!("+393400000001"), &json!("")));
        assert_eq!(client.get("/srsmshistory").await.0, 400);
    }

    #[tokio::test]
    async fn messages_after_one_are_oldest_first() {
        let client = client_with(&["+393400000001", "+393400000001", "+393400000002", "+393400000001"]).await;
        assert_eq!(ids(&client, "/srsmshistory/+393400000001/1").await, ["2", "4"]);
        assert_eq!(ids(&client, "/srsmshistory/+393400000001/0?limit=1").await, ["1"]);
        assert_eq!(client.get("/srsmshistory/+393400000001/x").await.0, 400);
    }

    #[tokio::test]
    async fn a_wrong_control_call_says_what_is_wrong() {
        let client = Client::new().await;
        let (status, text) = client.control("POST", "/received", json!({"sim": "me"})).await;
        assert_eq!(status, 400);
        assert!(text.contains("from"), "{text}");
        let body = json!({"sim": "me", "sender": "+393356242290", "message": ""});
        assert_eq!(client.control("POST", "/received", body).await.0, 400);
    }
}
