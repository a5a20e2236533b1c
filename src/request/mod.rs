//! What requests have in common: names of resources, pages, tokens, and checks that find every fault at once.

pub mod check;
pub mod names;
pub mod page;
pub mod token;
