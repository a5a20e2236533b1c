//! A gateway as a process, the vendors behind it, and callers before it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use futures::{StreamExt as _, stream};
use http::{Method, StatusCode};
use serde_json::json;
use smsmux::api::pb::{
    GetMessageRequest, SendMessageRequest, SendMessageResponse, message_service_client::MessageServiceClient,
};
use smsmux_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinSet,
};
use tonic::{Code, Request, Response, Status, transport::Channel};

use super::report::Rows;
use crate::support::{self, in_time, info, loopback};

/// How many callers send at the same time.
const CALLERS: usize = 8;

/// The wait of a caller before a call is repeated.
pub(super) const REPEAT: Duration = Duration::from_millis(20);

/// A vendor that can be asked for a message by our id, and one that cannot; a number, and the path of a send.
const VENDORS: [(&str, &str, &str); 2] = [("smsend", "+393471234567", "/sms"), ("lox24", "+4915123456789", "/sms")];

/// The place of the first one.
const SMSEND: usize = 0;

/// A message: the place of its vendor, and its id, which is its idempotency key and its text too.
pub(crate) type Sent = (usize, String);

/// Splits so many crashes among as many stands as the machine has cores.
pub(super) fn lanes(crashes: usize) -> impl Iterator<Item = usize> {
    let lanes = std::thread::available_parallelism().map_or(1, usize::from).min(crashes);
    (0..lanes).map(move |lane| (crashes + lane) / lanes)
}

/// The server, as a process.
pub(crate) struct Gateway {
    process: Child,
    pub(crate) channel: Channel,
    /// Where vendors push to, if `[webhooks]` has a port.
    pub(crate) webhooks: Option<String>,
}

impl Gateway {
    /// Starts a server with a configuration.
    pub(crate) async fn start(config: &Path) -> Self {
        Self::with(config, &[]).await
    }

    /// The same, with variables of the environment.
    pub(crate) async fn with(config: &Path, environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::from(support::process::smsmux(&["serve", "--config"]));
        command.arg(config).env_remove("SMSMUX_STORE_PATH").kill_on_drop(true).envs(environment.iter().copied());
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("smsmux");
        let mut lines = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        let (mut said, mut webhooks) = (String::new(), None);
        let address = in_time(async {
            while let Some(line) = lines.next_line().await.expect("text") {
                if let Some((_, address)) = line.split_once("webhooks for vendors address=") {
                    webhooks = Some(address.trim().to_owned());
                }
                if let Some(address) = support::process::serving(&line) {
                    return address;
                }
                said += &line;
            }
            panic!("it did not start: {said}")
        })
        .await;
        // Its log must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { process, channel: support::connect(address.parse().expect("an address")).await, webhooks }
    }

    /// SIGKILL: nothing of it goes on.
    pub(crate) async fn kill(mut self) {
        self.process.kill().await.expect("killed");
    }

    /// SIGTERM: it drains. Returns its exit code.
    pub(crate) async fn terminate(self) -> Option<i32> {
        let pid = self.process.id().expect("a process that runs").to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().await.expect("kill").success());
        self.ended().await
    }

    /// Waits for the end of the process, and returns its exit code.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        in_time(self.process.wait()).await.expect("its end").code()
    }
}

/// The vendors, and a configuration with an account at each.
pub(crate) struct Stand {
    pub(crate) folder: TempDir,
    pub(crate) config: PathBuf,
    pub(crate) sandboxes: Vec<Sandbox>,
    sent: AtomicUsize,
}

