//! The dashboard and the rules of deploy/: a real Prometheus scrapes a server under load, and has data for every panel.

use std::{collections::BTreeSet, fs, net::TcpListener, path::Path, process::Command, time::Duration};

use futures::StreamExt;
use serde_json::Value;
use smsmux::api::pb::{
    CreateEventSubscriptionRequest, SendMessageRequest, SetEventWebhookRequest, WatchEventsRequest,
    event_service_client::EventServiceClient, message_service_client::MessageServiceClient,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{interval, sleep},
};
use tonic::{
    Request,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};
use uuid::Uuid;

use crate::support::{
    LIMIT, in_time, message,
    pages::{file, read},
    process::{Running, serving, smsmux},
    refusing,
};

/// The queries of the dashboard, as Grafana would send them for everything there is.
fn queries() -> BTreeSet<String> {
    let dashboard: Value = serde_json::from_str(&read("deploy/chart/files/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries = targets.map(|target| target["expr"].as_str().unwrap());
    let queries = queries.map(|query| query.replace("$job", ".*").replace("$instance", ".*"));
    queries.map(|query| query.replace("$__rate_interval", "60s")).collect()
}

/// A server with the stand-ins whose metrics are all there: over TLS, with spans that get lost and webhooks that fail.
struct Server {
    running: Running,
    address: String,
    metrics: String,
    /// The control of smSend's and LOX24's stand-ins.
    smsend: String,
    lox24: String,
    authority: String,
    folder: tempfile::TempDir,
}

impl Server {
    fn start(collector: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(path("crt"), certificate.pem()).unwrap();
        fs::write(path("key"), key.serialize_pem()).unwrap();
        let text = format!(
            "[server]\nlisten = '127.0.0.1:0'\ntls_certificate = '{}'\ntls_key = '{}'\n\
             [metrics]\nlisten = '127.0.0.1:0'\n[tracing]\notlp_endpoint = 'http://{collector}'\n\
             [events]\nwebhook_networks = ['127.0.0.0/8']\n",
            path("crt"),
            path("key")
        );
        fs::write(path("smsmux.toml"), text).unwrap();
        let mut command = smsmux(&["serve", "--sandbox", "--config", &path("smsmux.toml")]);
        let mut running = Running::start(command.env("OTEL_BSP_SCHEDULE_DELAY", "100"));
        let mut stand_in = |vendor: &str| {
            let marker = format!("stand-in started vendor=\"{vendor}\" address=");
            running.until(|line| Some(line.replace('"', "").split_once(&marker.replace('"', ""))?.1.trim().to_owned()))
        };
        let (smsend, lox24) = (stand_in("smsend"), stand_in("lox24"));
        let metrics = running.until(|line| Some(line.split_once("metrics at /metrics address=")?.1.trim().to_owned()));
        let address = running.until(serving);
        Self { running, address, metrics, smsend, lox24, authority: certificate.pem(), folder }
    }

    fn channel(&self) -> Channel {
        let authority = Certificate::from_pem(&self.authority);
        let tls = ClientTlsConfig::new().ca_certificate(authority).domain_name("localhost");
        Endpoint::from_shared(format!("https://{}", self.address)).unwrap().tls_config(tls).unwrap().connect_lazy()
    }
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Makes everything happen that a panel shows, again and again.
async fn load(server: &Server, receiver: &str) {
    let (mut messages, mut events) =
        (MessageServiceClient::new(server.channel()), EventServiceClient::new(server.channel()));
    let parent = "accounts/smsend".to_owned();
    let create = CreateEventSubscriptionRequest {
        parent: parent.clone(),
        event_subscription_id: "billing".to_owned(),
        ..CreateEventSubscriptionRequest::default()
    };
    events.create_event_subscription(create).await.unwrap();
    let name = format!("{parent}/eventSubscriptions/billing");
    let set = SetEventWebhookRequest { name, url: format!("http://{receiver}/"), signing_secret: String::new() };
    events.set_event_webhook(set).await.unwrap();
    let watch = WatchEventsRequest { parent, ..WatchEventsRequest::default() };
    let mut watched = events.watch_events(watch).await.unwrap().into_inner();
    tokio::spawn(async move { while watched.next().await.is_some_and(|event| event.is_ok()) {} });
    let client = http();
    let mut turns = interval(Duration::from_millis(50));
    loop {
        turns.tick().await;
        for (vendor, sender) in [("smsend", ""), ("lox24", "Shop")] {
            let (parent, sender) = (format!("accounts/{vendor}"), sender.to_owned());
            let mut send = Request::new(SendMessageRequest { parent, sender, ..message() });
            send.metadata_mut().insert("idempotency-key", Uuid::now_v7().to_string().parse().unwrap());
            messages.send_message(send).await.unwrap();
        }
        // What is no TLS, and what is no message of the vendor.
        let mut stranger = TcpStream::connect(&server.address).await.unwrap();
        let _ = stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
        let received = serde_json::json!({ "from": "+4915123456789", "to": "+4915199999999", "text": "Hi" });
        let answer = client.post(format!("{}/received", server.lox24)).body(received.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        // The receiver of webhooks is asked by a reader that names none of the addresses.
        let push: Value = serde_json::from_str(
            &client.get(format!("{}/push", server.lox24)).send().await.unwrap().text().await.unwrap(),
        )
        .unwrap();
        let url = url::Url::parse(push["url"].as_str().unwrap()).unwrap();
        client.post(url.join("/no-such-webhook").unwrap()).send().await.unwrap();
        client.post(format!("{}/sessions/expire", server.smsend)).send().await.unwrap();
    }
}

/// A Prometheus that scrapes the server and evaluates the rules.
struct Prometheus {
    running: Running,
    address: String,
}

impl Prometheus {
    fn start(folder: &Path, target: &str) -> Self {
        let path = |name: &str| folder.join(name).display().to_string();
        let config = format!(
            "global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}\nrule_files: [{:?}]\n\
             scrape_configs: [{{ job_name: smsmux, static_configs: [{{ targets: [{target:?}] }}] }}]\n",
            file("deploy/chart/files/rules.yaml")
        );
        fs::write(path("prometheus.yml"), config).unwrap();
        // Another program may take the port in the meantime.
        for _ in 0..9 {
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
            let mut command = Command::new("prometheus");
            command.arg(format!("--config.file={}", path("prometheus.yml")));
            command.arg(format!("--storage.tsdb.path={}", path("data")));
            command.arg(format!("--web.listen-address={address}")).current_dir(folder);
            let mut running = Running::start(&mut command);
            let is_ready = running.until(|line| {
                let is_taken = line.contains("address already in use");
                (is_taken || line.contains("Server is ready to receive web requests")).then_some(!is_taken)
            });
            if is_ready {
                return Self { running, address };
            }
        }
        panic!("no port is free")
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let url = url::Url::parse_with_params(&format!("http://{}/api/v1/{path}", self.address), query).unwrap();
        let client = http();
        let text = client.get(url).send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["status"], "success", "{query:?}: {answer}");
        answer["data"].clone()
    }

    /// Whether a query has a number now.
    async fn has_data(&self, query: &str) -> bool {
        let data = self.get("query", &[("query", query)]).await;
        let results = data["result"].as_array().unwrap().iter();
        let mut values = results.map(|series| series["value"][1].as_str().unwrap().parse::<f64>().unwrap());
        values.any(|value| !value.is_nan())
    }
}

// With threads, as the clients must be served while the test waits for the end of the server.
#[tokio::test(flavor = "multi_thread")]
async fn every_panel_of_the_dashboard_has_data_from_a_server_under_load() {
    // Nobody answers there: spans are lost, and webhooks fail.
    let (nobody, _bound) = refusing();
    let nobody = nobody.to_string();
    let server = Server::start(&nobody);
    let prometheus = Prometheus::start(server.folder.path(), &server.metrics);
    let mut queries = queries();
    assert!(queries.len() >= 40, "{queries:#?}");
    let looked = async {
        while !queries.is_empty() {
            for query in queries.clone() {
                if prometheus.has_data(&query).await {
                    queries.remove(&query);
                }
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        () = load(&server, &nobody) => {}
        seen = tokio::time::timeout(LIMIT, looked) => assert!(seen.is_ok(), "no data: {queries:#?}"),
    }
    let rules = in_time(async {
        loop {
            let rules = prometheus.get("rules", &[]).await;
            let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
            if rules.iter().all(|rule| rule["health"] != "unknown") {
                return rules;
            }
            sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
    let broken: Vec<_> = rules.iter().filter(|rule| rule["health"] != "ok").collect();
    assert!(broken.is_empty(), "{broken:#?}");
    server.running.stop("TERM").with(0);
    prometheus.running.stop("TERM").with(0);
}
