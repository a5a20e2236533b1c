//! What LOX24's refusals become.

use http::StatusCode;
use libtest_mimic::Trial;
use smsmux::{api::pb::UpdateContactRequest, call::CREDENTIAL_KEY};
use smsmux_sandbox::Fault;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use super::{NAME, PUT, example, send, update};
use crate::support::{Rig, failed};

pub fn tests() -> Vec<Trial> {
    tests![
        every_documented_status_has_its_reason,
        what_lox24_may_have_done_is_unknown_and_not_repeated,
        a_lock_out_is_not_asked_again_however_soon_it_may_end,
        while_a_lock_out_lasts_lox24_is_not_asked_for_anybody,
        a_bad_token_costs_one_login_per_call,
        a_caller_may_bring_a_token_and_a_bad_one_is_its_own_to_mend,
    ]
}

async fn every_documented_status_has_its_reason() {
    let rig = Rig::vendor("lox24").await;
    let problem = r#"{"type": "about:blank", "title": "An error occurred", "detail": "the words", "status": 0}"#;
    for (status, code, reason) in [
        (400, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (402, Code::ResourceExhausted, "NO_CREDIT"),
        (403, Code::PermissionDenied, "VENDOR_DENIED"),
        (404, Code::NotFound, "RESOURCE_NOT_FOUND"),
        (422, Code::InvalidArgument, "VENDOR_REFUSED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
    ] {
        for (body, words) in [(problem, "the words"), ("plain words", "plain words")] {
            rig.sandbox.clear_requests();
            rig.answer(PUT, status, body);
            let metadata = failed(&update(&rig, example()).await.expect_err("refused"), code, reason);
            assert_eq!((&*metadata["vendor_message"], &metadata["http_status"]), (words, &status.to_string()));
            assert_eq!((&*metadata["outcome"], &*metadata["operation"]), ("REFUSED", "PUT /phones/{id}"));
            assert_eq!(rig.requests(PUT).len(), 1, "{status} is not repeated");
        }
    }
}

async fn what_lox24_may_have_done_is_unknown_and_not_repeated() {
    let rig = Rig::vendor("lox24").await;
    let broken = |code| Fault::Status { code, retry_after: None, body: None };
    for fault in [
        broken(StatusCode::INTERNAL_SERVER_ERROR),
        broken(StatusCode::BAD_GATEWAY),
        broken(StatusCode::SERVICE_UNAVAILABLE),
        broken(StatusCode::GATEWAY_TIMEOUT),
        Fault::CutAfter,
        Fault::Garbage,
    ] {
        rig.sandbox.clear_requests();
        rig.fault(PUT, fault);
        failed(&update(&rig, example()).await.expect_err("who knows"), Code::Unknown, "OUTCOME_UNKNOWN");
        assert_eq!(rig.requests(PUT).len(), 1);
    }
}

async fn a_lock_out_is_not_asked_again_however_soon_it_may_end() {
    let rig = Rig::vendor("lox24").await;
    let code = StatusCode::TOO_MANY_REQUESTS;
    rig.fault(PUT, Fault::Status { code, retry_after: Some(1), body: None });
    let status = update(&rig, example()).await.expect_err("locked out");
    failed(&status, Code::ResourceExhausted, "RATE_LIMITED");
    let retry = status.get_error_details().retry_info().and_then(|retry| retry.retry_delay);
    assert_eq!((retry.map(|delay| delay.as_secs()), rig.requests(PUT).len()), (Some(1), 1));
}

async fn while_a_lock_out_lasts_lox24_is_not_asked_for_anybody() {
    let rig = Rig::vendor("lox24").await;
    let code = StatusCode::TOO_MANY_REQUESTS;
    let wait = |status: &tonic::Status| {
        let retry = status.get_error_details().retry_info().and_then(|retry| retry.retry_delay);
        retry.expect("how long to wait").as_secs_f64()
    };
    for _ in 0..3 {
        rig.answer(PUT, 401, "");
        update(&rig, example()).await.expect_err("a bad login");
    }
    // It says for how long.
    rig.fault(PUT, Fault::Status { code, retry_after: Some(1), body: None });
    let status = update(&rig, example()).await.expect_err("locked out");
    assert_eq!(failed(&status, Code::ResourceExhausted, "RATE_LIMITED")["outcome"], "REFUSED");
    tokio::time::sleep(std::time::Duration::from_secs_f64(wait(&status) + 0.01)).await;
    update(&rig, example()).await.expect("it is over");

    // It does not: ten minutes, whosever token it is.
    rig.sandbox.clear_requests();
    rig.fault(PUT, Fault::Status { code, retry_after: None, body: None });
    assert_eq!(wait(&update(&rig, example()).await.expect_err("locked out")), 600.0);
    let mut own = Request::new(UpdateContactRequest { contact: Some(example()) });
    own.metadata_mut().insert(CREDENTIAL_KEY, "1234567:sandbox-key".parse().unwrap());
    let status = send(&rig, own).await.expect_err("not asked");
    assert_eq!(failed(&status, Code::ResourceExhausted, "RATE_LIMITED")["outcome"], "NOT_SENT");
    assert!(wait(&status) > 0.0 && wait(&status) <= 600.0, "{status:?}");
    assert_eq!(rig.requests(PUT).len(), 1);

    // A changed configuration is a reason to try.
    rig.reload("", "attempt_timeout = '10s'").await;
    update(&rig, example()).await.expect("asked");
}

async fn a_bad_token_costs_one_login_per_call() {
    let rig = Rig::of("lox24", "", "token = '1234567:wrong-key'").await;
    for _ in 0..3 {
        let status = update(&rig, example()).await.expect_err("a bad token");
        failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    }
    failed(&update(&rig, example()).await.expect_err("locked out"), Code::ResourceExhausted, "RATE_LIMITED");
    assert_eq!(rig.requests(PUT).len(), 4);
}

async fn a_caller_may_bring_a_token_and_a_bad_one_is_its_own_to_mend() {
    let rig = Rig::of("lox24", "", "token = '1234567:not-this-one'").await;
    let with = |token: &str| {
        let mut request = Request::new(UpdateContactRequest { contact: Some(example()) });
        request.metadata_mut().insert(CREDENTIAL_KEY, token.parse().unwrap());
        request
    };
    assert_eq!(send(&rig, with("1234567:sandbox-key")).await.expect("updated").name, NAME);
    let status = send(&rig, with("1234567:wrong-key")).await.expect_err("refused");
    failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
    assert_eq!(rig.requests(PUT).len(), 2);
    // What cannot be right is not sent: it would count as a bad login of this address.
    let status = send(&rig, with("no-token")).await.expect_err("malformed");
    assert_eq!(failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED")["outcome"], "NOT_SENT");
    assert_eq!(rig.requests(PUT).len(), 2);
}
