//! Keeps the counts in the store, where other replicas read them.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use super::{Guard, account::KNOWN, now, saved::Saved};
use crate::{
    config::GuardMode,
    error::Error,
    request::names,
    store::{Append, Store},
};

/// How often the counts are written and those of others are read: so late a replica knows what another has counted.
const ROUND: Duration = Duration::from_secs(10);

/// The cursors of the processes begin with this; the number of the process follows.
const CURSORS: &str = "guard/";

/// The seconds between two reports of the countries.
const REPORTED_EVERY: u64 = 24 * 3600;

impl Guard {
    /// Reads what was kept of the counts. Until that has succeeded, nothing of it is known.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn load(&self, store: &Store) -> Result<(), Error> {
        if self.settings.mode == GuardMode::Off {
            return Ok(());
        }
        let mut all: BTreeMap<_, _> = store.cursors(CURSORS).await?.into_iter().collect();
        let own = all.remove(&own(store));
        let others = all.values().filter_map(|bytes| Saved::decode(bytes)).collect();
        if let Some(mut counts) = self.counts() {
            if self.has_lost.load(Relaxed)
                && let Some(saved) = own.as_deref().and_then(Saved::decode)
            {
                counts.adopt(saved, now());
            }
            counts.set_others(others, now());
        }
        self.has_lost.store(false, Relaxed);
        Ok(())
    }

    /// Keeps the counts in the store, for ever.
    pub(in crate::gateway) async fn keep(self: Arc<Self>, store: Store) {
        if self.settings.mode == GuardMode::Off {
            return;
        }
        let (mut kept, mut reported) = (Vec::new(), 0);
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            let done = match self.load(&store).await {
                Ok(()) => self.write(&store, &mut kept).await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::debug!(%error, "the counts of the spend guard were not kept");
            }
            let now = now();
            if !self.has_lost.load(Relaxed) && now.saturating_sub(reported) >= REPORTED_EVERY {
                reported = now;
                self.report(now);
            }
        }
    }

    /// Writes the counts a last time: at the end of the process.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn save(&self, store: &Store) -> Result<(), Error> {
        match self.has_lost.load(Relaxed) || self.settings.mode == GuardMode::Off {
            // Otherwise what was kept would be replaced by less.
            true => Ok(()),
            false => self.write(store, &mut Vec::new()).await,
        }
    }

    async fn write(&self, store: &Store, kept: &mut Vec<u8>) -> Result<(), Error> {
        let saved = self.counts().map(|counts| counts.save(&self.settings, now()));
        let bytes = saved.map(|saved| saved.encode()).unwrap_or_default();
        if !bytes.is_empty() && bytes != *kept {
            store.append(Append { cursors: vec![(own(store), bytes.clone())], ..Append::default() }).await?;
            *kept = bytes;
        }
        Ok(())
    }

    /// Logs the countries of the last seven days, to be pasted into the configuration, of the accounts that are known for so
    /// long: a shorter list would refuse what only comes on some days.
    fn report(&self, now: u64) {
        let Some(counts) = self.counts() else { return };
        let limits = self.limits.load();
        if self.settings.countries.is_some() {
            return;
        }
        for (account, at) in counts.names.iter().filter(|(account, _)| !limits.countries.contains_key(&***account)) {
            if now < counts.accounts[*at as usize].since + KNOWN {
                continue;
            }
            let countries = counts.countries(account, now);
            let list: Vec<_> = countries.keys().map(|country| format!("\"{country}\"")).collect();
            if !list.is_empty() {
                let (account, list) = (names::account_id(account), list.join(", "));
                tracing::warn!(
                    account,
                    "any country may be sent to; those of the last seven days, to be pasted: [accounts.{account}] countries = [{list}]"
                );
            }
        }
    }
}

/// Returns the cursor of this process.
fn own(store: &Store) -> String {
    format!("{CURSORS}{}", store.instance())
}
