//! The store: one suite for every engine, and what only the real thing shows, such as a process that is killed.

mod conformance;
mod crash;
mod lists;
mod open;
#[cfg(feature = "foreign-clients")]
mod postgres;
mod rig;
#[cfg(feature = "foreign-clients")]
mod server;