impl Stand {
    /// Starts the vendors. `store` are the keys of the store; `{folder}` is a folder for it.
    pub(crate) async fn new(store: &str) -> Arc<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let (config, sandboxes) = accounts(folder.path(), store, &VENDORS.map(|(vendor, ..)| (vendor, ""))).await;
        Arc::new(Self { folder, config, sandboxes, sent: AtomicUsize::new(0) })
    }

    pub(crate) fn next(&self) -> Sent {
        let number = self.sent.fetch_add(1, Relaxed);
        (number % VENDORS.len(), format!("m-{number}"))
    }

    /// Forgets what arrived.
    pub(crate) fn clear(&self) {
        self.sandboxes.iter().for_each(Sandbox::clear_requests);
    }

    /// Waits until so many more sends have arrived, wherever each of the callers is then.
    pub(crate) async fn arrived(&self, more: usize) {
        let sandbox = &self.sandboxes[fastrand::usize(..VENDORS.len())];
        let there = sandbox.requests().iter().filter(|request| request.method == "POST").count();
        in_time(sandbox.requested(there + more, |request| request.method == "POST")).await;
        for _ in 0..fastrand::u32(..2000) {
            std::hint::spin_loop();
        }
    }

    /// The texts of the messages that arrived at each vendor, with how often.
    pub(crate) fn books(&self) -> Vec<BTreeMap<String, usize>> {
        let of = |(sandbox, (.., path)): (&Sandbox, (_, _, &str))| {
            let mut books = BTreeMap::new();
            for request in sandbox.requests().into_iter().filter(|r| r.method == "POST" && r.path == path) {
                let body = request.json().expect("JSON");
                let text = body.get("message").or(body.get("text")).and_then(|text| text.as_str()).expect("a text");
                *books.entry(text.to_owned()).or_default() += 1;
            }
            books
        };
        self.sandboxes.iter().zip(VENDORS).map(of).collect()
    }

    /// Asserts that nothing arrived twice.
    pub(crate) fn nothing_was_sent_twice(&self) {
        let twice: Vec<_> = self.books().into_iter().flatten().filter(|(_, times)| *times > 1).collect();
        assert!(twice.is_empty(), "sent twice: {twice:?}");
    }

    /// Starts callers that send one message after the other, until a call fails.
    pub(crate) fn send_until_it_fails(self: &Arc<Self>, channel: &Channel) -> Callers {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (stand, channel) = (self.clone(), channel.clone());
            callers.spawn(async move {
                let mut seen = Seen::default();
                loop {
                    let sent = stand.next();
                    match send(&channel, &sent).await {
                        Ok(_) => drop(seen.answered.insert(sent)),
                        Err(_) => {
                            seen.interrupted.insert(sent);
                            return seen;
                        }
                    }
                }
            });
        }
        Callers(callers)
    }

    /// Starts callers that send one message after the other until they are told to stop, and repeat every call that
    /// fails, whatever the error, until its outcome is known or known to be unknown.
    pub(crate) fn send_blindly(self: &Arc<Self>, channels: &[Channel], stop: &Arc<AtomicBool>) -> Callers {
        let mut callers = JoinSet::new();
        for number in 0..CALLERS {
            let (stand, stop) = (self.clone(), stop.clone());
            let channel = channels[number % channels.len()].clone();
            callers.spawn(async move {
                let mut seen = Seen::default();
                while !stop.load(Relaxed) {
                    let sent = stand.next();
                    let known = loop {
                        match send(&channel, &sent).await {
                            Ok(_) => break &mut seen.answered,
                            Err(status) if is_unknown(&status) => break &mut seen.interrupted,
                            Err(_) => tokio::time::sleep(REPEAT).await,
                        }
                    };
                    known.insert(sent);
                }
                seen
            });
        }
        Callers(callers)
    }

    /// Repeats the calls, and holds what they get against the table of docs/guarantees.md and the books. Returns how
    /// often each row of the table was met.
    pub(crate) async fn check(&self, channel: &Channel, seen: &Seen) -> Rows {
        let before = self.books();
        let all: BTreeSet<_> = seen.answered.union(&seen.interrupted).collect();
        let checks = stream::iter(all).map(|sent| async {
            let (vendor, key) = sent;
            let arrived = before[*vendor].get(key).copied().unwrap_or_default();
            assert!(arrived <= 1, "{key} was sent {arrived} times");
            let again = when_served(async || send(channel, sent).await).await;
            let row = match (&again, seen.answered.contains(sent), arrived) {
                // What was answered, or arrived and can be looked up, gets its reply.
                (Ok(reply), _, 1) if is_replayed(reply) => "replayed",
                // What never left is sent now.
                (Ok(reply), false, 0) if !is_replayed(reply) => "sent by the retry",
                // The caller may have read the answer before the outcome was stored. smSend is asked for what arrived.
                (Err(status), _, _) if is_unknown(status) && (arrived == 0 || *vendor != SMSEND) => "unknown",
                (again, was_answered, arrived) => {
                    panic!("{key}: {again:?}, answered before: {was_answered}, arrived: {arrived}")
                }
            };
            let name = format!("accounts/{}/messages/{key}", VENDORS[*vendor].0);
            let get = MessageServiceClient::new(channel.clone()).get_message(GetMessageRequest { name }).await;
            get.unwrap_or_else(|status| panic!("{key} has no row: {status:?}"));
            row
        });
        let rows = checks.buffer_unordered(CALLERS).fold(Rows::new(), async |mut rows, row| {
            *rows.entry(row).or_default() += 1;
            rows
        });
        let rows = rows.await;
        self.nothing_was_sent_twice();
        rows
    }
}

