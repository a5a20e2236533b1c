//! SMS texts and phone numbers: the GSM alphabet, segments, countries, senders by country, numbering plans. And hexadecimal
//! digits and percentages.

pub mod countries;
pub mod gsm;
pub mod numbers;
mod prefixes;
pub mod segments;
pub mod senders;
pub mod unusual;

/// Returns bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a part from 0 to 1 in percent, to two places. Only nothing is 0: the smallest part is 0.01.
pub fn percent(part: f64) -> f64 {
    if part > 0.0 { ((part * 10_000.0).round() / 100.0).max(0.01) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_has_two_places_and_is_nothing_for_nothing_alone() {
        let shown = [0.0, 1e-9, 0.001, 0.07, 0.3, 1.0 / 3.0, 0.57, 1.0].map(|part| percent(part).to_string());
        assert_eq!(shown, ["0", "0.01", "0.1", "7", "30", "33.33", "57", "100"]);
    }
}
