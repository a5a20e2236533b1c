//! What the guard would do with a send. Nothing of that is counted.

use std::sync::Arc;

use super::{
    Guard,
    counts::Counts,
    now,
    rules::{Rule, To},
};
use crate::{
    config::{GuardLimits, GuardMode},
    gateway::screen::Content,
};

/// A send that is judged as if it were made now.
pub(in crate::gateway) struct Rehearsal<'a> {
    guard: &'a Guard,
    limits: Arc<GuardLimits>,
    account: &'a str,
    caller: &'a str,
    content: Content,
    now: u64,
    /// A copy of what the send is judged by: each recipient counts for those after it.
    counts: Counts,
}

impl Guard {
    /// Begins to judge a send through an account; `None` if the guard is off.
    pub(in crate::gateway) fn rehearse<'a>(
        &'a self,
        account: &'a str,
        caller: &'a str,
        content: Content,
    ) -> Option<Rehearsal<'a>> {
        if self.settings.mode == GuardMode::Off {
            return None;
        }
        let (limits, now) = (self.limits.load_full(), now());
        let counts = self.counts()?.copy(&self.facts(&limits, account, caller, &content, now));
        Some(Rehearsal { guard: self, limits, account, caller, content, now, counts })
    }

    /// Whether recipients are refused, and not only told of.
    pub(in crate::gateway) fn enforces(&self) -> bool {
        self.settings.mode == GuardMode::Enforce
    }
}

/// What becomes of a recipient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::gateway) struct Rehearsed {
    /// The name of the rule that refuses the recipient.
    pub(in crate::gateway) rule: Option<&'static str>,
    /// Whether a budget of money does not count the recipient, as no price is known.
    pub(in crate::gateway) is_unpriced: bool,
}

impl Rehearsal<'_> {
    /// Judges the next recipient.
    pub(in crate::gateway) fn judge(&mut self, recipient: &str) -> Rehearsed {
        let Self { guard, limits, account, caller, content, now, counts } = self;
        let (facts, to) = (guard.facts(limits, account, caller, content, *now), To::read(recipient));
        let Some(known) = guard.counts() else { return Rehearsed::default() };
        known.copy_recipient(counts, &facts, to);
        drop(known);
        let at = counts.account(account, *now);
        let rule = counts.judge(&guard.settings, &facts, at, to).map(Rule::name);
        Rehearsed { rule, is_unpriced: std::mem::take(&mut counts.unpriced) > 0 }
    }
}
