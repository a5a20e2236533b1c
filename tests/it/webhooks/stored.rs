//! A push is stored before it is answered: whatever fails, the vendor's repetition makes no second event.

use super::*;
use crate::support::{
    pause,
    process::{Running, serving, smsmux},
};

/// A server as a process, with its store in a file.
struct Process {
    _running: Running,
    channel: Channel,
    webhooks: SocketAddr,
}

impl Process {
    async fn start(config: &std::path::Path) -> Self {
        let mut command = smsmux(&["serve", "--config"]);
        let mut running = Running::start(command.arg(config).env_remove("SMSMUX_STORE_PATH"));
        let webhooks =
            running.until(|line| Some(line.split_once("webhooks for vendors address=")?.1.trim().to_owned()));
        let address = running.until(serving);
        let channel = connect(address.parse().expect("an address")).await;
        Self { _running: running, channel, webhooks: webhooks.parse().expect("an address") }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_push_is_one_event_even_if_the_process_is_killed_before_it_answers_and_the_vendor_repeats_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, config) = (folder.path().join("smsmux.db"), folder.path().join("smsmux.toml"));
    let text = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[store]\npath = '{}'\n{}[accounts.lox24]\nvendor = 'lox24'\ntoken = '1:k'\n{}",
        store.display(),
        sections(""),
        keyed(TOKEN, "")
    );
    std::fs::write(&config, text).expect("written");

    let first = Process::start(&config).await;
    // The answer is never read.
    let mut vendor = TcpStream::connect(first.webhooks).await.expect("a connection");
    let head = format!("POST {} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", path("lox24"), SMS.len());
    vendor.write_all((head + SMS).as_bytes()).await.expect("written");
    let before = in_time(async {
        loop {
            let events = log(&first.channel).await;
            if !events.is_empty() {
                return events;
            }
            pause().await;
        }
    })
    .await;
    // Dropping it kills it.
    drop(first);

    let second = Process::start(&config).await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let body = Full::new(Bytes::from_static(SMS.as_bytes()));
    let again = Request::post(format!("http://{}{}", second.webhooks, path("lox24"))).body(body).expect("a request");
    assert_eq!(in_time(client.request(again)).await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(log(&second.channel).await, before);
}

/// The store is a server that is stopped and started again.
#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_while_the_store_is_lost_is_answered_503_and_its_repetition_is_stored_once() {
    use crate::store::server::{Database, Server};

    let database = Database::on(std::sync::Arc::new(Server::durable()));
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let rig = Rig::of("lox24", &format!("{store}{}", sections("")), &keyed(TOKEN, "")).await;
    assert_eq!(push(&rig, &path("lox24"), SMS).await, StatusCode::OK);
    let other = SMS.replace("e1", "e2").replace("in-1", "in-2").replace("Ja", "Nein");
    database.server.stop();
    assert_eq!(push(&rig, &path("lox24"), &other).await, StatusCode::SERVICE_UNAVAILABLE);
    database.server.start();
    // The vendor repeats it until it is stored, and once more.
    in_time(async {
        while push(&rig, &path("lox24"), &other).await != StatusCode::OK {
            pause().await;
        }
    })
    .await;
    assert_eq!(push(&rig, &path("lox24"), &other).await, StatusCode::OK);
    assert_eq!(received(&rig.channel).await, [("Ja".to_owned(), false), ("Nein".to_owned(), false)]);
}
