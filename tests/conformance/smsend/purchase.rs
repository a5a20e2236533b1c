//! The credits of subaccounts, and their purchases.

use futures::FutureExt;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    CreatePurchasesRequest, Credit, CreditTransfer, DeletePurchaseRequest, GetSubaccountCreditsRequest,
    ListPurchasesRequest, Purchase, Quality, TransferCreditsRequest, UnitPrice,
};
use tonic::Code;

use super::{
    answers, arrived, body,
    subaccount::{FIRST, least, made, subaccounts},
};
use crate::{
    Case,
    support::{Rig, failed},
};

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "SubaccountService/TransferCredits",
            operations: &["POST /subaccount/{subaccount_id}/credit"],
            run: |rig| transfer(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/GetSubaccountCredits",
            operations: &["GET /subaccount/{subaccount_id}/credit"],
            run: |rig| credits(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/ListPurchases",
            operations: &["GET /subaccount/{subaccount_id}/purchase"],
            run: |rig| purchases(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/CreatePurchases",
            operations: &["POST /subaccount/{subaccount}/purchase"],
            run: |rig| create_purchases(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/DeletePurchase",
            operations: &["DELETE /subaccount/{subaccount_id}/purchase/{purchase_id}"],
            run: |rig| delete_purchase(rig).boxed(),
        },
    ]
}

pub fn moved(message_type: &str, amount: i64, to_superaccount: bool) -> CreditTransfer {
    CreditTransfer { message_type: message_type.to_owned(), amount, to_superaccount }
}

async fn transfer(rig: Rig) {
    let name = made(&rig, least("both")).await.name;
    // The document's own example, and one back.
    let transfers = vec![moved("GP", 5, false), moved("SI", 50, false), moved("GP", 2, true)];
    let request = TransferCreditsRequest { name: name.clone(), transfers };
    subaccounts(&rig).transfer_credits(request).await.unwrap();
    let path = "/subaccount/1/credit";
    body(
        &arrived(&rig, &format!("POST {path}"), path),
        &json!({
            "credits": [
                {"message-type": "GP", "amount": 5, "super-to-sub": true},
                {"message-type": "SI", "amount": 50, "super-to-sub": true},
                {"message-type": "GP", "amount": 2, "super-to-sub": false}
            ]
        }),
    );
    let request = GetSubaccountCreditsRequest { name };
    let credits = subaccounts(&rig).get_subaccount_credits(request).await.unwrap().into_inner().credits;
    let left: Vec<_> = credits.iter().map(|credit| (credit.message_type.as_str(), credit.quantity)).collect();
    assert_eq!(left, [("GP", 3), ("SI", 50)]);
}

async fn credits(rig: Rig) {
    made(&rig, least("me@home.it")).await;
    // By its login: the at sign may stand in a path as it is.
    let request = GetSubaccountCreditsRequest { name: "accounts/smsend/subaccounts/me@home.it".to_owned() };
    let credits = subaccounts(&rig).get_subaccount_credits(request.clone()).await.unwrap().into_inner().credits;
    assert_eq!(credits, Vec::new());
    arrived(&rig, "GET /subaccount", "/subaccount/me@home.it/credit");

    let example = json!({"result": "OK", "credits": [
        {"message-type": "GP", "amount": 20}, {"message-type": "LL", "amount": 150}]});
    answers(&rig, "GET /subaccount", example);
    let credits = subaccounts(&rig).get_subaccount_credits(request).await.unwrap().into_inner().credits;
    let credit = |message_type: &str, quality: Quality, quantity| Credit {
        message_type: message_type.to_owned(),
        quality: quality.into(),
        quantity,
    };
    assert_eq!(credits, [credit("GP", Quality::Unspecified, 20), credit("LL", Quality::Low, 150)]);
}

fn unit_price(message_type: &str, price: &str) -> UnitPrice {
    UnitPrice { message_type: message_type.to_owned(), price: price.to_owned() }
}

pub fn purchase(price: &str, unit_prices: &[(&str, &str)]) -> Purchase {
    let unit_prices = unit_prices.iter().map(|(word, price)| unit_price(word, price)).collect();
    Purchase { price: price.to_owned(), unit_prices, ..Purchase::default() }
}

async fn purchases(rig: Rig) {
    let parent = made(&rig, least("both")).await.name;
    let booked = ["1", "2", "3"].map(|price| purchase(price, &[("GP", "0.10")])).to_vec();
    let request = CreatePurchasesRequest { parent: parent.clone(), purchases: booked };
    subaccounts(&rig).create_purchases(request).await.unwrap();
    let mut request = ListPurchasesRequest { parent, page_size: 2, ..ListPurchasesRequest::default() };
    let mut names = Vec::new();
    loop {
        let page = subaccounts(&rig).list_purchases(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(3));
        assert!(page.purchases.iter().all(|purchase| purchase.create_time.is_some()));
        names.extend(page.purchases.into_iter().map(|purchase| purchase.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["3", "2", "1"].map(|id| format!("{FIRST}/purchases/{id}")));
    let targets: Vec<_> = rig.requests("GET /subaccount").iter().map(|r| r.target.clone()).collect();
    let target = |page| format!("/API/v1.0/REST/subaccount/1/purchase?pageNumber={page}&pageSize=2");
    assert_eq!(targets, [target(1), target(2)]);

    // The document's own example. Written as text, so that each number arrives with its own digits.
    let example = r#"{"result": "OK", "purchases": [
        {"super-to-sub": false, "amount": 37, "create-time": "20160826104539", "id_purchase": 20, "price": 37.00,
            "available": 0, "message-types": [{"message-type": "N", "unit-price": 1.2},
            {"message-type": "LL", "unit-price": 0.80000000000000000001}]},
        {"super-to-sub": true, "amount": 37, "create-time": "20160826103027", "id_purchase": 21, "price": 37,
            "available": 0, "message-types": []}],
        "pageNumber": 1, "pageSize": 10, "total": 2}"#;
    answers(&rig, "GET /subaccount", example);
    let page = subaccounts(&rig).list_purchases(request).await.unwrap().into_inner();
    let first = Purchase {
        name: format!("{FIRST}/purchases/20"),
        to_superaccount: true,
        amount: "37".to_owned(),
        available: "0".to_owned(),
        create_time: Some(Timestamp { seconds: 1_472_208_339, nanos: 0 }),
        ..purchase("37.00", &[("N", "1.2"), ("LL", "0.80000000000000000001")])
    };
    let second = Purchase {
        name: format!("{FIRST}/purchases/21"),
        amount: "37".to_owned(),
        available: "0".to_owned(),
        create_time: Some(Timestamp { seconds: 1_472_207_427, nanos: 0 }),
        ..purchase("37", &[])
    };
    assert_eq!(page.purchases, [first, second]);
}

async fn create_purchases(rig: Rig) {
    made(&rig, least("both/of+us%")).await;
    // The document's own example, for a login that a path cannot hold as it is.
    let parent = "accounts/smsend/subaccounts/both%2Fof+us%25".to_owned();
    let purchases = vec![
        purchase("25.0", &[("GP", "1.1"), ("SI", "0.7")]),
        Purchase { to_superaccount: true, ..purchase("37.0", &[("GP", "1.2"), ("SI", "0.80000000000000000001")]) },
    ];
    let request = CreatePurchasesRequest { parent, purchases };
    subaccounts(&rig).create_purchases(request).await.unwrap();
    let path = "/subaccount/both%2Fof+us%25/purchase";
    let request = arrived(&rig, &format!("POST {path}"), path);
    let text = r#"{"purchases":[
        {"super-to-sub":true,"price":25.0,"message-types":[
            {"message-type":"GP","unit-price":1.1},{"message-type":"SI","unit-price":0.7}]},
        {"super-to-sub":false,"price":37.0,"message-types":[
            {"message-type":"GP","unit-price":1.2},{"message-type":"SI","unit-price":0.80000000000000000001}]}]}"#;
    let without_space: String = text.split_whitespace().collect();
    assert_eq!(request.text(), without_space, "every digit arrives");
}

async fn delete_purchase(rig: Rig) {
    let parent = made(&rig, least("both")).await.name;
    let request = CreatePurchasesRequest { parent, purchases: vec![purchase("1", &[("GP", "1")])] };
    subaccounts(&rig).create_purchases(request).await.unwrap();
    let request = DeletePurchaseRequest { name: "accounts/smsend/subaccounts/both/purchases/1".to_owned() };
    subaccounts(&rig).delete_purchase(request.clone()).await.unwrap();
    assert!(arrived(&rig, "DELETE /subaccount", "/subaccount/both/purchase/1").body.is_empty());
    let status = subaccounts(&rig).delete_purchase(request).await.unwrap_err();
    assert_eq!(failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_message"], "purchase not found");
}
