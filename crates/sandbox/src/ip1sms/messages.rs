//! Messages. **Built from third-hand facts**: the document does not have them. The facts about `POST /api/sms/send` and
//! `GET /api/sms/sent[/{id}]` are from the vendor's manual of 2018 and its official clients, and were not tried.
//!
//! # Guesses
//!
//! - `From` and `Message` are required, and a recipient: `Numbers`, `Contacts` or `Groups`, of which those that do not
//!   exist are skipped. `Email` and `Prio` change nothing here.
//! - A sender that is too long is cut, as in the vendor's PHP client. One beyond ASCII is rejected.
//! - A number has 2 to 15 digits, with `+` or without, and is returned without. Any other number, and one that begins
//!   with 0, is status 3.
//! - Numbers on the stop list are skipped, and a send to no other number is a 400.
//! - Every look-up returns a message's status and then advances it: 0, 21, 22. 3 is final.
//! - Its times have no zone. A message is a second younger than the one before. Listing does not advance them, and
//!   the oldest comes first.
//! - A text of 160 characters is a segment, which costs 0.35 SEK.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use jiff::{SignedDuration, civil::datetime};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pushes::{DELIVERED, FAILED};
use super::stop_list::digits;
use super::{Books, Ip1Sms, refusal};
use crate::push::{self, Pusher};
use crate::read;

/// The messages, oldest first: the first has the id 1.
#[derive(Default)]
pub(super) struct Messages(Vec<Sent>);

/// A message to one number.
pub(super) struct Sent {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) bundle: usize,
    /// A status of the first version.
    pub(super) status: u8,
    /// The batch of the second version.
    pub(super) batch: Option<String>,
    /// Where to report to.
    pub(super) report_to: Option<String>,
    pub(super) reference: Option<String>,
}

impl Sent {
    /// Returns the id of the batch, or of the bundle.
    pub(super) fn batch(&self) -> String {
        self.batch.clone().unwrap_or_else(|| self.bundle.to_string())
    }

    pub(super) fn segments(&self) -> usize {
        self.text.chars().count().div_ceil(160)
    }

    pub(super) fn price(&self) -> f64 {
        (35 * self.segments()) as f64 / 100.0
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    from: String,
    #[serde(default)]
    numbers: Vec<String>,
    #[serde(default)]
    contacts: Vec<u64>,
    #[serde(default)]
    groups: Vec<u64>,
    message: String,
    #[serde(default)]
    parameters: Parameters,
}

/// The values of placeholders `{name}`, by phone number and name; `default` is for numbers without a value.
type Parameters = BTreeMap<String, BTreeMap<String, String>>;

impl Send {
    /// Returns the sender, cut to its maximum length.
    fn sender(&self) -> Result<String, &'static str> {
        let from = self.from.strip_prefix('+').unwrap_or(&self.from);
        let numeric = from.bytes().all(|b| b.is_ascii_digit());
        match from.is_ascii() && !from.is_empty() {
            true => Ok(from.chars().take(if numeric { 15 } else { 11 }).collect()),
            false => Err("From is not valid"),
        }
    }

    /// Returns the numbers to send to.
    fn recipients(&self, Books { contacts, groups, .. }: &Books) -> Vec<String> {
        let of_groups = self.groups.iter().flat_map(|group| groups.members(*group));
        let of_contacts = self.contacts.iter().copied().chain(of_groups).filter_map(|contact| contacts.phone(contact));
        self.numbers.iter().cloned().chain(of_contacts).collect()
    }

    /// Returns the text for a number. A placeholder without a value for this number becomes empty, and stays as it is
    /// without a value for any number.
    fn text(&self, number: &str) -> String {
        let own = self.parameters.iter().find(|(phone, _)| digits(phone).is_some_and(|phone| phone == number));
        let own = own.map(|(_, values)| values).into_iter().chain(self.parameters.get("default"));
        let own: Vec<_> = own.collect();
        let names = self.parameters.values().flat_map(BTreeMap::keys);
        names.fold(self.message.clone(), |text, name| {
            let value = own.iter().find_map(|values| values.get(name)).map_or("", String::as_str);
            text.replace(&format!("{{{name}}}"), value)
        })
    }
}

/// Accepts a send, and returns the ids of its messages.
fn take(books: &mut Books, send: &Send) -> Result<Vec<usize>, &'static str> {
    let from = send.sender()?;
    if send.message.is_empty() {
        return Err("Message is required");
    }
    let recipients = send.recipients(books);
    let first = books.messages.0.len() + 1;
    for to in recipients {
        let to = digits(&to).map_or_else(|| to.clone(), str::to_owned);
        if books.stop_list.has(&to) {
            continue;
        }
        let status = if to.starts_with('0') || digits(&to).is_none() { 3 } else { 0 };
        let text = send.text(&to);
        let (batch, report_to, reference) = Default::default();
        books.messages.add(Sent { from: from.clone(), to, text, bundle: first, status, batch, report_to, reference });
    }
    let taken: Vec<_> = (first..=books.messages.0.len()).collect();
    if taken.is_empty() { Err("there are no recipients") } else { Ok(taken) }
}

