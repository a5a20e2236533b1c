//! Groups of contacts: `/group`, `/groups`, and their members.
//!
//! # Guesses
//!
//! - A group is deleted with DELETE: the request line of the document has GET, its samples and the
//!   vendor's newer pages have DELETE. The answer's body is `""`, the two characters that the sample prints.
//! - Two groups may have one name: `/smstogroups` then sends to the contacts of both.
//! - A contact may be added to its group again, but not removed from one that it is not in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Smsend;
use super::contacts::Contacts;
use super::wire::{Answer, Body, Page, PageParams, Params, Refusal, ensure, located, ok_json};

/// The body that creates or changes a group.
#[derive(Debug, Deserialize)]
pub(super) struct GroupBody {
    pub(super) name: String,
    pub(super) description: String,
}

impl GroupBody {
    fn check(&self) -> Result<(), Refusal> {
        ensure(!self.name.trim().is_empty(), || "the group name is invalid".to_owned())
    }
}

#[derive(Debug)]
pub(super) struct Group {
    name: String,
    description: String,
    /// The ids of its contacts.
    pub(super) members: BTreeSet<String>,
}

/// The groups. Ids increase, so that the order of the keys is the order of creation.
#[derive(Debug, Default)]
pub(super) struct Groups {
    by_id: BTreeMap<String, Group>,
    made: u64,
}

impl Groups {
    pub(super) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(super) fn get(&mut self, id: &str) -> Result<&mut Group, Refusal> {
        self.by_id.get_mut(id).ok_or_else(|| Refusal::bad("the group_id is invalid"))
    }

    /// Returns the ids of the groups that a contact is in.
    pub(super) fn of_contact(&self, contact: &str) -> Vec<&str> {
        let groups = self.by_id.iter().filter(|(_, group)| group.members.contains(contact));
        groups.map(|(id, _)| id.as_str()).collect()
    }

    /// Returns the phone numbers of a group by its name; `None` if the group does not exist.
    pub(super) fn phones(&self, name: &str, contacts: &Contacts) -> Option<Vec<String>> {
        let mut found = self.by_id.values().filter(|group| group.name == name).peekable();
        found.peek()?;
        Some(found.flat_map(|group| &group.members).filter_map(|id| contacts.phone(id)).collect())
    }

    pub(super) fn add(&mut self, body: GroupBody) -> Result<String, Refusal> {
        body.check()?;
        self.made += 1;
        let id = format!("AVgroupid{:011}", self.made);
        let group = Group { name: body.name, description: body.description, members: BTreeSet::new() };
        self.by_id.insert(id.clone(), group);
        Ok(id)
    }
}

pub(super) async fn create(State(smsend): State<Arc<Smsend>>, Body(body): Body<GroupBody>) -> Answer {
    let id = smsend.state().groups.add(body)?;
    located(StatusCode::CREATED, format!("/group/{id}"))
}

pub(super) async fn update(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Body(body): Body<GroupBody>,
) -> Answer {
    let groups = &mut smsend.state().groups;
    body.check()?;
    let group = groups.get(&id)?;
    (group.name, group.description) = (body.name, body.description);
    located(StatusCode::OK, format!("/group/{id}"))
}

#[derive(Deserialize)]
pub(super) struct DeleteParams {
    #[serde(default)]
    deletecontacts: bool,
}

pub(super) async fn delete(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Params(params): Params<DeleteParams>,
) -> Answer {
    let mut state = smsend.state();
    let group = state.groups.by_id.remove(&id).ok_or_else(|| Refusal::bad("the group_id is invalid"))?;
    if params.deletecontacts {
        for contact in &group.members {
            state.contacts.remove(contact);
        }
        for other in state.groups.by_id.values_mut() {
            other.members.retain(|contact| !group.members.contains(contact));
        }
    }
    Ok("\"\"".into_response())
}

