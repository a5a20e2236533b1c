//! Orders: `GET` and `DELETE /sms/{order_id}`, `GET /smshistory`.
//!
//! # How delivery advances
//!
//! Look-ups advance it, so that a test needs no clock: the first `GET /sms/{order_id}` returns `WAITING`, the second
//! `SENT`, the third and later ones `DLVRD`. A scheduled order is `SCHEDULED` until its time has come. A number whose
//! last three digits are in [`ENDS`] ends in the state there. The control API, and the settings of the pushes, end messages
//! without look-ups: one that is failed has the state of its digits, else `ERROR`.
//!
//! # Guesses
//!
//! - All of that, and that `delivery_date` is `yyyyMMddHHmmss` once delivered (the document has it
//!   empty, in an order that waits) and stays empty where nothing was delivered.
//! - The states are those of the vendor's newer pages.
//! - A deleted order is gone: not found, not in the history, its credits returned.
//! - The history is newest first and includes both its ends; what is sent at once is scheduled for its time of
//!   creation.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Smsend;
use super::pushes::End;
use super::wire::{Answer, Page, Params, Refusal, compact, history_time, ok_json};
use crate::push::{self, Pusher};

/// The number of stored orders; the oldest are dropped first, so that a load test does not fill the memory.
const CAPACITY: usize = 100_000;

/// The final states of messages to numbers with these last three digits.
pub(super) const ENDS: &[(&str, &str)] = &[
    ("102", "WAIT4DLVR"),
    ("400", "INVALIDDST"),
    ("402", "KO"),
    ("403", "BLACKLISTED"),
    ("404", "UNKNRCPT"),
    ("406", "INVALIDCONTENTS"),
    ("408", "TIMEOUT"),
    ("423", "TOOM4USER"),
    ("429", "TOOM4NUM"),
    ("500", "ERROR"),
    ("501", "UNKNPFX"),
];

const DELIVERED: &str = "DLVRD";

/// One submission.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) created: Timestamp,
    /// The time to send at, if it was in the future on arrival.
    pub(super) scheduled: Option<Timestamp>,
    pub(super) message_type: String,
    pub(super) sender: String,
    pub(super) credits: u64,
    pub(super) recipients: Vec<Recipient>,
    /// The number of look-ups since it was sent.
    pub(super) looked_up: u32,
    /// The time of the first look-up in a final state.
    pub(super) finished: Option<Timestamp>,
}

/// One recipient of an order.
#[derive(Debug)]
pub(super) struct Recipient {
    pub(super) destination: String,
    pub(super) text: String,
    /// Whether the number was on the stop list on arrival.
    pub(super) stopped: bool,
    /// The final state, where it came by itself or by the control API.
    pub(super) ended: Option<&'static str>,
}

impl Recipient {
    /// Returns the final state that look-ups lead to.
    fn end(&self) -> &'static str {
        if self.stopped {
            return "BLACKLISTED";
        }
        ENDS.iter().find(|(digits, _)| self.destination.ends_with(digits)).map_or(DELIVERED, |(_, end)| *end)
    }
}

impl Order {
    fn is_scheduled(&self, now: Timestamp) -> bool {
        self.scheduled.is_some_and(|time| time > now)
    }

    /// Looks the order up, which advances its state.
    fn look_up(&mut self, now: Timestamp) -> Value {
        let scheduled = self.is_scheduled(now);
        if !scheduled {
            self.looked_up = self.looked_up.saturating_add(1);
            if self.looked_up == 3 {
                self.finished = Some(now);
            }
        }
        let state_of = |recipient: &Recipient| match (recipient.ended, self.looked_up) {
            (Some(ended), _) => ended,
            _ if scheduled => "SCHEDULED",
            (None, 1) => "WAITING",
            (None, 2) => "SENT",
            (None, _) => recipient.end(),
        };
        let recipients: Vec<_> = self
            .recipients
            .iter()
            .map(|recipient| {
                let status = state_of(recipient);
                let date = self.finished.filter(|_| status == DELIVERED).map(compact).unwrap_or_default();
                json!({"status": status, "destination": recipient.destination, "delivery_date": date})
            })
            .collect();
        json!({"recipient_number": recipients.len(), "result": "OK", "recipients": recipients})
    }
}

/// All orders, in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Orders {
    by_number: BTreeMap<u64, Order>,
    numbers: HashMap<String, u64>,
    next: u64,
}

