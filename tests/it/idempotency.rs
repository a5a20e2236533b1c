//! The metadata `idempotency-key`: a write with it is sent once, however often it is repeated.

use http::StatusCode;
use smsmux::api::pb::{
    CancelMessageRequest, CreateGroupRequest, DeliveryState, GetMessageRequest, Group, ListMessagesRequest,
    SendGroupMessageRequest, SendMessageRequest, SendMessageResponse, group_service_client::GroupServiceClient,
    message_service_client::MessageServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request, Response, Status};

use crate::support::{LIMIT, Rig, failed, in_time, long_enough, message, pause, violations, within};

const SEND: &str = "POST /sms";

/// A send with a key.
fn keyed<T>(key: &str, message: T) -> Request<T> {
    let mut request = within(LIMIT, message);
    request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
    request
}

async fn send(rig: &Rig, key: &str, request: SendMessageRequest) -> Result<Response<SendMessageResponse>, Status> {
    rig.messages().send_message(keyed(key, request)).await
}

/// A message to LOX24, which cannot be asked for a message by an id of ours.
fn to_lox24() -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        sender: "smsmux".to_owned(),
        ..message()
    }
}

fn is_replayed<T>(response: &Response<T>) -> bool {
    response.metadata().get("smsmux-replayed").is_some_and(|value| value == "true")
}

#[tokio::test]
async fn a_repeated_send_gets_the_reply_of_the_first_and_is_not_sent_again() {
    for (rig, request) in [(Rig::smsend().await, message()), (Rig::vendor("lox24").await, to_lox24())] {
        let first = send(&rig, "k-1", request.clone()).await.expect("sent");
        let again = send(&rig, "k-1", request).await.expect("replayed");
        assert!(!is_replayed(&first) && is_replayed(&again));
        assert_eq!(first.into_inner(), again.into_inner());
        assert_eq!(rig.requests(SEND).len(), 1);
    }
}

