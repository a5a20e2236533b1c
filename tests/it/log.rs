//! The log never holds up what it tells of: the real binary, whose lines nobody reads.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, PipeReader, Write},
    net::{SocketAddr, TcpListener},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use smsmux::api::pb::message_service_client::MessageServiceClient;
use smsmux_sandbox::{Fault, Rule, Sandbox};
use tokio::time::interval;
use tonic::transport::Channel;

use crate::support::{
    connect, in_time, loopback, message,
    process::{Running, run, serving, smsmux},
    scrape,
};

/// A server whose log comes this way.
struct Logged {
    server: Running,
    log: BufReader<PipeReader>,
}

impl Logged {
    fn start(command: &mut Command) -> Self {
        let (log, stderr) = io::pipe().unwrap();
        Self { server: Running::printing_to(command, Stdio::piped(), stderr), log: BufReader::new(log) }
    }

    /// Reads until the line that `found` makes something of.
    fn until<T>(&mut self, found: impl Fn(&str) -> Option<T>) -> T {
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "the log has ended");
            if let Some(found) = found(&line) {
                return found;
            }
        }
    }
}

fn sandbox() -> Command {
    let mut command = smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
    command.env("SMSMUX_METRICS_LISTEN", "127.0.0.1:0");
    command
}

async fn send(channel: &Channel) {
    in_time(MessageServiceClient::new(channel.clone()).send_message(message())).await.expect("sent");
}

/// The value of `smsmux_log_lines_dropped_total`.
async fn dropped(metrics: &str) -> u64 {
    let text = scrape(metrics).await;
    let value = text.lines().find_map(|line| line.strip_prefix("smsmux_log_lines_dropped_total "));
    value.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

fn metrics(line: &str) -> Option<String> {
    line.contains("metrics at").then(|| line.split_once("address=").map(|(_, rest)| rest.trim().to_owned()))?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_costs_lines_alone() {
    let mut logged = Logged::start(&mut sandbox());
    let metrics = logged.until(metrics);
    let address = logged.until(serving);
    let channel = connect(address.parse().unwrap()).await;
    send(&channel).await;
    let Logged { server, log } = logged;
    drop(log);
    send(&channel).await;
    server.signal("HUP");
    send(&channel).await;
    while dropped(&metrics).await == 0 {
        send(&channel).await;
    }
    drop(channel);
    server.stop("TERM").with(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_from_the_start_costs_lines_alone() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let gone = || Stdio::from(io::pipe().unwrap().1);
    for stderr in [full as fn() -> Stdio, gone] {
        // Nothing tells the port. One that was just free may be taken by another before the server binds it.
        let (server, channel) = loop {
            let free = TcpListener::bind(loopback()).and_then(|listener| listener.local_addr()).unwrap();
            let mut command = smsmux(&["serve", "--sandbox", "--listen", &free.to_string()]);
            let mut server = Running::printing_to(&mut command, Stdio::piped(), stderr());
            if let Some(channel) = answers(&mut server, free).await {
                break (server, channel);
            }
        };
        send(&channel).await;
        drop(channel);
        server.stop("TERM").with(0);
    }
}

/// Waits until the server takes connections there; `None` where it has ended.
async fn answers(server: &mut Running, address: SocketAddr) -> Option<Channel> {
    let mut looks = interval(Duration::from_millis(20));
    loop {
        looks.tick().await;
        let connected = Channel::from_shared(format!("http://{address}")).unwrap().connect().await;
        match connected {
            Ok(channel) => return Some(channel),
            Err(_) if server.has_ended() => return None,
            Err(_) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_sleeps_holds_up_no_call_and_is_told_what_it_missed() {
    let mut logged = Logged::start(sandbox().args(["--log-level", "trace"]));
    let metrics = logged.until(metrics);
    let address = logged.until(serving);
    let channel = connect(address.parse().unwrap()).await;
    // More than the pipe and smsmux itself keep, and calls go on.
    while dropped(&metrics).await == 0 {
        futures::future::join_all((0..50).map(|_| send(&channel))).await;
    }
    run(&mut smsmux(&["health", &address])).with(0);
    // It wakes up.
    let lines = logged.until(|line| {
        let (_, rest) = line.split_once("log lines were dropped: they could not be written in time lines=")?;
        rest.trim().parse::<u64>().ok()
    });
    assert!(lines > 0);
    let Logged { server, mut log } = logged;
    drop(channel);
    let read = thread::spawn(move || io::copy(&mut log, &mut io::sink()));
    server.stop("TERM").with(0);
    read.join().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_does_not_wait_for_a_reader_that_sleeps() {
    let (log, mut stderr) = io::pipe().unwrap();
    let server = Running::printing_to(&mut sandbox(), Stdio::piped(), stderr.try_clone().unwrap());
    let mut logged = Logged { server, log: BufReader::new(log) };
    let address = logged.until(serving);
    // The pipe is full, and whoever writes to it waits.
    thread::spawn(move || while stderr.write_all(&[b'\n'; 4096]).is_ok() {});
    let channel = connect(address.parse().unwrap()).await;
    send(&channel).await;
    drop(channel);
    let Logged { server, log } = logged;
    server.stop("TERM").with(0);
    drop(log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_comes_after_the_lines_before_it() {
    let taken = TcpListener::bind(loopback()).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&mut smsmux(&["serve", "--sandbox", "--listen", &address])).with(1);
    let lines: Vec<_> = ended.stderr.lines().collect();
    assert!(lines.len() > 1 && lines[..lines.len() - 1].iter().all(|line| line.contains("stand-in started")));
    assert!(lines[lines.len() - 1].starts_with("smsmux: cannot listen on"), "{ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_names_the_writes_in_flight() {
    let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
    sandbox.inject(Rule::new(Fault::Hold).method("POST").path("/sms"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut account = format!("[accounts.smsend]\nvendor = 'smsend'\nbase_url = '{}'\n", sandbox.base_url());
    account.extend(sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
    std::fs::write(file.path(), account).unwrap();
    let path = file.path().to_str().unwrap();
    let (mut server, address) = Running::serve(&["--config", path, "--listen", "127.0.0.1:0"]);
    let mut messages = MessageServiceClient::new(connect(address.parse().unwrap()).await);
    let sent = tokio::spawn(async move { messages.send_message(message()).await });
    in_time(sandbox.requested(1, |request| request.method == "POST" && request.path == "/sms")).await;

    server.signal("TERM");
    server.until(|line| line.contains("draining").then_some(()));
    // Signals that follow at once are the first one.
    let pid = server.id().to_string();
    let insists = tokio::spawn(async move {
        let mut signals = interval(Duration::from_millis(50));
        loop {
            signals.tick().await;
            let _ = Command::new("kill").args(["-s", "TERM", &pid]).status();
        }
    });
    server.until(|line| line.contains("second request to stop").then_some(()));
    insists.abort();
    let ended = server.end().with(1);
    let named = |line: &&str| line.contains("MessageService/SendMessage") && line.contains("OUTCOME_UNKNOWN");
    assert_eq!(ended.stderr.lines().filter(named).count(), 1, "{ended:#?}");
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.starts_with("smsmux: stopped at once"), "{ended:#?}");
    let _ = sent.await;
}
