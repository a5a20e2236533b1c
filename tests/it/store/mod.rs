//! The store: one suite for every engine, and what only the real thing shows, such as a process that is killed.

mod command;
mod conformance;
mod consent;
mod crash;
mod events;
mod lists;
mod open;
mod parts;
#[cfg(feature = "foreign-clients")]
mod postgres;
#[cfg(feature = "foreign-clients")]
mod replicas;
mod rig;
#[cfg(feature = "foreign-clients")]
pub(crate) mod server;
