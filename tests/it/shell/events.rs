//! `smsmux watch`, and the events of a subscription.

use super::*;

/// `smsmux watch` with these arguments, which watches.
fn watch(address: &str, arguments: &[&str]) -> Running {
    let mut watch = command(&[&["watch", "--address", address], arguments].concat());
    let mut watch = Running::start(&mut watch);
    watch.until(|line| line.starts_with("time").then_some(()));
    watch
}

#[tokio::test]
async fn a_watch_shows_what_happens_and_the_log_has_it() {
    let rig = Rig::smsend().await;
    let address = rig.address.to_string();
    let watch = spawn_blocking(move || watch(&address, &["--count", "1"])).await.unwrap();
    ask(&rig, &send(&[])).await.with(0);
    let ended = spawn_blocking(move || watch.end()).await.unwrap().with(0);
    assert!(
        ended.stdout.lines().nth(1).is_some_and(|line| line.contains(NUMBER) && line.contains("QUEUED")),
        "{ended:#?}"
    );
    let listed = json(&rig, &["events", "list", "--type", "message_state_changed"]).await;
    assert_eq!(listed["events"][0]["messageState"]["state"], "DELIVERY_STATE_QUEUED");
    let token = listed["resumeToken"].as_str().unwrap();
    let rest = json(&rig, &["events", "list", "--type", "message_state_changed", "--resume-token", token]).await;
    assert_eq!(rest["events"], serde_json::json!([]));
    let listed = ask(&rig, &["events", "list"]).await.with(0);
    assert!(listed.stdout.contains(NUMBER), "{listed:#?}");
    let watched = json(&rig, &["watch", "--from", "2020-01-01", "--count", "1"]).await;
    assert_eq!(watched["event"]["name"], listed_name(&rig).await);
    assert!(watched["resumeToken"].is_string(), "{watched}");
}

async fn listed_name(rig: &Rig) -> Value {
    json(rig, &["events", "list", "--limit", "1"]).await["events"][0]["name"].take()
}

#[tokio::test]
async fn a_subscription_goes_on_where_the_last_watch_ended() {
    let rig = Rig::smsend().await;
    let by = |count: &'static str| ["watch", "--subscription", "billing", "--count", count];
    let begin = ["--type", "message_state_changed", "--from", "2020-01-01"];
    for id in ["m-1", "m-2", "m-3"] {
        json(&rig, &send(&["--message-id", id])).await;
    }
    let all = json(&rig, &["events", "list", "--type", "message_state_changed"]).await;
    let first = json(&rig, &[&by("1")[..], &begin].concat()).await;
    let second = json(&rig, &by("1")).await;
    assert_eq!((&first["event"], &second["event"]), (&all["events"][0], &all["events"][1]));
    let listed = json(&rig, &["events", "subscriptions"]).await;
    let found = &listed["eventSubscriptions"][0];
    assert_eq!(found["name"], "accounts/-/eventSubscriptions/billing", "{listed}");
    assert_eq!(found["types"], serde_json::json!(["EVENT_TYPE_MESSAGE_STATE_CHANGED"]), "{listed}");
    // What a subscription is stays as it was made.
    for changed in [&["--type", "message_received"][..], &["--from", "2020-01-01"]] {
        let ended = ask(&rig, &[&by("1")[..], changed].concat()).await.with(1);
        assert!(ended.stderr.contains("accounts/-/eventSubscriptions/billing"), "{ended:#?}");
    }
    let table = ask(&rig, &["events", "subscriptions"]).await.with(0);
    assert!(table.stdout.contains("MESSAGE_STATE_CHANGED"), "{table:#?}");
    ask(&rig, &["events", "unsubscribe", "billing"]).await.with(0);
    let ended = ask(&rig, &["events", "unsubscribe", "billing"]).await.with(1);
    assert!(ended.stderr.contains("smsmux events subscriptions"), "{ended:#?}");
}

#[tokio::test]
async fn an_event_that_nobody_read_is_printed_again() {
    let rig = Rig::smsend().await;
    let address = rig.address.to_string();
    let watch =
        |arguments: &[&str]| command(&[&["watch", "--address", &address, "--subscription", "s"], arguments].concat());
    let mut new = watch(&["--from", "2020-01-01"]);
    json(&rig, &send(&["--message-id", "m-1"])).await;
    // The reader has left before the first line, so that nothing is acknowledged.
    let ended = spawn_blocking(move || {
        let nobody = std::io::pipe().unwrap().1;
        Running::printing_to(&mut new, nobody, std::process::Stdio::piped()).end()
    });
    ended.await.unwrap().with(0);
    let mut again = watch(&["--count", "1"]);
    let again = spawn_blocking(move || run(&mut again)).await.unwrap().with(0);
    assert!(again.stdout.contains("QUEUED"), "{again:#?}");
}

#[tokio::test]
async fn a_newer_watch_of_a_subscription_ends_the_one_before() {
    let rig = Rig::smsend().await;
    let (first, second) = (rig.address.to_string(), rig.address.to_string());
    let first = spawn_blocking(move || watch(&first, &["--subscription", "s"])).await.unwrap();
    let second = spawn_blocking(move || watch(&second, &["--subscription", "s"])).await.unwrap();
    let ended = spawn_blocking(move || first.end()).await.unwrap().with(1);
    assert!(ended.stderr.contains("SUBSCRIPTION_TAKEN") && ended.stderr.contains("--subscription"), "{ended:#?}");
    spawn_blocking(move || second.stop("INT")).await.unwrap().with(0);
}

#[tokio::test]
async fn a_watch_comes_back_after_a_restart_and_misses_nothing() {
    let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("smsmux.toml");
    let store = folder.path().join("smsmux.db");
    let credentials: String = sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
    let text = format!(
        "[store]\npath = '{}'\n[accounts.smsend]\nvendor = 'smsend'\nbase_url = '{}'\n{credentials}",
        store.display(),
        sandbox.base_url()
    );
    fs::write(&config, text).unwrap();
    spawn_blocking(move || {
        let start = |listen: &str| {
            let mut serve = smsmux(&["serve", "--config", config.to_str().unwrap(), "--listen", listen]);
            let mut server = Running::start(serve.env_remove("SMSMUX_STORE_PATH"));
            let address = server.until(serving);
            (server, address)
        };
        let (server, address) = start("127.0.0.1:0");
        let send = || run(&mut command(&send(&["--address", &address]))).with(0);
        let mut watch = watch(&address, &["--count", "2"]);
        send();
        watch.until(|line| line.contains("QUEUED").then_some(()));
        server.stop("TERM");
        watch.until(|line| line.contains("coming back").then_some(()));
        let (_server, _) = start(&address);
        // Whether the watch is back yet or not, it gets this.
        send();
        let ended = watch.end().with(0);
        assert_eq!(ended.stdout.matches(NUMBER).count(), 2, "{ended:#?}");
    })
    .await
    .unwrap();
}
