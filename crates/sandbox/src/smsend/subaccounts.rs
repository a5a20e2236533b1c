//! Subaccounts; their credits and purchases are in `purchases`.
//!
//! # Guesses
//!
//! - The document has 200 for creating one, in table and samples, though the answer has a `Location`.
//! - `fiscal-code` is in the sample and not in the table: it is optional. Of two with one login the older is found by
//!   it.
//! - A change requires all fields, as in the table; `lock-subaccount=true` makes it inactive, `false` active.
//! - `credits` and `credits-sum` are null unless `credit-eat-mode` is 2 ("populated only" then). The sum is always the
//!   sample's `&euro; 0,000`, which is not a number.
//! - No subaccount can authenticate at the sandbox.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Smsend;
use super::account::is_password;
use super::credits::Credits;
use super::purchases::Purchase;
use super::wire::{
    Answer, Body, Page, PageParams, Params, Refusal, compact, ensure, is_email, is_phone, located, number, ok_json,
};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Details {
    address: String,
    cell: String,
    city: String,
    fiscal_code: Option<String>,
    #[serde(default = "yes")]
    company: bool,
    company_name: Option<String>,
    credit_eat_mode: u8,
    #[serde(default = "yes")]
    dfeu: bool,
    email: String,
    fax: Option<String>,
    invoicing_email: Option<String>,
    #[serde(default = "account_language")]
    language: String,
    login: String,
    name: String,
    num_cell_for_test_sms: Option<String>,
    #[serde(skip_serializing)]
    password: Option<String>,
    phone: Option<String>,
    piva: Option<String>,
    province: String,
    #[serde(default)]
    superaccount: bool,
    surname: String,
    #[serde(default = "yes")]
    use24: bool,
    zip_code: String,
    #[serde(rename = "id-subaccount-profile", skip_serializing)]
    _id_subaccount_profile: Option<u64>,
}

fn yes() -> bool {
    true
}

fn account_language() -> String {
    "ita".to_owned()
}

impl Details {
    fn check(&self) -> Result<(), Refusal> {
        for (name, value) in [
            ("address", &self.address),
            ("cell", &self.cell),
            ("city", &self.city),
            ("login", &self.login),
            ("name", &self.name),
            ("province", &self.province),
            ("surname", &self.surname),
            ("zip-code", &self.zip_code),
        ] {
            ensure(!value.is_empty(), || format!("{name} is empty"))?;
        }
        ensure(!self.login.contains(char::is_whitespace), || "login contains spaces".to_owned())?;
        ensure(is_email(&self.email), || "email is not valid".to_owned())?;
        let invoicing = self.invoicing_email.as_deref().unwrap_or_default();
        ensure(invoicing.is_empty() || is_email(invoicing), || "invoicing-email is not valid".to_owned())?;
        let test_cell = self.num_cell_for_test_sms.as_deref().unwrap_or_default();
        ensure(test_cell.is_empty() || is_phone(test_cell), || "num-cell-for-test-sms is not valid".to_owned())?;
        ensure(self.credit_eat_mode <= 2, || "credit-eat-mode must be 0, 1 or 2".to_owned())?;
        ensure(self.password.as_deref().is_none_or(is_password), || {
            "password must have 8 to 16 characters".to_owned()
        })?;
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        ensure(!self.company || (given(&self.company_name) && given(&self.piva)), || {
            "a company needs company-name and piva".to_owned()
        })
    }
}

#[derive(Debug)]
pub(super) struct Subaccount {
    id: u64,
    created: Timestamp,
    active: bool,
    details: Details,
    /// The subaccount's own credits.
    pub(super) credits: Credits,
    pub(super) purchases: Vec<Purchase>,
}

impl Subaccount {
    pub(super) fn credit_eat_mode(&self) -> u8 {
        self.details.credit_eat_mode
    }

