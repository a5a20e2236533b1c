//! OpenTelemetry's standard environment variables. The libraries ignore bad values; here they are problems.

use std::{fs, str::FromStr};

use http::{HeaderName, HeaderValue};
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::Sampler;
use percent_encoding::percent_decode_str;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::config::{Problem, Tracing};

/// The default limit of waiting spans, by the specification.
const QUEUE_SIZE: usize = 2048;

/// How spans are exported. The exporter reads headers, timeout and compression from the environment by itself, and the
/// processor the limits of a batch.
#[derive(Debug)]
pub(super) struct Settings {
    /// The address of the collector.
    pub(super) endpoint: String,
    /// TLS, for an address of https.
    pub(super) tls: Option<ClientTlsConfig>,
    /// Decides which traces are exported.
    pub(super) sampler: Sampler,
    /// The attributes of the resource.
    pub(super) attributes: Vec<KeyValue>,
    /// The limit of waiting spans.
    pub(super) room: usize,
}

impl Settings {
    /// Reads the variables. Returns `None` if no spans are exported: there is no address of a collector, or a variable
    /// turns them off.
    ///
    /// # Errors
    /// Every variable with a bad value.
    pub(super) fn read(
        configured: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Vec<Problem>> {
        let mut variables = Variables { variable, problems: Vec::new() };
        let Some(endpoint) = variables.endpoint(configured) else { return Ok(None) };
        if variables.are_off() {
            return Ok(None);
        }
        variables.check_exporter();
        let tls = variables.tls().filter(|_| endpoint.starts_with("https:"));
        let sampler = variables.sampler();
        let attributes = variables.attributes();
        let room = variables.limits();
        if variables.problems.is_empty() {
            Ok(Some(Self { endpoint, tls, sampler, attributes, room }))
        } else {
            Err(variables.problems)
        }
    }
}

/// The environment, and the problems found in it.
struct Variables<F> {
    variable: F,
    problems: Vec<Problem>,
}

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// Returns a variable's value. An empty one counts as unset.
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    /// Returns a setting of the exporter, with the name of its variable: that for traces, or else that for all signals.
    fn exporter(&self, setting: &str) -> Option<(String, String)> {
        let names = ["TRACES_", ""].map(|signal| format!("OTEL_EXPORTER_OTLP_{signal}{setting}"));
        names.into_iter().find_map(|name| self.get(&name).map(|value| (name, value)))
    }

    fn problem(&mut self, name: &str, text: impl Into<String>) {
        self.problems.push(Problem { path: name.to_owned(), text: text.into() });
    }

    fn endpoint(&mut self, configured: Option<&str>) -> Option<String> {
        if let Some(configured) = configured {
            return Some(configured.to_owned());
        }
        let (name, endpoint) = self.exporter("ENDPOINT")?;
        if !Tracing::is_endpoint(&endpoint) {
            self.problem(&name, Tracing::ENDPOINT);
        }
        Some(endpoint)
    }

    fn are_off(&self) -> bool {
        let is = |name, off: &str| self.get(name).is_some_and(|value| value.eq_ignore_ascii_case(off));
        is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none")
    }

    /// Checks what the exporter reads by itself.
    fn check_exporter(&mut self) {
        if self.get("OTEL_TRACES_EXPORTER").is_some_and(|exporter| exporter != "otlp") {
            self.problem("OTEL_TRACES_EXPORTER", "must be otlp or none");
        }
        if let Some((name, _)) = self.exporter("PROTOCOL").filter(|(_, protocol)| protocol != "grpc") {
            self.problem(&name, "must be grpc: spans are exported over gRPC alone");
        }
        if let Some((name, compression)) = self.exporter("COMPRESSION")
            && !["gzip", "none"].iter().any(|known| compression.eq_ignore_ascii_case(known))
        {
            self.problem(&name, "must be gzip or none");
        }
        if let Some((name, timeout)) = self.exporter("TIMEOUT") {
            self.above_zero(&name, &timeout);
        }
        if let Some((name, headers)) = self.exporter("HEADERS") {
            let is_header = |(key, value): (&str, String)| {
                HeaderName::from_str(key).is_ok() && HeaderValue::from_str(&value).is_ok()
            };
            // No value is repeated: headers hold credentials.
            if !pairs(&headers).all(|pair| pair.is_some_and(is_header)) {
                self.problem(&name, "must be headers as name=value, separated by commas");
            }
        }
    }

