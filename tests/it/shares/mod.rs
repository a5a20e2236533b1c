//! Budgets that replicas share: never more than what is configured in any second, and nearly all of it used.

#[cfg(feature = "foreign-clients")]
mod replicas;
mod simulated;
