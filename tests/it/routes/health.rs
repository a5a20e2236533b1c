//! From delivery reports to the weight of an account: a gateway whose time of day is shifted, as messages are judged when they are
//! minutes old.

use std::{collections::BTreeMap, fs};

use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, SendMessageRequest, WatchEventsRequest, WatchEventsResponse,
    account_changed::Condition, event::Subject, event_service_client::EventServiceClient,
    message_service_client::MessageServiceClient, watch_events_response::Item,
};
use tonic::transport::Channel;

use crate::{
    crash::{
        clock::Clock,
        rig::{Gateway, accounts},
    },
    support::in_time,
};

/// The messages that each account has at least: fewer are not judged.
const ENOUGH: usize = 60;

/// How old messages are when their delivery is judged, and a little more, in seconds.
const OLD: u64 = 360;

/// Sends a message to a number through the route, and returns its name, the account that took it, and the vendor's id.
async fn send(channel: &Channel, number: usize) -> (String, String, String) {
    let request = SendMessageRequest {
        parent: "accounts/main".to_owned(),
        recipients: vec![format!("+49151{number:08}")],
        text: format!("Code {number}"),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    };
    let reply = MessageServiceClient::new(channel.clone()).send_message(request).await.expect("sent").into_inner();
    let mut message = reply.message.expect("a message");
    let recipient = message.recipients.remove(0);
    (message.name, recipient.account, recipient.vendor_message_id)
}

/// Returns the next move of an account's weight: the name of the event, and its text.
async fn moved(stream: &mut tonic::Streaming<WatchEventsResponse>) -> (String, String) {
    loop {
        let answer = in_time(stream.message()).await.expect("no error").expect("no end");
        if let Some(Item::Event(event)) = answer.item
            && let Some(Subject::Account(changed)) = event.subject
            && changed.condition() == Condition::ShareReduced
        {
            return (event.name, changed.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_messages_are_not_delivered_loses_a_part_of_its_share() {
    let folder = tempfile::tempdir().expect("a folder");
    let vendors = ["smsend", "lox24"].map(|vendor| (vendor, "breaker_failures = 0"));
    let (config, sandboxes) = accounts(folder.path(), "path = '{folder}/a.db'", &vendors).await;
    let text = fs::read_to_string(&config).expect("the file");
    let route = "[accounts.main]\nvendor = 'route'\n\
                 rules = [{ use = { smsend = 50, lox24 = 50 } }]\n";
    fs::write(&config, text + route).expect("a file");
    let clock = Clock::new();
    let gateway = Gateway::with(&config, &clock.environment()).await;

    let mut taken = BTreeMap::<String, Vec<(String, String)>>::new();
    for number in 0.. {
        let (name, account, id) = send(&gateway.channel, number).await;
        taken.entry(account).or_default().push((name, id));
        if taken.len() == 2 && taken.values().all(|messages| messages.len() >= ENOUGH) {
            break;
        }
    }
    // The second one delivers, which its look-ups report; of the messages of the first one nothing is known.
    for (name, id) in &taken["accounts/lox24"] {
        sandboxes[1].deliver(id).await.expect("delivered");
        let request = GetMessageRequest { name: name.clone() };
        let found = MessageServiceClient::new(gateway.channel.clone()).get_message(request).await.expect("found");
        let message = found.into_inner().message.expect("a message");
        assert_eq!(message.recipients[0].state(), DeliveryState::Delivered);
    }
    let request = WatchEventsRequest { parent: "accounts/-".to_owned(), ..WatchEventsRequest::default() };
    let mut events = EventServiceClient::new(gateway.channel.clone());
    let mut stream = in_time(events.watch_events(request)).await.expect("a stream").into_inner();
    // Where it begins.
    in_time(stream.message()).await.expect("no error").expect("no end");
    clock.shift(OLD);
    let (event, text) = moved(&mut stream).await;
    assert!(event.starts_with("accounts/smsend/events/"), "{event}");
    // In the country, if it had enough messages of its own when the weights were looked at in between.
    assert!(text.starts_with("accounts/main: smsend "), "{text}");
    assert!(text.contains("gets 80 % of its share, before 100 %: "), "{text}");
    assert!(text.ends_with(" messages were delivered in time, 100 % at the best other account"), "{text}");
    gateway.kill().await;
}
