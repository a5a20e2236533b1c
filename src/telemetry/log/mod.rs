//! The log. A line is written for every call, and no call waits for it: threads that serve gather their lines as long as they
//! have work, hand them over before they wait for more, and one thread of the log's own writes to standard error. What
//! cannot be written is dropped and counted.

mod lines;
mod writer;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    cell::RefCell,
    io::{self, Write as _},
    panic,
    sync::OnceLock,
    thread,
};

pub use self::lines::Lines;
use self::writer::Queue;

/// A thread gathers at most this many bytes, which is some 60 lines of calls.
const GATHERED: usize = 16 << 10;

/// The lines that wait for the thread that writes; empty until [`start`].
static QUEUE: OnceLock<Queue> = OnceLock::new();

thread_local! {
    /// `None`: this thread hands over every line at once.
    static LINES: RefCell<Option<Gathered>> = const { RefCell::new(None) };
}

/// Lines that are not handed over yet.
struct Gathered(Vec<u8>);

impl Gathered {
    fn hand_over(&mut self) {
        if !self.0.is_empty() {
            write(&self.0);
            self.0.clear();
        }
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// Starts the thread that writes, and logs panics as the events that they are: the hook of the standard library would wait
/// for a reader of the log that does not read.
///
/// # Errors
/// The system has no thread left.
pub fn start() -> io::Result<()> {
    let queue = QUEUE.get_or_init(Queue::default);
    let write = || queue.write_to(io::stderr(), dropped_line);
    thread::Builder::new().name("smsmux-log".to_owned()).spawn(write)?;
    panic::set_hook(Box::new(|panic| {
        let thread = thread::current();
        let place = panic.location().map(tracing::field::display);
        let backtrace = Some(Backtrace::capture()).filter(|trace| trace.status() == BacktraceStatus::Captured);
        let backtrace = backtrace.map(tracing::field::display);
        let text = panic.payload_as_str().unwrap_or_default();
        tracing::error!(thread = thread.name(), place, backtrace, "panicked: {text}");
    }));
    Ok(())
}

/// The line that counts the lines which were dropped before it.
fn dropped_line(lines: u64) -> Vec<u8> {
    LINES.set(Some(Gathered(Vec::new())));
    tracing::warn!(lines, "log lines were dropped: they could not be written in time");
    LINES.take().map(|mut line| std::mem::take(&mut line.0)).unwrap_or_default()
}

/// Writes to standard error: by way of the log where it was started, so that nothing overtakes its lines.
pub fn write(text: &[u8]) {
    match QUEUE.get() {
        Some(queue) => queue.push(text),
        // Nobody is left to be told of an error.
        None => drop(io::stderr().write_all(text)),
    }
}

/// Lets this thread gather its lines; it must call [`flush`] before it waits for anything.
pub fn gather() {
    LINES.set(Some(Gathered(Vec::with_capacity(GATHERED))));
}

/// Hands over what this thread has gathered.
pub fn flush() {
    LINES.with_borrow_mut(|lines| {
        if let Some(lines) = lines {
            lines.hand_over();
        }
    });
}

/// Waits, when it is dropped, until what was logged is written; a reader that does not read is waited for no longer than a
/// moment.
#[derive(Debug)]
pub struct WriteOut;

impl Drop for WriteOut {
    fn drop(&mut self) {
        flush();
        if let Some(queue) = QUEUE.get() {
            queue.write_out();
        }
    }
}

/// The log, for whole lines.
#[derive(Debug, Clone, Copy)]
pub struct StandardError;

impl io::Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A line about the thread's own end comes too late to be gathered.
        let gathered = LINES.try_with(|lines| match &mut *lines.borrow_mut() {
            Some(lines) => {
                if lines.0.len() + line.len() > GATHERED {
                    lines.hand_over();
                }
                lines.0.extend_from_slice(line);
                true
            }
            None => false,
        });
        if gathered != Ok(true) {
            write(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