pub(super) async fn list(State(smsend): State<Arc<Smsend>>, Params(params): Params<PageParams>) -> Answer {
    let page = Page::of(&params, 5)?;
    let groups = &smsend.state().groups;
    let (found, total) = page.cut(&groups.by_id);
    let shown: Vec<_> = found
        .into_iter()
        .map(|(id, group)| json!({"id_group": id, "group_name": group.name, "group_description": group.description}))
        .collect();
    ok_json(StatusCode::OK, json!({"groups": shown, "pageNumber": page.number, "pageSize": page.size, "Total": total}))
}

pub(super) async fn add_member(
    State(smsend): State<Arc<Smsend>>,
    Path((group, contact)): Path<(String, String)>,
) -> Answer {
    let mut state = smsend.state();
    ensure(state.contacts.contains(&contact), || "the contact_id is invalid".to_owned())?;
    state.groups.get(&group)?.members.insert(contact.clone());
    located(StatusCode::OK, format!("/contact/{contact}"))
}

pub(super) async fn remove_member(
    State(smsend): State<Arc<Smsend>>,
    Path((group, contact)): Path<(String, String)>,
) -> Answer {
    let removed = smsend.state().groups.get(&group)?.members.remove(&contact);
    ensure(removed, || "the contact_id is invalid".to_owned())?;
    located(StatusCode::OK, format!("/contact/{contact}"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Client;
    use super::*;

    async fn group(client: &Client, name: &str) -> String {
        let (status, place) = client.make("POST", "/group", &json!({"name": name, "description": "d"})).await;
        assert_eq!(status, 201);
        place
    }

    #[tokio::test]
    async fn groups_are_made_changed_listed_and_deleted() {
        let client = Client::new().await;
        let place = group(&client, "Third").await;
        let renamed = json!({"name": "3rd", "description": "new"});
        assert_eq!(client.make("PUT", &place, &renamed).await, (200, place.clone()));
        let wrong = json!({"name": "", "description": "d"});
        assert_eq!(client.make("PUT", &place, &wrong).await.0, 400);
        assert_eq!(client.make("POST", "/group", &wrong).await.0, 400);
        assert_eq!(client.make("POST", "/group", &json!({"name": "no description"})).await.0, 400);
        assert_eq!(client.make("PUT", "/group/nowhere", &renamed).await.0, 400);
        let list = client.get_json("/groups?pageNumber=2&pageSize=2").await;
        let id = place.strip_prefix("/group/").unwrap();
        let shown = json!([{"id_group": id, "group_name": "3rd", "group_description": "new"}]);
        assert_eq!(list, json!({"groups": shown, "pageNumber": 2, "pageSize": 2, "Total": 3}));
        assert_eq!(client.get_json("/groups").await["pageSize"], 5);
        assert_eq!(client.get(&place).await.0, 405);
        assert_eq!(client.call("DELETE", &place, None).await, (200, "\"\"".to_owned()));
        assert_eq!(client.call("DELETE", &place, None).await.0, 400);
        assert_eq!(client.get_json("/groups").await["Total"], 2);
    }

    #[tokio::test]
    async fn contacts_go_into_groups_and_out_and_with_them() {
        let client = Client::new().await;
        let group = group(&client, "Third").await;
        let (_, contact) = client.make("POST", "/contact", &json!({"email": "a@example.com"})).await;
        let member = format!("{group}{contact}");
        assert_eq!(client.make("POST", &member, &json!(null)).await, (200, contact.clone()));
        assert_eq!(client.get_json(&contact).await["groupIds"].as_array().unwrap().len(), 1);
        assert_eq!(client.make("DELETE", &member, &json!(null)).await, (200, contact.clone()));
        assert_eq!(client.make("DELETE", &member, &json!(null)).await.0, 400);
        assert_eq!(client.get_json(&contact).await["groupIds"], json!([]));
        assert_eq!(client.post_empty(&format!("{group}/contact/nobody")).await.0, 400);
        assert_eq!(client.post_empty(&format!("/group/nowhere{contact}")).await.0, 400);
        client.post_empty(&member).await;
        assert_eq!(client.call("DELETE", &format!("{group}?deletecontacts=yes"), None).await.0, 400);
        assert_eq!(client.call("DELETE", &format!("{group}?deletecontacts=true"), None).await.0, 200);
        assert_eq!(client.get(&contact).await.0, 404);
    }
}
