//! The queue of lines, and the thread that writes them.

use std::{
    io::{self, ErrorKind},
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::telemetry::metrics;

/// The most bytes that wait, which is some 16,000 lines of calls. As many more may be in the process of being written.
const WAITING: usize = 4 << 20;

/// The most bytes of one write, so that progress can be observed.
const WRITTEN_AT_ONCE: usize = 64 << 10;

/// How long the exit of the process waits for a reader that reads nothing.
const STALL_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the exit of the process waits for a slow reader.
const EXIT_TIMEOUT: Duration = Duration::from_secs(3);

/// The pause when a non-blocking pipe or socket is full.
const PAUSE: Duration = Duration::from_millis(10);

/// Lines that wait to be written.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Notified when there are lines to write.
    arrived: Condvar,
    /// Notified when lines were written or dropped.
    progress: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// How many lines were dropped after these bytes. No line is added until the writer has taken this count, which
    /// keeps the order.
    dropped: u64,
    /// Whether the writer has nothing to do.
    is_idle: bool,
    /// How often the writer made progress.
    steps: u64,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Each change is a single step, so a panic leaves a consistent state.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds whole lines, or drops them if too many wait. Blocks no longer than it takes to copy them.
    pub(super) fn push(&self, lines: &[u8]) {
        let mut waiting = self.lock();
        if waiting.dropped > 0 || waiting.bytes.len() + lines.len() > WAITING {
            let count = count(lines);
            waiting.dropped += count;
            metrics::log_lines_dropped().inc_by(count);
        } else {
            waiting.bytes.extend_from_slice(lines);
        }
        // A busy writer checks again by itself.
        if mem::take(&mut waiting.is_idle) {
            drop(waiting);
            self.arrived.notify_one();
        }
    }

    /// Writes lines as they arrive, for ever. `dropped` formats the line that reports how many were dropped before it.
    pub(super) fn write_to(&self, out: impl io::Write, dropped: impl Fn(u64) -> Vec<u8>) -> ! {
        let mut sink = Sink { out, queue: self, is_torn: false };
        let (mut bytes, mut lost) = (Vec::new(), 0);
        loop {
            bytes.clear();
            // Frees the memory of a burst.
            bytes.shrink_to(WRITTEN_AT_ONCE);
            let dropped_after = self.take(&mut bytes);
            if lost > 0 && sink.write(&dropped(lost)) == 0 {
                lost = 0;
            }
            let unwritten = sink.write(&bytes);
            metrics::log_lines_dropped().inc_by(unwritten);
            lost += unwritten + dropped_after;
            if dropped_after > 0 && sink.write(&dropped(lost)) == 0 {
                lost = 0;
            }
        }
    }

    /// Waits for lines and takes them; returns how many were dropped after them.
    fn take(&self, bytes: &mut Vec<u8>) -> u64 {
        let mut waiting = self.lock();
        while waiting.bytes.is_empty() && waiting.dropped == 0 {
            waiting.is_idle = true;
            self.progress.notify_all();
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.is_idle = false;
        mem::swap(&mut waiting.bytes, bytes);
        mem::take(&mut waiting.dropped)
    }

    /// Waits until all lines are written, as long as the reader reads.
    pub(super) fn write_out(&self) {
        self.write_out_within(STALL_TIMEOUT, EXIT_TIMEOUT);
    }

    fn write_out_within(&self, stall: Duration, limit: Duration) {
        let limit = Instant::now() + limit;
        let mut waiting = self.lock();
        while !waiting.is_idle {
            let steps = waiting.steps;
            let stall = stall.min(limit.saturating_duration_since(Instant::now()));
            let (now, _) = self
                .progress
                .wait_timeout_while(waiting, stall, |waiting| !waiting.is_idle && waiting.steps == steps)
                .unwrap_or_else(PoisonError::into_inner);
            waiting = now;
            if !waiting.is_idle && waiting.steps == steps {
                return;
            }
        }
    }
}

/// The output that lines are written to.
struct Sink<'a, W> {
    out: W,
    queue: &'a Queue,
    /// Whether the last write ended within a line.
    is_torn: bool,
}

impl<W: io::Write> Sink<'_, W> {
    /// Writes lines; returns how many failed.
    fn write(&mut self, lines: &[u8]) -> u64 {
        if self.is_torn && self.rest(b"\n") > 0 {
            return count(lines);
        }
        let unwritten = self.rest(lines);
        count(&lines[lines.len() - unwritten..])
    }

    /// Writes bytes; returns how many failed.
    fn rest(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.out.write(&rest[..rest.len().min(WRITTEN_AT_ONCE)]) {
                Ok(0) => break,
                Ok(written) => {
                    self.is_torn = rest[written - 1] != b'\n';
                    rest = &rest[written..];
                    self.queue.lock().steps += 1;
                    self.queue.progress.notify_all();
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => thread::park_timeout(PAUSE),
                Err(_) => break,
            }
        }
        rest.len()
    }
}