#[tokio::test]
async fn every_write_takes_a_key() {
    let rig = Rig::smsend().await;
    let mut groups = GroupServiceClient::new(rig.channel.clone());
    let group = Group { display_name: "Customers".to_owned(), description: "All".to_owned(), ..Group::default() };
    let request = CreateGroupRequest { parent: "accounts/smsend".to_owned(), group: Some(group) };
    let first = groups.create_group(keyed("g", request.clone())).await.expect("created");
    let again = groups.create_group(keyed("g", request)).await.expect("replayed");
    assert!(is_replayed(&again));
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(rig.requests("POST /group").len(), 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let rig = Rig::smsend().await;
    send(&rig, "k", message()).await.expect("sent");
    let other = SendMessageRequest { text: "Something else".to_owned(), ..message() };
    let status = send(&rig, "k", other).await.expect_err("another request");
    assert_eq!(failed(&status, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED")["outcome"], "NOT_SENT");
    assert!(status.message().contains("MessageService/SendMessage"), "{status:?}");
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn what_was_refused_or_not_sent_frees_the_key() {
    let rig = Rig::vendor("lox24").await;
    let no_credit = Fault::Status { code: StatusCode::PAYMENT_REQUIRED, retry_after: None, body: None };
    rig.fault(SEND, no_credit);
    let status = send(&rig, "k", to_lox24()).await.expect_err("no credit");
    failed(&status, Code::ResourceExhausted, "NO_CREDIT");
    let invalid = SendMessageRequest { sender: String::new(), ..to_lox24() };
    violations(&send(&rig, "k", invalid).await.expect_err("invalid"), &["sender"]);
    // Also for another request: nothing is known under the key.
    assert!(!is_replayed(&send(&rig, "k", to_lox24()).await.expect("sent")));
    assert_eq!(rig.requests(SEND).len(), 2);
}

#[tokio::test]
async fn an_unknown_outcome_stays_unknown_and_is_never_sent_again() {
    let rig = Rig::vendor("lox24").await;
    rig.fault(SEND, Fault::CutAfter);
    let resource = "accounts/lox24/messages/";
    for _ in 0..3 {
        let status = send(&rig, "k", to_lox24()).await.expect_err("nobody knows");
        let metadata = failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
        assert_eq!(metadata["outcome"], "UNKNOWN");
        assert!(metadata["resource"].starts_with(resource), "{metadata:?}");
        let request = GetMessageRequest { name: metadata["resource"].clone() };
        let message = rig.messages().get_message(request).await.expect("logged").into_inner().message.expect("one");
        assert_eq!(message.recipients[0].to, "+4915123456789");
    }
    assert_eq!(rig.requests(SEND).len(), 1);
}

/// LOX24 takes a request for each recipient, and the first one is alone.
#[tokio::test]
async fn a_repeated_send_goes_to_those_whom_the_first_one_provably_did_not_reach() {
    let rig = Rig::vendor("lox24").await;
    let (request, name) = interrupted(&rig).await;
    let get = async || {
        let request = GetMessageRequest { name: name.clone() };
        let found = rig.messages().get_message(request).await.expect("found").into_inner().message.expect("one");
        found.recipients.iter().map(|recipient| recipient.state()).collect::<Vec<_>>()
    };
    use DeliveryState::{Queued, Rejected, Unknown};
    assert_eq!(get().await, [Unknown, Rejected, Rejected]);

    let resumed = send(&rig, "k", request.clone()).await.expect("sent to the others");
    assert!(!is_replayed(&resumed));
    let message = resumed.into_inner().message.expect("a message");
    let states: Vec<_> = message.recipients.iter().map(|recipient| (recipient.to.clone(), recipient.state())).collect();
    assert_eq!(states, request.recipients.clone().into_iter().zip([Unknown, Queued, Queued]).collect::<Vec<_>>());
    assert_eq!(message.name, name);

    assert!(is_replayed(&send(&rig, "k", request).await.expect("the same reply")));
    assert_eq!(rig.requests(SEND).len(), 3);
    assert_eq!(get().await[0], Unknown);
}

/// A send to three numbers of which the first may have been sent, and the others were not; and the message's name.
async fn interrupted(rig: &Rig) -> (SendMessageRequest, String) {
    let numbers = ["+4915123456781", "+4915123456782", "+4915123456783"].map(str::to_owned);
    let request = SendMessageRequest { recipients: numbers.to_vec(), ..to_lox24() };
    rig.fault(SEND, Fault::CutAfter);
    let status = send(rig, "k", request.clone()).await.expect_err("nobody knows of the first recipient");
    (request, failed(&status, Code::Unknown, "OUTCOME_UNKNOWN")["resource"].clone())
}

async fn cancel(rig: &Rig, name: &str) -> Result<Vec<DeliveryState>, Status> {
    let cancelled = rig.messages().cancel_message(CancelMessageRequest { name: name.to_owned() }).await?;
    let message = cancelled.into_inner().message.expect("a message");
    Ok(message.recipients.iter().map(|recipient| recipient.state()).collect())
}

#[tokio::test]
async fn a_cancelled_message_is_not_sent_to_the_rest_by_a_repeated_call() {
    use DeliveryState::{Cancelled, Unknown};
    let rig = Rig::vendor("lox24").await;
    let (request, name) = interrupted(&rig).await;
    assert_eq!(cancel(&rig, &name).await.expect("cancelled"), [Unknown, Cancelled, Cancelled]);
    let status = send(&rig, "k", request).await.expect_err("nobody knows of the first recipient");
    failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
    failed(
        &cancel(&rig, &name).await.expect_err("nothing is left to cancel"),
        Code::FailedPrecondition,
        "STATE_CONFLICT",
    );
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn what_a_repeated_call_sends_already_is_not_cancelled() {
    use DeliveryState::{Queued, Unknown};
    let rig = Rig::vendor("lox24").await;
    let (request, name) = interrupted(&rig).await;
    rig.fault(SEND, Fault::Hold);
    let cancelled = async {
        rig.requested(2, SEND).await;
        let status = cancel(&rig, &name).await.expect_err("they are being sent");
        rig.sandbox.clear_faults();
        failed(&status, Code::FailedPrecondition, "STATE_CONFLICT");
    };
    let (sent, ()) = in_time(async { tokio::join!(send(&rig, "k", request), cancelled) }).await;
    let message = sent.expect("sent to the others").into_inner().message.expect("a message");
    let states: Vec<_> = message.recipients.iter().map(|recipient| recipient.state()).collect();
    assert_eq!(states, [Unknown, Queued, Queued]);
}

/// Whichever of the two is first, it holds for all whom the interrupted call did not send to.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_cancelled_while_it_is_repeated() {
    use DeliveryState::{Cancelled, Queued, Unknown};
    let mut first = [0; 2];
    for _ in 0..20 {
        let rig = Rig::vendor("lox24").await;
        let (request, name) = interrupted(&rig).await;
        let cancelled = async {
            for _ in 0..fastrand::u32(..8) {
                tokio::task::yield_now().await;
            }
            cancel(&rig, &name).await
        };
        let (sent, cancelled) = in_time(async { tokio::join!(send(&rig, "k", request.clone()), cancelled) }).await;
        let states = cancelled.unwrap_or_default();
        let is_cancelled = states == [Unknown, Cancelled, Cancelled];
        assert!(is_cancelled || !states.contains(&Cancelled), "{states:?}");
        assert_eq!(rig.requests(SEND).len(), if is_cancelled { 1 } else { 3 });
        if let Ok(sent) = &sent {
            let recipients = &sent.get_ref().message.as_ref().expect("a message").recipients;
            assert!(recipients[1..].iter().all(|recipient| recipient.state() == Queued), "{recipients:?}");
        }
        assert_eq!(sent.is_err(), is_cancelled);
        send(&rig, "k", request).await.map_or_else(|_| assert!(is_cancelled), |again| assert!(is_replayed(&again)));
        assert_eq!(rig.requests(SEND).len(), if is_cancelled { 1 } else { 3 });
        first[usize::from(is_cancelled)] += 1;
    }
    println!("sent first, cancelled first: {first:?}");
}

#[tokio::test]
async fn a_repeated_call_waits_for_the_first_one() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::Hold);
    let (first, second) = (send(&rig, "k", message()), send(&rig, "k", message()));
    let release = async {
        rig.requested(1, SEND).await;
        rig.sandbox.clear_faults();
    };
    let (first, second, ()) = in_time(async { tokio::join!(first, second, release) }).await;
    let (first, second) = (first.expect("sent"), second.expect("sent"));
    assert_ne!(is_replayed(&first), is_replayed(&second));
    assert_eq!(first.into_inner(), second.into_inner());
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn a_repeated_call_whose_deadline_passes_is_told_that_the_first_is_in_progress() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::Hold);
    let first = send(&rig, "k", message());
    let second = async {
        rig.requested(1, SEND).await;
        let (client, origin) = rig.timerless();
        let client = MessageServiceClient::with_origin(client, origin);
        let status = long_enough(async |time| {
            let mut request = keyed("k", message());
            request.set_timeout(time);
            let status = client.clone().send_message(request).await.expect_err("the vendor is held");
            (status.code() == Code::Aborted).then_some(status)
        })
        .await;
        rig.sandbox.clear_faults();
        status
    };
    let (first, status) = in_time(async { tokio::join!(first, second) }).await;
    first.expect("sent");
    assert_eq!(failed(&status, Code::Aborted, "REQUEST_IN_PROGRESS")["outcome"], "UNKNOWN");
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn what_a_look_up_found_is_the_reply_of_a_repeated_call() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::CutAfter);
    let down = Fault::Status { code: StatusCode::INTERNAL_SERVER_ERROR, retry_after: None, body: None };
    rig.faults("GET /sms", down, 1000);
    let status = send(&rig, "k", message()).await.expect_err("nobody knows");
    let name = failed(&status, Code::Unknown, "OUTCOME_UNKNOWN")["resource"].clone();
    rig.sandbox.clear_faults();
    // To the end: then there is nothing more to ask the vendor for.
    loop {
        let request = GetMessageRequest { name: name.clone() };
        let found = rig.messages().get_message(request).await.expect("found").into_inner().message.expect("one");
        if found.recipients[0].state() == DeliveryState::Delivered {
            break;
        }
        pause().await;
    }
    let again = send(&rig, "k", message()).await.expect("known by now");
    assert!(is_replayed(&again));
    assert_eq!(rig.requests(SEND).len(), 1);
}

