//! Contacts, which are entries of a phone list.

use futures::FutureExt;
use http::Method;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    Contact, CreateContactRequest, Gender, ListContactsRequest, ListContactsResponse, Lox24Contact, UnsubscribeReason,
    contact::VendorOptions, contact_service_client::ContactServiceClient,
};
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt;

use super::{NAME, PUT, example, signed, signed_list, update};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "ContactService/CreateContact", operations: &[], run: |rig| create(rig).boxed() },
        Case { rpc: "ContactService/ListContacts", operations: &[], run: |rig| list(rig).boxed() },
        Case {
            rpc: "ContactService/UpdateContact",
            operations: &["PUT /phones/{id}"],
            run: |rig| {
                async move {
                    every_field(&rig).await;
                    only_the_number(&rig).await;
                    every_field_of_the_answer(&rig).await;
                }
                .boxed()
            },
        },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        a_contact_is_in_one_group_and_lists_are_of_one,
        everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent,
        the_longest_columns_are_taken,
    ]
}

const GROUP: &str = "accounts/lox24/groups/24512";
const PHONES: &str = "/groups/24512/phones";

fn client(rig: &Rig) -> ContactServiceClient<Channel> {
    ContactServiceClient::new(rig.channel.clone())
}

async fn created(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    let request = CreateContactRequest { parent: "accounts/lox24".to_owned(), contact: Some(contact) };
    Ok(client(rig).create_contact(request).await?.into_inner().contact.expect("a contact"))
}

async fn listed(rig: &Rig, group: &str, page_size: i32, page_token: &str) -> Result<ListContactsResponse, Status> {
    let (parent, group, page_token) = ("accounts/lox24".to_owned(), group.to_owned(), page_token.to_owned());
    let request = ListContactsRequest { parent, page_size, page_token, group };
    Ok(client(rig).list_contacts(request).await?.into_inner())
}

/// The document's example, in the group that the stand-in starts with.
fn in_group() -> Contact {
    Contact { groups: vec![GROUP.to_owned()], ..example() }
}

