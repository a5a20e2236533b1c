//! The log of messages: one send, one message, under one name, at every vendor.

use prost_types::Timestamp;
use smsmux::api::pb::{
    CancelMessageRequest, DeliveryState, GetMessageRequest, ListMessagesRequest, Message, SendMessageRequest,
};
use tonic::Code;

use crate::support::{Rig, failed, message};

async fn get(rig: &Rig, name: &str) -> Message {
    let request = GetMessageRequest { name: name.to_owned() };
    rig.messages().get_message(request).await.expect("found").into_inner().message.expect("a message")
}

async fn list(rig: &Rig, request: ListMessagesRequest) -> (Vec<String>, String) {
    let response = rig.messages().list_messages(request).await.expect("listed").into_inner();
    (response.messages.into_iter().map(|message| message.name).collect(), response.next_page_token)
}

fn of(parent: &str) -> ListMessagesRequest {
    ListMessagesRequest { parent: parent.to_owned(), ..ListMessagesRequest::default() }
}

#[tokio::test]
async fn a_message_is_found_by_our_name_and_by_the_vendor_s_id_at_every_vendor() {
    for (vendor, to, sender) in [
        ("smsend", "+393471234567", "smsmux"),
        ("lox24", "+4915123456789", "smsmux"),
        ("ip1sms", "+46701234567", "smsmux"),
        ("intelepeer", "+12125550123", "+17208675310"),
        ("smspartner", "+33612345678", "smsmux"),
    ] {
        let rig = Rig::vendor(vendor).await;
        let request = SendMessageRequest {
            parent: format!("accounts/{vendor}"),
            recipients: vec![to.to_owned()],
            sender: sender.to_owned(),
            message_id: "order-7".to_owned(),
            ..message()
        };
        let sent = rig.messages().send_message(request).await.expect("sent").into_inner().message.expect("a message");
        assert_eq!(sent.name, format!("accounts/{vendor}/messages/order-7"));
        let found = get(&rig, &sent.name).await;
        assert_eq!((&found.name, found.recipients[0].to.as_str()), (&sent.name, to), "{vendor}");
        let theirs = &sent.recipients[0].vendor_message_id;
        if !theirs.is_empty() {
            assert_eq!(get(&rig, &format!("accounts/{vendor}/messages/{theirs}")).await.name, sent.name, "{vendor}");
        }
        assert_eq!(list(&rig, of(&format!("accounts/{vendor}"))).await.0, [sent.name]);
    }
}

#[tokio::test]
async fn a_message_id_is_taken_once() {
    let rig = Rig::vendor("lox24").await;
    let request = SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        sender: "smsmux".to_owned(),
        message_id: "mine".to_owned(),
        ..message()
    };
    rig.messages().send_message(request.clone()).await.expect("sent");
    let status = rig.messages().send_message(request).await.expect_err("taken");
    assert_eq!(failed(&status, Code::AlreadyExists, "RESOURCE_EXISTS")["outcome"], "NOT_SENT");
    assert_eq!(rig.requests("POST /sms").len(), 1);
}

#[tokio::test]
async fn an_invalid_request_leaves_no_message_and_a_refused_one_says_why() {
    let rig = Rig::vendor("lox24").await;
    let request = |message_id: &str, sender: &str| SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        sender: sender.to_owned(),
        message_id: message_id.to_owned(),
        ..message()
    };
    rig.messages().send_message(request("invalid", "")).await.expect_err("no sender");
    let name = "accounts/lox24/messages/invalid".to_owned();
    let status = rig.messages().get_message(GetMessageRequest { name }).await.expect_err("there is none");
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");

    rig.answer("POST /sms", 402, "no money");
    rig.messages().send_message(request("refused", "smsmux")).await.expect_err("refused");
    let refused = get(&rig, "accounts/lox24/messages/refused").await;
    assert_eq!(refused.recipients[0].state(), DeliveryState::Rejected);
    assert_eq!(list(&rig, of("accounts/lox24")).await.0, [refused.name]);
    // Nothing was sent under either, so both are free.
    for id in ["invalid", "refused"] {
        rig.messages().send_message(request(id, "smsmux")).await.expect("sent");
    }
}

#[tokio::test]
async fn the_log_is_listed_newest_first_by_page_and_by_filter() {
    let rig = Rig::smsend().await;
    let mut names = Vec::new();
    for i in 0..5 {
        let recipients = vec![format!("+39347123456{i}")];
        let request = SendMessageRequest { recipients, ..message() };
        let sent = rig.messages().send_message(request).await.expect("sent").into_inner().message.expect("a message");
        names.insert(0, sent.name);
    }
    let account = of("accounts/smsend");
    assert_eq!(list(&rig, account.clone()).await, (names.clone(), String::new()));
    assert_eq!(list(&rig, of("accounts/-")).await.0, names);

    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let (page, next) = list(&rig, ListMessagesRequest { page_size: 2, page_token: token, ..account.clone() }).await;
        paged.extend(page);
        token = next;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, names);

    let by_number = ListMessagesRequest { recipient: "+393471234563".to_owned(), ..account.clone() };
    assert_eq!(list(&rig, by_number).await.0, [names[1].clone()]);
    let delivered = ListMessagesRequest { state: DeliveryState::Delivered.into(), ..account.clone() };
    assert!(list(&rig, delivered).await.0.is_empty());
    let long_ago = Some(Timestamp { seconds: 1_000_000_000, nanos: 0 });
    assert!(list(&rig, ListMessagesRequest { end_time: long_ago, ..account }).await.0.is_empty());
}

#[tokio::test]
async fn all_parts_of_a_message_are_cancelled() {
    let rig = Rig::vendor("lox24").await;
    let tomorrow = std::time::SystemTime::now() + std::time::Duration::from_secs(86_400);
    let tomorrow = Timestamp { nanos: 0, ..tomorrow.into() };
    let request = SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned(), "+4915123456788".to_owned()],
        sender: "smsmux".to_owned(),
        schedule_time: Some(tomorrow),
        ..message()
    };
    let sent = rig.messages().send_message(request).await.expect("sent").into_inner().message.expect("a message");
    let cancel = CancelMessageRequest { name: sent.name.clone() };
    let cancelled = rig.messages().cancel_message(cancel).await.expect("cancelled").into_inner().message.expect("one");
    assert!(
        cancelled.recipients.iter().all(|recipient| recipient.state() == DeliveryState::Cancelled),
        "{cancelled:?}"
    );
    assert_eq!(get(&rig, &sent.name).await, cancelled);
}

#[tokio::test]
async fn a_text_is_kept_only_if_the_configuration_says_so() {
    for (sections, text) in [("", ""), ("[store]\npath = ':memory:'\nkeep_texts = true", "Hello world!")] {
        let rig = Rig::with(sections, "").await;
        let sent = rig.send().await.expect("sent");
        assert_eq!(get(&rig, &sent.name).await.text, text);
    }
}
