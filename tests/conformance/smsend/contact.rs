//! Contacts.

use futures::FutureExt;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{
    Contact, CreateContactRequest, Gender, GetContactRequest, ListGroupsRequest, Lox24Contact, UnsubscribeReason,
    contact, contact_service_client::ContactServiceClient, group_service_client::GroupServiceClient,
};
use tonic::transport::Channel;

use super::{Unknown, answers, arrived, body, refusals, refused_fields};
use crate::{Case, support::Rig};

const ACCOUNT: &str = "accounts/smsend";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "ContactService/CreateContact", operations: &["POST /contact"], run: |rig| create(rig).boxed() },
        Case {
            rpc: "ContactService/GetContact",
            operations: &["GET /contact/{contactid}"],
            run: |rig| get(rig).boxed(),
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![a_contact_that_smsend_cannot_take_is_refused_with_every_fault_before_it_is_asked, errors]
}

fn contacts(rig: &Rig) -> ContactServiceClient<Channel> {
    ContactServiceClient::new(rig.channel.clone())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A contact with every field that smSend has.
fn whole() -> Contact {
    Contact {
        phone_number: some("+39349123456789"),
        email: some("alessandro.magno@macedonia.com"),
        given_name: some("Alessandro"),
        family_name: some("Magno"),
        gender: Gender::Male.into(),
        fax: some("+390461757575"),
        address: some("Via Rosaccio 6"),
        city: some("Pella"),
        province: some("Macedonia"),
        postal_code: some("38122"),
        birth_date: some("1956-07-20"),
        ..Contact::default()
    }
}

async fn create(rig: Rig) {
    let list = ListGroupsRequest { parent: ACCOUNT.to_owned(), ..ListGroupsRequest::default() };
    let groups = GroupServiceClient::new(rig.channel.clone()).list_groups(list).await.unwrap().into_inner().groups;
    let groups: Vec<_> = groups.into_iter().map(|group| group.name).collect();
    let ids: Vec<_> = groups.iter().map(|name| name.rsplit('/').next().unwrap()).collect();

    let sent = Contact { name: "ignored".to_owned(), groups: groups.clone(), ..whole() };
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(sent.clone()) };
    let created = contacts(&rig).create_contact(request).await.unwrap().into_inner().contact.unwrap();
    assert!(created.name.starts_with("accounts/smsend/contacts/AV"), "{}", created.name);
    assert_eq!(Contact { name: sent.name.clone(), ..created.clone() }, sent);
    body(
        &arrived(&rig, "POST /contact", "/contact"),
        &json!({
            "email": "alessandro.magno@macedonia.com",
            "phoneNumber": "+39349123456789",
            "name": "Alessandro",
            "surname": "Magno",
            "gender": "m",
            "fax": "+390461757575",
            "zip": "38122",
            "address": "Via Rosaccio 6",
            "city": "Pella",
            "province": "Macedonia",
            "birthdate": "19560720",
            "groupIds": ids
        }),
    );
    let request = GetContactRequest { name: created.name.clone() };
    assert_eq!(contacts(&rig).get_contact(request).await.unwrap().into_inner().contact, Some(created));

    // What is not given is not sent.
    rig.sandbox.clear_requests();
    let contact = Contact { email: some("a@example.com"), gender: Gender::Female.into(), ..Contact::default() };
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(contact) };
    contacts(&rig).create_contact(request).await.unwrap();
    body(&arrived(&rig, "POST /contact", "/contact"), &json!({"email": "a@example.com", "gender": "f"}));
}

