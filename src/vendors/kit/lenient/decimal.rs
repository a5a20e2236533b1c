//! Amounts of money, in exactly the vendor's digits.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::read;

/// An amount as decimal text with a point, in exactly the vendor's digits: a float would round them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decimal(pub Option<String>);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let quoted = read::<String>(raw.get());
        Ok(Self(decimal(quoted.as_deref().unwrap_or(raw.get()))))
    }
}

/// Parses `12.50`, `12,50`, `1.234,50`, `1 234.50` or `1.25e1`; anything else becomes `None`. A single comma or point
/// is the decimal separator.
fn decimal(text: &str) -> Option<String> {
    // A larger exponent would make a text of that length.
    const EXPONENT: i32 = 30;
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’')).collect();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.parse().ok().filter(|e: &i32| e.abs() <= EXPONENT)?),
        None => (text, 0),
    };
    let separator = text.rfind([',', '.']).filter(|&at| text.matches(&text[at..=at]).count() == 1);
    let (whole, fraction) = separator.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let mut groups = whole.split([',', '.']);
    let first = groups.next().unwrap_or_default();
    let groups: Vec<_> = groups.collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let right = groups.iter().all(|group| group.len() == 3 && digits(group)) && digits(first) && digits(fraction);
    if !right || (first.is_empty() && (fraction.is_empty() || !groups.is_empty())) {
        return None;
    }
    let mut whole = first.to_owned() + &groups.concat();
    let mut fraction = fraction.to_owned();
    for _ in 0..exponent.abs() {
        if exponent > 0 {
            whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
        } else {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}
