//! The bodies of requests: they come to their end in time, and what is kept of all of them is bounded.

use std::future::poll_fn;

use bytes::Bytes;
use futures::future::select_all;
use h2::{SendStream, client::ResponseFuture};
use http::Request;
use prost::Message;
use smsmux::api::pb::{GetAccountRequest, SendMessageRequest, account_service_client::AccountServiceClient};
use tokio::net::TcpStream;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::{Rig, failed, in_time, message};

const SEND: &str = "/smsmux.v1.MessageService/SendMessage";

/// A connection of HTTP/2 on which bodies need not end.
struct Raw(h2::client::SendRequest<Bytes>);

impl Raw {
    async fn to(rig: &Rig) -> Self {
        let (client, connection) = h2::client::handshake(TcpStream::connect(rig.address).await.unwrap()).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Begins a call, and leaves its body open.
    async fn begin(&self, path: &str, timeout: Option<&str>, body: Vec<u8>) -> (ResponseFuture, SendStream<Bytes>) {
        let mut request = Request::post(format!("http://localhost{path}")).header("content-type", "application/grpc");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", timeout);
        }
        let mut client = self.0.clone().ready().await.unwrap();
        let (answer, mut sending) = client.send_request(request.body(()).unwrap(), false).unwrap();
        sending.send_data(body.into(), false).unwrap();
        (answer, sending)
    }
}

/// The status of a call that failed: it is in the head of the answer.
async fn status(answer: ResponseFuture) -> Status {
    let answer = in_time(answer).await.expect("an answer");
    Status::from_header_map(answer.headers()).expect("a status")
}

/// A send of about so many bytes, as it is framed.
fn a_send_of(length: usize) -> Vec<u8> {
    let message = SendMessageRequest { text: "x".repeat(length), ..message() }.encode_to_vec();
    [&[0], &u32::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat()
}

#[tokio::test]
async fn a_body_that_does_not_end_has_the_call_s_time_and_no_longer_a_place() {
    let rig = Rig::with("[server]\ncall_timeout = '200ms'\nmax_in_flight = 1", "").await;
    let raw = Raw::to(&rig).await;
    let watch = "/smsmux.v1.InboxService/WatchReceivedMessages";
    // A caller that would wait for longer gets no more time for its request.
    for (path, timeout) in [(SEND, None), (SEND, Some("1H")), (SEND, Some("100m")), (watch, None)] {
        let (answer, _sending) = raw.begin(path, timeout, a_send_of(100)[..50].to_vec()).await;
        let metadata = failed(&status(answer).await, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
        assert_eq!((&*metadata["outcome"], &*metadata["method"]), ("NOT_SENT", path.trim_start_matches('/')));
        // What comes next has the place. On a busy machine it may be late itself.
        let mut accounts = AccountServiceClient::new(rig.channel.clone());
        let name = "accounts/smsend";
        while let Err(status) = accounts.get_account(GetAccountRequest { name: name.to_owned() }).await {
            failed(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
        }
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn bodies_that_do_not_end_have_a_room_in_common_and_small_requests_need_none() {
    let limits = "max_request_bytes = 40000\nmax_buffered_request_bytes = 40000";
    let rig = Rig::with(&format!("[server]\ncall_timeout = '1h'\n{limits}"), "").await;
    let raw = Raw::to(&rig).await;
    // There is room for two of them.
    let (mut answers, mut open) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (answer, sending) = raw.begin(SEND, None, a_send_of(38_000)[..36_000].to_vec()).await;
        answers.push(answer);
        open.push(sending);
    }
    let (answer, refused, others) = in_time(select_all(answers)).await;
    let refused_status = Status::from_header_map(answer.expect("an answer").headers()).expect("a status");
    let metadata = failed(&refused_status, Code::Unavailable, "OVERLOADED");
    assert_eq!((&*metadata["outcome"], &*metadata["method"]), ("NOT_SENT", SEND.trim_start_matches('/')));
    assert!(refused_status.get_error_details().retry_info().is_some(), "{refused_status:?}");

    rig.send().await.expect("it is small");
    // The place of one that its caller gives up is another's.
    drop((open.swap_remove((refused + 1) % 3), others));
    in_time(async {
        loop {
            let (answer, mut sending) = raw.begin(SEND, None, a_send_of(36_000)).await;
            let _ = sending.send_data(Bytes::new(), true);
            let status = status(answer).await;
            match status.code() {
                Code::Unavailable => failed(&status, Code::Unavailable, "OVERLOADED"),
                _ => break failed(&status, Code::InvalidArgument, "INVALID_REQUEST"),
            };
        }
    })
    .await;
}

#[tokio::test]
async fn the_transport_holds_little_of_a_request_that_is_not_read_yet() {
    let rig = Rig::smsend().await;
    let raw = Raw::to(&rig).await;
    // The answer comes after the settings of the connection.
    let (answer, _sending) = raw.begin("/nonsense.Service/Method", None, Vec::new()).await;
    status(answer).await;
    let (_answer, mut sending) = raw.begin(SEND, None, Vec::new()).await;
    sending.reserve_capacity(4 << 20);
    let capacity = in_time(poll_fn(|context| sending.poll_capacity(context))).await.expect("an open stream").unwrap();
    assert!((16 << 10..=64 << 10).contains(&capacity), "{capacity}");
}

#[tokio::test]
async fn a_request_with_more_entries_than_any_vendor_takes_is_refused_unread() {
    let rig = Rig::smsend().await;
    for (count, wrong) in [(100_000, "entries of lists"), (99_000, "recipients")] {
        let request = SendMessageRequest { recipients: vec![String::new(); count], ..SendMessageRequest::default() };
        let status = rig.messages().send_message(SendMessageRequest { parent: message().parent, ..request }).await;
        let status = status.expect_err("too many");
        failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
        assert!(status.message().contains(wrong), "{status:?}");
    }
    assert_eq!(rig.sandbox.requests().len(), 0);
}
