//! What IP1SMS refuses, and what we refuse for it.

use libtest_mimic::Trial;
use smsmux::api::pb::PhoneServiceSettings;
use smsmux_sandbox::Fault;
use tonic::{Code, Request};

use super::{
    PUT,
    number::{call, request, settings},
};
use crate::support::{Rig, failed, violations};

pub fn tests() -> Vec<Trial> {
    tests![
        errors,
        whose_credential_it_was_decides_what_a_401_means,
        a_lost_reply_is_told_and_the_settings_are_not_sent_again,
        bad_input_is_answered_with_every_violation_and_no_request,
    ]
}

async fn errors() {
    let rig = Rig::vendor("ip1sms").await;
    for (status, body, code, reason, words) in [
        (400, r#"{"Message": "Bad e-mail"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "Bad e-mail"),
        (400, "", Code::InvalidArgument, "VENDOR_REFUSED", ""),
        (401, "", Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED", ""),
        (403, r#"{"message": "No credit"}"#, Code::ResourceExhausted, "NO_CREDIT", "No credit"),
        (404, "no virtual phone", Code::NotFound, "RESOURCE_NOT_FOUND", "no virtual phone"),
        (409, r#"{"title": "Conflict"}"#, Code::Unknown, "OUTCOME_UNKNOWN", r#"{"title": "Conflict"}"#),
        (400, r#"{"detail": "No", "title": "Error"}"#, Code::InvalidArgument, "VENDOR_REFUSED", "No"),
        (418, r#"{"unknown": 1}"#, Code::Unknown, "OUTCOME_UNKNOWN", r#"{"unknown": 1}"#),
        (429, "slow down", Code::ResourceExhausted, "RATE_LIMITED", "slow down"),
        (500, "oops", Code::Unknown, "OUTCOME_UNKNOWN", "oops"),
        // It has been set, and nobody can tell to what.
        (200, "[]", Code::Unknown, "OUTCOME_UNKNOWN", ""),
    ] {
        rig.answer(PUT, status, body);
        let error = call(&rig, request(Some(settings()))).await.expect_err(body);
        let metadata = failed(&error, code, reason);
        assert_eq!(metadata.get("vendor_message").map_or("", String::as_str), words, "{status} {body}");
        assert_eq!((metadata["operation"].as_str(), metadata["http_status"].as_str()), (PUT, &*status.to_string()));
    }
    assert_eq!(rig.requests(PUT).len(), 11, "none was repeated");
}

async fn whose_credential_it_was_decides_what_a_401_means() {
    let rig = Rig::of("ip1sms", "", "username = 'ip1-12345'\napi_key = 'wrong'").await;
    let error = call(&rig, request(Some(settings()))).await.expect_err("a wrong key");
    failed(&error, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    for (credential, asked) in [("ip1-12345:wrong", 2), ("wrong", 3), ("", 3)] {
        let mut request = Request::new(request(Some(settings())));
        request.metadata_mut().insert("smsmux-credential", credential.parse().unwrap());
        let error = call(&rig, request).await.expect_err(credential);
        failed(&error, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
        assert_eq!(rig.requests(PUT).len(), asked, "{credential:?}");
    }
}

async fn a_lost_reply_is_told_and_the_settings_are_not_sent_again() {
    let rig = Rig::vendor("ip1sms").await;
    for (n, fault) in [Fault::CutBefore, Fault::CutAfter, Fault::Truncate].into_iter().enumerate() {
        rig.fault(PUT, fault.clone());
        let error = call(&rig, request(Some(settings()))).await.expect_err("lost");
        assert_eq!(failed(&error, Code::Unknown, "OUTCOME_UNKNOWN")["outcome"], "UNKNOWN", "{fault:?}");
        assert_eq!(rig.requests(PUT).len(), n + 1, "{fault:?}");
    }
}

async fn bad_input_is_answered_with_every_violation_and_no_request() {
    let rig = Rig::vendor("ip1sms").await;
    let with = |email: &str, callback_url: &str| {
        let (email, callback_url) = (Some(email.to_owned()), Some(callback_url.to_owned()));
        request(Some(PhoneServiceSettings { email, plain_email: true, callback_url }))
    };
    let elsewhere = |mut request: smsmux::api::pb::UpdatePhoneServiceSettingsRequest| {
        request.name = "accounts/ip1sms/numbers/+46701234567".to_owned();
        request
    };
    let all = ["name", "settings.callback_url", "settings.email"];
    for (request, fields) in [
        (elsewhere(with("nobody", "example.com")), &all[..]),
        // To have none is to leave it out.
        (with("", ""), &all[1..]),
        (elsewhere(request(None)), &["name", "settings"]),
    ] {
        violations(&call(&rig, request).await.expect_err("bad input"), fields);
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
