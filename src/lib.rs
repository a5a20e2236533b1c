//! smsmux: one gRPC door in front, many SMS vendors behind it.
//!
//! The map of the code, from the door down; imports point down only:
//!
//! | module | what it is |
//! |---|---|
//! | [`server`] | how bytes come in: listener, TLS, authentication, admission, deadlines, health, reflection, shutdown |
//! | [`gateway`] | what becomes of a call: its account, its layers, a write that outlives its caller |
//! | [`vendors`] | one folder for each vendor, their registry, and the kit that they are made with |
//! | [`api`] | the generated messages, the plain service traits that vendors implement, the trait of all RPCs |
//! | [`call`] | what a call carries down: deadline, caller and its credential, resource, trace, dry run; the gate of every write |
//! | [`request`], [`text`] | checks, names, pages, tokens; the GSM alphabet, segments, numbering plans |
//! | [`telemetry`] | log, metrics, spans, and what goes wrong outside of calls |
//! | [`config`] | the configuration and its problems, secrets, keys of callers, certificates |
//! | [`error`] | what can go wrong, and the only way it becomes a gRPC status |
//!
//! The stand-ins of the vendors, for `--sandbox`, `demo` and the tests, are a crate of their own: `crates/sandbox`.

// Where nobody reads, they panic.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod api;
pub mod call;
pub mod config;
pub mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod gateway;
pub mod request;
pub mod server;
pub mod telemetry;
pub mod text;
pub mod vendors;
