//! The command line as a client: a server's stand-ins, and `smsmux send`, `messages`, `watch` and the rest in processes of their own.

use std::{fs, process::Command};

use secrecy::ExposeSecret as _;
use serde_json::Value;
use smsmux_sandbox::{Fault, Sandbox};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::{
    NUMBER, Rig, loopback,
    process::{Ended, Running, run, serving, smsmux},
    refusing,
};

const SEND: &str = "POST /sms";

/// A command of a person without profiles.
fn command(arguments: &[&str]) -> Command {
    let mut command = smsmux(arguments);
    command.env("SMSMUX_PROFILES", "/nonexistent/profiles.toml");
    command
}

/// Runs a command against a server.
async fn ask(rig: &Rig, arguments: &[&str]) -> Ended {
    let mut command = command(arguments);
    command.env("SMSMUX_ADDRESS", rig.address.to_string());
    spawn_blocking(move || run(&mut command)).await.unwrap()
}

/// Runs a command against a server, and reads the document that it prints.
async fn json(rig: &Rig, arguments: &[&str]) -> Value {
    let ended = ask(rig, &[arguments, &["--output", "json"]].concat()).await.with(0);
    assert_eq!(ended.stdout.lines().count(), 1, "{ended:#?}");
    serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:#?}"))
}

/// A send of one message.
fn send<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["send", "--account", "smsend", "--to", NUMBER, "--text", "Hello world!"], more].concat()
}

mod messages {
    use super::*;

    #[tokio::test]
    async fn a_person_sends_looks_up_and_lists() {
        let rig = Rig::smsend().await;
        let sent = ask(&rig, &send(&["--message-id", "first"])).await.with(0);
        let lines: Vec<_> = sent.stdout.lines().collect();
        assert_eq!(lines[0], "accounts/smsend/messages/first");
        assert!(lines.iter().any(|line| line.starts_with(NUMBER) && line.contains("QUEUED")), "{sent:#?}");
        for name in ["accounts/smsend/messages/first", "smsend/first"] {
            let found = ask(&rig, &["messages", "get", name]).await.with(0);
            assert!(found.stdout.starts_with("accounts/smsend/messages/first\n"), "{found:#?}");
        }
        let listed = ask(&rig, &["messages", "list"]).await.with(0);
        assert!(listed.stdout.lines().nth(1).unwrap().starts_with("accounts/smsend/messages/first"), "{listed:#?}");
        assert_eq!(rig.requests(SEND).len(), 1);
    }

    #[tokio::test]
    async fn json_is_one_document_of_the_messages_of_the_api() {
        let rig = Rig::smsend().await;
        let sent = json(&rig, &send(&["--message-id", "m-1", "--idempotency-key", "k"])).await;
        assert_eq!(sent["idempotencyKey"], "k");
        assert_eq!(sent["messages"][0]["name"], "accounts/smsend/messages/m-1");
        assert_eq!(sent["messages"][0]["recipients"][0]["to"], NUMBER);
        for number in 2..=3 {
            json(&rig, &send(&["--message-id", &format!("m-{number}")])).await;
        }
        let page = json(&rig, &["messages", "list", "--limit", "2"]).await;
        assert_eq!(page["messages"].as_array().unwrap().len(), 2);
        let token = page["nextPageToken"].as_str().unwrap();
        let rest = json(&rig, &["messages", "list", "--limit", "2", "--page-token", token]).await;
        assert_eq!(rest["messages"][0]["name"], "accounts/smsend/messages/m-1");
        assert_eq!(rest["nextPageToken"], "");
        let found = json(&rig, &["messages", "get", "smsend/m-2"]).await;
        assert_eq!(found["name"], "accounts/smsend/messages/m-2");
    }

    #[tokio::test]
    async fn a_list_is_filtered_by_recipient_state_and_time() {
        let rig = Rig::smsend().await;
        json(&rig, &send(&["--message-id", "m", "--tag", "autumn"])).await;
        for (filter, count) in [
            (&["--recipient", NUMBER][..], 1),
            (&["--recipient", "+393470000009"], 0),
            (&["--tag", "autumn"], 1),
            (&["--tag", "winter"], 0),
            (&["--state", "queued"], 1),
            (&["--state", "DELIVERED"], 0),
            (&["--from", "2020-01-01"], 1),
            (&["--until", "2020-01-01"], 0),
            (&["--account", "smsend", "--reference", "none"], 0),
        ] {
            let listed = json(&rig, &[&["messages", "list"], filter].concat()).await;
            assert_eq!(listed["messages"].as_array().unwrap().len(), count, "{filter:?}: {listed}");
        }
    }

