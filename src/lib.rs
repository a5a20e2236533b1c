//! smsmux: one gRPC door in front, many SMS vendors behind it.
//!
//! The map of the code, from the door down; imports point down only:
//!
//! | module | what it is |
//! |---|---|
//! | [`server`] | how bytes come in: listener, TLS, authentication, admission, deadlines, health, reflection, shutdown |
//! | [`gateway`] | what becomes of a call: its account, its layers, a write that outlives its caller |
//! | [`api`] | the plain service traits that vendors implement, and the trait of all RPCs that layers are generic over |
//! | [`vendors`] | one folder per vendor, each the plain service traits over its HTTP API, and their registry |
//! | [`http`] | the vendor HTTP kit: time limits, retries that never send twice, shared logins, redaction |
//! | [`check`], [`names`], [`page`], [`token`], [`gsm`], [`lenient`] | what every vendor needs: checks, resource names, paging, opaque tokens, the GSM alphabet, lenient reading |
//! | [`numbers`], [`segments`] | what can be told of a send without sending it: numbering plans, the segments of a text |
//! | [`slices`] | work that takes long, cut so that a serving thread serves others in between |
//! | [`config`] | the configuration and its problems, secrets |
//! | [`certificates`] | PEM files, and the time that certificates are valid |
//! | [`api_key`] | the keys of callers, and what is kept of them |
//! | [`call`], [`trace`], [`thread`] | what a call carries down: deadline, caller and its credential, resource, trace, dry run; the gate of every write |
//! | [`log`], [`metrics`], [`otlp`] | what is told, a line for each call; what is counted, for Prometheus; what is traced, for OpenTelemetry |
//! | [`incidents`] | what goes wrong outside of calls: counted by its cause, and told at a bounded rate |
//! | [`error`] | what can go wrong, and the only way it becomes a gRPC status |
//! | [`pb`] | the generated code of `proto/smsmux/v1` |
//! | [`sandbox`] | stand-ins of the vendors over real HTTP, for `--sandbox`, `demo` and the tests |

// Where nobody reads, they panic.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod api;
pub mod api_key;
pub mod call;
pub mod certificates;
pub mod check;
pub mod config;
pub mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod gateway;
pub mod gsm;
pub mod http;
pub mod incidents;
pub mod lenient;
pub mod log;
pub mod metrics;
pub mod names;
pub mod numbers;
pub mod otlp;
pub mod page;
pub mod pb;
pub mod sandbox;
pub mod segments;
pub mod server;
pub mod slices;
pub mod thread;
pub mod token;
pub mod trace;
pub mod vendors;
