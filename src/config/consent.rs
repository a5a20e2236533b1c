//! The keys of `[consent]`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Keys, Problems};
use crate::request::names;

/// The words of people, by the beginning of their numbers: `+` for all, `+39` for those of Italy.
pub type Words = BTreeMap<String, Vec<String>>;

/// Who is asked before a send whether a person opted out.
#[derive(Debug, Clone, Default)]
pub struct ConsentConfig {
    /// Whether people who opted out get no codes either.
    pub strict: bool,
    /// Whether blocks are copied to the stop lists that vendors keep.
    pub copy: bool,
    /// The brands by name. Accounts of none of them are one brand together.
    pub brands: BTreeMap<String, BrandConfig>,
    /// Words that opt out, in place of the ones that are built in for the same beginning of a number.
    pub stop_words: Words,
    /// Words that opt in again, in the same way.
    pub start_words: Words,
    /// What becomes of texts that are nearly a word, by the beginning of the person's number, of which the longest decides.
    pub near_misses: BTreeMap<String, NearMiss>,
}

/// What becomes of a text that is nearly a word by which people opt out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NearMiss {
    /// Nothing.
    Ignore,
    /// An event tells of it.
    Event,
    /// It opts out, unless it is a misspelt word or has a word such as "not".
    Block,
}

/// The law of the United States has senders honour whatever a reasonable person takes for an opt-out.
const NEAR_MISSES: [(&str, NearMiss); 2] = [("+", NearMiss::Event), ("+1", NearMiss::Block)];

/// A brand.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandConfig {
    /// The ids of its accounts.
    pub accounts: Vec<String>,
}

impl ConsentConfig {
    pub(super) fn read(keys: &mut Keys, account_ids: &BTreeSet<String>, problems: &mut Problems) -> Self {
        let mut config = Self {
            strict: keys.or("strict", false, problems),
            copy: keys.or("copy", true, problems),
            brands: keys.optional("brands", problems).unwrap_or_default(),
            stop_words: keys.optional("stop_words", problems).unwrap_or_default(),
            start_words: keys.optional("start_words", problems).unwrap_or_default(),
            near_misses: NEAR_MISSES.map(|(beginning, miss)| (beginning.to_owned(), miss)).into(),
        };
        let near_misses: Option<BTreeMap<String, NearMiss>> = keys.optional("near_misses", problems);
        config.near_misses.extend(near_misses.unwrap_or_default());
        let mut taken = BTreeMap::new();
        for (name, brand) in &config.brands {
            if !names::is_account_id(name) {
                let text = "invalid name of a brand: use lowercase letters, digits and hyphens, starting with a letter";
                keys.problem(&format!("brands.{name}"), text, problems);
            }
            for account in &brand.accounts {
                let key = format!("brands.{name}.accounts");
                if !account_ids.contains(account) {
                    keys.problem(&key, format!("unknown account {account:?}"), problems);
                }
                if let Some(other) = taken.insert(account, name) {
                    keys.problem(&key, format!("{account:?} is an account of the brand {other:?} too"), problems);
                }
            }
        }
        let near_misses = config.near_misses.keys().map(|beginning| ("near_misses", beginning));
        let words = [("stop_words", &config.stop_words), ("start_words", &config.start_words)];
        let words = words.into_iter().flat_map(|(key, words)| words.keys().map(move |beginning| (key, beginning)));
        for (key, beginning) in words.chain(near_misses) {
            let digits = beginning.strip_prefix('+');
            if !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
                let text = format!("invalid beginning of a number {beginning:?}; expected + or for example +39");
                keys.problem(key, text, problems);
            }
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_a_problem_of_its_key() {
        let accounts = ["a", "b"].map(str::to_owned).into();
        for (toml, expected) in [
            ("[brands.x]\naccounts = ['a']\n[brands.y]\naccounts = ['b']", None),
            ("[brands.x]\naccounts = ['c']", Some("consent.brands.x.accounts: unknown account \"c\"")),
            (
                "[brands.x]\naccounts = ['a']\n[brands.y]\naccounts = ['a']",
                Some("consent.brands.y.accounts: \"a\" is an"),
            ),
            ("[brands.X]\naccounts = ['a']", Some("consent.brands.X: invalid name")),
            ("[stop_words]\nIT = ['basta']", Some("consent.stop_words: invalid beginning of a number \"IT\"")),
            ("[stop_words]\n'+39' = ['basta']\n'+' = []", None),
            ("[near_misses]\nIT = 'event'", Some("consent.near_misses: invalid beginning of a number \"IT\"")),
            ("[near_misses]\n'+39' = 'perhaps'", Some("consent.near_misses: unknown variant")),
            ("[near_misses]\n'+39' = 'block'", None),
        ] {
            let (mut problems, table) = (Problems::new(), toml.parse().expect("TOML"));
            ConsentConfig::read(&mut Keys::new("consent", table), &accounts, &mut problems);
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            match expected {
                None => assert!(problems.is_empty(), "{toml}: {problems:?}"),
                Some(expected) => assert!(problems.len() == 1 && problems[0].starts_with(expected), "{problems:?}"),
            }
        }
    }
}
