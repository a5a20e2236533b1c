//! A gateway and a vendor's stand-in in this process, over real sockets, and how to look at what comes back.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod process;

use std::{io, net::SocketAddr, time::Duration};

use http::StatusCode;
use smsmux::{
    config,
    pb::{SendMessageRequest, message_service_client::MessageServiceClient},
    sandbox::{Fault, Recorded, Rule, Sandbox},
    server::{End, Reloader, Server, Setup},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, transport::Channel};
use tonic_types::{ErrorInfo, StatusExt};

pub const NUMBER: &str = "+393471234567";

/// Shorter than the defaults, so that what waits for them ends soon.
const SHORT: &str = r#"
    connect_timeout = "500ms"
    attempt_timeout = "1s"
    call_timeout = "4s"
"#;

/// A running gateway with one account at a running stand-in.
pub struct Rig {
    pub sandbox: Sandbox,
    pub address: SocketAddr,
    pub channel: Channel,
    /// Where `[metrics] listen` put them.
    pub metrics: Option<SocketAddr>,
    reloader: Reloader,
    stop: CancellationToken,
    server: JoinHandle<io::Result<End>>,
}

impl Rig {
    /// A gateway to smSend's stand-in.
    pub async fn smsend() -> Self {
        Self::vendor("smsend").await
    }

    /// A gateway to a vendor's stand-in, with one account named like the vendor.
    pub async fn vendor(vendor: &str) -> Self {
        Self::of(vendor, "", SHORT).await
    }

    /// A gateway to smSend's stand-in with more of a configuration: whole sections, and keys of the account.
    pub async fn with(sections: &str, account_keys: &str) -> Self {
        Self::of("smsend", sections, account_keys).await
    }

    /// The same for any vendor.
    pub async fn of(vendor: &str, sections: &str, account_keys: &str) -> Self {
        let sandbox = Sandbox::start(vendor, loopback()).await.expect("a sandbox");
        let server = Server::bind(setup(&sandbox, sections, account_keys)).await.expect("a port");
        let address = server.address().expect("an address");
        let (reloader, metrics) = (server.reloader(), server.metrics_address().expect("an address"));
        let stop = CancellationToken::new();
        let server = tokio::spawn(server.run(stop.clone().cancelled_owned()));
        Self { sandbox, address, channel: connect(address).await, metrics, reloader, stop, server }
    }

    /// Gives the gateway another configuration while it runs.
    pub async fn reload(&self, sections: &str, account_keys: &str) {
        self.reloader.apply(setup(&self.sandbox, sections, account_keys)).await;
    }

    pub fn messages(&self) -> MessageServiceClient<Channel> {
        MessageServiceClient::new(self.channel.clone())
    }

    /// Sends one message to one number.
    pub async fn send(&self) -> Result<smsmux::pb::Message, Status> {
        let answer = self.messages().send_message(message()).await?.into_inner();
        Ok(answer.messages.into_iter().next().expect("a message"))
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
        tokio::time::timeout(Duration::from_secs(20), all).await.expect("the requests");
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
    // One test's faults must not close the road that its next step takes.
    if !account_keys.contains("breaker_failures") {
        account += "breaker_failures = 0\n";
    }
    if !account_keys.contains("base_url") {
        account += &format!("base_url = '{}'\n", sandbox.base_url());
    }
    if !["password", "token", "api_key"].iter().any(|key| account_keys.contains(key)) {
        for (key, value) in sandbox.credentials().iter().filter(|(key, _)| !account_keys.contains(key)) {
            account += &format!("{key} = '{value}'\n");
        }
    }
    let mut table = format!("{sections}\n{account}").parse().expect("TOML");
    config::set(&mut table, &["server", "listen"], "127.0.0.1:0".into());
    Setup::new(table).expect("a good configuration")
}

pub fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
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
