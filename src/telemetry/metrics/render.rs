//! The text formats in which metrics are served.

use prometheus_client::encoding::text;

use super::METRICS;

/// A text format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The text format of Prometheus.
    Text,
    /// OpenMetrics.
    OpenMetrics,
}

impl Format {
    /// Returns the format that an `Accept` header prefers: OpenMetrics if it is named with no lower weight than plain
    /// text.
    pub fn accepted(accept: &str) -> Self {
        let (mut text, mut open_metrics) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
            if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
                open_metrics = f64::max(open_metrics, weight);
            } else if media_type.eq_ignore_ascii_case("text/plain") {
                text = f64::max(text, weight);
            }
        }
        if open_metrics > 0.0 && open_metrics >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Renders all metrics in a text format.
///
/// # Errors
/// Formatting failed, which does not happen in practice.
pub fn render(format: Format) -> Result<String, std::fmt::Error> {
    let mut text = String::with_capacity(16 << 10);
    text::encode(&mut text, &METRICS.registry)?;
    Ok(if format == Format::Text { in_text_format(&text) } else { text })
}

/// Converts OpenMetrics to the older format, in which a counter has the name of its samples, with `_total`, and which
/// ends without a mark.
fn in_text_format(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // The older format has the HELP line before the TYPE line.
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' ')) {
            let total = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                text += &format!("# HELP {name}{total} {help}\n");
            }
            text += &format!("# TYPE {name}{total} {kind}\n");
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, time::Duration};

    use super::{super::Rpc, *};

    #[test]
    fn the_older_format_is_valid() {
        Rpc::new("a.Test/Format", "unary").handled(0, Duration::from_millis(3));
        let text = render(Format::Text).expect("a text");
        for line in [
            "# HELP grpc_server_handled_total Calls ended, streams at their end.",
            "# TYPE grpc_server_handled_total counter",
            "# TYPE grpc_server_handling_seconds histogram",
            "# TYPE smsmux_calls_shed_total counter",
            "# TYPE smsmux_calls_waiting gauge",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(!text.contains("EOF") && text.ends_with('\n'), "{text}");
        // Every sample belongs to a type that was declared under its name.
        let types: HashMap<_, _> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().expect("a name");
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let declared = types.get(name).copied().or_else(|| types.get(base?).copied());
            assert!(declared.is_some_and(|kind| (kind == "histogram") != types.contains_key(name)), "{line}");
        }
    }

    #[test]
    fn open_metrics_is_written_if_the_client_accepts_it() {
        for accept in [
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "text/html, Application/OpenMetrics-Text;q=0.1",
        ] {
            assert_eq!(Format::accepted(accept), Format::OpenMetrics, "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/plain",
            "text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.1",
            "application/openmetrics-text;q=0",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        ] {
            assert_eq!(Format::accepted(accept), Format::Text, "{accept}");
        }
    }
}
