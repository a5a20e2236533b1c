//! The streams of subscriptions in this process: the newest one of a subscription ends the one before it, also if another
//! replica has the newest one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::sleep};

use crate::{
    error::{Error, Outcome, Reason},
    store::Store,
};

/// How often the streams of other replicas are looked at, while there are streams here.
const LOOK: Duration = Duration::from_millis(50);

/// The streams.
#[derive(Debug, Clone, Default)]
pub(in crate::gateway) struct Streams(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By the key of their subscription.
    running: HashMap<String, Running>,
    /// Whether a task looks at the streams of other replicas.
    is_watched: bool,
}

#[derive(Debug)]
struct Running {
    number: i64,
    end: oneshot::Sender<Error>,
}

/// A stream, until it is dropped.
pub(super) struct Stream {
    streams: Streams,
    key: String,
    number: i64,
    end: Option<oneshot::Receiver<Error>>,
}

impl Streams {
    /// Enters the stream of this number, and ends an older one.
    ///
    /// # Errors
    /// SUBSCRIPTION_TAKEN: there is a newer one.
    pub(super) fn begin(&self, store: &Store, key: &str, number: i64) -> Result<Stream, Error> {
        let (end, ended) = oneshot::channel();
        let mut state = self.lock();
        if state.running.get(key).is_some_and(|running| running.number > number) {
            return Err(taken());
        }
        if let Some(older) = state.running.insert(key.to_owned(), Running { number, end }) {
            // It may have ended by itself.
            let _ = older.end.send(taken());
        }
        if store.is_shared() && !state.is_watched {
            state.is_watched = true;
            tokio::spawn(self.clone().watch(store.clone()));
        }
        drop(state);
        Ok(Stream { streams: self.clone(), key: key.to_owned(), number, end: Some(ended) })
    }

    /// Ends the stream of a subscription that is deleted.
    pub(super) fn delete(&self, key: &str) {
        if let Some(running) = self.lock().running.remove(key) {
            let _ = running.end.send(deleted());
        }
    }

    /// Ends the streams that another replica has taken or whose subscription it has deleted, as long as there are streams.
    async fn watch(self, store: Store) {
        loop {
            sleep(LOOK).await;
            let Some(running) = self.running() else { return };
            let newest = match store.newest_streams(running.keys().cloned().collect()).await {
                Ok(newest) => newest,
                Err(error) => {
                    tracing::debug!(%error, "the streams of other replicas were not looked at");
                    continue;
                }
            };
            for (key, number) in running {
                match newest.get(&key) {
                    None => self.end(&key, number, deleted()),
                    Some(newest) if *newest > number => self.end(&key, number, taken()),
                    Some(_) => {}
                }
            }
        }
    }

    /// Returns the number of each stream; `None` if there are none: the watch of other replicas ends.
    fn running(&self) -> Option<HashMap<String, i64>> {
        let mut state = self.lock();
        state.is_watched = !state.running.is_empty();
        let running = state.running.iter().map(|(key, running)| (key.clone(), running.number));
        state.is_watched.then(|| running.collect())
    }

    /// Ends the stream of this number, if there is no newer one.
    fn end(&self, key: &str, number: i64, why: Error) {
        let mut state = self.lock();
        if state.running.get(key).is_some_and(|running| running.number == number)
            && let Some(running) = state.running.remove(key)
        {
            let _ = running.end.send(why);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream {
    /// Returns what ends the stream, once.
    pub(super) fn end(&mut self) -> impl Future<Output = Error> + Send + use<> {
        let end = self.end.take();
        async move {
            match end {
                Some(end) => end.await.unwrap_or_else(|_| taken()),
                None => std::future::pending().await,
            }
        }
    }

    /// The key of the subscription, and the number of the stream.
    pub(super) fn id(&self) -> (&str, i64) {
        (&self.key, self.number)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut state = self.streams.lock();
        if state.running.get(&self.key).is_some_and(|running| running.number == self.number) {
            state.running.remove(&self.key);
        }
    }
}

pub(super) fn taken() -> Error {
    Error::new(Reason::SubscriptionTaken, "a newer stream of the subscription has begun").outcome(Outcome::NotSent)
}

pub(super) fn deleted() -> Error {
    Error::new(Reason::ResourceNotFound, "the subscription does not exist").outcome(Outcome::NotSent)
}
