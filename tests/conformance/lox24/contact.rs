//! UpdateContact.

use futures::FutureExt;
use http::Method;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::pb::{Contact, Gender, Lox24Contact, UnsubscribeReason, contact::VendorOptions};
use tonic::Code;
use tonic_types::StatusExt;

use super::{NAME, PUT, example, signed, update};
use crate::{
    Case,
    support::{Rig, failed},
};

pub fn cases() -> Vec<Case> {
    vec![Case {
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
    }]
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

#[tokio::test]
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

#[tokio::test]
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
