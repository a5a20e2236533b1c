//! Groups and who is in them. The vendor's reference and its official client have them; the document has not.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    AddGroupMemberRequest, CreateGroupRequest, DeleteGroupRequest, GetGroupRequest, Group, Ip1SmsGroup,
    ListGroupsRequest, ListGroupsResponse, Lox24Group, RemoveGroupMemberRequest, UpdateGroupRequest,
    group::VendorOptions, group_service_client::GroupServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Status, transport::Channel};

use super::{ACCOUNT, arrived, contact};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const POST: &str = "POST /api/groups";
const PUT: &str = "PUT /api/groups";
const JOIN: &str = "POST /api/memberships";
const LEAVE: &str = "DELETE /api/memberships";

/// The first of each that the stand-in makes.
const GROUP: &str = "accounts/ip1sms/groups/801";
const CONTACT: &str = "accounts/ip1sms/contacts/1735500";
const MEMBERSHIPS: &str = "GET /api/contacts/1735500/memberships";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "GroupService/CreateGroup", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "GroupService/GetGroup", operations: &[], run: |rig| get_one(rig).boxed() },
        Case { rpc: "GroupService/UpdateGroup", operations: &[], run: |rig| update_one(rig).boxed() },
        Case { rpc: "GroupService/DeleteGroup", operations: &[], run: |rig| delete_one(rig).boxed() },
        Case { rpc: "GroupService/ListGroups", operations: &[], run: |rig| list_all(rig).boxed() },
        Case { rpc: "GroupService/AddGroupMember", operations: &[], run: |rig| add_member(rig).boxed() },
        Case { rpc: "GroupService/RemoveGroupMember", operations: &[], run: |rig| remove_member(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        when_the_second_call_of_a_removal_fails_the_answer_is_what_is_known_of_it,
        errors,
        bad_input_is_answered_with_every_violation_and_no_request,
    ]
}

fn client(rig: &Rig) -> GroupServiceClient<Channel> {
    GroupServiceClient::new(rig.channel.clone())
}

/// Every field that IP1SMS has.
fn group(display_name: &str, color: Option<&str>) -> Group {
    let color = color.map(|color| VendorOptions::Ip1sms(Ip1SmsGroup { color: Some(color.to_owned()) }));
    Group { display_name: display_name.to_owned(), vendor_options: color, ..Group::default() }
}

/// The group as the stand-in has it, with the second in which it was last changed.
fn stored(group: Group, id: u32, changed: i64) -> Group {
    let time = |seconds| Some(Timestamp { seconds, nanos: 0 });
    Group {
        name: format!("{ACCOUNT}/groups/{id}"),
        contact_count: Some(0),
        create_time: time(1_482_487_810),
        update_time: time(1_482_487_810 + changed),
        ..group
    }
}

async fn create(rig: &Rig, group: Group) -> Result<Group, Status> {
    let request = CreateGroupRequest { parent: ACCOUNT.to_owned(), group: Some(group) };
    Ok(client(rig).create_group(request).await?.into_inner().group.unwrap())
}

async fn get(rig: &Rig, name: &str) -> Result<Group, Status> {
    let request = GetGroupRequest { name: name.to_owned() };
    Ok(client(rig).get_group(request).await?.into_inner().group.unwrap())
}

async fn update(rig: &Rig, group: Group) -> Result<Group, Status> {
    let request = UpdateGroupRequest { group: Some(group) };
    Ok(client(rig).update_group(request).await?.into_inner().group.unwrap())
}

async fn delete(rig: &Rig, name: &str, delete_contacts: bool) -> Result<(), Status> {
    let request = DeleteGroupRequest { name: name.to_owned(), delete_contacts };
    client(rig).delete_group(request).await.map(drop)
}

async fn list(rig: &Rig, page_size: i32, page_token: String) -> Result<ListGroupsResponse, Status> {
    let request = ListGroupsRequest { parent: ACCOUNT.to_owned(), page_size, page_token };
    Ok(client(rig).list_groups(request).await?.into_inner())
}

async fn add(rig: &Rig, group: &str, contact: &str) -> Result<(), Status> {
    let request = AddGroupMemberRequest { name: group.to_owned(), contact: contact.to_owned() };
    client(rig).add_group_member(request).await.map(drop)
}

async fn remove(rig: &Rig, group: &str, contact: &str) -> Result<(), Status> {
    let request = RemoveGroupMemberRequest { name: group.to_owned(), contact: contact.to_owned() };
    client(rig).remove_group_member(request).await.map(drop)
}

