//! What is refused of subaccounts, their credits and purchases: before smSend is asked, and by smSend.

use libtest_mimic::Trial;
use prost_types::Timestamp;
use smsmux::api::pb::{
    ChangeSubaccountPasswordRequest, CreatePurchasesRequest, CreateSubaccountRequest, DeletePurchaseRequest,
    GetSubaccountCreditsRequest, GetSubaccountRequest, ListPurchasesRequest, ListSubaccountsRequest, Purchase,
    Subaccount, TransferCreditsRequest, UpdateSubaccountRequest, subaccount_service_client::SubaccountServiceClient,
};
use tonic::{Code, transport::Channel};

use super::{
    super::{
        Unknown,
        purchase::{moved, purchase},
        refusals, refused_fields, status,
    },
    ACCOUNT, FIRST, create_request, example, in_our_words, least, some, subaccounts,
};
use crate::support::{Rig, failed};

pub fn tests() -> Vec<Trial> {
    tests![
        a_subaccount_that_smsend_cannot_take_is_refused_with_every_fault_before_it_is_asked,
        a_request_about_a_subaccount_with_faults_is_refused_with_all_of_them_before_smsend_is_asked,
        a_password_that_smsend_repeats_is_in_no_error,
        errors,
    ]
}

async fn a_subaccount_that_smsend_cannot_take_is_refused_with_every_fault_before_it_is_asked() {
    const REQUIRED: [&str; 12] = [
        "subaccount.address",
        "subaccount.city",
        "subaccount.company_name",
        "subaccount.credit_source",
        "subaccount.email",
        "subaccount.family_name",
        "subaccount.given_name",
        "subaccount.login",
        "subaccount.mobile_number",
        "subaccount.postal_code",
        "subaccount.province",
        "subaccount.vat_number",
    ];
    let rig = Rig::smsend().await;
    let nothing = CreateSubaccountRequest { parent: ACCOUNT.to_owned(), subaccount: None };
    let status = subaccounts(&rig).create_subaccount(nothing).await.unwrap_err();
    assert_eq!(refused_fields(&status), REQUIRED);

    let wrong = Subaccount {
        login: some("two words"),
        password: some("seven77"),
        email: some("em"),
        invoicing_email: some("em@a"),
        company: None,
        credit_source: 7,
        ..least("")
    };
    let status = subaccounts(&rig).create_subaccount(create_request(wrong)).await.unwrap_err();
    let expected = [
        "subaccount.company_name",
        "subaccount.credit_source",
        "subaccount.email",
        "subaccount.invoicing_email",
        "subaccount.login",
        "subaccount.password",
        "subaccount.vat_number",
    ];
    assert_eq!(refused_fields(&status), expected);

    // Everything that smSend tells is refused when it is told to smSend, but what can be set.
    let told = Subaccount { public_administration_code: some("x"), partner_code: some("x"), ..in_our_words(FIRST) };
    let status = subaccounts(&rig).create_subaccount(create_request(told)).await.unwrap_err();
    let expected = [
        "activation_date",
        "active",
        "alias_validation_allowed",
        "create_date",
        "credits",
        "credits_sum_text",
        "default_message_type",
        "default_nation",
        "foreign",
        "legal_agreement_date",
        "legal_agreement_version",
        "max_subaccounts",
        "partner",
        "partner_code",
        "preferred_sender",
        "private",
        "public_administration_code",
        "referral",
        "shop_cart_check",
        "split_payment",
        "subaccount",
        "subaccount_types",
        "superaccount_name",
        "user_id",
        "user_nation",
        "vendor_credit_source",
    ];
    assert_eq!(refused_fields(&status), expected.map(|field| format!("subaccount.{field}")));

    let unnamed = Subaccount { name: "accounts/smsend/groups/1".to_owned(), ..least("login") };
    let request = UpdateSubaccountRequest { subaccount: Some(unnamed), lock: Some(true) };
    let status = subaccounts(&rig).update_subaccount(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["subaccount.name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_request_about_a_subaccount_with_faults_is_refused_with_all_of_them_before_smsend_is_asked() {
    let rig = Rig::smsend().await;
    let name = || "accounts/smsend/purchases/1".to_owned();
    for new_password in ["seven77", "seventeen letters", ""] {
        let request = ChangeSubaccountPasswordRequest { name: name(), new_password: new_password.to_owned() };
        let status = subaccounts(&rig).change_subaccount_password(request).await.unwrap_err();
        assert_eq!(refused_fields(&status), ["name", "new_password"]);
    }
    let status = subaccounts(&rig).get_subaccount(GetSubaccountRequest { name: name() }).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    let request = TransferCreditsRequest { name: name(), transfers: vec![moved("GP", 1, true), moved("", 0, true)] };
    let status = subaccounts(&rig).transfer_credits(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name", "transfers[1].amount", "transfers[1].message_type"]);
    let request = TransferCreditsRequest { name: FIRST.to_owned(), transfers: Vec::new() };
    let status = subaccounts(&rig).transfer_credits(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["transfers"]);
    let request = GetSubaccountCreditsRequest { name: name() };
    let status = subaccounts(&rig).get_subaccount_credits(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    let request = ListPurchasesRequest { parent: name(), page_size: -1, page_token: "not a token".to_owned() };
    let status = subaccounts(&rig).list_purchases(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["page_size", "page_token", "parent"]);
    let request = ListSubaccountsRequest { parent: ACCOUNT.to_owned(), page_size: -1, page_token: "x".to_owned() };
    let status = subaccounts(&rig).list_subaccounts(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["page_size", "page_token"]);
    let told = Purchase {
        name: format!("{FIRST}/purchases/1"),
        amount: "1".to_owned(),
        available: "1".to_owned(),
        create_time: Some(Timestamp::default()),
        ..purchase("1,5", &[("GP", "1"), ("", "-1")])
    };
    let request = CreatePurchasesRequest { parent: name(), purchases: vec![told, purchase("", &[])] };
    let status = subaccounts(&rig).create_purchases(request).await.unwrap_err();
    let expected = [
        "parent",
        "purchases[0].amount",
        "purchases[0].available",
        "purchases[0].create_time",
        "purchases[0].name",
        "purchases[0].price",
        "purchases[0].unit_prices[1].message_type",
        "purchases[0].unit_prices[1].price",
        "purchases[1].price",
        "purchases[1].unit_prices",
    ];
    assert_eq!(refused_fields(&status), expected);
    let request = CreatePurchasesRequest { parent: FIRST.to_owned(), purchases: Vec::new() };
    let status = subaccounts(&rig).create_purchases(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["purchases"]);
    let status = subaccounts(&rig).delete_purchase(DeletePurchaseRequest { name: FIRST.to_owned() }).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_password_that_smsend_repeats_is_in_no_error() {
    let rig = Rig::smsend().await;
    for operation in ["POST /subaccount", "PUT /subaccount", "POST /subaccount/1/changepwd"] {
        rig.fault(operation, status(400, r#"{"result": "bad password s3cret-word"}"#));
    }
    let secret = || Subaccount { name: FIRST.to_owned(), password: some("s3cret-word"), ..least("login") };
    let change = ChangeSubaccountPasswordRequest { name: FIRST.to_owned(), new_password: "s3cret-word".to_owned() };
    let update = UpdateSubaccountRequest { subaccount: Some(secret()), lock: None };
    for status in [
        subaccounts(&rig).create_subaccount(create_request(secret())).await.unwrap_err(),
        subaccounts(&rig).update_subaccount(update).await.unwrap_err(),
        subaccounts(&rig).change_subaccount_password(change).await.unwrap_err(),
    ] {
        let metadata = failed(&status, Code::InvalidArgument, "VENDOR_REFUSED");
        assert_eq!(metadata["vendor_message"], "bad password ***");
    }
}

async fn errors() {
    let unknown = Unknown::Credential;
    let client = SubaccountServiceClient::<Channel>::new;
    let name = || FIRST.to_owned();
    refusals("GET /subaccounts", unknown, |channel| async move {
        let request = ListSubaccountsRequest { parent: ACCOUNT.to_owned(), ..ListSubaccountsRequest::default() };
        client(channel).list_subaccounts(request).await
    })
    .await;
    refusals("POST /subaccount", unknown, |channel| async move {
        client(channel).create_subaccount(create_request(example())).await
    })
    .await;
    refusals("PUT /subaccount", unknown, |channel| async move {
        let subaccount = Some(Subaccount { name: name(), ..example() });
        client(channel).update_subaccount(UpdateSubaccountRequest { subaccount, lock: None }).await
    })
    .await;
    refusals("POST /subaccount/1/changepwd", unknown, |channel| async move {
        let request = ChangeSubaccountPasswordRequest { name: name(), new_password: "password".to_owned() };
        client(channel).change_subaccount_password(request).await
    })
    .await;
    refusals("GET /subaccount", unknown, |channel| async move {
        client(channel).get_subaccount(GetSubaccountRequest { name: name() }).await
    })
    .await;
    refusals("POST /subaccount/1/credit", unknown, |channel| async move {
        let request = TransferCreditsRequest { name: name(), transfers: vec![moved("GP", 1, false)] };
        client(channel).transfer_credits(request).await
    })
    .await;
    refusals("GET /subaccount", unknown, |channel| async move {
        client(channel).get_subaccount_credits(GetSubaccountCreditsRequest { name: name() }).await
    })
    .await;
    refusals("GET /subaccount", unknown, |channel| async move {
        let request = ListPurchasesRequest { parent: name(), ..ListPurchasesRequest::default() };
        client(channel).list_purchases(request).await
    })
    .await;
    refusals("POST /subaccount/1/purchase", unknown, |channel| async move {
        let request = CreatePurchasesRequest { parent: name(), purchases: vec![purchase("1", &[("GP", "1")])] };
        client(channel).create_purchases(request).await
    })
    .await;
    refusals("DELETE /subaccount", unknown, |channel| async move {
        client(channel).delete_purchase(DeletePurchaseRequest { name: format!("{FIRST}/purchases/1") }).await
    })
    .await;
}
