//! Real servers on one PostgreSQL, and how often they log in at a vendor with one session.

use std::{sync::Arc, time::Instant};

use futures::future::join_all;
use http::{Method, StatusCode};
use smsmux::api::pb::{ListGroupsRequest, group_service_client::GroupServiceClient};
use smsmux_sandbox::{Fault, Rule};
use tonic::Code;

use super::replicas::Replicas;
use crate::{
    store::server::{Database, Server},
    support::{Rig, failed, in_time, message},
};

const SEAL_KEY: &str = "seal_key = 'fedcba9876543210fedcba9876543210'";

/// As many replicas that share logins.
async fn replicas(count: usize, keys: &str) -> Replicas {
    let mut replicas = Replicas::new("smsend", "", keys).await;
    SEAL_KEY.clone_into(&mut replicas.store_keys);
    for _ in 0..count {
        replicas.start().await;
    }
    replicas
}

fn logins(replicas: &Replicas) -> usize {
    replicas.vendor.requests().iter().filter(|request| request.path == "/login").count()
}

/// What is kept of logins.
fn kept(replicas: &Replicas, what: &str) -> String {
    replicas.database.sql(&format!("SELECT {what} FROM cursor WHERE name LIKE 'login %'"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_replica_logs_in_and_the_others_use_its_session() {
    let replicas = replicas(3, "").await;
    let body = serde_json::json!({"one_at_a_time": true});
    assert!(replicas.vendor.control(Method::PUT, "/sessions", &body).await.0.is_success());
    for number in 1..4 {
        let sends = join_all(replicas.rigs.iter().cycle().take(30).map(Rig::send)).await;
        assert!(sends.iter().all(Result::is_ok), "{sends:?}");
        assert_eq!(logins(&replicas), number);
        replicas.vendor.expire_sessions();
    }
    assert_eq!(kept(&replicas, "count(*), bool_or(position('session' IN encode(value, 'escape')) > 0)"), "1|f");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_replica_begins_with_a_session_that_another_one_knows_to_have_ended() {
    let mut replicas = replicas(1, "").await;
    replicas.rigs[0].send().await.expect("sent");
    replicas.vendor.expire_sessions();
    replicas.vendor.inject(Rule::new(Fault::Hold).method("GET").path("/login"));
    let send = |rig: &Rig| {
        let mut messages = rig.messages();
        tokio::spawn(async move { messages.send_message(message()).await })
    };
    let first = send(&replicas.rigs[0]);
    in_time(replicas.vendor.requested(2, |request| request.path == "/login")).await;
    assert_eq!(kept(&replicas, "count(*)"), "0");
    replicas.start().await;
    let second = send(&replicas.rigs[1]);
    replicas.vendor.clear_faults();
    for sent in [first, second] {
        in_time(sent).await.expect("no panic").expect("sent");
    }
    let rejected = |request: &smsmux_sandbox::Recorded| request.path == "/sms" && request.status == Some(401);
    let rejected = replicas.vendor.requests().iter().filter(|request| rejected(request)).count();
    assert_eq!((logins(&replicas), rejected), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_login_is_tried_by_one_replica_and_known_to_all() {
    let replicas = replicas(2, "username = 'sandbox'\npassword = 'wrong-password'").await;
    let start = Instant::now();
    let mut errors = Vec::new();
    for rig in replicas.rigs.iter().cycle().take(20) {
        let status = rig.send().await.expect_err("rejected");
        let mut metadata = failed(&status, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
        metadata.remove("resource");
        errors.push((status.message().to_owned(), metadata));
    }
    assert_eq!((errors[0].1["operation"].as_str(), errors[0].1["http_status"].as_str()), ("GET /login", "404"));
    errors.dedup();
    assert_eq!(errors.len(), 1, "{errors:?}");
    // The next login is due after a second, which some machines need for all of this.
    let tried = logins(&replicas) as u64;
    assert!(tried <= 1 + start.elapsed().as_secs(), "{tried} logins");
    // Nobody waits for the pauses of another password.
    let (sections, keys) = replicas.configuration();
    replicas.rigs[1].reload(&sections, &keys.replace("wrong-password", "sandbox-password")).await;
    replicas.rigs[1].send().await.expect("sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_rejected_for_a_time_is_not_tried_by_another_replica_within_it() {
    let replicas = replicas(2, "").await;
    let fault = Fault::Status { code: StatusCode::TOO_MANY_REQUESTS, retry_after: Some(3600), body: None };
    replicas.vendor.inject(Rule::new(fault).method("GET").path("/login").times(1));
    for rig in replicas.rigs.iter().cycle().take(4) {
        let metadata = failed(&rig.send().await.expect_err("rejected"), Code::ResourceExhausted, "RATE_LIMITED");
        assert_eq!((metadata["operation"].as_str(), metadata["outcome"].as_str()), ("GET /login", "NOT_SENT"));
    }
    assert_eq!(logins(&replicas), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_for_encryption_each_replica_logs_in_by_itself() {
    let mut replicas = Replicas::new("smsend", "", "").await;
    for _ in 0..2 {
        replicas.start().await;
    }
    for sent in join_all(replicas.rigs.iter().map(Rig::send)).await {
        sent.expect("sent");
    }
    assert_eq!((logins(&replicas), &*kept(&replicas, "count(*)")), (2, "0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_store_a_replica_logs_in_by_itself() {
    let server = Arc::new(Server::new());
    let mut replicas = Replicas::on(Database::on(server.clone()), "smsend", "", "").await;
    SEAL_KEY.clone_into(&mut replicas.store_keys);
    for _ in 0..2 {
        replicas.start().await;
    }
    let list = async |rig: &Rig| {
        let request = ListGroupsRequest { parent: "accounts/smsend".to_owned(), ..ListGroupsRequest::default() };
        GroupServiceClient::new(rig.channel.clone()).list_groups(request).await
    };
    for rig in &replicas.rigs {
        list(rig).await.expect("a list");
    }
    assert_eq!(logins(&replicas), 1);
    server.stop();
    replicas.vendor.expire_sessions();
    for rig in &replicas.rigs {
        list(rig).await.expect("a list");
    }
    assert_eq!(logins(&replicas), 3);
}
