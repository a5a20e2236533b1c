//! The log. Every call logs a line and none waits for it: serving threads buffer their lines while they have work and
//! flush them to a queue before they park, and a thread of its own writes to standard error. Lines that cannot be
//! written are dropped and counted.

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

/// The most bytes that a thread buffers, which is some 60 lines of calls.
const BUFFER: usize = 16 << 10;

/// The lines that wait for the writing thread; empty until [`start`].
static QUEUE: OnceLock<Queue> = OnceLock::new();

thread_local! {
    /// The buffered lines of this thread; `None` if it queues every line at once.
    static LINES: RefCell<Option<Buffered>> = const { RefCell::new(None) };
}

/// Lines that are not queued yet.
struct Buffered(Vec<u8>);

impl Buffered {
    fn enqueue(&mut self) {
        if !self.0.is_empty() {
            write(&self.0);
            self.0.clear();
        }
    }
}

impl Drop for Buffered {
    fn drop(&mut self) {
        self.enqueue();
    }
}

/// Starts the writing thread, and logs panics as events: the hook of the standard library would block on a reader of
/// the log that does not read.
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

/// Formats the line that reports how many lines were dropped before it.
fn dropped_line(lines: u64) -> Vec<u8> {
    LINES.set(Some(Buffered(Vec::new())));
    tracing::warn!(lines, "log lines were dropped: they could not be written in time");
    LINES.take().map(|mut line| std::mem::take(&mut line.0)).unwrap_or_default()
}

/// Writes to standard error: through the log if it was started, to keep the order.
pub fn write(text: &[u8]) {
    match QUEUE.get() {
        Some(queue) => queue.push(text),
        // An error cannot be reported anywhere.
        None => drop(io::stderr().write_all(text)),
    }
}

/// Makes this thread buffer its lines; it must call [`flush`] before it blocks.
pub fn buffer() {
    LINES.set(Some(Buffered(Vec::with_capacity(BUFFER))));
}

/// Queues the buffered lines of this thread.
pub fn flush() {
    LINES.with_borrow_mut(|lines| {
        if let Some(lines) = lines {
            lines.enqueue();
        }
    });
}

/// Waits on drop until all lines are written, but only briefly for a reader that does not read.
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

/// The log as a writer of whole lines.
#[derive(Debug, Clone, Copy)]
pub struct StandardError;

impl io::Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A line logged while the thread ends cannot be buffered any more.
        let buffered = LINES.try_with(|lines| match &mut *lines.borrow_mut() {
            Some(lines) => {
                if lines.0.len() + line.len() > BUFFER {
                    lines.enqueue();
                }
                lines.0.extend_from_slice(line);
                true
            }
            None => false,
        });
        if buffered != Ok(true) {
            write(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
