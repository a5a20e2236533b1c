//! A gateway and a vendor's stand-in in this process, over real sockets, and how to look at what comes back.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod frames;
pub mod pages;
pub mod process;

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy, rt::TokioExecutor};
use smsmux::{
    api::pb::{
        ListGroupsRequest, Message, Recipient, SendMessageRequest, group_service_client::GroupServiceClient,
        message_service_client::MessageServiceClient,
    },
    config,
    server::{End, Reloader, Server, Setup},
};
use smsmux_sandbox::{Fault, Recorded, Rule, Sandbox};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::{ErrorInfo, StatusExt};

pub const NUMBER: &str = "+393471234567";

/// No step of a test takes this long, not even on a busy machine: a test that waits longer hangs.
pub const LIMIT: Duration = Duration::from_secs(3600);

/// Time limits for tests that wait for one to pass: longer than a request takes that nothing goes wrong with.
pub const HASTY: &str = "connect_timeout = '1s'\nattempt_timeout = '2s'\ncall_timeout = '5s'\n";

/// The section of a store that leaves nothing behind.
pub const IN_MEMORY: &str = "[store]\npath = ':memory:'\n";

/// Whether gateways have no store: what is asked of a vendor then reaches it, and the log answers nothing in its place.
pub static WITHOUT_STORE: AtomicBool = AtomicBool::new(false);

/// A client that keeps no time itself. tonic's channel arms a timer of its own for `grpc-timeout`: whether that or the
/// server's answer comes first depends on the machine.
pub type Timerless = legacy::Client<legacy::connect::HttpConnector, tonic::body::Body>;

/// A running gateway with one account at a running stand-in.
pub struct Rig {
    pub sandbox: Sandbox,
    pub address: SocketAddr,
    pub channel: Channel,
    /// Where `[metrics] listen` put them.
    pub metrics: Option<SocketAddr>,
    /// Where `[webhooks] listen` put the port that vendors push to.
    pub webhooks: Option<SocketAddr>,
    reloader: Reloader,
    stop: CancellationToken,
    /// The gateway ends with the test: otherwise it would look messages up at an address that is another test's by then.
    _ends: DropGuard,
    server: JoinHandle<io::Result<End>>,
}

impl Rig {
    /// A gateway to smSend's stand-in.
    pub async fn smsend() -> Self {
        Self::vendor("smsend").await
    }

    /// A gateway to a vendor's stand-in, with one account named like the vendor.
    pub async fn vendor(vendor: &str) -> Self {
        Self::of(vendor, "", "").await
    }

    /// A gateway to smSend's stand-in with more of a configuration: whole sections, and keys of the account.
    pub async fn with(sections: &str, account_keys: &str) -> Self {
        Self::of("smsend", sections, account_keys).await
    }

    /// The same for any vendor.
    pub async fn of(vendor: &str, sections: &str, account_keys: &str) -> Self {
        Self::at(Sandbox::start(vendor, loopback()).await.expect("a sandbox"), sections, account_keys).await
    }

    /// The same with a stand-in that is running.
    pub async fn at(sandbox: Sandbox, sections: &str, account_keys: &str) -> Self {
        file_limit();
        let server = Server::bind(setup(&sandbox, sections, account_keys)).await.expect("a port");
        let address = server.address().expect("an address");
        let (reloader, metrics) = (server.reloader(), server.metrics_address().expect("an address"));
        let webhooks = server.webhooks_address().expect("an address");
        let stop = CancellationToken::new();
        let server = tokio::spawn(server.run(stop.clone().cancelled_owned()));
        let _ends = stop.clone().drop_guard();
        Self { _ends, sandbox, address, channel: connect(address).await, metrics, webhooks, reloader, stop, server }
    }

    /// Gives the gateway another configuration while it runs.
    pub async fn reload(&self, sections: &str, account_keys: &str) {
        self.reloader.apply(setup(&self.sandbox, sections, account_keys));
    }

