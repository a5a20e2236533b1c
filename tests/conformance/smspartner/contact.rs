//! ContactService.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    Contact, CreateContactRequest, CreateGroupRequest, DeleteContactRequest, Gender, GetContactRequest, Group,
    Lox24Contact, SmsPartnerContact, UpdateContactRequest, contact::VendorOptions,
    contact_service_client::ContactServiceClient, group_service_client::GroupServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use super::json;
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ADD: &str = "POST /contact/add";
const DETAIL: &str = "GET /contact/detail";
const UPDATE: &str = "POST /contact/update";
const DELETE: &str = "POST /contact/delete";

/// What the stand-in makes first.
const GROUP: &str = "accounts/smspartner/groups/6363";
const CONTACT: &str = "accounts/smspartner/contacts/c1";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "ContactService/CreateContact", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "ContactService/GetContact", operations: &[], run: |rig| get_one(rig).boxed() },
        Case { rpc: "ContactService/UpdateContact", operations: &[], run: |rig| update_one(rig).boxed() },
        Case { rpc: "ContactService/DeleteContact", operations: &[], run: |rig| delete_one(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![every_fault_of_a_contact_is_told_before_any_http, every_code_about_a_contact_has_its_reason]
}

fn contacts(rig: &Rig) -> ContactServiceClient<Channel> {
    ContactServiceClient::new(rig.channel.clone())
}

/// A contact with everything that SMSPartner takes.
fn contact(name: &str, groups: &[&str]) -> Contact {
    let text = |text: &str| Some(text.to_owned());
    Contact {
        name: name.to_owned(),
        phone_number: text("+33612345678"),
        given_name: text("Prénom"),
        family_name: text("Nom"),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        vendor_options: options(SmsPartnerContact {
            date: text("2020-06-12"),
            url: text("https://example.com/a?b=c"),
            custom1: text("custom 1"),
            custom2: text("custom 2"),
            custom3: text("custom 3"),
            custom4: text("custom 4"),
            ..SmsPartnerContact::default()
        }),
        ..Contact::default()
    }
}

fn options(options: SmsPartnerContact) -> Option<VendorOptions> {
    Some(VendorOptions::Smspartner(options))
}

/// A contact with as little as there must be.
fn least(name: &str, groups: &[&str]) -> Contact {
    Contact { given_name: None, family_name: None, vendor_options: None, ..contact(name, groups) }
}

async fn make_group(rig: &Rig) {
    let group = Some(Group { display_name: "Amis".to_owned(), ..Group::default() });
    let request = CreateGroupRequest { parent: "accounts/smspartner".to_owned(), group };
    let made = GroupServiceClient::new(rig.channel.clone()).create_group(request).await.expect("made").into_inner();
    assert_eq!(made.group.expect("a group").name, GROUP);
}

async fn create(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    let request = CreateContactRequest { parent: "accounts/smspartner".to_owned(), contact: Some(contact) };
    Ok(contacts(rig).create_contact(request).await?.into_inner().contact.expect("a contact"))
}

async fn get(rig: &Rig, name: &str) -> Result<Contact, Status> {
    let answer = contacts(rig).get_contact(GetContactRequest { name: name.to_owned() }).await?;
    Ok(answer.into_inner().contact.expect("a contact"))
}

async fn update(rig: &Rig, contact: Contact) -> Result<Contact, Status> {
    let answer = contacts(rig).update_contact(UpdateContactRequest { contact: Some(contact) }).await?;
    Ok(answer.into_inner().contact.expect("a contact"))
}

async fn delete(rig: &Rig, name: &str) -> Result<(), Status> {
    contacts(rig).delete_contact(DeleteContactRequest { name: name.to_owned() }).await.map(drop)
}

async fn create_one(rig: Rig) {
    make_group(&rig).await;
    assert_eq!(create(&rig, contact("ignored", &[GROUP])).await.expect("made"), contact(CONTACT, &[GROUP]));
    let [request] = &rig.requests(ADD)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/contact/add", Some("application/json")));
    let body = json!({"apiKey": "sandbox-api-key", "groupId": "6363", "contact": {
        "phoneNumber": "+33612345678", "firstname": "Prénom", "lastname": "Nom", "date": "2020-06-12",
        "url": "https://example.com/a?b=c", "custom1": "custom 1", "custom2": "custom 2", "custom3": "custom 3",
        "custom4": "custom 4",
    }});
    assert_eq!(json(request), body);

    // What is absent is not sent; a number is once in a group; and there must be a group.
    let other = Contact { phone_number: Some("+4915112345678".to_owned()), ..least("", &[GROUP]) };
    assert_eq!(create(&rig, other).await.expect("made").name, "accounts/smspartner/contacts/c2");
    let body = json!({"apiKey": "sandbox-api-key", "groupId": "6363", "contact": {"phoneNumber": "+4915112345678"}});
    assert_eq!(json(&rig.requests(ADD)[1]), body);
    let again = create(&rig, least("", &[GROUP])).await.expect_err("it is there");
    assert_eq!(failed(&again, Code::AlreadyExists, "RESOURCE_EXISTS")["vendor_code"], "15");
    let nowhere = create(&rig, least("", &["accounts/smspartner/groups/1"])).await.expect_err("no group");
    assert_eq!(failed(&nowhere, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "404");

    // The vendor's sample.
    rig.answer(
        ADD,
        200,
        r#"{"success": true, "code": 200, "contact": {"phoneNumber": "+33600000000", "firstname": "Prénom",
            "lastname": "Nom", "date": "2020-06-12", "shortUrlPartnr": "http://a.fr", "url": "http://example.com",
            "custom1": "custom 1", "custom2": "custom 2", "custom3": "custom 3", "custom4": "custom 4",
            "contactId": "ID CONTACT"}}"#,
    );
    let made = create(&rig, least("", &[GROUP])).await.expect("made");
    let Some(VendorOptions::Smspartner(sent)) = contact("", &[]).vendor_options else { panic!("options") };
    let [url, short_url] = ["http://example.com", "http://a.fr"].map(|url| Some(url.to_owned()));
    let there = SmsPartnerContact { url, short_url, ..sent };
    let expected = Contact {
        phone_number: Some("+33600000000".to_owned()),
        vendor_options: options(there),
        ..contact("accounts/smspartner/contacts/ID%20CONTACT", &[GROUP])
    };
    assert_eq!(made, expected);
}

