//! Copies the write-ahead log into the database, on a thread of its own: a commit does not wait for it.

use std::{
    sync::{
        Arc, OnceLock,
        mpsc::{RecvTimeoutError, Sender, SyncSender, channel, sync_channel},
    },
    thread,
    time::Duration,
};

use rusqlite::Connection;

use crate::store::Broken;

/// The least time between two checkpoints.
const INTERVAL: Duration = Duration::from_millis(200);

/// The thread that makes checkpoints. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints {
    wake: SyncSender<()>,
    /// Its end stops the thread.
    _stop: Sender<()>,
    failure: Arc<OnceLock<Broken>>,
}

impl Checkpoints {
    pub(super) fn start(connection: Connection) -> Self {
        let (wake, woken) = sync_channel(1);
        let (stop, stopped) = channel();
        let failure = Arc::new(OnceLock::new());
        let noted = failure.clone();
        let run = move || {
            while woken.recv().is_ok() {
                let made = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
                if let Err(broken @ Broken::ForGood(_)) = made.map_err(Broken::from) {
                    let _ = noted.set(broken);
                    return;
                }
                // A wake-up in the meantime stays in its channel.
                if stopped.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        // Without the thread, the log grows until it is cut.
        let _ = thread::Builder::new().name("store-checkpoint".to_owned()).spawn(run);
        Self { wake, _stop: stop, failure }
    }

    /// Has a checkpoint made soon.
    pub(super) fn wake(&self) {
        // Full: one is due already.
        let _ = self.wake.try_send(());
    }

    /// Returns why checkpoints failed, if they did: a failed flush makes the file doubtful.
    pub(super) fn failure(&self) -> Option<Broken> {
        self.failure.get().cloned()
    }
}
