//! Registers the webhooks of accounts at their vendors, where the configuration asks for it and the vendor has an API for
//! it: when the server starts, and for accounts that a reload adds or changes.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use secrecy::ExposeSecret;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::{Account, Accounts};
use crate::{
    api::pushed::{Registration, origin},
    call::Call,
    error::Error,
    request::names,
};

/// The timeout of the calls for one account.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The wait until accounts whose registration failed are tried again.
const AGAIN: Duration = Duration::from_secs(300);

/// Registers webhooks, for ever.
pub(super) async fn register(accounts: Arc<ArcSwap<Accounts>>, changed: Arc<Notify>) {
    let mut done: Vec<Weak<Account>> = Vec::new();
    loop {
        let change = changed.notified();
        let mut has_failed = false;
        for account in accounts.load_full().values() {
            let is_done = done.iter().any(|done| done.as_ptr() == Arc::as_ptr(account));
            let Some(url) = account.webhook.register_url().filter(|_| !is_done) else { continue };
            let name = &*account.site.account;
            match register_account(account, url.expose_secret()).await {
                Ok(places) => {
                    done.push(Arc::downgrade(account));
                    places.iter().for_each(|place| log(name, place));
                }
                Err(error) if error.is_transient() => {
                    has_failed = true;
                    tracing::warn!(account = name, %error, "the webhook was not registered; will retry in five minutes");
                }
                Err(error) => {
                    done.push(Arc::downgrade(account));
                    tracing::error!(account = name, %error, "the webhook was not registered");
                }
            }
        }
        done.retain(|account| account.strong_count() > 0);
        tokio::select! {
            () = change => {}
            () = sleep(AGAIN), if has_failed => {}
        }
    }
}

async fn register_account(account: &Account, url: &str) -> Result<Vec<Registration>, Error> {
    let Some(webhook) = account.vendor.webhook() else { return Ok(Vec::new()) };
    webhook.register(&Call::until(Instant::now() + TIMEOUT), url).await
}

fn log(account: &str, Registration { place, replaced }: &Registration) {
    let place = names::loggable(place);
    match replaced.as_deref().map(origin) {
        None => tracing::info!(account, %place, "the webhook is registered already"),
        Some(None) => tracing::info!(account, %place, "the webhook was registered"),
        Some(Some(replaced)) => {
            tracing::warn!(account, %place, replaced, "the webhook was registered in place of another")
        }
    }
}
