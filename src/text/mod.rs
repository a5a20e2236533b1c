//! SMS texts and phone numbers: the GSM alphabet, segments, countries, senders by country, numbering plans. And hexadecimal
//! digits.

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
