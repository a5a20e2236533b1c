//! The table of probes in docs/operations.md, row by row: what liveness and readiness answer in each state of the real binary.
//!
//! Clients must be served while a test waits for the end of the process, so each test has threads.

use std::{collections::BTreeSet, fmt::Write as _, fs, net::SocketAddr, sync::Arc};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use smsmux::api::{
    SERVICES,
    pb::{SendMessageRequest, message_service_client::MessageServiceClient},
};
use smsmux_sandbox::{Fault, Rule, Sandbox};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tonic::{Streaming, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus::{self, NotServing, Serving},
    health_client::HealthClient,
};

use crate::{
    store::server::{Database, Server},
    support::{
        connect, in_time, loopback, message, pages, pause,
        process::{Running, serving, smsmux},
    },
};

/// The states of the table. Each is in a test below.
const STARTING: &str = "starting: the store is not open yet";
const READY: &str = "ready";
const VENDORS_DOWN: &str = "one vendor is down, or all of them";
const STORE_DOWN: &str = "the store is down";
const DRAIN_DELAY: &str = "draining, in `drain_delay`";
const DRAINING: &str = "draining, after it";
const RELOADED: &str = "a reload, valid or not";
const EXPIRED: &str = "the certificate has expired";

/// The answers of the table in a state, liveness and readiness; `None` where there is no connection.
fn documented(state: &str) -> [Option<ServingStatus>; 2] {
    let rows = pages::rows("docs/operations.md", "state of the server");
    let row = rows.iter().find(|row| row[0] == state).unwrap_or_else(|| panic!("the table has no {state:?}"));
    [&row[1], &row[2]].map(|cell| match cell.split(',').next().unwrap() {
        "no connection" => None,
        answer => Some(ServingStatus::from_str_name(answer).unwrap_or_else(|| panic!("{state}: {cell}"))),
    })
}

/// A server whose configuration is a file.
struct Probed {
    running: Running,
    /// The gRPC port, and that of the probes.
    main: SocketAddr,
    health: HealthClient<Channel>,
    config: Config,
}

struct Config(TempDir);

impl Config {
    fn new(sections: &str) -> Self {
        let config = Self(tempfile::tempdir().unwrap());
        config.write(sections);
        config
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, sections: &str) {
        fs::write(self.path("smsmux.toml"), sections).unwrap();
    }

    fn start(&self, environment: &[(&str, &str)]) -> Running {
        let mut command = smsmux(&["serve", "--listen", "127.0.0.1:0", "--config", &self.path("smsmux.toml")]);
        command.env("SMSMUX_SERVER_RELOAD_INTERVAL", "0s").env("SMSMUX_SERVER_HEALTH_LISTEN", "127.0.0.1:0");
        Running::start(command.envs(environment.iter().copied()))
    }
}

impl Probed {
    async fn start(sections: &str, environment: &[(&str, &str)]) -> Self {
        let config = Config::new(sections);
        let mut running = config.start(environment);
        let health = running.until(|line| Some(line.split_once("serving health checks address=")?.1.trim().to_owned()));
        let main = running.until(serving).parse().unwrap();
        let health = HealthClient::new(connect(health.parse().unwrap()).await);
        Self { running, main, health, config }
    }

    async fn status(&mut self, name: &str) -> ServingStatus {
        let request = HealthCheckRequest { service: name.to_owned() };
        self.health.check(request).await.unwrap().into_inner().status()
    }

    /// Asserts that liveness, readiness and every service answer as the table has it.
    async fn expect(&mut self, state: &str) {
        let [liveness, readiness] = documented(state).map(|answer| answer.expect("an answer"));
        assert_eq!(self.status("liveness").await, liveness, "{state}");
        for name in ["readiness", ""].iter().chain(SERVICES) {
            assert_eq!(self.status(name).await, readiness, "{state}: {name:?}");
        }
    }

    async fn watch(&mut self) -> Streaming<HealthCheckResponse> {
        self.health.watch(HealthCheckRequest { service: "readiness".to_owned() }).await.unwrap().into_inner()
    }
}

/// Waits until a watched name has this status.
async fn becomes(watch: &mut Streaming<HealthCheckResponse>, status: ServingStatus) {
    in_time(async { while watch.message().await.unwrap().expect("a status").status() != status {} }).await;
}

/// The accounts at these stand-ins.
fn accounts(sandboxes: &[&Sandbox]) -> String {
    let mut sections = String::new();
    for sandbox in sandboxes {
        let (vendor, url) = (sandbox.vendor(), sandbox.base_url());
        writeln!(sections, "[accounts.{vendor}]\nvendor = '{vendor}'\nbase_url = '{url}'\nbreaker_failures = 1")
            .unwrap();
        for (key, value) in sandbox.credentials() {
            writeln!(sections, "{key} = '{value}'").unwrap();
        }
    }
    sections
}

