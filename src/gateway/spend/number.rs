//! What was sent to a number.

use super::{
    rules::{Facts, Rule, is_above},
    window::{DAY, TEN_MINUTES, Window},
};
use crate::{api::pb::Purpose, config::GuardConfig};

/// What was sent to a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Number {
    short: Window<u16>,
    day: Window<u16>,
    /// The hash of the last text, and when it was sent.
    text: u64,
    text_time: u64,
}

impl Number {
    pub(super) fn refused_by(&self, settings: &GuardConfig, facts: &Facts<'_>) -> Option<Rule> {
        let now = facts.now;
        let short = match facts.purpose {
            Purpose::Authentication => settings.authentication_per_10_minutes,
            _ => settings.number_per_10_minutes,
        };
        if is_above(short.into(), || self.short.count(TEN_MINUTES, now))
            || is_above(settings.number_per_day.into(), || self.day.count(DAY, now))
        {
            return Some(Rule::Number);
        }
        let is_same =
            facts.text == Some(self.text) && now.saturating_sub(self.text_time) < settings.same_text.as_secs();
        is_same.then_some(Rule::SameText)
    }

    pub(super) fn count(&mut self, facts: &Facts<'_>) {
        self.short.add(TEN_MINUTES, facts.now, 1);
        self.day.add(DAY, facts.now, 1);
        if let Some(text) = facts.text {
            (self.text, self.text_time) = (text, facts.now);
        }
    }
}