async fn get(rig: Rig) {
    // The document's own example, with a group and with what is null there.
    let example = json!({
        "email": "alessandro.magno@macedonia.com", "phoneNumber": "+39349123456789", "name": "Alessandro",
        "surname": "Magno", "groupIds": ["7", "AV/1"], "gender": "m", "fax": "+390461757575",
        "address": "Via Rosaccio 6", "city": "Pella", "province": "Macedonia", "birthdate": "1956-07-20",
        "zip": "38122"
    });
    answers(&rig, "GET /contact", example);
    let name = "accounts/smsend/contacts/AVvZEwZHHnl8wUZve6CT".to_owned();
    let request = GetContactRequest { name: name.clone() };
    let contact = contacts(&rig).get_contact(request.clone()).await.unwrap().into_inner().contact.unwrap();
    let groups = vec!["accounts/smsend/groups/7".to_owned(), "accounts/smsend/groups/AV%2F1".to_owned()];
    assert_eq!(contact, Contact { name, groups, ..whole() });
    arrived(&rig, "GET /contact", "/contact/AVvZEwZHHnl8wUZve6CT");

    let nothing = json!({
        "email": "a@example.com", "phoneNumber": null, "name": null, "surname": null, "groupIds": [], "gender": null,
        "fax": null, "address": null, "city": null, "province": null, "birthdate": null, "zip": null
    });
    answers(&rig, "GET /contact", nothing);
    let contact = contacts(&rig).get_contact(request.clone()).await.unwrap().into_inner().contact.unwrap();
    assert_eq!(contact, Contact { name: request.name, email: some("a@example.com"), ..Contact::default() });
}

async fn a_contact_that_smsend_cannot_take_is_refused_with_every_fault_before_it_is_asked() {
    let rig = Rig::smsend().await;
    let long = |length: usize| Some("è".repeat(length));
    let contact = Contact {
        name: "ignored".to_owned(),
        phone_number: some("0461"),
        email: some("nobody"),
        given_name: long(41),
        family_name: long(41),
        gender: 7,
        fax: long(33),
        address: long(257),
        city: long(33),
        province: long(33),
        postal_code: long(17),
        birth_date: some("20170511"),
        groups: vec!["7".to_owned(), "accounts/other/groups/7".to_owned(), "accounts/smsend/groups/7".to_owned()],
        subscribe_time: Some(Default::default()),
        unsubscribe_time: Some(Default::default()),
        unsubscribe_reason: UnsubscribeReason::Other.into(),
        vendor_unsubscribe_reason: Some(6),
        vendor_gender: Some("x".to_owned()),
        organization: some("x"),
        title: some("x"),
        notes: some("x"),
        create_time: Some(Default::default()),
        update_time: Some(Default::default()),
        vendor_options: Some(contact::VendorOptions::Lox24(Lox24Contact::default())),
    };
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(contact) };
    let status = contacts(&rig).create_contact(request).await.unwrap_err();
    let expected = [
        "contact.address",
        "contact.birth_date",
        "contact.city",
        "contact.create_time",
        "contact.email",
        "contact.family_name",
        "contact.fax",
        "contact.gender",
        "contact.given_name",
        "contact.groups[0]",
        "contact.groups[1]",
        "contact.lox24",
        "contact.notes",
        "contact.organization",
        "contact.phone_number",
        "contact.postal_code",
        "contact.province",
        "contact.subscribe_time",
        "contact.title",
        "contact.unsubscribe_reason",
        "contact.unsubscribe_time",
        "contact.update_time",
        "contact.vendor_gender",
        "contact.vendor_unsubscribe_reason",
    ];
    assert_eq!(refused_fields(&status), expected);

    let nothing = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: None };
    let status = contacts(&rig).create_contact(nothing).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["contact.email"]);
    let elsewhere = GetContactRequest { name: "accounts/smsend/groups/7".to_owned() };
    let status = contacts(&rig).get_contact(elsewhere).await.unwrap_err();
    assert_eq!(refused_fields(&status), ["name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);

    // The longest that is right.
    let contact = Contact {
        given_name: long(40),
        family_name: long(40),
        fax: long(32),
        address: long(256),
        city: long(32),
        province: long(32),
        postal_code: long(16),
        ..whole()
    };
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(contact) };
    contacts(&rig).create_contact(request).await.unwrap();
}

async fn errors() {
    refusals("POST /contact", Unknown::Credential, |channel| async {
        let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(whole()) };
        ContactServiceClient::new(channel).create_contact(request).await
    })
    .await;
    refusals("GET /contact", Unknown::Resource, |channel| async {
        let request = GetContactRequest { name: "accounts/smsend/contacts/AV".to_owned() };
        ContactServiceClient::new(channel).get_contact(request).await
    })
    .await;
}
