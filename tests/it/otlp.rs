//! What an OpenTelemetry collector hears.

use crate::support::process::{run, smsmux};

#[cfg(feature = "otlp")]
mod with_the_feature {
    use std::collections::BTreeMap;

    use opentelemetry_proto::tonic::{
        collector::trace::v1::{
            ExportTraceServiceRequest, ExportTraceServiceResponse,
            trace_service_server::{TraceService, TraceServiceServer},
        },
        common::v1::{KeyValue, any_value::Value},
        trace::v1::{Span, span::SpanKind, status::StatusCode},
    };
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use smsmux::api::pb::{GetMessageRequest, SendMessageRequest, message_service_client::MessageServiceClient};
    use tokio::{net::TcpListener, sync::mpsc};
    use tokio_stream::wrappers::TcpListenerStream;
    use tonic::{
        Code, Request, Response, Status,
        codec::CompressionEncoding,
        transport::{Certificate, Channel, Identity, Server, ServerTlsConfig},
    };
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

    use super::{run, smsmux};
    use crate::support::{
        NUMBER, connect, in_time, loopback, message,
        process::{Running, serving},
        refusing, scrape,
    };

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    type Heard = mpsc::UnboundedReceiver<Request<ExportTraceServiceRequest>>;

    /// A collector's stand-in.
    struct Collector(mpsc::UnboundedSender<Request<ExportTraceServiceRequest>>);

    #[tonic::async_trait]
    impl TraceService for Collector {
        async fn export(
            &self,
            request: Request<ExportTraceServiceRequest>,
        ) -> Result<Response<ExportTraceServiceResponse>, Status> {
            self.0.send(request).expect("the test listens");
            Ok(Response::new(ExportTraceServiceResponse::default()))
        }
    }

    impl Collector {
        /// Its address, and what it hears.
        async fn start() -> (String, Heard) {
            let (port, hearing) = Self::with(Server::builder()).await;
            (format!("http://127.0.0.1:{port}"), hearing)
        }

