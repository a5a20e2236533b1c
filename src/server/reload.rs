//! A new configuration for a server that runs: accounts and callers change for the calls to come, certificates for the connections
//! to come, and no call in flight is dropped.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::ServerConfig;

use super::{callers::Callers, setup::Setup};
use crate::gateway::{Accounts, Gateway};

/// Changes a running server.
#[derive(Clone)]
pub struct Reloader {
    pub(super) gateway: Arc<Gateway>,
    pub(super) callers: Arc<ArcSwap<Callers>>,
    pub(super) tls: Arc<ArcSwapOption<ServerConfig>>,
}

impl Reloader {
    /// Takes over the accounts, callers and certificates of a configuration. Those that come to the same as before stay as they are, with
    /// their logins and rates. Streams of those that are gone or have changed are ended: their clients come back to the new
    /// ones, or find that they may not.
    pub fn apply(&self, setup: Setup) {
        let Setup { config, fingerprint: _, warnings: _, vendors, callers, tls } = setup;
        let before = self.gateway.accounts();
        let accounts = Accounts::new(config.accounts, vendors, &before);
        let now = Arc::new(accounts);
        self.gateway.set_accounts(now.clone());
        let callers = Arc::new(callers.after(&self.callers.load()));
        let old = self.callers.swap(callers.clone());
        // Both are in place: who comes back from here on meets the new ones.
        let ended = before.end_those_not_in(&now);
        let revoked = old.revoke_those_not_in(&callers);
        if tls.is_some() == self.tls.load().is_some() {
            self.tls.store(tls);
        } else {
            // A slip of the pen must not let keys come in plain text.
            tracing::warn!(key = "server.tls_certificate", "is new or gone, which takes a restart");
        }
        let accounts = now.len();
        tracing::info!(accounts, ended, revoked, "the configuration was reloaded");
    }
}