    /// A gateway to smSend's stand-in that soon stops waiting for it, and has logged in.
    pub async fn hasty() -> Self {
        let rig = Self::with("", HASTY).await;
        let parent = "accounts/smsend".to_owned();
        let request = ListGroupsRequest { parent, ..ListGroupsRequest::default() };
        let mut groups = GroupServiceClient::new(rig.channel.clone());
        while groups.list_groups(request.clone()).await.is_err() {}
        rig
    }

    pub fn messages(&self) -> MessageServiceClient<Channel> {
        MessageServiceClient::new(self.channel.clone())
    }

    /// A client that keeps no time itself, and the origin that its calls go to.
    pub fn timerless(&self) -> (Timerless, Uri) {
        let client = legacy::Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        (client, format!("http://{}", self.address).parse().expect("an address"))
    }

    /// Sends one message to one number with a deadline that the server alone keeps.
    pub async fn send_within(&self, time: Duration) -> Result<(), Status> {
        let (client, origin) = self.timerless();
        MessageServiceClient::with_origin(client, origin).send_message(within(time, message())).await.map(drop)
    }

    /// Sends one message to one number.
    pub async fn send(&self) -> Result<Message, Status> {
        let answer = self.messages().send_message(message()).await?.into_inner();
        Ok(answer.message.expect("a message"))
    }

    /// Lets the next request of an operation go wrong.
    pub fn fault(&self, operation: &str, fault: Fault) {
        self.faults(operation, fault, 1);
    }

    /// Lets the next requests of an operation go wrong.
    pub fn faults(&self, operation: &str, fault: Fault, times: u32) {
        let (method, path) = operation.split_once(' ').expect("METHOD /path");
        self.sandbox.inject(Rule::new(fault).method(method).path(path).times(times));
    }

    /// Lets the next request of an operation be answered like this, without the stand-in's logic.
    pub fn answer(&self, operation: &str, status: u16, body: &str) {
        let code = StatusCode::from_u16(status).expect("a status");
        self.fault(operation, Fault::Status { code, retry_after: None, body: Some(body.to_owned()) });
    }

    /// What arrived of an operation, such as `POST /sms`.
    pub fn requests(&self, operation: &str) -> Vec<Recorded> {
        self.sandbox.requests().into_iter().filter(|r| is(r, operation)).collect()
    }

    /// Waits until so many requests of an operation have arrived.
    pub async fn requested(&self, count: usize, operation: &str) {
        let all = self.sandbox.requested(count, |r| is(r, operation));
        in_time(all).await;
    }

    /// Begins the drain.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits for the end of the drain, and gives itself back for its sandbox.
    pub async fn wait(mut self) -> (Self, End) {
        let end = (&mut self.server).await.expect("no panic").expect("no failure");
        (self, end)
    }
}

fn is(request: &Recorded, operation: &str) -> bool {
    let (method, path) = operation.split_once(' ').expect("METHOD /path");
    request.method == method
        && request
            .path
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || (method != "POST" && rest.starts_with('/')))
}

/// A configuration with one account at a stand-in, named like its vendor.
fn setup(sandbox: &Sandbox, sections: &str, account_keys: &str) -> Setup {
    let vendor = sandbox.vendor();
    let mut account =
        format!("[accounts.{vendor}]\nvendor = '{vendor}'\nallow_caller_credential = true\n{account_keys}\n");
    // One test's faults must not open the breaker before its next step.
    if !account_keys.contains("breaker_failures") {
        account += "breaker_failures = 0\n";
    }
    // What is not asked for must not be among the vendor's requests.
    if !account_keys.contains("poll =") {
        account += "poll = false\n";
    }
    if !account_keys.contains("base_url") {
        account += &format!("base_url = '{}'\n", sandbox.base_url());
    }
    let has =
        |key: &str| account_keys.lines().any(|line| line.split('=').next().is_some_and(|name| name.trim() == key));
    if !["password", "token", "api_key"].into_iter().any(has) {
        for (key, value) in sandbox.credentials().iter().filter(|(key, _)| !has(key)) {
            account += &format!("{key} = '{value}'\n");
        }
    }
    let mut table = format!("{sections}\n{account}").parse().expect("TOML");
    config::set(&mut table, &["server", "listen"], "127.0.0.1:0".into());
    match WITHOUT_STORE.load(Relaxed) {
        true => config::set(&mut table, &["store", "enabled"], false.into()),
        false if sections.contains("[store]") => {}
        false => config::set(&mut table, &["store", "path"], ":memory:".into()),
    }
    Setup::new(table).expect("a good configuration")
}

