//! The process is killed at random moments while it sends, and started again: what the vendor's books have, what the log
//! has, and what a repeated call gets must agree.
//!
//! `SMSMUX_CRASHES=10000 cargo test --test it crash -- --nocapture` makes more of it than the tests do.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, Message, SendMessageRequest, SendMessageResponse,
    message_service_client::MessageServiceClient,
};
use smsmux_sandbox::Sandbox;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};
use tonic::{Code, Request, Response, Status, transport::Channel};

use crate::support::{self, in_time, info, loopback};

/// How often the process is killed, unless `SMSMUX_CRASHES` says otherwise.
const CRASHES: usize = 40;

/// How many callers send at the same time.
const CALLERS: usize = 8;

/// A vendor that can be asked for a message by our id, and one that cannot.
const VENDORS: [(&str, &str, &str); 2] = [("smsend", "+393471234567", "/sms"), ("lox24", "+4915123456789", "/sms")];

/// The place of the first one.
const SMSEND: usize = 0;

/// The server, as a process with its store in a file.
struct Gateway {
    process: Child,
    channel: Channel,
}

impl Gateway {
    async fn start(config: &std::path::Path) -> Self {
        let mut command = Command::from(support::process::smsmux(&["serve", "--config"]));
        command.arg(config).env_remove("SMSMUX_STORE_PATH").kill_on_drop(true);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("smsmux");
        let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        let address = in_time(async {
            while let Some(line) = lines.next_line().await.expect("text") {
                if let Some(address) = support::process::serving(&line) {
                    return address;
                }
            }
            panic!("it did not start")
        })
        .await;
        // Its log must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { process, channel: support::connect(address.parse().expect("an address")).await }
    }

    /// SIGKILL: nothing of it goes on.
    async fn kill(mut self) {
        self.process.kill().await.expect("killed");
    }
}

async fn send(channel: &Channel, vendor: usize, key: &str) -> Result<Response<SendMessageResponse>, Status> {
    let (vendor, to, _) = VENDORS[vendor];
    let mut request = Request::new(SendMessageRequest {
        parent: format!("accounts/{vendor}"),
        recipients: vec![to.to_owned()],
        text: key.to_owned(),
        sender: "smsmux".to_owned(),
        message_id: key.to_owned(),
        ..SendMessageRequest::default()
    });
    request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
    MessageServiceClient::new(channel.clone()).send_message(request).await
}

/// Starts the stand-ins of these vendors, and returns the configuration of a gateway with a store in this folder.
async fn accounts(folder: &Path, vendors: &[&str], keys: &str) -> (PathBuf, Vec<Sandbox>) {
    let mut text = format!("[server]\nlisten = '127.0.0.1:0'\n[store]\npath = '{}/a.db'\n", folder.display());
    let mut sandboxes = Vec::new();
    for vendor in vendors {
        let sandbox = Sandbox::start(vendor, loopback()).await.expect("a sandbox");
        text += &format!("[accounts.{vendor}]\nvendor = '{vendor}'\nbase_url = '{}'\n{keys}\n", sandbox.base_url());
        sandbox.credentials().iter().for_each(|(key, value)| text += &format!("{key} = '{value}'\n"));
        sandboxes.push(sandbox);
    }
    let config = folder.join("smsmux.toml");
    std::fs::write(&config, text).expect("a file");
    (config, sandboxes)
}