    /// Returns the subaccount as in an answer: its own members, and those that the vendor adds.
    fn shown(&self) -> Shown<'_> {
        let day = &compact(self.created)[..8];
        let has_both_credits = self.details.credit_eat_mode == 2;
        let credits = ["N", "L", "LL", "GS"].map(|id| json!({"id": id, "qty": self.credits.left(id)}));
        let added = json!({
            "activation-time": day,
            "active": self.active,
            "allowtpoavalidation": true,
            "pa-code": null,
            "create-time": day,
            "credits-sum": has_both_credits.then_some("&euro; 0,000"),
            "default-message-type": "SI",
            "default-nation": "ita",
            "foreign": false,
            "id-user": self.id,
            "legal-agreement-time": day,
            "legalAgreementVersion": 0,
            "max-subaccounts": -1,
            "partner": false,
            "partner-code": null,
            "preferred-tpoa": self.details.cell,
            "private": !self.details.company,
            "referral": false,
            "shop_cart_check": true,
            "split-payment": false,
            "subaccount": true,
            "subaccount-types": 0,
            "super-account-name": "",
            "user-nation": "ita",
            "credits": has_both_credits.then_some(credits),
        });
        Shown { details: &self.details, added }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    details: &'a Details,
    #[serde(flatten)]
    added: Value,
}

#[derive(Debug, Default)]
pub(super) struct Subaccounts {
    by_id: BTreeMap<u64, Subaccount>,
    last_id: u64,
    last_purchase: u64,
}

impl Subaccounts {
    /// Finds a subaccount by the number in a path.
    pub(super) fn by_id(&mut self, id: &str) -> Result<&mut Subaccount, Refusal> {
        let id = number(id, "subaccount_id")?;
        self.by_id.get_mut(&id).ok_or_else(|| Refusal::bad("subaccount not found"))
    }

    /// Finds one by the number or the login in a path, for the operations that accept both.
    pub(super) fn by_id_or_login(&mut self, key: &str) -> Result<&mut Subaccount, Refusal> {
        let found = self.by_id.values().find(|known| known.details.login == key);
        let id = found.map_or_else(|| key.to_owned(), |known| known.id.to_string());
        self.by_id(&id).map_err(|_| Refusal::bad("subaccount not found"))
    }

    pub(super) fn purchase_id(&mut self) -> u64 {
        self.last_purchase += 1;
        self.last_purchase
    }
}

pub(super) async fn list(State(smsend): State<Arc<Smsend>>, Params(params): Params<PageParams>) -> Answer {
    let page = Page::of(&params, 10)?;
    let subaccounts = &smsend.state().subaccounts;
    let (found, total) = page.cut(subaccounts.by_id.values());
    let shown: Vec<_> = found.into_iter().map(Subaccount::shown).collect();
    ok_json(
        StatusCode::OK,
        json!({
            "result": "OK",
            "pageNumber": page.number,
            "pageSize": page.size,
            "total": total,
            "subaccount": shown,
        }),
    )
}

pub(super) async fn create(State(smsend): State<Arc<Smsend>>, Body(details): Body<Details>) -> Answer {
    let subaccounts = &mut smsend.state().subaccounts;
    details.check()?;
    subaccounts.last_id += 1;
    let id = subaccounts.last_id;
    let created = Timestamp::now();
    let subaccount =
        Subaccount { id, created, active: true, details, credits: Credits::default(), purchases: Vec::new() };
    subaccounts.by_id.insert(id, subaccount);
    located(StatusCode::OK, format!("/subaccount/{id}"))
}

pub(super) async fn get(State(smsend): State<Arc<Smsend>>, Path(id): Path<String>) -> Answer {
    let subaccounts = &mut smsend.state().subaccounts;
    ok_json(StatusCode::OK, subaccounts.by_id(&id)?.shown())
}

#[derive(Deserialize)]
pub(super) struct UpdateParams {
    #[serde(default, rename = "lock-subaccount")]
    lock_subaccount: bool,
}

pub(super) async fn update(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Params(params): Params<UpdateParams>,
    Body(details): Body<Details>,
) -> Answer {
    let subaccounts = &mut smsend.state().subaccounts;
    details.check()?;
    let subaccount = subaccounts.by_id(&id)?;
    subaccount.details = details;
    subaccount.active = !params.lock_subaccount;
    located(StatusCode::OK, format!("/subaccount/{id}"))
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    passwd: String,
}

