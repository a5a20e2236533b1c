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

use std::fmt::Write as _;

use futures::{FutureExt, StreamExt, future::join_all, stream};

use self::{
    injection::{INJECTIONS, Injection, Stage},
    judge::{Tally, judge},
    log::LOGS,
    operations::{Effect, OPERATIONS, Operation},
};

/// Calls of each pair of a fault and an operation: of those that send, and of the others.
const SENDS: usize = 72;
const OTHERS: usize = 4;

/// How many rows are at work at a time, each with all of its calls in flight.
const AT_ONCE: usize = 10;

/// What came of the calls of an operation while something went wrong.
struct Row {
    fault: &'static str,
    vendor: &'static str,
    operation: &'static str,
    tally: Tally,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_the_answer_is_true_and_nothing_is_sent_twice_or_lost() {
    let pairs = INJECTIONS.iter().flat_map(|injection| {
        let meets = OPERATIONS.iter().filter(|operation| injection.can_meet(operation));
        meets.map(move |operation| {
            let tally = run(injection, operation).boxed();
            (injection.name, operation.vendor, operation.name, tally)
        })
    });
    let logs = LOGS.iter().map(|&(name, log)| (name, "all", "SendMessage", log::run(log).boxed()));
    let rows = pairs.chain(logs).map(|(fault, vendor, operation, tally)| async move {
        // On a task of its own, so that all rows make use of all threads.
        Row { fault, vendor, operation, tally: tokio::spawn(tally).await.expect("no panic") }
    });
    let rows: Vec<_> = stream::iter(rows.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;

    println!("{:<26} {:<12} {:<22} calls  true  unknown  twice  lost", "fault", "vendor", "operation");
    for Row { fault, vendor, operation, tally } in &rows {
        let Tally { calls, known, unknown, twice, lost, .. } = tally;
        let place = format!("{fault:<26} {vendor:<12} {operation:<22}");
        println!("{place} {calls:>5} {known:>5} {unknown:>8} {twice:>6} {lost:>5}");
    }
    // One of each row says enough.
    let lies = rows.iter().filter_map(|Row { fault, vendor, operation, tally: Tally { lies, .. } }| {
        Some(format!("{fault}, {vendor} {operation}: {} answers, such as {}", lies.len(), lies.first()?))
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

/// Makes the calls of an operation all at once while something goes wrong, and holds each answer against the books.
async fn run(injection: &'static Injection, operation: &'static Operation) -> Tally {
    let calls = if operation.effect == Effect::Send { SENDS } else { OTHERS };
    let stage = Stage::new(injection, operation.vendor).await;
    let mut subjects = Vec::new();
    for i in 0..calls {
        let reachable = stage.is_reachable() || operation.effect == Effect::Send;
        subjects.push(if reachable { (operation.prepare)(&stage.rig, i).await } else { (i + 1).to_string() });
    }
    stage.rig.sandbox.clear_requests();
    stage.begin(injection, operation, calls);
    let answers = join_all(subjects.iter().map(|subject| {
        let call = (operation.call)(&stage.rig, subject.clone());
        // A panic of the gateway's would be no answer either.
        async move { tokio::time::timeout(support::LIMIT, call).await.ok() }
    }));
    let (answers, ()) = tokio::join!(answers, stage.meanwhile(injection, operation, calls).boxed());
    let books = stage.books().await;
    let mut tally = Tally::default();
    for (subject, answer) in subjects.iter().zip(&answers) {
        let of_it: Vec<_> = books.iter().filter(|request| operations::is_about(request, operation, subject)).collect();
        judge(&mut tally, operation.effect, answer.as_ref(), &of_it, stage.has_hit(&of_it));
        if injection.harmless && !matches!(answer, Some(Ok(true))) {
            tally.lies.push(format!("no yes in spite of a harmless fault: {answer:?}"));
        }
    }
    assert!(stage.nothing_arrived_elsewhere(), "{}: something went elsewhere", injection.name);
    tally
}

/// What of the results is the same in every run: a row per fault.
fn table(rows: &[Row]) -> String {
    let mut table = String::from(
        "| fault | calls | answered truthfully | sent twice | lost without a word |\n|---|---|---|---|---|\n",
    );
    let mut line = |name: &str, rows: &mut dyn Iterator<Item = &Row>| {
        let mut sum = Tally::default();
        rows.for_each(|row| sum.add(&row.tally));
        let Tally { calls, known, unknown, twice, lost, .. } = sum;
        writeln!(table, "| {name} | {calls} | {} | {twice} | {lost} |", known + unknown).unwrap();
    };
    for name in INJECTIONS.iter().map(|injection| injection.name).chain(LOGS.iter().map(|(name, _)| *name)) {
        line(name, &mut rows.iter().filter(|row| row.fault == name));
    }
    line("**all**", &mut rows.iter());
    table
}
