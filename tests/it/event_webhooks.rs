//! Outgoing webhooks: a real receiver gets the events, and verifies them with the reference library of Standard Webhooks.

mod receiver;
mod subscribed;

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use smsmux::{
    api::pb::{
        CreateEventSubscriptionRequest, DeleteEventSubscriptionRequest, GetEventSubscriptionRequest, GetMessageRequest,
        RedeliverEventsRequest, RotateEventWebhookSecretRequest, SetEventWebhookRequest,
        event_service_client::EventServiceClient, event_webhook,
    },
    config::api_key,
};
use smsmux_sandbox::Sandbox;
use tonic::{
    Code,
    metadata::{Ascii, MetadataValue},
};

use self::{
    receiver::{Answer, Receiver},
    subscribed::{SUBSCRIPTION, Subscribed},
};
use crate::support::{
    self, Rig, failed, in_time, loopback, message, pause,
    process::{Running, serving, smsmux},
    violations,
};

/// Receivers on this machine may be sent to.
const LOOPBACK: &str = "[events]\nwebhook_networks = ['127.0.0.0/8']\n";

/// Sends a message and looks it up to its end: four states.
async fn send(rig: &Rig) -> String {
    let name = rig.send().await.unwrap().name;
    for _ in 0..3 {
        rig.messages().get_message(GetMessageRequest { name: name.clone() }).await.unwrap();
    }
    name
}

