//! How far long work has come, on a terminal.

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use super::print;

/// The time between two reports.
const INTERVAL: Duration = Duration::from_millis(200);

/// One line that is written over and over.
pub(super) struct Progress {
    what: &'static str,
    is_shown: bool,
    last: Instant,
    is_dirty: bool,
}

impl Progress {
    /// Starts work whose parts are called this.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, is_shown: io::stderr().is_terminal(), last: Instant::now(), is_dirty: false }
    }

    /// Reports a part of a whole.
    pub(super) fn part(&mut self, done: u64, all: u64) {
        self.report(|| format!("{} %", done * 100 / all.max(1)));
    }

    /// Reports progress of work whose size is unknown.
    pub(super) fn count(&mut self, done: u64) {
        self.report(|| done.to_string());
    }

    /// Removes the line.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.is_dirty) {
            print::error("\r\x1b[K");
        }
    }

    fn report(&mut self, text: impl FnOnce() -> String) {
        if self.is_shown && self.last.elapsed() >= INTERVAL {
            (self.last, self.is_dirty) = (Instant::now(), true);
            print::error(format_args!("\r{} {}\x1b[K", text(), self.what));
        }
    }
}
