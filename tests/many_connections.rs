//! Connections by the thousands: what unauthenticated clients hold is bounded, idle ones cost memory alone, and a caller is
//! served throughout. A program of its own, because such tests use up the files that a process may open.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::net::{IpAddr, SocketAddr};

use futures::{StreamExt, future::join_all, stream};
use secrecy::ExposeSecret;
use smsmux::api::pb::{
    ListAccountsRequest, SendMessageRequest, WatchEventsRequest, WatchEventsResponse,
    account_service_client::AccountServiceClient, event_service_client::EventServiceClient,
    message_service_client::MessageServiceClient, watch_events_response::Item,
};
use smsmux_sandbox::Sandbox;
use support::{
    LIMIT, Rig, connect, failed,
    frames::{PREFACE, Raw},
    in_time, message, pause,
    process::{Running, serving, smsmux},
    scrape, within,
};
use tokio::sync::Mutex;
use tonic::{
    Code, Request, Status, Streaming,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_client::ServerReflectionClient,
};
use tonic_types::StatusExt;

/// The files that this process may open: one test at a time uses them up.
static FILES: Mutex<()> = Mutex::const_new(());

/// A key, and the section of the caller that has it.
fn caller() -> (String, String) {
    let (key, hash) = smsmux::config::api_key::generate("billing").unwrap();
    let section = format!("[callers.billing]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n");
    (key.expose_secret().to_owned(), section)
}

