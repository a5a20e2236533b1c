//! Spans for an OpenTelemetry collector: one per call, and under it one per vendor request and per claim of the store.
//! Their attributes are those of OpenTelemetry's semantic conventions.
//!
//! Their ids are those of [`Trace`](crate::telemetry::trace::Trace), so that spans match the traces of callers and
//! vendors. Without the feature `otlp`, or an endpoint, no spans are created.

use std::time::SystemTime;

use http::{HeaderValue, StatusCode, Uri};
use tonic::Code;

#[cfg(feature = "otlp")]
mod attributes;
#[cfg(feature = "otlp")]
mod environment;
#[cfg(feature = "otlp")]
mod export;

/// The name of a call to an unknown method.
pub const UNKNOWN_METHOD: &str = "unknown/unknown";

/// A span in progress, exported on drop.
#[derive(Debug)]
pub struct Span {
    /// The id of the trace.
    pub trace: u128,
    /// The id of the span.
    pub id: u64,
    /// The id of the parent span; 0 without one.
    pub parent: u64,
    /// The name of the method or operation, without values.
    pub name: &'static str,
    /// The kind of work.
    pub work: Work,
    /// The address of the server; its path is not exported.
    pub server: Option<Uri>,
    /// When the work began.
    pub begun: SystemTime,
    /// The id of the account, if known.
    pub account: Option<String>,
    /// The error, if the work failed.
    pub error: Option<&'static str>,
}

/// The kind of work and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A call.
    Call {
        /// Its gRPC status.
        code: Code,
        /// The reason of its error, such as `INVALID_REQUEST`, if it has one.
        reason: Option<String>,
        /// Its request id.
        request_id: HeaderValue,
    },
    /// A request to a vendor.
    Request {
        /// The HTTP status, if there was a response.
        status: Option<StatusCode>,
        /// How often it was sent before.
        resends: u32,
    },
    /// A question to the store whether a write may be sent, with the answer.
    Claim(Option<&'static str>),
}

impl Drop for Span {
    fn drop(&mut self) {
        export::span(self);
    }
}

#[cfg(not(feature = "otlp"))]
mod export {
    use crate::config::Problem;

    /// Does nothing: no variable is read.
    pub fn check(_configured: Option<&str>, _variable: impl Fn(&str) -> Option<String>, _problems: &mut Vec<Problem>) {}

    /// Does nothing: a configuration with an endpoint is rejected before.
    ///
    /// # Errors
    /// None.
    pub fn start(_endpoint: Option<&str>) -> Result<(), Vec<Problem>> {
        Ok(())
    }

    /// Whether spans are exported.
    pub const fn is_on() -> bool {
        false
    }

    /// Whether a trace is sampled.
    pub const fn samples(_id: u128, _parent: Option<(u64, bool)>) -> bool {
        false
    }

    pub(super) fn span(_: &mut super::Span) {}

    /// Does nothing, as there are no spans.
    pub fn flush() {}
}

pub use export::{check, flush, is_on, samples, start};
