//! Subscriptions: the places of those who read events.

use std::collections::HashMap;

use super::{Op, Store, unavailable};
use crate::error::Error;

/// A change of a subscription.
#[derive(Debug, Clone)]
pub enum Subscribe {
    /// Makes a subscription, unless its name is taken.
    Create {
        /// The name.
        name: String,
        /// The last event before those that it gets.
        acked: i64,
        /// The encoded subscription.
        body: Vec<u8>,
    },
    /// Removes a subscription.
    Delete {
        /// The name.
        name: String,
    },
    /// Notes that all events up to this one were processed. It never goes back.
    Ack {
        /// The name.
        name: String,
        /// The sequence.
        sequence: i64,
    },
    /// Begins a new stream, which ends the one before it.
    Stream {
        /// The name.
        name: String,
    },
}

/// A stored subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The name.
    pub name: String,
    /// The last event that was processed.
    pub acked: i64,
    /// The number of the newest stream.
    pub stream: i64,
    /// The encoded subscription.
    pub body: Vec<u8>,
}

impl Subscribe {
    /// The name of the subscription.
    pub fn name(&self) -> &str {
        match self {
            Self::Create { name, .. } | Self::Delete { name } | Self::Ack { name, .. } | Self::Stream { name } => name,
        }
    }
}

impl Store {
    /// Changes a subscription, and returns it as it is then, or as it was before it was removed. `None`: there is none,
    /// or the name of a new one is taken.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn subscribe(&self, mut change: Subscribe) -> Result<Option<Subscription>, Error> {
        if let Subscribe::Create { name, body, .. } = &mut change {
            self.seal(name.as_bytes(), body)?;
        }
        let changed = self.ask(change, |ask| Op::Subscribe(Box::new(ask))).await?;
        changed.map(|subscription| self.open_subscription(subscription)).transpose()
    }

    /// Returns the subscription of this name, or all whose name begins with it and a slash.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn subscriptions(&self, name: &str) -> Result<Vec<Subscription>, Error> {
        self.ask((), Op::Settle).await?;
        let name = name.to_owned();
        let found = self.0.readers.query(move |reader| reader.subscriptions(&name)).await.map_err(unavailable)?;
        found.into_iter().map(|subscription| self.open_subscription(subscription)).collect()
    }

    /// Returns the number of the newest stream of each of these subscriptions that exists, as it is committed.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn newest_streams(&self, names: Vec<String>) -> Result<HashMap<String, i64>, Error> {
        self.0.readers.query(move |reader| reader.newest_streams(&names)).await.map_err(unavailable)
    }

    fn open_subscription(&self, mut subscription: Subscription) -> Result<Subscription, Error> {
        let name = subscription.name.as_bytes();
        subscription.body = self.0.keys.open(name, &subscription.body).map_err(unavailable)?;
        Ok(subscription)
    }
}
