//! The command line as a client: a server's stand-ins, and `smsmux send`, `messages`, `watch` and the rest in processes of their own.

mod accounts;
mod connection;
mod events;
mod files;

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
    for line in [concat!("version   ", env!("CARGO_PKG_VERSION"), " ("), "store     in memory, available\n"] {
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
