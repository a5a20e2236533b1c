//! Groups of contacts and their members. **Built from third-hand facts**: the document does not have them. The facts
//! about `/api/groups` and `/api/memberships` are from the vendor's reference of one operation and its official PHP
//! client, and were not tried.
//!
//! # Guesses
//!
//! - `Name` is required and `Color` is not, as in the reference. Members omitted from an update are cleared.
//! - A colour that is not set is `null`.
//! - A contact is in a group at most once: a second time is a 400. A group or a contact that does not exist is a 404.
//! - Deleting a group or a contact deletes its memberships, and nothing else.
//! - Times have no zone.
//! - `GET /api/memberships/{id}` exists: the client accepts any path, and the address is that of the DELETE.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::contacts::Contacts;
use super::{Books, Ip1Sms, OWNER, each, refusal};
use crate::read;

/// The groups, oldest first, and the memberships. The first group has the id 801, the first membership 31.
#[derive(Default)]
pub(super) struct Groups {
    all: Vec<Group>,
    made: u64,
    members: Vec<Member>,
    next: u64,
}

struct Group {
    id: u64,
    fields: Fields,
    changed: bool,
}

/// The settable members, which are always replaced together.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    name: String,
    color: Option<String>,
}

impl Fields {
    fn checked(self) -> Result<Self, String> {
        let is_color = |color: &str| {
            let digits = color.strip_prefix('#').unwrap_or_default();
            digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit())
        };
        match &self {
            Self { name, .. } if name.is_empty() => Err("Name is required".to_owned()),
            Self { color: Some(color), .. } if !is_color(color) => Err("Color is not valid".to_owned()),
            _ => Ok(self),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewMember {
    group: u64,
    contact: u64,
}

struct Member {
    id: u64,
    group: u64,
    contact: u64,
}

impl Member {
    fn shown(&self) -> Value {
        let Self { id, group, contact } = self;
        json!({"ID": id, "OwnerID": OWNER, "Group": group, "Contact": contact, "Created": "2016-12-23T10:10:12"})
    }
}

impl Groups {
    fn at(&self, id: &str) -> Option<usize> {
        self.all.iter().position(|group| group.id.to_string() == id)
    }

    fn shown(&self, at: usize) -> Value {
        let Group { id, fields, changed } = &self.all[at];
        json!({
            "OwnerID": OWNER,
            "ContactsCount": self.members.iter().filter(|member| member.group == *id).count(),
            "Created": "2016-12-23T10:10:10",
            "Modified": if *changed { "2016-12-23T10:10:11" } else { "2016-12-23T10:10:10" },
            "ID": id,
            "Name": fields.name,
            "Color": fields.color,
        })
    }

    fn add(&mut self, fields: Fields) -> Value {
        self.all.push(Group { id: 801 + self.made, fields, changed: false });
        self.made += 1;
        self.shown(self.all.len() - 1)
    }

    fn replace(&mut self, id: &str, fields: Fields) -> Option<Value> {
        let at = self.at(id)?;
        self.all[at].fields = fields;
        self.all[at].changed = true;
        Some(self.shown(at))
    }

    fn remove(&mut self, id: &str) -> Option<Value> {
        let at = self.at(id)?;
        let shown = self.shown(at);
        let group = self.all.remove(at).id;
        self.members.retain(|member| member.group != group);
        Some(shown)
    }

    fn join(&mut self, new: &NewMember, contacts: &Contacts) -> Result<Value, (StatusCode, &'static str)> {
        let NewMember { group, contact } = *new;
        if self.at(&group.to_string()).is_none() || !contacts.has(contact) {
            return Err((StatusCode::NOT_FOUND, "no such group or contact"));
        }
        if self.members.iter().any(|member| (member.group, member.contact) == (group, contact)) {
            return Err((StatusCode::BAD_REQUEST, "the contact is in the group"));
        }
        let member = Member { id: 31 + self.next, group, contact };
        self.next += 1;
        let shown = member.shown();
        self.members.push(member);
        Ok(shown)
    }

    /// Returns the memberships that match.
    fn joined(&self, right: impl Fn(&Member) -> bool) -> Value {
        json!(self.members.iter().filter(|member| right(member)).map(Member::shown).collect::<Vec<_>>())
    }

    /// Returns the contacts in a group.
    pub(super) fn members(&self, group: u64) -> impl Iterator<Item = u64> {
        self.members.iter().filter(move |member| member.group == group).map(|member| member.contact)
    }

    /// Deletes the memberships of a contact.
    pub(super) fn forget(&mut self, contact: u64) {
        self.members.retain(|member| member.contact != contact);
    }
}

pub(super) fn routes() -> Router<Arc<Ip1Sms>> {
    Router::new()
        .route("/api/groups", get(list).post(add))
        .route("/api/groups/{id}", get(one).put(replace).delete(remove))
        .route("/api/groups/{id}/contacts", get(contacts))
        .route("/api/groups/{id}/memberships", get(memberships_of_group))
        .route("/api/contacts/{id}/memberships", get(memberships_of_contact))
        .route("/api/contacts/{id}/groups", get(groups_of_contact))
        .route("/api/memberships", get(memberships).post(join))
        .route("/api/memberships/{id}", get(membership).delete(leave))
}

async fn list(State(vendor): State<Arc<Ip1Sms>>) -> Json<Vec<Value>> {
    let groups = &vendor.books().groups;
    Json((0..groups.all.len()).map(|at| groups.shown(at)).collect())
}

async fn add(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    match each(request, Fields::checked).await {
        Ok(new) => {
            let groups = &mut vendor.books().groups;
            new.answer(|fields| groups.add(fields))
        }
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn one(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let groups = &vendor.books().groups;
    found(groups.at(&id).map(|at| groups.shown(at)))
}

async fn replace(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>, request: Request) -> Response {
    match read::body(request).await.and_then(Fields::checked) {
        Ok(fields) => found(vendor.books().groups.replace(&id, fields)),
        Err(reason) => refusal(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn remove(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    found(vendor.books().groups.remove(&id))
}

/// Returns the contacts of a group.
async fn contacts(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let Books { groups, contacts, .. } = &*vendor.books();
    found(groups.at(&id).map(|at| {
        let group = groups.all[at].id;
        let of_group = |contact| groups.members.iter().any(|m| (m.group, m.contact) == (group, contact));
        json!(contacts.listed(of_group))
    }))
}

/// Returns the memberships of a group.
async fn memberships_of_group(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let groups = &vendor.books().groups;
    found(groups.at(&id).map(|at| {
        let group = groups.all[at].id;
        groups.joined(|member| member.group == group)
    }))
}

/// Returns the memberships of a contact.
async fn memberships_of_contact(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let Books { groups, contacts, .. } = &*vendor.books();
    let contact = id.parse().ok().filter(|id| contacts.has(*id));
    found(contact.map(|contact| groups.joined(|member| member.contact == contact)))
}

/// Returns the groups of a contact.
async fn groups_of_contact(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let Books { groups, contacts, .. } = &*vendor.books();
    let contact = id.parse().ok().filter(|id| contacts.has(*id));
    found(contact.map(|contact: u64| {
        let has = |at: &usize| groups.members.iter().any(|m| (m.group, m.contact) == (groups.all[*at].id, contact));
        json!((0..groups.all.len()).filter(has).map(|at| groups.shown(at)).collect::<Vec<_>>())
    }))
}

async fn memberships(State(vendor): State<Arc<Ip1Sms>>) -> Json<Value> {
    Json(vendor.books().groups.joined(|_| true))
}

async fn membership(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let groups = &vendor.books().groups;
    found(groups.members.iter().find(|member| member.id.to_string() == id).map(Member::shown))
}

async fn join(State(vendor): State<Arc<Ip1Sms>>, request: Request) -> Response {
    let new = match read::body::<NewMember>(request).await {
        Ok(new) => new,
        Err(reason) => return refusal(StatusCode::BAD_REQUEST, &reason),
    };
    let Books { groups, contacts, .. } = &mut *vendor.books();
    match groups.join(&new, contacts) {
        Ok(shown) => Json(shown).into_response(),
        Err((status, reason)) => refusal(status, reason),
    }
}

async fn leave(State(vendor): State<Arc<Ip1Sms>>, Path(id): Path<String>) -> Response {
    let members = &mut vendor.books().groups.members;
    let at = members.iter().position(|member| member.id.to_string() == id);
    found(at.map(|at| members.remove(at).shown()))
}

fn found(shown: Option<Value>) -> Response {
    shown.map_or_else(|| refusal(StatusCode::NOT_FOUND, "no such thing"), |shown| Json(shown).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip1sms::BASIC;
    use crate::tests::Client;

    /// Creates a group, a contact and its membership.
    async fn joined() -> Client {
        let client = Client::new("ip1sms", BASIC).await;
        for (path, body) in [
            ("/api/groups", json!({"Name": "Pirates"})),
            ("/api/contacts", json!({"FirstName": "Jack", "Phone": "12025550134"})),
            ("/api/memberships", json!({"Group": 801, "Contact": 1_735_500})),
        ] {
            assert_eq!(client.call("POST", path, Some(&body)).await.0, 200, "{path}");
        }
        assert_eq!(client.call("GET", "/api/groups/801", None).await.1["ContactsCount"], 1);
        client
    }

    #[tokio::test]
    async fn with_a_contact_a_group_or_itself_goes_a_membership_and_nothing_else() {
        let memberships = "/api/contacts/1735500/memberships";
        for gone in ["/api/memberships/31", "/api/groups/801"] {
            let client = joined().await;
            assert_eq!(client.call("GET", memberships, None).await.1[0]["Group"], 801);
            assert_eq!(client.call("DELETE", gone, None).await.0, 200);
            assert_eq!(client.call("GET", memberships, None).await, (200, json!([])), "{gone}");
            assert_eq!(client.call("DELETE", gone, None).await.0, 404);
        }
        let client = joined().await;
        assert_eq!(client.call("DELETE", "/api/contacts/1735500", None).await.0, 200);
        assert_eq!(client.call("GET", "/api/groups/801/contacts", None).await, (200, json!([])));
        assert_eq!(client.call("GET", memberships, None).await.0, 404);
    }

    #[tokio::test]
    async fn what_the_client_asks_for_and_sends_is_taken() {
        let client = joined().await;
        let (_, membership) = client.call("GET", "/api/memberships/31", None).await;
        for path in ["/api/groups/801/memberships", "/api/contacts/1735500/memberships", "/api/memberships"] {
            assert_eq!(client.call("GET", path, None).await, (200, json!([membership])), "{path}");
        }
        let (_, group) = client.call("GET", "/api/groups/801", None).await;
        assert_eq!(client.call("GET", "/api/contacts/1735500/groups", None).await, (200, json!([group])));
        assert_eq!(client.call("GET", "/api/contacts/9/groups", None).await.0, 404);
        // The client sends the whole group back.
        let mut changed = group.clone();
        changed["Color"] = json!("#123456");
        assert_eq!(client.call("PUT", "/api/groups/801", Some(&changed)).await.1["Color"], "#123456");
        let several = json!([{"Name": "a"}, {"Name": "b"}]);
        let (status, made) = client.call("POST", "/api/groups?multiple=true", Some(&several)).await;
        assert_eq!((status, &made[0]["Name"], &made[1]["ID"]), (200, &json!("a"), &json!(803)));
    }

    #[tokio::test]
    async fn what_lacks_a_name_is_refused_and_no_list_goes_as_a_whole() {
        let client = joined().await;
        for body in [
            json!({}),
            json!({"Name": ""}),
            json!({"Name": "a", "Color": "red"}),
            json!({"Name": "a", "Color": "#12345g"}),
            json!([{"Name": "a"}]),
        ] {
            assert_eq!(client.call("POST", "/api/groups", Some(&body)).await.0, 400, "{body}");
        }
        assert_eq!(client.call("POST", "/api/groups?multiple", Some(&json!([{"Name": "a"}, {}]))).await.0, 400);
        assert_eq!(client.call("GET", "/api/groups", None).await.1.as_array().unwrap().len(), 1, "none was added");
        for (group, contact, expected) in [(801, 1_735_500, 400), (802, 1_735_500, 404), (801, 1_735_501, 404)] {
            let body = json!({"Group": group, "Contact": contact});
            assert_eq!(client.call("POST", "/api/memberships", Some(&body)).await.0, expected, "{body}");
        }
        for all in ["/api/groups", "/api/memberships"] {
            assert_eq!(client.call("DELETE", all, None).await.0, 405, "{all}");
        }
    }
}
