//! The threads that read: a query blocks, and a serving thread must not.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use tokio::sync::oneshot;

use super::{Broken, Reader};

/// The number of threads.
const READERS: usize = 2;

type Query = Box<dyn FnOnce(Result<&mut Box<dyn Reader>, Broken>) -> Option<Broken> + Send>;

/// A handle of the threads, which end when it is dropped.
#[derive(Debug)]
pub(super) struct Readers {
    queries: Sender<Query>,
}

impl Readers {
    /// Starts the threads. Each opens its reader at its first query, so that a store that is not read takes no memory.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(super) fn start(
        open: impl Fn() -> Result<Box<dyn Reader>, Broken> + Clone + Send + 'static,
    ) -> std::io::Result<Self> {
        let (queries, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..READERS {
            let (waiting, open) = (waiting.clone(), open.clone());
            thread::Builder::new().name("store-read".to_owned()).spawn(move || read(&waiting, open))?;
        }
        Ok(Self { queries })
    }

    /// Runs a query on one of the threads.
    pub(super) async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut dyn Reader) -> Result<T, Broken> + Send + 'static,
    ) -> Result<T, Broken> {
        let (sender, answer) = oneshot::channel();
        let query = Box::new(move |reader: Result<&mut Box<dyn Reader>, Broken>| {
            let answer = reader.and_then(|reader| query(reader.as_mut()));
            let broken = answer.as_ref().err().cloned();
            // The caller may have left.
            let _ = sender.send(answer);
            broken
        });
        let stopped = || Broken::Away("the readers have stopped".to_owned());
        self.queries.send(query).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// Answers queries. A reader that failed is opened anew for the next one.
fn read(waiting: &Mutex<Receiver<Query>>, open: impl Fn() -> Result<Box<dyn Reader>, Broken>) {
    let mut reader = None;
    loop {
        // The lock is held while waiting: the other thread waits for the lock instead.
        let query = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(query) = query else { return };
        let opened = match &mut reader {
            Some(reader) => Ok(reader),
            None => open().map(|opened| reader.insert(opened)),
        };
        if query(opened).is_some() {
            reader = None;
        }
    }
}