pub fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// An address at which connections are refused as long as the socket lives, which keeps others from listening there.
pub fn refusing() -> (SocketAddr, TcpSocket) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(loopback()).expect("a port");
    (socket.local_addr().expect("an address"), socket)
}

/// What comes of it; a panic when it hangs.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, work).await.expect("it does not hang")
}

/// The pause between two looks at what no event announces. It leaves the processor to what is waited for.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(10)).await;
}

/// Tries with a longer and longer time, until it is long enough on this machine for what has to come before its end: `None`
/// says that it was not.
pub async fn long_enough<T>(attempt: impl AsyncFn(Duration) -> Option<T>) -> T {
    let mut time = Duration::from_millis(100);
    loop {
        if let Some(done) = attempt(time).await {
            return done;
        }
        time *= 2;
        assert!(time < LIMIT, "no time was long enough");
    }
}

/// A request with a deadline.
pub fn within<T>(time: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(time);
    request
}

/// Raises the limit of open files as far as it goes, as the server does: an ordinary user's shell often permits 1024.
/// Returns the limit.
pub fn file_limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit")
}

pub async fn connect(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}")).expect("an address").connect().await.expect("a connection")
}

/// The smallest send there is.
pub fn message() -> SendMessageRequest {
    SendMessageRequest {
        parent: "accounts/smsend".to_owned(),
        recipients: vec![NUMBER.to_owned()],
        text: "Hello world!".to_owned(),
        ..SendMessageRequest::default()
    }
}

/// The name by which a recipient's message is known to the vendor alone: it ends with the vendor's own id.
pub fn name_at_vendor(Recipient { account, vendor_message_id, .. }: &Recipient) -> String {
    format!("{account}/messages/{vendor_message_id}")
}

/// The `google.rpc.ErrorInfo` that every error carries.
pub fn info(status: &Status) -> ErrorInfo {
    let info = status.get_error_details().error_info().cloned();
    info.unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"))
}

/// Asserts that a request was refused before any HTTP, for faults in these very fields.
#[track_caller]
pub fn violations(status: &Status, fields: &[&str]) {
    failed(status, Code::InvalidArgument, "INVALID_REQUEST");
    let details = status.get_error_details();
    let mut found: Vec<_> =
        details.bad_request().expect("a BadRequest").field_violations.iter().map(|v| v.field.clone()).collect();
    found.sort_unstable();
    assert_eq!(found, fields);
}

/// Asserts code and reason, and gives the metadata.
#[track_caller]
pub fn failed(status: &Status, code: Code, reason: &str) -> std::collections::HashMap<String, String> {
    let info = info(status);
    assert_eq!((status.code(), info.reason.as_str(), info.domain.as_str()), (code, reason, "smsmux"), "{status:?}");
    info.metadata
}

/// What Prometheus reads at this address.
pub async fn scrape(metrics: &str) -> String {
    let client = legacy::Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let uri: Uri = format!("http://{metrics}/metrics").parse().expect("an address");
    let answer = in_time(client.get(uri)).await.expect("an answer").into_body().collect().await.expect("a body");
    String::from_utf8(answer.to_bytes().to_vec()).expect("text")
}