async fn create(rig: Rig) {
    let name = "accounts/lox24/contacts/12345".to_owned();
    assert_eq!(created(&rig, in_group()).await.unwrap(), Contact { name, ..in_group() });
    let requests = rig.requests("POST /groups/24512/phones");
    let [request] = &requests[..] else { panic!("{} requests arrived", requests.len()) };
    assert_eq!(request.target, PHONES);
    signed(request);
    let expected = json!({
        "phone": "+93701234567", "a": "Mr. ", "b": "Smith ", "c": "2020-02-23 18:00", "d": "12.34",
        "e": "restaurant Blue Oyster", "callback_data": "order-42"
    });
    assert_eq!(request.json(), Some(expected));
    rig.answer("POST /groups/24512/phones", 201, r#"{"phone": "+93701234567"}"#);
    failed(&created(&rig, in_group()).await.expect_err("no id"), Code::Unknown, "OUTCOME_UNKNOWN");
    let unknown = Contact { groups: vec!["accounts/lox24/groups/1".to_owned()], ..example() };
    failed(&created(&rig, unknown).await.expect_err("no group"), Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn list(rig: Rig) {
    for _ in 0..33 {
        created(&rig, in_group()).await.unwrap();
    }
    let (mut names, mut sizes, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = listed(&rig, GROUP, 20, &token).await.unwrap();
        assert!(page.contacts.iter().all(|contact| contact.groups == [GROUP]), "{page:?}");
        assert_eq!(page.total_size, Some(34));
        sizes.push(page.contacts.len());
        names.extend(page.contacts.into_iter().map(|contact| contact.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = (12344..12378).map(|id| format!("accounts/lox24/contacts/{id}")).collect();
    assert_eq!((sizes, names), (vec![20, 10, 4], expected));
    let requests = rig.requests("GET /groups");
    let targets: Vec<_> = requests.iter().map(|request| request.target.as_str()).collect();
    assert_eq!(targets, ["/groups/24512/phones?page=1", "/groups/24512/phones?page=1", "/groups/24512/phones?page=2"]);
    signed_list(&requests[0]);

    // A list that counts nothing is all there is, also when it is more than what was asked for.
    let entry = json!({
        "id": 12344, "phone": "+93701234567", "a": "Mr. ", "b": "Smith ", "c": "2020-02-23 18:00", "d": "12.34",
        "e": "restaurant Blue Oyster", "callback_data": "order-42"
    });
    rig.answer("GET /groups", 200, &json!({"hydra:member": [entry]}).to_string());
    let all = ListContactsResponse { contacts: vec![in_group()], next_page_token: String::new(), total_size: Some(1) };
    assert_eq!(listed(&rig, GROUP, 0, "").await.unwrap(), all);
    rig.answer("GET /groups", 200, &json!([entry, entry]).to_string());
    let first = listed(&rig, GROUP, 1, "").await.unwrap();
    rig.answer("GET /groups", 200, &json!([entry, entry]).to_string());
    let second = listed(&rig, GROUP, 1, &first.next_page_token).await.unwrap();
    assert_eq!((second.contacts.len(), second.next_page_token.as_str()), (1, ""));

    let status = listed(&rig, "accounts/lox24/groups/1", 0, "").await.expect_err("no such group");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn a_contact_is_in_one_group_and_lists_are_of_one() {
    let rig = Rig::vendor("lox24").await;
    for groups in [vec![], vec![GROUP.to_owned(); 2]] {
        let contact = Contact { groups, email: Some("me@example.com".to_owned()), ..example() };
        let fields = ["contact.email", "contact.groups"];
        violations(&created(&rig, contact).await.expect_err("not one group"), &fields);
    }
    let contact = Contact { groups: vec!["accounts/other/groups/7".to_owned()], ..Contact::default() };
    let status = created(&rig, contact).await.expect_err("of another account");
    violations(&status, &["contact.groups[0]", "contact.phone_number"]);
    violations(&listed(&rig, "", -1, "%").await.expect_err("no group"), &["group", "page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn every_field(rig: &Rig) {
    let updated = update(rig, example()).await.unwrap();
    assert_eq!((&updated.vendor_options, &updated.phone_number), (&example().vendor_options, &example().phone_number));
    assert_eq!(updated.name, NAME);

    let requests = rig.requests(PUT);
    let [request] = &requests[..] else { panic!("{} requests arrived", requests.len()) };
    assert_eq!(request.target, "/phones/12344");
    signed(request);
    let expected = json!({
        "phone": "+93701234567",
        "a": "Mr. ",
        "b": "Smith ",
        "c": "2020-02-23 18:00",
        "d": "12.34",
        "e": "restaurant Blue Oyster",
        "callback_data": "order-42"
    });
    assert_eq!(request.json(), Some(expected));
}

/// What is absent is not sent, and stays as it was; what happened at LOX24 comes back.
async fn only_the_number(rig: &Rig) {
    let unsubscribe = json!({"id": 12344, "reason": 4});
    assert_eq!(rig.sandbox.control(Method::POST, "/unsubscribe", &unsubscribe).await.0, 204);
    let number = Some("+93701234599".to_owned());
    let contact = Contact { name: NAME.to_owned(), phone_number: number.clone(), ..Contact::default() };
    let updated = update(rig, contact).await.unwrap();
    assert_eq!((&updated.vendor_options, &updated.phone_number), (&example().vendor_options, &number));
    assert_eq!(updated.unsubscribe_reason(), UnsubscribeReason::Incomprehensible);
    let seconds = |time: Option<Timestamp>| time.expect("a time").seconds;
    assert!(seconds(updated.subscribe_time) < seconds(updated.unsubscribe_time));
    assert_eq!(rig.requests(PUT)[1].json(), Some(json!({"phone": "+93701234599"})));
}

/// In both forms of the answer, and with a reason that nobody has heard of.
async fn every_field_of_the_answer(rig: &Rig) {
    let plain = json!({
        "id": 12344, "phone": "+93701234567", "a": "Mr. ", "b": "Smith ", "c": "2020-02-23 18:00", "d": "12.34",
        "e": "restaurant Blue Oyster", "callback_data": "order-42", "subscribed_at": 1_582_477_200,
        "unsubscribed_at": 1_582_563_600, "unsubscribe_reason": 6
    });
    let mut linked = plain.clone();
    (linked["@id"], linked["@type"]) = (json!("/phones/12344"), json!("Phone"));
    (linked["subscribed_at"], linked["unsubscribe_reason"]) = (json!("2020-02-23T18:00:00+01:00"), json!(9));
    let time = |seconds| Some(Timestamp { seconds, nanos: 0 });
    for (answer, reason, number) in [(plain, UnsubscribeReason::Other, 6), (linked, UnsubscribeReason::Unspecified, 9)]
    {
        // Some of the document's samples expect 201.
        rig.answer(PUT, 201, &answer.to_string());
        let expected = Contact {
            subscribe_time: time(1_582_477_200),
            unsubscribe_time: time(1_582_563_600),
            unsubscribe_reason: reason.into(),
            vendor_unsubscribe_reason: Some(number),
            ..example()
        };
        assert_eq!(update(rig, example()).await.unwrap(), expected);
    }
}

async fn everything_that_lox24_cannot_take_is_told_at_once_and_nothing_is_sent() {
    let rig = Rig::vendor("lox24").await;
    let (text, long) = (|| Some("x".to_owned()), || Some("è".repeat(1531)));
    let contact = Contact {
        name: "accounts/lox24/contacts/12344/x".to_owned(),
        phone_number: Some("0093701234567".to_owned()),
        email: text(),
        given_name: text(),
        family_name: text(),
        gender: Gender::Female.into(),
        fax: text(),
        address: text(),
        city: text(),
        province: text(),
        postal_code: text(),
        birth_date: text(),
        groups: vec!["accounts/lox24/groups/7".to_owned()],
        subscribe_time: Some(Timestamp::default()),
        unsubscribe_time: Some(Timestamp::default()),
        unsubscribe_reason: UnsubscribeReason::Other.into(),
        vendor_unsubscribe_reason: Some(6),
        vendor_gender: Some("x".to_owned()),
        organization: text(),
        title: text(),
        notes: text(),
        create_time: Some(Timestamp::default()),
        update_time: Some(Timestamp::default()),
        vendor_options: Some(VendorOptions::Lox24(Lox24Contact {
            a: long(),
            b: long(),
            c: long(),
            d: long(),
            e: long(),
            callback_data: Some("x".repeat(37)),
        })),
    };
    let status = update(&rig, contact).await.expect_err("bad input");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    let details = status.get_error_details();
    let mut fields: Vec<_> = details.bad_request().unwrap().field_violations.iter().map(|v| v.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "contact.address",
            "contact.birth_date",
            "contact.city",
            "contact.create_time",
            "contact.email",
            "contact.family_name",
            "contact.fax",
            "contact.gender",
            "contact.given_name",
            "contact.groups",
            "contact.lox24.a",
            "contact.lox24.b",
            "contact.lox24.c",
            "contact.lox24.callback_data",
            "contact.lox24.d",
            "contact.lox24.e",
            "contact.name",
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
        ]
    );
    let status = update(&rig, Contact { name: NAME.to_owned(), ..Contact::default() }).await.expect_err("no number");
    assert!(status.message().contains("contact.phone_number: is required"), "{status:?}");
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn the_longest_columns_are_taken() {
    let rig = Rig::vendor("lox24").await;
    let column = || Some("è".repeat(1530));
    let columns = Lox24Contact {
        a: column(),
        b: column(),
        c: column(),
        d: column(),
        e: column(),
        callback_data: Some("è".repeat(36)),
    };
    let contact = Contact { vendor_options: Some(VendorOptions::Lox24(columns)), ..example() };
    assert_eq!(update(&rig, contact.clone()).await.unwrap().vendor_options, contact.vendor_options);
}
