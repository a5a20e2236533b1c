//! Spans for an OpenTelemetry collector: one per call, and under it one per vendor request and per claim of the store.
//!
//! Their ids are those of [`Trace`](crate::telemetry::trace::Trace), so that spans match the traces of callers and
//! vendors. Without the feature `otlp`, or an endpoint, no spans are created.

use std::time::SystemTime;

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
    /// When the work began.
    pub begun: SystemTime,
    /// The id of the account, if known.
    pub account: Option<String>,
    /// The error, if the work failed.
    pub error: Option<&'static str>,
}

/// The kind of work and its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A call, with its gRPC status.
    Call(tonic::Code),
    /// A request to a vendor, with the HTTP status if there was a response.
    Request(Option<http::StatusCode>),
    /// A question to the store whether a write may be sent, with the answer.
    Claim(Option<&'static str>),
}

impl Drop for Span {
    fn drop(&mut self) {
        export::span(self);
    }
}

#[cfg(feature = "otlp")]
mod export {
    use std::{
        env,
        sync::{
            OnceLock,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
        time::{Duration, SystemTime},
    };

    use opentelemetry::{
        InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, SpanKind, Status, TraceState},
    };
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    use opentelemetry_sdk::{
        Resource,
        error::OTelSdkResult,
        trace::{BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanProcessor},
    };

    use crate::telemetry::{
        incidents::Incident,
        otlp::{Span, Work},
    };

    static PROCESSOR: OnceLock<Queue> = OnceLock::new();

    /// The default limit of waiting spans (OpenTelemetry's specification of its environment variables).
    const QUEUE_SIZE: usize = 2048;

    /// How many spans wait for the exporter. The processor does not report those that it drops.
    static WAITING: AtomicUsize = AtomicUsize::new(0);

    struct Queue {
        processor: BatchSpanProcessor,
        room: usize,
    }

    /// Reports the spans that the collector did not accept.
    #[derive(Debug)]
    struct Exporter(SpanExporter);

    impl opentelemetry_sdk::trace::SpanExporter for Exporter {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            let count = batch.len();
            WAITING.fetch_sub(count, Relaxed);
            let exported = self.0.export(batch).await;
            if let Err(error) = &exported {
                Incident::ExportFailed.note_many(count as u64, error);
            }
            exported
        }

        fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
            self.0.shutdown_with_timeout(timeout)
        }

        fn force_flush(&self) -> OTelSdkResult {
            self.0.force_flush()
        }

        fn set_resource(&mut self, resource: &Resource) {
            self.0.set_resource(resource);
        }
    }

    /// Starts sending spans to the collector at this address.
    ///
    /// # Errors
    /// A text for the operator.
    pub fn start(endpoint: &str) -> Result<(), String> {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build();
        let exporter = exporter.map_err(|e| format!("cannot export spans to {endpoint}: {e}"))?;
        let room = env::var("OTEL_BSP_MAX_QUEUE_SIZE").ok().and_then(|size| size.parse().ok()).unwrap_or(QUEUE_SIZE);
        let config = BatchConfigBuilder::default().with_max_queue_size(room).build();
        let mut processor = BatchSpanProcessor::builder(Exporter(exporter)).with_batch_config(config).build();
        processor.set_resource(&Resource::builder().with_service_name("smsmux").build());
        // A second call is ignored: the process has one collector.
        let _ = PROCESSOR.set(Queue { processor, room });
        Ok(())
    }

    /// Whether spans are exported.
    pub fn is_on() -> bool {
        PROCESSOR.get().is_some()
    }

    /// Queues a span for export.
    pub(super) fn span(span: &mut Span) {
        let Some(Queue { processor, room }) = PROCESSOR.get() else { return };
        let one_more = |waiting| (waiting < *room).then_some(waiting + 1);
        if WAITING.fetch_update(Relaxed, Relaxed, one_more).is_err() {
            return Incident::QueueFull.note("OTEL_BSP_MAX_QUEUE_SIZE");
        }
        let mut attributes = Vec::with_capacity(3);
        let (span_kind, status) = match span.work {
            Work::Claim(answer) => {
                attributes.extend(answer.map(|answer| KeyValue::new("smsmux.store.answer", answer)));
                (SpanKind::Internal, None)
            }
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

    /// Sends the remaining spans. Blocks, so it must not run on a thread that others need.
    pub fn flush() {
        if let Some(Err(error)) = PROCESSOR.get().map(|queue| queue.processor.force_flush()) {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

#[cfg(not(feature = "otlp"))]
mod export {
    /// Returns that this build cannot export spans.
    ///
    /// # Errors
    /// Always.
    pub fn start(_endpoint: &str) -> Result<(), String> {
        Err("cannot export spans: this smsmux was built without the feature otlp".to_owned())
    }

    /// Whether spans are exported.
    pub const fn is_on() -> bool {
        false
    }

    pub(super) fn span(_: &mut crate::telemetry::otlp::Span) {}

    /// Does nothing, as there are no spans.
    pub fn flush() {}
}

pub use export::{flush, is_on, start};
