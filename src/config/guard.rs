//! The keys of `[guard]`, and those of an account and a caller that the spend guard reads.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{Amount, Config, Currency, Keys, Problems};

/// The settings of the spend guard.
#[derive(Debug, Clone)]
pub struct GuardConfig {
    /// What becomes of a recipient that a rule refuses.
    pub mode: GuardMode,
    /// The countries that accounts without a list of their own may send to; `None` for any.
    pub countries: Option<Vec<String>>,
    /// Whether premium, shared cost, pager, voicemail, universal access and satellite numbers are refused.
    pub line_types: bool,
    /// The most messages to a number in ten minutes; zero for any number, as in all limits.
    pub number_per_10_minutes: u16,
    /// The most messages with the purpose AUTHENTICATION to a number in ten minutes.
    pub authentication_per_10_minutes: u16,
    /// The most messages to a number in a day.
    pub number_per_day: u16,
    /// How long the same text is not sent to the same number again.
    pub same_text: Duration,
    /// The most messages in ten minutes to numbers that share all but the last four digits.
    pub prefix_per_10_minutes: u16,
    /// The most messages of an account to a country in a day, or five times the mean if that is more.
    pub country_per_day: u32,
    /// Whether prefixes without conversions are blocked.
    pub conversion: bool,
    /// The most prefixes, and the most numbers, that are counted.
    pub max_prefixes: usize,
}

/// What becomes of a recipient that a rule refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardMode {
    /// Nothing is counted.
    Off,
    /// It is sent to, and the log and the metrics tell of it.
    Observe,
    /// It is not sent to.
    Enforce,
}

impl GuardMode {
    /// Returns the name, as it is written in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Enforce => "enforce",
        }
    }
}

/// What is set for accounts and callers, by their names.
#[derive(Debug, Default)]
pub struct GuardLimits {
    /// The countries that accounts with a list of their own may send to.
    pub countries: HashMap<String, Vec<String>>,
    /// The budgets of accounts.
    pub accounts: HashMap<Arc<str>, Budget>,
    /// The budgets of callers.
    pub callers: HashMap<Arc<str>, Budget>,
    /// The prices of a segment by country, of accounts that have a list.
    pub prices: HashMap<String, BTreeMap<String, Amount>>,
}

impl GuardLimits {
    /// Returns what a configuration sets for its accounts and callers.
    pub fn of(config: &Config) -> Self {
        let accounts = || config.accounts.iter().map(|(id, account)| (format!("accounts/{id}"), account));
        Self {
            countries: accounts().filter_map(|(name, account)| Some((name, account.countries.clone()?))).collect(),
            accounts: accounts().filter_map(|(name, account)| Some((name.into(), account.budget?))).collect(),
            callers: config
                .callers
                .iter()
                .filter_map(|(id, caller)| Some((id.as_str().into(), caller.budget?)))
                .collect(),
            prices: accounts().map(|(name, account)| (name, account.prices.clone())).collect(),
        }
    }
}

/// The most that an account or a caller may spend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// The segments.
    pub segments: Limit,
    /// The money, in millionths, and its currency.
    pub money: Option<(Currency, Limit)>,
}

/// The most in a day and in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limit {
    /// In a day, by UTC.
    pub day: Option<u64>,
    /// In a month, by UTC.
    pub month: Option<u64>,
}

impl GuardConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        Self {
            mode: keys.or("mode", GuardMode::Observe, problems),
            countries: countries(keys, problems),
            line_types: keys.or("line_types", true, problems),
            number_per_10_minutes: keys.or("number_per_10_minutes", 5, problems),
            authentication_per_10_minutes: keys.or("authentication_per_10_minutes", 3, problems),
            number_per_day: keys.or("number_per_day", 20, problems),
            same_text: keys.span_or_zero("same_text", Duration::from_secs(60), problems),
            prefix_per_10_minutes: keys.or("prefix_per_10_minutes", 10, problems),
            country_per_day: keys.or("country_per_day", 50, problems),
            conversion: keys.or("conversion", true, problems),
            max_prefixes: keys.or_above_zero("max_prefixes", 1_000_000, problems),
        }
    }
}

