//! Outgoing webhooks: delivers the events of subscriptions to the addresses that callers have set.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | which webhooks this replica delivers to |
//! | `endpoint.rs` | the delivery to one of them |
//! | `window.rs` | what is being delivered: a message's events in order, different messages beside each other |
//! | `sender.rs` | one attempt |
//! | `schedule.rs` | when it is repeated |
//! | `signature.rs` | secrets and signatures, by Standard Webhooks |
//! | `body.rs` | the event as a CloudEvent in JSON |
//! | `guard.rs` | which addresses may be sent to |
//! | `record.rs` | what the store has of webhooks |
//! | `counts.rs` | what the metrics show of them |

mod body;
mod counts;
mod endpoint;
mod guard;
pub(in crate::gateway) mod record;
mod schedule;
mod sender;
mod signature;
mod window;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use self::{
    counts::{Counts, Oldest},
    endpoint::Endpoint,
    guard::Guard,
    record::{Attempts, Halt, Progress, Settings},
    sender::Sender,
};
pub(in crate::gateway) use self::{
    record::{describe, forget},
    signature::SigningSecret,
};
use crate::{
    config::EventsConfig,
    error::Error,
    gateway::{Accounts, events},
    store::{EventFilter, Store, Subscription},
    vendors::kit,
};

/// The chore of the one replica that delivers, how long no other one takes it, and how often it is kept and the settings
/// of the webhooks are looked at.
const CHORE: &str = "webhooks";
const LEASE: Duration = Duration::from_secs(20);
const ROUND: Duration = Duration::from_secs(2);

/// Whether the caller of this name may use the account of this id now. Nameless: whether authentication is off.
pub type MayUse = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// The delivery of events to webhooks.
#[derive(Clone)]
pub struct Outgoing {
    store: Store,
    guard: Guard,
    ca_file: Option<PathBuf>,
    may_use: MayUse,
    /// Made for the first webhook: reading the system's authorities takes time and memory.
    sender: Arc<OnceLock<Result<Sender, String>>>,
    /// Tells the delivery that settings have changed.
    changed: Arc<Notify>,
}

/// A webhook that is being delivered to, and what the delivery began with.
struct Begun {
    subscription: Subscription,
    settings: Settings,
    filter: Arc<EventFilter>,
    oldest: Arc<Oldest>,
    task: AbortOnDropHandle<()>,
}

impl Outgoing {
    /// Creates the delivery.
    ///
    /// # Errors
    /// A text for the operator: the file of the authorities cannot be read.
    pub fn new(store: Store, config: &EventsConfig, may_use: MayUse) -> Result<Self, String> {
        let EventsConfig { webhook_networks, webhook_ca_file: ca_file } = config.clone();
        let (guard, has_file) = (Guard::new(webhook_networks), ca_file.is_some());
        let webhooks = Self { store, guard, ca_file, may_use, sender: Arc::default(), changed: Arc::default() };
        if has_file {
            webhooks.sender()?;
        }
        Ok(webhooks)
    }

    fn sender(&self) -> Result<Sender, String> {
        let make = || {
            let tls = kit::client_tls(self.ca_file.as_deref())?;
            Sender::new(&self.guard, &tls)
        };
        self.sender.get_or_init(make).clone()
    }

