//! Shares budgets with the other replicas: every second each one tells the store what it has and wants of each, and uses
//! what it is given. Calls never wait for the store. Circuit breakers are shared in the same rounds (`replicas`).

use std::{
    collections::HashSet,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use super::replicas::{ByStore, share_breakers};
use crate::{
    api::{
        budget::{Budget, Budgets, ROUND},
        shared::{Replicas, Shared, SharedBreaker},
    },
    error::Error,
    store::{Store, WantedShare},
};

/// The least time between two rounds.
const BETWEEN: Duration = Duration::from_millis(100);

/// What replicas of one store share.
#[derive(Clone)]
pub(super) struct Shares {
    store: Store,
    replicas: Arc<dyn Replicas>,
    /// Notified when a share is needed soon, or the others are to learn of something.
    wake: Arc<Notify>,
}

impl Shares {
    /// Shares budgets by this store, if several processes may have it.
    pub(super) fn new(store: &Store) -> Option<Self> {
        store.is_shared().then(|| {
            let replicas = Arc::new(ByStore(store.clone()));
            Self { store: store.clone(), replicas, wake: Arc::default() }
        })
    }

    /// Shares these budgets from now on.
    pub(super) fn share(&self, budgets: &Budgets) {
        budgets.share(&self.wake);
    }

    /// Shares what accounts have to share from now on.
    pub(super) fn share_account(&self, shared: &Shared) {
        shared.share(&self.replicas, &self.wake);
    }

    /// Keeps the shares of the budgets that are in use, and shares breakers, for ever.
    pub(super) async fn keep(
        self,
        in_use: impl Fn() -> Vec<Arc<Budget>>,
        breakers: impl Fn() -> Vec<Arc<dyn SharedBreaker>>,
    ) {
        let mut rounds = Rounds::default();
        loop {
            let now = Instant::now();
            let in_use = in_use();
            if let Err(error) = rounds.round(&self.store, &in_use, now).await {
                tracing::debug!(%error, "no shares of budgets were taken");
            }
            if let Err(error) = share_breakers(&self.store, &breakers()).await {
                tracing::debug!(%error, "circuit breakers were not shared");
            }
            let next = in_use.iter().filter_map(|budget| budget.releases()).fold(now + ROUND, Instant::min);
            drop(in_use);
            sleep(BETWEEN).await;
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.wake.notified() => {}
            }
        }
    }

    /// Gives up these budgets, as the process ends.
    pub(super) async fn leave(&self, in_use: Vec<Arc<Budget>>) -> Result<(), Error> {
        let mut rounds = Rounds { in_use: in_use.iter().map(Arc::downgrade).collect(), leaving: Vec::new() };
        rounds.round(&self.store, &[], Instant::now()).await
    }
}

/// The budgets of the last round.
#[derive(Default)]
struct Rounds {
    in_use: Vec<Weak<Budget>>,
    /// Those that are not in use any more, and may have been used within their spans.
    leaving: Vec<Arc<Budget>>,
}

impl Rounds {
    async fn round(&mut self, store: &Store, in_use: &[Arc<Budget>], now: Instant) -> Result<(), Error> {
        let gone = self.in_use.iter().filter_map(Weak::upgrade);
        let gone = gone.filter(|budget| !in_use.iter().any(|now| Arc::ptr_eq(now, budget)));
        self.leaving.extend(gone.inspect(|budget| budget.give_up()));
        self.in_use = in_use.iter().map(Arc::downgrade).collect();

        let wanted = |budget: &Budget, most, held, wants, lease| {
            let name = store.digest("budget", &[budget.name().as_bytes()]);
            WantedShare { budget: name, most, held, wants, lease }
        };
        let mut all = Vec::new();
        self.leaving.retain(|budget| {
            let held = budget.standing(now).map_or(0, |standing| standing.held);
            all.extend((held > 0).then(|| wanted(budget, 0, held, 0, budget.last_lease())));
            held > 0
        });
        // A budget that was configured anew begins when the old one has ended.
        let leaving: HashSet<_> = self.leaving.iter().map(|budget| budget.name()).collect();
        let (mut asked, first) = (Vec::new(), all.len());
        for budget in in_use.iter().filter(|budget| !leaving.contains(budget.name())) {
            if let Some(standing) = budget.standing(now) {
                all.push(wanted(budget, budget.most(), standing.held, standing.wants, budget.lease()));
                asked.push(budget);
            }
        }
        if all.is_empty() {
            return Ok(());
        }
        let shares = store.take_shares(all).await?;
        let answered = Instant::now();
        for (budget, share) in asked.into_iter().zip(shares.into_iter().skip(first)) {
            budget.set_share(share, now, answered);
        }
        Ok(())
    }
}
