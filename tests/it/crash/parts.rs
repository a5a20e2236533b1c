//! smsmux is killed in the middle of sends of several parts, and started again, at every vendor whose sends have some.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use futures::future::join_all;
use serde_json::Value;
use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, Message, SendMessageRequest, SendMessageResponse,
    message_service_client::MessageServiceClient,
};
use smsmux_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tonic::{Request, Response, Status, transport::Channel};

use super::{
    report::{Report, Rows, crashes},
    rig::{Gateway, accounts, is_replayed, lanes, when_served},
};
use crate::support::{in_time, info};

/// How often the process is killed.
const KILLS: usize = 25;

/// A vendor that takes a send in parts, of which some are in flight at a time.
struct Vendor {
    name: &'static str,
    /// Keys of its account.
    keys: &'static str,
    sender: &'static str,
    /// The number of the first recipient, and how many there are.
    first: u64,
    count: u64,
    /// How many parts that is.
    parts: usize,
    /// How the path of a send ends, and the names of the text and the numbers in its body.
    path: &'static str,
    text: &'static str,
    to: &'static str,
}

/// One recipient in a request, two, 500.
const VENDORS: [Vendor; 4] = [
    Vendor {
        name: "lox24",
        keys: "parallel_requests = 3",
        sender: "smsmux",
        first: 4_915_123_456_700,
        count: 12,
        parts: 12,
        path: "/sms",
        text: "text",
        to: "phone",
    },
    Vendor {
        name: "intelepeer",
        keys: "parallel_requests = 3\nrequests_per_second = 10000",
        sender: "+17208675310",
        first: 12_125_550_100,
        count: 12,
        parts: 12,
        path: "/send",
        text: "text",
        to: "to",
    },
    Vendor {
        name: "ip1sms",
        // The fewer bytes an answer may have, the fewer recipients a request has.
        keys: "parallel_requests = 3\nmax_reply_bytes = 2600",
        sender: "smsmux",
        first: 46_701_234_500,
        count: 20,
        parts: 10,
        path: "/api/sms/send",
        text: "Message",
        to: "Numbers",
    },
    Vendor {
        name: "smspartner",
        keys: "parallel_requests = 2",
        sender: "smsmux",
        first: 33_612_340_000,
        count: 1100,
        parts: 3,
        path: "/send",
        text: "message",
        to: "phoneNumbers",
    },
];

/// The texts and numbers of the messages that arrived, each with how often.
type Books = BTreeMap<(String, String), usize>;

impl Vendor {
    fn recipients(&self) -> Vec<String> {
        (self.first..self.first + self.count).map(|number| format!("+{number}")).collect()
    }

    async fn send(&self, channel: &Channel, key: &str) -> Result<Response<SendMessageResponse>, Status> {
        let mut request = Request::new(SendMessageRequest {
            parent: format!("accounts/{}", self.name),
            recipients: self.recipients(),
            text: key.to_owned(),
            sender: self.sender.to_owned(),
            message_id: key.to_owned(),
            ..SendMessageRequest::default()
        });
        request.metadata_mut().insert("idempotency-key", key.parse().expect("a key"));
        MessageServiceClient::new(channel.clone()).send_message(request).await
    }

    fn books(&self, sandbox: &Sandbox) -> Books {
        let mut books = BTreeMap::new();
        for request in sandbox.requests().into_iter().filter(|r| r.method == "POST" && r.path.ends_with(self.path)) {
            let body = request.json().expect("JSON");
            let text = body[self.text].as_str().expect("a text");
            let numbers: Vec<&str> = match &body[self.to] {
                Value::String(numbers) => numbers.split(',').collect(),
                Value::Array(numbers) => numbers.iter().filter_map(Value::as_str).collect(),
                other => panic!("{other}"),
            };
            for number in numbers {
                let number = format!("+{}", number.trim_start_matches(['+', '0']));
                *books.entry((text.to_owned(), number)).or_default() += 1;
            }
        }
        books
    }