        /// Its port, and what it hears, with a server of these settings.
        async fn with(mut server: Server) -> (u16, Heard) {
            let (heard, hearing) = mpsc::unbounded_channel();
            let listener = TcpListener::bind(loopback()).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let service = TraceServiceServer::new(Self(heard)).accept_compressed(CompressionEncoding::Gzip);
            tokio::spawn(server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener)));
            (port, hearing)
        }
    }

    /// A gateway before all stand-ins, which exports to this collector.
    async fn gateway(collector: &str) -> (Running, MessageServiceClient<Channel>) {
        let (gateway, channel) = started(&[("SMSMUX_TRACING_OTLP_ENDPOINT", collector)]).await;
        (gateway, MessageServiceClient::new(channel))
    }

    /// A gateway before all stand-ins in this environment.
    async fn started(environment: &[(&str, &str)]) -> (Running, Channel) {
        let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
        let mut gateway = Running::start(command.envs(environment.iter().copied()));
        let address = gateway.until(serving);
        (gateway, connect(address.parse().unwrap()).await)
    }

    /// A request of a caller's trace, which is sampled there.
    fn traced<T>(message: T) -> Request<T> {
        with(&format!("00-{TRACE}-{PARENT}-01"), message)
    }

    fn with<T>(traceparent: &str, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
        request.metadata_mut().insert("x-request-id", "order-17".parse().unwrap());
        request
    }

    /// Everything that was heard, once the gateway has ended: the attributes of the resource, and the spans.
    fn heard(mut hearing: Heard) -> (BTreeMap<String, String>, Vec<Span>) {
        let mut heard = Vec::new();
        while let Ok(more) = hearing.try_recv() {
            heard.extend(more.into_inner().resource_spans);
        }
        let all = format!("{heard:?}");
        for secret in [NUMBER, &NUMBER[1..], "Hello", "secret", "Bearer"] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
        let resource = heard.first().map(|heard| attributes(&heard.resource.as_ref().unwrap().attributes));
        let scopes = heard.into_iter().flat_map(|resource| resource.scope_spans);
        (resource.unwrap_or_default(), scopes.flat_map(|scope| scope.spans).collect())
    }

    fn hex(id: &[u8]) -> String {
        id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The attributes, in the form of `key=value`.
    fn attributes(given: &[KeyValue]) -> BTreeMap<String, String> {
        let text = |value: &Value| match value {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        let value = |pair: &KeyValue| text(pair.value.as_ref().unwrap().value.as_ref().unwrap());
        given.iter().map(|pair| (pair.key.clone(), value(pair))).collect()
    }

    fn pairs(given: &[(&str, &str)]) -> BTreeMap<String, String> {
        given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn only<'a>(spans: &'a [Span], name: &str, trace: Option<&str>) -> &'a Span {
        let is = |span: &&Span| span.name == name && trace.is_none_or(|trace| hex(&span.trace_id) == trace);
        let found: Vec<_> = spans.iter().filter(is).collect();
        assert_eq!(found.len(), 1, "{name}: {spans:#?}");
        found[0]
    }

    /// Sends until spans are lost for a cause.
    async fn loses(collector: &str, cause: &str, environment: &[(&str, &str)]) {
        let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
        command.env("SMSMUX_TRACING_OTLP_ENDPOINT", collector).env("SMSMUX_METRICS_LISTEN", "127.0.0.1:0");
        let mut gateway = Running::start(command.envs(environment.iter().copied()));
        let metrics = gateway.until(|line| {
            let (_, rest) = line.split_once("metrics at")?;
            Some(rest.split_once("address=")?.1.trim().to_owned())
        });
        let address = gateway.until(serving);
        let mut messages = MessageServiceClient::new(connect(address.parse().unwrap()).await);
        let series = format!("smsmux_spans_lost_total{{cause=\"{cause}\"}} ");
        let lost = async {
            loop {
                messages.send_message(traced(message())).await.expect("sent");
                if scrape(&metrics).await.contains(&series) {
                    return;
                }
            }
        };
        in_time(lost).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_that_are_lost_are_counted() {
        let (refusing, _kept) = refusing();
        loses(&format!("http://{refusing}"), "export_failed", &[("OTEL_BSP_SCHEDULE_DELAY", "50")]).await;
        // A collector that takes connections and never answers.
        let silent = TcpListener::bind(loopback()).await.unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        loses(&address, "queue_full", &[("OTEL_BSP_MAX_QUEUE_SIZE", "1")]).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_call_and_its_vendor_request_are_exported_by_the_end_of_the_drain() {
        let (collector, hearing) = Collector::start().await;
        let (gateway, mut messages) = gateway(&collector).await;
        messages.send_message(traced(message())).await.expect("sent");
        let nothing = GetMessageRequest { name: "accounts/smsend/messages/1".to_owned() };
        messages.get_message(nothing).await.expect_err("no such message");
        gateway.stop("TERM").with(0);

        let (resource, spans) = heard(hearing);
        assert_eq!((&*resource["service.name"], &*resource["telemetry.sdk.language"]), ("smsmux", "rust"));
        assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
        assert!(uuid::Uuid::parse_str(&resource["service.instance.id"]).is_ok(), "{resource:?}");

        let call = only(&spans, "smsmux.v1.MessageService/SendMessage", Some(TRACE));
        assert_eq!((call.kind(), hex(&call.parent_span_id).as_str()), (SpanKind::Server, PARENT));
        assert!(call.start_time_unix_nano < call.end_time_unix_nano);
        let mut given = attributes(&call.attributes);
        assert!(given.remove("server.port").is_some_and(|port| port.parse::<u16>().is_ok()));
        let expected = [
            ("rpc.system.name", "grpc"),
            ("rpc.system", "grpc"),
            ("rpc.service", "smsmux.v1.MessageService"),
            ("rpc.method", "smsmux.v1.MessageService/SendMessage"),
            ("rpc.response.status_code", "OK"),
            ("rpc.grpc.status_code", "0"),
            ("server.address", "127.0.0.1"),
            ("smsmux.account", "smsend"),
            ("smsmux.request_id", "order-17"),
        ];
        assert_eq!(given, pairs(&expected));

        let request = only(&spans, "POST /sms", Some(TRACE));
        assert_eq!((request.kind(), &request.parent_span_id), (SpanKind::Client, &call.span_id));
        assert!(request.start_time_unix_nano >= call.start_time_unix_nano);
        let mut given = attributes(&request.attributes);
        assert!(given.remove("server.port").is_some_and(|port| port.parse::<u16>().is_ok()));
        let expected = [
            ("http.request.method", "POST"),
            ("http.response.status_code", "201"),
            ("url.scheme", "http"),
            ("url.template", "/sms"),
            ("server.address", "127.0.0.1"),
            ("smsmux.account", "smsend"),
        ];
        assert_eq!(given, pairs(&expected));
        assert_eq!(request.status.clone().unwrap_or_default().code(), StatusCode::Unset);

        // Who sent no trace begins one here.
        let call = only(&spans, "smsmux.v1.MessageService/GetMessage", None);
        assert_eq!(call.parent_span_id, Vec::<u8>::new());
        assert_ne!(hex(&call.trace_id), TRACE);
        let given = attributes(&call.attributes);
        assert_eq!(given["rpc.grpc.status_code"], (Code::NotFound as i32).to_string());
        assert_eq!(
            (&*given["rpc.response.status_code"], &*given["smsmux.reason"]),
            ("NOT_FOUND", "RESOURCE_NOT_FOUND")
        );
        // What the caller did wrong is no error of the server.
        assert!(!given.contains_key("error.type"), "{given:?}");
        let below: Vec<_> = spans.iter().filter(|span| span.parent_span_id == call.span_id).collect();
        assert_eq!(below.len(), 1, "{spans:#?}");
        assert_eq!(below[0].trace_id, call.trace_id);
        assert_eq!(below[0].status.clone().unwrap_or_default().code(), StatusCode::Error, "{below:?}");
        let given = attributes(&below[0].attributes);
        assert_eq!((&*given["error.type"], &*given["url.template"]), ("404", "/sms/{order_id}"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_failed_call_has_its_reason_and_a_repeated_request_its_number() {
        let (collector, hearing) = Collector::start().await;
        // Nobody is at this address, so a read is repeated.
        let (nobody, _socket) = refusing();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("smsmux.toml");
        let account = format!("vendor = 'lox24'\nbase_url = 'http://{nobody}'\ntoken = '1234567:secret'\npoll = false");
        std::fs::write(&file, format!("[accounts.acme]\n{account}\n")).unwrap();
        let command = &mut smsmux(&["serve", "--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()]);
        let mut gateway = Running::start(command.env("SMSMUX_TRACING_OTLP_ENDPOINT", &collector));
        let address = gateway.until(serving);
        let mut messages = MessageServiceClient::new(connect(address.parse().unwrap()).await);
        let send = SendMessageRequest { parent: "accounts/acme".to_owned(), sender: "acme".to_owned(), ..message() };
        let status = in_time(messages.send_message(traced(send))).await.expect_err("nobody is there");
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        gateway.stop("TERM").with(0);

        let (_, spans) = heard(hearing);
        let call = only(&spans, "smsmux.v1.MessageService/SendMessage", Some(TRACE));
        let given = attributes(&call.attributes);
        assert_eq!((&*given["error.type"], &*given["smsmux.reason"]), ("VENDOR_UNAVAILABLE", "VENDOR_UNAVAILABLE"));
        assert_eq!(call.status.clone().unwrap_or_default().code(), StatusCode::Error);
        let requests: Vec<_> = spans.iter().filter(|span| span.kind() == SpanKind::Client).collect();
        let resends: Vec<_> =
            requests.iter().map(|span| attributes(&span.attributes).remove("http.request.resend_count")).collect();
        assert_eq!(resends, [None, Some("1".to_owned()), Some("2".to_owned())]);
        assert_eq!(attributes(&requests[0].attributes)["error.type"], "not_sent");
        assert_eq!(attributes(&requests[0].attributes)["server.port"], nobody.port().to_string());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_trace_that_its_caller_does_not_sample_is_not_exported_unless_the_sampler_says_so() {
        let unsampled = format!("00-{TRACE}-{PARENT}-00");
        for (sampler, expected) in [("", false), ("always_on", true), ("always_off", false)] {
            let (collector, hearing) = Collector::start().await;
            let environment = [("SMSMUX_TRACING_OTLP_ENDPOINT", &*collector), ("OTEL_TRACES_SAMPLER", sampler)];
            let (gateway, channel) = started(&environment).await;
            // Probes are left out whatever the sampler says.
            HealthClient::new(channel.clone()).check(with(&unsampled, HealthCheckRequest::default())).await.unwrap();
            MessageServiceClient::new(channel).send_message(with(&unsampled, message())).await.expect("sent");
            gateway.stop("TERM").with(0);
            let names: Vec<_> = heard(hearing).1.into_iter().map(|span| span.name).collect();
            assert_eq!(names.iter().any(|name| name.ends_with("/SendMessage")), expected, "{sampler}: {names:?}");
            assert!(!names.iter().any(|name| name.contains("Health")), "{sampler}: {names:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_standard_variables_lead_to_a_collector_with_tls_headers_and_compression() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let sign = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new([name.to_owned()]).unwrap();
            (params.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem())
        };
        let (certificate, key) = sign("localhost");
        let tls = ServerTlsConfig::new().identity(Identity::from_pem(certificate, key));
        let tls = tls.client_ca_root(Certificate::from_pem(&authority));
        let (port, mut hearing) = Collector::with(Server::builder().tls_config(tls).unwrap()).await;
        let (certificate, key) = sign("smsmux.internal");

        let (gateway, channel) = started(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("https://localhost:{port}")),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", &file("ca.pem", &authority)),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &file("cert.pem", &certificate)),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &file("key.pem", &key)),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=a%20key,x-team=sms"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=te%20st,service.instance.id=pod-7"),
            ("OTEL_SERVICE_NAME", "sms"),
        ])
        .await;
        MessageServiceClient::new(channel).send_message(message()).await.expect("sent");
        gateway.stop("TERM").with(0);

        let first = hearing.try_recv().expect("spans");
        let header = |name| first.metadata().get(name).map(|value| value.to_str().unwrap());
        assert_eq!((header("x-api-key"), header("x-team")), (Some("a key"), Some("sms")));
        assert_eq!(header("grpc-encoding"), Some("gzip"));
        let resource = attributes(&first.get_ref().resource_spans[0].resource.as_ref().unwrap().attributes);
        assert_eq!((&*resource["service.name"], &*resource["service.instance.id"]), ("sms", "pod-7"));
        assert_eq!(resource["deployment.environment.name"], "te st");
    }

    #[test]
    fn every_bad_variable_is_named_at_once_and_no_secret() {
        let bad = [
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization: Bearer hunter2"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ];
        let account = [("VENDOR", "smspartner"), ("API_KEY", "key")];
        let account = account.map(|(key, value)| (format!("SMSMUX_ACCOUNTS_ACME_{key}"), value));
        for arguments in [&["serve", "--sandbox"][..], &["check"]] {
            let mut command = smsmux(arguments);
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector").envs(account.clone());
            let ended = run(command.envs(bad)).with(64);
            assert!(ended.stderr.contains("the configuration has 4 problems:"), "{ended:#?}");
            for (name, _) in bad {
                assert!(ended.stderr.contains(&format!("  {name}: ")), "{name}: {ended:#?}");
            }
            assert!(!ended.all().contains("hunter2"), "{ended:#?}");
        }
        // Without a collector nobody reads them.
        run(smsmux(&["check"]).envs(account).envs(bad)).with(0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_collector_that_is_away_holds_up_no_call_and_no_end() {
        let (nobody, _socket) = refusing();
        let (gateway, mut messages) = gateway(&format!("http://{nobody}")).await;
        in_time(messages.send_message(message())).await.expect("sent");
        let ended = gateway.stop("TERM").with(0);
        assert!(ended.all().contains("the last spans were not exported"), "{ended:#?}");
    }

    #[test]
    fn what_is_no_address_is_a_problem() {
        for bad in ["127.0.0.1:4317", "ftp://collector", "http://me:hunter2@collector"] {
            let command = &mut smsmux(&["serve", "--sandbox"]);
            let ended = run(command.env("SMSMUX_TRACING_OTLP_ENDPOINT", bad)).with(64);
            assert!(ended.stderr.contains("tracing.otlp_endpoint: must be an address"), "{ended:#?}");
            assert!(!ended.all().contains("hunter2"), "{ended:#?}");
        }
    }
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_build_without_the_feature_refuses_an_endpoint_and_says_what_would_do() {
    let command = &mut smsmux(&["serve", "--sandbox"]);
    let ended = run(command.env("SMSMUX_TRACING_OTLP_ENDPOINT", "http://127.0.0.1:4317")).with(64);
    assert!(ended.stderr.contains("tracing.otlp_endpoint: ") && ended.stderr.contains("--features otlp"), "{ended:#?}");
}
