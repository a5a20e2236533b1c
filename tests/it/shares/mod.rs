//! What replicas share: budgets, of which never more than what is configured is used in any second, and nearly all of it;
//! logins; circuit breakers.

#[cfg(feature = "foreign-clients")]
mod breakers;
#[cfg(feature = "foreign-clients")]
mod logins;
#[cfg(feature = "foreign-clients")]
mod replicas;
mod simulated;
