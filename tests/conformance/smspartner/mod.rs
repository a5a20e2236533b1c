//! SMSPartner, after its document `004_48a65ac417e770c0.txt`.

mod errors;

use futures::FutureExt;
use smsmux::pb::{DeleteStopListEntryRequest, stop_list_service_client::StopListServiceClient};
use tonic::{Code, Request, Status};

use crate::{
    Case,
    support::{Rig, failed},
};

const DELETE: &str = "GET /stop-sms/delete";

pub fn cases() -> Vec<Case> {
    vec![Case {
        rpc: "StopListService/DeleteStopListEntry",
        operations: &["GET /v1/stop-sms/delete"],
        run: |rig| delete_once(rig).boxed(),
    }]
}

async fn delete(rig: &Rig, id: &str) -> Result<(), Status> {
    send(rig, Request::new(request(id))).await
}

fn request(id: &str) -> DeleteStopListEntryRequest {
    DeleteStopListEntryRequest { name: format!("accounts/smspartner/stopListEntries/{id}") }
}

async fn send(rig: &Rig, request: Request<DeleteStopListEntryRequest>) -> Result<(), Status> {
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

#[tokio::test]
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
