//! Real servers on one PostgreSQL, whose circuit breakers open and close together.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use smsmux::api::pb::{ListGroupsRequest, group_service_client::GroupServiceClient};
use smsmux_sandbox::{Fault, Rule};
use tonic::{Code, Status};

use super::replicas::Replicas;
use crate::{
    store::server::{Database, Server},
    support::{Rig, failed, in_time, message, pause},
};

/// A vendor that fails once.
fn down() -> Rule {
    Rule::new(Fault::Status { code: StatusCode::SERVICE_UNAVAILABLE, retry_after: None, body: None }).times(1)
}

/// A call that is not recorded.
async fn list(rig: &Rig) -> Result<(), Status> {
    let request = ListGroupsRequest { parent: "accounts/smsend".to_owned(), ..ListGroupsRequest::default() };
    GroupServiceClient::new(rig.channel.clone()).list_groups(request).await.map(drop)
}

/// Sends until that fails.
async fn rejected(rig: &Rig) -> Status {
    in_time(async {
        loop {
            if let Err(status) = rig.send().await {
                return status;
            }
            pause().await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breaker_that_opens_opens_the_others_and_one_replica_probes() {
    let mut replicas = Replicas::new("smsend", "", "breaker_failures = 1\nbreaker_pause = '1h'").await;
    for _ in 0..2 {
        replicas.start().await;
    }
    let (first, second) = (&replicas.rigs[0], &replicas.rigs[1]);
    // Both have a session: a login would be the probe.
    for rig in [first, second] {
        rig.send().await.expect("sent");
    }
    replicas.vendor.inject(down());
    list(first).await.expect_err("the vendor is down");
    let metadata = failed(&rejected(second).await, Code::Unavailable, "VENDOR_UNAVAILABLE");
    assert_eq!(metadata["outcome"], "NOT_SENT");

    // The pause is over, and both have calls.
    let arrived = || replicas.vendor.requests().iter().filter(|request| request.path == "/sms").count();
    let before = arrived();
    replicas.vendor.inject(Rule::new(Fault::Hold).method("POST").path("/sms"));
    assert_eq!(replicas.database.sql("UPDATE chore SET lease_until = 0 WHERE name LIKE 'breaker %' RETURNING 1"), "1");
    let probes = [first, second].map(|rig| {
        let mut messages = rig.messages();
        tokio::spawn(async move {
            while messages.send_message(message()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
    });
    in_time(replicas.vendor.requested(before + 1, |request| request.path == "/sms")).await;
    for rig in [first, second, first, second] {
        let metadata = failed(&rig.send().await.expect_err("one probes"), Code::Unavailable, "VENDOR_UNAVAILABLE");
        assert_eq!(metadata["outcome"], "NOT_SENT");
    }
    assert_eq!(arrived(), before + 1);

    // The vendor answers the one, and the other one's breaker closes too.
    replicas.vendor.clear_faults();
    for probe in probes {
        in_time(probe).await.expect("no panic");
    }
    for rig in [first, second] {
        rig.send().await.expect("sent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_store_a_breaker_goes_by_what_it_saw_itself() {
    let server = Arc::new(Server::new());
    let keys = "breaker_failures = 1\nbreaker_pause = '1ms'";
    let mut replicas = Replicas::on(Database::on(server.clone()), "smsend", "", keys).await;
    for _ in 0..2 {
        replicas.start().await;
    }
    for rig in &replicas.rigs {
        list(rig).await.expect("a list");
    }
    server.stop();
    replicas.vendor.inject(down());
    // Its failure opens the breaker of the one, which probes without a lease; that of the other stays closed.
    in_time(async {
        while list(&replicas.rigs[0]).await.is_err() {
            pause().await;
        }
    })
    .await;
    assert!(replicas.vendor.requests().iter().any(|request| request.fault.is_some()));
    list(&replicas.rigs[1]).await.expect("a list");
}
