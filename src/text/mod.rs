//! Texts and numbers of SMS: the GSM alphabet, segments, numbering plans.

pub mod gsm;
pub mod numbers;
pub mod segments;