#[tokio::test]
async fn events_are_delivered_as_signed_cloud_events() {
    let (rig, mut receiver) = (Rig::with(LOOPBACK, "").await, Receiver::start().await);
    let mut subscribed = Subscribed::to(&rig.channel, &receiver).await;
    let public_keys = subscribed.get().await.webhook.unwrap().public_keys;
    assert_eq!(public_keys.len(), 1);
    let name = send(&rig).await;
    let mut states = Vec::new();
    let mut last = 0;
    while states.last().is_none_or(|state| state != "DELIVERY_STATE_DELIVERED") {
        let got = receiver.next().await;
        assert!(got.is_signed_by(&subscribed.secret));
        assert!(!got.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(got.is_verified_by(&public_keys[0]) && !got.is_verified_by(&format!("whpk_{}=", "A".repeat(43))));
        assert_eq!(got.headers["content-type"], "application/cloudevents+json; charset=utf-8");
        let event = got.json();
        assert_eq!((&event["specversion"], &event["source"]), (&"1.0".into(), &"//smsmux/accounts/smsend".into()));
        assert_eq!((event["id"].as_str(), event["data"]["name"].as_str()), (Some(got.id()), Some(got.id())));
        assert_eq!(event["data"]["messageState"]["message"], Value::from(name.clone()));
        let sequence = event["data"]["sequence"].as_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(event["sequence"], format!("{sequence:019}"));
        assert!(sequence > last && event["time"] == event["data"]["receiveTime"], "{event}");
        last = sequence;
        let kind = event["type"].as_str().unwrap().strip_prefix("smsmux.message.").unwrap().to_uppercase();
        states.push(got.state());
        assert_eq!(states.last(), Some(&format!("DELIVERY_STATE_{kind}")));
    }
    let listed = subscribed.attempts(states.len()).await;
    let attempt = &listed[0];
    assert_eq!((attempt.http_status, attempt.attempt, &*attempt.answer, &*attempt.problem), (202, 1, "noted", ""));
    // The place of the subscription is that of the delivery.
    in_time(async {
        while subscribed.get().await.behind > 0 {
            pause().await;
        }
    })
    .await;
    assert_eq!(subscribed.get().await.webhook.unwrap().delivered_sequence, last);
}

#[tokio::test]
async fn a_failed_event_is_repeated_with_its_id_and_the_later_ones_of_its_message_wait() {
    let (rig, mut receiver) = (Rig::with(LOOPBACK, "").await, Receiver::start().await);
    receiver.answer([Answer::Status(500)]);
    let mut subscribed = Subscribed::to(&rig.channel, &receiver).await;
    let (first, second) = (send(&rig).await, send(&rig).await);
    let mut got: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let is_done = |got: &BTreeMap<String, Vec<(String, String)>>| {
        let ends = got.values().filter(|events| events.last().is_some_and(|(_, state)| state.ends_with("_DELIVERED")));
        ends.count() == 2
    };
    while !is_done(&got) {
        let event = receiver.next().await;
        let message = event.json()["data"]["messageState"]["message"].as_str().unwrap().to_owned();
        got.entry(message).or_default().push((event.id().to_owned(), event.state()));
    }
    // The first event of one message was sent twice before its second one.
    let (repeated, other) = (&got[&first], &got[&second]);
    let (repeated, other) = if repeated.len() > other.len() { (repeated, other) } else { (other, repeated) };
    assert_eq!((&repeated[0], repeated.len()), (&repeated[1], other.len() + 1));
    let states = |events: &[(String, String)]| events.iter().map(|(_, state)| state.clone()).collect::<Vec<_>>();
    assert_eq!(states(&repeated[1..]), states(other));
    let attempts = subscribed.attempts(repeated.len() + other.len()).await;
    let of_first: Vec<_> = attempts.iter().filter(|attempt| attempt.event == repeated[0].0).collect();
    assert_eq!(
        of_first.iter().map(|attempt| (attempt.attempt, attempt.http_status)).collect::<Vec<_>>(),
        [(2, 202), (1, 500)]
    );
}

#[tokio::test]
async fn a_receiver_that_is_gone_gets_nothing_until_the_webhook_is_set_again() {
    let (rig, mut receiver) = (Rig::with(LOOPBACK, "").await, Receiver::start().await);
    receiver.answer([Answer::Status(410)]);
    let mut subscribed = Subscribed::to(&rig.channel, &receiver).await;
    rig.send().await.unwrap();
    let refused = receiver.next().await.id().to_owned();
    subscribed.until(event_webhook::State::Gone).await;
    assert!(subscribed.get().await.webhook.unwrap().end_time.is_some());
    let set = subscribed.set(&receiver.url()).await.unwrap();
    assert_eq!(set.signing_secret, "", "the secret is returned once");
    let again = receiver.next().await;
    assert!(again.id() == refused && again.is_signed_by(&subscribed.secret));
    subscribed.until(event_webhook::State::Delivering).await;
}

#[tokio::test]
async fn two_secrets_are_valid_during_a_rotation() {
    let (rig, mut receiver) = (Rig::with(LOOPBACK, "").await, Receiver::start().await);
    let mut subscribed = Subscribed::to(&rig.channel, &receiver).await;
    let mut rotate = async |overlap| {
        let (name, overlap) = (SUBSCRIPTION.to_owned(), Some(Duration::from_secs(overlap).try_into().unwrap()));
        let rotate = RotateEventWebhookSecretRequest { name, overlap };
        subscribed.events.rotate_event_webhook_secret(rotate).await.map(|rotated| rotated.into_inner().signing_secret)
    };
    let new = rotate(3600).await.unwrap();
    // A delivery with the settings of before may be in progress: what is sent after the change is seen has both.
    let got = in_time(async {
        loop {
            rig.send().await.unwrap();
            let got = receiver.next().await;
            if got.is_signed_by(&new) {
                return got;
            }
        }
    })
    .await;
    assert!(got.is_signed_by(&subscribed.secret));
    let get = GetEventSubscriptionRequest { name: SUBSCRIPTION.to_owned() };
    let found = EventServiceClient::new(rig.channel.clone()).get_event_subscription(get).await.unwrap().into_inner();
    let keys = found.event_subscription.unwrap().webhook.unwrap().public_keys;
    assert!(keys.len() == 2 && keys[0] != keys[1] && keys.iter().all(|key| got.is_verified_by(key)));
    let newest = rotate(0).await.unwrap();
    let got = in_time(async {
        loop {
            rig.send().await.unwrap();
            let got = receiver.next().await;
            if got.is_signed_by(&newest) {
                return got;
            }
        }
    })
    .await;
    assert!(!got.is_signed_by(&new) && !got.is_signed_by(&subscribed.secret));
    violations(&rotate(31 * 24 * 3600).await.unwrap_err(), &["overlap"]);
}

#[tokio::test]
async fn events_are_delivered_again_with_the_same_ids() {
    let (rig, mut receiver) = (Rig::with(LOOPBACK, "").await, Receiver::start().await);
    let mut subscribed = Subscribed::to(&rig.channel, &receiver).await;
    rig.send().await.unwrap();
    let first = receiver.next().await;
    let again = RedeliverEventsRequest { name: SUBSCRIPTION.to_owned(), ..RedeliverEventsRequest::default() };
    subscribed.events.redeliver_events(again.clone()).await.unwrap();
    assert_eq!(receiver.next().await.id(), first.id());
    let set = subscribed.set("").await.unwrap();
    assert_eq!(set.event_subscription.unwrap().webhook, None);
    let error = subscribed.events.redeliver_events(again).await.unwrap_err();
    failed(&error, Code::FailedPrecondition, "STATE_CONFLICT");
}

#[tokio::test]
async fn a_webhook_leads_to_no_address_that_is_not_public_unless_it_is_listed() {
    let (rig, receiver) = (Rig::smsend().await, Receiver::start().await);
    let mut events = EventServiceClient::new(rig.channel.clone());
    let create = CreateEventSubscriptionRequest {
        parent: "accounts/smsend".to_owned(),
        event_subscription_id: "billing".to_owned(),
        ..CreateEventSubscriptionRequest::default()
    };
    events.create_event_subscription(create).await.unwrap();
    let mut subscribed = Subscribed { events, secret: String::new() };
    for url in [
        receiver.url(),
        format!("https://{}/", receiver.address),
        "https://[::1]/".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://example.com/".to_owned(),
        "https://me:secret@example.com/".to_owned(),
        "example.com".to_owned(),
    ] {
        violations(&subscribed.set(&url).await.unwrap_err(), &["url"]);
    }
    // A name is resolved when something is sent, and leads here.
    subscribed.set(&format!("https://localhost:{}/", receiver.address.port())).await.unwrap();
    rig.send().await.unwrap();
    let attempts = subscribed.attempts(1).await;
    assert_eq!(attempts[0].problem, "the name leads to no address that webhooks may be sent to");
    // A new subscription of the name has no webhook of the old one.
    let delete = DeleteEventSubscriptionRequest { name: SUBSCRIPTION.to_owned() };
    subscribed.events.delete_event_subscription(delete).await.unwrap();
    failed(
        &subscribed
            .set(&receiver.url().replace("http:", "https:").replace("127.0.0.1", "localhost"))
            .await
            .unwrap_err(),
        Code::NotFound,
        "RESOURCE_NOT_FOUND",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_before_the_answer_delivers_again_with_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let (config, sandbox) = (folder.path().join("smsmux.toml"), Sandbox::start("smsend", loopback()).await.unwrap());
    let mut text = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[store]\npath = '{}/a.db'\n{LOOPBACK}[accounts.smsend]\nvendor = 'smsend'\n\
         base_url = '{}'\n",
        folder.path().display(),
        sandbox.base_url()
    );
    sandbox.credentials().iter().for_each(|(key, value)| text += &format!("{key} = '{value}'\n"));
    std::fs::write(&config, text).unwrap();
    let start = || {
        let mut command = smsmux(&["serve", "--config", config.to_str().unwrap()]);
        let mut running = Running::start(command.env_remove("SMSMUX_STORE_PATH"));
        let address: SocketAddr = running.until(serving).parse().unwrap();
        (running, address)
    };
    let mut receiver = Receiver::start().await;
    receiver.answer([Answer::Never]);
    let (running, address) = start();
    let channel = support::connect(address).await;
    let subscribed = Subscribed::to(&channel, &receiver).await;
    smsmux::api::pb::message_service_client::MessageServiceClient::new(channel).send_message(message()).await.unwrap();
    let first = receiver.next().await;
    // Killed when it is dropped, while the receiver has not answered.
    drop(running);
    let (_running, _) = start();
    let again = receiver.next().await;
    assert_eq!((again.id(), &again.body), (first.id(), &first.body));
    assert!(again.is_signed_by(&subscribed.secret));
}

/// A caller of these accounts: what it sends to authenticate, and its section.
fn caller(name: &str, accounts: &str) -> (MetadataValue<Ascii>, String) {
    let (key, hash) = api_key::generate(name).unwrap();
    let section = format!("[callers.{name}]\nkey = '{hash}'\nscopes = ['*', '*:secret']\naccounts = [{accounts}]\n");
    (MetadataValue::try_from(format!("Bearer {}", key.expose_secret())).unwrap(), section)
}

fn from<T>(key: &MetadataValue<Ascii>, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.metadata_mut().insert("authorization", key.clone());
    request
}

#[tokio::test]
async fn the_webhook_of_all_accounts_gets_the_events_of_those_that_its_caller_may_use_at_the_time() {
    let (all, of_all) = caller("all", "'*'");
    let (other, of_other) = caller("other", "'elsewhere'");
    let elsewhere = "[accounts.elsewhere]\nvendor = 'smsend'\ntoken = 'UK;AT'\npoll = false\n";
    let sections = |of_other: &str| format!("{LOOPBACK}{of_all}{of_other}{elsewhere}");
    let rig = Rig::with(&sections(&of_other), "").await;
    let mut receivers = Vec::new();
    for key in [&all, &other] {
        let (receiver, mut events) = (Receiver::start().await, EventServiceClient::new(rig.channel.clone()));
        let create = CreateEventSubscriptionRequest {
            parent: "accounts/-".to_owned(),
            event_subscription_id: "billing".to_owned(),
            ..CreateEventSubscriptionRequest::default()
        };
        events.create_event_subscription(from(key, create)).await.unwrap();
        let name = "accounts/-/eventSubscriptions/billing".to_owned();
        let set = SetEventWebhookRequest { name, url: receiver.url(), signing_secret: String::new() };
        let secret = events.set_event_webhook(from(key, set)).await.unwrap().into_inner().signing_secret;
        receivers.push((receiver, secret));
    }
    let send = async || rig.messages().send_message(from(&all, message())).await.unwrap().into_inner();
    let first = send().await.message.unwrap().name;
    let got = receivers[0].0.next().await;
    assert!(got.is_signed_by(&receivers[0].1));
    assert_eq!(got.json()["data"]["messageState"]["message"], Value::from(first.clone()));

    // What is granted counts from then on.
    rig.reload(&sections(&of_other.replace("'elsewhere'", "'*'")), "").await;
    let got = in_time(async {
        loop {
            let sent = send().await.message.unwrap().name;
            assert_ne!(sent, first);
            if let Ok(got) = tokio::time::timeout(Duration::from_millis(100), receivers[1].0.next()).await {
                return got;
            }
        }
    })
    .await;
    assert!(got.is_signed_by(&receivers[1].1));
    assert_ne!(got.json()["data"]["messageState"]["message"], Value::from(first));
}

/// One of the two replicas of one store delivers. It is killed before it gets an answer.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test(flavor = "multi_thread")]
async fn another_replica_goes_on_with_the_same_ids_when_the_one_that_delivers_is_killed() {
    let (folder, database) = (tempfile::tempdir().unwrap(), crate::store::server::Database::new());
    let (config, sandbox) = (folder.path().join("smsmux.toml"), Sandbox::start("smsend", loopback()).await.unwrap());
    let mut text = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[store]\npostgres = '{}'\nhash_key = '{}'\n{LOOPBACK}[accounts.smsend]\n\
         vendor = 'smsend'\nbase_url = '{}'\n",
        database.url(),
        "a".repeat(32),
        sandbox.base_url()
    );
    sandbox.credentials().iter().for_each(|(key, value)| text += &format!("{key} = '{value}'\n"));
    std::fs::write(&config, text).unwrap();
    let start = || {
        let mut command = smsmux(&["serve", "--config", config.to_str().unwrap()]);
        let mut running = Running::start(command.env_remove("SMSMUX_STORE_PATH"));
        let address: SocketAddr = running.until(serving).parse().unwrap();
        (running, address)
    };
    let mut receiver = Receiver::start().await;
    let (owner, address) = start();
    let channel = support::connect(address).await;
    let mut subscribed = Subscribed::to(&channel, &receiver).await;
    let mut client = smsmux::api::pb::message_service_client::MessageServiceClient::new(channel.clone());
    client.send_message(message()).await.unwrap();
    let first = receiver.next().await.id().to_owned();
    // It is the one that delivers, and what it has delivered is recorded.
    in_time(async {
        while subscribed.get().await.behind > 0 {
            pause().await;
        }
    })
    .await;
    let (_other, address) = start();
    let other = support::connect(address).await;
    receiver.answer([Answer::Never]);
    client.send_message(message()).await.unwrap();
    let second = receiver.next().await;
    // Killed when it is dropped.
    drop(owner);
    // What the other replica finds when the lease is over.
    database.sql("UPDATE chore SET lease_until = 0");
    let again = receiver.next().await;
    assert_eq!((again.id(), &again.body), (second.id(), &second.body));
    assert!(again.is_signed_by(&subscribed.secret) && again.id() != first);
    let mut client = smsmux::api::pb::message_service_client::MessageServiceClient::new(other);
    client.send_message(message()).await.unwrap();
    let third = receiver.next().await;
    assert!(third.id() != again.id() && third.id() != first);
}
