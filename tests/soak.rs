//! Closes of idle connections at a vendor that closes them early, with round trips and in the worst rhythm: no send may be
//! lost to a close that it could not have seen.
//!
//! `make soak` runs this, in some minutes, and prints the table. `SMSMUX_SOAK='HTTP/2 1s 40ms close' make soak` makes only the
//! rows that have all of these words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use bytes::BytesMut;
use futures::{StreamExt, future::join_all, stream};
use http::Method;
use serde_json::json;
use smsmux::api::pb::SendMessageRequest;
use smsmux_sandbox::{Fault, Rule, Sandbox};
use support::{Rig, loopback};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tonic_types::StatusExt;

/// The sends of each case, and how many a second.
const SENDS: u64 = 5_000;
const PER_SECOND: u64 = 50;

/// How many cases are at work at a time.
const AT_ONCE: usize = 4;

/// How far from the close a send of the worst rhythm is aimed, beside the round trip.
const AIM: Duration = Duration::from_millis(5);

#[derive(Debug, Clone, Copy)]
struct Case {
    http2: bool,
    closes_after: Duration,
    round_trip: Duration,
    /// Whether a send comes when the close does; otherwise sends arrive at random (Poisson).
    worst: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    sent: usize,
    unknown: usize,
    others: usize,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make soak"]
async fn no_send_is_lost_to_the_close_of_an_idle_connection() {
    support::file_limit();
    let mut cases = Vec::new();
    for http2 in [false, true] {
        for seconds in [1, 2, 5] {
            for ms in [0, 40] {
                for worst in [false, true] {
                    let (closes_after, round_trip) = (Duration::from_secs(seconds), Duration::from_millis(ms));
                    cases.push(Case { http2, closes_after, round_trip, worst });
                }
            }
        }
    }
    if let Ok(only) = std::env::var("SMSMUX_SOAK") {
        cases.retain(|case| only.split_whitespace().all(|word| case.name().contains(word)));
    }
    // Each on a task of its own, to make use of all threads.
    let rows = stream::iter(cases).map(async |case| (case, tokio::spawn(run(case)).await.unwrap()));
    let rows: Vec<_> = rows.buffered(AT_ONCE).collect().await;
    let mut table = String::from(
        "| protocol | closes after | round trip | sends come | sends | UNKNOWN | other errors | new connections per 100 sends |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (case, (Count { sent, unknown, others }, connections)) in &rows {
        let sends = sent + unknown + others;
        let new = 100.0 * *connections as f64 / sends as f64;
        writeln!(table, "{} {sends} | {unknown} | {others} | {new:.1} |", case.name()).unwrap();
    }
    println!("{table}");
    assert!(rows.iter().all(|(_, (count, _))| count.unknown + count.others == 0));
}

/// Makes the sends of a case, from senders with an account each, and so with connections of their own. Returns also the
/// number of connections.
async fn run(case: Case) -> (Count, usize) {
    let sandbox = Sandbox::start("lox24", loopback()).await.unwrap();
    let (status, _) = sandbox.control(Method::PUT, "/account", &json!({"balance": 1e6})).await;
    assert!(status.is_success());
    let ms = u64::try_from(case.closes_after.as_millis()).unwrap();
    sandbox.inject(Rule::new(Fault::CloseIdle { ms, announced: false }).times(0));
    if !case.http2 {
        sandbox.offer(["http/1.1"]);
    }
    let address = match case.round_trip {
        Duration::ZERO => sandbox.address(),
        round_trip => relay(sandbox.address(), round_trip / 2).await,
    };
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), sandbox.certificate()).unwrap();
    let mut keys = format!("base_url = 'https://{address}'\nca_file = '{}'\n", file.path().display());
    keys.extend(sandbox.credentials().iter().map(|(key, value)| format!("{key} = '{value}'\n")));
    let senders = PER_SECOND * case.closes_after.as_secs();
    let mut sections = String::new();
    for sender in 0..senders {
        writeln!(sections, "[accounts.a{sender}]\nvendor = 'lox24'\nbreaker_failures = 0\n{keys}").unwrap();
    }
    let rig = Rig::at(sandbox, &sections, "").await;
    let counts = join_all((0..senders).map(|sender| send(&rig, case, sender, SENDS / senders))).await;
    let sum = counts.into_iter().fold(Count::default(), |sum, count| Count {
        sent: sum.sent + count.sent,
        unknown: sum.unknown + count.unknown,
        others: sum.others + count.others,
    });
    (sum, rig.sandbox.connections())
}

/// Makes the sends of one sender, one after the other.
async fn send(rig: &Rig, case: Case, sender: u64, sends: u64) -> Count {
    let request = SendMessageRequest {
        parent: format!("accounts/a{sender}"),
        recipients: vec!["+4915123456789".to_owned()],
        text: "Hello world!".to_owned(),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    };
    // The senders do not begin together.
    sleep(case.closes_after.mul_f64(fastrand::f64())).await;
    let mut count = Count::default();
    for _ in 0..sends {
        match rig.messages().send_message(request.clone()).await {
            Ok(_) => count.sent += 1,
            Err(status) => {
                let outcome =
                    status.get_error_details().error_info().and_then(|info| info.metadata.get("outcome").cloned());
                match outcome.as_deref() {
                    Some("UNKNOWN") => count.unknown += 1,
                    _ => count.others += 1,
                }
                println!("{case:?}: {status:?}");
            }
        }
        sleep(case.pause()).await;
    }
    count
}

impl Case {
    /// Returns how the row of the case begins.
    fn name(&self) -> String {
        let Self { http2, closes_after, round_trip, worst } = self;
        let protocol = if *http2 { "HTTP/2" } else { "HTTP/1.1" };
        let rhythm = if *worst { "with the close" } else { "at random" };
        format!("| {protocol} | {closes_after:?} | {round_trip:?} | {rhythm} |")
    }

    /// Returns how long after an answer the next send comes. The vendor closes the connection when half of a round trip
    /// is left of its time as it is seen here, and a request sent in the round trip before the close is seen meets it.
    fn pause(&self) -> Duration {
        if !self.worst {
            return self.closes_after.mul_f64(-(1.0 - fastrand::f64()).ln());
        }
        self.closes_after - self.round_trip - AIM + (self.round_trip + 2 * AIM).mul_f64(fastrand::f64())
    }
}

/// Relays connections to an address, with a delay each way.
async fn relay(to: SocketAddr, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            tokio::spawn(async move {
                // At the end of a case the stand-in is gone, while the pool makes a spare.
                let Ok(there) = TcpStream::connect(to).await else { return };
                here.set_nodelay(true).unwrap();
                there.set_nodelay(true).unwrap();
                let ((from_here, to_here), (from_there, to_there)) = (here.into_split(), there.into_split());
                tokio::join!(copy(from_here, to_there, delay), copy(from_there, to_here, delay));
            });
        }
    });
    address
}

/// Copies bytes, and the end of them, with a delay.
async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let read = async move {
        loop {
            let mut bytes = BytesMut::with_capacity(16 * 1024);
            let ended = !matches!(from.read_buf(&mut bytes).await, Ok(1..));
            if sender.send((Instant::now() + delay, bytes)).is_err() || ended {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = receiver.recv().await {
            if at > Instant::now() {
                sleep_until(at).await;
            }
            if bytes.is_empty() || to.write_all(&bytes).await.is_err() {
                break;
            }
        }
        // A peer that is gone needs no end.
        let _ = to.shutdown().await;
    };
    tokio::join!(read, write);
}