impl Orders {
    pub(super) fn add(&mut self, order: Order) {
        if self.by_number.len() == CAPACITY
            && let Some((number, oldest)) = self.by_number.pop_first()
            // A newer order may have its id.
            && self.numbers.get(&oldest.id) == Some(&number)
        {
            self.numbers.remove(&oldest.id);
        }
        self.numbers.insert(order.id.clone(), self.next);
        self.by_number.insert(self.next, order);
        self.next += 1;
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Order> {
        self.by_number.get_mut(self.numbers.get(id)?)
    }

    /// Cancels an order that is not sent yet.
    fn cancel(&mut self, id: &str, now: Timestamp) -> Option<Order> {
        let number = *self.numbers.get(id)?;
        if !self.by_number.get(&number)?.is_scheduled(now) {
            return None;
        }
        self.numbers.remove(id);
        self.by_number.remove(&number)
    }

    fn newest_first(&self) -> impl Iterator<Item = &Order> {
        self.by_number.values().rev()
    }
}

impl push::Messages for Smsend {
    fn pusher(&self) -> &Pusher {
        &self.pusher
    }

    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool {
        let mut state = self.state();
        let Some(&dispatch) = state.orders.numbers.get(message) else { return false };
        let Some(order) = state.orders.by_number.get_mut(&dispatch) else { return false };
        order.finished = Some(Timestamp::now());
        let mut found = false;
        for (number, recipient) in (1..).zip(&mut order.recipients) {
            if to.is_some_and(|to| recipient.destination != to) {
                continue;
            }
            found = true;
            let state = match recipient.end() {
                _ if delivered => DELIVERED,
                DELIVERED => "ERROR",
                end => end,
            };
            recipient.ended = Some(state);
            let destination = &recipient.destination;
            self.push_report(&End { order: message, dispatch, message: number, destination, state });
        }
        found
    }
}

pub(super) async fn get_order(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let mut state = smsend.state();
    let order = state.orders.get_mut(&id).ok_or_else(|| Refusal::not_found("order_id not found"))?;
    ok_json(StatusCode::OK, order.look_up(Timestamp::now()))
}

pub(super) async fn cancel_order(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let mut state = smsend.state();
    let order = state
        .orders
        .cancel(&id, Timestamp::now())
        .ok_or_else(|| Refusal::not_found("order_id not found, or not scheduled"))?;
    state.account.credits.add(&order.message_type, order.credits)?;
    ok_json(StatusCode::OK, json!({"result": "OK"}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryParams {
    from: String,
    to: Option<String>,
    page_number: Option<usize>,
    page_size: Option<usize>,
}

pub(super) async fn history(State(smsend): State<Arc<Smsend>>, Params(params): Params<HistoryParams>) -> Answer {
    // Times of this form sort correctly as text.
    let from = history_time(&params.from, "from")?;
    let to = params.to.map_or_else(|| Ok(compact(Timestamp::now())), |to| history_time(&to, "to"))?;
    let page = Page::new(params.page_number, params.page_size, 10)?;
    let state = smsend.state();
    let found = state.orders.newest_first().filter(|order| (&from..=&to).contains(&&compact(order.created)));
    let (orders, total) = page.cut(found);
    let shown: Vec<_> = orders
        .into_iter()
        .map(|order| {
            json!({
                "order_id": order.id,
                "create_time": compact(order.created),
                "schedule_time": compact(order.scheduled.unwrap_or(order.created)),
                "message_type": order.message_type,
                "sender": order.sender,
                "num_recipients": order.recipients.len(),
            })
        })
        .collect();
    ok_json(
        StatusCode::OK,
        json!({
            "total": total,
            "pageNumber": page.number,
            "result": "OK",
            "pageSize": page.size,
            "smshistory": shown,
        }),
    )
}

/// Control: returns the texts for each recipient, for no operation of the vendor returns them.
pub(super) async fn outbox(State(smsend): State<Arc<Smsend>>) -> Json<Value> {
    let state = smsend.state();
    let texts = state.orders.newest_first().take(1_000).flat_map(|order| {
        order.recipients.iter().map(|recipient| {
            json!({
                "order_id": order.id,
                "sender": order.sender,
                "destination": recipient.destination,
                "message": recipient.text,
            })
        })
    });
    Json(texts.collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    async fn send(client: &Client, id: &str, changes: Value) {
        let mut body = json!({"message_type": "GP", "message": "x", "recipient": ["+393471234567"], "order_id": id});
        for (key, value) in changes.as_object().unwrap() {
            body[key] = value.clone();
        }
        let (status, text) = client.post("/sms", &body).await;
        assert_eq!(status, 201, "{text}");
    }

    #[tokio::test]
    async fn an_order_moves_on_when_looked_at() {
        let client = Client::new().await;
        send(&client, "a", json!({"recipient": ["+393471234567", "00393471234404"]})).await;
        let first = json!({"status": "WAITING", "destination": "+393471234567", "delivery_date": ""});
        let second = json!({"status": "WAITING", "destination": "+393471234404", "delivery_date": ""});
        let expected = json!({"recipient_number": 2, "result": "OK", "recipients": [first, second]});
        assert_eq!(client.get_json("/sms/a").await, expected);
        assert_eq!(client.get_json("/sms/a").await["recipients"][1]["status"], "SENT");
        let end = client.get_json("/sms/a").await;
        assert_eq!(end["recipients"][0]["status"], "DLVRD");
        assert_eq!(end["recipients"][0]["delivery_date"].as_str().unwrap().len(), 14);
        assert_eq!(
            end["recipients"][1],
            json!({"status": "UNKNRCPT", "destination": "+393471234404", "delivery_date": ""})
        );
        assert_eq!(client.get_json("/sms/a").await, end);
        assert_eq!(client.get("/sms/b").await.0, 404);
    }

    #[tokio::test]
    async fn only_a_scheduled_order_can_be_deleted() {
        let client = Client::new().await;
        let before = client.get_json("/status").await;
        send(&client, "now", json!({})).await;
        send(&client, "later", json!({"scheduled_delivery_time": "2099-01-01 00:00"})).await;
        for _ in 0..4 {
            assert_eq!(client.get_json("/sms/later").await["recipients"][0]["status"], "SCHEDULED");
        }
        assert_eq!(client.call("DELETE", "/sms/now", None).await.0, 404);
        assert_eq!(client.call("DELETE", "/sms/later", None).await, (200, "{\"result\":\"OK\"}".to_owned()));
        assert_eq!(client.call("DELETE", "/sms/later", None).await.0, 404);
        assert_eq!(client.get("/sms/later").await.0, 404);
        let spent = |status: &Value| status["sms"][2]["quantity"].as_u64().unwrap();
        assert_eq!(spent(&before) - spent(&client.get_json("/status").await), 1);
    }

    #[test]
    fn a_scheduled_order_goes_when_its_time_has_come() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut order = Order {
            id: "a".to_owned(),
            created: at(0),
            scheduled: Some(at(100)),
            message_type: "GP".to_owned(),
            sender: String::new(),
            credits: 1,
            recipients: vec![Recipient {
                destination: "+39347".to_owned(),
                text: "x".to_owned(),
                stopped: false,
                ended: None,
            }],
            looked_up: 0,
            finished: None,
        };
        let mut state = |second| order.look_up(at(second))["recipients"][0]["status"].clone();
        assert_eq!([state(99), state(100), state(101)], ["SCHEDULED", "WAITING", "SENT"]);
    }

    #[tokio::test]
    async fn the_history_is_paged_newest_first() {
        let client = Client::new().await;
        for id in ["a", "b", "c"] {
            send(&client, id, json!({"sender": "Me"})).await;
        }
        send(&client, "d", json!({"scheduled_delivery_time": "20990102030405"})).await;
        let page = client.get_json("/smshistory?from=20200101000000&pageNumber=2&pageSize=3").await;
        assert_eq!((&page["total"], &page["pageNumber"], &page["pageSize"]), (&json!(4), &json!(2), &json!(3)));
        assert_eq!(page["smshistory"].as_array().unwrap().len(), 1);
        assert_eq!(page["smshistory"][0]["order_id"], "a");
        let all = client.get_json("/smshistory?from=20200101000000").await;
        assert_eq!(all["smshistory"][0]["schedule_time"], "20990102030405");
        assert_eq!(all["smshistory"][1]["num_recipients"], 1);
        let past = client.get_json("/smshistory?from=20200101000000&to=20200102000000").await;
        assert_eq!((&past["total"], &past["smshistory"]), (&json!(0), &json!([])));
        for query in ["", "?from=2020", "?from=20200101", "?from=20201301000000", "?from=20200101000000&to=x", "?from="]
        {
            assert_eq!(client.get(&format!("/smshistory{query}")).await.0, 400, "{query}");
        }
    }

    #[test]
    fn the_oldest_orders_go_first() {
        let mut orders = Orders::default();
        for at in 0..=CAPACITY {
            orders.add(Order {
                id: at.to_string(),
                created: Timestamp::UNIX_EPOCH,
                scheduled: None,
                message_type: String::new(),
                sender: String::new(),
                credits: 0,
                recipients: Vec::new(),
                looked_up: 0,
                finished: None,
            });
        }
        let known = |id: &str| orders.numbers.contains_key(id);
        assert!(!known("0") && known("1") && known(&CAPACITY.to_string()));
        assert_eq!(orders.newest_first().count(), CAPACITY);
    }
}
