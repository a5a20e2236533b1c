//! Logins: one for all who wait, renewed once, and whose fault it is when they fail.

use std::time::Instant;

use futures::future::join_all;
use http::{Method, StatusCode};
use smsmux::{
    api::pb::{
        CreateAccessTokenRequest, CreateSessionRequest, GetMessageRequest, VerifySessionRequest,
        auth_service_client::AuthServiceClient,
    },
    call::CREDENTIAL_KEY,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request};
use tonic_types::StatusExt;

use crate::support::{Rig, failed, long_enough, message};

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
    assert_eq!((metadata["operation"].as_str(), metadata["outcome"].as_str()), ("GET /login", "NOT_SENT"));
    assert_eq!(rig.requests("POST /sms").len(), 0);
}

#[tokio::test]
async fn fifty_calls_on_a_refused_login_cause_one_login_and_a_new_password_is_tried_at_once() {
    let rig = Rig::with("", "username = 'sandbox'\npassword = 'wrong-password'").await;
    let start = Instant::now();
    for status in join_all((0..50).map(|_| rig.send())).await {
        let status = status.expect_err("refused");
        failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
        assert!(status.get_error_details().retry_info().is_some());
    }
    // The next login is due after a second, which some machines need for all of this.
    let logins = rig.requests("GET /login").len() as u64;
    assert!(logins <= 1 + start.elapsed().as_secs(), "{logins} logins");
    rig.reload("", "username = 'sandbox'\npassword = 'sandbox-password'").await;
    rig.send().await.expect("sent");
}

/// What proxies and vendors in trouble answer in the place of a login, most of them with 200.
const NO_LOGINS: &[&str] = &[
    "",
    ";",
    "UK",
    "UK;",
    ";SK",
    "UK;SK;",
    "UK;SK;more",
    "UK; SK",
    "UK;S K",
    "UK;SK\r\nUK;SK",
    "UK;S\u{0}K",
    "UK;S\u{7}K",
    "UK;S\u{e9}K",
    "UK;S\u{200b}K",
    "<html>\n<body>Down for maintenance;&nbsp;please wait</body></html>",
    "<html><body>Down&nbsp;for&nbsp;maintenance</body></html>",
    "<!DOCTYPE html><title>502;Bad</title>",
    "<?xml version='1.0'?><error>a;b</error>",
    r#"{"error":"a;b"}"#,
    r#"{"user_key":"UK","session_key":"SK;"}"#,
    r#"["UK;SK"]"#,
    "Down for maintenance; please wait",
    "null",
];

#[tokio::test]
async fn what_is_no_login_is_never_used_as_one_and_no_credential_is_blamed_for_it() {
    let long = format!("UK;{}", "K".repeat(70_000));
    for login in ["session", "token"] {
        let rig =
            Rig::with("", &format!("login = '{login}'\nusername = 'sandbox'\npassword = 'sandbox-password'")).await;
        let operation = if login == "session" { "GET /login" } else { "GET /token" };
        for page in NO_LOGINS.iter().chain([&long.as_str()]) {
            rig.answer(operation, 200, page);
            let status = rig.send().await.expect_err(page);
            let metadata = failed(&status, Code::Internal, "VENDOR_REPLY_UNREADABLE");
            assert_eq!(
                (metadata["operation"].as_str(), metadata["outcome"].as_str()),
                (operation, "NOT_SENT"),
                "{page}"
            );
        }
        assert_eq!(rig.requests("POST /sms").len(), 0);
        // A page is not remembered: whoever comes after it logs in.
        rig.send().await.expect("sent");
    }
}