    /// Checks that what is said of each recipient is what arrived; returns how many are said to be unknown.
    fn check_recipients(&self, key: &str, message: &Message, books: &Books) -> usize {
        let mut unknown = 0;
        assert_eq!(message.recipients.len(), self.count as usize);
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

    /// Repeats a call that was interrupted, and holds what it gets against what had arrived, and has then.
    async fn check(&self, channel: &Channel, sandbox: &Sandbox, key: &str) -> Rows {
        let (before, mut rows) = (self.books(sandbox), Rows::new());
        let was_sent = before.keys().any(|(text, _)| text == key);
        let name = format!("accounts/{}/messages/{key}", self.name);
        if let Ok(found) = MessageServiceClient::new(channel.clone()).get_message(GetMessageRequest { name }).await {
            // While the dead process may still be taken for alive, some are shown as unknown that are not.
            self.check_recipients(key, &found.into_inner().message.expect("a message"), &before);
        }
        let row = match when_served(async || self.send(channel, key).await).await {
            Ok(reply) => {
                let was_replayed = is_replayed(&reply);
                let message = reply.into_inner().message.expect("a message");
                let unknown = self.check_recipients(key, &message, &self.books(sandbox));
                rows.insert("recipients stay unknown", unknown);
                match (was_replayed, was_sent) {
                    (true, _) => "replayed",
                    (false, true) => RESUMED,
                    (false, false) => "sent by the retry",
                }
            }
            // All parts had left, or nobody knows.
            Err(status) => {
                assert_eq!(info(&status).reason, "OUTCOME_UNKNOWN", "{key}: {status:?}");
                "unknown"
            }
        };
        rows.insert(row, 1);
        let twice: Vec<_> = self.books(sandbox).into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(twice.is_empty(), "sent twice: {twice:?}");
        rows
    }
}

const RESUMED: &str = "resumed";

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_send_of_many_parts_keeps_what_is_known_and_a_retry_sends_the_rest_once() {
    let report = Report::new("sends of many parts, with SQLite", crashes(KILLS));
    join_all(lanes(crashes(KILLS)).map(|kills| kill("path = '{folder}/a.db'", kills, &report, || {}))).await;
    assert!(report.end().contains_key(RESUMED), "no send was interrupted in the middle");
}

/// The vendors, and the configuration of a gateway with an account at each.
async fn stand(store: &str) -> (TempDir, PathBuf, Vec<Sandbox>) {
    let folder = tempfile::tempdir().expect("a folder");
    let vendors: Vec<_> = VENDORS.iter().map(|vendor| (vendor.name, vendor.keys)).collect();
    let (config, sandboxes) = accounts(folder.path(), store, &vendors).await;
    (folder, config, sandboxes)
}

/// Kills the process, again and again. `is_dead` has the store know at once what it would know in time.
pub(super) async fn kill(store: &str, kills: usize, report: &Report, is_dead: impl Fn()) {
    let (_folder, config, sandboxes) = stand(store).await;
    let mut interrupted = BTreeSet::<(usize, String)>::new();
    for kill in 0..=kills {
        let gateway = Gateway::start(&config).await;
        if kill > 0 {
            let checks = interrupted.iter().map(|(at, key)| VENDORS[*at].check(&gateway.channel, &sandboxes[*at], key));
            let mut rows = Rows::new();
            for (row, times) in join_all(checks).await.into_iter().flatten() {
                *rows.entry(row).or_default() += times;
            }
            report.add(rows);
        }
        if kill == kills {
            return gateway.kill().await;
        }
        sandboxes.iter().for_each(Sandbox::clear_requests);
        let mut callers = JoinSet::new();
        for (at, vendor) in VENDORS.iter().enumerate() {
            let channel = gateway.channel.clone();
            callers.spawn(async move {
                for number in 0.. {
                    let key = format!("{kill}-{at}-{number}");
                    if vendor.send(&channel, &key).await.is_err() {
                        return (at, key);
                    }
                }
                unreachable!("it is killed before")
            });
        }
        let sandbox = &sandboxes[kill % VENDORS.len()];
        let arrived = fastrand::usize(1..2 * VENDORS[kill % VENDORS.len()].parts);
        in_time(sandbox.requested(arrived, |request| request.method == "POST")).await;
        gateway.kill().await;
        interrupted = callers.join_all().await.into_iter().collect();
        is_dead();
    }
}