impl Messages {
    /// Adds a message, and returns its id.
    pub(super) fn add(&mut self, sent: Sent) -> String {
        let id = id(self.0.len() + 1, &sent);
        self.0.push(sent);
        id
    }

    /// Returns the messages of a batch, with their ids and places.
    pub(super) fn of_batch(&self, batch: &str) -> impl Iterator<Item = (String, usize, &Sent)> {
        let places = (1..).zip(&self.0).filter(move |(_, sent)| sent.batch.as_deref() == Some(batch));
        places.map(|(place, sent)| (id(place, sent), place, sent))
    }

    /// Looks a message up, which advances its state.
    fn asked(&mut self, id: usize) -> Option<Value> {
        let shown = self.shown_later(id)?;
        self.advance(id);
        Some(shown)
    }

    /// Advances the state of a message.
    pub(super) fn advance(&mut self, place: usize) {
        if let Some(sent) = place.checked_sub(1).and_then(|at| self.0.get_mut(at)) {
            sent.status = match sent.status {
                0 => 21,
                21 => 22,
                last => last,
            };
        }
    }

    /// Returns all messages, without advancing their states.
    fn listed(&self) -> Vec<Value> {
        (1..=self.0.len()).filter_map(|id| self.shown_later(id)).collect()
    }

    /// Returns a message with its times, which the answer to a send does not have.
    fn shown_later(&self, id: usize) -> Option<Value> {
        let mut shown = self.shown(id)?;
        shown["Created"] = json!(second(id));
        shown["Modified"] = json!(second(id + 1));
        Some(shown)
    }

    fn shown(&self, id: usize) -> Option<Value> {
        let sent = self.0.get(id.checked_sub(1)?)?;
        let description = match sent.status {
            0 => "Delivered to gateway",
            3 => "Invalid number",
            21 => "Delivered to GSM network",
            52 => "Delivery to phone failed",
            _ => "Delivered to phone",
        };
        Some(json!({
            "ID": id,
            "BundleID": sent.bundle,
            "To": sent.to,
            "From": sent.from,
            "Message": sent.text,
            "Status": sent.status,
            "StatusDescription": description,
            "CountryCode": "SE",
            "Currency": "SEK",
            "Price": 0.35,
            "TotalPrice": sent.price(),
            "Encoding": 0,
            "Segments": sent.segments(),
            "Prio": 1,
        }))
    }
}

/// Returns the id of a message by its place: 24 digits in the second version.
fn id(place: usize, sent: &Sent) -> String {
    if sent.batch.is_some() { format!("{place:024x}") } else { place.to_string() }
}

impl push::Messages for Ip1Sms {
    fn pusher(&self) -> &Pusher {
        &self.pusher
    }

    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool {
        let mut books = self.books();
        let to = to.and_then(digits);
        let found = (1..).zip(&mut books.messages.0).find(|(place, sent)| id(*place, sent) == message);
        let Some((_, sent)) = found.filter(|(_, sent)| to.is_none_or(|to| sent.to == to)) else { return false };
        let (status, code) = if delivered { (22, DELIVERED) } else { (52, FAILED) };
        sent.status = status;
        self.push_report(message, sent, code);
        true
    }
}

/// Returns a second of 2016: the first is 10:10:10.
pub(super) fn second(number: usize) -> String {
    let after = SignedDuration::from_secs(i64::try_from(number).unwrap_or(i64::MAX));
    datetime(2016, 12, 23, 10, 10, 9, 0).saturating_add(after).to_string()
}

pub(super) fn routes() -> Router<Arc<Ip1Sms>> {
    Router::new()
        .route("/api/sms/send", post(send))
        .route("/api/sms/sent", get(list))
        .route("/api/sms/sent/{id}", get(sent))
}

async fn list(State(vendor): State<Arc<Ip1Sms>>) -> Json<Vec<Value>> {
    Json(vendor.books().messages.listed())
}

async fn sent(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let shown = id.parse().ok().and_then(|id| vendor.books().messages.asked(id));
    shown.map_or_else(|| refusal(StatusCode::NOT_FOUND, "no such message"), |shown| Json(shown).into_response())
}

