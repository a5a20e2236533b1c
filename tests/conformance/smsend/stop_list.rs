//! The stop list. The vendor's newer manual has it; the document has not.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    CreateStopListEntryRequest, ListStopListEntriesRequest, ListStopListEntriesResponse, StopListEntry,
    stop_list_service_client::StopListServiceClient,
};
use tonic::{Code, Status, transport::Channel};

use super::{Unknown, answers, arrived, refusals};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ACCOUNT: &str = "accounts/smsend";
const POST: &str = "POST /blacklist/sms";
const GET: &str = "GET /blacklist/sms";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "StopListService/CreateStopListEntry", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "StopListService/ListStopListEntries", operations: &[], run: |rig| list_all(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![every_fault_is_told_at_once_and_nothing_is_asked, errors]
}

fn number(phone_number: &str) -> StopListEntry {
    StopListEntry { phone_number: phone_number.to_owned(), ..StopListEntry::default() }
}

async fn create(channel: Channel, entry: Option<StopListEntry>) -> Result<StopListEntry, Status> {
    let request = CreateStopListEntryRequest { parent: ACCOUNT.to_owned(), entry };
    let answer = StopListServiceClient::new(channel).create_stop_list_entry(request).await?;
    Ok(answer.into_inner().entry.expect("an entry"))
}

async fn list(channel: Channel, page_size: i32, page_token: String) -> Result<ListStopListEntriesResponse, Status> {
    let request = ListStopListEntriesRequest { parent: ACCOUNT.to_owned(), page_size, page_token };
    Ok(StopListServiceClient::new(channel).list_stop_list_entries(request).await?.into_inner())
}

async fn create_one(rig: Rig) {
    let named = StopListEntry { name: "ignored".to_owned(), ..number("+393471234567") };
    assert_eq!(create(rig.channel.clone(), Some(named)).await.unwrap(), number("+393471234567"));
    assert!(arrived(&rig, POST, "/blacklist/sms?phoneNumber=%2B393471234567").body.is_empty());

    // The manual's sample, and other ways to say yes.
    for body in ["true", "\"true\"", r#"{"result": "OK"}"#] {
        rig.answer(POST, 200, body);
        assert_eq!(create(rig.channel.clone(), Some(number("+393471"))).await.unwrap(), number("+393471"), "{body}");
    }
    for body in ["", "{}", "[]", "\"\"", r#"{"error": "upstream timeout"}"#] {
        rig.answer(POST, 200, body);
        let status = create(rig.channel.clone(), Some(number("+393471"))).await.expect_err(body);
        failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    }
    rig.answer(POST, 200, "false");
    let status = create(rig.channel.clone(), Some(number("+393471"))).await.expect_err("false");
    assert_eq!(failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_message"], "false");
}

async fn list_all(rig: Rig) {
    let numbers = ["+393471234561", "+393471234562", "+393471234563"];
    for one in numbers {
        create(rig.channel.clone(), Some(number(one))).await.unwrap();
    }
    let first = list(rig.channel.clone(), 2, String::new()).await.unwrap();
    arrived(&rig, GET, "/blacklist/sms?pageNumber=1&pageSize=2");
    assert_eq!((first.total_size, first.entries.len()), (Some(3), 2));
    let newest = &first.entries[0];
    assert_eq!((newest.phone_number.as_str(), newest.vendor_origin.as_str()), (numbers[2], "API"));
    assert!(newest.create_time.is_some() && newest.name.is_empty(), "{newest:?}");
    let second = list(rig.channel.clone(), 2, first.next_page_token).await.unwrap();
    assert_eq!((second.entries[0].phone_number.as_str(), second.next_page_token.as_str()), (numbers[0], ""));

    let entry = json!({"number": "00393471234567", "origin": "STOPSMS", "date": "20160503102231"});
    answers(&rig, GET, json!({"result": "OK", "numbers": [entry], "total": 1}));
    let expected = StopListEntry {
        vendor_origin: "STOPSMS".to_owned(),
        create_time: Some(Timestamp { seconds: 1_462_270_951, nanos: 0 }),
        ..number("+393471234567")
    };
    assert_eq!(list(rig.channel.clone(), 0, String::new()).await.unwrap().entries, [expected]);

    // Who reads an answer in a form of its own as an empty list sends to people who said stop.
    for body in ["", "{}", "true", r#"{"result": "OK"}"#, r#"[{"who": "+393471234567"}]"#] {
        answers(&rig, GET, body);
        let status = list(rig.channel.clone(), 0, String::new()).await.expect_err(body);
        failed(&status, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
}

async fn every_fault_is_told_at_once_and_nothing_is_asked() {
    let rig = Rig::smsend().await;
    let filled = StopListEntry {
        name: String::new(),
        phone_number: "00393471234567".to_owned(),
        create_time: Some(Timestamp::default()),
        vendor_origin: "WEB".to_owned(),
    };
    let fields = ["entry.create_time", "entry.phone_number", "entry.vendor_origin"];
    violations(&create(rig.channel.clone(), Some(filled)).await.expect_err("all wrong"), &fields);
    violations(&create(rig.channel.clone(), None).await.expect_err("nothing"), &["entry"]);
    let status = list(rig.channel.clone(), -1, "x".to_owned()).await.expect_err("two faults");
    violations(&status, &["page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn errors() {
    refusals(POST, Unknown::Credential, |channel| create(channel, Some(number("+393471234567")))).await;
    refusals(GET, Unknown::Credential, |channel| list(channel, 0, String::new())).await;
}
