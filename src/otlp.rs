//! Spans for an OpenTelemetry collector: one per call, and under it one per vendor request.
//!
//! Their ids are those of [`Trace`](crate::trace::Trace), so that what a collector hears is what callers and vendors were
//! told. Without the feature `otlp`, or an endpoint, nothing is made.

use std::time::SystemTime;

/// A piece of work under way; it is exported when this is dropped.
#[derive(Debug)]
pub struct Span {
    /// Of its trace.
    pub trace: u128,
    /// Its own id.
    pub id: u64,
    /// The span that it is part of; 0 where there is none.
    pub parent: u64,
    /// What is done; a name of a method or an operation, without values.
    pub name: &'static str,
    /// What it is.
    pub work: Work,
    /// When it began.
    pub begun: SystemTime,
    /// The id of the account that it is for, where that is known.
    pub account: Option<String>,
    /// What is wrong, where something is.
    pub error: Option<&'static str>,
}

/// What a span is of, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A caller's call, with its gRPC status.
    Call(tonic::Code),
    /// A request to a vendor, with the status of its answer if one came.
    Request(Option<http::StatusCode>),
}

impl Drop for Span {
    fn drop(&mut self) {
        export::span(self);
    }
}

#[cfg(feature = "otlp")]
mod export {
    use std::{sync::OnceLock, time::SystemTime};

    use opentelemetry::{
        InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, SpanKind, Status, TraceState},
    };
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    use opentelemetry_sdk::{
        Resource,
        trace::{BatchSpanProcessor, SpanData, SpanProcessor},
    };

    use crate::otlp::{Span, Work};

    static PROCESSOR: OnceLock<BatchSpanProcessor> = OnceLock::new();

    /// Sends spans to the collector at this address from now on.
    ///
    /// # Errors
    /// A text for the operator.
    pub fn start(endpoint: &str) -> Result<(), String> {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
        let exporter = exporter.map_err(|e| format!("cannot export spans to {endpoint}: {e}"))?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        processor.set_resource(&Resource::builder().with_service_name("smsmux").build());
        // A second one has nothing to say: the process has one collector.
        let _ = PROCESSOR.set(processor);
        Ok(())
    }

    /// Whether spans go anywhere.
    pub fn is_on() -> bool {
        PROCESSOR.get().is_some()
    }

    /// Hands a span over, to be sent with others.
    pub(super) fn span(span: &mut Span) {
        let Some(processor) = PROCESSOR.get() else { return };
        let mut attributes = Vec::with_capacity(3);
        let (span_kind, status) = match span.work {
            Work::Call(code) => {
                attributes.push(KeyValue::new("rpc.system", "grpc"));
                (SpanKind::Server, Some(("rpc.grpc.status_code", code as i64)))
            }
            Work::Request(status) => {
                (SpanKind::Client, status.map(|status| ("http.response.status_code", status.as_u16().into())))
            }
        };
        attributes.extend(status.map(|(key, value)| KeyValue::new(key, value)));
        attributes.extend(span.account.take().map(|account| KeyValue::new("smsmux.account", account)));
        let (trace, id) = (TraceId::from_bytes(span.trace.to_be_bytes()), SpanId::from_bytes(span.id.to_be_bytes()));
        processor.on_end(SpanData {
            span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
            parent_span_id: SpanId::from_bytes(span.parent.to_be_bytes()),
            parent_span_is_remote: span_kind == SpanKind::Server,
            span_kind,
            name: span.name.into(),
            start_time: span.begun,
            end_time: SystemTime::now(),
            attributes,
            dropped_attributes_count: 0,
            events: Default::default(),
            links: Default::default(),
            status: span.error.map_or(Status::Unset, Status::error),
            instrumentation_scope: InstrumentationScope::builder("smsmux").build(),
        });
    }

    /// Sends what is left, and waits for it: not from a thread that others need.
    pub fn flush() {
        if let Some(Err(error)) = PROCESSOR.get().map(SpanProcessor::force_flush) {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

#[cfg(not(feature = "otlp"))]
mod export {
    /// Says that this build cannot.
    ///
    /// # Errors
    /// Always.
    pub fn start(_endpoint: &str) -> Result<(), String> {
        Err("cannot export spans: this smsmux was built without the feature otlp".to_owned())
    }

    /// Whether spans go anywhere.
    pub const fn is_on() -> bool {
        false
    }

    pub(super) fn span(_: &mut crate::otlp::Span) {}

    /// Has nothing left to send.
    pub fn flush() {}
}

pub use export::{flush, is_on, start};
