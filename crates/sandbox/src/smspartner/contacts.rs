//! The contacts.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::read;
use super::{Parameters, Refusal, SmsPartner, granted, is_number, iso_text, signed, signed_body};

/// The contacts, by id.
#[derive(Default)]
pub(super) struct Contacts {
    by_id: BTreeMap<String, Contact>,
    made: u32,
}

struct Contact {
    group: u64,
    details: Details,
    created: Timestamp,
}

impl Contacts {
    /// Deletes the contacts of a deleted group.
    pub(super) fn delete_group(&mut self, group: u64) {
        self.by_id.retain(|_, contact| contact.group != group);
    }

    /// Returns whether another contact of a group has this number.
    fn has(&self, group: u64, number: Option<&str>, id: &str) -> bool {
        let same = |contact: &Contact| contact.group == group && contact.details.phone_number.as_deref() == number;
        self.by_id.iter().any(|(other, contact)| other != id && same(contact))
    }
}

/// The settable members of a contact.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    firstname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_url_partnr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom4: Option<String>,
}

impl Details {
    fn check(&self) -> Result<(), Refusal> {
        let right = |value: &Option<String>, rule: fn(&str) -> bool| {
            value.as_deref().is_none_or(|value| value.is_empty() || rule(value))
        };
        let short = |name: &str| name.chars().count() <= 32;
        if !self.phone_number.as_deref().is_some_and(is_number) {
            return Err(Refusal::new(9, "Le numéro de téléphone n'est pas valide"));
        }
        // The table has the first form, the example of an update the second.
        let day = |date: &str| {
            date.len() == 10 && ["%Y-%m-%d", "%d-%m-%Y"].iter().any(|form| Date::strptime(form, date).is_ok())
        };
        let names = right(&self.firstname, short) && right(&self.lastname, short);
        let rest = right(&self.date, day) && right(&self.url, read::is_web_address);
        if names && rest { Ok(()) } else { Err(Refusal::new(9, "Le contact n'est pas valide")) }
    }

    fn update(&mut self, with: Self) {
        for (mine, new) in [
            (&mut self.phone_number, with.phone_number),
            (&mut self.firstname, with.firstname),
            (&mut self.lastname, with.lastname),
            (&mut self.date, with.date),
            (&mut self.url, with.url),
            (&mut self.short_url_partnr, with.short_url_partnr),
            (&mut self.custom1, with.custom1),
            (&mut self.custom2, with.custom2),
            (&mut self.custom3, with.custom3),
            (&mut self.custom4, with.custom4),
        ] {
            if new.is_some() {
                *mine = new;
            }
        }
    }

    /// Answers with the members of the request.
    fn answer(&self, id: &str) -> Json<Value> {
        let mut contact = json!(self);
        contact["contactId"] = id.into();
        granted(json!({"contact": contact}))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Add {
    group_id: Option<String>,
    contact: Option<Details>,
}

/// `POST /contact/add`
pub(super) async fn add(State(smspartner): State<Arc<SmsPartner>>, request: Request) -> Result<Json<Value>, Refusal> {
    let Add { group_id, contact } = signed_body(request).await?;
    let group = group_id.filter(|id| !id.is_empty()).ok_or(Refusal::new(1, "groupId est requis"))?;
    let details = contact.ok_or(Refusal::new(2, "Contact infos sont requises"))?;
    details.check()?;
    let state = &mut *smspartner.state();
    let group = group.parse().ok().filter(|id| state.groups.has(*id));
    let group = group.ok_or(Refusal::new(404, "Le groupe n'existe pas"))?;
    let contacts = &mut state.contacts;
    if contacts.has(group, details.phone_number.as_deref(), "") {
        return Err(in_the_group());
    }
    contacts.made += 1;
    let id = format!("c{}", contacts.made);
    let answer = details.answer(&id);
    contacts.by_id.insert(id, Contact { group, details, created: Timestamp::now() });
    Ok(answer)
}

/// `GET /contact/detail`
pub(super) async fn detail(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let parameters = signed(parameters)?;
    let id = parameters.get("contactId").ok_or(no_id())?;
    let state = smspartner.state();
    let Contact { group, details, created } = state.contacts.by_id.get(id).ok_or(unknown())?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(granted(json!({"contact": {
        "contactId": id, "phone": text(&details.phone_number),
        "firstname": text(&details.firstname), "lastname": text(&details.lastname),
        "url": text(&details.url), "shortUrl": text(&details.short_url_partnr), "date": text(&details.date),
        "custom1": text(&details.custom1), "custom2": text(&details.custom2),
        "custom3": text(&details.custom3), "custom4": text(&details.custom4),
        "createdAt": iso_text(*created), "groupId": group,
        "stopSms": details.phone_number.as_deref().is_some_and(|number| state.stop_list.has(number)),
    }})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Update {
    contact_id: Option<String>,
    contact: Option<Details>,
}

/// `POST /contact/update`
pub(super) async fn update(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let Update { contact_id, contact } = signed_body(request).await?;
    let id = contact_id.filter(|id| !id.is_empty()).ok_or(no_id())?;
    let told = contact.ok_or(Refusal::new(2, "Contact infos sont requises"))?;
    told.check()?;
    let contacts = &mut smspartner.state().contacts;
    let group = contacts.by_id.get(&id).ok_or(unknown())?.group;
    if contacts.has(group, told.phone_number.as_deref(), &id) {
        return Err(in_the_group());
    }
    let answer = told.answer(&id);
    if let Some(contact) = contacts.by_id.get_mut(&id) {
        contact.details.update(told);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delete {
    contact_id: Option<String>,
}

/// `POST /contact/delete`
pub(super) async fn delete(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let Delete { contact_id } = signed_body(request).await?;
    let id = contact_id.filter(|id| !id.is_empty()).ok_or(no_id())?;
    let removed = smspartner.state().contacts.by_id.remove(&id);
    removed.map(|_| granted(json!({}))).ok_or(unknown())
}

fn no_id() -> Refusal {
    Refusal::new(1, "contactId est requis")
}

fn unknown() -> Refusal {
    Refusal::new(404, "Le contact n'existe pas")
}

fn in_the_group() -> Refusal {
    Refusal::new(15, "Le numéro est déjà dans le groupe")
}
