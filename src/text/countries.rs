//! The country of a phone number, by its first digits. It is found on the path of a send: the numbering plans, which know
//! whether a number is valid, are too large for that.
//!
//! `countries.txt` has a line for each country: its code of ISO 3166-1, and the prefixes of its numbers, of which the longest
//! decides. It is taken from the metadata of libphonenumber (Apache-2.0). Ranges of mobile numbers that countries share
//! belong to the larger one.

use std::sync::LazyLock;

use super::prefixes::{Prefixes, digits_of};

static COUNTRIES: LazyLock<Prefixes<&str>> = LazyLock::new(|| Prefixes::new(entries()));

/// Returns the prefixes, without a plus, with the country of each.
fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("countries.txt").lines().filter_map(|line| line.split_once(' '));
    lines.flat_map(|(country, prefixes)| prefixes.split(' ').map(move |prefix| (prefix, country)))
}

/// Returns the country of a number in E.164 form, or of its first digits, as two letters of ISO 3166-1; `None` if it has
/// none, as a satellite phone.
pub fn country_of(number: &str) -> Option<&'static str> {
    COUNTRIES.find(digits_of(number.strip_prefix('+')?))
}

/// Whether a country has phone numbers.
pub fn is_country(code: &str) -> bool {
    entries().any(|(_, country)| country == code)
}

/// Whether a prefix such as `+336` has every number of a country.
pub fn has_all_of(prefix: &str, country: &str) -> bool {
    let digits = prefix.trim_start_matches('+');
    let mut entries = entries().filter(|(_, of)| *of == country).peekable();
    entries.peek().is_some() && entries.all(|(entry, _)| entry.starts_with(digits))
}

/// Whether all numbers that begin with a prefix such as `+336` are of a country.
pub fn are_all_of(prefix: &str, country: &str) -> bool {
    let digits = prefix.trim_start_matches('+');
    let mut others = entries().filter(|(entry, of)| entry.starts_with(digits) && *of != country);
    country_of(prefix) == Some(country) && others.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::numbers;

    #[test]
    fn the_longest_prefix_decides() {
        for (number, country) in [
            ("+393471234567", Some("IT")),
            ("+4915123456789", Some("DE")),
            ("+12125550123", Some("US")),
            ("+14165550123", Some("CA")),
            ("+17875550123", Some("PR")),
            ("+77011234567", Some("KZ")),
            ("+79161234567", Some("RU")),
            ("+447781123456", Some("GG")),
            ("+447911123456", Some("GG")),
            ("+447912345678", Some("GB")),
            ("+881612345678", None),
            ("+1", Some("US")),
            ("+", None),
            ("393471234567", None),
            ("+3\u{e9}", None),
        ] {
            assert_eq!(country_of(number), country, "{number}");
        }
        assert!(is_country("FR") && !is_country("XX") && !is_country("fr"));
    }

    #[test]
    fn a_prefix_has_a_country_or_a_country_has_it() {
        assert!(has_all_of("+3", "FR") && has_all_of("+33", "FR") && !has_all_of("+336", "FR"));
        assert!(!has_all_of("+7", "XX") && has_all_of("+7", "KZ"));
        assert!(are_all_of("+336", "FR") && are_all_of("+33", "FR") && !are_all_of("+3", "FR"));
        assert!(!are_all_of("+1", "US") && are_all_of("+1212", "US") && are_all_of("+1416", "CA"));
    }

    #[test]
    fn the_numbering_plans_say_the_same() {
        let mut compared = 0;
        for (prefix, country) in entries() {
            // Some lengths, and some digits after the prefix: where the plan knows such a number, it is of that country.
            for (length, fill) in (7..=13).flat_map(|length| "23456789".chars().map(move |fill| (length, fill))) {
                let rest = length - prefix.len().min(length);
                let number = format!("+{prefix}{}", fill.to_string().repeat(rest));
                let analyzed = numbers::analyze(number.clone(), None);
                if analyzed.valid && analyzed.region_code != "001" {
                    compared += 1;
                    assert_eq!(country_of(&number), Some(analyzed.region_code.as_str()), "{number}, by {country}");
                }
            }
        }
        assert!(compared > 1000, "{compared}");
    }
}
