//! What IntelePeer refuses, and what we refuse for it.

use libtest_mimic::Trial;
use smsmux::api::pb::{
    DeprovisionNumberRequest, GetNumberProvisioningRequest, GetNumberWebhookRequest, ProvisionNumberRequest,
    SetNumberWebhookRequest, number_service_client::NumberServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request, Status};

use super::{ENABLED, NEW, NEW_PATH, numbers};
use crate::support::{Rig, failed, info, long_enough, violations, within};

pub fn tests() -> Vec<Trial> {
    tests![
        errors,
        the_states_of_a_number_permit_what_the_document_says,
        every_rpc_knows_whose_number_and_whose_token_it_is,
        after_a_lost_reply_the_error_names_the_number_to_look_up,
        bad_input_is_answered_with_every_violation_and_no_request,
    ]
}

/// Calls all five RPCs for a number.
async fn call_all(rig: &Rig, name: &str, webhook_url: &str) -> [Option<Status>; 5] {
    let (mut numbers, name, webhook_url) = (numbers(rig), || name.to_owned(), webhook_url.to_owned());
    [
        numbers.provision_number(ProvisionNumberRequest { name: name() }).await.err(),
        numbers.deprovision_number(DeprovisionNumberRequest { name: name() }).await.err(),
        numbers.get_number_provisioning(GetNumberProvisioningRequest { name: name() }).await.err(),
        numbers.set_number_webhook(SetNumberWebhookRequest { name: name(), webhook_url }).await.err(),
        numbers.get_number_webhook(GetNumberWebhookRequest { name: name() }).await.err(),
    ]
}

async fn provision(rig: &Rig) -> Result<(), Status> {
    let request = ProvisionNumberRequest { name: NEW.to_owned() };
    numbers(rig).provision_number(request).await.map(drop)
}

async fn provisioning(rig: &Rig) -> Result<(), Status> {
    let request = GetNumberProvisioningRequest { name: NEW.to_owned() };
    numbers(rig).get_number_provisioning(request).await.map(drop)
}

