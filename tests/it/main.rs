//! The tests that share a process: a gateway and the vendors' stand-ins over real sockets, the real binary, the documentation,
//! the sources. One program, because linking is what costs time: `cargo test --test it -- transport` runs one suite.
//!
//! A suite with a program of its own has a state that is its process's: the counters of metrics (`metrics`, `incidents`), the
//! log (`secrets`), the number of open files (`many_connections`, `faults`). `conformance` names its tests itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod account_conditions;
mod analyze;
mod architecture;
mod authentication;
mod bodies;
#[cfg(all(target_os = "linux", feature = "foreign-clients"))]
mod chart;
#[cfg(unix)]
mod cli;
mod connections;
mod consent;
mod crash;
mod docs;
mod event_webhooks;
mod events;
mod follow;
#[cfg(feature = "foreign-clients")]
mod foreign;
#[cfg(feature = "fuzzing")]
mod fuzz_replay;
mod grpc;
mod guard;
#[cfg(unix)]
mod health;
#[cfg(unix)]
mod idempotency;
#[cfg(all(target_os = "linux", feature = "foreign-clients"))]
mod image;
mod inbox;
mod info;
mod log;
mod messages;
mod model;
#[cfg(all(unix, feature = "foreign-clients"))]
mod monitoring;
mod otlp;
mod outcomes;
#[cfg(all(target_os = "linux", feature = "foreign-clients"))]
mod probes;
#[cfg(all(unix, feature = "foreign-clients"))]
mod readme;
mod reload;
mod route_health;
mod routes;
mod samples;
mod sessions;
#[cfg(unix)]
mod settings;
mod shares;
#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod store;
#[cfg(unix)]
mod systemd;
mod tls;
mod tracing;
mod transport;
mod vendor_connections;
mod watch;
mod webhooks;