pub(super) async fn change_password(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Body(NewPassword { passwd }): Body<NewPassword>,
) -> Answer {
    ensure(is_password(&passwd), || "passwd must have 8 to 16 characters".to_owned())?;
    smsend.state().subaccounts.by_id(&id)?.details.password = Some(passwd);
    located(StatusCode::CREATED, format!("/subaccount/{id}/changepwd"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::testing::Client;
    use super::*;

    pub(in crate::smsend) fn body(login: &str, credit_eat_mode: u8) -> Value {
        json!({
            "address": "via xxx", "cell": "+393393939393", "city": "myCity", "fiscal-code": "BRGRJM87J89JH907E",
            "company": true, "company-name": "myCompany", "credit-eat-mode": credit_eat_mode, "dfeu": true,
            "email": "em@a.il", "fax": "0461686868", "invoicing-email": "em@a.il", "language": "ita", "login": login,
            "name": "myNome", "num-cell-for-test-sms": "+393393939393", "password": "myPassword",
            "phone": "0461656565", "piva": "104456015145", "province": "TN", "superaccount": false,
            "surname": "mySurname", "use24": true, "zip-code": "38010", "id-subaccount-profile": 1,
        })
    }

    #[tokio::test]
    async fn subaccounts_are_made_changed_and_listed() {
        let client = Client::new().await;
        assert_eq!(client.make("POST", "/subaccount", &body("one", 1)).await, (200, "/subaccount/1".to_owned()));
        assert_eq!(client.make("POST", "/subaccount", &body("two", 2)).await, (200, "/subaccount/2".to_owned()));
        let one = client.get_json("/subaccount/1").await;
        assert_eq!((&one["login"], &one["zip-code"], &one["id-user"]), (&json!("one"), &json!("38010"), &json!(1)));
        assert_eq!((&one["credits"], &one["credits-sum"], &one["active"]), (&json!(null), &json!(null), &json!(true)));
        let two = client.get_json("/subaccount/2").await;
        assert_eq!(two["credits-sum"], "&euro; 0,000");
        assert_eq!(two["credits"][0], json!({"id": "N", "qty": 0}));
        let lock = "/subaccount/1?lock-subaccount=true";
        assert_eq!(client.make("PUT", lock, &body("uno", 1)).await, (200, "/subaccount/1".to_owned()));
        assert_eq!(client.make("PUT", "/subaccount/3", &body("tre", 1)).await.0, 400);
        let list = client.get_json("/subaccounts?pageSize=1").await;
        assert_eq!((&list["total"], &list["pageSize"], &list["result"]), (&json!(2), &json!(1), &json!("OK")));
        assert_eq!((&list["subaccount"][0]["login"], &list["subaccount"][0]["active"]), (&json!("uno"), &json!(false)));
        assert_eq!(client.get("/subaccount/9").await.0, 400);
        assert_eq!(client.get("/subaccount/two").await.0, 400);
    }

    #[tokio::test]
    async fn a_wrong_subaccount_is_refused() {
        let client = Client::new().await;
        for (field, value) in [
            ("login", json!("two words")),
            ("email", json!("me")),
            ("credit-eat-mode", json!(3)),
            ("password", json!("short")),
            ("company-name", json!(null)),
            ("piva", json!("")),
            ("zip-code", json!(null)),
            ("num-cell-for-test-sms", json!("0461")),
            ("city", json!("")),
        ] {
            let mut body = body("one", 1);
            body[field] = value;
            assert_eq!(client.post("/subaccount", &body).await.0, 400, "{field}");
        }
        let mut private = body("one", 1);
        for field in ["company-name", "piva", "password", "fax", "language", "use24"] {
            private.as_object_mut().unwrap().remove(field);
        }
        assert_eq!(client.post("/subaccount", &private).await.0, 400);
        private["company"] = json!(false);
        assert_eq!(client.post("/subaccount", &private).await.0, 200);
    }

    #[tokio::test]
    async fn a_password_has_eight_to_sixteen_characters() {
        let client = Client::new().await;
        client.post("/subaccount", &body("one", 1)).await;
        let path = "/subaccount/1/changepwd";
        assert_eq!(client.make("POST", path, &json!({"passwd": "password"})).await, (201, path.to_owned()));
        assert_eq!(client.make("POST", path, &json!({"passwd": "seven77"})).await.0, 400);
        assert_eq!(client.make("POST", path, &json!({"password": "password"})).await.0, 400);
        let unknown = "/subaccount/2/changepwd";
        assert_eq!(client.make("POST", unknown, &json!({"passwd": "password"})).await.0, 400);
    }
}
