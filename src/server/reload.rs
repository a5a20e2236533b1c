//! A new configuration for a server that runs: accounts and callers change for the calls to come, and no call in flight is
//! dropped.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{
    callers::Callers,
    dispatch::{Accounts, Gateway},
    setup::Setup,
};

/// Changes a running server.
#[derive(Clone)]
pub struct Reloader {
    pub(super) gateway: Arc<Gateway>,
    pub(super) callers: Arc<ArcSwap<Callers>>,
}

impl Reloader {
    /// Takes over the accounts and callers of a configuration. Those that come to the same as before stay as they are, with
    /// their logins and rates. Streams of those that are gone or have changed are ended: their clients come back to the new
    /// ones, or find that they may not.
    pub async fn apply(&self, setup: Setup) {
        let Setup { config, fingerprint: _, vendors, callers, tls: _ } = setup;
        let before = self.gateway.accounts.load_full();
        let accounts = Accounts::new(config.accounts, vendors, &before).await;
        let now = Arc::new(accounts);
        self.gateway.accounts.store(now.clone());
        let callers = Arc::new(callers.after(&self.callers.load()));
        let old = self.callers.swap(callers.clone());
        // Both are in place: who comes back from here on meets the new ones.
        let ended = before.end_those_not_in(&now);
        let revoked = old.revoke_those_not_in(&callers);
        let accounts = now.len();
        tracing::info!(accounts, ended, revoked, "the configuration was reloaded");
    }
}