    /// Checks a URL that a caller wants events to be delivered to.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub(in crate::gateway) fn check(&self, url: &str) -> Result<(), &'static str> {
        self.guard.check(url).map(drop)
    }

    /// Changes the settings of the webhook of a subscription.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn set(&self, subscription: &str, settings: &Settings) -> Result<(), Error> {
        record::write(&self.store, subscription, settings).await?;
        self.changed.notify_one();
        Ok(())
    }

    /// Delivers for ever, while this replica is the one that does.
    pub(crate) async fn deliver(self, accounts: Arc<ArcSwap<Accounts>>) {
        let (mut begun, mut leased) = (HashMap::new(), None);
        loop {
            match timeout(LEASE / 2, self.round(&accounts.load_full(), &mut begun)).await {
                Ok(Ok(true)) => leased = Some(Instant::now()),
                // Another replica delivers, or may do so soon.
                Ok(Ok(false)) | Err(_) => begun.clear(),
                Ok(Err(error)) => {
                    tracing::debug!(%error, "the webhooks could not be looked at");
                    // Another replica may have taken over.
                    if leased.is_none_or(|leased: Instant| leased.elapsed() > LEASE / 2) {
                        begun.clear();
                    }
                }
            }
            // A change of the settings is looked at early.
            let _ = timeout(ROUND, self.changed.notified()).await;
        }
    }

    /// Begins and ends deliveries as the settings and the accounts have it. Returns whether this replica delivers.
    async fn round(&self, accounts: &Accounts, begun: &mut HashMap<String, Begun>) -> Result<bool, Error> {
        let mut counts = Counts::default();
        if !self.store.take_chore(CHORE, LEASE).await? {
            counts.show();
            return Ok(false);
        }
        let mut subscriptions = self.store.subscriptions("accounts").await?;
        subscriptions.extend(self.store.subscriptions("callers").await?);
        begun.retain(|name, _| subscriptions.iter().any(|subscription| subscription.name == *name));
        for subscription in subscriptions {
            let name = subscription.name.clone();
            let settings = record::read::<Settings>(&self.store, &name).await?;
            let filter = Arc::new(self.filter(accounts, &subscription)?);
            let is_same = |begun: &Begun| {
                begun.subscription.body == subscription.body && begun.settings == settings && begun.filter == filter
            };
            if !begun.get(&name).is_some_and(is_same) {
                // Ended before its successor begins, so that both do not send the same.
                begun.remove(&name);
                if settings.url.is_empty() {
                    continue;
                }
                if let Some(new) = self.begin(subscription, settings, filter).await? {
                    begun.insert(name.clone(), new);
                }
            }
            match begun.get(&name).filter(|begun| !begun.task.is_finished()) {
                Some(begun) => counts.running(&begun.oldest),
                None => counts.halted(&self.store, record::read::<Progress>(&self.store, &name).await?).await?,
            }
        }
        counts.show();
        Ok(true)
    }

    /// Returns which events a subscription gets: one of all accounts has those of the accounts that its caller may use.
    fn filter(&self, accounts: &Accounts, subscription: &Subscription) -> Result<EventFilter, Error> {
        let filter = events::filter_of(subscription)?;
        let Some((caller, _)) = subscription.name.strip_prefix("callers/").and_then(|name| name.split_once('/')) else {
            return Ok(filter);
        };
        let usable = accounts.iter().filter(|(id, _)| (self.may_use)(caller, id));
        Ok(EventFilter { accounts: usable.map(|(_, account)| account.site.account.clone()).collect(), ..filter })
    }

    /// Begins a delivery, unless it has ended until a caller sets the webhook again.
    async fn begin(
        &self,
        subscription: Subscription,
        settings: Settings,
        filter: Arc<EventFilter>,
    ) -> Result<Option<Begun>, Error> {
        let progress = record::read::<Progress>(&self.store, &subscription.name).await?;
        let is_current = progress.generation == settings.generation;
        if is_current && progress.halt() != Halt::None {
            return Ok(None);
        }
        let after = match settings.begin_after {
            Some(after) if !is_current => after,
            // A new webhook begins where the subscription is.
            None if progress.generation == 0 => subscription.acked,
            _ => progress.delivered_to,
        };
        let Ok(url) = self.guard.check(&settings.url) else {
            tracing::warn!(subscription = subscription.name, "the address of the webhook is not permitted any more");
            return Ok(None);
        };
        let sender = match self.sender() {
            Ok(sender) => sender,
            Err(error) => {
                tracing::error!(error, "webhooks cannot be sent");
                return Ok(None);
            }
        };
        let attempts = record::read::<Attempts>(&self.store, &subscription.name).await?;
        let oldest = Arc::new(Oldest::default());
        let endpoint = Endpoint {
            store: self.store.clone(),
            sender,
            subscription: subscription.name.clone(),
            filter: filter.clone(),
            settings: settings.clone(),
            url,
            render: Arc::new(body::render),
            oldest: oldest.clone(),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(endpoint.run(after, attempts)));
        Ok(Some(Begun { subscription, settings, filter, oldest, task }))
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}
