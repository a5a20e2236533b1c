//! Sender aliases (TPOA).
//!
//! # Guesses
//!
//! - `alias` is required, the other fields are not: the document has no table of them, and its samples have aliases
//!   without some. An alias is at most 11 characters, or a phone number. One that exists is created once more.
//! - `getAlias` is read in the query, where the request line has it, and in the body, where the table has it.
//! - A new alias is unconfirmed (0), and stays so. `hide-not-approved` omits those that are neither confirmed (1, 2)
//!   nor pre-confirmed (9).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Smsend;
use super::wire::{Answer, Body, Page, Params, Refusal, compact, ensure, is_phone, number, ok_json};

#[derive(Deserialize)]
pub(super) struct NewAlias {
    alias: Details,
    #[serde(default, rename = "getAlias")]
    get_alias: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "kebab-case")]
struct Details {
    alias: String,
    company_name: Option<String>,
    contact_name: Option<String>,
    contact_surname: Option<String>,
    cod_fiscale: Option<String>,
    vat_number: Option<String>,
    contact_address: Option<String>,
    contact_city: Option<String>,
    contact_pcode: Option<String>,
    contact_type: Option<String>,
    contact_info: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Alias {
    id_alias: u64,
    notification_time: String,
    alias_state: u8,
    is_numeric: bool,
    #[serde(flatten)]
    details: Details,
}

impl Alias {
    fn is_approved(&self) -> bool {
        [1, 2, 9].contains(&self.alias_state)
    }
}

#[derive(Debug)]
pub(super) struct Aliases {
    by_id: BTreeMap<u64, Alias>,
    last_id: u64,
}

impl Aliases {
    /// Creates one confirmed alias, the sender of the document's samples.
    pub(super) fn new() -> Self {
        let mut aliases = Self { by_id: BTreeMap::new(), last_id: 0 };
        aliases.add(Details { alias: "MySender".to_owned(), ..Details::default() }, 2);
        aliases
    }

    fn add(&mut self, details: Details, state: u8) -> u64 {
        self.last_id += 1;
        let alias = Alias {
            id_alias: self.last_id,
            notification_time: compact(Timestamp::now()),
            alias_state: state,
            is_numeric: is_phone(&details.alias),
            details,
        };
        self.by_id.insert(self.last_id, alias);
        self.last_id
    }
}

#[derive(Deserialize)]
pub(super) struct CreateParams {
    #[serde(default, rename = "getAlias")]
    get_alias: bool,
}

pub(super) async fn create(
    State(smsend): State<Arc<Smsend>>,
    Params(params): Params<CreateParams>,
    Body(NewAlias { alias, get_alias }): Body<NewAlias>,
) -> Answer {
    let name = alias.alias.clone();
    let good = is_phone(&name) || (!name.trim().is_empty() && name.chars().count() <= 11);
    ensure(good, || "invalid alias".to_owned())?;
    let aliases = &mut smsend.state().aliases;
    let id = aliases.add(alias, 0);
    let mut answer = json!({"result": "OK"});
    if params.get_alias || get_alias {
        answer["string"] = json!(name);
    }
    Ok((StatusCode::OK, [(header::LOCATION, format!("/alias/{id}"))], Json(answer)).into_response())
}

#[derive(Deserialize)]
pub(super) struct ListParams {
    #[serde(rename = "pageNumber")]
    page_number: Option<usize>,
    #[serde(rename = "pageSize")]
    page_size: Option<usize>,
    #[serde(default, rename = "hide-not-approved")]
    hide_not_approved: bool,
}

pub(super) async fn list(State(smsend): State<Arc<Smsend>>, Params(params): Params<ListParams>) -> Answer {
    let page = Page::new(params.page_number, params.page_size, 10)?;
    let aliases = &smsend.state().aliases;
    let wanted = aliases.by_id.values().filter(|alias| alias.is_approved() || !params.hide_not_approved);
    let (shown, total) = page.cut(wanted);
    ok_json(
        StatusCode::OK,
        json!({
            "alias": shown,
            "total": total,
            "pageNumber": page.number,
            "result": "OK",
            "pageSize": page.size,
        }),
    )
}

pub(super) async fn get(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let id = number(&id, "alias_id")?;
    let aliases = &smsend.state().aliases;
    let alias = aliases.by_id.get(&id).ok_or_else(|| Refusal::not_found("alias not found"))?;
    ok_json(StatusCode::OK, json!({"result": "OK", "alias": alias}))
}

pub(super) async fn delete(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let id = number(&id, "alias_id")?;
    let removed = smsend.state().aliases.by_id.remove(&id);
    removed.ok_or_else(|| Refusal::not_found("alias not found"))?;
    ok_json(StatusCode::OK, json!({"result": "OK"}))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::testing::Client;
    use super::*;

    #[tokio::test]
    async fn aliases_are_made_listed_and_deleted() {
        let client = Client::new().await;
        let body = json!({"alias": {"alias": "MY ALIAS", "company-name": "company", "cod-fiscale": "02367940224"}});
        let (status, place) = client.make("POST", "/alias", &body).await;
        assert_eq!((status, place.as_str()), (200, "/alias/2"));
        let numeric = json!({"alias": {"alias": "+393471234567"}});
        let (_, answer) = client.post_json("/alias?getAlias=true", &numeric).await;
        assert_eq!(answer, json!({"result": "OK", "string": "+393471234567"}));
        let shown = client.get_json(&place).await;
        assert_eq!((&shown["result"], &shown["alias"]["id-alias"]), (&json!("OK"), &json!(2)));
        assert_eq!(shown["alias"]["alias-state"], 0);
        assert_eq!(shown["alias"]["company-name"], "company");
        assert_eq!(shown["alias"]["contact-name"], json!(null));
        assert_eq!(client.get_json("/alias/3").await["alias"]["is-numeric"], true);
        let list = client.get_json("/alias?pageSize=2&pageNumber=2").await;
        assert_eq!((&list["total"], &list["alias"][0]["alias"]), (&json!(3), &json!("+393471234567")));
        assert_eq!(client.get_json("/alias?hide-not-approved=true").await["total"], 1);
        assert_eq!(client.call("DELETE", &place, None).await, (200, "{\"result\":\"OK\"}".to_owned()));
        assert_eq!(client.call("DELETE", &place, None).await.0, 404);
        assert_eq!(client.get(&place).await.0, 404);
        assert_eq!(client.get("/alias/abc").await.0, 400);
    }

    #[tokio::test]
    async fn a_wrong_alias_is_refused() {
        let client = Client::new().await;
        for body in
            [json!({"alias": "MY ALIAS"}), json!({"alias": {}}), json!({"alias": {"alias": "twelve chars"}}), json!({})]
        {
            assert_eq!(client.post("/alias", &body).await.0, 400, "{body}");
        }
    }

    #[tokio::test]
    async fn get_alias_counts_in_the_query_and_in_the_body() {
        let client = Client::new().await;
        let alias = json!({"alias": "MY ALIAS", "contact-name": null});
        let shown = json!({"result": "OK", "string": "MY ALIAS"});
        for (path, flag, expected) in [
            ("/alias", json!(true), &shown),
            ("/alias", json!("true"), &shown),
            ("/alias?getAlias=1", Value::Null, &shown),
            ("/alias?getAlias=", Value::Null, &json!({"result": "OK"})),
        ] {
            let body = json!({"alias": alias, "getAlias": flag});
            assert_eq!(client.post_json(path, &body).await, (200, expected.clone()), "{path} {flag}");
        }
    }
}
