//! What replicas share beside rates, by leases in their store: circuit breakers, and whatever a vendor's module keeps there.
//!
//! A breaker that opens takes a lease for its pause, and those of the other replicas are open as long as another one holds
//! it. When it is over, whichever replica has a call takes it for the time of its probe. A breaker that closes ends the
//! lease, and those of the others close. They look every second.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::{
    api::shared::{BREAKER_LEASES, News, Replicas, SharedBreaker},
    error::Error,
    store::{Append, Store},
    text::hex,
};

/// Tells the other replicas what is new of these breakers, and has the breakers follow the others'.
pub(super) async fn share_breakers(store: &Store, breakers: &[Arc<dyn SharedBreaker>]) -> Result<(), Error> {
    let mut eras = Vec::with_capacity(breakers.len());
    for breaker in breakers {
        let standing = breaker.standing(Instant::now());
        match standing.news {
            // If another replica has the lease, this breaker follows it like the others.
            Some(News::Rejects(time)) => drop(store.take_chore(breaker.lease(), time).await?),
            Some(News::Closed) => store.end_chore(breaker.lease()).await?,
            None => {}
        }
        breaker.told(standing.era);
        eras.push(standing.era);
    }
    if breakers.is_empty() {
        return Ok(());
    }
    let leases: HashMap<_, _> = store.chores(BREAKER_LEASES).await?.into_iter().collect();
    let now = Instant::now();
    for (breaker, era) in breakers.iter().zip(eras) {
        breaker.follow(era, leases.get(breaker.lease()).copied(), now);
    }
    Ok(())
}

/// The replicas that have this store.
pub(super) struct ByStore(pub Store);

#[async_trait]
impl Replicas for ByStore {
    async fn take(&self, lease: &str, time: Duration) -> Result<bool, Error> {
        self.0.take_chore(lease, time).await
    }

    async fn end(&self, lease: &str) -> Result<(), Error> {
        self.0.end_chore(lease).await
    }

    fn encrypts(&self) -> bool {
        self.0.encrypts()
    }

    fn hash(&self, secrets: &[&str]) -> String {
        let parts: Vec<_> = secrets.iter().map(|secret| secret.as_bytes()).collect();
        hex(&self.0.digest("shared", &parts).0)
    }

    async fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.0.cursor(name).await
    }

    async fn keep(&self, name: &str, value: Vec<u8>) -> Result<(), Error> {
        let cursors = vec![(name.to_owned(), value)];
        self.0.append(Append { cursors, ..Append::default() }).await.map(drop)
    }
}
