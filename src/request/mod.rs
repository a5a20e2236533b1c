//! Shared parts of requests: resource names, pages, tokens, and checks that find all violations at once.

pub mod check;
pub mod names;
pub mod page;
pub mod token;