async fn errors() {
    let rig = Rig::vendor("intelepeer").await;
    let operation = format!("POST {NEW_PATH}/provision");
    let cases = [
        (400, r#"{"error": "toll free"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "toll free"),
        (400, r#"{"message": "in use"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "in use"),
        (400, r#"{"reason": "no"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "no"),
        (400, "just text", Code::InvalidArgument, "VENDOR_REFUSED", "just text"),
        (401, r#"{"detail": "expired"}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", "expired"),
        (403, "", Code::PermissionDenied, "VENDOR_DENIED", ""),
        (404, "", Code::NotFound, "RESOURCE_NOT_FOUND", ""),
        (409, r#"{"error": "busy"}"#, Code::FailedPrecondition, "STATE_CONFLICT", "busy"),
        (418, r#"{"unknown": 1}"#, Code::Unknown, "OUTCOME_UNKNOWN", r#"{"unknown": 1}"#),
        (429, "", Code::ResourceExhausted, "RATE_LIMITED", ""),
        (503, "down", Code::Unknown, "OUTCOME_UNKNOWN", "down"),
    ];
    for (status, body, code, reason, words) in cases {
        rig.answer(&operation, status, body);
        let metadata = failed(&provision(&rig).await.expect_err(body), code, reason);
        assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
        let expected = ("POST /sms/v1/{tn}/provision", status.to_string());
        assert_eq!((metadata["operation"].as_str(), metadata["http_status"].clone()), expected);
    }
    assert_eq!(rig.requests(&operation).len(), cases.len(), "none was repeated");

    let operation = format!("GET {NEW_PATH}/provision");
    for body in ["", "7", "nonsense", r#"{"provisioning": "provisioned"}"#] {
        rig.answer(&operation, 200, body);
        let error = provisioning(&rig).await.expect_err(body);
        failed(&error, Code::Internal, "VENDOR_REPLY_UNREADABLE");
    }
    rig.faults(&operation, Fault::CutBefore, 3);
    failed(&provisioning(&rig).await.expect_err("down"), Code::Unavailable, "VENDOR_UNAVAILABLE");
}

async fn the_states_of_a_number_permit_what_the_document_says() {
    let rig = Rig::vendor("intelepeer").await;
    let mut numbers = numbers(&rig);
    let deprovision = || DeprovisionNumberRequest { name: NEW.to_owned() };
    let error = numbers.deprovision_number(deprovision()).await.expect_err("not enabled");
    failed(&error, Code::InvalidArgument, "VENDOR_REFUSED");
    let webhook_url = "https://www.myserver.com/myapp".to_owned();
    let webhook = SetNumberWebhookRequest { name: NEW.to_owned(), webhook_url };
    let error = numbers.set_number_webhook(webhook).await.expect_err("not enabled");
    failed(&error, Code::InvalidArgument, "VENDOR_REFUSED");

    provision(&rig).await.expect("accepted");
    failed(&provision(&rig).await.expect_err("under way"), Code::FailedPrecondition, "STATE_CONFLICT");
    let error = numbers.deprovision_number(deprovision()).await.expect_err("under way");
    failed(&error, Code::FailedPrecondition, "STATE_CONFLICT");
}

async fn every_rpc_knows_whose_number_and_whose_token_it_is() {
    let rig = Rig::vendor("intelepeer").await;
    let strange = "accounts/intelepeer/numbers/+17208675399";
    for error in call_all(&rig, strange, "https://example.com").await {
        failed(&error.expect("not ours"), Code::NotFound, "RESOURCE_NOT_FOUND");
    }
    let rig = Rig::of("intelepeer", "", "token = 'wrong'").await;
    for error in call_all(&rig, ENABLED, "https://example.com").await {
        failed(&error.expect("a wrong token"), Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    }
    let before = rig.sandbox.requests().len();
    for (credential, asked) in [("wrong-too", 1), ("", 1)] {
        let mut request = Request::new(ProvisionNumberRequest { name: NEW.to_owned() });
        request.metadata_mut().insert("smsmux-credential", credential.parse().unwrap());
        let error = numbers(&rig).provision_number(request).await.expect_err(credential);
        failed(&error, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
        assert_eq!(rig.sandbox.requests().len(), before + asked, "{credential:?}");
    }
}

async fn after_a_lost_reply_the_error_names_the_number_to_look_up() {
    let rig = Rig::vendor("intelepeer").await;
    let operation = format!("POST {NEW_PATH}/provision");
    rig.fault(&operation, Fault::CutAfter);
    let metadata = failed(&provision(&rig).await.expect_err("lost"), Code::Unknown, "OUTCOME_UNKNOWN");
    assert_eq!((metadata["resource"].as_str(), metadata["outcome"].as_str()), (NEW, "UNKNOWN"));
    assert_eq!(rig.requests(&operation).len(), 1);

    // The same when it is the caller who does not wait.
    rig.fault(&operation, Fault::HangBefore);
    let error = long_enough(async |time| {
        let (client, origin) = rig.timerless();
        let request = within(time, ProvisionNumberRequest { name: NEW.to_owned() });
        let mut numbers = NumberServiceClient::with_origin(client, origin);
        let error = numbers.provision_number(request).await.expect_err("it hangs");
        (info(&error).reason == "OUTCOME_UNKNOWN").then_some(error)
    });
    assert_eq!(failed(&error.await, Code::DeadlineExceeded, "OUTCOME_UNKNOWN")["resource"], NEW);

    // And looking it up tells.
    provisioning(&rig).await.expect("known");
}

async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("intelepeer").await;
    for name in [
        "accounts/intelepeer",
        "accounts/intelepeer/numbers/",
        "accounts/intelepeer/numbers/17208675309",
        "accounts/intelepeer/numbers/+1720867530x",
        "accounts/intelepeer/numbers/+17208675309%2F",
        "accounts/intelepeer/messages/+17208675309",
    ] {
        let errors = call_all(&rig, name, "www.myserver.com").await;
        let with_url = ["name", "webhook_url"];
        let fields = [&with_url[..1], &with_url[..1], &with_url[..1], &with_url[..], &with_url[..1]];
        for (error, fields) in errors.into_iter().zip(fields) {
            violations(&error.expect(name), fields);
        }
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
