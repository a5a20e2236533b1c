//! What was sent to the numbers that share all but the last four digits.

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, KNOWN},
    rules::Rule,
    window::{TEN_MINUTES, WEEK, Window},
};
use crate::config::GuardConfig;

/// The share of the traffic of an account that makes a prefix an ordinary one, in percent, once there is enough traffic.
const ORDINARY: u64 = 30;
const ENOUGH: u64 = 100;

/// How many sends to a prefix tell its rate of conversion, and the rates in percent: a prefix below the first is blocked
/// if its account is above the second.
const JUDGED: u64 = 30;
const LOW_CONVERSION: u64 = 10;
const GOOD_CONVERSION: u64 = 40;

/// How long a prefix is blocked: the first time, the second, and each later one.
const BLOCKS: [u64; 3] = [3600, 6 * 3600, 24 * 3600];

/// How often the mean of a week a prefix may get in ten minutes.
const PREFIX_MEANS: u64 = 10;

/// What was sent to the numbers that share all but the last four digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prefix {
    pub(super) short: Window<u16>,
    pub(super) week: Window<u16>,
    pub(super) converted: Window<u16>,
    blocked_until: u64,
    /// How often it was blocked.
    blocks: u8,
}

impl Prefix {
    pub(super) fn refused_by(
        &mut self,
        settings: &GuardConfig,
        others: Option<&Self>,
        (account, account_of_others): (&Account, Option<&Account>),
        now: u64,
    ) -> Option<Rule> {
        if now < self.blocked_until.max(others.map_or(0, |others| others.blocked_until)) {
            return Some(Rule::Conversion);
        }
        let of_both = |count: fn(&Self) -> Window<u16>, length| {
            count(self).count(length, now) + others.map_or(0, |others| count(others).count(length, now))
        };
        let of_account = |count: fn(&Account) -> Window<u32>| {
            count(account).count(WEEK, now) + account_of_others.map_or(0, |others| count(others).count(WEEK, now))
        };
        let week = of_both(|prefix| prefix.week, WEEK);
        if settings.conversion && week >= JUDGED {
            let converted = of_both(|prefix| prefix.converted, WEEK);
            let (sent, good) = (of_account(|account| account.week), of_account(|account| account.converted));
            if converted * 100 < week * LOW_CONVERSION && good * 100 > sent * GOOD_CONVERSION {
                self.block(now);
                return Some(Rule::Conversion);
            }
        }
        let limit = u64::from(settings.prefix_per_10_minutes);
        if limit == 0 || of_both(|prefix| prefix.short, TEN_MINUTES) < limit.max(PREFIX_MEANS * week / (KNOWN / 600)) {
            return None;
        }
        let sent = of_account(|account| account.week);
        let is_ordinary = sent >= ENOUGH && week * 100 > sent * ORDINARY;
        (!is_ordinary).then_some(Rule::Prefix)
    }

    /// Blocks the prefix. It is judged anew after that.
    fn block(&mut self, now: u64) {
        let length = BLOCKS[usize::from(self.blocks).min(BLOCKS.len() - 1)];
        let blocks = self.blocks.saturating_add(1);
        *self = Self { short: self.short, blocked_until: now + length, blocks, ..Self::default() };
    }

    /// Whether the prefix is worth to be written: others, and this process after a restart, need not know of all.
    pub(super) fn is_notable(&self, settings: &GuardConfig, now: u64) -> bool {
        let half = u64::from(settings.prefix_per_10_minutes).div_ceil(2);
        now < self.blocked_until + KNOWN && self.blocks > 0
            || self.week.count(WEEK, now) >= JUDGED
            || half > 0 && self.short.count(TEN_MINUTES, now) >= half
    }

    /// Adds what another process has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.short.merge(&other.short);
        self.week.merge(&other.week);
        self.converted.merge(&other.converted);
        self.blocked_until = self.blocked_until.max(other.blocked_until);
        self.blocks = self.blocks.max(other.blocks);
    }
}