    fn tls(&mut self) -> Option<ClientTlsConfig> {
        let is_certificates = |pem: &[u8]| {
            let mut certificates = CertificateDer::pem_slice_iter(pem).peekable();
            certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
        };
        let ca = self.file("CERTIFICATE", "a certificate", is_certificates);
        let certificate = self.file("CLIENT_CERTIFICATE", "a certificate", is_certificates);
        let key = self.file("CLIENT_KEY", "a private key", |pem| PrivateKeyDer::from_pem_slice(pem).is_ok());
        for (given, missing) in [("CLIENT_CERTIFICATE", "CLIENT_KEY"), ("CLIENT_KEY", "CLIENT_CERTIFICATE")] {
            if let (Some((name, _)), None) = (self.exporter(given), self.exporter(missing)) {
                let missing = name.replace(given, missing);
                self.problem(&missing, format!("is missing: {name} is set"));
            }
        }
        let tls = ClientTlsConfig::new();
        let tls = match ca {
            Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
            None => tls.with_enabled_roots(),
        };
        Some(match certificate.zip(key) {
            Some((certificate, key)) => tls.identity(Identity::from_pem(certificate, key)),
            None => tls,
        })
    }

    /// Reads a PEM file.
    fn file(&mut self, setting: &str, what: &str, is_valid: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        let (name, path) = self.exporter(setting)?;
        match fs::read(path) {
            Ok(pem) if is_valid(&pem) => return Some(pem),
            Ok(_) => self.problem(&name, format!("the file does not hold {what} in PEM")),
            Err(error) => self.problem(&name, format!("the file cannot be read: {error}")),
        }
        None
    }

    fn sampler(&mut self) -> Sampler {
        const NAME: &str = "OTEL_TRACES_SAMPLER";
        let name = self.get(NAME).unwrap_or_else(|| "parentbased_always_on".to_owned());
        let (root, is_parent_based) = match name.strip_prefix("parentbased_") {
            Some(root) => (root, true),
            None => (&*name, false),
        };
        let root = match root {
            "always_on" => Sampler::AlwaysOn,
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => Sampler::TraceIdRatioBased(self.ratio()),
            _ => {
                self.problem(
                    NAME,
                    "must be always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                     parentbased_traceidratio",
                );
                Sampler::AlwaysOff
            }
        };
        if is_parent_based { Sampler::ParentBased(Box::new(root)) } else { root }
    }

    fn ratio(&mut self) -> f64 {
        const NAME: &str = "OTEL_TRACES_SAMPLER_ARG";
        let Some(ratio) = self.get(NAME) else { return 1.0 };
        match ratio.trim().parse() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => ratio,
            _ => {
                self.problem(NAME, "must be a number from 0 to 1");
                1.0
            }
        }
    }

    fn attributes(&mut self) -> Vec<KeyValue> {
        const NAME: &str = "OTEL_RESOURCE_ATTRIBUTES";
        let given = self.get(NAME).unwrap_or_default();
        let pairs: Option<Vec<_>> = pairs(&given).collect();
        if pairs.is_none() {
            self.problem(NAME, "must be attributes as key=value, separated by commas, with values percent-encoded");
        }
        let service = self.get("OTEL_SERVICE_NAME").map(|name| KeyValue::new("service.name", name));
        let given = pairs.into_iter().flatten().map(|(key, value)| KeyValue::new(key.to_owned(), value));
        // The last one with a key counts.
        given.chain(service).collect()
    }

    /// Checks the limits of a batch; returns that of the queue.
    fn limits(&mut self) -> usize {
        let mut limit = |name| self.get(name).and_then(|value| self.above_zero(name, &value));
        limit("OTEL_BSP_SCHEDULE_DELAY");
        limit("OTEL_BSP_EXPORT_TIMEOUT");
        limit("OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
        limit("OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(QUEUE_SIZE)
    }

    fn above_zero(&mut self, name: &str, value: &str) -> Option<usize> {
        let number = value.parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            self.problem(name, "must be a whole number above 0");
        }
        number
    }
}

