//! What the tests of crashes have found so far, as one table: each prints it when it has ended, the last one all of it.

use std::{
    collections::BTreeMap,
    env,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// The crashes that the tests make of themselves, all together: `SMSMUX_CRASHES` is shared out in the same proportions.
const ALL: usize = if cfg!(feature = "foreign-clients") { 129 } else { 99 };

/// The lines of the table.
static TABLE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Which answers repeated calls got, and how often.
pub(super) type Rows = BTreeMap<&'static str, usize>;

/// Returns how often something is to crash that crashes so often by default.
pub(crate) fn crashes(default: usize) -> usize {
    let all: Option<usize> = env::var("SMSMUX_CRASHES").ok().map(|crashes| crashes.parse().expect("a number"));
    all.map_or(default, |all| (all * default).div_ceil(ALL))
}

/// What one test has found so far.
pub(super) struct Report {
    of: &'static str,
    crashes: usize,
    begun: Instant,
    so_far: Mutex<(usize, Rows)>,
}

impl Report {
    /// Begins the report of so many crashes.
    pub(super) fn new(of: &'static str, crashes: usize) -> Self {
        Self { of, crashes, begun: Instant::now(), so_far: Mutex::default() }
    }

    /// Adds a crash that has lost nothing and had nothing sent twice, and what repeated calls got.
    pub(super) fn add(&self, rows: Rows) {
        let mut so_far = self.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        so_far.0 += 1;
        rows.into_iter().for_each(|(row, times)| *so_far.1.entry(row).or_default() += times);
        if so_far.0.is_multiple_of((self.crashes / 20).max(50)) {
            println!("{}: {} of {} crashes", self.of, so_far.0, self.crashes);
        }
    }

    /// Prints the table with a line of this report, and returns what repeated calls got.
    pub(super) fn end(self) -> Rows {
        let (crashes, rows) = self.so_far.into_inner().unwrap_or_else(PoisonError::into_inner);
        let calls: usize = rows.values().sum();
        let got: Vec<_> = rows.iter().map(|(row, times)| format!("{times} {row}")).collect();
        let pace = self.begun.elapsed().as_secs_f64() * 100.0 / crashes.max(1) as f64;
        // The checks have failed otherwise.
        let (sent_twice, without_a_row) = (0, 0);
        let line = format!(
            "{:<44}{crashes:>8}{pace:>11.1}{calls:>10}{sent_twice:>12}{without_a_row:>15}  {}",
            self.of,
            got.join(", ")
        );
        let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
        table.push(line);
        println!(
            "\n{:<44}{:>8}{:>11}{:>10}{:>12}{:>15}  of the repeated calls\n{}",
            "what crashes",
            "crashes",
            "s per 100",
            "repeated",
            "sent twice",
            "without a row",
            table.join("\n")
        );
        rows
    }
}
