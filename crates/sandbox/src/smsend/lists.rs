//! E-mail lists and their contacts. Their issues are in `issues`.
//!
//! # Guesses
//!
//! - Adding a contact answers the two characters `""`, which the sample of the document prints.
//! - A list is active from the start. Adding to one of another status ("campaign not active") is a 400.
//! - `SendOptIn` has no visible effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, header};
use serde::Deserialize;

use super::Smsend;
use super::contacts::NewContact;
use super::wire::{Answer, Body, Params, Refusal, ensure, is_email, located, number};

#[derive(Deserialize)]
pub(super) struct NewList {
    title: String,
    id_language: String,
    email_sender: String,
    reply_to: String,
    company_name: String,
    company_address: String,
    company_url: String,
    company_phone: String,
    company_fax: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ListChanges {
    title: Option<String>,
    id_language: Option<String>,
    email_sender: Option<String>,
    reply_to: Option<String>,
    company_name: Option<String>,
    company_address: Option<String>,
    company_url: Option<String>,
    company_phone: Option<String>,
    company_fax: Option<String>,
    status: Option<u8>,
}

/// A list; its other fields are not stored, for no operation returns them.
#[derive(Debug, Default)]
pub(super) struct List {
    /// 0 is active.
    status: u8,
    pub(super) contacts: BTreeSet<String>,
    /// The issues, and whether each was sent.
    pub(super) issues: BTreeMap<u64, bool>,
}

#[derive(Debug, Default)]
pub(super) struct Lists {
    by_id: BTreeMap<u64, List>,
    last_id: u64,
}

impl Lists {
    pub(super) fn get(&mut self, id: &str) -> Result<&mut List, Refusal> {
        let id = number(id, "list_id")?;
        self.by_id.get_mut(&id).ok_or_else(|| Refusal::bad("campaign not active or not found"))
    }

    fn active(&mut self, id: &str) -> Result<&mut List, Refusal> {
        let list = self.get(id)?;
        ensure(list.status == 0, || "campaign not active or not found".to_owned())?;
        Ok(list)
    }

    /// Returns a new id for a list or an issue.
    pub(super) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

/// Checks the members of a list: none is empty, and addresses are valid.
fn check_list<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Refusal> {
    for (name, value) in texts {
        let is_address = name == "email_sender" || name == "reply_to";
        ensure(if is_address { is_email(value) } else { !value.is_empty() }, || format!("{name} is not valid"))?;
    }
    Ok(())
}

pub(super) async fn create(State(smsend): State<Arc<Smsend>>, Body(body): Body<NewList>) -> Answer {
    check_list([
        ("title", body.title.as_str()),
        ("id_language", &body.id_language),
        ("email_sender", &body.email_sender),
        ("reply_to", &body.reply_to),
        ("company_name", &body.company_name),
        ("company_address", &body.company_address),
        ("company_url", &body.company_url),
        ("company_phone", &body.company_phone),
        ("company_fax", &body.company_fax),
    ])?;
    let lists = &mut smsend.state().lists;
    let id = lists.new_id();
    lists.by_id.insert(id, List::default());
    located(StatusCode::CREATED, format!("/list/{id}"))
}

pub(super) async fn update(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Body(body): Body<ListChanges>,
) -> Answer {
    let texts = [
        ("title", &body.title),
        ("id_language", &body.id_language),
        ("email_sender", &body.email_sender),
        ("reply_to", &body.reply_to),
        ("company_name", &body.company_name),
        ("company_address", &body.company_address),
        ("company_url", &body.company_url),
        ("company_phone", &body.company_phone),
        ("company_fax", &body.company_fax),
    ];
    check_list(texts.iter().filter_map(|(name, value)| value.as_deref().map(|value| (*name, value))))?;
    ensure(body.status.is_none_or(|status| status <= 2), || "status must be 0, 1 or 2".to_owned())?;
    let lists = &mut smsend.state().lists;
    let list = lists.get(&id)?;
    list.status = body.status.unwrap_or(list.status);
    located(StatusCode::NO_CONTENT, format!("/list/{id}"))
}

#[derive(Deserialize)]
pub(super) struct ContactParams {
    #[serde(default, rename = "SendOptIn")]
    _send_opt_in: bool,
}

pub(super) async fn subscribe_contact(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Params(_): Params<ContactParams>,
    Body(body): Body<NewContact>,
) -> Answer {
    let state = &mut *smsend.state();
    state.lists.active(&id)?;
    let contact = state.contacts.add(&mut state.groups, body)?;
    state.lists.active(&id)?.contacts.insert(contact.clone());
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/contact/{contact}"))], "\"\"").into_response())
}

#[derive(Deserialize)]
pub(super) struct GroupParams {
    #[serde(default, rename = "sendoptin")]
    _send_opt_in: bool,
}

pub(super) async fn subscribe_group(
    State(smsend): State<Arc<Smsend>>,
    Path((id, group)): Path<(String, String)>,
    Params(_): Params<GroupParams>,
) -> Answer {
    let mut state = smsend.state();
    let members = state.groups.get(&group)?.members.clone();
    state.lists.active(&id)?.contacts.extend(members);
    Ok(StatusCode::OK.into_response())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::testing::Client;
    use serde_json::{Value, json};

    pub(in crate::smsend) fn list() -> Value {
        json!({
            "title": "MyNewList", "id_language": "ita", "email_sender": "ema@il.com", "reply_to": "ema@il.com",
            "company_name": "MyCompany", "company_address": "My Company Address", "company_url": "www.mycompany.com",
            "company_phone": "+34123456789", "company_fax": "+341234567810",
        })
    }

    #[tokio::test]
    async fn lists_are_made_and_changed() {
        let client = Client::new().await;
        let (status, place) = client.make("POST", "/list", &list()).await;
        assert_eq!((status, place.as_str()), (201, "/list/1"));
        let changes = json!({"title": "Other", "status": 1});
        assert_eq!(client.make("PUT", &place, &changes).await, (204, place.clone()));
        assert_eq!(client.make("PUT", "/list/9", &changes).await.0, 400);
        for wrong in [json!({"status": 3}), json!({"reply_to": "me"}), json!({"title": ""})] {
            assert_eq!(client.make("PUT", &place, &wrong).await.0, 400, "{wrong}");
        }
        for field in list().as_object().unwrap().keys() {
            let mut body = list();
            body.as_object_mut().unwrap().remove(field);
            assert_eq!(client.make("POST", "/list", &body).await.0, 400, "{field}");
        }
    }

    #[tokio::test]
    async fn contacts_and_groups_join_a_list_that_is_active() {
        let client = Client::new().await;
        client.post("/list", &list()).await;
        let person = json!({"email": "a@example.com"});
        let answer = client.send("POST", "/list/1/contact?SendOptIn=true", Some(&person)).await;
        let place = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (201, "\"\""));
        assert_eq!(client.get_json(&place).await["email"], "a@example.com");
        assert_eq!(client.post("/list/9/contact", &person).await.0, 400);
        let groups = client.get_json("/groups").await;
        let path = format!("/list/1/group/{}", groups["groups"][0]["id_group"].as_str().unwrap());
        assert_eq!(client.post_empty(&format!("{path}?sendoptin=true")).await, (200, String::new()));
        assert_eq!(client.post_empty("/list/1/group/nowhere").await.0, 400);
        assert_eq!(client.make("PUT", "/list/1", &json!({"status": 1})).await.0, 204);
        assert_eq!(client.post("/list/1/contact", &person).await.0, 400);
        assert_eq!(client.post_empty(&path).await.0, 400);
    }
}