fn count(lines: &[u8]) -> u64 {
    lines.iter().filter(|&&byte| byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    };

    use super::*;

    /// The result of the next write.
    enum Next {
        Written,
        /// Accepts at most this many bytes.
        Piece(usize),
        Fails(ErrorKind),
    }

    /// A reader that handles each write as scripted, and passes on what it has read.
    struct Scripted {
        script: Receiver<Next>,
        read: Sender<String>,
    }

    impl io::Write for Scripted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let written = match self.script.recv().expect("a script") {
                Next::Written => bytes.len(),
                Next::Piece(most) => bytes.len().min(most),
                Next::Fails(kind) => return Err(kind.into()),
            };
            self.read.send(String::from_utf8_lossy(&bytes[..written]).into_owned()).expect("a reader");
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Rig {
        queue: Arc<Queue>,
        script: Sender<Next>,
        read: Receiver<String>,
    }

    impl Rig {
        fn start() -> Self {
            let ((script, scripted), (reading, read)) = (channel(), channel());
            let queue = Arc::new(Queue::default());
            let writer = queue.clone();
            thread::spawn(move || {
                let out = Scripted { script: scripted, read: reading };
                writer.write_to(out, |lines| format!("{lines} dropped\n").into_bytes());
            });
            let rig = Self { queue, script, read };
            rig.idle();
            rig
        }

        fn next(&self, next: Next) {
            self.script.send(next).expect("a writer");
        }

        fn reads(&self, text: &str) {
            assert_eq!(self.read.recv().expect("a writer"), text);
        }

        /// Waits until the writer has nothing to do.
        fn idle(&self) {
            self.queue.write_out_within(Duration::MAX, Duration::from_secs(3600));
            assert!(self.queue.lock().is_idle);
        }
    }

    #[test]
    fn lines_are_written_in_their_order() {
        let rig = Rig::start();
        for line in ["one\n", "two\n"] {
            rig.next(Next::Written);
            rig.queue.push(line.as_bytes());
            rig.reads(line);
            rig.idle();
        }
    }

    #[test]
    fn a_stalled_reader_blocks_no_caller_and_lines_over_the_limit_are_dropped() {
        let rig = Rig::start();
        rig.queue.push(b"one\n");
        // The writer has it, and sleeps with its reader.
        while !rig.queue.lock().bytes.is_empty() {
            thread::yield_now();
        }
        let most = "x".repeat(WAITING - 1) + "\n";
        rig.queue.push(most.as_bytes());
        let before = metrics::log_lines_dropped().get();
        rig.queue.push(b"lost\nlost too\n");
        assert!(metrics::log_lines_dropped().get() >= before + 2);
        // The exit of the process does not wait for the reader.
        rig.queue.write_out_within(Duration::ZERO, Duration::ZERO);

        for _ in 0..=most.len().div_ceil(WRITTEN_AT_ONCE) + 1 {
            rig.next(Next::Written);
        }
        rig.reads("one\n");
        let mut read = String::new();
        while read.len() < most.len() {
            read += &rig.read.recv().expect("a writer");
        }
        assert!(read == most);
        rig.reads("2 dropped\n");
        rig.idle();
        rig.next(Next::Written);
        rig.queue.push(b"and on\n");
        rig.reads("and on\n");
    }

    #[test]
    fn lines_that_cannot_be_written_are_counted_once_it_works_again() {
        let rig = Rig::start();
        for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            rig.next(Next::Fails(kind));
            rig.queue.push(b"lost\n");
            rig.idle();
            // The line that reports them cannot be written either.
            rig.next(Next::Fails(kind));
            rig.next(Next::Fails(kind));
            rig.queue.push(b"lost\n");
            rig.idle();
            rig.next(Next::Written);
            rig.next(Next::Written);
            rig.queue.push(b"found\n");
            rig.reads("2 dropped\n");
            rig.reads("found\n");
            rig.idle();
        }
    }

    #[test]
    fn a_line_that_was_cut_short_is_ended_before_the_next() {
        let rig = Rig::start();
        rig.next(Next::Piece(6));
        rig.next(Next::Fails(ErrorKind::StorageFull));
        rig.queue.push(b"one\ntwo\nthree\n");
        rig.reads("one\ntw");
        rig.idle();
        for _ in 0..3 {
            rig.next(Next::Written);
        }
        rig.queue.push(b"four\n");
        rig.reads("\n");
        rig.reads("2 dropped\n");
        rig.reads("four\n");
    }

    #[test]
    fn a_full_pipe_that_must_not_block_is_tried_again() {
        let rig = Rig::start();
        for next in [Next::Piece(1), Next::Fails(ErrorKind::WouldBlock), Next::Fails(ErrorKind::Interrupted)] {
            rig.next(next);
        }
        rig.next(Next::Written);
        rig.queue.push(b"one\n");
        rig.reads("o");
        rig.reads("ne\n");
        rig.idle();
    }
}
