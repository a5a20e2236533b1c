//! No secret, no phone number and no text of a message is in a log, in an error or in what Debug prints.
//!
//! One test, because the log is the process's: everything is driven once with every crate's log wide open, and then
//! nothing that was seen on the wire may be found in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use smsmux::{
    api::pb::{
        CreateAccessTokenRequest, CreateSessionRequest, GetMessageRequest, ResetPasswordRequest, SendMessageRequest,
        VerifySessionRequest, auth_service_client::AuthServiceClient,
    },
    config::{Config, Secret},
    vendors,
};
use smsmux_sandbox::Fault;
use support::{HASTY, Rig, message, refusing};
use tonic::{Code, Request, Status};
use tracing_subscriber::fmt::MakeWriter;

/// What smSend's stand-in accepts until it is changed.
const PASSWORD: &str = "sandbox-password";

/// Changes its look when it is encoded for a URL, for JSON and for HTML.
const NEW_PASSWORD: &str = "n3w \"p&ss\" wörd";

const WRONG_PASSWORD: &str = "wr0ng p@ss+wörd";

/// None that our own messages have for an example.
const NUMBER: &str = "+393479988776";

const TEXT: &str = "Perché no, marmotta?";

#[tokio::test]
async fn nothing_tells_a_secret_a_number_or_a_text() {
    let log = Log::start();
    // Most of the time is spent waiting for time limits of gateways that have nothing in common.
    let (sent, rejected, refused, pushed) = tokio::join!(sends(), rejections(), refusals(), pushes());
    let mut seen = Seen::default();
    seen.secrets(&[PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, &WRONG_PASSWORD.replace('ö', "o")]);
    for Seen { secrets, statuses } in [sent, rejected, refused, pushed] {
        seen.secrets.extend(secrets);
        seen.statuses.extend(statuses);
    }

    let log = log.text();
    // Wide open: these are told at TRACE and DEBUG alone.
    for part in ["TRACE", "DEBUG", "POST /sms", "smsmux.v1.MessageService/SendMessage"] {
        assert!(log.contains(part), "no {part:?} in the log");
    }
    assert!(seen.statuses.len() > 25, "{}", seen.statuses.len());
    for key in ["SANDBOX-USER", "SANDBOX-SESSION-1", "SANDBOX-SESSION-2"] {
        assert!(seen.secrets.iter().any(|s| s == key), "{key} in {:?}", seen.secrets);
    }
    let private = [NUMBER.trim_start_matches('+').to_owned(), "marmotta".to_owned()];
    let mut leaks = BTreeSet::new();
    for word in seen.secrets.iter().chain(&private) {
        for form in spellings(word) {
            let lines = log.lines().filter(|line| line.contains(&form));
            // The line's level and origin will do, and its length is not for people to read.
            leaks.extend(lines.map(|line| format!("{form:?} in the log: {:.300}", line.get(28..).unwrap_or(line))));
            let statuses = seen.statuses.iter().filter(|status| status.contains(&form));
            leaks.extend(statuses.map(|status| format!("{form:?} in {status:.500}")));
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {:#?}", leaks.len(), leaks.iter().take(20).collect::<Vec<_>>());
}

#[test]
fn debug_of_a_configuration_tells_no_secret() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "hunter2-of-a-file").unwrap();
    let table = format!(
        "[accounts.a]\nvendor = 'smsend'\nusername = 'me'\npassword = 'hunter2'\n\
         [accounts.b]\nvendor = 'smsend'\nusername = 'me'\npassword = {{ file = '{}' }}\n\
         [accounts.c]\nvendor = 'smsend'\ntoken = 'UK;hunter2'\n",
        file.path().display()
    );
    let mut problems = Vec::new();
    let mut config = Config::new(table.parse().unwrap(), &mut problems);
    let mut told = format!("{config:?}");
    let key = config.accounts.get_mut("a").unwrap().keys.optional::<Secret>("password", &mut problems);
    told += &format!("{key:?}");
    let mut config = Config::new(table.parse().unwrap(), &mut problems);
    let vendors = vendors::connect(&mut config, &mut problems);
    assert_eq!((problems.len(), vendors.len()), (0, 3), "{problems:?}");
    told += &format!("{config:?} {}", config.effective());
    assert!(told.contains("smsend"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

/// What goes well and what fails at a vendor that is there.
async fn sends() -> Seen {
    let (rig, mut seen) = (Rig::hasty().await, Seen::default());
    messages_and_sessions(&rig, &mut seen).await;
    caller_credentials(&rig, &mut seen).await;
    failures(&rig, &mut seen).await;
    reset_password(&rig, &mut seen).await;
    seen.wire(&rig);
    seen
}

/// A password that the vendor rejects.
async fn rejections() -> Seen {
    let mut seen = Seen::default();
    let wrong = format!("username = 'sandbox'\npassword = '{WRONG_PASSWORD}'\n{HASTY}");
    let wrong = Rig::with("", &wrong).await;
    seen.failure(send(&wrong).await, Code::FailedPrecondition);
    repeated_by_the_login(&wrong, &mut seen).await;
    seen.wire(&wrong);
    seen
}

/// A vendor that is not there.
async fn refusals() -> Seen {
    let mut seen = Seen::default();
    let (nobody, _socket) = refusing();
    let refused = Rig::with("", &format!("base_url = 'http://{nobody}'")).await;
    seen.failure(send(&refused).await, Code::Unavailable);
    seen
}

/// What vendors push, with the right token and with wrong ones, over HTTP/1.1 and HTTP/2.
async fn pushes() -> Seen {
    const TOKENS: [&str; 2] = ["t0ken-of-the-webhook-0123456789abcdef", "an0ther-token-of-the-webhook-012345678"];
    let mut seen = Seen::default();
    seen.secrets(&[TOKENS[0], TOKENS[1], "s3cret-of-the-pushes"]);
    let sections = "[webhooks]\nlisten = '127.0.0.1:0'\npublic_url = 'http://127.0.0.1:1'";
    let keys =
        format!("webhook_tokens = '{}'\npush_secret = 's3cret-of-the-pushes'\nwebhook_register = true", TOKENS[0]);
    let rig = Rig::of("intelepeer", sections, &(keys + "\nwebhook_numbers = ['+17208675310']")).await;
    rig.requested(1, "POST /sms/v1/+17208675310/webhook").await;
    let sms = |signature: &str| {
        format!(
            r#"{{"refid": "SM1", "from": "{NUMBER}", "to": "+17208675310", "message": "{TEXT}", "signature": "{signature}"}}"#
        )
    };
    for http2 in [false, true] {
        let client = Client::builder(TokioExecutor::new()).http2_only(http2).build_http();
        for (token, body, status) in [
            (TOKENS[0], sms("00"), 403),
            (TOKENS[0], sms("s3cret-of-the-pushes"), 403),
            (TOKENS[0], format!("{TEXT} {NUMBER}"), 200),
            (TOKENS[1], sms(""), 404),
        ] {
            let uri = format!("http://{}/intelepeer/{token}", rig.webhooks.unwrap());
            let request = http::Request::post(uri).body(Full::new(Bytes::from(body))).unwrap();
            assert_eq!(client.request(request).await.unwrap().status().as_u16(), status);
        }
    }
    seen
}

async fn messages_and_sessions(rig: &Rig, seen: &mut Seen) {
    let name = send(rig).await.expect("sent");
    rig.sandbox.expire_sessions();
    let mut messages = rig.messages();
    let request = GetMessageRequest { name };
    messages.get_message(request).await.expect("by a renewed session");
    seen.failure(send_to("not a number", rig).await, Code::InvalidArgument);
}

async fn caller_credentials(rig: &Rig, seen: &mut Seen) {
    let mut auth = AuthServiceClient::new(rig.channel.clone());
    let session = auth
        .create_session(CreateSessionRequest {
            parent: "accounts/smsend".to_owned(),
            username: "sandbox".to_owned(),
            password: PASSWORD.to_owned(),
        })
        .await
        .expect("a session")
        .into_inner();
    let token = auth
        .create_access_token(CreateAccessTokenRequest {
            parent: "accounts/smsend".to_owned(),
            username: "sandbox".to_owned(),
            password: PASSWORD.to_owned(),
        })
        .await
        .expect("a token")
        .into_inner();
    seen.secrets(&[&session.session_key, &session.user_key, &token.access_token, "UNKNOWN-KEY", "NO-SEMICOLON"]);
    for credential in [&session.credential, &token.credential] {
        rig.messages().send_message(with_credential(message(), credential)).await.expect("sent");
        let verify = VerifySessionRequest { name: "accounts/smsend".to_owned() };
        auth.verify_session(with_credential(verify, credential)).await.expect("verified");
    }
    for bad in ["session:SANDBOX-USER;UNKNOWN-KEY", "NO-SEMICOLON"] {
        let answer = rig.messages().send_message(with_credential(message(), bad)).await;
        seen.failure(answer, Code::Unauthenticated);
    }
    let refused = auth
        .create_session(CreateSessionRequest {
            parent: "accounts/smsend".to_owned(),
            username: "sandbox".to_owned(),
            password: WRONG_PASSWORD.to_owned(),
        })
        .await;
    seen.failure(refused, Code::Unauthenticated);
}

/// Everything that may go wrong with a send.
async fn failures(rig: &Rig, seen: &mut Seen) {
    let current = rig.requests("GET /sms").last().and_then(|r| r.header("session_key")).expect("a session").to_owned();
    let repeats = |code| Fault::Status {
        code,
        retry_after: None,
        body: Some(format!("{{\"result\": \"not with {current} of SANDBOX-USER\"}}")),
    };
    let location = format!("http://127.0.0.1:1/?password={PASSWORD}&session_key={current}");
    for (fault, code) in [
        (repeats(StatusCode::BAD_REQUEST), Code::InvalidArgument),
        (repeats(StatusCode::FORBIDDEN), Code::PermissionDenied),
        (repeats(StatusCode::TOO_MANY_REQUESTS), Code::ResourceExhausted),
        (repeats(StatusCode::INTERNAL_SERVER_ERROR), Code::Unavailable),
        (Fault::Redirect { location }, Code::Unavailable),
        (Fault::CutBefore, Code::Unavailable),
        (Fault::HangBefore, Code::Unknown),
    ] {
        rig.fault("POST /sms", fault);
        seen.failure(send(rig).await, code);
    }
    for fault in [Fault::Garbage, Fault::Truncate, Fault::CutAfter, Fault::Huge { bytes: 8 << 20 }] {
        rig.fault("POST /sms", fault);
        send(rig).await.expect("found by its id");
    }
    // Vendors tell callers their own numbers and texts; the log is not told.
    rig.fault(
        "POST /sms",
        Fault::Status {
            code: StatusCode::BAD_REQUEST,
            retry_after: None,
            body: Some(format!("{{\"result\": \"cannot send {TEXT} to {NUMBER}\"}}")),
        },
    );
    let status = send(rig).await.expect_err("refused");
    assert_eq!(status.code(), Code::InvalidArgument);
}

/// What a vendor repeats of a login, in all the forms in which it may have met it. A caller's own logins: the account's would
/// be answered from memory after the first refusal.
async fn repeated_by_the_login(rig: &Rig, seen: &mut Seen) {
    let repeats = |code, password: &str| Fault::Status {
        code,
        retry_after: None,
        body: Some(format!("no: /login?username=sandbox&password={password}")),
    };
    for password in spellings(WRONG_PASSWORD) {
        rig.fault("GET /login", repeats(StatusCode::NOT_FOUND, &password));
        seen.failure(log_in(rig).await, Code::Unauthenticated);
        rig.fault("GET /login", repeats(StatusCode::BAD_REQUEST, &password));
        seen.failure(log_in(rig).await, Code::InvalidArgument);
    }
    rig.faults("GET /login", repeats(StatusCode::BAD_GATEWAY, WRONG_PASSWORD), 3);
    seen.failure(log_in(rig).await, Code::Unavailable);
    let location = format!("/login?password={}", WRONG_PASSWORD.replace('ö', "o"));
    rig.fault("GET /login", Fault::Redirect { location });
    seen.failure(log_in(rig).await, Code::Internal);
    rig.faults("GET /login", Fault::HangBefore, 3);
    seen.failure(log_in(rig).await, Code::Unavailable);
}

async fn log_in(rig: &Rig) -> Result<(), Status> {
    let request = CreateSessionRequest {
        parent: "accounts/smsend".to_owned(),
        username: "sandbox".to_owned(),
        password: WRONG_PASSWORD.to_owned(),
    };
    AuthServiceClient::new(rig.channel.clone()).create_session(request).await.map(drop)
}

async fn reset_password(rig: &Rig, seen: &mut Seen) {
    let mut auth = AuthServiceClient::new(rig.channel.clone());
    let reset = |new_password: &str| ResetPasswordRequest {
        name: "accounts/smsend".to_owned(),
        new_password: new_password.to_owned(),
    };
    for body in spellings(NEW_PASSWORD) {
        rig.fault(
            "POST /pwdreset",
            Fault::Status { code: StatusCode::BAD_REQUEST, retry_after: None, body: Some(format!("not {body}")) },
        );
        seen.failure(auth.reset_password(reset(NEW_PASSWORD)).await, Code::InvalidArgument);
    }
    auth.reset_password(reset(NEW_PASSWORD)).await.expect("changed");
    rig.sandbox.expire_sessions();
    seen.failure(send(rig).await, Code::FailedPrecondition);
}

async fn send(rig: &Rig) -> Result<String, Status> {
    send_to(NUMBER, rig).await
}

async fn send_to(number: &str, rig: &Rig) -> Result<String, Status> {
    let request = SendMessageRequest { recipients: vec![number.to_owned()], text: TEXT.to_owned(), ..message() };
    let answer = rig.messages().send_message(request).await?.into_inner();
    Ok(answer.message.unwrap().name)
}

fn with_credential<T>(message: T, credential: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("smsmux-credential", credential.parse().expect("ASCII"));
    request
}

/// What must not be found, and where it is searched besides the log.
#[derive(Debug, Default)]
struct Seen {
    secrets: Vec<String>,
    statuses: Vec<String>,
}

impl Seen {
    fn secrets(&mut self, secrets: &[&str]) {
        self.secrets.extend(secrets.iter().map(|&secret| secret.to_owned()));
    }

    /// Notes a failure, which must have this code.
    #[track_caller]
    fn failure<T>(&mut self, answer: Result<T, Status>, code: Code) {
        let Err(status) = answer else { panic!("expected {code:?}, got an answer") };
        assert_eq!(status.code(), code, "{status:?}");
        self.statuses.push(told(&status));
    }

    /// Notes every key that arrived at the stand-in.
    fn wire(&mut self, rig: &Rig) {
        for request in rig.sandbox.requests() {
            for name in ["user_key", "session_key", "access_token"] {
                let key = request.header(name).map(str::to_owned);
                self.secrets.extend(key.filter(|key| !self.secrets.contains(key)));
            }
        }
    }
}

/// Everything that a caller sees of a failure.
fn told(status: &Status) -> String {
    let details = String::from_utf8_lossy(status.details());
    format!("{status:?} {status} {} {details} {:?}", status.message(), status.metadata())
}

/// A word as it may be written: as it is, for a URL, for a form, for JSON, for HTML.
fn spellings(word: &str) -> Vec<String> {
    let url: String = word
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    let json = serde_json::to_string(word).expect("JSON");
    let mut spellings = vec![
        word.to_owned(),
        url.to_lowercase(),
        url.replace("%20", "+"),
        json.trim_matches('"').to_owned(),
        word.replace('&', "&amp;").replace('"', "&quot;"),
        url,
    ];
    spellings.sort();
    spellings.dedup();
    spellings
}

/// The process's log, from every crate and every level.
#[derive(Clone)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn start() -> Self {
        let log = Self(Arc::default());
        let filter = tracing_subscriber::EnvFilter::new("trace");
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).with_ansi(false).init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
