//! From delivery reports to the weight of an account: a gateway whose time of day is shifted, as messages are judged when they are
//! minutes old.

use std::{collections::BTreeMap, fs};

use http::StatusCode;
use smsmux::api::pb::{
    DeliveryState, EventSource, GetMessageRequest, SendMessageRequest, WatchEventsRequest, WatchEventsResponse,
    account_changed::Condition, event::Subject, event_service_client::EventServiceClient,
    message_service_client::MessageServiceClient, watch_events_response::Item,
};
use smsmux_sandbox::{Fault, Rule, Sandbox};
use tempfile::TempDir;
use tonic::{Streaming, transport::Channel};

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
async fn moved(stream: &mut Streaming<WatchEventsResponse>) -> (String, String) {
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

/// A gateway with a route over two accounts, and enough messages at each of which nothing is known.
struct Stand {
    _folder: TempDir,
    clock: Clock,
    gateway: Gateway,
    sandboxes: Vec<Sandbox>,
    /// The names of the messages and their ids at the vendor, by the account that took them.
    taken: BTreeMap<String, Vec<(String, String)>>,
    events: Streaming<WatchEventsResponse>,
}

impl Stand {
    async fn new(sections: &str, keys: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = format!("breaker_failures = 0\n{keys}");
        let (store, vendors) = (format!("path = '{{folder}}/a.db'\n{sections}"), ["smsend", "lox24"]);
        let (config, sandboxes) = accounts(folder.path(), &store, &vendors.map(|vendor| (vendor, &*keys))).await;
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
        let request = WatchEventsRequest { parent: "accounts/-".to_owned(), ..WatchEventsRequest::default() };
        let mut client = EventServiceClient::new(gateway.channel.clone());
        let mut events = in_time(client.watch_events(request)).await.expect("a stream").into_inner();
        // Where it begins.
        in_time(events.message()).await.expect("no error").expect("no end");
        Self { _folder: folder, clock, gateway, sandboxes, taken, events }
    }

    /// Waits until so many messages are delivered. Returns how often which source said so, and whether it was confirmed.
    async fn delivered(&mut self, count: usize) -> BTreeMap<(i32, bool), usize> {
        let mut seen = BTreeMap::new();
        while seen.values().sum::<usize>() < count {
            let answer = in_time(self.events.message()).await.expect("no error").expect("no end");
            if let Some(Item::Event(event)) = answer.item
                && let Some(Subject::MessageState(changed)) = &event.subject
                && changed.state() == DeliveryState::Delivered
            {
                *seen.entry((event.source, event.confirmed)).or_default() += 1;
            }
        }
        seen
    }

    /// Lets the messages become old enough, and expects that the account of which no delivery is known loses a part of its share.
    async fn loses_a_part(mut self) {
        self.clock.shift(OLD);
        let (event, text) = moved(&mut self.events).await;
        println!("{event}: {text}");
        assert!(event.starts_with("accounts/smsend/events/"), "{event}");
        // In the country, if it had enough messages of its own when the weights were looked at in between.
        assert!(text.starts_with("accounts/main: smsend "), "{text}");
        assert!(text.contains("gets 80 % of its share, before 100 %: "), "{text}");
        assert!(text.ends_with(" messages were delivered in time, 100 % at the best other account"), "{text}");
        self.gateway.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_messages_are_not_delivered_loses_a_part_of_its_share() {
    let stand = Stand::new("", "").await;
    // The second one delivers, which its look-ups report; of the messages of the first one nothing is known.
    for (name, id) in &stand.taken["accounts/lox24"] {
        stand.sandboxes[1].deliver(id).await.expect("delivered");
        let request = GetMessageRequest { name: name.clone() };
        let found = MessageServiceClient::new(stand.gateway.channel.clone()).get_message(request).await.expect("found");
        let message = found.into_inner().message.expect("a message");
        assert_eq!(message.recipients[0].state(), DeliveryState::Delivered);
    }
    stand.loses_a_part().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_a_vendor_pushes_count_as_those_that_are_looked_up() {
    let token = "0123456789abcdef0123456789abcdef";
    let sections = "[webhooks]\nlisten = '127.0.0.1:0'\nconfirm_timeout = '1ms'\n";
    let mut stand = Stand::new(sections, &format!("webhook_tokens = ['{token}']\n")).await;
    let (vendor, address) = (&stand.sandboxes[1], stand.gateway.webhooks.as_ref().expect("a port"));
    vendor.push_to(&format!("http://{address}/lox24/{token}"));
    // No look-up tells anything: what is known was pushed.
    let code = StatusCode::SERVICE_UNAVAILABLE;
    vendor.inject(Rule::new(Fault::Status { code, retry_after: None, body: None }).method("GET").times(100_000));
    let count = stand.taken["accounts/lox24"].len();
    for (_, id) in &stand.taken["accounts/lox24"] {
        vendor.deliver(id).await.expect("delivered");
    }
    let pushed = BTreeMap::from([((EventSource::Push.into(), false), count)]);
    assert_eq!(stand.delivered(count).await, pushed);
    stand.loses_a_part().await;
}
