//! The spend guard: refuses recipients whose messages would probably be paid for and do nobody any good, such as those of
//! ranges of numbers that share the price with whoever has them be sent to. It is a rule of [`super::screen`].
//!
//! | file | content |
//! |---|---|
//! | `window.rs` | counts in a sliding window |
//! | `recent.rs` | a map of the entries that were used last |
//! | `rules.rs` | the rules, and what they look at |
//! | `number.rs`, `prefix.rs`, `account.rs`, `budget.rs` | what is counted of each, and the rules about that |
//! | `prices.rs` | what a message cost |
//! | `counts.rs` | all counts |
//! | `saved.rs` | what is kept of the counts |
//! | `keep.rs` | keeps it in the store, where other replicas read it |
//! | `rehearsal.rs` | what a send would come to, without counting it |
//! | `conversion.rs` | the RPC that reports conversions |
//!
//! `docs/spend-guard.md` has the rules for people.

mod account;
mod budget;
mod conversion;
mod counts;
mod keep;
mod number;
mod prefix;
mod prices;
mod recent;
mod rehearsal;
mod rules;
mod saved;
#[cfg(test)]
mod tests;
mod window;

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use arc_swap::ArcSwap;

pub use self::keep::kept_countries;
pub(in crate::gateway) use self::rehearsal::Rehearsed;
use self::{
    counts::Counts,
    rules::{Facts, Rule, To},
};
use super::screen::{self, Content, Refusals, Screened};
use crate::{
    api::pb::Message,
    config::{GuardConfig, GuardLimits, GuardMode},
    epoch,
    error::Reason,
    request::names,
    telemetry::metrics,
};

/// The seconds between two lines of the log about the same.
const TOLD_EVERY: u64 = 60;

/// The rules, and the counts of this process.
pub struct Guard {
    settings: GuardConfig,
    limits: ArcSwap<GuardLimits>,
    counts: Mutex<Counts>,
    /// Whether what was kept of the counts is not known.
    has_lost: AtomicBool,
    /// When the log told of each rule.
    told: [AtomicU64; Rule::ALL.len()],
    /// When the log told of recipients without a known price.
    told_unpriced: AtomicU64,
}

impl Guard {
    /// Creates a guard that has counted nothing. What was kept is to be loaded.
    pub fn new(settings: GuardConfig, limits: GuardLimits) -> Arc<Self> {
        let counts = Mutex::new(Counts::new(settings.max_prefixes));
        let limits = ArcSwap::from_pointee(limits);
        Arc::new(Self {
            settings,
            limits,
            counts,
            has_lost: AtomicBool::new(true),
            told: Default::default(),
            told_unpriced: AtomicU64::new(0),
        })
    }

    /// Replaces what is set for accounts and callers.
    pub fn set_limits(&self, limits: GuardLimits) {
        self.limits.store(Arc::new(limits));
    }