/// The names of the contacts of the group.
async fn members(rig: &Rig) -> Vec<String> {
    let listed = contact::list(rig, GROUP, 0, String::new()).await.unwrap();
    listed.contacts.into_iter().map(|contact| contact.name).collect()
}

/// Makes a group and a contact.
async fn prepare(rig: &Rig) {
    assert_eq!(create(rig, group("Pirates", None)).await.unwrap().name, GROUP);
    assert_eq!(contact::create(rig, contact::minimal("Jack")).await.unwrap().name, CONTACT);
}

async fn create_one(rig: Rig) {
    let pirates = group("Pirates & co", Some("#5E5e5e"));
    let named = Group { name: "ignored".to_owned(), ..pirates.clone() };
    assert_eq!(create(&rig, named).await.unwrap(), stored(pirates.clone(), 801, 0));
    let body = json!({"Name": "Pirates & co", "Color": "#5E5e5e"});
    assert_eq!(arrived(&rig, "POST", "/api/groups").json(), Some(body));
    // Without a colour.
    let navy = group("Navy", None);
    assert_eq!(create(&rig, navy.clone()).await.unwrap(), stored(navy, 802, 0));
    assert_eq!(arrived(&rig, "POST", "/api/groups").json(), Some(json!({"Name": "Navy"})));
    // Every member of the reference's answer.
    let answer = r##"{"OwnerID": "ip1-12345", "ContactsCount": 3, "Created": "2016-12-23T10:10:10",
        "Modified": "2016-12-23T10:10:11", "ID": 7, "Name": "Pirates & co", "Color": "#5E5e5e"}"##;
    rig.answer(POST, 200, answer);
    let expected = Group { contact_count: Some(3), ..stored(pirates.clone(), 7, 1) };
    assert_eq!(create(&rig, pirates).await.unwrap(), expected);
}