/// The texts of the messages that arrived at a vendor, each with how often.
fn books(sandbox: &Sandbox, path: &str) -> BTreeMap<String, usize> {
    let mut books = BTreeMap::new();
    for request in sandbox.requests().into_iter().filter(|r| r.method == "POST" && r.path == path) {
        let body = request.json().expect("JSON");
        let text = body.get("message").or(body.get("text")).and_then(|text| text.as_str()).expect("a text");
        *books.entry(text.to_owned()).or_default() += 1;
    }
    books
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_sends_nothing_twice_and_loses_nothing() {
    let crashes = env::var("SMSMUX_CRASHES").map_or(CRASHES, |crashes| crashes.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let (config, sandboxes) = accounts(folder.path(), &VENDORS.map(|(vendor, ..)| vendor), "").await;

    let sandboxes = Arc::new(sandboxes);
    let (sent, mut counts) = (Arc::new(AtomicUsize::new(0)), BTreeMap::<&str, usize>::new());
    for crash in 0..crashes {
        sandboxes.iter().for_each(Sandbox::clear_requests);
        let gateway = Gateway::start(&config).await;
        let (channel, mut callers) = (gateway.channel.clone(), JoinSet::new());
        for _ in 0..CALLERS {
            let (channel, sent) = (channel.clone(), sent.clone());
            callers.spawn(async move {
                let (mut answered, number) = (BTreeSet::new(), || sent.fetch_add(1, Relaxed));
                loop {
                    let number = number();
                    let key = format!("{crash}-{number}");
                    match send(&channel, number % VENDORS.len(), &key).await {
                        Ok(_) => drop(answered.insert((number % VENDORS.len(), key))),
                        Err(_) => return (answered, (number % VENDORS.len(), key)),
                    }
                }
            });
        }
        // So many requests later, wherever each of the callers is then.
        let (vendor, arrivals) = (&sandboxes[fastrand::usize(..VENDORS.len())], fastrand::usize(1..40));
        in_time(vendor.requested(arrivals, |request| request.method == "POST")).await;
        for _ in 0..fastrand::u32(..2000) {
            std::hint::spin_loop();
        }
        gateway.kill().await;
        let (mut answered, mut interrupted) = (BTreeSet::new(), Vec::new());
        while let Some(caller) = callers.join_next().await {
            let (theirs, last) = caller.expect("no panic");
            answered.extend(theirs);
            interrupted.push(last);
        }

        let gateway = Gateway::start(&config).await;
        let before: Vec<_> = sandboxes.iter().zip(VENDORS).map(|(sandbox, (.., path))| books(sandbox, path)).collect();
        for (vendor, key) in answered.iter().chain(&interrupted) {
            let arrived = before[*vendor].get(key).copied().unwrap_or_default();
            assert!(arrived <= 1, "{key} was sent {arrived} times");
            let again = in_time(send(&gateway.channel, *vendor, key)).await;
            let name = match (&again, answered.contains(&(*vendor, key.clone())), arrived) {
                // What was answered, or arrived and can be looked up, gets its reply.
                (Ok(reply), _, 1) if reply.metadata().contains_key("smsmux-replayed") => "replayed",
                // What never left is sent now.
                (Ok(reply), false, 0) if !reply.metadata().contains_key("smsmux-replayed") => "sent by the retry",
                // The caller may have read the answer before the outcome was stored. smSend is asked for what arrived.
                (Err(status), _, _) if status.code() == Code::Unknown && (arrived == 0 || *vendor != SMSEND) => {
                    assert_eq!(info(status).reason, "OUTCOME_UNKNOWN");
                    "unknown"
                }
                (again, was_answered, arrived) => {
                    panic!("{key}: {again:?}, answered before: {was_answered}, arrived: {arrived}")
                }
            };
            *counts.entry(name).or_default() += 1;
            let name = format!("accounts/{}/messages/{key}", VENDORS[*vendor].0);
            let get = MessageServiceClient::new(gateway.channel.clone()).get_message(GetMessageRequest { name }).await;
            get.unwrap_or_else(|status| panic!("{key} has no row: {status:?}"));
        }
        for (sandbox, (.., path)) in sandboxes.iter().zip(VENDORS) {
            let twice: Vec<_> = books(sandbox, path).into_iter().filter(|(_, times)| *times > 1).collect();
            assert!(twice.is_empty(), "sent twice: {twice:?}");
        }
        gateway.kill().await;
    }
    println!("{crashes} crashes, {} sends, 0 sent twice, 0 without a row; repeated: {counts:?}", sent.load(Relaxed));
}

/// How many recipients a send of several parts has: one request each, of which some are in flight at a time.
const RECIPIENTS: usize = 12;
const IN_FLIGHT: &str = "parallel_requests = 3";

async fn send_to_many(channel: &Channel, key: &str) -> Result<Response<SendMessageResponse>, Status> {
    let mut request = Request::new(SendMessageRequest {
        parent: "accounts/lox24".to_owned(),
        recipients: (0..RECIPIENTS).map(|i| format!("+49151234567{i:02}")).collect(),
        text: key.to_owned(),
        sender: "smsmux".to_owned(),
        message_id: key.to_owned(),
        ..SendMessageRequest::default()
    });
    request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
    MessageServiceClient::new(channel.clone()).send_message(request).await
}

/// The texts and numbers of the messages that arrived, each with how often.
fn books_of_many(sandbox: &Sandbox) -> BTreeMap<(String, String), usize> {
    let mut books = BTreeMap::new();
    for request in sandbox.requests().into_iter().filter(|r| r.method == "POST" && r.path == "/sms") {
        let body = request.json().expect("JSON");
        let of = |name: &str| body.get(name).and_then(|value| value.as_str()).expect("a text").to_owned();
        *books.entry((of("text"), of("phone"))).or_default() += 1;
    }
    books
}

/// Checks that what is said of each recipient is what arrived; returns how many are said to be unknown.
fn check_recipients(key: &str, message: &Message, books: &BTreeMap<(String, String), usize>) -> usize {
    let mut unknown = 0;
    assert_eq!(message.recipients.len(), RECIPIENTS);
    for recipient in &message.recipients {
        let arrived = books.get(&(key.to_owned(), recipient.to.clone())).copied().unwrap_or_default();
        match recipient.state() {
            DeliveryState::Unknown => unknown += 1,
            DeliveryState::Rejected => assert_eq!(arrived, 0, "{key}: {recipient:?}"),
            _ => assert_eq!(arrived, 1, "{key}: {recipient:?}"),
        }
    }
    unknown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_send_of_many_parts_keeps_what_is_known_and_a_retry_sends_the_rest_once() {
    let crashes = env::var("SMSMUX_CRASHES").map_or(CRASHES, |crashes| crashes.parse().expect("a number")) / 2;
    let folder = tempfile::tempdir().expect("a folder");
    let (config, sandboxes) = accounts(folder.path(), &["lox24"], IN_FLIGHT).await;
    let sandbox = &sandboxes[0];
    let (mut resumed, mut replayed, mut refused, mut unknown) = (0, 0, 0, 0);
    for crash in 0..crashes {
        sandbox.clear_requests();
        let gateway = Gateway::start(&config).await;
        let mut callers = JoinSet::new();
        for caller in 0..2 {
            let channel = gateway.channel.clone();
            callers.spawn(async move {
                for number in 0.. {
                    let key = format!("{crash}-{caller}-{number}");
                    if send_to_many(&channel, &key).await.is_err() {
                        return key;
                    }
                }
                unreachable!("it is killed before")
            });
        }
        let arrivals = fastrand::usize(1..RECIPIENTS * 4);
        in_time(sandbox.requested(arrivals, |request| request.method == "POST")).await;
        gateway.kill().await;
        let interrupted = callers.join_all().await;

        let gateway = Gateway::start(&config).await;
        let before = books_of_many(sandbox);
        for key in interrupted {
            let sent: usize = before.iter().filter(|((text, _), _)| *text == key).map(|(_, times)| times).sum();
            let name = format!("accounts/lox24/messages/{key}");
            let mut messages = MessageServiceClient::new(gateway.channel.clone());
            if let Ok(found) = messages.get_message(GetMessageRequest { name }).await {
                // While the dead process may still be taken for alive, some are shown as unknown that are not.
                check_recipients(&key, &found.into_inner().message.expect("a message"), &before);
            }
            match in_time(send_to_many(&gateway.channel, &key)).await {
                Ok(reply) => {
                    let was_replayed = reply.metadata().contains_key("smsmux-replayed");
                    let message = reply.into_inner().message.expect("a message");
                    unknown += check_recipients(&key, &message, &books_of_many(sandbox));
                    if was_replayed { replayed += 1 } else { resumed += usize::from(sent > 0) }
                }
                // All parts had left, or nobody knows.
                Err(status) => {
                    assert_eq!(info(&status).reason, "OUTCOME_UNKNOWN", "{key}: {status:?}");
                    refused += 1;
                }
            }
        }
        let twice: Vec<_> = books_of_many(sandbox).into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(twice.is_empty(), "sent twice: {twice:?}");
        gateway.kill().await;
    }
    println!(
        "{crashes} crashes in sends of {RECIPIENTS} parts, 0 sent twice: {resumed} resumed, {replayed} replayed, \
         {refused} of unknown outcome; {unknown} recipients of the resumed ones stay unknown"
    );
    assert!(resumed > 0, "no send was interrupted in the middle");
}