async fn send(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    let send = match read::body::<Send>(request).await {
        Ok(send) => send,
        Err(reason) => return refusal(StatusCode::BAD_REQUEST, &reason),
    };
    let books = &mut *vendor.books();
    let taken = take(books, &send);
    for place in taken.iter().flatten() {
        if let Some(sent) = place.checked_sub(1).and_then(|at| books.messages.0.get(at)) {
            push::ends_later(&vendor, &id(*place, sent), &sent.to);
        }
    }
    match taken {
        Ok(ids) => Json(ids.into_iter().map(|id| books.messages.shown(id)).collect::<Vec<_>>()).into_response(),
        Err(reason) => refusal(StatusCode::BAD_REQUEST, reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip1sms::BASIC;
    use crate::tests::Client;

    const SEND: &str = "/api/sms/send";

    /// The number on the stop list.
    const STOPPED: &str = "46700000099";

    #[tokio::test]
    async fn who_is_on_the_stop_list_is_left_out() {
        let client = Client::new("ip1sms", BASIC).await;
        let send = |numbers: Value| json!({"From": "iP1", "Numbers": numbers, "Message": "Hej"});
        let body = send(json!(["+46700000001", STOPPED, "0700000002"]));
        let (status, answer) = client.call("POST", SEND, Some(&body)).await;
        let told: Vec<_> = answer.as_array().unwrap().iter().map(|m| (&m["ID"], &m["To"], &m["Status"])).collect();
        let expected = [(&json!(1), &json!("46700000001"), &json!(0)), (&json!(2), &json!("0700000002"), &json!(3))];
        assert_eq!((status, told), (200, expected.to_vec()));
        assert_eq!(client.call("POST", SEND, Some(&send(json!([STOPPED])))).await.0, 400);
    }

    #[tokio::test]
    async fn a_message_goes_a_step_further_with_every_question() {
        let client = Client::new("ip1sms", BASIC).await;
        let body = json!({"From": "iP1", "Numbers": ["46700000001", "0700000002"], "Message": "Hej"});
        assert_eq!(client.call("POST", SEND, Some(&body)).await.0, 200);
        for (id, statuses) in [(1, [0, 21, 22, 22]), (2, [3, 3, 3, 3])] {
            for expected in statuses {
                let (status, answer) = client.call("GET", &format!("/api/sms/sent/{id}"), None).await;
                assert_eq!((status, &answer["Status"]), (200, &json!(expected)));
            }
        }
        let (status, all) = client.call("GET", "/api/sms/sent", None).await;
        let told: Vec<_> = all.as_array().unwrap().iter().map(|m| (&m["ID"], &m["Status"], &m["Created"])).collect();
        let (first, second) = (json!("2016-12-23T10:10:10"), json!("2016-12-23T10:10:11"));
        assert_eq!((status, told), (200, vec![(&json!(1), &json!(22), &first), (&json!(2), &json!(3), &second)]));
        for id in ["0", "3", "x"] {
            assert_eq!(client.call("GET", &format!("/api/sms/sent/{id}"), None).await.0, 404);
        }
    }

    #[tokio::test]
    async fn the_members_of_the_manual_and_of_the_clients_are_taken() {
        let client = Client::new("ip1sms", BASIC).await;
        for (path, body) in [
            ("/api/contacts", json!({"FirstName": "Jack", "Phone": "46700000005"})),
            ("/api/contacts", json!({"FirstName": "Anne", "Phone": "46700000006"})),
            ("/api/groups", json!({"Name": "Pirates", "Color": "#ffffff"})),
            ("/api/memberships", json!({"Group": 801, "Contact": 1_735_501})),
        ] {
            assert_eq!(client.call("POST", path, Some(&body)).await.0, 200, "{path}");
        }
        let body = json!({
            "From": "a sender that is cut", "Numbers": ["+46700000001", "none"], "Contacts": [1_735_500, 9], "Groups": [801],
            "Message": "Hej {Name}{Title}{x}", "Email": false, "Prio": 1,
            "Parameters": {"+46700000001": {"Name": "Bo"}, "46700000006": {"Title": "Dr"}, "default": {"Name": "you"}},
        });
        let (status, answer) = client.call("POST", SEND, Some(&body)).await;
        let told: Vec<_> = answer.as_array().unwrap().iter().map(|m| (&m["To"], &m["Message"], &m["Status"])).collect();
        let expected = [
            (&json!("46700000001"), &json!("Hej Bo{x}"), &json!(0)),
            (&json!("none"), &json!("Hej you{x}"), &json!(3)),
            (&json!("46700000005"), &json!("Hej you{x}"), &json!(0)),
            (&json!("46700000006"), &json!("Hej youDr{x}"), &json!(0)),
        ];
        assert_eq!((status, told, &answer[0]["From"]), (200, expected.to_vec(), &json!("a sender th")));
        // .NET writes null for a list that is not set.
        let body = json!({"From": "iP1", "Numbers": ["46700000001"], "Contacts": null, "Groups": null, "Message": "Hej",
            "Email": false, "Prio": 0});
        assert_eq!(client.call("POST", SEND, Some(&body)).await.0, 200);
    }

    #[tokio::test]
    async fn a_send_without_what_it_needs_is_refused() {
        let client = Client::new("ip1sms", BASIC).await;
        let good = json!({"From": "iP1", "Numbers": ["+46700000001"], "Message": "Hej"});
        for (member, value) in [
            ("From", json!("")),
            ("From", json!("Å")),
            ("From", Value::Null),
            ("Numbers", json!([])),
            ("Numbers", Value::Null),
            ("Numbers", json!("+46700000001")),
            ("Message", json!("")),
        ] {
            let mut body = good.clone();
            body[member] = value;
            assert_eq!(client.call("POST", SEND, Some(&body)).await.0, 400, "{body}");
        }
        assert_eq!(client.call("POST", SEND, Some(&good)).await.0, 200);
        assert_eq!(client.call("GET", SEND, None).await.0, 405);
        assert_eq!(Client::new("ip1sms", "").await.call("POST", SEND, Some(&good)).await.0, 401);
    }
}
