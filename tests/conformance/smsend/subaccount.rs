//! Subaccounts, and in [`refused`] what is refused of them, their credits and purchases.

pub mod refused;

use futures::FutureExt;
use serde_json::{Value, json};
use smsmux::api::pb::{
    ChangeSubaccountPasswordRequest, CreateSubaccountRequest, Credit, CreditSource, GetSubaccountRequest,
    ListSubaccountsRequest, Quality, Subaccount, UpdateSubaccountRequest,
    subaccount_service_client::SubaccountServiceClient,
};
use tonic::transport::Channel;

use super::{answers, arrived, body};
use crate::{Case, support::Rig};

const ACCOUNT: &str = "accounts/smsend";
pub const FIRST: &str = "accounts/smsend/subaccounts/1";

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "SubaccountService/ListSubaccounts",
            operations: &["GET /subaccounts"],
            run: |rig| list(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/CreateSubaccount",
            operations: &["POST /subaccount"],
            run: |rig| create(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/UpdateSubaccount",
            operations: &["PUT /subaccount/{subaccount_id}"],
            run: |rig| update(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/ChangeSubaccountPassword",
            operations: &["POST /subaccount/{subaccount_id}/changepwd"],
            run: |rig| change_password(rig).boxed(),
        },
        Case {
            rpc: "SubaccountService/GetSubaccount",
            operations: &["GET /subaccount/{subaccount_id}"],
            run: |rig| get(rig).boxed(),
        },
    ]
}

pub fn subaccounts(rig: &Rig) -> SubaccountServiceClient<Channel> {
    SubaccountServiceClient::new(rig.channel.clone())
}

pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The document's own example: everything that can be set.
pub fn example() -> Subaccount {
    Subaccount {
        login: some("myLogin"),
        password: some("myPassword"),
        given_name: some("myNome"),
        family_name: some("mySurname"),
        email: some("em@a.il"),
        invoicing_email: some("em@a.il"),
        address: some("via xxx"),
        city: some("myCity"),
        province: some("TN"),
        postal_code: some("38010"),
        mobile_number: some("+393393939393"),
        phone_number: some("0461656565"),
        fax: some("0461686868"),
        company: Some(true),
        company_name: some("myCompany"),
        vat_number: some("104456015145"),
        tax_code: some("BRGRJM87J89JH907E"),
        credit_source: CreditSource::Superaccount.into(),
        european_dates: Some(true),
        use_24_hours: Some(true),
        language_code: some("ita"),
        test_number: some("+393393939393"),
        superaccount: Some(false),
        profile_id: Some(1),
        ..Subaccount::default()
    }
}

/// That example as the document prints it.
fn example_body() -> Value {
    json!({
        "address": "via xxx",
        "cell": "+393393939393",
        "city": "myCity",
        "fiscal-code": "BRGRJM87J89JH907E",
        "company": true,
        "company-name": "myCompany",
        "credit-eat-mode": 1,
        "dfeu": true,
        "email": "em@a.il",
        "fax": "0461686868",
        "invoicing-email": "em@a.il",
        "language": "ita",
        "login": "myLogin",
        "name": "myNome",
        "num-cell-for-test-sms": "+393393939393",
        "password": "myPassword",
        "phone": "0461656565",
        "piva": "104456015145",
        "province": "TN",
        "superaccount": false,
        "surname": "mySurname",
        "use24": true,
        "zip-code": "38010",
        "id-subaccount-profile": 1
    })
}

/// The least that a private person's subaccount needs.
pub fn least(login: &str) -> Subaccount {
    Subaccount {
        login: some(login),
        given_name: some("a"),
        family_name: some("b"),
        email: some("a@b.it"),
        address: some("c"),
        city: some("d"),
        province: some("e"),
        postal_code: some("f"),
        mobile_number: some("g"),
        company: Some(false),
        credit_source: CreditSource::Both.into(),
        ..Subaccount::default()
    }
}

fn create_request(subaccount: Subaccount) -> CreateSubaccountRequest {
    CreateSubaccountRequest { parent: ACCOUNT.to_owned(), subaccount: Some(subaccount) }
}