#[tokio::test]
async fn a_login_answered_by_a_proxy_blames_no_credential() {
    let rig = Rig::smsend().await;
    for (status, page) in [
        (401, "<html><title>Unauthorized</title></html>"),
        (404, "\n<!DOCTYPE html><html><h1>404 Not Found</h1></html>"),
        (403, "<html>Access denied</html>"),
        (400, "<html>Plain HTTP request sent to an HTTPS port</html>"),
        (404, r#"{"message": "no Route matched with those values"}"#),
        (401, "[]"),
        (418, "teapot"),
    ] {
        rig.answer("GET /login", status, page);
        let metadata = failed(&rig.send().await.expect_err(page), Code::Internal, "VENDOR_REPLY_UNREADABLE");
        assert_eq!(
            (metadata["outcome"].as_str(), metadata["http_status"].as_str()),
            ("NOT_SENT", &*status.to_string())
        );
    }
    assert_eq!(rig.requests("POST /sms").len(), 0);
    rig.send().await.expect("sent");
}

#[tokio::test]
async fn the_keys_of_a_login_are_read_with_a_byte_order_mark_quotes_and_a_line_end() {
    for login in ["UK;SK", "\u{feff}UK;SK", "\"UK;SK\"", "\u{feff}\"UK;SK\"\r\n", " UK;SK\n", "UK;SK==/+-_.~:"] {
        let rig = Rig::smsend().await;
        rig.answer("GET /login", 200, login);
        rig.answer("POST /sms", 201, r#"{"result": "OK", "order_id": "1", "total_sent": 1}"#);
        rig.send().await.expect(login);
        let sent = &rig.requests("POST /sms")[0];
        let key = sent.header("session_key").unwrap();
        assert_eq!((sent.header("user_key"), key.trim_end_matches("==/+-_.~:")), (Some("UK"), "SK"), "{login}");
    }
}

#[tokio::test]
async fn a_session_that_another_holder_of_the_account_ends_again_and_again_costs_no_send() {
    let rig = Rig::smsend().await;
    // Each request of the first five meets a session that was ended by another login.
    rig.faults("POST /sms", unauthorized(), 5);
    rig.send().await.expect("sent");
    assert_eq!(rig.requests("GET /login").len(), 6);
    let accepted = rig.requests("POST /sms").iter().filter(|r| r.status == Some(201)).count();
    assert_eq!((accepted, rig.requests("POST /sms").len()), (1, 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_gateways_that_share_an_account_with_one_session_send_all_they_are_given() {
    let one = Rig::smsend().await;
    let body = serde_json::json!({"one_at_a_time": true});
    assert!(one.sandbox.control(Method::PUT, "/sessions", &body).await.0.is_success());
    let address = one.sandbox.base_url();
    let two =
        Rig::with("", &format!("base_url = '{address}'\nusername = 'sandbox'\npassword = 'sandbox-password'")).await;
    // The login of the second ends the session of the first.
    one.send().await.expect("sent");
    two.send().await.expect("sent");
    let sends = [&one, &two, &one, &two].map(|rig| async {
        for _ in 0..40 {
            rig.send().await.expect("sent");
        }
    });
    join_all(sends).await;
    let sent = one.requests("POST /sms");
    let answered = |status| sent.iter().filter(|r| r.status == Some(status)).count();
    assert_eq!(answered(201), 162);
    assert!(answered(401) > 0);
}

#[tokio::test]
async fn a_session_that_never_lasts_is_the_vendor_s_trouble_and_nothing_was_sent() {
    let rig = Rig::smsend().await;
    rig.faults("POST /sms", unauthorized(), 0);
    let status = long_enough(async |time| {
        let status = rig.send_within(time).await.expect_err("never sent");
        (status.code() != Code::DeadlineExceeded).then_some(status)
    });
    let status = status.await;
    let metadata = failed(&status, Code::Unavailable, "VENDOR_UNAVAILABLE");
    assert_eq!((metadata["outcome"].as_str(), metadata["http_status"].as_str()), ("NOT_SENT", "401"));
    assert_eq!((metadata["operation"].as_str(), metadata["vendor_message"].as_str()), ("POST /sms", "no such session"));
    assert!(status.get_error_details().retry_info().is_some());
}

/// The answer to a request whose session has ended.
fn unauthorized() -> Fault {
    let body = Some(r#"{"result": "no such session"}"#.to_owned());
    Fault::Status { code: StatusCode::UNAUTHORIZED, retry_after: None, body }
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
    request.metadata_mut().insert(CREDENTIAL_KEY, session.credential.parse().unwrap());
    rig.messages().send_message(request).await.expect("sent");
    let sent = &rig.requests("POST /sms")[0];
    assert_eq!(sent.header("session_key"), Some(session.session_key.as_str()));
    assert_eq!(sent.header("user_key"), Some(session.user_key.as_str()));
    assert_eq!(rig.requests("GET /login").len(), 1, "the gateway itself did not log in");

    let verify = |credential: &str| {
        let mut request = Request::new(VerifySessionRequest { name: PARENT.to_owned() });
        request.metadata_mut().insert(CREDENTIAL_KEY, credential.parse().unwrap());
        request
    };
    assert!(auth.verify_session(verify(&session.credential)).await.expect("an answer").into_inner().valid);
    rig.sandbox.expire_sessions();
    assert!(!auth.verify_session(verify(&session.credential)).await.expect("an answer").into_inner().valid);

    // A caller's own session is not ours to renew.
    let mut request = Request::new(message());
    request.metadata_mut().insert(CREDENTIAL_KEY, session.credential.parse().unwrap());
    let status = rig.messages().send_message(request).await.expect_err("expired");
    failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
    assert_eq!(rig.requests("GET /login").len(), 1);
}

#[tokio::test]
async fn a_caller_s_credential_that_smsend_cannot_have_given_is_refused_before_anything_is_sent() {
    let rig = Rig::smsend().await;
    for credential in NO_LOGINS.iter().filter(|text| text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')) {
        let mut request = Request::new(message());
        request.metadata_mut().insert(CREDENTIAL_KEY, credential.parse().unwrap());
        let status = rig.messages().send_message(request).await.expect_err(credential);
        let metadata = failed(&status, Code::Unauthenticated, "CALLER_CREDENTIAL_REFUSED");
        assert_eq!(metadata["outcome"], "NOT_SENT");
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
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
    request.metadata_mut().insert(CREDENTIAL_KEY, "session:a;b".parse().unwrap());
    let status = rig.messages().get_message(request).await.expect_err("not allowed");
    failed(&status, Code::PermissionDenied, "CALLER_CREDENTIAL_NOT_ALLOWED");
}
