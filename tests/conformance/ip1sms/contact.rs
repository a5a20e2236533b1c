//! Contacts. The vendor's official client has them; the document has not.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::{Value, json};
use smsmux::api::pb::{
    Contact, CreateContactRequest, DeleteContactRequest, Gender, GetContactRequest, ListContactsRequest,
    ListContactsResponse, Lox24Contact, SmsPartnerContact, UpdateContactRequest, contact::VendorOptions,
    contact_service_client::ContactServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Status, transport::Channel};

use super::{ACCOUNT, arrived};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const POST: &str = "POST /api/contacts";
const PUT: &str = "PUT /api/contacts";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "ContactService/CreateContact", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "ContactService/GetContact", operations: &[], run: |rig| get_one(rig).boxed() },
        Case { rpc: "ContactService/UpdateContact", operations: &[], run: |rig| update_one(rig).boxed() },
        Case { rpc: "ContactService/ListContacts", operations: &[], run: |rig| list_all(rig).boxed() },
        Case { rpc: "ContactService/DeleteContact", operations: &[], run: |rig| delete_one(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![errors, bad_input_is_answered_with_every_violation_and_no_request]
}

fn client(rig: &Rig) -> ContactServiceClient<Channel> {
    ContactServiceClient::new(rig.channel.clone())
}

fn name(id: &str) -> String {
    format!("{ACCOUNT}/contacts/{id}")
}

/// Every field that IP1SMS has.
fn jack() -> Contact {
    let text = |text: &str| Some(text.to_owned());
    Contact {
        phone_number: text("+12025550134"),
        email: text("jack+sms@example.com"),
        given_name: text("Jack"),
        family_name: text("Sparrow"),
        organization: text("Black Pearl Co."),
        title: text("Captain"),
        notes: text("Why is the rum gone?"),
        ..Contact::default()
    }
}

/// The least that there is.
pub fn minimal(given_name: &str) -> Contact {
    let (phone_number, given_name) = (Some("+12025550135".to_owned()), Some(given_name.to_owned()));
    Contact { phone_number, given_name, ..Contact::default() }
}

/// The same as the vendor's client writes it.
fn jack_json() -> Value {
    json!({
        "FirstName": "Jack",
        "LastName": "Sparrow",
        "Title": "Captain",
        "Organization": "Black Pearl Co.",
        "Phone": "12025550134",
        "Email": "jack+sms@example.com",
        "Notes": "Why is the rum gone?"
    })
}

/// The contact as the stand-in has it, with the minute in which it was last changed.
fn stored(contact: Contact, id: &str, minute: i64) -> Contact {
    let time = |seconds| Some(Timestamp { seconds, nanos: 497_000_000 });
    let (create_time, update_time) = (time(1_488_451_193), time(1_488_451_193 + 60 * minute));
    Contact { name: name(id), create_time, update_time, ..contact }
}

pub async fn create(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    let request = CreateContactRequest { parent: ACCOUNT.to_owned(), contact: Some(contact) };
    Ok(client(rig).create_contact(request).await?.into_inner().contact.unwrap())
}

async fn get(rig: &Rig, name: &str) -> Result<Contact, Status> {
    let request = GetContactRequest { name: name.to_owned() };
    Ok(client(rig).get_contact(request).await?.into_inner().contact.unwrap())
}

async fn update(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    let request = UpdateContactRequest { contact: Some(contact) };
    Ok(client(rig).update_contact(request).await?.into_inner().contact.unwrap())
}

pub async fn list(rig: &Rig, group: &str, page_size: i32, page_token: String) -> Result<ListContactsResponse, Status> {
    let (parent, group) = (ACCOUNT.to_owned(), group.to_owned());
    let request = ListContactsRequest { parent, page_size, page_token, group };
    Ok(client(rig).list_contacts(request).await?.into_inner())
}

async fn delete(rig: &Rig, name: &str) -> Result<(), Status> {
    let request = DeleteContactRequest { name: name.to_owned() };
    client(rig).delete_contact(request).await.map(drop)
}

async fn create_one(rig: Rig) {
    let named = Contact { name: "ignored".to_owned(), ..jack() };
    assert_eq!(create(&rig, named).await.unwrap(), stored(jack(), "1735500", 0));
    assert_eq!(arrived(&rig, "POST", "/api/contacts").json(), Some(jack_json()));

    // What is empty is left out, as what is absent is.
    let empty = Contact { email: Some(String::new()), notes: Some(String::new()), ..minimal("Anne") };
    assert_eq!(create(&rig, empty).await.unwrap(), stored(minimal("Anne"), "1735501", 0));
    let body = json!({"FirstName": "Anne", "Phone": "12025550135"});
    assert_eq!(arrived(&rig, "POST", "/api/contacts").json(), Some(body));

    // The sample of the vendor's client.
    let answer = r#"{"Title":"Captain","Notes":"Why is the rum gone?","Created":"2017-03-02T10:39:53.497",
        "Modified":"2017-03-02T10:39:53.497","ID":1735500,"OwnerID":"ip1-xxxxx","FirstName":"Jack",
        "LastName":"Sparrow","Organization":"Black Pearl Co.","Phone":"12025550134","Email":"jack+sms@example.com"}"#;
    rig.answer(POST, 200, answer);
    assert_eq!(create(&rig, minimal("Jack")).await.unwrap(), stored(jack(), "1735500", 0));
}

