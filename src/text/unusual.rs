//! Numbers that nobody reads an SMS at: premium rate, shared cost, pagers, voicemail, universal access numbers, satellite
//! phones. They are found by their first digits, on the path of a send: the numbering plans are too large for that.
//!
//! `unusual.txt` has the prefixes of which every number is such a one, a line for each calling code, up to four digits
//! after it. It is taken from the metadata of libphonenumber (Apache-2.0); the satellite phones are added to it.

use std::sync::LazyLock;

use super::prefixes::Prefixes;

static PREFIXES: LazyLock<Prefixes<()>> = LazyLock::new(|| Prefixes::new(entries().map(|prefix| (prefix, ()))));

fn entries() -> impl Iterator<Item = &'static str> {
    include_str!("unusual.txt").split_whitespace()
}

/// Whether a number, by the digits of its E.164 form, is of an unusual line.
pub fn is_unusual(digits: u64) -> bool {
    let powers = (0..=digits.checked_ilog10().unwrap_or_default()).rev();
    PREFIXES.find(powers.map(|power| (digits / 10_u64.pow(power) % 10) as u8)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::pb::LineType, text::numbers};

    #[test]
    fn lines_that_nobody_reads_an_sms_at_are_found_by_their_first_digits() {
        for (number, unusual) in [
            (33_899_123_456, true),
            (19_005_550_123, true),
            (881_612_345_678, true),
            (870_773_123_456, true),
            (88_216_123_456, true),
            (449_012_345_678, true),
            (393_471_234_567, false),
            (4_915_123_456_789, false),
            (12_125_550_123, false),
            (18_005_550_123, false),
            (39, false),
            (0, false),
        ] {
            assert_eq!(is_unusual(number), unusual, "{number}");
        }
    }

    #[test]
    fn no_number_of_a_person_is_among_them() {
        let mut compared = 0;
        for prefix in entries() {
            for (digits, fill) in (7..=13).flat_map(|digits| "123456789".chars().map(move |fill| (digits, fill))) {
                let number = format!("+{prefix}{}", fill.to_string().repeat(digits - prefix.len().min(digits)));
                let analyzed = numbers::analyze(number.clone(), None);
                let of_a_person = matches!(
                    analyzed.line_type(),
                    LineType::Mobile | LineType::FixedLine | LineType::FixedLineOrMobile
                );
                // The plans list satellite phones as mobile numbers of no country, and read a prefix that is dialed within
                // the country as none of the number.
                let is_of_it = analyzed.phone_number == number && analyzed.region_code != "001";
                assert!(!of_a_person || !is_of_it, "{number}: {analyzed:?}");
                compared += usize::from(analyzed.valid);
            }
        }
        assert!(compared > 500, "{compared}");
    }
}
