//! The threads that serve: each is a runtime of its own, with its connections and its pools of connections to vendors. A call
//! lives on one thread from its first byte to its last, so that nothing of it wakes another core; what threads share are
//! counters, logins and the configuration.
//!
//! One runtime for all cores, whose tasks move between them, costs half as much again for a call (benches/README.md).

use std::{io, sync::Arc};

use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
};
use tokio_util::{sync::CancellationToken, task::task_tracker::TaskTrackerToken};

use super::listener::{Arrival, Listener};
use crate::{telemetry::log, vendors::kit::thread};

/// How many threads serve: as many as are asked for, and for 0 one for each core that the process may use.
pub(super) fn count(asked: usize) -> usize {
    if asked > 0 { asked } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

/// One thread that serves, as those see it who bring connections.
pub(super) struct Shard {
    arrivals: mpsc::UnboundedSender<Arrival>,
    /// Shared with each connection: there is one less of them than it has owners.
    connections: Arc<()>,
}

/// The end of a shard's serving: what its future gave.
pub(super) type End<T> = oneshot::Receiver<T>;

impl Shard {
    /// Starts the thread of this number, which keeps `alive` until its last line is in the log. `serve` gets the connections
    /// that [`deal`] brings; tasks that it leaves behind go on until `stopped`.
    ///
    /// # Errors
    /// The system has no thread or no file to give.
    pub(super) fn start<F>(
        number: usize,
        stopped: CancellationToken,
        alive: TaskTrackerToken,
        serve: impl FnOnce(mpsc::UnboundedReceiver<Arrival>) -> F,
    ) -> io::Result<(Self, End<F::Output>)>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        // Not more than there are connections, of which each has a place.
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
    log::gather();
    runtime.block_on(work);
    // A name that is being looked up must not hold the end up.
    runtime.shutdown_background();
    log::flush();
}

/// Brings every connection to the shard that has the fewest, until `closed`.
pub(super) async fn deal(mut listener: Listener, shards: Vec<Shard>, closed: CancellationToken) {
    loop {
        let arrival = tokio::select! {
            arrival = listener.accept() => arrival,
            () = closed.cancelled() => return,
        };
        let fewest = shards.iter().min_by_key(|shard| Arc::strong_count(&shard.connections));
        if let (Some(shard), Some(arrival)) = (fewest, arrival) {
            // A shard that has ended ends the server.
            let _ = shard.arrivals.send(arrival.counted_by(shard.connections.clone()));
        }
    }
}
