//! Subscriptions, and readers that share the events.

use std::collections::BTreeSet;

use smsmux::api::pb::{AckEventsRequest, DeleteEventSubscriptionRequest, EventShard, ListEventSubscriptionsRequest};

use super::*;

#[tokio::test]
async fn several_readers_share_the_events_and_those_of_a_message_are_in_one_part() {
    const COUNT: i32 = 3;
    let rig = Rig::smsend().await;
    let shard = |index| Some(EventShard { index, count: COUNT });
    let mut watchers = Vec::new();
    for index in 0..COUNT {
        watchers.push(Watcher::new(&rig, WatchEventsRequest { shard: shard(index), ..of(ALL) }).await);
    }
    let names = send_many(&rig, 60).await;
    for name in &names {
        // Three states more.
        for _ in 0..3 {
            get(&rig, name).await;
        }
    }
    let all = list(&rig, ListEventsRequest { parent: ALL.to_owned(), page_size: 1000, ..Default::default() }).await;
    let all = all.expect("a page").events;
    assert!(all.len() > names.len());
    let mut parts = Vec::new();
    for (index, watcher) in (0..COUNT).zip(&mut watchers) {
        let (parent, page_size) = (ALL.to_owned(), 1000);
        let request = ListEventsRequest { parent, page_size, shard: shard(index), ..Default::default() };
        let listed = list(&rig, request).await.expect("a page");
        assert_eq!((listed.sequence, listed.behind), (all.len() as i64, 0));
        for event in &listed.events {
            assert_eq!(watcher.event().await, *event);
        }
        let messages: BTreeSet<_> = listed.events.iter().map(|event| state(event).message.clone()).collect();
        assert!(!messages.is_empty(), "60 messages are in 3 parts");
        parts.push((listed.events.len(), messages));
    }
    assert_eq!(parts.iter().map(|(events, _)| events).sum::<usize>(), all.len());
    assert_eq!(parts.iter().map(|(_, messages)| messages.len()).sum::<usize>(), names.len());

    let request = |token: &str, shard| WatchEventsRequest { shard, ..from(ALL, token) };
    for wrong in [shard(1), None, Some(EventShard { index: 0, count: 2 })] {
        let status = events(&rig).watch_events(request(&watchers[0].token, wrong)).await.expect_err("another part");
        violations(&status, &["resume_token"]);
    }
    for (index, count, field) in [(0, 0, "shard.count"), (3, 3, "shard.index"), (-1, 3, "shard.index")] {
        let status = events(&rig).watch_events(request("", Some(EventShard { index, count }))).await;
        violations(&status.expect_err("invalid"), &[field]);
    }
    let create = CreateEventSubscriptionRequest {
        parent: ALL.to_owned(),
        event_subscription_id: "part-2".to_owned(),
        resume_token: watchers[2].token.clone(),
        shard: shard(2),
        ..Default::default()
    };
    let created = events(&rig).create_event_subscription(create).await.expect("created").into_inner();
    let created = created.event_subscription.expect("a subscription");
    assert_eq!((created.shard, created.resume_token), (shard(2), watchers[2].token.clone()));
}

