//! SMS texts and phone numbers: the GSM alphabet, segments, numbering plans.

pub mod gsm;
pub mod numbers;
pub mod segments;