async fn get_one(rig: Rig) {
    make_group(&rig).await;
    create(&rig, contact("", &[GROUP])).await.expect("made");
    let got = get(&rig, CONTACT).await.expect("there");
    assert_eq!(rig.requests(DETAIL)[0].target, "/v1/contact/detail?apiKey=sandbox-api-key&contactId=c1");
    let Some(VendorOptions::Smspartner(sent)) = contact("", &[]).vendor_options else { panic!("options") };
    let vendor_options = options(SmsPartnerContact { stop_sms: Some(false), ..sent });
    assert!(got.create_time.is_some(), "{got:?}");
    let expected = Contact { vendor_options, create_time: got.create_time, ..contact(CONTACT, &[GROUP]) };
    assert_eq!(got, expected);

    // The vendor's sample, filled in.
    rig.answer(
        DETAIL,
        200,
        r#"{"success": true, "code": 200, "contact": {"contactId": "ID CONTACT", "phone": "+33600000000",
            "firstname": "", "lastname": "Nom", "url": "", "shortUrl": "http://a.fr", "date": "", "custom1": "",
            "custom2": "custom 2", "custom3": "", "custom4": "", "createdAt": "2020-10-02T16:40:05+02:00",
            "stopSms": true, "groupId": 6363}}"#,
    );
    let expected = Contact {
        name: CONTACT.to_owned(),
        phone_number: Some("+33600000000".to_owned()),
        family_name: Some("Nom".to_owned()),
        groups: vec![GROUP.to_owned()],
        create_time: Some(Timestamp { seconds: 1_601_649_605, nanos: 0 }),
        vendor_options: options(SmsPartnerContact {
            custom2: Some("custom 2".to_owned()),
            short_url: Some("http://a.fr".to_owned()),
            stop_sms: Some(true),
            ..SmsPartnerContact::default()
        }),
        ..Contact::default()
    };
    assert_eq!(get(&rig, CONTACT).await.expect("there"), expected);

    let status = get(&rig, "accounts/smspartner/contacts/+1 2&a=b").await.expect_err("unknown");
    assert_eq!(failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "404");
    let target = "/v1/contact/detail?apiKey=sandbox-api-key&contactId=%2B1%202%26a%3Db";
    assert_eq!(rig.requests(DETAIL)[2].target, target);
}

