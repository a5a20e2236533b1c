//! gRPC to the letter: what the specifications say of methods, media types, framing, compression, health and reflection.

use std::{
    io::{Read, Write},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use h2::client::SendRequest;
use http::{HeaderMap, Method, Request, StatusCode};
use prost::Message;
use smsmux::{
    api::{
        SERVICES,
        pb::{
            Account, AnalyzeMessageResponse, GetAccountRequest, ListAccountsRequest, ListAccountsResponse,
            SendMessageResponse,
            health::{self, HealthCheckRequest, HealthListResponse, health_check_response::ServingStatus},
        },
    },
    config::api_key,
};
use tokio::{net::TcpStream, time::timeout};
use tonic::{Code, Status};
use tonic_health::pb::{health_check_response::ServingStatus as WatchedStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ExtensionRequest, ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest,
    server_reflection_response::MessageResponse,
};

use crate::support::{NUMBER, Rig, failed, message};

const SEND: &str = "/smsmux.v1.MessageService/SendMessage";
const LIST: &str = "/smsmux.v1.AccountService/ListAccounts";
const ANALYZE: &str = "/smsmux.v1.MessageService/AnalyzeMessage";

/// A connection of HTTP/2 on which anything can be asked.
struct Raw(SendRequest<Bytes>);

/// What came back: the head, the body, and the trailers or, of an answer that has none, the head again.
struct Answer {
    status: StatusCode,
    head: HeaderMap,
    body: Bytes,
    trailers: HeaderMap,
}

impl Raw {
    async fn to(rig: &Rig) -> Self {
        let stream = TcpStream::connect(rig.address).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Asks with these headers beside the path.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut client = self.0.clone().ready().await.unwrap();
        let (answer, mut sending) = client.send_request(request.body(()).unwrap(), body.is_empty()).unwrap();
        if !body.is_empty() {
            // An answer may come before all of it is read.
            let _ = sending.send_data(body.into(), true);
        }
        let (head, mut stream) = answer.await.unwrap().into_parts();
        let mut body = Vec::new();
        while let Some(chunk) = stream.data().await {
            let chunk = chunk.unwrap();
            stream.flow_control().release_capacity(chunk.len()).unwrap();
            body.extend(chunk);
        }
        let trailers = stream.trailers().await.unwrap().unwrap_or_else(|| head.headers.clone());
        Answer { status: head.status, head: head.headers, body: body.into(), trailers }
    }

    /// Makes a call with these headers beside those of every call.
    async fn call(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let headers = [&[("content-type", "application/grpc"), ("te", "trailers")], headers].concat();
        self.ask(Method::POST, path, &headers, body).await
    }
}

impl Answer {
    fn grpc_status(&self) -> Status {
        assert_eq!(self.status, StatusCode::OK);
        Status::from_header_map(&self.trailers).expect("a status")
    }

    /// Asserts how the call failed.
    #[track_caller]
    fn failed(&self, code: Code, reason: &str) {
        failed(&self.grpc_status(), code, reason);
    }

    /// The one message of a call that succeeded, and whether it was compressed.
    #[track_caller]
    fn message<T: Message + Default>(&self) -> (T, bool) {
        assert_eq!(self.grpc_status().code(), Code::Ok);
        let (flag, bytes) = (self.body[0], &self.body[5..]);
        let bytes = if flag == 1 { gunzipped(bytes) } else { bytes.to_vec() };
        (T::decode(&bytes[..]).expect("a message"), flag == 1)
    }
}

fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    [&[flag][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

fn a_send() -> Vec<u8> {
    framed(0, &message().encode_to_vec())
}

#[tokio::test]
async fn what_is_not_grpc_reaches_no_service() {
    let rig = Rig::smsend().await;
    let raw = Raw::to(&rig).await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let answer = raw
            .ask(method.parse().unwrap(), SEND, &[("content-type", "application/grpc"), ("te", "trailers")], a_send())
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.head["allow"], "POST", "{method}");
    }
    for media_type in [
        None,
        Some("text/plain"),
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
        Some("application/grpc-web"),
        Some("application/grpc+json"),
    ] {
        let headers: Vec<_> = media_type.map(|value| ("content-type", value)).into_iter().collect();
        let answer = raw.ask(Method::POST, SEND, &headers, a_send()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type:?}");
        assert!(!answer.head.contains_key("access-control-allow-origin"));
        assert!(answer.body.starts_with(b"the content-type must be application/grpc"), "{:?}", answer.body);
    }
    assert_eq!(rig.requests("POST /sms").len(), 0);
    let headers = [("content-type", "application/grpc+proto; charset=utf-8")];
    let (sent, _) = raw.ask(Method::POST, SEND, &headers, a_send()).await.message::<SendMessageResponse>();
    assert_eq!((sent.message.is_some(), rig.requests("POST /sms").len()), (true, 1));
}

#[tokio::test]
async fn what_is_not_grpc_takes_nothing_of_a_caller_s_rate() {
    let (key, hash) = api_key::generate("busy").unwrap();
    let section = format!("[callers.busy]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\ncalls_per_second = 1\n");
    let rig = Rig::with(&section, "").await;
    let raw = Raw::to(&rig).await;
    let bearer = format!("Bearer {}", secrecy::ExposeSecret::expose_secret(&key));
    for _ in 0..20 {
        let headers = [("content-type", "text/plain"), ("authorization", &bearer)];
        let answer = raw.ask(Method::POST, SEND, &headers, a_send()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    raw.call(SEND, &[("authorization", &bearer)], a_send()).await.message::<SendMessageResponse>();
}

/// What is wrong, the headers and the body that are sent, and the code and the reason of the answer.
type Case = (&'static str, &'static [(&'static str, &'static str)], Vec<u8>, Code, &'static str);

#[tokio::test]
async fn a_request_that_is_wrong_is_told_so_by_its_code_with_details_and_nothing_is_sent() {
    let rig = Rig::with("[server]\nmax_request_bytes = 1000", "").await;
    let raw = Raw::to(&rig).await;
    let send = message().encode_to_vec();
    // Field 2 of SendMessageRequest is text, and 0xff is no UTF-8.
    let not_utf_8 = framed(0, b"\x12\x01\xff");
    let cases: [Case; 13] = [
        ("undecodable", &[], framed(0, b"\xff\xff\xff"), Code::InvalidArgument, "INVALID_REQUEST"),
        ("a text that is no text", &[], not_utf_8, Code::InvalidArgument, "INVALID_REQUEST"),
        ("json", &[], framed(0, br#"{"parent": "accounts/smsend"}"#), Code::InvalidArgument, "INVALID_REQUEST"),
        ("no message", &[], Vec::new(), Code::Unimplemented, "INVALID_REQUEST"),
        ("two messages", &[], [a_send(), a_send()].concat(), Code::Unimplemented, "INVALID_REQUEST"),
        ("too large", &[], framed(0, &[0; 1001]), Code::ResourceExhausted, "INVALID_REQUEST"),
        ("half a message", &[], a_send()[..20].to_vec(), Code::Internal, "INVALID_REQUEST"),
        ("half a frame", &[], vec![0, 0], Code::Internal, "INVALID_REQUEST"),
        ("a flag that there is not", &[], framed(7, &send), Code::Internal, "INVALID_REQUEST"),
        ("compressed without a word", &[], framed(1, &gzipped(&send)), Code::Internal, "INVALID_REQUEST"),
        ("not gzip", &[("grpc-encoding", "gzip")], framed(1, &send), Code::Internal, "INVALID_REQUEST"),
        (
            "a few bytes that become many",
            &[("grpc-encoding", "gzip")],
            framed(1, &gzipped(&[0; 1 << 20])[..]),
            Code::ResourceExhausted,
            "INVALID_REQUEST",
        ),
        (
            "a timeout that is none",
            &[("grpc-timeout", "5 minutes")],
            a_send(),
            Code::InvalidArgument,
            "INVALID_REQUEST",
        ),
    ];
    for (what, headers, body, code, reason) in cases {
        let answer = raw.call(SEND, headers, body).await;
        let status = answer.grpc_status();
        assert_eq!(status.code(), code, "{what}: {status:?}");
        answer.failed(code, reason);
    }
    assert_eq!(rig.requests("POST /sms").len(), 0);
    raw.call("/smsmux.v1.MessageService/Nothing", &[], a_send()).await.failed(Code::Unimplemented, "UNSUPPORTED");
    raw.call(SEND, &[("grpc-timeout", "99999999H")], a_send()).await.message::<SendMessageResponse>();
}

#[tokio::test]
async fn a_request_may_be_compressed_with_gzip_and_another_encoding_is_refused_by_naming_those() {
    let rig = Rig::smsend().await;
    let raw = Raw::to(&rig).await;
    let compressed = framed(1, &gzipped(&message().encode_to_vec()));
    let answer = raw.call(SEND, &[("grpc-encoding", "gzip")], compressed.clone()).await;
    assert_eq!(answer.message::<SendMessageResponse>().0.message.unwrap().recipients[0].to, NUMBER);
    // A message may be left as it is all the same.
    raw.call(SEND, &[("grpc-encoding", "gzip")], a_send()).await.message::<SendMessageResponse>();
    raw.call(SEND, &[("grpc-encoding", "identity")], a_send()).await.message::<SendMessageResponse>();

    for path in [SEND, LIST, "/grpc.health.v1.Health/Check"] {
        for encoding in ["br", "deflate", "zstd", "snappy", "GZIP", "gzip, gzip"] {
            let answer = raw.call(path, &[("grpc-encoding", encoding)], compressed.clone()).await;
            answer.failed(Code::Unimplemented, "UNSUPPORTED");
            assert_eq!(answer.trailers["grpc-accept-encoding"], "gzip,identity", "{path} {encoding}");
        }
    }
    assert_eq!(rig.requests("POST /sms").len(), 3);
}

#[tokio::test]
async fn an_answer_that_gains_by_it_is_compressed_for_a_caller_that_reads_gzip() {
    let rig = Rig::smsend().await;
    let raw = Raw::to(&rig).await;
    let get = framed(0, &GetAccountRequest { name: "accounts/smsend".to_owned() }.encode_to_vec());
    let path = "/smsmux.v1.AccountService/GetAccount";
    for accepted in ["gzip", "identity, deflate, gzip", "identity,gzip"] {
        let answer = raw.call(path, &[("grpc-accept-encoding", accepted)], get.clone()).await;
        assert_eq!(answer.head["grpc-encoding"], "gzip", "{accepted}");
        let (account, compressed) = answer.message::<smsmux::api::pb::GetAccountResponse>();
        assert!(compressed && account.account.is_some_and(|Account { methods, .. }| methods.len() > 10));
    }
    for accepted in [&[][..], &[("grpc-accept-encoding", "identity")], &[("grpc-accept-encoding", "deflate, br")]] {
        let answer = raw.call(path, accepted, get.clone()).await;
        assert!(
            !answer.message::<smsmux::api::pb::GetAccountResponse>().1 && !answer.head.contains_key("grpc-encoding")
        );
    }
    // What is small stays as it is, at a vendor and here.
    let asked = [("grpc-accept-encoding", "gzip")];
    assert!(!raw.call(SEND, &asked, a_send()).await.message::<SendMessageResponse>().1);
    let list = framed(0, &ListAccountsRequest { page_size: 1, ..Default::default() }.encode_to_vec());
    let (listed, _) = raw.call(LIST, &asked, list).await.message::<ListAccountsResponse>();
    assert_eq!(listed.accounts.len(), 1);
    let analyze = framed(0, b"\x0a\x15\x0a\x0faccounts/smsend\x1a\x02hi");
    assert!(!raw.call(ANALYZE, &asked, analyze).await.message::<AnalyzeMessageResponse>().1);
}

#[tokio::test]
async fn health_is_watched_also_of_what_is_not_known_and_listed() {
    let rig = Rig::smsend().await;
    let raw = Raw::to(&rig).await;
    let check = |service: &str| framed(0, &HealthCheckRequest { service: service.to_owned() }.encode_to_vec());
    let answer = raw.call("/grpc.health.v1.Health/Check", &[], check("not.there.yet")).await;
    answer.failed(Code::NotFound, "RESOURCE_NOT_FOUND");

    let serving = health::HealthCheckResponse { status: ServingStatus::Serving.into() };
    let (list, _) = raw.call("/grpc.health.v1.Health/List", &[], framed(0, b"")).await.message::<HealthListResponse>();
    let mut names: Vec<_> = list.statuses.keys().map(String::as_str).collect();
    let mut known = [&["", "liveness", "readiness"], SERVICES].concat();
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);
    assert!(list.statuses.values().all(|status| *status == serving));

    let mut client = HealthClient::new(rig.channel.clone());
    let mut watches = Vec::new();
    for (service, status) in [("not.there.yet", WatchedStatus::ServiceUnknown), ("", WatchedStatus::Serving)] {
        let request = tonic_health::pb::HealthCheckRequest { service: service.to_owned() };
        let mut watch = client.watch(request).await.unwrap().into_inner();
        assert_eq!(watch.message().await.unwrap().unwrap().status(), status);
        watches.push(watch);
    }
    // The stream of what is not known is as open as the other, and hears of no change.
    assert!(timeout(Duration::ZERO, watches[0].message()).await.is_err());
    rig.stop();
    assert_eq!(watches[1].message().await.unwrap().unwrap().status(), WatchedStatus::NotServing);
    assert_eq!(watches[1].message().await.unwrap(), None);
    assert_eq!(watches[0].message().await.unwrap(), None);
}

#[tokio::test]
async fn reflection_answers_on_after_what_it_does_not_find_by_either_of_its_names() {
    let rig = Rig::smsend().await;
    let ask = |question| ServerReflectionRequest { host: "h".to_owned(), message_request: question };
    let method_options = "google.protobuf.MethodOptions".to_owned();
    let extension = |number| ExtensionRequest { containing_type: method_options.clone(), extension_number: number };
    let questions = [
        Some(MessageRequest::FileContainingSymbol("not.There".to_owned())),
        Some(MessageRequest::FileByFilename("not/there.proto".to_owned())),
        Some(MessageRequest::FileContainingExtension(extension(1))),
        Some(MessageRequest::AllExtensionNumbersOfType("not.There".to_owned())),
        None,
        Some(MessageRequest::FileContainingSymbol("smsmux.v1.MessageService.SendMessage".to_owned())),
        Some(MessageRequest::FileContainingSymbol("smsmux.v1.DELIVERY_STATE_QUEUED".to_owned())),
        Some(MessageRequest::FileContainingExtension(extension(50501))),
        Some(MessageRequest::AllExtensionNumbersOfType(method_options.clone())),
        Some(MessageRequest::AllExtensionNumbersOfType("smsmux.v1.Money".to_owned())),
        Some(MessageRequest::ListServices(String::new())),
    ];
    let body: Vec<u8> =
        questions.iter().flat_map(|question| framed(0, &ask(question.clone()).encode_to_vec())).collect();
    let raw = Raw::to(&rig).await;
    for name in ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"] {
        let answer = raw.call(&format!("/{name}/ServerReflectionInfo"), &[], body.clone()).await;
        assert_eq!(answer.grpc_status().code(), Code::Ok);
        let (mut rest, mut answers) = (&answer.body[..], Vec::new());
        while let [0, a, b, c, d, more @ ..] = rest {
            let (message, more) = more.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
            answers.push(ServerReflectionResponse::decode(message).unwrap());
            rest = more;
        }
        assert_eq!(answers.len(), questions.len());
        for (question, answer) in questions.iter().zip(&answers) {
            assert_eq!((answer.valid_host.as_str(), &answer.original_request), ("h", &Some(ask(question.clone()))));
        }
        let answers: Vec<_> = answers.into_iter().map(|answer| answer.message_response.unwrap()).collect();
        for (at, answer) in answers.iter().enumerate() {
            let code = match answer {
                MessageResponse::ErrorResponse(error) => error.error_code.into(),
                _ => Code::Ok,
            };
            let expected = if at < 4 {
                Code::NotFound
            } else if at == 4 {
                Code::InvalidArgument
            } else {
                Code::Ok
            };
            assert_eq!(code, expected, "{:?}", questions[at]);
        }
        let MessageResponse::AllExtensionNumbersResponse(numbers) = &answers[8] else { panic!("{:?}", answers[8]) };
        assert_eq!((&numbers.base_type_name, &numbers.extension_number[..]), (&method_options, &[50501][..]));
        let MessageResponse::ListServicesResponse(list) = &answers[10] else { panic!("{:?}", answers[10]) };
        let listed: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
        let ours = [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
        ];
        for service in SERVICES.iter().chain(&ours) {
            assert!(listed.contains(service), "{service} in {listed:?}");
        }
        // The options of RPCs and of fields are in what is served, as they are in the proto.
        let MessageResponse::FileDescriptorResponse(file) = &answers[5] else { panic!("{:?}", answers[5]) };
        let no_side_effects = [0x90, 0x02, 0x01];
        let required = [0xe2, 0x41, 0x01, 0x02];
        for option in [&no_side_effects[..], &required] {
            assert!(file.file_descriptor_proto[0].windows(option.len()).any(|bytes| bytes == option));
        }
    }
}
