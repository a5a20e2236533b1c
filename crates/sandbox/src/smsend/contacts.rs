//! Contacts: `POST /contact`, `GET /contact/{contactid}`.
//!
//! # Guesses
//!
//! - Ids are opaque, non-numeric strings, as in the samples of the document, whose tables type
//!   them `Int`.
//! - An id that is not found is 404 where a table has that row for it (as it has here), otherwise 400; likewise in the
//!   other files.
//! - An empty `phoneNumber` is absent, the table's default, though the table also has "a non empty string"; one in
//!   another form than the international is accepted, and gets no message.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Smsend;
use super::groups::Groups;
use super::wire::{Answer, Body, Refusal, ensure, is_email, is_phone, located, ok_json, parse_date, with_plus};

/// The body that creates a contact.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewContact {
    email: String,
    phone_number: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    surname: String,
    #[serde(default)]
    gender: String,
    #[serde(default)]
    fax: String,
    #[serde(default)]
    zip: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    birthdate: String,
    #[serde(default)]
    group_ids: Vec<String>,
}

impl NewContact {
    pub(super) fn in_group(group: String, email: String, phone_number: String) -> Self {
        Self { email, phone_number: Some(phone_number), group_ids: vec![group], ..Self::default() }
    }

    fn check(&self, groups: &Groups) -> Result<(), Refusal> {
        ensure(is_email(&self.email), || "email is not valid".to_owned())?;
        ensure(["", "m", "f"].contains(&self.gender.as_str()), || "gender must be m or f".to_owned())?;
        for (name, value, longest) in [
            ("name", &self.name, 40),
            ("surname", &self.surname, 40),
            ("fax", &self.fax, 32),
            ("address", &self.address, 256),
            ("city", &self.city, 32),
            ("province", &self.province, 32),
            ("zip", &self.zip, 16),
        ] {
            ensure(value.chars().count() <= longest, || format!("{name} is longer than {longest} characters"))?;
        }
        ensure(self.birthdate.is_empty() || parse_date(&self.birthdate).is_some(), || {
            "birthdate is not valid".to_owned()
        })?;
        match self.group_ids.iter().find(|id| !groups.contains(id)) {
            Some(id) => Err(Refusal::bad(format!("group {id} not owned"))),
            None => Ok(()),
        }
    }

    /// Returns the contact as in an answer; unset members are null.
    fn shown(&self, groups: &[&str]) -> Value {
        let given = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({
            "email": self.email,
            "phoneNumber": given(self.phone_number.as_deref().unwrap_or_default()),
            "name": given(&self.name),
            "surname": given(&self.surname),
            "groupIds": groups,
            "gender": given(&self.gender),
            "fax": given(&self.fax),
            "address": given(&self.address),
            "city": given(&self.city),
            "province": given(&self.province),
            "birthdate": parse_date(&self.birthdate).map(|time| time.date().to_string()),
            "zip": given(&self.zip),
        })
    }
}

/// The contacts. Ids increase, so that the order of the keys is the order of creation.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    by_id: BTreeMap<String, NewContact>,
    made: u64,
}

impl Contacts {
    /// Checks a contact and adds it, to its groups too.
    pub(super) fn add(&mut self, groups: &mut Groups, contact: NewContact) -> Result<String, Refusal> {
        contact.check(groups)?;
        self.made += 1;
        let id = format!("AVcontact{:011}", self.made);
        for group in &contact.group_ids {
            groups.get(group)?.members.insert(id.clone());
        }
        self.by_id.insert(id.clone(), contact);
        Ok(id)
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.by_id.remove(id);
    }

    /// Returns the phone number of a contact, if it is a valid one.
    pub(super) fn phone(&self, id: &str) -> Option<String> {
        let phone = self.by_id.get(id)?.phone_number.as_deref()?;
        is_phone(phone).then(|| with_plus(phone))
    }
}

pub(super) async fn create(State(smsend): State<Arc<Smsend>>, Body(body): Body<NewContact>) -> Answer {
    let state = &mut *smsend.state();
    let id = state.contacts.add(&mut state.groups, body)?;
    located(StatusCode::CREATED, format!("/contact/{id}"))
}

pub(super) async fn get(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let state = smsend.state();
    let contact = state.contacts.by_id.get(&id).ok_or_else(|| Refusal::not_found("contact not found"))?;
    ok_json(StatusCode::OK, contact.shown(&state.groups.of_contact(&id)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    #[tokio::test]
    async fn a_contact_comes_back_as_it_was_given() {
        let client = Client::new().await;
        let groups = client.get_json("/groups").await;
        let group = &groups["groups"][1]["id_group"];
        let body = json!({
            "email": "alessandro@example.com", "phoneNumber": "+39349123456789", "name": "Alessandro",
            "surname": "Magno", "gender": "m", "birthdate": "110517", "groupIds": [group],
        });
        let (status, place) = client.make("POST", "/contact", &body).await;
        assert_eq!(status, 201);
        let expected = json!({
            "email": "alessandro@example.com", "phoneNumber": "+39349123456789", "name": "Alessandro",
            "surname": "Magno", "groupIds": [group], "gender": "m", "fax": null, "address": null, "city": null,
            "province": null, "birthdate": "2017-05-11", "zip": null,
        });
        assert_eq!(client.get_json(&place).await, expected);
        assert_eq!(client.get("/contact/nobody").await.0, 404);
    }

    #[tokio::test]
    async fn what_is_empty_is_not_set() {
        let client = Client::new().await;
        for changes in [
            json!({"phoneNumber": "", "name": null, "birthdate": "", "groupIds": null, "zip": 38100}),
            json!({"birthdate": "2017-05-11", "custom1": "of a newer page"}),
        ] {
            let mut body = changes.clone();
            body["email"] = json!("a@example.com");
            let (status, place) = client.make("POST", "/contact", &body).await;
            assert_eq!(status, 201, "{changes}");
            assert_eq!(client.get_json(&place).await["phoneNumber"], Value::Null);
        }
    }

    #[tokio::test]
    async fn a_contact_that_the_document_forbids_is_refused() {
        let client = Client::new().await;
        for changes in [
            json!({"email": "nobody"}),
            json!({"email": null}),
            json!({"name": "x".repeat(41)}),
            json!({"surname": "x".repeat(41)}),
            json!({"fax": "x".repeat(33)}),
            json!({"zip": "x".repeat(17)}),
            json!({"address": "x".repeat(257)}),
            json!({"city": "x".repeat(33)}),
            json!({"province": "x".repeat(33)}),
            json!({"gender": "male"}),
            json!({"birthdate": "yesterday"}),
            json!({"groupIds": ["nowhere"]}),
        ] {
            let mut body = json!({"email": "a@example.com"});
            for (key, value) in changes.as_object().unwrap() {
                body[key] = value.clone();
            }
            assert_eq!(client.post("/contact", &body).await.0, 400, "{changes}");
        }
    }
}