async fn update_one(rig: Rig) {
    make_group(&rig).await;
    create(&rig, least("", &[GROUP])).await.expect("made");
    assert_eq!(update(&rig, contact(CONTACT, &[])).await.expect("updated"), contact(CONTACT, &[]));
    let [request] = &rig.requests(UPDATE)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/contact/update", Some("application/json")));
    let body = json!({"apiKey": "sandbox-api-key", "contactId": "c1", "contact": {
        "phoneNumber": "+33612345678", "firstname": "Prénom", "lastname": "Nom", "date": "2020-06-12",
        "url": "https://example.com/a?b=c", "custom1": "custom 1", "custom2": "custom 2", "custom3": "custom 3",
        "custom4": "custom 4",
    }});
    assert_eq!(json(request), body);

    // An empty text is sent, and takes away what was there; what is absent is not sent, and stays.
    let emptied = SmsPartnerContact {
        date: Some(String::new()),
        url: Some(String::new()),
        custom1: Some(String::new()),
        ..SmsPartnerContact::default()
    };
    let emptied = Contact { vendor_options: options(emptied), ..least(CONTACT, &[]) };
    update(&rig, emptied).await.expect("updated");
    let told = json!({"phoneNumber": "+33612345678", "date": "", "url": "", "custom1": ""});
    assert_eq!(json(&rig.requests(UPDATE)[1])["contact"], told);
    let got = get(&rig, CONTACT).await.expect("there");
    let left = SmsPartnerContact {
        custom2: Some("custom 2".to_owned()),
        custom3: Some("custom 3".to_owned()),
        custom4: Some("custom 4".to_owned()),
        stop_sms: Some(false),
        ..SmsPartnerContact::default()
    };
    assert_eq!((got.given_name.as_deref(), got.vendor_options), (Some("Prénom"), options(left)));

    // The vendor's sample, whose date is of another form than its tables ask for.
    rig.answer(
        UPDATE,
        200,
        r#"{"success": true, "code": 200, "contact": {"phoneNumber": "+33600000000", "firstname": "prénom",
            "lastname": "nom", "url": "", "date": "12-06-2020", "custom2": "custom2", "contactId": "ID CONTACT"}}"#,
    );
    let expected = Contact {
        name: CONTACT.to_owned(),
        phone_number: Some("+33600000000".to_owned()),
        given_name: Some("prénom".to_owned()),
        family_name: Some("nom".to_owned()),
        vendor_options: options(SmsPartnerContact {
            date: Some("2020-06-12".to_owned()),
            custom2: Some("custom2".to_owned()),
            ..SmsPartnerContact::default()
        }),
        ..Contact::default()
    };
    assert_eq!(update(&rig, contact(CONTACT, &[])).await.expect("updated"), expected);
    let unknown = update(&rig, least("accounts/smspartner/contacts/c9", &[])).await.expect_err("unknown");
    failed(&unknown, Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn delete_one(rig: Rig) {
    make_group(&rig).await;
    create(&rig, least("", &[GROUP])).await.expect("made");
    delete(&rig, CONTACT).await.expect("deleted");
    let [request] = &rig.requests(DELETE)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/contact/delete", Some("application/json")));
    assert_eq!(json(request), json!({"apiKey": "sandbox-api-key", "contactId": "c1"}));

    let again = delete(&rig, CONTACT).await.expect_err("it is gone");
    assert_eq!(failed(&again, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "404");
    failed(&get(&rig, CONTACT).await.expect_err("it is gone"), Code::NotFound, "RESOURCE_NOT_FOUND");
}

async fn every_fault_of_a_contact_is_told_before_any_http() {
    let rig = Rig::vendor("smspartner").await;
    let (text, time) = (Some("x".to_owned()), Some(Timestamp::default()));
    let faulty = Contact {
        name: String::new(),
        phone_number: Some("0612345678".to_owned()),
        email: text.clone(),
        given_name: Some("é".repeat(33)),
        family_name: Some("é".repeat(33)),
        gender: Gender::Female.into(),
        fax: text.clone(),
        address: text.clone(),
        city: text.clone(),
        province: text.clone(),
        postal_code: text.clone(),
        birth_date: text.clone(),
        groups: vec!["accounts/other/groups/1".to_owned()],
        subscribe_time: time,
        unsubscribe_time: time,
        unsubscribe_reason: 1,
        vendor_unsubscribe_reason: Some(1),
        vendor_gender: text.clone(),
        organization: text.clone(),
        title: text.clone(),
        notes: text.clone(),
        create_time: time,
        update_time: time,
        vendor_options: options(SmsPartnerContact {
            date: Some("12-06-2020".to_owned()),
            url: Some("example.com".to_owned()),
            short_url: text,
            stop_sms: Some(false),
            ..SmsPartnerContact::default()
        }),
    };
    let fields = |groups: &str| {
        let fields = format!(
            "address birth_date city create_time email family_name fax gender given_name {groups} notes organization \
             phone_number postal_code province smspartner.date smspartner.short_url smspartner.stop_sms \
             smspartner.url subscribe_time title unsubscribe_reason unsubscribe_time update_time vendor_gender \
             vendor_unsubscribe_reason"
        );
        fields.split(' ').map(|field| format!("contact.{field}")).collect::<Vec<_>>()
    };
    let all = |status: Status, fields: &[String]| violations(&status, &fields.iter().map(|f| &**f).collect::<Vec<_>>());
    all(create(&rig, faulty.clone()).await.expect_err("faults"), &fields("groups[0]"));
    let faulty = Contact { name: CONTACT.to_owned(), ..faulty };
    all(update(&rig, faulty).await.expect_err("faults"), &fields("groups"));

    let vendor_options = Some(VendorOptions::Lox24(Lox24Contact::default()));
    let faulty = Contact { phone_number: None, vendor_options, ..contact("", &[GROUP, GROUP]) };
    let fields = ["contact.groups", "contact.lox24", "contact.phone_number"];
    violations(&create(&rig, faulty).await.expect_err("three faults"), &fields);
    violations(&create(&rig, least("", &[])).await.expect_err("no group"), &["contact.groups"]);
    violations(&update(&rig, least("c1", &[])).await.expect_err("no name"), &["contact.name"]);
    violations(&get(&rig, "accounts/smspartner/contacts/").await.expect_err("no id"), &["name"]);
    violations(&delete(&rig, GROUP).await.expect_err("a group"), &["name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn every_code_about_a_contact_has_its_reason() {
    let rig = Rig::vendor("smspartner").await;
    for (number, code, reason) in [
        (1, Code::InvalidArgument, "VENDOR_REFUSED"),
        (2, Code::InvalidArgument, "VENDOR_REFUSED"),
        (9, Code::InvalidArgument, "VENDOR_REFUSED"),
        (10, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (15, Code::AlreadyExists, "RESOURCE_EXISTS"),
        (20, Code::PermissionDenied, "VENDOR_DENIED"),
        (404, Code::NotFound, "RESOURCE_NOT_FOUND"),
        (12345, Code::InvalidArgument, "VENDOR_REFUSED"),
    ] {
        let body = format!(r#"{{"success": false, "code": {number}, "message": "Non"}}"#);
        for operation in [ADD, DETAIL, UPDATE, DELETE] {
            rig.answer(operation, 200, &body);
        }
        for status in [
            create(&rig, least("", &[GROUP])).await.expect_err("refused"),
            get(&rig, CONTACT).await.expect_err("refused"),
            update(&rig, least(CONTACT, &[])).await.expect_err("refused"),
            delete(&rig, CONTACT).await.expect_err("refused"),
        ] {
            let metadata = failed(&status, code, reason);
            assert_eq!((&*metadata["vendor_code"], &*metadata["vendor_message"]), (&*number.to_string(), "Non"));
        }
    }
    // A contact without an id could never be found again.
    for body in [r#"{"success": true, "code": 200}"#, r#"{"success": true, "code": 200, "contact": {}}"#, "{}"] {
        rig.answer(ADD, 200, body);
        let status = create(&rig, least("", &[GROUP])).await.expect_err("who knows");
        failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    }
}
