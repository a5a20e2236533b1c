//! The signals that ask the process to stop.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::signal;

/// A signal this soon after another counts as the same: `timeout -s INT` sends each to its child and to the child's
/// group.
const ECHO: Duration = Duration::from_millis(500);

/// Receives SIGTERM and Ctrl-C. Once created, no signal is missed and none ends the process by itself, so create it
/// before the process reports that it runs.
pub(super) struct Signals {
    source: Source,
    last: Option<Instant>,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { source: Source::new()?, last: None })
    }

    /// Waits for the next signal to stop.
    pub(super) async fn next(&mut self) {
        let Self { source, last } = self;
        let signal = async || {
            source.next().await;
            Instant::now()
        };
        request(last, signal).await;
    }
}

/// Waits for the next signal that is not an echo of the one at `last`. `signal` waits for one, and returns its time.
async fn request(last: &mut Option<Instant>, mut signal: impl AsyncFnMut() -> Instant) {
    loop {
        let now = signal().await;
        if last.is_none_or(|last| now.duration_since(last) >= ECHO) {
            *last = Some(now);
            return;
        }
    }
}

#[cfg(unix)]
struct Source {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Source(signal::windows::CtrlC);

#[cfg(windows)]
impl Source {
    fn new() -> io::Result<Self> {
        signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_within_half_a_second_of_a_request_is_that_request() {
        let begun = Instant::now();
        let mut signals = [0, 0, 1, 499, 500, 501, 999, 1000].map(|ms| begun + Duration::from_millis(ms)).into_iter();
        let (mut last, mut requests) = (None, Vec::new());
        for _ in 0..3 {
            request(&mut last, async || signals.next().expect("another signal")).await;
            requests.extend(last.map(|last| last.duration_since(begun).as_millis()));
        }
        assert_eq!(requests, [0, 500, 1000]);
    }
}
