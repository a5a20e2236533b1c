//! The serving threads: each is a runtime of its own, with its connections and its pools of connections to vendors. A
//! call stays on one thread from its first byte to its last, so that it wakes no other core; threads share only
//! counters, logins and the configuration.
//!
//! A work-stealing runtime for all cores costs half as much again per call (benches/README.md).

use std::{io, sync::Arc};

use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
};
use tokio_util::{sync::CancellationToken, task::task_tracker::TaskTrackerToken};

use super::listener::{Arrival, Listener};
use crate::{telemetry::log, vendors::kit::thread};

/// Returns the number of serving threads: the configured one, or for 0 one for each core that the process may use.
pub(super) fn count(asked: usize) -> usize {
    if asked > 0 { asked } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

/// The handle of a serving thread, by which it receives connections.
pub(super) struct Shard {
    arrivals: mpsc::UnboundedSender<Arrival>,
    /// Each connection holds a clone, so the reference count shows how many there are.
    connections: Arc<()>,
}

/// Receives the output of a shard's future.
pub(super) type End<T> = oneshot::Receiver<T>;

impl Shard {
    /// Starts the thread of this number, which holds `alive` until its last log line is flushed. `serve` receives the
    /// connections that [`deal`] assigns; tasks still running when it returns go on until `stopped`.
    ///
    /// # Errors
    /// The system has no thread or file descriptor left.
    pub(super) fn start<F>(
        number: usize,
        stopped: CancellationToken,
        alive: TaskTrackerToken,
        serve: impl FnOnce(mpsc::UnboundedReceiver<Arrival>) -> F,
    ) -> io::Result<(Self, End<F::Output>)>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        // Bounded by the connections, each of which holds a permit.
        let (arrivals, arriving) = mpsc::unbounded_channel();
        let (ended, end) = oneshot::channel();
        let serving = serve(arriving);
        let runtime = Builder::new_current_thread().enable_all().on_thread_park(log::flush).build()?;
        let work = async move {
            tokio::select! {
                output = serving => drop(ended.send(output)),
                () = stopped.cancelled() => return,
            }
            stopped.cancelled().await;
        };
        let run = move || {
            let _alive = alive;
            run(number, runtime, work);
        };
        std::thread::Builder::new().name(format!("smsmux-{number}")).spawn(run)?;
        Ok((Self { arrivals, connections: Arc::default() }, end))
    }
}

fn run(number: usize, runtime: Runtime, work: impl Future<Output = ()>) {
    thread::serve(number);
    log::buffer();
    runtime.block_on(work);
    // A pending DNS lookup must not delay the shutdown.
    runtime.shutdown_background();
    log::flush();
}

/// Assigns each connection to the shard that has the fewest, until `closed`.
pub(super) async fn deal(mut listener: Listener, shards: Vec<Shard>, closed: CancellationToken) {
    loop {
        let arrival = tokio::select! {
            arrival = listener.accept() => arrival,
            () = closed.cancelled() => return,
        };
        let fewest = shards.iter().min_by_key(|shard| Arc::strong_count(&shard.connections));
        if let (Some(shard), Some(arrival)) = (fewest, arrival) {
            // If the shard has ended, the server ends too.
            let _ = shard.arrivals.send(arrival.counted_by(shard.connections.clone()));
        }
    }
}