#[test]
fn the_table_has_these_states() {
    let rows = pages::rows("docs/operations.md", "state of the server");
    let states: BTreeSet<_> = rows.iter().map(|row| row[0].as_str()).collect();
    let tested = [STARTING, READY, VENDORS_DOWN, STORE_DOWN, DRAIN_DELAY, DRAINING, RELOADED, EXPIRED];
    assert_eq!(states, BTreeSet::from(tested));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_opens_its_store_has_no_port_yet() {
    // A PostgreSQL that takes connections and never answers.
    let postgres = TcpListener::bind(loopback()).await.unwrap();
    // No other test binds this address.
    let free = TcpListener::bind("127.0.0.2:0").await.unwrap().local_addr().unwrap().to_string();
    let url = format!("host=127.0.0.1 port={} user=smsmux", postgres.local_addr().unwrap().port());
    let config = Config::new("[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n");
    let key = "a-key-of-32-characters-at-the-least";
    let running = config.start(&[
        ("SMSMUX_STORE_PATH", ""),
        ("SMSMUX_STORE_POSTGRES", &url),
        ("SMSMUX_STORE_HASH_KEY", key),
        ("SMSMUX_SERVER_HEALTH_LISTEN", &free),
    ]);
    in_time(postgres.accept()).await.unwrap();
    assert_eq!(documented(STARTING), [None, None]);
    TcpStream::connect(&free).await.expect_err("no port yet");
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stays_ready_while_vendors_are_down() {
    let (smsend, lox24) =
        (Sandbox::start("smsend", loopback()).await.unwrap(), Sandbox::start("lox24", loopback()).await.unwrap());
    let mut server = Probed::start(&accounts(&[&smsend, &lox24]), &[]).await;
    server.expect(READY).await;
    let mut messages = MessageServiceClient::new(connect(server.main).await);
    for sandbox in [smsend, lox24] {
        let parent = format!("accounts/{}", sandbox.vendor());
        drop(sandbox);
        let send = SendMessageRequest { parent, ..message() };
        messages.send_message(send).await.expect_err("nobody there");
        server.expect(VENDORS_DOWN).await;
    }
    server.running.stop("TERM").with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_store_is_down_is_alive_and_not_ready_until_the_store_is_back() {
    let database = Database::on(Arc::new(Server::durable()));
    let environment = [
        ("SMSMUX_STORE_PATH", ""),
        ("SMSMUX_STORE_POSTGRES", &*database.url()),
        ("SMSMUX_STORE_HASH_KEY", "a-key-of-32-characters-at-the-least"),
    ];
    let mut server = Probed::start("[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n", &environment).await;
    server.expect(READY).await;
    let mut watch = server.watch().await;
    becomes(&mut watch, Serving).await;
    database.server.stop();
    becomes(&mut watch, NotServing).await;
    server.expect(STORE_DOWN).await;
    database.server.start();
    becomes(&mut watch, Serving).await;
    server.expect(READY).await;
    server.running.stop("TERM").with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drains_is_alive_and_not_ready() {
    let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
    // First it serves on, and takes new calls.
    let delay = [("SMSMUX_SERVER_DRAIN_DELAY", "1h")];
    let mut server = Probed::start(&accounts(&[&sandbox]), &delay).await;
    let mut watch = server.watch().await;
    becomes(&mut watch, Serving).await;
    server.running.signal("TERM");
    becomes(&mut watch, NotServing).await;
    server.expect(DRAIN_DELAY).await;
    MessageServiceClient::new(connect(server.main).await).send_message(message()).await.expect("served");
    drop(server);

    // Then calls in flight finish, and new ones find no port.
    let patient = [("SMSMUX_SERVER_DRAIN_TIMEOUT", "1h")];
    let mut server = Probed::start(&accounts(&[&sandbox]), &patient).await;
    let mut messages = MessageServiceClient::new(connect(server.main).await);
    sandbox.clear_requests();
    sandbox.inject(Rule::new(Fault::Hold).method("POST").path("/sms"));
    let sent = tokio::spawn(async move { messages.send_message(message()).await });
    in_time(sandbox.requested(1, |request| request.method == "POST" && request.path == "/sms")).await;
    server.running.signal("TERM");
    in_time(async {
        while TcpStream::connect(server.main).await.is_ok() {
            pause().await;
        }
    })
    .await;
    server.expect(DRAINING).await;
    sandbox.clear_faults();
    sent.await.unwrap().expect("finished");
    server.running.end().with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stays_ready_after_a_reload_and_with_an_expired_certificate() {
    let account = "[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n";
    let mut server = Probed::start(account, &[]).await;
    for (text, line) in [(account, "the configuration was reloaded"), ("[accounts.phones]\n", "the old one stays")] {
        server.config.write(text);
        server.running.signal("HUP");
        server.running.until(|found| found.contains(line).then_some(()));
        server.expect(RELOADED).await;
    }
    server.running.stop("TERM").with(0);

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = date_time_ymd(2020, 1, 1);
    let key = KeyPair::generate().unwrap();
    fs::write(path("crt"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(path("key"), key.serialize_pem()).unwrap();
    let environment = [("SMSMUX_SERVER_TLS_CERTIFICATE", &*path("crt")), ("SMSMUX_SERVER_TLS_KEY", &*path("key"))];
    let mut server = Probed::start(account, &environment).await;
    server.expect(EXPIRED).await;
    server.running.stop("TERM").with(0);
}
