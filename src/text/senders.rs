//! What countries permit as the sender of an SMS. A name, such as `ACME`, is impossible in some, and lost or replaced in
//! others unless it was registered there.
//!
//! The table has what vendors agree on in public; `[senders]` of the configuration overrides it. `docs/senders.md` has the
//! sources.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The countries that permit less than any sender.
const TABLE: &[(&str, Kind)] = &[
    ("AU", Kind::Registered),
    ("CA", Kind::Number),
    ("CN", Kind::Number),
    ("FR", Kind::Registered),
    ("IN", Kind::Registered),
    ("PR", Kind::Number),
    ("SG", Kind::Registered),
    ("US", Kind::Number),
];

/// What a country permits as a sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "must be \"any\", \"number\", \"registered\", or a list of the names that you have registered there"
)]
pub enum Permitted {
    /// A kind of sender.
    Kind(Kind),
    /// Numbers, and these names, which are registered.
    Names(Vec<String>),
}

/// The kinds of senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Names and numbers.
    Any,
    /// Numbers and short codes.
    Number,
    /// Numbers, and names that are registered there.
    Registered,
}

/// What each country permits, by its code of ISO 3166-1. Countries that are not listed permit any sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Senders(BTreeMap<String, Permitted>);

impl Default for Senders {
    fn default() -> Self {
        Self::new([])
    }
}

impl Senders {
    /// Returns the table, with what is `given` for a country in place of its entry.
    pub fn new(given: impl IntoIterator<Item = (String, Permitted)>) -> Self {
        let table = TABLE.iter().map(|(country, kind)| ((*country).to_owned(), Permitted::Kind(*kind)));
        Self(table.chain(given).collect())
    }

    /// Returns why a sender is not possible in a country; `None` if it may be, or if the account's default decides.
    pub fn problem(&self, sender: &str, country: &str) -> Option<String> {
        if !is_name(sender) {
            return None;
        }
        match self.0.get(country)? {
            Permitted::Kind(Kind::Any) => None,
            Permitted::Kind(Kind::Number) => {
                Some(format!("a name is not possible as a sender in {country}: use a number"))
            }
            Permitted::Kind(Kind::Registered) => Some(format!(
                "a name is not possible as a sender in {country} unless it is registered there: register it through the \
                 vendor, and list it as senders.{country}"
            )),
            // As the networks do, whatever the case.
            Permitted::Names(names) if names.iter().any(|name| name.eq_ignore_ascii_case(sender)) => None,
            Permitted::Names(_) => Some(format!(
                "the name is not possible as a sender in {country}: it is not listed as senders.{country}"
            )),
        }
    }
}

/// Whether a sender is a name, and not a number or empty.
fn is_name(sender: &str) -> bool {
    sender.strip_prefix('+').unwrap_or(sender).bytes().any(|byte| !byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_impossible_or_has_to_be_registered_where_the_table_says_so() {
        let senders = Senders::default();
        let problem = |sender, country| senders.problem(sender, country).unwrap_or_default();
        for country in ["US", "CA", "PR", "CN"] {
            let expected = format!("a name is not possible as a sender in {country}: use a number");
            assert_eq!(problem("ACME", country), expected);
        }
        for country in ["IN", "SG", "AU", "FR"] {
            assert!(problem("ACME", country).contains("registered"), "{country}");
        }
        for (sender, country) in
            [("ACME", "DE"), ("ACME", "001"), ("ACME", ""), ("", "US"), ("+12125550123", "US"), ("12345", "US")]
        {
            assert_eq!(problem(sender, country), "", "{sender} in {country}");
        }
        // A number has digits only.
        assert!(!problem("2FA", "US").is_empty());
    }

    #[test]
    fn the_configuration_overrides_the_table_for_a_country() {
        let names = Permitted::Names(vec!["Acme".to_owned()]);
        let given = [("US", Permitted::Kind(Kind::Any)), ("DE", Permitted::Kind(Kind::Number)), ("SG", names)];
        let senders = Senders::new(given.map(|(country, permitted)| (country.to_owned(), permitted)));
        for (sender, country, possible) in [
            ("ACME", "US", true),
            ("ACME", "DE", false),
            ("ACME", "SG", true),
            ("Other", "SG", false),
            ("ACME", "CA", false),
        ] {
            assert_eq!(senders.problem(sender, country).is_none(), possible, "{sender} in {country}");
        }
    }
}