    /// Returns what the rules look at in a send.
    fn facts<'a>(
        &'a self,
        limits: &'a GuardLimits,
        account: &'a str,
        caller: &str,
        content: &Content,
        now: u64,
    ) -> Facts<'a> {
        let countries = limits.countries.get(account).or(self.settings.countries.as_ref());
        Facts {
            account,
            countries: countries.map(Vec::as_slice),
            prices: limits.prices.get(account),
            budgets: [limits.accounts.get_key_value(account), limits.callers.get_key_value(caller)],
            purpose: content.purpose,
            text: (!content.is_distinct).then_some(content.text),
            segments: content.segments,
            now,
        }
    }

    /// Counts a send, and returns the recipients that a rule refuses, by their places. It is enforced only if the
    /// settings say so.
    fn judge(&self, facts: &Facts<'_>, recipients: impl Iterator<Item = (usize, To)>) -> Vec<(usize, Rule)> {
        let mut refused = Vec::new();
        if let Some(mut counts) = self.counts() {
            let account = counts.account(facts.account, facts.now);
            for (place, to) in recipients {
                refused.extend(counts.judge(&self.settings, facts, account, to).map(|rule| (place, rule)));
            }
            for owner in std::mem::take(&mut counts.nearly) {
                tracing::warn!(owner = &*owner, "80 % of a budget are spent");
            }
            self.tell_unpriced(facts, std::mem::take(&mut counts.unpriced));
        }
        refused
    }

    /// Counts recipients that a budget of money does not count, and logs the first ones in a minute.
    fn tell_unpriced(&self, facts: &Facts<'_>, recipients: u64) {
        if recipients == 0 {
            return;
        }
        let account = names::account_id(facts.account);
        metrics::guard_unpriced(account, recipients);
        if is_time(&self.told_unpriced, facts.now) {
            let text =
                "no price is known for recipients, so a budget of money does not count them: set prices of the account";
            tracing::warn!(account, recipients, "{text}");
        }
    }

    /// Counts that a message to these numbers was followed by what it was sent for.
    fn convert<'a>(&self, account: &str, recipients: impl Iterator<Item = &'a str>) {
        let now = now();
        if let Some(mut counts) = self.counts() {
            let account = counts.account(account, now);
            recipients.for_each(|recipient| counts.convert(account, To::read(recipient), now));
        }
    }

    /// Counts refusals, and logs the first one of a rule in a minute.
    fn tell(&self, account: &str, refused: &[(usize, Rule)], now: u64) {
        let mode = self.settings.mode.name();
        for rule in Rule::ALL {
            let recipients = refused.iter().filter(|(_, of)| *of == rule).count();
            if recipients == 0 {
                continue;
            }
            let (told, rule) = (&self.told[rule as usize], rule.name());
            metrics::guard_refused(names::account_id(account), rule, mode, recipients as u64);
            if is_time(told, now) {
                let text = match self.settings.mode {
                    GuardMode::Enforce => "the spend guard refuses recipients",
                    _ => "the spend guard observes only, and would refuse recipients",
                };
                tracing::warn!(account, rule, recipients, "{text}");
            }
        }
    }

    /// Returns the counts; `None` if a panic left them half changed.
    fn counts(&self) -> Option<MutexGuard<'_, Counts>> {
        let counts = self.counts.lock().ok();
        if counts.is_none() {
            metrics::guard_failed_open();
        }
        counts
    }
}

impl screen::Rule for Guard {
    fn screen(&self, send: &Screened<'_>, refusals: &mut Refusals) {
        if self.settings.mode == GuardMode::Off || send.recipients.is_empty() {
            return;
        }
        if self.has_lost.load(Relaxed) {
            metrics::guard_failed_open();
        }
        let (limits, now) = (self.limits.load(), now());
        let facts = self.facts(&limits, send.account, send.caller, send.content, now);
        let recipients = send.recipients.iter().enumerate().filter(|(place, _)| !refusals.is_refused(*place));
        let refused = self.judge(&facts, recipients.map(|(place, recipient)| (place, To::read(&recipient.to))));
        if refused.is_empty() {
            return;
        }
        self.tell(send.account, &refused, now);
        if self.settings.mode == GuardMode::Enforce {
            for (place, rule) in refused {
                let detail = ("rule", rule.name().into());
                refusals.refuse_with(detail, place, Reason::SpendGuard, rule.explanation());
            }
        }
    }

    fn learn(&self, account: &str, message: &Message) {
        if self.settings.mode == GuardMode::Off || message.recipients.iter().all(|known| known.price.is_none()) {
            return;
        }
        let (now, prices) = (now(), prices::of(message));
        if let (Some(mut counts), false) = (self.counts(), prices.is_empty()) {
            let account = counts.account(account, now);
            prices.into_iter().for_each(|(country, price)| counts.paid(account, country, price, now));
        }
    }
}

/// Whether the log is to tell of something now that it told of at another time.
fn is_time(told: &AtomicU64, now: u64) -> bool {
    let is_time = now.saturating_sub(told.load(Relaxed)) >= TOLD_EVERY;
    if is_time {
        told.store(now, Relaxed);
    }
    is_time
}

fn now() -> u64 {
    epoch::now().as_secs()
}
