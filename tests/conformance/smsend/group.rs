//! Groups of contacts.

use futures::FutureExt;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{
    AddGroupMemberRequest, Contact, CreateContactRequest, CreateGroupRequest, DeleteGroupRequest, GetContactRequest,
    Group, ListGroupsRequest, RemoveGroupMemberRequest, UpdateGroupRequest,
    contact_service_client::ContactServiceClient, group_service_client::GroupServiceClient,
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
        Case { rpc: "GroupService/CreateGroup", operations: &["POST /group"], run: |rig| create(rig).boxed() },
        Case {
            rpc: "GroupService/UpdateGroup",
            operations: &["PUT /group/{group_id}"],
            run: |rig| update(rig).boxed(),
        },
        Case {
            rpc: "GroupService/DeleteGroup",
            operations: &["DELETE /group/{group_id}"],
            run: |rig| delete(rig).boxed(),
        },
        Case { rpc: "GroupService/ListGroups", operations: &["GET /groups"], run: |rig| list(rig).boxed() },
        Case {
            rpc: "GroupService/AddGroupMember",
            operations: &["POST /group/{group_id}/contact/{contact_id}"],
            run: |rig| add(rig).boxed(),
        },
        Case {
            rpc: "GroupService/RemoveGroupMember",
            operations: &["DELETE /group/{group_id}/contact/{contact_id}"],
            run: |rig| remove(rig).boxed(),
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![a_group_request_with_faults_is_refused_with_all_of_them_before_smsend_is_asked, errors]
}

fn groups(rig: &Rig) -> GroupServiceClient<Channel> {
    GroupServiceClient::new(rig.channel.clone())
}

fn group(name: &str, display_name: &str, description: &str) -> Group {
    Group {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        description: description.to_owned(),
        ..Group::default()
    }
}

/// Makes a group.
async fn made(rig: &Rig, display_name: &str) -> Group {
    let group = Some(group("ignored", display_name, "for tests"));
    let request = CreateGroupRequest { parent: ACCOUNT.to_owned(), group };
    groups(rig).create_group(request).await.unwrap().into_inner().group.unwrap()
}

/// Makes a contact in some groups.
async fn contact(rig: &Rig, groups: Vec<String>) -> String {
    let contact = Some(Contact { email: Some("a@example.com".to_owned()), groups, ..Contact::default() });
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact };
    let mut contacts = ContactServiceClient::new(rig.channel.clone());
    contacts.create_contact(request).await.unwrap().into_inner().contact.unwrap().name
}

async fn groups_of(rig: &Rig, contact: &str) -> Vec<String> {
    let request = GetContactRequest { name: contact.to_owned() };
    let mut contacts = ContactServiceClient::new(rig.channel.clone());
    contacts.get_contact(request).await.unwrap().into_inner().contact.unwrap().groups
}

fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap()
}

async fn create(rig: Rig) {
    let created = made(&rig, "Gruppo à la carte").await;
    assert!(created.name.starts_with("accounts/smsend/groups/AV"), "{}", created.name);
    assert_eq!(created, group(&created.name, "Gruppo à la carte", "for tests"));
    let expected = json!({"name": "Gruppo à la carte", "description": "for tests"});
    body(&arrived(&rig, "POST /group", "/group"), &expected);
}

async fn update(rig: Rig) {
    let name = made(&rig, "before").await.name;
    let after = group(&name, "after", "changed");
    let request = UpdateGroupRequest { group: Some(after.clone()) };
    assert_eq!(groups(&rig).update_group(request).await.unwrap().into_inner().group, Some(after.clone()));
    let request = arrived(&rig, "PUT /group", &format!("/group/{}", id(&name)));
    body(&request, &json!({"name": "after", "description": "changed"}));
    let all = ListGroupsRequest { parent: ACCOUNT.to_owned(), ..ListGroupsRequest::default() };
    assert!(groups(&rig).list_groups(all).await.unwrap().into_inner().groups.contains(&after));
}

async fn delete(rig: Rig) {
    for (delete_contacts, query) in [(false, "deletecontacts=false"), (true, "deletecontacts=true")] {
        rig.sandbox.clear_requests();
        let name = made(&rig, "short-lived").await.name;
        let member = contact(&rig, vec![name.clone()]).await;
        let request = DeleteGroupRequest { name: name.clone(), delete_contacts };
        groups(&rig).delete_group(request).await.unwrap();
        let request = arrived(&rig, "DELETE /group", &format!("/group/{}?{query}", id(&name)));
        assert!(request.body.is_empty());
        let request = GetContactRequest { name: member };
        let left = ContactServiceClient::new(rig.channel.clone()).get_contact(request).await;
        assert_eq!(left.is_err(), delete_contacts);
    }
}