/// Reads a list of `key=value`, with percent-encoded values; `None` in place of each that is malformed.
fn pairs(text: &str) -> impl Iterator<Item = Option<(&str, String)>> {
    text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        Some((key.trim(), value.into_owned())).filter(|(key, _)| !key.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::{super::export::decide, *};

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");

    fn read(given: &[(&str, &str)]) -> Result<Option<Settings>, Vec<Problem>> {
        Settings::read(None, |name| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_sampler_is_the_one_that_is_named() {
        // Half of the ids are below the middle, by which a ratio decides.
        let (low, high) = (1, u128::from(u64::MAX));
        let (sampled, unsampled) = (Some((7, true)), Some((7, false)));
        for (name, argument, root, under) in [
            ("", "", [true, true], [true, false]),
            ("always_on", "", [true, true], [true, true]),
            ("always_off", "", [false, false], [false, false]),
            ("traceidratio", "0.5", [true, false], [true, true]),
            ("parentbased_always_on", "0", [true, true], [true, false]),
            ("parentbased_always_off", "", [false, false], [true, false]),
            ("parentbased_traceidratio", "0.5", [true, false], [true, false]),
            ("parentbased_traceidratio", "0", [false, false], [true, false]),
        ] {
            let given = [ENDPOINT, ("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
            let sampler = read(&given).expect("settings").expect("an endpoint").sampler;
            assert_eq!([low, high].map(|id| decide(&sampler, id, None)), root, "{name}");
            assert_eq!([sampled, unsampled].map(|parent| decide(&sampler, low, parent)), under, "{name}");
        }
    }

    #[test]
    fn nothing_is_exported_without_an_address_or_when_it_is_turned_off() {
        assert!(read(&[("OTEL_TRACES_SAMPLER", "nonsense")]).expect("no problem").is_none());
        for off in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none"), (ENDPOINT.0, "")] {
            assert!(read(&[off, ENDPOINT]).expect("no problem").is_none(), "{off:?}");
        }
    }

    #[test]
    fn the_variable_for_traces_precedes_that_for_all_signals() {
        let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example.com");
        let settings = read(&[ENDPOINT, traces]).expect("settings").expect("an endpoint");
        assert_eq!((&*settings.endpoint, settings.tls.is_some()), (traces.1, true));
        let settings =
            Settings::read(Some("http://configured"), |name| (name == ENDPOINT.0).then(|| ENDPOINT.1.into()));
        assert_eq!(settings.expect("settings").expect("an endpoint").endpoint, "http://configured");
    }

    #[test]
    fn every_bad_value_is_a_problem() {
        let bad = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "brotli"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10s"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization: Bearer secret"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/no/such"),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "10"),
            ("OTEL_RESOURCE_ATTRIBUTES", "region"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ];
        let problems = read(&bad).expect_err("problems");
        let mut found: Vec<_> = problems.iter().map(|problem| &*problem.path).collect();
        let mut expected: Vec<_> =
            bad.iter().map(|(name, _)| *name).filter(|name| *name != "OTEL_TRACES_SAMPLER").collect();
        expected.push("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE");
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert!(!format!("{problems:?}").contains("secret"), "{problems:?}");
        let problems = read(&[ENDPOINT, ("OTEL_TRACES_SAMPLER", "sometimes")]).expect_err("a problem");
        assert_eq!(problems[0].path, "OTEL_TRACES_SAMPLER");
    }
}
