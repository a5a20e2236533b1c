//! Logins: one for all who wait, renewed once, and whose fault it is when they fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use futures::future::join_all;
use smsmux::{
    credential::METADATA_KEY,
    pb::{
        CreateAccessTokenRequest, CreateSessionRequest, GetMessageRequest, VerifySessionRequest,
        auth_service_client::AuthServiceClient,
    },
};
use support::{Rig, failed, message};
use tonic::{Code, Request};

const PARENT: &str = "accounts/smsend";

#[tokio::test]
async fn fifty_calls_on_an_expired_session_cause_one_login() {
    let rig = Rig::smsend().await;
    let name = rig.send().await.expect("sent").name;
    assert_eq!(rig.requests("GET /login").len(), 1);
    rig.sandbox.expire_sessions();
    let calls = (0..50).map(|_| {
        let (mut messages, name) = (rig.messages(), name.clone());
        async move { messages.get_message(GetMessageRequest { name }).await }
    });
    assert!(join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(rig.requests("GET /login").len(), 2);
}

#[tokio::test]
async fn an_expired_session_in_a_burst_of_sends_sends_each_message_once() {
    let rig = Rig::smsend().await;
    rig.send().await.expect("sent");
    rig.sandbox.expire_sessions();
    let sends = join_all((0..20).map(|_| rig.send())).await;
    assert!(sends.iter().all(Result::is_ok));
    let accepted = rig.requests("POST /sms").iter().filter(|r| r.status == Some(201)).count();
    assert_eq!((accepted, rig.requests("GET /login").len()), (21, 2));
}

#[tokio::test]
async fn a_wrong_configured_password_is_the_operator_s_to_mend() {
    let rig = Rig::with("", "username = 'sandbox'\npassword = 'wrong-password'").await;
    let status = rig.send().await.expect_err("refused");
    let metadata = failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    assert_eq!(metadata["operation"], "GET /login");
    assert_eq!(rig.requests("POST /sms").len(), 0);
}

#[tokio::test]
async fn an_access_token_is_used_in_its_own_header_and_never_renewed() {
    let rig = Rig::with("", "login = 'token'\nusername = 'sandbox'\npassword = 'sandbox-password'").await;
    rig.send().await.expect("sent");
    let sent = &rig.requests("POST /sms")[0];
    assert!(sent.header("access_token").is_some() && sent.header("session_key").is_none());
    assert_eq!((rig.requests("GET /token").len(), rig.requests("GET /login").len()), (1, 0));
}

#[tokio::test]
async fn a_caller_may_log_in_and_bring_its_own_session() {
    let rig = Rig::smsend().await;
    let mut auth = AuthServiceClient::new(rig.channel.clone());
    let login = CreateSessionRequest {
        parent: PARENT.to_owned(),
        username: "sandbox".to_owned(),
        password: "sandbox-password".to_owned(),
    };
    let session = auth.create_session(login).await.expect("a session").into_inner();
    let mut request = Request::new(message());
    request.metadata_mut().insert(METADATA_KEY, session.credential.parse().unwrap());
    rig.messages().send_message(request).await.expect("sent");
    let sent = &rig.requests("POST /sms")[0];
    assert_eq!(sent.header("session_key"), Some(session.session_key.as_str()));
    assert_eq!(sent.header("user_key"), Some(session.user_key.as_str()));
    assert_eq!(rig.requests("GET /login").len(), 1, "the gateway itself did not log in");

    let verify = |credential: &str| {
        let mut request = Request::new(VerifySessionRequest { name: PARENT.to_owned() });
        request.metadata_mut().insert(METADATA_KEY, credential.parse().unwrap());
        request
    };
    assert!(auth.verify_session(verify(&session.credential)).await.expect("an answer").into_inner().valid);
    rig.sandbox.expire_sessions();
    assert!(!auth.verify_session(verify(&session.credential)).await.expect("an answer").into_inner().valid);

    // A caller's own session is not ours to renew.
    let mut request = Request::new(message());
    request.metadata_mut().insert(METADATA_KEY, session.credential.parse().unwrap());
    let status = rig.messages().send_message(request).await.expect_err("expired");
    failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
    assert_eq!(rig.requests("GET /login").len(), 1);
}

#[tokio::test]
async fn a_caller_s_wrong_password_is_its_own_to_mend() {
    let rig = Rig::smsend().await;
    let mut auth = AuthServiceClient::new(rig.channel.clone());
    let request = CreateAccessTokenRequest {
        parent: PARENT.to_owned(),
        username: "sandbox".to_owned(),
        password: "wrong".to_owned(),
    };
    let status = auth.create_access_token(request).await.expect_err("refused");
    failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");

    let nothing = CreateSessionRequest { parent: PARENT.to_owned(), ..CreateSessionRequest::default() };
    let status = auth.create_session(nothing).await.expect_err("two faults");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
    assert!(status.message().contains("username") && status.message().contains("password"));
}

#[tokio::test]
async fn a_caller_s_credential_needs_the_account_s_permission() {
    let rig = Rig::with("[accounts.closed]\nvendor = 'smsend'\nusername = 'u'\npassword = 'p'", "").await;
    let mut request = Request::new(GetMessageRequest { name: "accounts/closed/messages/1".to_owned() });
    request.metadata_mut().insert(METADATA_KEY, "session:a;b".parse().unwrap());
    let status = rig.messages().get_message(request).await.expect_err("not allowed");
    failed(&status, Code::PermissionDenied, "CALLER_CREDENTIAL_NOT_ALLOWED");
}