async fn list(rig: Rig) {
    for i in 1..=5 {
        made(&rig, &format!("mine {i}")).await;
    }
    // Seven with the two that the stand-in begins with; smSend would give five a page by itself.
    let mut request = ListGroupsRequest { parent: ACCOUNT.to_owned(), page_size: 3, ..ListGroupsRequest::default() };
    let mut names = Vec::new();
    loop {
        let page = groups(&rig).list_groups(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.total_size, Some(7));
        names.extend(page.groups.into_iter().map(|group| group.display_name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["Group1", "Group2", "mine 1", "mine 2", "mine 3", "mine 4", "mine 5"]);
    let targets: Vec<_> = rig.requests("GET /groups").iter().map(|r| r.target.clone()).collect();
    let target = |page| format!("/API/v1.0/REST/groups?pageNumber={page}&pageSize=3");
    assert_eq!(targets, [target(1), target(2), target(3)]);

    let request = ListGroupsRequest { parent: ACCOUNT.to_owned(), ..ListGroupsRequest::default() };
    assert_eq!(groups(&rig).list_groups(request.clone()).await.unwrap().into_inner().groups.len(), 7);
    assert_eq!(rig.requests("GET /groups")[3].target, "/API/v1.0/REST/groups?pageNumber=1&pageSize=50");

    let example = json!({
        "groups": [{"id_group": "AVvZEwZHHnl8wUZve6CT", "group_name": "Group1", "group_description": "The first"}],
        "pageNumber": 1, "pageSize": 5, "Total": 1
    });
    answers(&rig, "GET /groups", example);
    let page = groups(&rig).list_groups(request).await.unwrap().into_inner();
    assert_eq!(page.groups, [group("accounts/smsend/groups/AVvZEwZHHnl8wUZve6CT", "Group1", "The first")]);
    assert_eq!((page.total_size, page.next_page_token.as_str()), (Some(1), ""));
}

async fn add(rig: Rig) {
    let (group, contact) = (made(&rig, "open").await.name, contact(&rig, Vec::new()).await);
    let request = AddGroupMemberRequest { name: group.clone(), contact: contact.clone() };
    groups(&rig).add_group_member(request).await.unwrap();
    let path = format!("/group/{}/contact/{}", id(&group), id(&contact));
    assert!(arrived(&rig, &format!("POST {path}"), &path).body.is_empty());
    assert_eq!(groups_of(&rig, &contact).await, [group]);
}

async fn remove(rig: Rig) {
    let group = made(&rig, "open").await.name;
    let contact = contact(&rig, vec![group.clone()]).await;
    let request = RemoveGroupMemberRequest { name: group.clone(), contact: contact.clone() };
    groups(&rig).remove_group_member(request.clone()).await.unwrap();
    let path = format!("/group/{}/contact/{}", id(&group), id(&contact));
    assert!(arrived(&rig, "DELETE /group", &path).body.is_empty());
    assert_eq!(groups_of(&rig, &contact).await, Vec::<String>::new());
    // smSend's own words for a contact that is not in it.
    let status = groups(&rig).remove_group_member(request).await.unwrap_err();
    assert_eq!(failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_message"], "the contact_id is invalid");
}

async fn a_group_request_with_faults_is_refused_with_all_of_them_before_smsend_is_asked() {
    let rig = Rig::smsend().await;
    let request = CreateGroupRequest { parent: ACCOUNT.to_owned(), group: None };
    let status = groups(&rig).create_group(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["group.description", "group.display_name"]);
    let request = UpdateGroupRequest { group: Some(group("accounts/smsend/contacts/7", "", "")) };
    let status = groups(&rig).update_group(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["group.description", "group.display_name", "group.name"]);
    let request = DeleteGroupRequest { name: ACCOUNT.to_owned(), delete_contacts: true };
    let status = groups(&rig).delete_group(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    let request = ListGroupsRequest { parent: ACCOUNT.to_owned(), page_size: -1, page_token: "not a token".to_owned() };
    let status = groups(&rig).list_groups(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["page_size", "page_token"]);
    // A contact of another account has an id that means something else here.
    let (name, contact) = (ACCOUNT.to_owned(), "accounts/other/contacts/AV".to_owned());
    let request = AddGroupMemberRequest { name: name.clone(), contact: contact.clone() };
    let status = groups(&rig).add_group_member(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["contact", "name"]);
    let request = RemoveGroupMemberRequest { name, contact };
    let status = groups(&rig).remove_group_member(request).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["contact", "name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn errors() {
    const GROUP: &str = "accounts/smsend/groups/7";
    const CONTACT: &str = "accounts/smsend/contacts/AV";
    let unknown = Unknown::Credential;
    refusals("POST /group", unknown, |channel| async {
        let request = CreateGroupRequest { parent: ACCOUNT.to_owned(), group: Some(group("", "a", "b")) };
        GroupServiceClient::new(channel).create_group(request).await
    })
    .await;
    refusals("PUT /group", unknown, |channel| async {
        let request = UpdateGroupRequest { group: Some(group(GROUP, "a", "b")) };
        GroupServiceClient::new(channel).update_group(request).await
    })
    .await;
    refusals("DELETE /group/7", unknown, |channel| async {
        let request = DeleteGroupRequest { name: GROUP.to_owned(), delete_contacts: false };
        GroupServiceClient::new(channel).delete_group(request).await
    })
    .await;
    refusals("GET /groups", unknown, |channel| async {
        let request = ListGroupsRequest { parent: ACCOUNT.to_owned(), ..ListGroupsRequest::default() };
        GroupServiceClient::new(channel).list_groups(request).await
    })
    .await;
    refusals("POST /group/7/contact/AV", unknown, |channel| async {
        let request = AddGroupMemberRequest { name: GROUP.to_owned(), contact: CONTACT.to_owned() };
        GroupServiceClient::new(channel).add_group_member(request).await
    })
    .await;
    refusals("DELETE /group/7/contact/AV", unknown, |channel| async {
        let request = RemoveGroupMemberRequest { name: GROUP.to_owned(), contact: CONTACT.to_owned() };
        GroupServiceClient::new(channel).remove_group_member(request).await
    })
    .await;
}