/// The recipients of a send to groups are not known before the vendor names them, so a look-up in vain proves nothing.
#[tokio::test]
async fn a_send_to_groups_that_the_vendor_does_not_know_is_not_taken_for_sent() {
    let rig = Rig::smsend().await;
    let down = |code| Fault::Status { code, retry_after: None, body: None };
    rig.fault("POST /smstogroups", down(StatusCode::BAD_GATEWAY));
    rig.faults("GET /sms", down(StatusCode::INTERNAL_SERVER_ERROR), 1000);
    let request = SendGroupMessageRequest {
        parent: "accounts/smsend".to_owned(),
        groups: vec!["Group1".to_owned()],
        text: "Hello world!".to_owned(),
        ..SendGroupMessageRequest::default()
    };
    let listed = async |state: DeliveryState| {
        let parent = request.parent.clone();
        let request = ListMessagesRequest { parent, state: state.into(), ..ListMessagesRequest::default() };
        let listed = rig.messages().list_messages(request).await.expect("listed").into_inner().messages;
        listed.into_iter().map(|message| message.name).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        let answer = rig.messages().send_group_message(keyed("k", request.clone())).await;
        let resource = failed(&answer.expect_err("nobody knows"), Code::Unknown, "OUTCOME_UNKNOWN")["resource"].clone();
        assert_eq!(listed(DeliveryState::Unknown).await, std::slice::from_ref(&resource));
        assert!(listed(DeliveryState::Queued).await.is_empty());
        // From now on the vendor answers look-ups: it does not know the message.
        rig.sandbox.clear_faults();
        rig.messages().get_message(GetMessageRequest { name: resource }).await.expect("logged");
    }
    assert_eq!(rig.requests("POST /smstogroups").len(), 1);
}

