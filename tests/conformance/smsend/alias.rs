//! Registered senders.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    Alias, AliasState, CreateAliasRequest, DeleteAliasRequest, GetAliasRequest, ListAliasesRequest,
    alias_service_client::AliasServiceClient,
};
use tonic::{Code, transport::Channel};

use super::{Unknown, answers, arrived, body, refusals, refused_fields};
use crate::{
    Case,
    support::{Rig, failed},
};

const ACCOUNT: &str = "accounts/smsend";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "AliasService/CreateAlias", operations: &["POST /alias"], run: |rig| create(rig).boxed() },
        Case { rpc: "AliasService/ListAliases", operations: &["GET /alias"], run: |rig| list(rig).boxed() },
        Case { rpc: "AliasService/GetAlias", operations: &["GET /alias/{alias_id}"], run: |rig| get(rig).boxed() },
        Case {
            rpc: "AliasService/DeleteAlias",
            operations: &["DELETE /alias/{alias_id}"],
            run: |rig| delete(rig).boxed(),
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![a_sender_that_cannot_be_registered_is_refused_with_every_fault_before_smsend_is_asked, errors]
}

fn aliases(rig: &Rig) -> AliasServiceClient<Channel> {
    AliasServiceClient::new(rig.channel.clone())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn alias(sender: &str) -> Alias {
    Alias { sender: sender.to_owned(), ..Alias::default() }
}

fn create_request(alias: Alias, return_alias: bool) -> CreateAliasRequest {
    CreateAliasRequest { parent: ACCOUNT.to_owned(), alias: Some(alias), return_alias }
}

async fn create(rig: Rig) {
    // The document's own example.
    let sent = Alias {
        company_name: some("company name"),
        contact_given_name: some("name"),
        contact_family_name: some("surname"),
        tax_code: some("02367940224"),
        vat_number: some("02367940224"),
        address: some("address"),
        city: some("city"),
        postal_code: some("pcode"),
        contact_type: some("WEB"),
        contact_info: some("www.www.it"),
        ..alias("MY ALIAS")
    };
    let created = aliases(&rig).create_alias(create_request(sent.clone(), true)).await.unwrap().into_inner();
    let created = created.alias.unwrap();
    assert_eq!(created, Alias { name: "accounts/smsend/aliases/2".to_owned(), ..sent });
    body(
        &arrived(&rig, "POST /alias", "/alias?getAlias=true"),
        &json!({
            "alias": {
                "alias": "MY ALIAS",
                "company-name": "company name",
                "contact-name": "name",
                "contact-surname": "surname",
                "cod-fiscale": "02367940224",
                "vat-number": "02367940224",
                "contact-address": "address",
                "contact-city": "city",
                "contact-pcode": "pcode",
                "contact-type": "WEB",
                "contact-info": "www.www.it"
            }
        }),
    );

    // What is not given or asked for is not sent.
    rig.sandbox.clear_requests();
    aliases(&rig).create_alias(create_request(alias("+393458922223"), false)).await.unwrap();
    body(&arrived(&rig, "POST /alias", "/alias"), &json!({"alias": {"alias": "+393458922223"}}));
}

/// The aliases of the document's list.
fn example() -> Value {
    let alias = |id: u32, name: &str, state: u8, time: &str, vat_number: &str, info: &str| {
        json!({
            "contact-surname": "Dallago", "notification-time": time, "cod-fiscale": "01843020221",
            "alias-state": state, "contact-city": "Trento", "id-alias": id, "contact-pcode": "38122",
            "vat-number": vat_number, "alias": name, "company-name": "smSend", "contact-type": "FAX",
            "contact-info": info, "contact-name": "Stefano", "is-numeric": false, "contact-address": "Via Rosaccio 6"
        })
    };
    json!({
        "alias": [
            alias(36, "Alias123", 3, "20140704124747", "01843020221", "024113727142"),
            alias(662, "dunp", 2, "20161123155102", "03843020821", "04317378142"),
        ],
        "total": 2, "pageNumber": 1, "result": "OK", "pageSize": 10
    })
}

async fn list(rig: Rig) {
    for sender in ["first", "second", "third"] {
        aliases(&rig).create_alias(create_request(alias(sender), false)).await.unwrap();
    }
    let mut request = ListAliasesRequest { parent: ACCOUNT.to_owned(), page_size: 2, ..ListAliasesRequest::default() };
    let mut senders = Vec::new();
    loop {
        let page = aliases(&rig).list_aliases(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(4));
        senders.extend(page.aliases.into_iter().map(|alias| alias.sender));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(senders, ["MySender", "first", "second", "third"]);
    let approved = ListAliasesRequest { hide_unapproved: true, page_size: 0, ..request.clone() };
    assert_eq!(aliases(&rig).list_aliases(approved).await.unwrap().into_inner().aliases.len(), 1);
    let targets: Vec<_> = rig.requests("GET /alias").iter().map(|r| r.target.clone()).collect();
    let target = |hide: bool, page, size| {
        format!("/API/v1.0/REST/alias?hide-not-approved={hide}&pageNumber={page}&pageSize={size}")
    };
    assert_eq!(targets, [target(false, 1, 2), target(false, 2, 2), target(true, 1, 50)]);

    answers(&rig, "GET /alias", example());
    let page = aliases(&rig).list_aliases(request).await.unwrap().into_inner();
    let first = Alias {
        name: "accounts/smsend/aliases/36".to_owned(),
        sender: "Alias123".to_owned(),
        state: AliasState::BlockedByVendor.into(),
        vendor_state: Some(3),
        numeric: Some(false),
        notification_time: Some(Timestamp { seconds: 1_404_478_067, nanos: 0 }),
        company_name: some("smSend"),
        contact_given_name: some("Stefano"),
        contact_family_name: some("Dallago"),
        tax_code: some("01843020221"),
        vat_number: some("01843020221"),
        address: some("Via Rosaccio 6"),
        city: some("Trento"),
        postal_code: some("38122"),
        contact_type: some("FAX"),
        contact_info: some("024113727142"),
    };
    assert_eq!(page.aliases[0], first);
    assert_eq!((page.aliases[1].sender.as_str(), page.aliases[1].state()), ("dunp", AliasState::ConfirmedByRegulator));
    assert_eq!((page.total_size, page.next_page_token.as_str()), (Some(2), ""));
}

async fn get(rig: Rig) {
    let name = "accounts/smsend/aliases/1".to_owned();
    let found = aliases(&rig).get_alias(GetAliasRequest { name: name.clone() }).await.unwrap().into_inner();
    let found = found.alias.unwrap();
    assert_eq!((found.name.as_str(), found.sender.as_str()), (name.as_str(), "MySender"));
    assert_eq!((found.state(), found.numeric), (AliasState::ConfirmedByRegulator, Some(false)));
    assert!(found.notification_time.is_some());
    arrived(&rig, "GET /alias", "/alias/1");

    let example = json!({"result": "OK", "alias": {
        "id-alias": 35, "alias": "+393458922223", "notification-time": "20140704141759", "alias-state": 9,
        "is-numeric": true, "company-name": "aCompany", "contact-name": null, "contact-surname": null,
        "cod-fiscale": "", "vat-number": "", "contact-address": null, "contact-city": null, "contact-pcode": null,
        "contact-type": "123456789", "contact-info": ""
    }});
    answers(&rig, "GET /alias", example);
    let name = "accounts/smsend/aliases/35".to_owned();
    let found = aliases(&rig).get_alias(GetAliasRequest { name: name.clone() }).await.unwrap().into_inner();
    let expected = Alias {
        name,
        state: AliasState::Preconfirmed.into(),
        vendor_state: Some(9),
        numeric: Some(true),
        notification_time: Some(Timestamp { seconds: 1_404_483_479, nanos: 0 }),
        company_name: some("aCompany"),
        tax_code: some(""),
        vat_number: some(""),
        contact_type: some("123456789"),
        contact_info: some(""),
        ..alias("+393458922223")
    };
    assert_eq!(found.alias, Some(expected));
}

async fn delete(rig: Rig) {
    let request = DeleteAliasRequest { name: "accounts/smsend/aliases/1".to_owned() };
    aliases(&rig).delete_alias(request.clone()).await.unwrap();
    assert!(arrived(&rig, "DELETE /alias", "/alias/1").body.is_empty());
    let status = aliases(&rig).delete_alias(request).await.unwrap_err();
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn a_sender_that_cannot_be_registered_is_refused_with_every_fault_before_smsend_is_asked() {
    let rig = Rig::smsend().await;
    let set_by_vendor = Alias {
        name: "accounts/smsend/aliases/36".to_owned(),
        state: AliasState::Unconfirmed.into(),
        vendor_state: Some(0),
        numeric: Some(false),
        notification_time: Some(Timestamp::default()),
        ..alias("twelve chars")
    };
    let status = aliases(&rig).create_alias(create_request(set_by_vendor, true)).await.unwrap_err();
    let expected =
        ["alias.name", "alias.notification_time", "alias.numeric", "alias.sender", "alias.state", "alias.vendor_state"];
    assert_eq!(refused_fields(&status), expected);
    let nothing = CreateAliasRequest { parent: ACCOUNT.to_owned(), ..CreateAliasRequest::default() };
    let status = aliases(&rig).create_alias(nothing).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["alias.sender"]);
    let name = "accounts/smsend/messages/36".to_owned();
    let status = aliases(&rig).get_alias(GetAliasRequest { name: name.clone() }).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    let status = aliases(&rig).delete_alias(DeleteAliasRequest { name }).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    let (parent, page_token) = (ACCOUNT.to_owned(), "not a token".to_owned());
    let request = ListAliasesRequest { parent, page_size: -1, page_token, hide_unapproved: true };
    let status = aliases(&rig).list_aliases(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn errors() {
    const NAME: &str = "accounts/smsend/aliases/36";
    refusals("POST /alias", Unknown::Credential, |channel| async {
        AliasServiceClient::new(channel).create_alias(create_request(alias("MY ALIAS"), true)).await
    })
    .await;
    refusals("GET /alias", Unknown::Credential, |channel| async {
        let request = ListAliasesRequest { parent: ACCOUNT.to_owned(), ..ListAliasesRequest::default() };
        AliasServiceClient::new(channel).list_aliases(request).await
    })
    .await;
    refusals("GET /alias", Unknown::Resource, |channel| async {
        AliasServiceClient::new(channel).get_alias(GetAliasRequest { name: NAME.to_owned() }).await
    })
    .await;
    refusals("DELETE /alias", Unknown::Resource, |channel| async {
        AliasServiceClient::new(channel).delete_alias(DeleteAliasRequest { name: NAME.to_owned() }).await
    })
    .await;
}
