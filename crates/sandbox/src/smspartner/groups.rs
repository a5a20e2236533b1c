//! The groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parameters, Refusal, SmsPartner, granted, iso_text, signed, signed_body};

/// The groups, by id.
#[derive(Default)]
pub(super) struct Groups(BTreeMap<u64, Group>);

struct Group {
    name: String,
    created: Timestamp,
}

impl Groups {
    /// Returns whether there is a group of this id.
    pub(super) fn has(&self, id: u64) -> bool {
        self.0.contains_key(&id)
    }
}

/// The id of the first group that is created.
const FIRST: u64 = 6363;

#[derive(Deserialize)]
pub(super) struct Add {
    name: Option<String>,
}

/// `POST /group/add`
pub(super) async fn add(State(smspartner): State<Arc<SmsPartner>>, request: Request) -> Result<Json<Value>, Refusal> {
    let Add { name } = signed_body(request).await?;
    let name = name.filter(|name| !name.is_empty()).ok_or(Refusal::new(1, "name est requis"))?;
    let groups = &mut smspartner.state().groups.0;
    let id = groups.last_key_value().map_or(FIRST, |(id, _)| id + 1);
    groups.insert(id, Group { name: name.clone(), created: Timestamp::now() });
    Ok(granted(json!({"code": 2, "name": name, "groupId": id.to_string()})))
}

/// `GET /group/list`
pub(super) async fn list(
    State(smspartner): State<Arc<SmsPartner>>,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    signed(parameters)?;
    let state = smspartner.state();
    let group = |(id, Group { name, created }): (&u64, &Group)| {
        json!({
            "id": id.to_string(), "name": name, "createdAt": iso_text(*created),
            "isSpecialFile": false, "isLocationFile": false,
        })
    };
    let groups = state.groups.0.iter().map(group).collect::<Vec<_>>();
    Ok(Json(json!({"success": false, "groups": groups})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delete {
    group_id: Option<String>,
}

/// `POST /group/delete`
pub(super) async fn delete(
    State(smspartner): State<Arc<SmsPartner>>,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    let Delete { group_id } = signed_body(request).await?;
    let id = group_id.filter(|id| !id.is_empty()).ok_or(Refusal::new(1, "groupId est requis"))?;
    let state = &mut *smspartner.state();
    let id = id.parse().ok().filter(|id| state.groups.0.remove(id).is_some());
    state.contacts.delete_group(id.ok_or(Refusal::new(404, "Le groupe n'existe pas"))?);
    Ok(granted(json!({})))
}