async fn get_one(rig: Rig) {
    create(&rig, jack()).await.unwrap();
    assert_eq!(get(&rig, &name("1735500")).await.unwrap(), stored(jack(), "1735500", 0));
    assert!(arrived(&rig, "GET", "/api/contacts/1735500").body.is_empty());
    failed(&get(&rig, &name("7")).await.expect_err("unknown"), Code::NotFound, "RESOURCE_NOT_FOUND");
    for body in ["", "{}", "[]"] {
        rig.answer("GET /api/contacts/1735500", 200, body);
        let error = get(&rig, &name("1735500")).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
}

async fn update_one(rig: Rig) {
    let first = create(&rig, minimal("Anne")).await.unwrap().name;
    let changed = update(&rig, Contact { name: first.clone(), ..jack() }).await.unwrap();
    assert_eq!(changed, stored(jack(), "1735500", 1));
    assert_eq!(arrived(&rig, "PUT", "/api/contacts/1735500").json(), Some(jack_json()));

    // The contact is replaced: what is absent is cleared, and what is empty too.
    let less = Contact { name: first, title: Some(String::new()), ..minimal("Anne") };
    assert_eq!(update(&rig, less).await.unwrap(), stored(minimal("Anne"), "1735500", 1));
    let body = json!({"FirstName": "Anne", "Phone": "12025550135"});
    assert_eq!(arrived(&rig, "PUT", "/api/contacts/1735500").json(), Some(body));

    let error = update(&rig, Contact { name: name("7"), ..jack() }).await.expect_err("unknown");
    failed(&error, Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn list_all(rig: Rig) {
    for contact in [jack(), minimal("Anne"), minimal("Mary")] {
        create(&rig, contact).await.unwrap();
    }
    let first = list(&rig, "", 2, String::new()).await.unwrap();
    assert!(arrived(&rig, "GET", "/api/contacts").body.is_empty());
    // A list has neither title nor notes nor times.
    let short = Contact { name: name("1735500"), title: None, notes: None, ..jack() };
    assert_eq!(first.contacts, [short, Contact { name: name("1735501"), ..minimal("Anne") }]);
    assert_eq!(first.total_size, Some(3));
    // A token is good for its own list alone.
    let group = format!("{ACCOUNT}/groups/7");
    violations(&list(&rig, &group, 2, first.next_page_token.clone()).await.expect_err("a group"), &["page_token"]);
    let second = list(&rig, "", 2, first.next_page_token).await.unwrap();
    assert_eq!(second.contacts, [Contact { name: name("1735502"), ..minimal("Mary") }]);
    assert_eq!(second.next_page_token, "");

    rig.answer("GET /api/groups/7/contacts", 200, r#"[{"ID": 5}]"#);
    let of_group = list(&rig, &group, 0, String::new()).await.unwrap();
    arrived(&rig, "GET", "/api/groups/7/contacts");
    assert_eq!(of_group.contacts, [Contact { name: name("5"), ..Contact::default() }]);
    let unknown = list(&rig, &group, 0, String::new()).await.expect_err("unknown");
    failed(&unknown, Code::NotFound, "RESOURCE_NOT_FOUND");

    for body in ["", "{}", "[{}]"] {
        rig.answer("GET /api/contacts", 200, body);
        let error = list(&rig, "", 0, String::new()).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    let before = rig.sandbox.requests().len();
    violations(&list(&rig, "", -1, "x".to_owned()).await.expect_err("bad"), &["page_size", "page_token"]);
    for bad in ["accounts/other/groups/7", "accounts/ip1sms/groups/", "accounts/ip1sms/groups/x", "7"] {
        violations(&list(&rig, bad, 0, String::new()).await.expect_err(bad), &["group"]);
    }
    assert_eq!(rig.sandbox.requests().len(), before);
}

async fn delete_one(rig: Rig) {
    let created = create(&rig, jack()).await.unwrap().name;
    delete(&rig, &created).await.unwrap();
    assert!(arrived(&rig, "DELETE", "/api/contacts/1735500").body.is_empty());
    failed(&delete(&rig, &created).await.expect_err("gone"), Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.fault("DELETE /api/contacts", Fault::CutAfter);
    failed(&delete(&rig, &created).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn errors() {
    let rig = Rig::vendor("ip1sms").await;
    for (status, body, code, reason, words) in [
        (400, r#"{"Message": "Bad number"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "Bad number"),
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
        let created = create(&rig, jack()).await.expect_err(body);
        let updated = update(&rig, Contact { name: name("5"), ..jack() }).await.expect_err(body);
        for (error, operation) in [(created, POST), (updated, "PUT /api/contacts/{id}")] {
            let metadata = failed(&error, code, reason);
            assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
            assert_eq!((metadata["operation"].as_str(), &metadata["http_status"]), (operation, &status.to_string()));
        }
    }
    assert_eq!((rig.requests(POST).len(), rig.requests(PUT).len()), (9, 9), "none was repeated");
}

async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("ip1sms").await;
    let text = || Some("x".to_owned());
    let worst = Contact {
        name: name("a"),
        phone_number: Some("12025550134".to_owned()),
        email: text(),
        given_name: Some(String::new()),
        gender: Gender::Female.into(),
        fax: text(),
        address: text(),
        city: text(),
        province: text(),
        postal_code: text(),
        birth_date: text(),
        groups: vec![format!("{ACCOUNT}/groups/7")],
        create_time: Some(Timestamp::default()),
        vendor_options: Some(VendorOptions::Lox24(Lox24Contact::default())),
        ..Contact::default()
    };
    let all = [
        "contact.address",
        "contact.birth_date",
        "contact.city",
        "contact.create_time",
        "contact.email",
        "contact.fax",
        "contact.gender",
        "contact.given_name",
        "contact.groups",
        "contact.lox24",
        "contact.name",
        "contact.phone_number",
        "contact.postal_code",
        "contact.province",
    ];
    violations(&update(&rig, worst.clone()).await.expect_err("bad input"), &all);
    let but_name: Vec<_> = all.into_iter().filter(|field| *field != "contact.name").collect();
    violations(&create(&rig, worst).await.expect_err("bad input"), &but_name);
    let empty = create(&rig, Contact::default()).await.expect_err("nothing");
    violations(&empty, &["contact.given_name", "contact.phone_number"]);
    let of_another = Some(VendorOptions::Smspartner(SmsPartnerContact::default()));
    let error = create(&rig, Contact { vendor_options: of_another, ..jack() }).await.expect_err("another's");
    violations(&error, &["contact.smspartner"]);

    // Without an id, or with other words for one, it would be another operation: all contacts, or what is theirs.
    for bad in ["", "/contacts", "/contacts/", "/contacts/1%2Fgroups", "/contacts/-1", "/contacts/?", "/groups/1"] {
        let name = format!("{ACCOUNT}{bad}");
        violations(&get(&rig, &name).await.expect_err(bad), &["name"]);
        violations(&delete(&rig, &name).await.expect_err(bad), &["name"]);
        violations(&update(&rig, Contact { name, ..jack() }).await.expect_err(bad), &["contact.name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
