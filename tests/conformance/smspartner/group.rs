//! GroupService.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    CreateGroupRequest, DeleteGroupRequest, Group, Ip1SmsGroup, ListGroupsRequest, ListGroupsResponse, Lox24Group,
    group::VendorOptions, group_service_client::GroupServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use super::json;
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ADD: &str = "POST /group/add";
const LIST: &str = "GET /group/list";
const DELETE: &str = "POST /group/delete";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "GroupService/CreateGroup", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "GroupService/DeleteGroup", operations: &[], run: |rig| delete_one(rig).boxed() },
        Case { rpc: "GroupService/ListGroups", operations: &[], run: |rig| list(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        every_fault_of_a_group_is_told_before_any_http,
        a_code_means_what_the_operation_says,
        a_group_whose_making_is_not_settled_has_an_unknown_outcome,
    ]
}

fn groups(rig: &Rig) -> GroupServiceClient<Channel> {
    GroupServiceClient::new(rig.channel.clone())
}

fn group(id: &str, display_name: &str) -> Group {
    let name = format!("accounts/smspartner/groups/{id}");
    Group { name, display_name: display_name.to_owned(), ..Group::default() }
}

async fn create(rig: &Rig, group: Group) -> Result<Group, Status> {
    let request = CreateGroupRequest { parent: "accounts/smspartner".to_owned(), group: Some(group) };
    Ok(groups(rig).create_group(request).await?.into_inner().group.expect("a group"))
}

async fn delete(rig: &Rig, id: &str, delete_contacts: bool) -> Result<(), Status> {
    let request = DeleteGroupRequest { name: format!("accounts/smspartner/groups/{id}"), delete_contacts };
    groups(rig).delete_group(request).await.map(drop)
}

async fn pages(rig: &Rig, page_size: i32, page_token: &str) -> Result<ListGroupsResponse, Status> {
    let (parent, page_token) = ("accounts/smspartner".to_owned(), page_token.to_owned());
    Ok(groups(rig).list_groups(ListGroupsRequest { parent, page_size, page_token }).await?.into_inner())
}