/// Makes a subaccount.
pub async fn made(rig: &Rig, subaccount: Subaccount) -> Subaccount {
    subaccounts(rig).create_subaccount(create_request(subaccount)).await.unwrap().into_inner().subaccount.unwrap()
}

async fn found(rig: &Rig, name: &str) -> Subaccount {
    let request = GetSubaccountRequest { name: name.to_owned() };
    subaccounts(rig).get_subaccount(request).await.unwrap().into_inner().subaccount.unwrap()
}

async fn create(rig: Rig) {
    let created = made(&rig, Subaccount { name: "ignored".to_owned(), ..example() }).await;
    assert_eq!(created, Subaccount { name: FIRST.to_owned(), password: None, ..example() });
    body(&arrived(&rig, "POST /subaccount", "/subaccount"), &example_body());

    // What is not given is not sent.
    rig.sandbox.clear_requests();
    made(&rig, least("private")).await;
    body(
        &arrived(&rig, "POST /subaccount", "/subaccount"),
        &json!({
            "login": "private", "name": "a", "surname": "b", "email": "a@b.it", "address": "c", "city": "d",
            "province": "e", "zip-code": "f", "cell": "g", "company": false, "credit-eat-mode": 2
        }),
    );
}

async fn update(rig: Rig) {
    let name = made(&rig, example()).await.name;
    for (lock, query, active) in
        [(Some(true), "?lock-subaccount=true", false), (Some(false), "?lock-subaccount=false", true), (None, "", true)]
    {
        rig.sandbox.clear_requests();
        let changed = Subaccount { name: name.clone(), city: some("Città"), ..example() };
        let request = UpdateSubaccountRequest { subaccount: Some(changed.clone()), lock };
        let updated = subaccounts(&rig).update_subaccount(request).await.unwrap().into_inner().subaccount;
        assert_eq!(updated, Some(Subaccount { password: None, ..changed }));
        let mut expected = example_body();
        expected["city"] = json!("Città");
        body(&arrived(&rig, "PUT /subaccount", &format!("/subaccount/1{query}")), &expected);
        let found = found(&rig, &name).await;
        assert_eq!((found.city.as_deref(), found.active), (Some("Città"), Some(active)));
    }
}

async fn change_password(rig: Rig) {
    let name = made(&rig, example()).await.name;
    let request = ChangeSubaccountPasswordRequest { name, new_password: "password".to_owned() };
    subaccounts(&rig).change_subaccount_password(request).await.unwrap();
    let path = "/subaccount/1/changepwd";
    body(&arrived(&rig, &format!("POST {path}"), path), &json!({"passwd": "password"}));
}

/// The entry of the document's list, with all its 47 keys.
const ENTRY: &str = r#"{
    "activation-time": "20160823", "active": true, "address": "via viotta", "allowtpoavalidation": true,
    "cell": "+393385958233", "city": "Città", "fiscal-code": "PRRFCC92L09L488E", "pa-code": null,
    "company": false, "company-name": null, "create-time": "20160823", "credit-eat-mode": 2,
    "credits-sum": "&euro; 0,000", "default-message-type": "SI", "default-nation": "ita", "dfeu": true,
    "email": "prova@prova.pr", "fax": "0461757575", "foreign": false, "id-user": 5, "invoicing-email": null,
    "language": "ita", "legal-agreement-time": "20160823", "legalAgreementVersion": 0, "login": "logon",
    "max-subaccounts": -1, "name": "nome", "num-cell-for-test-sms": "+393385958233", "partner": false,
    "partner-code": null, "phone": "0461757575", "piva": null, "preferred-tpoa": "+393385958233",
    "private": true, "province": "Trento", "referral": false, "shop_cart_check": true, "split-payment": false,
    "subaccount": true, "subaccount-types": 0, "super-account-name": "", "superaccount": false,
    "surname": "asdasd", "use24": true, "user-nation": "ita", "zip-code": "38010",
    "credits": [{"id": "N", "qty": 10}, {"id": "GS", "qty": 10}]
}"#;