    #[tokio::test]
    async fn a_scheduled_message_is_cancelled() {
        let rig = Rig::smsend().await;
        json(&rig, &send(&["--message-id", "later", "--at", "+2h"])).await;
        let cancelled = json(&rig, &["messages", "cancel", "smsend/later"]).await;
        assert_eq!(cancelled["recipients"][0]["state"], "DELIVERY_STATE_CANCELLED");
    }
}

#[tokio::test]
async fn a_server_is_described_with_its_accounts() {
    let rig = Rig::smsend().await;
    let page = ask(&rig, &["info"]).await.with(0).stdout;
    for line in [concat!("version   ", env!("CARGO_PKG_VERSION"), " (commit "), "store     in memory, available\n"] {
        assert!(page.contains(line), "{line:?} in {page}");
    }
    assert!(page.lines().any(|line| line.split_whitespace().eq(["accounts/smsend", "smsend", "closed"])), "{page}");
    let info = json(&rig, &["info"]).await;
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["accounts"][0]["breaker"], "BREAKER_CLOSED");
    assert_eq!(info["store"]["engine"], "ENGINE_MEMORY");
}

mod outcomes {
    use super::*;

    #[tokio::test]
    async fn a_repeated_command_with_its_key_sends_once() {
        let rig = Rig::smsend().await;
        let first = json(&rig, &send(&["--idempotency-key", "k"])).await;
        assert_eq!(json(&rig, &send(&["--idempotency-key", "k"])).await, first);
        assert_eq!(rig.requests(SEND).len(), 1);
        let other =
            ask(&rig, &["send", "--account", "smsend", "--to", NUMBER, "--text", "Other", "--idempotency-key", "k"])
                .await;
        let other = other.with(1);
        assert!(other.stderr.contains("IDEMPOTENCY_KEY_REUSED") && other.stderr.contains("sent: no"), "{other:#?}");
    }

    #[tokio::test]
    async fn a_server_without_a_store_is_sent_to_without_a_key() {
        let rig = Rig::with("[store]\nenabled = false\n", "").await;
        ask(&rig, &send(&[])).await.with(0);
        assert_eq!(rig.requests(SEND).len(), 1);
        // A key that was asked for is not left out.
        let ended = ask(&rig, &send(&["--idempotency-key", "k"])).await.with(1);
        assert!(ended.stderr.contains("UNSUPPORTED"), "{ended:#?}");
        assert_eq!(rig.requests(SEND).len(), 1);
    }

    #[tokio::test]
    async fn an_unknown_outcome_has_its_exit_code_and_is_not_repeated() {
        let rig = Rig::vendor("lox24").await;
        rig.fault(SEND, Fault::CutAfter);
        let arguments = ["send", "--account", "lox24", "--to", "+4915123456789", "--text", "Hi", "--sender", "smsmux"];
        let ended = ask(&rig, &arguments).await.with(4);
        for part in
            ["OUTCOME_UNKNOWN", "it is unknown whether it was sent", "smsmux messages get accounts/lox24/messages/"]
        {
            assert!(ended.stderr.contains(part), "{part}: {ended:#?}");
        }
        assert_eq!(rig.requests(SEND).len(), 1);
        rig.fault(SEND, Fault::CutAfter);
        let ended = ask(&rig, &[&arguments[..], &["--output", "json"]].concat()).await.with(4);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        let error = &document["errors"][0]["error"];
        assert_eq!((&error["reason"], &error["outcome"]), (&"OUTCOME_UNKNOWN".into(), &"UNKNOWN".into()), "{document}");
        assert_eq!(rig.requests(SEND).len(), 2);
    }

    #[tokio::test]
    async fn an_invalid_request_names_every_fault_and_says_that_nothing_was_sent() {
        let rig = Rig::smsend().await;
        let ended = ask(&rig, &["send", "--account", "smsend", "--to", "12", "--text", ""]).await.with(1);
        for part in
            ["INVALID_REQUEST", "recipients[0]", "text: is required", "sent: no, nothing reached the vendor", "next: "]
        {
            assert!(ended.stderr.contains(part), "{part}: {ended:#?}");
        }
        let ended = ask(&rig, &["messages", "get", "smsend/no-such", "--output", "json"]).await.with(1);
        let error: Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!(error["error"]["reason"], "RESOURCE_NOT_FOUND");
    }

