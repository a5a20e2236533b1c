//! A message that went through a route is found, cancelled, reported on and repeated under the route's name.

use std::time::{Duration, SystemTime};

use smsmux::api::pb::{
    CancelMessageRequest, DeliveryState, GetMessageRequest, ListMessagesRequest, Message, Purpose,
    SendGroupMessageRequest, SendMessageRequest, SendTemplatedMessageRequest,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request};

use super::{Stand, TO, attempts};
use crate::support::{failed, in_time, pause};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const SPLIT: &str = "rules = [{ to = 'DE', use = ['other'] }, { use = ['lox24'] }]";

async fn get(stand: &Stand, name: &str) -> Message {
    let request = GetMessageRequest { name: name.to_owned() };
    stand.rig.messages().get_message(request).await.expect("found").into_inner().message.expect("a message")
}

fn ids(message: &Message) -> Vec<String> {
    message.recipients.iter().map(|recipient| recipient.vendor_message_id.clone()).collect()
}

#[tokio::test]
async fn the_log_has_the_tag_of_a_message_and_no_vendor_learns_of_it() {
    let stand = Stand::new("lox24", SPLIT, "").await;
    let purpose = Purpose::Marketing.into();
    let request = SendMessageRequest { tag: "autumn-2026".to_owned(), purpose, ..Stand::request(&[TO]) };
    let sent = stand.send(request).await.expect("sent");
    let logged = get(&stand, &sent.name).await;
    assert_eq!((logged.tag.as_str(), logged.purpose()), ("autumn-2026", Purpose::Marketing));
    let arrived = stand.other.requests();
    assert!(!arrived.is_empty() && !format!("{arrived:?}").contains("autumn"), "{arrived:?}");
}

#[tokio::test]
async fn templates_and_groups_are_of_one_vendor_and_a_route_says_so() {
    let stand = Stand::new("smsend", "rules = [{ use = ['smsend'] }]", "").await;
    let (parent, text) = ("accounts/main".to_owned(), "Hello".to_owned());
    let templated = SendTemplatedMessageRequest { parent: parent.clone(), text: text.clone(), ..Default::default() };
    let status = stand.rig.messages().send_templated_message(templated).await.expect_err("rejected");
    assert_eq!(failed(&status, Code::Unimplemented, "UNSUPPORTED")["outcome"], "NOT_SENT");
    assert!(status.message().contains("the placeholders are in the form of one vendor"), "{status:?}");
    let grouped = SendGroupMessageRequest { parent, text, ..Default::default() };
    let status = stand.rig.messages().send_group_message(grouped).await.expect_err("rejected");
    assert_eq!(failed(&status, Code::Unimplemented, "UNSUPPORTED")["outcome"], "NOT_SENT");
    assert!(status.message().contains("the groups are those of one vendor"), "{status:?}");
    assert!(stand.rig.requests("POST /paramsms").is_empty() && stand.rig.requests("POST /smstogroups").is_empty());
}

#[tokio::test]
async fn it_is_looked_up_at_the_accounts_that_took_it() {
    let stand = Stand::new("lox24", SPLIT, "").await;
    let sent = stand.send(Stand::request(&["+393471234567", TO])).await.expect("sent");
    let ids = ids(&sent);
    stand.rig.sandbox.deliver(&ids[0]).await.expect("delivered");
    stand.other.fail(&ids[1]).await.expect("failed");
    let found = get(&stand, &sent.name).await;
    let states: Vec<_> = found.recipients.iter().map(|recipient| recipient.state()).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Rejected]);
    assert_eq!((found.name, found.attempts.len()), (sent.name.clone(), 2));
    assert_eq!(found.recipients.iter().map(|recipient| recipient.rule).collect::<Vec<_>>(), [2, 1]);
    let request = ListMessagesRequest { parent: "accounts/main".to_owned(), ..ListMessagesRequest::default() };
    let listed = stand.rig.messages().list_messages(request).await.expect("listed").into_inner().messages;
    assert_eq!(listed.iter().map(|message| &message.name).collect::<Vec<_>>(), [&sent.name]);
    // The account has no message of the route, whose other recipients are nobody's business there.
    let name = format!("accounts/other/messages/{}", ids[1]);
    assert_eq!(get(&stand, &name).await.recipients.len(), 1);
}

#[tokio::test]
async fn it_is_cancelled_at_the_accounts_that_took_it() {
    let stand = Stand::new("lox24", SPLIT, "").await;
    let later = SystemTime::now() + Duration::from_secs(7200);
    let schedule_time = prost_types::Timestamp { nanos: 0, ..later.into() };
    let request = SendMessageRequest { schedule_time: Some(schedule_time), ..Stand::request(&["+393471234567", TO]) };
    let sent = stand.send(request).await.expect("sent");
    let request = CancelMessageRequest { name: sent.name.clone() };
    let cancelled = stand.rig.messages().cancel_message(request).await.expect("cancelled").into_inner();
    let states: Vec<_> = cancelled.message.expect("the message").recipients.iter().map(|one| one.state()).collect();
    assert_eq!(states, [DeliveryState::Cancelled; 2]);
}

