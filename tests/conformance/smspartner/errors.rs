//! What SMSPartner's verdicts become.

use http::StatusCode;
use libtest_mimic::Trial;
use smsmux::call::CREDENTIAL_KEY;
use smsmux_sandbox::Fault;
use tonic::{Code, Request};

use super::stop_list::{DELETE, delete, request, send};
use crate::support::{Rig, failed};

pub fn tests() -> Vec<Trial> {
    tests![
        every_documented_code_and_unknown_ones_have_their_reason_in_json_and_in_xml,
        a_refusal_without_a_code_keeps_its_words,
        an_answer_that_settles_nothing_leaves_the_outcome_unknown_and_nothing_is_repeated,
        a_key_that_is_refused_is_its_owner_s_to_mend_and_is_told_to_nobody,
    ]
}

async fn every_documented_code_and_unknown_ones_have_their_reason_in_json_and_in_xml() {
    let rig = Rig::vendor("smspartner").await;
    for (number, code, reason) in [
        (1, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (2, Code::InvalidArgument, "VENDOR_REFUSED"),
        (3, Code::InvalidArgument, "VENDOR_REFUSED"),
        (4, Code::NotFound, "RESOURCE_NOT_FOUND"),
        (10, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (11, Code::ResourceExhausted, "NO_CREDIT"),
        (20, Code::PermissionDenied, "VENDOR_DENIED"),
        (30, Code::PermissionDenied, "VENDOR_DENIED"),
        (40, Code::PermissionDenied, "VENDOR_DENIED"),
        (96, Code::PermissionDenied, "VENDOR_DENIED"),
        (12345, Code::InvalidArgument, "VENDOR_REFUSED"),
    ] {
        let json = format!(r#"{{"success": false, "code": {number}, "message": "Clé API incorrecte"}}"#);
        let texts = format!(r#"{{"success": "false", "code": "{number}", "message": "Clé API incorrecte"}}"#);
        let xml = format!(
            "<?xml version='1.0' encoding='UTF-8'?>\n<result> <entry>false</entry> <entry>{number}</entry> \
             <entry>Clé API incorrecte</entry> </result>"
        );
        for (status, body) in [(200, &json), (400, &json), (200, &texts), (200, &xml)] {
            rig.answer(DELETE, status, body);
            let metadata = failed(&delete(&rig, "300").await.expect_err("refused"), code, reason);
            assert_eq!(
                (&*metadata["vendor_code"], &*metadata["vendor_message"]),
                (&*number.to_string(), "Clé API incorrecte")
            );
            assert_eq!((&metadata["http_status"], &*metadata["outcome"]), (&status.to_string(), "REFUSED"));
        }
    }
}

async fn a_refusal_without_a_code_keeps_its_words() {
    let rig = Rig::vendor("smspartner").await;
    for (status, body, words) in [
        (200, r#"{"success": false, "message": "Non"}"#, "Non"),
        (403, r#"{"success": false, "message": ["Non", "plus"]}"#, "Non; plus"),
        (200, r#"{"success": "0", "errors": [{"elementId": "id", "message": "Non"}]}"#, "elementId: id; message: Non"),
        (400, "Bad Request", "Bad Request"),
    ] {
        rig.answer(DELETE, status, body);
        let metadata = failed(&delete(&rig, "300").await.expect_err(body), Code::InvalidArgument, "VENDOR_REFUSED");
        assert_eq!((&*metadata["vendor_message"], metadata.get("vendor_code")), (words, None));
    }
}

async fn an_answer_that_settles_nothing_leaves_the_outcome_unknown_and_nothing_is_repeated() {
    let rig = Rig::vendor("smspartner").await;
    let answer = |code, body: &str| Fault::Status { code, retry_after: None, body: Some(body.to_owned()) };
    for fault in [
        answer(StatusCode::OK, ""),
        answer(StatusCode::OK, "{}"),
        answer(StatusCode::OK, "<html>Bienvenue</html>"),
        answer(StatusCode::OK, r#"{"success": true, "code": 4}"#),
        answer(StatusCode::OK, r#"{"success": false, "code": 200}"#),
        answer(StatusCode::BAD_REQUEST, r#"{"success": true, "code": 200}"#),
        answer(StatusCode::FORBIDDEN, "<html>Forbidden"),
        answer(StatusCode::NOT_FOUND, r#"{"status": 404}"#),
        answer(StatusCode::BAD_GATEWAY, ""),
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Truncate,
        Fault::Garbage,
    ] {
        rig.sandbox.clear_requests();
        rig.fault(DELETE, fault.clone());
        let status = delete(&rig, "300").await.expect_err("who knows");
        assert_eq!(failed(&status, Code::Unknown, "OUTCOME_UNKNOWN")["outcome"], "UNKNOWN", "{fault:?}");
        assert_eq!(rig.requests(DELETE).len(), 1, "{fault:?}");
    }
}

async fn a_key_that_is_refused_is_its_owner_s_to_mend_and_is_told_to_nobody() {
    let rig = Rig::of("smspartner", "", "api_key = 'wrong-key'").await;
    let status = delete(&rig, "300").await.expect_err("refused");
    let metadata = failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    assert_eq!((&*metadata["vendor_code"], &*metadata["vendor_message"]), ("10", "Clé API incorrecte"));

    let with = |key: &str| {
        let mut request = Request::new(request("300"));
        request.metadata_mut().insert(CREDENTIAL_KEY, key.parse().unwrap());
        request
    };
    rig.answer(DELETE, 200, r#"{"success": false, "code": 10, "message": "Clé callers-key incorrecte"}"#);
    let status = send(&rig, with("callers-key")).await.expect_err("refused");
    let metadata = failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
    assert_eq!(metadata["vendor_message"], "Clé *** incorrecte");
    send(&rig, with("sandbox-api-key")).await.expect("deleted");
    let asked = rig.requests(DELETE).len();
    let status = send(&rig, with("")).await.expect_err("empty");
    assert_eq!(failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED")["outcome"], "NOT_SENT");
    assert_eq!(rig.requests(DELETE).len(), asked);
}