    #[tokio::test]
    async fn a_server_that_is_not_running_is_told_with_what_to_do() {
        let (address, _socket) = refusing();
        let arguments = send(&["--address", &address.to_string()]).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let ended = run(&mut command(&arguments)).with(1);
        for part in ["is the server running?", "sent: no", "--address"] {
            assert!(ended.stderr.contains(part), "{part}: {ended:#?}");
        }
    }
}

mod files {
    use super::*;

    /// A file of recipients.
    fn people(lines: &str) -> (TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("people.csv");
        fs::write(&file, lines).unwrap();
        (folder, file.display().to_string())
    }

    const PEOPLE: &str = "to,name\n+393471234567,Ada\n+393477654321,Bob\n+393470000001,Ada\n";

    fn to_file<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&["send", "--account", "smsend", "--recipients-from", file, "--text", "Dear {name}"], more].concat()
    }

    #[tokio::test]
    async fn each_recipient_of_a_file_gets_its_text_once() {
        let rig = Rig::smsend().await;
        let (_folder, file) = people(PEOPLE);
        for _ in 0..2 {
            let sent = json(&rig, &to_file(&file, &["--idempotency-key", "campaign"])).await;
            let count = |at: usize| sent["messages"][at]["recipients"].as_array().unwrap().len();
            assert_eq!((count(0), count(1)), (2, 1), "{sent}");
        }
        let texts: Vec<_> = rig
            .requests(SEND)
            .iter()
            .map(|request| request.json().unwrap()["message"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(["Dear Ada", "Dear Bob"].iter().all(|text| texts.iter().any(|sent| sent == text)), "{texts:?}");
        let table = ask(&rig, &to_file(&file, &[])).await.with(0);
        assert_eq!(table.stdout.lines().filter(|line| line.contains("QUEUED")).count(), 3, "{table:#?}");
        assert!(table.stderr.contains("--idempotency-key "), "{table:#?}");
    }

    #[tokio::test]
    async fn a_dry_run_tells_the_segments_and_sends_nothing() {
        let rig = Rig::smsend().await;
        let (_folder, file) = people(PEOPLE);
        let told = ask(&rig, &to_file(&file, &["--dry-run"])).await.with(0);
        assert!(told.stdout.contains("3 recipients, 3 segments to pay for; nothing was sent"), "{told:#?}");
        let told = json(&rig, &to_file(&file, &["--dry-run"])).await;
        assert_eq!((&told["recipients"], &told["segments"]), (&3.into(), &3.into()), "{told}");
        let long = "x".repeat(2000);
        let rejected =
            ask(&rig, &["send", "--account", "smsend", "--to", NUMBER, "--text", &long, "--dry-run"]).await.with(1);
        assert!(rejected.stdout.contains("text: "), "{rejected:#?}");
        assert_eq!(rig.requests(SEND).len(), 0);
    }

    #[tokio::test]
    async fn a_partial_failure_has_an_exit_code_of_its_own() {
        let rig = Rig::smsend().await;
        let (_folder, file) = people(PEOPLE);
        rig.answer(SEND, 400, "no");
        let ended = ask(&rig, &to_file(&file, &[])).await.with(3);
        assert!(ended.stderr.contains("of 3 recipients"), "{ended:#?}");
        assert!(ended.stdout.contains("REFUSED") && ended.stdout.contains("QUEUED"), "{ended:#?}");
    }

    #[tokio::test]
    async fn a_file_with_a_bad_line_is_sent_to_nobody() {
        let rig = Rig::smsend().await;
        let (_folder, file) = people("to,name\n12,Ada\n+393477654321,Bob\n");
        let ended = ask(&rig, &to_file(&file, &[])).await.with(1);
        assert!(ended.stderr.contains("line 2") && ended.stderr.contains("nothing was sent"), "{ended:#?}");
        assert_eq!(rig.requests(SEND).len(), 0);
    }
}

mod events {
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
        let watch = |arguments: &[&str]| {
            command(&[&["watch", "--address", &address, "--subscription", "s"], arguments].concat())
        };
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
        let credentials: String =
            sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
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
}

mod connection {
    use super::*;

    #[tokio::test]
    async fn a_key_is_taken_from_a_file_the_environment_or_a_profile() {
        let (key, hash) = smsmux::config::api_key::generate("shell").unwrap();
        let rig = Rig::with(&format!("[callers.shell]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n"), "").await;
        let refused = ask(&rig, &["accounts"]).await.with(1);
        assert!(
            refused.stderr.contains("CALLER_NOT_AUTHENTICATED") && refused.stderr.contains("--key-file"),
            "{refused:#?}"
        );
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (key_file, profiles, address) = (at("key"), at("profiles.toml"), rig.address.to_string());
        fs::write(&key_file, format!("{}\n", key.expose_secret())).unwrap();
        ask(&rig, &["accounts", "--key-file", &key_file]).await.with(0);
        // The path is relative to the folder of the file.
        let profile = format!("address = '{address}'\nkey_file = 'key'\n");
        fs::write(&profiles, format!("[default]\n{profile}[test]\n{profile}")).unwrap();
        let profiled = |arguments: &[&str], more: &[(&str, &str)]| {
            let mut command = command(arguments);
            command.env("SMSMUX_PROFILES", &profiles).envs(more.iter().copied());
            spawn_blocking(move || run(&mut command))
        };
        let in_environment = [("SMSMUX_ADDRESS", &*address), ("SMSMUX_KEY", key.expose_secret())];
        profiled(&["accounts"], &in_environment).await.unwrap().with(0);
        profiled(&["accounts"], &[]).await.unwrap().with(0);
        profiled(&["accounts", "--profile", "test"], &[("SMSMUX_KEY", "wrong")]).await.unwrap().with(0);
        // A key of the default profile is not sent to an address that is named.
        profiled(&["accounts", "--address", &address], &[]).await.unwrap().with(1);
        let unknown = profiled(&["accounts", "--profile", "tset"], &[]).await.unwrap().with(64);
        assert!(unknown.stderr.contains("it has default, test"), "{unknown:#?}");
    }

    #[test]
    fn a_key_is_not_sent_to_another_machine_in_plain_text() {
        let mut command = command(&["accounts", "--address", "http://sms.example.com:50051"]);
        let ended = run(command.env("SMSMUX_KEY", "smk_secret")).with(1);
        assert!(ended.stderr.contains("in plain text") && !ended.all().contains("smk_secret"), "{ended:#?}");
    }

    #[tokio::test]
    async fn accounts_are_listed_and_shown_with_what_is_left() {
        let rig = Rig::smsend().await;
        let listed = ask(&rig, &["accounts"]).await.with(0);
        assert!(listed.stdout.lines().nth(1).unwrap().starts_with("accounts/smsend  smsend"), "{listed:#?}");
        assert_eq!(json(&rig, &["accounts"]).await["accounts"][0]["vendor"], "smsend");
        let shown = ask(&rig, &["accounts", "smsend"]).await.with(0);
        assert!(
            shown.stdout.contains("left: ") && shown.stdout.contains("smsmux.v1.MessageService/SendMessage"),
            "{shown:#?}"
        );
        let shown = json(&rig, &["accounts", "accounts/smsend"]).await;
        assert!(shown["status"]["credits"].is_array(), "{shown}");
        let unknown = ask(&rig, &["accounts", "acme"]).await.with(1);
        assert!(unknown.stderr.contains("ACCOUNT_NOT_FOUND"), "{unknown:#?}");
    }

    #[tokio::test]
    async fn an_analysis_is_that_of_the_server() {
        let rig = Rig::smsend().await;
        let told =
            ask(&rig, &["analyze", "--account", "smsend", "--to", NUMBER, "--text", "Perch\u{e9} no?"]).await.with(0);
        assert!(told.stdout.starts_with("accounts/smsend: 1 segment, GSM 7-bit"), "{told:#?}");
        let told = json(&rig, &["analyze", "--account", "smsend", "--to", NUMBER, "--text", "\u{1f600}"]).await;
        assert_eq!(told["encoding"], "ENCODING_UCS_2");
        ask(&rig, &["analyze", "--account", "smsend", "--to", "12", "--text", "Hi"]).await.with(1);
    }

    #[test]
    fn a_mistyped_command_comes_with_the_right_one() {
        let ended = run(&mut command(&["messagez", "list"])).with(2);
        assert!(ended.stderr.contains("messages"), "{ended:#?}");
    }
}
