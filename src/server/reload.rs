//! Replaces the configuration of a running server: accounts and callers for new calls, certificates for new
//! connections. No call in flight is dropped.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::ServerConfig;

use super::{callers::Callers, setup::Setup};
use crate::{
    config::GuardLimits,
    gateway::{Accounts, Gateway},
    telemetry::metrics,
};

/// Changes a running server.
#[derive(Clone)]
pub struct Reloader {
    pub(super) gateway: Arc<Gateway>,
    pub(super) callers: Arc<ArcSwap<Callers>>,
    pub(super) tls: Arc<ArcSwapOption<ServerConfig>>,
}

impl Reloader {
    /// Applies the accounts, callers and certificates of a configuration. Unchanged accounts and callers keep their
    /// logins and rate limits. Streams of removed or changed ones are ended: their clients reconnect to the new ones,
    /// or are rejected.
    pub fn apply(&self, setup: Setup) {
        self.gateway.set_guard_limits(GuardLimits::of(&setup.config));
        let Setup { config, fingerprint: _, warnings: _, vendors, callers, tls } = setup;
        let before = self.gateway.accounts();
        let accounts = Accounts::new(config.accounts, vendors, self.gateway.log(), &before);
        let now = Arc::new(accounts);
        self.gateway.set_accounts(now.clone());
        let callers = Arc::new(callers.after(&self.callers.load()));
        callers.share(&self.gateway);
        let old = self.callers.swap(callers.clone());
        // Both are replaced, so clients that reconnect from here on get the new ones.
        let ended = before.end_missing_from(&now);
        let revoked = old.revoke_missing_from(&callers);
        if tls.is_some() == self.tls.load().is_some() {
            metrics::certificates_expire(tls.as_ref().map_or(&[], |tls| &tls.expire));
            self.tls.store(tls.map(|tls| tls.server));
        } else {
            // A typo in the configuration must not make clients send keys in plain text.
            tracing::warn!(key = "server.tls_certificate", "was added or removed, which takes a restart");
        }
        metrics::config_in_use();
        let accounts = now.len();
        tracing::info!(accounts, ended, revoked, "the configuration was reloaded");
    }
}
