//! StopListService.

use futures::FutureExt;
use libtest_mimic::Trial;
use prost_types::Timestamp;
use smsmux::api::pb::{
    CreateStopListEntryRequest, DeleteStopListEntryRequest, ListStopListEntriesRequest, ListStopListEntriesResponse,
    StopListEntry, stop_list_service_client::StopListServiceClient,
};
use tonic::{Code, Request, Status};

use super::json;
use crate::{
    Case,
    support::{Rig, failed, violations},
};

pub const DELETE: &str = "GET /stop-sms/delete";
const LIST: &str = "GET /stop-sms/list";
const ADD: &str = "POST /stop-sms/add";

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "StopListService/DeleteStopListEntry",
            operations: &["GET /v1/stop-sms/delete"],
            run: |rig| delete_once(rig).boxed(),
        },
        Case { rpc: "StopListService/CreateStopListEntry", operations: &[], run: |rig| create(rig).boxed() },
        Case { rpc: "StopListService/ListStopListEntries", operations: &[], run: |rig| list(rig).boxed() },
    ]
}

pub fn tests() -> Vec<Trial> {
    tests![
        an_entry_is_named_by_its_id_and_a_number_is_encoded,
        every_fault_of_an_entry_and_of_a_page_is_told_before_any_http,
        what_is_said_of_an_addition_is_not_what_is_said_of_a_deletion,
    ]
}

pub async fn delete(rig: &Rig, id: &str) -> Result<(), Status> {
    send(rig, Request::new(request(id))).await
}

pub fn request(id: &str) -> DeleteStopListEntryRequest {
    DeleteStopListEntryRequest { name: format!("accounts/smspartner/stopListEntries/{id}") }
}

pub async fn send(rig: &Rig, request: Request<DeleteStopListEntryRequest>) -> Result<(), Status> {
    StopListServiceClient::new(rig.channel.clone()).delete_stop_list_entry(request).await.map(drop)
}

async fn delete_once(rig: Rig) {
    delete(&rig, "300").await.expect("deleted");
    let requests = rig.requests(DELETE);
    let [request] = &requests[..] else { panic!("{} requests arrived", requests.len()) };
    assert_eq!(request.target, "/v1/stop-sms/delete?apiKey=sandbox-api-key&id=300");
    assert_eq!((request.body.len(), request.header("content-type")), (0, Some("application/json")));
    assert_eq!(request.header("cache-control"), Some("no-cache, no-store"));

    let again = delete(&rig, "300").await.expect_err("it is gone");
    assert_eq!(failed(&again, Code::NotFound, "RESOURCE_NOT_FOUND")["vendor_code"], "4");

    // The document's answers, and what else they may look like.
    for body in [
        r#"{ "success": true, "code":200 }"#,
        r#"{"success": "true", "code": "200"}"#,
        r#"{"success": 1}"#,
        r#"{"code": 200}"#,
        "<?xml version='1.0' encoding='UTF-8'?>\n<result>\n<entry>true</entry>\n<entry>200</entry>\n</result>",
    ] {
        rig.answer(DELETE, 200, body);
        delete(&rig, "1").await.expect(body);
    }
}

