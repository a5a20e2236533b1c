//! The stop list. The vendor's reference and its official clients have it; the document has not.

use futures::FutureExt;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    CreateStopListEntryRequest, DeleteStopListEntryRequest, ListStopListEntriesRequest, ListStopListEntriesResponse,
    StopListEntry, stop_list_service_client::StopListServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Status, transport::Channel};

use super::{ACCOUNT, arrived};
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const POST: &str = "POST /api/blacklist";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "StopListService/CreateStopListEntry", operations: &[], run: |rig| create_one(rig).boxed() },
        Case { rpc: "StopListService/ListStopListEntries", operations: &[], run: |rig| list_all(rig).boxed() },
        Case { rpc: "StopListService/DeleteStopListEntry", operations: &[], run: |rig| delete_one(rig).boxed() },
    ]
}

fn client(rig: &Rig) -> StopListServiceClient<Channel> {
    StopListServiceClient::new(rig.channel.clone())
}

fn entry(id: u32, phone_number: &str) -> StopListEntry {
    StopListEntry {
        name: format!("{ACCOUNT}/stopListEntries/{id}"),
        phone_number: phone_number.to_owned(),
        create_time: Some(Timestamp { seconds: 1_482_487_810, nanos: 0 }),
        vendor_origin: String::new(),
    }
}

async fn create(rig: &Rig, entry: Option<StopListEntry>) -> Result<StopListEntry, Status> {
    let request = CreateStopListEntryRequest { parent: ACCOUNT.to_owned(), entry };
    Ok(client(rig).create_stop_list_entry(request).await?.into_inner().entry.unwrap())
}

fn number(phone_number: &str) -> Option<StopListEntry> {
    Some(StopListEntry { phone_number: phone_number.to_owned(), ..StopListEntry::default() })
}

async fn list(rig: &Rig, page_size: i32, page_token: String) -> Result<ListStopListEntriesResponse, Status> {
    let request = ListStopListEntriesRequest { parent: ACCOUNT.to_owned(), page_size, page_token };
    Ok(client(rig).list_stop_list_entries(request).await?.into_inner())
}

async fn delete(rig: &Rig, name: &str) -> Result<(), Status> {
    let request = DeleteStopListEntryRequest { name: name.to_owned() };
    client(rig).delete_stop_list_entry(request).await.map(drop)
}

async fn create_one(rig: Rig) {
    let named = StopListEntry { name: "ignored".to_owned(), ..number("+46700000001").unwrap() };
    assert_eq!(create(&rig, Some(named)).await.unwrap(), entry(2, "+46700000001"));
    let request = arrived(&rig, "POST", "/api/blacklist");
    assert_eq!(request.json(), Some(json!({"Phone": "+46700000001"})));

    for (status, body, code, reason) in [
        (400, "", Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, "", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (418, "", Code::Unknown, "OUTCOME_UNKNOWN"),
        (500, "", Code::Unknown, "OUTCOME_UNKNOWN"),
        // It is on the list, and nobody can tell as what.
        (200, "{}", Code::Unknown, "OUTCOME_UNKNOWN"),
        (200, "", Code::Unknown, "OUTCOME_UNKNOWN"),
    ] {
        rig.answer(POST, status, body);
        failed(&create(&rig, number("+46700000002")).await.expect_err(body), code, reason);
    }
    assert_eq!(rig.requests(POST).len(), 7, "none was repeated");

    let before = rig.sandbox.requests().len();
    let filled = StopListEntry { vendor_origin: "web".to_owned(), ..entry(7, "46700000001") };
    let fields = ["entry.create_time", "entry.phone_number", "entry.vendor_origin"];
    violations(&create(&rig, Some(filled)).await.expect_err("all wrong"), &fields);
    violations(&create(&rig, None).await.expect_err("nothing"), &["entry"]);
    assert_eq!(rig.sandbox.requests().len(), before);
}

async fn list_all(rig: Rig) {
    create(&rig, number("+46700000001")).await.unwrap();
    create(&rig, number("+46700000002")).await.unwrap();
    let first = list(&rig, 2, String::new()).await.unwrap();
    arrived(&rig, "GET", "/api/blacklist");
    assert_eq!(first.entries, [entry(1, "+46700000099"), entry(2, "+46700000001")]);
    assert_eq!(first.total_size, Some(3));
    let second = list(&rig, 2, first.next_page_token).await.unwrap();
    assert_eq!((second.entries, second.next_page_token.as_str()), (vec![entry(3, "+46700000002")], ""));

    for body in ["", "{}", "[{}]"] {
        rig.answer("GET /api/blacklist", 200, body);
        let error = list(&rig, 0, String::new()).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    violations(&list(&rig, -1, "x".to_owned()).await.expect_err("bad"), &["page_size", "page_token"]);
}

async fn delete_one(rig: Rig) {
    let name = create(&rig, number("+46700000001")).await.unwrap().name;
    delete(&rig, &name).await.unwrap();
    assert!(arrived(&rig, "DELETE", "/api/blacklist/2").body.is_empty());
    failed(&delete(&rig, &name).await.expect_err("gone"), Code::NotFound, "RESOURCE_NOT_FOUND");
    rig.fault("DELETE /api/blacklist", Fault::CutAfter);
    failed(&delete(&rig, &entry(1, "").name).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");

    // Without an id, or with the number for one, it would be another operation: the whole list, or nothing.
    let before = rig.sandbox.requests().len();
    for bad in ["", "/stopListEntries", "/stopListEntries/", "/stopListEntries/+46700000001", "/messages/1"] {
        violations(&delete(&rig, &format!("{ACCOUNT}{bad}")).await.expect_err(bad), &["name"]);
    }
    assert_eq!(rig.sandbox.requests().len(), before);
}
