//! What one process saw of the accounts of a choice, by country.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    Country, Time,
    decayed::Decayed,
    reports::{Delays, Young},
};

/// The half-lives of "could not be handed over" and of "was delivered in time".
pub(super) const HAND_OVER: Duration = Duration::from_secs(60);
pub(super) const DELIVERY: Duration = Duration::from_secs(600);

/// So that the count of a steady traffic is that of 15 minutes.
const VOLUME: Duration = Duration::from_secs(624);

/// Below this, nothing is left to know of a country.
const GONE: f64 = 0.5;

/// The figures of an account in one country.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Figures {
    /// Sends; hits: those that could not be handed over.
    pub(super) hand_over: Decayed,
    /// Messages that are old enough to be judged; hits: those that were delivered in time.
    pub(super) delivery: Decayed,
    /// The sends of the last 15 minutes.
    pub(super) volume: Decayed,
    /// The first two are of what was seen since then.
    pub(super) since: Time,
    #[serde(skip)]
    young: Young,
}

impl Figures {
    fn fade(&mut self, now: Time) {
        self.hand_over.fade(now, HAND_OVER);
        self.delivery.fade(now, DELIVERY);
        self.volume.fade(now, VOLUME);
    }

    /// Begins anew, as the weight was changed at this time: what was seen before is not held against the account again.
    pub(super) fn restart(&mut self, since: Time) {
        if self.since < since {
            (self.hand_over, self.delivery, self.since) = (Decayed::default(), Decayed::default(), since);
        }
    }

    /// Adds the figures of another process.
    pub(super) fn merge(&mut self, other: &Self) {
        self.hand_over.merge(&other.hand_over);
        self.delivery.merge(&other.delivery);
        self.volume.merge(&other.volume);
    }
}

/// What was seen of one account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Bounded by the number of countries.
    pub(super) countries: BTreeMap<Country, Figures>,
    /// When the account was last out: its circuit breaker rejected a send.
    pub(super) out_at: Time,
}

/// What was seen of all accounts of a choice, in their order.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    pub(super) accounts: Vec<Seen>,
    pub(super) delays: Delays,
}

impl Observed {
    pub(super) fn new(accounts: usize) -> Self {
        Self { accounts: vec![Seen::default(); accounts], delays: Delays::default() }
    }

    /// Returns the figures of an account. Countries come from the numbering plans, so that there are few.
    fn figures(&mut self, account: usize, country: Country, now: Time) -> Option<&mut Figures> {
        let new = || Figures { since: now, ..Figures::default() };
        Some(self.accounts.get_mut(account)?.countries.entry(country).or_insert_with(new))
    }

    /// Counts an attempt to hand over a message.
    pub(super) fn tried(&mut self, account: usize, country: Country, failed: bool, now: Time) {
        let Some(figures) = self.figures(account, country, now) else { return };
        figures.hand_over.add(now, HAND_OVER, 1.0, f64::from(u8::from(failed)));
        figures.volume.add(now, VOLUME, 1.0, 0.0);
    }

    /// Counts a message whose delivery will be reported.
    pub(super) fn sent(&mut self, account: usize, country: Country, now: Time) {
        if let Some(figures) = self.figures(account, country, now) {
            figures.young.sent(now);
        }
    }

    /// Counts the report of a message.
    pub(super) fn delivered(&mut self, account: usize, country: Country, sent: Time, now: Time) {
        if let Some(figures) = self.figures(account, country, now) {
            figures.young.delivered(sent);
        }
    }

    /// Adds what another process saw, unless it was seen before `restarted`.
    pub(super) fn merge(&mut self, account: usize, theirs: Seen, now: Time, restarted: impl Fn(Country) -> Time) {
        let Some(ours) = self.accounts.get_mut(account) else { return };
        ours.out_at = ours.out_at.max(theirs.out_at);
        for (country, mut theirs) in theirs.countries {
            theirs.restart(restarted(country));
            theirs.fade(now);
            ours.countries.entry(country).or_default().merge(&theirs);
        }
    }

    /// Brings all figures to `now`: judges messages that have reached this age, and forgets countries without traffic.
    pub(super) fn fade(&mut self, now: Time, age: Duration) {
        self.delays.fade(now);
        for seen in &mut self.accounts {
            seen.countries.retain(|_, figures| {
                let (sent, delivered) = figures.young.take_old(now, age);
                figures.delivery.add(now, DELIVERY, sent, delivered);
                figures.fade(now);
                !figures.young.is_empty() || figures.volume.count.max(figures.delivery.hits) >= GONE
            });
        }
    }
}
