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
    use smsmux::api::pb::{GetMessageRequest, message_service_client::MessageServiceClient};
    use tokio::{net::TcpListener, sync::mpsc};
    use tokio_stream::wrappers::TcpListenerStream;
    use tonic::{Code, Request, Response, Status, transport::Channel};

    use super::{run, smsmux};
    use crate::support::{
        NUMBER, connect, in_time, loopback, message,
        process::{Running, serving},
        refusing, scrape,
    };

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    /// A collector's stand-in.
    struct Collector(mpsc::UnboundedSender<ExportTraceServiceRequest>);

    #[tonic::async_trait]
    impl TraceService for Collector {
        async fn export(
            &self,
            request: Request<ExportTraceServiceRequest>,
        ) -> Result<Response<ExportTraceServiceResponse>, Status> {
            self.0.send(request.into_inner()).expect("the test listens");
            Ok(Response::new(ExportTraceServiceResponse::default()))
        }
    }

    impl Collector {
        /// Its address, and what it hears.
        async fn start() -> (String, mpsc::UnboundedReceiver<ExportTraceServiceRequest>) {
            let (heard, hearing) = mpsc::unbounded_channel();
            let listener = TcpListener::bind(loopback()).await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(Self(heard)));
            tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
            (format!("http://{address}"), hearing)
        }
    }

    /// A gateway before all stand-ins, which exports to this collector.
    async fn gateway(collector: &str) -> (Running, MessageServiceClient<Channel>) {
        let command = &mut smsmux(&["serve", "--sandbox", "--listen", "127.0.0.1:0"]);
        let mut gateway = Running::start(command.env("SMSMUX_TRACING_OTLP_ENDPOINT", collector));
        let address = gateway.until(serving);
        (gateway, MessageServiceClient::new(connect(address.parse().unwrap()).await))
    }

    /// A request of a caller's trace, which is not sampled there.
    fn traced<T>(message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{PARENT}-00").parse().unwrap());
        request
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
        let (collector, mut hearing) = Collector::start().await;
        let (gateway, mut messages) = gateway(&collector).await;
        messages.send_message(traced(message())).await.expect("sent");
        let nothing = GetMessageRequest { name: "accounts/smsend/messages/1".to_owned() };
        messages.get_message(nothing).await.expect_err("no such message");
        gateway.stop("TERM").with(0);

        let mut heard = Vec::new();
        while let Ok(more) = hearing.try_recv() {
            heard.extend(more.resource_spans);
        }
        let resource = attributes(&heard[0].resource.as_ref().unwrap().attributes);
        assert_eq!(resource["service.name"], "smsmux");
        let all = format!("{heard:?}");
        for secret in [NUMBER, &NUMBER[1..], "Hello", "secret", "Bearer"] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
        let scopes = heard.into_iter().flat_map(|resource| resource.scope_spans);
        let spans: Vec<_> = scopes.flat_map(|scope| scope.spans).collect();

        let call = only(&spans, "smsmux.v1.MessageService/SendMessage", Some(TRACE));
        assert_eq!((call.kind(), hex(&call.parent_span_id).as_str()), (SpanKind::Server, PARENT));
        assert!(call.start_time_unix_nano < call.end_time_unix_nano);
        let expected = [("rpc.system", "grpc"), ("rpc.grpc.status_code", "0"), ("smsmux.account", "smsend")];
        assert_eq!(attributes(&call.attributes), pairs(&expected));

        let request = only(&spans, "POST /sms", Some(TRACE));
        assert_eq!((request.kind(), &request.parent_span_id), (SpanKind::Client, &call.span_id));
        assert!(request.start_time_unix_nano >= call.start_time_unix_nano);
        let expected = [("http.response.status_code", "201"), ("smsmux.account", "smsend")];
        assert_eq!(attributes(&request.attributes), pairs(&expected));
        assert_eq!(request.status.clone().unwrap_or_default().code(), StatusCode::Unset);

        // Who sent no trace begins one here.
        let call = only(&spans, "smsmux.v1.MessageService/GetMessage", None);
        assert_eq!(call.parent_span_id, Vec::<u8>::new());
        assert_ne!(hex(&call.trace_id), TRACE);
        assert_eq!(attributes(&call.attributes)["rpc.grpc.status_code"], (Code::NotFound as i32).to_string());
        let below: Vec<_> = spans.iter().filter(|span| span.parent_span_id == call.span_id).collect();
        assert_eq!(below.len(), 1, "{spans:#?}");
        assert_eq!(below[0].trace_id, call.trace_id);
        assert_eq!(below[0].status.clone().unwrap_or_default().code(), StatusCode::Error, "{below:?}");
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
        for bad in ["127.0.0.1:4317", "https://collector", "http://me:hunter2@collector"] {
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
