//! Fills the placeholders of a text, and counts its parts.
//!
//! # Guesses
//!
//! - A placeholder is `{name}`, as in the sample of the document, or `${name}`, as on the vendor's newer
//!   pages. One without a value for a recipient becomes empty: the sample has two of those, and succeeds.
//! - A text costs one credit per part and recipient: 160 or 153 characters of the GSM alphabet, 70 or 67 under `ucs2`.
//!   A character that the GSM alphabet lacks is not rejected under `gsm`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The encoding of a text.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    #[default]
    Gsm,
    Ucs2,
}

/// Replaces the placeholders by a recipient's values.
pub(super) fn fill(template: &str, params: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        let close = from_brace.find('}').filter(|close| {
            let name = &from_brace[1..*close];
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
        if let Some(close) = close {
            filled.push_str(before.strip_suffix('$').unwrap_or(before));
            filled.push_str(params.get(&from_brace[1..close]).map_or("", String::as_str));
            rest = &from_brace[close + 1..];
        } else {
            filled.push_str(before);
            filled.push('{');
            rest = &from_brace[1..];
        }
    }
    filled.push_str(rest);
    filled
}

/// Returns the number of parts of a text, each of which costs a credit.
pub(super) fn parts(text: &str, encoding: Encoding) -> u64 {
    let (units, alone, joined): (usize, usize, usize) = match encoding {
        Encoding::Ucs2 => (text.encode_utf16().count(), 70, 67),
        // These ten of the GSM alphabet count as two.
        Encoding::Gsm => (text.chars().map(|c| if "^{}\\[~]|€\u{c}".contains(c) { 2 } else { 1 }).sum(), 160, 153),
    };
    if units <= alone { 1 } else { units.div_ceil(joined) as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_in_parts() {
        for (text, encoding, expected) in [
            ("x".repeat(160), Encoding::Gsm, 1),
            ("x".repeat(161), Encoding::Gsm, 2),
            ("x".repeat(306), Encoding::Gsm, 2),
            ("x".repeat(307), Encoding::Gsm, 3),
            ("\u{20ac}".repeat(80), Encoding::Gsm, 1),
            ("\u{20ac}".repeat(81), Encoding::Gsm, 2),
            ("x".repeat(70), Encoding::Ucs2, 1),
            ("x".repeat(71), Encoding::Ucs2, 2),
            ("\u{1f600}".repeat(36), Encoding::Ucs2, 2),
        ] {
            assert_eq!(parts(&text, encoding), expected, "{} {encoding:?}", text.chars().count());
        }
    }

    #[test]
    fn what_is_no_placeholder_stays() {
        let params = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        assert_eq!(fill("{a}${a}{b}{", &params), "11{");
        assert_eq!(fill("{} {a b} {x{a}} $5", &params), "{} {a b} {x1} $5");
    }
}
