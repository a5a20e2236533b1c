//! Observability: a log line for each call, metrics for Prometheus, spans for OpenTelemetry.

pub mod incidents;
pub mod log;
pub mod metrics;
pub mod otlp;
pub mod trace;
