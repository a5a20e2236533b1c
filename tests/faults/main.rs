//! The table of faults and operations: whatever goes wrong between smsmux and a vendor, over real sockets, the answer of
//! every call is held against the books of the vendor's stand-in.
//!
//! An answer is true when OK means booked once, NOT_SENT or REFUSED means not booked, and OUTCOME_UNKNOWN is said of all
//! else. Nothing may be booked twice, and nothing be lost: not booked in spite of an OK, or not answered at all.
//!
//! `SMSMUX_UPDATE=1 cargo test --test faults` writes the table in README.md; `--nocapture` shows the one with all details.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod judge;
mod operations;
mod trouble;

use std::{fmt::Write as _, fs, time::Duration};

use futures::{FutureExt, StreamExt, future::join_all, stream};

use self::{
    judge::{Tally, judge},
    operations::{Effect, OPERATIONS, Operation},
    trouble::{Stage, TROUBLES, Trouble},
};

/// Calls of each pair of a fault and an operation: of those that send, and of the others.
const SENDS: usize = 72;
const OTHERS: usize = 4;

/// How many pairs are at work at a time, each with all of its calls in flight.
const AT_ONCE: usize = 10;

/// Who has no answer after this gets none.
const NEVER: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_the_answer_is_true_and_nothing_is_sent_twice_or_lost() {
    let pairs = TROUBLES.iter().flat_map(|trouble| {
        let meets = OPERATIONS.iter().filter(|operation| trouble.can_meet(operation));
        meets.map(move |operation| async move {
            // On a task of its own, so that all pairs make use of all threads.
            let tally = tokio::spawn(run(trouble, operation)).await.expect("no panic");
            (trouble, operation, tally)
        })
    });
    let results: Vec<_> = stream::iter(pairs.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;

    println!("{:<26} {:<12} {:<22} calls  true  unknown  twice  lost", "fault", "vendor", "operation");
    for (trouble, operation, tally) in &results {
        let Tally { calls, known, unknown, twice, lost, .. } = tally;
        let place = format!("{:<26} {:<12} {:<22}", trouble.name, operation.vendor, operation.name);
        println!("{place} {calls:>5} {known:>5} {unknown:>8} {twice:>6} {lost:>5}");
    }
    let lies: Vec<_> = results
        .iter()
        .flat_map(|(trouble, operation, tally)| {
            tally
                .lies
                .iter()
                .map(move |lie| format!("{}, {} {}: {lie}", trouble.name, operation.vendor, operation.name))
        })
        .collect();
    assert!(
        lies.is_empty(),
        "{} answers are not true, such as:\n{}",
        lies.len(),
        lies[..lies.len().min(20)].join("\n")
    );
    let sends = results.iter().filter(|(_, operation, _)| operation.effect == Effect::Send);
    let sends = sends.map(|(_, _, tally)| tally.faulted).sum::<usize>();
    println!("{sends} faulted sends");
    assert!(sends >= 10_000, "{sends} sends met a fault");
    hold_against_the_readme(&table(&results));
}

/// Makes the calls of an operation all at once while something goes wrong, and holds each answer against the books.
async fn run(trouble: &'static Trouble, operation: &'static Operation) -> Tally {
    let calls = if operation.effect == Effect::Send { SENDS } else { OTHERS };
    let stage = Stage::new(trouble, operation.vendor).await;
    let mut subjects = Vec::new();
    for i in 0..calls {
        let reachable = stage.is_reachable() || operation.effect == Effect::Send;
        subjects.push(if reachable { (operation.prepare)(&stage.rig, i).await } else { (i + 1).to_string() });
    }
    stage.rig.sandbox.clear_requests();
    stage.begin(trouble, operation, calls);
    let answers = join_all(subjects.iter().map(|subject| {
        let call = (operation.call)(&stage.rig, subject.clone());
        // A panic of the gateway's would be no answer either.
        async move { tokio::time::timeout(NEVER, call).await.ok() }
    }));
    let (answers, ()) = tokio::join!(answers, stage.meanwhile(trouble, operation, calls).boxed());
    let books = stage.books().await;
    let mut tally = Tally::default();
    for (subject, answer) in subjects.iter().zip(&answers) {
        let of_it: Vec<_> = books.iter().filter(|request| operations::is_about(request, operation, subject)).collect();
        let faulted = !stage.is_reachable() || of_it.iter().any(|request| stage.was_hit(request));
        judge(&mut tally, operation.effect, answer.as_ref(), &of_it, faulted);
    }
    assert!(stage.nothing_arrived_elsewhere(), "{}: something went elsewhere", trouble.name);
    tally
}

/// What of the results is the same in every run: a row per fault.
fn table(results: &[(&Trouble, &Operation, Tally)]) -> String {
    let mut table = String::from(
        "| fault | calls | answered truthfully | sent twice | lost without a word |\n|---|---|---|---|---|\n",
    );
    let sum = |name: Option<&str>| {
        let mut all = Tally::default();
        for (_, _, tally) in results.iter().filter(|(trouble, ..)| name.is_none_or(|name| name == trouble.name)) {
            all.add(tally);
        }
        all
    };
    let names = TROUBLES.iter().map(|trouble| Some(trouble.name)).chain([None]);
    for name in names {
        let Tally { calls, known, unknown, twice, lost, .. } = sum(name);
        let name = name.unwrap_or("**all**");
        writeln!(table, "| {name} | {calls} | {} | {twice} | {lost} |", known + unknown).unwrap();
    }
    table
}

fn hold_against_the_readme(table: &str) {
    const BEGIN: &str = "<!-- fault table: written by tests/faults -->\n";
    const END: &str = "<!-- end of the fault table -->";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(file).expect("README.md");
    let start = readme.find(BEGIN).expect("the table's begin") + BEGIN.len();
    let end = readme.find(END).expect("the table's end");
    if std::env::var_os("SMSMUX_UPDATE").is_some() {
        fs::write(file, format!("{}{table}{}", &readme[..start], &readme[end..])).expect("written");
    } else {
        assert!(&readme[start..end] == table, "README.md is out of date: SMSMUX_UPDATE=1 cargo test --test faults");
    }
}