#[tokio::test]
async fn a_push_to_an_account_finds_the_message_of_the_route() {
    let keys = format!("webhook_tokens = ['{TOKEN}']\n");
    let sections = "[webhooks]\nlisten = '127.0.0.1:0'\n";
    let stand = Stand::with("lox24", SPLIT, "", &keys, sections).await;
    let sent = stand.send(Stand::request(&["+393471234567", TO])).await.expect("sent");
    let address = stand.rig.webhooks.expect("a port");
    stand.other.push_to(&format!("http://{address}/other/{TOKEN}"));
    stand.other.deliver(&ids(&sent)[1]).await.expect("delivered");
    in_time(async {
        while get(&stand, &sent.name).await.recipients[1].state() != DeliveryState::Delivered {
            pause().await;
        }
    })
    .await;
    assert_ne!(get(&stand, &sent.name).await.recipients[0].state(), DeliveryState::Delivered);
}

#[tokio::test]
async fn a_push_that_comes_before_the_message_of_a_route_waits_for_it() {
    let keys = format!("webhook_tokens = ['{TOKEN}']\n");
    let sections = "[webhooks]\nlisten = '127.0.0.1:0'\nconfirm_timeout = '1ms'\n";
    let stand = Stand::with("lox24", SPLIT, "", &keys, sections).await;
    let report = r#"{"id": "e1", "name": "sms.delivery", "data": {"id": "early", "dlr_code": 1, "status_code": 100}}"#;
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let address = stand.rig.webhooks.expect("a port");
    let push = http::Request::post(format!("http://{address}/other/{TOKEN}"));
    let push = push.body(http_body_util::Full::new(bytes::Bytes::from(report))).expect("a request");
    assert_eq!(in_time(client.request(push)).await.expect("an answer").status(), 200);
    let answer = Fault::Status {
        code: http::StatusCode::CREATED,
        retry_after: None,
        body: Some(r#"{"uuid": "early", "status_code": 0}"#.to_owned()),
    };
    stand.other.inject(smsmux_sandbox::Rule::new(answer).method("POST"));
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent");
    in_time(async {
        while get(&stand, &sent.name).await.recipients[0].state() != DeliveryState::Delivered {
            pause().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_repeated_call_gets_the_reply_of_the_whole_chain() {
    let stand = Stand::in_order("").await;
    let code = http::StatusCode::PAYMENT_REQUIRED;
    stand.rig.fault("POST /sms", Fault::Status { code, retry_after: None, body: None });
    let keyed = || {
        let mut request = Request::new(Stand::request(&[TO]));
        request.metadata_mut().insert("idempotency-key", "code-1".parse().expect("ASCII"));
        let mut messages = stand.rig.messages();
        async move { messages.send_message(request).await }
    };
    let first = keyed().await.expect("sent").into_inner().message.expect("a message");
    assert_eq!(attempts(&first).len(), 2);
    let again = keyed().await.expect("replayed");
    assert!(again.metadata().contains_key("smsmux-replayed"));
    assert_eq!((again.into_inner().message, stand.sends()), (Some(first), (1, 1)));
}

#[tokio::test]
async fn a_failed_send_keeps_its_attempts_in_the_log() {
    let stand = Stand::in_order("").await;
    let code = http::StatusCode::UNPROCESSABLE_ENTITY;
    stand.rig.fault("POST /sms", Fault::Status { code, retry_after: None, body: None });
    let request = SendMessageRequest { message_id: "order-7".to_owned(), ..Stand::request(&[TO]) };
    let status = stand.send(request).await.expect_err("refused");
    failed(&status, Code::InvalidArgument, "VENDOR_REFUSED");
    let logged = get(&stand, "accounts/main/messages/order-7").await;
    assert_eq!(logged.recipients[0].state(), DeliveryState::Rejected);
    assert_eq!((logged.attempts.len(), logged.recipients[0].account.as_str()), (1, "accounts/lox24"));
}

#[tokio::test]
async fn what_a_route_has_not_is_not_offered_and_a_name_of_a_vendor_is_not_found() {
    let stand = Stand::in_order("").await;
    let name = "accounts/main/messages/42".to_owned();
    let status = stand.rig.messages().get_message(GetMessageRequest { name }).await.expect_err("nothing");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
    let request = smsmux::api::pb::ListGroupsRequest { parent: "accounts/main".to_owned(), ..Default::default() };
    let mut groups = smsmux::api::pb::group_service_client::GroupServiceClient::new(stand.rig.channel.clone());
    failed(&groups.list_groups(request).await.expect_err("none"), Code::Unimplemented, "UNSUPPORTED");
}