async fn get_one(rig: Rig) {
    let navy = group("Navy", Some("#000080"));
    create(&rig, navy.clone()).await.unwrap();
    assert_eq!(get(&rig, GROUP).await.unwrap(), stored(navy, 801, 0));
    assert!(arrived(&rig, "GET", "/api/groups/801").body.is_empty());
    let unknown = get(&rig, "accounts/ip1sms/groups/7").await.expect_err("unknown");
    failed(&unknown, Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.answer("GET /api/groups/801", 200, "{}");
    failed(&get(&rig, GROUP).await.expect_err("{}"), Code::Internal, "VENDOR_REPLY_UNREADABLE");
}

async fn update_one(rig: Rig) {
    create(&rig, group("Navy", Some("#000080"))).await.unwrap();
    let pirates = Group { name: GROUP.to_owned(), ..group("Pirates", Some("#000000")) };
    assert_eq!(update(&rig, pirates.clone()).await.unwrap(), stored(pirates, 801, 1));
    let body = json!({"Name": "Pirates", "Color": "#000000"});
    assert_eq!(arrived(&rig, "PUT", "/api/groups/801").json(), Some(body));
    // What is absent is left out.
    let bare = Group { name: GROUP.to_owned(), ..group("Pirates", None) };
    assert_eq!(update(&rig, bare.clone()).await.unwrap(), stored(bare, 801, 1));
    assert_eq!(arrived(&rig, "PUT", "/api/groups/801").json(), Some(json!({"Name": "Pirates"})));
    let other = Group { name: "accounts/ip1sms/groups/7".to_owned(), ..group("Navy", None) };
    failed(&update(&rig, other).await.expect_err("unknown"), Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn delete_one(rig: Rig) {
    prepare(&rig).await;
    add(&rig, GROUP, CONTACT).await.unwrap();
    violations(&delete(&rig, GROUP, true).await.expect_err("with contacts"), &["delete_contacts"]);
    delete(&rig, GROUP, false).await.unwrap();
    assert!(arrived(&rig, "DELETE", "/api/groups/801").body.is_empty());
    // The contact stays.
    assert_eq!(contact::list(&rig, "", 0, String::new()).await.unwrap().contacts[0].name, CONTACT);
    failed(&delete(&rig, GROUP, false).await.expect_err("gone"), Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.fault("DELETE /api/groups", Fault::CutAfter);
    failed(&delete(&rig, GROUP, false).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn list_all(rig: Rig) {
    let all = ["Pirates", "Navy", "Ghosts"].map(|name| group(name, None));
    for group in all.clone() {
        create(&rig, group).await.unwrap();
    }
    let [pirates, navy, ghosts] = all;
    let first = list(&rig, 2, String::new()).await.unwrap();
    assert!(arrived(&rig, "GET", "/api/groups").body.is_empty());
    assert_eq!(first.groups, [stored(pirates, 801, 0), stored(navy, 802, 0)]);
    assert_eq!(first.total_size, Some(3));
    let second = list(&rig, 2, first.next_page_token).await.unwrap();
    assert_eq!((second.groups, second.next_page_token.as_str()), (vec![stored(ghosts, 803, 0)], ""));
    for body in ["", "{}", "[{}]"] {
        rig.answer("GET /api/groups", 200, body);
        let error = list(&rig, 0, String::new()).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    violations(&list(&rig, -1, "x".to_owned()).await.expect_err("bad"), &["page_size", "page_token"]);
}

async fn add_member(rig: Rig) {
    prepare(&rig).await;
    add(&rig, GROUP, CONTACT).await.unwrap();
    let body = json!({"Group": 801, "Contact": 1_735_500});
    assert_eq!(arrived(&rig, "POST", "/api/memberships").json(), Some(body));
    assert_eq!(members(&rig).await, [CONTACT]);
    assert_eq!(get(&rig, GROUP).await.unwrap().contact_count, Some(1));
    // That it was taken is all there is to know.
    rig.answer(JOIN, 204, "");
    add(&rig, GROUP, CONTACT).await.unwrap();

    let unknown = add(&rig, GROUP, "accounts/ip1sms/contacts/7").await.expect_err("unknown");
    failed(&unknown, Code::NotFound, "RESOURCE_NOT_FOUND");
    let twice = add(&rig, GROUP, CONTACT).await.expect_err("twice");
    failed(&twice, Code::InvalidArgument, "VENDOR_REFUSED");
    rig.fault(JOIN, Fault::CutAfter);
    failed(&add(&rig, GROUP, CONTACT).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn remove_member(rig: Rig) {
    prepare(&rig).await;
    add(&rig, GROUP, CONTACT).await.unwrap();
    remove(&rig, GROUP, CONTACT).await.unwrap();
    assert_eq!(rig.requests(MEMBERSHIPS).len(), 1);
    // By its own id.
    assert!(arrived(&rig, "DELETE", "/api/memberships/31").body.is_empty());
    assert_eq!(members(&rig).await, Vec::<String>::new());

    // Not in it any more; in another one alone; no such contact. Nothing is deleted.
    let gone = rig.requests(LEAVE).len();
    failed(&remove(&rig, GROUP, CONTACT).await.expect_err("gone"), Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.answer(MEMBERSHIPS, 200, r#"[{"ID": 5, "Group": 802, "Contact": 1735500}]"#);
    failed(&remove(&rig, GROUP, CONTACT).await.expect_err("another"), Code::NotFound, "RESOURCE_NOT_FOUND");
    let nobody = remove(&rig, GROUP, "accounts/ip1sms/contacts/7").await.expect_err("nobody");
    failed(&nobody, Code::NotFound, "RESOURCE_NOT_FOUND");
    // Nor when it cannot be told which.
    for body in ["", "{}", r#"[{"Group": 801}]"#, r#"[{"ID": "", "Group": 801}]"#] {
        rig.answer(MEMBERSHIPS, 200, body);
        let error = remove(&rig, GROUP, CONTACT).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    assert_eq!(rig.requests(LEAVE).len(), gone);

    // Twice in it: both go.
    rig.answer(MEMBERSHIPS, 200, r#"[{"ID": 5, "Group": 801}, {"ID": 6, "Group": 802}, {"ID": "7", "Group": "801"}]"#);
    rig.answer(LEAVE, 200, r#"{"ID": 5}"#);
    rig.answer(LEAVE, 200, r#"{"ID": 7}"#);
    remove(&rig, GROUP, CONTACT).await.unwrap();
    let targets: Vec<_> = rig.requests(LEAVE).into_iter().skip(gone).map(|request| request.target).collect();
    assert_eq!(targets, ["/api/memberships/5", "/api/memberships/7"]);
}

async fn when_the_second_call_of_a_removal_fails_the_answer_is_what_is_known_of_it() {
    let rig = Rig::vendor("ip1sms").await;
    prepare(&rig).await;
    add(&rig, GROUP, CONTACT).await.unwrap();
    for (status, code, reason) in [
        (400, Code::InvalidArgument, "VENDOR_REFUSED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
        (500, Code::Unknown, "OUTCOME_UNKNOWN"),
    ] {
        rig.answer(LEAVE, status, "");
        let metadata = failed(&remove(&rig, GROUP, CONTACT).await.expect_err(reason), code, reason);
        assert_eq!(metadata["operation"], "DELETE /api/memberships/{id}");
        assert_eq!(members(&rig).await, [CONTACT]);
    }
    // Somebody else has deleted the membership meanwhile.
    rig.answer(LEAVE, 404, "");
    remove(&rig, GROUP, CONTACT).await.unwrap();
    rig.sandbox.clear_requests();
    // The answer is lost, and the contact is out of the group.
    rig.fault(LEAVE, Fault::CutAfter);
    failed(&remove(&rig, GROUP, CONTACT).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!(members(&rig).await, Vec::<String>::new());
    assert_eq!(rig.requests(LEAVE).len(), 1, "none was repeated");
}

async fn errors() {
    let rig = Rig::vendor("ip1sms").await;
    for (status, body, code, reason, words) in [
        (400, r#"{"Message": "Bad colour"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "Bad colour"),
        (401, "", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", ""),
        (403, "", Code::ResourceExhausted, "NO_CREDIT", ""),
        (404, "", Code::NotFound, "RESOURCE_NOT_FOUND", ""),
        (418, "tea", Code::Unknown, "OUTCOME_UNKNOWN", "tea"),
        (429, "slow down", Code::ResourceExhausted, "RATE_LIMITED", "slow down"),
        (500, "oops", Code::Unknown, "OUTCOME_UNKNOWN", "oops"),
        // It has been done, and nobody can tell to which.
        (200, "{}", Code::Unknown, "OUTCOME_UNKNOWN", ""),
        (200, "", Code::Unknown, "OUTCOME_UNKNOWN", ""),
    ] {
        rig.answer(POST, status, body);
        rig.answer(PUT, status, body);
        let created = create(&rig, group("Navy", None)).await.expect_err(body);
        let updated = update(&rig, Group { name: GROUP.to_owned(), ..group("Navy", None) }).await.expect_err(body);
        for (error, operation) in [(created, POST), (updated, "PUT /api/groups/{id}")] {
            let metadata = failed(&error, code, reason);
            assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
            assert_eq!((metadata["operation"].as_str(), &metadata["http_status"]), (operation, &status.to_string()));
        }
    }
    assert_eq!((rig.requests(POST).len(), rig.requests(PUT).len()), (9, 9), "none was repeated");
}

async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("ip1sms").await;
    let worst = Group {
        name: "accounts/ip1sms/groups/a".to_owned(),
        description: "what for".to_owned(),
        contact_count: Some(1),
        create_time: Some(Timestamp::default()),
        update_time: Some(Timestamp::default()),
        ..group("", Some("red"))
    };
    let all = [
        "group.contact_count",
        "group.create_time",
        "group.description",
        "group.display_name",
        "group.ip1sms.color",
        "group.name",
        "group.update_time",
    ];
    violations(&update(&rig, worst.clone()).await.expect_err("bad input"), &all);
    let but_name: Vec<_> = all.into_iter().filter(|field| *field != "group.name").collect();
    violations(&create(&rig, worst).await.expect_err("bad input"), &but_name);
    for color in ["", "#12345", "#1234567", "5e5e5e", "#5e5e5g"] {
        let error = create(&rig, group("Navy", Some(color))).await.expect_err(color);
        violations(&error, &["group.ip1sms.color"]);
    }
    let of_another = Some(VendorOptions::Lox24(Lox24Group::default()));
    let error = create(&rig, Group { vendor_options: of_another, ..group("Navy", None) }).await.expect_err("another's");
    violations(&error, &["group.lox24"]);

    // Without an id, or with other words for one, it would be another operation.
    for bad in ["", "/groups", "/groups/", "/groups/1%2Fcontacts", "/groups/-1", "/contacts/1"] {
        let name = format!("{ACCOUNT}{bad}");
        violations(&get(&rig, &name).await.expect_err(bad), &["name"]);
        violations(&delete(&rig, &name, true).await.expect_err(bad), &["delete_contacts", "name"]);
        violations(
            &update(&rig, Group { name: name.clone(), ..group("Navy", None) }).await.expect_err(bad),
            &["group.name"],
        );
        violations(&add(&rig, &name, "accounts/other/contacts/1").await.expect_err(bad), &["contact", "name"]);
        violations(&remove(&rig, &name, "accounts/ip1sms/contacts/x").await.expect_err(bad), &["contact", "name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
