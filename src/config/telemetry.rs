//! The settings of the log, the metrics and the spans.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Keys, LogLevel, Problems};

/// The settings of the log.
#[derive(Debug)]
pub struct Log {
    /// The level or filter.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
    /// Whether phone numbers may be shown.
    pub pii: bool,
}

/// The settings of metrics.
#[derive(Debug)]
pub struct Metrics {
    /// The address to serve `GET /metrics` on; port 0 takes a free one. Without it metrics are not served.
    pub listen: Option<SocketAddr>,
}

/// The settings of tracing.
#[derive(Debug)]
pub struct Tracing {
    /// The address of an OpenTelemetry collector that accepts OTLP over gRPC. Without it no spans are created.
    pub otlp_endpoint: Option<String>,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        Self {
            level: keys.or("level", LogLevel::default(), problems),
            format: keys.or("format", LogFormat::Text, problems),
            pii: keys.or("pii", false, problems),
        }
    }
}

impl Metrics {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        Self { listen: keys.address("listen", problems) }
    }
}

impl Tracing {
    /// What is expected of the address of a collector.
    pub(crate) const ENDPOINT: &str =
        "must be an address such as http://127.0.0.1:4317 or https://collector.example.com:4317, without a user name";

    /// Whether a text is the address of a collector.
    pub(crate) fn is_endpoint(text: &str) -> bool {
        url::Url::parse(text).is_ok_and(|url| {
            let is_plain = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain
        })
    }

    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let otlp_endpoint: Option<String> = keys.optional("otlp_endpoint", problems);
        match &otlp_endpoint {
            Some(_) if !cfg!(feature = "otlp") => {
                keys.problem(
                    "otlp_endpoint",
                    "is not supported: smsmux was built without the feature otlp (cargo build --features otlp)",
                    problems,
                );
            }
            Some(endpoint) if !Self::is_endpoint(endpoint) => {
                keys.problem("otlp_endpoint", Self::ENDPOINT, problems);
            }
            _ => {}
        }
        Self { otlp_endpoint }
    }
}