#[tokio::test]
async fn a_subscription_begins_after_the_last_acknowledgement() {
    let rig = Rig::smsend().await;
    let create = |parent: &str| CreateEventSubscriptionRequest {
        parent: parent.to_owned(),
        event_subscription_id: "billing".to_owned(),
        ..Default::default()
    };
    let mut client = events(&rig);
    for parent in ["accounts/smsend", ALL] {
        let created = client.create_event_subscription(create(parent)).await.expect("created").into_inner();
        let created = created.event_subscription.expect("a subscription");
        let name = format!("{parent}/eventSubscriptions/billing");
        assert_eq!((&created.name, created.behind), (&name, 0));
        let status = client.create_event_subscription(create(parent)).await.expect_err("taken");
        failed(&status, Code::AlreadyExists, "RESOURCE_EXISTS");

        let subscribed = || WatchEventsRequest { subscription: name.clone(), ..WatchEventsRequest::default() };
        let mut watcher = Watcher::new(&rig, subscribed()).await;
        let names = send_many(&rig, 3).await;
        let mut tokens = Vec::new();
        for name in &names {
            assert_eq!(state(&watcher.event().await).message, *name);
            tokens.push(watcher.token.clone());
        }
        // Late, twice, and never back.
        let ack = |token: &str| AckEventsRequest { name: name.clone(), resume_token: token.to_owned() };
        for (token, behind) in [(&tokens[1], 1), (&tokens[0], 1), (&tokens[1], 1)] {
            let acked = client.ack_events(ack(token)).await.expect("acknowledged").into_inner();
            assert_eq!(acked.event_subscription.expect("a subscription").behind, behind);
        }
        violations(&client.ack_events(ack("none")).await.expect_err("invalid"), &["resume_token"]);
        violations(&client.ack_events(ack("")).await.expect_err("invalid"), &["resume_token"]);
        let mut again = Watcher::new(&rig, subscribed()).await;
        assert_eq!(state(&again.event().await).message, names[2]);
        // The newer stream has ended the older one.
        failed(&watcher.error().await, Code::Aborted, "SUBSCRIPTION_TAKEN");

        let get = GetEventSubscriptionRequest { name: name.clone() };
        let found = client.get_event_subscription(get).await.expect("found").into_inner();
        assert_eq!(found.event_subscription.expect("a subscription").resume_token, tokens[1]);
        let request = ListEventSubscriptionsRequest { parent: parent.to_owned(), ..Default::default() };
        let listed = client.list_event_subscriptions(request).await.expect("listed").into_inner();
        assert_eq!(listed.event_subscriptions.iter().map(|one| &one.name).collect::<Vec<_>>(), [&name]);

        let delete = || DeleteEventSubscriptionRequest { name: name.clone() };
        client.delete_event_subscription(delete()).await.expect("deleted");
        failed(&again.error().await, Code::NotFound, "RESOURCE_NOT_FOUND");
        let status = client.delete_event_subscription(delete()).await.expect_err("gone");
        failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
        let status = client.watch_events(subscribed()).await.expect_err("gone");
        failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");
        let both = WatchEventsRequest { parent: ALL.to_owned(), ..subscribed() };
        violations(&client.watch_events(both).await.expect_err("invalid"), &["parent"]);
    }
}

/// Two servers on one PostgreSQL server.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn two_servers_on_one_store_have_one_log_and_one_stream_of_a_subscription() {
    let database = crate::store::server::Database::new();
    let key = "a".repeat(32);
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{key}'", database.url());
    let rigs = [Rig::with(&store, "").await, Rig::with(&store, "").await];
    let mut watcher = Watcher::new(&rigs[0], of("accounts/smsend")).await;
    let start = watcher.token.clone();
    let (one, other) = tokio::join!(send_many(&rigs[0], 40), send_many(&rigs[1], 40));
    let mut seen = Vec::new();
    watcher = Watcher::new(&rigs[1], from("accounts/smsend", &start)).await;
    while seen.len() < 80 {
        for _ in 0..fastrand::usize(1..20).min(80 - seen.len()) {
            let event = watcher.event().await;
            assert_eq!(event.sequence, seen.len() as i64 + 1);
            seen.push(state(&event).message.clone());
        }
        watcher = Watcher::new(&rigs[usize::from(fastrand::bool())], from("accounts/smsend", &watcher.token)).await;
    }
    let mut sent = [one, other].concat();
    sent.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, sent);

    let create = CreateEventSubscriptionRequest {
        parent: ALL.to_owned(),
        event_subscription_id: "billing".to_owned(),
        ..Default::default()
    };
    events(&rigs[0]).create_event_subscription(create).await.expect("created");
    let subscription = format!("{ALL}/eventSubscriptions/billing");
    let request = || WatchEventsRequest { subscription: subscription.clone(), ..WatchEventsRequest::default() };
    let mut older = Watcher::new(&rigs[0], request()).await;
    let mut newer = Watcher::new(&rigs[1], request()).await;
    // Not only with its next event.
    failed(&older.error().await, Code::Aborted, "SUBSCRIPTION_TAKEN");
    let name = rigs[0].send().await.expect("sent").name;
    assert_eq!(state(&newer.event().await).message, name);
    let delete = DeleteEventSubscriptionRequest { name: subscription.clone() };
    events(&rigs[0]).delete_event_subscription(delete).await.expect("deleted");
    failed(&newer.error().await, Code::NotFound, "RESOURCE_NOT_FOUND");
}
