//! Keeps the counts in the store, where other replicas read them.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval};

use super::{Guard, account::KNOWN, counts::Counts, now, saved::Saved};
use crate::{
    config::GuardMode,
    error::Error,
    request::names,
    store::{Append, Beside, Broken, Store},
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

    /// Logs the countries of the last seven days, to be pasted into the configuration.
    fn report(&self, now: u64) {
        let Some(counts) = self.counts() else { return };
        let limits = self.limits.load();
        if self.settings.countries.is_some() {
            return;
        }
        for (account, countries) in counts.listed(now) {
            if !limits.countries.contains_key(account) {
                let (account, list) = (names::account_id(account), list(&countries));
                tracing::warn!(
                    account,
                    "any country may be sent to; those of the last seven days, to be pasted: [accounts.{account}] countries = {list}"
                );
            }
        }
    }
}

impl Counts {
    /// Returns the countries that accounts sent to within the last seven days, of the accounts that are known for so long: a
    /// shorter list would refuse what only comes on some days.
    fn listed(&self, now: u64) -> BTreeMap<&str, Vec<&str>> {
        let known = self.names.iter().filter(|(_, at)| now >= self.accounts[**at as usize].since + KNOWN);
        let all = known.map(|(account, _)| (&**account, self.countries(account, now).into_keys().collect::<Vec<_>>()));
        all.filter(|(_, countries)| !countries.is_empty()).collect()
    }
}

/// Returns the countries that each account sent to within the last seven days, as processes kept it in a store, by the ids of
/// the accounts and in the form of the configuration. Those of accounts that are known for a shorter time are left out.
///
/// # Errors
/// The store is away.
pub fn kept_countries(store: &mut Beside) -> Result<BTreeMap<String, String>, Broken> {
    let (mut counts, now) = (Counts::new(1), now());
    let kept = store.cursors(CURSORS)?;
    counts.set_others(kept.iter().filter_map(|(_, bytes)| Saved::decode(bytes)).collect(), now);
    let listed = counts.listed(now).into_iter();
    Ok(listed.map(|(account, countries)| (names::account_id(account).to_owned(), list(&countries))).collect())
}

fn list(countries: &[&str]) -> String {
    let quoted: Vec<_> = countries.iter().map(|country| format!("\"{country}\"")).collect();
    format!("[{}]", quoted.join(", "))
}

/// Returns the cursor of this process.
fn own(store: &Store) -> String {
    format!("{CURSORS}{}", store.instance())
}
