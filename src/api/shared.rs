//! What the replicas of one store share of an account: how often its vendor may be asked, whether the vendor is down, and
//! the login.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{sync::Notify, time::Instant};

use super::budget::Budgets;
use crate::error::Error;

/// How long a lease lasts, unless it is renewed: whoever holds one and is killed keeps the other replicas waiting so long.
pub const LEASE: Duration = Duration::from_secs(20);

/// What an account shares with its replicas.
pub struct Shared {
    budgets: Arc<Budgets>,
    breaker: Arc<dyn SharedBreaker>,
    replicas: OnceLock<Arc<dyn Replicas>>,
}

impl Shared {
    /// Creates what an account may share. Nothing is shared yet.
    pub fn new(breaker: Arc<dyn SharedBreaker>) -> Self {
        Self { budgets: Arc::default(), breaker, replicas: OnceLock::new() }
    }

    /// Returns how often calls may be made.
    pub fn budgets(&self) -> &Arc<Budgets> {
        &self.budgets
    }

    /// Returns the circuit breaker.
    pub fn breaker(&self) -> &Arc<dyn SharedBreaker> {
        &self.breaker
    }

    /// Returns the other replicas, if there may be others.
    pub fn replicas(&self) -> Option<&dyn Replicas> {
        self.replicas.get().map(|replicas| &**replicas)
    }

    /// Shares all of it from now on. `wake` is notified when the others are to learn of something soon.
    pub fn share(&self, replicas: &Arc<dyn Replicas>, wake: &Arc<Notify>) {
        self.budgets.share(wake);
        self.breaker.share(wake);
        self.replicas.get_or_init(|| replicas.clone());
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("budgets", &self.budgets).finish_non_exhaustive()
    }
}

/// What a circuit breaker has to tell the other replicas. The era changes with each change of its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The number of the state.
    pub era: u64,
    /// What the others do not know yet.
    pub news: Option<News>,
}

/// A change of a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Nobody is to send for this time: the breaker opened, or a probe is in flight.
    Rejects(Duration),
    /// The vendor answers again.
    Closed,
}

/// A circuit breaker whose state replicas share: while one of them holds a lease for it, those of the others are open.
pub trait SharedBreaker: Send + Sync {
    /// Returns the name of the lease, which begins with [`BREAKER_LEASES`].
    fn lease(&self) -> &str;

    /// Has `wake` notified of news, from now on.
    fn share(&self, wake: &Arc<Notify>);

    /// Returns the state, and what is new of it.
    fn standing(&self, now: Instant) -> Standing;

    /// Notes that the others can see the state of this era.
    fn told(&self, era: u64);

    /// Follows the other replicas, unless the state has changed since this era. `lease` is the time for which requests are
    /// rejected: zero if one replica may probe, and `None` if no replica has an open breaker.
    fn follow(&self, era: u64, lease: Option<Duration>, now: Instant);
}

/// The other replicas, by the store that all of them have.
#[async_trait]
pub trait Replicas: Send + Sync {
    /// Takes or keeps a lease for this time. Returns false if another replica holds it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE, as for all of these.
    async fn take(&self, lease: &str, time: Duration) -> Result<bool, Error>;

    /// Ends a lease, if this replica holds it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    async fn end(&self, lease: &str) -> Result<(), Error>;

    /// Whether what is kept is encrypted.
    fn encrypts(&self) -> bool;

    /// Hashes secrets with a key that the replicas have in common.
    fn hash(&self, secrets: &[&str]) -> String;

    /// Returns what is kept by this name.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    async fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Keeps a value by this name; an empty one removes what is kept.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    async fn keep(&self, name: &str, value: Vec<u8>) -> Result<(), Error>;
}

/// How the names of the leases of circuit breakers begin.
pub const BREAKER_LEASES: &str = "breaker ";
