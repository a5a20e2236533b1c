//! A log that nobody reads: the real binary under load, whose lines cannot be written.

use std::{
    fs::File,
    io::{self, PipeReader, PipeWriter, Write as _},
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use futures::future::join_all;
use smsmux::api::pb::message_service_client::MessageServiceClient;
use smsmux_sandbox::{Sandbox, VENDORS};
use tempfile::NamedTempFile;
use tokio::process::Child;
use tonic::{Status, transport::Channel};

use crate::{
    SENDS,
    judge::{Tally, judge},
    operations::{self, Effect, OPERATIONS},
    stage::{PATIENT, SERVER},
    support::{in_time, loopback, process::smsmux},
};

/// What is wrong with the log.
#[derive(Clone, Copy)]
pub enum Log {
    /// A pipe that somebody holds and nobody reads is full.
    Asleep,
    /// The reader of the pipe has left.
    Gone,
    /// Every write fails, as on a full disk.
    Full,
}

impl Log {
    /// The loopback address of the server with this log.
    fn address(self) -> Ipv4Addr {
        Ipv4Addr::new(127, 0, 0, 2 + self as u8)
    }
}

pub const LOGS: &[(&str, Log)] = &[
    ("the log's reader asleep", Log::Asleep),
    ("the log's reader gone", Log::Gone),
    ("the log's disk full", Log::Full),
];

/// Sends at every vendor through a server whose log cannot be written, and holds each answer against the books. Nothing
/// is wrong with the vendors: every send must succeed, and the server end with exit code 0.
pub async fn run(log: Log) -> Tally {
    let sandboxes = join_all(VENDORS.iter().map(|vendor| Sandbox::start(vendor, loopback()))).await;
    let sandboxes: Vec<_> = sandboxes.into_iter().map(|sandbox| sandbox.expect("a sandbox")).collect();
    let mut server = Server::start(&sandboxes, log).await;
    let sends = OPERATIONS.iter().filter(|operation| operation.name == "SendMessage");
    let calls: Vec<_> = sends.flat_map(|send| (0..SENDS).map(move |i| (send, format!("call-{i:06}")))).collect();
    let answers = join_all(calls.iter().map(|(send, text)| {
        let request = operations::to(send.vendor, text.clone());
        let mut messages = MessageServiceClient::new(server.channel.clone());
        async move { Some(in_time(messages.send_message(request)).await.map(|_| true)) }
    }));
    let answers: Vec<Option<Result<bool, Status>>> = answers.await;
    let mut tally = Tally::default();
    for ((send, text), answer) in calls.iter().zip(&answers) {
        let sandbox = sandboxes.iter().find(|sandbox| sandbox.vendor() == send.vendor).expect("its sandbox");
        let books = sandbox.requests();
        let of_it: Vec<_> = books.iter().filter(|request| operations::is_about(request, send, text)).collect();
        judge(&mut tally, Effect::Send, answer.as_ref(), &of_it, true);
        if !matches!(answer, Some(Ok(true))) {
            tally.lies.push(format!("no yes in spite of a harmless fault: {answer:?}"));
        }
    }
    let code = server.stop().await;
    assert_eq!(code, Some(0), "a log that cannot be written does not fail the drain");
    tally
}

/// The real binary; it is killed when this is dropped (`kill_on_drop`).
struct Server {
    child: Child,
    channel: Channel,
    /// Held, and never read.
    _pipe: Option<PipeReader>,
    _config: NamedTempFile,
}

impl Server {
    async fn start(sandboxes: &[Sandbox], log: Log) -> Self {
        let config = NamedTempFile::new().expect("a file");
        config.as_file().write_all(SERVER.as_bytes()).expect("written");
        for sandbox in sandboxes {
            let vendor = sandbox.vendor();
            let mut account =
                format!("[accounts.{vendor}]\nvendor = '{vendor}'\nbase_url = '{}'\n", sandbox.base_url());
            account += PATIENT;
            account.extend(sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
            config.as_file().write_all(account.as_bytes()).expect("written");
        }
        let path = config.path().to_str().expect("a path").to_owned();
        loop {
            // The log cannot tell the port. It is at an address that nothing else of these tests listens on, so that a port which
            // was just free is still so when the server binds it.
            let listener = TcpListener::bind((log.address(), 0));
            let free = listener.and_then(|listener| listener.local_addr()).expect("a port");
            let listen = free.to_string();
            let arguments = ["serve", "--config", &path, "--listen", &listen, "--log-level", "debug"];
            let (stderr, pipe) = match log {
                Log::Full => (Stdio::from(File::options().write(true).open("/dev/full").expect("/dev/full")), None),
                Log::Asleep | Log::Gone => {
                    let (reader, writer) = io::pipe().expect("a pipe");
                    if let Log::Asleep = log {
                        fill(writer.try_clone().expect("the pipe's other end"));
                    }
                    (writer.into(), Some(reader).filter(|_| matches!(log, Log::Asleep)))
                }
            };
            let mut command = tokio::process::Command::from(smsmux(&arguments));
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).kill_on_drop(true);
            let mut child = command.spawn().expect("a process");
            // This process has no other end of the pipe open from here on.
            drop(command);
            let connecting = async {
                loop {
                    let address = Channel::from_shared(format!("http://{free}")).expect("an address");
                    if let Ok(channel) = address.connect().await {
                        return channel;
                    }
                    // No event says that the port is open: the log that would say so cannot be read.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            let connected = in_time(async {
                tokio::select! {
                    channel = connecting => Some(channel),
                    _ = child.wait() => None,
                }
            });
            if let Some(channel) = connected.await {
                return Self { child, channel, _pipe: pipe, _config: config };
            }
        }
    }

    /// Asks the server to stop, and returns its exit code.
    async fn stop(&mut self) -> Option<i32> {
        let id = self.child.id().expect("it runs").to_string();
        let killed = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(killed.expect("kill").success());
        in_time(self.child.wait()).await.expect("its state").code()
    }
}

/// Keeps the pipe full until its reader leaves.
fn fill(mut pipe: PipeWriter) {
    thread::spawn(move || while pipe.write_all(&[b'\n'; 4096]).is_ok() {});
}