/// Limits that no test waits for: an outcome of a crash is that of a crash, however busy the machine is.
const PATIENT: &str = "connect_timeout = '59m'\nattempt_timeout = '1h'\ncall_timeout = '1h'";

/// The balance of LOX24's stand-in: ten thousand crashes spend more than it has by default.
const BALANCE: u32 = 1_000_000_000;

/// Starts the stand-ins of these vendors, and returns the configuration of a gateway with a store, whose keys may name the
/// `{folder}`, and an account at each vendor with further keys.
pub(crate) async fn accounts(folder: &Path, store: &str, vendors: &[(&str, &str)]) -> (PathBuf, Vec<Sandbox>) {
    // A connection of callers lasts as long as the test, however late its first call and its pings are.
    let server = "listen = '127.0.0.1:0'\ncall_timeout = '1h'\nhandshake_timeout = '1h'\nkeepalive_timeout = '1h'";
    let mut text = format!("[server]\n{server}\nmax_connection_age = '24h'\n[store]\n{store}\n");
    let mut sandboxes = Vec::new();
    for (vendor, keys) in vendors {
        let sandbox = Sandbox::start(vendor, loopback()).await.expect("a sandbox");
        if *vendor == "lox24" {
            let set = sandbox.control(Method::PUT, "/account", &json!({ "balance": BALANCE })).await;
            assert_eq!(set.0, StatusCode::NO_CONTENT, "{set:?}");
        }
        text += &format!(
            "[accounts.{vendor}]\nvendor = '{vendor}'\nbase_url = '{}'\n{PATIENT}\n{keys}\n",
            sandbox.base_url()
        );
        sandbox.credentials().iter().for_each(|(key, value)| text += &format!("{key} = '{value}'\n"));
        sandboxes.push(sandbox);
    }
    let config = folder.join("smsmux.toml");
    std::fs::write(&config, text.replace("{folder}", &folder.display().to_string())).expect("a file");
    (config, sandboxes)
}

/// What callers saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The messages with an answer.
    pub(crate) answered: BTreeSet<Sent>,
    /// The messages whose call failed, or whose outcome is unknown.
    pub(crate) interrupted: BTreeSet<Sent>,
}

/// Callers at work.
pub(crate) struct Callers(JoinSet<Seen>);

impl Callers {
    /// Waits for all of them.
    pub(crate) async fn end(mut self) -> Seen {
        let mut seen = Seen::default();
        while let Some(caller) = in_time(self.0.join_next()).await {
            let Seen { answered, interrupted } = caller.expect("no panic");
            seen.answered.extend(answered);
            seen.interrupted.extend(interrupted);
        }
        seen
    }
}

/// Sends a message with a key.
pub(crate) async fn send(channel: &Channel, sent: &Sent) -> Result<Response<SendMessageResponse>, Status> {
    let (vendor, key) = sent;
    let (vendor, to, _) = VENDORS[*vendor];
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

/// Repeats a call until the server takes it: a process that a busy machine leaves without a core for long takes none until it has
/// renewed its lease, as another replica may look after its calls.
pub(super) async fn when_served<T>(call: impl AsyncFn() -> Result<T, Status>) -> Result<T, Status> {
    loop {
        match in_time(call()).await {
            Err(status) if status.code() == Code::Unavailable && info(&status).reason == "STORE_UNAVAILABLE" => {
                tokio::time::sleep(REPEAT).await;
            }
            answer => return answer,
        }
    }
}

pub(crate) fn is_replayed<T>(response: &Response<T>) -> bool {
    response.metadata().contains_key("smsmux-replayed")
}

fn is_unknown(status: &Status) -> bool {
    status.code() == Code::Unknown && info(status).reason == "OUTCOME_UNKNOWN"
}
