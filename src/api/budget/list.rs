//! The budgets of an account or of callers, as long as they are in use.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use tokio::sync::Notify;

use super::Budget;

/// The budgets of an account or of callers.
#[derive(Debug, Default)]
pub struct Budgets {
    all: Mutex<Vec<Weak<Budget>>>,
    /// Wakes the task that shares, once there is one.
    wake: OnceLock<Arc<Notify>>,
}

impl Budgets {
    /// Adds a budget, as long as somebody else has it.
    pub fn add(&self, budget: &Arc<Budget>) {
        if let Some(wake) = self.wake.get() {
            budget.share(wake);
        }
        let mut all = self.lock();
        if all.len() == all.capacity() {
            // Without other replicas the list is never read, so dead entries are dropped before the list grows.
            all.retain(|budget| budget.strong_count() > 0);
        }
        all.push(Arc::downgrade(budget));
    }

    /// Shares these budgets, and those that are added, from now on. `wake` is notified when a share is needed soon.
    pub fn share(&self, wake: &Arc<Notify>) {
        let wake = self.wake.get_or_init(|| wake.clone());
        self.list().iter().for_each(|budget| budget.share(wake));
    }

    /// Returns all budgets that are still there.
    pub fn list(&self) -> Vec<Arc<Budget>> {
        let mut all = self.lock();
        all.retain(|budget| budget.strong_count() > 0);
        all.iter().filter_map(Weak::upgrade).collect()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Weak<Budget>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
