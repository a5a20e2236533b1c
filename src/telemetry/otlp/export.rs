//! The queue of spans, and the exporter that sends them to the collector in batches.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceContextExt, TraceState},
};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    resource::TelemetryResourceDetector,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingDecision, ShouldSample, SpanData, SpanProcessor},
};
use uuid::Uuid;

use super::{Span, Work, attributes, environment::Settings};
use crate::{
    config::Problem,
    telemetry::{incidents::Incident, metrics::VERSION},
};

static PROCESSOR: OnceLock<Queue> = OnceLock::new();

/// How many spans wait for the exporter. The processor does not report those that it drops.
static WAITING: AtomicUsize = AtomicUsize::new(0);

struct Queue {
    processor: BatchSpanProcessor,
    room: usize,
    sampler: Sampler,
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

/// Adds every one of OpenTelemetry's environment variables with a bad value to `problems`, if there is a collector.
pub fn check(configured: Option<&str>, variable: impl Fn(&str) -> Option<String>, problems: &mut Vec<Problem>) {
    problems.extend(Settings::read(configured, variable).err().into_iter().flatten());
}

/// Starts sending spans to the collector at the configured address, or at that of OpenTelemetry's environment variables,
/// if there is one.
///
/// # Errors
/// Every variable with a bad value, which [`check`] finds before.
pub fn start(configured: Option<&str>) -> Result<(), Vec<Problem>> {
    let settings = Settings::read(configured, |name| env::var(name).ok())?;
    let Some(Settings { endpoint, tls, sampler, attributes, room }) = settings else { return Ok(()) };
    let mut builder = SpanExporter::builder().with_tonic().with_endpoint(&endpoint);
    if let Some(tls) = tls {
        builder = builder.with_tls_config(tls);
    }
    let exporter = builder.build().map_err(|error| {
        vec![Problem { path: "OTEL_EXPORTER_OTLP_*".to_owned(), text: format!("cannot export spans: {error}") }]
    })?;
    let config = BatchConfigBuilder::default().with_max_queue_size(room).build();
    let mut processor = BatchSpanProcessor::builder(Exporter(exporter)).with_batch_config(config).build();
    processor.set_resource(&resource(attributes));
    // A second call is ignored: the process has one collector.
    let _ = PROCESSOR.set(Queue { processor, room, sampler });
    Ok(())
}

/// Returns what describes this process; the attributes of the environment come first.
fn resource(attributes: Vec<KeyValue>) -> Resource {
    let own = [
        KeyValue::new("service.name", "smsmux"),
        KeyValue::new("service.version", VERSION),
        KeyValue::new("service.instance.id", Uuid::now_v7().to_string()),
    ];
    let builder = Resource::builder_empty().with_detector(Box::new(TelemetryResourceDetector));
    builder.with_attributes(own).with_attributes(attributes).build()
}

/// Whether spans are exported.
pub fn is_on() -> bool {
    PROCESSOR.get().is_some()
}

/// Whether the trace of this id is sampled, by the caller's span and whether that is sampled, if there is one.
pub fn samples(id: u128, parent: Option<(u64, bool)>) -> bool {
    PROCESSOR.get().is_some_and(|queue| decide(&queue.sampler, id, parent))
}

pub(super) fn decide(sampler: &Sampler, id: u128, parent: Option<(u64, bool)>) -> bool {
    let id = TraceId::from_bytes(id.to_be_bytes());
    let parent = parent.map(|(span, is_sampled)| {
        let (span, flags) = (SpanId::from_bytes(span.to_be_bytes()), TraceFlags::new(is_sampled.into()));
        Context::new().with_remote_span_context(SpanContext::new(id, span, flags, true, TraceState::NONE))
    });
    let result = sampler.should_sample(parent.as_ref(), id, "", &SpanKind::Server, &[], &[]);
    result.decision == SamplingDecision::RecordAndSample
}

/// Queues a span for export.
pub(super) fn span(span: &mut Span) {
    let Some(Queue { processor, room, .. }) = PROCESSOR.get() else { return };
    let one_more = |waiting| (waiting < *room).then_some(waiting + 1);
    if WAITING.fetch_update(Relaxed, Relaxed, one_more).is_err() {
        return Incident::QueueFull.note("OTEL_BSP_MAX_QUEUE_SIZE");
    }
    let span_kind = match span.work {
        Work::Claim(_) => SpanKind::Internal,
        Work::Call { .. } => SpanKind::Server,
        Work::Request { .. } => SpanKind::Client,
    };
    let (trace, id) = (TraceId::from_bytes(span.trace.to_be_bytes()), SpanId::from_bytes(span.id.to_be_bytes()));
    processor.on_end(SpanData {
        span_context: SpanContext::new(trace, id, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: SpanId::from_bytes(span.parent.to_be_bytes()),
        parent_span_is_remote: span_kind == SpanKind::Server,
        span_kind,
        name: span.name.into(),
        start_time: span.begun,
        end_time: SystemTime::now(),
        attributes: attributes::of(span),
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status: span.error.map_or(Status::Unset, Status::error),
        instrumentation_scope: InstrumentationScope::builder("smsmux").with_version(VERSION).build(),
    });
}

/// Sends the remaining spans. Blocks, so it must not run on a thread that others need.
pub fn flush() {
    if let Some(Err(error)) = PROCESSOR.get().map(|queue| queue.processor.force_flush()) {
        tracing::warn!(%error, "the last spans were not exported");
    }
}
