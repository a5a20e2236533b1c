//! Contacts. **Built from third-hand facts**: the document does not have them. The facts about `/api/contacts` are from
//! the vendor's official PHP client and its tests, and were not tried.
//!
//! # Guesses
//!
//! - One contact can be read by its id. The client does so with groups alone.
//! - `FirstName` and `Phone` are required.
//! - A number has 2 to 15 digits, with `+` or without, and is returned without. Two contacts may have the same.
//! - An update replaces the contact: omitted members are cleared. What the vendor sets (`ID`, `OwnerID`, times) may be
//!   sent too, as the client does, and is ignored.
//! - Unset members are omitted from the answers. In a list there are also no `Title`, `Notes` and times, as in the
//!   client's sample.
//! - Times have no zone.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::stop_list::digits;
use super::{Books, Ip1Sms, OWNER, refusal};
use crate::read;

/// The contacts, oldest first. The first has the id 1735500.
#[derive(Default)]
pub(super) struct Contacts {
    all: Vec<Contact>,
    made: u64,
}

struct Contact {
    id: u64,
    fields: Fields,
    changed: bool,
}

/// The settable members, which are always replaced together.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    first_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

impl Contact {
    fn shown(&self) -> Value {
        let mut shown = json!(self.fields);
        shown["ID"] = json!(self.id);
        shown["OwnerID"] = json!(OWNER);
        shown["Created"] = json!("2017-03-02T10:39:53.497");
        shown["Modified"] = json!(if self.changed { "2017-03-02T10:40:53.497" } else { "2017-03-02T10:39:53.497" });
        shown
    }

    /// Returns the contact as it is in a list.
    fn listed(&self) -> Value {
        let mut shown = self.shown();
        if let Value::Object(members) = &mut shown {
            for member in ["Title", "Notes", "Created", "Modified"] {
                members.remove(member);
            }
        }
        shown
    }
}

impl Contacts {
    fn find(&mut self, id: &str) -> Option<&mut Contact> {
        self.all.iter_mut().find(|contact| contact.id.to_string() == id)
    }

    pub(super) fn has(&self, id: u64) -> bool {
        self.all.iter().any(|contact| contact.id == id)
    }

    pub(super) fn phone(&self, id: u64) -> Option<String> {
        self.all.iter().find(|contact| contact.id == id).map(|contact| contact.fields.phone.clone())
    }

    /// Returns a list of the contacts whose id matches.
    pub(super) fn listed(&self, right: impl Fn(u64) -> bool) -> Vec<Value> {
        self.all.iter().filter(|contact| right(contact.id)).map(Contact::listed).collect()
    }

    fn add(&mut self, fields: Fields) -> Value {
        let contact = Contact { id: 1_735_500 + self.made, fields, changed: false };
        self.made += 1;
        let shown = contact.shown();
        self.all.push(contact);
        shown
    }

    fn replace(&mut self, id: &str, fields: Fields) -> Option<Value> {
        let contact = self.find(id)?;
        contact.fields = fields;
        contact.changed = true;
        Some(contact.shown())
    }

    fn remove(&mut self, id: &str) -> Option<Contact> {
        let at = self.all.iter().position(|contact| contact.id.to_string() == id)?;
        Some(self.all.remove(at))
    }
}

pub(super) fn routes() -> Router<Arc<Ip1Sms>> {
    Router::new()
        .route("/api/contacts", get(list).post(add))
        .route("/api/contacts/{id}", get(one).put(replace).delete(remove))
}

async fn list(State(vendor): State<Arc<Ip1Sms>>) -> Json<Vec<Value>> {
    Json(vendor.books().contacts.listed(|_| true))
}

async fn add(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    match fields(request).await {
        Ok(fields) => Json(vendor.books().contacts.add(fields)).into_response(),
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn one(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    found(vendor.books().contacts.find(&id).map(|contact| contact.shown()))
}

async fn replace(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>, request: Request) -> Response {
    match fields(request).await {
        Ok(fields) => found(vendor.books().contacts.replace(&id, fields)),
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn remove(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let Books { contacts, groups, .. } = &mut *vendor.books();
    found(contacts.remove(&id).map(|contact| {
        groups.forget(contact.id);
        contact.shown()
    }))
}

fn found(contact: Option<Value>) -> Response {
    contact.map_or_else(|| refusal(StatusCode::NOT_FOUND, "no such contact"), |contact| Json(contact).into_response())
}

async fn fields(request: Request) -> Result<Fields, String> {
    let mut fields: Fields = read::body(request).await?;
    if fields.first_name.is_empty() {
        return Err("FirstName is required".to_owned());
    }
    fields.phone = digits(&fields.phone).ok_or("Phone is not valid")?.to_owned();
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip1sms::BASIC;
    use crate::tests::Client;

    const CONTACTS: &str = "/api/contacts";

    #[tokio::test]
    async fn a_contact_is_replaced_as_a_whole_until_it_is_removed() {
        let client = Client::new("ip1sms", BASIC).await;
        let jack = json!({"FirstName": "Jack", "Phone": "+12025550134", "Title": "Captain"});
        let (status, contact) = client.call("POST", CONTACTS, Some(&jack)).await;
        assert_eq!((status, &contact["Phone"], &contact["ID"]), (200, &json!("12025550134"), &json!(1_735_500)));
        let listed = json!([{"ID": 1_735_500, "OwnerID": OWNER, "FirstName": "Jack", "Phone": "12025550134"}]);
        assert_eq!(client.call("GET", CONTACTS, None).await, (200, listed));

        let one = "/api/contacts/1735500";
        let other = json!({"FirstName": "Anne", "Phone": "12025550135", "Notes": "n"});
        let (status, replaced) = client.call("PUT", one, Some(&other)).await;
        assert_eq!((status, &replaced["Title"], &replaced["Notes"]), (200, &Value::Null, &json!("n")));
        assert_ne!(replaced["Modified"], replaced["Created"]);
        assert_eq!(client.call("GET", one, None).await, (200, replaced.clone()));
        // The client sends the whole contact back.
        assert_eq!(client.call("PUT", one, Some(&replaced)).await, (200, replaced.clone()));
        assert_eq!(client.call("DELETE", one, None).await, (200, replaced));
        for (method, body) in [("GET", None), ("PUT", Some(&other)), ("DELETE", None)] {
            assert_eq!(client.call(method, one, body).await.0, 404, "{method}");
        }
    }

    #[tokio::test]
    async fn a_contact_without_name_or_number_is_refused_and_nobody_goes_with_all_the_others() {
        let client = Client::new("ip1sms", BASIC).await;
        let good = json!({"FirstName": "Jack", "Phone": "12025550134"});
        for (member, value) in
            [("FirstName", json!("")), ("Phone", json!("")), ("Phone", json!("0123-456")), ("FirstName", Value::Null)]
        {
            let mut body = good.clone();
            body[member] = value;
            assert_eq!(client.call("POST", CONTACTS, Some(&body)).await.0, 400, "{body}");
        }
        assert_eq!(client.call("POST", CONTACTS, Some(&json!([good]))).await.0, 400);
        assert_eq!(client.call("DELETE", CONTACTS, None).await.0, 405);
    }
}
