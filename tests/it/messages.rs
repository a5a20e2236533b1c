//! The log of messages: one send, one message, under one name, at every vendor.

use prost_types::Timestamp;
use smsmux::api::pb::{
    AddGroupMemberRequest, CancelMessageRequest, Contact, CreateContactRequest, CreateGroupRequest, DeliveryState,
    GetMessageRequest, Group, ListMessagesRequest, Message, SendGroupMessageRequest, SendMessageRequest,
    contact_service_client::ContactServiceClient, group_service_client::GroupServiceClient,
};
use tonic::{Code, Request};

use crate::support::{NUMBER, Rig, failed, in_time, message, pause};

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
        let tag = if i == 3 { "autumn" } else { "" }.to_owned();
        let request = SendMessageRequest { recipients, tag, ..message() };
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
    let by_tag = ListMessagesRequest { tag: "autumn".to_owned(), ..account.clone() };
    assert_eq!(list(&rig, by_tag.clone()).await.0, [names[1].clone()]);
    let by_both = ListMessagesRequest { recipient: "+393471234564".to_owned(), ..by_tag };
    assert!(list(&rig, by_both).await.0.is_empty());
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

#[tokio::test]
async fn an_error_names_the_message_that_the_log_has_of_it() {
    let rig = Rig::vendor("lox24").await;
    let request = |sender: &str| SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: vec!["+4915123456789".to_owned()],
        sender: sender.to_owned(),
        message_id: "mine".to_owned(),
        ..message()
    };
    let name = "accounts/lox24/messages/mine";
    let invalid = rig.messages().send_message(request("")).await.expect_err("no sender");
    assert_eq!(failed(&invalid, Code::InvalidArgument, "INVALID_REQUEST").get("resource"), None);

    rig.answer("POST /sms", 402, "no money");
    let refused = rig.messages().send_message(request("smsmux")).await.expect_err("refused");
    assert_eq!(failed(&refused, Code::ResourceExhausted, "NO_CREDIT")["resource"], name);
    assert_eq!(get(&rig, name).await.recipients[0].state(), DeliveryState::Rejected);

    rig.messages().send_message(request("smsmux")).await.expect("sent");
    let taken = rig.messages().send_message(request("smsmux")).await.expect_err("taken");
    assert_eq!(failed(&taken, Code::AlreadyExists, "RESOURCE_EXISTS")["resource"], name);
}

#[tokio::test]
async fn the_recipients_of_a_send_to_groups_are_found_by_number_once_they_are_known() {
    let rig = Rig::smsend().await;
    let parent = "accounts/smsend".to_owned();
    let mut groups = GroupServiceClient::new(rig.channel.clone());
    let group = Group { display_name: "Customers".to_owned(), description: "All".to_owned(), ..Group::default() };
    let group = groups.create_group(CreateGroupRequest { parent: parent.clone(), group: Some(group) }).await;
    let group = group.expect("created").into_inner().group.expect("a group");
    let contact = Contact {
        phone_number: Some(NUMBER.to_owned()),
        email: Some("ada@example.com".to_owned()),
        given_name: Some("Ada".to_owned()),
        ..Contact::default()
    };
    let mut contacts = ContactServiceClient::new(rig.channel.clone());
    let contact =
        contacts.create_contact(CreateContactRequest { parent: parent.clone(), contact: Some(contact) }).await;
    let contact = contact.expect("created").into_inner().contact.expect("a contact");
    let member = AddGroupMemberRequest { name: group.name, contact: contact.name };
    groups.add_group_member(member).await.expect("added");

    let request = SendGroupMessageRequest {
        parent: parent.clone(),
        groups: vec![group.display_name],
        text: "Hello world!".to_owned(),
        ..SendGroupMessageRequest::default()
    };
    let sent = rig.messages().send_group_message(request).await.expect("sent").into_inner().message.expect("a message");
    let by_number = ListMessagesRequest { recipient: NUMBER.to_owned(), ..of(&parent) };
    let known = get(&rig, &sent.name).await;
    assert_eq!(known.recipients[0].to, NUMBER);
    assert_eq!(list(&rig, by_number).await.0, [sent.name]);
}

/// The id of the message is made of the key, and the message is kept for longer than the reply.
#[tokio::test]
async fn a_key_that_is_used_again_after_its_time_is_named_by_the_error() {
    let sections = "[store]\npath = ':memory:'\nidempotency_ttl = '1s'\nlog_retention = '1d'";
    let rig = Rig::with(sections, "").await;
    let keyed = || {
        let mut request = Request::new(message());
        request.metadata_mut().insert("idempotency-key", "k".parse().expect("a key"));
        request
    };
    let sent = rig.messages().send_message(keyed()).await.expect("sent").into_inner().message.expect("a message");
    let status = in_time(async {
        loop {
            if let Err(status) = rig.messages().send_message(keyed()).await {
                return status;
            }
            pause().await;
        }
    })
    .await;
    let metadata = failed(&status, Code::AlreadyExists, "RESOURCE_EXISTS");
    assert_eq!((metadata["outcome"].as_str(), metadata["resource"].as_str()), ("NOT_SENT", sent.name.as_str()));
    assert!(status.message().contains("the idempotency key was used before"), "{status:?}");
    assert_eq!(rig.requests("POST /sms").len(), 1);
}

/// A client reads answers of at most 4 MiB, unless it is configured otherwise.
#[tokio::test]
async fn a_page_of_messages_to_many_recipients_ends_before_it_is_too_large_for_a_client() {
    let rig = Rig::smsend().await;
    for id in ["a", "b", "c", "d"] {
        let recipients = (0..10_000).map(|number| format!("+39347123{number:04}")).collect();
        let request = SendMessageRequest { recipients, message_id: id.to_owned(), ..message() };
        rig.messages().send_message(request).await.expect("sent");
    }
    let (mut pages, mut page_token) = (Vec::new(), String::new());
    loop {
        let (page, next) = list(&rig, ListMessagesRequest { page_token, ..of("accounts/smsend") }).await;
        pages.push(page);
        page_token = next;
        if page_token.is_empty() {
            break;
        }
    }
    let names = |ids: &[&str]| ids.iter().map(|id| format!("accounts/smsend/messages/{id}")).collect::<Vec<_>>();
    assert_eq!(pages, [names(&["d", "c", "b"]), names(&["a"])]);
}
