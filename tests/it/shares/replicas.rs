//! Real servers on one PostgreSQL, and what arrives at the vendor. Whatever arrives late left before: so by any moment no
//! more has arrived than the budgets of the seconds before it permit, on a machine of any speed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use smsmux::api::pb::{SendMessageRequest, message_service_client::MessageServiceClient};
use smsmux_sandbox::Sandbox;
use tokio::task::JoinSet;
use tonic::{Request, transport::Channel};

use crate::{
    authentication::caller,
    store::server::Database,
    support::{Rig, in_time, loopback},
};

const SECOND: Duration = Duration::from_secs(1);

/// Replicas with an account at the same vendor.
pub(super) struct Replicas {
    pub(super) database: Database,
    pub(super) vendor: Sandbox,
    /// More of the configuration: sections, keys of the account, and of the store.
    sections: String,
    keys: String,
    pub(super) store_keys: String,
    pub(super) rigs: Vec<Rig>,
    callers: JoinSet<()>,
}

impl Replicas {
    pub(super) async fn new(vendor: &str, sections: &str, keys: &str) -> Self {
        Self::on(Database::new(), vendor, sections, keys).await
    }

    pub(super) async fn on(database: Database, vendor: &str, sections: &str, keys: &str) -> Self {
        let vendor = Sandbox::start(vendor, loopback()).await.expect("a sandbox");
        let (sections, keys, store_keys) = (sections.to_owned(), keys.to_owned(), String::new());
        Self { database, vendor, sections, keys, store_keys, rigs: Vec::new(), callers: JoinSet::new() }
    }

    /// The sections of a replica's configuration, and the keys of its account.
    pub(super) fn configuration(&self) -> (String, String) {
        let sections = format!(
            "{}\n[store]\npostgres = '{}'\nhash_key = '0123456789abcdef0123456789abcdef'\n{}\n",
            self.sections,
            self.database.url(),
            self.store_keys
        );
        (sections, format!("{}\nbase_url = '{}'", self.keys, self.vendor.base_url()))
    }

    /// Starts a replica.
    pub(super) async fn start(&mut self) -> Channel {
        let (sections, keys) = self.configuration();
        let rig = Rig::of(self.vendor.vendor(), &sections, &keys).await;
        let channel = rig.channel.clone();
        self.rigs.push(rig);
        channel
    }

    /// Has callers send one message after the other through a replica; `sent` counts what succeeded.
    fn keep_busy(&mut self, channel: &Channel, callers: usize, key: Option<&str>, sent: &Arc<AtomicUsize>) {
        let (parent, to, sender) = match self.vendor.vendor() {
            "intelepeer" => ("accounts/intelepeer", "+12125550123", "+17205550100"),
            _ => ("accounts/lox24", "+4915123456789", "Acme"),
        };
        let request = SendMessageRequest {
            parent: parent.to_owned(),
            recipients: vec![to.to_owned()],
            text: "Hello".to_owned(),
            sender: sender.to_owned(),
            ..SendMessageRequest::default()
        };
        for _ in 0..callers {
            let (mut client, request) = (MessageServiceClient::new(channel.clone()), request.clone());
            let (sent, key) = (sent.clone(), key.map(|key| format!("Bearer {key}")));
            self.callers.spawn(async move {
                loop {
                    let mut request = Request::new(request.clone());
                    if let Some(key) = &key {
                        request.metadata_mut().insert("authorization", key.parse().expect("a value"));
                    }
                    match client.send_message(request).await {
                        Ok(_) => drop(sent.fetch_add(1, Relaxed)),
                        Err(_) => tokio::time::sleep(SECOND / 50).await,
                    }
                }
            });
        }
    }

    /// Waits until so many requests have arrived, and asserts at each that they are not too many by then. Returns when the
    /// last one had.
    async fn arrive(&self, count: usize, most: usize, span: Duration, start: Instant) -> Instant {
        let mut there = 0;
        while there < count {
            there = in_time(self.vendor.requested(there + 1, |_| true)).await.len();
            let spans = (start.elapsed().as_secs_f64() / span.as_secs_f64()) as usize + 1;
            assert!(there <= most * spans, "{there} requests after {:?}", start.elapsed());
        }
        Instant::now()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_gets_no_more_than_the_rate_of_the_account_from_two_and_three_replicas() {
    const RATE: usize = 20;
    let mut replicas = Replicas::new("lox24", "", &format!("requests_per_second = {RATE}")).await;
    let (first, second) = (replicas.start().await, replicas.start().await);
    let (start, sent) = (Instant::now(), Arc::default());
    replicas.keep_busy(&first, 30, None, &sent);
    replicas.keep_busy(&second, 30, None, &sent);
    let two = replicas.arrive(80, RATE, SECOND, start).await;
    let third = replicas.start().await;
    replicas.keep_busy(&third, 30, None, &sent);
    let joined = replicas.arrive(160, RATE, SECOND, start).await;
    let end = replicas.arrive(240, RATE, SECOND, start).await;
    let used = |from: Instant, to: Instant| 80.0 / (to - from).as_secs_f64() / RATE as f64 * 100.0;
    println!(
        "of the rate were used: {:.0} % by two replicas, {:.0} % while a third",
        used(start, two),
        used(two, joined)
    );
    println!("one came, and {:.0} % by three", used(joined, end));
    // What one had goes to the others.
    replicas.rigs[0].stop();
    replicas.arrive(280, RATE, SECOND, start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_two_replicas_sends_one_message_in_each_interval() {
    let mut replicas = Replicas::new("intelepeer", "", "message_interval = '500ms'").await;
    let (first, second) = (replicas.start().await, replicas.start().await);
    let (start, sent) = (Instant::now(), Arc::default());
    replicas.keep_busy(&first, 2, None, &sent);
    replicas.keep_busy(&second, 2, None, &sent);
    replicas.arrive(12, 1, SECOND / 2, start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_its_rate_over_all_replicas() {
    const RATE: usize = 10;
    let (key, section) = caller("busy", &format!("scopes = ['*']\naccounts = ['*']\ncalls_per_second = {RATE}"));
    let mut replicas = Replicas::new("lox24", &section, "").await;
    let (first, second) = (replicas.start().await, replicas.start().await);
    let (start, sent) = (Instant::now(), Arc::default());
    replicas.keep_busy(&first, 4, Some(&key), &sent);
    replicas.keep_busy(&second, 4, Some(&key), &sent);
    replicas.arrive(40, RATE, SECOND, start).await;
}
