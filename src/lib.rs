//! smsmux: a gRPC gateway with one typed API for many SMS vendors.
//!
//! The map of the code, from the server down; imports point down only:
//!
//! | module | what it is |
//! |---|---|
//! | [`server`] | incoming connections: listener, TLS, authentication, admission, deadlines, health, reflection, shutdown |
//! | [`gateway`] | the path of a call: its account, its layers, writes that outlive their callers |
//! | [`vendors`] | one folder for each vendor, their registry, and their shared kit |
//! | [`store`] | the durable memory: writes and their outcomes by idempotency key, messages and their states |
//! | [`api`] | the generated messages, the plain service traits that vendors implement, the trait of all RPCs |
//! | [`call`] | the context of a call: deadline, caller, credential, resource, trace, dry run; the check before every write |
//! | [`request`], [`text`], [`epoch`] | checks, names, pages, tokens; the GSM alphabet, segments, numbering plans; times as numbers |
//! | [`telemetry`] | log, metrics, spans, and incidents outside of calls |
//! | [`config`] | the configuration and its problems, secrets, keys of callers, certificates |
//! | [`error`] | the error type, and its only conversion to a gRPC status |
//!
//! The stand-ins of the vendors, for `--sandbox`, `demo` and the tests, are a crate of their own: `crates/sandbox`.

// They panic if the reader has closed the stream.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod api;
pub mod call;
pub mod config;
pub mod epoch;
pub mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod gateway;
pub mod request;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod vendors;
