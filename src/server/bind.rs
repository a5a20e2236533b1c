//! The start of a server: the store is opened, the gateway is built, and the ports are bound.

use std::{io, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio_util::sync::CancellationToken;

use super::{Server, doors::webhooks::Webhooks, health, listener::Listener, scrape::Scrape, setup::Setup};
use crate::{
    config::{Config, GuardLimits, Problem},
    gateway::{Accounts, Consents, Gateway, Guard, Log, MayUse, Outgoing, Quiet, Rule},
    store::Store,
    telemetry::metrics,
};

/// Why a server cannot begin.
#[derive(Debug)]
pub enum BindError {
    /// The store cannot be opened, or what works on it cannot be set up.
    Store(Problem),
    /// A port cannot be bound.
    Listen(io::Error),
}

impl From<io::Error> for BindError {
    fn from(error: io::Error) -> Self {
        Self::Listen(error)
    }
}

impl Server {
    /// Opens the store and binds the port. The health status of every service is set before that.
    ///
    /// # Errors
    /// The store cannot be opened, or the port cannot be bound.
    pub async fn bind(setup: Setup) -> Result<Self, BindError> {
        let limits = GuardLimits::of(&setup.config);
        let Setup { config, fingerprint: _, warnings: _, vendors, callers, tls } = setup;
        let Config {
            server: settings,
            accounts,
            metrics: scraped,
            store,
            webhooks,
            events,
            senders,
            consent,
            guard,
            quiet_hours,
            ..
        } = config;
        let quiet = store.enabled.then(|| Quiet::new(quiet_hours));
        let guard = store.enabled.then(|| Guard::new(guard, limits));
        let log = match store.enabled {
            true => {
                let (keep_texts, follow_for) = (store.keep_texts, store.follow_for);
                let store = Store::open(&store).await.map_err(BindError::Store)?;
                let consents = Consents::open(store.clone(), &consent).await.map_err(|error| {
                    BindError::Store(Problem { path: "consent".to_owned(), text: error.to_string() })
                })?;
                let mut rules: Vec<Arc<dyn Rule>> = Vec::new();
                rules.extend(quiet.clone().map(|quiet| quiet as Arc<dyn Rule>));
                if let Some(guard) = &guard {
                    rules.push(guard.clone());
                    if let Err(error) = guard.load(&store).await {
                        tracing::warn!(%error, "what the spend guard has counted is not known yet");
                    }
                }
                Some(Log::new(store, keep_texts, follow_for, consents, rules))
            }
            false => None,
        };
        let accounts = Accounts::new(accounts, vendors, log.as_ref(), &Accounts::default());
        let callers = Arc::new(ArcSwap::from_pointee(callers));
        let may_use: MayUse = {
            let callers = callers.clone();
            Arc::new(move |caller: &str, account: &str| callers.load().may_use(caller, account))
        };
        let outgoing = log.as_ref().map(|log| Outgoing::new(log.store().clone(), &events, may_use)).transpose();
        let outgoing = outgoing.map_err(|text| {
            let path = "events.webhook_ca_file".to_owned();
            BindError::Store(Problem { path, text })
        })?;
        let gateway = Arc::new(
            Gateway::new(accounts, log, webhooks.confirm_timeout)
                .with_outgoing(outgoing)
                .with_senders(senders)
                .with_guard(guard)
                .with_quiet_hours(quiet),
        );
        callers.load().share(&gateway);
        let draining = gateway.draining.clone();
        let probes = health::Probes::new(draining.clone());
        metrics::config_in_use();
        metrics::certificates_expire(tls.as_ref().map_or(&[], |tls| &tls.expire));
        let tls = Arc::new(ArcSwapOption::new(tls.map(|tls| tls.server)));
        let listener = Listener::bind(settings.listen, &settings).await?;
        let probe_listener = match settings.health_listen {
            Some(address) => Some(Listener::bind(address, &settings).await?),
            None => None,
        };
        let scrape = Scrape::bind(scraped.listen).await?;
        let webhooks = Webhooks::bind(webhooks, gateway.clone(), tls.clone()).await?;
        let hurry = CancellationToken::new();
        Ok(Self {
            listener,
            probe_listener,
            gateway,
            callers,
            tls,
            settings,
            probes,
            scrape,
            webhooks,
            draining,
            hurry,
        })
    }
}
