//! What Prometheus reads after calls whose ends are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{collections::HashMap, fs};

use futures::{StreamExt, future::join_all};
use http::StatusCode;
use smsmux::{
    api::pb::{
        SendMessageRequest, SendMessageResponse, WatchReceivedMessagesRequest, inbox_service_client::InboxServiceClient,
    },
    telemetry::metrics,
};
use smsmux_sandbox::Fault;
use support::{
    NUMBER, Rig, message,
    process::{Running, serving, smsmux},
};
use tokio::sync::{Mutex, MutexGuard};
use tonic::{Code, Status, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const ON: &str = "[metrics]\nlisten = '127.0.0.1:0'\n";

/// The numbers are the process's: one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A gateway that shows its metrics, with what they are before the test.
struct Seen {
    rig: Rig,
    before: HashMap<String, f64>,
    _alone: MutexGuard<'static, ()>,
}

impl Seen {
    async fn with(sections: &str, account_keys: &str) -> Self {
        let alone = ALONE.lock().await;
        let rig = Rig::with(&format!("{ON}{sections}"), account_keys).await;
        let before = numbers(&scrape(&rig).await);
        Self { rig, before, _alone: alone }
    }

    /// How much every series has grown.
    fn grown(&self, text: &str) -> HashMap<String, f64> {
        let numbers = numbers(text).into_iter();
        numbers.map(|(series, value)| (series.clone(), value - self.before.get(&series).unwrap_or(&0.0))).collect()
    }

    /// Asserts by how much these series have grown.
    async fn expect(&self, expected: &[(&str, f64)]) {
        let grown = self.grown(&scrape(&self.rig).await);
        for (series, growth) in expected {
            assert_eq!(grown.get(*series).copied().unwrap_or_default(), *growth, "{series} in {grown:#?}");
        }
    }
}

async fn scrape(rig: &Rig) -> String {
    scrape_at(&rig.metrics.expect("metrics are on").to_string()).await
}

async fn scrape_at(address: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("http://{address}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    answer.text().await.unwrap()
}

/// The values by series.
fn numbers(text: &str) -> HashMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(series, v)| (series.to_owned(), v.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn recipients_and_segments_are_counted_when_the_vendor_accepts_them() {
    let seen = Seen::with("", "").await;
    let send = SendMessageRequest {
        recipients: vec![NUMBER.to_owned(), "+393477654321".to_owned()],
        text: "a".repeat(161),
        ..message()
    };
    seen.rig.messages().send_message(send.clone()).await.expect("sent");
    seen.rig.answer("POST /sms", 400, "{}");
    seen.rig.messages().send_message(send).await.expect_err("refused");
    seen.expect(&[
        (r#"smsmux_recipients_accepted_total{account="smsend"}"#, 2.0),
        (r#"smsmux_segments_accepted_total{account="smsend"}"#, 4.0),
    ])
    .await;
}

#[tokio::test]
async fn calls_and_vendor_requests_are_counted_by_how_they_ended() {
    let seen = Seen::with("", "").await;
    seen.rig.send().await.expect("sent");
    seen.rig.fault("POST /sms", Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, retry_after: None, body: None });
    assert_eq!(seen.rig.send().await.expect_err("throttled").code(), Code::ResourceExhausted);
    seen.rig.answer("POST /sms", 400, "{}");
    assert_eq!(seen.rig.send().await.expect_err("refused").code(), Code::InvalidArgument);
    let send = r#"grpc_service="smsmux.v1.MessageService",grpc_method="SendMessage",grpc_type="unary""#;
    let sms = r#"account="smsend",operation="POST /sms""#;
    seen.expect(&[
        (&format!("grpc_server_started_total{{{send}}}"), 3.0),
        (&format!(r#"grpc_server_handled_total{{{send},grpc_code="OK"}}"#), 1.0),
        (&format!(r#"grpc_server_handled_total{{{send},grpc_code="ResourceExhausted"}}"#), 1.0),
        (&format!(r#"grpc_server_handled_total{{{send},grpc_code="InvalidArgument"}}"#), 1.0),
        (&format!("grpc_server_handling_seconds_count{{{send}}}"), 3.0),
        (&format!(r#"smsmux_vendor_requests_total{{{sms},outcome="ok"}}"#), 1.0),
        (&format!(r#"smsmux_vendor_requests_total{{{sms},outcome="throttled"}}"#), 1.0),
        (&format!(r#"smsmux_vendor_requests_total{{{sms},outcome="refused"}}"#), 1.0),
        (&format!("smsmux_vendor_request_seconds_count{{{sms}}}"), 3.0),
    ])
    .await;
    let text = scrape(&seen.rig).await;
    assert!(!text.contains(NUMBER.trim_start_matches('+')) && !text.contains("Hello"), "{text}");
    for series in [r#"smsmux_breaker_state{account="smsend"} 0"#, "smsmux_calls_shed_total 0", "smsmux_calls_waiting"] {
        assert!(text.contains(series), "{series} in {text}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_counted() {
    let (_, hash) = smsmux::config::api_key::generate("billing").unwrap();
    let section = format!("[callers.billing]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n");
    let seen = Seen::with(&section, "").await;
    seen.rig.messages().send_message(message()).await.expect_err("no key");
    let send = r#"grpc_service="smsmux.v1.MessageService",grpc_method="SendMessage",grpc_type="unary""#;
    seen.expect(&[
        (&format!("grpc_server_started_total{{{send}}}"), 1.0),
        (&format!(r#"grpc_server_handled_total{{{send},grpc_code="Unauthenticated"}}"#), 1.0),
    ])
    .await;
}

#[tokio::test]
async fn what_no_service_has_is_one_series_and_a_probe_goes_by_its_own_name() {
    let seen = Seen::with("", "").await;
    for path in ["/a.Stranger/Call", "/smsmux.v1.MessageService/Nothing", "/x/y"] {
        let mut client = Grpc::new(seen.rig.channel.clone());
        client.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<_, SendMessageResponse>::default();
        let answer = client.unary(tonic::Request::new(message()), PathAndQuery::from_static(path), codec).await;
        assert_eq!(answer.map(|_| ()).map_err(|s: Status| s.code()), Err(Code::Unimplemented));
    }
    HealthClient::new(seen.rig.channel.clone()).check(HealthCheckRequest::default()).await.unwrap();
    let unknown = r#"grpc_service="unknown",grpc_method="unknown",grpc_type="unary""#;
    let check = r#"grpc_service="grpc.health.v1.Health",grpc_method="Check",grpc_type="unary""#;
    seen.expect(&[
        (&format!("grpc_server_started_total{{{unknown}}}"), 3.0),
        (&format!(r#"grpc_server_handled_total{{{unknown},grpc_code="Unimplemented"}}"#), 3.0),
        (&format!(r#"grpc_server_handled_total{{{check},grpc_code="OK"}}"#), 1.0),
    ])
    .await;
    assert!(!scrape(&seen.rig).await.contains("Stranger"));
}

#[tokio::test]
async fn a_stream_has_ended_when_its_last_word_is_said() {
    let seen = Seen::with("", "").await;
    let request = WatchReceivedMessagesRequest { parent: "accounts/smsend".to_owned(), ..Default::default() };
    let watching = InboxServiceClient::new(seen.rig.channel.clone()).watch_received_messages(request).await;
    let mut stream = watching.expect("a stream").into_inner();
    let watch =
        r#"grpc_service="smsmux.v1.InboxService",grpc_method="WatchReceivedMessages",grpc_type="server_stream""#;
    let ended = format!(r#"grpc_server_handled_total{{{watch},grpc_code="Unavailable"}}"#);
    seen.expect(&[(&format!("grpc_server_started_total{{{watch}}}"), 1.0), (&ended, 0.0)]).await;
    seen.rig.stop();
    while stream.next().await.expect("a last word").is_ok() {}
    drop(stream);
    let Seen { rig, before, _alone } = seen;
    let (rig, _) = rig.wait().await;
    let seen = Seen { rig, before, _alone };
    assert_eq!(seen.grown(&metrics::render(metrics::Format::Text).unwrap())[&ended], 1.0);
}

#[tokio::test]
async fn a_renewed_session_is_counted_once_for_all_who_waited() {
    let seen = Seen::with("", "").await;
    seen.rig.send().await.expect("sent");
    seen.expect(&[(r#"smsmux_sessions_renewed_total{account="smsend"}"#, 0.0)]).await;
    seen.rig.sandbox.expire_sessions();
    assert!(join_all((0..20).map(|_| seen.rig.send())).await.iter().all(Result::is_ok));
    seen.expect(&[(r#"smsmux_sessions_renewed_total{account="smsend"}"#, 1.0)]).await;
}

#[tokio::test]
async fn who_asks_for_open_metrics_gets_it_and_only_reading_is_answered() {
    let seen = Seen::with("", "").await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/metrics", seen.rig.metrics.unwrap());
    let asked = client.get(&url).header("accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    let answer = asked.send().await.unwrap();
    assert!(
        answer.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text; version=1.0.0")
    );
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n") && text.contains("# TYPE smsmux_calls_shed counter\n"), "{text}");

    let head = client.head(&url).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    for method in [http::Method::POST, http::Method::PUT, http::Method::DELETE] {
        let answer = client.request(method.clone(), &url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(answer.headers()["allow"].to_str().unwrap().contains("GET"), "{method}");
    }
    let other = client.get(url.replace("/metrics", "/other")).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_listens_where_nobody_asked_for_metrics() {
    assert_eq!(Rig::smsend().await.metrics, None);
}

#[tokio::test]
#[cfg(unix)]
async fn the_configuration_in_use_and_the_end_of_its_certificate_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let issue = |year: i32| {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(path("crt"), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(path("key"), key.serialize_pem()).unwrap();
    };
    let configure = |vendor: &str| {
        let text = format!(
            "{ON}[server]\nlisten = '127.0.0.1:0'\nreload_interval = '0s'\ntls_certificate = '{}'\ntls_key = '{}'\n\
             [accounts.phones]\nvendor = '{vendor}'\ntoken = '1:a'\n",
            path("crt"),
            path("key")
        );
        fs::write(path("smsmux.toml"), text).unwrap();
    };
    issue(2040);
    configure("lox24");
    let mut running = Running::start(&mut smsmux(&["serve", "--config", &path("smsmux.toml")]));
    let metrics = running.until(|line| Some(line.split_once("metrics at /metrics address=")?.1.trim().to_owned()));
    running.until(serving);
    let successful = "smsmux_config_last_reload_successful";
    let read = "smsmux_config_last_reload_success_timestamp_seconds";
    let expiry = r#"smsmux_certificate_expiry_timestamp_seconds{certificate="1"}"#;
    let began = numbers(&scrape_at(&metrics).await);
    assert_eq!((began[successful], began[expiry]), (1.0, 2_208_988_800.0));

    configure("no-such-vendor");
    running.signal("HUP");
    running.until(|line| line.contains("the old one stays").then_some(()));
    let rejected = numbers(&scrape_at(&metrics).await);
    assert_eq!((rejected[successful], rejected[read]), (0.0, began[read]));

    issue(2041);
    configure("lox24");
    running.signal("HUP");
    running.until(|line| line.contains("the configuration was reloaded").then_some(()));
    let reloaded = numbers(&scrape_at(&metrics).await);
    assert_eq!((reloaded[successful], reloaded[expiry]), (1.0, 2_240_611_200.0));
    assert!(reloaded[read] > began[read], "{reloaded:?}");
}