async fn an_entry_is_named_by_its_id_and_a_number_is_encoded() {
    let rig = Rig::vendor("smspartner").await;
    for name in ["accounts/smspartner", "accounts/smspartner/stopListEntries/", "accounts/smspartner/contacts/300"] {
        let status = send(&rig, Request::new(DeleteStopListEntryRequest { name: name.to_owned() })).await;
        failed(&status.expect_err(name), Code::InvalidArgument, "INVALID_REQUEST");
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
    failed(&delete(&rig, "+33612 34&id=300").await.expect_err("no id"), Code::NotFound, "RESOURCE_NOT_FOUND");
    let target = "/v1/stop-sms/delete?apiKey=sandbox-api-key&id=%2B33612%2034%26id%3D300";
    assert_eq!(rig.requests(DELETE)[0].target, target);
}

async fn add(rig: &Rig, entry: StopListEntry) -> Result<StopListEntry, Status> {
    let request = CreateStopListEntryRequest { parent: "accounts/smspartner".to_owned(), entry: Some(entry) };
    let answer = StopListServiceClient::new(rig.channel.clone()).create_stop_list_entry(request).await?;
    Ok(answer.into_inner().entry.expect("an entry"))
}

fn entry(phone_number: &str) -> StopListEntry {
    StopListEntry { phone_number: phone_number.to_owned(), ..StopListEntry::default() }
}

async fn create(rig: Rig) {
    let given = StopListEntry { name: "ignored".to_owned(), ..entry("+33612345678") };
    let added = StopListEntry { name: "accounts/smspartner/stopListEntries/667".to_owned(), ..entry("+33612345678") };
    assert_eq!(add(&rig, given).await.expect("added"), added);
    let [request] = &rig.requests(ADD)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.header("content-type")), ("/v1/stop-sms/add", Some("application/json")));
    assert_eq!(json(request), serde_json::json!({"apiKey": "sandbox-api-key", "phoneNumber": "+33612345678"}));

    // The id as a text, and no id at all.
    rig.answer(ADD, 200, r#"{"success": true, "code": 200, "stopId": "7"}"#);
    assert_eq!(add(&rig, entry("+33612345678")).await.expect("added").name, "accounts/smspartner/stopListEntries/7");
    rig.answer(ADD, 200, r#"{"success": true, "code": 200}"#);
    assert_eq!(add(&rig, entry("+33612345678")).await.expect("added").name, "");
}

async fn pages(rig: &Rig, page_size: i32, page_token: &str) -> Result<ListStopListEntriesResponse, Status> {
    let (parent, page_token) = ("accounts/smspartner".to_owned(), page_token.to_owned());
    let request = ListStopListEntriesRequest { parent, page_size, page_token };
    Ok(StopListServiceClient::new(rig.channel.clone()).list_stop_list_entries(request).await?.into_inner())
}

async fn list(rig: Rig) {
    let first = pages(&rig, 1, "").await.expect("a page");
    assert_eq!(rig.requests(LIST)[0].target, "/v1/stop-sms/list?apiKey=sandbox-api-key");
    let second = pages(&rig, 1, &first.next_page_token).await.expect("a page");
    assert_eq!((first.total_size, &*second.next_page_token), (Some(2), ""));
    let names = [&first, &second].map(|page| page.entries[0].name.clone());
    assert_eq!(names, [300, 666].map(|id| format!("accounts/smspartner/stopListEntries/{id}")));

    // A summer's and a winter's day in Paris.
    let body = r#"{"success": true, "code": 200, "nbData": 2, "data": [
        {"id": 1, "phoneNumber": "+33611111111", "createdAt": "2015-07-07 22:39:46"},
        {"id": "2", "phoneNumber": "+33622222222", "createdAt": "2015-02-07 22:39:46"},
        {"id": 3, "phoneNumber": "+33633333333", "createdAt": null}
    ]}"#;
    rig.answer(LIST, 200, body);
    let all = pages(&rig, 0, "").await.expect("all");
    let entry = |id: u8, number: &str, seconds: Option<i64>| StopListEntry {
        name: format!("accounts/smspartner/stopListEntries/{id}"),
        create_time: seconds.map(|seconds| Timestamp { seconds, nanos: 0 }),
        ..entry(number)
    };
    let entries = vec![
        entry(1, "+33611111111", Some(1_436_301_586)),
        entry(2, "+33622222222", Some(1_423_345_186)),
        entry(3, "+33633333333", None),
    ];
    let expected = ListStopListEntriesResponse { entries, next_page_token: String::new(), total_size: Some(3) };
    assert_eq!(all, expected);
    rig.answer(LIST, 200, r#"{"success": true, "code": 200, "nbData": 0, "data": null}"#);
    assert_eq!(pages(&rig, 0, "").await.expect("nobody").total_size, Some(0));
}

async fn every_fault_of_an_entry_and_of_a_page_is_told_before_any_http() {
    let rig = Rig::vendor("smspartner").await;
    let faulty = StopListEntry {
        create_time: Some(Timestamp::default()),
        vendor_origin: "api".to_owned(),
        ..entry("0612345678")
    };
    let fields = ["entry.create_time", "entry.phone_number", "entry.vendor_origin"];
    violations(&add(&rig, faulty).await.expect_err("three faults"), &fields);
    violations(&pages(&rig, -1, "x").await.expect_err("two faults"), &["page_size", "page_token"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn what_is_said_of_an_addition_is_not_what_is_said_of_a_deletion() {
    let rig = Rig::vendor("smspartner").await;
    for (number, code, reason) in [
        (1, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (2, Code::InvalidArgument, "VENDOR_REFUSED"),
        (4, Code::InvalidArgument, "VENDOR_REFUSED"),
        (9, Code::InvalidArgument, "VENDOR_REFUSED"),
        (11, Code::ResourceExhausted, "NO_CREDIT"),
        (96, Code::PermissionDenied, "VENDOR_DENIED"),
    ] {
        let body = format!(r#"{{"success": false, "code": {number}, "message": "Non"}}"#);
        rig.answer(ADD, 200, &body);
        let metadata = failed(&add(&rig, entry("+33612345678")).await.expect_err("refused"), code, reason);
        assert_eq!((&*metadata["vendor_code"], &*metadata["vendor_message"]), (&*number.to_string(), "Non"));
    }
    rig.answer(ADD, 200, "{}");
    let status = add(&rig, entry("+33612345678")).await.expect_err("who knows");
    failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    rig.answer(LIST, 200, r#"{"success": true, "code": 200}"#);
    failed(&pages(&rig, 0, "").await.expect_err("no list"), Code::Internal, "VENDOR_REPLY_UNREADABLE");
    rig.answer(ADD, 200, r#"{"success": false, "code": 10, "message": "sandbox-api-key"}"#);
    let status = add(&rig, entry("+33612345678")).await.expect_err("refused");
    assert_eq!(failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED")["vendor_message"], "***");
}
