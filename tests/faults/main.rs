//! The table of faults and operations: whatever goes wrong between smsmux and a vendor, over real sockets, the answer of
//! every call is held against the books of the vendor's stand-in.
//!
//! An answer is true when OK means booked once, NOT_SENT or REFUSED means not booked, and OUTCOME_UNKNOWN is said of all
//! else. Nothing may be booked twice, and nothing be lost: not booked in spite of an OK, or not answered at all.
//!
//! `SMSMUX_UPDATE=1 cargo test --test faults` writes the table in docs/errors.md; `--nocapture` shows the one with all details.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod injection;
mod judge;
mod log;
mod operations;
mod route;
mod stage;

use std::{env, fmt::Write as _, sync::Arc};

use futures::{FutureExt, future::join_all};
use tokio::sync::Semaphore;

use self::{
    injection::{INJECTIONS, Injection, Protocol},
    judge::{Tally, judge},
    log::LOGS,
    operations::{Effect, OPERATIONS, Operation},
    stage::Stage,
};

/// Calls of each pair of a fault and an operation: of those that send, and of the others.
const SENDS: usize = 72;
const OTHERS: usize = 4;

/// The same over TLS.
const SENDS_OVER_TLS: usize = 12;
const OTHERS_OVER_TLS: usize = 2;

/// How many rows are at work at a time, each with all of its calls in flight, and how many files one may have open. Most
/// of a row's time is spent waiting for time limits to pass.
const AT_ONCE: usize = 64;
const FILES: usize = 400;

/// How often a call with an idempotency key is repeated at most, whatever its error.
const REPEATS: usize = 2;

/// Calls that are made one after the answer to the other, and how many of them are in flight.
const IN_TURN: usize = 8;
const LANES: usize = 4;

/// What came of the calls of an operation while something went wrong.
struct Row {
    fault: &'static str,
    protocol: Protocol,
    vendor: &'static str,
    operation: &'static str,
    tally: Tally,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_the_answer_is_true_and_nothing_is_sent_twice_or_lost() {
    let pairs = INJECTIONS.iter().flat_map(|injection| {
        let all = injection.protocols.iter().flat_map(|&protocol| OPERATIONS.iter().map(move |each| (protocol, each)));
        let meets = all.filter(|&(protocol, operation)| injection.can_meet(operation, protocol));
        meets.map(move |(protocol, operation)| {
            let tally = run(injection, operation, protocol).boxed();
            (injection.name, protocol, operation.vendor, operation.name, tally)
        })
    });
    let logs = LOGS.iter().map(|&(name, log)| (name, Protocol::Http1, "all", "SendMessage", log::run(log).boxed()));
    let rows = pairs.chain(logs).map(|(fault, protocol, vendor, operation, tally)| async move {
        Row { fault, protocol, vendor, operation, tally: tally.await }
    });
    let rows = make_all(rows).await;

    println!("{:<36} {:<5} {:<10} {:<22} calls  true  unknown  twice  lost", "fault", "by", "vendor", "operation");
    for Row { fault, protocol, vendor, operation, tally } in &rows {
        let Tally { calls, known, unknown, twice, lost, .. } = tally;
        let place = format!("{fault:<36} {protocol:<5?} {vendor:<10} {operation:<22}");
        println!("{place} {calls:>5} {known:>5} {unknown:>8} {twice:>6} {lost:>5}");
    }
    // One of each row says enough.
    let lies = rows.iter().filter_map(|Row { fault, protocol, vendor, operation, tally: Tally { lies, .. } }| {
        Some(format!("{fault}, {protocol:?}, {vendor} {operation}: {} answers, such as {}", lies.len(), lies.first()?))
    });
    let lies: Vec<_> = lies.collect();
    assert!(lies.is_empty(), "not true:\n{}", lies.join("\n"));
    let mut all = Tally::default();
    rows.iter().for_each(|row| all.add(&row.tally));
    // How many calls meet their fault is a matter of time: on a busy machine some never get a connection.
    println!("{} of {} calls met a fault", all.faulted, all.calls);
    assert!(all.calls >= 10_000 && all.faulted > 0);
    support::pages::hold_table("docs/errors.md", "fault table", "faults", &table(&rows));
}

/// How many faulted sends go through a route, unless `SMSMUX_SENDS` says otherwise.
const THROUGH_ROUTES: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_a_route_sends_nothing_twice_and_goes_on_from_nothing_unknown() {
    let sends = OPERATIONS.iter().filter(|operation| operation.name == "SendMessage");
    let pairs: Vec<_> = sends
        .flat_map(|operation| {
            let all = INJECTIONS.iter().flat_map(|each| each.protocols.iter().map(move |&protocol| (each, protocol)));
            let meets = all.filter(|&(injection, protocol)| injection.can_meet(operation, protocol));
            meets.map(move |(injection, protocol)| (injection, operation, protocol)).collect::<Vec<_>>()
        })
        .collect();
    let most = env::var("SMSMUX_SENDS").map_or(THROUGH_ROUTES, |sends| sends.parse().expect("a number"));
    let calls = most.div_ceil(pairs.len()).max(2);
    let rows = pairs.into_iter().map(|(injection, operation, protocol)| async move {
        let tally = route::run(injection, operation, protocol, calls).await;
        (format!("{}, {protocol:?}, {}", injection.name, operation.vendor), tally)
    });
    let rows = make_all(rows).await;
    let lies: Vec<_> =
        rows.iter().flat_map(|(row, (tally, _))| tally.lies.iter().map(move |lie| format!("{row}: {lie}"))).collect();
    assert!(lies.is_empty(), "not true:\n{}", lies.join("\n"));
    let (mut all, mut moved) = (Tally::default(), 0);
    for (_, (tally, on)) in &rows {
        all.add(tally);
        moved += on;
    }
    let Tally { calls, known, unknown, twice, lost, faulted, .. } = all;
    println!(
        "{calls} sends through routes, {faulted} of them met a fault: {moved} went on to another account, {known} are known, \
         {unknown} unknown, {twice} sent twice, {lost} lost"
    );
    assert!(calls >= most && moved > 0 && unknown > 0 && (twice, lost) == (0, 0));
}

/// Makes rows, each on a task of its own, and as many at a time as there are files for: a row that waits holds up no other.
/// Returns the rows in their order.
async fn make_all<T: Send + 'static>(rows: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let files = usize::try_from(support::file_limit()).unwrap_or(usize::MAX);
    let permits = Arc::new(Semaphore::new((files / FILES).clamp(1, AT_ONCE)));
    let rows = rows.map(|row| {
        let permits = permits.clone();
        tokio::spawn(async move {
            let _permit = permits.acquire().await.expect("open");
            row.await
        })
    });
    join_all(rows.collect::<Vec<_>>()).await.into_iter().map(|row| row.expect("no panic")).collect()
}

