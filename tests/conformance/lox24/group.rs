//! Groups, which are phone lists.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    CreateGroupRequest, DeleteGroupRequest, GetGroupRequest, Group, Ip1SmsGroup, ListGroupsRequest, ListGroupsResponse,
    Lox24Group, UpdateGroupRequest, group::VendorOptions, group_service_client::GroupServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use super::{signed, signed_list};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ACCOUNT: &str = "accounts/lox24";

/// The group that the stand-in starts with.
const FIRST: &str = "accounts/lox24/groups/24512";

/// 2100-01-01.
const LATER: i64 = 4_102_444_800;

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "GroupService/CreateGroup", operations: &[], run: |rig| create(rig).boxed() },
        Case { rpc: "GroupService/GetGroup", operations: &[], run: |rig| get(rig).boxed() },
        Case { rpc: "GroupService/UpdateGroup", operations: &[], run: |rig| update(rig).boxed() },
        Case { rpc: "GroupService/DeleteGroup", operations: &[], run: |rig| delete(rig).boxed() },
        Case { rpc: "GroupService/ListGroups", operations: &[], run: |rig| list(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent,
        refusals_have_their_reason_and_are_not_repeated,
    ]
}

fn client(rig: &Rig) -> GroupServiceClient<Channel> {
    GroupServiceClient::new(rig.channel.clone())
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The example of the vendor's page, with everything else that can be set.
fn example() -> Group {
    Group {
        display_name: "My Clients".to_owned(),
        description: "Best clients".to_owned(),
        vendor_options: Some(VendorOptions::Lox24(Lox24Group {
            name_a: text("prefix"),
            name_b: text("name"),
            name_c: text("datetime"),
            name_d: text("price"),
            name_e: text("something_else"),
            delete_time: Some(Timestamp { seconds: LATER, nanos: 0 }),
        })),
        ..Group::default()
    }
}

fn body() -> Value {
    json!({
        "name": "My Clients", "description": "Best clients", "name_a": "prefix", "name_b": "name", "name_c": "datetime",
        "name_d": "price", "name_e": "something_else", "deleted_at": "2100-01-01T00:00:00Z"
    })
}

/// The least that there can be.
fn bare(name: &str, display_name: &str) -> Group {
    Group { name: name.to_owned(), display_name: display_name.to_owned(), ..Group::default() }
}

/// A group as it comes back.
fn stored(group: Group, id: u64, contact_count: i32) -> Group {
    let vendor_options = group.vendor_options.or(Some(VendorOptions::Lox24(Lox24Group::default())));
    Group { name: format!("{ACCOUNT}/groups/{id}"), contact_count: Some(contact_count), vendor_options, ..group }
}

async fn created(rig: &Rig, group: Group) -> Result<Group, Status> {
    let request = CreateGroupRequest { parent: ACCOUNT.to_owned(), group: Some(group) };
    Ok(client(rig).create_group(request).await?.into_inner().group.expect("a group"))
}

async fn got(rig: &Rig, name: &str) -> Result<Group, Status> {
    let answer = client(rig).get_group(GetGroupRequest { name: name.to_owned() }).await?;
    Ok(answer.into_inner().group.expect("a group"))
}

async fn updated(rig: &Rig, group: Group) -> Result<Group, Status> {
    let answer = client(rig).update_group(UpdateGroupRequest { group: Some(group) }).await?;
    Ok(answer.into_inner().group.expect("a group"))
}

async fn deleted(rig: &Rig, name: &str, delete_contacts: bool) -> Result<(), Status> {
    let request = DeleteGroupRequest { name: name.to_owned(), delete_contacts };
    client(rig).delete_group(request).await.map(drop)
}

async fn listed(rig: &Rig, page_size: i32, page_token: &str) -> Result<ListGroupsResponse, Status> {
    let request = ListGroupsRequest { parent: ACCOUNT.to_owned(), page_size, page_token: page_token.to_owned() };
    Ok(client(rig).list_groups(request).await?.into_inner())
}

/// Every member of an answer, as the vendor's page has them.
fn answer() -> Value {
    let mut answer = body();
    (answer["id"], answer["count_items"], answer["deleted_at"]) =
        (json!(7), json!(3), json!("2100-01-01T01:00:00+01:00"));
    answer
}

async fn create(rig: Rig) {
    let group = created(&rig, Group { name: "ignored".to_owned(), ..example() }).await.unwrap();
    assert_eq!(group, stored(example(), 24513, 0));
    let group = created(&rig, bare("", "ü".repeat(50).as_str())).await.unwrap();
    assert_eq!(group, stored(bare("", &"ü".repeat(50)), 24514, 0));

    let requests = rig.requests("POST /groups");
    assert_eq!((requests.len(), requests[0].target.as_str(), requests[0].json()), (2, "/groups", Some(body())));
    signed(&requests[0]);
    rig.answer("POST /groups", 201, &answer().to_string());
    assert_eq!(created(&rig, example()).await.unwrap(), stored(example(), 7, 3));
    rig.answer("POST /groups", 201, r#"{"name": "no id"}"#);
    failed(&created(&rig, example()).await.expect_err("no id"), Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn get(rig: Rig) {
    let group = got(&rig, FIRST).await.unwrap();
    assert_eq!((group.name.as_str(), group.display_name.as_str(), group.contact_count), (FIRST, "My Clients", Some(1)));
    let requests = rig.requests("GET /groups");
    assert_eq!((requests.len(), requests[0].target.as_str()), (1, "/groups/24512"));
    signed(&requests[0]);
    rig.answer("GET /groups", 200, &answer().to_string());
    assert_eq!(got(&rig, FIRST).await.unwrap(), stored(example(), 7, 3));
    let status = got(&rig, "accounts/lox24/groups/1").await.expect_err("no such group");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
    violations(&got(&rig, "accounts/lox24/contacts/1").await.expect_err("no group"), &["name"]);
}

/// Everything is replaced: what is absent is absent afterwards.
async fn update(rig: Rig) {
    let group = updated(&rig, Group { name: FIRST.to_owned(), ..example() }).await.unwrap();
    assert_eq!(group, stored(example(), 24512, 1));
    assert_eq!(updated(&rig, bare(FIRST, "Mine")).await.unwrap(), stored(bare("", "Mine"), 24512, 1));

    let requests = rig.requests("PUT /groups");
    assert_eq!((requests[0].target.as_str(), requests[0].json()), ("/groups/24512", Some(body())));
    signed(&requests[0]);
    let nothing = json!({
        "name": "Mine", "description": null, "name_a": null, "name_b": null, "name_c": null, "name_d": null,
        "name_e": null, "deleted_at": null
    });
    assert_eq!(requests[1].json(), Some(nothing));
    let status = updated(&rig, bare("accounts/lox24/groups/1", "x")).await.expect_err("no such group");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
}

/// Never without saying that the contacts go too.
async fn delete(rig: Rig) {
    let status = deleted(&rig, FIRST, false).await.expect_err("the contacts cannot stay");
    violations(&status, &["delete_contacts"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
    deleted(&rig, FIRST, true).await.unwrap();
    let requests = rig.requests("DELETE /groups");
    assert_eq!((requests[0].target.as_str(), requests[0].body.is_empty()), ("/groups/24512", true));
    signed(&requests[0]);
    let status = deleted(&rig, FIRST, true).await.expect_err("gone");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
}

/// In pages that fit into LOX24's, which have 30 entries in the stand-in, and in its own where more are asked for.
async fn list(rig: Rig) {
    for i in 0..64 {
        created(&rig, bare("", &format!("g{i}"))).await.unwrap();
    }
    for (size, pages) in [(0, vec![30, 30, 5]), (20, vec![20, 10, 20, 10, 5]), (1000, vec![30, 30, 5])] {
        rig.sandbox.clear_requests();
        let (mut names, mut found, mut token) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = listed(&rig, size, &token).await.unwrap();
            assert_eq!(page.total_size, Some(65));
            found.push(page.groups.len());
            names.extend(page.groups.into_iter().map(|group| group.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let expected: Vec<_> = (24512..24577).map(|id| format!("{ACCOUNT}/groups/{id}")).collect();
        assert_eq!((found, names), (pages, expected), "{size}");
        let requests = rig.requests("GET /groups");
        assert_eq!(
            (requests[0].target.as_str(), requests.last().unwrap().target.as_str()),
            ("/groups?page=1", "/groups?page=3")
        );
        signed_list(&requests[0]);
    }
    every_form_of_a_list(&rig).await;
}

async fn every_form_of_a_list(rig: &Rig) {
    let entry = answer();
    for (form, total, more) in [
        (json!({"hydra:member": [entry], "hydra:totalItems": 1, "hydra:view": {}}), Some(1), false),
        (json!({"member": [entry], "totalItems": 2}), Some(2), true),
        // Whether there is more, only the next page tells.
        (json!({"member": [entry]}), None, true),
        (json!([entry]), None, true),
        (json!([]), None, false),
    ] {
        rig.answer("GET /groups", 200, &form.to_string());
        let page = listed(rig, 50, "").await.unwrap();
        assert_eq!((page.total_size, !page.next_page_token.is_empty()), (total, more), "{form}");
        assert!(page.groups.iter().all(|group| *group == stored(example(), 7, 3)), "{:?}", page.groups);
    }
    for form in ["{}", r#"{"member": null}"#, "[1]", ""] {
        rig.answer("GET /groups", 200, form);
        failed(&listed(rig, 50, "").await.expect_err(form), Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    let status = listed(rig, -1, "%%%").await.expect_err("no page");
    violations(&status, &["page_size", "page_token"]);
}

async fn everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent() {
    let rig = Rig::vendor("lox24").await;
    let long = || Some("è".repeat(51));
    let group = Group {
        name: "accounts/lox24/groups/7/x".to_owned(),
        display_name: "è".repeat(51),
        description: "è".repeat(256),
        contact_count: Some(1),
        create_time: Some(Timestamp::default()),
        update_time: Some(Timestamp::default()),
        vendor_options: Some(VendorOptions::Lox24(Lox24Group {
            name_a: long(),
            name_b: long(),
            name_c: long(),
            name_d: long(),
            name_e: long(),
            delete_time: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        })),
    };
    let mut fields = vec![
        "group.contact_count",
        "group.create_time",
        "group.description",
        "group.display_name",
        "group.lox24.delete_time",
        "group.lox24.name_a",
        "group.lox24.name_b",
        "group.lox24.name_c",
        "group.lox24.name_d",
        "group.lox24.name_e",
        "group.update_time",
    ];
    violations(&created(&rig, group.clone()).await.expect_err("bad input"), &fields);
    fields.insert(10, "group.name");
    violations(&updated(&rig, group).await.expect_err("bad input"), &fields);
    let other = Group { vendor_options: Some(VendorOptions::Ip1sms(Ip1SmsGroup::default())), ..Group::default() };
    violations(&created(&rig, other).await.expect_err("of another"), &["group.display_name", "group.ip1sms"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn refusals_have_their_reason_and_are_not_repeated() {
    for (status, code, reason) in [
        (400, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (403, Code::PermissionDenied, "VENDOR_DENIED"),
        (404, Code::NotFound, "RESOURCE_NOT_FOUND"),
        (422, Code::InvalidArgument, "VENDOR_REFUSED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
    ] {
        // Each its own gateway: after a few bad logins it would take a 429 for a lock-out.
        let rig = Rig::vendor("lox24").await;
        for operation in ["POST /groups", "GET /groups", "PUT /groups", "DELETE /groups"] {
            rig.sandbox.clear_requests();
            rig.answer(operation, status, r#"{"detail": "the words"}"#);
            let error = match operation {
                "POST /groups" => created(&rig, example()).await.map(drop),
                "GET /groups" => listed(&rig, 0, "").await.map(drop),
                "PUT /groups" => updated(&rig, bare(FIRST, "x")).await.map(drop),
                _ => deleted(&rig, FIRST, true).await,
            };
            let metadata = failed(&error.expect_err("refused"), code, reason);
            assert_eq!(metadata["vendor_message"], "the words");
            assert_eq!(rig.requests(operation).len(), 1, "{status} is not repeated");
        }
    }
}