#[tokio::test]
async fn a_caller_that_left_gets_the_reply_when_it_comes_back() {
    let rig = Rig::smsend().await;
    rig.fault(SEND, Fault::Hold);
    let mut leaving = Box::pin(send(&rig, "k", message()));
    in_time(async {
        tokio::select! {
            _ = &mut leaving => unreachable!("the vendor is held"),
            () = rig.requested(1, SEND) => {}
        }
    })
    .await;
    drop(leaving);
    rig.sandbox.clear_faults();
    let again = in_time(send(&rig, "k", message())).await.expect("replayed");
    assert!(is_replayed(&again));
    assert_eq!(rig.requests(SEND).len(), 1);
}

#[tokio::test]
async fn an_invalid_key_is_rejected_by_name_and_a_read_ignores_a_key() {
    let rig = Rig::smsend().await;
    for key in [String::new(), "with blank".to_owned(), "x".repeat(256)] {
        let mut request = Request::new(message());
        request.metadata_mut().insert("idempotency-key", key.parse().expect("a value"));
        violations(&rig.messages().send_message(request).await.expect_err("invalid"), &["idempotency-key"]);
    }
    assert!(rig.requests(SEND).is_empty());
    let sent = send(&rig, &"x".repeat(255), message()).await.expect("sent").into_inner().message.expect("a message");
    for _ in 0..2 {
        let request = keyed("x", GetMessageRequest { name: sent.name.clone() });
        assert!(!is_replayed(&rig.messages().get_message(request).await.expect("found")));
    }
}

#[tokio::test]
async fn without_a_store_a_key_is_rejected_and_sends_work() {
    let rig = Rig::with("[store]\nenabled = false", "").await;
    let status = send(&rig, "k", message()).await.expect_err("no store");
    assert_eq!(failed(&status, Code::Unimplemented, "UNSUPPORTED")["outcome"], "NOT_SENT");
    rig.send().await.expect("sent");
    assert_eq!(rig.requests(SEND).len(), 1);
}
