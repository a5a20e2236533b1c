//! The gRPC side: deadlines, health, reflection, limits, and an orderly end.

use std::time::Duration;

use http::uri::PathAndQuery;
use prost::Message as _;
use prost_types::FileDescriptorProto;
use smsmux::{
    api::{
        SERVICES,
        pb::{
            GetAccountRequest, GetMessageRequest, account_service_client::AccountServiceClient,
            message_service_client::MessageServiceClient,
        },
    },
    server::End,
};
use smsmux_sandbox::Fault;
use tokio_stream::StreamExt;
use tonic::{Code, Request, Status, client::Grpc};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::{
    v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    },
    v1alpha,
};

use crate::support::{Rig, connect, failed, in_time, info, long_enough, message, pause, within};

#[tokio::test]
async fn a_slow_vendor_means_deadline_exceeded() {
    let rig = Rig::with("", PATIENT).await;
    let name = rig.send().await.expect("sent").name;
    rig.fault("GET /sms", Fault::HangBefore);
    let (client, origin) = rig.timerless();
    let request = within(Duration::from_millis(300), GetMessageRequest { name });
    let mut messages = MessageServiceClient::with_origin(client, origin);
    let status = in_time(messages.get_message(request)).await.expect_err("no answer");
    failed(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_send_that_outlives_its_caller_s_deadline_is_unknown_names_the_message_and_comes_to_its_end() {
    let rig = Rig::with(PATIENT_DRAIN, PATIENT).await;
    rig.fault("POST /sms", Fault::Hold);
    let metadata = long_enough(async |time| {
        let status = rig.send_within(time).await.expect_err("held");
        let left = info(&status).reason == "OUTCOME_UNKNOWN";
        left.then(|| failed(&status, Code::DeadlineExceeded, "OUTCOME_UNKNOWN"))
    });
    let metadata = metadata.await;

    // The drain waits for it: nobody but the log hears of it, but it is not cut off.
    rig.stop();
    rig.requested(1, "POST /sms").await;
    rig.sandbox.clear_faults();
    let rig = drained(rig).await;
    let [sent] = &rig.requests("POST /sms")[..] else { panic!("not one send") };
    let order_id = metadata["resource"].rsplit('/').next().unwrap();
    assert_eq!((sent.json().unwrap()["order_id"].as_str(), sent.status), (Some(order_id), Some(201)));
}

/// Limits that no test waits for.
const PATIENT: &str = "attempt_timeout = '1h'\ncall_timeout = '1h'";
const PATIENT_DRAIN: &str = "[server]\ndrain_timeout = '1h'";

/// Waits for a clean end, and gives the rig back for its sandbox.
async fn drained(rig: Rig) -> Rig {
    let (rig, end) = in_time(rig.wait()).await;
    assert_eq!(end, End::Clean);
    rig
}

#[tokio::test]
async fn a_send_that_still_waits_for_a_login_at_the_deadline_does_not_leave_and_is_told_so() {
    let rig = Rig::with(PATIENT_DRAIN, PATIENT).await;
    rig.fault("GET /login", Fault::Hold);
    let status = rig.send_within(Duration::from_millis(300)).await.expect_err("held");
    assert_eq!(failed(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED")["outcome"], "NOT_SENT");
    rig.stop();
    rig.sandbox.clear_faults();
    assert_eq!(drained(rig).await.requests("POST /sms").len(), 0);
}

#[tokio::test]
async fn a_send_that_was_refused_for_an_old_session_does_not_leave_again_after_the_deadline() {
    let rig = long_enough(async |time| {
        let rig = Rig::with(PATIENT_DRAIN, PATIENT).await;
        rig.send().await.expect("sent");
        rig.sandbox.expire_sessions();
        rig.fault("GET /login", Fault::Hold);
        let status = rig.send_within(time).await.expect_err("held");
        let logs_in = rig.requests("GET /login").len() == 2;
        logs_in.then(|| failed(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED")).map(|_| rig)
    });
    let rig = rig.await;
    rig.stop();
    rig.sandbox.clear_faults();
    let statuses: Vec<_> = drained(rig).await.requests("POST /sms").iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(201), Some(401)]);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_a_send() {
    let rig = Rig::with(PATIENT_DRAIN, PATIENT).await;
    rig.fault("POST /sms", Fault::Hold);
    let mut messages = rig.messages();
    let call = tokio::spawn(async move { messages.send_message(message()).await });
    rig.requested(1, "POST /sms").await;
    call.abort();
    call.await.expect_err("it has hung up");
    // One connection keeps the order: when this is answered, the server has heard of it.
    HealthClient::new(rig.channel.clone()).check(HealthCheckRequest::default()).await.expect("an answer");
    rig.stop();
    rig.sandbox.clear_faults();
    let rig = drained(rig).await;
    assert_eq!(rig.requests("POST /sms")[0].status, Some(201));
}

#[tokio::test]
async fn health_knows_every_service_before_the_first_call() {
    let rig = Rig::smsend().await;
    let mut health = HealthClient::new(rig.channel.clone());
    for name in SERVICES.iter().chain(&["", "liveness", "readiness"]) {
        let answer = health.check(HealthCheckRequest { service: (*name).to_owned() }).await.expect(name);
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{name}");
    }
    let unknown = health.check(HealthCheckRequest { service: "nonsense".to_owned() }).await.expect_err("unknown");
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn the_drain_tells_a_watcher_and_does_not_wait_for_it() {
    let rig = Rig::with(PATIENT_DRAIN, "").await;
    let mut health = HealthClient::new(rig.channel.clone());
    let watch = health.watch(HealthCheckRequest { service: "readiness".to_owned() }).await.expect("a watch");
    let mut watch = watch.into_inner();
    let next = watch.next().await.expect("an answer").expect("a status");
    assert_eq!(next.status(), ServingStatus::Serving);
    rig.stop();
    let next = watch.next().await.expect("an answer").expect("a status");
    assert_eq!(next.status(), ServingStatus::NotServing);
    assert!(watch.next().await.is_none());
    drained(rig).await;
}

#[tokio::test]
async fn the_drain_ends_at_its_limit_with_a_stream_open() {
    let rig = Rig::with("[server]\ndrain_timeout = '200ms'", "").await;
    // A reflection stream whose client never ends it.
    let (requests, stream) = tokio::sync::mpsc::channel::<ServerReflectionRequest>(1);
    let mut client = ServerReflectionClient::new(rig.channel.clone());
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    requests.send(request).await.unwrap();
    let stream = tokio_stream::wrappers::ReceiverStream::new(stream);
    let mut answers = client.server_reflection_info(stream).await.expect("a stream").into_inner();
    answers.next().await.expect("an answer").expect("services");
    rig.stop();
    let (_, end) = in_time(rig.wait()).await;
    assert_eq!(end, End::Overran);
    drop(requests);
}

#[tokio::test]
async fn a_send_that_the_drain_limit_cuts_off_is_told_so() {
    let rig = Rig::with("[server]\ndrain_timeout = '200ms'", PATIENT).await;
    rig.fault("POST /sms", Fault::HangBefore);
    let mut messages = rig.messages();
    let call = tokio::spawn(async move { messages.send_message(message()).await });
    rig.requested(1, "POST /sms").await;
    rig.stop();
    let metadata = failed(&call.await.unwrap().expect_err("cut off"), Code::Unknown, "OUTCOME_UNKNOWN");
    assert!(metadata["resource"].starts_with("accounts/smsend/messages/"));
    assert_eq!(in_time(rig.wait()).await.1, End::Overran);
}

#[tokio::test]
async fn calls_in_flight_are_answered_and_new_connections_refused_during_the_drain() {
    let rig = Rig::with(PATIENT_DRAIN, PATIENT).await;
    rig.fault("POST /sms", Fault::Hold);
    let mut messages = rig.messages();
    let call = tokio::spawn(async move { messages.send_message(message()).await });
    rig.requested(1, "POST /sms").await;
    rig.stop();
    let refused = async {
        while tokio::net::TcpStream::connect(rig.address).await.is_ok() {
            pause().await;
        }
    };
    in_time(refused).await;
    rig.sandbox.clear_faults();
    call.await.unwrap().expect("answered within the drain");
    drained(rig).await;
}

#[tokio::test]
async fn a_request_over_the_limit_is_refused() {
    let rig = Rig::with("[server]\nmax_request_bytes = 10000", "").await;
    let mut request = message();
    request.text = "x".repeat(20_000);
    let status = rig.messages().send_message(request).await.expect_err("too large");
    failed(&status, Code::ResourceExhausted, "INVALID_REQUEST");
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn an_rpc_that_there_is_not_is_told_so_with_a_reason() {
    let rig = Rig::smsend().await;
    for path in ["/smsmux.v1.MessageService/Nonsense", "/nonsense.Service/Method"] {
        let mut client = Grpc::new(rig.channel.clone());
        client.ready().await.expect("a connection");
        let codec = tonic_prost::ProstCodec::<GetMessageRequest, GetMessageRequest>::default();
        let answer = client.unary(Request::new(GetMessageRequest::default()), PathAndQuery::from_static(path), codec);
        failed(&answer.await.expect_err("no such RPC"), Code::Unimplemented, "UNSUPPORTED");
    }
}

#[tokio::test]
async fn an_account_lists_what_it_supports_and_the_asking_causes_no_http() {
    let rig = Rig::smsend().await;
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let account = accounts.get_account(GetAccountRequest { name: "accounts/smsend".to_owned() }).await.expect("it");
    let account = account.into_inner().account.unwrap();
    assert_eq!(account.vendor, "smsend");
    for method in ["MessageService/SendMessage", "AuthService/CreateSession", "AccountService/ListAccounts"] {
        assert!(account.methods.contains(&format!("smsmux.v1.{method}")), "{method} in {:?}", account.methods);
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn reflection_serves_comments_and_the_types_of_error_details() {
    let rig = Rig::smsend().await;
    let service = file_with(&rig, "smsmux.v1.MessageService").await.expect("the service's file");
    let comments = service.source_code_info.expect("source info").location;
    assert!(comments.iter().any(|l| { l.leading_comments().contains("Sends one text to one or more recipients") }));
    for symbol in ["google.rpc.ErrorInfo", "google.rpc.BadRequest", "google.rpc.Status", "grpc.health.v1.Health"] {
        file_with(&rig, symbol).await.expect(symbol);
    }
}

#[tokio::test]
async fn reflection_speaks_v1alpha_too() {
    let rig = Rig::smsend().await;
    let mut client = v1alpha::server_reflection_client::ServerReflectionClient::new(rig.channel.clone());
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(v1alpha::server_reflection_request::MessageRequest::ListServices(String::new())),
    };
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.expect("a stream").into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list) = answer else {
        panic!("no list: {answer:?}")
    };
    for name in SERVICES {
        assert!(list.service.iter().any(|s| s.name == *name), "{name}");
    }
}

async fn file_with(rig: &Rig, symbol: &str) -> Result<FileDescriptorProto, Status> {
    let mut client = ServerReflectionClient::new(connect(rig.address).await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol(symbol.to_owned())),
    };
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await?.into_inner();
    let answer = answers.next().await.expect("an answer")?.message_response;
    let Some(MessageResponse::FileDescriptorResponse(files)) = answer else {
        return Err(Status::not_found(format!("{answer:?}")));
    };
    Ok(FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).expect("a descriptor"))
}