/// That entry in our words.
fn in_our_words(name: &str) -> Subaccount {
    let credit = |message_type: &str, quality: Quality| Credit {
        message_type: message_type.to_owned(),
        quality: quality.into(),
        quantity: 10,
    };
    Subaccount {
        name: name.to_owned(),
        login: some("logon"),
        password: None,
        given_name: some("nome"),
        family_name: some("asdasd"),
        email: some("prova@prova.pr"),
        invoicing_email: None,
        address: some("via viotta"),
        city: some("Città"),
        province: some("Trento"),
        postal_code: some("38010"),
        mobile_number: some("+393385958233"),
        phone_number: some("0461757575"),
        fax: some("0461757575"),
        company: Some(false),
        company_name: None,
        vat_number: None,
        tax_code: some("PRRFCC92L09L488E"),
        credit_source: CreditSource::Both.into(),
        vendor_credit_source: Some(2),
        european_dates: Some(true),
        use_24_hours: Some(true),
        language_code: some("ita"),
        test_number: some("+393385958233"),
        superaccount: Some(false),
        profile_id: None,
        user_id: Some(5),
        active: Some(true),
        activation_date: some("2016-08-23"),
        create_date: some("2016-08-23"),
        legal_agreement_date: some("2016-08-23"),
        legal_agreement_version: Some(0),
        alias_validation_allowed: Some(true),
        public_administration_code: None,
        credits_sum_text: some("&euro; 0,000"),
        credits: vec![credit("N", Quality::High), credit("GS", Quality::Unspecified)],
        default_message_type: some("SI"),
        default_nation: some("ita"),
        foreign: Some(false),
        max_subaccounts: Some(-1),
        partner: Some(false),
        partner_code: None,
        preferred_sender: some("+393385958233"),
        private: Some(true),
        referral: Some(false),
        shop_cart_check: Some(true),
        split_payment: Some(false),
        subaccount: Some(true),
        subaccount_types: Some(0),
        superaccount_name: some(""),
        user_nation: some("ita"),
    }
}

async fn get(rig: Rig) {
    let name = made(&rig, example()).await.name;
    let subaccount = found(&rig, &name).await;
    assert_eq!((subaccount.name.as_str(), subaccount.login.as_deref()), (FIRST, Some("myLogin")));
    assert_eq!((subaccount.password, subaccount.active), (None, Some(true)));
    arrived(&rig, "GET /subaccount", "/subaccount/1");

    answers(&rig, "GET /subaccount", ENTRY);
    let name = "accounts/smsend/subaccounts/18107";
    assert_eq!(found(&rig, name).await, in_our_words(name));
}

async fn list(rig: Rig) {
    for login in ["one", "two", "three"] {
        made(&rig, least(login)).await;
    }
    let mut request =
        ListSubaccountsRequest { parent: ACCOUNT.to_owned(), page_size: 2, ..ListSubaccountsRequest::default() };
    let mut logins = Vec::new();
    loop {
        let page = subaccounts(&rig).list_subaccounts(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(3));
        logins.extend(page.subaccounts.into_iter().map(|subaccount| (subaccount.name, subaccount.login.unwrap())));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let named = |id: u8, login: &str| (format!("accounts/smsend/subaccounts/{id}"), login.to_owned());
    assert_eq!(logins, [named(1, "one"), named(2, "two"), named(3, "three")]);
    let targets: Vec<_> = rig.requests("GET /subaccounts").iter().map(|r| r.target.clone()).collect();
    let target = |page| format!("/API/v1.0/REST/subaccounts?pageNumber={page}&pageSize=2");
    assert_eq!(targets, [target(1), target(2)]);

    let example =
        format!(r#"{{"result": "OK", "pageNumber": 1, "pageSize": 10, "total": 2, "subaccount": [{ENTRY}]}}"#);
    answers(&rig, "GET /subaccounts", example);
    let page = subaccounts(&rig).list_subaccounts(request).await.unwrap().into_inner();
    assert_eq!(page.subaccounts, [in_our_words("accounts/smsend/subaccounts/5")]);
    assert_eq!(page.total_size, Some(2));
}
