//! The credits of a subaccount: transfers from and to the account, and purchases.
//!
//! # Guesses
//!
//! - Credits are transferred all or none. Without enough on the paying side, 400. They are returned under the
//!   platform's own names of the message types (`GP` for `N`), and only those that were ever transferred.
//! - `super-to-sub` of a purchase is in the sample of the document and not in its table: `true` if absent.
//!   The amount of a purchase is its price, and all of it is available. Purchases are returned newest first.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use super::Smsend;
use super::credits::type_name;
use super::subaccounts::Subaccount;
use super::wire::{Answer, Body, Page, PageParams, Params, Refusal, compact, ensure, located, number, ok_json};

#[derive(Deserialize)]
pub(super) struct Moves {
    credits: Vec<Move>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Move {
    message_type: String,
    amount: u64,
    super_to_sub: bool,
}

pub(super) async fn move_credits(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Body(moves): Body<Moves>,
) -> Answer {
    ensure(!moves.credits.is_empty(), || "credits is empty".to_owned())?;
    let state = &mut *smsend.state();
    let subaccount = state.subaccounts.by_id(&id)?;
    ensure(subaccount.credit_eat_mode() != 1, || "the subaccount has no credits of its own".to_owned())?;
    // Both sides are written only if every transfer was possible.
    let (mut own, mut ours) = (subaccount.credits.clone(), state.account.credits.clone());
    for wanted in &moves.credits {
        ensure(wanted.amount > 0, || "amount must be at least 1".to_owned())?;
        let (from, to) = if wanted.super_to_sub { (&mut ours, &mut own) } else { (&mut own, &mut ours) };
        from.spend(&wanted.message_type, wanted.amount)?;
        to.add(&wanted.message_type, wanted.amount)?;
    }
    subaccount.credits = own;
    state.account.credits = ours;
    located(StatusCode::CREATED, format!("/subaccount/{id}/credit"))
}

pub(super) async fn credits(State(smsend): State<Arc<Smsend>>, Path(key): Path<String>) -> Answer {
    let subaccounts = &mut smsend.state().subaccounts;
    let credits = &subaccounts.by_id_or_login(&key)?.credits;
    let shown: Vec<_> = credits.iter().map(|(name, amount)| json!({"message-type": name, "amount": amount})).collect();
    ok_json(StatusCode::OK, json!({"result": "OK", "credits": shown}))
}

#[derive(Deserialize)]
pub(super) struct NewPurchases {
    purchases: Vec<NewPurchase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct NewPurchase {
    super_to_sub: Option<bool>,
    price: f64,
    message_types: Vec<UnitPrice>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
struct UnitPrice {
    message_type: String,
    unit_price: f64,
}

impl NewPurchase {
    fn check(&self) -> Result<(), Refusal> {
        ensure(self.price > 0.0, || "price must be more than 0".to_owned())?;
        ensure(!self.message_types.is_empty(), || "message-types is empty".to_owned())?;
        for price in &self.message_types {
            ensure(type_name(&price.message_type).is_some(), || "invalid message-type".to_owned())?;
            ensure(price.unit_price >= 0.0, || "unit-price must not be negative".to_owned())?;
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Purchase {
    id: u64,
    created: Timestamp,
    super_to_sub: bool,
    price: f64,
    message_types: Vec<UnitPrice>,
}

impl Purchase {
    fn shown(&self) -> Value {
        let price = amount(self.price);
        json!({
            "super-to-sub": self.super_to_sub,
            "amount": price,
            "create-time": compact(self.created),
            "id_purchase": self.id,
            "price": price,
            "available": price,
            "message-types": self.message_types,
        })
    }
}

/// Returns a number as the samples write it: 37 and not 37.0.
fn amount(value: f64) -> Value {
    let text = if value.fract() == 0.0 { format!("{value:.0}") } else { value.to_string() };
    serde_json::from_str::<Number>(&text).map_or(Value::Null, Value::Number)
}

fn with_purchases(subaccount: &mut Subaccount) -> Result<&mut Vec<Purchase>, Refusal> {
    ensure(subaccount.credit_eat_mode() == 2, || "the subaccount's credit-eat-mode is not 2".to_owned())?;
    Ok(&mut subaccount.purchases)
}

pub(super) async fn list(
    State(smsend): State<Arc<Smsend>>,
    Path(key): Path<String>,
    Params(params): Params<PageParams>,
) -> Answer {
    let page = Page::of(&params, 10)?;
    let subaccounts = &mut smsend.state().subaccounts;
    let (found, total) = page.cut(subaccounts.by_id_or_login(&key)?.purchases.iter().rev());
    let shown: Vec<_> = found.into_iter().map(Purchase::shown).collect();
    ok_json(
        StatusCode::OK,
        json!({
            "result": "OK",
            "purchases": shown,
            "pageNumber": page.number,
            "pageSize": page.size,
            "total": total,
        }),
    )
}

pub(super) async fn create(
    State(smsend): State<Arc<Smsend>>,
    Path(key): Path<String>,
    Body(body): Body<NewPurchases>,
) -> Answer {
    ensure(!body.purchases.is_empty(), || "purchases is empty".to_owned())?;
    body.purchases.iter().try_for_each(NewPurchase::check)?;
    let subaccounts = &mut smsend.state().subaccounts;
    with_purchases(subaccounts.by_id_or_login(&key)?)?;
    for purchase in body.purchases {
        let purchase = Purchase {
            id: subaccounts.purchase_id(),
            created: Timestamp::now(),
            super_to_sub: purchase.super_to_sub.unwrap_or(true),
            price: purchase.price,
            message_types: purchase.message_types,
        };
        subaccounts.by_id_or_login(&key)?.purchases.push(purchase);
    }
    located(StatusCode::OK, format!("/subaccount/{key}/purchase"))
}

pub(super) async fn delete(State(smsend): State<Arc<Smsend>>, Path((key, purchase)): Path<(String, String)>) -> Answer {
    let id = number(&purchase, "purchase_id")?;
    let subaccounts = &mut smsend.state().subaccounts;
    let purchases = with_purchases(subaccounts.by_id_or_login(&key)?)?;
    let at = purchases.iter().position(|known| known.id == id).ok_or_else(|| Refusal::bad("purchase not found"))?;
    purchases.remove(at);
    ok_json(StatusCode::OK, json!({"result": "OK"}))
}

#[cfg(test)]
mod tests {
    use super::super::subaccounts::tests::body;
    use super::super::testing::Client;
    use super::*;

    async fn client() -> Client {
        let client = Client::new().await;
        for (login, mode) in [("own", 0), ("shared", 1), ("both", 2)] {
            assert_eq!(client.post("/subaccount", &body(login, mode)).await.0, 200);
        }
        client
    }

    fn moved(message_type: &str, amount: i64, super_to_sub: bool) -> Value {
        json!({"message-type": message_type, "amount": amount, "super-to-sub": super_to_sub})
    }

    #[tokio::test]
    async fn credits_move_between_the_accounts() {
        let client = client().await;
        let before = client.get_json("/status").await["sms"][2]["quantity"].as_u64().unwrap();
        let body = json!({"credits": [moved("GP", 5, true), moved("SI", 50, true)]});
        let (status, place) = client.make("POST", "/subaccount/1/credit", &body).await;
        assert_eq!((status, place.as_str()), (201, "/subaccount/1/credit"));
        let body = json!({"credits": [moved("N", 2, false)]});
        assert_eq!(client.post("/subaccount/1/credit", &body).await.0, 201);
        let credits = json!([{"message-type": "GP", "amount": 3}, {"message-type": "SI", "amount": 50}]);
        let expected = json!({"result": "OK", "credits": credits});
        assert_eq!(client.get_json("/subaccount/1/credit").await, expected);
        assert_eq!(client.get_json("/subaccount/own/credit").await, expected);
        assert_eq!(client.get_json("/status").await["sms"][2]["quantity"], before - 3);
        for (path, wrong) in [
            ("/subaccount/1/credit", json!([moved("GP", 1, true), moved("GP", 9, false)])),
            ("/subaccount/1/credit", json!([moved("X", 1, true)])),
            ("/subaccount/1/credit", json!([moved("GP", 0, true)])),
            ("/subaccount/1/credit", json!([moved("GP", -1, true)])),
            ("/subaccount/1/credit", json!([])),
            ("/subaccount/2/credit", json!([moved("GP", 1, true)])),
            ("/subaccount/own/credit", json!([moved("GP", 1, true)])),
        ] {
            assert_eq!(client.post(path, &json!({"credits": wrong})).await.0, 400, "{path} {wrong}");
        }
        assert_eq!(client.get_json("/subaccount/1/credit").await, expected);
        assert_eq!(client.get_json("/status").await["sms"][2]["quantity"], before - 3);
        assert_eq!(client.get("/subaccount/nobody/credit").await.0, 400);
    }

    #[tokio::test]
    async fn purchases_are_made_listed_and_deleted() {
        let client = client().await;
        let purchase = |price: f64| {
            json!({"super-to-sub": true, "price": price,
                "message-types": [{"message-type": "GP", "unit-price": 1.1}]})
        };
        let body = json!({"purchases": [purchase(25.0), purchase(37.5)]});
        let (status, place) = client.make("POST", "/subaccount/both/purchase", &body).await;
        assert_eq!((status, place.as_str()), (200, "/subaccount/both/purchase"));
        assert_eq!(client.post("/subaccount/own/purchase", &body).await.0, 400);
        let list = client.get_json("/subaccount/3/purchase").await;
        assert_eq!((&list["total"], &list["pageSize"], &list["result"]), (&json!(2), &json!(10), &json!("OK")));
        assert_eq!((&list["purchases"][0]["price"], &list["purchases"][0]["id_purchase"]), (&json!(37.5), &json!(2)));
        assert_eq!(list["purchases"][1]["price"].to_string(), "25");
        let price = json!([{"message-type": "GP", "unit-price": 1.1}]);
        assert_eq!(list["purchases"][1]["message-types"], price);
        assert_eq!(client.call("DELETE", "/subaccount/both/purchase/1", None).await.1, "{\"result\":\"OK\"}");
        assert_eq!(client.call("DELETE", "/subaccount/3/purchase/1", None).await.0, 400);
        assert_eq!(client.get_json("/subaccount/both/purchase").await["total"], 1);
        for wrong in [
            json!([]),
            json!([{"price": 0, "message-types": price}]),
            json!([{"price": 5, "message-types": []}]),
            json!([{"price": 5, "message-types": [{"message-type": "X", "unit-price": 1}]}]),
            json!([{"price": 5, "message-types": [{"message-type": "GP", "unit-price": -1}]}]),
            json!([{"price": 5, "message-types": null}]),
        ] {
            assert_eq!(client.post("/subaccount/both/purchase", &json!({"purchases": wrong})).await.0, 400, "{wrong}");
        }
    }
}
