//! The streams of subscriptions in this process: the newest one of a subscription ends the one before it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::error::{Error, Outcome, Reason};

/// The streams, by the key of their subscription.
#[derive(Debug, Clone, Default)]
pub(in crate::gateway) struct Streams(Arc<Mutex<HashMap<String, Running>>>);

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
    pub(super) fn begin(&self, key: &str, number: i64) -> Result<Stream, Error> {
        let (end, ended) = oneshot::channel();
        let mut streams = self.lock();
        if streams.get(key).is_some_and(|running| running.number > number) {
            return Err(taken());
        }
        if let Some(older) = streams.insert(key.to_owned(), Running { number, end }) {
            // It may have ended by itself.
            let _ = older.end.send(taken());
        }
        drop(streams);
        Ok(Stream { streams: self.clone(), key: key.to_owned(), number, end: Some(ended) })
    }

    /// Ends the stream of a subscription that is deleted.
    pub(super) fn delete(&self, key: &str) {
        if let Some(running) = self.lock().remove(key) {
            let _ = running.end.send(deleted());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Running>> {
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
        let mut streams = self.streams.lock();
        if streams.get(&self.key).is_some_and(|running| running.number == self.number) {
            streams.remove(&self.key);
        }
    }
}

pub(super) fn taken() -> Error {
    Error::new(Reason::SubscriptionTaken, "a newer stream of the subscription has begun").outcome(Outcome::NotSent)
}

pub(super) fn deleted() -> Error {
    Error::new(Reason::ResourceNotFound, "the subscription does not exist").outcome(Outcome::NotSent)
}