/// Makes the calls of an operation all at once while something goes wrong, and holds each answer against the books.
async fn run(injection: &'static Injection, operation: &'static Operation, protocol: Protocol) -> Tally {
    let calls = match (protocol, operation.effect) {
        _ if injection.pause.is_some() => IN_TURN,
        (Protocol::Http1, Effect::Send) => SENDS,
        (Protocol::Http1, _) => OTHERS,
        (_, Effect::Send) => SENDS_OVER_TLS,
        _ => OTHERS_OVER_TLS,
    };
    let stage = Stage::new(injection, operation.vendor, protocol).await;
    let mut subjects = Vec::new();
    for i in 0..calls {
        let reachable = stage.is_reachable() || operation.effect == Effect::Send;
        subjects.push(if reachable { (operation.prepare)(&stage.rig, i).await } else { (i + 1).to_string() });
    }
    stage.rig.sandbox.clear_requests();
    stage.begin(injection, operation, calls);
    let in_a_row = if injection.pause.is_some() { calls.div_ceil(LANES) } else { 1 };
    let answers = join_all(subjects.chunks(in_a_row).map(async |subjects| {
        let mut answers = Vec::new();
        for subject in subjects {
            let call = make(operation, &stage.rig, subject);
            // A panic of the gateway's would be no answer either.
            answers.push(tokio::time::timeout(support::LIMIT, call).await.ok());
            if let Some(pause) = injection.pause {
                tokio::time::sleep(pause).await;
            }
        }
        answers
    }));
    let (answers, ()) = tokio::join!(answers, stage.meanwhile(injection, operation, calls).boxed());
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    let books = stage.books().await;
    let version = if protocol == Protocol::Http2 { "HTTP/2.0" } else { "HTTP/1.1" };
    assert!(books.iter().all(|request| request.version == version), "{}: {protocol:?}", injection.name);
    let mut tally = Tally::default();
    for (subject, answer) in subjects.iter().zip(&answers) {
        let of_it: Vec<_> = books.iter().filter(|request| operations::is_about(request, operation, subject)).collect();
        let twice = tally.twice;
        judge(&mut tally, operation.effect, answer.as_ref(), &of_it, stage.has_hit(&of_it));
        if operations::is_keyed(subject) {
            tally.repeated += 1;
            tally.repeated_twice += tally.twice - twice;
        }
        if injection.harmless && !matches!(answer, Some(Ok(true))) {
            tally.lies.push(format!("no yes in spite of a harmless fault: {answer:?}"));
        }
    }
    assert_eq!(stage.end().await, [], "{}: something went elsewhere", injection.name);
    tally
}

/// Makes a call. A caller with an idempotency key repeats it blindly.
async fn make(operation: &Operation, rig: &support::Rig, subject: &str) -> Result<bool, tonic::Status> {
    let mut answer = (operation.call)(rig, subject.to_owned()).await;
    for _ in 0..REPEATS {
        if answer.is_ok() || !operations::is_keyed(subject) {
            break;
        }
        answer = (operation.call)(rig, subject.to_owned()).await;
    }
    answer
}

/// What of the results is the same in every run: a row per fault.
fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| fault | calls by HTTP/1.1 | by HTTP/1.1 and TLS | by HTTP/2 | answered truthfully | sent twice | repeated with a key | of those sent twice | lost without a word |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, rows: Vec<&Row>| {
        let calls = [Protocol::Http1, Protocol::Tls1, Protocol::Http2].map(|protocol| {
            let calls = rows.iter().filter(|row| row.protocol == protocol).map(|row| row.tally.calls).sum::<usize>();
            if calls == 0 { String::new() } else { calls.to_string() }
        });
        let mut sum = Tally::default();
        rows.iter().for_each(|row| sum.add(&row.tally));
        let Tally { known, unknown, twice, repeated, repeated_twice, lost, .. } = sum;
        let (calls, true_ones) = (calls.join(" | "), known + unknown);
        let line = format!("| {name} | {calls} | {true_ones} | {twice} | {repeated} | {repeated_twice} | {lost} |");
        writeln!(table, "{}", line.replace("|  |", "| |").replace("|  |", "| |")).unwrap();
    };
    for name in INJECTIONS.iter().map(|injection| injection.name).chain(LOGS.iter().map(|(name, _)| *name)) {
        line(name, rows.iter().filter(|row| row.fault == name).collect());
    }
    line("**all**", rows.iter().collect());
    table
}
