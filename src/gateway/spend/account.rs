//! What was sent through an account, by country.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    rules::{Rule, is_above},
    window::{DAY, WEEK, Window},
};
use crate::config::{Amount, GuardConfig};

/// How often the mean of a week a country may get in a day.
const COUNTRY_MEANS: u64 = 5;

/// The seconds of a week: how long an account has to be known before its means are those of a week.
pub(super) const KNOWN: u64 = 7 * 24 * 3600;

/// What was sent to a country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Country {
    day: Window<u32>,
    pub(super) week: Window<u32>,
}

/// What was sent through an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    /// The first send.
    pub(super) since: u64,
    pub(super) week: Window<u32>,
    pub(super) converted: Window<u32>,
    pub(super) countries: BTreeMap<String, Country>,
    /// The last price of a segment, by country, and when it was paid.
    #[serde(default)]
    pub(super) prices: BTreeMap<String, (u64, Amount)>,
}

impl Account {
    pub(super) fn refused_by(
        &self,
        settings: &GuardConfig,
        country: &str,
        others: Option<&Self>,
        now: u64,
    ) -> Option<Rule> {
        let limit = u64::from(settings.country_per_day);
        let ours = self.countries.get(country)?;
        let others = others.and_then(|others| others.countries.get(country));
        let of_both = |count: fn(&Country) -> Window<u32>, length| {
            count(ours).count(length, now) + others.map_or(0, |others| count(others).count(length, now))
        };
        let today = of_both(|country| country.day, DAY);
        if now < self.since + KNOWN || !is_above(limit, || today) {
            return None;
        }
        // Of the days before.
        let mean = of_both(|country| country.week, WEEK).saturating_sub(today) / 6;
        (today >= COUNTRY_MEANS * mean).then_some(Rule::CountryDay)
    }

    pub(super) fn count(&mut self, country: &str, now: u64) {
        self.week.add(WEEK, now, 1);
        let country = match self.countries.get_mut(country) {
            Some(country) => country,
            None => self.countries.entry(country.to_owned()).or_default(),
        };
        country.day.add(DAY, now, 1);
        country.week.add(WEEK, now, 1);
    }

    /// Notes what was paid for a segment.
    pub(super) fn paid(&mut self, country: &str, price: Amount, now: u64) {
        match self.prices.get_mut(country) {
            Some(known) => *known = (now, price),
            None => drop(self.prices.insert(country.to_owned(), (now, price))),
        }
    }

    /// Returns the last price of a segment, and when it was paid.
    pub(super) fn price(&self, country: &str) -> Option<(u64, Amount)> {
        self.prices.get(country).copied()
    }

    /// Adds what another process has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.since = self.since.min(other.since);
        self.week.merge(&other.week);
        self.converted.merge(&other.converted);
        for (name, sent) in &other.countries {
            let country = self.countries.entry(name.clone()).or_default();
            country.day.merge(&sent.day);
            country.week.merge(&sent.week);
        }
        for (country, (time, price)) in &other.prices {
            if self.price(country).is_none_or(|(known, _)| known < *time) {
                self.paid(country, *price, *time);
            }
        }
    }
}
