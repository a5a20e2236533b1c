//! The rules of the spend guard. Pure, as all that they look at: the time is an argument, in seconds since 1970.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    api::pb::Purpose,
    config::{Amount, Budget, GuardConfig},
    text::{countries::country_of, unusual::is_unusual},
};

/// A rule, by which a recipient is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    /// The country is not among those that the account may send to.
    Country,
    /// Nobody reads an SMS on such a line.
    LineType,
    /// The number got too many messages.
    Number,
    /// The number got the same text a moment ago.
    SameText,
    /// The numbers that share all but the last four digits got too many messages.
    Prefix,
    /// The country got too many messages in a day.
    CountryDay,
    /// Too few of the messages to the prefix were followed by what they were sent for.
    Conversion,
    /// The budget is spent.
    Budget,
}

impl Rule {
    /// All rules.
    pub(super) const ALL: [Self; 8] = [
        Self::Country,
        Self::LineType,
        Self::Number,
        Self::SameText,
        Self::Prefix,
        Self::CountryDay,
        Self::Conversion,
        Self::Budget,
    ];

    /// Returns the name, as it is in the metadata of an error.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::LineType => "line_type",
            Self::Number => "number",
            Self::SameText => "same_text",
            Self::Prefix => "prefix",
            Self::CountryDay => "country_day",
            Self::Conversion => "conversion",
            Self::Budget => "budget",
        }
    }

    /// Explains a refusal.
    pub(super) fn explanation(self) -> &'static str {
        match self {
            Self::Country => "the spend guard does not permit the country",
            Self::LineType => "the spend guard does not permit the type of line",
            Self::Number => "the number has got as many messages as the spend guard permits",
            Self::SameText => "the number has just got the same text",
            Self::Prefix => "numbers near this one have got as many messages as the spend guard permits",
            Self::CountryDay => "the country has got as many messages today as the spend guard permits",
            Self::Conversion => "messages to numbers near this one are not followed by what they are sent for",
            Self::Budget => "the budget is spent",
        }
    }
}

/// What the rules look at in a send.
pub(super) struct Facts<'a> {
    /// The name of the account.
    pub(super) account: &'a str,
    /// The countries that the account may send to; `None` for any.
    pub(super) countries: Option<&'a [String]>,
    /// The budgets of the account and of the caller, with their names.
    pub(super) budgets: [Option<(&'a Arc<str>, &'a Budget)>; 2],
    /// The configured prices of a segment, by country.
    pub(super) prices: Option<&'a BTreeMap<String, Amount>>,
    pub(super) purpose: Purpose,
    /// The fingerprint of the text; `None` if it may be that of the message before.
    pub(super) text: Option<u64>,
    /// The segments for each recipient.
    pub(super) segments: u32,
    pub(super) now: u64,
}

/// A recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct To {
    /// The digits of its number; zero for what is no number, which the vendor's checks reject.
    pub(super) digits: u64,
    pub(super) country: &'static str,
}

impl To {
    pub(super) fn read(recipient: &str) -> Self {
        let digits = recipient.strip_prefix('+').and_then(|digits| digits.parse().ok()).unwrap_or_default();
        Self { digits, country: country_of(recipient).unwrap_or(NOWHERE) }
    }
}

/// The country of numbers that have none.
const NOWHERE: &str = "001";

/// Returns the rule that refuses a number for where it is.
pub(super) fn refused_by_place(settings: &GuardConfig, facts: &Facts<'_>, country: &str, digits: u64) -> Option<Rule> {
    let permitted = |countries: &[String]| countries.iter().any(|permitted| permitted == country);
    match facts.countries {
        Some(countries) if !permitted(countries) => Some(Rule::Country),
        _ if settings.line_types && is_unusual(digits) => Some(Rule::LineType),
        _ => None,
    }
}

/// Whether one more is above a limit, of which zero is none.
pub(super) fn is_above(limit: u64, count: impl FnOnce() -> u64) -> bool {
    limit > 0 && count() >= limit
}
