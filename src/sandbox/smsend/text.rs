//! A message's text: what becomes of its placeholders.
//!
//! # Guesses
//!
//! - A placeholder is `{name}`, as in the sample of `001_bf141f8c9eeb6530.txt`, or `${name}`, as on the vendor's newer
//!   pages. One for which a recipient brings nothing becomes empty: the sample has two of those, and shows success.

use std::collections::BTreeMap;

/// Puts a recipient's values in the place of the placeholders.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_placeholder_stays() {
        let params = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        assert_eq!(fill("{a}${a}{b}{", &params), "11{");
        assert_eq!(fill("{} {a b} {x{a}} $5", &params), "{} {a b} {x1} $5");
    }
}
