//! Routes: many accounts that behave as one.

pub mod health;