impl Budget {
    /// Reads the budget of an account or of a caller; `None` if it has none.
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Option<Self> {
        let segments = Limit {
            day: keys.optional("segments_per_day", problems),
            month: keys.optional("segments_per_month", problems),
        };
        let day: Option<Amount> = keys.optional("money_per_day", problems);
        let month: Option<Amount> = keys.optional("money_per_month", problems);
        if day.zip(month).is_some_and(|(day, month)| day.currency != month.currency) {
            keys.problem("money_per_month", "must be in the currency of money_per_day", problems);
        }
        let money = day.or(month).map(|amount| {
            let [day, month] = [day, month].map(|amount| amount.map(|amount| amount.millionths));
            (amount.currency, Limit { day, month })
        });
        let budget = Self { segments, money };
        (budget != Self::default()).then_some(budget)
    }
}

/// Reads the prices of an account.
pub(super) fn prices(keys: &mut Keys, problems: &mut Problems) -> BTreeMap<String, Amount> {
    let prices: BTreeMap<String, Amount> = keys.optional("prices", problems).unwrap_or_default();
    for country in prices.keys().filter(|country| !super::senders::is_country(country)) {
        let text = format!("invalid country {country:?}; expected two letters of ISO 3166-1, such as \"US\"");
        keys.problem("prices", text, problems);
    }
    prices
}

/// Reads a list of countries.
pub(super) fn countries(keys: &mut Keys, problems: &mut Problems) -> Option<Vec<String>> {
    let countries: Option<Vec<String>> = keys.optional("countries", problems);
    let is_invalid = |country: &String| !super::senders::is_country(country);
    if let Some(country) = countries.as_ref().and_then(|countries| countries.iter().find(|country| is_invalid(country)))
    {
        let text = format!("invalid country {country:?}; expected two letters of ISO 3166-1, such as \"US\"");
        keys.problem("countries", text, problems);
    }
    countries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_has_one_currency_and_prices_are_of_countries() {
        let euros = |day, month| Budget { money: Some((euro(), Limit { day, month })), ..Budget::default() };
        for (toml, budget, problem) in [
            ("", None, None),
            ("money_per_day = '12.5 EUR'", Some(euros(Some(12_500_000), None)), None),
            ("money_per_day = '1 EUR'\nmoney_per_month = '9 EUR'", Some(euros(Some(1_000_000), Some(9_000_000))), None),
            ("money_per_month = '9 EUR'\nprices = { DE = '0.075 EUR' }", Some(euros(None, Some(9_000_000))), None),
            (
                "money_per_day = '1 EUR'\nmoney_per_month = '9 SEK'",
                Some(euros(Some(1_000_000), Some(9_000_000))),
                Some("a.money_per_month: must be in the currency"),
            ),
            ("money_per_day = 'much'", None, Some("a.money_per_day: invalid amount of money")),
            ("prices = { Germany = '1 EUR' }", None, Some("a.prices: invalid country \"Germany\"")),
            ("prices = { DE = 'cheap' }", None, Some("a.prices: invalid amount of money")),
        ] {
            let (mut problems, mut keys) = (Problems::new(), Keys::new("a", toml.parse().expect("TOML")));
            assert_eq!(Budget::read(&mut keys, &mut problems), budget, "{toml}");
            prices(&mut keys, &mut problems);
            let found = problems.first().map(ToString::to_string);
            let is_expected = |found: &str| problem.is_some_and(|problem| found.starts_with(problem));
            assert!(found.as_deref().map_or(problem.is_none(), is_expected), "{toml}: {found:?}");
        }
    }

    fn euro() -> Currency {
        Amount::read("1", "EUR").expect("an amount").currency
    }
}