async fn create_one(rig: Rig) {
    assert_eq!(create(&rig, group("ignored", "Nom du groupe")).await.expect("made"), group("6363", "Nom du groupe"));
    let [request] = &rig.requests(ADD)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/group/add", Some("application/json")));
    assert_eq!(json(request), json!({"apiKey": "sandbox-api-key", "name": "Nom du groupe"}));

    // The vendor's sample, whose code is that of no other success; one that may come in its stead; and one without a name.
    for (body, made) in [
        (r#"{"success": true, "code": 2, "name": "Nom du groupe", "groupId": "ID GROUPE"}"#, "Nom du groupe"),
        (r#"{"success": true, "code": 200, "name": "Autre", "groupId": "ID GROUPE"}"#, "Autre"),
        (r#"{"success": true, "groupId": "ID GROUPE"}"#, "Amis"),
    ] {
        rig.answer(ADD, 200, body);
        assert_eq!(create(&rig, group("", "Amis")).await.expect(body), group("ID%20GROUPE", made));
    }
}

async fn delete_one(rig: Rig) {
    create(&rig, group("", "Amis")).await.expect("made");
    delete(&rig, "6363", false).await.expect("deleted");
    let [request] = &rig.requests(DELETE)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/group/delete", Some("application/json")));
    assert_eq!(json(request), json!({"apiKey": "sandbox-api-key", "groupId": "6363"}));
    assert_eq!(pages(&rig, 0, "").await.expect("none").total_size, Some(0));

    let again = delete(&rig, "6363", false).await.expect_err("it is gone");
    assert_eq!(failed(&again, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "404");
}

async fn list(rig: Rig) {
    for name in ["Amis", "Clients"] {
        create(&rig, group("", name)).await.expect("made");
    }
    let first = pages(&rig, 1, "").await.expect("a page");
    assert_eq!(rig.requests(LIST)[0].target, "/v1/group/list?apiKey=sandbox-api-key");
    let second = pages(&rig, 1, &first.next_page_token).await.expect("a page");
    assert_eq!((first.total_size, &*second.next_page_token), (Some(2), ""));
    for (page, (id, name)) in [first, second].iter().zip([("6363", "Amis"), ("6364", "Clients")]) {
        let [listed] = &page.groups[..] else { panic!("{page:?}") };
        assert!(listed.create_time.is_some(), "{listed:?}");
        assert_eq!(Group { create_time: None, ..listed.clone() }, group(id, name));
    }

    // The vendor's sample, which says that it is no success.
    let body = r#"{"success": false, "groups": [
        {"id": "7", "name": "groupe name", "createdAt": "2020-10-02T16:40:05+02:00", "isSpecialFile": false,
         "isLocationFile": false},
        {"id": 8, "name": null, "createdAt": ""}
    ]}"#;
    rig.answer(LIST, 200, body);
    let create_time = Some(Timestamp { seconds: 1_601_649_605, nanos: 0 });
    let expected = ListGroupsResponse {
        groups: vec![Group { create_time, ..group("7", "groupe name") }, group("8", "")],
        next_page_token: String::new(),
        total_size: Some(2),
    };
    assert_eq!(pages(&rig, 0, "").await.expect("all"), expected);
    rig.answer(LIST, 200, r#"{"success": true, "code": 200, "groups": null}"#);
    assert_eq!(pages(&rig, 0, "").await.expect("none").total_size, Some(0));
}

async fn every_fault_of_a_group_is_told_before_any_http() {
    let rig = Rig::vendor("smspartner").await;
    let time = Some(Timestamp::default());
    let faulty = Group {
        description: "What it is for".to_owned(),
        contact_count: Some(1),
        create_time: time,
        update_time: time,
        vendor_options: Some(VendorOptions::Lox24(Lox24Group::default())),
        ..Group::default()
    };
    let fields = [
        "group.contact_count",
        "group.create_time",
        "group.description",
        "group.display_name",
        "group.lox24",
        "group.update_time",
    ];
    violations(&create(&rig, faulty).await.expect_err("six faults"), &fields);
    let vendor_options = Some(VendorOptions::Ip1sms(Ip1SmsGroup::default()));
    let faulty = Group { vendor_options, ..group("", "Amis") };
    violations(&create(&rig, faulty).await.expect_err("another vendor's"), &["group.ip1sms"]);
    violations(&delete(&rig, "7/8", true).await.expect_err("two faults"), &["delete_contacts", "name"]);
    violations(&pages(&rig, -1, "x").await.expect_err("two faults"), &["page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn a_code_means_what_the_operation_says() {
    let rig = Rig::vendor("smspartner").await;
    for (number, code, reason, of_deletion) in [
        (1, Code::InvalidArgument, "VENDOR_REFUSED", None),
        (2, Code::InvalidArgument, "VENDOR_REFUSED", None),
        (10, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", None),
        (20, Code::PermissionDenied, "VENDOR_DENIED", None),
        (404, Code::InvalidArgument, "VENDOR_REFUSED", Some((Code::NotFound, "RESOURCE_NOT_FOUND"))),
        (12345, Code::InvalidArgument, "VENDOR_REFUSED", None),
    ] {
        let body = format!(r#"{{"success": false, "code": {number}, "message": "Non"}}"#);
        rig.answer(ADD, 200, &body);
        let creation = failed(&create(&rig, group("", "Amis")).await.expect_err("refused"), code, reason);
        rig.answer(DELETE, 200, &body);
        let (code, reason) = of_deletion.unwrap_or((code, reason));
        let deletion = failed(&delete(&rig, "7", false).await.expect_err("refused"), code, reason);
        for metadata in [creation, deletion] {
            assert_eq!((&*metadata["vendor_code"], &*metadata["vendor_message"]), (&*number.to_string(), "Non"));
        }
    }
    rig.answer(LIST, 200, r#"{"success": false, "code": 10, "message": "Clef API incorrecte"}"#);
    let status = pages(&rig, 0, "").await.expect_err("refused");
    failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    rig.answer(LIST, 200, r#"{"success": false, "message": "Non"}"#);
    failed(&pages(&rig, 0, "").await.expect_err("refused"), Code::InvalidArgument, "VENDOR_REFUSED");
}

async fn a_group_whose_making_is_not_settled_has_an_unknown_outcome() {
    let rig = Rig::vendor("smspartner").await;
    for body in [
        "{}",
        r#"{"success": true, "code": 2}"#,
        r#"{"success": true, "code": 3, "groupId": "7"}"#,
        r#"{"success": false, "code": 200, "groupId": "7"}"#,
    ] {
        rig.answer(ADD, 200, body);
        let status = create(&rig, group("", "Amis")).await.expect_err(body);
        failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    }
    // Elsewhere 2 is no code of success.
    rig.answer(DELETE, 200, r#"{"success": true, "code": 2}"#);
    failed(&delete(&rig, "7", false).await.expect_err("who knows"), Code::Unknown, "OUTCOME_UNKNOWN");
    rig.answer(LIST, 200, r#"{"success": true, "code": 200}"#);
    failed(&pages(&rig, 0, "").await.expect_err("no list"), Code::Internal, "VENDOR_REPLY_UNREADABLE");
}