async fn list(channel: Channel, key: &str) -> Result<(), Status> {
    let mut request = Request::new(ListAccountsRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
    in_time(AccountServiceClient::new(channel).list_accounts(request)).await.map(drop)
}

/// A connection from an address of this machine.
async fn from(local: impl Into<IpAddr>, address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap().local_address(Some(local.into()));
    in_time(endpoint.connect()).await.unwrap()
}

async fn watch(channel: &Channel) -> Result<Streaming<HealthCheckResponse>, Status> {
    let mut health = HealthClient::new(channel.clone());
    let mut stream = in_time(health.watch(HealthCheckRequest::default())).await?.into_inner();
    in_time(stream.message()).await?.expect("a status");
    Ok(stream)
}

/// A question to reflection that is never asked.
async fn reflect(channel: &Channel) -> Result<Streaming<ServerReflectionResponse>, Status> {
    let questions = stream::pending::<ServerReflectionRequest>();
    in_time(ServerReflectionClient::new(channel.clone()).server_reflection_info(questions))
        .await
        .map(|s| s.into_inner())
}

#[track_caller]
fn overloaded<T>(answer: Result<T, Status>) {
    let status = answer.err().expect("full");
    failed(&status, Code::Unavailable, "OVERLOADED");
    assert!(status.get_error_details().retry_info().is_some(), "{status:?}");
}

#[tokio::test]
async fn the_streams_of_strangers_are_bounded_and_health_itself_is_answered() {
    let (key, section) = caller();
    let limits = "[server]\nmax_unauthenticated_streams = 5\nmax_unauthenticated_streams_per_address = 3\n";
    let rig = Rig::with(&format!("{limits}{section}"), "").await;
    let (one, other) = (from([127, 0, 0, 2], rig.address).await, from([127, 0, 0, 3], rig.address).await);
    let (first, second) = (watch(&one).await.unwrap(), reflect(&one).await.unwrap());
    let third = watch(&one).await.unwrap();
    overloaded(watch(&one).await);
    overloaded(reflect(&from([127, 0, 0, 2], rig.address).await).await);
    let (_fourth, _fifth) = (watch(&other).await.unwrap(), reflect(&other).await.unwrap());
    overloaded(watch(&other).await);
    for channel in [&one, &other] {
        HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await.expect("any time");
    }
    // Whoever shows a key has streams of its own, on this connection.
    list(rig.channel.clone(), &key).await.unwrap();
    let _own: Vec<_> = join_all((0..20).map(|_| watch(&rig.channel))).await.into_iter().map(Result::unwrap).collect();
    drop((first, second, third));
    let again = async { while watch(&other).await.is_err() {} };
    in_time(again).await;
}

#[tokio::test]
async fn a_connection_of_a_stranger_has_few_streams() {
    let (_, section) = caller();
    let rig = Rig::with(&section, "").await;
    let streams: Vec<_> = join_all((0..100).map(|_| watch(&rig.channel))).await;
    assert_eq!(streams.iter().filter(|stream| stream.is_ok()).count(), 16);
    streams.into_iter().filter(Result::is_err).for_each(overloaded);
}

/// The server in a process of its own, with a caller.
struct Crowded {
    server: Running,
    address: SocketAddr,
    metrics: String,
    key: String,
    /// How many files this process may open.
    files: usize,
    _config: tempfile::NamedTempFile,
}

impl Crowded {
    fn start(keys: &str) -> Self {
        let files = rlimit::increase_nofile_limit(20_000).unwrap_or(1_000);
        let (key, section) = caller();
        let config = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            "[server]\nlisten = '127.0.0.1:0'\n{keys}\n[metrics]\nlisten = '127.0.0.1:0'\n{section}\n\
             [accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n"
        );
        std::fs::write(config.path(), text).unwrap();
        let mut server = Running::start(&mut smsmux(&["serve", "--config", config.path().to_str().unwrap()]));
        let metrics = server.until(|line| {
            let (_, rest) = line.split_once("metrics at")?;
            Some(rest.split_once("address=")?.1.trim().to_owned())
        });
        let address = server.until(serving).parse().unwrap();
        let files = usize::try_from(files).unwrap().saturating_sub(200);
        Self { server, address, metrics, key, files, _config: config }
    }

    /// How many connections failed for a cause.
    async fn failed(&self, cause: &str) -> usize {
        let text = scrape(&self.metrics).await;
        let series = format!("smsmux_connections_failed_total{{cause=\"{cause}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&series)).map_or(0, |count| count.parse().unwrap())
    }

    /// Makes a call on a connection that is there, and one on another.
    async fn serves(&self, channel: &Channel) {
        list(channel.clone(), &self.key).await.expect("who is known");
        list(connect(self.address).await, &self.key).await.expect("who comes");
    }

    fn print(&self, what: &str) {
        println!("{what}: {:?} MiB resident", self.server.memory().map(|bytes| bytes >> 20));
    }
}

/// One of 64 addresses of this machine.
fn loopback(i: usize) -> IpAddr {
    IpAddr::from([127, 0, 1, u8::try_from(i % 64).unwrap() + 1])
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_slow_strangers_hold_no_more_than_they_may_and_a_caller_is_served() {
    let _alone = FILES.lock().await;
    let crowded = Crowded::start("handshake_timeout = '1h'");
    let channel = connect(crowded.address).await;
    crowded.serves(&channel).await;
    crowded.print("before");
    let count = crowded.files.min(10_000);
    let mut strangers = Vec::with_capacity(count);
    for i in 0..count {
        let mut raw = Raw::silent(crowded.address, loopback(i)).await;
        raw.send(&PREFACE[..[0, 1, 12, 24, PREFACE.len()][i % 5]]).await;
        strangers.push(raw);
        if i % 500 == 0 {
            crowded.serves(&channel).await;
        }
    }
    crowded.serves(&channel).await;
    crowded.print(&format!("{count} slow strangers"));
    // All but those that may stay, of which the callers' new connections each were one for a moment.
    let most = 1000;
    for old in &mut strangers[..count.saturating_sub(most)] {
        old.ended().await;
    }
    let pushed_out = crowded.failed("pushed_out").await;
    assert!(pushed_out >= count.saturating_sub(most), "{pushed_out} of {count} were pushed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_watches_of_strangers_are_a_thousand_and_a_caller_is_served() {
    let _alone = FILES.lock().await;
    let crowded = Crowded::start("handshake_timeout = '1h'");
    let channel = connect(crowded.address).await;
    crowded.serves(&channel).await;
    crowded.print("before");
    let (mut watches, mut refused) = (Vec::new(), 0);
    for i in 0..500 {
        let stranger = from(loopback(i), crowded.address).await;
        for answer in join_all((0..20).map(|_| watch(&stranger))).await {
            match answer {
                Ok(watch) => watches.push(watch),
                Err(status) => {
                    overloaded(Err::<(), _>(status));
                    refused += 1;
                }
            }
        }
        if i % 50 == 0 {
            crowded.serves(&channel).await;
        }
    }
    crowded.serves(&channel).await;
    HealthClient::new(from(loopback(7), crowded.address).await)
        .check(HealthCheckRequest::default())
        .await
        .expect("a probe");
    crowded.print("10,000 watches of strangers");
    assert_eq!((watches.len(), refused), (1000, 9000));
    // They are still there: none of them has anything to say.
    let said = tokio::time::timeout(std::time::Duration::ZERO, stream::select_all(watches).next()).await;
    assert!(said.is_err(), "{said:?}");
}

/// The files that a process has open, and its threads.
fn holds(process: &Running) -> (usize, usize) {
    let count = |of| std::fs::read_dir(format!("/proc/{}/{of}", process.id())).expect("a running process").count();
    (count("fd"), count("task"))
}

/// Each account has its connections to its vendor. When that goes away, nothing is left of them; and what a thousand
/// accounts took once is enough for the next time.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_accounts_hold_what_they_use_and_come_back_to_rest() {
    const ACCOUNTS: usize = 1000;
    let _alone = FILES.lock().await;
    let files = rlimit::increase_nofile_limit(20_000).unwrap_or(1_000);
    // Their connections have two ends: one here.
    let accounts = usize::try_from(files).unwrap().saturating_sub(200).min(ACCOUNTS);
    let mut sandbox = Sandbox::start("lox24", support::loopback()).await.unwrap();
    let address: SocketAddr = (IpAddr::from([127, 0, 0, 1]), sandbox.address().port()).into();
    let url = sandbox.base_url().replace("127.0.0.1", "localhost");
    let keys: String = sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")).collect();
    let account = |n| format!("[accounts.a{n}]\nvendor = 'lox24'\nbase_url = '{url}'\n{keys}");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("smsmux.toml");
    let text: String = (0..accounts).map(account).collect();
    std::fs::write(&config, format!("[server]\nlisten = '127.0.0.1:0'\nthreads = 2\n{text}")).unwrap();

    let (server, serving) = Running::serve(&["--config", config.to_str().unwrap()]);
    let channel = connect(serving.parse().unwrap()).await;
    list(channel.clone(), "").await.expect("it serves");
    let rest = holds(&server);
    let mut memory = Vec::new();
    for round in 0..4 {
        let sent = stream::iter(0..accounts).map(|n| {
            let mut messages = MessageServiceClient::new(channel.clone());
            let request = SendMessageRequest {
                parent: format!("accounts/a{n}"),
                recipients: vec!["+4915123456789".to_owned()],
                sender: "smsmux".to_owned(),
                ..message()
            };
            async move { in_time(messages.send_message(request)).await.expect("sent") }
        });
        assert_eq!(sent.buffer_unordered(200).count().await, accounts);
        let (files, threads) = holds(&server);
        assert!(files <= rest.0 + 2 * accounts, "{files} files, {rest:?} before");
        assert!(threads <= rest.1 + 20, "{threads} threads, {rest:?} before");
        memory.push(server.memory().unwrap());
        println!("round {round}: {files} files, {threads} threads, {} bytes", memory[round]);

        sandbox.stop().await;
        // The server is told of each end; a call that it answers says that it has been at work.
        in_time(async {
            while holds(&server).0 > rest.0 {
                list(channel.clone(), "").await.expect("it serves")
            }
        })
        .await;
        sandbox = in_time(async {
            loop {
                // The port that was free may be that of another program for a moment.
                if let Ok(sandbox) = Sandbox::start("lox24", address).await {
                    break sandbox;
                }
                pause().await;
            }
        })
        .await;
    }
    assert!(memory[3] < memory[0] + (16 << 20), "{memory:?}");
}

async fn send(mut messages: MessageServiceClient<Channel>) -> Result<(), Status> {
    messages.send_message(within(LIMIT, message())).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_cost_memory_and_nothing_else() {
    let _alone = FILES.lock().await;
    // In two processes: each end of a connection is an open file.
    let files = rlimit::increase_nofile_limit(20_000).unwrap_or(1_000);
    let count = usize::try_from(files).unwrap().saturating_sub(100).min(10_000);
    let mut command = smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
    let mut server = Running::start(command.env("SMSMUX_SERVER_MAX_CONNECTIONS", "10001"));
    let address: SocketAddr = server.until(serving).parse().unwrap();
    let messages = MessageServiceClient::new(connect(address).await);
    send(messages.clone()).await.expect("before");
    let before = server.memory();

    let mut connections = Vec::with_capacity(count);
    for i in 0..count {
        connections.push(Raw::known(address).await.expect("a connection"));
        if i % 500 == 0 {
            in_time(send(messages.clone())).await.expect("meanwhile");
        }
    }
    send(messages).await.expect("with all of them");
    let each = server.memory().zip(before).map(|(after, before)| after.saturating_sub(before) / count);
    println!("{count} idle connections, {each:?} bytes of memory for each");
    assert!(each.is_none_or(|each| each < 100 << 10), "{each:?} bytes for each of {count}");
}

/// A stream of all events, from now on.
async fn watch_events(channel: Channel) -> Streaming<WatchEventsResponse> {
    let request = WatchEventsRequest { parent: "accounts/-".to_owned(), ..WatchEventsRequest::default() };
    let mut stream = EventServiceClient::new(channel).watch_events(request).await.expect("a stream").into_inner();
    let first = stream.message().await.expect("an answer").expect("where it begins");
    assert!(matches!(first.item, Some(Item::Progress(_))), "{first:?}");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_watchers_of_events_take_little_memory_and_all_get_the_next_event() {
    const CONNECTIONS: usize = 100;
    const EACH: usize = 100;
    let _alone = FILES.lock().await;
    let mut server = Running::start(&mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]));
    let address: SocketAddr = server.until(serving).parse().unwrap();
    let messages = MessageServiceClient::new(connect(address).await);
    send(messages.clone()).await.expect("before");
    let channels = join_all((0..CONNECTIONS).map(|_| connect(address))).await;
    for channel in &channels {
        drop(in_time(watch_events(channel.clone())).await);
    }
    let before = server.memory();
    let mut watchers = Vec::with_capacity(CONNECTIONS * EACH);
    for channel in &channels {
        watchers.extend(in_time(join_all((0..EACH).map(|_| watch_events(channel.clone())))).await);
    }
    let each = server.memory().zip(before).map(|(after, before)| after.saturating_sub(before) / watchers.len());
    println!("{} idle watchers of events, {each:?} bytes of memory for each", watchers.len());
    assert!(each.is_none_or(|each| each <= 10 << 10), "{each:?} bytes for each");
    // Nobody reads but these callers, whose sends are events for all.
    for _ in 0..20 {
        in_time(send(messages.clone())).await.expect("meanwhile");
    }
    let events = watchers.into_iter().map(|mut watcher| async move {
        while !matches!(watcher.message().await.expect("no end").expect("no end").item, Some(Item::Event(_))) {}
    });
    in_time(join_all(events)).await;
}
